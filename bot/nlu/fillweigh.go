package nlu

import (
	"slices"
	"strings"

	"github.com/parleyhq/parley/bot"
	"github.com/parleyhq/parley/desk"
)

// mix joins two hashes.
func mix(a, b uint32) uint32 {
	h := (a ^ b*0x9E3779B1) * 0x85EBCA77
	return h ^ h>>15
}

// bagOf is the words of an utterance and their pairs, each once, as hashes.
func bagOf(toks []fillToken) []uint32 {
	out := make([]uint32, 0, 2*len(toks)+1)
	seen := make(map[uint32]bool, 2*len(toks))
	add := func(h uint32) {
		if !seen[h] {
			seen[h] = true
			out = append(out, h)
		}
	}
	last := uint32(1)
	for _, t := range toks {
		add(t.hash)
		add(mix(last, t.hash))
		last = t.hash
	}
	return out
}

// around is what the words around a claim's own speak for: its slot, or a rival
// that the same words could fill. What stands nearer counts.
type around struct{ left, right, rival, rivalRight, unit, rivalUnit, anywhere, kind bool }

// weigh gives a claim its features and what rules of thumb make of it.
func (s *scene) weigh(c *claim, flows []fillFlow) {
	f, slot := s.owner(c, flows)
	rel := uint32(0) // how the question that stands relates to the slot
	switch {
	case s.in.Asking == nil && s.in.Active == "":
		rel = 4
	case s.in.Asking == nil:
		rel = 3
	case s.asked(f, slot):
		rel = 1
	case s.in.Asking.Flow == f.Name:
		rel = 2
	}
	if rel != 1 {
		for _, p := range s.in.Proposed {
			if p.Kind == bot.ProposalAsked && p.Flow == f.Name && p.Slot == slot.Name {
				rel = 5
			}
		}
	}
	here := uint32(1)
	switch s.in.Active {
	case f.Name:
		here = 0
	case "":
		here = 2
	}
	spoken, elsewhere := s.spoken(f, flows)
	flowAt := here*4 + b2u(spoken)*2 + b2u(elsewhere)
	old := s.heldBy(f, c.slot.Name)
	held := uint32(0)
	if old == c.value {
		held = 1
	} else if old != "" {
		held = 2
	}
	kind := uint32(c.kind)*2 + b2u(c.weak)
	if c.kind == claimMeant && slot.Type == desk.SlotYesNo {
		kind += 100 + uint32(len(c.value))
	}
	if c.kind == claimProposed && c.to == 0 {
		kind = hashOf('k', c.text)
	}
	base := make([]uint32, 0, 40)
	add := func(id uint32, parts ...uint32) {
		h := id*2654435761 + 97
		for _, p := range parts {
			h = mix(h, p)
		}
		base = append(base, h)
	}
	add(1, kind)
	add(2, kind, rel)
	add(3, kind, held)
	add(4, kind, flowAt)
	add(5, kind, rel, flowAt)
	add(6, kind, b2u(s.question), b2u(s.asks))
	if c.kind == claimAny || c.kind == claimMeant {
		add(7, kind, hashOf('p', s.proposal(f, slot)), held)
	}
	var near around
	whole := false
	if c.to > 0 {
		near, whole = s.words4(c, f, slot, kind, rel, add)
	} else {
		ynv := uint32(len(s.yn.value))
		add(20, kind, ynv)
		add(21, kind, ynv, rel)
		add(22, kind, min(uint32(len(s.toks)), 12)/3)
		add(23, kind, b2u(takesRE.MatchString(s.p.s)), ynv)
		add(24, kind, b2u(s.any), rel)
		near.anywhere = s.speaksFor(slot, 0, len(s.toks))
		add(25, kind, b2u(near.anywhere), rel)
		add(26, kind, b2u(near.anywhere), b2u(s.any))
	}
	c.features = make([]uint32, 0, 3*len(base)+len(s.bag)*2)
	value := hashOf('v', c.value)
	for _, h := range base {
		c.features = append(c.features, h, mix(h, slot.typ), mix(h, slot.own))
	}
	if slot.Type == desk.SlotChoice || slot.Type == desk.SlotYesNo || c.kind == claimAny || c.kind == claimName {
		v := mix(slot.own, value)
		c.features = append(c.features, mix(v, kind), mix(v, mix(kind, rel)))
	}
	if c.to == 0 {
		v := mix(mix(slot.own, kind), 77)
		if c.kind == claimMeant {
			v = mix(mix(slot.own, value), 78)
		}
		for _, h := range s.bag {
			c.features = append(c.features, mix(v, h))
			if c.kind == claimProposed {
				c.features = append(c.features, mix(mix(kind, 79), h))
			}
		}
	} else {
		v := mix(slot.own, 80+b2u(here != 0))
		for _, t := range s.toks {
			c.features = append(c.features, mix(v, t.hash))
		}
	}
	c.prior = s.thumb(c, f, slot, rel, here, spoken, elsewhere, near, whole)
}

// proposal is how the last message named the slot, if it did.
func (s *scene) proposal(f *fillFlow, slot *fillSlot) string {
	for _, p := range s.in.Proposed {
		if p.Flow == f.Name && p.Slot == slot.Name {
			return string(p.Kind)
		}
	}
	return ""
}

