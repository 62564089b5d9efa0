package nlu

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// clock is a time of day found in a plain text.
type clock struct {
	hour, minute int
	from, to     int
	loose        bool      // neither morning nor afternoon was said: twelve hours later is possible
	weak         bool      // a bare hour, or only a part of the day
	at           time.Time // of "in two hours": the moment itself; the rest is then unset
}

const enHourAlt = `\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve`

var (
	enClockRE = regexp.MustCompile(`\b(?:(at|by|around|about|before|after|until|till|from) )?(?:(morning|afternoon|evening|night) (?:at |around )?)?(?:(half past|quarter past|quarter to|a quarter past|a quarter to|(?:(?:five|ten|twenty|twenty-five|twenty five|\d{1,2}) (?:minutes? )?(?:past|to))) )?` +
		`(` + enHourAlt + `)(?:[:.]([0-5]\d)| (thirty|fifteen|forty-five|forty five|forty|twenty|ten|twenty-five|fifty|oh five))?(?: ?(a\.m\.?|p\.m\.?|am|pm|o'clock|oclock|hours|hrs)\b)?(?: (in the morning|in the afternoon|in the evening|at night|tonight|this morning|this afternoon|this evening|tomorrow morning|tomorrow afternoon|tomorrow evening|tomorrow night))?`)
	enPartRE  = regexp.MustCompile(`\b(noon|midday|midnight|lunchtime|(?:in the |this |tomorrow |early |late )?(?:morning|afternoon|evening)|tonight|tomorrow night|at night)\b`)
	zhClockRE = regexp.MustCompile(`(凌晨|清晨|早上|早晨|上午|中午|下午|午后|傍晚|晚上|夜里|半夜|深夜|晚|早)?的?(?:差([0-9一二三四五六七八九十]{1,3})分钟?)?(\d{1,2}|[零一二两三四五六七八九十]{1,3})(?:点钟|点整|点|时|:)(半|一刻|三刻|差[0-9一二三四五六七八九十]{1,3}分|[0-5]?\d分?|[零〇]?[一二三四五六七八九十]{1,3}分?)?`)
	zhPartRE  = regexp.MustCompile(`凌晨|清晨|早上|早晨|上午|中午|正午|下午|午后|傍晚|晚上|夜里|半夜|午夜|零点|深夜|[今明]晚|[今明]早`)
	soonRE    = regexp.MustCompile(`\b(?:right now|right away|immediately|asap|as soon as possible|now)\b|现在|马上|立刻|立即|尽快`)
)

var enParts = map[string][2]int{
	"noon": {12, 0}, "midday": {12, 0}, "lunchtime": {12, 0}, "midnight": {0, 0}, "morning": {9, 0}, "afternoon": {15, 0}, "evening": {19, 0}, "tonight": {19, 0}, "night": {20, 0},
}

var zhParts = map[string][2]int{
	"凌晨": {2, 0}, "清晨": {6, 0}, "早上": {8, 0}, "早晨": {8, 0}, "早": {8, 0}, "上午": {10, 0}, "中午": {12, 0}, "正午": {12, 0}, "下午": {15, 0}, "午后": {14, 0}, "傍晚": {18, 0},
	"晚上": {19, 0}, "晚": {19, 0}, "夜里": {22, 0}, "深夜": {23, 0}, "半夜": {0, 0}, "午夜": {0, 0}, "零点": {0, 0},
}

