package assist

import (
	"context"
	"math"
	"slices"

	"golang.org/x/sync/errgroup"
)

// example is a situation and the class of the reply that was given in it.
type example struct {
	features []feature
	class    int
	weight   float32
	whole    int // examples of one conversation share it: they are never split between learning and checking
}

// learner says how likely each class of reply is in a situation: a mean of small
// networks, whose probabilities were calibrated on examples that they had not
// seen. It never changes once trained.
type learner struct {
	vocabulary map[uint64]int32
	nets       []*network
	classes    int
	heat       float64 // what scores are divided by
}

// How networks are trained. Chosen on public conversations by cross-validation.
const (
	ensemble      = 3
	hidden        = 96
	steps         = 60_000 // of each network, about
	leastEpochs   = 4
	mostEpochs    = 10
	rate          = 0.03
	dropped       = 0.4 // of the features, at each step
	aside         = 20  // each network leaves one conversation in so many out, to calibrate on
	maxVocabulary = 200_000
)

// train makes a learner from examples. The same examples make the same learner.
func train(ctx context.Context, list []example, classes int) (*learner, error) {
	l := &learner{vocabulary: vocabularyOf(list), classes: classes, heat: 1, nets: make([]*network, ensemble)}
	inputs := make([]sparse, len(list))
	for i, e := range list {
		inputs[i] = l.input(e.features)
	}
	var g errgroup.Group
	for n := range l.nets {
		g.Go(func() error {
			net := newNetwork(len(l.vocabulary), classes, uint64(n+1))
			l.nets[n] = net
			return net.train(ctx, list, inputs, func(e example) bool { return e.whole%aside == n })
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	l.calibrate(list, inputs)
	return l, nil
}

// vocabularyOf numbers the features that occur at least twice.
func vocabularyOf(list []example) map[uint64]int32 {
	seen := map[uint64]bool{} // false: once
	out := map[uint64]int32{}
	for _, e := range list {
		for _, f := range e.features {
			if twice, ok := seen[f.hash]; !ok {
				seen[f.hash] = false
			} else if !twice && len(out) < maxVocabulary {
				seen[f.hash] = true
				out[f.hash] = int32(len(out))
			}
		}
	}
	return out
}

// sparse is an input: which features there are and how strongly.
type sparse struct {
	at    []int32
	value []float32
}

func (l *learner) input(features []feature) sparse {
	var s sparse
	for _, f := range features {
		if i, ok := l.vocabulary[f.hash]; ok {
			s.at, s.value = append(s.at, i), append(s.value, f.value)
		}
	}
	return s
}

// predict gives the probability of each class.
func (l *learner) predict(features []feature) []float64 {
	in := l.input(features)
	sum := make([]float64, l.classes)
	for _, net := range l.nets {
		for i, z := range net.scores(in) {
			sum[i] += float64(z) / float64(len(l.nets))
		}
	}
	softmax(sum, l.heat)
	return sum
}

// calibrate finds the heat at which what the networks say of examples that they
// had not seen is likeliest.
func (l *learner) calibrate(list []example, inputs []sparse) {
	type unseen struct {
		z     []float32
		class int
	}
	var all []unseen
	for i, e := range list {
		if n := e.whole % aside; n < len(l.nets) {
			all = append(all, unseen{slices.Clone(l.nets[n].scores(inputs[i])), e.class})
		}
	}
	if len(all) < 50 {
		return
	}
	best := math.Inf(1)
	p := make([]float64, l.classes)
	for heat := 0.5; heat <= 3; heat += 0.05 {
		loss := 0.0
		for _, u := range all {
			for i, z := range u.z {
				p[i] = float64(z)
			}
			softmax(p, heat)
			loss -= math.Log(math.Max(p[u.class], 1e-9))
		}
		if loss < best {
			best, l.heat = loss, heat
		}
	}
}

func softmax(z []float64, heat float64) {
	top, sum := slices.Max(z), 0.0
	for i := range z {
		z[i] = math.Exp((z[i] - top) / heat)
		sum += z[i]
	}
	for i := range z {
		z[i] /= sum
	}
}
