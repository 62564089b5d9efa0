package wordvec

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
)

// The file of a model is, little-endian, all counts uint32 and all numbers
// but weights float32:
//
//	magic
//	pieces, the length of their text, the text (one a line), a score for each
//	a table: rows, numbers in a row, a scale for each row, the rows as int8
//	layers; for each: two norms (count, scales, moves), whether there is a
//	matrix that widens (0 or 1), and the matrices ask, answer, (widen,) up, down
//	the last matrix
//
// A matrix is a table whose scales are followed by a bias for each row.
const (
	magic     = "wordenc1"
	reserved  = 6 // the first pieces stand for no text; the very first is for what is unknown
	maxLayers = 24
	maxPieces = 1 << 20
	maxText   = 1 << 24
)

// Load reads a model. It refuses a file that is cut short, holds
// anything more, or whose parts do not fit each other.
func Load(file []byte) (*Model, error) {
	r := &reader{rest: file}
	if string(r.take(len(magic))) != magic {
		return nil, fmt.Errorf("not a model: it does not begin with %q", magic)
	}
	m := &Model{}
	n := r.count(maxPieces)
	m.pieces = r.pieces(n)
	table := r.table(false)
	m.rows, m.scale, m.width = table.rows, table.scale, table.in
	if r.err == nil && (table.out != n || m.width%(2*heads) != 0) {
		return nil, fmt.Errorf("%d pieces have %d vectors of %d", n, table.out, m.width)
	}
	width := m.width
	for i := range r.count(maxLayers) {
		l := r.layer()
		if r.err == nil && !l.fits(width) {
			return nil, fmt.Errorf("layer %d does not fit what it reads, %d wide", i+1, width)
		}
		m.layers, width = append(m.layers, l), l.answer.out
	}
	m.last = r.table(true)
	switch {
	case r.err != nil:
		return nil, r.err
	case m.last.in != width:
		return nil, fmt.Errorf("the last matrix reads %d, there are %d", m.last.in, width)
	case len(r.rest) > 0:
		return nil, fmt.Errorf("%d bytes are left over", len(r.rest))
	}
	m.places = places(m.width)
	return m, nil
}

// fits says whether the parts of l go together and read in numbers.
func (l *layer) fits(in int) bool {
	out := l.answer.out
	wide := in == out
	if l.widen != nil {
		wide = l.widen.in == in && l.widen.out == out
	}
	return wide && in%heads == 0 && len(l.before.scale) == in && l.ask.in == in && l.ask.out == 3*in && l.answer.in == in &&
		len(l.between.scale) == out && l.up.in == out && l.down.in == l.up.out && l.down.out == out
}

var errShort = errors.New("the file of the model is cut short, or counts what cannot be")

// reader takes a file apart. After a failure it gives nothing more, and err says why.
type reader struct {
	rest []byte
	err  error
}

func (r *reader) take(n int) []byte {
	if n > len(r.rest) {
		r.err, r.rest = errShort, nil
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

// count is a count up to most; 0 after a failure.
func (r *reader) count(most int) int {
	b := r.take(4)
	if b == nil {
		return 0
	}
	n := binary.LittleEndian.Uint32(b)
	if n > uint32(most) {
		r.err, r.rest = errShort, nil
		return 0
	}
	return int(n)
}

func (r *reader) numbers(n int) []float32 {
	b := r.take(4 * n)
	out := make([]float32, len(b)/4)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
		if f := float64(out[i]); math.IsNaN(f) || math.IsInf(f, 0) {
			r.err, r.rest = errors.New("a number of the model is not one"), nil
			return nil
		}
	}
	return out
}

func (r *reader) pieces(n int) pieces {
	text := string(r.take(r.count(maxText)))
	p := pieces{index: make(map[string]int32, n), score: r.numbers(n)}
	list := strings.Split(text, "\n")
	if r.err == nil && (len(list) != n || n < reserved) {
		r.err = fmt.Errorf("%d pieces are said, %d are there", n, len(list))
	}
	for i, piece := range list {
		if i >= reserved {
			p.index[piece] = int32(i)
			p.longest = max(p.longest, len(piece))
		}
	}
	return p
}

func (r *reader) table(bias bool) matrix {
	m := matrix{out: r.count(maxPieces), in: r.count(widest)}
	m.scale = r.numbers(m.out)
	if bias {
		m.bias = r.numbers(m.out)
	}
	b := r.take(m.out * m.in)
	m.rows = make([]int8, len(b))
	for i, x := range b {
		m.rows[i] = int8(x)
	}
	return m
}

func (r *reader) norm() norm {
	n := r.count(widest)
	return norm{r.numbers(n), r.numbers(n)}
}

func (r *reader) layer() layer {
	l := layer{before: r.norm(), between: r.norm()}
	widens := r.count(1) == 1
	l.ask, l.answer = r.table(true), r.table(true)
	if widens {
		m := r.table(true)
		l.widen = &m
	}
	l.up, l.down = r.table(true), r.table(true)
	return l
}
