package nlu

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/parleyhq/parley/bot/nlu/lexicon"
	"github.com/parleyhq/parley/desk"
)

const magic = "parley-nlu-2\n"

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
	for _, v := range m.calibration.numbers() {
		w.b = binary.LittleEndian.AppendUint64(w.b, math.Float64bits(v))
	}
	return w.b
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
