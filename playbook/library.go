package playbook

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/parleyhq/parley/assist"
	"github.com/parleyhq/parley/bot"
	"github.com/parleyhq/parley/bot/nlu"
	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/kb"
)

// Library is every published playbook. Fill in its fields before the first
// call; it is safe for concurrent use.
type Library struct {
	Store      Store
	Articles   Articles
	Canned     Canned // nil: replies are not imported
	Bus        Publisher
	Tools      Tools
	Evals      EvalStore                                                  // its active scenarios are run before publishing, and the report is kept as a run; nil: neither
	Understand func(base *nlu.Understander, p *Playbook) bot.Understander // see Deps
	Vectors    kb.Embedder                                                // see Deps
	Asked      kb.Embedder                                                // see Deps
	Lessons    *Lessons                                                   // nil: its own
	Default    string                                                     // the playbook of a conversation that names none; empty: the first by name
	Now        func() time.Time                                           // nil: time.Now
	Log        *slog.Logger                                               // nil: no log

	flight  singleflight.Group
	cache   cache
	lessons Lessons
}

// deps is what every playbook of the library is built with.
func (l *Library) deps() Deps {
	return Deps{Understand: l.Understand, Vectors: l.Vectors, Asked: l.Asked, Lessons: cmp.Or(l.Lessons, &l.lessons)}
}

// Articles is the knowledge base.
type Articles interface {
	bot.Answerer
	Import(ctx context.Context, by, playbook string, files []kb.File) (kb.Imported, error)
	ImportSynonyms(ctx context.Context, by, playbook string, sets []kb.SynonymSet) error
}

// Canned takes in the replies of a playbook.
type Canned interface {
	Import(ctx context.Context, by, playbook string, replies []assist.Canned) (assist.Imported, error)
}

// Publisher tells other nodes and screens.
type Publisher interface {
	Publish(subject string, v any) error
}

// Tools calls what a tool's definition says.
type Tools interface {
	Call(ctx context.Context, def bot.ToolDef, do desk.Do, secrets func(ref string) (string, bool)) desk.Result
}

// ChangedSubject is where Changed is published.
const ChangedSubject = "playbook.changed"

// Changed is the data of the event "playbook.changed".
type Changed struct {
	Name     string `json:"name"`
	Revision int    `json:"revision"`
}

// buildLimit bounds how long a playbook may take to be built.
const buildLimit = time.Minute

// Live names the revision that new conversations begin on. An empty name is
// the default playbook.
func (l *Library) Live(ctx context.Context, name string) (string, int, error) {
	name, err := l.named(ctx, name)
	if err != nil {
		return "", 0, err
	}
	r, err := l.Store.Live(ctx, name)
	if err != nil {
		return "", 0, notPublished(name, err)
	}
	return name, r.Number, nil
}

func (l *Library) named(ctx context.Context, name string) (string, error) {
	if name != "" {
		return name, nil
	}
	if l.Default != "" {
		return l.Default, nil
	}
	all, err := l.Store.Playbooks(ctx)
	if err != nil {
		return "", fmt.Errorf("find the default playbook: %w", err)
	}
	if len(all) == 0 {
		return "", desk.Errorf(desk.NotFound, "no_playbook", "no playbook is published yet")
	}
	return all[0].Name, nil
}

func notPublished(name string, err error) error {
	if desk.IsKind(err, desk.NotFound) {
		return desk.Errorf(desk.NotFound, "no_playbook", "there is no published playbook %q: %w", name, err)
	}
	return fmt.Errorf("find playbook %s: %w", name, err)
}

// Book returns a playbook at one revision, ready to answer. The latest used
// ones are kept; several callers of the same wait for one building of it.
func (l *Library) Book(ctx context.Context, name string, revision int) (desk.Book, error) {
	return l.built(ctx, name, revision)
}

func bookKey(name string, revision int) string { return fmt.Sprintf("%s@%d", name, revision) }

