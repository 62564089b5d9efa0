package kb

import (
	"cmp"
	"math"
	"slices"
)

// posting says how often a term is in a unit.
type posting struct {
	unit uint32
	n    float32
}

// field is an inverted index over one kind of unit (questions or passages)
// with one analyser, scored by BM25.
type field struct {
	k1, b    float64
	postings map[string][]posting // each sorted by unit
	sizes    []float32            // by unit; weighted terms in it
	total    float64              // of sizes
	live     int                  // units that are not removed
}

func newField(k1, b float64) *field {
	return &field{k1: k1, b: b, postings: map[string][]posting{}}
}

// bag is the terms of a unit, counted. It is how a unit is added, and must be
// given again to remove it.
type bag []bagged

type bagged struct {
	text   string
	n      float32
	weight float32 // of the analyser; the largest seen
}

// count makes a bag of terms.
func count(terms []term) bag {
	if len(terms) == 0 {
		return nil
	}
	slices.SortFunc(terms, func(a, b term) int { return cmp.Compare(a.Text, b.Text) })
	out := make(bag, 0, len(terms))
	for _, t := range terms {
		if k := len(out) - 1; k >= 0 && out[k].text == t.Text {
			out[k].n++
			out[k].weight = max(out[k].weight, t.Weight)
			continue
		}
		out = append(out, bagged{t.Text, 1, t.Weight})
	}
	return out
}

// without is the bag less the terms of another.
func (b bag) without(other bag) bag {
	out := make(bag, 0, len(b))
	for _, t := range b {
		if !other.has(t.text) {
			out = append(out, t)
		}
	}
	return out
}

func (b bag) size() float32 {
	var s float32
	for _, t := range b {
		s += t.n * t.weight
	}
	return s
}

func (f *field) add(unit uint32, terms bag) {
	for len(f.sizes) <= int(unit) {
		f.sizes = append(f.sizes, 0)
	}
	f.sizes[unit] = terms.size()
	f.total += float64(f.sizes[unit])
	f.live++
	for _, t := range terms {
		list := f.postings[t.text]
		if n := len(list); n == 0 || list[n-1].unit < unit {
			f.postings[t.text] = append(list, posting{unit, t.n})
			continue
		}
		at, _ := findUnit(list, unit)
		f.postings[t.text] = slices.Insert(list, at, posting{unit, t.n})
	}
}

func (f *field) remove(unit uint32, terms bag) {
	f.total -= float64(f.sizes[unit])
	f.sizes[unit] = 0
	f.live--
	for _, t := range terms {
		list := f.postings[t.text]
		at, ok := findUnit(list, unit)
		switch {
		case !ok:
		case len(list) == 1:
			delete(f.postings, t.text)
		default:
			f.postings[t.text] = slices.Delete(list, at, at+1)
		}
	}
}

// has reports whether any unit has the term.
func (f *field) has(text string) bool { return len(f.postings[text]) > 0 }

// idf is high for terms that few units have; the highest is for one that none
// has.
func (f *field) idf(text string) float64 {
	n := float64(len(f.postings[text]))
	return math.Log(1 + (float64(f.live)-n+0.5)/(n+0.5))
}

// score adds the BM25 score of the query to scores, for units that keep lets
// through, and appends those it touched to touched. The terms that tell most come
// first; once most units are touched, the rest only add to these.
func (f *field) score(query bag, most int, keep func(unit uint32) bool, scores []float32, touched []uint32) []uint32 {
	if f.live == 0 {
		return touched
	}
	type told struct {
		list []posting
		w    float32
	}
	terms := make([]told, 0, len(query))
	for _, t := range query {
		if list := f.postings[t.text]; len(list) > 0 {
			terms = append(terms, told{list, float32(f.idf(t.text) * float64(t.weight) * (f.k1 + 1))})
		}
	}
	slices.SortFunc(terms, func(a, b told) int { return cmp.Or(cmp.Compare(b.w, a.w), cmp.Compare(len(a.list), len(b.list))) })
	base, slope := float32(f.k1*(1-f.b)), float32(f.k1*f.b/(f.total/float64(f.live)+1e-9))
	for _, t := range terms {
		full := len(touched) >= most
		if full && len(t.list) > 16*len(touched) {
			for _, u := range touched {
				if i, ok := findUnit(t.list, u); ok {
					n := t.list[i].n
					scores[u] += t.w * n / (n + base + slope*f.sizes[u])
				}
			}
			continue
		}
		for _, p := range t.list {
			if scores[p.unit] == 0 {
				if full || !keep(p.unit) {
					continue
				}
				touched = append(touched, p.unit)
			}
			scores[p.unit] += t.w * p.n / (p.n + base + slope*f.sizes[p.unit])
		}
	}
	return touched
}

func findUnit(list []posting, unit uint32) (int, bool) {
	return slices.BinarySearchFunc(list, unit, func(p posting, u uint32) int { return cmp.Compare(p.unit, u) })
}

// contains reports whether a unit has the term.
func (f *field) contains(unit uint32, text string) bool {
	_, ok := findUnit(f.postings[text], unit)
	return ok
}

// full is about what a unit scores that has every term of the query once.
func (f *field) full(query bag) float64 {
	sum := 0.0
	for _, t := range query {
		sum += f.idf(t.text) * float64(t.weight)
	}
	return sum
}