// scanClocks finds every time of day of p, overlapping ones included.
func scanClocks(p plain, now time.Time) []clock {
	s := p.s
	var out []clock
	for _, m := range enClockRE.FindAllStringSubmatchIndex(s, 32) {
		if c, ok := enClock(s, m); ok {
			out = append(out, c)
		}
	}
	for _, m := range enPartRE.FindAllStringIndex(s, 8) {
		word := s[m[0]:m[1]]
		last := word[strings.LastIndexByte(word, ' ')+1:]
		t := enParts[last]
		exact := last == "noon" || last == "midday" || last == "midnight"
		out = append(out, clock{hour: t[0], minute: t[1], from: m[0], to: m[1], weak: !exact})
	}
	if hasHan(s) {
		for _, m := range zhClockRE.FindAllStringSubmatchIndex(s, 32) {
			if c, ok := zhClock(s, m); ok {
				out = append(out, c)
			}
		}
		for _, m := range zhPartRE.FindAllStringIndex(s, 8) {
			word := s[m[0]:m[1]]
			if rest, ok := zhParts[strings.TrimLeft(word, "今明")]; ok {
				exact := word == "中午" || word == "正午" || word == "午夜" || word == "零点"
				out = append(out, clock{hour: rest[0], minute: rest[1], from: m[0], to: m[1], weak: !exact})
			}
		}
	}
	return append(out, scanSoon(p, now)...)
}

func enClock(s string, m []int) (clock, bool) {
	lead, before, rel, hourWord := sub(s, m, 1), sub(s, m, 2), sub(s, m, 3), sub(s, m, 4)
	minutes, spoken, mark, part := sub(s, m, 5), sub(s, m, 6), sub(s, m, 7), sub(s, m, 8)
	part = cmp.Or(part, before)
	c := clock{from: m[0], to: m[1]}
	if lead != "" && lead != "at" {
		c.from = m[0] + len(lead) + 1
	}
	if !bounded(s, m[8], m[8]) || mark == "" && !bounded(s, m[8], m[9]) || partOfNumber(s, m[8], m[1]) {
		return c, false
	}
	if before != "" && minutes == "" && mark == "" && spoken == "" && countsSomething(s[m[1]:]) {
		return c, false // "this evening 2 of us"
	}
	hour, ok := enUnits[hourWord]
	if !ok {
		n, err := strconv.Atoi(hourWord)
		if err != nil {
			return c, false
		}
		hour = float64(n)
	}
	c.hour = int(hour)
	if minutes != "" {
		c.minute, _ = strconv.Atoi(minutes)
	}
	if spoken != "" {
		c.minute = spokenMinutes(spoken)
	}
	if rel != "" {
		past := relativeMinutes(rel)
		if past < 0 {
			c.hour--
			past += 60
		}
		c.minute = past
		if c.hour == 0 {
			c.hour = 12
		}
	}
	switch {
	case strings.HasPrefix(mark, "p"), strings.Contains(part, "afternoon"), strings.Contains(part, "evening"), strings.Contains(part, "night"):
		if c.hour < 12 && !(strings.Contains(part, "night") && c.hour < 5) {
			c.hour += 12
		}
	case strings.HasPrefix(mark, "a"), strings.Contains(part, "morning"):
		if c.hour == 12 {
			c.hour = 0
		}
	case c.hour > 12 || c.hour == 0 || strings.HasPrefix(hourWord, "0"):
		// the 24-hour clock
	default:
		c.loose = true
		c.hour = officeHour(c.hour)
	}
	c.weak = lead == "" && rel == "" && minutes == "" && mark == "" && part == ""
	if lead != "" && rel == "" && minutes == "" && spoken == "" && mark == "" && part == "" {
		// "at 5 Elm Street", "about 3 cups": an hour only when nothing is counted by it
		c.weak = c.hour > 23 || countsSomething(s[m[1]:])
	}
	if c.weak && spoken != "" {
		c.weak = false
	}
	if mark == "hours" || mark == "hrs" {
		return c, false
	}
	return c, c.hour <= 24 && c.minute < 60
}

// partOfNumber reports whether s[from:to] is cut out of a longer figure: a
// date, an amount, a phone number, a percentage.
func partOfNumber(s string, from, to int) bool {
	if from > 0 && strings.IndexByte("0123456789.,:/-$€£+#", s[from-1]) >= 0 {
		return true
	}
	if strings.HasSuffix(s[:from], "¥") || to < len(s) && strings.IndexByte("/-%:", s[to]) >= 0 {
		return true
	}
	if to+1 < len(s) && (s[to] == '.' || s[to] == ',') && s[to+1] >= '0' && s[to+1] <= '9' {
		return true
	}
	return strings.HasSuffix(s[:from], "twenty ") || strings.HasSuffix(s[:from], "thirty ") || strings.HasSuffix(s[:from], "twenty-") || strings.HasSuffix(s[:from], "thirty-")
}

