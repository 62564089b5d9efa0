package assist

import (
	"context"

	"github.com/parleyhq/parley/desk"
)

// Books tells what the bots of published playbooks do and understand.
type Books interface {
	// Flows describes the flows of a revision, by name.
	Flows(ctx context.Context, playbook string, revision int) (map[string]Flow, error)
	// Wishes says which flows a customer's words most likely begin, best first;
	// human is how likely they only ask for a person.
	Wishes(ctx context.Context, playbook string, revision int, words string, lang desk.Lang) (list []Wish, human float64, err error)
}

// Flow is what a flow is called, and its slots that may be shown.
type Flow struct {
	Title desk.Text
	Slots map[string]Slot
}

// Slot is what a slot is called, and its values that have names.
type Slot struct {
	Title  desk.Text
	Values map[string]desk.Text
}

// Wish is a flow that somebody may want, and how likely he does.
type Wish struct {
	Flow       string
	Confidence float64
}

// Queues lists where conversations wait for people.
type Queues interface {
	Queues(ctx context.Context) ([]desk.Queue, error)
}

// show is a value of a slot in words.
func (f Flow) show(slot, value string, lang desk.Lang) string {
	if t, ok := f.Slots[slot].Values[value]; ok {
		return t.In(lang)
	}
	return value
}

// called is what a flow is called, by its name when nothing better is known.
func called(flows map[string]Flow, name string, lang desk.Lang) string {
	if t := flows[name].Title.In(lang); t != "" {
		return t
	}
	return name
}
