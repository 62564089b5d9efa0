package assist

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/privacy"
	"github.com/parleyhq/parley/kb"
)

const lookBack = 200 // messages and events that a situation is made of

// moment gathers what the choice of a reply to a message depends on.
func (d *Desk) moment(ctx context.Context, c desk.Conversation, m desk.Message, before []desk.Message) (Moment, error) {
	contact, err := d.Conversations.Contact(ctx, c.ContactID)
	if err != nil && !desk.IsKind(err, desk.NotFound) {
		return Moment{}, fmt.Errorf("read the contact: %w", err)
	}
	agent, err := d.Conversations.Agent(ctx, c.AgentID)
	if err != nil && !desk.IsKind(err, desk.NotFound) {
		return Moment{}, fmt.Errorf("read the agent: %w", err)
	}
	out := Moment{Values: values(c, contact, agent), NoArticles: wantsPerson(m.Content.Picked)}
	q := kb.Question{Text: m.Content.Text, Lang: c.Lang, Audience: kb.Agents, Playbook: c.Playbook, Now: d.now(), Limit: 5}
	if len(q.Text) > maxWords {
		q.Text = strings.ToValidUTF8(q.Text[:maxWords], "")
	}
	for _, b := range before[max(0, len(before)-turns):] {
		if !b.Private && !b.Content.Masked && b.Content.Text != "" && b.Author.Kind != desk.BySystem {
			q.Context = append(q.Context, b.Content.Text)
		}
	}
	out.Question = q
	out.Situation = Situation{Playbook: c.Playbook, Queue: string(c.Queue), Lang: c.Lang}
	if !d.Learns {
		return out, nil // canned replies and articles look at the words alone
	}
	events, err := d.Conversations.Before(ctx, c.ID, m.Seq+1, lookBack)
	if err != nil {
		return Moment{}, fmt.Errorf("read what happened: %w", err)
	}
	made, err := d.Store.SentAs(ctx, c.ID)
	if err != nil {
		return Moment{}, fmt.Errorf("read what was sent: %w", err)
	}
	s := newScene(c, contact, agent.Name)
	if err := follow(s, events, made, nil); err != nil {
		return Moment{}, err
	}
	out.Situation = s.Situation()
	return out, nil
}

// newScene begins a scene with a conversation.
func newScene(c desk.Conversation, contact desk.Contact, agent string) *Scene {
	s := &Scene{Playbook: c.Playbook, Queue: string(c.Queue), Lang: c.Lang}
	s.Person = privacy.Person{Names: []string{contact.Name, agent}, Values: []string{contact.Email, contact.Phone}}
	if c.HandOver != nil {
		for _, f := range c.HandOver.Facts {
			s.Person.Values = append(s.Person.Values, f.Value)
			s.Knows(f.Key, f.Value)
		}
	}
	return s
}

// follow plays what happened. Before each reply of an agent to the customer it
// calls replied, if there is one, with what the reply was made of, if anything.
func follow(s *Scene, events []desk.Event, made map[desk.ID]string, replied func(m desk.Message, group string)) error {
	sources := map[string]string{} // by message
	for _, e := range events {
		if e.Kind != desk.EventMark {
			continue
		}
		var m desk.Mark
		if err := json.Unmarshal(e.Data, &m); err != nil {
			return fmt.Errorf("read the mark %s: %w", e.ID, err)
		}
		if m.Kind == markSuggested {
			sources[m.Data["message_id"]] = made[desk.ID(m.Value)]
		}
	}
	for _, e := range events {
		switch e.Kind {
		case desk.EventMessage:
			var m desk.Message
			if err := json.Unmarshal(e.Data, &m); err != nil {
				return fmt.Errorf("read the message %s: %w", e.ID, err)
			}
			s.hears(m, sources[string(m.ID)], replied)
		case desk.EventMark:
			var m desk.Mark
			if err := json.Unmarshal(e.Data, &m); err != nil {
				return fmt.Errorf("read the mark %s: %w", e.ID, err)
			}
			s.sees(m)
		}
	}
	return nil
}

// markSuggested is routing's mark of a reply that was made of a suggestion.
const markSuggested desk.MarkKind = "suggested"

func (s *Scene) hears(m desk.Message, group string, replied func(m desk.Message, group string)) {
	if m.Private || m.Content.Text == "" {
		return
	}
	switch m.Author.Kind {
	case desk.ByCustomer:
		if !m.Content.Masked && m.Content.Command == "" {
			s.Says(m.Content.Text)
		}
	case desk.ByBot:
		s.Acts("bot")
	case desk.ByAgent:
		if replied != nil {
			replied(m, group)
		}
		if group == "" {
			group = ownKey(s.Playbook, s.Lang, privacy.Hide(m.Content.Text, s.Person))
		}
		s.Acts("said:" + group)
	}
}

func (s *Scene) sees(m desk.Mark) {
	switch m.Kind {
	case desk.MarkStarted, desk.MarkResumed:
		s.Flow(m.Flow, false)
	case desk.MarkCompleted:
		s.Flow(m.Flow, true)
	case desk.MarkSet, desk.MarkCorrected:
		if !strings.Contains(m.Value, "•") {
			s.Knows(m.Slot, m.Value)
			s.Person.Values = append(s.Person.Values, m.Value)
		}
	case desk.MarkCalled:
		s.Acts("called:" + m.Value)
	case desk.MarkResult:
		s.Gave(m.Data["tool"], "result", m.Value)
	case desk.MarkAnswered, desk.MarkMenu, desk.MarkRefused, desk.MarkHuman:
		s.Acts(string(m.Kind) + ":" + m.Value)
	case desk.MarkClarify, desk.MarkSteered, desk.MarkConfirm, desk.MarkCancelled:
		s.Acts(string(m.Kind))
	}
}
