package speech

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/parleyhq/parley/desk"
)

// rule reads one kind of thing in a text.
type rule struct {
	find *regexp.Regexp
	say  func(groups []string, lang desk.Lang) (words string, ok bool)
}

const number = `[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?`

// rules are tried at each place of the text in this order.
var rules = []rule{
	{regexp.MustCompile(`(?:https?://|www\.)[^\s，。！？)）]+`), func(_ []string, lang desk.Lang) (string, bool) {
		return pick(lang, "the address on your page", "页面上的网址"), true
	}},
	{regexp.MustCompile(`[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+`), func(g []string, lang desk.Lang) (string, bool) {
		return strings.NewReplacer("@", pick(lang, " at ", " 艾特 "), ".", pick(lang, " dot ", " 点 "), "_", " underscore ", "-", " dash ").Replace(g[0]), true
	}},
	{regexp.MustCompile(`([0-9]{4})-([01][0-9])-([0-3][0-9])(?:[T ]([0-2]?[0-9]):([0-5][0-9])(?::[0-5][0-9])?(?:Z|[+-][0-9:]{4,6})?)?`), sayDate},
	{regexp.MustCompile(`([0-2]?[0-9])[:：]([0-5][0-9])(?::[0-5][0-9])?(?:\s*([AaPp])\.?[Mm]\b\.?)?`), sayTime},
	{regexp.MustCompile(`(¥|￥|\$|€|£|CNY|RMB|USD|EUR|GBP)\s?(` + number + `)`), func(g []string, lang desk.Lang) (string, bool) {
		return Money(g[2], g[1], lang), true
	}},
	{regexp.MustCompile(`(` + number + `)\s?(元|块|美元|欧元|英镑|人民币|CNY|RMB|USD|EUR|GBP|yuan|euros?|dollars?|pounds)`), func(g []string, lang desk.Lang) (string, bool) {
		return Money(g[1], g[2], lang), true
	}},
	{regexp.MustCompile(`\+[0-9][0-9 ()-]{5,}[0-9]|\b[0-9]{3,4}[ -][0-9]{3,4}(?:[ -][0-9]{3,4})+\b`), func(g []string, lang desk.Lang) (string, bool) {
		return Digits(g[0], lang), true
	}},
	{regexp.MustCompile(`[A-Z]{1,4}-?[0-9]{2,}[A-Z0-9-]*|[0-9]{2,}[A-Z]+[0-9A-Z]*|\b0[0-9]+\b`), func(g []string, lang desk.Lang) (string, bool) {
		return Digits(g[0], lang), true
	}},
	{regexp.MustCompile(`((?i:number|code|order|case|pin|no\.?|reference)|编号|单号|订单|号码|验证码|密码|工单)(\s+(?i:is)\s+|\s*[:：是为#]?\s*)([0-9]{3,})\b`), func(g []string, lang desk.Lang) (string, bool) {
		return g[1] + g[2] + Digits(g[3], lang), true
	}},
	{regexp.MustCompile(`(` + number + `)\s?%`), func(g []string, lang desk.Lang) (string, bool) {
		n := Decimal(strings.ReplaceAll(g[1], ",", ""), lang)
		return pick(lang, n+" percent", "百分之"+n), true
	}},
	{regexp.MustCompile(`([0-9]+)\s?(?:-|–|—|~|～)\s?([0-9]+)`), func(g []string, lang desk.Lang) (string, bool) {
		if len(g[1]) > 4 || len(g[2]) > 4 {
			return Digits(g[0], lang), true
		}
		return Decimal(g[1], lang) + pick(lang, " to ", "到") + Decimal(g[2], lang), true
	}},
	{regexp.MustCompile(`\b([0-9]+)(?:st|nd|rd|th)\b`), func(g []string, lang desk.Lang) (string, bool) {
		n, err := strconv.ParseInt(g[1], 10, 64)
		return Ordinal(n, lang), err == nil
	}},
	{regexp.MustCompile(`(` + number + `)(\s?(?:杯|个|位|份|件|次|天|小时|分钟|周|张|名|号键|家))?`), sayNumber},
}

