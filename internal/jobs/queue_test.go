package jobs_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/jobs"
	"github.com/parleyhq/parley/internal/store"
	"github.com/parleyhq/parley/internal/store/storetest"
)

const patience = 10 * time.Second

// node is a queue on the database, as one process has it.
type node struct {
	*jobs.Queue
	db   *store.DB
	stop func() // lets it drain and waits
}

// prepare makes a queue that is not running yet.
func prepare(db *store.DB, opts jobs.Options) *node {
	return &node{Queue: jobs.New(db, slog.New(slog.DiscardHandler), opts), db: db}
}

func (n *node) run(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	unhook := n.db.OnEnqueue(n.Kick)
	done := make(chan error, 1)
	go func() { done <- n.Run(ctx) }()
	n.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		unhook()
	})
	t.Cleanup(n.stop)
}

func enqueue(t testing.TB, db *store.DB, all ...desk.Job) {
	t.Helper()
	err := db.Tx(context.Background(), func(ctx context.Context, q *store.Tx) error {
		for _, j := range all {
			if err := q.Enqueue(ctx, j); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// recv gets the next value or fails.
func recv[T any](t *testing.T, c <-chan T, what string) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(patience):
		t.Fatalf("%s: did not happen", what)
	}
	return v
}

// eventually polls what nothing announces.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(patience); time.Now().Before(end); <-tick.C {
		if ok() {
			return
		}
	}
	t.Fatalf("%s: did not happen", what)
}

func depth(t *testing.T, db *store.DB) jobs.Depth {
	t.Helper()
	d, err := db.JobDepth(context.Background(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestQueue_RunsWhatWasCommittedAndOnlyThat(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		n := prepare(db, jobs.Options{})
		ran := make(chan string, 10)
		n.Handle("greet", time.Second, func(_ context.Context, args json.RawMessage) error {
			var a struct{ Name string }
			err := json.Unmarshal(args, &a)
			ran <- a.Name
			return err
		})
		n.run(t)
		err := db.Tx(t.Context(), func(ctx context.Context, q *store.Tx) error {
			if err := q.Enqueue(ctx, desk.NewJob("greet", "", map[string]string{"name": "nobody"})); err != nil {
				return err
			}
			return errors.New("changed my mind")
		})
		if err == nil {
			t.Fatal("the transaction was committed")
		}
		enqueue(t, db, desk.NewJob("greet", "", map[string]string{"name": "Ann"}))
		if got := recv(t, ran, "the job"); got != "Ann" {
			t.Errorf("got %q, want Ann", got)
		}
		n.stop()
		if s := n.Stats(); s.Done < 1 || s.Failed != 0 || len(ran) != 0 {
			t.Errorf("got %+v", s)
		}
	})
}

func TestQueue_TwoNodesShareTheWorkAndRunNothingTwice(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		const count = 400
		var mu sync.Mutex
		runs := map[int]int{}
		var a, b *node
		var both sync.WaitGroup // until each node has begun a job
		both.Add(2)
		for _, n := range []**node{&a, &b} {
			*n = prepare(storetest.Open(t, url), jobs.Options{Workers: 4, Poll: 10 * time.Millisecond})
			begun := sync.OnceFunc(both.Done)
			(*n).Handle("work", time.Minute, func(_ context.Context, args json.RawMessage) error {
				begun()
				both.Wait()
				var i int
				err := json.Unmarshal(args, &i)
				mu.Lock()
				defer mu.Unlock()
				runs[i]++
				return err
			})
		}
		var all []desk.Job
		for i := range count {
			all = append(all, desk.NewJob("work", "", i))
		}
		enqueue(t, a.db, all...)
		a.run(t)
		b.run(t)
		eventually(t, "all jobs are done", func() bool { return depth(t, a.db).Due+depth(t, a.db).Running == 0 })
		a.stop()
		b.stop()
		for i := range count {
			if runs[i] != 1 {
				t.Errorf("job %d ran %d times", i, runs[i])
			}
		}
	})
}

