// Package wordvec gives English sentences vectors that are near each other when
// the sentences mean alike. A small transformer that is part of the program reads
// them; it needs no network and knows no other language.
package wordvec

import (
	_ "embed"
	"math"
	"sync"
)

// Name names the embedded model. It changes when the model does, for vectors of
// two must not be compared.
const Name = "parley-use-lite-1"

//go:embed english.vec
var english []byte

// Default is the embedded model, decoded at the first call (some ten
// milliseconds; it keeps 7 MB).
var Default = sync.OnceValue(func() *Model {
	m, err := Load(english)
	if err != nil {
		panic("wordvec: the embedded model: " + err.Error())
	}
	return m
})

// Model is the Universal Sentence Encoder, lite, with eight bits a weight. A
// sentence takes about three milliseconds of one processor. It may be used by
// many at once.
type Model struct {
	pieces pieces
	rows   []int8    // of pieces, width numbers each
	scale  []float32 // of rows
	width  int
	places []float32 // what is added to the piece at each place: longestRun rows
	layers []layer
	last   matrix
	spare  sync.Pool // of *scratch
}

// layer is one of the transformer's.
type layer struct {
	before, between norm    // of what attention and the feed-forward part read
	widen           *matrix // of what goes round attention; nil where it fits
	ask, answer     matrix  // attention: into queries, keys and values, and out of them
	up, down        matrix  // feed-forward
}

const (
	heads      = 4   // of attention
	wordShare  = 0.5 // length of the sum of the words, that of the whole being 1
	longestRun = 128 // pieces read of a text; the rest says little more
)

// Dims is how many numbers a vector has.
func (m *Model) Dims() int { return m.last.out + m.width }

// Embed is the vector of a text, of length one, with Dims numbers: what the text
// says as a whole and, at half the length, the sum of its words. It is nil
// when the text has no letters, or most of them are not a to z, as in Chinese. Only
// the first hundred words or so are read, and case does not matter.
func (m *Model) Embed(text string) []float32 {
	if !inEnglish(text) {
		return nil
	}
	s, _ := m.spare.Get().(*scratch)
	if s == nil {
		s = new(scratch)
	}
	defer m.spare.Put(s)
	ids := m.pieces.split(text, s)
	return m.encode(ids[:min(len(ids), longestRun)], s)
}

func (m *Model) encode(ids []int32, s *scratch) []float32 {
	n := len(ids)
	x := grow(&s.x, n*m.width)
	for t, id := range ids {
		m.start(x[t*m.width:][:m.width], id, t)
	}
	for i := range m.layers {
		x = m.layers[i].run(x, n, s)
	}
	width := len(x) / n
	mean := grow(&s.norm, width)
	clear(mean)
	for t := range n {
		for j, v := range x[t*width:][:width] {
			mean[j] += v / float32(n)
		}
	}
	out := make([]float32, m.Dims())
	whole, sum := out[:m.last.out], out[m.last.out:]
	m.last.times(whole, mean, 1, s)
	for i, v := range whole {
		whole[i] = float32(math.Tanh(float64(v)))
	}
	for _, id := range ids {
		for j, b := range m.rows[int(id)*m.width:][:m.width] {
			sum[j] += m.scale[id] * float32(b)
		}
	}
	stretch(whole, 1)
	stretch(sum, wordShare)
	stretch(out, 1)
	return out
}

// stretch gives v a length, unless it has none.
func stretch(v []float32, length float64) {
	var sum float64
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	if sum == 0 {
		return
	}
	k := float32(length / math.Sqrt(sum))
	for i := range v {
		v[i] *= k
	}
}

// start writes what the first layer reads of a piece at a place: its vector
// twice, and the place.
func (m *Model) start(x []float32, id int32, place int) {
	k := 2 * m.scale[id]
	for j, b := range m.rows[int(id)*m.width:][:m.width] {
		x[j] = k*float32(b) + m.places[place*m.width+j]
	}
}

// places writes each place as waves, from short to long.
func places(width int) []float32 {
	out := make([]float32, longestRun*width)
	half := width / 2
	for place := range longestRun {
		row := out[place*width:][:width]
		for j := range half {
			sin, cos := math.Sincos(float64(place) * math.Pow(10_000, -float64(j)/float64(half-1)))
			row[j], row[half+j] = float32(sin), float32(cos)
		}
	}
	return out
}

func (l *layer) run(x []float32, n int, s *scratch) []float32 {
	in, out := len(x)/n, l.answer.out
	h := grow(&s.norm, n*in)
	l.before.apply(h, x, in)
	qkv := grow(&s.wide, n*l.ask.out)
	l.ask.times(qkv, h, n, s)
	attend(h, qkv, n, in, s)
	sum := grow(&s.sum, n*out)
	l.answer.times(sum, h, n, s)
	if l.widen != nil {
		round := grow(&s.wide, n*out)
		l.widen.times(round, x, n, s)
		x = round
	}
	for i, v := range x {
		sum[i] += v
	}
	h = grow(&s.norm, n*out)
	l.between.apply(h, sum, out)
	up := grow(&s.wide, n*l.up.out)
	l.up.times(up, h, n, s)
	for i, v := range up {
		up[i] = max(v, 0)
	}
	y := grow(&s.x, n*out)
	l.down.times(y, up, n, s)
	for i, v := range sum {
		y[i] += v
	}
	return y
}

// attend mixes, for each head, what the n pieces say by how well their keys
// answer each other's queries. Rows of qkv are queries, keys and values.
func attend(out, qkv []float32, n, width int, s *scratch) {
	size := width / heads
	k := float32(1 / math.Sqrt(float64(size)))
	share := grow(&s.share, n)
	row := func(t, part, head int) []float32 { return qkv[(t*3+part)*width+head*size:][:size] }
	for head := range heads {
		for t := range n {
			q := row(t, 0, head)
			most := float32(math.Inf(-1))
			for u := range n {
				var d float32
				for j, v := range row(u, 1, head) {
					d += v * q[j]
				}
				share[u] = d * k
				most = max(most, share[u])
			}
			var all float32
			for u, d := range share {
				share[u] = float32(math.Exp(float64(d - most)))
				all += share[u]
			}
			o := out[t*width+head*size:][:size]
			clear(o)
			for u, p := range share {
				p /= all
				for j, v := range row(u, 2, head) {
					o[j] += p * v
				}
			}
		}
	}
}

// norm brings numbers to mean 0 and spread 1, then scales and moves each.
type norm struct{ scale, move []float32 }

func (m *norm) apply(out, x []float32, width int) {
	for at := 0; at < len(x); at += width {
		row, to := x[at:][:width], out[at:][:width]
		var mean, spread float32
		for _, v := range row {
			mean += v
		}
		mean /= float32(width)
		for _, v := range row {
			spread += (v - mean) * (v - mean)
		}
		k := float32(1 / math.Sqrt(float64(spread/float32(width))+1e-6))
		for j, v := range row {
			to[j] = (v-mean)*k*m.scale[j] + m.move[j]
		}
	}
}

// scratch is what one sentence needs, kept for the next.
type scratch struct {
	x, norm, wide, sum, share []float32
	whole                     []int16
	spell                     []byte
	ways                      []way
	ids                       []int32
}

// grow is n numbers of *s, made longer when it must be.
func grow[T any](s *[]T, n int) []T {
	if cap(*s) < n {
		*s = make([]T, n+n/2)
	}
	return (*s)[:n]
}
