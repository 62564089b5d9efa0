package nlu

import (
	"cmp"
	"context"
	"slices"

	"github.com/parleyhq/parley/bot/nlu/lanes"
	"github.com/parleyhq/parley/bot/nlu/lexicon"
	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/kb"
)

// Model tells what an utterance is about: a few small nets and a linear
// classifier over the same features, which are words, letters and the meaning
// of the words. It is immutable and safe for use by several goroutines.
type Model struct {
	classes    []string
	table      string // of the words' vectors
	dims       int    // of a vector
	vocabulary vocabulary
	words      words
	hidden     int         // units of a net
	sparse     packed      // by feature: the nets' units, net by net, then the linear part's classes
	dense      []float32   // the same by dimension of the vector; the last row is the biases
	out        [][]float32 // by net: by unit, then class
	outBias    [][]float32
	shapes     shapes      // of the first net
	first      calibration // of what words say
	direct     float64     // confidence from which 97 of 100 were right
	reject     float64     // inside that 91 of 100 reached

	meaningOf string      // what makes the vectors of meaning
	embedder  kb.Embedder // nil: of another kind than was trained with
	centres   *centres    // nil: meaning adds nothing
	second    calibration // of what words and meaning say
	level     float64     // confidence below which meaning is asked
}

// Scored is a class with the chance that the utterance belongs to it.
type Scored struct {
	Class      string
	Confidence float64
}

// Classify ranks every class for the text, best first. Confidence is
// calibrated: of utterances with 0.8 about four in five are right. Nonsense
// and what the training never spoke of score low in every class. lang is the
// customer's language; the words decide, both languages share the classes.
func (m *Model) Classify(text string, lang desk.Lang) []Scored {
	return m.Judge(text).Ranked
}

// Judgement is what a Model makes of a text.
type Judgement struct {
	Ranked  []Scored // as Classify gives them
	Inside  float64  // the chance that the text belongs to any class at all
	Meaning bool     // words alone left it unsure, and its meaning was asked
}

// Judge is Classify with more to tell. What is unclear between two classes is
// inside, what the training never spoke of is not.
func (m *Model) Judge(text string) Judgement { return m.JudgeIn(context.Background(), text) }

// JudgeIn is Judge with the time that there is to ask an embedder: when ctx is
// over words alone decide.
func (m *Model) JudgeIn(ctx context.Context, text string) Judgement {
	if m.ranked() == 0 {
		return Judgement{}
	}
	x := newLabelled("", text, 1)
	o := m.opinion(x)
	p := spokenOf(x.pieces, m.vocabulary, m.words, func(i int32) bool { return m.words.any(i, m.ranked()) })
	v := m.first.judge(o, m.ranked(), p)
	var out Judgement
	if m.asks(v) {
		if meaning := m.meaning(ctx, text); meaning != nil {
			o.meant(m.centres, meaning)
			v = m.again(v, o, p)
			out.Meaning = true
		}
	}
	out.Inside = v.inside
	out.Ranked = make([]Scored, m.ranked())
	for c, p := range v.share[:m.ranked()] {
		out.Ranked[c] = Scored{Class: m.classes[c], Confidence: v.right * p / v.share[v.top]}
	}
	slices.SortStableFunc(out.Ranked, func(a, b Scored) int { return cmp.Compare(b.Confidence, a.Confidence) })
	return out
}

// again judges with the meaning. Where it says the same as the words, the surer
// of the two counts.
func (m *Model) again(first verdict, o opinion, p spoken) verdict {
	v := m.second.judge(o, m.ranked(), p)
	if v.top == first.top {
		v.right = max(v.right, first.right)
	}
	return v
}

// asks reports whether the words leave so unsure that meaning is asked.
func (m *Model) asks(v verdict) bool { return m.centres != nil && v.right < m.level }

// Direct is the confidence from which the model expects 97 of 100 to be right.
func (m *Model) Direct() float64 { return m.direct }

