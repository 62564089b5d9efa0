package nlu

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"

	"github.com/parleyhq/parley/bot"
	"github.com/parleyhq/parley/desk"
)

// Flow is what an understander needs to know of a flow.
type Flow struct {
	Name  string
	Title desk.Text
	Slots []bot.Slot
}

// FlowsOf is the flows of a definition.
func FlowsOf(def bot.Definition) []Flow {
	var out []Flow
	for _, f := range def.Flows {
		out = append(out, Flow{Name: f.Name, Title: f.Title, Slots: f.Slots})
	}
	return out
}

// TrainingOf is what a model learns from a definition and from the titles and
// similar questions of its articles.
func TrainingOf(def bot.Definition, questions map[desk.Lang][]string) Training {
	t := Training{Questions: questions}
	for _, f := range def.Flows {
		ex := FlowExamples{Name: f.Name, Title: f.Title, Examples: f.Examples}
		for _, s := range f.Slots {
			for _, c := range choicesOf(s) {
				for _, name := range c.Names {
					if len(name) > 3 {
						ex.Words = append(ex.Words, name)
					}
				}
			}
		}
		t.Flows = append(t.Flows, ex)
	}
	for _, topic := range def.Settings.Refuse {
		t.Refused = append(t.Refused, FlowExamples{Name: topic.Name, Examples: topic.Examples})
	}
	return t
}

// Understander is the built-in bot.Understander: a Model for what is wanted,
// the recognisers of Find for the values, and rules for the words that steer a
// dialogue. It needs no network and gives the same commands for the same
// utterance. It is safe for many conversations at once.
//
// How an utterance is read, in this order:
//   - A wish for a person, and while a summary stands a yes or a no.
//   - Words that steer: cancel, skip, repeat, resume. In an answer to a
//     question of words (a note, an address) only when nothing else is said.
//   - The answer to the question that stands. A question in return ("what do
//     you have?") is no answer; a request in its form ("can I have a latte?") is.
//   - Values volunteered for other slots of the flow, when only one slot can
//     mean them; a value for a filled slot is a correction.
//   - Outside a flow, a word or two that fit several topics: they are offered.
//   - Another flow, a question for the knowledge base, small talk.
//
// What lies between the thresholds is a Clarify with two to four candidates.
type Understander struct {
	model        *Model
	flows        []Flow
	patterns     map[string]*regexp.Regexp // by the slot's expression
	act, clarify float64
	region       string
	topics       topics
	tagger       *Tagger
	filler       *Filler
	fillFlows    []fillFlow
	refuse       []bot.Topic
}

var _ bot.Understander = (*Understander)(nil)

// Settings of an Understander; the zero values stand for the defaults.
type Settings struct {
	Act     float64     // a flow begins from this confidence on; 0.6
	Clarify float64     // candidates are offered from this confidence on; 0.3
	Topics  []Topic     // what there is beside flows, and the words it is known by
	Tagger  *Tagger     // finds values of text and addresses that no rule can; nil: none does
	Filler  *Filler     // decides which words fill which slots; nil: only what is unmistakable does
	Refuse  []bot.Topic // what is not spoken about, for LLM; the model was trained with it
	Region  string      // of phone numbers without a country code; from zone and language
}

// New makes an Understander. A slot's pattern that is no regular expression is
// an error.
func New(m *Model, flows []Flow, s Settings) (*Understander, error) {
	u := &Understander{model: m, flows: flows, patterns: map[string]*regexp.Regexp{}, act: cmp.Or(s.Act, 0.6), clarify: cmp.Or(s.Clarify, 0.3), region: s.Region, topics: newTopics(s.Topics)}
	u.tagger, u.refuse = s.Tagger, s.Refuse
	if s.Filler != nil {
		u.filler, u.fillFlows = s.Filler, fillFlows(flows)
	}
	for _, f := range flows {
		for _, slot := range f.Slots {
			if slot.Pattern == "" {
				continue
			}
			re, err := regexp.Compile(slot.Pattern)
			if err != nil {
				return nil, desk.Errorf(desk.Invalid, "bad_pattern", "flow %s, slot %s: %w", f.Name, slot.Name, err)
			}
			u.patterns[slot.Pattern] = re
		}
	}
	return u, nil
}

// Understand implements bot.Understander. Its only error is the context's.
func (u *Understander) Understand(ctx context.Context, in bot.Utterance) ([]bot.Command, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("understand: %w", err)
	}
	within, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	r := u.read(within, in)
	out := r.commands()
	if len(out) == 0 {
		out = []bot.Command{{Kind: bot.CommandNone, Text: in.Text, Candidates: r.about(r.candidates(0.25))}}
	}
	return out, nil
}

func (u *Understander) flow(name string) (Flow, bool) {
	i := slices.IndexFunc(u.flows, func(f Flow) bool { return f.Name == name })
	if i < 0 {
		return Flow{}, false
	}
	return u.flows[i], true
}

// options is what Find needs for a slot.
func (u *Understander) options(s bot.Slot, in bot.Utterance, asked bool) Options {
	return Options{Choices: choicesOf(s), Pattern: u.patterns[s.Pattern], Now: in.Now, Zone: in.Zone, Region: u.region, Asked: asked}
}

func choicesOf(s bot.Slot) []Choice {
	out := make([]Choice, 0, len(s.Choices))
	for _, c := range s.Choices {
		choice := Choice{Value: c.Value}
		for _, lang := range c.Label.Langs() {
			choice.Names = append(choice.Names, c.Label[lang])
		}
		for _, lang := range []desk.Lang{desk.English, desk.Chinese, ""} {
			choice.Names = append(choice.Names, c.Synonyms[lang]...)
		}
		out = append(out, choice)
	}
	return out
}
