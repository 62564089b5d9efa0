package nlu

import (
	"maps"
	"slices"
	"strings"

	"github.com/parleyhq/parley/bot"
	"github.com/parleyhq/parley/desk"
)

type nameAt struct {
	from, to int
	value    string
}

// typed claims what parses as the slot's type or names one of its choices.
func (s *scene) typed(f *fillFlow, slot *fillSlot, options func(bot.Slot, bool) Options) {
	if slot.IsFree() || slot.Type == desk.SlotYesNo {
		return
	}
	asked := s.asked(f, slot)
	var found []Entity
	if slot.Type == desk.SlotChoice {
		o := options(slot.Slot, asked)
		o.Choices = slot.choiceList
		found = keep(findChoices(s.p, o), asked)
	} else {
		var ok bool
		if found, ok = s.found[slot.Type]; !ok || slot.Type == desk.SlotPattern || slot.Type == desk.SlotMoney {
			found = Find(slot.Type, s.in.Text, s.in.Lang, options(slot.Slot, true))
			s.found[slot.Type] = found
		}
	}
	for _, e := range found {
		from, to := s.plainSpan(e)
		s.claims = append(s.claims, claim{flow: f.Flow, slot: slot.Slot, value: e.Value, text: e.Text, from: from, to: to, kind: claimWords, weak: e.Weak, misspelt: slot.Type == desk.SlotChoice && !slot.calls(e)})
		if !e.Weak || slot.Type == desk.SlotNumber {
			for i, t := range s.toks {
				if t.from >= from && t.to <= to {
					s.covered[i] = true
				}
			}
		}
	}
}

// named claims known names, what was proposed and is named now, and stretches
// of words that are nothing else.
func (s *scene) named(f *fillFlow, slot *fillSlot, flows []fillFlow, known map[string]nameAt, stretches [][2]int) {
	if at, ok := known[slot.Name]; ok {
		s.words(f, slot, at.from, at.to, at.value, claimName, false)
	}
	named := ""
	for _, list := range [][]bot.Proposal{s.in.Proposed, s.in.Heard} {
		for _, p := range list {
			if p.Value == "" || named == p.Value || !s.isName(p, flows) {
				continue
			}
			named = p.Value
			if at := s.mentions(p.Value); at.share > 0 {
				s.words(f, slot, at.from, at.to, p.Value, claimProposed, at.share < 0.6)
				s.claims[len(s.claims)-1].foreign = isNameSlot(p.Slot) && (p.Flow != f.Name && isNameSlot(slot.Name) || len(slot.of) > 0 && !slot.of[p.Flow])
			}
		}
	}
	for _, at := range stretches {
		from, to := s.trimmed(slot, at[0], at[1])
		s.words(f, slot, from, to, "", claimStretch, false)
	}
}

// trimmed leaves the slot's own words out at the edges of a stretch, of slots
// whose values say of what kind something is: "Indian food".
func (s *scene) trimmed(slot *fillSlot, from, to int) (int, int) {
	if !slot.kind {
		return from, to
	}
	cues, a, b := s.cues(slot), from, to
	for a < b && cues[a] {
		a++
	}
	for b > a && cues[b-1] {
		b--
	}
	if a == b {
		return from, to
	}
	return a, b
}

// isName reports whether what was proposed is a value of words: a name that
// another slot could have, too.
func (s *scene) isName(p bot.Proposal, flows []fillFlow) bool {
	for i := range flows {
		if flows[i].Name == p.Flow {
			return flows[i].free(p.Slot)
		}
	}
	return false
}

// otherFlows claims the names that another flow knows where that flow is
// spoken of: "to the hotel".
func (s *scene) otherFlows(f *fillFlow, slot *fillSlot, flows []fillFlow) {
	for i := range flows {
		g := &flows[i]
		if g.Name == f.Name {
			continue
		}
		at := -1
		for k, t := range s.toks {
			if g.words[stem(t.s)] {
				at = k
			}
		}
		if at < 0 {
			continue
		}
		know := s.in.Elsewhere[g.Name]
		if s.in.Active == g.Name {
			know = s.in.Slots
		}
		said := false
		for j := range g.slots {
			if v := know[g.slots[j].Name]; v != "" && g.slots[j].IsFree() {
				s.words(f, slot, at, at+1, v, claimCarried, false)
				said = true
			}
		}
		for _, list := range [][]bot.Proposal{s.in.Proposed, s.in.Heard} {
			for _, p := range list {
				if !said && p.Flow == g.Name && p.Kind != bot.ProposalDenial && g.free(p.Slot) {
					s.words(f, slot, at, at+1, p.Value, claimCarried, true)
					said = true
				}
			}
		}
	}
}

