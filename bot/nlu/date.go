package nlu

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// day is a date found in a plain text.
type day struct {
	date     time.Time // midnight in the zone
	from, to int
	weak     bool
	today    bool // said as today, so a clock time that has passed means later today
}

var enWeekdays = map[string]time.Weekday{
	"monday": 1, "tuesday": 2, "wednesday": 3, "thursday": 4, "friday": 5, "saturday": 6, "sunday": 0,
	"mon": 1, "tue": 2, "tues": 2, "wed": 3, "thu": 4, "thur": 4, "thurs": 4, "fri": 5, "sat": 6, "sun": 0,
}

var enMonths = map[string]time.Month{
	"january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6, "july": 7, "august": 8, "september": 9, "october": 10, "november": 11, "december": 12,
	"jan": 1, "feb": 2, "mar": 3, "apr": 4, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "sept": 9, "oct": 10, "nov": 11, "dec": 12,
}

var zhRelative = map[string]int{
	"大前天": -3, "前天": -2, "昨天": -1, "昨日": -1, "今天": 0, "今日": 0, "今儿": 0, "当天": 0, "明天": 1, "明日": 1, "明儿": 1, "后天": 2, "大后天": 3,
}

var holidays = map[string][2]int{
	"christmas eve": {12, 24}, "christmas day": {12, 25}, "christmas": {12, 25}, "new year's eve": {12, 31}, "new year's day": {1, 1},
	"valentine's day": {2, 14}, "halloween": {10, 31},
	"元旦": {1, 1}, "情人节": {2, 14}, "妇女节": {3, 8}, "劳动节": {5, 1}, "五一": {5, 1}, "儿童节": {6, 1}, "国庆节": {10, 1}, "国庆": {10, 1},
	"平安夜": {12, 24}, "圣诞节": {12, 25}, "圣诞": {12, 25},
}

const (
	enWeekdayAlt = `monday|tuesday|wednesday|thursday|friday|saturday|sunday|mon|tues|tue|wed|thurs|thur|thu|fri|sat|sun`
	enMonthAlt   = `january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec`
	enDayAlt     = `\d{1,2}(?:st|nd|rd|th)?|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth`
	zhDayAlt     = `\d{1,2}|[一二三四五六七八九十廿]{1,3}`
)

var (
	enRelativeRE = regexp.MustCompile(`\b(?:(?:the )?day after tomorrow|day before yesterday|tomorrow|tmrw|tmr|today|tonight|yesterday)\b`)
	enWeekdayRE  = regexp.MustCompile(`\b(?:(on|next|this coming|this|coming|last) )?(` + enWeekdayAlt + `)\b(?: (next week))?`)
	enMonthDayRE = regexp.MustCompile(`\b(` + enMonthAlt + `)\.? (?:the )?(` + enDayAlt + `)\b(?:,? (\d{4}))?`)
	enDayMonthRE = regexp.MustCompile(`\b(?:the )?(` + enDayAlt + `)(?: of)? (` + enMonthAlt + `)\b(?:,? (\d{4}))?`)
	enTheDayRE   = regexp.MustCompile(`\b(on )?the (\d{1,2})(?:st|nd|rd|th)\b`)
	enOfMonthRE  = regexp.MustCompile(`\b(?:on )?(?:the )?(` + enDayAlt + `) (?:of|day of) (this|the|next) month\b`)
	enSpanRE     = regexp.MustCompile(`^ (days?|weeks?|months?)(?: from (?:now|today)| later)?\b`)
	enPeriodRE   = regexp.MustCompile(`\b(next week|next month|(?:this |the |next )?weekend|end of (?:the|this) month|month end)\b`)
	isoDateRE    = regexp.MustCompile(`(\d{4}) ?[-/.年] ?(\d{1,2}) ?[-/.月] ?(\d{1,2})[日号]?`)
	slashDateRE  = regexp.MustCompile(`(\d{1,2})/(\d{1,2})(?:/(\d{4}|\d{2}))?`)
	zhRelativeRE = regexp.MustCompile(`大前天|大后天|前天|昨天|昨日|今天|今日|今儿|当天|明天|明日|明儿|后天|[今明昨](?:晚|早|夜|下午|上午|中午)`)
	zhWeekdayRE  = regexp.MustCompile(`(上|这|本|下下|下)?个?(?:周|星期|礼拜)([一二三四五六日天末1-7])`)
	zhMonthDayRE = regexp.MustCompile(`(?:(今年|明年|后年|[二〇零一三四五六七八九]{4}年|\d{4}年)的?)?(` + zhDayAlt + `)月(?:的)?(` + zhDayAlt + `)(?:日|号)?`)
	zhDayRE      = regexp.MustCompile(`(下个?月|这个?月|本月)?的?(` + zhDayAlt + `)(号|日)`)
	zhSpanRE     = regexp.MustCompile(`^(?:个)?(天|日|周|星期|礼拜|月)(?:之后|以后|后)`)
	zhPeriodRE   = regexp.MustCompile(`(下个?月|本月|这个?月)?(?:月底|底)|下个?(?:周|星期|礼拜)|下个?月`)
	holidayRE    = regexp.MustCompile(`christmas eve|christmas day|christmas|new year's eve|new year's day|valentine's day|halloween|元旦|情人节|妇女节|劳动节|五一|儿童节|国庆节|国庆|平安夜|圣诞节|圣诞`)
)

