package nlu

import (
	"cmp"
	"slices"
)

// vocabulary knows the features that training has seen.
type vocabulary struct {
	hashes []uint32 // sorted; a feature's place is its index
	slots  []int32  // open addressing: place+1, 0 is empty; a power of two long
}

func newVocabulary(hashes []uint32) vocabulary {
	size := 16
	for size < 2*len(hashes) {
		size *= 2
	}
	v := vocabulary{hashes: hashes, slots: make([]int32, size)}
	for i, h := range hashes {
		at := v.home(h)
		for v.slots[at] != 0 {
			at = (at + 1) & (size - 1)
		}
		v.slots[at] = int32(i) + 1
	}
	return v
}

func (v vocabulary) home(h uint32) int { return int(h*2654435769>>7) & (len(v.slots) - 1) }

// find gives the place of a feature, -1 when it is unknown.
func (v vocabulary) find(h uint32) int32 {
	for at := v.home(h); ; at = (at + 1) & (len(v.slots) - 1) {
		place := v.slots[at] - 1
		if place < 0 || v.hashes[place] == h {
			return place
		}
	}
}

// row finds the places of a text's features. Unknown ones are left out, but
// they have their part in the length: strange words weaken known ones.
func (v vocabulary) row(fs []feature, length float32) []entry {
	out := make([]entry, 0, len(fs))
	for _, f := range fs {
		if i := v.find(f.hash); i >= 0 {
			out = append(out, entry{i, f.weight / length})
		}
	}
	return out
}

// vocabularyOf takes the features of the texts, at most as many as wanted: the
// commonest. Of a large training what only one text has is left out.
func vocabularyOf(texts []labelled, most int) vocabulary {
	const large = 3000
	count := map[uint32]int{}
	for _, x := range texts {
		for _, f := range x.features {
			count[f.hash]++
		}
	}
	out := make([]uint32, 0, len(count))
	for h, n := range count {
		if n > 1 || len(texts) < large {
			out = append(out, h)
		}
	}
	slices.Sort(out)
	if len(out) > most {
		slices.SortStableFunc(out, func(a, b uint32) int { return cmp.Compare(count[b], count[a]) })
		out = out[:most]
		slices.Sort(out)
	}
	return newVocabulary(out)
}

// words says which features each class's examples have.
type words struct {
	classes int
	bits    []uint64
}

func wordsOf(examples []example, features, classes int) words {
	w := words{classes, make([]uint64, (features*classes+63)/64)}
	for _, e := range examples {
		for _, f := range e.row {
			if int(f.index) < features {
				at := int(f.index)*classes + e.class
				w.bits[at/64] |= 1 << (at % 64)
			}
		}
	}
	return w
}

func (w words) has(feature int32, class int) bool {
	at := int(feature)*w.classes + class
	return w.bits[at/64]>>(at%64)&1 == 1
}

// any reports whether an example of one of the first classes has the feature.
func (w words) any(feature int32, classes int) bool {
	for c := range classes {
		if w.has(feature, c) {
			return true
		}
	}
	return false
}
