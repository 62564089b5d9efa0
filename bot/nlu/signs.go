package nlu

import (
	"math"
	"slices"
)

// signs tell how sure the best class is. The last five speak of a text's
// meaning and are nothing where it has no vector.
type signs [signCount]float64

const (
	signCount   = 21
	meaningSign = 16 // the first of meaning
)

// read gives the signs that tell how sure the best class is; own is the share
// of the text that the best class's examples have spoken of, known that of all.
func read(o opinion, share []float64, top int, known, own float64, length int) signs {
	second, entropy := 0.0, 0.0
	first, runner := -1.0, -1.0 // of the others' linear scores; of the net's
	bestNet, bestSVM := 0, 0
	for i, p := range share {
		if i != top {
			second = max(second, p)
			first = max(first, float64(o.svm[i]))
			runner = max(runner, float64(o.net[i]))
		}
		if p > 1e-9 {
			entropy -= p * math.Log(p)
		}
		if o.net[i] > o.net[bestNet] {
			bestNet = i
		}
		if o.svm[i] > o.svm[bestSVM] {
			bestSVM = i
		}
	}
	p := share[top]
	out := signs{
		math.Log((p+0.002)/(1.002-p)) / 3,
		math.Log((p+0.002)/(second+0.002)) / 3,
		entropy,
		float64(o.svm[top]),
		float64(o.svm[top]) - first,
		float64(o.net[top]),
		float64(o.net[top]) - runner,
		truth(bestNet == bestSVM),
		o.energy / 5,
		known, known * known,
		own, own * own,
		1 / float64(1+length),
		5 * (o.alike(top) - 0.5),
		1,
	}
	if o.vec != nil {
		near := float64(slices.Max(o.near))
		copy(out[meaningSign:], []float64{
			truth(o.vec[top] == slices.Max(o.vec)),
			5 * (float64(o.centre[top]) - 0.5),
			5 * (float64(slices.Max(o.centre)) - 0.5),
			5 * (near - 0.5),
			5 * (near - float64(o.near[top])),
		})
	}
	return out
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func (s signs) chance(weights [signCount]float64) float64 {
	z := 0.0
	for i, v := range s {
		z += weights[i] * v
	}
	return 1 / (1 + math.Exp(-z))
}

// prior is where the weights are drawn to when there is little to learn from:
// a text must lie inside its class and speak of known things.
var prior = [signCount]float64{0.5, 0.5, -0.2, 1, 0.5, 0.5, 0.3, 0.3, 0.2, 1, 1.5, 1, 1, 0, 0, -3, 0.3, 0.2, 0.2, 0.3, -0.2}
