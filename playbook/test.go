package playbook

import (
	"context"
	"slices"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/evals"
)

// TestOptions say how the suites are run.
type TestOptions struct {
	Suites   []evals.Suite // nil: all of the playbook's
	More     []evals.Suite // besides
	Tools    evals.Tools   // for tools that a suite has no answer for; nil: such a call fails the case
	Repeat   int
	Parallel int
	As       []evals.Mode // how each case is played; nil: as it says itself
	Seed     uint64
	Chat     evals.Chatter // plays customers and judges; nil: nobody does
	Phone    evals.Phone   // plays cases as calls; nil: they are skipped
	Progress func(evals.Progress)
	Finished map[string]evals.CaseResult // not to be played again; see evals.Options
}

// Test plays the suites against the playbook, and asks its sets of questions
// of its own articles. A playbook without suites passes with an empty report.
func (b *Built) Test(ctx context.Context, o TestOptions) (evals.Report, error) {
	whole := o.Suites == nil
	if whole {
		o.Suites = b.Suites
	}
	o.Suites = slices.Concat(o.Suites, o.More)
	report := evals.Report{Playbook: b.Name, Revision: b.Revision}
	if len(o.Suites) > 0 {
		var err error
		report, err = evals.Run(ctx, evals.Options{
			Suites: o.Suites, Book: b, Playbook: b.Name, Revision: b.Revision, Tools: o.Tools,
			Repeat: o.Repeat, Parallel: o.Parallel, Zone: b.Zone, Seed: o.Seed, Progress: o.Progress,
			As: o.As, Chat: o.Chat, Phone: o.Phone, Finished: o.Finished, Candidates: b.candidates, Title: b.title,
		})
		if err != nil {
			return report, err
		}
	}
	if whole && len(b.Retrieval) > 0 {
		own := b.library()
		for _, set := range b.Retrieval {
			set.Playbook = b.Name
			r, err := evals.ScoreRetrieval(ctx, own, set)
			if err != nil {
				return report, err
			}
			report.Retrieval = append(report.Retrieval, r)
		}
	}
	return report, nil
}

// title is what a target is called.
func (b *Built) title(t desk.Target, lang desk.Lang) string {
	if f, ok := b.bot.Flow(t.Name()); ok && t.Kind() == desk.KindFlow {
		return f.TitleIn(lang)
	}
	return b.titles()[t].In(lang)
}

// maxCandidates is how many candidates reports look at.
const maxCandidates = 10

// candidates asks the built-in model, the one that the playbook understands
// by, what words may mean.
func (b *Built) candidates(_ context.Context, text string, lang desk.Lang) []evals.Candidate {
	var out []evals.Candidate
	for _, s := range b.model.Classify(text, lang) {
		if len(out) == maxCandidates {
			break
		}
		out = append(out, evals.Candidate{Target: s.Class, Confidence: s.Confidence})
	}
	return out
}
