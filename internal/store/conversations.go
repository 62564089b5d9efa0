package store

import (
	"context"
	"slices"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/routing"
)

// recordColumns are those of scanRecord and recordArgs, in order: first the
// ones that a change may change, at the end the ones that stay. An index is
// written anew for every column of it that an UPDATE names.
const recordColumns = `id, version, status, subject, channel, address, lang, responder,
	states, asking, call, queue, skills, priority, agent_id, hand_over, seq, answered_seq, heard_seq, customer_seq, agent_seq,
	unread, replied, passed, prefer, offer_after, preview, preview_by, rating, rating_note, disposition,
	updated_at, last_at, waiting_since, last_customer_at, last_reply_at, assigned_at, parked_until, closed_at,
	on_call, callback, verified, aside, abandoned, last_agent,
	contact_id, playbook, revision, created_at`

const staying = 4 // columns

func scanRecord(row Scanner) (r routing.Record, err error) {
	err = row.Scan(&r.ID, &r.Version, &r.Status, &r.Subject, &r.Channel, &r.Address, &r.Lang, &r.Responder,
		jsonInto(&r.States), jsonInto(&r.Asking), jsonInto(&r.Call), &r.Queue, jsonInto(&r.Skills), &r.Priority, &r.AgentID, jsonInto(&r.HandOver),
		&r.Seq, &r.AnsweredSeq, &r.HeardSeq, &r.CustomerSeq, &r.AgentSeq,
		&r.Unread, &r.Replied, jsonInto(&r.Passed), &r.Prefer, timeInto(&r.OfferAfter), &r.Preview, &r.PreviewBy, &r.Rating, &r.RatingNote, &r.Disposition,
		timeInto(&r.UpdatedAt), timeInto(&r.LastAt), timeInto(&r.WaitingSince), timeInto(&r.LastCustomerAt),
		timeInto(&r.LastReplyAt), timeInto(&r.AssignedAt), timeInto(&r.ParkedUntil), timeInto(&r.ClosedAt),
		&r.OnCall, jsonInto(&r.Callback), &r.Verified, jsonInto(&r.Aside), jsonInto(&r.Abandoned), &r.LastAgent,
		&r.ContactID, &r.Playbook, &r.Revision, timeInto(&r.CreatedAt))
	return r, err
}

// orNull stores a nil pointer as NULL.
func orNull[T any](v *T) any {
	if v == nil {
		return nil
	}
	return jsonOf(v)
}

// orEmpty stores a nil list as an empty one.
func orEmpty[T any](v []T) any {
	if v == nil {
		v = []T{}
	}
	return jsonOf(v)
}

func recordArgs(r *routing.Record) []any {
	return []any{string(r.ID), r.Version, string(r.Status), r.Subject, string(r.Channel), r.Address, string(r.Lang), r.Responder,
		jsonOf(r.States), orNull(r.Asking), orNull(r.Call), string(r.Queue), orEmpty(r.Skills), r.Priority, string(r.AgentID), orNull(r.HandOver),
		r.Seq, r.AnsweredSeq, r.HeardSeq, r.CustomerSeq, r.AgentSeq,
		r.Unread, r.Replied, orEmpty(r.Passed), string(r.Prefer), micros(r.OfferAfter), r.Preview, string(r.PreviewBy), r.Rating, r.RatingNote, r.Disposition,
		micros(r.UpdatedAt), micros(r.LastAt), micros(r.WaitingSince), micros(r.LastCustomerAt),
		micros(r.LastReplyAt), micros(r.AssignedAt), micros(r.ParkedUntil), micros(r.ClosedAt),
		string(r.OnCall), orNull(r.Callback), r.Verified, orNull(r.Aside), orNull(r.Abandoned), string(r.LastAgent),
		string(r.ContactID), r.Playbook, r.Revision, micros(r.CreatedAt)}
}

// Start stores a new conversation.
func (t routingTx) Start(ctx context.Context, r routing.Record) error {
	return Exec1(ctx, t, "INSERT INTO conversations ("+recordColumns+`, cost)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28,
			$29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, $45, $46, $47, $48, $49, $50)`,
		append(recordArgs(&r), r.Cost())...)
}

// Save stores a changed conversation and counts its version up; a stale one is
// a Conflict.
func (t routingTx) Save(ctx context.Context, r *routing.Record) error {
	args := recordArgs(r)
	n, err := Exec(ctx, t, `UPDATE conversations SET version = $2 + 1, status = $3, subject = $4, channel = $5, address = $6, lang = $7,
		responder = $8, states = $9, asking = $10, call = $11, queue = $12, skills = $13, priority = $14, agent_id = $15,
		hand_over = $16, seq = $17, answered_seq = $18, heard_seq = $19, customer_seq = $20, agent_seq = $21, unread = $22, replied = $23, passed = $24,
		prefer = $25, offer_after = $26, preview = $27, preview_by = $28, rating = $29, rating_note = $30, disposition = $31,
		updated_at = $32, last_at = $33, waiting_since = $34, last_customer_at = $35, last_reply_at = $36, assigned_at = $37,
		parked_until = $38, closed_at = $39,
		on_call = $40, callback = $41, verified = $42, aside = $43, abandoned = $44, last_agent = $45, cost = $46
		WHERE id = $1 AND version = $2`, append(args[:len(args)-staying], r.Cost())...)
	if err != nil {
		return err
	}
	if n == 0 {
		return desk.Errorf(desk.Conflict, "stale", "the conversation has changed meanwhile; read it again")
	}
	r.Version++
	return nil
}

