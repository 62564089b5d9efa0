package evals

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/parleyhq/parley/desk"
)

// Report is the outcome of a run.
type Report struct {
	Playbook  string        `json:"playbook,omitempty"`
	Revision  int           `json:"revision,omitempty"`
	StartedAt time.Time     `json:"started_at"`
	Took      time.Duration `json:"took_ns"`
	Repeat    int           `json:"repeat"`
	Seed      uint64        `json:"seed"`

	Cases   int         `json:"cases"`   // without the skipped ones
	Passed  int         `json:"passed"`  // in every repeat
	Failed  int         `json:"failed"`  //
	Allowed int         `json:"allowed"` // of Failed: those tagged may_fail
	Flaky   int         `json:"flaky"`   // of Failed: those that passed at least once
	Skipped int         `json:"skipped"` // they need a model or a speech engine, and there is none
	Turns   int         `json:"turns"`
	Cost    Cost        `json:"cost"`
	PassHat []PassK     `json:"pass_hat"` // pass^k for k from 1 to Repeat
	Langs   []LangCount `json:"langs"`
	Modes   []ModeCount `json:"modes,omitempty"` // of cases that say as what they are played

	Understood Understood        `json:"understood"`          // how words outside of flows were understood
	Funnels    []Funnel          `json:"funnels,omitempty"`   // how far customers came in each flow
	Retrieval  []RetrievalResult `json:"retrieval,omitempty"` // how sets of questions found their articles

	Suites []SuiteResult `json:"suites"`
}

// PassK is the chance that k playings of a case in a row all pass, averaged
// over the cases.
type PassK struct {
	K    int     `json:"k"`
	Rate float64 `json:"rate"`
}

// LangCount is how one language did.
type LangCount struct {
	Lang   desk.Lang `json:"lang"`
	Cases  int       `json:"cases"`
	Passed int       `json:"passed"`
}

// ModeCount is how one mode did.
type ModeCount struct {
	Mode   Mode `json:"mode"`
	Cases  int  `json:"cases"`
	Passed int  `json:"passed"`
}

// SuiteResult is one suite of a report.
type SuiteResult struct {
	Name    string        `json:"name"`
	File    string        `json:"file"`
	Passed  int           `json:"passed"`
	Failed  int           `json:"failed"`
	Skipped int           `json:"skipped,omitempty"`
	Took    time.Duration `json:"took_ns"`
	Cases   []CaseResult  `json:"cases"`
}

// CaseResult is one case of a report.
type CaseResult struct {
	Suite   string        `json:"suite"`
	Name    string        `json:"name"`
	Key     string        `json:"key"` // changes with all that the case is made of
	Mode    Mode          `json:"mode,omitempty"`
	Tags    []string      `json:"tags,omitempty"`
	Skipped string        `json:"skipped,omitempty"` // why it was not played: NoModel or NoSpeech
	Lang    desk.Lang     `json:"lang"`
	File    string        `json:"file"`
	Line    int           `json:"line"`
	Runs    int           `json:"runs"`
	Passes  int           `json:"passes"`
	Took    time.Duration `json:"took_ns"`
	Cost    Cost          `json:"cost,omitzero"`
	Playing Playing       `json:"playing"` // the first that failed, else the first
}

// Why a case is not played.
const (
	NoModel  = "no_model"  // its customer is played by a model, and there is none
	NoSpeech = "no_speech" // it is a call, and there is no speech engine
)

// SkippedFor is how many cases were not played for that reason.
func (r Report) SkippedFor(why string) (n int) {
	for _, s := range r.Suites {
		for _, c := range s.Cases {
			if c.Skipped == why {
				n++
			}
		}
	}
	return n
}

// Passed reports whether every repeat passed.
func (c CaseResult) Passed() bool { return c.Runs > 0 && c.Passes == c.Runs }

// Failed reports whether it was played and did not pass each time.
func (c CaseResult) Failed() bool { return c.Skipped == "" && !c.Passed() }

// Flaky reports whether it passed sometimes.
func (c CaseResult) Flaky() bool { return c.Passes > 0 && c.Passes < c.Runs }

// MayFail reports whether it stands in nobody's way.
func (c CaseResult) MayFail() bool { return slices.Contains(c.Tags, TagMayFail) }

// Title is the case's name, with its mode.
func (c CaseResult) Title() string {
	if c.Mode == "" {
		return c.Name
	}
	return fmt.Sprintf("%s [%s]", c.Name, c.Mode)
}

// Why says in one line what failed first; "" when nothing did.
func (c CaseResult) Why() string {
	if c.Playing.Error != "" {
		return c.Playing.Error
	}
	for _, t := range c.Playing.Turns {
		for _, p := range t.Problems {
			return p.String()
		}
	}
	return ""
}

