package kb

import (
	"context"
	"fmt"

	"github.com/parleyhq/parley/desk"
)

// Imported says what an import did, by file name or slug.
type Imported struct {
	Added     []string `json:"added,omitempty"`
	Updated   []string `json:"updated,omitempty"`
	Unchanged []string `json:"unchanged,omitempty"`
	Kept      []string `json:"kept,omitempty"`     // edited here since the last import: the file was not taken
	Archived  []string `json:"archived,omitempty"` // not among the files any more
}

// Import publishes the article files of a playbook in one transaction. An
// article that somebody has edited since it was last imported stays as he left
// it. One that came from a file which is gone is archived, unless edited.
func (l *Library) Import(ctx context.Context, by, playbook string, files []File) (Imported, error) {
	var report Imported
	if playbook == "" {
		return report, desk.Errorf(desk.Invalid, "no_playbook", "an import needs a playbook")
	}
	for range importTries {
		changes, live, report, err := l.plan(ctx, by, playbook, files)
		if err != nil {
			return Imported{}, err
		}
		var jobs []desk.Job
		for _, c := range changes {
			jobs = append(jobs, l.embedJobs(c.Article)...)
		}
		err = l.Store.Write(ctx, changes, jobs...)
		if code(err) == "stale_article" || code(err) == "slug_taken" {
			continue // an editor or another node was faster: plan again
		}
		if err != nil {
			return Imported{}, fmt.Errorf("import the articles of %s: %w", playbook, err)
		}
		for len(live) > 0 {
			n := min(len(live), syncPage)
			if err := l.sync(ctx, live[:n]...); err != nil {
				return report, fmt.Errorf("the articles of %s are stored, but not yet found: %w", playbook, err)
			}
			live = live[n:]
		}
		if len(changes) > 0 {
			l.tell(Changed{})
		}
		return report, nil
	}
	return Imported{}, desk.Errorf(desk.Conflict, "stale_article", "articles of %s are being changed at the same time: try again", playbook)
}

// importTries bounds how often an import starts over because of editors.
const importTries = 5

// plan compares files with what is stored.
func (l *Library) plan(ctx context.Context, by, playbook string, files []File) (changes []Change, live []desk.ID, report Imported, err error) {
	stored, err := l.Store.PlaybookArticles(ctx, playbook)
	if err != nil {
		return nil, nil, report, fmt.Errorf("read the articles of %s: %w", playbook, err)
	}
	type name struct {
		slug string
		lang desk.Lang
	}
	byName := map[name]Article{}
	for _, a := range stored {
		byName[name{a.Slug, a.Lang}] = a
	}
	now := micro(l.now())
	put := func(a Article, v *Version) {
		changes, live = append(changes, Change{a, v}), append(live, a.ID)
	}
	seen := map[name]bool{}
	for _, f := range files {
		f.Content = f.Clean()
		if err := f.Check(); err != nil {
			return nil, nil, report, fmt.Errorf("%s: %w", f.Name, err)
		}
		key := name{f.Slug, f.Lang}
		if seen[key] {
			return nil, nil, report, desk.Errorf(desk.Invalid, "slug_taken", "%s: there are two articles %s in %s", f.Name, f.Slug, f.Lang)
		}
		seen[key] = true
		a, ok := byName[key]
		switch {
		case !ok:
			a = Article{ID: desk.NewIDAt(now), Playbook: playbook, Slug: f.Slug, Lang: f.Lang, CreatedAt: now}
			report.Added = append(report.Added, f.Name)
		case a.edited():
			report.Kept = append(report.Kept, f.Name)
			continue
		case a.Equal(f.Content) && a.Status == Published:
			report.Unchanged = append(report.Unchanged, f.Name)
			continue
		default:
			report.Updated = append(report.Updated, f.Name)
		}
		a.Content, a.Status, a.Origin = f.Content, Published, f.Hash()
		a.Version++
		a.PublishedVersion = a.Version
		a.UpdatedAt, a.UpdatedBy = now, by
		a.Rev++
		put(a, a.version("imported from "+f.Name))
	}
	for _, a := range stored {
		if seen[name{a.Slug, a.Lang}] || a.Origin == "" || a.edited() || a.Status == Archived {
			continue
		}
		a.Status, a.PublishedVersion, a.UpdatedAt, a.UpdatedBy = Archived, 0, now, by
		a.Rev++
		put(a, nil)
		report.Archived = append(report.Archived, a.Slug+"."+string(a.Lang))
	}
	return changes, live, report, nil
}

// edited reports whether a was changed here after it came from a file.
func (a Article) edited() bool { return a.Origin == "" || a.Hash() != a.Origin }
