package nlu

import (
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/parleyhq/parley/bot"
	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/privacy"
)

// mayHoldSecret reports whether the words may be what is asked for in secret: a
// sensitive slot is asked, or is part of the flow and there are digits in them.
func (l *LLM) mayHoldSecret(in bot.Utterance) bool {
	if in.Asking != nil && in.Asking.Slot.Sensitive {
		return true
	}
	secret := func(name string) bool {
		f, ok := l.Fallback.flow(name)
		return ok && slices.ContainsFunc(f.Slots, func(s bot.Slot) bool { return s.Sensitive })
	}
	return (secret(in.Active) || in.Asking != nil && secret(in.Asking.Flow)) && strings.ContainsFunc(in.Text, unicode.IsNumber)
}

// mask hides who speaks and the personal values that the flow knows. What is
// the name of a choice is no secret.
func (l *LLM) mask(in bot.Utterance) *privacy.Mask {
	p := privacy.Person{Names: in.Person.Names, Values: slices.Clone(in.Person.Values)}
	public := map[string]bool{}
	for _, f := range l.Fallback.flows {
		for _, s := range f.Slots {
			for _, c := range choicesOf(s) {
				for _, name := range append(c.Names, c.Value) {
					public[strings.ToLower(name)] = true
				}
			}
			if f.Name == in.Active && personal(s) {
				p.Values = append(p.Values, in.Slots[s.Name])
			}
		}
	}
	p.Values = slices.DeleteFunc(p.Values, func(v string) bool { return len(v) < minKnown || public[strings.ToLower(v)] })
	return &privacy.Mask{Person: p}
}

// minKnown is the length in bytes from which on a known value is looked for:
// what is shorter is in everybody's words.
const minKnown = 3

// personal reports whether the values of a slot say who or where somebody is.
func personal(s bot.Slot) bool {
	switch s.Type {
	case desk.SlotPhone, desk.SlotEmail, desk.SlotAddress, desk.SlotLocation, desk.SlotPattern:
		return true
	case desk.SlotText:
		return nameSlot.MatchString(s.Name)
	}
	return false
}

var nameSlot = regexp.MustCompile(`name|recipient|contact|person|passenger|guest|who`)

// fenced is what the flow knows and the customer's text as JSON strings, so that
// nothing in them can end the fence, without personal data.
func fenced(in bot.Utterance, p plain, mask *privacy.Mask) string {
	out := struct {
		Known map[string]string `json:"known,omitempty"`
		Said  string            `json:"customer_said"`
	}{map[string]string{}, mask.Hide(p.orig)}
	for name, v := range in.Slots {
		out.Known[name] = mask.Hide(v)
	}
	b, err := json.Marshal(out)
	if err != nil {
		return "{}" // strings always marshal
	}
	return string(b)
}

// consents reports whether the customer's own words are a yes to the summary. A
// model cannot say yes for him.
func (l *LLM) consents(ctx context.Context, in bot.Utterance) bool {
	return slices.ContainsFunc(l.Fallback.read(ctx, in).commands(), func(c bot.Command) bool { return c.Kind == bot.CommandConfirm })
}