// Read spells out what stands in a text as figures: dates, times, amounts,
// codes digit by digit, telephone numbers, and plain numbers.
func Read(text string, lang desk.Lang) string {
	var b strings.Builder
	for text != "" {
		at, end, words := len(text), len(text), ""
		for _, r := range rules {
			m := r.find.FindStringSubmatchIndex(text)
			if m == nil || m[0] >= at {
				continue
			}
			if w, ok := r.say(groups(text, m), lang); ok {
				at, end, words = m[0], m[1], w
			}
		}
		b.WriteString(text[:at])
		if words != "" && lang != desk.Chinese && at > 0 && wordly(text[at-1]) {
			b.WriteByte(' ')
		}
		b.WriteString(words)
		if words != "" && lang != desk.Chinese && end < len(text) && wordly(text[end]) {
			b.WriteByte(' ')
		}
		text = text[end:]
	}
	return b.String()
}

func wordly(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' }

func groups(text string, m []int) []string {
	out := make([]string, len(m)/2)
	for i := range out {
		if m[2*i] >= 0 {
			out[i] = text[m[2*i]:m[2*i+1]]
		}
	}
	return out
}

func sayDate(g []string, lang desk.Lang) (string, bool) {
	y, _ := strconv.Atoi(g[1])
	mo, _ := strconv.Atoi(g[2])
	d, _ := strconv.Atoi(g[3])
	day := time.Date(y, time.Month(mo), d, 0, 0, 0, 0, time.UTC)
	if mo < 1 || day.Day() != d || day.Month() != time.Month(mo) {
		return Digits(g[0], lang), true
	}
	words := ""
	if lang == desk.Chinese {
		for _, r := range g[1] {
			words += string(zhDigits[r-'0'])
		}
		words += "年" + zhCardinal(int64(mo)) + "月" + zhCardinal(int64(d)) + "日"
	} else {
		words = day.Month().String() + " " + Ordinal(int64(d), lang) + ", " + enYear(y)
	}
	if g[4] == "" {
		return words, true
	}
	clock, _ := sayTime([]string{"", g[4], g[5], ""}, lang)
	return words + pick(lang, ", ", "") + clock, true
}

func enYear(y int) string {
	high, low := int64(y/100), int64(y%100)
	switch {
	case y >= 2000 && y < 2010:
		return enCardinal(int64(y))
	case low == 0:
		return enCardinal(high) + " hundred"
	case low < 10:
		return enCardinal(high) + " oh " + enOnes[low]
	}
	return enCardinal(high) + " " + enHundreds(low)
}

func sayTime(g []string, lang desk.Lang) (string, bool) {
	h, _ := strconv.ParseInt(g[1], 10, 64)
	m, _ := strconv.ParseInt(g[2], 10, 64)
	if h > 24 {
		return "", false
	}
	switch strings.ToLower(g[3]) {
	case "p":
		h = h%12 + 12
	case "a":
		h %= 12
	}
	if lang == desk.Chinese {
		words := zhMeasure(h) + "点"
		switch {
		case m == 0:
		case m < 10:
			words += "零" + zhCardinal(m) + "分"
		default:
			words += zhCardinal(m) + "分"
		}
		return words, true
	}
	half := " a.m."
	if h%24 >= 12 {
		half = " p.m."
	}
	hour := h % 12
	if hour == 0 {
		hour = 12
	}
	switch {
	case m == 0:
		return enOnes[hour] + half, true
	case m < 10:
		return enOnes[hour] + " oh " + enOnes[m] + half, true
	}
	return enOnes[hour] + " " + enHundreds(m) + half, true
}

func sayNumber(g []string, lang desk.Lang) (string, bool) {
	plain := strings.ReplaceAll(g[1], ",", "")
	if len(plain) >= 6 && plain == g[1] && !strings.Contains(plain, ".") {
		return Digits(plain, lang) + g[2], true // nobody writes a quantity like that
	}
	if lang == desk.Chinese && plain == "2" && g[2] != "" {
		return "两" + g[2], true
	}
	return Decimal(plain, lang) + g[2], true
}
