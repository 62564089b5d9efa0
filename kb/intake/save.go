package intake

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/kb"
)

// compare decides how every page stands against its article.
func (p *playing) compare(ctx context.Context) error {
	p.run.Found = Counts{}
	twins := map[string]string{} // text, in its language, to the item that has it
	for after := ""; ; {
		rows, err := p.Store.Items(ctx, p.source.ID, ItemFilter{After: after, Limit: comparePer})
		if err != nil || len(rows) == 0 {
			return err
		}
		after = rows[len(rows)-1].ID
		articles, err := p.articles(ctx, rows)
		if err != nil {
			return err
		}
		var keep []Row
		var drop []string
		for _, row := range rows {
			i := row.Whole()
			a, has := articles[i.ArticleID]
			i.State = p.judge(i, a, has)
			text := textHash(i.Page.Title, i.Page.Markdown) + string(i.Page.Lang)
			if first, taken := twins[text]; taken && i.State == New {
				i.State = Twin
				i.Problems = append(i.Problems, Problem{i.Page.Key, "duplicate", "it says the same as " + first + ", and is left out"})
			} else if i.State != IsGone && i.State != Unreached {
				twins[text] = i.Page.Key
			}
			if i.State == IsGone && (i.ArticleID == "" || !has) {
				drop = append(drop, i.ID)
				continue
			}
			p.run.Found.count(i.State)
			keep = append(keep, i.Row())
		}
		if err := p.Store.SaveItems(ctx, keep); err != nil {
			return err
		}
		if len(drop) > 0 {
			if err := p.Store.DropItems(ctx, p.source.ID, drop); err != nil {
				return err
			}
		}
		p.run.Done += len(rows)
		p.run.Total = p.run.Done
		if err := p.progress(ctx, false); err != nil {
			return err
		}
	}
}

func (c *Counts) count(s State) {
	switch s {
	case New:
		c.New++
	case Changed:
		c.Changed++
	case Unchanged:
		c.Unchanged++
	case Conflict:
		c.Conflicts++
	case IsGone:
		c.Gone++
	case Unreached:
		c.Failed++
	case Twin:
		c.Twins++
	}
}

func (p *playing) articles(ctx context.Context, rows []Row) (map[desk.ID]kb.Article, error) {
	var ids []desk.ID
	for _, r := range rows {
		if r.ArticleID != "" {
			ids = append(ids, r.ArticleID)
		}
	}
	out := map[desk.ID]kb.Article{}
	if len(ids) == 0 {
		return out, nil
	}
	list, err := p.Store.ArticlesByID(ctx, ids)
	for _, a := range list {
		out[a.ID] = a
	}
	return out, err
}

// judge says how a page stands against its article. Whose text an editor has
// changed since, or put away, is never taken over without being asked.
func (p *playing) judge(i Item, a kb.Article, has bool) State {
	switch {
	case i.seen != p.run.ID && (i.failed == p.run.ID || p.run.Partial):
		return Unreached
	case i.seen != p.run.ID:
		return IsGone
	case i.ArticleID == "" || !has:
		return New
	case a.Status == kb.Archived:
		if i.Hash == i.appliedHash {
			return Unchanged
		}
		return Conflict
	case i.Hash == i.appliedHash:
		if p.unpublished(i, a) {
			return Changed
		}
		return Unchanged
	case i.edited(a) && i.pageText() != i.appliedText && i.pageText() != textHash(a.Title, a.Body):
		return Conflict
	}
	return Changed
}

// unpublished reports whether an article has still to be published: its source
// says so, and nobody has taken it back or worked on it.
func (p *playing) unpublished(i Item, a kb.Article) bool {
	return p.source.Publish && !i.published && a.PublishedVersion == 0 && a.Status == kb.Drafted && !i.edited(a)
}

func (i Item) pageText() string { return textHash(i.Page.Title, i.Page.Markdown) }

// edited reports whether title or text were changed here.
func (i Item) edited(a kb.Article) bool { return textHash(a.Title, a.Body) != i.appliedText }

// merge is an article with a page's title and text, or its own; questions and
// tags that editors added stay, as do audience and validity.
func merge(a kb.Article, page Page, text bool) kb.Content {
	c, own := a.Content, page.content(a.Audience)
	if text {
		c.Title, c.Body = own.Title, own.Body
	}
	c.Questions = fitting(append(slices.Clone(c.Questions), own.Questions...), kb.MaxQuestions+len(c.Questions), kb.MaxQuestion)
	c.Tags = append(slices.Clone(c.Tags), own.Tags...)
	c = c.Clean()
	c.Questions, c.Tags = c.Questions[:min(len(c.Questions), kb.MaxQuestions)], c.Tags[:min(len(c.Tags), kb.MaxTags)]
	return c
}

// save carries out what a comparison found. Each item is marked when it is
// done, so that an interrupted run goes on with the rest.
func (p *playing) save(ctx context.Context) error {
	f := p.run.Found
	p.run.Total = f.New + f.Changed + f.Conflicts
	if p.source.Gone == UnpublishGone {
		p.run.Total += f.Gone
	}
	take, keep, skip := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, id := range p.run.Take {
		take[id] = true
	}
	for _, id := range p.run.Keep {
		keep[id] = true
	}
	for _, id := range p.run.Skip {
		skip[id] = true
	}
	for after := ""; ; {
		rows, err := p.Store.Items(ctx, p.source.ID, ItemFilter{After: after, Limit: comparePer})
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return p.progress(ctx, true)
		}
		after = rows[len(rows)-1].ID
		for _, row := range rows {
			i := row.Whole()
			if skip[i.ID] {
				continue
			}
			if err := p.item(ctx, &i, take[i.ID], keep[i.ID]); err != nil {
				return fmt.Errorf("%s: %w", i.Page.Key, err)
			}
			if err := p.progress(ctx, false); err != nil {
				return err
			}
		}
	}
}

