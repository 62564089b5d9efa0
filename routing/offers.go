package routing

import (
	"context"

	"github.com/parleyhq/parley/desk"
)

// missedLimit is how many offers in a row may time out before an agent is set
// away.
const missedLimit = 2

// AcceptOffer gives the offered conversation to the agent. If the offer is not
// open any more, or is somebody else's, it is a Conflict with the code
// offer_taken or offer_over.
func (r *Router) AcceptOffer(ctx context.Context, agent, offer desk.ID) (desk.Conversation, error) {
	return r.decide(ctx, agent, offer, desk.OfferAccepted)
}

// DeclineOffer lets the conversation go by; the next agent is asked.
func (r *Router) DeclineOffer(ctx context.Context, agent, offer desk.ID) error {
	_, err := r.decide(ctx, agent, offer, desk.OfferDeclined)
	return err
}

func (r *Router) decide(ctx context.Context, agent, offer desk.ID, to desk.OfferState) (desk.Conversation, error) {
	o, err := r.offerOf(ctx, offer)
	if err != nil {
		return desk.Conversation{}, err
	}
	if o.AgentID != agent {
		return desk.Conversation{}, desk.Errorf(desk.Conflict, "offer_taken", "the conversation is offered to somebody else")
	}
	rec, err := r.change(ctx, o.ConversationID, func(ctx context.Context, c *change) error {
		ended, err := c.endThis(ctx, o, to)
		if err != nil {
			return err
		}
		if !ended {
			now, err := c.tx.OfferByID(ctx, o.ID)
			if err != nil {
				return err
			}
			if now.State == to && (to == desk.OfferDeclined || c.rec.HeldBy(agent)) {
				return errNothing // said twice
			}
			return desk.Errorf(desk.Conflict, "offer_over", "the offer is %s", now.State)
		}
		a, err := c.tx.LockAgent(ctx, agent, c.now.Add(-r.stale()))
		if err != nil {
			return err
		}
		a.Missed = 0
		if to == desk.OfferAccepted {
			a.IdleSince = c.now
		}
		if err := c.tx.SaveAgent(ctx, a); err != nil {
			return err
		}
		who := &desk.Author{Kind: desk.ByAgent, ID: agent, Name: a.Name}
		if to == desk.OfferAccepted {
			if err := c.rec.Accept(agent, c.now); err != nil {
				return err
			}
			c.newRound()
			c.dial(agent)
			return c.moved(ctx, desk.Offered, "accepted", who)
		}
		return c.requeue(ctx, agent, "declined", who)
	})
	return rec.Conversation, err
}

func (r *Router) offerOf(ctx context.Context, id desk.ID) (o desk.Offer, err error) {
	err = r.Store.Write(ctx, func(ctx context.Context, tx Tx) error {
		o, err = tx.OfferByID(ctx, id)
		return err
	})
	return o, err
}

// endThis ends an offer if it is open still, and tells its agent.
func (c *change) endThis(ctx context.Context, o desk.Offer, to desk.OfferState) (bool, error) {
	ended, err := c.tx.EndOffer(ctx, o.ID, to, c.now)
	if ended {
		c.tellAgent(o.AgentID, "offer_closed", OfferClosed{o.ID, to})
	}
	return ended, err
}

// requeue takes an offered conversation back; agent is not asked again in this
// round. Its place is kept.
func (c *change) requeue(ctx context.Context, agent desk.ID, reason string, who *desk.Author) error {
	if err := c.rec.Requeue(c.now); err != nil {
		return err
	}
	c.pass(agent)
	return c.moved(ctx, desk.Offered, reason, who)
}

// ExpireOffer ends an offer that its agent did not decide in time. One who
// misses two in a row is set away. It is a job.
func (r *Router) ExpireOffer(ctx context.Context, offer desk.ID) error {
	o, err := r.offerOf(ctx, offer)
	if err != nil || o.State != desk.OfferOpen {
		if desk.IsKind(err, desk.NotFound) {
			return nil
		}
		return err
	}
	_, err = r.change(ctx, o.ConversationID, func(ctx context.Context, c *change) error {
		ended, err := c.endThis(ctx, o, desk.OfferExpired)
		if err != nil {
			return err
		}
		if !ended {
			return errNothing
		}
		a, err := c.missed(ctx, o.AgentID)
		if err != nil {
			return err
		}
		return c.requeue(ctx, o.AgentID, "expired", &desk.Author{Kind: desk.ByAgent, ID: a.ID, Name: a.Name})
	})
	return err
}

// missed notes that an agent did not react; after two in a row he is set away.
func (c *change) missed(ctx context.Context, agent desk.ID) (AgentRecord, error) {
	a, err := c.tx.LockAgent(ctx, agent, c.now.Add(-c.r.stale()))
	if err != nil {
		return a, err
	}
	if a.Missed++; a.Missed >= missedLimit && a.Presence == desk.Available {
		a.Presence, a.AwayReason, a.Missed = desk.Away, "missed_offers", 0
		c.tellPresence(a)
	}
	return a, c.tx.SaveAgent(ctx, a)
}

// revoke takes an agent's open offers back, because he is not there any more.
func (r *Router) revoke(ctx context.Context, agent desk.ID) error {
	open, err := r.Store.OpenOffers(ctx, agent)
	if err != nil {
		return err
	}
	for _, o := range open {
		_, err := r.change(ctx, o.ConversationID, func(ctx context.Context, c *change) error {
			ended, err := c.endThis(ctx, o, desk.OfferRevoked)
			if err != nil {
				return err
			}
			if !ended {
				return errNothing
			}
			return c.requeue(ctx, agent, "revoked", nil)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