func TestQueue_UniqueJobsWaitOnceAndNeverOverlap(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		var running, overlaps, runs atomic.Int32
		started, release := make(chan bool, 10), make(chan bool)
		var nodes []*node
		for range 2 {
			n := prepare(storetest.Open(t, url), jobs.Options{Poll: 5 * time.Millisecond})
			n.Handle("answer", time.Minute, func(context.Context, json.RawMessage) error {
				if running.Add(1) > 1 {
					overlaps.Add(1)
				}
				defer running.Add(-1)
				runs.Add(1)
				started <- true
				<-release
				return nil
			})
			n.run(t)
			nodes = append(nodes, n)
		}
		job := desk.NewJob("answer", "answer:c1", nil)
		enqueue(t, nodes[0].db, job)
		recv(t, started, "the first run")
		var wg sync.WaitGroup
		for i := range 20 { // while it runs, one more waits
			wg.Go(func() { enqueue(t, nodes[i%2].db, job) })
		}
		wg.Wait()
		// The cleaning that every queue begins with may be running, too.
		eventually(t, "one waits and one runs", func() bool { d := depth(t, nodes[0].db); return d.Due == 1 && d.Running == 1 })
		release <- true
		recv(t, started, "the second run")
		release <- true
		eventually(t, "all done", func() bool { d := depth(t, nodes[0].db); return d.Due+d.Running == 0 })
		if runs.Load() != 2 || overlaps.Load() != 0 {
			t.Errorf("got %d runs, %d overlaps; want 2 and 0", runs.Load(), overlaps.Load())
		}
	})
}

func TestQueue_StartsScheduledJobsOnTime(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		n := prepare(db, jobs.Options{})
		ran := make(chan time.Time, 1)
		n.Handle("later", time.Second, func(context.Context, json.RawMessage) error { ran <- time.Now(); return nil })
		n.run(t)
		at := time.Now().Add(150 * time.Millisecond)
		enqueue(t, db, desk.Job{Kind: "later", At: at})
		got := recv(t, ran, "the job")
		if late := got.Sub(at); late < -time.Microsecond || late > 2*time.Second {
			t.Errorf("ran %s after its time", late)
		}
	})
}

func TestQueue_EnqueueingAgainBringsAWaitingJobForward(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		n := prepare(db, jobs.Options{})
		ran := make(chan bool, 2)
		n.Handle("k", time.Second, func(context.Context, json.RawMessage) error { ran <- true; return nil })
		n.run(t)
		enqueue(t, db, desk.Job{Kind: "k", Unique: "u", At: time.Now().Add(time.Hour)})
		enqueue(t, db, desk.Job{Kind: "k", Unique: "u"})
		recv(t, ran, "the job")
		if d := depth(t, db); d.Later != 0 {
			t.Errorf("it still waits: %+v", d)
		}
	})
}

func TestQueue_HowRunsEnd(t *testing.T) {
	for name, c := range map[string]struct {
		max   int
		do    func(ctx context.Context) error
		state jobs.State
		text  string
	}{
		"error":        {2, func(context.Context) error { return errors.New("oops") }, jobs.Waiting, "oops"},
		"panic":        {2, func(context.Context) error { panic("oops") }, jobs.Waiting, "panic: oops"},
		"too long":     {2, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, jobs.Waiting, "took longer than"},
		"last attempt": {1, func(context.Context) error { return errors.New("oops") }, jobs.Failed, "oops"},
		"final":        {9, func(context.Context) error { return fmt.Errorf("give up: %w", jobs.Final(errors.New("oops"))) }, jobs.Failed, "oops"},
		"knows it is the last": {1, func(ctx context.Context) error {
			if !jobs.LastAttempt(ctx) {
				return nil
			}
			return errors.New("the last")
		}, jobs.Failed, "the last"},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, db *store.DB) {
				n := prepare(db, jobs.Options{})
				n.Handle("k", 50*time.Millisecond, func(ctx context.Context, _ json.RawMessage) error { return c.do(ctx) })
				n.run(t)
				enqueue(t, db, desk.Job{Kind: "k", Max: c.max})
				eventually(t, "the first run", func() bool { s := n.Stats(); return s.Retried+s.Failed == 1 })
				n.stop()
				state, text := lastRun(t, db)
				if state != c.state || !strings.Contains(text, c.text) {
					t.Errorf("got %s %q, want %s %q", state, text, c.state, c.text)
				}
			})
		})
	}
}

