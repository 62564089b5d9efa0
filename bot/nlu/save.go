package nlu

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/parleyhq/parley/bot/nlu/lexicon"
	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/kb"
)

const magic = "parley-nlu-4\n"

// Save gives the model as bytes that Load reads.
func (m *Model) Save() []byte {
	w := writer{[]byte(magic)}
	w.text(m.table)
	w.number(m.dims)
	w.number(len(m.classes))
	for _, c := range m.classes {
		w.text(c)
	}
	w.number(len(m.vocabulary.hashes))
	for _, h := range m.vocabulary.hashes {
		w.b = binary.LittleEndian.AppendUint32(w.b, h)
	}
	w.words(m.words.bits)
	w.number(len(m.out))
	w.number(m.hidden)
	w.floats(m.sparse.scale)
	w.words(m.sparse.data)
	w.floats(m.dense)
	for i := range m.out {
		w.floats(m.out[i])
		w.floats(m.outBias[i])
	}
	w.doubles(append(m.first.numbers(), m.direct, m.reject))
	w.cloud(m.shapes.cloud)
	w.text(m.meaningOf)
	if m.centres == nil {
		w.number(0)
		return w.b
	}
	w.number(m.centres.dims)
	w.doubles(append(m.second.numbers(), m.level))
	w.centres(m.centres)
	return w.b
}

func (w *writer) centres(c *centres) {
	w.floats(c.weights)
	w.floats(c.middle)
	w.cloud(c.cloud)
}

func (w *writer) cloud(c cloud) {
	w.number(c.width)
	for _, n := range c.from {
		w.number(int(n))
	}
	w.floats(c.scale)
	for _, b := range c.points {
		w.b = append(w.b, byte(b))
	}
}

func (w *writer) doubles(all []float64) {
	for _, v := range all {
		w.b = binary.LittleEndian.AppendUint64(w.b, math.Float64bits(v))
	}
}

type writer struct{ b []byte }

func (w *writer) number(n int) { w.b = binary.LittleEndian.AppendUint32(w.b, uint32(n)) }

func (w *writer) text(s string) {
	w.number(len(s))
	w.b = append(w.b, s...)
}

func (w *writer) words(all []uint64) {
	for _, v := range all {
		w.b = binary.LittleEndian.AppendUint64(w.b, v)
	}
}

func (w *writer) floats(all []float32) {
	for _, v := range all {
		w.b = binary.LittleEndian.AppendUint32(w.b, math.Float32bits(v))
	}
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
	m := &Model{table: string(r.take(r.count(1))), dims: int(r.uint32())}
	if r.err == nil && (m.table != lexicon.Name || m.dims != lexicon.Default().Dims()) {
		return nil, fmt.Errorf("it was trained with the words of %q: train it again", m.table)
	}
	for range r.count(4) {
		m.classes = append(m.classes, string(r.take(r.count(1))))
	}
	classes := len(m.classes)
	hashes := make([]uint32, r.count(4))
	for i := range hashes {
		hashes[i] = r.uint32()
	}
	m.vocabulary = newVocabulary(hashes)
	m.words = words{classes, r.words((len(hashes)*classes + 63) / 64)}
	nets := r.count(1)
	m.hidden = r.count(1)
	cols := (nets*m.hidden + classes + 7) / 8 * 8
	m.sparse = packed{rows: len(hashes), cols: cols, scale: r.floats(cols)}
	m.sparse.data = r.words(len(hashes) * cols / 8)
	m.dense = r.floats((m.dims + 1) * cols)
	for range nets {
		m.out = append(m.out, r.floats(m.hidden*classes))
		m.outBias = append(m.outBias, r.floats(classes))
	}
	values := r.doubles(len(m.first.numbers()) + 2)
	m.first.set(values)
	m.direct, m.reject = values[len(values)-2], values[len(values)-1]
	m.shapes.cloud = r.cloud(classes)
	if r.err == nil && len(m.shapes.points) > 0 && m.shapes.width != (m.hidden+31)/32*32 {
		return nil, errors.New("its examples do not fit its nets")
	}
	m.meaningOf = string(r.take(r.count(1)))
	if (kb.BuiltIn{}).Model() == m.meaningOf {
		m.embedder = kb.BuiltIn{}
	}
	if dims := r.count(1); dims > 0 {
		values = r.doubles(len(m.second.numbers()) + 1)
		m.second.set(values)
		m.level = values[len(values)-1]
		m.centres = r.centres(dims, classes)
	}
	if r.err != nil {
		return nil, r.err
	}
	if len(r.b) > 0 {
		return nil, errors.New("more follows than belongs to it")
	}
	return m, nil
}

func (r *reader) centres(dims, classes int) *centres {
	c := &centres{dims: dims, weights: r.floats(classes * (dims + 1)), middle: r.floats(classes * dims), cloud: r.cloud(classes)}
	if r.err == nil && len(c.points) > 0 && c.width != (dims+31)/32*32 {
		r.err = errors.New("its vectors are of another length")
	}
	return c
}

func (r *reader) cloud(classes int) cloud {
	c := cloud{width: r.count(0)}
	var before uint32
	for range classes + 1 {
		n := r.uint32()
		if n < before || int(n) > len(r.b) {
			r.err = cmp.Or(r.err, errors.New("its vectors are out of order"))
			return c
		}
		before, c.from = n, append(c.from, int32(n))
	}
	c.scale = r.floats(int(before))
	for _, b := range r.take(int(before) * c.width) {
		c.points = append(c.points, int8(b))
	}
	return c
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

func (r *reader) doubles(n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = math.Float64frombits(r.uint64())
	}
	return out
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

func (r *reader) words(n int) []uint64 {
	b := r.take(8 * n)
	out := make([]uint64, len(b)/8)
	for i := range out {
		out[i] = binary.LittleEndian.Uint64(b[8*i:])
	}
	return out
}

func (r *reader) floats(n int) []float32 {
	b := r.take(4 * n)
	out := make([]float32, len(b)/4)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return out
}
