package nlu

import (
	"math"
	"math/rand/v2"
)

func sqrt32(f float32) float32 { return float32(math.Sqrt(float64(f))) }

// example is a text of which the class is known.
type example struct {
	row     []entry
	class   int
	cost    float64   // how much an error on it counts
	meaning []float32 // its vector; nil for none
}

// placed is the example's vector, if it has one.
func (e example) placed() []placed {
	if e.meaning == nil {
		return nil
	}
	return []placed{{e.meaning, e.class, e.cost}}
}

// entry is a feature by its place in the vocabulary.
type entry struct {
	index  int32
	weight float32
}

// trainSVM fits one L2-loss linear classifier of class against the rest by
// dual coordinate descent (Hsieh et al. 2008) and writes it to w; the return
// value is its bias.
func trainSVM(examples []example, class, features int, w []float64, rng *rand.Rand) float64 {
	const (
		epochs    = 25
		tolerance = 0.05
		bias      = 0.6 // the constant feature
	)
	positives := 0
	for _, e := range examples {
		if e.class == class {
			positives++
		}
	}
	if positives == 0 {
		return -1
	}
	up := math.Min(8, math.Max(1, math.Sqrt(float64(len(examples)-positives)/float64(positives))))
	clear(w[:features])
	b := 0.0
	alpha := make([]float64, len(examples))
	diag := make([]float64, len(examples))
	norm := make([]float64, len(examples))
	order := make([]int, len(examples))
	for i, e := range examples {
		c := e.cost
		if e.class == class {
			c *= up
		}
		diag[i] = 0.5 / c
		norm[i] = bias*bias + diag[i]
		for _, f := range e.row {
			norm[i] += float64(f.weight) * float64(f.weight)
		}
		order[i] = i
	}
	active := len(order) // what lies beyond is far inside and left alone for a while
	bound := math.Inf(1)
	for epoch := 0; epoch < epochs; epoch++ {
		rng.Shuffle(active, func(i, j int) { order[i], order[j] = order[j], order[i] })
		worst := 0.0
		for at := 0; at < active; at++ {
			i := order[at]
			e := &examples[i]
			y := -1.0
			if e.class == class {
				y = 1
			}
			dot := b * bias
			for _, f := range e.row {
				dot += w[f.index] * float64(f.weight)
			}
			g := y*dot - 1 + diag[i]*alpha[i]
			if alpha[i] == 0 {
				if g > bound {
					active--
					order[at], order[active] = order[active], order[at]
					at--
					continue
				}
				if g >= 0 {
					continue
				}
			}
			worst = math.Max(worst, math.Abs(g))
			old := alpha[i]
			alpha[i] = math.Max(old-g/norm[i], 0)
			d := (alpha[i] - old) * y
			b += d * bias
			for _, f := range e.row {
				w[f.index] += d * float64(f.weight)
			}
		}
		bound = math.Max(worst, tolerance)
		if worst < tolerance {
			if active == len(order) {
				break
			}
			active, bound = len(order), math.Inf(1)
		}
	}
	return b * bias
}