func lastRun(t *testing.T, db *store.DB) (state jobs.State, text string) {
	t.Helper()
	_, err := store.One(t.Context(), db.Read(), func(row store.Scanner) (bool, error) { return true, row.Scan(&state, &text) },
		"SELECT state, last_error FROM jobs WHERE kind = 'k'")
	if err != nil {
		t.Fatal(err)
	}
	return state, text
}

func TestQueue_FailedJobsAreListedAndCanBeRetried(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		n := prepare(db, jobs.Options{})
		var broken atomic.Bool
		broken.Store(true)
		n.Handle("k", time.Second, func(context.Context, json.RawMessage) error {
			if broken.Load() {
				return jobs.Final(errors.New("no such address"))
			}
			return nil
		})
		n.run(t)
		enqueue(t, db, desk.NewJob("k", "u", map[string]int{"x": 1}))
		eventually(t, "it fails", func() bool { return n.Stats().Failed == 1 })
		list, err := db.FailedJobs(t.Context(), "", 10)
		if err != nil || len(list) != 1 || list[0].Error != "no such address" || list[0].Kind != "k" {
			t.Fatalf("got %+v, %v", list, err)
		}
		broken.Store(false)
		if err := db.RetryJob(t.Context(), list[0].ID); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the retry", func() bool { return depth(t, db).Failed == 0 && depth(t, db).Running == 0 })
		if err := db.RetryJob(t.Context(), list[0].ID); !desk.IsKind(err, desk.NotFound) {
			t.Errorf("retry of a job that is done: got %v, want not found", err)
		}
	})
}

// A node that vanished in the middle of a job is one whose claim nobody
// extends.
func TestQueue_TakesOverFromANodeThatVanished(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		enqueue(t, db, desk.Job{Kind: "k", Unique: "u", Max: 3})
		now := time.Now().Add(time.Millisecond)
		gone, err := db.ClaimJobs(t.Context(), "gone", []string{"k"}, 1, now, now.Add(100*time.Millisecond))
		if err != nil || len(gone) != 1 {
			t.Fatalf("claim: %v, %v", gone, err)
		}
		n := prepare(db, jobs.Options{})
		started, release := make(chan bool, 1), make(chan bool)
		n.Handle("k", time.Minute, func(context.Context, json.RawMessage) error { started <- true; <-release; return nil })
		n.run(t)
		recv(t, started, "the take-over")
		if time.Now().Before(now.Add(100 * time.Millisecond)) {
			t.Error("taken over before the lease ended")
		}
		held, err := db.FinishJob(t.Context(), gone[0], jobs.End{State: jobs.Done, At: time.Now()})
		if err != nil || held {
			t.Errorf("the one that vanished finished the job: %v, %v", held, err)
		}
		if still, err := db.ExtendJobs(t.Context(), "gone", []desk.ID{gone[0].ID}, now.Add(time.Hour)); err != nil || len(still) != 0 {
			t.Errorf("the one that vanished extended its lease: %v, %v", still, err)
		}
		close(release)
		eventually(t, "the end", func() bool { return n.Stats().Done >= 1 && depth(t, db).Running == 0 })
	})
}

func TestQueue_GivesUpAJobThatKeepsKillingItsNode(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		enqueue(t, db, desk.Job{Kind: "k", Max: 2})
		for i := range 2 {
			now := time.Now().Add(time.Duration(i+1) * time.Millisecond)
			if c, err := db.ClaimJobs(t.Context(), "gone", []string{"k"}, 1, now, now); err != nil || len(c) != 1 {
				t.Fatalf("claim: %v, %v", c, err)
			}
		}
		n := prepare(db, jobs.Options{})
		n.Handle("k", time.Minute, func(context.Context, json.RawMessage) error { t.Error("it ran again"); return nil })
		n.run(t)
		eventually(t, "it is given up", func() bool { return n.Stats().Failed == 1 })
	})
}

