package store

import (
	"context"
	"fmt"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/jobs"
)

var _ jobs.Store = (*DB)(nil)

// startable is the condition for a job j to start: it is waiting or its lease
// is over, and no other job with its key runs.
const startable = `j.finished_at IS NULL AND NOT EXISTS (
	SELECT 1 FROM jobs r WHERE r.uniq = j.uniq AND r.state = 'running' AND r.id <> j.id)`

// held is the condition for a claim to hold: $1 is the job, $2 who claimed it,
// $3 at which attempt.
const held = "id = $1 AND lease_by = $2 AND attempts = $3 AND state = 'running'"

// ClaimJobs implements jobs.Store.
func (db *DB) ClaimJobs(ctx context.Context, by string, kinds []string, n int, now, until time.Time) (claims []jobs.Claim, err error) {
	scan := func(row Scanner) (jobs.Claim, error) {
		c := jobs.Claim{By: by}
		err := row.Scan(&c.ID, &c.Kind, jsonInto(&c.Args), &c.Attempts, &c.Max)
		return c, err
	}
	err = db.Tx(ctx, func(ctx context.Context, q *Tx) error {
		claims, err = All(ctx, q, scan, `
			WITH due AS MATERIALIZED (
				SELECT j.id FROM jobs j
				WHERE `+startable+` AND j.run_at <= $1 AND j.kind IN `+q.D.InList("$2")+`
				ORDER BY j.run_at LIMIT 0+$3`+q.D.SkipLocked()+`)
			UPDATE jobs SET state = 'running', lease_by = $4, run_at = $5, attempts = attempts + 1
			WHERE id IN (SELECT id FROM due)
			RETURNING id, kind, args, attempts, max_attempts`,
			micros(now), list(kinds), n, by, micros(until))
		return err
	})
	return claims, err
}

// NextJob implements jobs.Store.
func (db *DB) NextJob(ctx context.Context, kinds []string) (time.Time, error) {
	due, err := All(ctx, db.Read(), Value[int64], `
		SELECT j.run_at FROM jobs j WHERE `+startable+` AND j.kind IN `+db.D.InList("$1")+`
		ORDER BY j.run_at LIMIT 1`, list(kinds))
	if err != nil || len(due) == 0 {
		return time.Time{}, err
	}
	return fromMicros(due[0]), nil
}

// FinishJob implements jobs.Store.
func (db *DB) FinishJob(ctx context.Context, c jobs.Claim, end jobs.End) (ok bool, err error) {
	for range 3 {
		err = db.Tx(ctx, func(ctx context.Context, q *Tx) error {
			if end.State == jobs.Waiting {
				ok, err = q.again(ctx, c, end)
			} else {
				ok, err = q.over(ctx, c, end)
			}
			return err
		})
		// A job with the same key may have begun to wait just now.
		if db.D.Classify(err) != ClassConflict {
			break
		}
	}
	if err != nil {
		return false, fmt.Errorf("finish job %s: %w", c.ID, err)
	}
	return ok, nil
}

// over ends a job for good.
func (q *Tx) over(ctx context.Context, c jobs.Claim, end jobs.End) (bool, error) {
	n, err := Exec(ctx, q, `UPDATE jobs SET state = $4, finished_at = $5, last_error = $6 WHERE `+held,
		c.ID, c.By, c.Attempts, string(end.State), micros(end.At), end.Error)
	return n == 1, err
}

// again lets a job wait for its next run. If another with its key waits
// already, that one takes over.
func (q *Tx) again(ctx context.Context, c jobs.Claim, end jobs.End) (bool, error) {
	attempts := c.Attempts
	if end.Free {
		attempts--
	}
	n, err := Exec(ctx, q, `
		UPDATE jobs SET state = 'waiting', lease_by = '', run_at = $4, last_error = $5, attempts = $6
		WHERE `+held+` AND NOT EXISTS (SELECT 1 FROM jobs w WHERE w.uniq = jobs.uniq AND w.state = 'waiting')`,
		c.ID, c.By, c.Attempts, micros(end.At), end.Error, attempts)
	if err != nil || n == 1 {
		return n == 1, err
	}
	ok, err := q.over(ctx, c, jobs.End{State: jobs.Done, At: end.At, Error: "taken over by a later job: " + end.Error})
	if err != nil || !ok {
		return false, err
	}
	_, err = Exec(ctx, q, `
		UPDATE jobs SET run_at = $2 WHERE state = 'waiting' AND run_at > $2
		AND uniq = (SELECT d.uniq FROM jobs d WHERE d.id = $1)`, c.ID, micros(end.At))
	return true, err
}

