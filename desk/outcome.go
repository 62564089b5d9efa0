package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Outcome is everything one turn asks for, with switches followed. Carrying
// it out is one transaction.
type Outcome struct {
	Says      []Content // in order; from Say and Ask
	Marks     []Mark
	Asking    *Input                     // of the last Ask; nil when nothing is asked any more
	Responder string                     // who answered last, and answers next
	States    map[string]json.RawMessage // by responder
	Secrets   map[string]string          `json:"-"` // to be kept in memory only: what tools get, by reference
	Do        *Do
	HandOff   *HandOff
	Close     *Close
}

// The bounds of one turn. A playbook that runs into them is at fault.
const (
	MaxSteps    = 64
	MaxSwitches = 6
)

// Respond runs a turn against the book until no responder switches any more.
// It changes nothing: routing and evals both carry out the Outcome. t.State is
// filled from the conversation's States; a conversation that has no responder
// yet enters the book's start.
func Respond(ctx context.Context, book Book, t Turn) (Outcome, error) {
	out := Outcome{Responder: t.Conversation.Responder, States: maps.Clone(t.Conversation.States)}
	if out.States == nil {
		out.States = map[string]json.RawMessage{}
	}
	if out.Responder == "" && t.Enter == "" {
		t.Enter = book.Start()
	}
	steps := 0
	for range MaxSwitches {
		if t.Enter != "" {
			name, err := book.For(t.Enter)
			if err != nil {
				return Outcome{}, fmt.Errorf("enter %s: %w", t.Enter, err)
			}
			out.Responder = name
		}
		r, err := book.Responder(out.Responder)
		if err != nil {
			return Outcome{}, fmt.Errorf("find responder %s: %w", out.Responder, err)
		}
		t.State = out.States[out.Responder]
		t.Conversation.Responder, t.Conversation.States = out.Responder, out.States
		var next *Switch
		for step, err := range r.Respond(ctx, t) {
			if err != nil {
				return Outcome{}, fmt.Errorf("%s responds: %w", out.Responder, err)
			}
			if steps++; steps > MaxSteps {
				return Outcome{}, Errorf(Internal, "too_many_steps", "more than %d steps in one turn of %s", MaxSteps, out.Responder)
			}
			if next = out.add(step); next != nil || out.ended() {
				break
			}
		}
		if next == nil {
			return out, nil
		}
		t.Enter, t.Result = next.To, nil
		if !next.Pass {
			t.Message, t.Secret = nil, ""
		}
	}
	return Outcome{}, Errorf(Internal, "too_many_switches", "more than %d switches in one turn, last to %s", MaxSwitches, t.Enter)
}

// Verifies reports whether the customer has proved in the turn who he is.
func (o Outcome) Verifies() bool {
	return slices.ContainsFunc(o.Marks, func(m Mark) bool { return m.Kind == MarkVerified })
}

func (o *Outcome) ended() bool { return o.Do != nil || o.HandOff != nil || o.Close != nil }

// add takes a step in and returns it if it is a Switch.
func (o *Outcome) add(step Step) *Switch {
	switch s := step.(type) {
	case Say:
		o.Says = append(o.Says, s.Content)
	case Ask:
		o.Says, o.Asking = append(o.Says, s.Content), s.Content.Input
	case Mark:
		o.Marks = append(o.Marks, s)
	case Remember:
		o.States[o.Responder] = s.State
	case Keep:
		if o.Secrets == nil {
			o.Secrets = map[string]string{}
		}
		o.Secrets[s.Ref] = s.Value
	case Do:
		o.Do = &s
	case HandOff:
		o.HandOff = &s
	case Close:
		o.Close = &s
	case Switch:
		return &s
	}
	return nil
}
