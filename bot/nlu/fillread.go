package nlu

import (
	"cmp"
	"maps"
	"slices"

	"github.com/parleyhq/parley/bot"
	"github.com/parleyhq/parley/desk"
)

// surelyOther is how likely a value for a second flow in one utterance must be.
const surelyOther = 0.7

// maxBareName is how many words a name has that is said without its slot.
const maxBareName = 4

// filled reads the values of an utterance as the filler weighs them: those of
// one flow, the active one unless another is clearly meant.
func (r *reading) filled(flow string) []filling {
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
	if flow != "" {
		best = flow
	}
	taken := byFlow[best]
	for _, name := range slices.Sorted(maps.Keys(byFlow)) {
		if name == best {
			continue
		}
	other:
		for _, l := range byFlow[name] {
			if l.p < surelyOther || l.c.to == 0 || !r.open(sc, l.c) {
				continue
			}
			for _, o := range byFlow[best] {
				if l.c.from < o.c.to && o.c.from < l.c.to {
					continue other
				}
			}
			taken = append(taken, l)
		}
	}
	var out []filling
	for _, l := range taken {
		f, _ := sc.owner(l.c, u.fillFlows)
		spoken, _ := sc.spoken(f, u.fillFlows)
		out = append(out, filling{l.c, l.p, spoken})
	}
	return out
}

// open reports whether values of a flow beside the one that is spoken of may be
// meant: it is under way, or words speak for it and the filler has learned.
func (r *reading) open(sc *scene, c *claim) bool {
	f, _ := sc.owner(c, r.u.fillFlows)
	spoken, _ := sc.spoken(f, r.u.fillFlows)
	return c.flow.Name == r.in.Active || spoken && (r.u.filler.weights != nil || len(r.in.Elsewhere[c.flow.Name]) > 0)
}

// filling is a claim that is taken.
type filling struct {
	c      *claim
	p      float64
	spoken bool // words speak for its flow
}

// exact reports whether the words themselves say the value.
func (f filling) exact() bool {
	return !f.c.weak && !f.c.misspelt && (f.c.kind == claimWords || f.c.kind == claimName || f.c.kind == claimProposed && f.c.to > 0)
}

// together joins what is unmistakable with the values that the filler sees.
func (r *reading) together(base []bot.Command) []bot.Command {
	kind := bot.CommandNone
	if len(base) > 0 {
		kind = base[0].Kind
	}
	flow := ""
	learned := r.u.filler.weights != nil
	if kind == bot.CommandStart && !learned {
		flow = base[0].Flow
	}
	found := r.filled(flow)
	if learned && (kind == bot.CommandSet || kind == bot.CommandCorrect || kind == bot.CommandStart) {
		if len(found) == 0 {
			return withoutValues(base)
		}
		return r.commandsOf(found, nil)
	}
	if len(found) == 0 {
		return base
	}
	if kind == bot.CommandNone && len(base) > 0 && r.in.Asking != nil && r.in.Asking.Slot.Type == desk.SlotChoice && !learned {
		found = slices.DeleteFunc(found, func(f filling) bool { // two values were named for it
			return f.c.kind == claimWords && f.c.slot.Name == r.in.Asking.Slot.Name && f.c.flow.Name == r.in.Asking.Flow
		})
		if len(found) == 0 {
			return base
		}
	}
	switch kind {
	case bot.CommandSet, bot.CommandCorrect, bot.CommandStart:
		if r.in.Asking != nil && holdsName(r.in.Asking.Slot) && len(contentWords(r.main.s)) > maxBareName {
			base = slices.DeleteFunc(base, func(c bot.Command) bool { return c.Confidence == wordsOnly }) // a sentence that says something else
			if len(base) == 0 {
				return r.commandsOf(found, nil)
			}
		}
		return r.commandsOf(found, base)
	case bot.CommandNone, bot.CommandClarify, bot.CommandRepeat, bot.CommandAnswer:
		if steers(r.main) != "" && !agrees(found) || kind == bot.CommandAnswer && r.top().Class == ClassAnswer && r.top().Confidence >= r.u.clarify {
			return base
		}
	default:
		if !agrees(found) {
			return base
		}
	}
	if !r.active && !learned && !r.maybegin(found) {
		return base
	}
	return r.commandsOf(found, nil)
}

// agrees reports whether a proposal is taken, or a slot left open.
func agrees(found []filling) bool {
	for _, f := range found {
		if f.c.kind == claimProposed || f.c.kind == claimAny {
			return true
		}
	}
	return false
}

// maybegin reports whether values may begin a flow of which the model is not
// sure: it is the only one, or it is spoken of.
func (r *reading) maybegin(found []filling) bool {
	for _, f := range found {
		if f.exact() && (len(r.u.flows) == 1 || f.spoken) {
			return true
		}
	}
	return false
}

// commandsOf are the commands for what was found, beside those of base.
func (r *reading) commandsOf(found []filling, base []bot.Command) []bot.Command {
	out := base
	about := r.in.Active
	if len(base) > 0 && base[0].Kind == bot.CommandStart {
		about = base[0].Flow
	}
	if len(base) == 0 && found[0].c.flow.Name != r.in.Active {
		about = found[0].c.flow.Name
		out = append(out, bot.Command{Kind: bot.CommandStart, Flow: about, Text: r.in.Text, Confidence: sure})
	}
next:
	for _, l := range found {
		c := r.set(l.c.flow.Name, l.c.slot, Entity{Value: l.c.value, Text: cmp.Or(l.c.text, r.in.Text)}, max(l.p, offered))
		if l.c.to == 0 {
			c.Text = r.in.Text
		}
		for i, b := range out {
			if b.Kind != bot.CommandSet && b.Kind != bot.CommandCorrect || b.Slot != c.Slot || cmp.Or(b.Flow, about) != l.c.flow.Name {
				continue
			}
			if b.Confidence == wordsOnly && !(l.c.kind == claimStretch && l.c.slot.Type == desk.SlotAddress) {
				out[i] = c
			}
			continue next
		}
		out = append(out, c)
	}
	return out
}

// withoutValues leaves the values out that were found by other means.
func withoutValues(cmds []bot.Command) []bot.Command {
	return slices.DeleteFunc(cmds, func(c bot.Command) bool { return c.Kind == bot.CommandSet || c.Kind == bot.CommandCorrect })
}
