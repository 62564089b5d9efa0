package evals

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
)

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Skipped  int          `xml:"skipped,attr"`
	Time     string       `xml:"time,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	File     string      `xml:"file,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Time     string      `xml:"time,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	Time    string        `xml:"time,attr"`
	Failure *junitFailure `xml:"failure,omitempty"`
	Skipped *junitSkipped `xml:"skipped,omitempty"`
}

type junitSkipped struct {
	Message string `xml:"message,attr"`
}

type junitFailure struct {
	Type    string `xml:"type,attr"`
	Message string `xml:"message,attr"`
	Text    string `xml:",cdata"`
}

// WriteJUnit writes the report in the XML that CI systems read. What may fail
// and does, and what was not played, is skipped there, so that it breaks no
// build.
func (r Report) WriteJUnit(w io.Writer) error {
	out := junitSuites{Name: r.Playbook, Time: seconds(r.Took)}
	for _, s := range r.Suites {
		js := junitSuite{Name: clean(s.Name), File: clean(s.File), Tests: len(s.Cases), Time: seconds(s.Took)}
		for _, c := range s.Cases {
			jc := junitCase{Class: clean(s.Name), Name: clean(c.Title()), Time: seconds(c.Took)}
			switch {
			case c.Skipped != "":
				jc.Skipped = &junitSkipped{clean(c.Skipped)}
				js.Skipped++
			case c.Failed() && c.MayFail():
				jc.Skipped = &junitSkipped{clean(TagMayFail + ": " + c.Why())}
				js.Skipped++
			case c.Failed():
				kind := "expectation"
				if c.Playing.Error != "" {
					kind = "error"
				}
				jc.Failure = &junitFailure{Type: kind, Message: clean(c.Why()), Text: clean(c.At() + "\n" + c.Transcript())}
				js.Failures++
			}
			js.Cases = append(js.Cases, jc)
		}
		out.add(js)
	}
	for _, s := range r.Retrieval {
		js := junitSuite{Name: clean(s.Name), Tests: 1, Time: seconds(0)}
		jc := junitCase{Class: clean(s.Name), Name: "hit@3 " + string(s.Lang), Time: seconds(0)}
		if !s.OK() {
			jc.Failure = &junitFailure{Type: "retrieval", Message: fmt.Sprintf("%.3f, at least %.3f is asked for", s.HitAt3, s.Least)}
			js.Failures++
		}
		js.Cases = []junitCase{jc}
		out.add(js)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(out); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (s *junitSuites) add(one junitSuite) {
	s.Tests += one.Tests
	s.Failures += one.Failures
	s.Skipped += one.Skipped
	s.Suites = append(s.Suites, one)
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }

// clean drops what XML cannot hold.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 && r != '\n' && r != '\t' || r == 0xFFFE || r == 0xFFFF {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// Transcript is the playing as plain text, the problems where they arose.
func (c CaseResult) Transcript() string {
	out := Transcript(c.Playing.Turns)
	if c.Playing.Error != "" {
		out += fmt.Sprintf("  x %s\n", c.Playing.Error)
	}
	return out
}

// Transcript is a dialogue as plain text.
func Transcript(turns []Turn) string {
	var b strings.Builder
	for _, t := range turns {
		switch {
		case t.User != "":
			fmt.Fprintf(&b, "  > %s\n", t.User)
			if t.Heard != "" && t.Heard != t.User {
				fmt.Fprintf(&b, "    (%s)\n", t.Heard)
			}
		case t.Tap != "":
			fmt.Fprintf(&b, "  > [%s]\n", t.Tap)
		}
		for _, l := range t.Bot {
			if l.Text != "" {
				fmt.Fprintf(&b, "  < %s\n", strings.ReplaceAll(l.Text, "\n", "\n    "))
			}
			for _, line := range l.Card {
				fmt.Fprintf(&b, "    | %s\n", line)
			}
			if len(l.Options) > 0 {
				fmt.Fprintf(&b, "    [%s]\n", strings.Join(l.Options, "] ["))
			}
		}
		if len(t.Marks) > 0 {
			fmt.Fprintf(&b, "    (%s)\n", strings.Join(t.Marks, "; "))
		}
		for _, p := range t.Problems {
			fmt.Fprintf(&b, "  x %s\n", p)
		}
	}
	return b.String()
}