// Reject is the inside of Judge that the model expects 91 of 100 utterances to
// reach that belong to a class.
func (m *Model) Reject() float64 { return m.reject }

// Knows is the share of the text that the training has spoken of, 0 to 1.
func (m *Model) Knows(text string) float64 {
	return coverage(pieces(newPlain(text).s), m.known)
}

// Classes lists what Classify ranks.
func (m *Model) Classes() []string { return slices.Clone(m.classes[:m.ranked()]) }

// ranked is how many of the classes, the first ones, are ranked.
func (m *Model) ranked() int {
	if n := len(m.classes); n > 0 && m.classes[n-1] == classOutside {
		return n - 1
	}
	return len(m.classes)
}

// known reports whether an example of a ranked class has the feature.
func (m *Model) known(h uint32) bool {
	i := m.vocabulary.find(h)
	return i >= 0 && (m.ranked() == len(m.classes) || m.words.any(i, m.ranked()))
}

// rowOf is what a text is to training: its known features, then its meaning.
func (m *Model) rowOf(x labelled) []entry {
	row := m.vocabulary.row(x.features, x.length)
	for d, v := range lexicon.Default().Embed(x.text) {
		row = append(row, entry{int32(len(m.vocabulary.hashes) + d), v})
	}
	return row
}

// assemble puts the trained parts together. kinds is how much each feature
// weighs: it goes into the weights, so that reading a text only adds.
func (m *Model) assemble(nets []*net, linear []float32, kinds []float32) {
	features, classes := len(m.vocabulary.hashes), len(m.classes)
	m.hidden = nets[0].hidden
	units := m.hidden * len(nets)
	at := func(row, col int) float32 {
		if col < units {
			n := nets[col/m.hidden]
			return n.in[row*m.hidden+col%m.hidden]
		}
		return linear[row*classes+col-units]
	}
	m.sparse = pack(features, units+classes, func(row, col int) float32 { return kinds[row] * at(row, col) })
	m.dense = make([]float32, 0, (m.dims+1)*m.sparse.cols)
	pad := make([]float32, m.sparse.cols-units-classes)
	for row := features; row < features+m.dims; row++ {
		for col := range units + classes {
			m.dense = append(m.dense, at(row, col))
		}
		m.dense = append(m.dense, pad...)
	}
	for _, n := range nets {
		m.dense = append(m.dense, n.inBias...)
		m.out = append(m.out, n.out)
		m.outBias = append(m.outBias, n.outBias)
	}
	m.dense = append(append(m.dense, linear[len(linear)-classes:]...), pad...)
}

// opinion asks the parts.
func (m *Model) opinion(x labelled) opinion {
	classes, cols := len(m.classes), m.sparse.cols
	sums := slices.Clone(m.dense[m.dims*cols:])
	rows := make([]int32, 0, len(x.features))
	for _, f := range x.features {
		if i := m.vocabulary.find(f.hash); i >= 0 {
			rows = append(rows, i)
		}
	}
	m.sparse.sum(rows, 1/x.length, sums)
	for d, v := range lexicon.Default().Embed(x.text) {
		lanes.Add(sums, m.dense[d*cols:(d+1)*cols], v)
	}
	units := m.hidden * len(m.out)
	for i, v := range sums[:units] {
		sums[i] = max(v, 0)
	}
	o := opinion{alike: m.shapes.alike(sums[:m.hidden]), net: make([]float32, classes), svm: sums[units : units+classes]}
	share := 1 / float32(len(m.out))
	p := make([]float32, classes)
	for i, out := range m.out {
		copy(p, m.outBias[i])
		for j, v := range sums[i*m.hidden : (i+1)*m.hidden] {
			if v > 0 {
				lanes.Add(p, out[j*classes:(j+1)*classes], v)
			}
		}
		o.energy += energyOf(p) * float64(share)
		softmax(p)
		lanes.Add(o.net, p, share)
	}
	return o
}