// owner is the prepared flow and slot of a claim.
func (s *scene) owner(c *claim, flows []fillFlow) (*fillFlow, *fillSlot) {
	for i := range flows {
		if flows[i].Name != c.flow.Name {
			continue
		}
		for j := range flows[i].slots {
			if flows[i].slots[j].Name == c.slot.Name {
				return &flows[i], &flows[i].slots[j]
			}
		}
	}
	return nil, nil
}

// heldBy is a slot's value before the utterance.
func (s *scene) heldBy(f *fillFlow, slot string) string {
	if s.in.Active == f.Name {
		return s.in.Slots[slot]
	}
	return s.in.Elsewhere[f.Name][slot]
}

// spoken reports whether words speak for the flow, and for another one.
func (s *scene) spoken(f *fillFlow, flows []fillFlow) (mine, another bool) {
	for i := range flows {
		hit := false
		for _, t := range s.toks {
			if flows[i].words[t.s] || flows[i].words[stem(t.s)] {
				hit = true
				break
			}
		}
		if !hit && hasHan(s.p.s) {
			for w := range flows[i].words {
				hit = hit || hasHan(w) && strings.Contains(s.p.s, w)
			}
		}
		if flows[i].Name == f.Name {
			mine = hit
		} else {
			another = another || hit
		}
	}
	return mine, another
}

// words4 adds what stands around a claim's own words.
func (s *scene) words4(c *claim, f *fillFlow, slot *fillSlot, kind, rel uint32, add func(uint32, ...uint32)) (near around, whole bool) {
	from, to := s.tokenRange(c)
	tok := func(i int) uint32 {
		if i < 0 {
			return 11
		}
		if i >= len(s.toks) {
			return 13
		}
		return s.toks[i].hash
	}
	own, other := s.before(slot, from), far
	near = around{right: s.speaksFor(slot, to, to+2), unit: s.speaksFor(slot, to, to+1), anywhere: s.speaksFor(slot, 0, len(s.toks))}
	first, last, n, order := true, true, 0, uint32(0)
	like, likeRight := false, false // words speak for a slot that is like it, and none for it
	for i := range f.slots {
		o := &f.slots[i]
		if o.Name == slot.Name || o.Type != slot.Type && !(o.IsFree() && slot.IsFree()) {
			continue
		}
		like = like || own == far && s.before(o, from) < far
		likeRight = likeRight || !near.right && s.speaksFor(o, to, to+2)
		if s.rivals(c, slot, o) {
			other = min(other, s.before(o, from))
			near.rivalRight = near.rivalRight || s.speaksFor(o, to, to+2) && !near.right
			near.rivalUnit = near.rivalUnit || s.speaksFor(o, to, to+1) && !near.unit
		}
	}
	near.kind = slot.kind && to < len(s.toks) && f.words[stem(s.toks[to].s)]
	near.left, near.rival = own < far && own <= other, other < own
	for i := range s.claims {
		o := &s.claims[i]
		if o.to > 0 && o.flow.Name == c.flow.Name && o.slot.Name == c.slot.Name && o.kind == c.kind && (o.from != c.from || o.to != c.to) {
			n++
			if o.from < c.from {
				first = false
				order++
			} else {
				last = false
			}
		}
	}
	whole = len(contentWords(s.p.s[:c.from])) == 0 && len(contentWords(s.p.s[c.to:])) == 0
	add(30, kind, tok(from-1))
	add(31, kind, tok(from-1), tok(from-2))
	add(32, kind, tok(to))
	add(33, kind, tok(to), tok(to+1))
	add(34, tok(from-1), tok(to))
	add(35, tok(from-1), rel)
	add(36, tok(to), rel)
	for d := 2; d <= 5; d++ {
		add(37, tok(from-d))
	}
	for d := 1; d <= 3; d++ {
		add(38, tok(to+d))
	}
	add(48, tok(from))
	add(49, tok(to-1))
	for i := from; i < min(to, from+6); i++ {
		add(50, tok(i))
	}
	add(39, tok(from-3), tok(from-2), tok(from-1))
	cue := b2u(own < far) + 2*b2u(near.right) + 4*b2u(like) + 8*b2u(likeRight)
	add(40, kind, cue)
	add(41, cue, rel)
	add(42, kind, cue, rel)
	add(43, kind, min(uint32(n), 3), b2u(first), b2u(last))
	add(44, kind, b2u(whole), rel)
	add(45, kind, min(uint32(to-from), 8))
	add(46, kind, min(uint32(slot.typePeers), 4), rel)
	add(47, kind, b2u(s.capital(from)), rel)
	return near, whole
}

// rivals reports whether the words of a claim could fill another slot like its
// own: choices must have a name in common, unless it is learned what tells them
// apart.
func (s *scene) rivals(c *claim, slot, o *fillSlot) bool {
	if slot.Type != desk.SlotChoice || s.filler.weights != nil {
		return true
	}
	return slices.ContainsFunc(s.claims, func(d claim) bool {
		return d.kind == claimWords && d.flow.Name == c.flow.Name && d.slot.Name == o.Name && d.from < c.to && c.from < d.to
	})
}

func (s *scene) tokenRange(c *claim) (from, to int) {
	from, to = 0, len(s.toks)
	for i, t := range s.toks {
		if t.to <= c.from {
			from = i + 1
		}
		if t.from >= c.to {
			to = i
			break
		}
	}
	return from, max(to, from)
}

func b2u(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}
