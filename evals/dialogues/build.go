package dialogues

import (
	"context"
	"fmt"
	"strings"

	"github.com/parleyhq/parley/bot"
	"github.com/parleyhq/parley/bot/nlu"
	"github.com/parleyhq/parley/desk"
)

// botFlow is the product's flow for a schema's.
func (f Flow) botFlow(lang desk.Lang, examples []string) bot.Flow {
	out := bot.Flow{Name: f.Name, Title: desk.Text{lang: f.Title}, Examples: map[desk.Lang][]string{lang: examples}, Confirm: true}
	for _, s := range f.Slots {
		out.Slots = append(out.Slots, s.botSlot(lang))
	}
	return out
}

// maxExamples is how many utterances of the training become a flow's examples.
const maxExamples = 60

// bots are the product's bots for a set: one for each group of flows that a
// dialogue may be about.
type bots struct {
	set      *Set
	model    *nlu.Model
	filler   *nlu.Filler
	examples map[string][]string
	made     map[string]*bot.Bot
}

func newBots(ctx context.Context, data, train *Set) (*bots, error) {
	b := &bots{set: data, examples: examplesOf(train), made: map[string]*bot.Bot{}}
	var err error
	if b.model, err = nlu.Train(ctx, nlu.TrainingOf(b.definition(nil), nil)); err != nil {
		return nil, fmt.Errorf("train the understanding: %w", err)
	}
	all := *b
	all.set = train
	if b.filler, err = nlu.LearnFiller(ctx, nlu.FlowsOf(all.definition(nil)), toldBy(train)); err != nil {
		return nil, fmt.Errorf("learn to fill slots: %w", err)
	}
	return b, nil
}

// definition is that of a bot with the named flows; none: all.
func (b *bots) definition(names []string) bot.Definition {
	var def bot.Definition
	for _, f := range b.set.Flows {
		if len(names) == 0 || strings.Contains("\x00"+strings.Join(names, "\x00")+"\x00", "\x00"+f.Name+"\x00") {
			def.Flows = append(def.Flows, f.botFlow(b.set.Lang, b.examples[f.Name]))
		}
	}
	def.Settings = bot.Settings{Depth: 7, Human: "queue:support"}
	return def
}

// of gives the bot for the flows.
func (b *bots) of(names []string) (*bot.Bot, error) {
	key := strings.Join(names, "\x00")
	if got := b.made[key]; got != nil {
		return got, nil
	}
	def := b.definition(names)
	under, err := nlu.New(b.model, nlu.FlowsOf(def), nlu.Settings{Filler: b.filler})
	if err != nil {
		return nil, fmt.Errorf("make the understander: %w", err)
	}
	out, err := bot.New(def, under, nil)
	if err != nil {
		return nil, fmt.Errorf("make the bot: %w", err)
	}
	b.made[key] = out
	return out, nil
}

// examplesOf are the utterances with which the flows of a set began.
func examplesOf(s *Set) map[string][]string {
	out := map[string][]string{}
	for _, d := range s.Dialogues {
		begun := map[string]bool{}
		for _, t := range d.Turns {
			for flow, slots := range t.Gold {
				if len(slots) == 0 || begun[flow] {
					continue
				}
				begun[flow] = true
				if len(out[flow]) < maxExamples {
					out[flow] = append(out[flow], t.User)
				}
			}
		}
	}
	return out
}

// toldBy are the customers' turns of a set with the values each gave.
func toldBy(s *Set) []nlu.Told {
	var out []nlu.Told
	for _, d := range s.Dialogues {
		before := map[string]map[string]string{}
		var proposed, heard []bot.Proposal
		for _, t := range d.Turns {
			heard = append(append([]bot.Proposal{}, proposed...), heard...)
			heard = heard[:min(len(heard), 48)]
			proposed = t.Asked.Proposed
			in := bot.Utterance{Text: t.User, Lang: s.Lang, Active: t.Asked.Flow, Proposed: proposed, Heard: heard, Now: now, Zone: now.Location(), Elsewhere: map[string]map[string]string{}}
			for flow, slots := range before {
				if flow == in.Active {
					in.Slots = slots
				} else {
					in.Elsewhere[flow] = slots
				}
			}
			if sl, ok := s.slot(t.Asked.Flow, t.Asked.Slot); ok {
				in.Asking = &bot.AskedSlot{Flow: t.Asked.Flow, Slot: sl.botSlot(s.Lang)}
			}
			told := nlu.Told{In: in, Values: map[string]map[string]string{}, Flows: d.Flows, Talk: d.ID}
			after := map[string]map[string]string{}
			for flow, slots := range t.Gold {
				after[flow] = map[string]string{}
				for name, vs := range slots {
					v := vs[len(vs)-1]
					old := before[flow][name]
					after[flow][name] = v
					if sl, _ := s.slot(flow, name); old != "" && sl.same(old, vs) {
						after[flow][name] = old
						continue
					}
					if told.Values[flow] == nil {
						told.Values[flow] = map[string]string{}
					}
					told.Values[flow][name] = v
				}
			}
			for flow, slots := range before {
				for name := range slots {
					if _, kept := after[flow][name]; !kept {
						if told.Values[flow] == nil {
							told.Values[flow] = map[string]string{}
						}
						told.Values[flow][name] = bot.AnyValue
					}
				}
			}
			before = after
			out = append(out, told)
		}
	}
	return out
}
