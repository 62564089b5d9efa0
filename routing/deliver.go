package routing

import (
	"context"
	"fmt"
	"time"

	"github.com/parleyhq/parley/desk"
)

const (
	deliverAtOnce = 100 // messages of one conversation in one run
	deliverTries  = 8   // then a message has failed
)

// MarkUndelivered records a message that did not reach the customer: Value is
// its id, Data.reason why.
const MarkUndelivered desk.MarkKind = "undelivered"

// DeliveryNews is the data of an EventDelivery.
type DeliveryNews struct {
	MessageID desk.ID       `json:"message_id"`
	Delivery  desk.Delivery `json:"delivery"`
	Error     string        `json:"error,omitempty"`
	Heard     string        `json:"heard,omitempty"` // of a spoken message that was interrupted
}

// Deliver hands the messages of a conversation to its push channel, in order.
// It is a job; a retryable failure is returned, so that it runs again later.
// A message that was being sent when the process died is sent again only if
// the channel drops repeats; else it has failed, and agents are told so.
func (r *Router) Deliver(ctx context.Context, conversation desk.ID) error {
	unlock, err := r.turns.lock(ctx, "deliver ", conversation)
	if err != nil {
		return err
	}
	defer unlock()
	for range deliverAtOnce {
		out, ok, err := r.Store.NextOutgoing(ctx, conversation)
		if err != nil || !ok {
			return err
		}
		if at := out.Since.Add(r.sendTime()); r.unsure(out) && r.now().Before(at) {
			// Another process may be sending it still: look again when it cannot.
			return r.deliverAt(ctx, conversation, at)
		}
		if err := r.deliver(ctx, out); err != nil {
			return fmt.Errorf("deliver %s: %w", out.ID, err)
		}
	}
	return r.deliverAt(ctx, conversation, time.Time{})
}

func (r *Router) deliverAt(ctx context.Context, conversation desk.ID, at time.Time) error {
	return r.Store.Write(ctx, func(ctx context.Context, tx Tx) error {
		j := deliverJob(conversation)
		j.At = at
		return tx.Enqueue(ctx, j)
	})
}

// unsure reports whether a message was being sent by a process that is gone,
// on a channel on which it must not be sent again.
func (r *Router) unsure(out Outgoing) bool {
	return out.Delivery == desk.Sending && !r.pull(out.Channel) && !r.Channels.Dedupes(out.Channel)
}

func (r *Router) deliver(ctx context.Context, out Outgoing) error {
	if r.pull(out.Channel) {
		return r.delivered(ctx, out, desk.Sent, "", "") // the channel's way changed since
	}
	if r.unsure(out) {
		return r.delivered(ctx, out, desk.Failed, "", "the server stopped while sending: it is not known whether the message arrived")
	}
	out.Tries++
	mine, err := r.progress(ctx, out, Progress{Delivery: desk.Sending, Tries: out.Tries, At: r.now()})
	if err != nil || !mine {
		return err
	}
	out.Delivery = desk.Sending
	to, err := r.addressed(ctx, out.Message)
	if err != nil {
		return err
	}
	externalID, err := r.send(ctx, out.Message, to)
	if err == nil {
		return r.delivered(ctx, out, desk.Sent, externalID, "")
	}
	sure := desk.IsKind(err, desk.Unavailable) || desk.IsKind(err, desk.TooMany)
	never := desk.IsKind(err, desk.Invalid) || desk.IsKind(err, desk.Forbidden) || desk.IsKind(err, desk.NotFound) || desk.IsKind(err, desk.TooLarge)
	if never || out.Tries >= deliverTries || !sure && !r.Channels.Dedupes(out.Channel) {
		return r.delivered(ctx, out, desk.Failed, "", cut(err.Error(), 300))
	}
	if _, perr := r.progress(ctx, out, Progress{Delivery: desk.Queued, Tries: out.Tries, Error: cut(err.Error(), 300), At: r.now()}); perr != nil {
		return perr
	}
	return err
}

// send hands one message to the channel, with a time limit of its own: once
// begun, a send is not cut off by a shutdown.
func (r *Router) send(ctx context.Context, m desk.Message, c desk.Conversation) (id string, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = desk.Errorf(desk.Internal, "channel_panicked", "the channel panicked: %v", p)
		}
	}()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.sendTime())
	defer cancel()
	return r.Channels.Send(ctx, m, c)
}

// progress moves a message on and reports whether it was where we thought.
func (r *Router) progress(ctx context.Context, out Outgoing, to Progress) (moved bool, err error) {
	err = r.Store.Write(context.WithoutCancel(ctx), func(ctx context.Context, tx Tx) error {
		moved, err = tx.SetDelivery(ctx, out.ID, out.Delivery, to)
		return err
	})
	return moved, err
}

// delivered records the end of a delivery and tells everybody.
func (r *Router) delivered(ctx context.Context, out Outgoing, to desk.Delivery, externalID, why string) error {
	p := Progress{Delivery: to, ExternalID: externalID, Error: why, Tries: out.Tries, At: r.now()}
	_, err := r.change(context.WithoutCancel(ctx), out.ConversationID, func(ctx context.Context, c *change) error {
		moved, err := c.tx.SetDelivery(ctx, out.ID, out.Delivery, p)
		if err != nil {
			return err
		}
		if !moved {
			return errNothing
		}
		c.push(desk.EventDelivery, DeliveryNews{MessageID: out.ID, Delivery: to, Error: why})
		if to != desk.Failed {
			return nil
		}
		r.log().WarnContext(ctx, "message not delivered", "conversation", out.ConversationID, "message", out.ID, "channel", out.Channel, "reason", why)
		return c.mark(ctx, desk.Mark{Kind: MarkUndelivered, Value: string(out.ID), Data: map[string]string{"reason": why}})
	})
	return err
}

// Confirm records what a push channel says later of a message: Delivered or
// Read. It never goes back.
func (r *Router) Confirm(ctx context.Context, message desk.ID, to desk.Delivery) error {
	before := map[desk.Delivery][]desk.Delivery{
		desk.Delivered: {desk.Sent}, desk.Read: {desk.Sent, desk.Delivered},
	}[to]
	return r.Store.Write(ctx, func(ctx context.Context, tx Tx) error {
		m, err := tx.Message(ctx, message)
		if err != nil {
			return err
		}
		for _, from := range before {
			moved, err := tx.SetDelivery(ctx, message, from, Progress{Delivery: to, ExternalID: m.ExternalID, At: r.now()})
			if err != nil {
				return err
			}
			if moved {
				tx.After(func() {
					r.publish("conv."+string(m.ConversationID), r.passing(m.ConversationID, desk.EventDelivery, DeliveryNews{MessageID: message, Delivery: to}))
				})
				return nil
			}
		}
		return nil
	})
}
