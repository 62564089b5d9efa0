package nlu

import "slices"

// gazetteer is the values that the training saw of each slot.
type gazetteer struct {
	phrases map[uint32][]listing
	longest int // tokens
}

// listing says that a phrase is a value of a slot, and in which folds of the
// training it was one: a text must not be told its own values.
type listing struct {
	slot  uint16
	folds uint8
}

// tagFolds is how many parts the training is divided into for the gazetteer.
const tagFolds = 8

// maxPhrase is how many tokens a phrase of the gazetteer has at most.
const maxPhrase = 10

func newGazetteer() *gazetteer { return &gazetteer{phrases: map[uint32][]listing{}} }

func (g *gazetteer) add(words []uint32, slot uint16, fold int) {
	if len(words) == 0 || len(words) > maxPhrase {
		return
	}
	g.longest = max(g.longest, len(words))
	h := join(100, words...)
	for i, l := range g.phrases[h] {
		if l.slot == slot {
			g.phrases[h][i].folds |= 1 << fold
			return
		}
	}
	g.phrases[h] = append(g.phrases[h], listing{slot, 1 << fold})
}

// match gives for each token what phrases it is part of: the slot and whether
// it is the phrase's first, a middle, the last or its only token. Of each slot
// the longest phrase counts.
func (g *gazetteer) match(words []uint32, fold int) [][]uint32 {
	out := make([][]uint32, len(words))
	if g == nil {
		return out
	}
	var not uint8
	if fold >= 0 {
		not = 1 << fold
	}
	taken := map[uint16]int{} // slot: up to which token
	for i := range words {
		for n := min(g.longest, len(words)-i); n > 0; n-- {
			for _, l := range g.phrases[join(100, words[i:i+n]...)] {
				if l.folds&^not == 0 || taken[l.slot] > i {
					continue
				}
				taken[l.slot] = i + n
				for k := range n {
					part := uint32(1)
					switch {
					case n == 1:
						part = 0
					case k == n-1:
						part = 3
					case k > 0:
						part = 2
					}
					out[i+k] = append(out[i+k], join(101, uint32(l.slot), part))
				}
			}
		}
	}
	return out
}

// listValues is the values of the examples' spans. An example's fold is its
// place modulo tagFolds.
func listValues(examples []Tagged, slots []string) *gazetteer {
	g := newGazetteer()
	for i, x := range examples {
		if len(x.Spans) == 0 {
			continue
		}
		r := newTagReader(x.Tokens, "", nil, -1)
		for _, s := range x.Spans {
			k, _ := slices.BinarySearch(slots, s.Slot)
			g.add(r.words[s.From:s.To], uint16(k), i%tagFolds)
		}
	}
	return g
}
