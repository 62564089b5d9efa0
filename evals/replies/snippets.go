package replies

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/parleyhq/parley/assist"
	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/kb"
)

// Snippet is a piece of knowledge about one thing, such as a hotel.
type Snippet struct {
	ID       string `json:"id"`
	Entity   string `json:"entity"`
	Title    string `json:"title"`
	Question string `json:"question"`
	Answer   string `json:"answer"`
	Content  string `json:"content"`
	Type     string `json:"type"`
}

// Query is a conversation whose last turn is to be answered.
type Query struct {
	ID             string      `json:"id"`
	Turns          [][2]string `json:"turns"` // speaker (U or S), text
	NeedsKnowledge bool        `json:"needs_knowledge"`
	Relevant       []string    `json:"relevant"` // ids of snippets
}

// ReadSnippets reads one snippet a line.
func ReadSnippets(path string) ([]Snippet, error) {
	var out []Snippet
	err := eachLine(path, func(line int, b []byte) error {
		var s Snippet
		if err := json.Unmarshal(b, &s); err != nil {
			return fmt.Errorf("%s:%d: a snippet is an object with id, entity, question, answer: %w", path, line, err)
		}
		if s.ID == "" || s.Answer == "" && s.Content == "" && s.Question == "" {
			return fmt.Errorf("%s:%d: a snippet needs an id, and an answer, a content or a question", path, line)
		}
		out = append(out, s)
		return nil
	})
	return out, err
}

// ReadQueries reads one query a line.
func ReadQueries(path string) ([]Query, error) {
	var out []Query
	err := eachLine(path, func(line int, b []byte) error {
		var q Query
		if err := json.Unmarshal(b, &q); err != nil {
			return fmt.Errorf("%s:%d: a query is an object with id, turns [[speaker, text]], needs_knowledge, relevant: %w", path, line, err)
		}
		if len(q.Turns) == 0 {
			return fmt.Errorf("%s:%d: a query without turns; write [[speaker, text], ...]", path, line)
		}
		out = append(out, q)
		return nil
	})
	return out, err
}

// article is a snippet as an editor would have written it.
func (s Snippet) article() kb.Article {
	title, body := s.Title, s.Content
	if title == "" {
		title = s.Entity
	}
	if body == "" {
		body = s.Answer
	}
	a := kb.Article{ID: desk.ID(s.ID), Slug: s.ID, Lang: desk.English, Version: 1, Content: kb.Content{Title: title, Body: body}}
	if s.Question != "" {
		a.Questions = []string{s.Question}
	}
	if title == "" {
		a.Title = s.Question
	}
	return a
}

func (q Query) question(now time.Time) kb.Question {
	out := kb.Question{Lang: desk.English, Audience: kb.Agents, Now: now, Limit: 5}
	for _, t := range q.Turns[:len(q.Turns)-1] {
		out.Context = append(out.Context, t[1])
	}
	out.Text = q.Turns[len(q.Turns)-1][1]
	return out
}

// snippets asks the product's ranker with a corpus as its articles. Where no
// knowledge is needed nothing should be shown.
func snippets(ctx context.Context, o Options, r *Report, steps *progress) error {
	articles := make([]kb.Article, len(o.Corpus))
	for i, s := range o.Corpus {
		articles[i] = s.article()
	}
	library, err := kb.InMemory(ctx, articles, nil, kb.BuiltIn{})
	if err != nil {
		return err
	}
	ranker := assist.Ranker{Library: library}
	var spent []time.Duration
	need, first, five, shown, right, none, wrong := 0, 0, 0, 0, 0, 0, 0
	for _, q := range o.Queries {
		began := time.Now()
		question := q.question(began)
		list, err := ranker.Choose(ctx, assist.Moment{Question: question})
		if err != nil {
			return fmt.Errorf("suggest for %s: %w", q.ID, err)
		}
		spent = append(spent, time.Since(began))
		steps.step()
		if !q.NeedsKnowledge {
			none++
			if len(list) > 0 {
				wrong++
			}
			continue
		}
		need++
		hits, err := library.Search(ctx, question)
		if err != nil {
			return fmt.Errorf("search for %s: %w", q.ID, err)
		}
		at := slices.IndexFunc(hits, func(h kb.Hit) bool { return slices.Contains(q.Relevant, h.Source.Slug) })
		if at == 0 {
			first++
		}
		if at >= 0 && at < 5 {
			five++
		}
		if len(list) > 0 {
			shown++
			if slices.ContainsFunc(list, func(s assist.Suggestion) bool { return s.Source != nil && slices.Contains(q.Relevant, s.Source.Slug) }) {
				right++
			}
		}
	}
	m := r.Metrics
	r.Sets["queries_with_answer"], r.Sets["queries_without"] = need, none
	m["kb_hit_at_1"], m["kb_hit_at_5"] = part(first, need), part(five, need)
	m["kb_shown"], m["kb_right_of_shown"], m["wrong_when_none_fits"] = part(shown, need), part(right, shown), part(wrong, none)
	latencies(m, "kb_", spent)
	return nil
}
