package llm

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"
)

// The bounds of a Journal.
const (
	journalRoom  = 4096 // exchanges that may wait to be written
	journalBatch = 100
	journalTries = 5
	journalLast  = 10 * time.Second // for what waits when it is told to end
)

// Journal writes exchanges down without those who talk to models waiting for
// it. What it has no room for, or cannot write after several tries, is lost;
// that is counted and logged, never silent. Make one with NewJournal.
type Journal struct {
	// Save writes exchanges, all or none.
	Save func(ctx context.Context, xs []Exchange) error
	Log  *slog.Logger  // never what was said; nil logs nothing
	Wait time.Duration // before Save is tried again, doubled each time; 0 is 200 ms

	waiting chan Exchange
	lost    atomic.Int64
}

// NewJournal is a Journal that writes with save once it Runs.
func NewJournal(save func(ctx context.Context, xs []Exchange) error, log *slog.Logger) *Journal {
	return &Journal{Save: save, Log: log, waiting: make(chan Exchange, journalRoom)}
}

// Keep takes an exchange in. It never blocks.
func (j *Journal) Keep(x Exchange) {
	select {
	case j.waiting <- x:
	default:
		j.lose(1, "the queue is full")
	}
}

// Lost is how many exchanges were not written.
func (j *Journal) Lost() int64 { return j.lost.Load() }

// Waiting is how many exchanges are still to be written.
func (j *Journal) Waiting() int { return len(j.waiting) }

// Run writes until ctx ends, and then what still waits. It returns nil.
func (j *Journal) Run(ctx context.Context) error {
	for {
		select {
		case x := <-j.waiting:
			j.write(context.WithoutCancel(ctx), j.batch(x))
		case <-ctx.Done():
			j.rest()
			return nil
		}
	}
}

// rest writes what waits when the program ends.
func (j *Journal) rest() {
	ctx, cancel := context.WithTimeout(context.Background(), journalLast)
	defer cancel()
	for {
		select {
		case x := <-j.waiting:
			j.write(ctx, j.batch(x))
		default:
			return
		}
	}
}

func (j *Journal) batch(first Exchange) []Exchange {
	out := []Exchange{first}
	for len(out) < journalBatch {
		select {
		case x := <-j.waiting:
			out = append(out, x)
		default:
			return out
		}
	}
	return out
}

// write tries until it is done, or ctx has ended.
func (j *Journal) write(ctx context.Context, xs []Exchange) {
	pause := j.Wait
	if pause <= 0 {
		pause = 200 * time.Millisecond
	}
	for try := 1; ; try++ {
		err := j.Save(ctx, xs)
		if err == nil {
			return
		}
		if try == journalTries || ctx.Err() != nil {
			j.lose(len(xs), err.Error())
			return
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		timer.Stop()
		pause *= 2
	}
}

func (j *Journal) lose(n int, why string) {
	total := j.lost.Add(int64(n))
	if j.Log != nil {
		j.Log.Error("exchanges with a model were not kept", "lost", n, "in_all", total, "why", why)
	}
}
