package routing

import (
	"context"
	"errors"
	"fmt"

	"github.com/parleyhq/parley/desk"
)

// Receipt says what became of an inbound message.
type Receipt struct {
	Conversation desk.Conversation
	Message      *desk.Message // nil when a conversation was only opened
	Repeat       bool          // it was here before; this is what was received then
}

// The ways in which a first attempt at accepting has to be made again.
var (
	errRepeat    = errors.New("received before")
	errNeedsBook = errors.New("a new conversation needs a playbook")
)

// book names the revision that a new conversation begins on.
type book struct {
	name     string
	revision int
}

// Accept takes in what a channel received, in one transaction: the contact,
// the conversation, the message, and the job that answers it. When it returns
// without an error nothing of that can be lost. A message that comes twice is
// one message. Bad input is an error of Kind Invalid or TooLarge, and nothing
// is stored.
func (r *Router) Accept(ctx context.Context, in desk.Inbound) (Receipt, error) {
	in, err := cleanInbound(in)
	if err != nil {
		return Receipt{}, err
	}
	var live *book
	for range 2 {
		out, err := r.accept(ctx, in, live)
		switch {
		case errors.Is(err, errRepeat):
			return r.receiptOf(ctx, in)
		case errors.Is(err, errNeedsBook):
			playbook := in.Playbook
			if playbook == "" {
				playbook = r.Playbook
			}
			live = &book{}
			if live.name, live.revision, err = r.Books.Live(ctx, playbook); err != nil {
				return Receipt{}, fmt.Errorf("find the live playbook: %w", err)
			}
		default:
			return out, err
		}
	}
	return Receipt{}, desk.Errorf(desk.Internal, "accept_failed", "no playbook for a new conversation")
}

func (r *Router) accept(ctx context.Context, in desk.Inbound, live *book) (out Receipt, err error) {
	err = r.Store.Write(ctx, func(ctx context.Context, tx Tx) error {
		contact, err := r.sender(ctx, tx, in)
		if err != nil {
			return err
		}
		rec, open, err := tx.LockOpen(ctx, contact.ID, in.Playbook)
		if err != nil {
			return err
		}
		if !open && in.Channel == desk.Voice && !in.Open { // a call begins its conversation before anything is said
			return desk.Errorf(desk.Conflict, "conversation_closed", "the conversation of this call is closed")
		}
		if !open {
			if rec, open, err = r.startFor(ctx, tx, &contact, in, live); err != nil {
				return err
			}
		}
		c := r.begin(tx, rec)
		if in.Open {
			if !open {
				err = c.opened(ctx)
			}
			out = Receipt{Conversation: c.rec.Conversation}
			return err
		}
		m, err := c.hear(ctx, contact, in)
		if err != nil {
			return err
		}
		err = c.commit(ctx)
		out = Receipt{Conversation: c.rec.Conversation, Message: &m}
		return err
	})
	return out, err
}

// sender is who an inbound message is from.
func (r *Router) sender(ctx context.Context, tx Tx, in desk.Inbound) (desk.Contact, error) {
	at := desk.Identity{Channel: in.Channel, Address: in.Address}
	if in.Contact == "" {
		return r.meet(ctx, tx, Person{Identity: at, Name: in.Name, Lang: in.Lang})
	}
	return r.link(ctx, tx, in.Contact, at)
}

// startFor makes the record of a new conversation. Holding the contact, it
// looks again whether somebody else was faster. Nothing is stored yet.
func (r *Router) startFor(ctx context.Context, tx Tx, contact *desk.Contact, in desk.Inbound, live *book) (rec Record, open bool, err error) {
	if !in.Open {
		if _, repeat, err := tx.ByKey(ctx, inboundKey(in)); err != nil {
			return rec, false, err
		} else if repeat {
			return rec, false, errRepeat
		}
	}
	if *contact, err = tx.LockContact(ctx, contact.ID); err != nil {
		return rec, false, err
	}
	if rec, open, err = tx.LockOpen(ctx, contact.ID, in.Playbook); err != nil || open {
		return rec, open, err
	}
	if live == nil {
		return rec, false, errNeedsBook
	}
	if in.Playbook == "" || in.Playbook != live.name {
		// The name we were given stood for another; its conversation may be open.
		if rec, open, err = tx.LockOpen(ctx, contact.ID, live.name); err != nil || open {
			return rec, open, err
		}
	}
	now := r.now()
	lang := in.Lang
	if lang == "" {
		lang = contact.Lang
	}
	return Record{LastAt: now, Conversation: desk.Conversation{
		ID: desk.NewIDAt(now), ContactID: contact.ID, Status: desk.Automated,
		Channel: in.Channel, Address: in.Address, Lang: lang,
		Playbook: live.name, Revision: live.revision, CreatedAt: now, UpdatedAt: now,
	}}, false, nil
}

