package evals_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/evals"
)

// did is a case that passed so many of two playings.
func did(name string, passes int, tags ...string) evals.CaseResult {
	c := evals.CaseResult{Suite: "s", Name: name, Runs: 2, Passes: passes, Tags: tags}
	if passes < 2 {
		c.Playing.Turns = []evals.Turn{{Problems: []evals.Problem{{Key: "flow", Got: "none", Want: "x"}}}}
	}
	return c
}

func reportOf(cases ...evals.CaseResult) evals.Report {
	return evals.Report{Cases: len(cases), Suites: []evals.SuiteResult{{Name: "s", Cases: cases}}}
}

func TestCompare_NamesWhatChanged(t *testing.T) {
	taps := did("a", 0)
	taps.Mode = evals.AsTaps
	then := reportOf(did("a", 2), did("b", 0), did("c", 2), did("d", 2), did("gone", 2))
	now := reportOf(did("a", 2), taps, did("b", 2), did("c", 0), did("d", 1), did("new", 0))
	then.Retrieval = []evals.RetrievalResult{{Name: "r", Lang: "en", HitAt1: 0.5, Misses: []evals.RetrievalMiss{{Question: "q1"}}}}
	now.Retrieval = []evals.RetrievalResult{{Name: "r", Lang: "en", HitAt1: 0.6, Misses: []evals.RetrievalMiss{{Question: "q2"}}}}
	c := evals.Compare(then, now)
	names := func(list []evals.Change) string {
		var out []string
		for _, ch := range list {
			out = append(out, ch.Name+string(ch.Mode))
		}
		return fmt.Sprint(out)
	}
	got := names(c.Better) + names(c.Worse) + names(c.Flaky) + names(c.New) + names(c.Gone) + fmt.Sprint(c.Same)
	if want := "[b][c][d][ataps new][gone]1"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if c.Better[0].Why == "" || c.Worse[0].Why == "" || c.Flaky[0].Now != evals.DidBoth {
		t.Errorf("no reasons: %+v", c)
	}
	if len(c.Retrieval) != 1 || c.Retrieval[0].Better[0] != "q1" || c.Retrieval[0].Worse[0] != "q2" {
		t.Errorf("sets: %+v", c.Retrieval)
	}
}

func TestGate_IsShutByWhatMustPassOnly(t *testing.T) {
	for name, c := range map[string]struct {
		report  evals.Report
		ok      bool
		reasons int
	}{
		"all pass":      {reportOf(did("a", 2)), true, 0},
		"one fails":     {reportOf(did("a", 2), did("b", 0)), false, 1},
		"a flaky one":   {reportOf(did("a", 1)), false, 1},
		"may fail":      {reportOf(did("a", 2), did("b", 0, evals.TagMayFail)), true, 1},
		"must and may":  {reportOf(did("b", 0, evals.TagMayFail), did("c", 0, evals.TagMustPass)), false, 2},
		"a set below":   {evals.Report{Cases: 1, Retrieval: []evals.RetrievalResult{{Least: 0.9, HitAt3: 0.8}}}, false, 1},
		"a set counted": {evals.Report{Cases: 1, Retrieval: []evals.RetrievalResult{{HitAt3: 0.1}}}, true, 0},
		"skipped":       {reportOf(evals.CaseResult{Name: "m", Skipped: "no_model"}), true, 0},
	} {
		t.Run(name, func(t *testing.T) {
			g := c.report.Gate()
			if g.OK != c.ok || len(g.Reasons) != c.reasons || c.report.OK() != c.ok {
				t.Errorf("got %+v", g)
			}
			if !c.ok && g.Reasons[0].Allowed {
				t.Error("what stands in the way does not come first")
			}
		})
	}
}

func TestRun_TheSameScenarioAsTextTapsAndKeys(t *testing.T) {
	const y = "version: 1\nsuite: x\ncases:\n  - {name: taps, as: [text, taps, keys], turns: [{user: cappuccino, expect: {offered: latte}}, {tap: latte, expect: {slots: {drink: latte}}}]}\n"
	b := shop()
	b["Latte"], b["1"] = b["picked latte"], b["picked latte"]
	r := run(t, evals.Options{Suites: []evals.Suite{suite(t, y)}, Book: b})
	var did []string
	for _, c := range r.Suites[0].Cases {
		turn := c.Playing.Turns[len(c.Playing.Turns)-1]
		did = append(did, fmt.Sprintf("%s %s|%s %v", c.Mode, turn.User, turn.Tap, c.Passed()))
	}
	if want := []string{"text Latte| true", "taps |Latte true", "keys 1| true"}; !slices.Equal(did, want) {
		t.Errorf("got %q", did)
	}
}

