package evals

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/evals/score"
	"github.com/parleyhq/parley/internal/yamlfile"
	"github.com/parleyhq/parley/kb"
)

// MaxQuestions bounds a set.
const MaxQuestions = 2000

// RetrievalSet is what editors hold the search to: this question has that
// article as its answer.
type RetrievalSet struct {
	Name      string      `json:"name"` // "retrieval.yaml", or "editors"
	Playbook  string      `json:"playbook"`
	Lang      desk.Lang   `json:"lang"`
	Questions []Retrieval `json:"questions" nullable:"false"`
	Least     float64     `json:"least,omitempty"` // of hit@3, or the gate is shut; 0: it is only counted
}

// Retrieval is one question and the slug of the article that answers it; an
// empty slug: none does, and none may be surely found.
type Retrieval struct {
	Question string `json:"question" minLength:"1" maxLength:"500"`
	Article  string `json:"article" maxLength:"64"`
}

// RetrievalResult is how a set did.
type RetrievalResult struct {
	Name     string          `json:"name"`
	Playbook string          `json:"playbook"`
	Lang     desk.Lang       `json:"lang"`
	Asked    int             `json:"asked"`
	HitAt1   float64         `json:"hit_at_1"`
	HitAt3   float64         `json:"hit_at_3"`
	MRR      float64         `json:"mrr_at_10"`
	Recall   []float64       `json:"recall_at"` // at k-1: the share whose article is among the first k
	Withheld float64         `json:"withheld"`  // of the questions without an answer: the share that got none
	Least    float64         `json:"least,omitempty"`
	Misses   []RetrievalMiss `json:"misses" nullable:"false"` // not first, the worst first
}

// RetrievalMiss is a question whose article did not come first.
type RetrievalMiss struct {
	Question string   `json:"question"`
	Article  string   `json:"article"`
	Rank     int      `json:"rank"`                 // 0: not among the first ten
	Got      []string `json:"got" nullable:"false"` // what came instead, the first three
}

// OK reports whether the set reaches what it has to.
func (r RetrievalResult) OK() bool { return r.Least == 0 || r.HitAt3 >= r.Least }

// Searcher finds articles; *kb.Library is one.
type Searcher interface {
	Search(ctx context.Context, q kb.Question) ([]kb.Hit, error)
	Answer(ctx context.Context, q kb.Question) (kb.Answer, bool, error)
}

// ScoreRetrieval asks every question of a set as a customer would.
func ScoreRetrieval(ctx context.Context, s Searcher, set RetrievalSet) (RetrievalResult, error) {
	out := RetrievalResult{Name: set.Name, Playbook: set.Playbook, Lang: set.Lang, Asked: len(set.Questions), Least: set.Least, Misses: []RetrievalMiss{}, Recall: []float64{}}
	var ranks score.Ranks
	none, withheld := 0, 0
	for _, item := range set.Questions {
		q := kb.Question{Text: item.Question, Lang: set.Lang, Playbook: set.Playbook, Audience: kb.Customers, Limit: maxRank}
		if item.Article == "" {
			none++
			a, ok, err := s.Answer(ctx, q)
			if err != nil {
				return out, fmt.Errorf("ask %q: %w", item.Question, err)
			}
			if !ok {
				withheld++
				continue
			}
			out.Misses = append(out.Misses, RetrievalMiss{Question: item.Question, Got: []string{a.Source.Slug}})
			continue
		}
		hits, err := s.Search(ctx, q)
		if err != nil {
			return out, fmt.Errorf("search for %q: %w", item.Question, err)
		}
		rank := 1 + slices.IndexFunc(hits, func(h kb.Hit) bool { return h.Source.Slug == item.Article })
		ranks = append(ranks, rank)
		if rank != 1 {
			miss := RetrievalMiss{Question: item.Question, Article: item.Article, Rank: rank, Got: []string{}}
			for _, h := range hits[:min(3, len(hits))] {
				miss.Got = append(miss.Got, h.Source.Slug)
			}
			out.Misses = append(out.Misses, miss)
		}
	}
	if len(ranks) > 0 {
		out.HitAt1, out.HitAt3, out.MRR = ranks.HitAt(1), ranks.HitAt(3), ranks.MRR(maxRank)
		for k := 1; k <= maxRank; k++ {
			out.Recall = append(out.Recall, ranks.HitAt(k))
		}
	}
	if none > 0 {
		out.Withheld = float64(withheld) / float64(none)
	}
	place := func(m RetrievalMiss) int { // one that is not there at all is worst
		if m.Rank == 0 {
			return maxRank + 1
		}
		return m.Rank
	}
	slices.SortStableFunc(out.Misses, func(a, b RetrievalMiss) int { return cmp.Compare(place(b), place(a)) })
	return out, nil
}

// ParseRetrieval reads tests/retrieval.yaml: questions with their articles, a
// set for each language.
func ParseRetrieval(name string, data []byte) ([]RetrievalSet, error) {
	var f struct {
		Version   int     `yaml:"version"`
		Least     float64 `yaml:"least"`
		Questions []struct {
			Ask     string    `yaml:"ask"`
			Article string    `yaml:"article"`
			Lang    desk.Lang `yaml:"lang"`
		} `yaml:"questions"`
	}
	doc, err := yamlfile.Parse(name, data)
	if err != nil {
		return nil, err
	}
	if err := doc.Decode(&f); err != nil {
		return nil, err
	}
	var errs yamlfile.Errors
	if f.Least < 0 || f.Least > 1 {
		errs = append(errs, doc.Errorf("$.least", "least is a share, 0 to 1"))
	}
	if len(f.Questions) == 0 || len(f.Questions) > MaxQuestions {
		errs = append(errs, doc.Errorf("$", "a set has 1 to %d questions", MaxQuestions))
	}
	by := map[desk.Lang]*RetrievalSet{}
	var langs []desk.Lang
	for i, q := range f.Questions {
		at := fmt.Sprintf("$.questions[%d]", i)
		lang := cmp.Or(q.Lang, desk.English)
		if lang != desk.English && lang != desk.Chinese {
			errs = append(errs, doc.Errorf(at+".lang", "unknown language %q: use en or zh", q.Lang))
			continue
		}
		if strings.TrimSpace(q.Ask) == "" {
			errs = append(errs, doc.Errorf(at, "a question needs its words (ask)"))
		}
		if by[lang] == nil {
			by[lang] = &RetrievalSet{Name: name, Lang: lang, Least: f.Least}
			langs = append(langs, lang)
		}
		by[lang].Questions = append(by[lang].Questions, Retrieval{q.Ask, q.Article})
	}
	var out []RetrievalSet
	for _, l := range langs {
		out = append(out, *by[l])
	}
	return out, errs.Err()
}
