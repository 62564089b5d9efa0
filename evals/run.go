package evals

import (
	"cmp"
	"context"
	"fmt"
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
	Calls    int            // of them in calls; 0 is 4
	As       []Mode         // how each case is played, whatever it says itself; nil: as it says
	Limit    time.Duration  // for one playing of a case; 0 is 10 s
	Now      time.Time      // the clock inside the cases; zero is 2026-01-05 09:00 in Zone
	Zone     *time.Location // the playbook's; nil is UTC
	Seed     uint64         // of what is random: the simulated customers
	Chat     Chatter        // plays customers and judges; nil: those cases are skipped, nobody judges
	Phone    Phone          // plays cases as AsAudio; nil: they are skipped
	Progress func(Progress) // called after each case, one call at a time; nil for none

	// Title is what a target is called, for simulated customers; nil: they make
	// words of its name.
	Title func(t desk.Target, lang desk.Lang) string
	// Candidates is what the understanding takes words for, the likeliest
	// first; nil: it is not looked at.
	Candidates func(ctx context.Context, text string, lang desk.Lang) []Candidate
	// Finished are results of an earlier run that was cut off, by their Key.
	// These cases are not played again.
	Finished map[string]CaseResult

	lines chan struct{} // has room for Calls
}

// Candidate is a target that words may mean, and how sure that is.
type Candidate struct {
	Target     string  `json:"target"`
	Confidence float64 `json:"confidence"`
}

// Progress is how far a run has come.
type Progress struct {
	Done, Total, Failed int
	Case                CaseResult
	Before              bool // it is of Options.Finished
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
	o.lines = make(chan struct{}, cmp.Or(max(o.Calls, 0), 4))
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	began := time.Now()
	r := Report{Playbook: o.Playbook, Revision: o.Revision, Repeat: o.Repeat, Seed: o.Seed, StartedAt: began.UTC()}
	var all []play
	var into []*CaseResult
	for _, s := range o.Suites {
		plays := s.plays(o.As)
		cases := make([]CaseResult, len(plays))
		r.Suites = append(r.Suites, SuiteResult{Name: s.Name, File: s.File, Cases: cases})
		for i := range plays {
			all, into = append(all, plays[i]), append(into, &cases[i])
		}
	}
	var wg sync.WaitGroup
	var mu sync.Mutex // guards done, failed and the calls of Progress
	done, failed := 0, 0
	next := make(chan int)
	for range min(o.Parallel, max(len(all), 1)) {
		wg.Go(func() {
			for i := range next {
				c, before := o.Finished[o.key(all[i])]
				if !before {
					c = o.play(ctx, all[i])
				}
				if ctx.Err() != nil {
					continue // it may be cut off
				}
				*into[i] = c
				mu.Lock()
				if done++; c.Failed() {
					failed++
				}
				if o.Progress != nil {
					o.Progress(Progress{Done: done, Total: len(all), Failed: failed, Case: c, Before: before})
				}
				mu.Unlock()
			}
		})
	}
feed:
	for i := range all {
		select {
		case next <- i:
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
