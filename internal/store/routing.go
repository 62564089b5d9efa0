package store

import (
	"context"
	"slices"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/routing"
)

// Routing keeps conversations, contacts, agents and queues: it is routing's
// store, and answers the questions of screens about them.
type Routing struct{ db *DB }

// Routing returns the part of the database that routing keeps.
func (db *DB) Routing() *Routing { return &Routing{db} }

var (
	_ routing.Store = (*Routing)(nil)
	_ routing.Tx    = routingTx{}
)

// routingTx is routing's view of a transaction.
type routingTx struct{ *Tx }

// Write runs f in one transaction, again if the engine asks for it.
func (s *Routing) Write(ctx context.Context, f func(ctx context.Context, tx routing.Tx) error) error {
	return s.db.Tx(ctx, func(ctx context.Context, q *Tx) error { return f(ctx, routingTx{q}) })
}

// Lock reads a conversation for a change.
func (t routingTx) Lock(ctx context.Context, id desk.ID) (routing.Record, error) {
	return One(ctx, t, scanRecord, "SELECT "+recordColumns+" FROM conversations WHERE id = $1"+t.D.ForUpdate(), id)
}

// LockAssigning keeps a second node from assigning at the same time.
func (t routingTx) LockAssigning(ctx context.Context) error { return t.Tx.Lock(ctx, "assign") }

// TurnFacts reads what the next turn of a conversation needs, as of one moment.
func (s *Routing) TurnFacts(ctx context.Context, id desk.ID, history int) (out routing.TurnFacts, err error) {
	err = s.db.ReadTx(ctx, func(ctx context.Context, q Q) error {
		if out.Record, err = One(ctx, q, scanRecord, "SELECT "+recordColumns+" FROM conversations WHERE id = $1", id); err != nil {
			return err
		}
		if out.Contact, err = contactByID(ctx, q, out.Record.ContactID, ""); err != nil {
			return err
		}
		next, err := All(ctx, q, scanMessage, "SELECT "+messageColumns+` FROM messages
			WHERE conversation_id = $1 AND seq > $2 AND author_kind = 'customer' ORDER BY seq LIMIT 1`, id, out.Record.AnsweredSeq)
		if err != nil {
			return err
		}
		before := out.Record.Seq + 1
		if len(next) > 0 {
			out.Next, before = &next[0], next[0].Seq
		}
		out.History, err = All(ctx, q, scanMessage, "SELECT "+messageColumns+` FROM messages
			WHERE conversation_id = $1 AND seq < $2 AND NOT private ORDER BY seq DESC LIMIT 0+$3`, id, before, history)
		slices.Reverse(out.History)
		onlyHeard(out.History)
		return err
	})
	return out, err
}

// onlyHeard leaves of messages what the customer heard of them: he does not
// know the rest.
func onlyHeard(messages []desk.Message) {
	for i, m := range messages {
		if m.Heard != "" {
			messages[i].Content.Text = m.Heard
		}
	}
}

// Record reads a conversation as routing keeps it.
func (s *Routing) Record(ctx context.Context, id desk.ID) (routing.Record, error) {
	return One(ctx, s.db.Read(), scanRecord, "SELECT "+recordColumns+" FROM conversations WHERE id = $1", id)
}

// NextOutgoing finds the oldest message of a conversation that its channel
// does not have yet.
func (s *Routing) NextOutgoing(ctx context.Context, id desk.ID) (routing.Outgoing, bool, error) {
	out, err := All(ctx, s.db.Read(), func(row Scanner) (o routing.Outgoing, err error) {
		o.Message, err = scanMessageAnd(row, &o.Tries, timeInto(&o.Since))
		return o, err
	}, "SELECT "+messageColumns+`, tries, moved_at FROM messages
		WHERE conversation_id = $1 AND delivery IN ('queued', 'sending') ORDER BY seq LIMIT 1`, id)
	if err != nil || len(out) == 0 {
		return routing.Outgoing{}, false, err
	}
	return out[0], true, nil
}

// The times after which work counts as lost: a job is tried again, and a
// customer who was not answered goes to a person.
const (
	neglected = 90 * time.Second
	silence   = 6 * time.Minute
)

// Neglected lists conversations whose work seems to be lost.
func (s *Routing) Neglected(ctx context.Context, now time.Time, limit int) ([]routing.Neglect, error) {
	unanswered := "status = 'automated' AND (heard_seq > answered_seq OR responder = '' OR call IS NOT NULL)"
	since, quiet := micros(now.Add(-neglected)), micros(now.Add(-silence))
	var out []routing.Neglect
	for _, q := range []struct {
		sql  string
		args []any
	}{
		{"SELECT 'silence', id, '' FROM conversations WHERE " + unanswered + " AND updated_at < $1 ORDER BY updated_at LIMIT 0+$2", []any{quiet, limit}},
		{"SELECT CASE WHEN call IS NULL THEN 'answer' ELSE 'call' END, id, coalesce(call ->> 'id', '') FROM conversations WHERE " + unanswered +
			" AND updated_at < $1 AND updated_at >= $2 ORDER BY updated_at LIMIT 0+$3", []any{since, quiet, limit}},
		{"SELECT 'offer', conversation_id, id FROM offers WHERE state = 'open' AND expires_at < $1 LIMIT 0+$2", []any{micros(now.Add(-15 * time.Second)), limit}},
		{"SELECT 'park', id, '' FROM conversations WHERE status = 'parked' AND parked_until > 0 AND parked_until < $1 ORDER BY parked_until LIMIT 0+$2", []any{micros(now.Add(-15 * time.Second)), limit}},
		{"SELECT 'deliver', conversation_id, '' FROM messages WHERE delivery IN ('queued', 'sending') AND at < $1 GROUP BY conversation_id LIMIT 0+$2", []any{since, limit}},
		// A call that ended, and whose node died before it said so here; one of
		// which nothing is known is given a day.
		{`SELECT 'on_call', c.id, c.on_call FROM conversations c LEFT JOIN calls k ON k.id = c.on_call WHERE c.on_call <> ''
			AND ((k.ended_at > 0 AND k.ended_at < $1) OR (k.id IS NULL AND c.updated_at < $2)) LIMIT 0+$3`, []any{since, micros(now.Add(-24 * time.Hour)), limit}},
		{"SELECT 'assign', id, '' FROM conversations WHERE status = 'waiting' AND waiting_since < $1 AND offer_after < $1 LIMIT 1", []any{since}},
	} {
		rows, err := All(ctx, s.db.Read(), func(row Scanner) (n routing.Neglect, err error) {
			return n, row.Scan(&n.What, &n.ID, &n.Call)
		}, q.sql, q.args...)
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
	}
	return out, nil
}
