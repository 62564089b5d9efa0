package kb

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
)

// What is usual between texts of different articles that have nothing to do with
// each other is a matter of the model: one gives cosines about 0.3, another
// none below 0.7. The shares of a score and the weights of confidence were found
// where mean and spread were within these bounds, as the built-in vectors have
// them.
const (
	leastMean, mostMean     = 0.20, 0.50
	leastSpread, mostSpread = 0.08, 0.15
	manyPairs               = 400 // compared to find out
	fewVectors              = 32  // are too few for it
)

// usual sets cosines right that are on another scale. The zero value leaves them
// as they are.
type usual struct {
	of          int // vectors there were when it was measured
	mean, into  float32
	stretchedBy float32 // 0: nothing is to be set right
}

// right is a cosine on the scale that weights are for.
func (u usual) right(cosine float32) float32 {
	if u.stretchedBy == 0 {
		return cosine
	}
	return min(1, u.into+(cosine-u.mean)*u.stretchedBy)
}

// measure finds out what is usual, from pairs of vectors of different articles.
func (v *vectors) measure() {
	slots := uint32(len(v.owners))
	v.usual = usualOf(v.live, func(i uint32) (float64, bool) {
		a, b := i*7919%slots, (i*104729+slots/2)%slots
		return v.between(a, b), v.used[a] && v.used[b] && v.owners[a] != v.owners[b]
	})
}

// usualOf is what is usual among pairs of vectors.
func usualOf(vectors int, pair func(i uint32) (cosine float64, ok bool)) usual {
	u := usual{of: vectors}
	if vectors < fewVectors {
		return u
	}
	var n, sum, squares float64
	for i := range uint32(manyPairs) {
		if c, ok := pair(i); ok {
			n, sum, squares = n+1, sum+c, squares+c*c
		}
	}
	if n < fewVectors {
		return u
	}
	mean := sum / n
	spread := math.Sqrt(math.Max(1e-6, squares/n-mean*mean))
	into := min(max(mean, leastMean), mostMean)
	stretch := min(max(spread, leastSpread), mostSpread) / spread
	if into != mean || stretch != 1 {
		u.mean, u.into, u.stretchedBy = float32(mean), float32(into), float32(stretch)
	}
	return u
}

// between is the cosine of two vectors.
func (v *vectors) between(a, b uint32) float64 {
	x, y := v.at(a), v.at(b)
	var sum int64
	for i := range x {
		sum += int64(x[i]) * int64(y[i])
	}
	return float64(sum) * float64(v.scales[a]) * float64(v.scales[b])
}

// measureFar finds out what is usual among vectors that are in the database
// alone, from a text each of some articles.
func (l *Library) measureFar(ctx context.Context) error {
	texts := l.Index.someTexts(manyPairs)
	have, err := l.Store.Embeddings(ctx, l.Embedder.Model(), hashesOf(texts))
	if err != nil {
		return fmt.Errorf("read some vectors: %w", err)
	}
	var units [][]float32
	for _, hash := range slices.Sorted(maps.Keys(have)) {
		if unit, ok := normalise(have[hash]); ok {
			units = append(units, unit)
		}
	}
	n := uint32(len(units))
	u := usualOf(len(units), func(i uint32) (float64, bool) {
		a, b := i%n, (i*104729+n/2)%n
		var sum float64
		for j, f := range units[a] {
			sum += float64(f) * float64(units[b][j])
		}
		return sum, a != b
	})
	l.Index.mu.Lock()
	defer l.Index.mu.Unlock()
	l.Index.vectors.usual = u
	return nil
}

// someTexts are up to n texts of articles, each of another one.
func (x *Index) someTexts(n int) []string {
	ids := x.IDs()
	slices.Sort(ids)
	var out []string
	x.mu.RLock()
	defer x.mu.RUnlock()
	for i := 0; i < len(ids); i += max(1, len(ids)/n) {
		if e := x.entry(ids[i]); e != nil {
			texts := Texts(e.article)
			out = append(out, texts[i%len(texts)])
		}
	}
	return out
}
