package insight

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// facts is what a sentence claims, and what is left of it without that.
type facts struct {
	values   []fact
	not      bool // an odd number of negations
	free     bool
	fee      bool
	question bool
	subject  string
}

// fact is one number that a sentence names. Unit is in one form for all ways of
// writing it.
type fact struct {
	why     Why
	unit    string
	value   float64
	written string
}

var (
	money    = regexp.MustCompile(`(?i)(?:(?:€|\$|£|¥|￥|usd|eur|rmb|cny)\s?(\d+(?:[.,]\d+)*)|(\d+(?:[.,]\d+)*)\s?(?:€|\$|£|euros?\b|dollars?\b|pounds?\b|cents?\b|yuan\b|eur\b|usd\b|rmb\b|cny\b|元|块|人民币|美元|欧元))`)
	clock    = regexp.MustCompile(`(?i)\b(\d{1,2}):(\d{2})\s?(am|pm|a\.m\.|p\.m\.)?|\b(\d{1,2})\s?(am|pm|a\.m\.|p\.m\.|o'clock)|(上午|下午|晚上|早上)?(\d{1,2})[点时](半)?`)
	span     = regexp.MustCompile(`(?i)(\d+(?:\.\d+)?)[\s-]?(minutes?|mins?|hours?|hrs?|(?:business |working )?days?|weeks?|months?|years?|分钟|个?小时|个?工作日|天|日内|周|个?星期|个?月|年)`)
	percent  = regexp.MustCompile(`(\d+(?:\.\d+)?)\s?(?:%|％|percent\b|per cent\b)`)
	number   = regexp.MustCompile(`(\d+(?:[.,]\d+)*)\s?(km|kilometres?|kilometers?|miles?|kg|kilograms?|grams?|ml|litres?|liters?|people|persons?|guests?|items?|pieces?|times?|points?|stars?|公里|千米|公斤|千克|毫升|升|人|件|次|分|名|位)?`)
	negation = regexp.MustCompile(`(?i)\b(?:not|no|never|cannot|without|neither|nor|n't|unable|impossible|forbidden|prohibited)\b|n't\b|不|没有|没|无法|无需|禁止|未`)
	gratis   = regexp.MustCompile(`(?i)\bfree(?: of charge)?\b|\bno (?:charge|fee|cost)s?\b|\bat no (?:extra )?cost\b|\bwithout (?:a )?(?:charge|fee)\b|免费|不收费|免收|无需付费`)
	charged  = regexp.MustCompile(`(?i)\b(?:fees?|costs?|charged?|charges|surcharge|pay extra)\b|收费|费用为|需付费|需支付|收取`)
	worded   = strings.NewReplacer("one ", "1 ", "two ", "2 ", "three ", "3 ", "four ", "4 ", "five ", "5 ", "six ", "6 ", "seven ", "7 ", "eight ", "8 ", "nine ", "9 ", "ten ", "10 ",
		"twelve ", "12 ", "fourteen ", "14 ", "twenty ", "20 ", "thirty ", "30 ",
		"一天", "1天", "两天", "2天", "三天", "3天", "五天", "5天", "七天", "7天", "十天", "10天", "十四天", "14天", "三十天", "30天")
)

// factsOf reads a sentence, without Markdown.
func factsOf(sentence string) facts {
	text := worded.Replace(strings.ToLower(sentence))
	f := facts{question: strings.HasSuffix(strings.TrimSpace(text), "?") || strings.HasSuffix(strings.TrimSpace(text), "？")}
	take := func(re *regexp.Regexp, read func(m []string) (fact, bool)) {
		text = re.ReplaceAllStringFunc(text, func(s string) string {
			v, ok := read(re.FindStringSubmatch(s))
			if !ok {
				return s
			}
			v.written = strings.TrimSpace(s)
			f.values = append(f.values, v)
			return " "
		})
	}
	take(money, func(m []string) (fact, bool) {
		v, ok := parse(m[1] + m[2])
		return fact{why: OtherPrice, value: v}, ok
	})
	take(percent, func(m []string) (fact, bool) {
		v, ok := parse(m[1])
		return fact{why: OtherShare, value: v}, ok
	})
	take(span, func(m []string) (fact, bool) {
		v, ok := parse(m[1])
		unit, times := spanOf(m[2])
		return fact{why: OtherSpan, unit: unit, value: v * times}, ok && unit != ""
	})
	take(clock, readClock)
	take(number, func(m []string) (fact, bool) {
		v, ok := parse(m[1])
		return fact{why: OtherNumber, unit: strings.TrimSuffix(m[2], "s"), value: v}, ok
	})
	f.free = gratis.MatchString(text)
	rest := gratis.ReplaceAllString(text, " ")
	f.fee = charged.MatchString(rest)
	f.not = len(negation.FindAllString(rest, -1))%2 == 1
	f.subject = negation.ReplaceAllString(charged.ReplaceAllString(rest, " "), " ")
	return f
}

