package evals

import (
	"fmt"
	"slices"
)

// Gate is whether a report lets its playbook be published.
type Gate struct {
	OK      bool     `json:"ok"`
	Reasons []Reason `json:"reasons" nullable:"false"` // what stands in the way; and, allowed, what failed and may
}

// Reason is one thing that failed.
type Reason struct {
	Kind    string `json:"kind"` // case or retrieval
	Suite   string `json:"suite"`
	Name    string `json:"name"`
	Mode    Mode   `json:"mode,omitempty"`
	At      string `json:"at,omitempty"` // file:line
	Why     string `json:"why"`
	Flaky   bool   `json:"flaky,omitempty"`   // it passed sometimes
	Allowed bool   `json:"allowed,omitempty"` // tagged may_fail: it stands in nobody's way
}

// Gate says what of the report stands in the way of publishing: each case that
// failed in any repeat and is not tagged may_fail, and each set of questions
// below its least.
func (r Report) Gate() Gate {
	g := Gate{OK: true, Reasons: []Reason{}}
	for _, s := range r.Suites {
		for _, c := range s.Cases {
			if !c.Failed() {
				continue
			}
			g.Reasons = append(g.Reasons, c.Reason())
			g.OK = g.OK && c.MayFail()
		}
	}
	for _, s := range r.Retrieval {
		if !s.OK() {
			g.Reasons = append(g.Reasons, Reason{Kind: "retrieval", Suite: s.Name, Name: string(s.Lang), Why: fmt.Sprintf("hit@3 is %.3f, at least %.3f is asked for", s.HitAt3, s.Least)})
			g.OK = false
		}
	}
	slices.SortStableFunc(g.Reasons, func(a, b Reason) int { return truth(a.Allowed) - truth(b.Allowed) })
	return g
}

// Reason is what the case has failed for; it says little of one that passed.
func (c CaseResult) Reason() Reason {
	return Reason{Kind: "case", Suite: c.Suite, Name: c.Name, Mode: c.Mode, At: c.At(), Why: c.Why(), Flaky: c.Flaky(), Allowed: c.MayFail()}
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Comparison is what changed between two reports.
type Comparison struct {
	Better    []Change          `json:"better" nullable:"false"` // failed then, passes now
	Worse     []Change          `json:"worse" nullable:"false"`  // passed then, fails now
	Flaky     []Change          `json:"flaky" nullable:"false"`  // passes sometimes now
	New       []Change          `json:"new" nullable:"false"`    // was not there
	Gone      []Change          `json:"gone" nullable:"false"`   // is not there any more
	Same      int               `json:"same"`
	Retrieval []RetrievalChange `json:"retrieval" nullable:"false"`
}

// Outcome is how a case did.
type Outcome string

// The outcomes of a case.
const (
	DidPass Outcome = "passed"
	DidFail Outcome = "failed"
	DidBoth Outcome = "flaky"
	DidNot  Outcome = "skipped"
)

// Change is one case in both reports.
type Change struct {
	Suite string  `json:"suite"`
	Name  string  `json:"name"`
	Mode  Mode    `json:"mode,omitempty"`
	Was   Outcome `json:"was,omitempty"`
	Now   Outcome `json:"now,omitempty"`
	Why   string  `json:"why,omitempty"` // it fails now, or did
	At    string  `json:"at,omitempty"`
}

// RetrievalChange is one set of questions in both reports.
type RetrievalChange struct {
	Name   string   `json:"name"`
	Lang   string   `json:"lang"`
	Was1   float64  `json:"was_hit_at_1"`
	Now1   float64  `json:"now_hit_at_1"`
	Was3   float64  `json:"was_hit_at_3"`
	Now3   float64  `json:"now_hit_at_3"`
	Better []string `json:"better" nullable:"false"` // questions that miss no more
	Worse  []string `json:"worse" nullable:"false"`  // questions that miss now
}

// Outcome is how the case did.
func (c CaseResult) Outcome() Outcome {
	switch {
	case c.Skipped != "":
		return DidNot
	case c.Passed():
		return DidPass
	case c.Flaky():
		return DidBoth
	}
	return DidFail
}

// Compare says what is another in now than it was in then. Cases are the same
// when suite, name and mode are.
func Compare(then, now Report) Comparison {
	out := Comparison{Better: []Change{}, Worse: []Change{}, Flaky: []Change{}, New: []Change{}, Gone: []Change{}, Retrieval: []RetrievalChange{}}
	type id struct {
		suite, name string
		mode        Mode
	}
	was := map[id]CaseResult{}
	var order []id
	for _, s := range then.Suites {
		for _, c := range s.Cases {
			k := id{c.Suite, c.Name, c.Mode}
			was[k] = c
			order = append(order, k)
		}
	}
	for _, s := range now.Suites {
		for _, c := range s.Cases {
			k := id{c.Suite, c.Name, c.Mode}
			old, there := was[k]
			delete(was, k)
			ch := Change{Suite: c.Suite, Name: c.Name, Mode: c.Mode, Now: c.Outcome(), Why: c.Why(), At: c.At()}
			if !there {
				out.New = append(out.New, ch)
				continue
			}
			ch.Was = old.Outcome()
			switch {
			case ch.Now == DidBoth:
				out.Flaky = append(out.Flaky, ch)
			case ch.Was == DidNot || ch.Now == DidNot || ch.Was == ch.Now:
				out.Same++
			case ch.Now == DidPass:
				ch.Why = old.Why()
				out.Better = append(out.Better, ch)
			default:
				out.Worse = append(out.Worse, ch)
			}
		}
	}
	for _, k := range order {
		if c, left := was[k]; left {
			out.Gone = append(out.Gone, Change{Suite: k.suite, Name: k.name, Mode: k.mode, Was: c.Outcome(), Why: c.Why()})
		}
	}
	out.Retrieval = append(out.Retrieval, compareSets(then.Retrieval, now.Retrieval)...)
	return out
}

func compareSets(then, now []RetrievalResult) (out []RetrievalChange) {
	for _, n := range now {
		i := slices.IndexFunc(then, func(t RetrievalResult) bool { return t.Name == n.Name && t.Lang == n.Lang })
		if i < 0 {
			continue
		}
		t := then[i]
		ch := RetrievalChange{Name: n.Name, Lang: string(n.Lang), Was1: t.HitAt1, Now1: n.HitAt1, Was3: t.HitAt3, Now3: n.HitAt3, Better: []string{}, Worse: []string{}}
		missed := func(all []RetrievalMiss, q string) bool {
			return slices.ContainsFunc(all, func(m RetrievalMiss) bool { return m.Question == q })
		}
		for _, m := range t.Misses {
			if !missed(n.Misses, m.Question) {
				ch.Better = append(ch.Better, m.Question)
			}
		}
		for _, m := range n.Misses {
			if !missed(t.Misses, m.Question) {
				ch.Worse = append(ch.Worse, m.Question)
			}
		}
		out = append(out, ch)
	}
	return out
}
