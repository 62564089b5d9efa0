package nlu

import (
	"context"
	"math"
	"slices"
)

// calibration turns scores into chances.
type calibration struct {
	heat    float64            // of the softmax over the scores
	weights [signCount]float64 // of the signs that the best class is right; the last is the bias
}

const signCount = 7

func (c *calibration) numbers() []float64 { return append([]float64{c.heat}, c.weights[:]...) }

func (c *calibration) set(v []float64) {
	c.heat = v[0]
	copy(c.weights[:], v[1:])
}

// shares is the softmax of the scores.
func (c *calibration) shares(scores []float64) []float64 {
	out := make([]float64, len(scores))
	top := slices.Max(scores)
	sum := 0.0
	for i, s := range scores {
		out[i] = math.Exp(c.heat * (s - top))
		sum += out[i]
	}
	for i := range out {
		out[i] /= sum
	}
	return out
}

// right is the chance that the best class is right.
func (c *calibration) right(signs [signCount]float64) float64 {
	z := 0.0
	for i, s := range signs {
		z += c.weights[i] * s
	}
	return 1 / (1 + math.Exp(-z))
}

// signs tell whether the best class is right: how far inside it the text lies,
// how far ahead of the second, how sure the softmax is, how much of the text
// is known, and how long it is.
func (m *Model) signs(scores, share []float64, ps []piece) [signCount]float64 {
	first, second, best := math.Inf(-1), math.Inf(-1), 0.0
	for i, s := range scores {
		if s > first {
			first, second, best = s, first, share[i]
		} else if s > second {
			second = s
		}
	}
	if math.IsInf(second, -1) {
		second = -1
	}
	known := coverage(ps, m.known)
	return [signCount]float64{first, first - second, best, known, known * known, 1 / float64(1+len(ps)), 1}
}

// prior is where the weights are drawn to when there is little to learn from:
// a text must lie inside its class and speak of known things.
var prior = [signCount]float64{2.5, 1.0, 1.0, 2.5, 2.5, 0, -2.5}

// calibrate scores every example by a model that has not seen it, and texts
// that belong to no class by the same models, and fits the calibration to
// both.
func (m *Model) calibrate(ctx context.Context, texts []labelled, examples []example) error {
	folds := 5
	if len(examples) > 3000 {
		folds = 2
	}
	strange := strangers()
	var seen []outcome
	for fold := range folds {
		var train []example
		for i, e := range examples {
			if i%folds != fold {
				train = append(train, e)
			}
		}
		weights, err := fit(ctx, train, len(m.classes), len(m.vocabulary))
		if err != nil {
			return err
		}
		known := knownTo(train, m.vocabulary)
		test := func(ps []piece, fs []feature, class int, cost float64) {
			row := m.row(fs)
			kept := row[:0]
			for _, e := range row {
				if known[e.index] {
					kept = append(kept, e)
				}
			}
			seen = append(seen, outcome{scores: score(weights, kept, len(m.classes)), class: class, cost: cost, pieces: ps,
				known: coverage(ps, func(h uint32) bool {
					i, ok := slices.BinarySearch(m.vocabulary, h)
					return ok && known[i]
				})})
		}
		for i, e := range examples {
			if i%folds == fold {
				test(texts[i].pieces, texts[i].features, e.class, e.cost)
			}
		}
		for i, s := range strange {
			if i%folds == fold {
				test(s.pieces, s.features, -1, 1)
			}
		}
	}
	m.calibration.fit(m, seen)
	return nil
}

// outcome is what a model said of a text it had not seen.
type outcome struct {
	scores []float64
	class  int // the true one; -1 for none
	cost   float64
	known  float64
	pieces []piece
}

func knownTo(train []example, vocabulary []uint32) []bool {
	out := make([]bool, len(vocabulary))
	for _, e := range train {
		for _, f := range e.row {
			out[f.index] = true
		}
	}
	return out
}

// fit chooses the heat by likelihood and the weights by logistic regression,
// drawn to the prior.
func (c *calibration) fit(m *Model, seen []outcome) {
	best := math.Inf(1)
	for _, heat := range []float64{1, 1.5, 2, 2.5, 3, 4, 5, 6} {
		try := calibration{heat: heat}
		loss := 0.0
		for _, o := range seen {
			if o.class >= 0 {
				loss -= o.cost * math.Log(math.Max(try.shares(o.scores)[o.class], 1e-9))
			}
		}
		if loss < best {
			best, c.heat = loss, heat
		}
	}
	type sample struct {
		x    [signCount]float64
		y, w float64
	}
	samples := make([]sample, 0, len(seen))
	good, bad := 0.0, 0.0
	for _, o := range seen {
		x := m.signs(o.scores, c.shares(o.scores), o.pieces)
		x[3], x[4] = o.known, o.known*o.known
		y := 0.0
		if o.class >= 0 && o.scores[o.class] == slices.Max(o.scores) {
			y = 1
			good += o.cost
		} else {
			bad += o.cost
		}
		samples = append(samples, sample{x, y, o.cost})
	}
	c.weights = prior
	const draw, rate = 0.02, 0.3
	for range 400 {
		var grad [signCount]float64
		total := 0.0
		for _, s := range samples {
			w := s.w
			total += w
			d := (c.right(s.x) - s.y) * w
			for i := range grad {
				grad[i] += d * s.x[i]
			}
		}
		for i := range grad {
			c.weights[i] -= rate * (grad[i]/math.Max(total, 1) + draw*(c.weights[i]-prior[i]))
		}
	}
}
