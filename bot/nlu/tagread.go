package nlu

import (
	"slices"
	"strings"

	"github.com/parleyhq/parley/bot"
)

// tagSure is the confidence from which what the tagger found fills a slot.
const tagSure = 0.7

// tagged finds, by what stands around them, the values of the flow's slots that
// any words could fill: text and addresses. A flow without marked examples has
// none.
func (r *reading) tagged(f Flow) map[string]Entity {
	if r.u.tagger == nil || !slices.Contains(r.u.tagger.intents, f.Name) {
		return nil
	}
	places := Tokens(r.main.orig)
	tokens := make([]string, len(places))
	for i, t := range places {
		tokens[i] = t.Text
	}
	out := map[string]Entity{}
	twice := map[string]bool{}
	for _, s := range r.u.tagger.Tag(tokens, f.Name) {
		slot, ok := slotOf(f, s.Slot)
		if !ok || !slot.IsFree() || slot.Sensitive || s.Confidence < tagSure {
			continue
		}
		if _, again := out[s.Slot]; again {
			twice[s.Slot] = true
		}
		from, to := places[s.From].Start, places[s.To-1].End
		text := strings.Trim(r.main.orig[from:to], " \t\r\n.,;。，；")
		if text != "" {
			out[s.Slot] = Entity{Value: text, Text: text, Start: from, End: to}
		}
	}
	for name := range twice {
		delete(out, name) // which of them is meant nobody knows
	}
	return out
}

func slotOf(f Flow, name string) (bot.Slot, bool) {
	for _, s := range f.Slots {
		if s.Name == name {
			return s, true
		}
	}
	return bot.Slot{}, false
}

// taggedAnswer is the value for the slot that is asked, where it stands in a
// sentence that says more, with what else the sentence gives.
func (r *reading) taggedAnswer(s bot.Slot) []bot.Command {
	e, ok := r.tagged(r.activeFlow())[s.Name]
	if !ok {
		return nil
	}
	out := []bot.Command{r.set(r.in.Asking.Flow, s, e, fitting)}
	for _, v := range r.volunteered(r.activeFlow(), e) {
		if v.Slot != s.Name {
			out = append(out, v)
		}
	}
	return out
}
