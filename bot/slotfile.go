package bot

import (
	"reflect"
	"regexp"
	"slices"
	"strconv"

	"github.com/parleyhq/parley/desk"
)

// defaultRetries is how many wrong answers a slot takes before a person does.
const defaultRetries = 3

var slotTypes = []desk.SlotType{
	desk.SlotText, desk.SlotChoice, desk.SlotNumber, desk.SlotMoney, desk.SlotDate, desk.SlotTime, desk.SlotDateTime,
	desk.SlotPhone, desk.SlotEmail, desk.SlotAddress, desk.SlotLocation, desk.SlotYesNo, desk.SlotAttachment, desk.SlotPattern,
}

// slot reads and checks everything about a slot but its expressions.
func (p *flowParser) slot(name string, raw slotFile) {
	path := "$.slots." + name
	s := Slot{
		Name: name, Type: raw.Type, Label: raw.Label, Ask: raw.Ask, Invalid: raw.Invalid, Hint: raw.Hint,
		Optional: raw.Optional, Any: raw.Any, Sensitive: raw.Sensitive, Pattern: raw.Pattern, Min: raw.Min, Max: raw.Max,
		Currency: raw.Currency, Retries: raw.Retries,
	}
	if !slotName.MatchString(name) || slices.Contains(reservedNames, name) {
		p.fail(path, "%q cannot name a slot: use small letters, digits and _, no word of the rule language", name)
	}
	if !slices.Contains(slotTypes, raw.Type) {
		p.fail(path+".type", "unknown type %q: use one of %v", raw.Type, slotTypes)
	}
	if !raw.Optional && raw.Ask.IsZero() {
		p.fail(path, "a slot that is not optional needs its question (ask)")
	}
	if raw.Sensitive && slices.Contains([]desk.SlotType{desk.SlotChoice, desk.SlotYesNo, desk.SlotAttachment, desk.SlotLocation}, raw.Type) {
		p.fail(path+".sensitive", "only what is typed can be sensitive, not a %s", raw.Type)
	}
	p.choices(path, &s, raw.Of)
	p.bounds(path, &s)
	if s.Retries == 0 {
		s.Retries = defaultRetries
	}
	if s.Retries < 1 || s.Retries > maxRetries {
		p.fail(path+".retries", "retries is 1 to %d", maxRetries)
	}
	p.flow.Slots = append(p.flow.Slots, s)
}

func (p *flowParser) choices(path string, s *Slot, of []choiceFile) {
	if (s.Type == desk.SlotChoice) != (len(of) > 0) {
		p.fail(path, "of lists the values of a choice, and only of a choice")
	}
	if len(of) > maxChoices {
		p.fail(path+".of", "%d choices, the limit is %d", len(of), maxChoices)
	}
	for i, c := range of {
		if _, twice := s.Choice(c.Value); twice || c.Value == "" || len(c.Value) > 100 {
			p.fail(indexed(path+".of", i), "a choice needs a value of its own, at most 100 characters; got %q", c.Value)
		}
		s.Choices = append(s.Choices, Choice(c))
	}
}

func (p *flowParser) bounds(path string, s *Slot) {
	if (s.Type == desk.SlotPattern) && s.Pattern == "" {
		p.fail(path, "a pattern slot needs its pattern")
	}
	if s.Pattern != "" {
		re, err := regexp.Compile(`^(?:` + s.Pattern + `)$`)
		if err != nil || len(s.Pattern) > 200 {
			p.fail(path+".pattern", "the pattern is no regular expression of at most 200 characters: %v", err)
		}
		s.pattern = re
	}
	for key, bound := range map[string]string{"min": s.Min, "max": s.Max} {
		if bound != "" && !boundFits(s.Type, bound) {
			p.fail(path+"."+key, "%q is no %s of a %s: numbers and lengths are decimals, dates are 2026-03-01, today or today+30, times 15:04", bound, key, s.Type)
		}
	}
	if s.Currency != "" && s.Type != desk.SlotMoney {
		p.fail(path+".currency", "currency belongs to money")
	}
}

func boundFits(t desk.SlotType, bound string) bool {
	switch t {
	case desk.SlotNumber, desk.SlotMoney:
		_, err := strconv.ParseFloat(bound, 64)
		return err == nil
	case desk.SlotText, desk.SlotAddress:
		n, err := strconv.Atoi(bound)
		return err == nil && n >= 0
	case desk.SlotDate, desk.SlotDateTime:
		return dateBound.MatchString(bound)
	case desk.SlotTime:
		return timeForm.MatchString(bound)
	}
	return false
}

// slotRules compiles when and validate, once every slot is known.
func (p *flowParser) slotRules(name string, raw slotFile) {
	i := slices.IndexFunc(p.flow.Slots, func(s Slot) bool { return s.Name == name })
	s, path := &p.flow.Slots[i], "$.slots."+name
	if raw.When != "" {
		s.when = p.compile(path+".when", raw.When, p.scope(), reflect.Bool)
		if s.when != nil && slices.Contains(s.when.names, name) {
			p.fail(path+".when", "%s cannot depend on itself", name)
		}
	}
	if raw.Validate != "" {
		sc := p.scope()
		sc.value = s
		s.validate = p.compile(path+".validate", raw.Validate, sc, reflect.Bool)
	}
}
