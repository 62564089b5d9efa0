package store

import (
	"context"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/routing"
)

const offerColumns = "id, conversation_id, agent_id, state, at, expires_at"

func scanOffer(row Scanner) (o desk.Offer, err error) {
	return o, row.Scan(&o.ID, &o.ConversationID, &o.AgentID, &o.State, timeInto(&o.At), timeInto(&o.ExpiresAt))
}

// served is the order in which a queue is served; within one queue its own
// priority does not matter.
const served = "c.priority + coalesce(q.priority, 0) DESC, c.waiting_since, c.id"

// Waiting lists who may be offered now, best first.
func (t routingTx) Waiting(ctx context.Context, now time.Time, limit int) ([]routing.Record, error) {
	return All(ctx, t, func(row Scanner) (r routing.Record, err error) {
		return r, row.Scan(&r.ID, &r.Channel, &r.Lang, &r.Queue, jsonInto(&r.Skills), jsonInto(&r.Passed), &r.Prefer, &r.OnCall, jsonInto(&r.Callback))
	}, `SELECT c.id, c.channel, c.lang, c.queue, c.skills, c.passed, c.prefer, c.on_call, c.callback FROM conversations c LEFT JOIN queues q ON q.name = c.queue
		WHERE c.status = 'waiting' AND c.offer_after <= $1 ORDER BY `+served+" LIMIT 0+$2", micros(now), limit)
}

// AddOffer stores an open offer; false if the conversation or the agent has
// one.
func (t routingTx) AddOffer(ctx context.Context, o desk.Offer) (bool, error) {
	n, err := Exec(ctx, t, "INSERT INTO offers ("+offerColumns+") VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
		o.ID, o.ConversationID, o.AgentID, o.State, micros(o.At), micros(o.ExpiresAt))
	return n == 1, err
}

// OfferByID finds an offer.
func (t routingTx) OfferByID(ctx context.Context, id desk.ID) (desk.Offer, error) {
	return One(ctx, t, scanOffer, "SELECT "+offerColumns+" FROM offers WHERE id = $1", id)
}

// OfferOf finds the open offer of a conversation.
func (t routingTx) OfferOf(ctx context.Context, conversation desk.ID) (desk.Offer, bool, error) {
	return first(All(ctx, t, scanOffer, "SELECT "+offerColumns+" FROM offers WHERE conversation_id = $1 AND state = 'open'", conversation))
}

// EndOffer moves an open offer on; false if it is not open any more.
func (t routingTx) EndOffer(ctx context.Context, id desk.ID, to desk.OfferState, at time.Time) (bool, error) {
	n, err := Exec(ctx, t, "UPDATE offers SET state = $2, ended_at = $3 WHERE id = $1 AND state = 'open'", id, to, micros(at))
	return n == 1, err
}

// OpenOffers lists the offers that an agent has not decided.
func (s *Routing) OpenOffers(ctx context.Context, agent desk.ID) ([]desk.Offer, error) {
	return All(ctx, s.db.Read(), scanOffer, "SELECT "+offerColumns+" FROM offers WHERE agent_id = $1 AND state = 'open' ORDER BY at LIMIT 100", agent)
}

// Line reads who waits in a queue, in the order in which they are served.
func (s *Routing) Line(ctx context.Context, queue desk.QueueName, limit int) ([]routing.InLine, error) {
	return All(ctx, s.db.Read(), func(row Scanner) (p routing.InLine, err error) {
		return p, row.Scan(&p.ID, timeInto(&p.WaitingSince))
	}, `SELECT id, waiting_since FROM conversations WHERE queue = $1 AND status IN ('waiting', 'offered')
		ORDER BY priority DESC, waiting_since, id LIMIT 0+$2`, queue, limit)
}

// Ahead counts who is served before a conversation in its queue.
func (s *Routing) Ahead(ctx context.Context, r routing.Record) (int, error) {
	return One(ctx, s.db.Read(), Value[int], `SELECT count(*) FROM conversations WHERE queue = $1 AND status IN ('waiting', 'offered')
		AND (priority > $2 OR (priority = $2 AND (waiting_since, id) < ($3, $4)))`, r.Queue, r.Priority, micros(r.WaitingSince), r.ID)
}

// Waits reads the waits in a queue that ended since a time, newest first.
func (s *Routing) Waits(ctx context.Context, queue desk.QueueName, since time.Time, limit int) ([]routing.Wait, error) {
	return All(ctx, s.db.Read(), func(row Scanner) (w routing.Wait, err error) {
		return w, row.Scan(timeInto(&w.From), timeInto(&w.To))
	}, `SELECT waiting_since, assigned_at FROM conversations
		WHERE queue = $1 AND assigned_at > $2 AND waiting_since > 0 AND assigned_at >= waiting_since ORDER BY assigned_at DESC LIMIT 0+$3`,
		queue, micros(since), limit)
}
