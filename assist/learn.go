package assist

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/parleyhq/parley/desk"
)

// LearntSubject is where nodes tell each other that there are past replies, or
// verdicts, to take in.
const LearntSubject = "assist.learnt"

// Bounds on what is learnt from one conversation.
const (
	mostEvents  = 2000
	mostReplies = 200
	badly       = 2 // stars: who gave so few was not content
	soon        = 24 * time.Hour
)

// Learn remembers what agents answered in a closed conversation, without
// personal data. Doing it again, say after the customer has rated it, brings
// what is remembered up to date: of a badly rated one nothing is, and one whose
// customer came back within a day counts half. Without the
// operator's consent it does nothing.
func (d *Desk) Learn(ctx context.Context, conversation desk.ID) error {
	if !d.Learns {
		return nil
	}
	changed, err := d.learn(ctx, conversation)
	if err != nil {
		return err
	}
	earlier, err := d.Store.CameFrom(ctx, conversation, soon)
	if err != nil {
		return fmt.Errorf("see what the customer came back from: %w", err)
	}
	for _, id := range earlier { // they count less now
		again, err := d.learn(ctx, id)
		if err != nil {
			return err
		}
		changed = changed || again
	}
	if changed {
		d.tell()
	}
	return nil
}

func (d *Desk) learn(ctx context.Context, conversation desk.ID) (changed bool, err error) {
	c, err := d.Conversations.Conversation(ctx, conversation)
	if err != nil {
		return false, fmt.Errorf("learn from a conversation: %w", err)
	}
	if c.Status != desk.Closed {
		return false, nil // there will be another job when it is closed
	}
	list, err := d.pastOf(ctx, c)
	if err != nil {
		return false, fmt.Errorf("learn from the conversation %s: %w", conversation, err)
	}
	if err := d.learnOutcome(ctx, c); err != nil {
		return false, err
	}
	changed, err = d.Store.Remember(ctx, conversation, list, d.now())
	if err != nil {
		return false, fmt.Errorf("remember the replies of %s: %w", conversation, err)
	}
	return changed, nil
}

// tell makes this and other nodes catch up.
func (d *Desk) tell() {
	if d.Bus == nil {
		return
	}
	if err := d.Bus.Publish(LearntSubject, struct{}{}); err != nil {
		d.log().Warn("what was learnt is known only at the next sweep", "err", err)
	}
}

func (d *Desk) pastOf(ctx context.Context, c desk.Conversation) ([]Past, error) {
	quality := worthOf(c.Rating)
	if quality == 0 {
		return nil, nil
	}
	back, err := d.Store.CameBack(ctx, c.ID, soon)
	if err != nil {
		return nil, fmt.Errorf("see whether the customer came back: %w", err)
	}
	if back {
		quality /= 2 // it was not settled
	}
	contact, err := d.Conversations.Contact(ctx, c.ContactID)
	if err != nil && !desk.IsKind(err, desk.NotFound) {
		return nil, fmt.Errorf("read the contact: %w", err)
	}
	var events []desk.Event
	for after := int64(0); len(events) < mostEvents; {
		page, err := d.Conversations.Timeline(ctx, c.ID, after, 500)
		if err != nil {
			return nil, fmt.Errorf("read what happened: %w", err)
		}
		if len(page) == 0 {
			break
		}
		events = append(events, page...)
		after = page[len(page)-1].Seq
	}
	made, err := d.Store.SentAs(ctx, c.ID)
	if err != nil {
		return nil, fmt.Errorf("read what was sent: %w", err)
	}
	s := newScene(c, contact, "")
	var out []Past
	err = follow(s, events, made, func(m desk.Message, group string) {
		if n := utf8.RuneCountInString(m.Content.Text); n < leastReply || n > mostReply || len(out) == mostReplies {
			return
		}
		person := s.Person
		person.Names = append(person.Names[:len(person.Names):len(person.Names)], m.Author.Name)
		known := values(c, contact, desk.Agent{Name: m.Author.Name})
		for key, value := range s.facts {
			if name := slotPrefix + key; slotName.MatchString(name) {
				known[name] = tame(value)
			}
		}
		out = append(out, Past{ID: m.ID, ConversationID: c.ID, Group: group, Text: Generalise(m.Content.Text, known, person), Lang: c.Lang,
			Situation: s.Situation(), Quality: quality, At: m.At})
	})
	return out, err
}

// worthOf is what a reply counts in a conversation rated so, 0 when it is no
// example to anybody. An unrated one counts in between.
func worthOf(stars int) float64 {
	switch {
	case stars == 0:
		return 0.7
	case stars <= badly:
		return 0
	}
	return float64(stars) / 5
}
