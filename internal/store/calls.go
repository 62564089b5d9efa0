package store

import (
	"context"
	"strings"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/webhooks"
	"github.com/parleyhq/parley/voice"
)

// Voice keeps what calls leave behind, and what they are set up with.
type Voice struct{ db *DB }

// Voice returns the part of the database that calls keep.
func (db *DB) Voice() *Voice { return &Voice{db} }

var (
	_ voice.Store    = (*Voice)(nil)
	_ webhooks.Store = (*Voice)(nil)
)

const callColumns = `id, source, conversation_id, contact_id, node, direction, caller, called, trunk, playbook, queue, agent_id,
	started_at, answered_at, queued_at, talked_at, ended_at, waited, talked, held_for, cause, quality, recorded`

func scanCall(row Scanner) (r voice.Record, err error) {
	var waited, talked, held int64
	err = row.Scan(&r.ID, &r.Source, &r.ConversationID, &r.ContactID, &r.Node, &r.Direction, &r.From, &r.To, &r.Trunk, &r.Playbook, &r.Queue, &r.AgentID,
		timeInto(&r.StartedAt), timeInto(&r.AnsweredAt), timeInto(&r.QueuedAt), timeInto(&r.TalkedAt), timeInto(&r.EndedAt),
		&waited, &talked, &held, jsonInto(&r.Cause), jsonInto(&r.Quality), &r.Recorded)
	r.Waited, r.Talked, r.HeldFor = fromMicro(waited), fromMicro(talked), fromMicro(held)
	return r, err
}

func fromMicro(us int64) time.Duration { return time.Duration(us) * time.Microsecond }

func callArgs(r voice.Record) []any {
	return []any{r.ID, r.Source, r.ConversationID, r.ContactID, r.Node, r.Direction, r.From, r.To, r.Trunk, r.Playbook, r.Queue, r.AgentID,
		micros(r.StartedAt), micros(r.AnsweredAt), micros(r.QueuedAt), micros(r.TalkedAt), micros(r.EndedAt),
		r.Waited.Microseconds(), r.Talked.Microseconds(), r.HeldFor.Microseconds(), jsonOf(r.Cause), orEmpty(r.Quality), r.Recorded}
}

// addCall stores a record; false if one with its id is there.
func addCall(ctx context.Context, q Q, r voice.Record) (bool, error) {
	n, err := Exec(ctx, q, "INSERT INTO calls ("+callColumns+`, lease_at, search)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25)
		ON CONFLICT DO NOTHING`, append(callArgs(r), micros(r.StartedAt), fold(r.From+" "+r.To))...)
	return n == 1, err
}

// saveCall stores how far a call has come, unless it has ended.
func saveCall(ctx context.Context, q Q, r voice.Record) (bool, error) {
	n, err := Exec(ctx, q, `UPDATE calls SET source = $2, conversation_id = $3, contact_id = $4, node = $5, direction = $6, caller = $7, called = $8,
		trunk = $9, playbook = $10, queue = $11, agent_id = $12, started_at = $13, answered_at = $14, queued_at = $15, talked_at = $16, ended_at = $17,
		waited = $18, talked = $19, held_for = $20, cause = $21, quality = $22, recorded = $23, search = $24 WHERE id = $1 AND ended_at = 0`,
		append(callArgs(r), fold(r.From+" "+r.To))...)
	return n == 1, err
}

// StartCall stores a call that began. Starting it again changes nothing.
func (v *Voice) StartCall(ctx context.Context, r voice.Record) error {
	r.EndedAt = time.Time{}
	return v.db.Tx(ctx, func(ctx context.Context, q *Tx) error {
		_, err := addCall(ctx, q, r)
		return err
	})
}

// UpdateCall stores how far a call has come, unless it has ended.
func (v *Voice) UpdateCall(ctx context.Context, r voice.Record) error {
	r.EndedAt = time.Time{}
	return v.db.Tx(ctx, func(ctx context.Context, q *Tx) error {
		_, err := saveCall(ctx, q, r)
		return err
	})
}

// FinishCall stores the end of a call, exactly once, and the job that tells
// other systems of it: false when it has ended already.
func (v *Voice) FinishCall(ctx context.Context, r voice.Record) (finished bool, err error) {
	if r.EndedAt.IsZero() {
		return false, desk.Errorf(desk.Internal, "not_ended", "call %s is finished without its end", r.ID)
	}
	err = v.db.Tx(ctx, func(ctx context.Context, q *Tx) error {
		if finished, err = saveCall(ctx, q, r); err == nil && !finished {
			finished, err = addCall(ctx, q, r) // its beginning could not be stored
		}
		if err != nil || !finished {
			return err
		}
		return q.Enqueue(ctx, webhooks.NewEndedJob(r.ID))
	})
	return finished, err
}