var afterHourRE = regexp.MustCompile(`^(?: ?[,.!?;]| ?$| (?:on|today|tomorrow|tonight|please|pls|if|and|or|for|to|in|is|would|works|sharp|next|this|monday|tuesday|wednesday|thursday|friday|saturday|sunday|with|but|thanks|because|so|from|at|by)\b|[^ a-z0-9])`)

// countsSomething reports whether what follows an hour shows that it is none.
func countsSomething(rest string) bool { return !afterHourRE.MatchString(rest) }

func spokenMinutes(w string) int {
	w = strings.ReplaceAll(w, "-", " ")
	if w == "oh five" {
		return 5
	}
	total := 0.0
	for _, x := range strings.Fields(w) {
		total += enUnits[x]
	}
	return int(total)
}

func relativeMinutes(rel string) int {
	to := strings.HasSuffix(rel, "to")
	n := 0
	switch {
	case strings.Contains(rel, "half"):
		n = 30
	case strings.Contains(rel, "quarter"):
		n = 15
	default:
		for _, w := range strings.Fields(strings.ReplaceAll(rel, "-", " ")) {
			if v, ok := enUnits[w]; ok {
				n += int(v)
			} else if v, err := strconv.Atoi(w); err == nil {
				n += v
			}
		}
	}
	if to {
		return -n
	}
	return n
}

// officeHour reads a clock hour of which nothing more is known.
func officeHour(h int) int {
	if h >= 1 && h <= 6 {
		return h + 12
	}
	return h
}

func zhClock(s string, m []int) (clock, bool) {
	part, minus, hourWord, rest := sub(s, m, 1), sub(s, m, 2), sub(s, m, 3), sub(s, m, 4)
	c := clock{from: m[0], to: m[1]}
	if hourWord[0] < 0x80 && partOfNumber(s, m[6], m[7]) && s[m[7]] != ':' || !bounded(s, m[6], m[7]) {
		return c, false
	}
	if m[6] > 0 && s[m[6]-1] >= '0' && s[m[6]-1] <= '9' || strings.HasSuffix(s[:m[0]], "第") {
		return c, false
	}
	c.hour = zhInt(hourWord)
	colon := strings.HasPrefix(s[m[7]:], ":")
	shi := strings.HasPrefix(s[m[7]:], "时")
	switch {
	case rest == "半":
		c.minute = 30
	case rest == "一刻":
		c.minute = 15
	case rest == "三刻":
		c.minute = 45
	case strings.HasPrefix(rest, "差"):
		minus = strings.TrimSuffix(strings.TrimPrefix(rest, "差"), "分")
	case rest != "":
		c.minute = zhInt(strings.TrimLeft(strings.TrimSuffix(rest, "分"), "零〇"))
	case colon:
		return c, false
	case shi && part == "":
		return c, false // 小时, 当时
	}
	if strings.HasPrefix(hourWord, "一") && strings.HasPrefix(s[m[7]:], "点") && part == "" && rest == "" && len(hourWord) == len("一") {
		if !strings.HasPrefix(s[m[7]:], "点钟") && !strings.HasPrefix(s[m[7]:], "点整") {
			c.weak = true // 一点: also "a little"
		}
	}
	if c.hour < 0 || c.hour > 24 || c.minute < 0 || c.minute > 59 {
		return c, false
	}
	switch part {
	case "下午", "午后", "傍晚", "晚上", "晚":
		if c.hour < 12 {
			c.hour += 12
		} else if c.hour == 12 && (part == "晚上" || part == "晚") {
			c.hour = 24
		}
	case "中午":
		if c.hour <= 3 {
			c.hour += 12
		}
	case "夜里", "半夜", "深夜":
		if c.hour >= 8 && c.hour < 12 {
			c.hour += 12
		} else if c.hour == 12 {
			c.hour = 24
		}
	case "":
		if c.hour <= 12 && c.hour > 0 && hourWord[0] != '0' {
			c.loose, c.hour = true, officeHour(c.hour)
		}
	}
	if minus != "" {
		t := c.hour*60 - zhInt(minus)
		c.hour, c.minute = t/60, t%60
	}
	return c, true
}

