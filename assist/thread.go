package assist

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"github.com/parleyhq/parley/desk"
)

// Bounds on what is read of a conversation to sum it up.
const (
	threadStart = 200 // events at its beginning
	threadEnd   = 500 // and at its end
)

// thread is what happened in a conversation, in order. Of a long one the middle
// is left out.
type thread struct {
	conversation desk.Conversation
	contact      desk.Contact
	messages     []desk.Message // what was said aloud, notes left out
	deeds        []deed
}

// deed is a mark or a move, and when it was.
type deed struct {
	seq  int64
	mark desk.Mark
	move desk.StatusChange // when its To is set
}

func (d *Desk) thread(ctx context.Context, c desk.Conversation) (thread, error) {
	t := thread{conversation: c}
	var err error
	if t.contact, err = d.Conversations.Contact(ctx, c.ContactID); err != nil && !desk.IsKind(err, desk.NotFound) {
		return t, fmt.Errorf("read the contact: %w", err)
	}
	events, err := d.Conversations.Before(ctx, c.ID, math.MaxInt64, threadEnd)
	if err != nil {
		return t, fmt.Errorf("read what happened: %w", err)
	}
	if len(events) > 0 && events[0].Seq > 1 {
		first, err := d.Conversations.Timeline(ctx, c.ID, 0, threadStart)
		if err != nil {
			return t, fmt.Errorf("read how it began: %w", err)
		}
		for len(first) > 0 && first[len(first)-1].Seq >= events[0].Seq {
			first = first[:len(first)-1]
		}
		events = append(first, events...)
	}
	for _, e := range events {
		if err := t.add(e); err != nil {
			return t, err
		}
	}
	return t, nil
}

func (t *thread) add(e desk.Event) error {
	read := func(v any) error {
		if err := json.Unmarshal(e.Data, v); err != nil {
			return fmt.Errorf("read the event %s: %w", e.ID, err)
		}
		return nil
	}
	switch e.Kind {
	case desk.EventMessage:
		var m desk.Message
		if err := read(&m); err != nil {
			return err
		}
		if m.Heard != "" {
			m.Content.Text = m.Heard
		}
		if !m.Private && m.Author.Kind != desk.BySystem {
			m.Seq = e.Seq
			t.messages = append(t.messages, m)
		}
	case desk.EventMark:
		d := deed{seq: e.Seq}
		if err := read(&d.mark); err != nil {
			return err
		}
		t.deeds = append(t.deeds, d)
	case desk.EventStatus:
		d := deed{seq: e.Seq}
		if err := read(&d.move); err != nil {
			return err
		}
		t.deeds = append(t.deeds, d)
	}
	return nil
}

// requests are the customer's own words that say something.
func (t thread) requests() []desk.Message {
	var out []desk.Message
	for _, m := range t.messages {
		if asks(m) && m.Content.Picked == nil {
			out = append(out, m)
		}
	}
	return out
}

// flows are the flows that were begun, each once, in order; the newest last.
func (t thread) flows() []string {
	var out []string
	for _, d := range t.deeds {
		if k := d.mark.Kind; d.mark.Flow == "" || k != desk.MarkStarted && k != desk.MarkResumed {
			continue
		}
		out = append(remove(out, d.mark.Flow), d.mark.Flow)
	}
	return out
}

func remove(list []string, one string) []string {
	out := list[:0]
	for _, s := range list {
		if s != one {
			out = append(out, s)
		}
	}
	return out
}

// seq is of the newest that was said or done for the customer.
func (t thread) seq() int64 {
	var n int64
	if len(t.messages) > 0 {
		n = t.messages[len(t.messages)-1].Seq
	}
	if len(t.deeds) > 0 {
		for i := len(t.deeds) - 1; i >= 0; i-- {
			if t.deeds[i].move.To == "" && t.deeds[i].mark.Kind != markSuggested {
				return max(n, t.deeds[i].seq)
			}
		}
	}
	return n
}

// quoted is what somebody said, on one line, with its marks.
func quoted(text string) string { return "“" + short(text, maxQuote) + "”" }

const maxQuote = 160 // characters

// short is the start of a text on one line, at most n characters.
func short(text string, n int) string {
	text = strings.Join(strings.Fields(text), " ")
	if r := []rune(text); len(r) > n {
		return strings.TrimRight(string(r[:n-1]), " ") + "…"
	}
	return text
}
