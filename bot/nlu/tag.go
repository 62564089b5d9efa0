package nlu

import "slices"

// Tagger finds the values of slots in a text by what stands around them: names,
// titles, addresses, whatever no rule can know. It is a linear-chain conditional
// random field over tokens, immutable and safe for use by several goroutines.
type Tagger struct {
	slots   []string // sorted
	intents []string // sorted
	labels  labelSet

	index  map[uint32]int32 // feature hash: its place in from
	from   []uint32         // cells[from[i]:from[i+1]] are the weights of feature i
	cells  []cell
	chain  chain
	listed *gazetteer
	sure   [2]float64 // a chance of the chain with log-odds x is one with sure[0]*x + sure[1]
}

// cell is the weight of a feature for one label.
type cell struct {
	label  uint16
	weight float32
}

// Span is a slot's value in a list of tokens: tokens From to To, To excluded.
type Span struct {
	Slot       string
	From, To   int
	Confidence float64 // the chance that these are the bounds and the slot, 0 to 1
}

// Tagged is an example that a Tagger learns from. Spans do not overlap; their
// Confidence does not count.
type Tagged struct {
	Tokens []string
	Spans  []Span
	Intent string // what the whole text is about; empty when it is not known
}

// Slots lists what the tagger may find.
func (t *Tagger) Slots() []string { return slices.Clone(t.slots) }

// Tag finds the slots' values in the tokens, in their order, none overlapping
// another. Intent is what the text is about, if that is known: one of the
// training's, another counts as none.
func (t *Tagger) Tag(tokens []string, intent string) []Span {
	if len(tokens) == 0 || len(t.slots) == 0 {
		return nil
	}
	l := t.lattice(tokens[:min(len(tokens), maxTokens)], intent)
	path := l.best()
	spans := t.labels.spans(path, t.slots)
	if len(spans) == 0 {
		return nil
	}
	l.forward()
	l.backward()
	for i := range spans {
		spans[i].Confidence = t.calibrated(l.chance(path, spans[i].From, spans[i].To))
	}
	return spans
}

func (t *Tagger) calibrated(p float64) float64 {
	return logistic(t.sure[0]*logOdds(p) + t.sure[1])
}

// lattice scores every label at every token.
func (t *Tagger) lattice(tokens []string, intent string) *lattice {
	n := t.chain.n
	l := &lattice{chain: t.chain, nodes: make([]float32, len(tokens)*n)}
	if _, ok := slices.BinarySearch(t.intents, intent); !ok {
		intent = ""
	}
	r := newTagReader(tokens, intent, t.listed, -1)
	var hashes []uint32
	for i := range tokens {
		row := l.nodes[i*n : (i+1)*n]
		hashes = r.at(i, hashes[:0])
		for _, h := range hashes {
			k, ok := t.index[h]
			if !ok {
				continue
			}
			for _, c := range t.cells[t.from[k]:t.from[k+1]] {
				row[c.label] += c.weight
			}
		}
	}
	return l
}

// labelSet is the labels of some slots: 0 is outside, then two for each slot,
// where its value begins and where it goes on.
type labelSet struct{ slots int }

const outside = 0

func (s labelSet) count() int { return 1 + 2*s.slots }

func begins(slot int) int       { return 1 + 2*slot }
func goesOn(slot int) int       { return 2 + 2*slot }
func isInside(label int) bool   { return label > 0 && label%2 == 0 }
func slotOfLabel(label int) int { return (label - 1) / 2 }
func mayFollow(a, b int) bool   { return !isInside(b) || a == b || a == b-1 }

// labelsOf is the labels of an example.
func (s labelSet) labelsOf(x Tagged, slots []string) []uint16 {
	out := make([]uint16, len(x.Tokens))
	for _, sp := range x.Spans {
		k, _ := slices.BinarySearch(slots, sp.Slot)
		for i := sp.From; i < sp.To; i++ {
			out[i] = uint16(goesOn(k))
			if i == sp.From {
				out[i] = uint16(begins(k))
			}
		}
	}
	return out
}

func (s labelSet) spans(path []uint16, slots []string) []Span {
	var out []Span
	for i, label := range path {
		switch {
		case label == outside:
		case isInside(int(label)):
			out[len(out)-1].To = i + 1
		default:
			out = append(out, Span{Slot: slots[slotOfLabel(int(label))], From: i, To: i + 1})
		}
	}
	return out
}
