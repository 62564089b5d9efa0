package evals

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/parleyhq/parley/desk"
)

// Tools calls a tool for real. secrets gives the text behind a "secret:REF"
// argument.
type Tools func(ctx context.Context, do desk.Do, secrets func(ref string) (string, bool)) desk.Result

// Options says what to run and how.
type Options struct {
	Suites   []Suite
	Book     desk.Book
	Playbook string         // its name and revision, for the report
	Revision int            //
	Tools    Tools          // for tools without a stand-in in the suite; nil: such a call fails the case
	Repeat   int            // how often each case is played; 0 is once
	Parallel int            // cases at once; 0 is 4
	Limit    time.Duration  // for one playing of a case; 0 is 10 s
	Now      time.Time      // the clock inside the cases; zero is 2026-01-05 09:00 in Zone
	Zone     *time.Location // the playbook's; nil is UTC
	Seed     uint64         // noted in the report, for what is random in a run
	Progress func(Progress) // called after each case, one call at a time; nil for none
}

// Progress is how far a run has come.
type Progress struct {
	Done, Total, Failed int
	Case                CaseResult
}

// MaxRepeat bounds Options.Repeat.
const MaxRepeat = 100

// Run plays every case of the suites and reports. Cases that fail are in the
// report; the error is only that of ctx or of options that make no sense.
func Run(ctx context.Context, o Options) (Report, error) {
	if o.Book == nil || len(o.Suites) == 0 {
		return Report{}, desk.Errorf(desk.Invalid, "nothing_to_run", "a run needs a playbook and at least one suite")
	}
	o.Repeat = min(max(o.Repeat, 1), MaxRepeat)
	o.Parallel = cmp.Or(max(o.Parallel, 0), 4)
	o.Limit = cmp.Or(o.Limit, 10*time.Second)
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	began := time.Now()
	r := Report{Playbook: o.Playbook, Revision: o.Revision, Repeat: o.Repeat, Seed: o.Seed, StartedAt: began.UTC()}
	type place struct{ suite, at int }
	var all []place
	for i, s := range o.Suites {
		r.Suites = append(r.Suites, SuiteResult{Name: s.Name, File: s.File, Cases: make([]CaseResult, len(s.Cases))})
		for j := range s.Cases {
			all = append(all, place{i, j})
		}
	}
	var wg sync.WaitGroup
	var mu sync.Mutex // guards done, failed and the calls of Progress
	done, failed := 0, 0
	next := make(chan place)
	for range min(o.Parallel, max(len(all), 1)) {
		wg.Go(func() {
			for p := range next {
				c := o.play(ctx, o.Suites[p.suite], o.Suites[p.suite].Cases[p.at])
				r.Suites[p.suite].Cases[p.at] = c
				mu.Lock()
				if done++; !c.Passed() {
					failed++
				}
				if o.Progress != nil {
					o.Progress(Progress{Done: done, Total: len(all), Failed: failed, Case: c})
				}
				mu.Unlock()
			}
		})
	}
feed:
	for _, p := range all {
		select {
		case next <- p:
		case <-ctx.Done():
			break feed
		}
	}
	close(next)
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return Report{}, fmt.Errorf("run suites: %w", err)
	}
	r.Took = time.Since(began)
	r.sum()
	return r, nil
}

// clock is the time inside the cases of a suite.
func (o Options) clock(s Suite) time.Time {
	switch {
	case !s.Now.IsZero():
		n := s.Now
		return time.Date(n.Year(), n.Month(), n.Day(), n.Hour(), n.Minute(), n.Second(), 0, o.Zone)
	case !o.Now.IsZero():
		return o.Now
	}
	return time.Date(2026, 1, 5, 9, 0, 0, 0, o.Zone)
}

// play plays a case as often as asked and keeps the transcript of the first
// failure, else of the first playing.
func (o Options) play(ctx context.Context, s Suite, c Case) CaseResult {
	out := CaseResult{Suite: s.Name, Name: c.Name, Lang: c.Lang, File: s.File, Line: c.Line}
	for i := range o.Repeat {
		if ctx.Err() != nil {
			return out
		}
		began := time.Now()
		limited, cancel := context.WithTimeout(ctx, o.Limit)
		played := o.once(limited, s, c)
		timedOut := limited.Err() != nil && ctx.Err() == nil
		cancel()
		out.Took += time.Since(began)
		out.Runs++
		if timedOut {
			played.Error = fmt.Sprintf("the case took longer than %s", o.Limit)
		}
		if played.ok() {
			out.Passes++
		}
		if i == 0 || out.Playing.ok() && !played.ok() {
			out.Playing = played
		}
	}
	return out
}

// once plays a case. It stops at the first turn where something does not hold:
// what follows would only fail because of it.
func (o Options) once(ctx context.Context, suite Suite, c Case) Playing {
	s := newSession(o.Book, c.Lang, o.clock(suite), o.Zone)
	s.fakes, s.tools = suite.Tools, o.Tools
	var out Playing
	if c.Open {
		d, err := s.open(ctx)
		out.Turns = append(out.Turns, record(Turn{Line: c.Line}, d))
		if err != nil {
			out.Error = err.Error()
			return out
		}
	}
	for _, step := range c.Turns {
		t := Turn{User: step.User, Tap: step.Tap, Line: step.Line}
		content := desk.Content{Text: step.User}
		if step.Tap != "" {
			var err error
			if content, err = s.tap(step.Tap); err != nil {
				t.Problems = []Problem{{Key: "tap", Got: err.Error(), Want: quote(step.Tap)}}
				out.Turns = append(out.Turns, t)
				return out
			}
		}
		before := s.flows.clone()
		masked := s.conv.Asking != nil && s.conv.Asking.Sensitive && step.User != ""
		d, err := s.hear(ctx, content)
		if masked {
			t.User = "••••"
		}
		t = record(t, d)
		if err != nil {
			out.Turns = append(out.Turns, t)
			out.Error = err.Error()
			return out
		}
		t.Problems = step.Expect.check(view{did: d, conv: s.conv, before: before, after: s.flows.clone(), args: s.args})
		out.Turns = append(out.Turns, t)
		if len(t.Problems) > 0 {
			return out
		}
	}
	return out
}

// record writes a turn down for the report, without secrets.
func record(t Turn, d did) Turn {
	for _, c := range d.says {
		line := Line{Text: c.Text, Menu: c.Menu}
		for _, o := range c.Options {
			line.Options = append(line.Options, o.Label)
		}
		if c.Card != nil {
			if c.Card.Title != "" {
				line.Card = append(line.Card, c.Card.Title)
			}
			for _, l := range c.Card.Lines {
				line.Card = append(line.Card, l.Label+": "+l.Value)
			}
		}
		t.Bot = append(t.Bot, line)
	}
	for _, m := range d.marks {
		t.Marks = append(t.Marks, briefMark(m))
	}
	return t
}

// briefMark is a mark as one line: "set order_coffee.size=large".
func briefMark(m desk.Mark) string {
	var b strings.Builder
	b.WriteString(string(m.Kind))
	if m.Flow != "" || m.Slot != "" {
		b.WriteByte(' ')
		b.WriteString(m.Flow)
		if m.Slot != "" {
			b.WriteString("." + m.Slot)
		}
	}
	if m.Value != "" {
		b.WriteString("=" + m.Value)
	}
	if o := m.Data["options"]; o != "" {
		b.WriteString(" [" + o + "]")
	}
	return b.String()
}
