package nlu

import (
	"regexp"
	"slices"
	"strings"

	"github.com/parleyhq/parley/bot"
	"github.com/parleyhq/parley/desk"
)

var (
	// wishRE finds the wish for something, whatever the form of the sentence.
	wishRE = regexp.MustCompile(`\b(?:recommend|suggest|suggestions?|looking for|look for|to find|find me|help me find|i need|i want|i would like|i'd like)\b|给我推荐|帮我找|帮我查找|想找|想吃|想去|想要|我要`)
	anyRE  = regexp.MustCompile(`\b(?:(?:don't|do not|dont|doesn't|does not|doesnt|didn't) (?:really |actually |much )?(?:care|mind|matter|have (?:a|any) (?:preference|particular|specific))|any(?:thing|where|time|one)?(?: (?:kind|type|sort|area|part|price|day|time|range|food|is|will|would|works?|one))?|no (?:preference|particular|specific|real preference)|whatever|whichever|wherever|either|(?:not|n't) (?:particular|picky|important|matter)|surprise me|up to you|open to)\b|都可以|都行|随便|无所谓|不限|没有?要求|没什么要求|没关系|什么都|哪里都|哪个都|任意|不重要|均可|看着办`)
	// sameRE finds the wish for what was said elsewhere.
	sameRE = regexp.MustCompile(`\b(?:same|also|too|as well|both|again|that (?:day|date|area|price|number)|as before|those)\b|一样|同样|相同|同一|还是|也是|也要|跟刚才|和刚才|之前的|刚才的`)
	// sameSurelyRE and anySurelyRE are those that mean nothing else.
	sameSurelyRE = regexp.MustCompile(`\b(?:same|that (?:day|date|area|price|number) (?:too|as well|again)|as before|as the)\b|一样|同样|相同|同一|跟刚才|和刚才|之前的|刚才的`)
	anySurelyRE  = regexp.MustCompile(`\b(?:(?:don't|do not|dont|doesn't|does not|doesnt) (?:really |actually |much )?(?:care|mind|matter|have (?:a|any) (?:preference|particular|specific))|any (?:kind|type|sort|area|part|price|day|time|range|food|number)|no (?:preference|particular|specific|real preference)|(?:not|n't) (?:particular|picky|important|matter)|open to any)\b|都可以|都行|随便|无所谓|不限|没有?要求|没什么要求|任意|不重要|均可`)
)

// scene is an utterance with everything in it that could be a value.
type scene struct {
	filler   *Filler
	in       bot.Utterance
	p        plain
	toks     []fillToken
	yn       yesNo
	any      bool
	same     bool
	question bool
	asks     bool // for information
	wish     bool // for something to be found, or done
	covered  []bool
	found    map[desk.SlotType][]Entity
	bag      []uint32
	claims   []claim

	mentioned map[string]nameMention
	cued      map[*fillSlot][]bool // of each token: whether it speaks for the slot
}

// claimsIn gathers the claims of an utterance for the flows; talk is the
// conversation that is learned from.
func (f *Filler) claimsIn(in bot.Utterance, talk string, p plain, flows []fillFlow, options func(bot.Slot, bool) Options) *scene {
	s := &scene{filler: f, in: in, p: p, toks: fillTokens(p.s), yn: readYesNo(p), any: anyRE.MatchString(p.s), same: sameRE.MatchString(p.s),
		question: isQuestion(p), asks: asksInfo(p), wish: wishRE.MatchString(p.s), found: map[desk.SlotType][]Entity{}, mentioned: map[string]nameMention{}, cued: map[*fillSlot][]bool{}}
	s.covered = make([]bool, len(s.toks))
	s.bag = bagOf(s.toks)
	for i := range flows {
		for j := range flows[i].slots {
			s.typed(&flows[i], &flows[i].slots[j], options)
		}
	}
	known := map[string]nameAt{}
	s.filler.names.find(s.toks, talk, func(from, to int, o nameOf) {
		if old, ok := known[o.slot]; !ok || to-from > old.to-old.from {
			known[o.slot] = nameAt{from, to, o.value}
		}
	})
	stretches := s.stretches()
	for i := range flows {
		for j := range flows[i].slots {
			slot := &flows[i].slots[j]
			if slot.IsFree() {
				s.named(&flows[i], slot, flows, known, stretches)
				s.otherFlows(&flows[i], slot, flows)
			}
			s.fromContext(&flows[i], slot)
			s.meant(&flows[i], slot)
		}
	}
	for i := range s.claims {
		s.weigh(&s.claims[i], flows)
	}
	return s
}

// plainSpan is where an entity of the original stands in the plain text.
func (s *scene) plainSpan(e Entity) (from, to int) {
	from, to = -1, len(s.p.s)
	for i, at := range s.p.at {
		if from < 0 && at >= e.Start {
			from = i
		}
		if at >= e.End {
			to = i
			break
		}
	}
	return max(from, 0), to
}

func (s *scene) asked(f *fillFlow, slot *fillSlot) bool {
	return s.in.Asking != nil && s.in.Asking.Flow == f.Name && s.in.Asking.Slot.Name == slot.Name
}

// words claims the tokens from to to.
func (s *scene) words(f *fillFlow, slot *fillSlot, from, to int, value string, kind claimKind, weak bool) {
	a, b := s.toks[from].from, s.toks[to-1].to
	_, _, text := s.p.span(a, b)
	if value == "" {
		value = text
	}
	s.claims = append(s.claims, claim{flow: f.Flow, slot: slot.Slot, value: value, text: text, from: a, to: b, kind: kind, weak: weak})
}

// cues are the tokens that speak for the slot.
func (s *scene) cues(slot *fillSlot) []bool {
	if c, ok := s.cued[slot]; ok {
		return c
	}
	out := make([]bool, len(s.toks))
	for i, t := range s.toks {
		out[i] = slot.words[t.s]
	}
	for _, w := range slot.han {
		for at := strings.Index(s.p.s, w); at >= 0; {
			for i, t := range s.toks {
				out[i] = out[i] || t.from >= at && t.to <= at+len(w)
			}
			next := strings.Index(s.p.s[at+len(w):], w)
			if next < 0 {
				break
			}
			at += len(w) + next
		}
	}
	s.cued[slot] = out
	return out
}

// speaksFor reports whether a word of the tokens speaks for the slot.
func (s *scene) speaksFor(slot *fillSlot, from, to int) bool {
	from, to = max(from, 0), min(to, len(s.toks))
	return from < to && slices.Contains(s.cues(slot)[from:to], true)
}

// far is a distance at which a word speaks for nothing any more.
const far = 4

// before is how many tokens before from a word speaks for the slot: 1 for the
// one beside it, far for none near.
func (s *scene) before(slot *fillSlot, from int) int {
	cues := s.cues(slot)
	for d := 1; d < far && from-d >= 0; d++ {
		if from-d < len(cues) && cues[from-d] {
			return d
		}
	}
	return far
}

// wordOf is where the last word stands that speaks for the slot; -1 for nowhere.
func (s *scene) wordOf(slot *fillSlot) (from, to int) {
	from = -1
	for i, t := range s.toks {
		if slot.words[t.s] {
			from, to = i, i+1
		}
	}
	for _, w := range slot.han {
		at := strings.LastIndex(s.p.s, w)
		for i, t := range s.toks {
			if at >= 0 && t.from >= at && t.to <= at+len(w) {
				if t.from == at {
					from = i
				}
				to = i + 1
			}
		}
	}
	return from, to
}
