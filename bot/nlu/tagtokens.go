package nlu

import (
	"unicode"
	"unicode/utf8"
)

// Token is a piece of a text as a Tagger reads it: a word, a number, one Chinese
// character, one sign. Start and End are byte offsets.
type Token struct {
	Text       string
	Start, End int
}

// maxTokens is how many tokens of a text are looked at.
const maxTokens = 300

// Tokens splits a text. An apostrophe stays in its word; so do the signs inside
// a number or a code: 3.50, 15:04, a-17.
func Tokens(text string) []Token {
	var out []Token
	start, before := -1, rune(0)
	flush := func(end int) {
		if start >= 0 {
			out = append(out, Token{text[start:end], start, end})
		}
		start = -1
	}
	for at := 0; at < len(text) && len(out) < maxTokens; {
		r, size := utf8.DecodeRuneInString(text[at:])
		next, _ := utf8.DecodeRuneInString(text[at+size:])
		switch {
		case isHan(r):
			flush(at)
			out = append(out, Token{text[at : at+size], at, at + size})
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
			if start < 0 {
				start = at
			}
		case start >= 0 && joins(before, r, next):
		case unicode.IsSpace(r):
			flush(at)
		default:
			flush(at)
			out = append(out, Token{text[at : at+size], at, at + size})
		}
		at += size
		before = r
	}
	if len(out) < maxTokens {
		flush(len(text))
	}
	return out
}

// joins reports whether the sign r between a and b belongs to their word.
func joins(a, r, b rune) bool {
	switch r {
	case '\'', '’':
		return unicode.IsLetter(a) && unicode.IsLetter(b) && !isHan(b)
	case '.', ',', ':':
		return unicode.IsDigit(a) && unicode.IsDigit(b)
	case '-', '/', '_':
		return (unicode.IsDigit(a) || unicode.IsDigit(b)) && !isHan(b) && (unicode.IsLetter(b) || unicode.IsDigit(b))
	}
	return false
}
