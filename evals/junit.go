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
	Time     string       `xml:"time,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	File     string      `xml:"file,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Time     string      `xml:"time,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	Time    string        `xml:"time,attr"`
	Failure *junitFailure `xml:"failure,omitempty"`
}

type junitFailure struct {
	Type    string `xml:"type,attr"`
	Message string `xml:"message,attr"`
	Text    string `xml:",cdata"`
}

// WriteJUnit writes the report in the XML that CI systems read.
func (r Report) WriteJUnit(w io.Writer) error {
	out := junitSuites{Name: r.Playbook, Tests: r.Cases, Failures: r.Failed, Time: seconds(r.Took)}
	for _, s := range r.Suites {
		js := junitSuite{Name: clean(s.Name), File: clean(s.File), Tests: len(s.Cases), Failures: s.Failed, Time: seconds(s.Took)}
		for _, c := range s.Cases {
			jc := junitCase{Class: clean(s.Name), Name: clean(c.Name), Time: seconds(c.Took)}
			if !c.Passed() {
				kind := "expectation"
				if c.Playing.Error != "" {
					kind = "error"
				}
				jc.Failure = &junitFailure{Type: kind, Message: clean(c.Why()), Text: clean(c.At() + "\n" + c.Transcript())}
			}
			js.Cases = append(js.Cases, jc)
		}
		out.Suites = append(out.Suites, js)
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
	var b strings.Builder
	for _, t := range c.Playing.Turns {
		switch {
		case t.User != "":
			fmt.Fprintf(&b, "  > %s\n", t.User)
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
	if c.Playing.Error != "" {
		fmt.Fprintf(&b, "  x %s\n", c.Playing.Error)
	}
	return b.String()
}
