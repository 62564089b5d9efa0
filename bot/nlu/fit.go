package nlu

import (
	"cmp"
	"math"
	"slices"
)

const (
	earns    = 0.01  // of the likelihood's logarithm: what meaning must better
	mostAsks = 0.6   // share of what belongs to a class, and is new to a fold, of which the meaning may be asked
	asksFull = 0.3   // the same of a large training, of which the folds know nearly as much as the model
	asksOut  = 0.25  // and where meaning only tells better what lies outside
	given    = 0.001 // share of the texts that may be wrong to ask less often
)

// calibrate chooses how the parts are weighed, from what they said of texts
// that they had not seen, and whether and when meaning is asked.
func (m *Model) calibrate(seen []outcome) {
	ranked := m.ranked()
	m.first.parts(seen)
	m.first.weigh(seen, ranked)
	var with []outcome
	for _, o := range seen {
		if o.vec != nil {
			with = append(with, o)
		}
	}
	m.second = m.first
	if m.second.meaning(with) {
		m.second.weigh(with, ranked)
		m.level = m.levelOf(seen)
	}
	if m.level == 0 {
		m.centres = nil
	}
	m.points(seen)
}

// parts chooses the mixture of nets and linear part by likelihood.
func (c *calibration) parts(seen []outcome) {
	best := math.Inf(1)
	for _, heat := range []float64{2, 3, 4, 5, 6, 8} {
		for _, net := range []float64{0, 0.2, 0.35, 0.5, 0.65, 0.8, 1} {
			try := calibration{heat: heat, net: net}
			if loss := try.loss(seen); loss < best {
				best, c.heat, c.net = loss, heat, net
			}
		}
	}
}

// meaning chooses the weight of the centres by likelihood; false when they add
// nothing.
func (c *calibration) meaning(with []outcome) bool {
	before := c.loss(with)
	best := (1 - earns) * before
	try := *c
	for _, try.warmth = range []float64{0.01, 0.02, 0.03, 0.04, 0.06, 0.08, 0.12, 0.16} {
		for _, try.words = range []float64{0.3, 0.5, 0.7, 0.85, 1} {
			if loss := try.loss(with); loss < best {
				best, c.words, c.warmth = loss, try.words, try.warmth
			}
		}
	}
	return c.words > 0
}

// loss is the negative logarithm of the likelihood of the true classes.
func (c *calibration) loss(seen []outcome) float64 {
	sum := 0.0
	for _, o := range seen {
		if o.class >= 0 {
			sum -= o.cost * math.Log(math.Max(c.mix(o.opinion)[o.class], 1e-6))
		}
	}
	return sum
}

// weigh fits the weights of the signs by logistic regression. Of the classes
// the first are ranked, the others only take their share.
func (c *calibration) weigh(seen []outcome, ranked int) {
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
		v := c.judge(o.opinion, ranked, o.spoken)
		w := o.cost
		switch {
		case o.class >= 0:
			right = append(right, sample{v.signs, o.class == v.top, w})
			in = append(in, sample{v.signs, true, w})
		case o.classLess:
			right = append(right, sample{v.signs, false, w * nearWeight * 0.3})
			in = append(in, sample{v.signs, false, w * nearWeight})
		default:
			right = append(right, sample{v.signs, false, w * farWeight})
			in = append(in, sample{v.signs, false, w * farWeight})
		}
	}
	c.right = regress(right, prior)
	c.inside = regress(in, prior)
}

// levelOf is the lowest confidence up to which asking for the meaning still
// makes more right than it makes wrong, but not so high that it is asked of
// most. Where it tells better what lies outside it is not below that of asksOut.
func (m *Model) levelOf(seen []outcome) float64 {
	type point struct {
		at   float64
		gain int // of asking
	}
	var all []point
	words, meaning := 0.0, 0.0 // how badly each tells what lies outside
	for _, o := range seen {
		first := m.first.judge(o.opinion, m.ranked(), o.spoken)
		second := first
		if o.vec != nil {
			second = m.second.judge(o.opinion, m.ranked(), o.spoken)
		}
		words += surprise(first.inside, o.class >= 0)
		meaning += surprise(second.inside, o.class >= 0)
		p := point{at: first.right}
		if o.class < 0 {
			continue
		}
		if o.vec != nil {
			p.gain = int(truth(second.top == o.class) - truth(first.top == o.class))
		}
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b point) int { return cmp.Compare(a.at, b.at) })
	least := 0.0
	if n := int(asksOut * float64(len(all))); n > 0 && meaning < (1-earns)*words {
		least = all[n-1].at
	}
	limit := mostAsks
	if len(all) > 3000 {
		limit = asksFull
	}
	all = all[:int(limit*float64(len(all)))]
	most, sum := 0, 0
	for _, p := range all {
		sum += p.gain
		most = max(most, sum)
	}
	enough := most - int(given*float64(len(seen)))
	sum = 0
	for _, p := range all {
		if sum += p.gain; sum >= enough {
			return math.Nextafter(max(p.at, least), 1)
		}
	}
	return least
}

// surprise is the logarithm of how unlikely it was that something is so.
func surprise(chance float64, so bool) float64 {
	if !so {
		chance = 1 - chance
	}
	return -math.Log(max(chance, 1e-6))
}

// Guess is a confidence, and whether what it spoke for was right.
type Guess struct {
	Confidence float64
	Right      bool
}

// DirectLeast is the lowest confidence that is ever answered directly: what is
// more likely wrong than right is not, however good the surer answers are.
const DirectLeast = 0.5

const directRight = 0.97 // share of direct answers that are to be right

// DirectFrom is the lowest confidence, but not below least, from which 97 of 100
// guesses are right.
func DirectFrom(guesses []Guess, least float64) float64 {
	guesses = slices.Clone(guesses)
	slices.SortStableFunc(guesses, func(a, b Guess) int { return cmp.Compare(b.Confidence, a.Confidence) })
	at, right := 1.0, 0
	for i, g := range guesses {
		if g.Right {
			right++
		}
		if float64(right) >= directRight*float64(i+1) {
			at = g.Confidence
		}
	}
	return max(at, least)
}

// points picks the thresholds from what was judged.
func (m *Model) points(seen []outcome) {
	var direct []Guess
	var inside []float64
	for _, o := range seen {
		if o.class < 0 {
			continue
		}
		v := m.first.judge(o.opinion, m.ranked(), o.spoken)
		if m.asks(v) && o.vec != nil {
			v = m.again(v, o.opinion, o.spoken)
		}
		direct = append(direct, Guess{v.right, v.top == o.class})
		inside = append(inside, v.inside)
	}
	m.direct = DirectFrom(direct, DirectLeast)
	slices.Sort(inside)
	if len(inside) > 0 {
		m.reject = inside[len(inside)*9/100]
	}
}
