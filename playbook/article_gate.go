package playbook

import (
	"context"
	"fmt"
	"slices"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/evals"
	"github.com/parleyhq/parley/kb"
)

var _ kb.Gate = (*Previews)(nil)

// MayPublish implements kb.Gate: an article is not published when a set of
// questions that has to reach something, and does now, would not any more.
// What fails already stops nobody. It takes ten seconds at most.
func (p *Previews) MayPublish(ctx context.Context, a kb.Article) error {
	if p.Runs == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, impactLimit)
	defer cancel()
	sets, err := p.setsOf(ctx, a.Playbook)
	if err != nil {
		return fmt.Errorf("find the questions that an article has to answer: %w", err)
	}
	sets = slices.DeleteFunc(sets, func(s evals.RetrievalSet) bool { return s.Least == 0 })
	if len(sets) == 0 {
		return nil
	}
	before, after, err := p.both(ctx, kb.Overlaid{Put: []kb.Article{a}}, nil)
	if err != nil {
		return err
	}
	for _, s := range sets {
		c, err := compareSet(ctx, before, after, s)
		if ctx.Err() != nil {
			return desk.Errorf(desk.Unavailable, "questions_slow", "there was no time to ask the questions that have to be answered; try again, or publish anyway")
		}
		if err != nil {
			return fmt.Errorf("ask what an article has to answer: %w", err)
		}
		if c.Breaks {
			return desk.Errorf(desk.Conflict, "questions_fail", "of the questions of %s (%s) %.0f%% would be found among the first three, less than %.0f%%", s.Playbook, s.Lang, c.After.HitAt3*100, s.Least*100)
		}
	}
	return nil
}
