package insight

import (
	"math"
	"slices"
	"strings"

	"github.com/parleyhq/parley/kb"
)

// point is a text that can be compared with others of its space.
type point struct {
	terms  []part    // sorted, of length one together
	vector []float32 // of length one; nil: its words alone are compared
}

type part struct {
	text string
	w    float32
}

// space compares texts by their words, each by how few of the texts have it, and
// by their vectors where both have one.
type space struct {
	of    map[string]int // texts that have a term
	texts int
}

// newSpace learns from texts which words tell much.
func newSpace(texts []string) *space {
	s := &space{of: map[string]int{}, texts: len(texts)}
	for _, t := range texts {
		for _, term := range kb.Terms(t) {
			s.of[term.Text]++
		}
	}
	return s
}

// idf keeps a floor: with few texts every word is rare.
func (s *space) idf(term string) float64 {
	return math.Log(1 + (float64(s.texts)+10)/(float64(s.of[term])+1))
}

func (s *space) point(text string, vector []float32) point {
	terms := kb.Terms(text)
	p := point{terms: make([]part, len(terms)), vector: unit(vector)}
	var sum float64
	for i, t := range terms {
		w := float64(t.Weight) * s.idf(t.Text)
		p.terms[i] = part{t.Text, float32(w)}
		sum += w * w
	}
	if sum > 0 {
		for i := range p.terms {
			p.terms[i].w /= float32(math.Sqrt(sum))
		}
	}
	return p
}

func unit(v []float32) []float32 {
	var sum float64
	for _, f := range v {
		sum += float64(f) * float64(f)
	}
	if sum == 0 || math.IsNaN(sum) || math.IsInf(sum, 0) {
		return nil
	}
	out := make([]float32, len(v))
	for i, f := range v {
		out[i] = f / float32(math.Sqrt(sum))
	}
	return out
}

// alike is the likeness of two points, 0 to 1: half by words, half by vectors
// where there are some.
func alike(a, b point) float64 {
	w := a.words(b)
	if a.vector == nil || len(a.vector) != len(b.vector) {
		return w
	}
	var dot float32
	for i, f := range a.vector {
		dot += f * b.vector[i]
	}
	return vectorShare*math.Max(0, float64(dot)) + (1-vectorShare)*w
}

// vectorShare is what vectors count beside words.
const vectorShare = 0.5

// words is the cosine by words.
func (p point) words(b point) float64 {
	var sum float32
	for i, j := 0, 0; i < len(p.terms) && j < len(b.terms); {
		switch c := strings.Compare(p.terms[i].text, b.terms[j].text); {
		case c < 0:
			i++
		case c > 0:
			j++
		default:
			sum += p.terms[i].w * b.terms[j].w
			i, j = i+1, j+1
		}
	}
	return float64(sum)
}

// middle is the mean of points, cut to the terms that weigh most.
func middle(list []point) point {
	if len(list) == 1 {
		return list[0]
	}
	sum := map[string]float32{}
	var vector []float32
	vectors := 0
	for _, p := range list {
		for _, t := range p.terms {
			sum[t.text] += t.w
		}
		if p.vector == nil || vector != nil && len(vector) != len(p.vector) {
			continue
		}
		if vector == nil {
			vector = make([]float32, len(p.vector))
		}
		vectors++
		for i, f := range p.vector {
			vector[i] += f
		}
	}
	out := point{terms: make([]part, 0, len(sum))}
	for text, w := range sum {
		out.terms = append(out.terms, part{text, w})
	}
	slices.SortFunc(out.terms, func(a, b part) int {
		if a.w != b.w {
			if a.w > b.w {
				return -1
			}
			return 1
		}
		return strings.Compare(a.text, b.text)
	})
	out.terms = out.terms[:min(len(out.terms), middleTerms)]
	slices.SortFunc(out.terms, func(a, b part) int { return strings.Compare(a.text, b.text) })
	var norm float64
	for _, t := range out.terms {
		norm += float64(t.w) * float64(t.w)
	}
	for i := range out.terms {
		out.terms[i].w /= float32(math.Sqrt(norm))
	}
	if vectors == len(list) { // else some of its members are known by words alone
		out.vector = unit(vector)
	}
	return out
}

// middleTerms bounds what is kept of a middle.
const middleTerms = 60
