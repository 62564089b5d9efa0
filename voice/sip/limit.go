package sip

import (
	"context"
	"log/slog"
	"net/netip"
	"sync"
	"time"
)

// bucket lets so many through a second, twice as many at once. Its zero value
// lets everything through.
type bucket struct {
	mu    sync.Mutex // guards all below
	rate  float64
	level float64
	at    time.Time
}

func newBucket(perSecond int) bucket {
	return bucket{rate: float64(perSecond), level: 2 * float64(perSecond)}
}

func (b *bucket) take(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rate <= 0 {
		return true
	}
	if !b.at.IsZero() {
		b.level = min(2*b.rate, b.level+b.rate*now.Sub(b.at).Seconds())
	}
	b.at = now
	if b.level < 1 {
		return false
	}
	b.level--
	return true
}

// heard reports whether an address is to be listened to now.
func (s *Server) heard(ip netip.Addr, now time.Time) bool {
	ip = ip.Unmap()
	if s.trunkAt(ip) != nil {
		return true
	}
	if len(s.cfg.Allow) > 0 && !within(s.cfg.Allow, ip) {
		return false
	}
	if ip.IsLoopback() {
		return true
	}
	s.mu.Lock()
	b := s.sources[ip]
	if b == nil {
		if len(s.sources) >= 10_000 { // a flood of made-up addresses: forget the past
			clear(s.sources)
		}
		fresh := newBucket(s.cfg.PerSource)
		b = &fresh
		s.sources[ip] = b
	}
	s.mu.Unlock()
	return b.take(now)
}

func within(nets []netip.Prefix, ip netip.Addr) bool {
	for _, n := range nets {
		if n.Contains(ip.Unmap()) {
			return true
		}
	}
	return false
}

// quiet is a slog.Handler for the library below: what strangers can provoke
// comes at most 20 times a minute, cut to 300 characters, and an error there is
// a warning here.
type quiet struct {
	slog.Handler
	state *quietState
}

type quietState struct {
	mu    sync.Mutex // guards all below
	since time.Time
	n     int
}

func newQuiet(h slog.Handler) *quiet { return &quiet{h, &quietState{}} }

// Enabled is from warnings upwards.
func (q *quiet) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && q.Handler.Enabled(ctx, slog.LevelWarn)
}

// Handle passes a record on, unless there have been too many.
func (q *quiet) Handle(ctx context.Context, r slog.Record) error {
	q.state.mu.Lock()
	if r.Time.Sub(q.state.since) > time.Minute {
		q.state.since, q.state.n = r.Time, 0
	}
	q.state.n++
	drop := q.state.n > 20
	q.state.mu.Unlock()
	if drop {
		return nil
	}
	out := slog.NewRecord(r.Time, min(r.Level, slog.LevelWarn), "sip: "+r.Message, r.PC)
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "data" { // a whole message, perhaps with credentials
			return true
		}
		if s := a.Value.String(); len(s) > 300 {
			a = slog.String(a.Key, s[:300])
		}
		out.AddAttrs(a)
		return true
	})
	return q.Handler.Handle(ctx, out)
}

// WithAttrs and WithGroup share the count.
func (q *quiet) WithAttrs(as []slog.Attr) slog.Handler {
	return &quiet{q.Handler.WithAttrs(as), q.state}
}

// WithGroup shares the count.
func (q *quiet) WithGroup(name string) slog.Handler {
	return &quiet{q.Handler.WithGroup(name), q.state}
}
