package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/kb"
	"github.com/parleyhq/parley/kb/intake"
)

// Sources keeps where articles come from.
type Sources struct{ DB *DB }

var _ intake.Store = Sources{}

const (
	sourceColumns = "s.id, s.kind, s.name, s.settings, s.playbook, s.lang, s.audience, s.publish, s.gone, s.schedule, s.next_at, s.created_at, s.created_by, s.updated_at, s.rev"
	keptImports   = 100 // finished runs of a source that are kept
)

func sourceInto(s *intake.Source) []any {
	return []any{&s.ID, &s.Kind, &s.Name, jsonInto(&s.Settings), &s.Playbook, &s.Lang, &s.Audience, &s.Publish, &s.Gone, &s.Schedule,
		timeInto(&s.NextAt), timeInto(&s.CreatedAt), &s.CreatedBy, timeInto(&s.UpdatedAt), &s.Rev}
}

func scanSource(row Scanner) (s intake.Source, err error) {
	return s, row.Scan(sourceInto(&s)...)
}

// Source implements intake.Store.
func (s Sources) Source(ctx context.Context, id desk.ID) (intake.Source, error) {
	out, err := One(ctx, s.DB.Read(), scanSource, "SELECT "+sourceColumns+" FROM kb_sources s WHERE s.id = $1", id)
	if err != nil {
		return out, err
	}
	list := []intake.Source{out}
	err = s.lastRuns(ctx, list)
	return list[0], err
}

// FindSource implements intake.Store.
func (s Sources) FindSource(ctx context.Context, kind intake.Kind, name string) (intake.Source, error) {
	return One(ctx, s.DB.Read(), scanSource, "SELECT "+sourceColumns+" FROM kb_sources s WHERE s.kind = $1 AND s.name = $2 ORDER BY s.id", kind, name)
}

// Sources implements intake.Store: the newest first.
func (s Sources) Sources(ctx context.Context, after string, limit int) ([]intake.Source, error) {
	list, err := All(ctx, s.DB.Read(), scanSource, "SELECT "+sourceColumns+" FROM kb_sources s WHERE ($1 = '' OR s.id < $1) ORDER BY s.id DESC LIMIT 0+$2", after, limit)
	if err != nil {
		return nil, err
	}
	return list, s.lastRuns(ctx, list)
}

// lastRuns fills in the newest run of each source.
func (s Sources) lastRuns(ctx context.Context, sources []intake.Source) error {
	ids := make([]desk.ID, len(sources))
	for i := range sources {
		ids[i] = sources[i].ID
	}
	runs, err := All(ctx, s.DB.Read(), scanImport, "SELECT "+importColumns+` FROM kb_source_runs r
		WHERE r.id IN (SELECT MAX(id) FROM kb_source_runs WHERE source_id IN `+s.DB.D.InList("$1")+" GROUP BY source_id)", list(ids))
	if err != nil {
		return err
	}
	for i := range sources {
		for k := range runs {
			if runs[k].SourceID == sources[i].ID {
				sources[i].Last = &runs[k]
			}
		}
	}
	return nil
}

// PutSource implements intake.Store.
func (s Sources) PutSource(ctx context.Context, v intake.Source) error {
	return s.DB.Tx(ctx, func(ctx context.Context, q *Tx) error {
		if v.Rev == 1 {
			return Exec1(ctx, q, `INSERT INTO kb_sources (id, kind, name, settings, playbook, lang, audience, publish, gone, schedule, next_at, created_at, created_by, updated_at, rev)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 1)`,
				v.ID, v.Kind, v.Name, jsonOf(v.Settings), v.Playbook, v.Lang, v.Audience, v.Publish, v.Gone, v.Schedule, micros(v.NextAt), micros(v.CreatedAt), v.CreatedBy, micros(v.UpdatedAt))
		}
		n, err := Exec(ctx, q, `UPDATE kb_sources SET name = $3, settings = $4, playbook = $5, lang = $6, audience = $7, publish = $8, gone = $9, schedule = $10,
			next_at = $11, updated_at = $12, rev = $2 WHERE id = $1 AND rev = $2 - 1`,
			v.ID, v.Rev, v.Name, jsonOf(v.Settings), v.Playbook, v.Lang, v.Audience, v.Publish, v.Gone, v.Schedule, micros(v.NextAt), micros(v.UpdatedAt))
		if err == nil && n == 0 {
			return desk.Errorf(desk.Conflict, "stale_source", "the source %s has changed meanwhile: load it again", v.Name)
		}
		return err
	})
}

