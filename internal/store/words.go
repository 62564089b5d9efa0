package store

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// fold makes text comparable: lower case, without accents, full-width letters
// as usual ones. Both engines then find the same.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(s))
}

const maxWord = 40 // runes of a word that is kept

// wordsOf splits text into folded words, each once. Chinese, Japanese and
// Korean text, which has no spaces, becomes pairs of neighbouring characters,
// and each run's last character alone.
func wordsOf(s string) []string {
	var out []string
	seen := map[string]bool{}
	add := func(w string) {
		if w != "" && !seen[w] {
			seen[w] = true
			out = append(out, w)
		}
	}
	var word []rune
	var last rune // of a run of characters without spaces
	end := func() {
		if last != 0 {
			add(string(last))
		}
		add(string(word[:min(len(word), maxWord)]))
		word, last = word[:0], 0
	}
	for _, r := range fold(s) {
		switch {
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul):
			if last != 0 {
				add(string([]rune{last, r}))
			} else {
				end()
			}
			last = r
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if last != 0 {
				end()
			}
			word = append(word, r)
		default:
			end()
		}
	}
	end()
	return out
}