// item saves one.
func (p *playing) item(ctx context.Context, i *Item, take, keep bool) (err error) {
	before := i.State
	switch {
	case i.State == New:
		err = p.add(ctx, i)
	case i.State == Changed, i.State == Conflict && take:
		err = p.update(ctx, i, take)
	case i.State == Conflict && keep:
		i.State, i.appliedHash = Kept, i.Hash
		p.run.Saved.Kept++
	case i.State == IsGone && p.source.Gone == UnpublishGone:
		err = p.withdraw(ctx, i)
	default:
		return nil
	}
	if desk.KindOf(err) == desk.Invalid || desk.KindOf(err) == desk.TooLarge {
		problem := problemOf(i.Page.Key, 0, err) // the page, not the run, is at fault
		i.Problems = append(i.Problems, problem)
		i.State = Unreached
		p.note(problem)
		err = nil
	}
	if err != nil {
		return err
	}
	p.run.Done++
	if before == i.State {
		return nil
	}
	return p.Store.SaveItems(ctx, []Row{i.Row()})
}

func (i *Item) applied(p *playing, a kb.Article, state State) {
	i.State, i.ArticleID, i.AppliedAt = state, a.ID, p.now()
	i.appliedHash, i.appliedText = i.Hash, textHash(a.Title, a.Body)
	i.published = i.published || p.source.Publish && a.PublishedVersion == a.Version
}

// add writes a new article, or takes one as its own that says the very same.
func (p *playing) add(ctx context.Context, i *Item) error {
	slug := slugOf(i.Page)
	d := kb.Draft{Playbook: p.source.Playbook, Lang: i.Page.Lang, Content: i.Page.content(p.source.Audience), Note: p.why(i), Publish: p.source.Publish}
	for _, try := range []string{slug, slug[:min(len(slug), 50)] + "-" + short(string(p.source.ID)+i.Page.Key)} {
		there, err := p.Store.ArticleNamed(ctx, d.Playbook, try, d.Lang)
		if err != nil && !desk.IsKind(err, desk.NotFound) {
			return err
		}
		if err == nil {
			if textHash(there.Title, there.Body) == i.pageText() && p.free(ctx, there.ID) {
				i.applied(p, there, Unchanged)
				return nil
			}
			continue
		}
		d.Slug = try
		a, err := p.Library.Save(ctx, p.run.By, d)
		if codeOfError(err) == "slug_taken" {
			continue
		}
		if err != nil {
			return err
		}
		i.applied(p, a, Added)
		p.run.Saved.Added++
		return nil
	}
	return desk.Errorf(desk.Invalid, "slug_taken", "there are articles named %s already", slug)
}

// free reports whether an article belongs to no other page.
func (p *playing) free(ctx context.Context, article desk.ID) bool {
	_, err := p.Store.ArticleSource(ctx, article)
	return desk.IsKind(err, desk.NotFound)
}

func (p *playing) why(i *Item) string {
	return clip("imported from "+p.source.Name+": "+i.Page.Key, 400)
}

// update writes a page's text as a new version. Somebody who saves at the same
// time makes it a conflict.
func (p *playing) update(ctx context.Context, i *Item, take bool) error {
	a, err := p.Library.Get(ctx, i.ArticleID)
	if err != nil {
		return err
	}
	text := i.pageText() != i.appliedText || take
	if state := p.judge(*i, a, true); state == Conflict && !take {
		i.State = Conflict
		return nil
	}
	if a.Status == kb.Archived {
		return desk.Errorf(desk.Invalid, "archived", "its article is archived: restore a version of it first")
	}
	d := kb.Draft{ID: a.ID, Version: a.Version, Playbook: a.Playbook, Slug: a.Slug, Lang: a.Lang, Content: merge(a, i.Page, text), Note: p.why(i),
		Publish: p.source.Publish && (a.PublishedVersion > 0 || !i.published)}
	saved, err := p.Library.Save(ctx, p.run.By, d)
	var stale *kb.Stale
	if errors.As(err, &stale) {
		i.State = Conflict
		return nil
	}
	if err != nil {
		return err
	}
	if text {
		i.applied(p, saved, Updated)
	} else { // the editor's text stays what it is
		was := i.appliedText
		i.applied(p, saved, Updated)
		i.appliedText = was
	}
	p.run.Saved.Updated++
	return nil
}

// withdraw takes an article out of answers whose page is gone, unless it has
// become the editors' own.
func (p *playing) withdraw(ctx context.Context, i *Item) error {
	a, err := p.Library.Get(ctx, i.ArticleID)
	if desk.IsKind(err, desk.NotFound) {
		return nil
	}
	if err != nil || a.PublishedVersion == 0 || i.edited(a) {
		return err
	}
	if _, err := p.Library.Unpublish(ctx, p.run.By, a.ID, a.Version); err != nil {
		var stale *kb.Stale
		if errors.As(err, &stale) {
			return nil
		}
		return err
	}
	i.State, i.published = Withdrawn, false
	p.run.Saved.Unpublished++
	return nil
}