func (l *Library) built(ctx context.Context, name string, revision int) (*Built, error) {
	return l.once(ctx, bookKey(name, revision), func(ctx context.Context) (*Built, error) { return l.load(ctx, name, revision, l.answers()) })
}

// once returns what the cache has under key, or what make makes, once for all
// who ask at the same time. A caller who leaves does not stop it for others.
func (l *Library) once(ctx context.Context, key string, make func(context.Context) (*Built, error)) (*Built, error) {
	if b, ok := l.cache.get(key); ok {
		return b, nil
	}
	done := l.flight.DoChan(key, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), buildLimit)
		defer cancel()
		b, err := make(ctx)
		if err != nil {
			return nil, err
		}
		l.cache.put(key, b)
		return b, nil
	})
	select {
	case <-ctx.Done():
		return nil, fmt.Errorf("build %s: %w", key, ctx.Err())
	case res := <-done:
		if res.Err != nil {
			return nil, res.Err
		}
		return res.Val.(*Built), nil
	}
}

// load reads a published revision and builds it with answers, see Deps.
func (l *Library) load(ctx context.Context, name string, revision int, answers bot.Answerer) (*Built, error) {
	files, err := l.Store.Files(ctx, name, revision)
	if err != nil {
		return nil, fmt.Errorf("read playbook %s, revision %d: %w", name, revision, err)
	}
	model, err := l.Store.Model(ctx, name, revision)
	if err != nil {
		return nil, fmt.Errorf("read the model of playbook %s, revision %d: %w", name, revision, err)
	}
	p, err := Parse(files)
	if err != nil {
		// It was checked when it was published: the format has changed since.
		return nil, desk.Errorf(desk.Internal, "unreadable_playbook", "playbook %s, revision %d: %w", name, revision, err)
	}
	deps := l.deps()
	deps.Answers, deps.Model = answers, model
	b, err := p.Build(ctx, deps)
	if err != nil {
		return nil, err
	}
	b.Revision = revision
	return b, nil
}

func (l *Library) answers() bot.Answerer {
	if l.Articles == nil {
		return nil
	}
	return l.Articles
}

// Call carries out a Do of a playbook at one revision by its own definition of
// the tool.
func (l *Library) Call(ctx context.Context, name string, revision int, do desk.Do, secrets func(ref string) (string, bool)) desk.Result {
	b, err := l.built(ctx, name, revision)
	if err != nil {
		l.log().ErrorContext(ctx, "tool not called", "tool", do.Tool, "playbook", name, "revision", revision, "error", err)
		return desk.Result{ID: do.ID, Tool: do.Tool, Error: "unavailable"}
	}
	def, ok := b.Tool(do.Tool)
	if !ok || l.Tools == nil {
		return desk.Result{ID: do.ID, Tool: do.Tool, Error: "unavailable"}
	}
	return l.Tools.Call(ctx, def, do, secrets)
}

// LiveBook is the live revision of a playbook, for its title, brand and files.
func (l *Library) LiveBook(ctx context.Context, name string) (*Built, error) {
	name, revision, err := l.Live(ctx, name)
	if err != nil {
		return nil, err
	}
	return l.built(ctx, name, revision)
}

// Playbooks lists the published playbooks by name.
func (l *Library) Playbooks(ctx context.Context) ([]Entry, error) { return l.Store.Playbooks(ctx) }

// Versions lists the revisions of a playbook, newest first, below before when
// that is not 0.
func (l *Library) Versions(ctx context.Context, name string, before, limit int) ([]Revision, error) {
	if limit < 1 || limit > 201 {
		limit = 50
	}
	return l.Store.Revisions(ctx, name, before, limit)
}

// Files are exactly the bytes that a revision was published with.
func (l *Library) Files(ctx context.Context, name string, revision int) (Files, error) {
	return l.Store.Files(ctx, name, revision)
}

func (l *Library) now() time.Time {
	if l.Now == nil {
		return time.Now().UTC()
	}
	return l.Now().UTC()
}

func (l *Library) log() *slog.Logger {
	if l.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return l.Log
}
