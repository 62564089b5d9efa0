package nlu

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/parleyhq/parley/bot/nlu/lanes"
)

// net is a classifier with one layer between the features and the classes.
type net struct {
	features, hidden, classes int
	in                        []float32 // by feature, then hidden unit
	inBias                    []float32
	out                       []float32 // by hidden unit, then class
	outBias                   []float32
}

// schooling is how a net is trained.
type schooling struct {
	hidden     int
	epochs     int
	rate       float32 // of the first epoch; it sinks to nothing
	dropIn     float64 // share of the features left out each time
	dropHidden float64
	spread     float32 // of the first weights
}

// trainNet fits a net to the examples by stochastic gradient descent, one
// example at a time: the same examples and the same seed give the same net.
func trainNet(ctx context.Context, examples []example, features, classes int, s schooling, rng *rand.Rand) (*net, error) {
	n := &net{features: features, hidden: s.hidden, classes: classes,
		in: make([]float32, features*s.hidden), inBias: make([]float32, s.hidden),
		out: make([]float32, s.hidden*classes), outBias: make([]float32, classes)}
	for i := range n.in {
		n.in[i] = s.spread * float32(rng.NormFloat64())
	}
	around := float32(math.Sqrt(1 / float64(s.hidden)))
	for i := range n.out {
		n.out[i] = around * float32(rng.NormFloat64())
	}
	order := make([]int, len(examples))
	for i := range order {
		order[i] = i
	}
	step := stepper{net: n, s: s, rng: rng, h: make([]float32, s.hidden), dh: make([]float32, s.hidden), p: make([]float32, classes)}
	total := float32(s.epochs * len(examples))
	done := 0
	for range s.epochs {
		rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, i := range order {
			if done%512 == 0 && ctx.Err() != nil {
				return nil, ctx.Err()
			}
			step.learn(&examples[i], s.rate*(1-float32(done)/total))
			done++
		}
	}
	return n, nil
}

// stepper holds what one step of training needs.
type stepper struct {
	*net
	s        schooling
	rng      *rand.Rand
	kept     []entry
	active   []int
	h, dh, p []float32
}

func (t *stepper) learn(e *example, rate float32) {
	t.kept = t.kept[:0]
	cut := uint64(t.s.dropIn * 65536)
	up := float32(1 / (1 - t.s.dropIn))
	var bits uint64
	for i, f := range e.row {
		if i%4 == 0 {
			bits = t.rng.Uint64()
		}
		if bits&0xFFFF >= cut {
			t.kept = append(t.kept, entry{f.index, f.weight * up})
		}
		bits >>= 16
	}
	copy(t.h, t.inBias)
	for _, f := range t.kept {
		lanes.Add(t.h, t.in[int(f.index)*t.hidden:(int(f.index)+1)*t.hidden], f.weight)
	}
	t.active = t.active[:0]
	cutHidden := uint64(t.s.dropHidden * 65536)
	upHidden := float32(1 / (1 - t.s.dropHidden))
	for j, v := range t.h {
		if j%4 == 0 {
			bits = t.rng.Uint64()
		}
		if v > 0 && bits&0xFFFF >= cutHidden {
			t.h[j] = v * upHidden
			t.active = append(t.active, j)
		}
		bits >>= 16
	}
	copy(t.p, t.outBias)
	for _, j := range t.active {
		lanes.Add(t.p, t.out[j*t.classes:(j+1)*t.classes], t.h[j])
	}
	softmax(t.p)
	t.p[e.class]-- // now the gradient
	if t.p[e.class] > -0.003 {
		return
	}
	rate *= float32(e.cost)
	clear(t.dh)
	for _, j := range t.active {
		w := t.out[j*t.classes : (j+1)*t.classes]
		t.dh[j] = lanes.Dot(w, t.p) * upHidden
		lanes.Add(w, t.p, -rate*t.h[j])
	}
	lanes.Add(t.outBias, t.p, -rate)
	for _, f := range t.kept {
		lanes.Add(t.in[int(f.index)*t.hidden:(int(f.index)+1)*t.hidden], t.dh, -rate*f.weight)
	}
	lanes.Add(t.inBias, t.dh, -rate)
}

// inner is what the layer between makes of a row.
func (n *net) inner(row []entry) []float32 {
	h := append([]float32(nil), n.inBias...)
	for _, f := range row {
		lanes.Add(h, n.in[int(f.index)*n.hidden:(int(f.index)+1)*n.hidden], f.weight)
	}
	for j, v := range h {
		h[j] = max(v, 0)
	}
	return h
}

// scores are the classes' scores, before the softmax, of what inner gave.
func (n *net) scores(inner []float32) []float32 {
	p := append([]float32(nil), n.outBias...)
	for j, v := range inner {
		if v > 0 {
			lanes.Add(p, n.out[j*n.classes:(j+1)*n.classes], v)
		}
	}
	return p
}

func softmax(p []float32) {
	top := p[0]
	for _, v := range p {
		top = max(top, v)
	}
	var sum float32
	for i, v := range p {
		p[i] = float32(math.Exp(float64(v - top)))
		sum += p[i]
	}
	for i := range p {
		p[i] /= sum
	}
}
