package nlu

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/parleyhq/parley/bot"
	"github.com/parleyhq/parley/desk"
)

// FillerLeast is how many utterances that give values a filler needs to learn
// from: with fewer, rules of thumb do better.
const FillerLeast = 300

// TrainFlowFiller is the filler of a definition: it learns from its recorded
// dialogues and from the examples that mark values, where there are enough of
// them (FillerLeast); else it goes by rules of thumb.
func TrainFlowFiller(ctx context.Context, def bot.Definition) (*Filler, error) {
	return LearnFiller(ctx, FlowsOf(def), append(toldOf(def), toldBy(def)...))
}

// Giving counts the utterances of a definition from which its filler would
// learn values.
func Giving(def bot.Definition) int {
	return giving(toldOf(def)) + giving(toldBy(def))
}

func giving(told []Told) int {
	n := 0
	for _, t := range told {
		if len(t.Values) > 0 {
			n++
		}
	}
	return n
}

// toldOf are the definition's examples that mark values, each as the opening
// words of a conversation. A mark that is no value of its slot is left out, and
// so is an example none of whose marks is one.
func toldOf(def bot.Definition) []Told {
	now := bot.ReadingDay
	var out []Told
	for _, f := range def.Flows {
		for _, x := range f.Marked {
			values := map[string]string{}
			for _, m := range x.Marks {
				s, ok := f.Slot(m.Slot)
				if !ok || s.Sensitive {
					continue
				}
				text := x.Text[m.Start:m.End]
				if s.IsFree() {
					values[s.Name] = strings.TrimSpace(text)
					continue
				}
				found := Find(s.Type, text, x.Lang, Options{Choices: choicesOf(s), Now: now, Zone: time.UTC, Asked: true})
				if len(found) == 1 && s.Type != desk.SlotPattern {
					values[s.Name] = found[0].Value
				}
			}
			if len(values) > 0 {
				out = append(out, Told{In: bot.Utterance{Text: x.Text, Lang: x.Lang, Now: now, Zone: time.UTC}, Values: map[string]map[string]string{f.Name: values}, Talk: x.Text})
			}
		}
	}
	return out
}

// The bounds of what is remembered of what was proposed, as for a conversation.
const maxHeard = 48

// toldBy are the customers' utterances of the definition's recorded dialogues,
// each with what was known and asked when it was said.
func toldBy(def bot.Definition) []Told {
	flows := map[string]*bot.Flow{}
	for i := range def.Flows {
		flows[def.Flows[i].Name] = &def.Flows[i]
	}
	var out []Told
	for _, d := range def.Recorded {
		known := map[string]map[string]string{}
		var proposed, heard []bot.Proposal
		active := ""
		for _, t := range d.Turns {
			heard = append(slices.Clone(proposed), heard...)
			heard = heard[:min(len(heard), maxHeard)]
			proposed = t.Asked.Proposed
			if t.Asked.Flow != "" {
				active = t.Asked.Flow
			}
			in := bot.Utterance{Text: t.Customer, Lang: d.Lang, Active: active, Proposed: proposed, Heard: heard, Now: d.Day, Zone: time.UTC, Elsewhere: map[string]map[string]string{}}
			for flow, slots := range known {
				if flow == active {
					in.Slots = maps.Clone(slots)
				} else {
					in.Elsewhere[flow] = maps.Clone(slots)
				}
			}
			if f := flows[active]; f != nil {
				if s, ok := f.Slot(t.Asked.Slot); ok {
					in.Asking = &bot.AskedSlot{Flow: active, Slot: s}
				}
			}
			out = append(out, Told{In: in, Values: t.Fills, Flows: d.Flows, Talk: d.Name})
			for _, flow := range slices.Sorted(maps.Keys(t.Fills)) {
				if known[flow] == nil {
					known[flow] = map[string]string{}
				}
				maps.Copy(known[flow], t.Fills[flow])
			}
			if len(t.Fills) > 0 && t.Fills[active] == nil {
				active = slices.Min(slices.Collect(maps.Keys(t.Fills)))
			}
		}
	}
	return out
}
