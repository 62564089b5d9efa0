package nlu

import (
	"cmp"
	"slices"

	"github.com/parleyhq/parley/bot"
)

// surelyOther is how likely a value for a second flow in one utterance must be.
const surelyOther = 0.7

// filled reads the values of an utterance as the filler weighs them: those of
// one flow, the active one unless another is clearly meant.
func (r *reading) filled() []bot.Command {
	u := r.u
	sc := u.filler.claimsIn(r.in, "", r.p, u.fillFlows, func(s bot.Slot, asked bool) Options { return u.options(s, r.in, asked) })
	type scored struct {
		c *claim
		p float64
	}
	var likely []scored
	for i := range sc.claims {
		if p := u.filler.chance(&sc.claims[i]); p >= 0.5 {
			likely = append(likely, scored{&sc.claims[i], p})
		}
	}
	slices.SortStableFunc(likely, func(a, b scored) int {
		if c := cmp.Compare(b.p, a.p); c != 0 {
			return c
		}
		return cmp.Compare(b.c.to-b.c.from, a.c.to-a.c.from)
	})
	byFlow := map[string][]scored{}
	worth := map[string]float64{}
	best := ""
next:
	for _, l := range likely {
		name := l.c.flow.Name
		for _, o := range byFlow[name] {
			if o.c.slot.Name == l.c.slot.Name || !o.c.apart(l.c) {
				continue next
			}
		}
		byFlow[name] = append(byFlow[name], l)
		worth[name] += l.p
		if best == "" || worth[name] > worth[best] || worth[name] == worth[best] && name == r.in.Active {
			best = name
		}
	}
	if best == "" {
		return nil
	}
	var out []bot.Command
	if best != r.in.Active {
		out = append(out, bot.Command{Kind: bot.CommandStart, Flow: best, Text: r.in.Text, Confidence: sure})
	}
	taken := byFlow[best]
	for name, others := range byFlow {
		if name == best {
			continue
		}
	other:
		for _, l := range others {
			for _, o := range byFlow[best] {
				if l.p < surelyOther || l.c.to == 0 || l.c.from < o.c.to && o.c.from < l.c.to {
					continue other
				}
			}
			taken = append(taken, l)
		}
	}
	for _, l := range taken {
		c := r.set(l.c.flow.Name, l.c.slot, Entity{Value: l.c.value, Text: cmp.Or(l.c.text, r.in.Text)}, max(l.p, offered))
		if l.c.to == 0 {
			c.Text = r.in.Text
		}
		out = append(out, c)
	}
	return out
}

// withoutValues leaves the values out that were found by other means.
func withoutValues(cmds []bot.Command) []bot.Command {
	return slices.DeleteFunc(cmds, func(c bot.Command) bool { return c.Kind == bot.CommandSet || c.Kind == bot.CommandCorrect })
}
