package nlu

import (
	"regexp"
	"sort"
	"strings"
	"time"

	"github.com/parleyhq/parley/desk"
)

// Entity is a value found in a text.
type Entity struct {
	Value    string // canonical, in the format of the slot type
	Text     string // the words it was read from
	Start    int    // byte offsets of Text in the original
	End      int
	Currency string // of a money entity: ISO 4217, empty when none was said
	// Weak says that the words alone do not tell what they are: a bare number
	// as an amount, an ordinal as a choice, a whole text as an address. A weak
	// entity answers the question that was asked; it never fills a slot
	// unasked.
	Weak bool
}

// Choice is one thing a choice slot may hold: its value and every way to say
// it (labels and synonyms, in all languages).
type Choice struct {
	Value string
	Names []string
}

// Options is what a recogniser needs to know besides the text.
type Options struct {
	Choices []Choice       // for choice
	Pattern *regexp.Regexp // for pattern
	Now     time.Time      // for date, time, datetime
	Zone    *time.Location // nil is UTC
	Region  string         // for phone: ISO 3166; empty is guessed from zone and language
	Asked   bool           // the text answers a question for this very type: weak entities count
}

// Find returns every value of type typ in text, in the order of the text,
// none overlapping another. Without Options.Asked no weak entity is returned.
//
// Formats: number and money a plain decimal ("1234.5"); date 2006-01-02; time
// 15:04; datetime RFC 3339 in Options.Zone; phone E.164; location "lat,lon";
// yesno "yes" or "no"; choice the choice's value; the others as written.
//
// How vague times are read: a bare clock hour from 1 to 6 is in the afternoon,
// 7 to 11 in the morning, 12 is noon; on today's date a time that has passed
// is tried twelve hours later, then tomorrow. A bare weekday is the next one
// after today, "this" weekday is in this week, "next" weekday and 下周 are in
// the next calendar week (Monday first). 3/5 is the fifth of March. A date
// without a year is the next such date.
func Find(typ desk.SlotType, text string, lang desk.Lang, o Options) []Entity {
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	o.Now = o.Now.In(o.Zone)
	p := newPlain(text)
	var found []Entity
	switch typ {
	case desk.SlotChoice:
		found = findChoices(p, o)
	case desk.SlotNumber:
		found = findNumbers(p)
	case desk.SlotMoney:
		found = findMoney(p)
	case desk.SlotDate:
		found = findDates(p, o)
	case desk.SlotTime:
		found = findTimes(p, o)
	case desk.SlotDateTime:
		found = findDateTimes(p, o)
	case desk.SlotPhone:
		found = findPhones(p, lang, o)
	case desk.SlotEmail:
		found = findEmails(p)
	case desk.SlotAddress:
		found = findAddresses(p, o)
	case desk.SlotLocation:
		found = findLocations(p)
	case desk.SlotYesNo:
		found = findYesNo(p, o)
	case desk.SlotPattern:
		found = findPattern(p, o)
	case desk.SlotText:
		found = findText(p)
	}
	return keep(found, o.Asked)
}

// keep drops weak entities unless asked for, and overlapping ones: a strong
// one beats a weak one, then the longer, then the earlier.
func keep(found []Entity, weak bool) []Entity {
	sort.SliceStable(found, func(i, j int) bool {
		a, b := found[i], found[j]
		if a.Weak != b.Weak {
			return b.Weak
		}
		if la, lb := a.End-a.Start, b.End-b.Start; la != lb {
			return la > lb
		}
		return a.Start < b.Start
	})
	var out []Entity
next:
	for _, e := range found {
		if e.Weak && !weak {
			continue
		}
		for _, k := range out {
			if e.Start < k.End && k.Start < e.End {
				continue next
			}
		}
		out = append(out, e)
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Start < out[j].Start })
	return out
}

func findText(p plain) []Entity {
	s := strings.TrimSpace(p.orig)
	if s == "" {
		return nil
	}
	from := strings.Index(p.orig, s)
	return []Entity{{Value: s, Text: s, Start: from, End: from + len(s), Weak: true}}
}

// findPattern finds what the slot's expression matches. Case does not matter
// unless the expression matches as written; a value that matches only in
// capitals is given in capitals.
func findPattern(p plain, o Options) []Entity {
	if o.Pattern == nil {
		return nil
	}
	var out []Entity
	words := fields(p.orig)
	if whole := strings.TrimSpace(p.orig); whole != "" {
		from := strings.Index(p.orig, whole)
		words = append([]textSpan{{from, from + len(whole)}}, words...)
	}
	for _, w := range words {
		word := p.orig[w.from:w.to]
		for _, form := range []string{word, strings.ToUpper(word), strings.ToLower(word)} {
			if m := o.Pattern.FindStringIndex(form); m != nil && m[1] > m[0] && len(form) == len(word) && bounded(form, m[0], m[1]) {
				out = append(out, Entity{Value: form[m[0]:m[1]], Text: word[m[0]:m[1]], Start: w.from + m[0], End: w.from + m[1]})
				break
			}
		}
	}
	if len(out) == 0 {
		return digitByDigit(p, o)
	}
	return out
}

type textSpan struct{ from, to int }

// fields splits at blanks and punctuation, keeping the offsets. Characters
// that belong to codes (- _ / # . @ inside) stay.
func fields(s string) []textSpan {
	var out []textSpan
	start := -1
	flush := func(end int) {
		if start >= 0 {
			for end > start && strings.IndexByte(".,;:!?", s[end-1]) >= 0 {
				end--
			}
			if end > start {
				out = append(out, textSpan{start, end})
			}
		}
		start = -1
	}
	for i, r := range s {
		if isHan(r) || r == ' ' || r == '\n' || r == '\t' || r > 0x2000 {
			flush(i)
			continue
		}
		if start < 0 {
			start = i
		}
	}
	flush(len(s))
	return out
}
