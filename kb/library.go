package kb

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parleyhq/parley/desk"
)

// Library is the knowledge base: articles are written, published and found
// through it. What it has published is found from the moment the call returns
// on this node, and as soon as the event or the next sweep arrives on others.
// Fill in its fields, then call Load once before the first search.
type Library struct {
	Store    Store
	Index    *Index
	Embedder Embedder  // nil: words alone find
	Near     Near      // nil: vectors are searched in memory, however many
	InMemory int       // of how many vectors memory is searched, where there is Near
	Bus      Publisher // nil: there are no other nodes
	Gate     Gate      // asked when somebody publishes, not of imports; nil: nobody is
	Log      *slog.Logger
	Now      func() time.Time

	far   bool        // vectors are in the database alone; decided by Load
	built atomic.Bool // and can be searched there
	heard heard       // questions asked before
	mu    sync.Mutex  // held while the index takes in what the store has, so that the newer always comes last
}

// Publisher tells other nodes and screens.
type Publisher interface {
	Publish(subject string, v any) error
}

// Changed is the data of the event "kb.changed". Without an article many have
// changed.
type Changed struct {
	ArticleID desk.ID `json:"article_id,omitempty"`
	Version   int     `json:"version,omitempty"` // published; 0: not published any more, or only its embeddings are new
}

// ChangedSubject is where Changed is published.
const ChangedSubject = "kb.changed"

// Draft is what an editor saves.
type Draft struct {
	ID       desk.ID   `json:"id,omitempty"` // empty: a new article
	Version  int       `json:"version"`      // that the edit is based on
	Playbook string    `json:"playbook,omitempty"`
	Slug     string    `json:"slug"` // as Playbook and Lang: of a new article only, it never changes
	Lang     desk.Lang `json:"lang"`
	Content
	Note    string `json:"note,omitempty"` // why, for the list of versions
	Publish bool   `json:"publish,omitempty"`
}

// Save writes a new version of an article, or a new article. When somebody
// else has saved since Draft.Version the error is a *Stale with his. What is
// published stays published as it was, unless Draft.Publish says otherwise.
func (l *Library) Save(ctx context.Context, by string, d Draft) (Article, error) {
	d.Content = d.Clean()
	if err := d.Check(); err != nil {
		return Article{}, err
	}
	if d.ID == "" {
		return l.create(ctx, by, d)
	}
	return l.change(ctx, by, d.ID, d.Version, func(a *Article) error {
		if a.Status == Archived {
			return desk.Errorf(desk.Conflict, "archived", "the article is archived: restore a version of it first")
		}
		if !a.Equal(d.Content) {
			a.Content, a.Status = d.Content, Drafted
			a.Version++
		}
		if d.Publish {
			a.Status, a.PublishedVersion = Published, a.Version
		}
		return nil
	}, d.Note)
}

func (l *Library) create(ctx context.Context, by string, d Draft) (Article, error) {
	if err := CheckSlug(d.Slug); err != nil {
		return Article{}, err
	}
	if d.Lang != desk.English && d.Lang != desk.Chinese {
		return Article{}, &desk.Error{Kind: desk.Invalid, Code: "bad_lang", Field: "lang", Message: "use en or zh"}
	}
	now := micro(l.now())
	a := Article{ID: desk.NewIDAt(now), Playbook: d.Playbook, Slug: d.Slug, Lang: d.Lang, Content: d.Content,
		Status: Drafted, Version: 1, CreatedAt: now, UpdatedAt: now, UpdatedBy: by, Rev: 1}
	if d.Publish {
		a.Status, a.PublishedVersion = Published, 1
	}
	return a, l.write(ctx, 0, Change{a, a.version(d.Note)})
}

// Submit asks for a review.
func (l *Library) Submit(ctx context.Context, by string, id desk.ID, version int) (Article, error) {
	return l.change(ctx, by, id, version, func(a *Article) error {
		if a.Status != Drafted && a.Status != InReview {
			return badMove("submit", a.Status)
		}
		a.Status = InReview
		return nil
	}, "")
}

// Return ends a review: the newest version is a draft again.
func (l *Library) Return(ctx context.Context, by string, id desk.ID, version int) (Article, error) {
	return l.change(ctx, by, id, version, func(a *Article) error {
		if a.Status != InReview {
			return badMove("return", a.Status)
		}
		a.Status = Drafted
		return nil
	}, "")
}

// Unpublish takes an article out of answers and searches; it is a draft again.
func (l *Library) Unpublish(ctx context.Context, by string, id desk.ID, version int) (Article, error) {
	return l.change(ctx, by, id, version, func(a *Article) error {
		if a.PublishedVersion == 0 {
			return badMove("unpublish", a.Status)
		}
		a.PublishedVersion, a.Origin = 0, "" // an import does not bring it back
		if a.Status == Published {
			a.Status = Drafted
		}
		return nil
	}, "")
}

// Archive puts an article away. Restore brings it back.
func (l *Library) Archive(ctx context.Context, by string, id desk.ID, version int) (Article, error) {
	return l.change(ctx, by, id, version, func(a *Article) error {
		a.Status, a.PublishedVersion, a.Origin = Archived, 0, ""
		return nil
	}, "")
}

