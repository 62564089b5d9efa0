package nlu

import (
	"regexp"
	"slices"
	"strings"

	"github.com/parleyhq/parley/bot"
	"github.com/parleyhq/parley/desk"
)

// takesRE finds words that take what was offered.
var takesRE = regexp.MustCompile(`\b(?:book|reserve|that one|this one|that (?:sounds|works|is|will|would)|that's|sounds (?:good|great|fine|nice|perfect)|works for me|i'll take|i will take|go with|i like|perfect|great|first one|let's do|buy|get me|good choice|exactly)\b|就这|这家|这个|可以|就它|就去|订这|选这`)

// thisRE finds words that only point at what was offered.
var thisRE = regexp.MustCompile(`这家|这个|\b(?:this|that) one\b`)

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
