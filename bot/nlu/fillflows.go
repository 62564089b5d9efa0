package nlu

import (
	"context"
	"strings"
	"time"

	"github.com/parleyhq/parley/bot"
	"github.com/parleyhq/parley/desk"
)

// TrainFlowFiller is the filler of a definition: it learns from the examples
// that mark values, where there are enough of them; else it goes by rules of
// thumb.
func TrainFlowFiller(ctx context.Context, def bot.Definition) (*Filler, error) {
	return LearnFiller(ctx, FlowsOf(def), toldOf(def))
}

// toldOf are the definition's examples that mark values, each as the opening
// words of a conversation. A mark that is no value of its slot is left out, and
// so is an example none of whose marks is one.
func toldOf(def bot.Definition) []Told {
	now := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
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
