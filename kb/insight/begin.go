package insight

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/kb"
)

// Began is what a draft is begun with.
type Began struct {
	Slug string    // empty: made of the label
	Lang desk.Lang // empty: the one most asked in
	Body string    // empty: a line that says what to write
}

// Start begins an article's draft from a question: its label is the title, what
// was asked are its questions.
func (b *Board) Start(ctx context.Context, by string, id desk.ID, w Began) (Question, kb.Article, error) {
	q, err := b.Store.Question(ctx, id)
	if err != nil {
		return Question{}, kb.Article{}, err
	}
	if w.Lang == "" && len(q.Langs) > 0 {
		w.Lang = q.Langs[0]
	}
	asks, err := b.Store.Asks(ctx, AskFilter{Question: id, Limit: 200})
	if err != nil {
		return Question{}, kb.Article{}, err
	}
	title, err := b.likely(ctx, q, w.Lang)
	if err != nil {
		return Question{}, kb.Article{}, err
	}
	d := kb.Draft{Playbook: q.Playbook, Slug: w.Slug, Lang: w.Lang, Note: fmt.Sprintf("begun from a question that was asked %d times", q.Asked)}
	d.Title, d.Body = cut(title, kb.MaxTitle), w.Body
	for _, a := range asks {
		if a.Lang == w.Lang && a.Text != title && !slices.Contains(d.Questions, a.Text) && len(d.Questions) < mostSamples {
			d.Questions = append(d.Questions, a.Text)
		}
	}
	if d.Body == "" {
		d.Body = toWrite.In(w.Lang)
	}
	a, err := b.create(ctx, by, d)
	if err != nil {
		return Question{}, kb.Article{}, err
	}
	q, err = b.decide(ctx, by, id, QuestionDrafted, a.ID)
	return q, a, err
}

var toWrite = desk.T("Write the answer here.", "在此撰写答案。")

// create saves a new draft under a name that is free.
func (b *Board) create(ctx context.Context, by string, d kb.Draft) (kb.Article, error) {
	base := d.Slug
	if base == "" {
		base = slugOf(d.Title)
	}
	var a kb.Article
	var err error
	for n := 1; n <= slugTries; n++ {
		if d.Slug = base; n > 1 {
			d.Slug = fmt.Sprintf("%s-%d", base[:min(len(base), 60)], n)
		}
		a, err = b.Library.Save(ctx, by, d)
		if code(err) != "slug_taken" {
			break
		}
	}
	return a, err
}

// slugTries bounds the search for a free name.
const slugTries = 20

// slugOf makes a name of a title: its Latin words of meaning, or "question".
func slugOf(title string) string {
	var parts []string
	for _, w := range strings.FieldsFunc(strings.ToLower(title), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }) {
		t := kb.Terms(w)
		if len(t) > 0 && t[0].Weight == 1 && len(parts) < 6 {
			parts = append(parts, w)
		}
	}
	s := strings.Join(parts, "-")
	s = strings.Trim(s[:min(len(s), 50)], "-")
	if s == "" {
		return "question"
	}
	return s
}

func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}
