package routing

import (
	"context"
	"regexp"
	"strings"
	"time"

	"github.com/parleyhq/parley/desk"
)

// farthest is how long ahead a call back may be asked for.
const farthest = 14 * 24 * time.Hour

// MarkCallback records what became of a promise to call back: Value is asked,
// cancelled, or how a try ended; Data.phone and Data.tries.
const MarkCallback desk.MarkKind = "callback"

var sipAddress = regexp.MustCompile(`^sips?:[A-Za-z0-9_.!~*'()+%-]{1,64}@[A-Za-z0-9.:\[\]-]{1,200}$`)

// AskCallback lets a customer who waits go without losing his place: when it is
// his turn, or at the time he wants, he is called. He is told so. Asking again
// changes the number and the time.
func (r *Router) AskCallback(ctx context.Context, conversation desk.ID, cb desk.Callback) error {
	cb, err := r.cleanCallback(cb)
	if err != nil {
		return err
	}
	_, err = r.change(ctx, conversation, func(ctx context.Context, c *change) error {
		if err := c.rec.Conversation.AskCallback(cb, c.now); err != nil {
			return err
		}
		if !cb.At.IsZero() && c.rec.Status == desk.Offered {
			agent := c.rec.AgentID
			if err := c.endOffer(ctx, desk.OfferRevoked); err != nil {
				return err
			}
			if err := c.requeue(ctx, agent, "revoked", nil); err != nil {
				return err
			}
		}
		if c.rec.Status == desk.Waiting {
			prefer := c.rec.Prefer
			c.newRound()
			c.rec.Prefer = prefer
			c.enqueue(assignJobAt(c.rec.OfferAfter))
		}
		if err := c.mark(ctx, desk.Mark{Kind: MarkCallback, Value: "asked", Data: map[string]string{"phone": cb.Phone}}); err != nil {
			return err
		}
		return c.say(ctx, desk.Content{Text: r.promise(cb).In(c.rec.Lang)})
	})
	return err
}

func (r *Router) cleanCallback(cb desk.Callback) (desk.Callback, error) {
	cb.Phone = cleanLine(cb.Phone)
	if strings.HasPrefix(cb.Phone, "+") {
		cb.Phone = strings.NewReplacer(" ", "", "-", "", "(", "", ")", "").Replace(cb.Phone)
	}
	if !telephone.MatchString(cb.Phone) && !sipAddress.MatchString(cb.Phone) {
		return cb, &desk.Error{Kind: desk.Invalid, Code: "bad_phone", Field: "phone",
			Message: "give the number with its country, like +493012345678, or a SIP address"}
	}
	if !cb.At.IsZero() && (!cb.At.After(r.now()) || cb.At.After(r.now().Add(farthest))) {
		return cb, &desk.Error{Kind: desk.Invalid, Code: "bad_time", Field: "at", Message: "choose a time within the next 14 days"}
	}
	cb.At, cb.Tries, cb.Result = cb.At.UTC(), 0, ""
	return cb, nil
}

// promise is what the customer is told.
func (r *Router) promise(cb desk.Callback) desk.Text {
	if cb.At.IsZero() {
		return desk.T("We will call you back at "+cb.Phone+" when it is your turn. You keep your place in line and may hang up.",
			"轮到您时，我们会拨打 "+cb.Phone+" 给您回电。您的排队位置会保留，现在可以挂断。")
	}
	at := cb.At.In(r.zone())
	return desk.T("We will call you back at "+cb.Phone+" on "+at.Format("Monday, 2 January, 15:04")+". You may hang up.",
		"我们会在"+at.Format("1月2日 15:04")+"拨打 "+cb.Phone+" 给您回电，现在可以挂断。")
}

// CancelCallback takes the promise back: the customer waits on where he is.
func (r *Router) CancelCallback(ctx context.Context, conversation desk.ID) error {
	_, err := r.change(ctx, conversation, func(ctx context.Context, c *change) error {
		if c.rec.Callback == nil {
			return errNothing
		}
		c.rec.Callback, c.rec.UpdatedAt = nil, c.now
		if c.rec.Status == desk.Waiting {
			c.rec.OfferAfter = c.now
			c.enqueue(assignJob())
		}
		return c.mark(ctx, desk.Mark{Kind: MarkCallback, Value: "cancelled"})
	})
	return err
}

// CallbackTried records how a try to call back ended: answered, busy,
// no_answer, ... Unless he answered, the promise stands: the conversation
// stays with its agent, who tries again or closes it.
func (r *Router) CallbackTried(ctx context.Context, conversation desk.ID, result string) error {
	result = cut(cleanLine(result), 64)
	_, err := r.change(ctx, conversation, func(ctx context.Context, c *change) error {
		m := desk.Mark{Kind: MarkCallback, Value: result}
		if cb := c.rec.Callback; cb != nil {
			tried := *cb
			tried.Tries++
			tried.Result = result
			c.rec.Callback, c.rec.UpdatedAt = &tried, c.now
			m.Data = map[string]string{"phone": tried.Phone}
			if result == "answered" {
				c.rec.Callback = nil
			}
		}
		return c.mark(ctx, m)
	})
	return err
}

// dial has the customer called who was promised it, for the agent who has the
// conversation now. One who has not hung up yet talks with him as it is, or is
// called once he has.
func (c *change) dial(agent desk.ID) {
	if c.rec.Callback == nil || c.rec.OnCall != "" {
		return
	}
	j := desk.NewJob(DialJob, "dial:"+string(c.rec.ID), jobArgs{ConversationID: c.rec.ID, AgentID: agent})
	j.Max = 3
	c.enqueue(j)
}

// Unreached takes a conversation from an agent whose phone does not answer: it
// waits again, first in line, and he has missed it as he misses an offer. It
// changes nothing when he does not have it.
func (r *Router) Unreached(ctx context.Context, conversation, agent desk.ID) error {
	_, err := r.change(ctx, conversation, func(ctx context.Context, c *change) error {
		if !c.rec.HeldBy(agent) {
			return errNothing
		}
		from, since := c.rec.Status, c.rec.WaitingSince
		if err := c.rec.Release(c.now); err != nil {
			return err
		}
		if !since.IsZero() {
			c.rec.WaitingSince = since
		}
		a, err := c.missed(ctx, agent)
		if err != nil {
			return err
		}
		q, err := c.queueFor(ctx, c.rec.Queue)
		if err != nil {
			return err
		}
		c.rec.Queue = q.Name
		c.newRound()
		c.rec.Passed = []desk.ID{agent}
		return c.moved(ctx, from, "unreached", &desk.Author{Kind: desk.ByAgent, ID: agent, Name: a.Name})
	})
	return err
}
