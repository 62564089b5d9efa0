package sip

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parleyhq/parley/voice"
)

func TestCalls_2400LeaveNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED, NOT TESTED: 2,400 calls take ten seconds")
	}
	const calls = 2400
	var answered, normal atomic.Int64
	var others sync.Map // causes and errors that should not be
	r := start(t, func(c *Config) {
		c.CallsPerSecond = 5000
		c.Log = discard
		c.Incoming = func(ctx context.Context, l voice.Leg) {
			_ = l.Ring(false)
			if err := l.Answer(ctx); err != nil {
				others.Store(l.ID(), err.Error())
				return
			}
			answered.Add(1)
			for e := range l.Events() {
				switch {
				case e.Kind == voice.LegEnded && e.Cause.Reason == voice.EndNormal:
					normal.Add(1)
				case e.Kind == voice.LegEnded:
					others.Store(l.ID(), e.Cause)
				}
			}
		}
	})
	before := runtime.NumGoroutine()
	p := runSipp(t, "uac", r.Addr("udp").String(), "-d", "100", "-m", "2400", "-r", "300", "-l", "1000", "-timeout", "60s")
	p.wait()
	eventually(t, "all calls have ended", func() bool { return r.Active() == 0 })
	eventually(t, "all have been told", func() bool { return normal.Load() == answered.Load() })
	if n := answered.Load(); n != calls {
		t.Errorf("%d answered, want %d", n, calls)
	}
	others.Range(func(id, what any) bool {
		t.Errorf("%v: %v", id, what)
		return true
	})
	eventually(t, "all goroutines have ended", func() bool { return runtime.NumGoroutine() <= before+8 })
	eventually(t, "all ports are free", func() bool { return r.cfg.Ports.Used() == 0 })
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.dialogs) != 0 || len(r.invites) != 0 {
		t.Errorf("%d dialogs and %d requests are left", len(r.dialogs), len(r.invites))
	}
}

// BenchmarkScan is what the look at each datagram costs before it is parsed.
func BenchmarkScan(b *testing.B) {
	data := []byte("INVITE sip:parley@127.0.0.1:5060 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5080;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n" +
		"To: <sip:c@d>\r\nCall-ID: x@y\r\nCSeq: 1 INVITE\r\nContact: <sip:a@127.0.0.1:5080>\r\nMax-Forwards: 70\r\nContent-Type: application/sdp\r\nContent-Length: 129\r\n\r\n" + sdp)
	b.ReportAllocs()
	for b.Loop() {
		m, ok := scan(data)
		if !ok {
			b.Fatal("unreadable")
		}
		if f := m.fault(); f != nil && f.code != 400 {
			b.Fatal(f)
		}
	}
}

func TestBucket(t *testing.T) {
	b := newBucket(10)
	now := time.Unix(0, 0)
	n := 0
	for range 100 {
		if b.take(now) {
			n++
		}
	}
	if n != 20 {
		t.Errorf("%d at once, want 20", n)
	}
	if b.take(now.Add(50 * time.Millisecond)) {
		t.Error("one more before its time")
	}
	if !b.take(now.Add(150 * time.Millisecond)) {
		t.Error("none after a tenth of a second")
	}
}
