package intake

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/kb"
)

// Importer reads sources and brings their pages into the knowledge base.
type Importer struct {
	Store   Store
	Library Library
	Web     *Web
	Dir     string // the folder of uploaded files
	Log     *slog.Logger
	Now     func() time.Time
}

// Library is the knowledge base, as an importer changes it.
type Library interface {
	Get(ctx context.Context, id desk.ID) (kb.Article, error)
	Save(ctx context.Context, by string, d kb.Draft) (kb.Article, error)
	Unpublish(ctx context.Context, by string, id desk.ID, version int) (kb.Article, error)
}

var _ Library = (*kb.Library)(nil)

// RunKind is the job that reads a source.
const RunKind = "kb.source"

const (
	runLimit = 11 * time.Hour  // of one run: above the longest that a site may be set to
	alive    = 5 * time.Minute // above the longest wait for one address; a run that did not show itself for so long is dead, and its job runs again
	beat     = 300 * time.Millisecond
	daily    = 24 * time.Hour
	dueEvery = time.Minute
	dueBatch = 50
)

// Registrar takes the handlers of jobs.
type Registrar interface {
	Handle(kind string, limit time.Duration, f func(ctx context.Context, args json.RawMessage) error)
	When(kind string, every time.Duration, due func(ctx context.Context) (bool, error), f func(ctx context.Context) error)
}

// Register takes over the jobs that read sources, and starts those whose time
// has come.
func (im *Importer) Register(q Registrar) {
	q.Handle(RunKind, runLimit, func(ctx context.Context, args json.RawMessage) error {
		var a struct {
			ID desk.ID `json:"id"`
		}
		if err := json.Unmarshal(args, &a); err != nil {
			return desk.Errorf(desk.Invalid, "bad_job", "arguments of a %s job: %w", RunKind, err)
		}
		return im.Play(ctx, a.ID)
	})
	q.When("kb.sources", dueEvery, func(ctx context.Context) (bool, error) {
		due, err := im.Store.DueSources(ctx, im.now(), 1)
		return len(due) > 0, err
	}, im.startDue)
}

// startDue starts the sources whose time has come.
func (im *Importer) startDue(ctx context.Context) error {
	due, err := im.Store.DueSources(ctx, im.now(), dueBatch)
	if err != nil {
		return err
	}
	for _, s := range due {
		if _, err := im.Start(ctx, "schedule", s.ID, Order{Mode: Sync}); err != nil && codeOfError(err) != "run_running" {
			return fmt.Errorf("start source %s: %w", s.Name, err)
		}
		s.NextAt = im.now().Add(daily)
		s.Rev++
		if err := im.Store.PutSource(ctx, s); err != nil && codeOfError(err) != "stale_source" {
			return err
		}
	}
	return nil
}

// Create stores a new source; nothing is read yet.
func (im *Importer) Create(ctx context.Context, by string, s Source) (Source, error) {
	s, err := s.check()
	if err != nil {
		return s, err
	}
	now := im.now()
	s.ID, s.CreatedAt, s.UpdatedAt, s.CreatedBy, s.Rev = desk.NewIDAt(now), now, now, by, 1
	s.NextAt = time.Time{}
	if s.Schedule == Daily {
		s.NextAt = now.Add(daily)
	}
	return s, im.Store.PutSource(ctx, s)
}

// Change stores a source anew. Its kind stays; files that it has no more are
// removed.
func (im *Importer) Change(ctx context.Context, s Source) (Source, error) {
	old, err := im.Store.Source(ctx, s.ID)
	if err != nil {
		return s, err
	}
	s.Kind = old.Kind
	if s.Kind == Files && len(s.Settings.Files) == 0 || s.Kind == Folder {
		s.Settings = old.Settings
	}
	if s, err = s.check(); err != nil {
		return s, err
	}
	s.CreatedAt, s.CreatedBy, s.UpdatedAt, s.Rev, s.Last = old.CreatedAt, old.CreatedBy, im.now(), old.Rev+1, old.Last
	switch {
	case s.Schedule != Daily:
		s.NextAt = time.Time{}
	case old.NextAt.IsZero():
		s.NextAt = im.now().Add(daily)
	default:
		s.NextAt = old.NextAt
	}
	if err := im.Store.PutSource(ctx, s); err != nil {
		return s, err
	}
	im.remove(ctx, old.Settings.Files, s.Settings.Files)
	return s, nil
}