func TestQueue_HeartbeatKeepsLongJobsAndALostLeaseStopsThem(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		n := prepare(db, jobs.Options{Lease: 150 * time.Millisecond})
		why := make(chan error, 1)
		n.Handle("k", time.Minute, func(ctx context.Context, _ json.RawMessage) error {
			<-ctx.Done()
			why <- context.Cause(ctx)
			return ctx.Err()
		})
		n.run(t)
		enqueue(t, db, desk.Job{Kind: "k"})
		eventually(t, "it starts", func() bool { return depth(t, db).Running == 1 })
		select {
		case err := <-why:
			t.Fatalf("stopped within its limit: %v", err)
		case <-time.After(500 * time.Millisecond): // more than three leases
		}
		if s := n.Stats(); s.Started != 2 { // with jobs.clean
			t.Errorf("got %+v, want one run of the job", s)
		}
		err := db.Tx(t.Context(), func(ctx context.Context, q *store.Tx) error {
			return store.Exec1(ctx, q, "UPDATE jobs SET lease_by = 'somebody else', run_at = $1 WHERE kind = 'k'", time.Now().Add(time.Hour).UnixMicro())
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := recv(t, why, "the stop"); err == nil || !strings.Contains(err.Error(), "lease") {
			t.Errorf("stopped because of %v", err)
		}
		eventually(t, "it ends", func() bool { return n.Stats().Lost == 1 })
	})
}

func TestQueue_PeriodicJobsRunOncePerPeriodOnAllNodesTogether(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		const period = 100 * time.Millisecond
		ran := make(chan bool, 100)
		var nodes []*node
		begin := time.Now()
		for range 2 {
			n := prepare(storetest.Open(t, url), jobs.Options{Poll: 5 * time.Millisecond})
			n.Every("tick", period, func(context.Context) error {
				ran <- true
				return nil
			})
			n.run(t)
			nodes = append(nodes, n)
		}
		for range 5 {
			recv(t, ran, "a tick")
		}
		for _, n := range nodes {
			n.stop()
		}
		// The first comes at once, the others at the start of each period.
		if took := time.Since(begin); took < 3*period {
			t.Errorf("5 runs took only %s", took)
		}
	})
}

func TestQueue_PeriodicWorkThatIsNotDueWritesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		n := prepare(db, jobs.Options{Poll: 5 * time.Millisecond})
		type answer struct {
			due bool
			err error
		}
		asked, answers, ran := make(chan bool), make(chan answer), make(chan bool, 10)
		n.When("tick", 10*time.Millisecond, func(ctx context.Context) (bool, error) {
			select {
			case asked <- true:
			case <-ctx.Done():
				return false, nil
			}
			a := <-answers
			return a.due, a.err
		}, func(context.Context) error { ran <- true; return nil })
		n.run(t)
		say := func(due bool, err error) {
			recv(t, asked, "a question whether it is due")
			answers <- answer{due, err}
		}
		rows := func() int {
			n, err := store.One(t.Context(), db.Read(), store.Value[int],
				"SELECT (SELECT count(*) FROM jobs WHERE kind = 'tick') + (SELECT count(*) FROM periodic_jobs WHERE kind = 'tick')")
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		for range 5 {
			say(false, nil)
		}
		if n := rows(); n != 0 || len(ran) != 0 {
			t.Errorf("nothing was due: %d rows were written, it ran %d times", n, len(ran))
		}
		say(true, nil)
		recv(t, ran, "a run of what is due")
		say(false, errors.New("cannot tell"))
		recv(t, ran, "a run of what cannot tell")
	})
}

func TestQueue_DrainsAndGivesBackWhatDoesNotEnd(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		n := prepare(db, jobs.Options{Drain: 50 * time.Millisecond})
		started := make(chan bool, 1)
		n.Handle("k", time.Minute, func(ctx context.Context, _ json.RawMessage) error {
			started <- true
			<-ctx.Done()
			return ctx.Err()
		})
		n.run(t)
		enqueue(t, db, desk.Job{Kind: "k"})
		recv(t, started, "the job")
		n.stop()
		now := time.Now().Add(time.Millisecond)
		again, err := db.ClaimJobs(t.Context(), "other", []string{"k"}, 1, now, now.Add(time.Hour))
		if err != nil || len(again) != 1 || again[0].Attempts != 1 {
			t.Errorf("got %+v, %v; want the job at its first attempt", again, err)
		}
	})
}

