package channels

import (
	"strings"
	"unicode"
)

// Split cuts text into pieces of at most limit runes (0: any number), at the
// end of a paragraph, else of a line, of a sentence, of a word, else anywhere
// but within a character that is composed of several. Only white space at the
// cuts is lost.
func Split(text string, limit int) []string {
	text = strings.TrimSpace(strings.ToValidUTF8(text, "\uFFFD"))
	var out []string
	for rest := []rune(text); len(rest) > 0; {
		if limit <= 0 || len(rest) <= limit {
			return append(out, string(rest))
		}
		n := cutAt(rest, limit)
		if piece := strings.TrimSpace(string(rest[:n])); piece != "" {
			out = append(out, piece)
		}
		rest = []rune(strings.TrimLeftFunc(string(rest[n:]), unicode.IsSpace))
	}
	return out
}

// cutAt finds the best place to cut within the first limit runes. A cut in the
// first third is not worth a better place.
func cutAt(r []rune, limit int) int {
	for _, ends := range []func([]rune, int) bool{endsParagraph, endsLine, endsSentence, endsWord} {
		for n := limit; n > limit/3; n-- {
			if ends(r, n) {
				return n
			}
		}
	}
	n := limit
	for n > 1 && (joins(r[n]) || r[n-1] == '\u200d') {
		n--
	}
	if n == 1 {
		return limit
	}
	return n
}

func endsParagraph(r []rune, n int) bool { return n >= 2 && r[n-1] == '\n' && r[n-2] == '\n' }
func endsLine(r []rune, n int) bool      { return r[n-1] == '\n' }

func endsSentence(r []rune, n int) bool {
	switch r[n-1] {
	case '。', '！', '？', '；', '…':
		return true
	case '.', '!', '?':
		return n == len(r) || unicode.IsSpace(r[n])
	}
	return false
}

func endsWord(r []rune, n int) bool {
	return unicode.IsSpace(r[n-1]) || n < len(r) && unicode.IsSpace(r[n]) || r[n-1] == '，' || r[n-1] == '、'
}

// joins reports whether c belongs to the character before it.
func joins(c rune) bool {
	return unicode.Is(unicode.Mn, c) || unicode.Is(unicode.Me, c) || c == '\u200d' || c >= 0xFE00 && c <= 0xFE0F || c >= 0x1F3FB && c <= 0x1F3FF
}
