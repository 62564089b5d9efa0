package nlu

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// How a tagger is trained, chosen on development data of several kinds.
const (
	tagEpochs = 10    // at least; few examples are gone through more often
	tagTexts  = 12000 // that many times a text is learnt from, if that takes no more than
	tagMost   = 30    // rounds
	tagRate   = 0.15  // of AdaGrad, sinking to a twentieth
	tagDamp   = 1     // what the squares of the gradients begin with
	tagDecay  = 1     // of a weight, for each time that its feature could be seen
	tagCut    = 0.04  // weights nearer to nothing are left out
	tagSmall  = 1e-3  // a gradient that is not worth a step

	tagFew = 600 // up to so many examples each is also learnt from without the words of its values

	maxTagWeights = 48 << 20 // in training: two of four bytes each; rare features give way
	maxTagSlots   = 500
)

// TrainTagger makes a Tagger. The same examples give the same tagger. Spans
// that overlap another or lie outside the tokens are an error. It stops early
// with the context's error when ctx ends.
func TrainTagger(ctx context.Context, examples []Tagged) (*Tagger, error) {
	if err := checkTagged(examples); err != nil {
		return nil, err
	}
	t, err := fitTagger(ctx, examples)
	if err != nil {
		return nil, fmt.Errorf("train the tagger: %w", err)
	}
	if t.sure, err = calibrateTagger(ctx, examples); err != nil {
		return nil, fmt.Errorf("calibrate the tagger: %w", err)
	}
	return t, nil
}

func checkTagged(examples []Tagged) error {
	slots := map[string]bool{}
	for i, x := range examples {
		last := 0
		for _, s := range x.Spans {
			if s.From < last || s.To <= s.From || s.To > len(x.Tokens) || s.Slot == "" {
				return fmt.Errorf("train the tagger: example %d: the span %s %d to %d is none of %d tokens, or overlaps another", i, s.Slot, s.From, s.To, len(x.Tokens))
			}
			last = s.To
			slots[s.Slot] = true
		}
	}
	if len(slots) > maxTagSlots {
		return fmt.Errorf("train the tagger: %d slots, the limit is %d", len(slots), maxTagSlots)
	}
	return nil
}

// fitTagger makes a tagger of examples that were checked.
func fitTagger(ctx context.Context, examples []Tagged) (*Tagger, error) {
	t := &Tagger{sure: [2]float64{1, 0}}
	for _, x := range examples {
		for _, s := range x.Spans {
			t.slots = append(t.slots, s.Slot)
		}
		if x.Intent != "" {
			t.intents = append(t.intents, x.Intent)
		}
	}
	t.slots, t.intents = unique(t.slots), unique(t.intents)
	t.labels = labelSet{len(t.slots)}
	t.listed = listValues(examples, t.slots)
	known, texts, counts := t.ready(examples)
	f := newTagFit(t.labels.count(), counts)
	if err := f.run(ctx, texts); err != nil {
		return nil, err
	}
	t.chain = f.chain
	t.pack(known, f.weights)
	return t, nil
}

func unique(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}

// tagText is an example made ready: the places of its features and its labels.
type tagText struct {
	features [][]int32
	labels   []uint16
}

// ready reads the features of the examples. known is the hashes that count,
// sorted; counts is at how many tokens each is.
func (t *Tagger) ready(examples []Tagged) (known []uint32, texts []tagText, counts []int) {
	hashes := make([][][]uint32, len(examples))
	seen := map[uint32]int{}
	for i, x := range examples {
		r := newTagReader(x.Tokens, x.Intent, t.listed, i%tagFolds)
		hashes[i] = make([][]uint32, len(x.Tokens))
		for k := range x.Tokens {
			hashes[i][k] = r.at(k, nil)
			for _, h := range hashes[i][k] {
				seen[h]++
			}
		}
	}
	for least := 1; least == 1 || len(known)*t.labels.count() > maxTagWeights; least++ {
		known = known[:0]
		for h, c := range seen {
			if c >= least {
				known = append(known, h)
			}
		}
	}
	slices.Sort(known)
	place := make(map[uint32]int32, len(known))
	counts = make([]int, len(known))
	for i, h := range known {
		place[h], counts[i] = int32(i), seen[h]
	}
	add := func(x Tagged, features func(k int) []uint32) {
		text := tagText{make([][]int32, len(x.Tokens)), t.labels.labelsOf(x, t.slots)}
		for k := range x.Tokens {
			for _, h := range features(k) {
				if p, ok := place[h]; ok {
					text.features[k] = append(text.features[k], p)
				}
			}
		}
		texts = append(texts, text)
	}
	for i, x := range examples {
		add(x, func(k int) []uint32 { return hashes[i][k] })
		hashes[i] = nil
		if len(examples) <= tagFew && len(x.Spans) > 0 {
			r := newTagReader(x.Tokens, x.Intent, nil, -1)
			r.forget(x.Spans)
			add(x, func(k int) []uint32 { return r.at(k, nil) })
		}
	}
	return known, texts, counts
}

