package assist

import (
	"context"
	"fmt"
	"slices"
	"time"
	"unicode"

	"github.com/parleyhq/parley/desk"
)

const (
	turns    = 8    // earlier messages that help to choose
	maxWords = 4000 // bytes of a message that are looked at
)

// Suggest finds replies to a customer's message, records them as shown and
// tells the agent's screen. Nothing good enough gives an empty list. Asking
// again for the same message gives the same suggestions. When no agent has the
// conversation there is nobody to show anything to.
func (d *Desk) Suggest(ctx context.Context, conversation, message desk.ID) ([]Suggestion, error) {
	c, err := d.Conversations.Conversation(ctx, conversation)
	if err != nil {
		return nil, fmt.Errorf("suggest: %w", err)
	}
	if c.AgentID == "" || c.Status != desk.Assigned && c.Status != desk.Parked && c.Status != desk.Offered {
		return nil, nil
	}
	shown, decided, err := d.Store.Shown(ctx, message)
	if err != nil {
		return nil, fmt.Errorf("read the ledger: %w", err)
	}
	if slices.ContainsFunc(shown, func(s Suggestion) bool { return s.Kind != External }) {
		if !decided {
			d.show(c, message, shown)
		}
		return shown, nil
	}
	began := time.Now()
	history, err := d.Conversations.Newest(ctx, conversation, turns+12)
	if err != nil {
		return nil, fmt.Errorf("read the conversation: %w", err)
	}
	at := slices.IndexFunc(history, func(m desk.Message) bool { return m.ID == message })
	if at < 0 || !asks(history[at]) {
		return shown, nil // much was said since, or it is not a thing to reply to
	}
	m, err := d.moment(ctx, c, history[at], history[:at])
	if err != nil {
		return nil, err
	}
	list, err := d.ranker().Choose(ctx, m)
	if err != nil {
		return nil, err
	}
	now := d.now().UTC()
	for i := range list {
		s := &list[i]
		s.ID, s.ConversationID, s.MessageID, s.Rank, s.At = desk.NewIDAt(now), conversation, message, i+1, now
	}
	if list, err = d.Store.Show(ctx, conversation, message, c.AgentID, list); err != nil {
		return nil, fmt.Errorf("record suggestions: %w", err)
	}
	d.show(c, message, list)
	if d.Suggested != nil {
		d.Suggested(time.Since(began))
	}
	return list, nil
}

// Current gives the suggestions for the newest customer message, or none once
// it has been replied to. What an agent says in a call is no reply yet: he says
// "one moment" and looks at what is suggested.
func (d *Desk) Current(ctx context.Context, conversation desk.ID) ([]Suggestion, error) {
	history, err := d.Conversations.Newest(ctx, conversation, turns)
	if err != nil {
		return nil, fmt.Errorf("read the conversation: %w", err)
	}
	for i := len(history) - 1; i >= 0; i-- {
		switch m := history[i]; {
		case m.Author.Kind == desk.ByAgent && !m.Private && m.Channel != desk.Voice:
			return nil, nil
		case m.Author.Kind == desk.ByCustomer:
			return d.Suggest(ctx, conversation, m.ID)
		}
	}
	return nil, nil
}

// asks reports whether a message says something that can be replied to.
func asks(m desk.Message) bool {
	return m.Author.Kind == desk.ByCustomer && !m.Private && !m.Content.Masked && m.Content.Command == "" && slices.ContainsFunc([]rune(m.Content.Text), isWord)
}

// wantsPerson reports whether a tap or a key asks for a person.
func wantsPerson(p *desk.Pick) bool {
	return p != nil && (p.Verb == desk.PickHuman || p.Verb == desk.PickGo && p.Target.Kind() == desk.KindQueue)
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

func (d *Desk) show(c desk.Conversation, message desk.ID, list []Suggestion) {
	if d.Bus == nil || c.AgentID == "" {
		return
	}
	if list == nil {
		list = []Suggestion{}
	}
	err := d.Bus.Publish("agent."+string(c.AgentID), map[string]any{
		"kind": "suggestions",
		"data": map[string]any{"conversation_id": c.ID, "message_id": message, "items": list},
	})
	if err != nil {
		d.log().Warn("suggestions are shown only when the agent opens the conversation again", "conversation", c.ID, "err", err)
	}
}
