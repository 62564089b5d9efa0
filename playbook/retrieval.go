package playbook

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/evals"
)

// EditorsSet is the name of the sets of questions that lie in the database.
const EditorsSet = "editors"

// Retrieval reads editors' sets of questions, each with how it does now; an
// empty name or language is all.
func (r *Runs) Retrieval(ctx context.Context, name string, lang desk.Lang) ([]ScoredSet, error) {
	sets, err := r.Store.RetrievalSets(ctx, name)
	if err != nil {
		return nil, err
	}
	sets = slices.DeleteFunc(sets, func(s evals.RetrievalSet) bool { return lang != "" && s.Lang != lang })
	out := make([]ScoredSet, 0, len(sets))
	for _, s := range sets {
		scored, err := r.score(ctx, s)
		if err != nil {
			return nil, err
		}
		out = append(out, scored)
	}
	return out, nil
}

// ScoredSet is a set of questions and how it does.
type ScoredSet struct {
	evals.RetrievalSet
	Score *evals.RetrievalResult `json:"score" doc:"Null when there is no knowledge base to ask."`
}

func (r *Runs) score(ctx context.Context, s evals.RetrievalSet) (ScoredSet, error) {
	out := ScoredSet{RetrievalSet: s}
	if r.Searcher == nil {
		return out, nil
	}
	result, err := evals.ScoreRetrieval(ctx, r.Searcher, s)
	out.Score = &result
	return out, err
}

// SaveRetrieval stores the set of a playbook and language in place of the one
// before, and says how it does.
func (r *Runs) SaveRetrieval(ctx context.Context, by string, s evals.RetrievalSet) (ScoredSet, error) {
	s.Name = EditorsSet
	if s.Lang != desk.English && s.Lang != desk.Chinese {
		return ScoredSet{}, &desk.Error{Kind: desk.Invalid, Code: "unknown_lang", Field: "lang", Message: "a set is in en or zh"}
	}
	if len(s.Questions) == 0 || len(s.Questions) > evals.MaxQuestions {
		return ScoredSet{}, &desk.Error{Kind: desk.Invalid, Code: "questions_range", Field: "questions", Message: fmt.Sprintf("a set has 1 to %d questions", evals.MaxQuestions)}
	}
	if s.Least < 0 || s.Least > 1 {
		return ScoredSet{}, &desk.Error{Kind: desk.Invalid, Code: "least_range", Field: "least", Message: "least is a share, 0 to 1"}
	}
	for i := range s.Questions {
		q := &s.Questions[i]
		if q.Question = strings.TrimSpace(q.Question); q.Question == "" {
			return ScoredSet{}, &desk.Error{Kind: desk.Invalid, Code: "empty_question", Field: fmt.Sprintf("questions[%d].question", i), Message: "a question needs its words"}
		}
		q.Article = strings.TrimSpace(q.Article)
	}
	if _, _, err := r.Library.Live(ctx, s.Playbook); err != nil {
		return ScoredSet{}, err
	}
	if err := r.Store.SaveRetrieval(ctx, s, by, r.Library.now()); err != nil {
		return ScoredSet{}, fmt.Errorf("store the set of questions: %w", err)
	}
	return r.score(ctx, s)
}

// DeleteRetrieval forgets a set.
func (r *Runs) DeleteRetrieval(ctx context.Context, name string, lang desk.Lang) error {
	return r.Store.DeleteRetrieval(ctx, name, lang)
}
