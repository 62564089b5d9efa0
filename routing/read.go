package routing

import (
	"context"

	"github.com/parleyhq/parley/desk"
)

// dots stand for a sensitive answer; they do not tell its length.
const dots = "••••••"

// read makes the content of an inbound message. A tap is looked up in the
// message that offered it, so it means what we meant. raw is the true text of
// a masked one.
func (c *change) read(ctx context.Context, in desk.Inbound) (content desk.Content, raw string, err error) {
	content = desk.Content{Text: in.Text, Attachments: in.Files, Location: in.Location, Command: in.Command}
	if in.Choice != nil {
		option, err := c.tapped(ctx, *in.Choice)
		if err != nil {
			return content, "", err
		}
		content.Text, content.Picked = option.Label, &option.Pick
		return content, "", nil
	}
	if asked := c.rec.Asking; asked != nil && asked.Sensitive && in.Command == "" && content.Text != "" && c.rec.Status == desk.Automated {
		raw, content.Text, content.Masked = content.Text, dots, true
	}
	return content, raw, nil
}

// tapped finds the option that a customer tapped. One of an older message of
// this conversation is legal: what it means now is the responder's business.
func (c *change) tapped(ctx context.Context, choice desk.Choice) (desk.Option, error) {
	unknown := func(field, message string) (desk.Option, error) {
		return desk.Option{}, &desk.Error{Kind: desk.Invalid, Code: "unknown_option", Message: message, Field: field}
	}
	if c.rec.Version == 0 {
		return unknown("choice.message_id", "that conversation is over; start a new one")
	}
	m, err := c.tx.Message(ctx, choice.MessageID)
	if desk.IsKind(err, desk.NotFound) || err == nil && (m.ConversationID != c.rec.ID || m.Private || m.Author.Kind == desk.ByCustomer) {
		return unknown("choice.message_id", "no message of this conversation offers that")
	}
	if err != nil {
		return desk.Option{}, err
	}
	for _, o := range m.Content.Options {
		if o.ID == choice.OptionID {
			return o, nil
		}
	}
	if m.Content.Card != nil {
		for _, l := range m.Content.Card.Lines {
			if l.Edit != nil && l.Edit.ID == choice.OptionID {
				return *l.Edit, nil
			}
		}
	}
	return unknown("choice.option_id", "that message has no such option")
}
