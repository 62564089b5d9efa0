package nlu

import (
	"cmp"
	"encoding/binary"
	"errors"
	"math"
	"slices"

	"github.com/parleyhq/parley/desk"
)

// Model tells what an utterance is about. It is immutable and safe for use by
// several goroutines.
type Model struct {
	classes     []string
	vocabulary  []uint32  // hashes of the features seen in training, sorted
	weights     []float32 // by feature, then class; the last row is the biases
	calibration calibration
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
	ps := pieces(newPlain(text).s)
	scores := m.scores(m.row(features(ps)))
	order := make([]int, len(scores))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	out := make([]Scored, len(order))
	if len(order) == 0 {
		return out
	}
	share := m.calibration.shares(scores)
	top := order[0]
	right := m.calibration.right(m.signs(scores, share, ps))
	for i, c := range order {
		out[i] = Scored{Class: m.classes[c], Confidence: right * share[c] / share[top]}
	}
	return out
}

// Knows is the share of the text that the training has spoken of, 0 to 1.
func (m *Model) Knows(text string) float64 {
	return coverage(pieces(newPlain(text).s), m.known)
}

// Classes lists what Classify ranks.
func (m *Model) Classes() []string { return slices.Clone(m.classes) }

func (m *Model) known(h uint32) bool {
	_, ok := slices.BinarySearch(m.vocabulary, h)
	return ok
}

// row finds the features' places in the vocabulary. Unknown features are left
// out, but they have had their part in the text's length: strange words weaken
// known ones.
func (m *Model) row(fs []feature) []entry {
	out := make([]entry, 0, len(fs))
	from := 0
	for _, f := range fs { // both are sorted
		i, ok := slices.BinarySearch(m.vocabulary[from:], f.hash)
		from += i
		if ok {
			out = append(out, entry{int32(from), f.weight})
		}
	}
	return out
}

func (m *Model) scores(row []entry) []float64 { return score(m.weights, row, len(m.classes)) }

func score(weights []float32, row []entry, classes int) []float64 {
	out := make([]float64, classes)
	if classes == 0 {
		return out
	}
	for i, b := range weights[len(weights)-classes:] {
		out[i] = float64(b)
	}
	for _, e := range row {
		for c, w := range weights[int(e.index)*classes : (int(e.index)+1)*classes] {
			out[c] += float64(w * e.weight)
		}
	}
	return out
}

const magic = "parley-nlu-1\n"

// Save gives the model as bytes that Load reads.
func (m *Model) Save() []byte {
	out := []byte(magic)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(m.classes)))
	for _, c := range m.classes {
		out = binary.LittleEndian.AppendUint32(out, uint32(len(c)))
		out = append(out, c...)
	}
	out = binary.LittleEndian.AppendUint32(out, uint32(len(m.vocabulary)))
	for _, h := range m.vocabulary {
		out = binary.LittleEndian.AppendUint32(out, h)
	}
	for _, w := range m.weights {
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(w))
	}
	for _, v := range m.calibration.numbers() {
		out = binary.LittleEndian.AppendUint64(out, math.Float64bits(v))
	}
	return out
}

// Load reads what Save wrote. Anything else is an error of Kind Invalid.
func Load(b []byte) (*Model, error) {
	m, err := load(b)
	if err != nil {
		return nil, desk.Errorf(desk.Invalid, "bad_model", "load model: %w", err)
	}
	return m, nil
}

func load(b []byte) (*Model, error) {
	r := reader{b: b}
	if string(r.take(len(magic))) != magic {
		return nil, errors.New("not a model of this version: train it again")
	}
	m := &Model{}
	classes := r.count(4)
	for range classes {
		m.classes = append(m.classes, string(r.take(r.count(1))))
	}
	m.vocabulary = make([]uint32, r.count(4))
	for i := range m.vocabulary {
		m.vocabulary[i] = r.uint32()
	}
	if need := (len(m.vocabulary) + 1) * classes; r.err == nil && need > len(r.b)/4 {
		return nil, errors.New("it is cut short")
	} else if r.err == nil {
		m.weights = make([]float32, need)
	}
	for i := range m.weights {
		m.weights[i] = math.Float32frombits(r.uint32())
	}
	values := m.calibration.numbers()
	for i := range values {
		values[i] = math.Float64frombits(r.uint64())
	}
	m.calibration.set(values)
	if r.err != nil {
		return nil, r.err
	}
	if len(r.b) > 0 {
		return nil, errors.New("more follows than belongs to it")
	}
	return m, nil
}

// reader takes a saved model apart; after an error everything is zero.
type reader struct {
	b   []byte
	err error
}

func (r *reader) take(n int) []byte {
	if r.err != nil || n > len(r.b) {
		r.err = cmp.Or(r.err, errors.New("it is cut short"))
		return nil
	}
	out := r.b[:n]
	r.b = r.b[n:]
	return out
}

func (r *reader) uint32() uint32 {
	if b := r.take(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (r *reader) uint64() uint64 {
	if b := r.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

// count reads how many things of at least size bytes follow.
func (r *reader) count(size int) int {
	n := int(r.uint32())
	if n*size > len(r.b) {
		r.err = cmp.Or(r.err, errors.New("it is cut short"))
		return 0
	}
	return n
}
