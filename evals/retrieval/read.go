// Package retrieval measures how well the knowledge base finds what answers:
// labelled questions against a corpus, through the product's own index.
package retrieval

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"unicode/utf8"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/kb"
)

// Document is one line of a corpus: a text with a title, or a question with
// its answer.
type Document struct {
	ID        string   `json:"id"`
	Title     string   `json:"title"`
	Content   string   `json:"content"`
	Question  string   `json:"question"`
	Questions []string `json:"questions"` // other ways to ask
	Answer    string   `json:"answer"`
	Domain    string   `json:"domain"`
	Entity    string   `json:"entity"` // what it is about: a hotel, a product
	Type      string   `json:"type"`   // such as faq or review; each type is also measured alone
	Lang      string   `json:"lang"`   // en or zh; empty: as it is written
}

// Query is one line of labelled questions: a text, or a dialogue whose last
// turn asks.
type Query struct {
	ID             string      `json:"id"`
	Query          *string     `json:"query"` // an empty one finds nothing
	Turns          [][2]string `json:"turns"` // speaker, text
	NeedsKnowledge *bool       `json:"needs_knowledge"`
	Relevant       []string    `json:"relevant"` // ids of documents that answer; none: nothing does
	Lang           string      `json:"lang"`
}

// maxLine bounds one line of a file, in bytes.
const maxLine = 16 << 20

// ReadCorpus reads a corpus. A fault is an error that names file and line.
func ReadCorpus(path string) ([]Document, error) {
	seen := map[string]int{}
	return read(path, func(line int, d *Document) error {
		switch first, twice := seen[d.ID]; {
		case d.ID == "":
			return fmt.Errorf("the document has no id")
		case twice:
			return fmt.Errorf("the id %q is on line %d already", d.ID, first)
		case d.Title == "" && d.Content == "" && d.Question == "" && d.Answer == "" && len(d.Questions) == 0:
			return fmt.Errorf(`the document says nothing: want "title" and "content", or "question" and "answer"`)
		case !knownLang(d.Lang):
			return fmt.Errorf("unknown lang %q: use en, zh or leave it out", d.Lang)
		}
		seen[d.ID] = line
		return nil
	})
}

// ReadQueries reads labelled questions and checks them against the corpus.
func ReadQueries(path string, corpus []Document) ([]Query, error) {
	known := map[string]bool{}
	for _, d := range corpus {
		known[d.ID] = true
	}
	return read(path, func(_ int, q *Query) error {
		if q.Query == nil && len(q.Turns) == 0 {
			return fmt.Errorf(`nothing is asked: want "query", or "turns" as [[speaker, text], ...]`)
		}
		if !knownLang(q.Lang) {
			return fmt.Errorf("unknown lang %q: use en, zh or leave it out", q.Lang)
		}
		for _, id := range q.Relevant {
			if !known[id] {
				return fmt.Errorf("relevant names %q, which the corpus does not have", id)
			}
		}
		return nil
	})
}

func knownLang(lang string) bool {
	return lang == "" || lang == string(desk.English) || lang == string(desk.Chinese)
}

// read reads a file of one JSON object a line.
func read[T any](path string, check func(line int, v *T) error) ([]T, error) {
	bad := func(line int, err error) error {
		return desk.Errorf(desk.Invalid, "bad_line", "%s:%d: %w", path, line, err)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, desk.Errorf(desk.Invalid, "no_file", "%w", err)
	}
	defer f.Close()
	var out []T
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, maxLine)
	n := 0
	for lines.Scan() {
		n++
		text := bytes.TrimSpace(bytes.TrimPrefix(lines.Bytes(), []byte("\ufeff")))
		if len(text) == 0 {
			continue
		}
		var v T
		if !utf8.Valid(text) {
			return nil, bad(n, fmt.Errorf("not UTF-8"))
		}
		if err := json.Unmarshal(text, &v); err != nil {
			return nil, bad(n, fmt.Errorf("want one JSON object a line: %w", err))
		}
		if err := check(n, &v); err != nil {
			return nil, bad(n, err)
		}
		out = append(out, v)
	}
	if err := lines.Err(); err != nil {
		return nil, bad(n+1, err)
	}
	if len(out) == 0 {
		return nil, desk.Errorf(desk.Invalid, "empty_file", "%s has no lines", path)
	}
	return out, nil
}

// article is the document as an editor would have written it.
func (d Document) article(train []string) kb.Article {
	title := d.Title
	asks := append([]string{d.Question}, d.Questions...)
	if title == "" {
		title = d.Entity
	}
	if title == "" && len(asks) > 0 && asks[0] != "" {
		title, asks = asks[0], asks[1:]
	}
	body := d.Content
	if body == "" {
		body = d.Answer
	}
	if title == "" && utf8.RuneCountInString(body) <= kb.MaxTitle {
		title, body = body, ""
	}
	a := kb.Article{ID: desk.ID(d.ID), Slug: d.ID, Lang: desk.Lang(d.Lang), Status: kb.Published, Version: 1, PublishedVersion: 1,
		Content: kb.Content{Title: title, Body: body, Questions: append(asks, train...)}}
	if d.Type != "" {
		a.Tags = []string{d.Type}
	}
	a.Content = a.Clean()
	if a.Lang == "" {
		a.Lang = kb.LangOf(title+" "+d.Question+" "+body, desk.English)
	}
	return a
}

// question is the query as the product hears it.
func (q Query) question() kb.Question {
	out := kb.Question{Lang: desk.Lang(q.Lang), Audience: kb.Agents, Limit: depth}
	for _, t := range q.Turns {
		out.Context = append(out.Context, t[1])
	}
	if q.Query != nil {
		out.Text = *q.Query
		return out
	}
	last := len(out.Context) - 1
	out.Text, out.Context = out.Context[last], out.Context[:last]
	return out
}

// answerable reports whether something in the corpus answers.
func (q Query) answerable() bool {
	return len(q.Relevant) > 0 && (q.NeedsKnowledge == nil || *q.NeedsKnowledge)
}
