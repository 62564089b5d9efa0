package lexicon

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
)

// A file is, little-endian: magic, dims (uint32), words (uint32), the length of
// the words' text (uint32), that text (one word a line, the commonest first), a
// float32 for each word that scales its numbers, and dims int8 for each word.
const (
	magic    = "wordvec1"
	header   = len(magic) + 12
	maxDims  = 1024
	maxWords = 1 << 20
)

// Load reads a table. It refuses a file that is cut short, holds anything more,
// names a word twice or scales by what is not a number.
func Load(file []byte) (*Model, error) {
	if len(file) < header || string(file[:len(magic)]) != magic {
		return nil, fmt.Errorf("not a table of word vectors: it does not begin with %q", magic)
	}
	u32 := func(at int) int { return int(binary.LittleEndian.Uint32(file[len(magic)+at:])) }
	dims, words, text := u32(0), u32(4), u32(8)
	if dims < 1 || dims > maxDims || words < 1 || words > maxWords {
		return nil, fmt.Errorf("%d words of %d numbers: there must be 1 to %d of 1 to %d", words, dims, maxWords, maxDims)
	}
	if want := header + text + words*4 + words*dims; len(file) != want {
		return nil, fmt.Errorf("the file has %d bytes; what it holds takes %d", len(file), want)
	}
	m := &Model{dims: dims, words: make(map[string]int32, words), scale: make([]float32, words), rows: make([]int8, words*dims)}
	rest := file[header:]
	row := int32(0)
	for w := range strings.SplitSeq(string(rest[:text]), "\n") {
		if _, twice := m.words[w]; twice || w == "" {
			return nil, fmt.Errorf("word %d, %q, is empty or comes twice", row+1, w)
		}
		m.words[w] = row
		row++
	}
	if int(row) != words {
		return nil, fmt.Errorf("%d words are said, %d are there", words, row)
	}
	rest = rest[text:]
	for i := range m.scale {
		f := math.Float32frombits(binary.LittleEndian.Uint32(rest[i*4:]))
		if f64 := float64(f); math.IsNaN(f64) || math.IsInf(f64, 0) || f < 0 {
			return nil, fmt.Errorf("the scale of word %d is %v", i+1, f)
		}
		m.scale[i] = f
	}
	for i, b := range rest[words*4:] {
		m.rows[i] = int8(b)
	}
	return m, nil
}
