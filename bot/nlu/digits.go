package nlu

import (
	"regexp"
	"strconv"
	"strings"
)

var digitRE = regexp.MustCompile(`[0-9]+|[a-z]+|[零〇一二三四五六七八九幺]`)

// digitByDigit finds what the pattern matches of digits that are said or written
// one after another: "two four, double six", "2-4-6-8", "二四六八". A run of them is
// taken whole or not at all.
func digitByDigit(p plain, o Options) []Entity {
	var out []Entity
	var b strings.Builder
	from, to, times, parts := 0, 0, 1, 0
	flush := func() {
		if s := b.String(); parts > 1 {
			if m := o.Pattern.FindStringIndex(s); m != nil && m[0] == 0 && m[1] == len(s) {
				e := p.entity(from, to, s)
				e.Weak = true
				out = append(out, e)
			}
		}
		b.Reset()
		times, parts = 1, 0
	}
	for _, m := range digitRE.FindAllStringIndex(p.s, 256) {
		if parts > 0 && strings.Trim(p.s[to:m[0]], " ,.-") != "" {
			flush()
		}
		w := p.s[m[0]:m[1]]
		digits, ok := oneDigit(w)
		switch {
		case w == "double" || w == "triple":
			if times = 2; w == "triple" {
				times = 3
			}
			if parts > 0 {
				to = m[1]
			}
			continue
		case !ok:
			flush()
			continue
		}
		if parts == 0 {
			from = m[0]
		}
		b.WriteString(strings.Repeat(digits, times))
		times, to = 1, m[1]
		parts++
	}
	flush()
	return out
}

// oneDigit reads digits, or the word or character of one.
func oneDigit(w string) (string, bool) {
	if w[0] >= '0' && w[0] <= '9' {
		return w, true
	}
	if w == "oh" {
		return "0", true
	}
	if v, ok := enUnits[w]; ok && v <= 9 {
		return strconv.Itoa(int(v)), true
	}
	if v, ok := zhDigits[[]rune(w)[0]]; ok {
		return strconv.Itoa(int(v)), true
	}
	return "", false
}