// ExtendJobs implements jobs.Store.
func (db *DB) ExtendJobs(ctx context.Context, by string, ids []desk.ID, until time.Time) (still []desk.ID, err error) {
	err = db.Tx(ctx, func(ctx context.Context, q *Tx) error {
		still, err = All(ctx, q, Value[desk.ID], `
			UPDATE jobs SET run_at = $1 WHERE lease_by = $2 AND state = 'running' AND id IN `+q.D.InList("$3")+`
			RETURNING id`, micros(until), by, list(ids))
		return err
	})
	return still, err
}

// EnqueuePeriodic implements jobs.Store.
func (db *DB) EnqueuePeriodic(ctx context.Context, job desk.Job, now, next time.Time) (due time.Time, err error) {
	err = db.Tx(ctx, func(ctx context.Context, q *Tx) error {
		_, err := Exec(ctx, q, "INSERT INTO periodic_jobs (kind, next_at) VALUES ($1, $2) ON CONFLICT (kind) DO NOTHING", job.Kind, micros(now))
		if err != nil {
			return err
		}
		// A next time further off than ours is from before the period was
		// made shorter.
		n, err := Exec(ctx, q, "UPDATE periodic_jobs SET next_at = $3 WHERE kind = $1 AND (next_at <= $2 OR next_at > $3)",
			job.Kind, micros(now), micros(next))
		if err != nil {
			return err
		}
		if n == 1 {
			due = next
			return q.Enqueue(ctx, job)
		}
		us, err := One(ctx, q, Value[int64], "SELECT next_at FROM periodic_jobs WHERE kind = $1", job.Kind)
		due = fromMicros(us)
		return err
	})
	return due, err
}

// DeleteJobs implements jobs.Store.
func (db *DB) DeleteJobs(ctx context.Context, done, failed time.Time, limit int) (int, error) {
	var n int64
	err := db.Tx(ctx, func(ctx context.Context, q *Tx) (err error) {
		n, err = Exec(ctx, q, `
			DELETE FROM jobs WHERE id IN (
				SELECT id FROM jobs WHERE finished_at IS NOT NULL
				AND finished_at < CASE state WHEN 'failed' THEN CAST($2 AS BIGINT) ELSE CAST($1 AS BIGINT) END LIMIT 0+$3)`,
			micros(done), micros(failed), limit)
		return err
	})
	return int(n), err
}

// JobDepth counts the work that is there, for health checks and metrics.
func (db *DB) JobDepth(ctx context.Context, now time.Time) (jobs.Depth, error) {
	scan := func(row Scanner) (jobs.Depth, error) {
		var d jobs.Depth
		var oldest int64
		err := row.Scan(&d.Due, &d.Later, &d.Running, &oldest)
		if oldest > 0 {
			d.Oldest = now.Sub(fromMicros(oldest))
		}
		return d, err
	}
	d, err := One(ctx, db.Read(), scan, `
		SELECT count(*) FILTER (WHERE state = 'waiting' AND run_at <= $1),
		       count(*) FILTER (WHERE state = 'waiting' AND run_at > $1),
		       count(*) FILTER (WHERE state = 'running'),
		       coalesce(min(run_at) FILTER (WHERE state = 'waiting' AND run_at <= $1), 0)
		FROM jobs WHERE finished_at IS NULL`, micros(now))
	if err != nil {
		return d, fmt.Errorf("count jobs: %w", err)
	}
	d.Failed, err = One(ctx, db.Read(), Value[int], "SELECT count(*) FROM jobs WHERE state = 'failed'")
	return d, err
}

// FailedJobs lists jobs that failed for good, newest first, after the given
// one, at most limit.
func (db *DB) FailedJobs(ctx context.Context, after desk.ID, limit int) ([]jobs.Failure, error) {
	scan := func(row Scanner) (jobs.Failure, error) {
		var f jobs.Failure
		err := row.Scan(&f.ID, &f.Kind, jsonInto(&f.Args), &f.Error, &f.Attempts, timeInto(&f.At))
		return f, err
	}
	return All(ctx, db.Read(), scan, `
		SELECT id, kind, args, last_error, attempts, finished_at FROM jobs
		WHERE state = 'failed' AND ($1 = '' OR id < $1) ORDER BY id DESC LIMIT 0+$2`, after, limit)
}

// RetryJob gives a job that failed for good all its attempts again.
func (db *DB) RetryJob(ctx context.Context, id desk.ID) error {
	err := db.Tx(ctx, func(ctx context.Context, q *Tx) error {
		q.jobs = true
		return Exec1(ctx, q, `
			UPDATE jobs SET state = 'waiting', attempts = 0, run_at = $2, finished_at = NULL, lease_by = ''
			WHERE id = $1 AND state = 'failed'`, id, micros(time.Now()))
	})
	if db.D.Classify(err) == ClassConflict {
		return desk.Errorf(desk.Conflict, "job_waits", "a job that does the same waits already")
	}
	return err
}
