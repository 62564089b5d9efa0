package nlu

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// tagReader gives the features of each token of one text.
type tagReader struct {
	words  []uint32 // hashes of the tokens in small letters
	shapes []uint32
	texts  []string // in small letters
	intent uint32   // 0: none
	listed [][]uint32
}

// newTagReader reads the tokens. Of the gazetteer what only fold knows is left
// out; with fold -1 all of it counts.
func newTagReader(tokens []string, intent string, g *gazetteer, fold int) *tagReader {
	r := &tagReader{
		words: make([]uint32, len(tokens)), shapes: make([]uint32, len(tokens)), texts: make([]string, len(tokens)),
	}
	if intent != "" {
		r.intent = hashOf('I', intent)
	}
	for i, t := range tokens {
		r.texts[i] = lowerToken(t)
		r.words[i] = hashOf('w', digitless(r.texts[i]))
		r.shapes[i] = hashOf('s', shapeOf(t))
	}
	r.listed = g.match(r.words, fold)
	return r
}

// forget takes away what the words of the spans are; only their shapes stay.
func (r *tagReader) forget(spans []Span) {
	for _, s := range spans {
		for i := s.From; i < s.To; i++ {
			r.words[i], r.texts[i] = join(102, r.words[i]), ""
		}
	}
}

// Edges stand for the tokens before the first and after the last.
const (
	edgeBefore = 0x9E3779B1
	edgeAfter  = 0x7F4A7C15
)

func (r *tagReader) word(i int) uint32 {
	switch {
	case i < 0:
		return edgeBefore
	case i >= len(r.words):
		return edgeAfter
	}
	return r.words[i]
}

func (r *tagReader) shape(i int) uint32 {
	if i < 0 || i >= len(r.shapes) {
		return edgeBefore
	}
	return r.shapes[i]
}

// join makes one hash of a kind and some others.
func join(kind uint32, hs ...uint32) uint32 {
	h := uint32(2166136261) ^ kind*0x85EBCA6B
	for _, x := range hs {
		h = (h ^ x) * 0xC2B2AE35
		h ^= h >> 15
	}
	return h
}

// at appends the hashed features of token i to out.
func (r *tagReader) at(i int, out []uint32) []uint32 {
	w, before, after := r.word(i), r.word(i-1), r.word(i+1)
	before2, after2 := r.word(i-2), r.word(i+2)
	s, sb, sa := r.shape(i), r.shape(i-1), r.shape(i+1)
	out = append(out,
		join(1),
		join(2, w), join(3, before), join(4, after), join(5, before2), join(6, after2),
		join(7, before, w), join(8, w, after), join(9, before, after), join(10, before2, before), join(11, after, after2),
		join(12, s), join(13, sb, s), join(14, s, sa), join(15, sb, s, sa),
		join(16, before, s), join(17, s, after),
		join(18, before2, before, w), join(19, w, after, after2), join(20, before, w, after),
		join(32, r.word(i-3)), join(33, r.word(i+3)),
	)
	if r.intent != 0 {
		out = append(out, join(21, r.intent), join(22, r.intent, w), join(23, r.intent, before), join(24, r.intent, after), join(34, r.intent, s))
	}
	out = affixes(r.texts[i], out)
	for _, m := range r.listed[i] {
		out = append(out, join(27, m), join(28, m, before), join(31, m, after))
		if r.intent != 0 {
			out = append(out, join(35, m, r.intent))
		}
	}
	if i > 0 {
		for _, m := range r.listed[i-1] {
			out = append(out, join(29, m))
		}
	}
	if i+1 < len(r.words) {
		for _, m := range r.listed[i+1] {
			out = append(out, join(30, m))
		}
	}
	return out
}

// affixes appends the beginnings and ends of one to four letters.
func affixes(w string, out []uint32) []uint32 {
	at := 0
	for n := uint32(1); n <= 4 && at < len(w); n++ {
		_, size := utf8.DecodeRuneInString(w[at:])
		at += size
		out = append(out, join(25, hashOf('p', w[:at])))
	}
	at = len(w)
	for n := uint32(1); n <= 4 && at > 0; n++ {
		_, size := utf8.DecodeLastRuneInString(w[:at])
		at -= size
		out = append(out, join(26, hashOf('p', w[at:])))
	}
	return out
}

// digitless puts 0 for the digits of a word with three or more: how long it is
// says more than what it is.
func digitless(w string) string {
	digits := 0
	for i := range len(w) {
		if w[i] >= '0' && w[i] <= '9' {
			digits++
		}
	}
	if digits < 3 {
		return w
	}
	b := []byte(w)
	for i, c := range b {
		if c >= '0' && c <= '9' {
			b[i] = '0'
		}
	}
	return string(b)
}

// shapeOf is what a token looks like: capitals X, small letters x, digits 0,
// Chinese 字, signs themselves; of a kind in a row the first four.
func shapeOf(t string) string {
	out := make([]rune, 0, 16)
	last, run := rune(0), 0
	for _, r := range t {
		c := r
		switch {
		case isHan(r):
			c = '字'
		case unicode.IsDigit(r):
			c = '0'
		case unicode.IsUpper(r):
			c = 'X'
		case unicode.IsLetter(r):
			c = 'x'
		}
		if c == last {
			run++
		} else {
			last, run = c, 1
		}
		if run <= 4 && len(out) < 16 {
			out = append(out, c)
		}
	}
	return string(out)
}

func lowerToken(s string) string {
	var b strings.Builder
	for _, r := range s {
		b.WriteRune(plainRune(r))
	}
	return b.String()
}
