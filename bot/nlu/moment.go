package nlu

import (
	"fmt"
	"regexp"
	"time"
)

// fillerRE is what may stand between a date and its time.
var fillerRE = regexp.MustCompile(`^(?:[ ,]|\bat\b|\bon\b|\bin\b|\bthe\b|\baround\b|\bby\b|\bfor\b|的|在|大概|大约|左右|@)*$`)

// findTimes finds times of day. Those counted from now are given in the zone.
func findTimes(p plain, o Options) []Entity {
	var out []Entity
	for _, c := range scanClocks(p, o.Now) {
		value := fmt.Sprintf("%02d:%02d", c.hour%24, c.minute)
		if !c.at.IsZero() {
			value = c.at.Format("15:04")
		}
		e := p.entity(c.from, c.to, value)
		e.Weak = c.weak
		out = append(out, e)
	}
	return out
}

// findDateTimes finds moments: a date with a time in either order, a time
// alone (its next occurrence), or a span from now. A date alone is no moment.
func findDateTimes(p plain, o Options) []Entity {
	days := scanDates(p, o)
	var out []Entity
	for _, c := range scanClocks(p, o.Now) {
		if !c.at.IsZero() {
			out = append(out, p.entity(c.from, c.to, c.at.Format(time.RFC3339)))
			continue
		}
		d, near := pair(p.s, days, c)
		from, to, weak := c.from, c.to, c.weak
		var at time.Time
		if d == nil {
			at = nextTime(midnight(o.Now), c, o.Now)
		} else {
			at = onDay(*d, c, o.Now)
			if near {
				from, to = min(from, d.from), max(to, d.to)
			}
		}
		e := p.entity(from, to, at.Format(time.RFC3339))
		e.Weak = weak
		out = append(out, e)
	}
	return out
}

// pair picks the date that belongs to the time: an adjoining one, else the
// only one of the text. near reports an adjoining one. Of overlapping dates
// the longest counts.
func pair(s string, days []day, c clock) (best *day, near bool) {
	far := 0
	var lone *day
	for i := range days {
		d := &days[i]
		if d.from >= c.from && d.to <= c.to || d.from < c.to && c.from < d.to {
			if d.from >= c.from && d.to <= c.to && !d.weak || d.from < c.from && d.to < c.to {
				return d, true // "9 tomorrow morning": the time's words name the day too
			}
			continue
		}
		gap := ""
		if d.to <= c.from {
			gap = s[d.to:c.from]
		} else {
			gap = s[c.to:d.from]
		}
		if fillerRE.MatchString(gap) {
			if best == nil || d.to-d.from > best.to-best.from {
				best = d
			}
			continue
		}
		if !d.weak && (lone == nil || d.to-d.from > lone.to-lone.from) {
			lone, far = d, far+1
		}
	}
	if best != nil {
		return best, true
	}
	if far >= 1 {
		return lone, false
	}
	return nil, false
}

func clockOn(date time.Time, hour, minute int) time.Time {
	return time.Date(date.Year(), date.Month(), date.Day(), hour, minute, 0, 0, date.Location())
}

// onDay puts a time on a date; today's loose hours that have passed are read
// twelve hours later.
func onDay(d day, c clock, now time.Time) time.Time {
	at := clockOn(d.date, c.hour, c.minute)
	if d.today && c.loose && at.Before(now) && c.hour < 12 {
		at = clockOn(d.date, c.hour+12, c.minute)
	}
	return at
}

// nextTime is the next moment at which it is c.
func nextTime(today time.Time, c clock, now time.Time) time.Time {
	at := clockOn(today, c.hour, c.minute)
	if c.loose && at.Before(now) && c.hour < 12 {
		at = clockOn(today, c.hour+12, c.minute)
	}
	if at.Before(now) {
		at = clockOn(today.AddDate(0, 0, 1), c.hour, c.minute)
	}
	return at
}
