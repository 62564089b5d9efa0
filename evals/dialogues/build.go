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
	def := all.definition(nil)
	def.Recorded = train.recorded()
	if b.filler, err = nlu.TrainFlowFiller(ctx, def); err != nil {
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

// recorded are the dialogues of a set as a playbook holds them: of each turn,
// the values that are not what was known before.
func (s *Set) recorded() []bot.Recorded {
	var out []bot.Recorded
	for _, d := range s.Dialogues {
		rec := bot.Recorded{Name: d.ID, Lang: s.Lang, Day: now, Flows: d.Flows}
		known := map[string]map[string]string{}
		for _, t := range d.Turns {
			turn := bot.RecordedTurn{Agent: t.System, Asked: t.Asked, Customer: t.User}
			fill := func(flow, name, value string) {
				if known[flow] == nil {
					known[flow] = map[string]string{}
				}
				if turn.Fills == nil {
					turn.Fills = map[string]map[string]string{}
				}
				if turn.Fills[flow] == nil {
					turn.Fills[flow] = map[string]string{}
				}
				turn.Fills[flow][name], known[flow][name] = value, value
			}
			for flow, slots := range t.Gold {
				for name, vs := range slots {
					if sl, _ := s.slot(flow, name); known[flow][name] == "" || !sl.same(known[flow][name], vs) {
						fill(flow, name, vs[len(vs)-1])
					}
				}
			}
			for flow, slots := range known {
				for name, v := range slots {
					if len(t.Gold[flow][name]) == 0 && v != bot.AnyValue {
						fill(flow, name, bot.AnyValue)
					}
				}
			}
			rec.Turns = append(rec.Turns, turn)
		}
		out = append(out, rec)
	}
	return out
}