// scanDates finds every date of p, overlapping ones included.
func scanDates(p plain, o Options) []day {
	s := p.s
	today := midnight(o.Now)
	var out []day
	add := func(d time.Time, from, to int, weak bool) {
		out = append(out, day{date: d, from: from, to: to, weak: weak, today: d.Equal(today)})
	}
	for _, m := range enRelativeRE.FindAllStringIndex(s, 16) {
		add(today.AddDate(0, 0, enRelative(s[m[0]:m[1]])), m[0], m[1], false)
	}
	for _, m := range enWeekdayRE.FindAllStringSubmatchIndex(s, 16) {
		which, name := sub(s, m, 1), sub(s, m, 2)
		if m[6] >= 0 {
			which = "next"
		}
		add(enWeekday(today, which, enWeekdays[name]), m[0], m[1], len(name) < 6 && which == "")
	}
	for _, m := range enMonthDayRE.FindAllStringSubmatchIndex(s, 16) {
		if d, ok := monthDay(today, int(enMonths[sub(s, m, 1)]), enDay(sub(s, m, 2)), sub(s, m, 3)); ok {
			add(d, m[0], m[1], false)
		}
	}
	for _, m := range enDayMonthRE.FindAllStringSubmatchIndex(s, 16) {
		if d, ok := monthDay(today, int(enMonths[sub(s, m, 2)]), enDay(sub(s, m, 1)), sub(s, m, 3)); ok {
			add(d, m[0], m[1], false)
		}
	}
	for _, m := range enTheDayRE.FindAllStringSubmatchIndex(s, 16) {
		if d, ok := nextDay(today, enDay(sub(s, m, 2)), 0); ok {
			add(d, m[0], m[1], m[2] < 0)
		}
	}
	for _, m := range enOfMonthRE.FindAllStringSubmatchIndex(s, 16) {
		months := 0
		if sub(s, m, 2) == "next" {
			months = 1
		}
		first := time.Date(today.Year(), today.Month()+time.Month(months), 1, 0, 0, 0, 0, today.Location())
		if d, ok := exactDay(first.Year(), int(first.Month()), enDay(sub(s, m, 1)), today.Location()); ok {
			add(d, m[0], m[1], false)
		}
	}
	for _, m := range isoDateRE.FindAllStringSubmatchIndex(s, 16) {
		month, _ := strconv.Atoi(sub(s, m, 2))
		if d, ok := monthDay(today, month, enDay(sub(s, m, 3)), sub(s, m, 1)); ok && bounded(s, m[0], m[1]) {
			add(d, m[0], m[1], false)
		}
	}
	for _, m := range slashDateRE.FindAllStringSubmatchIndex(s, 16) {
		month, _ := strconv.Atoi(sub(s, m, 1))
		dom, _ := strconv.Atoi(sub(s, m, 2))
		if month > 12 {
			month, dom = dom, month
		}
		year := sub(s, m, 3)
		if len(year) == 2 {
			year = "20" + year
		}
		if d, ok := monthDay(today, month, dom, year); ok && bounded(s, m[0], m[1]) && !strings.HasPrefix(s[m[1]:], "/") {
			add(d, m[0], m[1], year == "")
		}
	}
	for _, m := range enPeriodRE.FindAllStringIndex(s, 8) {
		d, weak := enPeriod(today, s[m[0]:m[1]])
		add(d, m[0], m[1], weak)
	}
	for _, m := range holidayRE.FindAllStringIndex(s, 8) {
		md := holidays[s[m[0]:m[1]]]
		if d, ok := monthDay(today, md[0], md[1], ""); ok {
			add(d, m[0], m[1], false)
		}
	}
	for _, n := range scanNumbers(p) {
		if d, to, ok := dayOffset(today, s, n); ok {
			from := n.from
			for _, lead := range []string{"in ", "within ", "过", "再过"} {
				if strings.HasSuffix(s[:from], lead) {
					from -= len(lead)
					break
				}
			}
			add(d, from, to, false)
		}
	}
	if hasHan(s) {
		out = append(out, scanChineseDates(s, today)...)
	}
	return out
}

func sub(s string, m []int, i int) string {
	if m[2*i] < 0 {
		return ""
	}
	return s[m[2*i]:m[2*i+1]]
}

func midnight(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
}

func enRelative(word string) int {
	switch {
	case strings.Contains(word, "after tomorrow"):
		return 2
	case strings.Contains(word, "before yesterday"):
		return -2
	case word == "yesterday":
		return -1
	case word == "today", word == "tonight":
		return 0
	}
	return 1
}

