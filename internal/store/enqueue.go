package store

import (
	"context"
	"fmt"
	"time"

	"github.com/parleyhq/parley/desk"
)

const defaultAttempts = 10

// Enqueue adds a job that exists if and only if the transaction commits; the
// queue then starts it at once. When a job with the same Unique key waits
// already, that one is kept; a key is free again as soon as its job starts, and
// two jobs with one key never run at the same time.
func (q *Tx) Enqueue(ctx context.Context, job desk.Job) error {
	if job.Kind == "" {
		return desk.Errorf(desk.Internal, "bad_job", "a job needs a kind")
	}
	now := time.Now()
	if job.At.IsZero() {
		job.At = now
	}
	if job.Max <= 0 {
		job.Max = defaultAttempts
	}
	if len(job.Args) == 0 {
		job.Args = []byte("{}")
	}
	n, err := Exec(ctx, q, `
		INSERT INTO jobs (id, kind, args, uniq, state, run_at, max_attempts, created_at)
		VALUES ($1, $2, $3, $4, 'waiting', $5, $6, $7)
		ON CONFLICT (uniq) WHERE uniq IS NOT NULL AND state = 'waiting'
		DO UPDATE SET run_at = excluded.run_at WHERE jobs.run_at > excluded.run_at`,
		string(desk.NewID()), job.Kind, jsonOf(job.Args), nullable(job.Unique), micros(job.At), job.Max, micros(now))
	if err != nil {
		return fmt.Errorf("enqueue %s: %w", job.Kind, err)
	}
	q.jobs = q.jobs || n > 0
	return nil
}