// Delete forgets a source and its files. Its articles stay.
func (im *Importer) Delete(ctx context.Context, id desk.ID) error {
	s, err := im.Store.Source(ctx, id)
	if err != nil {
		return err
	}
	if err := im.Store.DeleteSource(ctx, id); err != nil {
		return err
	}
	im.remove(ctx, s.Settings.Files, nil)
	return nil
}

// remove deletes files that are not kept.
func (im *Importer) remove(ctx context.Context, files, kept []FileRef) {
	keep := map[string]bool{}
	for _, f := range kept {
		keep[f.Path] = true
	}
	for _, f := range files {
		if keep[f.Path] || !filepath.IsLocal(f.Path) {
			continue
		}
		if err := os.Remove(filepath.Join(im.Dir, filepath.FromSlash(f.Path))); err != nil && !os.IsNotExist(err) {
			im.log().WarnContext(ctx, "remove a file of a source", "file", f.Name, "error", err)
		}
	}
}

// Source and List read sources, each with its last run.
func (im *Importer) Source(ctx context.Context, id desk.ID) (Source, error) {
	return im.Store.Source(ctx, id)
}

// List lists sources, the newest first, older than after when that is not
// empty.
func (im *Importer) List(ctx context.Context, after string, limit int) ([]Source, error) {
	return im.Store.Sources(ctx, after, limit)
}

// Order says how a source is to be read.
type Order struct {
	Mode Mode
	Take []string // conflicts, by item id, in which the source's text wins
	Keep []string // conflicts in which the editor's text wins
	Skip []string // items that are left as they are this time
}

// Start begins a run in the background. It is an error of Kind Conflict, code
// "run_running", while the source is being read.
func (im *Importer) Start(ctx context.Context, by string, source desk.ID, o Order) (Run, error) {
	s, err := im.Store.Source(ctx, source)
	if err != nil {
		return Run{}, err
	}
	if s.Kind == Folder {
		return Run{}, desk.Errorf(desk.Invalid, "folder_source", "the files of this source lie on the machine of whoever imported them: run parley kb import %s there again", s.Settings.Path)
	}
	r, err := im.newRun(by, s, o)
	if err != nil {
		return Run{}, err
	}
	job := desk.NewJob(RunKind, RunKind+":"+string(s.ID), map[string]desk.ID{"id": r.ID})
	job.Max = 5
	return r, im.Store.AddRun(ctx, r, im.now().Add(-alive), &job)
}

func (im *Importer) newRun(by string, s Source, o Order) (Run, error) {
	if o.Mode != Preview && o.Mode != Sync {
		return Run{}, desk.Errorf(desk.Invalid, "bad_mode", "a run is a preview or a sync")
	}
	if len(o.Take)+len(o.Keep)+len(o.Skip) > 5000 {
		return Run{}, desk.Errorf(desk.Invalid, "too_many", "decide about at most 5000 pages at once")
	}
	now := im.now()
	return Run{ID: desk.NewIDAt(now), SourceID: s.ID, Mode: o.Mode, Status: Running, Phase: Reading, By: by, StartedAt: now, BeatAt: now,
		Progress: Progress{Problems: []Problem{}, Take: o.Take, Keep: o.Keep, Skip: o.Skip}}, nil
}

// RunHere reads a source in this process and returns when it is done; tell is
// called with its progress.
func (im *Importer) RunHere(ctx context.Context, by string, s Source, o Order, tell func(Run)) (Run, error) {
	r, err := im.newRun(by, s, o)
	if err != nil {
		return r, err
	}
	if err := im.Store.AddRun(ctx, r, im.now().Add(-alive), nil); err != nil {
		return r, err
	}
	err = im.play(ctx, s, &r, tell)
	err = im.end(context.WithoutCancel(ctx), &r, err)
	return r, err
}