// LockOpen reads the open conversation of a contact; an empty playbook means
// any, the newest first.
func (t routingTx) LockOpen(ctx context.Context, contact desk.ID, playbook string) (routing.Record, bool, error) {
	out, err := All(ctx, t, scanRecord, "SELECT "+recordColumns+` FROM conversations
		WHERE contact_id = $1 AND status <> 'closed' AND ($2 = '' OR playbook = $2) ORDER BY created_at DESC, id DESC LIMIT 1`+t.D.ForUpdate(), contact, playbook)
	if err != nil || len(out) == 0 {
		return routing.Record{}, false, err
	}
	return out[0], true, nil
}

const messageColumns = `id, conversation_id, seq, author_kind, author_id, author_name, channel, content, private, external_id, delivery, error, heard, at`

func scanMessage(row Scanner) (desk.Message, error) { return scanMessageAnd(row) }

func scanMessageAnd(row Scanner, more ...any) (m desk.Message, err error) {
	err = row.Scan(append([]any{&m.ID, &m.ConversationID, &m.Seq, &m.Author.Kind, &m.Author.ID, &m.Author.Name, &m.Channel, jsonInto(&m.Content),
		&m.Private, &m.ExternalID, &m.Delivery, &m.Error, &m.Heard, timeInto(&m.At)}, more...)...)
	return m, err
}

// AddMessage stores a message; false if one with the same key is there.
func (t routingTx) AddMessage(ctx context.Context, m desk.Message, key string) (bool, error) {
	n, err := Exec(ctx, t, "INSERT INTO messages ("+messageColumns+`, source, moved_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $14)
		ON CONFLICT (source) WHERE source IS NOT NULL DO NOTHING`,
		m.ID, m.ConversationID, m.Seq, m.Author.Kind, m.Author.ID, m.Author.Name, m.Channel, jsonOf(m.Content), m.Private, m.ExternalID,
		m.Delivery, m.Error, m.Heard, micros(m.At), nullable(key))
	return n == 1, err
}

// AddEvent stores an event that has a place in the conversation's order.
func (t routingTx) AddEvent(ctx context.Context, e desk.Event) error {
	return Exec1(ctx, t, "INSERT INTO events (conversation_id, seq, id, kind, data, at) VALUES ($1, $2, $3, $4, $5, $6)",
		e.ConversationID, e.Seq, e.ID, e.Kind, jsonOf(e.Data), micros(e.At))
}

// Message reads a message.
func (t routingTx) Message(ctx context.Context, id desk.ID) (desk.Message, error) {
	return One(ctx, t, scanMessage, "SELECT "+messageColumns+" FROM messages WHERE id = $1", id)
}

// ByKey finds the message that was stored under a key.
func (t routingTx) ByKey(ctx context.Context, key string) (desk.Message, bool, error) {
	return first(All(ctx, t, scanMessage, "SELECT "+messageColumns+" FROM messages WHERE source = $1", key))
}

// LastHeard finds the newest customer message.
func (t routingTx) LastHeard(ctx context.Context, conversation desk.ID) (desk.Message, bool, error) {
	return first(All(ctx, t, scanMessage, "SELECT "+messageColumns+` FROM messages
		WHERE conversation_id = $1 AND author_kind = 'customer' ORDER BY seq DESC LIMIT 1`, conversation))
}

// LastAsked finds the newest message in which a menu or a bot asked something,
// else the newest it said.
func (t routingTx) LastAsked(ctx context.Context, conversation desk.ID) (desk.Message, bool, error) {
	said, err := All(ctx, t, scanMessage, "SELECT "+messageColumns+` FROM messages
		WHERE conversation_id = $1 AND author_kind = 'bot' AND NOT private ORDER BY seq DESC LIMIT 10`, conversation)
	if at := slices.IndexFunc(said, func(m desk.Message) bool { return m.Content.Input != nil || len(m.Content.Options) > 0 }); at > 0 {
		return said[at], true, err
	}
	return first(said, err)
}

// SetHeard notes how much of a message was heard.
func (t routingTx) SetHeard(ctx context.Context, message desk.ID, text string) error {
	return Exec1(ctx, t, "UPDATE messages SET heard = $2 WHERE id = $1", message, text)
}

// UnreadAfter counts the customer messages after seq.
func (t routingTx) UnreadAfter(ctx context.Context, conversation desk.ID, seq int64) (int, error) {
	return One(ctx, t, Value[int], "SELECT count(*) FROM messages WHERE conversation_id = $1 AND seq > $2 AND author_kind = 'customer'", conversation, seq)
}

// SetDelivery moves a message on if it is in state from.
func (t routingTx) SetDelivery(ctx context.Context, message desk.ID, from desk.Delivery, to routing.Progress) (bool, error) {
	n, err := Exec(ctx, t, `UPDATE messages SET delivery = $3, error = $4, tries = $5, moved_at = $6,
		external_id = CASE WHEN $7 = '' THEN external_id ELSE $7 END WHERE id = $1 AND delivery = $2`,
		message, from, to.Delivery, to.Error, to.Tries, micros(to.At), to.ExternalID)
	return n == 1, err
}

// first returns the first row there is, if there is one.
func first[T any](rows []T, err error) (v T, ok bool, _ error) {
	if err != nil || len(rows) == 0 {
		return v, false, err
	}
	return rows[0], true, nil
}
