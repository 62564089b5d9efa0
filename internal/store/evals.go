package store

import (
	"context"
	"fmt"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/playbook"
)

// Evals keeps the runs of suites.
type Evals struct{ DB *DB }

var _ playbook.RunStore = Evals{}

// Evals is the store of runs.
func (db *DB) Evals() Evals { return Evals{db} }

// keptRuns is how many runs of a playbook are kept.
const keptRuns = 200

const runColumns = "id, playbook, revision, times, status, started_at, started_by, finished_at, done, total, passed, failed, error"

func scanRun(row Scanner) (r playbook.Run, err error) {
	return r, row.Scan(&r.ID, &r.Playbook, &r.Revision, &r.Repeat, &r.Status, timeInto(&r.At), &r.By, timeInto(&r.FinishedAt),
		&r.Done, &r.Total, &r.Passed, &r.Failed, &r.Error)
}

// AddRun implements playbook.RunStore. The oldest runs of the playbook go.
func (s Evals) AddRun(ctx context.Context, r playbook.Run, report []byte, job *desk.Job) error {
	return s.DB.Tx(ctx, func(ctx context.Context, q *Tx) error {
		err := Exec1(ctx, q, "INSERT INTO eval_runs ("+runColumns+", report) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
			r.ID, r.Playbook, r.Revision, r.Repeat, r.Status, micros(r.At), r.By, micros(r.FinishedAt), r.Done, r.Total, r.Passed, r.Failed, r.Error, report)
		if err != nil {
			return fmt.Errorf("store the run: %w", err)
		}
		_, err = Exec(ctx, q, `DELETE FROM eval_runs WHERE playbook = $1 AND status <> 'running'
			AND id NOT IN (SELECT id FROM eval_runs WHERE playbook = $1 ORDER BY id DESC LIMIT 0+$2)`, r.Playbook, keptRuns)
		if err != nil {
			return fmt.Errorf("forget old runs: %w", err)
		}
		if job == nil {
			return nil
		}
		return q.Enqueue(ctx, *job)
	})
}

// SaveRun implements playbook.RunStore.
func (s Evals) SaveRun(ctx context.Context, r playbook.Run, report []byte) error {
	return s.DB.Tx(ctx, func(ctx context.Context, q *Tx) error {
		return Exec1(ctx, q, `UPDATE eval_runs SET status = $2, finished_at = $3, done = $4, total = $5, passed = $6, failed = $7, error = $8,
			report = COALESCE($9, report) WHERE id = $1`, r.ID, r.Status, micros(r.FinishedAt), r.Done, r.Total, r.Passed, r.Failed, r.Error, report)
	})
}

// Run implements playbook.RunStore.
func (s Evals) Run(ctx context.Context, id desk.ID) (playbook.Run, error) {
	return One(ctx, s.DB.Read(), scanRun, "SELECT "+runColumns+" FROM eval_runs WHERE id = $1", id)
}

// RunReport implements playbook.RunStore.
func (s Evals) RunReport(ctx context.Context, id desk.ID) ([]byte, error) {
	return One(ctx, s.DB.Read(), Value[[]byte], "SELECT report FROM eval_runs WHERE id = $1", id)
}

// Runs implements playbook.RunStore.
func (s Evals) Runs(ctx context.Context, name string, before desk.ID, limit int) ([]playbook.Run, error) {
	return All(ctx, s.DB.Read(), scanRun, "SELECT "+runColumns+` FROM eval_runs
		WHERE ($1 = '' OR playbook = $1) AND ($2 = '' OR id < $2) ORDER BY id DESC LIMIT 0+$3`, name, before, limit)
}
