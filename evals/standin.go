package evals

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/privacy"
)

// standIns puts others in place of personal data: of the same kind and shape,
// and the same for the same, so that a dialogue still fits together.
type standIns struct {
	lang   desk.Lang
	person privacy.Person
	phones []string          // last digits of each number so far
	names  map[string]string // what stands for each name
	values map[string]string // what stands for slot values as flows keep them
}

func newStandIns(c desk.Contact, lang desk.Lang) *standIns {
	s := &standIns{lang: lang, names: map[string]string{}, values: map[string]string{}}
	if c.Name != "" {
		s.person.Names = append(s.person.Names, c.Name)
	}
	s.person.Values = append(s.person.Values, c.Email, c.Phone)
	for _, i := range c.Identities {
		s.person.Values = append(s.person.Values, i.Address)
	}
	for _, v := range c.Attributes {
		s.person.Values = append(s.person.Values, v)
	}
	s.person.Values = slices.DeleteFunc(s.person.Values, func(v string) bool { return len([]rune(v)) < 2 })
	return s
}

// personal reports whether the values of a slot say who somebody is.
func personal(slot string, t desk.SlotType) bool {
	switch t {
	case desk.SlotPhone, desk.SlotEmail, desk.SlotAddress, desk.SlotLocation, desk.SlotPattern:
		return true
	case desk.SlotText, "":
		return nameSlot.MatchString(slot)
	}
	return false
}

var nameSlot = regexp.MustCompile(`(?i)name|recipient|contact|person|passenger|guest|who`)

// know takes in the value of a personal slot, so that it is found in words.
func (s *standIns) know(slot string, t desk.SlotType, value string) {
	if value == "" || strings.Contains(value, "•") || s.values[value] != "" {
		return
	}
	s.values[value] = s.of(slot, t, value)
	switch {
	case t == desk.SlotText || t == "":
		s.person.Names = append(s.person.Names, value)
		s.names[strings.ToLower(value)] = s.values[value]
	default:
		s.person.Values = append(s.person.Values, value)
	}
}

func (s *standIns) of(slot string, t desk.SlotType, value string) string {
	switch t {
	case desk.SlotPhone:
		return s.phone(value)
	case desk.SlotEmail:
		return s.kind(privacy.Mail, value)
	case desk.SlotAddress:
		return phrase(s.lang, "%d Example Street", "示例路%d号", len(s.values)+1)
	case desk.SlotLocation:
		return "31.2304,121.4737"
	case desk.SlotPattern:
		return shaped(value)
	}
	return s.kind(privacy.Name, value)
}

// value is a slot's value without personal data.
func (s *standIns) value(v string) string {
	if other := s.values[v]; other != "" {
		return other
	}
	return s.text(v)
}

// text is what the customer wrote without personal data.
func (s *standIns) text(text string) string {
	whole := sorted(s.values)
	slices.SortFunc(whole, longestFirst)
	for _, v := range whole { // an address holds names and numbers
		text = replaceFold(text, v, s.values[v])
	}
	mine := make([]string, 0, len(s.values))
	for _, v := range s.values {
		mine = append(mine, v)
	}
	var b strings.Builder
	at := 0
	for _, f := range privacy.Find(text, s.person) {
		found := text[f.Start:f.End]
		b.WriteString(text[at:f.Start])
		if slices.ContainsFunc(mine, func(m string) bool { return strings.Contains(m, found) }) {
			b.WriteString(found) // a stand-in already
		} else {
			b.WriteString(s.kind(f.Kind, found))
		}
		at = f.End
	}
	b.WriteString(text[at:])
	return b.String()
}

// kind is a stand-in for a finding.
func (s *standIns) kind(k privacy.Kind, found string) string {
	switch k {
	case privacy.Phone:
		return s.phone(found)
	case privacy.Mail:
		return "customer@example.com"
	case privacy.Card:
		return sameGaps(found, "4111111111111111")
	case privacy.Account:
		return "DE89370400440532013000"
	case privacy.Link:
		return "https://example.com/"
	case privacy.Name:
		return s.name(found)
	case privacy.ID:
		if len(found) == 18 {
			return "11010519491231002X"
		}
	}
	if strings.Contains(found, "@") {
		return "customer@example.com"
	}
	return shaped(found)
}

var standInNames = map[bool][]string{false: {"Alex", "Morgan", "Lee"}, true: {"王小明"}}

// name is another name of as many words.
func (s *standIns) name(found string) string {
	if n := s.names[strings.ToLower(found)]; n != "" {
		return n
	}
	han := strings.IndexFunc(found, func(r rune) bool { return unicode.Is(unicode.Han, r) }) >= 0
	pool := standInNames[han]
	words := max(1, len(strings.Fields(found)))
	out := strings.Join(pool[:min(words, len(pool))], " ")
	s.names[strings.ToLower(found)] = out
	return out
}

// phone is another number in the same writing: the country and the first
// digits of the area stay, so that it is still a number there.
func (s *standIns) phone(found string) string {
	digits := onlyDigits(found)
	last := digits[max(0, len(digits)-7):]
	i := slices.Index(s.phones, last)
	if i < 0 {
		i = len(s.phones)
		s.phones = append(s.phones, last)
	}
	tail := fmt.Sprintf("55501%02d", i%100) // reserved for examples in North America
	national := strings.TrimPrefix(strings.TrimPrefix(digits, "00"), "86")
	if len(national) == 11 && national[0] == '1' {
		tail = fmt.Sprintf("001380%02d", i%100)
	}
	tail = tail[max(0, len(tail)-max(1, len(digits)-2)):]
	return sameGaps(found, digits[:len(digits)-min(len(tail), len(digits))]+tail)
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// sameGaps writes digits in the places of like's digits; those left over
// follow.
func sameGaps(like, digits string) string {
	var b strings.Builder
	for _, r := range like {
		switch {
		case r < '0' || r > '9':
			b.WriteRune(r)
		case digits != "":
			b.WriteByte(digits[0])
			digits = digits[1:]
		}
	}
	return b.String() + digits
}

// shaped changes every digit and letter for another of its kind; letters in
// front, as of order numbers, stay.
func shaped(s string) string {
	var b strings.Builder
	digits, front := 0, true
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits++
			front = false
			b.WriteByte(byte('0' + digits%10))
		case front && b.Len() < 3 && r < 128:
			b.WriteRune(r)
		case unicode.Is(unicode.Han, r):
			b.WriteRune('某')
		case unicode.IsUpper(r):
			b.WriteByte('X')
		case unicode.IsLetter(r):
			b.WriteByte('x')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// replaceFold replaces old whatever its case.
func replaceFold(s, old, by string) string {
	if old == "" {
		return s
	}
	return regexp.MustCompile("(?i)"+regexp.QuoteMeta(old)).ReplaceAllLiteralString(s, by)
}

// longestFirst orders values so that none is replaced inside another.
func longestFirst(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) }