func TestReport_SaysHowWordsWereUnderstoodAndWhereCustomersStopped(t *testing.T) {
	const y = `version: 1
suite: x
cases:
  - {name: right, turns: [{user: cappuccino, expect: {flow: order}}, {tap: latte}, {user: yes, expect: {completed: order}}]}
  - {name: wrong, turns: [{user: hours, expect: {flow: order}}]}
  - {name: outside, turns: [{user: qwerty, expect: {steered: true}}]}
  - {name: stops, turns: [{user: cappuccino, expect: {flow: order}}]}
tools: {place_order: {answer: {number: A17}}}
`
	guess := func(first string, confidence float64) []evals.Candidate {
		return []evals.Candidate{{Target: first, Confidence: confidence}, {Target: "flow:order", Confidence: 0.1}}
	}
	r := run(t, evals.Options{Suites: []evals.Suite{suite(t, y)}, Candidates: func(_ context.Context, text string, _ desk.Lang) []evals.Candidate {
		if text == "hours" {
			return guess("article:hours", 0.9)
		}
		return []evals.Candidate{{Target: "flow:order", Confidence: 0.7}}
	}})
	u := r.Understood
	if u.Turns != 4 || u.Right != 3 || u.Guesses != 3 || u.Top[0] < 0.66 || u.Top[0] > 0.67 || u.Top[1] != 1 || len(u.Calibrated) != 2 {
		t.Errorf("understood %+v", u)
	}
	if !slices.Contains(u.Confusion, evals.Confusion{Wanted: "flow:order", Got: "article:opening-hours", Turns: 1}) || !slices.Contains(u.Confusion, evals.Confusion{Wanted: "none", Got: "none", Turns: 1}) {
		t.Errorf("confusion %+v", u.Confusion)
	}
	if len(r.Funnels) != 1 {
		t.Fatalf("funnels %+v", r.Funnels)
	}
	var steps []string
	for _, s := range r.Funnels[0].Steps {
		steps = append(steps, fmt.Sprint(s.Step, s.Dialogues))
	}
	if got := strings.Join(steps, " "); got != "started2 size2 drink1 confirm1 completed1" {
		t.Errorf("steps %s", got)
	}
	if e := r.Funnels[0].Ends; len(e) != 1 || e[0] != (evals.FunnelEnd{After: "size", How: "left", Dialogues: 1}) {
		t.Errorf("ends %+v", e)
	}
	var page bytes.Buffer
	if err := r.WriteHTML(&page, desk.Chinese); err != nil || strings.Count(page.String(), "<svg") != 5 {
		t.Errorf("%d pictures, %v", strings.Count(page.String(), "<svg"), err)
	}
}

func TestRun_FinishedCasesAreNotPlayedAgain(t *testing.T) {
	s := parse(t, "holds.yaml")
	first := run(t, evals.Options{Suites: []evals.Suite{s}, Seed: 3})
	kept := map[string]evals.CaseResult{}
	c := first.Suites[0].Cases[2]
	c.Name = "kept"
	data, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &c); err != nil {
		t.Fatal(err)
	}
	kept[c.Key] = c
	before := 0
	o := evals.Options{Suites: []evals.Suite{s}, Seed: 3, Finished: kept, Progress: func(p evals.Progress) {
		if p.Before {
			before++
		}
	}}
	again := run(t, o)
	if before != 1 || again.Suites[0].Cases[2].Name != "kept" || again.Cases != first.Cases {
		t.Errorf("%d kept, %+v", before, again.Suites[0].Cases[2].Name)
	}
	o.Seed = 4
	if again = run(t, o); again.Suites[0].Cases[2].Name == "kept" {
		t.Error("a case of another seed was taken for this one")
	}
}
