package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/parleyhq/parley/desk"
)

var (
	errStopping  = errors.New("the node is stopping")
	errLeaseLost = errors.New("the lease of the job was lost")
)

const (
	firstRetry  = time.Second
	lastRetry   = 15 * time.Minute
	finishLimit = time.Minute // for writing down how a run ended
	maxError    = 2000        // bytes of an error that are kept
)

// run is a job that runs here.
type run struct {
	cancel context.CancelCauseFunc
	until  time.Time // when the lease ends; guarded by Queue.mu
	limit  time.Time // after this the lease is not extended any more
}

// start runs the claimed job in a goroutine of its own, which puts the
// worker's token back at the end.
func (q *Queue) start(work context.Context, c Claim, until time.Time) {
	h := q.handlers[c.Kind]
	ctx := desk.WithTrace(context.WithValue(work, claimKey{}, c), desk.Trace{Job: c.ID, Conversation: about(c)})
	ctx, cancel := context.WithCancelCause(ctx)
	r := &run{cancel: cancel, until: until, limit: q.opts.Now().Add(h.limit + q.opts.Lease)}
	q.mu.Lock()
	q.running[c.ID] = r
	q.mu.Unlock()
	q.stats.started.Add(1)
	go func() {
		defer func() { q.free <- struct{}{} }()
		began := time.Now()
		err := q.call(ctx, h, c)
		end := q.end(ctx, c, err)
		if q.opts.Ended != nil {
			q.opts.Ended(c.Kind, end.State, time.Since(began))
		}
		cancel(nil)
		q.finish(context.WithoutCancel(ctx), c, end)
		q.mu.Lock()
		if q.running[c.ID] == r {
			delete(q.running, c.ID)
		}
		q.mu.Unlock()
	}()
}

// about is the conversation that the job's arguments name, if they do.
func about(c Claim) desk.ID {
	var args struct {
		Conversation desk.ID `json:"conversation_id"`
	}
	_ = json.Unmarshal(c.Args, &args) // others may be of any shape
	return args.Conversation
}

// call runs the handler within its limit and turns a panic into an error.
func (q *Queue) call(ctx context.Context, h handler, c Claim) (err error) {
	if c.Attempts > c.Max {
		return Final(fmt.Errorf("given up: its node stopped in the middle of it %d times", c.Max))
	}
	ctx, cancel := context.WithTimeoutCause(ctx, h.limit, fmt.Errorf("the job took longer than %s", h.limit))
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			q.log.ErrorContext(ctx, "job panicked", "kind", c.Kind, "job", c.ID, "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	if err = h.f(ctx, c.Args); err != nil && ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		err = fmt.Errorf("%w: %w", context.Cause(ctx), err)
	}
	return err
}

// end decides what becomes of a job whose handler returned err.
func (q *Queue) end(ctx context.Context, c Claim, err error) End {
	now := q.opts.Now()
	switch {
	case err == nil:
		return End{State: Done, At: now}
	case errors.Is(context.Cause(ctx), errStopping) && errors.Is(err, context.Canceled):
		return End{State: Waiting, At: now, Error: err.Error(), Free: true}
	case final(err) || c.Attempts >= c.Max:
		return End{State: Failed, At: now, Error: short(err)}
	}
	return End{State: Waiting, At: now.Add(backoff(c.Attempts, firstRetry, lastRetry)), Error: short(err)}
}

func short(err error) string {
	s := err.Error()
	return s[:min(len(s), maxError)]
}

// finish writes down the end of a run; trying again is left to the lease.
func (q *Queue) finish(ctx context.Context, c Claim, end End) {
	ctx, cancel := context.WithTimeout(ctx, finishLimit)
	defer cancel()
	log := q.log.With("kind", c.Kind, "job", c.ID, "attempt", c.Attempts)
	held, err := q.store.FinishJob(ctx, c, end)
	switch {
	case err != nil:
		log.ErrorContext(ctx, "job ended, but this could not be stored; it runs again", "error", err)
	case !held:
		q.stats.lost.Add(1)
		log.WarnContext(ctx, "job ended after its lease; it runs elsewhere too")
	case end.State == Done:
		q.stats.done.Add(1)
	case end.State == Failed:
		q.stats.failed.Add(1)
		log.ErrorContext(ctx, "job failed for good", "error", end.Error)
	default:
		q.stats.retried.Add(1)
		log.WarnContext(ctx, "job failed, runs again", "error", end.Error, "at", end.At)
	}
	q.Kick() // one that waited for this one's key may start
}

// heartbeat extends the leases of running jobs until ctx ends, and stops the
// jobs whose lease is gone.
func (q *Queue) heartbeat(ctx context.Context) {
	tick := time.NewTicker(q.opts.Lease / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		q.extend(ctx)
	}
}

func (q *Queue) extend(ctx context.Context) {
	now := q.opts.Now()
	until := now.Add(q.opts.Lease)
	var ids []desk.ID
	q.mu.Lock()
	for id, r := range q.running {
		if now.Before(r.limit) {
			ids = append(ids, id)
		}
	}
	q.mu.Unlock()
	if len(ids) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, q.opts.Lease/3)
	defer cancel()
	held, err := q.store.ExtendJobs(ctx, q.name, ids, until)
	if err != nil && ctx.Err() == nil {
		q.log.Error("extend the leases of jobs", "error", err)
	}
	ours := map[desk.ID]bool{}
	for _, id := range held {
		ours[id] = true
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, id := range ids {
		r := q.running[id]
		switch {
		case r == nil: // ended meanwhile
		case ours[id]:
			r.until = until
		case err == nil || !q.opts.Now().Before(r.until):
			r.cancel(errLeaseLost)
		}
	}
}
