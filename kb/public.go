package kb

import (
	"cmp"
	"slices"

	"github.com/parleyhq/parley/desk"
)

// Published lists what q's asker may read now, by title: each article in q's
// language, or in another one where it is missing there. Of q the playbook,
// language, audience, tags and time count.
func (l *Library) Published(q Question) []Article {
	q.Text = ""
	lang := q.Lang
	q = l.ready(q)
	q.Lang = cmp.Or(lang, q.Lang)
	return l.Index.published(q)
}

// Read finds what q's asker may read of the article q.Article now, in another
// language where it is missing in his.
func (l *Library) Read(q Question) (Article, error) {
	lang := q.Lang
	q = l.ready(q)
	q.Lang = cmp.Or(lang, q.Lang)
	a, ok := l.Index.bySlug(q)
	if !ok {
		return Article{}, desk.Errorf(desk.NotFound, "no_article", "no article %q is published", q.Article)
	}
	return a, nil
}

func (x *Index) published(q Question) []Article {
	x.mu.RLock()
	defer x.mu.RUnlock()
	var out []Article
	f := filter{q}
	for _, g := range x.groups {
		if a, ok := g.read(f); ok {
			out = append(out, a)
		}
	}
	slices.SortFunc(out, func(a, b Article) int { return cmp.Or(cmp.Compare(a.Title, b.Title), cmp.Compare(a.ID, b.ID)) })
	return out
}
