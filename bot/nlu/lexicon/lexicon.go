// Package lexicon gives English sentences vectors that are near each other when
// the sentences mean alike: the sum of the vectors of their words, from a table
// that is part of the program. It costs microseconds, needs no network and knows
// no other language.
package lexicon

import (
	_ "embed"
	"math"
	"sync"
)

// Name names the embedded table. It changes when the table does, for vectors of
// two tables must not be compared.
const Name = "parley-lexicon-1"

//go:embed english.vec
var english []byte

// Default is the embedded model, decoded at the first call.
var Default = sync.OnceValue(func() *Model {
	m, err := Load(english)
	if err != nil {
		panic("lexicon: the embedded table: " + err.Error())
	}
	return m
})

// Model is a table of words' vectors. It may be used by many at once.
type Model struct {
	dims  int
	words map[string]int32 // to row; rows are sorted by how common the words are
	scale []float32        // of each row: its numbers times this are the vector
	rows  []int8
}

// Dims is how many numbers a vector has.
func (m *Model) Dims() int { return m.dims }

// Words is how many words the table holds.
func (m *Model) Words() int { return len(m.scale) }

// Embed is the vector of a text, of length one, with Dims numbers. It is nil
// when no word of it is known, as in Chinese. Case does not matter, and neither
// does anything that is not a letter. A word that is not in the table counts as
// the commonest one that is a single slip away, or as the two words it is made of.
func (m *Model) Embed(text string) []float32 {
	var sum []float32
	in := words{text: text}
	for w := in.next(); w != nil; w = in.next() {
		a, b := m.find(w)
		switch {
		case a < 0:
		case b < 0:
			sum = m.add(sum, a, 1)
		default:
			sum = m.add(sum, a, 0.5)
			sum = m.add(sum, b, 0.5)
		}
	}
	return unit(sum)
}

// add adds a row to a sum, which nil begins.
func (m *Model) add(sum []float32, row int32, weight float32) []float32 {
	if sum == nil {
		sum = make([]float32, m.dims)
	}
	k := m.scale[row] * weight
	numbers := m.rows[int(row)*m.dims:][:len(sum)]
	for j, x := range numbers {
		sum[j] += k * float32(x)
	}
	return sum
}

// unit gives v length one, in place; nil when it has none.
func unit(v []float32) []float32 {
	var sum float64
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	if sum == 0 {
		return nil
	}
	k := float32(1 / math.Sqrt(sum))
	for i := range v {
		v[i] *= k
	}
	return v
}