// DeleteSource implements intake.Store.
func (s Sources) DeleteSource(ctx context.Context, id desk.ID) error {
	return s.DB.Tx(ctx, func(ctx context.Context, q *Tx) error {
		return Exec1(ctx, q, "DELETE FROM kb_sources WHERE id = $1", id)
	})
}

// DueSources implements intake.Store.
func (s Sources) DueSources(ctx context.Context, now time.Time, limit int) ([]intake.Source, error) {
	return All(ctx, s.DB.Read(), scanSource, "SELECT "+sourceColumns+" FROM kb_sources s WHERE s.next_at > 0 AND s.next_at <= $1 ORDER BY s.next_at LIMIT 0+$2", micros(now), limit)
}

const importColumns = "r.id, r.source_id, r.mode, r.status, r.phase, r.started_by, r.started_at, r.beat_at, r.finished_at, r.progress, r.error"

func scanImport(row Scanner) (r intake.Run, err error) {
	return r, row.Scan(&r.ID, &r.SourceID, &r.Mode, &r.Status, &r.Phase, &r.By, timeInto(&r.StartedAt), timeInto(&r.BeatAt), timeInto(&r.FinishedAt), jsonInto(&r.Progress), &r.Error)
}

// AddRun implements intake.Store. What did not show that it lives has failed;
// the oldest runs go.
func (s Sources) AddRun(ctx context.Context, r intake.Run, alive time.Time, job *desk.Job) error {
	return s.DB.Tx(ctx, func(ctx context.Context, q *Tx) error {
		if err := q.Lock(ctx, "kb_source:"+string(r.SourceID)); err != nil {
			return err
		}
		n, err := One(ctx, q, Value[int], "SELECT count(*) FROM kb_source_runs WHERE source_id = $1 AND status = 'running' AND beat_at >= $2", r.SourceID, micros(alive))
		if err != nil {
			return err
		}
		if n > 0 {
			return desk.Errorf(desk.Conflict, "run_running", "the source is being read already: wait for it, or stop it")
		}
		if _, err := Exec(ctx, q, "UPDATE kb_source_runs SET status = 'failed', finished_at = $2, error = 'its process ended in the middle' WHERE source_id = $1 AND status = 'running'", r.SourceID, micros(r.StartedAt)); err != nil {
			return err
		}
		if _, err := Exec(ctx, q, `DELETE FROM kb_source_runs WHERE source_id = $1 AND status <> 'running'
			AND id NOT IN (SELECT id FROM kb_source_runs WHERE source_id = $1 ORDER BY id DESC LIMIT 0+$2)`, r.SourceID, keptImports); err != nil {
			return err
		}
		if err := Exec1(ctx, q, `INSERT INTO kb_source_runs (id, source_id, mode, status, phase, started_by, started_at, beat_at, finished_at, progress, error)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
			r.ID, r.SourceID, r.Mode, r.Status, r.Phase, r.By, micros(r.StartedAt), micros(r.BeatAt), micros(r.FinishedAt), jsonOf(r.Progress), r.Error); err != nil {
			return err
		}
		if job == nil {
			return nil
		}
		return q.Enqueue(ctx, *job)
	})
}

// SaveRun implements intake.Store.
func (s Sources) SaveRun(ctx context.Context, r intake.Run) (held bool, err error) {
	err = s.DB.Tx(ctx, func(ctx context.Context, q *Tx) error {
		n, err := Exec(ctx, q, `UPDATE kb_source_runs SET status = $2, phase = $3, beat_at = $4, finished_at = $5, progress = $6, error = $7
			WHERE id = $1 AND status = 'running'`, r.ID, r.Status, r.Phase, micros(r.BeatAt), micros(r.FinishedAt), jsonOf(r.Progress), r.Error)
		held = n == 1
		return err
	})
	return held, err
}

// Run implements intake.Store.
func (s Sources) Run(ctx context.Context, id desk.ID) (intake.Run, error) {
	return One(ctx, s.DB.Read(), scanImport, "SELECT "+importColumns+" FROM kb_source_runs r WHERE r.id = $1", id)
}

// Runs implements intake.Store.
func (s Sources) Runs(ctx context.Context, source, before desk.ID, limit int) ([]intake.Run, error) {
	return All(ctx, s.DB.Read(), scanImport, "SELECT "+importColumns+` FROM kb_source_runs r
		WHERE r.source_id = $1 AND ($2 = '' OR r.id < $2) ORDER BY r.id DESC LIMIT 0+$3`, source, before, limit)
}

const itemColumns = `i.source_id, i.id, i.state, i.page, i.hash, i.etag, i.modified, i.fetched_at, i.problems, i.article_id, i.applied_at,
	i.applied_hash, i.applied_text, i.published, i.seen_run, i.failed_run`

func scanItem(row Scanner) (r intake.Row, err error) {
	err = row.Scan(&r.SourceID, &r.ID, &r.State, jsonInto(&r.Page), &r.Hash, &r.ETag, &r.Modified, timeInto(&r.FetchedAt), jsonInto(&r.Problems), &r.ArticleID, timeInto(&r.AppliedAt),
		&r.AppliedHash, &r.AppliedText, &r.Published, &r.Seen, &r.Failed)
	return r, err
}

// SaveItems implements intake.Store.
func (s Sources) SaveItems(ctx context.Context, items []intake.Row) error {
	return s.DB.Tx(ctx, func(ctx context.Context, q *Tx) error {
		for _, r := range items {
			fold := strings.ToLower(r.Page.Title + "\n" + r.Page.Key)
			url := r.Page.URL
			if url == "" {
				url = r.Page.Key
			}
			err := Exec1(ctx, q, `INSERT INTO kb_source_items (source_id, id, url, fold, state, page, hash, etag, modified, fetched_at, problems, article_id, applied_at,
				applied_hash, applied_text, published, seen_run, failed_run)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
				ON CONFLICT (source_id, id) DO UPDATE SET url = $3, fold = $4, state = $5, page = $6, hash = $7, etag = $8, modified = $9, fetched_at = $10, problems = $11,
				article_id = $12, applied_at = $13, applied_hash = $14, applied_text = $15, published = $16, seen_run = $17, failed_run = $18`,
				r.SourceID, r.ID, url, fold, r.State, jsonOf(r.Page), r.Hash, r.ETag, r.Modified, micros(r.FetchedAt), orEmpty(r.Problems), r.ArticleID, micros(r.AppliedAt),
				r.AppliedHash, r.AppliedText, r.Published, r.Seen, r.Failed)
			if err != nil {
				return fmt.Errorf("store the page %s: %w", r.Page.Key, err)
			}
		}
		return nil
	})
}

// MarkItems implements intake.Store.
func (s Sources) MarkItems(ctx context.Context, source desk.ID, url string, run desk.ID, failed bool, problems []intake.Problem) (n int, err error) {
	column := "seen_run"
	if failed {
		column = "failed_run"
	}
	err = s.DB.Tx(ctx, func(ctx context.Context, q *Tx) error {
		k, err := Exec(ctx, q, "UPDATE kb_source_items SET "+column+" = $3, problems = $4 WHERE source_id = $1 AND url = $2", source, url, run, orEmpty(problems))
		n = int(k)
		return err
	})
	return n, err
}

// Item implements intake.Store.
func (s Sources) Item(ctx context.Context, source desk.ID, id string) (intake.Row, error) {
	return One(ctx, s.DB.Read(), scanItem, "SELECT "+itemColumns+" FROM kb_source_items i WHERE i.source_id = $1 AND i.id = $2", source, id)
}

// Items implements intake.Store.
func (s Sources) Items(ctx context.Context, source desk.ID, f intake.ItemFilter) ([]intake.Row, error) {
	return All(ctx, s.DB.Read(), scanItem, "SELECT "+itemColumns+` FROM kb_source_items i WHERE i.source_id = $1 AND i.id > $2
		AND ($3 = '' OR i.state = $3) AND i.fold LIKE $4 ESCAPE '\' ORDER BY i.id LIMIT 0+$5`, source, f.After, string(f.State), like(strings.ToLower(f.Search)), f.Limit)
}

// DropItems implements intake.Store.
func (s Sources) DropItems(ctx context.Context, source desk.ID, ids []string) error {
	return s.DB.Tx(ctx, func(ctx context.Context, q *Tx) error {
		_, err := Exec(ctx, q, "DELETE FROM kb_source_items WHERE source_id = $1 AND id IN "+q.D.InList("$2"), source, list(ids))
		return err
	})
}

// ArticleSource implements intake.Store.
func (s Sources) ArticleSource(ctx context.Context, article desk.ID) (intake.Provenance, error) {
	type found struct {
		row    intake.Row
		source intake.Source
	}
	f, err := One(ctx, s.DB.Read(), func(row Scanner) (f found, err error) {
		var page intake.Page
		err = row.Scan(&f.source.ID, &f.source.Name, &f.source.Kind, &f.row.ID, jsonInto(&page), &f.row.Hash, timeInto(&f.row.FetchedAt), timeInto(&f.row.AppliedAt), &f.row.State)
		f.row.Page = page
		return f, err
	}, `SELECT s.id, s.name, s.kind, i.id, i.page, i.hash, i.fetched_at, i.applied_at, i.state
		FROM kb_source_items i JOIN kb_sources s ON s.id = i.source_id WHERE i.article_id = $1 AND i.article_id <> '' ORDER BY i.applied_at DESC`, article)
	return intake.Provenance{SourceID: f.source.ID, Source: f.source.Name, Kind: f.source.Kind, ItemID: f.row.ID, Key: f.row.Page.Key, URL: f.row.Page.URL,
		FetchedAt: f.row.FetchedAt, AppliedAt: f.row.AppliedAt, Hash: f.row.Hash, State: f.row.State}, err
}

// ArticlesByID implements intake.Store.
func (s Sources) ArticlesByID(ctx context.Context, ids []desk.ID) ([]kb.Article, error) {
	return All(ctx, s.DB.Read(), scanArticle, newestArticle+"WHERE a.id IN "+s.DB.D.InList("$1"), list(ids))
}

// ArticleNamed implements intake.Store.
func (s Sources) ArticleNamed(ctx context.Context, playbook, slug string, lang desk.Lang) (kb.Article, error) {
	return KB(s).ArticleNamed(ctx, playbook, slug, lang)
}

// Spots implements intake.Store.
func (s Sources) Spots(run desk.ID) intake.Frontier { return spots{s.DB, run} }

// ClearSpots implements intake.Store.
func (s Sources) ClearSpots(ctx context.Context, run desk.ID) error {
	return s.DB.Tx(ctx, func(ctx context.Context, q *Tx) error {
		_, err := Exec(ctx, q, "DELETE FROM kb_source_spots WHERE run_id = $1", run)
		return err
	})
}

// spots is the frontier of one run.
type spots struct {
	db  *DB
	run desk.ID
}

// AddSpots implements intake.Frontier.
func (s spots) AddSpots(ctx context.Context, add []intake.Spot) error {
	if len(add) == 0 {
		return nil
	}
	return s.db.Tx(ctx, func(ctx context.Context, q *Tx) error {
		place, err := One(ctx, q, Value[int64], "SELECT COALESCE(MAX(place), 0) FROM kb_source_spots WHERE run_id = $1", s.run)
		if err != nil {
			return err
		}
		for _, spot := range add {
			place++
			if _, err := Exec(ctx, q, "INSERT INTO kb_source_spots (run_id, url, place, depth, done) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING", s.run, spot.URL, place, spot.Depth, false); err != nil {
				return err
			}
		}
		return nil
	})
}

// NextSpot implements intake.Frontier.
func (s spots) NextSpot(ctx context.Context) (intake.Spot, bool, error) {
	spot, err := One(ctx, s.db.Read(), func(row Scanner) (v intake.Spot, err error) { return v, row.Scan(&v.URL, &v.Depth) },
		"SELECT url, depth FROM kb_source_spots WHERE run_id = $1 AND done = $2 ORDER BY place", s.run, false)
	var known *desk.Error
	if errors.As(err, &known) && known.Kind == desk.NotFound {
		return spot, false, nil
	}
	return spot, err == nil, err
}

// DoneSpot implements intake.Frontier.
func (s spots) DoneSpot(ctx context.Context, url string) error {
	return s.db.Tx(ctx, func(ctx context.Context, q *Tx) error {
		_, err := Exec(ctx, q, "UPDATE kb_source_spots SET done = $3 WHERE run_id = $1 AND url = $2", s.run, url, true)
		return err
	})
}

// Counted implements intake.Frontier.
func (s spots) Counted(ctx context.Context) (added, done int, err error) {
	type pair struct{ added, done int }
	p, err := One(ctx, s.db.Read(), func(row Scanner) (p pair, err error) { return p, row.Scan(&p.added, &p.done) },
		"SELECT count(*), COALESCE(SUM(CASE WHEN done THEN 1 ELSE 0 END), 0) FROM kb_source_spots WHERE run_id = $1", s.run)
	return p.added, p.done, err
}
