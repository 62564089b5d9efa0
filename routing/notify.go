package routing

import (
	"context"
	"regexp"

	"github.com/parleyhq/parley/desk"
)

// telephone is a number that any network understands.
var telephone = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// Notify sends the customer a message on another channel than the one he is on,
// such as a short message to somebody who calls. NotFound when he has no address
// there.
func (r *Router) Notify(ctx context.Context, conversation desk.ID, channel desk.ChannelName, content desk.Content) error {
	if content.IsZero() {
		return &desk.Error{Kind: desk.Invalid, Code: "empty_message", Field: "content", Message: "say something"}
	}
	_, err := r.change(ctx, conversation, func(ctx context.Context, c *change) error {
		contact, err := c.tx.LockContact(ctx, c.rec.ContactID)
		if err != nil {
			return err
		}
		if addressOn(channel, c.rec, contact) == "" {
			return desk.Errorf(desk.NotFound, "no_address", "the customer has no address on %s", channel)
		}
		_, _, err = c.add(ctx, desk.Message{Author: desk.Author{Kind: desk.BySystem}, Channel: channel, Content: content}, "")
		return err
	})
	return err
}

// addressed is a conversation as the channel of a message has to see it: with
// the address that the customer has there.
func (r *Router) addressed(ctx context.Context, m desk.Message) (desk.Conversation, error) {
	rec, err := r.Store.Record(ctx, m.ConversationID)
	if err != nil || rec.Channel == m.Channel {
		return rec.Conversation, err
	}
	facts, err := r.Store.TurnFacts(ctx, m.ConversationID, 0)
	if err != nil {
		return rec.Conversation, err
	}
	if at := addressOn(m.Channel, facts.Record, facts.Contact); at != "" {
		facts.Record.Channel, facts.Record.Address = m.Channel, at
	}
	return facts.Record.Conversation, nil
}

// addressOn is where a customer is reached on a channel: where he was last, the
// number he calls from, else the newest address that he has there.
func addressOn(channel desk.ChannelName, rec Record, contact desk.Contact) string {
	if rec.Channel == channel {
		return rec.Address
	}
	if rec.Aside != nil && rec.Aside.Channel == channel {
		return rec.Aside.Address
	}
	if channel == desk.SMS && rec.Channel == desk.Voice && telephone.MatchString(rec.Address) {
		return rec.Address
	}
	for i := len(contact.Identities) - 1; i >= 0; i-- {
		if id := contact.Identities[i]; id.Channel == channel {
			return id.Address
		}
	}
	if channel == desk.SMS && telephone.MatchString(contact.Phone) {
		return contact.Phone
	}
	return ""
}