var (
	enForRE = regexp.MustCompile(`^ ?(minutes?|mins?|hours?|hrs?)(?: and a (half|quarter))?(?: and (\w+) (?:minutes?|mins?))?( from now| later)?\b`)
	zhForRE = regexp.MustCompile(`^个?(半)?(小时|钟头|分钟|刻钟)(?:([0-9一二三四五六七八九十]{1,3})分钟?|半)?(?:钟)?(之后|以后|后)`)
	hourRE  = regexp.MustCompile(`\b(?:in )?(half an hour|half hour|an hour and a half|an hour|a quarter of an hour)( from now| later)?\b`)
)

// scanSoon finds moments counted from now: "in two hours", 半小时后, "now".
func scanSoon(p plain, now time.Time) []clock {
	s := p.s
	var out []clock
	now = now.Truncate(time.Minute)
	for _, m := range soonRE.FindAllStringIndex(s, 4) {
		if strings.HasSuffix(s[:m[0]], "for ") || strings.HasSuffix(s[:m[0]], "by ") || strings.HasSuffix(s[:m[0]], "until ") {
			continue // "that is all for now"
		}
		out = append(out, clock{from: m[0], to: m[1], at: now})
	}
	for _, m := range hourRE.FindAllStringSubmatchIndex(s, 4) {
		if !strings.HasPrefix(s[m[0]:], "in ") && m[4] < 0 {
			continue
		}
		length := map[string]time.Duration{"half an hour": 30, "half hour": 30, "an hour and a half": 90, "an hour": 60, "a quarter of an hour": 15}[sub(s, m, 1)]
		out = append(out, clock{from: m[0], to: m[1], at: now.Add(length * time.Minute)})
	}
	for _, n := range scanNumbers(p) {
		if n.ordinal || n.value < 0 || n.value > 10000 {
			continue
		}
		if m := enForRE.FindStringSubmatchIndex(s[n.to:]); m != nil {
			rest := s[n.to:]
			led := strings.HasSuffix(s[:n.from], "in ")
			if !led && m[8] < 0 {
				continue
			}
			unit, from := time.Minute, n.from
			if rest[m[2]] == 'h' {
				unit = time.Hour
			}
			length := time.Duration(n.value * float64(unit))
			switch sub(rest, m, 2) {
			case "half":
				length += 30 * time.Minute
			case "quarter":
				length += 15 * time.Minute
			}
			if more := sub(rest, m, 3); more != "" {
				length += time.Duration(spokenOrDigits(more)) * time.Minute
			}
			if led {
				from -= len("in ")
			}
			out = append(out, clock{from: from, to: n.to + m[1], at: now.Add(length)})
		}
		if m := zhForRE.FindStringSubmatchIndex(s[n.to:]); m != nil {
			rest := s[n.to:]
			v := n.value
			unit := time.Minute
			switch sub(rest, m, 2) {
			case "小时", "钟头":
				unit = time.Hour
			case "刻钟":
				unit = 15 * time.Minute
			}
			if m[2] >= 0 {
				v += 0.5
			}
			length := time.Duration(v * float64(unit))
			if more := sub(rest, m, 3); more != "" {
				length += time.Duration(zhInt(more)) * time.Minute
			}
			out = append(out, clock{from: n.from, to: n.to + m[1], at: now.Add(length)})
		}
	}
	return out
}

func spokenOrDigits(w string) int {
	if v, ok := enUnits[w]; ok {
		return int(v)
	}
	n, err := strconv.Atoi(w)
	if err != nil {
		return 0
	}
	return n
}
