package kb

import (
	"context"
	"math"

	"github.com/parleyhq/parley/desk"
)

// NearestTexts is what a search by vectors alone finds for a customer who
// speaks English, best first, wherever the vectors are.
func (l *Library) NearestTexts(ctx context.Context, vector []float32) ([]Neighbour, error) {
	q := Question{Lang: desk.English}.ready()
	if l.far {
		return l.Near.Nearest(ctx, l.Embedder.Model(), vector, q, candidates)
	}
	l.Index.mu.RLock()
	defer l.Index.mu.RUnlock()
	f := filter{q}
	var out []Neighbour
	for _, n := range l.Index.vectors.nearest(newProbe(vector), candidates, func(o owner) bool { return f.keeps(l.Index.shards[o.lang].entries[o.no]) }) {
		o := l.Index.vectors.owners[n.slot]
		e := l.Index.shards[o.lang].entries[o.no]
		for i, slot := range e.slots {
			if slot == n.slot {
				out = append(out, Neighbour{e.article.ID, e.article.Version, e.texts[i], n.sim})
			}
		}
	}
	return out, nil
}

// Cosine is how alike two vectors are, by every number of them.
func Cosine(a, b []float32) float32 {
	var ab, aa, bb float32
	for i := range a {
		ab += a[i] * b[i]
		aa += a[i] * a[i]
		bb += b[i] * b[i]
	}
	return ab / float32(math.Sqrt(float64(aa)*float64(bb)))
}
