package assist

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"
	"unicode"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/kb"
)

// What is suggested, and when it is better to say nothing.
const (
	most     = 3    // suggestions for one message
	least    = 0.5  // confidence
	apart    = 0.45 // of the best one's confidence: what is further behind is left out
	alike    = 0.8  // two texts more similar than this are one suggestion
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
	if list, decided, err := d.Store.Shown(ctx, message); err != nil || len(list) > 0 {
		if err != nil {
			return nil, fmt.Errorf("read the ledger: %w", err)
		}
		if !decided {
			d.show(c, message, list)
		}
		return list, nil
	}
	began := time.Now()
	history, err := d.Conversations.Newest(ctx, conversation, turns+12)
	if err != nil {
		return nil, fmt.Errorf("read the conversation: %w", err)
	}
	at := slices.IndexFunc(history, func(m desk.Message) bool { return m.ID == message })
	if at < 0 || !asks(history[at]) {
		return nil, nil // much was said since, or it is not a thing to reply to
	}
	list, err := d.choose(ctx, c, history[at], history[:at])
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
// it has been replied to.
func (d *Desk) Current(ctx context.Context, conversation desk.ID) ([]Suggestion, error) {
	history, err := d.Conversations.Newest(ctx, conversation, turns)
	if err != nil {
		return nil, fmt.Errorf("read the conversation: %w", err)
	}
	for i := len(history) - 1; i >= 0; i-- {
		switch m := history[i]; {
		case m.Author.Kind == desk.ByAgent && !m.Private:
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

// choose gathers candidates and keeps the few that are worth reading.
func (d *Desk) choose(ctx context.Context, c desk.Conversation, m desk.Message, before []desk.Message) ([]Suggestion, error) {
	q := kb.Question{Text: m.Content.Text, Lang: c.Lang, Audience: kb.Agents, Playbook: c.Playbook, Now: d.now(), Limit: 5}
	if len(q.Text) > maxWords {
		q.Text = q.Text[:maxWords]
	}
	for _, b := range before[max(0, len(before)-turns):] {
		if !b.Private && !b.Content.Masked && b.Content.Text != "" && b.Author.Kind != desk.BySystem {
			q.Context = append(q.Context, b.Content.Text)
		}
	}
	var answers []kb.Answer
	var err error
	if !wantsPerson(m.Content.Picked) { // then no article is what he wants
		if answers, err = d.Library.Replies(ctx, q, least); err != nil {
			return nil, fmt.Errorf("search articles: %w", err)
		}
	}
	canned, err := d.cannedFor(ctx, c, q)
	if err != nil {
		return nil, err
	}
	list := canned
	for _, a := range answers {
		s := Suggestion{Kind: FromArticle, Text: a.Text, Lang: a.Lang, Title: a.Source.Title, Source: &a.Source, Confidence: a.Confidence}
		s.Internal = len(a.Passages) > 0 && a.Passages[0].Audience == kb.Agents
		list = append(list, s)
	}
	slices.SortStableFunc(list, func(a, b Suggestion) int { return cmp.Compare(b.Confidence, a.Confidence) })
	var out []Suggestion
	for _, s := range list {
		if len(out) == most || len(out) > 0 && s.Confidence < out[0].Confidence-apart {
			break
		}
		if !slices.ContainsFunc(out, func(o Suggestion) bool { return Similarity(o.Text, s.Text) >= alike }) {
			out = append(out, s)
		}
	}
	return out, nil
}

// cannedFor finds canned replies and fills in their variables.
func (d *Desk) cannedFor(ctx context.Context, c desk.Conversation, q kb.Question) ([]Suggestion, error) {
	var known map[string]string
	var out []Suggestion
	for _, f := range d.shelf().find(q, least) {
		if known == nil {
			contact, err := d.Conversations.Contact(ctx, c.ContactID)
			if err != nil && !desk.IsKind(err, desk.NotFound) {
				return nil, fmt.Errorf("read the contact: %w", err)
			}
			agent, err := d.Conversations.Agent(ctx, c.AgentID)
			if err != nil && !desk.IsKind(err, desk.NotFound) {
				return nil, fmt.Errorf("read the agent: %w", err)
			}
			known = values(c, contact, agent)
		}
		if text, ok := fill(f.reply.Text.In(f.lang), known); ok {
			out = append(out, Suggestion{Kind: FromCanned, Text: text, Lang: f.lang, Title: f.reply.Title.In(f.lang), CannedID: f.reply.ID, Confidence: f.confidence})
		}
	}
	return out, nil
}