// Restore writes a new version, a draft, with the content of an old one.
func (l *Library) Restore(ctx context.Context, by string, id desk.ID, version int) (Article, error) {
	old, err := l.Store.Version(ctx, id, version)
	if err != nil {
		return Article{}, fmt.Errorf("restore version %d: %w", version, err)
	}
	return l.change(ctx, by, id, 0, func(a *Article) error {
		a.Content, a.Status = old.Content, Drafted
		a.Version++
		return nil
	}, fmt.Sprintf("restored version %d", version))
}

func badMove(move string, from Status) error {
	return desk.Errorf(desk.Conflict, "bad_status", "cannot %s an article that is %s", move, from)
}

// change reads, edits and writes one article. version, when not 0, must still
// be its newest.
func (l *Library) change(ctx context.Context, by string, id desk.ID, version int, edit func(*Article) error, note string) (Article, error) {
	before, err := l.Store.Article(ctx, id)
	if err != nil {
		return Article{}, fmt.Errorf("find the article: %w", err)
	}
	if version != 0 && version != before.Version {
		return Article{}, &Stale{before}
	}
	a := before
	if err := edit(&a); err != nil {
		return Article{}, err
	}
	if a.Version == before.Version && a.Status == before.Status && a.PublishedVersion == before.PublishedVersion {
		return before, nil // nothing to do
	}
	a.UpdatedAt, a.UpdatedBy = micro(l.now()), by
	a.Rev++
	c := Change{Article: a}
	if a.Version != before.Version {
		c.Version = a.version(note)
	}
	err = l.write(ctx, before.PublishedVersion, c)
	if code(err) == "stale_article" { // somebody was faster by a hair
		if now, err := l.Store.Article(ctx, id); err == nil {
			return Article{}, &Stale{now}
		}
	}
	return a, err
}

// write stores a change and takes it into the index when what is published
// has changed.
func (l *Library) write(ctx context.Context, publishedBefore int, c Change) error {
	a := c.Article
	if a.PublishedVersion == publishedBefore {
		return l.Store.Write(ctx, []Change{c})
	}
	if err := l.Store.Write(ctx, []Change{c}, l.embedJobs(a)...); err != nil {
		return err
	}
	if err := l.sync(ctx, a.ID); err != nil {
		return fmt.Errorf("the article is stored, but not yet found: %w", err)
	}
	l.tell(Changed{a.ID, a.PublishedVersion})
	return nil
}

func (l *Library) tell(c Changed) {
	if l.Bus == nil {
		return
	}
	if err := l.Bus.Publish(ChangedSubject, c); err != nil {
		l.log().Warn("other nodes learn of a changed article only by their sweep", "article", c.ArticleID, "err", err)
	}
}

// List lists articles for editors.
func (l *Library) List(ctx context.Context, f Filter) ([]Article, string, error) {
	if f.Limit <= 0 {
		f.Limit = 50
	}
	f.Limit = min(f.Limit, 200)
	return l.Store.Articles(ctx, f)
}

// Get finds an article for editors, as it was last saved.
func (l *Library) Get(ctx context.Context, id desk.ID) (Article, error) {
	return l.Store.Article(ctx, id)
}

// Article finds what customers may read of slug now, in another language when
// there is none in lang.
func (l *Library) Article(_ context.Context, slug string, lang desk.Lang) (Article, error) {
	a, ok := l.Index.bySlug(Question{Article: slug, Lang: lang, Audience: Customers, Now: l.now()})
	if !ok {
		return Article{}, desk.Errorf(desk.NotFound, "no_article", "no article %q is published", slug)
	}
	return a, nil
}

// Version reads one version of an article.
func (l *Library) Version(ctx context.Context, id desk.ID, number int) (Version, error) {
	return l.Store.Version(ctx, id, number)
}

// Versions lists the versions of an article, the newest first.
func (l *Library) Versions(ctx context.Context, id desk.ID, before, limit int) ([]Version, error) {
	return l.Store.Versions(ctx, id, before, limit)
}

// Diff shows what changed from version a to version b of an article.
func (l *Library) Diff(ctx context.Context, id desk.ID, a, b int) (Diff, error) {
	from, err := l.Store.Version(ctx, id, a)
	if err != nil {
		return Diff{}, fmt.Errorf("version %d: %w", a, err)
	}
	to, err := l.Store.Version(ctx, id, b)
	if err != nil {
		return Diff{}, fmt.Errorf("version %d: %w", b, err)
	}
	return Compare(from, to), nil
}

func (a Article) version(note string) *Version {
	return &Version{ArticleID: a.ID, Number: a.Version, Content: a.Content, At: a.UpdatedAt, By: a.UpdatedBy, Note: oneLine(cleanText(note))}
}

func (l *Library) now() time.Time {
	if l.Now == nil {
		return time.Now()
	}
	return l.Now()
}

func (l *Library) log() *slog.Logger {
	if l.Log == nil {
		return slog.Default()
	}
	return l.Log
}
