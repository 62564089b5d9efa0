package nlu

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/parleyhq/parley/bot/nlu/lanes"
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

const (
	svmEpochs    = 25
	svmTolerance = 0.05
	svmBias      = 0.6 // the constant feature
)

// trainSVMs fits one L2-loss linear classifier for each class against the rest
// by dual coordinate descent (Hsieh et al. 2008), all of them side by side: an
// example is read once for all classes. The weights of a feature lie together,
// class by class; the last row is the biases.
func trainSVMs(ctx context.Context, examples []example, features, classes int, seed uint64) ([]float32, error) {
	t := newSVMTrainer(examples, features, classes)
	rng := rand.New(rand.NewPCG(seed, 0))
	order := make([]int, len(examples))
	for i := range order {
		order[i] = i
	}
	active := len(order) // what lies beyond has come to rest and is left alone for a while
	for range svmEpochs {
		rng.Shuffle(active, func(i, j int) { order[i], order[j] = order[j], order[i] })
		all, restless := active == len(order), 0
		for at := 0; at < active; at++ {
			if at%512 == 0 && ctx.Err() != nil {
				return nil, ctx.Err()
			}
			i := order[at]
			if t.learn(i) >= svmTolerance {
				restless++
				continue
			}
			active--
			order[at], order[active] = order[active], order[at]
			at--
		}
		if restless*svmRest < len(order) {
			if all {
				break
			}
			active = len(order)
		}
	}
	bias := t.weights[features*classes:]
	for c, n := range t.positives {
		if bias[c] *= svmBias; n == 0 {
			bias[c] = -1
		}
	}
	return t.weights, nil
}

// svmTrainer holds what training needs.
type svmTrainer struct {
	examples  []example
	classes   int
	weights   []float32
	alpha     []float32 // by example, then class
	positives []int     // by class
	norm      []float32 // by example: the square of its length
	up        []float32 // by class: how much more its own examples count
	scores    []float32
	steps     []float32 // by class
	changed   []int
}

func newSVMTrainer(examples []example, features, classes int) *svmTrainer {
	t := &svmTrainer{examples: examples, classes: classes, weights: make([]float32, (features+1)*classes), alpha: make([]float32, len(examples)*classes),
		positives: make([]int, classes), norm: make([]float32, len(examples)), up: make([]float32, classes), scores: make([]float32, classes), steps: make([]float32, classes)}
	for i, e := range examples {
		t.positives[e.class]++
		t.norm[i] = svmBias * svmBias
		for _, f := range e.row {
			t.norm[i] += f.weight * f.weight
		}
	}
	for c, n := range t.positives {
		t.up[c] = min(8, max(1, sqrt32(float32(len(examples)-n)/float32(max(n, 1)))))
	}
	return t
}

// learn takes one step on an example for each class, and gives how far the
// farthest was from where it belongs.
func (t *svmTrainer) learn(at int) (worst float32) {
	e := &t.examples[at]
	clear(t.scores)
	row := func(f int32) []float32 { return t.weights[int(f)*t.classes : (int(f)+1)*t.classes] }
	last := int32(len(t.weights)/t.classes - 1)
	lanes.Add(t.scores, row(last), svmBias)
	for _, f := range e.row {
		lanes.Add(t.scores, row(f.index), f.weight)
	}
	alpha := t.alpha[at*t.classes : (at+1)*t.classes]
	t.changed = t.changed[:0]
	for c, s := range t.scores {
		y, cost := float32(-1), float32(e.cost)
		if c == e.class {
			y, cost = 1, cost*t.up[c]
		} else if t.positives[c] == 0 {
			continue
		}
		slack := 0.5 / cost
		g := y*s - 1 + slack*alpha[c]
		if alpha[c] == 0 && g >= 0 {
			continue
		}
		worst = max(worst, abs32(g))
		old := alpha[c]
		alpha[c] = max(old-g/(t.norm[at]+slack), 0)
		t.steps[c] = (alpha[c] - old) * y
		t.changed = append(t.changed, c)
	}
	if 8*len(t.changed) < t.classes {
		t.few(e, last)
		return worst
	}
	clear(t.scores)
	for _, c := range t.changed {
		t.scores[c] = t.steps[c]
	}
	lanes.Add(row(last), t.scores, svmBias)
	for _, f := range e.row {
		lanes.Add(row(f.index), t.scores, f.weight)
	}
	return worst
}

// few brings the steps of few classes to the weights.
func (t *svmTrainer) few(e *example, last int32) {
	for _, c := range t.changed {
		t.weights[int(last)*t.classes+c] += svmBias * t.steps[c]
	}
	for _, f := range e.row {
		row := t.weights[int(f.index)*t.classes : (int(f.index)+1)*t.classes]
		for _, c := range t.changed {
			row[c] += f.weight * t.steps[c]
		}
	}
}

// svmRest is the part of the examples, one in so many, below which restless
// ones end the training.
const svmRest = 1000