// parse reads 3,5 and 3.5 and 1,000.
func parse(s string) (float64, bool) {
	if i := strings.LastIndexAny(s, ".,"); i >= 0 && len(s)-i == 4 {
		s = strings.NewReplacer(",", "", ".", "").Replace(s) // thousands
	}
	v, err := strconv.ParseFloat(strings.ReplaceAll(s, ",", "."), 64)
	return v, err == nil
}

// spanOf is a unit of time in hours, days or months, and how many of them one is.
func spanOf(unit string) (string, float64) {
	switch {
	case strings.HasPrefix(unit, "min"), unit == "分钟":
		return "hour", 1.0 / 60
	case strings.HasPrefix(unit, "h"), strings.HasSuffix(unit, "小时"):
		return "hour", 1
	case strings.HasPrefix(unit, "business"), strings.HasPrefix(unit, "working"), strings.HasSuffix(unit, "工作日"):
		return "working day", 1
	case strings.HasPrefix(unit, "day"), unit == "天", unit == "日内":
		return "day", 1
	case strings.HasPrefix(unit, "week"), unit == "周", strings.HasSuffix(unit, "星期"):
		return "day", 7
	case strings.HasPrefix(unit, "month"), strings.HasSuffix(unit, "月"):
		return "month", 1
	case strings.HasPrefix(unit, "year"), unit == "年":
		return "month", 12
	}
	return "", 0
}

// readClock gives a time of the day in hours.
func readClock(m []string) (fact, bool) {
	hour, minute, half := m[1]+m[4]+m[7], m[2], m[3]+m[5]
	h, err := strconv.Atoi(hour)
	if err != nil || h > 24 {
		return fact{}, false
	}
	v := float64(h)
	if n, err := strconv.Atoi(minute); err == nil {
		v += float64(n) / 60
	}
	if m[8] != "" {
		v += 0.5
	}
	if (strings.HasPrefix(half, "p") || m[6] == "下午" || m[6] == "晚上") && v < 12 {
		v += 12
	}
	return fact{why: OtherTime, value: v}, true
}

// against says in what two sentences about the same cannot both be right, with
// what each of them writes.
func (f facts) against(g facts) (why Why, one, other []string) {
	if f.free && !g.free && (g.fee || g.has(OtherPrice)) && !f.has(OtherPrice) || g.free && !f.free && (f.fee || f.has(OtherPrice)) && !g.has(OtherPrice) {
		return FreeAndFee, f.written(OtherPrice, ""), g.written(OtherPrice, "")
	}
	for _, why := range []Why{OtherPrice, OtherTime, OtherSpan, OtherShare, OtherNumber} {
		if why == OtherPrice && f.free != g.free {
			continue // the one is what it costs, the other from where on it is free
		}
		for _, unit := range f.units(why) {
			a, b := f.of(why, unit), g.of(why, unit)
			if len(a) == 0 || len(a) != len(b) || slices.Equal(a, b) {
				continue // another number of numbers: they speak of more than one thing
			}
			return why, f.written(why, unit), g.written(why, unit)
		}
	}
	if f.not != g.not {
		return YesAndNo, nil, nil
	}
	return "", nil, nil
}

func (f facts) has(why Why) bool {
	return slices.ContainsFunc(f.values, func(v fact) bool { return v.why == why })
}

func (f facts) units(why Why) (out []string) {
	for _, v := range f.values {
		if v.why == why && !slices.Contains(out, v.unit) {
			out = append(out, v.unit)
		}
	}
	return out
}

// of is the values of a kind, sorted.
func (f facts) of(why Why, unit string) (out []float64) {
	for _, v := range f.values {
		if v.why == why && v.unit == unit {
			out = append(out, v.value)
		}
	}
	slices.Sort(out)
	return out
}

func (f facts) written(why Why, unit string) (out []string) {
	for _, v := range f.values {
		if v.why == why && v.unit == unit {
			out = append(out, v.written)
		}
	}
	return out
}
