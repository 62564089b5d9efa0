package kb

import (
	"context"
	"fmt"

	"github.com/parleyhq/parley/desk"
)

// Store keeps articles, their versions and embeddings.
type Store interface {
	// Article finds an article with the content of its newest version.
	Article(ctx context.Context, id desk.ID) (Article, error)
	// Articles lists what f asks for, the last changed first; next is empty at
	// the end.
	Articles(ctx context.Context, f Filter) (list []Article, next string, err error)
	// PlaybookArticles lists every article of a playbook.
	PlaybookArticles(ctx context.Context, playbook string) ([]Article, error)
	// Version and Versions read what was written, the newest first, below
	// number before when that is not 0.
	Version(ctx context.Context, id desk.ID, number int) (Version, error)
	Versions(ctx context.Context, id desk.ID, before, limit int) ([]Version, error)
	// Write carries out all changes and enqueues the jobs, in one transaction.
	// It is an error of Kind Conflict, code "stale_article", when an article
	// was changed meanwhile, and "slug_taken" when a new one's name is.
	Write(ctx context.Context, changes []Change, jobs ...desk.Job) error

	// Live lists every article that has a published version, and which.
	Live(ctx context.Context) ([]Stamp, error)
	// LiveArticles reads those of ids that have a published version, with that
	// version as their Content and Version.
	LiveArticles(ctx context.Context, ids []desk.ID) ([]Article, error)

	// Embeddings finds the vectors a model gave for texts, by their hashes.
	Embeddings(ctx context.Context, model string, hashes []string) (map[string][]float32, error)
	SaveEmbeddings(ctx context.Context, model string, byHash map[string][]float32) error

	// Synonyms lists every set of synonyms.
	Synonyms(ctx context.Context) ([]SynonymSet, error)
	// SaveSynonyms writes a set whose Version is one more than that of the
	// stored one. It is an error of Kind Conflict, code "stale_synonyms", when
	// somebody else was faster.
	SaveSynonyms(ctx context.Context, set SynonymSet) error
}

// Change is an article as it shall be. Its Rev is one more than that of the
// stored one, 1 for a new article. Version is what was written, if anything.
type Change struct {
	Article Article
	Version *Version
}

// Stamp says which version of an article is published.
type Stamp struct {
	ID      desk.ID
	Version int
}

// Filter says which articles to list. Empty fields let all through.
type Filter struct {
	Search   string // in title, questions, tags, slug and text, whatever the case
	Status   Status
	Lang     desk.Lang
	Tag      string
	Playbook *string
	After    string // cursor of the page before
	Limit    int    // 1 to 200; 0: 50
}

// Stale is the error of a save that was based on an older version.
type Stale struct{ Current Article }

// Error says so in words.
func (e *Stale) Error() string { return e.Unwrap().Error() }

// Unwrap gives the error its kind and code.
func (e *Stale) Unwrap() error {
	return &desk.Error{Kind: desk.Conflict, Code: "stale_article", Field: "version",
		Message: fmt.Sprintf("the article has changed meanwhile: version %d is by %s", e.Current.Version, e.Current.UpdatedBy)}
}
