// Package evals says whether a playbook is good: suites of dialogues are
// played against it in memory, what it did is compared with what was expected,
// and a report tells what failed and where.
package evals

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/yamlfile"
)

// The bounds of a suite file.
const (
	MaxCases = 500
	MaxTurns = 60
)

// Suite is one file of cases.
type Suite struct {
	Name  string
	File  string
	Tools map[string]Fake // what tools answer; by tool
	Now   time.Time       // the clock of its cases; zero: that of the run
	Cases []Case
}

// Fake is how a tool behaves in a suite: it answers, or it fails with an error
// word. With several answers each call takes the next; the last one stays.
type Fake struct {
	Answers []json.RawMessage
	Error   string // a word as in desk.Result: timeout, refused, status_422, ...
}

// Case is one dialogue: fixed turns, or a customer who is simulated.
type Case struct {
	Name     string
	Lang     desk.Lang
	Open     bool // the customer opens the chat, and is greeted, before he says something
	Turns    []Step
	Customer *Customer // in place of Turns
	Expect   Expect    // of the conversation as a whole, at its end
	Judge    []string  // questions in plain words that a model answers with yes or no; a no fails the case
	As       []Mode    // each is a case of its own in the report; empty: as it is written
	Tags     []string
	Line     int // in the file
}

// The tags that mean something to us; others are for filtering.
const (
	TagMustPass = "must_pass" // it stands in the way of publishing; so does a case without either
	TagMayFail  = "may_fail"  // it is counted and shown, and stands in nobody's way
)

// MayFail reports whether the case stands in nobody's way.
func (c Case) MayFail() bool { return slices.Contains(c.Tags, TagMayFail) }

// Step is what the customer does, and what is expected then.
type Step struct {
	User   string // he writes
	Tap    string // he taps an option: by label, value, target, verb or id
	Expect Expect
	Line   int
}

// Expect is what must hold after a step. What is nil is not looked at.
type Expect struct {
	Flow       *string                      // active now, or completed in this turn; "" for none
	Completed  *string                      // a flow completed in this turn
	Cancelled  *string                      // a flow given up in this turn
	Slots      map[string]string            // values that the flow knows, among others; "" for unknown
	Offered    []string                     // values or targets offered in this turn, all of them
	Clarified  []string                     // candidates of a clarifying question, all of them; "" for any
	Reaches    []string                     // targets of which one was reached in this turn or is one tap away
	Confirming *bool                        // the summary was shown
	Called     map[string]map[string]string // tools called in this turn, with these arguments among others; {} for none
	HandedOver *string                      // the queue
	Answered   *string                      // the article's slug; "" for none
	Steered    *bool                        // not understood and led back
	Said       []string                     // each is in what was said; "" for anything at all
	NotSaid    []string                     // none is
	Status     *desk.Status
	Menu       *string // shown in this turn
	Refused    *string // the slot whose value a rule refused
	Asking     *string // the slot whose question stands; "" for none
}

// ReadSuite reads a suite file as it is written, without checking what it says.
func ReadSuite(name string, data []byte) (SuiteFile, error) {
	f, _, err := readSuite(name, data)
	return f, err
}

func readSuite(name string, data []byte) (f SuiteFile, doc *yamlfile.Doc, err error) {
	if doc, err = yamlfile.Parse(name, data); err == nil {
		err = doc.Decode(&f)
	}
	return f, doc, err
}

// ParseSuite reads a suite file. Everything wrong in it is reported at its
// place, as a yamlfile.Errors.
func ParseSuite(name string, data []byte) (Suite, error) {
	f, doc, err := readSuite(name, data)
	if err != nil {
		return Suite{}, err
	}
	p := suiteParser{doc: doc, suite: Suite{Name: f.Suite, File: name, Tools: map[string]Fake{}}}
	p.read(f)
	return p.suite, p.errs.Err()
}

type suiteParser struct {
	doc   *yamlfile.Doc
	suite Suite
	errs  yamlfile.Errors
}

func (p *suiteParser) fail(path, format string, args ...any) {
	p.errs = append(p.errs, p.doc.Errorf(path, format, args...))
}

func (p *suiteParser) line(path string) int { line, _ := p.doc.At(path); return line }

func (p *suiteParser) read(f SuiteFile) {
	if f.Suite == "" {
		p.fail("$", "a suite needs its name (suite)")
	}
	if f.Now != "" {
		t, err := parseNow(f.Now)
		if err != nil {
			p.fail("$.now", "%v", err)
		}
		p.suite.Now = t
	}
	for tool, fake := range f.Tools {
		p.fake(tool, fake)
	}
	if len(f.Cases) == 0 {
		p.fail("$", "a suite needs cases")
	}
	if len(f.Cases) > MaxCases {
		p.fail("$.cases", "%d cases, the limit is %d: make it several suites", len(f.Cases), MaxCases)
		return
	}
	seen := map[string]bool{}
	for i, c := range f.Cases {
		path := fmt.Sprintf("$.cases[%d]", i)
		if c.Name == "" {
			c.Name = firstWords(c)
		}
		if c.Name == "" {
			p.fail(path, "a case needs a name")
		} else if seen[c.Name] {
			p.fail(path+".name", "there are two cases called %q", c.Name)
		}
		seen[c.Name] = true
		p.suite.Cases = append(p.suite.Cases, p.one(path, c))
	}
}

