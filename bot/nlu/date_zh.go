package nlu

import (
	"strconv"
	"strings"
	"time"
)

func scanChineseDates(s string, today time.Time) []day {
	var out []day
	add := func(d time.Time, from, to int, weak bool) {
		out = append(out, day{date: d, from: from, to: to, weak: weak, today: d.Equal(today)})
	}
	for _, m := range zhRelativeRE.FindAllStringIndex(s, 16) {
		word := s[m[0]:m[1]]
		if days, ok := zhRelative[word]; ok {
			add(today.AddDate(0, 0, days), m[0], m[1], false)
			continue
		}
		first := word[:len("今")] // 今晚: the rest is a time of day
		add(today.AddDate(0, 0, map[string]int{"今": 0, "明": 1, "昨": -1}[first]), m[0], m[0]+len(first), false)
	}
	for _, m := range zhWeekdayRE.FindAllStringSubmatchIndex(s, 16) {
		if m[2] < 0 && endsWithNumeral(s[:m[0]]) {
			continue // 一周三次
		}
		add(zhWeekday(today, sub(s, m, 1), sub(s, m, 2)), m[0], m[1], false)
	}
	for _, m := range zhMonthDayRE.FindAllStringSubmatchIndex(s, 16) {
		year := zhYear(today, sub(s, m, 1))
		if d, ok := monthDay(today, zhInt(sub(s, m, 2)), zhInt(sub(s, m, 3)), year); ok {
			add(d, m[0], m[1], false)
		}
	}
	for _, m := range zhDayRE.FindAllStringSubmatchIndex(s, 16) {
		if streetNumber(s[:m[0]], s[m[1]:]) {
			continue
		}
		months := -1 // the next such day
		switch which := sub(s, m, 1); {
		case strings.HasPrefix(which, "下"):
			months = 1
		case which != "":
			months = 0
		}
		var d time.Time
		var ok bool
		if months < 0 {
			d, ok = nextDay(today, zhInt(sub(s, m, 2)), 0)
		} else {
			first := time.Date(today.Year(), today.Month()+time.Month(months), 1, 0, 0, 0, 0, today.Location())
			d, ok = exactDay(first.Year(), int(first.Month()), zhInt(sub(s, m, 2)), today.Location())
		}
		if ok {
			clockNext := zhClockRE.FindStringIndex(s[m[1]:])
			add(d, m[0], m[1], m[2] < 0 && (clockNext == nil || clockNext[0] != 0))
		}
	}
	for _, m := range zhPeriodRE.FindAllStringIndex(s, 8) {
		word := s[m[0]:m[1]]
		next := 0
		if strings.HasPrefix(word, "下") {
			next = 1
		}
		switch {
		case strings.HasSuffix(word, "月底"), strings.HasSuffix(word, "底") && word != "底":
			add(time.Date(today.Year(), today.Month()+time.Month(next)+1, 0, 0, 0, 0, 0, today.Location()), m[0], m[1], false)
		case strings.HasSuffix(word, "月"):
			add(today.AddDate(0, 1, 0), m[0], m[1], true)
		case word != "底":
			add(today.AddDate(0, 0, 7), m[0], m[1], true)
		}
	}
	return out
}

// streetNumber reports whether 1号 between before and after is a house number.
func streetNumber(before, after string) bool {
	for _, end := range []string{"路", "街", "道", "弄", "巷", "里", "园", "区", "院", "胡同", "村"} {
		if strings.HasSuffix(before, end) {
			return true
		}
	}
	for _, start := range []string{"楼", "线", "店", "门", "院", "房", "室", "桌", "码", "地铁", "机", "订单"} {
		if strings.HasPrefix(after, start) {
			return true
		}
	}
	return false
}

func endsWithNumeral(s string) bool {
	for r := range zhDigits {
		if strings.HasSuffix(s, string(r)) {
			return true
		}
	}
	return strings.HasSuffix(s, "十") || s != "" && s[len(s)-1] >= '0' && s[len(s)-1] <= '9'
}

func zhWeekday(today time.Time, which, name string) time.Time {
	w := time.Weekday(zhInt(name) % 7)
	switch name {
	case "日", "天":
		w = time.Sunday
	case "末":
		w = time.Saturday
	}
	switch which {
	case "上":
		return inWeek(weekStart(today).AddDate(0, 0, -7), w)
	case "这", "本":
		return inWeek(weekStart(today), w)
	case "下":
		return inWeek(weekStart(today).AddDate(0, 0, 7), w)
	case "下下":
		return inWeek(weekStart(today).AddDate(0, 0, 14), w)
	}
	return upcoming(today, w)
}

func zhYear(today time.Time, word string) string {
	switch word {
	case "":
		return ""
	case "今年":
		return strconv.Itoa(today.Year())
	case "明年":
		return strconv.Itoa(today.Year() + 1)
	case "后年":
		return strconv.Itoa(today.Year() + 2)
	}
	return strconv.Itoa(zhInt(strings.TrimSuffix(word, "年")))
}

func zhInt(s string) int {
	v, ok := parseChinese(strings.ReplaceAll(s, "廿", "二十"))
	if !ok {
		return -1
	}
	return int(v)
}
