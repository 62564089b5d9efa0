package speech

import (
	"strconv"
	"strings"

	"github.com/parleyhq/parley/desk"
)

var (
	enOnes = []string{
		"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
		"fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
	}
	enTens   = []string{"", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"}
	enScales = []string{"", " thousand", " million", " billion", " trillion"}
	zhDigits = []rune("零一二三四五六七八九")
)

// Cardinal says a whole number: "one hundred and five", "一百零五". Beyond
// 10^15 it is said digit by digit.
func Cardinal(n int64, lang desk.Lang) string {
	if n < 0 {
		return pick(lang, "minus ", "负") + Cardinal(-n, lang)
	}
	if n >= 1e15 {
		return Digits(strconv.FormatInt(n, 10), lang)
	}
	if lang == desk.Chinese {
		return zhCardinal(n)
	}
	return enCardinal(n)
}

func pick(lang desk.Lang, en, zh string) string {
	if lang == desk.Chinese {
		return zh
	}
	return en
}

func enCardinal(n int64) string {
	if n < 1000 {
		return enHundreds(n)
	}
	var parts []string
	for scale := 0; n > 0; scale++ {
		if low := n % 1000; low > 0 {
			words := enHundreds(low) + enScales[scale]
			if scale == 0 && low < 100 {
				words = "and " + words
			}
			parts = append([]string{words}, parts...)
		}
		n /= 1000
	}
	return strings.Join(parts, " ")
}

func enHundreds(n int64) string {
	switch {
	case n < 20:
		return enOnes[n]
	case n < 100:
		if n%10 == 0 {
			return enTens[n/10]
		}
		return enTens[n/10] + "-" + enOnes[n%10]
	case n%100 == 0:
		return enOnes[n/100] + " hundred"
	}
	return enOnes[n/100] + " hundred and " + enHundreds(n%100)
}

// zhCardinal reads by groups of four digits: 万, 亿, 万亿.
func zhCardinal(n int64) string {
	if n == 0 {
		return "零"
	}
	var out string
	gap := false // the group below began with zeros
	for _, scale := range []string{"", "万", "亿", "万亿"} {
		if n == 0 {
			break
		}
		group := n % 10000
		n /= 10000
		if group == 0 {
			gap = out != ""
			continue
		}
		words := zhGroup(group, n == 0) + scale
		if scale != "" && group == 2 {
			words = "两" + scale
		}
		if gap && out != "" {
			words += "零"
		}
		out = words + out
		gap = group < 1000
	}
	return strings.TrimPrefix(out, "零")
}

// zhGroup reads 1 to 9999; first when nothing stands before it.
func zhGroup(n int64, first bool) string {
	var b strings.Builder
	zero := false
	for _, unit := range []struct {
		size int64
		name string
	}{{1000, "千"}, {100, "百"}, {10, "十"}, {1, ""}} {
		d := n / unit.size % 10
		switch {
		case d == 0:
			zero = b.Len() > 0
			continue
		case zero:
			b.WriteString("零")
			zero = false
		}
		switch {
		case unit.size == 10 && d == 1 && n < 20 && first:
		case d == 2 && unit.size >= 1000:
			b.WriteString("两")
		default:
			b.WriteRune(zhDigits[d])
		}
		b.WriteString(unit.name)
	}
	return b.String()
}

// Ordinal says a place in a row: "twenty-first", "第二十一".
func Ordinal(n int64, lang desk.Lang) string {
	if lang == desk.Chinese {
		return "第" + zhCardinal(n)
	}
	words := enCardinal(n)
	head, last := "", words
	if i := strings.LastIndexAny(words, " -"); i >= 0 {
		head, last = words[:i+1], words[i+1:]
	}
	irregular := map[string]string{
		"one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth", "twelve": "twelfth",
	}
	switch w, ok := irregular[last]; {
	case ok:
		last = w
	case strings.HasSuffix(last, "y"):
		last = strings.TrimSuffix(last, "y") + "ieth"
	default:
		last += "th"
	}
	return head + last
}

// Digits says the letters and digits of a code one by one; in Chinese one is
// yāo, as on the telephone.
func Digits(code string, lang desk.Lang) string {
	var words []string
	for _, r := range code {
		switch {
		case r >= '0' && r <= '9' && lang == desk.Chinese && r == '1':
			words = append(words, "幺")
		case r >= '0' && r <= '9' && lang == desk.Chinese:
			words = append(words, string(zhDigits[r-'0']))
		case r >= '0' && r <= '9':
			words = append(words, enOnes[r-'0'])
		case r == '+':
			words = append(words, pick(lang, "plus", "加"))
		case r == '-' || r == ' ' || r == '.' || r == '/' || r == '(' || r == ')':
			if n := len(words); n > 0 && !strings.HasSuffix(words[n-1], ",") && !strings.HasSuffix(words[n-1], "，") {
				words[n-1] += pick(lang, ",", "，")
			}
		default:
			words = append(words, strings.ToUpper(string(r)))
		}
	}
	return strings.TrimRight(strings.Join(words, " "), ",，")
}

// Decimal says a number with a fraction: "two point five", "二点五".
func Decimal(s string, lang desk.Lang) string {
	whole, frac, has := strings.Cut(s, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return Digits(s, lang)
	}
	if !has {
		return Cardinal(n, lang)
	}
	if lang == desk.Chinese {
		var b strings.Builder
		for _, r := range frac {
			b.WriteRune(zhDigits[(r-'0')%10])
		}
		return Cardinal(n, lang) + "点" + b.String()
	}
	return Cardinal(n, lang) + " point " + Digits(frac, lang)
}

// currency is how amounts are said.
type currency struct {
	one, many, cent, cents string // English
	zh                     string
}

var currencies = map[string]currency{
	"¥": {"yuan", "yuan", "fen", "fen", "元"}, "$": {"dollar", "dollars", "cent", "cents", "美元"},
	"€": {"euro", "euros", "cent", "cents", "欧元"}, "£": {"pound", "pounds", "penny", "pence", "英镑"},
}

var currencyNames = map[string]string{
	"¥": "¥", "￥": "¥", "cny": "¥", "rmb": "¥", "yuan": "¥", "元": "¥", "块": "¥", "人民币": "¥",
	"$": "$", "usd": "$", "us$": "$", "dollars": "$", "dollar": "$", "美元": "$",
	"€": "€", "eur": "€", "euro": "€", "euros": "€", "欧元": "€", "£": "£", "gbp": "£", "pounds": "£", "英镑": "£",
}

// Money says an amount: "twenty-eight yuan fifty", "二十八元五角".
func Money(amount, unit string, lang desk.Lang) string {
	c, ok := currencies[currencyNames[strings.ToLower(unit)]]
	amount = strings.ReplaceAll(amount, ",", "")
	whole, frac, _ := strings.Cut(amount, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if !ok || err != nil || len(frac) > 2 {
		return Decimal(amount, lang) + " " + unit
	}
	cents, _ := strconv.ParseInt((frac + "00")[:2], 10, 64)
	if lang == desk.Chinese {
		return zhMoney(n, cents, c)
	}
	words := Cardinal(n, lang) + " " + c.many
	if n == 1 {
		words = "one " + c.one
	}
	switch {
	case cents == 0:
	case c.zh == "元":
		words += " " + enHundreds(cents)
	case cents == 1:
		words += " and one " + c.cent
	default:
		words += " and " + enHundreds(cents) + " " + c.cents
	}
	return words
}

func zhMoney(n, cents int64, c currency) string {
	if c.zh != "元" {
		if cents == 0 {
			return zhMeasure(n) + c.zh
		}
		return Decimal(strconv.FormatInt(n, 10)+"."+strings.TrimSuffix(strconv.FormatInt(100+cents, 10)[1:], "0"), desk.Chinese) + c.zh
	}
	words := zhMeasure(n) + "元"
	if jiao := cents / 10; jiao > 0 {
		words += string(zhDigits[jiao]) + "角"
	} else if cents > 0 {
		words += "零"
	}
	if fen := cents % 10; fen > 0 {
		words += string(zhDigits[fen]) + "分"
	}
	return words
}

// zhMeasure is a number before a measure word: two is 两 there.
func zhMeasure(n int64) string {
	if n == 2 {
		return "两"
	}
	return Cardinal(n, desk.Chinese)
}
