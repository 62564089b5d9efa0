package sip

import (
	"net/netip"
	"sync"
	"time"
)

const (
	lockAfter  = 10 // failed logins
	lockWithin = time.Minute
	maxLocks   = 10_000 // sources that are remembered
)

// lockout keeps those from guessing passwords who have failed too often. Its
// zero value is usable.
type lockout struct {
	mu sync.Mutex // guards m
	m  map[netip.Prefix]*failures
}

type failures struct {
	since time.Time
	n     int
	until time.Time // locked out; zero: not
}

// source is what counts as one: an address, or in IPv6 the network that one
// customer has.
func source(ip netip.Addr) netip.Prefix {
	ip = ip.Unmap().WithZone("")
	bits := 32
	if ip.Is6() {
		bits = 64
	}
	p, _ := ip.Prefix(bits)
	return p
}

// locked reports whether logins of an address are refused now.
func (o *lockout) locked(ip netip.Addr, now time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	f := o.m[source(ip)]
	return f != nil && now.Before(f.until)
}

// failed counts a failed login, and reports whether the address is locked out
// with it.
func (o *lockout) failed(ip netip.Addr, now time.Time, life time.Duration) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.m == nil {
		o.m = map[netip.Prefix]*failures{}
	}
	k := source(ip)
	f := o.m[k]
	if f == nil {
		o.room(now)
		f = &failures{}
		o.m[k] = f
	}
	if now.Sub(f.since) > lockWithin {
		f.since, f.n = now, 0
	}
	if f.n++; f.n < lockAfter || now.Before(f.until) {
		return false
	}
	f.until, f.n = now.Add(life), 0
	return true
}

// room forgets who has not failed lately when there are too many; if all have,
// everybody. The caller holds mu.
func (o *lockout) room(now time.Time) {
	if len(o.m) < maxLocks {
		return
	}
	for k, f := range o.m {
		if now.After(f.until) && now.Sub(f.since) > lockWithin {
			delete(o.m, k)
		}
	}
	if len(o.m) >= maxLocks {
		clear(o.m)
	}
}

// guessed takes note of a login that has failed.
func (s *Server) guessed(from string) {
	at, err := netip.ParseAddrPort(from)
	if err == nil && s.locks.failed(at.Addr(), time.Now(), s.cfg.LockOut) {
		s.log.Warn("sip: too many failed logins; the source is locked out", "source", source(at.Addr()), "for", s.cfg.LockOut)
	}
}

// lockedOut reports whether logins from a host:port are refused now.
func (s *Server) lockedOut(from string) bool {
	at, err := netip.ParseAddrPort(from)
	return err == nil && s.locks.locked(at.Addr(), time.Now())
}