// At is where the first failure stands in the suite's file.
func (c CaseResult) At() string {
	line := c.Line
	for _, t := range c.Playing.Turns {
		if len(t.Problems) > 0 || c.Playing.Error != "" {
			line = t.Line
		}
	}
	return fmt.Sprintf("%s:%d", c.File, line)
}

// Playing is the transcript of one playing of a case.
type Playing struct {
	Turns    []Turn    `json:"turns"`
	Verdicts []Verdict `json:"verdicts,omitempty"` // of a model that judges
	Error    string    `json:"error,omitempty"`    // it could not go on
}

func (p Playing) ok() bool {
	if p.Error != "" {
		return false
	}
	for _, t := range p.Turns {
		if len(t.Problems) > 0 {
			return false
		}
	}
	return true
}

// Turn is what the customer did, what he read, and what did not hold.
type Turn struct {
	User     string    `json:"user,omitempty"`
	Tap      string    `json:"tap,omitempty"`   // what he tapped; in a call, the keys that he pressed
	Heard    string    `json:"heard,omitempty"` // in a call: what was understood of User
	Line     int       `json:"line"`
	Bot      []Line    `json:"bot,omitempty"`
	Marks    []string  `json:"marks,omitempty"`
	Problems []Problem `json:"problems,omitempty"`

	Wanted  string `json:"wanted,omitempty"`  // the target that these words, outside of any flow, should lead to; none: there is nothing for them
	Got     string `json:"got,omitempty"`     // where they led
	Nearest *Guess `json:"nearest,omitempty"` // what the understanding took them for
}

// Line is one message of ours.
type Line struct {
	Text    string   `json:"text,omitempty"`
	Menu    string   `json:"menu,omitempty"`
	Options []string `json:"options,omitempty"`
	Card    []string `json:"card,omitempty"`
}

// OK reports whether nothing failed that must pass; see Gate for the reasons.
func (r Report) OK() bool { return r.Cases > 0 && r.Gate().OK }

// sum fills the totals from the suites.
func (r *Report) sum() {
	byLang := map[desk.Lang]*LangCount{}
	var langs []desk.Lang
	hats := make([]float64, r.Repeat)
	byMode := map[Mode]*ModeCount{}
	for i := range r.Suites {
		s := &r.Suites[i]
		for _, c := range s.Cases {
			if c.Skipped != "" {
				r.Skipped++
				s.Skipped++
				continue
			}
			r.Cases++
			r.Turns += len(c.Playing.Turns)
			s.Took += c.Took
			r.Cost = r.Cost.plus(c.Cost)
			l := byLang[c.Lang]
			if l == nil {
				l = &LangCount{Lang: c.Lang}
				byLang[c.Lang] = l
				langs = append(langs, c.Lang)
			}
			m := byMode[c.Mode]
			if m == nil {
				m = &ModeCount{Mode: c.Mode}
				byMode[c.Mode] = m
			}
			l.Cases++
			m.Cases++
			if c.Passed() {
				r.Passed++
				s.Passed++
				l.Passed++
				m.Passed++
			} else {
				r.Failed++
				s.Failed++
				if c.MayFail() {
					r.Allowed++
				}
				if c.Flaky() {
					r.Flaky++
				}
			}
			for k := range hats {
				hats[k] += passHat(c.Runs, c.Passes, k+1)
			}
		}
	}
	for _, m := range modes {
		if byMode[m] != nil {
			r.Modes = append(r.Modes, *byMode[m])
		}
	}
	r.Understood, r.Funnels = r.understood(), r.funnels()
	for k, total := range hats {
		r.PassHat = append(r.PassHat, PassK{K: k + 1, Rate: total / float64(max(r.Cases, 1))})
	}
	for _, l := range langs {
		r.Langs = append(r.Langs, *byLang[l])
	}
}

// passHat estimates the chance that k playings in a row pass, of which n were
// seen and c passed: C(c,k)/C(n,k).
func passHat(n, c, k int) float64 {
	if k > c || k > n {
		return 0
	}
	p := 1.0
	for i := range k {
		p *= float64(c-i) / float64(n-i)
	}
	return p
}

// ReadReport reads a file that WriteJSON has written.
func ReadReport(file string) (Report, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return Report{}, fmt.Errorf("read the report: %w", err)
	}
	var r Report
	if err := json.Unmarshal(data, &r); err != nil {
		return Report{}, desk.Errorf(desk.Invalid, "bad_report", "%s is no report: %w", file, err)
	}
	return r, nil
}

// WriteJSON writes the report for programs.
func (r Report) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(r); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}
