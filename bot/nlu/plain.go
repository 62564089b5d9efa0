package nlu

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// plain is a text made easy to search: lower case, full-width letters, digits
// and punctuation as their ASCII twins, curly quotes straight. Every byte of
// it knows where in the original it came from, so that spans can be given in
// the original.
type plain struct {
	s    string
	orig string
	at   []int // at[i] is the offset in orig of byte i of s; len(s)+1 entries
}

// maxText is how much of a message is looked at: a page. What follows is
// ignored by the recognisers, so that a hostile message costs little.
const maxText = 4000

func newPlain(text string) plain {
	if len(text) > maxText {
		cut := maxText
		for cut > 0 && !utf8.RuneStart(text[cut]) {
			cut--
		}
		text = text[:cut]
	}
	var b strings.Builder
	b.Grow(len(text))
	at := make([]int, 0, len(text)+1)
	for i, r := range text {
		before := b.Len()
		b.WriteRune(plainRune(r))
		for range b.Len() - before {
			at = append(at, i)
		}
	}
	at = append(at, len(text))
	return plain{s: b.String(), orig: text, at: at}
}

func plainRune(r rune) rune {
	switch {
	case r >= 0xFF01 && r <= 0xFF5E:
		r -= 0xFEE0
	case r == 0x3000 || r == 0xA0 || r == '\t' || r == '\n' || r == '\r':
		return ' '
	case r == '’' || r == '‘' || r == 'ʼ':
		return '\''
	case r == '“' || r == '”':
		return '"'
	case r == '–' || r == '—':
		return '-'
	case r == '。':
		return '.'
	case r == '、':
		return ','
	case r == '￥':
		return '¥'
	}
	return unicode.ToLower(r)
}

// span gives the original offsets and words of s[from:to].
func (p plain) span(from, to int) (start, end int, text string) {
	start, end = p.at[from], p.at[to]
	return start, end, p.orig[start:end]
}

// entity makes an Entity of s[from:to], without the blanks around it.
func (p plain) entity(from, to int, value string) Entity {
	for from < to && p.s[from] == ' ' {
		from++
	}
	for to > from && p.s[to-1] == ' ' {
		to--
	}
	start, end, text := p.span(from, to)
	return Entity{Value: value, Text: text, Start: start, End: end}
}

// isHan reports whether r is written Chinese.
func isHan(r rune) bool {
	return r >= 0x4E00 && r <= 0x9FFF || r >= 0x3400 && r <= 0x4DBF || r == '〇'
}

// hasHan reports whether any of s is written Chinese.
func hasHan(s string) bool {
	for _, r := range s {
		if isHan(r) {
			return true
		}
	}
	return false
}

func isWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_'
}

// bounded reports whether s[from:to] stands alone: no Latin letter or digit
// goes on at either end. Chinese needs no bounds.
func bounded(s string, from, to int) bool {
	if from > 0 && from < len(s) && isWord(s[from]) && isWord(s[from-1]) {
		return false
	}
	return to >= len(s) || to <= from || !isWord(s[to-1]) || !isWord(s[to])
}
