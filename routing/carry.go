package routing

import (
	"context"
	"fmt"
	"slices"

	"github.com/parleyhq/parley/desk"
)

// carryOut does what a turn asks for, in one transaction. seen is the
// conversation the turn was thought about; if it moved on since, the outcome
// is dropped with errStale. answered is the customer message that it answers.
// It returns the conversation as it is then.
func (r *Router) carryOut(ctx context.Context, seen Record, out desk.Outcome, answered int64) (Record, error) {
	if r.Vault != nil {
		for ref, value := range out.Secrets { // before the tool's job is there
			r.Vault.Put(ref, value)
		}
	}
	return r.change(ctx, seen.ID, func(ctx context.Context, c *change) error {
		if !c.isAt(seen) {
			return errStale
		}
		c.rec.Call, c.rec.AnsweredSeq = nil, answered
		c.rec.Responder, c.rec.States, c.rec.Asking = out.Responder, out.States, out.Asking
		c.rec.Verified = c.rec.Verified || out.Verifies()
		c.rec.UpdatedAt = c.now
		for _, m := range out.Marks {
			if err := c.mark(ctx, m); err != nil {
				return err
			}
		}
		for _, s := range out.Says {
			if err := c.say(ctx, s); err != nil {
				return err
			}
		}
		return c.endTurn(ctx, out)
	})
}

// isAt reports whether a turn thought about seen still fits.
func (c *change) isAt(seen Record) bool {
	call := func(rec Record) string {
		if rec.Call == nil {
			return ""
		}
		return rec.Call.ID
	}
	return c.rec.Status == desk.Automated && c.rec.AnsweredSeq == seen.AnsweredSeq &&
		c.rec.Responder == seen.Responder && call(c.rec) == call(seen)
}

// endTurn does what a turn ends with, and sees to the messages that came
// meanwhile.
func (c *change) endTurn(ctx context.Context, out desk.Outcome) error {
	switch {
	case out.Do != nil:
		c.rec.Call = &desk.Call{Do: *out.Do, By: out.Responder, Since: c.now}
		c.enqueue(toolJob(c.rec.ID, out.Do.ID))
		return nil
	case out.HandOff != nil:
		return c.handOff(ctx, *out.HandOff)
	case out.Close != nil:
		return c.close(ctx, nil, out.Close.Reason)
	}
	if c.rec.HeardSeq > c.rec.AnsweredSeq {
		c.enqueue(answerJob(c.rec.ID))
	}
	return nil
}

// handOff moves the conversation into a queue, and only then says so.
func (c *change) handOff(ctx context.Context, h desk.HandOff) error {
	from := c.rec.Status
	q, err := c.queueFor(ctx, h.Queue)
	if err != nil {
		return err
	}
	if h.Queue != q.Name {
		c.r.log().WarnContext(ctx, "hand-over to a queue that is not there", "conversation", c.rec.ID, "queue", h.Queue, "instead", q.Name)
		h.Queue = q.Name
	}
	if err := c.rec.HandOff(h, c.now); err != nil {
		return err
	}
	c.newRound()
	if err := c.moved(ctx, from, "handed_off", nil); err != nil {
		return err
	}
	return c.say(ctx, h.Say)
}

// newRound lets every agent be asked again.
func (c *change) newRound() {
	c.rec.Passed, c.rec.Prefer, c.rec.OfferAfter = nil, "", c.now
	if c.rec.Callback != nil && c.rec.Callback.At.After(c.now) {
		c.rec.OfferAfter = c.rec.Callback.At
	}
}

// queueFor finds the queue of that name, else the playbook's, else the
// fallback, which is made if need be: nobody is lost.
func (c *change) queueFor(ctx context.Context, name desk.QueueName) (desk.Queue, error) {
	fallback := c.r.Fallback
	if fallback == "" {
		fallback = "support"
	}
	q, ok, err := c.tx.QueueOf(ctx, name, c.rec.Playbook, fallback)
	if err != nil || ok {
		return q, err
	}
	q = desk.Queue{Name: fallback, Title: desk.T("Support", "客服")}
	if err := c.tx.PutQueue(ctx, q); err != nil {
		return q, fmt.Errorf("make the fallback queue: %w", err)
	}
	return q, nil
}

// close ends the conversation: of an offer, a call and a wait nothing is left.
func (c *change) close(ctx context.Context, by *desk.Author, disposition string) error {
	from := c.rec.Status
	if from == desk.Offered {
		if err := c.endOffer(ctx, desk.OfferRevoked); err != nil {
			return err
		}
		if err := c.rec.Requeue(c.now); err != nil {
			return err
		}
	}
	if err := c.rec.Conversation.Close(c.now); err != nil {
		return err
	}
	c.rec.Callback, c.rec.Abandoned = nil, nil
	c.rec.Disposition = cut(cleanLine(disposition), maxName)
	if c.rec.LastAgent != "" {
		c.enqueue(learnJob(c.rec.ID))
	}
	return c.moved(ctx, from, "closed", by)
}

// endOffer ends the open offer of the conversation and tells its agent.
func (c *change) endOffer(ctx context.Context, to desk.OfferState) error {
	o, open, err := c.tx.OfferOf(ctx, c.rec.ID)
	if err != nil || !open {
		return err
	}
	if _, err := c.tx.EndOffer(ctx, o.ID, to, c.now); err != nil {
		return err
	}
	c.tellAgent(o.AgentID, "offer_closed", OfferClosed{o.ID, to})
	return nil
}

// OfferClosed is the data of an agent's "offer_closed" news.
type OfferClosed struct {
	ID    desk.ID         `json:"id"`
	State desk.OfferState `json:"state"`
}

// pass notes that an agent lets the conversation go by in this round.
func (c *change) pass(agent desk.ID) {
	if !slices.Contains(c.rec.Passed, agent) {
		c.rec.Passed = append(c.rec.Passed, agent)
	}
	if c.rec.Prefer == agent {
		c.rec.Prefer = ""
	}
}