// weekStart is the Monday of today's week.
func weekStart(today time.Time) time.Time {
	return today.AddDate(0, 0, -(int(today.Weekday())+6)%7)
}

func inWeek(monday time.Time, w time.Weekday) time.Time {
	return monday.AddDate(0, 0, (int(w)+6)%7)
}

func upcoming(today time.Time, w time.Weekday) time.Time {
	ahead := (int(w) - int(today.Weekday()) + 7) % 7
	if ahead == 0 {
		ahead = 7
	}
	return today.AddDate(0, 0, ahead)
}

func enWeekday(today time.Time, which string, w time.Weekday) time.Time {
	switch which {
	case "next":
		return inWeek(weekStart(today).AddDate(0, 0, 7), w)
	case "last":
		return upcoming(today, w).AddDate(0, 0, -7)
	case "this":
		if d := inWeek(weekStart(today), w); !d.Before(today) {
			return d
		}
	}
	return upcoming(today, w)
}

func enDay(s string) int {
	if v, ok := enOrdinals[s]; ok {
		return int(v)
	}
	n, err := strconv.Atoi(strings.TrimRight(s, "stndrh"))
	if err != nil {
		return -1
	}
	return n
}

// monthDay makes a date; without a year it is the next such date.
func monthDay(today time.Time, month, dom int, year string) (time.Time, bool) {
	if year != "" {
		y, err := strconv.Atoi(year)
		if err != nil || y < 1900 || y > 2200 {
			return time.Time{}, false
		}
		return exactDay(y, month, dom, today.Location())
	}
	for y := today.Year(); y <= today.Year()+8; y++ { // 29 February may be years away
		if d, ok := exactDay(y, month, dom, today.Location()); ok && !d.Before(today) {
			return d, true
		}
	}
	return time.Time{}, false
}

func exactDay(year, month, dom int, zone *time.Location) (time.Time, bool) {
	d := time.Date(year, time.Month(month), dom, 0, 0, 0, 0, zone)
	return d, month >= 1 && month <= 12 && dom >= 1 && d.Day() == dom
}

// nextDay is the next dom of a month, from months after this one on.
func nextDay(today time.Time, dom, months int) (time.Time, bool) {
	if dom < 1 || dom > 31 {
		return time.Time{}, false
	}
	for range 12 {
		d, ok := exactDay(today.Year(), int(today.Month())+months, dom, today.Location())
		if int(today.Month())+months > 12 {
			d, ok = exactDay(today.Year()+1, int(today.Month())+months-12, dom, today.Location())
		}
		if ok && !d.Before(today) {
			return d, true
		}
		months++
	}
	return time.Time{}, false
}

// dayOffset reads "in three days", "two weeks from now", 三天后.
func dayOffset(today time.Time, s string, n number) (time.Time, int, bool) {
	if n.ordinal || n.value != float64(int(n.value)) || n.value < 0 || n.value > 1000 {
		return time.Time{}, 0, false
	}
	count := int(n.value)
	if m := enSpanRE.FindStringSubmatchIndex(s[n.to:]); m != nil {
		unit, all := s[n.to+m[2]:n.to+m[3]], s[n.to:n.to+m[1]]
		led := strings.HasSuffix(s[:n.from], "in ") || strings.HasSuffix(s[:n.from], "within ")
		if !led && !strings.Contains(all, "from") && !strings.Contains(all, "later") {
			return time.Time{}, 0, false
		}
		switch unit[0] {
		case 'd':
			return today.AddDate(0, 0, count), n.to + m[1], true
		case 'w':
			return today.AddDate(0, 0, 7*count), n.to + m[1], true
		default:
			return today.AddDate(0, count, 0), n.to + m[1], true
		}
	}
	if m := zhSpanRE.FindStringSubmatchIndex(s[n.to:]); m != nil {
		switch s[n.to+m[2] : n.to+m[3]] {
		case "天", "日":
			return today.AddDate(0, 0, count), n.to + m[1], true
		case "月":
			return today.AddDate(0, count, 0), n.to + m[1], true
		default:
			return today.AddDate(0, 0, 7*count), n.to + m[1], true
		}
	}
	return time.Time{}, 0, false
}

func enPeriod(today time.Time, word string) (time.Time, bool) {
	switch {
	case word == "next week":
		return today.AddDate(0, 0, 7), true
	case word == "next month":
		return today.AddDate(0, 1, 0), true
	case word == "next weekend":
		return inWeek(weekStart(today).AddDate(0, 0, 7), time.Saturday), false
	case strings.Contains(word, "weekend"):
		return inWeek(weekStart(today), time.Saturday), false
	}
	return time.Date(today.Year(), today.Month()+1, 0, 0, 0, 0, 0, today.Location()), false
}

func findDates(p plain, o Options) []Entity {
	var out []Entity
	for _, d := range scanDates(p, o) {
		e := p.entity(d.from, d.to, d.date.Format(time.DateOnly))
		e.Weak = d.weak
		out = append(out, e)
	}
	return out
}
