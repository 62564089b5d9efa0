//go:build linux

package main

import (
	"fmt"
	"math"
	"sync"
	"time"
)

// grain is the precision of a spread; beyond grains of it only the largest is
// known.
const (
	grain  = 50 * time.Microsecond
	grains = 40_000 // 2 s
)

// spread is how a time is distributed. The zero value is empty; it is safe for
// concurrent use.
type spread struct {
	mu      sync.Mutex // guards what follows
	cells   []uint32
	n       int64
	largest time.Duration
}

func (s *spread) add(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cells == nil {
		s.cells = make([]uint32, grains+1)
	}
	d = max(d, 0)
	s.cells[min(int((d+grain-1)/grain), grains)]++
	s.n++
	s.largest = max(s.largest, d)
}

// reset empties it and returns what it was.
func (s *spread) reset() *spread {
	s.mu.Lock()
	defer s.mu.Unlock()
	was := &spread{cells: s.cells, n: s.n, largest: s.largest}
	s.cells, s.n, s.largest = nil, 0, 0
	return was
}

func (s *spread) count() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.n
}

func (s *spread) max() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.largest
}

// quantile is the time that a share q of all did not exceed, rounded up to the
// grain; 0 of nothing.
func (s *spread) quantile(q float64) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.n == 0 {
		return 0
	}
	rank := max(1, int64(math.Ceil(q*float64(s.n))))
	for i, c := range s.cells {
		if rank -= int64(c); rank <= 0 {
			if i == grains {
				return s.largest
			}
			return min(time.Duration(i)*grain, s.largest)
		}
	}
	return s.largest
}

// ms writes a time in milliseconds as a table shows it.
func ms(d time.Duration) string {
	v := float64(d) / float64(time.Millisecond)
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

// quantiles writes p50 / p99 / max with their number.
func (s *spread) quantiles() string {
	if s.count() == 0 {
		return "nothing measured"
	}
	return fmt.Sprintf("p50 %s, p99 %s, max %s ms (%d)", ms(s.quantile(.5)), ms(s.quantile(.99)), ms(s.max()), s.count())
}
