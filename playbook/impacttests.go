package playbook

import (
	"context"
	"fmt"
	"slices"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/evals"
	"github.com/parleyhq/parley/kb"
)

// SetChange is how a set of questions does before and after.
type SetChange struct {
	Name     string                `json:"name"`
	Playbook string                `json:"playbook"`
	Lang     desk.Lang             `json:"lang"`
	Asked    int                   `json:"asked"`
	Before   SetScore              `json:"before"`
	After    SetScore              `json:"after"`
	Worse    []evals.RetrievalMiss `json:"worse" nullable:"false" doc:"Questions whose article stands lower than before, as it would be."`
	Better   []evals.RetrievalMiss `json:"better" nullable:"false" doc:"Those whose article stands higher, as it is now."`
	Breaks   bool                  `json:"breaks" doc:"It reached what it has to, and would not any more."`
}

// SetScore is how a set of questions does.
type SetScore struct {
	HitAt1   float64 `json:"hit_at_1"`
	HitAt3   float64 `json:"hit_at_3"`
	MRR      float64 `json:"mrr_at_10"`
	Withheld float64 `json:"withheld"`
}

// SuitesChange is what the playbook's cases about articles do. Ran counts the
// cases that were played both ways.
type SuitesChange struct {
	Ran    int           `json:"ran"`
	Broken []SuiteChange `json:"broken" nullable:"false"`
	Fixed  []SuiteChange `json:"fixed" nullable:"false"`
	NotRun []NotRun      `json:"not_run" nullable:"false" doc:"For want of time, or because they cannot be."`
}

// SuiteChange is a case that does otherwise.
type SuiteChange struct {
	Playbook string `json:"playbook"`
	evals.Change
}

// NotRun is a suite that was not played.
type NotRun struct {
	Playbook string `json:"playbook"`
	Suite    string `json:"suite"`
	Cases    int    `json:"cases"`
	Why      string `json:"why" enum:"time,failed,too_many"`
}

// mostPreviewed bounds the cases that a preview plays.
const mostPreviewed = 150