func TestQueue_ARetryMakesWayForALaterJobWithItsKey(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		job := desk.Job{Kind: "k", Unique: "u"}
		enqueue(t, db, job)
		now := time.Now().Add(time.Millisecond)
		first, err := db.ClaimJobs(t.Context(), "me", []string{"k"}, 1, now, now.Add(time.Hour))
		if err != nil || len(first) != 1 {
			t.Fatalf("claim: %v, %v", first, err)
		}
		job.At = now.Add(time.Hour)
		enqueue(t, db, job)
		again := now.Add(time.Minute)
		if held, err := db.FinishJob(t.Context(), first[0], jobs.End{State: jobs.Waiting, At: again, Error: "oops"}); err != nil || !held {
			t.Fatalf("finish: %v, %v", held, err)
		}
		if d := depth(t, db); d.Later != 1 || d.Running != 0 {
			t.Errorf("got %+v, want one waiting", d)
		}
		if next, err := db.NextJob(t.Context(), []string{"k"}); err != nil || !next.Equal(again.Truncate(time.Microsecond)) {
			t.Errorf("next at %s, %v; want %s", next, err, again)
		}
	})
}

func TestDeleteJobs_KeepsFailuresLonger(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		now := time.Now().Add(time.Millisecond)
		for _, state := range []jobs.State{jobs.Done, jobs.Failed} {
			enqueue(t, db, desk.Job{Kind: "k"})
			c, err := db.ClaimJobs(t.Context(), "me", []string{"k"}, 1, now.Add(time.Second), now.Add(time.Hour))
			if err != nil || len(c) != 1 {
				t.Fatalf("claim: %v, %v", c, err)
			}
			if _, err := db.FinishJob(t.Context(), c[0], jobs.End{State: state, At: now}); err != nil {
				t.Fatal(err)
			}
		}
		for _, step := range []struct {
			done, failed time.Time
			want         int
		}{{now, now, 0}, {now.Add(time.Second), now, 1}, {now.Add(time.Second), now.Add(time.Second), 1}} {
			if n, err := db.DeleteJobs(t.Context(), step.done, step.failed, 10); err != nil || n != step.want {
				t.Errorf("deleted %d, %v; want %d", n, err, step.want)
			}
		}
	})
}

// BenchmarkQueue runs jobs that do nothing.
func BenchmarkQueue(b *testing.B) {
	for name, url := range map[string]string{"sqlite": storetest.SQLite(b), "postgres": storetest.Postgres(b)} {
		b.Run(name, func(b *testing.B) {
			db := storetest.Open(b, url)
			n := prepare(db, jobs.Options{})
			var done atomic.Int64
			all := make(chan bool, 1)
			n.Handle("nothing", time.Minute, func(context.Context, json.RawMessage) error {
				if done.Add(1) == int64(b.N) {
					all <- true
				}
				return nil
			})
			batch := make([]desk.Job, 0, 1000)
			for i := range b.N {
				if batch = append(batch, desk.NewJob("nothing", "", nil)); len(batch) == cap(batch) || i == b.N-1 {
					enqueue(b, db, batch...)
					batch = batch[:0]
				}
			}
			ctx, cancel := context.WithCancel(context.Background())
			ended := make(chan error, 1)
			b.ResetTimer()
			go func() { ended <- n.Run(ctx) }()
			<-all
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "jobs/s")
			b.StopTimer()
			cancel()
			<-ended
		})
	}
}

// BenchmarkStart measures from the call of Tx to the start of the handler.
func BenchmarkStart(b *testing.B) {
	for name, url := range map[string]string{"sqlite": storetest.SQLite(b), "postgres": storetest.Postgres(b)} {
		b.Run(name, func(b *testing.B) {
			db := storetest.Open(b, url)
			n := prepare(db, jobs.Options{})
			ran := make(chan bool, 1)
			n.Handle("nothing", time.Minute, func(context.Context, json.RawMessage) error { ran <- true; return nil })
			defer db.OnEnqueue(n.Kick)()
			ctx, cancel := context.WithCancel(context.Background())
			ended := make(chan error, 1)
			go func() { ended <- n.Run(ctx) }()
			for b.Loop() {
				enqueue(b, db, desk.NewJob("nothing", "", nil))
				<-ran
				runtime.Gosched()
			}
			cancel()
			<-ended
		})
	}
}
