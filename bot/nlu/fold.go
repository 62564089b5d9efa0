package nlu

import (
	"context"
	"math/rand/v2"
)

// outcome is what a classifier said of a text that it had not seen.
type outcome struct {
	opinion
	spoken
	class     int // the true one; -1 for none
	cost      float64
	classLess bool // its class was kept from the training
}

// plan divides the examples for cross-validation: a part of the examples of
// each class, and a part of the classes, are kept from each fold's training.
// What is kept of a class that the fold knows shows how good it is; classes
// that it does not know show how what belongs nowhere looks.
type plan struct {
	folds   int
	class   []int // by class: the fold that does not know it; -1 for none
	example []int // by example: the fold that judges it
}

// planOf keeps only classes that are ranked, the first ones, from a fold.
func planOf(examples []example, classes, ranked int) plan {
	p := plan{folds: 4, class: make([]int, classes), example: make([]int, len(examples))}
	if len(examples) > 600 {
		p.folds = 3
	}
	for c := range p.class {
		p.class[c] = -1
		if c < ranked && ranked >= 2*p.folds {
			p.class[c] = int(uint32(c)*2654435769>>16) % p.folds
		}
	}
	nth := make([]int, classes)
	for i, e := range examples {
		n := nth[e.class]
		nth[e.class]++
		if g := p.class[e.class]; g >= 0 {
			p.example[i] = (g + 1 + n%(p.folds-1)) % p.folds
		} else {
			p.example[i] = n % p.folds
		}
	}
	return p
}

// judge trains on what the fold may see, and judges the rest and the outside
// texts of the fold.
func (p plan) judge(ctx context.Context, m *Model, fold int, examples []example, texts, outside []labelled, s schooling) ([]outcome, error) {
	var train []example
	var vectors []placed
	for i, e := range examples {
		if p.example[i] != fold && p.class[e.class] != fold {
			train = append(train, e)
			vectors = append(vectors, e.placed()...)
		}
	}
	rows := len(m.vocabulary.hashes) + m.dims
	n, err := trainNet(ctx, train, rows, len(m.classes), s, rand.New(rand.NewPCG(seed, uint64(100+fold))))
	if err != nil {
		return nil, err
	}
	svm, err := trainSVMs(ctx, train, rows, len(m.classes), seed+uint64(fold))
	if err != nil {
		return nil, err
	}
	var c *centres
	if len(vectors) > 0 {
		if c, err = trainCentres(ctx, vectors, len(m.classes)); err != nil {
			return nil, err
		}
	}
	var near shapes
	if len(examples) >= minShapes {
		near = n.shapes(train)
	}
	said := wordsOf(train, len(m.vocabulary.hashes), len(m.classes))
	seen, spoken := make([]bool, rows), make([]bool, rows) // by any class; by one that is ranked
	for _, e := range train {
		for _, f := range e.row {
			seen[f.index] = true
			spoken[f.index] = spoken[f.index] || e.class < m.ranked()
		}
	}
	var out []outcome
	test := func(e example, x labelled, class int, classLess bool) {
		var kept []entry
		for _, f := range e.row {
			if seen[f.index] {
				kept = append(kept, f)
			}
		}
		inner := n.inner(kept)
		o := outcome{opinion: opinionOf(n.scores(inner), score(svm, kept, len(m.classes))), class: class, cost: e.cost, classLess: classLess}
		o.alike = near.alike(inner)
		if e.meaning != nil && c != nil {
			o.meant(c, e.meaning)
		}
		o.spoken = spokenOf(x.pieces, m.vocabulary, said, func(i int32) bool { return spoken[i] })
		out = append(out, o)
	}
	for i, e := range examples {
		switch {
		case p.class[e.class] == fold:
			test(e, texts[i], -1, true)
		case p.example[i] == fold && e.class >= m.ranked():
			test(e, texts[i], -1, false)
		case p.example[i] == fold:
			test(e, texts[i], e.class, false)
		}
	}
	for i, x := range outside {
		if i%p.folds == fold {
			test(example{row: m.rowOf(x), cost: x.cost, meaning: x.meaning}, x, -1, false)
		}
	}
	return out, nil
}
