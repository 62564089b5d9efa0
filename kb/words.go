package kb

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// term is one searchable piece of a text. Weight says how much it tells: one
// for a word of meaning, less for a function word.
type term struct {
	Text   string
	Weight float32
}

// The weights of pieces that tell little. Function words are weakened rather
// than dropped: in short questions they still tell "how" from "when".
const (
	stopWeight    = 0.35
	hanUniWeight  = 0.45 // one Han character, beside the pairs it is part of
	hanStopWeight = 0.10
)

// maxWord bounds one Latin word, in bytes; what is longer is cut.
const maxWord = 48

// words splits text for the word analyser: Latin words stemmed lightly, Han
// characters alone and in overlapping pairs.
func words(text string) []term {
	out := make([]term, 0, len(text)/4+4)
	scan(text, func(run string, han bool) {
		if han {
			out = appendHan(out, run)
			return
		}
		w := float32(1)
		if stopWords[run] {
			w = stopWeight
		}
		out = append(out, term{stem(run), w})
	})
	return out
}

func appendHan(out []term, run string) []term {
	prev, prevSize, prevStop := -1, 0, false
	for i, r := range run {
		size := utf8.RuneLen(r)
		one := run[i : i+size]
		stop := hanStops[r]
		w := float32(hanUniWeight)
		if stop {
			w = hanStopWeight
		}
		out = append(out, term{one, w})
		if prev >= 0 {
			pair := run[prev : prev+prevSize+size]
			w := float32(1)
			if stopWords[pair] || stop && prevStop {
				w = stopWeight
			}
			out = append(out, term{pair, w})
		}
		prev, prevSize, prevStop = i, size, stop
	}
	return out
}

// grams splits text for the character analyser: three and four letters of each
// Latin word with its edges marked, so that a typing error or an ending costs
// only a part of the match. Han text is left to the word analyser.
func grams(text string) []term {
	out := make([]term, 0, len(text))
	scan(text, func(run string, han bool) {
		if han {
			return
		}
		w := float32(1)
		if stopWords[run] {
			w = stopWeight
		}
		padded := []rune("<" + run + ">")
		for n := 3; n <= 4; n++ {
			for i := 0; i+n <= len(padded); i++ {
				out = append(out, term{string(padded[i : i+n]), w})
			}
		}
	})
	return out
}

// scan calls f with each run of text, folded: a Latin (or other alphabetic)
// word, or a stretch of Han or kana. Words joined by a hyphen come apart,
// except that a very short part stays joined ("wi-fi" is wifi).
func scan(text string, f func(run string, han bool)) {
	var b strings.Builder
	var part int // bytes of the word since its last hyphen
	var pending string
	flush := func(han bool) {
		if b.Len() == 0 {
			return
		}
		s := b.String()
		b.Reset()
		part = 0
		if len(s) > maxWord && !han {
			s = strings.ToValidUTF8(s[:maxWord], "")
		}
		f(s, han)
	}
	inHan := false
	for i, original := range text {
		r, rest := fold(original), text[min(len(text), i+utf8.RuneLen(original)):]
		switch {
		case isHan(r):
			if !inHan {
				flush(false)
			}
			inHan = true
			b.WriteRune(r)
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
			if inHan {
				flush(true)
			}
			inHan = false
			b.WriteRune(r)
			part++
		case r == '\'':
			if !inHan && possessive(rest) {
				flush(false)
				pending = "s"
			}
			// Otherwise an apostrophe is part of the word: "don't" is dont.
		case r == '-' && !inHan && part > 0 && part <= 2 && wordFollows(rest),
			r == '-' && !inHan && part > 0 && shortFollows(rest):
			part = 0
		default:
			flush(inHan)
			inHan = false
		}
		if pending != "" && r == 's' {
			b.Reset()
			part, pending = 0, ""
		}
	}
	flush(inHan)
}

// possessive reports whether rest begins with the s of "customer's".
func possessive(rest string) bool {
	if !strings.HasPrefix(rest, "s") && !strings.HasPrefix(rest, "S") {
		return false
	}
	r, _ := utf8.DecodeRuneInString(rest[1:])
	return !unicode.IsLetter(r) && !unicode.IsDigit(r)
}

func wordFollows(rest string) bool {
	r, _ := utf8.DecodeRuneInString(rest)
	return unicode.IsLetter(r) && !isHan(fold(r))
}

// shortFollows reports whether rest begins with a word of at most two letters.
func shortFollows(rest string) bool {
	n := 0
	for _, r := range rest {
		if !unicode.IsLetter(r) || isHan(r) {
			break
		}
		if n++; n > 2 {
			return false
		}
	}
	return n > 0
}

// fold maps full-width forms to plain ones, curly apostrophes to straight, and
// lowers case.
func fold(r rune) rune {
	switch {
	case r >= 0xFF01 && r <= 0xFF5E:
		r -= 0xFEE0
	case r == 0x3000:
		return ' '
	case r == '’' || r == '‘' || r == 'ʼ':
		return '\''
	case r == '‐' || r == '‑':
		return '-'
	}
	if r < utf8.RuneSelf {
		if r >= 'A' && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}
	return unicode.ToLower(r)
}

// isHan reports whether r is written without spaces between words: Han, kana.
func isHan(r rune) bool {
	if r < 0x2E80 {
		return false
	}
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana)
}

// length counts what a reader would call words: Latin words, and two Han
// characters for one.
func length(text string) int {
	n, han := 0, 0
	scan(text, func(run string, h bool) {
		if h {
			han += utf8.RuneCountInString(run)
		} else {
			n++
		}
	})
	return n + (han+1)/2
}
