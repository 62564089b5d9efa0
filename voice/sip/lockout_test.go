package sip

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"
)

func TestLockout_WhoGuessesIsRefused(t *testing.T) {
	t.Parallel()
	r := start(t, func(c *Config) {
		registrar(&bindings{}, "")(c)
		c.LockOut = 500 * time.Millisecond
	})
	p := newPeer(t, r)
	here := "Contact: <sip:ann@" + p.addr() + ">"
	seq := 1
	try := func(password string) int {
		seq += 2
		return p.register("ann", password, seq, here).StatusCode
	}
	for range lockAfter - 1 {
		try("wrong")
	}
	if code := try("right"); code != 200 {
		t.Fatalf("after nine failures: %d, want 200", code)
	}
	try("wrong")
	for range 5 {
		if code := try("right"); code != 403 {
			t.Fatalf("after ten failures: %d, want 403", code)
		}
	}
	p.send(p.invite("one"))
	p.response(403, sip.INVITE)
	if n := strings.Count(r.logs.String(), "locked out"); n != 1 {
		t.Errorf("logged %d times, want once", n)
	}
	eventually(t, "the lock opens", func() bool { return !r.lockedOut(p.addr()) })
	if code := try("right"); code != 200 {
		t.Errorf("after the lock: %d, want 200", code)
	}
}

func TestLockout_IsBounded(t *testing.T) {
	var o lockout
	now := time.Unix(1e9, 0)
	bad := netip.MustParseAddr("2001:db8::1")
	for range lockAfter {
		o.failed(bad, now, time.Hour)
	}
	for i := range 3 * maxLocks {
		o.failed(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), now.Add(time.Duration(i)*10*time.Millisecond), time.Minute)
	}
	if len(o.m) > maxLocks {
		t.Errorf("%d sources are remembered, want %d at most", len(o.m), maxLocks)
	}
	if !o.locked(netip.MustParseAddr("2001:db8::2"), now.Add(time.Minute)) {
		t.Error("a neighbour in the same network is not locked out")
	}
	if o.locked(bad, now.Add(2*time.Hour)) {
		t.Error("locked for ever")
	}
	old := netip.MustParseAddr("192.0.2.1")
	for i := range lockAfter { // ten, but not within a minute
		if o.failed(old, now.Add(time.Duration(i)*20*time.Second), time.Hour) {
			t.Error(fmt.Sprint("locked out after ", i+1))
		}
	}
}
