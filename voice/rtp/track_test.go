package rtp

import (
	"net/netip"
	"testing"
	"time"
)

func TestTrack_OneClockOverAllSources(t *testing.T) {
	var tr track
	now := time.Now()
	for i, c := range []struct {
		after  time.Duration // since the packet before
		ssrc   uint32
		ts     uint32
		marker bool
		ok     bool
		at     uint32
	}{
		{0, 1, 5000, false, true, 0},
		{20 * time.Millisecond, 1, 5160, false, true, 160},
		{20 * time.Millisecond, 2, 90000, false, false, 0}, // two at once: the first stays
		{0, 1, 5320, false, true, 320},
		{20 * time.Millisecond, 2, 90160, true, true, 480}, // a marker begins anew
		{20 * time.Millisecond, 2, 90320, false, true, 640},
		{220 * time.Millisecond, 3, 7, false, true, 2400}, // the old one has been quiet
	} {
		now = now.Add(c.after)
		at, ok := tr.take(c.ssrc, c.ts, 160, c.marker, now)
		if ok != c.ok || at != c.at {
			t.Errorf("packet %d: got %d, %v; want %d, %v", i, at, ok, c.at, c.ok)
		}
	}
}

func TestLatch_WhoIsHeard(t *testing.T) {
	signalled := netip.MustParseAddrPort("192.0.2.1:4000")
	nat := netip.MustParseAddrPort("198.51.100.7:61000")
	thief := netip.MustParseAddrPort("203.0.113.66:5")
	moved := netip.MustParseAddrPort("192.0.2.9:4000")
	type step struct {
		from   netip.AddrPort
		times  int
		heard  int // of them
		reopen netip.AddrPort
	}
	for name, steps := range map[string][]step{
		"as signalled":                          {{from: signalled, times: 3, heard: 3}, {from: thief, times: 100}, {from: signalled, times: 1, heard: 1}},
		"behind a NAT":                          {{from: nat, times: 5, heard: 3}, {from: thief, times: 100}, {from: nat, times: 1, heard: 1}},
		"the signalled one wins over a thief":   {{from: thief, times: 5, heard: 3}, {from: signalled, times: 2, heard: 2}, {from: thief, times: 100}},
		"the same offer again":                  {{from: nat, times: 5, heard: 3}, {reopen: signalled}, {from: nat, times: 1, heard: 1}, {from: thief, times: 100}},
		"the NAT has changed":                   {{from: nat, times: 5, heard: 3}, {reopen: signalled}, {from: thief, times: 3, heard: 1}},
		"moved; the old one sends a little":     {{from: signalled, times: 5, heard: 5}, {reopen: moved}, {from: signalled, times: 20}, {from: moved, times: 1, heard: 1}},
		"moved behind a NAT; the old one sends": {{from: signalled, times: 5, heard: 5}, {reopen: moved}, {from: signalled, times: 20}, {from: nat, times: 4, heard: 2}},
		"moved on paper only":                   {{from: nat, times: 5, heard: 3}, {reopen: moved}, {from: nat, times: 60, heard: 11}},
	} {
		t.Run(name, func(t *testing.T) {
			var l latch
			l.reopen(signalled)
			seq := uint16(65530)
			for i, s := range steps {
				if s.reopen.IsValid() {
					l.reopen(s.reopen)
				}
				heard := 0
				for range s.times {
					if seq++; l.may(s.from) {
						if ok, _ := l.take(s.from, 1, seq, false); ok {
							heard++
						}
					}
				}
				if heard != s.heard {
					t.Errorf("step %d: %d of %d heard, want %d", i, heard, s.times, s.heard)
				}
			}
		})
	}
}

func FuzzPacket(f *testing.F) {
	from := netip.MustParseAddrPort("192.0.2.1:4000")
	f.Add([]byte{0x80, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 7, 1, 2, 3})
	f.Add([]byte{0x80, 101, 0, 1, 0, 0, 0, 1, 0, 0, 0, 7, 1, 10, 0, 160})
	f.Add([]byte{0xb2, 0x88, 0, 1, 0, 0, 0, 1, 0, 0, 0, 7, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 1, 1, 2, 3, 4, 9, 9, 2})
	f.Add([]byte{0x80, 13, 0, 1, 0, 0, 0, 1, 0, 0, 0, 7})
	key := make([]byte, KeyLen)
	now := time.Unix(1_800_000_000, 0)
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, safe := range []bool{false, true} {
			var r receiver
			settled := terms{remote: from, formats: []format{{0, PCMU}, {8, PCMA}}, events: 101, dir: SendRecv}
			var c ciphers
			if safe {
				settled.sends, settled.ours = &cryptoLine{key: key}, &cryptoLine{key: key}
				var err error
				if c, err = c.renew(settled); err != nil {
					t.Fatal(err)
				}
			}
			r.apply(settled, false, c.in)
			for range 2 {
				if a := r.take(append([]byte(nil), b...), from, now); safe && a.audio != nil {
					t.Fatal("took what is not authentic")
				}
			}
		}
	})
}
