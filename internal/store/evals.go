package store

import (
	"context"
	"fmt"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/playbook"
)

// Evals keeps the runs of suites, scenarios, sets of questions and schedules.
type Evals struct{ DB *DB }

var _ playbook.EvalStore = Evals{}

// Evals is the store of runs and of what they are made of.
func (db *DB) Evals() Evals { return Evals{db} }

// keptRuns is how many runs of a playbook are kept.
const keptRuns = 200

const runColumns = `id, playbook, revision, times, status, started_at, started_by, finished_at, done, total, passed, failed, error,
	flaky, allowed, skipped, tokens, seed, gate, schedule`

func scanRun(row Scanner) (r playbook.Run, err error) {
	var gate int
	err = row.Scan(&r.ID, &r.Playbook, &r.Revision, &r.Repeat, &r.Status, timeInto(&r.At), &r.By, timeInto(&r.FinishedAt),
		&r.Done, &r.Total, &r.Passed, &r.Failed, &r.Error, &r.Flaky, &r.Allowed, &r.Skipped, &r.Tokens, &r.Seed, &gate, &r.Schedule)
	r.GateOK = gate != 0
	return r, err
}

// AddRun implements playbook.RunStore. The oldest runs of the playbook go.
func (s Evals) AddRun(ctx context.Context, r playbook.Run, report []byte, job *desk.Job) error {
	return s.DB.Tx(ctx, func(ctx context.Context, q *Tx) error {
		err := Exec1(ctx, q, "INSERT INTO eval_runs ("+runColumns+`, report)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)`,
			r.ID, r.Playbook, r.Revision, r.Repeat, r.Status, micros(r.At), r.By, micros(r.FinishedAt), r.Done, r.Total, r.Passed, r.Failed, r.Error,
			r.Flaky, r.Allowed, r.Skipped, r.Tokens, r.Seed, oneIf(r.GateOK), r.Schedule, report)
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

func oneIf(b bool) int {
	if b {
		return 1
	}
	return 0
}

// SaveRun implements playbook.RunStore: what has ended stays as it ended,
// whatever a node that was held up still says of it.
func (s Evals) SaveRun(ctx context.Context, r playbook.Run, report []byte) error {
	return s.DB.Tx(ctx, func(ctx context.Context, q *Tx) error {
		n, err := Exec(ctx, q, `UPDATE eval_runs SET status = $2, finished_at = $3, done = $4, total = $5, passed = $6, failed = $7, error = $8,
			flaky = $9, allowed = $10, skipped = $11, tokens = $12, gate = $13, report = COALESCE($14, report) WHERE id = $1 AND status = 'running'`,
			r.ID, r.Status, micros(r.FinishedAt), r.Done, r.Total, r.Passed, r.Failed, r.Error, r.Flaky, r.Allowed, r.Skipped, r.Tokens, oneIf(r.GateOK), report)
		if err != nil || n == 1 && r.Status == playbook.RunRunning {
			return err
		}
		_, err = Exec(ctx, q, "DELETE FROM eval_run_cases WHERE run = $1", r.ID)
		return err
	})
}

// AddCases implements playbook.RunStore.
func (s Evals) AddCases(ctx context.Context, run desk.ID, cases map[string][]byte) error {
	return s.DB.Tx(ctx, func(ctx context.Context, q *Tx) error {
		for key, result := range cases {
			if err := Exec1(ctx, q, `INSERT INTO eval_run_cases (run, key, result) VALUES ($1, $2, $3)
				ON CONFLICT (run, key) DO UPDATE SET result = excluded.result`, run, key, result); err != nil {
				return err
			}
		}
		return nil
	})
}

// Cases implements playbook.RunStore.
func (s Evals) Cases(ctx context.Context, run desk.ID) (map[string][]byte, error) {
	type row struct {
		key    string
		result []byte
	}
	rows, err := All(ctx, s.DB.Read(), func(sc Scanner) (r row, err error) { return r, sc.Scan(&r.key, &r.result) },
		"SELECT key, result FROM eval_run_cases WHERE run = $1", run)
	out := make(map[string][]byte, len(rows))
	for _, r := range rows {
		out[r.key] = r.result
	}
	return out, err
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

// LatestRun implements playbook.RunStore.
func (s Evals) LatestRun(ctx context.Context, name string, revision int, but desk.ID) (playbook.Run, error) {
	return One(ctx, s.DB.Read(), scanRun, "SELECT "+runColumns+` FROM eval_runs
		WHERE playbook = $1 AND revision = $2 AND status = 'done' AND id <> $3 ORDER BY id DESC LIMIT 1`, name, revision, but)
}
