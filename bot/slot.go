package bot

import (
	"regexp"

	"github.com/parleyhq/parley/desk"
)

// Slot is one thing a flow needs to know. Values are kept in a canonical form:
//
//	text, address  the words, trimmed
//	choice         the Value of one of the Choices
//	number         a plain decimal: "2", "-3.5"
//	money          a plain decimal in the slot's Currency: "25.50"
//	date           "2026-03-01"
//	time           "15:04"
//	datetime       RFC 3339 with the zone's offset
//	phone          E.164: "+8613800138000"
//	email          as written, trimmed
//	location       "lat,lon" in degrees
//	yesno          "yes" or "no"
//	attachment     the attachment's ID
//	pattern        the match of Pattern
type Slot struct {
	Name      string
	Type      desk.SlotType
	Label     desk.Text // what it is called on cards; empty: made from Name
	Choices   []Choice  // of a choice
	Ask       desk.Text // the question; empty for an optional slot that is only taken when volunteered
	Invalid   desk.Text // said when an answer is no value; empty: the engine's own words
	Hint      desk.Text // how to answer, said with the second question
	Optional  bool
	Any       bool // "it does not matter" is an answer: its value is AnyValue
	Sensitive bool // never stored, never logged, masked on screen
	Pattern   string
	Min, Max  string // numbers and money: decimals; dates: YYYY-MM-DD, today, today+30, today-1; text: characters
	Currency  string // of money, ISO 4217
	Retries   int    // wrong answers before a person takes over

	when     *rule // asked only where it holds; nil: always
	validate *rule // of a value; nil: none
	pattern  *regexp.Regexp
}

// AnyValue is the value of a slot with Any that the customer leaves open.
const AnyValue = "any"

// Choice is one value of a choice slot.
type Choice struct {
	Value    string
	Label    desk.Text              // empty: Value
	Synonyms map[desk.Lang][]string // other words for it; the key "" holds for every language
}

// Title is what the choice is called in lang.
func (c Choice) Title(lang desk.Lang) string {
	if c.Label.IsZero() {
		return c.Value
	}
	return c.Label.In(lang)
}

// Choice returns the choice with the value.
func (s Slot) Choice(value string) (Choice, bool) {
	for _, c := range s.Choices {
		if c.Value == value {
			return c, true
		}
	}
	return Choice{}, false
}

// IsFree reports whether any words could be a value of s.
func (s Slot) IsFree() bool { return s.Type == desk.SlotText || s.Type == desk.SlotAddress }

// values lists the values of a choice slot.
func (s Slot) values() []string {
	out := make([]string, len(s.Choices))
	for i, c := range s.Choices {
		out[i] = c.Value
	}
	return out
}
