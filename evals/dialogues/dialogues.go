// Package dialogues measures understanding over whole conversations: it turns
// task-oriented dialogues of public formats into flows and suites, replays what
// their customers said to the product's own bot, and compares what the bot
// knows after each turn with what the dialogue's annotation says.
package dialogues

import (
	"github.com/parleyhq/parley/bot"
	"github.com/parleyhq/parley/desk"
)

// Format is one of the ways in which dialogues are written down.
type Format string

// The formats, by the shape of their lines.
const (
	WOZ2     Format = "woz2"
	MultiWOZ Format = "multiwoz"
	SGD      Format = "sgd"
	CrossWOZ Format = "crosswoz"
)

// Dialogue is one conversation.
type Dialogue struct {
	ID    string
	Flows []string // those it may be about; none: all
	Turns []Turn
}

// Turn is something the customer said, and what it was said to.
type Turn struct {
	System string       // what was said before it; empty at the beginning
	Asked  bot.Standing // what that asked, and proposed
	User   string
	// Gold is what is known after it: by flow and slot the values that count as
	// right, canonical.
	Gold map[string]map[string][]string
	// Scored are the flows of which each counts as a goal of its own; none: all
	// flows together are one.
	Scored []string
}

// Flow is what a schema says of one thing that can be done.
type Flow struct {
	Name  string
	Title string
	Slots []Slot
}

// Slot is what a schema says of one value.
type Slot struct {
	Name     string
	Label    string // what it is called, or the schema's description of it
	Type     desk.SlotType
	Values   []string // of a choice, with other words for each in Also
	Also     map[string][]string
	Required bool
}

// Set is a file of dialogues, read by its schema.
type Set struct {
	Format    Format
	Lang      desk.Lang
	Flows     []Flow
	Dialogues []Dialogue
}

// slot finds a slot of the set's flows.
func (s *Set) slot(flow, name string) (Slot, bool) {
	for _, f := range s.Flows {
		if f.Name != flow {
			continue
		}
		for _, sl := range f.Slots {
			if sl.Name == name {
				return sl, true
			}
		}
	}
	return Slot{}, false
}
