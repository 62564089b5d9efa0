package media

import (
	"sync"
	"time"
)

// Lateness is how far behind their deadlines frames were sent, in the last 10
// to 20 s.
type Lateness struct {
	Slots         int64 // looked at, each with some lines
	Skipped       int64 // slots left out after stalls, since the pacer began
	P50, P99, Max time.Duration
}

const (
	latenessStep   = 100 * time.Microsecond
	latenessSteps  = 2000 // to 200 ms; the last takes all above
	latenessWindow = 10 * time.Second
)

// lateness counts in two windows: the one that fills and the one before it.
type lateness struct {
	mu        sync.Mutex // guards all
	now, last latenessCounts
	began     time.Time
	skipped   int64
}

type latenessCounts struct {
	steps [latenessSteps]int32
	n     int64
	max   time.Duration
}

func (l *lateness) note(at time.Time, late time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.turn(at)
	late = max(late, 0)
	l.now.steps[min(int(late/latenessStep), latenessSteps-1)]++
	l.now.n++
	l.now.max = max(l.now.max, late)
}

func (l *lateness) skip(n int64) {
	if n == 0 {
		return
	}
	l.mu.Lock()
	l.skipped += n
	l.mu.Unlock()
}

// turn begins a new window when this one is full. The caller holds mu.
func (l *lateness) turn(at time.Time) {
	switch age := at.Sub(l.began); {
	case age < latenessWindow:
	case age < 2*latenessWindow:
		l.last, l.now, l.began = l.now, latenessCounts{}, at
	default:
		l.last, l.now, l.began = latenessCounts{}, latenessCounts{}, at
	}
}

func (l *lateness) read(at time.Time) Lateness {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.turn(at)
	out := Lateness{Slots: l.now.n + l.last.n, Skipped: l.skipped, Max: max(l.now.max, l.last.max)}
	out.P50, out.P99 = l.quantile(out, 0.50), l.quantile(out, 0.99)
	return out
}

// quantile is the upper edge of the step the q-th slot is in, at most the
// largest seen.
func (l *lateness) quantile(all Lateness, q float64) time.Duration {
	want, seen := int64(q*float64(all.Slots)), int64(0)
	for i := range l.now.steps {
		seen += int64(l.now.steps[i] + l.last.steps[i])
		if seen > want {
			return min(time.Duration(i+1)*latenessStep, all.Max)
		}
	}
	return all.Max
}