// started stores a new conversation.
func (c *change) started(ctx context.Context) error {
	if err := c.tx.Start(ctx, c.rec); err != nil {
		return err
	}
	return c.note(ctx, desk.EventStatus, desk.StatusChange{To: desk.Automated, Reason: "started"})
}

// opened stores a conversation in which nothing was said yet, so that it is
// greeted.
func (c *change) opened(ctx context.Context) error {
	if err := c.started(ctx); err != nil {
		return err
	}
	c.enqueue(answerJob(c.rec.ID))
	return c.commit(ctx)
}

// hear appends a customer's message and starts what follows from it.
func (c *change) hear(ctx context.Context, contact desk.Contact, in desk.Inbound) (desk.Message, error) {
	content, raw, err := c.read(ctx, in)
	if err != nil {
		return desk.Message{}, err
	}
	if c.rec.Version == 0 { // new: the row must be there before its message
		if err := c.started(ctx); err != nil {
			return desk.Message{}, err
		}
	}
	c.heardAt(desk.Identity{Channel: in.Channel, Address: in.Address})
	m, added, err := c.add(ctx, desk.Message{
		Author: desk.Author{Kind: desk.ByCustomer, ID: contact.ID, Name: contact.Name}, Channel: in.Channel,
		Content: content, ExternalID: in.ExternalID,
	}, inboundKey(in))
	if err != nil {
		return m, err
	}
	if !added {
		return m, errRepeat
	}
	if content.Masked && c.r.Vault != nil {
		c.r.Vault.Put(SecretRef(m.ID), raw)
	}
	c.rec.HeardSeq, c.rec.LastCustomerAt = m.Seq, c.now
	c.rec.Unread++
	if c.rec.Subject == "" && !content.Masked {
		c.rec.Subject = cut(content.Text, 80)
	}
	return m, c.heard(ctx, m)
}

// heard wakes whoever has to answer.
func (c *change) heard(ctx context.Context, m desk.Message) error {
	switch c.rec.Status {
	case desk.Automated:
		c.enqueue(answerJob(c.rec.ID))
	case desk.Parked:
		if err := c.rec.Conversation.Unpark(c.now); err != nil {
			return err
		}
		c.enqueue(suggestJob(c.rec.ID, m.ID))
		return c.moved(ctx, desk.Parked, "unparked", nil)
	case desk.Offered, desk.Assigned:
		c.enqueue(suggestJob(c.rec.ID, m.ID))
	}
	return nil // waiting: suggestions come with the offer
}

// receiptOf finds what was received the first time.
func (r *Router) receiptOf(ctx context.Context, in desk.Inbound) (out Receipt, err error) {
	err = r.Store.Write(ctx, func(ctx context.Context, tx Tx) error {
		m, ok, err := tx.ByKey(ctx, inboundKey(in))
		if err != nil {
			return err
		}
		if !ok {
			return desk.Errorf(desk.Unavailable, "try_again", "the message is just being received; send it again")
		}
		rec, err := tx.Lock(ctx, m.ConversationID)
		out = Receipt{Conversation: rec.Conversation, Message: &m, Repeat: true}
		return err
	})
	return out, err
}

// inboundKey tells one inbound message from every other. Its parts hold no
// control characters.
func inboundKey(in desk.Inbound) string {
	return "in\x1f" + string(in.Channel) + "\x1f" + in.Address + "\x1f" + in.ExternalID
}
