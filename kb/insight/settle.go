package insight

import (
	"context"
	"fmt"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/kb"
)

// nearest asks the library for the label, and sees whether what answers it came
// after the last who asked in vain.
func (b *Board) nearest(ctx context.Context, q *Question) error {
	q.Nearest = nil
	if b.Library == nil {
		return nil
	}
	lang := desk.Lang("")
	if len(q.Langs) > 0 {
		lang = q.Langs[0]
	}
	a, ok, err := b.Library.Answer(ctx, kb.Question{Text: q.Label, Lang: lang, Playbook: q.Playbook})
	if err != nil {
		return fmt.Errorf("look for an answer: %w", err)
	}
	switch {
	case ok:
		q.Nearest = &Nearest{a.Source, a.Confidence, true}
	case len(a.Passages) > 0:
		q.Nearest = &Nearest{a.Passages[0].Source, a.Passages[0].Confidence, false}
	}
	since, err := b.publishedAt(ctx, *q, ok)
	if err != nil {
		return err
	}
	settled := !since.IsZero() && since.After(q.LastAt)
	switch q.Status {
	case QuestionOpen, QuestionLinked, QuestionDrafted:
		if settled {
			q.Status = QuestionAnswered
		}
	case QuestionAnswered:
		if !settled {
			q.Status = QuestionOpen // it is asked in vain again
		}
	}
	return nil
}

// publishedAt is when what answers a question was last written, of what is
// published; zero when nothing does.
func (b *Board) publishedAt(ctx context.Context, q Question, answers bool) (time.Time, error) {
	if !answers {
		return time.Time{}, nil
	}
	list, err := b.Store.LiveArticles(ctx, []desk.ID{q.Nearest.ArticleID})
	if err != nil || len(list) == 0 {
		return time.Time{}, err
	}
	return list[0].UpdatedAt, nil
}
