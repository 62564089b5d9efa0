package bot

import (
	"net/mail"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/parleyhq/parley/desk"
)

// maxValue bounds a value, in characters.
const maxValue = 1000

// The reasons for which a value is invalid, as marks tell them.
const (
	reasonType    = "type"    // not of the slot's type
	reasonMin     = "min"     // too small, early or short
	reasonMax     = "max"     // too large, late or long
	reasonPattern = "pattern" // not of the form
	reasonRule    = "rule"    // the slot's own validate
	reasonMissing = "missing" // nothing that could be a value was said
)

var (
	decimalForm  = regexp.MustCompile(`^-?\d{1,15}(\.\d{1,6})?$`)
	timeForm     = regexp.MustCompile(`^([01]\d|2[0-3]):[0-5]\d$`)
	phoneForm    = regexp.MustCompile(`^\+[1-9]\d{5,14}$`)
	locationForm = regexp.MustCompile(`^(-?\d{1,3}(?:\.\d+)?),(-?\d{1,3}(?:\.\d+)?)$`)
	dateBound    = regexp.MustCompile(`^(\d{4}-\d{2}-\d{2}|today([+-]\d{1,4})?)$`)
)

// Check says whether value may be the slot's value and returns its canonical
// form; otherwise reason is a stable word. The slot's validate expression,
// which needs the other slots, is not part of it. now is in the zone that
// dates are meant in.
func (s Slot) Check(value string, now time.Time) (canonical, reason string) {
	value = strings.TrimSpace(value)
	if value == "" {
		return "", reasonMissing
	}
	if s.Any && value == AnyValue {
		return value, ""
	}
	if utf8.RuneCountInString(value) > maxValue {
		return "", reasonMax
	}
	value, ok := s.ofType(value)
	if !ok {
		return "", reasonType
	}
	if s.pattern != nil && !s.pattern.MatchString(value) {
		return "", reasonPattern
	}
	if reason := s.bounded(value, now); reason != "" {
		return "", reason
	}
	return value, ""
}

func (s Slot) ofType(v string) (string, bool) {
	switch s.Type {
	case desk.SlotChoice:
		return s.choiceValue(v)
	case desk.SlotNumber:
		return v, decimalForm.MatchString(v)
	case desk.SlotMoney:
		amount, code, said := strings.Cut(v, " ")
		if said && s.Currency != "" && !strings.EqualFold(code, s.Currency) {
			return "", false
		}
		return amount, decimalForm.MatchString(amount)
	case desk.SlotDate:
		_, err := time.Parse(time.DateOnly, v)
		return v, err == nil
	case desk.SlotTime:
		return v, timeForm.MatchString(v)
	case desk.SlotDateTime:
		_, err := time.Parse(time.RFC3339, v)
		return v, err == nil
	case desk.SlotPhone:
		return v, phoneForm.MatchString(v)
	case desk.SlotEmail:
		a, err := mail.ParseAddress(v)
		return v, err == nil && a.Address == v
	case desk.SlotLocation:
		m := locationForm.FindStringSubmatch(v)
		if m == nil {
			return "", false
		}
		lat, _ := strconv.ParseFloat(m[1], 64)
		lon, _ := strconv.ParseFloat(m[2], 64)
		return v, lat >= -90 && lat <= 90 && lon >= -180 && lon <= 180
	case desk.SlotYesNo:
		return v, v == "yes" || v == "no"
	}
	return v, true
}

// choiceValue takes a choice by its value, label or synonym.
func (s Slot) choiceValue(v string) (string, bool) {
	if _, ok := s.Choice(v); ok {
		return v, true
	}
	for _, c := range s.Choices {
		names := []string{c.Value}
		for _, l := range c.Label {
			names = append(names, l)
		}
		for _, list := range c.Synonyms {
			names = append(names, list...)
		}
		if slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, v) }) {
			return c.Value, true
		}
	}
	return "", false
}

func (s Slot) bounded(v string, now time.Time) string {
	below := func(bound string) bool { return s.compare(v, bound, now) < 0 }
	above := func(bound string) bool { return s.compare(v, bound, now) > 0 }
	switch {
	case s.Min != "" && below(s.Min):
		return reasonMin
	case s.Max != "" && above(s.Max):
		return reasonMax
	}
	return ""
}

// compare orders a canonical value and a bound.
func (s Slot) compare(v, bound string, now time.Time) int {
	switch s.Type {
	case desk.SlotNumber, desk.SlotMoney:
		a, _ := strconv.ParseFloat(v, 64)
		b, _ := strconv.ParseFloat(bound, 64)
		switch {
		case a < b:
			return -1
		case a > b:
			return 1
		}
		return 0
	case desk.SlotText, desk.SlotAddress:
		n, _ := strconv.Atoi(bound)
		return utf8.RuneCountInString(v) - n
	case desk.SlotDate, desk.SlotDateTime:
		return strings.Compare(v[:min(len(v), 10)], dayOf(bound, now))
	}
	return strings.Compare(v, bound)
}

// dayOf turns today, today+30 and today-1 into a date.
func dayOf(bound string, now time.Time) string {
	offset, relative := strings.CutPrefix(bound, "today")
	if !relative {
		return bound
	}
	n, _ := strconv.Atoi(strings.TrimPrefix(offset, "+"))
	return now.AddDate(0, 0, n).Format(time.DateOnly)
}

// input is how a channel may let the customer answer.
func (s Slot) input(now time.Time) *desk.Input {
	in := &desk.Input{Slot: s.Name, Type: s.Type, Optional: s.Optional, Sensitive: s.Sensitive, Pattern: s.Pattern, Min: s.Min, Max: s.Max}
	if s.Type == desk.SlotDate || s.Type == desk.SlotDateTime {
		in.Min, in.Max = dayOf(s.Min, now), dayOf(s.Max, now)
	}
	return in
}