// nameMention is where a name stands in the utterance, and how much of it.
type nameMention struct {
	from, to int
	share    float64
}

// mentions finds the longest run of a name's tokens in the utterance; share 0
// is nothing that tells.
func (s *scene) mentions(name string) nameMention {
	if m, ok := s.mentioned[name]; ok {
		return m
	}
	m := s.mention(name)
	s.mentioned[name] = m
	return m
}

func (s *scene) mention(name string) nameMention {
	ts := fillTokens(newPlain(name).s)
	if len(ts) > maxName {
		return nameMention{}
	}
	var m nameMention
	best, total := 0, 0
	weight := func(t fillToken) int {
		if commonWords[t.s] || len(t.s) == 1 {
			return 0
		}
		return len(t.s)
	}
	for _, t := range ts {
		total += weight(t)
	}
	for i := range s.toks {
		for j := range ts {
			w, l := 0, 0
			for i+l < len(s.toks) && j+l < len(ts) && s.toks[i+l].hash == ts[j+l].hash {
				w += weight(s.toks[i+l])
				l++
			}
			if w > best {
				best, m.from, m.to = w, i, i+l
			}
		}
	}
	if best < 4 || total == 0 {
		return nameMention{}
	}
	m.share = float64(best) / float64(total)
	return m
}

// fromContext claims what was proposed, and what other flows know.
func (s *scene) fromContext(f *fillFlow, slot *fillSlot) {
	for _, p := range s.in.Proposed {
		if p.Flow == f.Name && p.Slot == slot.Name && p.Value != "" {
			s.claims = append(s.claims, claim{flow: f.Flow, slot: slot.Slot, value: p.Value, kind: claimProposed, text: string(p.Kind)})
		}
	}
	carry := func(flow, from, value string) {
		if flow != f.Name && s.same && (strings.Contains(from, slot.Name) || strings.Contains(slot.Name, from)) {
			s.claims = append(s.claims, claim{flow: f.Flow, slot: slot.Slot, value: value, kind: claimCarried, text: from})
		}
	}
	for _, flow := range slices.Sorted(maps.Keys(s.in.Elsewhere)) {
		for _, name := range slices.Sorted(maps.Keys(s.in.Elsewhere[flow])) {
			carry(flow, name, s.in.Elsewhere[flow][name])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.in.Slots)) {
		carry(s.in.Active, name, s.in.Slots[name])
	}
}

// maxClosed is how many choices a slot may have for one to be meant without
// being named.
const maxClosed = 12

// meant claims choices that no word names, yes and no of a slot that is named,
// and that it does not matter.
func (s *scene) meant(f *fillFlow, slot *fillSlot) {
	asked := s.asked(f, slot)
	add := func(value string, kind claimKind) {
		s.claims = append(s.claims, claim{flow: f.Flow, slot: slot.Slot, value: value, kind: kind})
	}
	learned := s.filler.weights != nil
	if slot.Any && (s.any || asked && len(s.toks) <= 12 || learned && s.heldBy(f, slot.Name) != "") {
		add(bot.AnyValue, claimAny)
	}
	switch {
	case slot.Type == desk.SlotYesNo:
		from, to := s.wordOf(slot)
		if from < 0 && !asked && !(learned && s.filler.closed[slot.Name]) {
			return
		}
		for _, v := range []string{"yes", "no"} {
			if from >= 0 {
				s.words(f, slot, from, to, v, claimMeant, v == "no")
			}
			if asked || from < 0 {
				add(v, claimMeant)
			}
		}
	case slot.Type == desk.SlotChoice && learned && len(slot.Choices) <= maxClosed && !s.isNamed(f, slot):
		for _, c := range slot.Choices {
			add(c.Value, claimMeant)
		}
	}
}

// isNamed reports whether one of the slot's choices is named.
func (s *scene) isNamed(f *fillFlow, slot *fillSlot) bool {
	for i := range s.claims {
		if c := &s.claims[i]; c.kind == claimWords && !c.weak && c.slot.Name == slot.Name && c.flow.Name == f.Name {
			return true
		}
	}
	return false
}
