package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parleyhq/parley/desk"
)

// Options tune a Queue; zero values are good defaults.
type Options struct {
	Workers int           // jobs that run at once; 16
	Lease   time.Duration // after this a job whose node is gone runs elsewhere; 30 s
	Poll    time.Duration // how long a job of another node goes unnoticed at most; 1 s
	Drain   time.Duration // how long Run waits for running jobs at the end; 20 s
	Keep    time.Duration // done jobs are deleted after this, failed ones after four times this; 7 days
	Now     func() time.Time

	// Ended is told how each run ended and how long it took; nil: nobody is.
	Ended func(kind string, state State, took time.Duration)
}

func (o Options) withDefaults() Options {
	if o.Workers <= 0 {
		o.Workers = 16
	}
	for _, d := range []struct {
		v   *time.Duration
		def time.Duration
	}{{&o.Lease, 30 * time.Second}, {&o.Poll, time.Second}, {&o.Drain, 20 * time.Second}, {&o.Keep, 7 * 24 * time.Hour}} {
		if *d.v <= 0 {
			*d.v = d.def
		}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// Handler does the work of one job. An error runs it again later, at growing
// distances, until its attempts are used up; Final(err) ends it at once. The
// context ends with the handler's limit or when the job is no longer ours.
type Handler func(ctx context.Context, args json.RawMessage) error

// Queue runs jobs. Name the handlers first, then call Run once.
type Queue struct {
	store Store
	log   *slog.Logger
	opts  Options
	name  string // who we are in leases; new for each Queue

	handlers map[string]handler // fixed when Run begins
	periods  map[string]*period // fixed when Run begins
	kick     chan struct{}      // somebody enqueued
	free     chan struct{}      // holds a token for each idle worker
	mu       sync.Mutex         // guards running
	running  map[desk.ID]*run
	stats    counters
}

type handler struct {
	limit time.Duration
	f     Handler
}

type period struct {
	every time.Duration
	due   func(ctx context.Context) (bool, error) // whether there is anything to do; nil: there always is
	next  time.Time                               // when to look again; used by the fetching goroutine only
}

// New makes a Queue on the store.
func New(store Store, log *slog.Logger, opts Options) *Queue {
	opts = opts.withDefaults()
	q := &Queue{
		store: store, log: log, opts: opts, name: string(desk.NewID()),
		handlers: map[string]handler{}, periods: map[string]*period{}, running: map[desk.ID]*run{},
		kick: make(chan struct{}, 1), free: make(chan struct{}, opts.Workers),
	}
	for range opts.Workers {
		q.free <- struct{}{}
	}
	q.Every("jobs.clean", time.Hour, q.clean)
	return q
}

// Handle names who does jobs of the kind, and how long one may take. Jobs of
// kinds that nobody handles stay, for other nodes.
func (q *Queue) Handle(kind string, limit time.Duration, f func(ctx context.Context, args json.RawMessage) error) {
	if _, twice := q.handlers[kind]; twice || limit <= 0 {
		panic("jobs: bad handler for " + kind) // a programmer's mistake, seen at the first start
	}
	q.handlers[kind] = handler{limit, f}
}

// Every runs f once per period on one of the nodes, whichever is first. What
// was missed while no node ran is made up for by one run.
func (q *Queue) Every(kind string, every time.Duration, f func(ctx context.Context) error) {
	q.Handle(kind, max(every, time.Minute), func(ctx context.Context, _ json.RawMessage) error { return f(ctx) })
	q.periods[kind] = &period{every: every}
}

// When is Every for work that usually has nothing to do: each node asks due
// once per period, and while that says no, nothing is written. due only reads,
// and is quick: jobs wait for it. If it fails f runs, too.
func (q *Queue) When(kind string, every time.Duration, due func(ctx context.Context) (bool, error), f func(ctx context.Context) error) {
	q.Every(kind, every, f)
	q.periods[kind].due = due
}

// Kick makes the queue look for due jobs now. It returns at once.
func (q *Queue) Kick() {
	select {
	case q.kick <- struct{}{}:
	default: // it is going to look anyway
	}
}

// Run works until ctx ends and then lets running jobs finish, for as long as
// Options.Drain; those that do not are given back.
func (q *Queue) Run(ctx context.Context) error {
	work, stop := context.WithCancelCause(context.WithoutCancel(ctx))
	defer stop(nil)
	var wg sync.WaitGroup
	beat, quiet := context.WithCancel(work)
	wg.Go(func() { q.heartbeat(beat) })

	q.fetch(ctx, work)

	drained := make(chan struct{})
	go func() {
		for range q.opts.Workers { // every token back: every worker idle
			<-q.free
		}
		close(drained)
	}()
	select {
	case <-drained:
	case <-time.After(q.opts.Drain):
		stop(errStopping)
		select {
		case <-drained:
		case <-time.After(q.opts.Drain/4 + time.Second):
			q.log.Error("jobs did not stop; they run elsewhere when their lease ends", "count", q.Stats().Running)
		}
	}
	quiet()
	wg.Wait()
	return nil
}

// fetch claims jobs and starts them until ctx ends.
func (q *Queue) fetch(ctx, work context.Context) {
	kinds := make([]string, 0, len(q.handlers))
	for kind := range q.handlers {
		kinds = append(kinds, kind)
	}
	slices.Sort(kinds)
	failures := 0
	for {
		idle := q.takeIdle(ctx)
		if idle == 0 {
			return
		}
		wait, err := q.fill(ctx, work, kinds, idle)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			failures++
			wait = backoff(failures, 100*time.Millisecond, 5*time.Second)
			q.log.Error("look for jobs", "error", err, "again_in", wait)
		default:
			failures = 0
		}
		if wait <= 0 {
			continue
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-q.kick:
		case <-timer.C:
		}
		timer.Stop()
		if ctx.Err() != nil {
			return
		}
	}
}

// takeIdle waits for an idle worker and takes the tokens of all that are. It
// returns 0 when ctx ends.
func (q *Queue) takeIdle(ctx context.Context) (n int) {
	select {
	case <-ctx.Done():
		return 0
	case <-q.free:
		n = 1
	}
	for {
		select {
		case <-q.free:
			n++
		default:
			return n
		}
	}
}

// fill gives work to idle workers, returns the tokens that are left, and says
// how long to wait before looking again.
func (q *Queue) fill(ctx, work context.Context, kinds []string, idle int) (wait time.Duration, err error) {
	defer func() {
		for range idle {
			q.free <- struct{}{}
		}
	}()
	if err := q.enqueuePeriodic(ctx); err != nil {
		return 0, err
	}
	now := q.opts.Now()
	until := now.Add(q.opts.Lease)
	claims, err := q.store.ClaimJobs(ctx, q.name, kinds, idle, now, until)
	if err != nil {
		return 0, fmt.Errorf("claim jobs: %w", err)
	}
	for _, c := range claims {
		idle--
		q.start(work, c, until)
	}
	if len(claims) > 0 {
		return 0, nil // there may be more
	}
	next, err := q.store.NextJob(ctx, kinds)
	if err != nil {
		return 0, fmt.Errorf("find the next job: %w", err)
	}
	wait = q.opts.Poll
	if !next.IsZero() {
		wait = min(wait, next.Sub(q.opts.Now()))
	}
	for _, p := range q.periods {
		wait = min(wait, p.next.Sub(q.opts.Now()))
	}
	return max(wait, time.Millisecond), nil
}

func (q *Queue) enqueuePeriodic(ctx context.Context) error {
	for kind, p := range q.periods {
		now := q.opts.Now()
		if now.Before(p.next) {
			continue
		}
		job := desk.Job{Kind: kind, Unique: "every:" + kind, Max: 3}
		next := now.Truncate(p.every).Add(p.every)
		if !q.due(ctx, kind, p) {
			p.next = next
			continue
		}
		next, err := q.store.EnqueuePeriodic(ctx, job, now, next)
		if err != nil {
			return fmt.Errorf("enqueue %s: %w", kind, err)
		}
		p.next = next
	}
	return nil
}

// dueLimit is how long a period may take to say whether it is due.
const dueLimit = 2 * time.Second

// due reports whether periodic work has anything to do, as far as is known.
func (q *Queue) due(ctx context.Context, kind string, p *period) bool {
	if p.due == nil {
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, dueLimit)
	defer cancel()
	ok, err := p.due(ctx)
	if err != nil && ctx.Err() == nil {
		q.log.Warn("cannot tell whether there is periodic work; it runs", "kind", kind, "error", err)
	}
	return ok || err != nil
}

// clean deletes what is finished and old.
func (q *Queue) clean(ctx context.Context) error {
	const batch = 1000
	for range 1000 {
		now := q.opts.Now()
		n, err := q.store.DeleteJobs(ctx, now.Add(-q.opts.Keep), now.Add(-4*q.opts.Keep), batch)
		if err != nil {
			return fmt.Errorf("delete old jobs: %w", err)
		}
		if n < batch {
			return nil
		}
	}
	return nil
}

// backoff is how long to wait after that many failures: twice as long each
// time, a quarter more or less so that what failed together parts.
func backoff(failures int, first, most time.Duration) time.Duration {
	d := most
	if shift := failures - 1; shift < 30 {
		d = min(first<<shift, most)
	}
	return d*3/4 + rand.N(d/2+1)
}

// Stats counts what this Queue has done since it was made.
type Stats struct {
	Started, Done, Retried, Failed int64
	Lost                           int64 // finished after the lease had gone to somebody else
	Running                        int
}

type counters struct{ started, done, retried, failed, lost atomic.Int64 }

// Stats returns the counts so far.
func (q *Queue) Stats() Stats {
	q.mu.Lock()
	defer q.mu.Unlock()
	return Stats{
		Started: q.stats.started.Load(), Done: q.stats.done.Load(), Retried: q.stats.retried.Load(),
		Failed: q.stats.failed.Load(), Lost: q.stats.lost.Load(), Running: len(q.running),
	}
}