func (p *suiteParser) fake(tool string, f FakeFile) {
	path := "$.tools." + tool
	given := 0
	for _, there := range []bool{f.Answer != nil, len(f.Answers) > 0, f.Error != ""} {
		if there {
			given++
		}
	}
	if given != 1 {
		p.fail(path, "a tool's stand-in has an answer, answers, or an error")
		return
	}
	if f.Answer != nil {
		f.Answers = []any{f.Answer}
	}
	out := Fake{Error: f.Error}
	for _, a := range f.Answers {
		b, err := json.Marshal(a)
		if err != nil {
			p.fail(path, "the answer is no JSON: %v", err)
			return
		}
		out.Answers = append(out.Answers, b)
	}
	p.suite.Tools[tool] = out
}

func (p *suiteParser) one(path string, c CaseFile) Case {
	out := Case{Name: c.Name, Lang: desk.English, Open: c.Open == nil || *c.Open, Line: p.line(path), Expect: p.expect(path+".expect", c.Expect), Judge: c.Judge, Tags: c.Tags}
	p.extras(path, c, &out)
	switch c.Lang {
	case "", "en":
	case "zh":
		out.Lang = desk.Chinese
	default:
		p.fail(path+".lang", "unknown language %q: use en or zh", c.Lang)
	}
	if c.Customer != nil {
		out.Customer = p.customer(path+".customer", *c.Customer)
		if len(c.Turns) > 0 {
			p.fail(path, "a case has either turns or a customer")
		}
		return out
	}
	if len(c.Turns) == 0 {
		p.fail(path, "a case needs turns, or a customer")
	}
	if len(c.Turns) > MaxTurns {
		p.fail(path+".turns", "%d turns, the limit is %d", len(c.Turns), MaxTurns)
		return out
	}
	expected := !out.Expect.isZero()
	for i, s := range c.Turns {
		at := fmt.Sprintf("%s.turns[%d]", path, i)
		step := Step{Line: p.line(at), Expect: p.expect(at+".expect", s.Expect)}
		switch {
		case (s.User == nil) == (s.Tap == nil):
			p.fail(at, "a turn has either user (words) or tap (an option)")
		case s.User != nil && strings.TrimSpace(*s.User) == "", s.Tap != nil && strings.TrimSpace(*s.Tap) == "":
			p.fail(at, "a turn needs something that the customer does")
		case s.User != nil:
			step.User = *s.User
		default:
			step.Tap = *s.Tap
		}
		expected = expected || !step.Expect.isZero()
		out.Turns = append(out.Turns, step)
	}
	if !expected && len(c.Turns) > 0 {
		p.fail(path, "the case expects nothing, so it cannot fail")
	}
	return out
}

// firstWords name a case that has no name: what the customer says, up to what
// is looked at.
func firstWords(c CaseFile) string {
	var said []string
	if c.Customer != nil {
		said = append(said, c.Customer.Goal.name())
	}
	for _, t := range c.Turns {
		switch {
		case t.User != nil:
			said = append(said, *t.User)
		case t.Tap != nil:
			said = append(said, *t.Tap)
		}
	}
	return strings.Join(said, " · ")
}

var statuses = []desk.Status{desk.Automated, desk.Waiting, desk.Closed}

func (p *suiteParser) expect(path string, f ExpectFile) Expect {
	out := Expect{Flow: f.Flow, Completed: f.Completed, Cancelled: f.Cancelled, Slots: f.Slots, Offered: f.Offered, Clarified: f.Clarified, Reaches: f.Reaches, Confirming: f.Confirming, Called: f.Called,
		HandedOver: f.HandedOver, Answered: f.Answered, Steered: f.Steered, Said: f.Said, NotSaid: f.NotSaid, Menu: f.Menu, Refused: f.Refused, Asking: f.Asking}
	if f.Status != nil {
		s := desk.Status(*f.Status)
		if !slices.Contains(statuses, s) {
			p.fail(path+".status", "unknown status %q: a suite sees %v", s, statuses)
		}
		out.Status = &s
	}
	for _, t := range f.Reaches {
		if _, err := desk.ParseTarget(t); err != nil {
			p.fail(path+".reaches", "%v", err)
		}
	}
	if slices.Contains(f.NotSaid, "") {
		p.fail(path+".not_said", "an empty text is always said")
	}
	return out
}

func (e Expect) isZero() bool {
	return e.Flow == nil && e.Completed == nil && e.Cancelled == nil && e.Slots == nil && e.Offered == nil && e.Clarified == nil && e.Reaches == nil && e.Confirming == nil && e.Called == nil && e.HandedOver == nil &&
		e.Answered == nil && e.Steered == nil && e.Said == nil && e.NotSaid == nil && e.Status == nil && e.Menu == nil && e.Refused == nil && e.Asking == nil
}

// parseNow reads a wall clock without a zone; the run's zone is put on it.
func parseNow(s string) (time.Time, error) {
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02 15:04"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no time: write 2026-01-05T09:00", s)
}
