package bot

import (
	"fmt"
	"strings"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/yamlfile"
)

// Recorded is a dialogue of which it is known what the customer's words meant:
// the understanding learns from it which words fill which slots.
type Recorded struct {
	Name  string
	Lang  desk.Lang
	Day   time.Time // on which it took place: what "tomorrow" was said on
	Flows []string  // those it may be about; none: all
	Turns []RecordedTurn

	path string
	doc  *yamlfile.Doc // nil for a dialogue that no file holds
}

// RecordedTurn is something the customer said, and what it was said to.
type RecordedTurn struct {
	Agent    string   // what was said before; empty at the beginning
	Asked    Standing // what that asked, and proposed; without a flow it is about the one before
	Customer string
	Fills    map[string]map[string]string // by flow and slot: what it gives a new value, canonical
}

// ReadingDay is the day of examples and dialogues that do not say when they
// took place: a Monday.
var ReadingDay = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)

// CheckRecorded finds what is wrong between dialogues and the flows that they
// speak of, and puts every value in its canonical form.
func CheckRecorded(list []Recorded, flows []Flow) yamlfile.Errors {
	var errs yamlfile.Errors
	byName := map[string]*Flow{}
	for i := range flows {
		byName[flows[i].Name] = &flows[i]
	}
	for i := range list {
		d := &list[i]
		for j, name := range d.Flows {
			if byName[name] == nil {
				errs = append(errs, d.Errorf(indexed(".flows", j), "there is no flow %q", name))
			}
		}
		for j := range d.Turns {
			errs = append(errs, d.check(j, byName)...)
		}
	}
	return errs
}

// check is CheckRecorded for one turn.
func (d *Recorded) check(i int, flows map[string]*Flow) yamlfile.Errors {
	var errs yamlfile.Errors
	t, at := &d.Turns[i], indexed(".turns", i)
	slot := func(path, flow, name string) (Slot, bool) {
		f := flows[flow]
		if f == nil {
			errs = append(errs, d.Errorf(at+path, "there is no flow %q", flow))
			return Slot{}, false
		}
		s, ok := f.Slot(name)
		switch {
		case !ok:
			errs = append(errs, d.Errorf(at+path, "the flow %s has no slot %q", flow, name))
		case s.Sensitive:
			errs = append(errs, d.Errorf(at+path, "%s is sensitive: its values are never kept, nor learned from", name))
		default:
			return s, true
		}
		return s, false
	}
	if t.Asked.Flow != "" && flows[t.Asked.Flow] == nil {
		errs = append(errs, d.Errorf(at+".about", "there is no flow %q", t.Asked.Flow))
		return errs
	}
	if t.Asked.Slot != "" {
		slot(".asks", t.Asked.Flow, t.Asked.Slot)
	}
	for k := range t.Asked.Proposed {
		p := &t.Asked.Proposed[k]
		s, ok := slot("."+proposalKeys[p.Kind], p.Flow, p.Slot)
		if ok && p.Kind != ProposalAsked {
			if v, reason := s.canonical(p.Value, d.Day); reason == "" {
				p.Value = v
			}
		}
	}
	for flow, slots := range t.Fills {
		for name, value := range slots {
			path := ".fills"
			if key := flow + "/" + name; d.doc != nil && d.has(at+path+"."+key, at+path) {
				path += "." + key
			} else {
				path += "." + name
			}
			s, ok := slot(path, flow, name)
			if !ok {
				continue
			}
			v, reason := s.canonical(value, d.Day)
			if reason != "" {
				errs = append(errs, d.Errorf(at+path, "%q is no value of %s, which is a %s%s", value, name, s.Type, s.form()))
				continue
			}
			slots[name] = v
		}
	}
	return errs
}

// canonical is Check without the bounds: what was said was said.
func (s Slot) canonical(value string, now time.Time) (canonical, reason string) {
	s.Min, s.Max = "", ""
	return s.Check(value, now)
}

// form says how a value of the slot is written.
func (s Slot) form() string {
	switch s.Type {
	case desk.SlotChoice:
		return ": it is one of " + strings.Join(s.values(), ", ")
	case desk.SlotYesNo:
		return ": yes or no"
	case desk.SlotDate:
		return ": 2026-03-01"
	case desk.SlotTime:
		return ": 15:04"
	case desk.SlotNumber, desk.SlotMoney:
		return ": a plain decimal"
	}
	return ""
}

// has reports whether path stands in the file, rather than only what holds it.
func (d *Recorded) has(path, parent string) bool {
	l1, c1 := d.doc.At(d.path + path)
	l2, c2 := d.doc.At(d.path + parent)
	return l1 != l2 || c1 != c2
}

// Errorf makes an error at a place within the dialogue.
func (d *Recorded) Errorf(path, format string, args ...any) *yamlfile.Error {
	if d.doc == nil {
		return &yamlfile.Error{File: d.Name, Line: 1, Column: 1, Message: fmt.Sprintf(format, args...)}
	}
	return d.doc.Errorf(d.path+path, format, args...)
}
