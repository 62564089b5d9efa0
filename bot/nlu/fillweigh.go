package nlu

import (
	"regexp"
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

// takesRE finds words that take what was offered.
var takesRE = regexp.MustCompile(`\b(?:book|reserve|that one|this one|that (?:sounds|works|is|will|would)|that's|sounds (?:good|great|fine|nice|perfect)|works for me|i'll take|i will take|go with|i like|perfect|great|first one|let's do|buy|get me|good choice|exactly)\b|就这|这家|这个|可以|就它|就去|订这|选这`)

// thisRE finds words that only point at what was offered.
var thisRE = regexp.MustCompile(`这家|这个|\b(?:this|that) one\b`)

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
	for i := range f.slots {
		o := &f.slots[i]
		if o.Name != slot.Name && s.rivals(c, slot, o) {
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
	cue := b2u(near.left) + 2*b2u(near.right) + 4*b2u(near.rival) + 8*b2u(near.rivalRight)
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

// rivals reports whether the words of a claim could fill the other slot of its
// flow as well.
func (s *scene) rivals(c *claim, slot, o *fillSlot) bool {
	if slot.Type != desk.SlotChoice || o.Type != desk.SlotChoice {
		return o.Type == slot.Type || o.IsFree() && slot.IsFree()
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

// thumb is what rules of thumb make of a claim, as log odds.
func (s *scene) thumb(c *claim, f *fillFlow, slot *fillSlot, rel, here uint32, spoken, elsewhere bool, near around, whole bool) float32 {
	w := float32(0)
	asked := rel == 1 || rel == 5
	switch c.kind {
	case claimWords, claimName:
		w = -0.5
		switch {
		case slot.Type == desk.SlotNumber && near.rivalUnit:
			w = -4 // "2 nights" are not two people
		case slot.Type == desk.SlotNumber && (near.unit || slot.words["people"] && s.forSome(c)):
			w = 2.5
		case asked && (whole || !near.rival):
			w = 2.5
		case slot.Type == desk.SlotNumber && !near.left && !near.right:
			w = -3
		case near.rival && !near.left || near.rivalRight && !near.right && !near.left:
			w = -2
		case near.left || near.right:
			w = 2
		case slot.typePeers == 1 && !c.weak || slot.Type == desk.SlotChoice && !c.weak:
			w = 1.2
		}
		if c.weak && !asked {
			w -= 2
		}
		if c.misspelt && !asked {
			w--
		}
		if slot.Type == desk.SlotChoice && !asked && !near.left && s.callsFlow(c, f) {
			w -= 2 // "a hotel", where hotels are what the flow is about
		}
	case claimStretch:
		w = -3
		switch {
		case asked && near.rival && !near.left:
		case asked:
			w = 1
		case near.kind:
			w = 0.8
		case near.rival || near.rivalRight && !near.left:
		case near.left:
			w = 0.6
		}
		if asked && whole {
			w = 2
		}
		if asked && near.left {
			w = 2.3
		}
		if !slot.name {
			w -= 2
		}
	case claimProposed:
		w = s.thumbProposed(c)
	case claimCarried:
		w = -1
		if c.to > 0 && (near.left || s.same) || c.to == 0 && near.anywhere && sameSurelyRE.MatchString(s.p.s) {
			w = 1
		}
	case claimMeant:
		w = -6
		no := slot.Type == desk.SlotYesNo && c.value == "no"
		switch {
		case slot.Type != desk.SlotYesNo:
		case asked && s.yn.value != "":
			w = map[bool]float32{true: 2.5, false: -3}[s.yn.value == c.value]
		case asked && !no && near.anywhere, near.anywhere && !no && (!s.question || s.wish):
			w = 0.8
			if negatedAnywhere.MatchString(s.p.s) {
				w = -1
			}
		case near.anywhere && no && negatedAnywhere.MatchString(s.p.s):
			w = 0.8
		}
	case claimAny:
		w = -4
		switch {
		case asked && s.any:
			w = 2.5
		case near.anywhere && s.in.Asking == nil && anySurelyRE.MatchString(s.p.s):
			w = 0.5
		}
	}
	if s.asks && c.kind != claimWords && !(s.wish && c.kind == claimMeant) {
		w--
	}
	if here == 1 && !asked {
		w -= 1.5
		switch {
		case spoken:
			w += 2
		case s.wish && s.sole(c):
			w++
		}
	}
	if here == 0 && elsewhere && !spoken {
		w -= 0.5
	}
	return w
}

// forSomeRE finds the end of "a table for", someRE what may follow its number.
var (
	forSomeRE = regexp.MustCompile(`\b(?:table|book|it|reservation|reserve|room|seats?|tickets?|places?|party)(?: \w+)? (?:for|of) $`)
	someRE    = regexp.MustCompile(`^ ?(?:$|[,.?!]|(?:at|on|in|from|for|please|this|there|tonight|tomorrow|and|people|of|under|around|next)\b)`)
)

// forSome reports whether a claim is a number of people that nothing names:
// "a table for six".
func (s *scene) forSome(c *claim) bool {
	return forSomeRE.MatchString(s.p.s[:c.from]) && someRE.MatchString(s.p.s[c.to:])
}

// sole reports whether a claim's words name a choice, or a question of yes and
// no, that no other flow has.
func (s *scene) sole(c *claim) bool {
	if c.to == 0 || (c.kind != claimWords || c.slot.Type != desk.SlotChoice) && c.kind != claimMeant {
		return false
	}
	return !slices.ContainsFunc(s.claims, func(d claim) bool {
		return d.kind == c.kind && d.flow.Name != c.flow.Name && d.from < c.to && c.from < d.to
	})
}

// callsFlow reports whether the claim's words are those for the flow itself.
func (s *scene) callsFlow(c *claim, f *fillFlow) bool {
	words := strings.Fields(s.p.s[c.from:c.to])
	return len(words) == 1 && f.words[stem(words[0])]
}

var negatedAnywhere = regexp.MustCompile(`\b(?:no|not|without|don't|dont|doesn't|do not|does not|isn't)\b|不|没`)

// thumbProposed is thumb for what was proposed.
func (s *scene) thumbProposed(c *claim) float32 {
	if c.to > 0 {
		switch {
		case c.foreign:
			return -3
		case c.weak:
			return -0.5
		}
		return 1.5
	}
	yes := s.yn.value == "yes"
	switch bot.ProposalKind(c.text) {
	case bot.ProposalConfirm:
		if yes && s.yn.rest == "" {
			return 3
		}
		if yes {
			return 2
		}
	case bot.ProposalOffer:
		if s.asks && !yes && thisRE.MatchString(s.p.s) && !takesRE.MatchString(thisRE.ReplaceAllString(s.p.s, "")) {
			return -4 // it is asked about, not taken
		}
		if s.yn.value != "no" && (yes || takesRE.MatchString(s.p.s)) && !anotherRE.MatchString(s.p.s) {
			return 1.5
		}
	}
	return -4
}

// anotherRE finds the wish for something else than was offered.
var anotherRE = regexp.MustCompile(`\b(?:another|other|else|different|more options|anything else|any others?)\b|别的|其他|换一|还有`)

func b2u(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}