// Play carries out a run that has been started; one that was interrupted goes
// on where it was.
func (im *Importer) Play(ctx context.Context, id desk.ID) error {
	r, err := im.Store.Run(ctx, id)
	if desk.IsKind(err, desk.NotFound) {
		return nil // its source was deleted
	}
	if err != nil {
		return fmt.Errorf("find run %s: %w", id, err)
	}
	if r.Status != Running {
		return nil
	}
	s, err := im.Store.Source(ctx, r.SourceID)
	if err != nil {
		return fmt.Errorf("find the source of run %s: %w", id, err)
	}
	err = im.play(ctx, s, &r, func(Run) {})
	if ctx.Err() != nil {
		return ctx.Err() // the process stops: the job goes on elsewhere
	}
	return im.end(ctx, &r, err)
}

// end stores how a run ended.
func (im *Importer) end(ctx context.Context, r *Run, err error) error {
	if codeOfError(err) == errStopped.Code {
		r.Status = Stopped
		return nil
	}
	r.Status, r.Phase, r.FinishedAt = Done, Ended, im.now()
	if err != nil {
		r.Status, r.Error = Failed, err.Error()
		im.log().WarnContext(ctx, "a source could not be read", "source", r.SourceID, "run", r.ID, "error", err)
	}
	r.BeatAt = r.FinishedAt
	if _, err := im.Store.SaveRun(ctx, *r); err != nil {
		return fmt.Errorf("store run %s: %w", r.ID, err)
	}
	return im.Store.ClearSpots(ctx, r.ID)
}

// Stop ends a run soon; what it has saved stays saved.
func (im *Importer) Stop(ctx context.Context, source desk.ID) (Run, error) {
	s, err := im.Store.Source(ctx, source)
	if err != nil {
		return Run{}, err
	}
	if s.Last == nil || s.Last.Status != Running {
		return Run{}, desk.Errorf(desk.Conflict, "not_running", "the source is not being read")
	}
	r := *s.Last
	r.Status, r.Phase, r.FinishedAt = Stopped, Ended, im.now()
	if _, err := im.Store.SaveRun(ctx, r); err != nil {
		return r, err
	}
	return r, im.Store.ClearSpots(ctx, r.ID)
}

// Runs lists the runs of a source, the newest first, older than before when
// that is not empty.
func (im *Importer) Runs(ctx context.Context, source, before desk.ID, limit int) ([]Run, error) {
	return im.Store.Runs(ctx, source, before, limit)
}

// Items lists the pages of a source as they stood when it was last compared.
func (im *Importer) Items(ctx context.Context, source desk.ID, f ItemFilter) ([]Item, error) {
	rows, err := im.Store.Items(ctx, source, f)
	if err != nil {
		return nil, err
	}
	out := make([]Item, len(rows))
	for i, r := range rows {
		out[i] = r.Whole()
	}
	return out, nil
}

// ItemView is an item beside its article.
type ItemView struct {
	Item
	Article *kb.Article `json:"article" doc:"As it was last saved; null when there is none yet."`
	Diff    *kb.Diff    `json:"diff" doc:"From the article to the page; null when there is no article."`
}

// Item reads one page with its text, and what would change.
func (im *Importer) Item(ctx context.Context, source desk.ID, id string) (ItemView, error) {
	row, err := im.Store.Item(ctx, source, id)
	if err != nil {
		return ItemView{}, err
	}
	v := ItemView{Item: row.Whole()}
	if v.ArticleID == "" {
		return v, nil
	}
	a, err := im.Library.Get(ctx, v.ArticleID)
	if desk.IsKind(err, desk.NotFound) {
		return v, nil
	}
	if err != nil {
		return v, err
	}
	d := kb.Compare(kb.Version{Number: a.Version, Content: a.Content}, kb.Version{Number: a.Version + 1, Content: merge(a, v.Page, true)})
	v.Article, v.Diff = &a, &d
	return v, nil
}

// Of says where an article comes from; NotFound when it was written here.
func (im *Importer) Of(ctx context.Context, article desk.ID) (Provenance, error) {
	return im.Store.ArticleSource(ctx, article)
}

func (im *Importer) now() time.Time {
	if im.Now == nil {
		return time.Now().UTC()
	}
	return im.Now()
}

func (im *Importer) log() *slog.Logger {
	if im.Log == nil {
		return slog.Default()
	}
	return im.Log
}
