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
func (r *reading) filled(flow string) (taken []filling, sc *scene) {
	u := r.u
	sc = u.filler.claimsIn(r.in, "", r.p, u.fillFlows, func(s bot.Slot, asked bool) Options { return u.options(s, r.in, asked) })
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
	chosen := byFlow[best]
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
			chosen = append(chosen, l)
		}
	}
	for _, l := range chosen {
		f, _ := sc.owner(l.c, u.fillFlows)
		spoken, another := sc.spoken(f, u.fillFlows)
		taken = append(taken, filling{l.c, l.p, spoken, !another})
	}
	return taken, sc
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
	alone  bool // they speak for no other
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
	found, sc := r.filled(flow)
	if !learned {
		base = r.undisputed(base, sc, found)
	}
	if learned && (kind == bot.CommandSet || kind == bot.CommandCorrect || kind == bot.CommandStart) {
		if len(found) == 0 {
			return withoutValues(base)
		}
		return r.commandsOf(found, nil)
	}
	if len(found) == 0 {
		return base
	}
	if kind == bot.CommandNone && len(base) > 0 && r.in.Asking != nil && r.in.Asking.Slot.Type == desk.SlotChoice && !learned && r.several(sc) {
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
		if steers(r.main) != "" && !agrees(found) || kind == bot.CommandAnswer && r.top().Class == ClassAnswer && r.top().Confidence >= r.u.clarify && !(sc.wish && !learned && r.maybegin(sc, found)) {
			return base
		}
	default:
		if !agrees(found) {
			return base
		}
	}
	if !r.active && !learned && !r.maybegin(sc, found) {
		return base
	}
	return r.commandsOf(found, nil)
}

// unlikely is a chance below which even the answer to a question is another
// slot's: "I must be there by five" when it was asked when to leave.
const unlikely = 0.2

// undisputed leaves out the values of base whose words the filler sees in
// another slot: volunteered ones where that is likelier, answers where they are
// unlikely.
func (r *reading) undisputed(base []bot.Command, sc *scene, found []filling) []bot.Command {
	disputed := func(b bot.Command) bool {
		for i := range sc.claims {
			c := &sc.claims[i]
			if c.kind != claimWords || c.slot.Name != b.Slot || c.value != b.Value || c.flow.Name != cmp.Or(b.Flow, r.in.Active) {
				continue
			}
			p := r.u.filler.chance(c)
			for _, f := range found {
				if f.p > p && (p < unlikely || b.Confidence <= offered) && f.c.from < c.to && c.from < f.c.to && f.c.slot.Type == c.slot.Type {
					return true
				}
			}
		}
		return false
	}
	return slices.DeleteFunc(base, func(b bot.Command) bool {
		return (b.Kind == bot.CommandSet || b.Kind == bot.CommandCorrect) && disputed(b)
	})
}

// several reports whether two values are likely for the slot that is asked for.
func (r *reading) several(sc *scene) bool {
	value := ""
	for i := range sc.claims {
		c := &sc.claims[i]
		if c.kind != claimWords || c.slot.Name != r.in.Asking.Slot.Name || c.flow.Name != r.in.Asking.Flow || r.u.filler.chance(c) < 0.5 {
			continue
		}
		if value != "" && value != c.value {
			return true
		}
		value = c.value
	}
	return false
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
// sure: it is the only one, it is spoken of, or a wish names what only it has.
func (r *reading) maybegin(sc *scene, found []filling) bool {
	for _, f := range found {
		if f.exact() && (len(r.u.flows) == 1 || f.spoken) || sc.wish && f.alone && sc.sole(f.c) {
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