// pack keeps the weights that matter.
func (t *Tagger) pack(known []uint32, weights []float32) {
	n := t.labels.count()
	t.index, t.from, t.cells = map[uint32]int32{}, []uint32{0}, nil
	for i, h := range known {
		before := len(t.cells)
		for y, w := range weights[i*n : (i+1)*n] {
			if math.Abs(float64(w)) >= tagCut {
				t.cells = append(t.cells, cell{uint16(y), w})
			}
		}
		if len(t.cells) > before {
			t.index[h] = int32(len(t.from) - 1)
			t.from = append(t.from, uint32(len(t.cells)))
		}
	}
}

// tagFit is a training under way.
type tagFit struct {
	lattice
	weights                   []float32 // by feature, then label
	sumW, sumStarts, sumMoves []float32 // tagDamp and the squares of the gradients so far
	pull                      []float32 // by feature: how it decays
	slopes                    []slope
}

// slope is the gradient of a label.
type slope struct {
	label int
	g     float32
}

func newTagFit(n int, counts []int) *tagFit {
	f := &tagFit{
		lattice: lattice{chain: newChain(n)},
		weights: make([]float32, n*len(counts)),
		sumW:    damped(n * len(counts)), sumStarts: damped(n), sumMoves: damped(n * n),
		pull: make([]float32, len(counts)),
	}
	for i, c := range counts {
		f.pull[i] = tagDecay / float32(c)
	}
	return f
}

func damped(n int) []float32 {
	out := make([]float32, n)
	for i := range out {
		out[i] = tagDamp
	}
	return out
}

func (f *tagFit) run(ctx context.Context, texts []tagText) error {
	order := make([]int, len(texts))
	for i := range order {
		order[i] = i
	}
	rng := rand.New(rand.NewPCG(seed, 7))
	epochs := max(tagEpochs, min(tagMost, tagTexts/max(1, len(texts))))
	for e := range epochs {
		rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		rate := tagRate * (1 - 0.95*float32(e)/float32(epochs))
		for k, i := range order {
			if k%64 == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			if len(texts[i].labels) > 0 {
				f.learn(texts[i], rate)
			}
		}
	}
	return nil
}

// learn takes a step towards the labels of x.
func (f *tagFit) learn(x tagText, rate float32) {
	n := f.n
	f.nodes = room(f.nodes, len(x.labels)*n)
	clear(f.nodes)
	for t, fs := range x.features {
		row := f.nodes[t*n : (t+1)*n]
		for _, p := range fs {
			for y, w := range f.weights[int(p)*n : (int(p)+1)*n] {
				row[y] += w
			}
		}
	}
	f.forward()
	f.backward()
	for t, label := range x.labels {
		f.slopes = f.slopes[:0]
		for y := range n {
			g := -f.alpha[t*n+y] * f.beta[t*n+y]
			if int(label) == y {
				g++
			}
			if g > tagSmall || g < -tagSmall {
				f.slopes = append(f.slopes, slope{y, g})
			}
		}
		for _, p := range x.features[t] {
			w, sum := f.weights[int(p)*n:(int(p)+1)*n], f.sumW[int(p)*n:(int(p)+1)*n]
			for _, s := range f.slopes {
				w[s.label] += adaGrad(&sum[s.label], s.g-f.pull[p]*w[s.label], rate)
			}
		}
		if t == 0 {
			for _, s := range f.slopes {
				f.starts[s.label] += adaGrad(&f.sumStarts[s.label], s.g, rate)
			}
		}
	}
	for t := 1; t < len(x.labels); t++ {
		f.learnMoves(t, int(x.labels[t-1]), int(x.labels[t]), rate)
	}
	for t := 1; t < len(x.labels); t++ {
		f.refreshFrom(t, int(x.labels[t-1]))
	}
}

// learnMoves takes a step for what leads to token t.
func (f *tagFit) learnMoves(t, before, label int, rate float32) {
	n := f.n
	for a := range n {
		p := f.alpha[(t-1)*n+a]
		if p < tagSmall && a != before {
			continue
		}
		for b := range n {
			j := a*n + b
			g := -p * f.jumps[j] * f.own[t*n+b] * f.beta[t*n+b] / f.scale[t]
			if a == before && b == label {
				g++
			}
			if g > tagSmall || g < -tagSmall {
				f.moves[j] += adaGrad(&f.sumMoves[j], g, rate)
			}
		}
	}
}

// refreshFrom computes the jumps that learnMoves may have changed.
func (f *tagFit) refreshFrom(t, before int) {
	for a := range f.n {
		if f.alpha[(t-1)*f.n+a] >= tagSmall || a == before {
			for b := range f.n {
				f.moved(a, b)
			}
		}
	}
}

// adaGrad is a step along the gradient g; sum is what Duchi et al. (2011) keep.
func adaGrad(sum *float32, g, rate float32) float32 {
	*sum += g * g
	return rate * g / sqrt32(*sum)
}
