package nlu

import (
	"cmp"
	"math"
	"slices"
)

// opinion is what the parts of a model say of a text, class by class.
type opinion struct {
	net    []float32 // chances
	svm    []float32 // how far inside the class; 1 is far
	energy float64   // log of the sum of the net's exponentials: how much speaks for any class
}

func opinionOf(net, svm []float32) opinion {
	o := opinion{net: net, svm: svm, energy: energyOf(net)}
	softmax(o.net)
	return o
}

func energyOf(scores []float32) float64 {
	top := slices.Max(scores)
	sum := 0.0
	for _, v := range scores {
		sum += math.Exp(float64(v - top))
	}
	return float64(top) + math.Log(sum)
}

// calibration turns an opinion into chances.
type calibration struct {
	net    float64            // weight of the net; the rest is the linear part's
	heat   float64            // of the softmax over the linear part's scores
	right  [signCount]float64 // weights of the signs that the best class is right
	inside [signCount]float64 // and that the text belongs to any class
	direct float64            // confidence from which 97 of 100 were right
	reject float64            // inside that 91 of 100 reached
}

func (c *calibration) numbers() []float64 {
	out := []float64{c.net, c.heat, c.direct, c.reject}
	return append(append(out, c.right[:]...), c.inside[:]...)
}

func (c *calibration) set(v []float64) {
	c.net, c.heat, c.direct, c.reject = v[0], v[1], v[2], v[3]
	copy(c.right[:], v[4:])
	copy(c.inside[:], v[4+signCount:])
}

// mix gives the chances of the classes.
func (c *calibration) mix(o opinion) []float64 {
	out := make([]float64, len(o.svm))
	top := float64(slices.Max(o.svm))
	sum := 0.0
	for i, s := range o.svm {
		out[i] = math.Exp(c.heat * (float64(s) - top))
		sum += out[i]
	}
	for i := range out {
		out[i] = (1-c.net)*out[i]/sum + c.net*float64(o.net[i])
	}
	return out
}

const signCount = 15

type signs [signCount]float64

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
	agree := 0.0
	if bestNet == bestSVM {
		agree = 1
	}
	p := share[top]
	return signs{
		math.Log((p+0.002)/(1.002-p)) / 3,
		math.Log((p+0.002)/(second+0.002)) / 3,
		entropy,
		float64(o.svm[top]),
		float64(o.svm[top]) - first,
		float64(o.net[top]),
		float64(o.net[top]) - runner,
		agree,
		o.energy / 5,
		known, known * known,
		own, own * own,
		1 / float64(1+length),
		1,
	}
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
var prior = [signCount]float64{0.5, 0.5, -0.2, 1, 0.5, 0.5, 0.3, 0.3, 0.2, 1, 1.5, 1, 1, 0, -3}

// fit chooses the mixture by likelihood and the weights by logistic regression.
// The first classes are ranked, the others only take their share.
func (c *calibration) fit(seen []outcome, ranked int) {
	best := math.Inf(1)
	for _, heat := range []float64{2, 3, 4, 5, 6, 8} {
		for _, net := range []float64{0, 0.2, 0.35, 0.5, 0.65, 0.8, 1} {
			try := calibration{heat: heat, net: net}
			loss := 0.0
			for _, o := range seen {
				if o.class >= 0 {
					loss -= o.cost * math.Log(math.Max(try.mix(o.opinion)[o.class], 1e-6))
				}
			}
			if loss < best {
				best, c.heat, c.net = loss, heat, net
			}
		}
	}
	inside, near, far := 0.0, 0.0, 0.0
	for _, o := range seen {
		switch {
		case o.class >= 0:
			inside += o.cost
		case o.classLess:
			near += o.cost
		default:
			far += o.cost
		}
	}
	nearWeight, farWeight := 0.5*inside/math.Max(near, 1), math.Min(1, 0.3*inside/math.Max(far, 1))
	var right, in []sample
	for _, o := range seen {
		share := c.mix(o.opinion)
		top := argmax(share[:ranked])
		s := read(o.opinion, share, top, o.known, o.ownOf(top), len(o.pieces))
		w := o.cost
		switch {
		case o.class >= 0:
			right = append(right, sample{s, o.class == top, w})
			in = append(in, sample{s, true, w})
		case o.classLess:
			right = append(right, sample{s, false, w * nearWeight * 0.3})
			in = append(in, sample{s, false, w * nearWeight})
		default:
			right = append(right, sample{s, false, w * farWeight})
			in = append(in, sample{s, false, w * farWeight})
		}
	}
	c.right = regress(right, prior)
	c.inside = regress(in, prior)
	c.points(right, in)
}

// points picks the thresholds from what was judged.
func (c *calibration) points(right, in []sample) {
	type point struct {
		at    float64
		right bool
	}
	var direct []point
	var inside []float64
	for i, s := range in {
		if s.yes {
			direct = append(direct, point{right[i].signs.chance(c.right), right[i].yes})
			inside = append(inside, s.signs.chance(c.inside))
		}
	}
	slices.SortStableFunc(direct, func(a, b point) int { return cmp.Compare(b.at, a.at) })
	c.direct = 1
	n := 0
	for i, p := range direct {
		if p.right {
			n++
		}
		if float64(n) >= 0.97*float64(i+1) {
			c.direct = p.at
		}
	}
	slices.Sort(inside)
	if len(inside) > 0 {
		c.reject = inside[len(inside)*9/100]
	}
}

// ownOf is the share of the text that the class's examples have spoken of.
func (o *outcome) ownOf(class int) float64 {
	return coverage(o.pieces, func(h uint32) bool {
		i := o.vocab.find(h)
		return i >= 0 && o.words.has(i, class)
	})
}

func argmax(v []float64) int {
	best := 0
	for i := range v {
		if v[i] > v[best] {
			best = i
		}
	}
	return best
}
