// Package jobs runs durable work: what a transaction enqueued is done at least
// once, by one of the nodes that share the database, however often they stop.
// Handlers are idempotent.
package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/parleyhq/parley/desk"
)

// Store keeps the jobs. Enqueueing is the business of transactions, not of
// this package.
type Store interface {
	// ClaimJobs takes up to n jobs of the kinds that are due, whose lease
	// then runs until the given time. A job that is not finished by then is
	// due again, for anybody. A job waits while another with its Unique key
	// runs.
	ClaimJobs(ctx context.Context, by string, kinds []string, n int, now, until time.Time) ([]Claim, error)
	// NextJob is when the next job of the kinds that could run is due; the
	// zero time when there is none.
	NextJob(ctx context.Context, kinds []string) (time.Time, error)
	// FinishJob records how a run ended and reports whether the claim still
	// held. If it did not, nothing is changed: somebody else has the job.
	FinishJob(ctx context.Context, c Claim, end End) (held bool, err error)
	// ExtendJobs moves the end of the leases and returns the ids of those
	// claims that still held.
	ExtendJobs(ctx context.Context, by string, ids []desk.ID, until time.Time) ([]desk.ID, error)
	// EnqueuePeriodic enqueues the job if its kind is due, moves the kind's
	// next time to that given, and returns when it is due next. Of all nodes
	// that ask, one enqueues.
	EnqueuePeriodic(ctx context.Context, job desk.Job, now, next time.Time) (time.Time, error)
	// DeleteJobs deletes up to limit jobs that were done before the time, and
	// those that failed before the other.
	DeleteJobs(ctx context.Context, done, failed time.Time, limit int) (int, error)
}

// Claim is a job that we may run until its lease ends.
type Claim struct {
	ID       desk.ID
	Kind     string
	Args     json.RawMessage
	By       string // who claimed it
	Attempts int    // runs so far, this one included
	Max      int
}

// End is how a run ended: done, to run again, or failed for good.
type End struct {
	State State
	At    time.Time // of the end; when State is Waiting: not before when it runs again
	Error string
	Free  bool // the run does not count as an attempt
}

// State is what a job is.
type State string

// The states of a job.
const (
	Waiting State = "waiting"
	Running State = "running"
	Done    State = "done"
	Failed  State = "failed" // kept, for a person to see
)

// Failure is a job that failed for good.
type Failure struct {
	ID       desk.ID         `json:"id"`
	Kind     string          `json:"kind"`
	Args     json.RawMessage `json:"args"`
	Error    string          `json:"error"`
	Attempts int             `json:"attempts"`
	At       time.Time       `json:"at"`
}

// Depth is how much work is there.
type Depth struct {
	Due     int           `json:"due"`     // waiting, and its time has come
	Later   int           `json:"later"`   // waiting for its time
	Running int           `json:"running"` // on any node
	Failed  int           `json:"failed"`  // for good
	Oldest  time.Duration `json:"oldest"`  // how long the first of Due has been due
}

// Final marks err so that the job is not tried again.
func Final(err error) error { return finalError{err} }

type finalError struct{ error }

func (e finalError) Unwrap() error { return e.error }

// final reports whether trying again cannot help.
func final(err error) bool {
	var f finalError
	return errors.As(err, &f)
}

type claimKey struct{}

// LastAttempt reports whether the job that runs in ctx fails for good when its
// handler returns an error.
func LastAttempt(ctx context.Context) bool {
	c, ok := ctx.Value(claimKey{}).(Claim)
	return ok && c.Attempts >= c.Max
}
