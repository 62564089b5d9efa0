package lexicon

import "unicode"

// longest is the longest word looked up, in bytes; the rest of it is not read.
const longest = 24

// words reads the words of a text as the table spells them: runs of the letters
// a to z in lower case. What follows an apostrophe is left out ("card's" is
// "card"), but for "n't", which is "not".
type words struct {
	text string // what is left
	not  bool   // "not" is next
	buf  [longest]byte
}

// next is the next word, good until it is called again; nil at the end.
func (w *words) next() []byte {
	if w.not {
		w.not = false
		return append(w.buf[:0], "not"...)
	}
	n, tail := 0, byte(0) // tail: the first letter after an apostrophe, which is its own until then
	for at, r := range w.text {
		if r >= 'A' && r <= 'Z' {
			r += 'a' - 'A'
		}
		switch {
		case r >= 'a' && r <= 'z':
			if tail == '\'' {
				tail = byte(r)
			} else if tail == 0 && n < longest {
				w.buf[n] = byte(r)
				n++
			}
		case (r == '\'' || r == '’') && n > 0:
			tail = '\''
		case n > 0 && !unicode.Is(unicode.Mn, r): // an accent written by itself does not end a word
			w.text = w.text[at:]
			return w.word(n, tail)
		}
	}
	w.text = ""
	return w.word(n, tail)
}

// word is what was read, n letters and the first of a tail.
func (w *words) word(n int, tail byte) []byte {
	if n == 0 {
		return nil
	}
	if tail != 't' || n == 1 || w.buf[n-1] != 'n' {
		return w.buf[:n]
	}
	w.not = true
	switch stem := w.buf[:n-1]; string(stem) {
	case "ca":
		return append(w.buf[:0], "can"...)
	case "wo":
		return append(w.buf[:0], "will"...)
	default:
		return stem
	}
}
