package media

import (
	"math/rand/v2"
	"testing"
	"time"
)

func TestDigits_EachKeyOnceWhateverIsLost(t *testing.T) {
	const keys = "0123456789*#ABCD1122334455"
	for _, loss := range []float64{0, 0.05, 0.1, 0.3} {
		r := rand.New(rand.NewPCG(7, uint64(loss*100)))
		var d Digits
		now, ts, missed := time.Unix(0, 0), uint32(4294960000), 0
		for round := range 40 {
			for i := range len(keys) {
				told := 0
				for _, p := range EventPackets(keys[i]) {
					if r.Float64() < loss {
						continue
					}
					if got, ok := d.Packet(9, ts, p.Payload[:], p.Marker, now.Add(p.After)); ok {
						told++
						if got != keys[i] {
							t.Fatalf("got %c, want %c", got, keys[i])
						}
					}
				}
				if told > 1 {
					t.Errorf("loss %v, round %d: %c told %d times", loss, round, keys[i], told)
				}
				if told == 0 {
					missed++
				}
				now, ts = now.Add(EventTime), ts+uint32(EventTime/time.Millisecond)*8
			}
		}
		if missed > 2 { // all seven lost: 0.0002 at 30 %
			t.Errorf("loss %v: %d keys missed", loss, missed)
		}
	}
}

func TestDigits_TheSameStampsAgain(t *testing.T) {
	var d Digits
	t0 := time.Unix(0, 0)
	tone, end := []byte{5, 10, 0, 160}, []byte{5, 0x8A, 3, 32}
	for _, x := range []struct {
		ms      int
		payload []byte
		want    bool
	}{
		{0, tone, true}, {20, tone, false}, {100, end, false}, {110, end, false}, {120, end, false},
		{260, end, false}, // 140 ms after the last
		{500, tone, true}, // a recording that is played again
		{2500, tone, false},
		{2600, end, false},
		{2700, tone, false}, // only 100 ms of quiet
	} {
		if _, ok := d.Packet(1, 77, x.payload, false, t0.Add(time.Duration(x.ms)*time.Millisecond)); ok != x.want {
			t.Errorf("at %d ms: new %v, want %v", x.ms, ok, x.want)
		}
	}
}

func TestDigits_LatePacketsOfAnEarlierKeyAreNotNew(t *testing.T) {
	var d Digits
	now := time.Unix(0, 0)
	d.Packet(1, 100, []byte{1, 10, 0, 160}, true, now)
	d.Packet(1, 900, []byte{2, 10, 0, 160}, true, now)
	if _, ok := d.Packet(1, 100, []byte{1, 0x8A, 3, 32}, false, now); ok {
		t.Error("the end of the first key counts as a key")
	}
}

func TestDigits_HeldLongerThanAnEventCanSay(t *testing.T) {
	var d Digits
	now := time.Unix(0, 0)
	d.Packet(1, 100, []byte{1, 10, 0xFF, 0xFF}, true, now)
	if _, ok := d.Packet(1, 100+0xFFFF, []byte{1, 10, 0, 160}, false, now); ok {
		t.Error("the second segment counts as a key")
	}
	if _, ok := d.Packet(1, 100+2*0xFFFF, []byte{1, 10, 0, 160}, true, now); !ok {
		t.Error("a marked one does not")
	}
}

func TestDigits_WhatIsNoKey(t *testing.T) {
	var d Digits
	for _, p := range [][]byte{nil, {1}, {1, 2, 3}, {16, 10, 0, 160}, {255, 255, 255, 255}} {
		if _, ok := d.Packet(1, 1, p, true, time.Unix(0, 0)); ok {
			t.Errorf("% x is a key", p)
		}
	}
	if EventPackets('x') != nil {
		t.Error("x has packets")
	}
}

func TestEventPackets_AreAnEventOf100Ms(t *testing.T) {
	ps := EventPackets('#')
	if len(ps) != 7 || !ps[0].Marker || ps[1].Marker {
		t.Fatalf("%+v", ps)
	}
	for i, p := range ps {
		end := i >= 4
		long := int(p.Payload[2])<<8 | int(p.Payload[3])
		if p.Payload[0] != 11 || (p.Payload[1]&0x80 != 0) != end || long != min(i+1, 5)*160 {
			t.Errorf("packet %d: % x", i, p.Payload)
		}
	}
}

func FuzzDTMF(f *testing.F) {
	f.Add([]byte{5, 10, 0, 160}, uint32(1), uint32(2), true, int64(20))
	f.Add([]byte{11, 0x8A, 3, 32}, uint32(1), uint32(2), false, int64(200))
	f.Add([]byte{}, uint32(0), uint32(0), false, int64(-1))
	f.Fuzz(func(t *testing.T, payload []byte, ssrc, ts uint32, marker bool, ms int64) {
		var d Digits
		now := time.UnixMilli(ms)
		first, ok := d.Packet(ssrc, ts, payload, marker, now)
		if ok != (len(payload) >= 4 && payload[0] < 16) {
			t.Fatalf("% x: new %v", payload, ok)
		}
		if again, twice := d.Packet(ssrc, ts, payload, marker, now); ok && (twice || again != first) {
			t.Fatalf("% x: told twice", payload)
		}
	})
}

func BenchmarkDigits(b *testing.B) {
	var d Digits
	p, now := []byte{5, 10, 0, 160}, time.Unix(0, 0)
	b.ReportAllocs()
	for b.Loop() {
		d.Packet(1, 77, p, false, now)
	}
}
