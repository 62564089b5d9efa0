package playbook

import (
	"context"
	"strings"

	"github.com/parleyhq/parley/assist"
	"github.com/parleyhq/parley/bot/nlu"
	"github.com/parleyhq/parley/desk"
)

var _ assist.Books = (*Library)(nil)

// Flows describes the flows of a revision, for people beside the conversation.
// Sensitive slots are not among them.
func (l *Library) Flows(ctx context.Context, name string, revision int) (map[string]assist.Flow, error) {
	b, err := l.built(ctx, name, revision)
	if err != nil {
		return nil, err
	}
	out := map[string]assist.Flow{}
	for _, f := range b.Bot.Flows {
		flow := assist.Flow{Title: desk.T(f.TitleIn(desk.English), f.TitleIn(desk.Chinese)), Slots: map[string]assist.Slot{}}
		for _, s := range f.Slots {
			if s.Sensitive {
				continue
			}
			slot := assist.Slot{Title: s.Label, Values: map[string]desk.Text{}}
			for _, c := range s.Choices {
				if !c.Label.IsZero() {
					slot.Values[c.Value] = c.Label
				}
			}
			flow.Slots[s.Name] = slot
		}
		out[f.Name] = flow
	}
	return out, nil
}

// Wishes says which flows words most likely begin, by the built-in classifier.
func (l *Library) Wishes(ctx context.Context, name string, revision int, words string, lang desk.Lang) (list []assist.Wish, human float64, err error) {
	b, err := l.built(ctx, name, revision)
	if err != nil {
		return nil, 0, err
	}
	for _, s := range b.model.Classify(words, lang) {
		if flow, ok := strings.CutPrefix(s.Class, desk.KindFlow+":"); ok {
			list = append(list, assist.Wish{Flow: flow, Confidence: s.Confidence})
		} else if s.Class == nlu.ClassHuman {
			human = s.Confidence
		}
	}
	return list, human, nil
}