// books are the live playbooks that a change concerns.
func (p *Previews) books(ctx context.Context, playbook string) ([]*Built, error) {
	all, err := p.Runs.Library.Playbooks(ctx)
	if err != nil {
		return nil, fmt.Errorf("list playbooks: %w", err)
	}
	var out []*Built
	for _, e := range all {
		if playbook != "" && e.Name != playbook {
			continue
		}
		b, err := p.Runs.Library.LiveBook(ctx, e.Name)
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}

// sets asks the editors' sets of questions, and those of the playbooks' files.
func (p *Previews) sets(ctx context.Context, playbook string, before, after *kb.Library, out *Impact) (whole bool, err error) {
	sets, err := p.setsOf(ctx, playbook)
	if err != nil {
		return timeOver(ctx, err)
	}
	for _, s := range sets {
		c, err := compareSet(ctx, before, after, s)
		if err != nil {
			return timeOver(ctx, err)
		}
		out.Retrieval = append(out.Retrieval, c)
	}
	return true, nil
}

func (p *Previews) setsOf(ctx context.Context, playbook string) ([]evals.RetrievalSet, error) {
	sets, err := p.Runs.Store.RetrievalSets(ctx, playbook)
	if err != nil {
		return nil, err
	}
	books, err := p.books(ctx, playbook)
	for _, b := range books {
		for _, s := range b.Retrieval {
			s.Playbook = b.Name
			sets = append(sets, s)
		}
	}
	return sets, err
}

func compareSet(ctx context.Context, before, after *kb.Library, s evals.RetrievalSet) (SetChange, error) {
	was, err := evals.ScoreRetrieval(ctx, before, s)
	if err != nil {
		return SetChange{}, err
	}
	is, err := evals.ScoreRetrieval(ctx, after, s)
	return setChange(was, is), err
}

// timeOver takes an error that comes of the time being over for a part that is
// not whole.
func timeOver(ctx context.Context, err error) (whole bool, _ error) {
	if ctx.Err() != nil {
		return false, nil
	}
	return false, err
}

func setChange(was, is evals.RetrievalResult) SetChange {
	score := func(r evals.RetrievalResult) SetScore { return SetScore{r.HitAt1, r.HitAt3, r.MRR, r.Withheld} }
	return SetChange{Name: was.Name, Playbook: was.Playbook, Lang: was.Lang, Asked: was.Asked, Before: score(was), After: score(is),
		Worse: lower(was.Misses, is.Misses), Better: lower(is.Misses, was.Misses), Breaks: was.OK() && !is.OK()}
}

// lower lists those of now that stood higher then.
func lower(then, now []evals.RetrievalMiss) []evals.RetrievalMiss {
	out := []evals.RetrievalMiss{}
	place := func(m evals.RetrievalMiss) int {
		if m.Rank == 0 {
			return 100 // not there at all
		}
		return m.Rank
	}
	for _, m := range now {
		i := slices.IndexFunc(then, func(t evals.RetrievalMiss) bool { return t.Question == m.Question && t.Article == m.Article })
		if i < 0 || place(then[i]) < place(m) {
			out = append(out, m)
		}
	}
	return out
}

// suites plays the cases about articles with both libraries.
func (p *Previews) suites(ctx context.Context, playbook string, before, after *kb.Library, out *SuitesChange) (whole bool, err error) {
	books, err := p.books(ctx, playbook)
	if err != nil {
		return timeOver(ctx, err)
	}
	whole = true
	for _, b := range books {
		more, err := activeSuites(ctx, p.Runs.Store, b.Name)
		if err != nil {
			return timeOver(ctx, err)
		}
		suites := aboutArticles(slices.Concat(b.Suites, more))
		if len(suites) == 0 {
			continue
		}
		was, err := p.Runs.Library.load(ctx, b.Name, b.Revision, before)
		if err != nil {
			return timeOver(ctx, err)
		}
		is, err := p.Runs.Library.load(ctx, b.Name, b.Revision, after)
		if err != nil {
			return timeOver(ctx, err)
		}
		for _, s := range suites {
			why := ""
			switch {
			case ctx.Err() != nil:
				why = "time"
			case out.Ran+s.Plays() > mostPreviewed:
				why = "too_many"
			default:
				why = playBoth(ctx, was, is, s, out)
			}
			if why != "" {
				whole = false
				out.NotRun = append(out.NotRun, NotRun{b.Name, s.Name, s.Plays(), why})
			}
		}
	}
	return whole, nil
}

// playBoth plays a suite with both; why says why not.
func playBoth(ctx context.Context, was, is *Built, s evals.Suite, out *SuitesChange) (why string) {
	var reports [2]evals.Report
	for i, b := range []*Built{was, is} {
		var err error
		if reports[i], err = b.Test(ctx, TestOptions{Suites: []evals.Suite{s}, Parallel: 1}); ctx.Err() != nil {
			return "time"
		} else if err != nil {
			return "failed"
		}
	}
	c := evals.Compare(reports[0], reports[1])
	for _, ch := range c.Worse {
		out.Broken = append(out.Broken, SuiteChange{was.Name, ch})
	}
	for _, ch := range c.Better {
		out.Fixed = append(out.Fixed, SuiteChange{was.Name, ch})
	}
	out.Ran += s.Plays()
	return ""
}

// aboutArticles leaves of suites the cases whose outcome articles decide: what
// is answered, what is not understood or offered instead, what is said.
func aboutArticles(suites []evals.Suite) []evals.Suite {
	var out []evals.Suite
	for _, s := range suites {
		s.Cases = slices.DeleteFunc(slices.Clone(s.Cases), func(c evals.Case) bool { return !articleCase(c) })
		if len(s.Cases) > 0 {
			out = append(out, s)
		}
	}
	return out
}

func articleCase(c evals.Case) bool {
	looks := func(e evals.Expect) bool { return e.Answered != nil || e.Steered != nil || len(e.Clarified) > 0 }
	if looks(c.Expect) || c.Customer != nil && (c.Customer.Goal.Article != "" || len(c.Customer.Goal.Asides) > 0) {
		return true
	}
	return slices.ContainsFunc(c.Turns, func(s evals.Step) bool { return looks(s.Expect) })
}
