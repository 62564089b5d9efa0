package insight

import (
	"context"
	"slices"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/kb"
)

// Dismiss puts a question away: it is no business of the knowledge base. It is
// counted on, but not shown among the open ones.
func (b *Board) Dismiss(ctx context.Context, by string, id desk.ID) (Question, error) {
	return b.decide(ctx, by, id, QuestionDismissed, "")
}

// Reopen takes back whatever was decided.
func (b *Board) Reopen(ctx context.Context, by string, id desk.ID) (Question, error) {
	return b.decide(ctx, by, id, QuestionOpen, "")
}

func (b *Board) decide(ctx context.Context, by string, id desk.ID, to QuestionStatus, article desk.ID) (Question, error) {
	if err := b.Store.DecideQuestion(ctx, id, to, article, by, b.now()); err != nil {
		return Question{}, err
	}
	return b.Store.Question(ctx, id)
}

// Link gives an article the question as another way to ask for it: its next
// draft has it. The article stays published as it was.
func (b *Board) Link(ctx context.Context, by string, id, article desk.ID) (Question, kb.Article, error) {
	q, err := b.Store.Question(ctx, id)
	if err != nil {
		return Question{}, kb.Article{}, err
	}
	a, err := b.Library.Get(ctx, article)
	if err != nil {
		return Question{}, kb.Article{}, err
	}
	if q.Playbook != "" && a.Playbook != "" && a.Playbook != q.Playbook {
		return Question{}, kb.Article{}, desk.Errorf(desk.Invalid, "other_playbook", "the question is of playbook %q, the article of %q", q.Playbook, a.Playbook)
	}
	asked, err := b.likely(ctx, q, a.Lang)
	if err != nil {
		return Question{}, kb.Article{}, err
	}
	d := kb.Draft{ID: a.ID, Version: a.Version, Content: a.Content, Note: "a question that customers asked: " + q.Label}
	d.Questions = append(slices.Clone(a.Questions), asked)
	if len(d.Questions) > kb.MaxQuestions {
		return Question{}, kb.Article{}, desk.Errorf(desk.Conflict, "too_many_questions", "the article has %d questions already: take some out, or make it two articles", len(a.Questions))
	}
	if a, err = b.Library.Save(ctx, by, d); err != nil {
		return Question{}, kb.Article{}, err
	}
	q, err = b.decide(ctx, by, id, QuestionLinked, a.ID)
	return q, a, err
}

// likely is how the question is put to an article in lang: its label, or the
// newest asking in that language.
func (b *Board) likely(ctx context.Context, q Question, lang desk.Lang) (string, error) {
	if kb.LangOf(q.Label, lang) == lang {
		return q.Label, nil
	}
	asks, err := b.Store.Asks(ctx, AskFilter{Question: q.ID, Limit: 200})
	for _, a := range asks {
		if a.Lang == lang {
			return a.Text, err
		}
	}
	return q.Label, err
}
