package store

import (
	"context"
	"fmt"
	"reflect"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/playbook"
)

// Playbooks keeps the published revisions of playbooks.
type Playbooks struct{ DB *DB }

var _ playbook.Store = Playbooks{}

// Playbooks is the store of playbooks.
func (db *DB) Playbooks() Playbooks { return Playbooks{db} }

const revisionColumns = "r.playbook, r.revision, r.title, r.langs, r.made_at, r.made_by, r.note, r.forced, r.passed, r.failed, r.digest"

func scanRevision(row Scanner) (r playbook.Revision, err error) {
	return r, row.Scan(&r.Playbook, &r.Number, jsonInto(&r.Title), jsonInto(&r.Langs), timeInto(&r.At), &r.By, &r.Note,
		&r.Forced, &r.Passed, &r.Failed, &r.Digest)
}

// AddRevision implements playbook.Store.
func (s Playbooks) AddRevision(ctx context.Context, r playbook.Revision, files playbook.Files, model []byte) (playbook.Revision, error) {
	err := s.DB.Tx(ctx, func(ctx context.Context, q *Tx) error {
		if err := q.Lock(ctx, "playbook:"+r.Playbook); err != nil {
			return fmt.Errorf("lock playbook %s: %w", r.Playbook, err)
		}
		same, err := All(ctx, q, scanRevision, "SELECT "+revisionColumns+` FROM playbook_revisions r LEFT JOIN playbooks p ON p.name = r.playbook
			WHERE r.playbook = $1 AND r.digest = $2 AND (p.live IS NULL OR p.live = r.revision)
				AND r.revision = (SELECT MAX(revision) FROM playbook_revisions WHERE playbook = $1) LIMIT 1`, r.Playbook, r.Digest)
		if err != nil {
			return fmt.Errorf("find the same revision: %w", err)
		}
		if len(same) > 0 {
			r = same[0]
			return nil
		}
		last, err := One(ctx, q, Value[int], "SELECT COALESCE(MAX(revision), 0) FROM playbook_revisions WHERE playbook = $1", r.Playbook)
		if err != nil {
			return fmt.Errorf("number the revision: %w", err)
		}
		r.Number = last + 1
		err = Exec1(ctx, q, `INSERT INTO playbook_revisions (playbook, revision, title, langs, made_at, made_by, note, forced, passed, failed, digest, model)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
			r.Playbook, r.Number, jsonOf(r.Title), jsonOf(r.Langs), micros(r.At), r.By, r.Note, r.Forced, r.Passed, r.Failed, r.Digest, blob(model))
		if err != nil {
			return fmt.Errorf("store the revision: %w", err)
		}
		for _, path := range files.Paths() {
			err := Exec1(ctx, q, "INSERT INTO playbook_files (playbook, revision, path, data) VALUES ($1, $2, $3, $4)", r.Playbook, r.Number, path, blob(files[path]))
			if err != nil {
				return fmt.Errorf("store %s: %w", path, err)
			}
		}
		return nil
	})
	return r, err
}

// blob is never NULL.
func blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// SetLive implements playbook.Store. A queue of another playbook is not taken
// over: it is an error of Kind Conflict. What is heard in a queue, and what its
// conversations may come to, stays as it was set unless the playbook says.
func (s Playbooks) SetLive(ctx context.Context, name string, revision int, by string, at time.Time, queues []desk.Queue) error {
	return s.DB.Tx(ctx, func(ctx context.Context, q *Tx) error {
		if err := q.Lock(ctx, "playbook:"+name); err != nil {
			return fmt.Errorf("lock playbook %s: %w", name, err)
		}
		if _, err := One(ctx, q, Value[int], "SELECT revision FROM playbook_revisions WHERE playbook = $1 AND revision = $2", name, revision); err != nil {
			return fmt.Errorf("find revision %d of %s: %w", revision, name, err)
		}
		err := Exec1(ctx, q, `INSERT INTO playbooks (name, live, published_at, published_by) VALUES ($1, $2, $3, $4)
			ON CONFLICT (name) DO UPDATE SET live = excluded.live, published_at = excluded.published_at, published_by = excluded.published_by`,
			name, revision, micros(at), by)
		if err != nil {
			return fmt.Errorf("make revision %d of %s live: %w", revision, name, err)
		}
		for _, queue := range queues {
			n, err := Exec(ctx, q, `INSERT INTO queues (name, title, skills, priority, playbook, on_hold, dispositions) VALUES ($1, $2, $3, $4, $5, $6, $7)
				ON CONFLICT (name) DO UPDATE SET title = excluded.title, skills = excluded.skills, priority = excluded.priority, playbook = excluded.playbook,
					on_hold = CASE WHEN $8 THEN excluded.on_hold ELSE queues.on_hold END,
					dispositions = CASE WHEN $9 THEN excluded.dispositions ELSE queues.dispositions END
				WHERE queues.playbook = excluded.playbook OR queues.playbook = ''`,
				queue.Name, jsonOf(titleOf(queue)), orEmpty(queue.Skills), queue.Priority, name, jsonOf(queue.OnHold), orEmpty(queue.Dispositions),
				!reflect.ValueOf(queue.OnHold).IsZero(), len(queue.Dispositions) > 0)
			if err != nil {
				return fmt.Errorf("store queue %s: %w", queue.Name, err)
			}
			if n == 0 {
				return desk.Errorf(desk.Conflict, "queue_taken", "the queue %q belongs to another playbook: give it another name in queues.yaml", queue.Name)
			}
		}
		return nil
	})
}

func titleOf(q desk.Queue) desk.Text {
	if q.Title.IsZero() {
		return desk.Text{"": string(q.Name)}
	}
	return q.Title
}

// Live implements playbook.Store.
func (s Playbooks) Live(ctx context.Context, name string) (playbook.Revision, error) {
	return One(ctx, s.DB.Read(), scanRevision, "SELECT "+revisionColumns+` FROM playbooks p
		JOIN playbook_revisions r ON r.playbook = p.name AND r.revision = p.live WHERE p.name = $1`, name)
}

// Revision implements playbook.Store.
func (s Playbooks) Revision(ctx context.Context, name string, revision int) (playbook.Revision, error) {
	return One(ctx, s.DB.Read(), scanRevision, "SELECT "+revisionColumns+" FROM playbook_revisions r WHERE r.playbook = $1 AND r.revision = $2", name, revision)
}

// Files implements playbook.Store.
func (s Playbooks) Files(ctx context.Context, name string, revision int) (playbook.Files, error) {
	type file struct {
		path string
		data []byte
	}
	rows, err := All(ctx, s.DB.Read(), func(row Scanner) (f file, err error) { return f, row.Scan(&f.path, &f.data) },
		"SELECT path, data FROM playbook_files WHERE playbook = $1 AND revision = $2 ORDER BY path", name, revision)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, desk.Errorf(desk.NotFound, "no_revision", "playbook %s has no revision %d", name, revision)
	}
	out := make(playbook.Files, len(rows))
	for _, f := range rows {
		out[f.path] = f.data
	}
	return out, nil
}

// SaveModel implements playbook.Store.
func (s Playbooks) SaveModel(ctx context.Context, name string, revision int, model []byte) error {
	return s.DB.Tx(ctx, func(ctx context.Context, q *Tx) error {
		return Exec1(ctx, q, "UPDATE playbook_revisions SET model = $3 WHERE playbook = $1 AND revision = $2", name, revision, blob(model))
	})
}

// Model implements playbook.Store.
func (s Playbooks) Model(ctx context.Context, name string, revision int) ([]byte, error) {
	return One(ctx, s.DB.Read(), Value[[]byte], "SELECT model FROM playbook_revisions WHERE playbook = $1 AND revision = $2", name, revision)
}

// Revisions implements playbook.Store.
func (s Playbooks) Revisions(ctx context.Context, name string, before, limit int) ([]playbook.Revision, error) {
	return All(ctx, s.DB.Read(), scanRevision, "SELECT "+revisionColumns+` FROM playbook_revisions r
		WHERE r.playbook = $1 AND ($2 = 0 OR r.revision < $2) ORDER BY r.revision DESC LIMIT 0+$3`, name, before, limit)
}

// maxPlaybooks is how many a list shows.
const maxPlaybooks = 1000

// Playbooks implements playbook.Store.
func (s Playbooks) Playbooks(ctx context.Context) ([]playbook.Entry, error) {
	return All(ctx, s.DB.Read(), func(row Scanner) (e playbook.Entry, err error) {
		return e, row.Scan(&e.Name, jsonInto(&e.Title), &e.Live, timeInto(&e.PublishedAt), jsonInto(&e.Langs))
	}, `SELECT p.name, r.title, p.live, p.published_at, r.langs FROM playbooks p
		JOIN playbook_revisions r ON r.playbook = p.name AND r.revision = p.live ORDER BY p.name LIMIT 0+$1`, maxPlaybooks)
}
