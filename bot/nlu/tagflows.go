package nlu

import (
	"context"
	"slices"
	"strings"

	"github.com/parleyhq/parley/bot"
	"github.com/parleyhq/parley/desk"
)

const (
	maxFlowTagged = tagFew // examples that a definition's tagger learns from
	tagVariants   = 2      // of an example, with other choices
)

// TrainFlowTagger trains a tagger on the examples of a definition that mark
// values, on variants of them with the other values of choices, and on the same
// flows' examples that hold none. It is nil when no example marks a value.
func TrainFlowTagger(ctx context.Context, def bot.Definition) (*Tagger, error) {
	var examples, variants []Tagged
	for _, f := range def.Flows {
		if len(f.Marked) == 0 {
			continue
		}
		marked := map[string]bool{}
		for _, x := range f.Marked {
			marked[x.Text] = true
			examples = append(examples, taggedOf(x, f.Name))
			variants = append(variants, variantsOf(x, f)...)
		}
		for _, lang := range []desk.Lang{desk.English, desk.Chinese} {
			for _, s := range f.Examples[lang] {
				if !marked[s] && !mayHoldFree(s, lang, f) {
					examples = append(examples, taggedOf(bot.Example{Text: s}, f.Name))
				}
			}
		}
	}
	if len(examples) == 0 {
		return nil, nil
	}
	room := max(0, maxFlowTagged-len(examples))
	return TrainTagger(ctx, slices.Concat(examples, spreadTagged(variants, room)))
}

// spreadTagged takes at most n of all, evenly.
func spreadTagged(all []Tagged, n int) []Tagged {
	if len(all) <= n {
		return all
	}
	out := make([]Tagged, 0, n)
	for i := range n {
		out = append(out, all[i*len(all)/n])
	}
	return out
}

// mayHoldFree reports whether rules find, in an example without marks, what the
// tagger is for: it would learn that it is none.
func mayHoldFree(s string, lang desk.Lang, f bot.Flow) bool {
	return slices.ContainsFunc(f.Slots, func(slot bot.Slot) bool {
		return slot.Type == desk.SlotAddress && len(Find(slot.Type, s, lang, Options{})) > 0
	})
}

// taggedOf is the example in tokens. A mark's bounds bound tokens, for the words
// before and after stand apart.
func taggedOf(x bot.Example, intent string) Tagged {
	out := Tagged{Intent: intent}
	at := 0
	add := func(s string) {
		for _, t := range Tokens(s) {
			out.Tokens = append(out.Tokens, t.Text)
		}
	}
	for _, m := range x.Marks {
		add(x.Text[at:m.Start])
		from := len(out.Tokens)
		add(x.Text[m.Start:m.End])
		if len(out.Tokens) > from {
			out.Spans = append(out.Spans, Span{Slot: m.Slot, From: from, To: len(out.Tokens)})
		}
		at = m.End
	}
	add(x.Text[at:])
	return out
}

// variantsOf puts other values of the same choice in the places of those marked,
// in the language of the example.
func variantsOf(x bot.Example, f bot.Flow) []Tagged {
	var out []Tagged
	for k := range tagVariants {
		v := bot.Example{Lang: x.Lang}
		at, changed := 0, false
		var b strings.Builder
		for _, m := range x.Marks {
			b.WriteString(x.Text[at:m.Start])
			value := x.Text[m.Start:m.End]
			if s, ok := f.Slot(m.Slot); ok && s.Type == desk.SlotChoice {
				if names := otherNames(s, x.Lang, value); len(names) > 0 {
					value, changed = names[k*len(names)/tagVariants], true
				}
			}
			start := b.Len()
			b.WriteString(value)
			v.Marks = append(v.Marks, bot.Mark{Slot: m.Slot, Start: start, End: b.Len()})
			at = m.End
		}
		b.WriteString(x.Text[at:])
		v.Text = b.String()
		if changed {
			out = append(out, taggedOf(v, f.Name))
		}
	}
	return out
}

func otherNames(s bot.Slot, lang desk.Lang, but string) []string {
	var out []string
	for _, c := range s.Choices {
		for _, name := range append([]string{c.Title(lang)}, c.Synonyms[lang]...) {
			if name = strings.ToLower(name); name != "" && name != strings.ToLower(but) && !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return out
}