// AbandonCalls ends the calls of nodes that are gone, as lost at the moment they
// were last heard of, and returns them.
func (v *Voice) AbandonCalls(ctx context.Context, before time.Time, limit int) (gone []voice.Record, err error) {
	err = v.db.Tx(ctx, func(ctx context.Context, q *Tx) error {
		gone, err = All(ctx, q, scanCall, `UPDATE calls SET ended_at = lease_at, cause = $3 WHERE ended_at = 0 AND id IN
			(SELECT id FROM calls WHERE ended_at = 0 AND lease_at < $1 ORDER BY lease_at LIMIT 0+$2`+q.D.SkipLocked()+") RETURNING "+callColumns,
			micros(before), limit, jsonOf(voice.Cause{Reason: voice.EndLost, By: "system"}))
		for _, r := range gone {
			if err := q.Enqueue(ctx, webhooks.NewEndedJob(r.ID)); err != nil {
				return err
			}
		}
		return err
	})
	return gone, err
}

// Beat renews the lease of a node's calls.
func (v *Voice) Beat(ctx context.Context, node string, at time.Time) error {
	return v.db.Tx(ctx, func(ctx context.Context, q *Tx) error {
		_, err := Exec(ctx, q, "UPDATE calls SET lease_at = $2 WHERE node = $1 AND ended_at = 0 AND lease_at < $2", node, micros(at))
		return err
	})
}

// Call finds a call.
func (v *Voice) Call(ctx context.Context, id desk.ID) (voice.Record, error) {
	return One(ctx, v.db.Read(), scanCall, "SELECT "+callColumns+" FROM calls WHERE id = $1", id)
}

// Calls returns a page of call records, newest beginning first, and the cursor
// of the next.
func (v *Voice) Calls(ctx context.Context, in voice.RecordQuery) (page []voice.Record, next string, err error) {
	var a asking
	a.that("1 = 1")
	for column, id := range map[string]desk.ID{"contact_id": in.Contact, "conversation_id": in.Conversation} {
		if id != "" {
			a.that(column + " = " + a.arg(id))
		}
	}
	if !in.From.IsZero() {
		a.that("started_at >= " + a.arg(micros(in.From)))
	}
	if !in.To.IsZero() {
		a.that("started_at < " + a.arg(micros(in.To)))
	}
	if in.Recorded {
		a.that("recorded")
	}
	if search := strings.TrimSpace(in.Search); search != "" {
		p := a.arg(like(fold(search)))
		a.that("(search LIKE " + p + ` ESCAPE '\' OR contact_id IN (SELECT id FROM contacts WHERE search LIKE ` + p + ` ESCAPE '\'))`)
	}
	if in.After != "" {
		at, id, err := readRowCursor(in.After)
		if err != nil {
			return nil, "", err
		}
		a.that("(started_at, id) < (" + a.arg(at) + ", " + a.arg(id) + ")")
	}
	limit := pageSize(in.Limit)
	page, err = All(ctx, v.db.Read(), scanCall, "SELECT "+callColumns+" FROM calls WHERE "+strings.Join(a.where, " AND ")+
		" ORDER BY started_at DESC, id DESC LIMIT "+a.arg(limit+1), a.args...)
	if err != nil || len(page) <= limit {
		return page, "", err
	}
	last := page[limit-1]
	return page[:limit], rowCursor(micros(last.StartedAt), last.ID), nil
}

// AddCall stores a finished call of another system, whose contact it finds by
// the customer's number; false when it has it already.
func (v *Voice) AddCall(ctx context.Context, r voice.Record) (added bool, err error) {
	if r.EndedAt.IsZero() {
		r.EndedAt = r.StartedAt
	}
	number := r.From
	if r.Direction == "out" {
		number = r.To
	}
	err = v.db.Tx(ctx, func(ctx context.Context, q *Tx) error {
		r := r
		if r.ContactID == "" && number != "" {
			t := routingTx{q}
			c, known, err := t.ContactAt(ctx, desk.Identity{Channel: desk.Voice, Address: number})
			if err == nil && !known {
				c, _, err = t.ContactOfPhone(ctx, number)
			}
			if err != nil {
				return err
			}
			r.ContactID = c.ID
		}
		added, err = addCall(ctx, q, r)
		return err
	})
	return added, err
}
