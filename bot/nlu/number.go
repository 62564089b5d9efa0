package nlu

import (
	"regexp"
	"strconv"
	"strings"
)

// number is a count found in a plain text.
type number struct {
	value    float64
	from, to int
	ordinal  bool // "second", 第二
	article  bool // only "a" or "an" says one: "a dozen" but also "an apple"
}

var enUnits = map[string]float64{
	"zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
	"ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
	"seventeen": 17, "eighteen": 18, "nineteen": 19,
	"twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}

var enScales = map[string]float64{
	"hundred": 100, "thousand": 1000, "grand": 1000, "million": 1e6, "billion": 1e9, "dozen": 12, "dozens": 12, "couple": 2, "pair": 2,
}

var enOrdinals = map[string]float64{
	"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "fifth": 5, "5th": 5,
	"sixth": 6, "6th": 6, "seventh": 7, "7th": 7, "eighth": 8, "8th": 8, "ninth": 9, "9th": 9, "tenth": 10, "10th": 10,
}

var (
	digitsRE = regexp.MustCompile(`(?:-|minus |negative |负)?(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)`)
	zhNumRE  = regexp.MustCompile(`(第)?(负)?([0-9.]*[零〇一二两三四五六七八九十百千万亿][零〇一二两三四五六七八九十百千万亿半0-9]*(?:点[零〇一二三四五六七八九]+)?|半)`)
	wordRE   = regexp.MustCompile(`[a-z0-9]+(?:'[a-z]+)?`)
)

// scanNumbers finds every number of p, written in digits, English words or
// Chinese characters, in order.
func scanNumbers(p plain) []number {
	out := scanDigits(p.s)
	out = append(out, scanEnglish(p.s)...)
	if hasHan(p.s) {
		out = append(out, scanChinese(p.s)...)
	}
	return longest(out)
}

// longest keeps of overlapping numbers the longest.
func longest(all []number) []number {
	var out []number
	for i, n := range all {
		good := true
		for j, m := range all {
			if i != j && n.from < m.to && m.from < n.to && (m.to-m.from > n.to-n.from || m.to-m.from == n.to-n.from && j < i) {
				good = false
				break
			}
		}
		if good {
			out = append(out, n)
		}
	}
	sortBy(out, func(a, b number) bool { return a.from < b.from })
	return out
}

func scanDigits(s string) []number {
	var out []number
	for _, m := range digitsRE.FindAllStringIndex(s, 64) {
		from, to := m[0], m[1]
		raw := s[from:to]
		if from > 0 && (isWord(s[from-1]) || s[from-1] == '.' && from > 1 && isWord(s[from-2])) {
			if raw[0] != '-' {
				continue
			}
			raw, from = raw[1:], from+1 // "a-5": a dash, not a sign
		}
		sign := 1.0
		for _, minus := range []string{"-", "minus ", "negative ", "负"} {
			if rest, ok := strings.CutPrefix(raw, minus); ok {
				sign, raw = -1, rest
			}
		}
		v, err := strconv.ParseFloat(strings.ReplaceAll(raw, ",", ""), 64)
		if err != nil {
			continue
		}
		n := number{value: sign * v, from: from, to: to}
		rest := s[to:]
		switch {
		case hasWord(rest, "k"):
			n.value, n.to = n.value*1000, to+1
		case hasWord(rest, "st"), hasWord(rest, "nd"), hasWord(rest, "rd"), hasWord(rest, "th"):
			n.ordinal, n.to = true, to+2
		case hasWord(rest, " dozen"):
			n.value, n.to = n.value*12, to+len(" dozen")
		case hasWord(rest, " hundred"):
			n.value, n.to = n.value*100, to+len(" hundred")
		case hasWord(rest, " thousand"):
			n.value, n.to = n.value*1000, to+len(" thousand")
		case hasWord(rest, " million"):
			n.value, n.to = n.value*1e6, to+len(" million")
		case to < len(s) && isWord(s[to]):
			continue // part of a code such as 3a
		}
		out = append(out, n)
	}
	return out
}

// hasWord reports whether s begins with w and the word ends there.
func hasWord(s, w string) bool {
	return strings.HasPrefix(s, w) && (len(s) == len(w) || !isWord(s[len(w)]))
}

// scanEnglish reads runs of number words: "two hundred and thirty", "twenty-two",
// "two and a half", "a couple of dozen".
func scanEnglish(s string) []number {
	words := wordRE.FindAllStringIndex(s, 512)
	word := func(i int) string {
		if i < 0 || i >= len(words) {
			return ""
		}
		return s[words[i][0]:words[i][1]]
	}
	joined := func(i int) bool { // word i follows the one before with only a blank or a hyphen between
		gap := s[words[i-1][1]:words[i][0]]
		return gap == " " || gap == "-"
	}
	var out []number
	for i := 0; i < len(words); i++ {
		if v, ok := enOrdinals[word(i)]; ok {
			out = append(out, number{value: v, from: words[i][0], to: words[i][1], ordinal: true})
			continue
		}
		total, current, article, spoken, end := 0.0, 0.0, false, false, i
		negative := word(i) == "minus" || word(i) == "negative"
		j := i
		if negative {
			j++
		}
		if w := word(j); w == "a" || w == "an" {
			if _, scale := enScales[word(j+1)]; (!scale && word(j+1) != "half") || (j+1 < len(words) && !joined(j+1)) {
				continue
			}
			current, article = 1, true
			j++
		}
		for first := j; j < len(words) && (j == first || joined(j)); j++ {
			w := word(j)
			v, unit := enUnits[w]
			scale, big := enScales[w]
			switch {
			case unit && spoken && (current != 0 && !(isTens(current) && v < 10) && !(mod100(current) && v < 100)):
				goto done // "two three" is two numbers
			case unit:
				current, spoken = current+v, true
			case big && (spoken || article):
				if scale >= 1000 {
					total, current = total+max(current, 1)*scale, 0
				} else {
					current = max(current, 1) * scale
				}
				spoken = true
			case big && w == "dozen":
				current, spoken = 12, true
			case w == "half" && (article || !spoken):
				current, spoken = 0.5, true
				if word(j+1) == "a" && word(j+2) == "dozen" {
					current, j = 6, j+2
				} else if word(j+1) == "dozen" {
					current, j = 6, j+1
				}
				end = j + 1
				goto done
			case w == "and" && spoken && word(j+1) == "a" && word(j+2) == "half":
				current += 0.5
				end = j + 3
				goto done
			case w == "and" && spoken && (mod100(current) || total > 0) && enUnits[word(j+1)] > 0:
				continue
			case w == "of" && spoken && word(j+1) == "dozen":
				continue
			case w == "point" && spoken && isUnit(word(j+1)):
				place := 0.1
				for j++; j < len(words) && isUnit(word(j)); j++ {
					current += enUnits[word(j)] * place
					place /= 10
				}
				end = j
				goto done
			default:
				goto done
			}
			end = j + 1
		}
	done:
		if !spoken || end <= i {
			continue
		}
		v := total + current
		if negative {
			v = -v
		}
		out = append(out, number{value: round6(v), from: words[i][0], to: words[end-1][1], article: article})
		i = end - 1
	}
	return out
}

func isUnit(w string) bool  { v, ok := enUnits[w]; return ok && v < 10 }
func isTens(v float64) bool { return v >= 20 && int(v)%10 == 0 && int(v)%100 != 0 }
func mod100(v float64) bool { return v >= 100 && int(v)%100 == 0 }
func round6(v float64) float64 {
	f, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'f', 6, 64), 64)
	return f
}
func decimal(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

var zhDigits = map[rune]float64{'零': 0, '〇': 0, '一': 1, '二': 2, '两': 2, '三': 3, '四': 4, '五': 5, '六': 6, '七': 7, '八': 8, '九': 9, '幺': 1}
var zhScales = map[rune]float64{'十': 10, '百': 100, '千': 1000, '万': 1e4, '亿': 1e8}

// notNumber are words that begin with a number character but count nothing.
var notNumber = regexp.MustCompile(`^(?:一下|一起|一样|一般|一定|一直|一共|一切|一些|一点(?:儿|都|也|$)|一会|一边|一旦|十分(?:感谢|抱歉|满意)|千万别|千万不|万一|万达|三明治|三里屯|四川|五道口|七喜|九江|百度|半天)`)

func scanChinese(s string) []number {
	var out []number
	for _, m := range zhNumRE.FindAllStringSubmatchIndex(s, 64) {
		from, to := m[0], m[1]
		if notNumber.MatchString(s[from:]) {
			continue
		}
		v, ok := parseChinese(s[m[6]:m[7]])
		if !ok {
			continue
		}
		if m[4] >= 0 {
			v = -v
		}
		n := number{value: v, from: from, to: to, ordinal: m[2] >= 0}
		if rest := s[to:]; strings.HasPrefix(rest, "打") {
			n.value, n.to = v*12, to+len("打")
		} else if i := zhHalf(rest); i > 0 { // 两个半
			n.value, n.to = v+0.5, to+i
		}
		out = append(out, n)
	}
	return out
}

func zhHalf(rest string) int {
	for _, h := range []string{"个半", "斤半", "杯半", "倍半"} {
		if strings.HasPrefix(rest, h) {
			return len(h)
		}
	}
	return 0
}

// parseChinese reads a Chinese numeral, formal (两百三十), spoken with the last
// scale left out (两百三, 一万五) or digit by digit (二零二六); Arabic digits may
// stand before a scale (3万).
func parseChinese(s string) (float64, bool) {
	if s == "半" {
		return 0.5, true
	}
	head, frac, hasFrac := strings.Cut(s, "点")
	half := strings.HasSuffix(head, "半")
	head = strings.TrimSuffix(head, "半")
	scaled := strings.ContainsAny(head, "十百千万亿")
	var v float64
	if scaled {
		var ok bool
		if v, ok = chineseScaled(head); !ok {
			return 0, false
		}
	} else {
		for _, r := range head {
			d, ok := zhDigits[r]
			if !ok {
				if r < '0' || r > '9' {
					return 0, false
				}
				d = float64(r - '0')
			}
			v = v*10 + d
		}
	}
	if hasFrac {
		place := 0.1
		for _, r := range frac {
			v += zhDigits[r] * place
			place /= 10
		}
	}
	if half {
		v += 0.5
	}
	return round6(v), true
}

func chineseScaled(s string) (float64, bool) {
	var total, section, digit, last float64
	have, zero := false, false
	for i := 0; i < len(s); {
		r, size := rune(s[i]), 1
		if r >= 0x80 {
			for _, rr := range s[i:] {
				r, size = rr, len(string(rr))
				break
			}
		}
		if r >= '0' && r <= '9' || r == '.' {
			j := i
			for j < len(s) && (s[j] >= '0' && s[j] <= '9' || s[j] == '.') {
				j++
			}
			d, err := strconv.ParseFloat(s[i:j], 64)
			if err != nil {
				return 0, false
			}
			digit, have, i = d, true, j
			continue
		}
		i += size
		if d, ok := zhDigits[r]; ok {
			if d == 0 {
				zero = true
			} else {
				if have {
					return 0, false
				}
				digit, have = d, true
			}
			continue
		}
		scale := zhScales[r]
		if !have {
			digit = 1
			if section > 0 || r != '十' {
				digit = 0
			}
		}
		if scale >= 1e4 {
			total, section = (total+section+digit)*scale, 0
		} else {
			section += digit * scale
		}
		digit, have, zero, last = 0, false, false, scale
	}
	if have {
		if last >= 100 && !zero && digit < 10 {
			digit *= last / 10 // 两百三 is 230
		}
		section += digit
	}
	return total + section, true
}

func findNumbers(p plain) []Entity {
	var out []Entity
	for _, n := range scanNumbers(p) {
		if n.ordinal {
			continue
		}
		e := p.entity(n.from, n.to, decimal(n.value))
		e.Weak = true
		out = append(out, e)
	}
	return out
}
