package media

import (
	"bytes"
	"errors"
	"math"
	"reflect"
	"testing"
	"time"
)

func TestRTP_HeaderRoundTrip(t *testing.T) {
	want := Header{Marker: true, PT: 101, Seq: 65535, TS: 4000000000, SSRC: 0xDEADBEEF}
	b := append(make([]byte, HeaderSize), 1, 2, 3)
	want.Put(b)
	got, payload, err := ParseRTP(b)
	if err != nil || got != want || !bytes.Equal(payload, []byte{1, 2, 3}) {
		t.Errorf("got %+v, % x, %v", got, payload, err)
	}
}

func TestRTP_FindsThePayload(t *testing.T) {
	head := []byte{0x80, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3}
	with := func(first byte, rest ...byte) []byte {
		b := append(bytes.Clone(head), rest...)
		b[0] = first
		return b
	}
	for name, x := range map[string]struct {
		packet, payload []byte
		err             error
	}{
		"plain":                    {with(0x80, 7, 8), []byte{7, 8}, nil},
		"no payload":               {with(0x80), []byte{}, nil},
		"two contributors":         {with(0x82, 1, 1, 1, 1, 2, 2, 2, 2, 7), []byte{7}, nil},
		"contributors cut":         {with(0x82, 1, 1, 1, 1), nil, ErrShortPacket},
		"extension":                {with(0x90, 0xBE, 0xDE, 0, 1, 1, 2, 3, 4, 7), []byte{7}, nil},
		"extension cut":            {with(0x90, 0xBE, 0xDE, 0, 9, 1), nil, ErrShortPacket},
		"extension head cut":       {with(0x90, 0xBE), nil, ErrShortPacket},
		"padding":                  {with(0xA0, 7, 0, 0, 3), []byte{7}, nil},
		"padding is all":           {with(0xA0, 0, 0, 3), []byte{}, nil},
		"padding longer than that": {with(0xA0, 7, 200), nil, ErrShortPacket},
		"padding of none":          {with(0xA0, 7, 0), nil, ErrShortPacket},
		"version 1":                {with(0x40, 7), nil, ErrNotRTP},
		"eleven bytes":             {head[:11], nil, ErrShortPacket},
		"nothing":                  {nil, nil, ErrShortPacket},
	} {
		_, payload, err := ParseRTP(x.packet)
		if !errors.Is(err, x.err) || !bytes.Equal(payload, x.payload) {
			t.Errorf("%s: got % x, %v; want % x, %v", name, payload, err, x.payload, x.err)
		}
	}
}

func TestRTCP_RoundTrip(t *testing.T) {
	block := Reception{SSRC: 5, Fraction: 64, Lost: -3, HighestSeq: 70000, Jitter: 12, LSR: 0x11223344, DLSR: 65536}
	for name, want := range map[string]Report{
		"sender":   {SSRC: 1, Sender: true, NTP: 1 << 60, TS: 8000, Packets: 50, Bytes: 8000, Blocks: []Reception{block}, CNAME: "a@b"},
		"receiver": {SSRC: 1, Blocks: []Reception{block, block}, CNAME: "four", Bye: true},
		"bare":     {SSRC: 1, CNAME: "12345"},
	} {
		b := AppendRTCP(nil, want)
		if len(b)%4 != 0 || !IsRTCP(b) {
			t.Errorf("%s: %d bytes, RTCP %v", name, len(b), IsRTCP(b))
		}
		got, err := ParseRTCP(b)
		if err != nil || len(got) != 1 || !reflect.DeepEqual(got[0], want) {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
		for cut := 1; cut < len(b); cut++ {
			if _, err := ParseRTCP(b[:cut]); err != nil && !errors.Is(err, ErrShortPacket) {
				t.Errorf("%s cut at %d: %v", name, cut, err)
			}
		}
	}
}

func TestRoundTrip_IsWhatIsLeftOfTheWay(t *testing.T) {
	sent := time.Unix(1700000000, 0)
	b := Reception{LSR: uint32(NTP(sent) >> 16), DLSR: 65536 / 2}
	got := RoundTrip(b, sent.Add(620*time.Millisecond))
	if d := got - 120*time.Millisecond; d < -time.Millisecond || d > time.Millisecond {
		t.Errorf("got %v, want 120 ms", got)
	}
	if RoundTrip(Reception{}, sent) != 0 {
		t.Error("a far end that has heard nothing knows a round trip")
	}
}

func TestArrivals_CountsLossAndJitter(t *testing.T) {
	var a Arrivals
	now := time.Unix(1700000000, 0)
	at := func(i int) Header { return Header{SSRC: 1, Seq: uint16(65500 + i), TS: uint32(i * 160)} }
	for i := range 100 {
		if i%10 == 5 {
			continue // lost
		}
		late := time.Duration(i%2) * 4 * time.Millisecond // 32 samples
		a.Packet(at(i), now.Add(time.Duration(i)*20*time.Millisecond+late))
		if i == 50 && a.Packet(at(i), now) {
			t.Error("a duplicate counts")
		}
	}
	if a.Packets != 90 || a.Lost() != 10 || a.LossPct() != 10 {
		t.Errorf("%d packets, %d lost, %.1f %%", a.Packets, a.Lost(), a.LossPct())
	}
	if j := a.JitterMs(); math.Abs(j-3.7) > 0.5 {
		t.Errorf("jitter %.2f ms, want about 3.7", j)
	}
	a.Heard(Report{Sender: true, NTP: 0x1234_5678_9ABC_DEF0}, now)
	b, ok := a.Block(now.Add(500 * time.Millisecond))
	if !ok || b.Fraction != 25 || b.Lost != 10 || b.HighestSeq != 65599 || b.LSR != 0x56789ABC || b.DLSR != 32768 {
		t.Errorf("%+v", b)
	}
	if b, _ := a.Block(now); b.Fraction != 0 {
		t.Errorf("nothing came since, but %d/256 are lost", b.Fraction)
	}
}

func TestArrivals_AnotherStreamOrARestartIsNoLoss(t *testing.T) {
	var a Arrivals
	now := time.Unix(1700000000, 0)
	for i := range 10 {
		a.Packet(Header{SSRC: 1, Seq: uint16(i), TS: uint32(i * 160)}, now)
	}
	for i := range 10 {
		a.Packet(Header{SSRC: 2, Seq: uint16(40000 + i), TS: uint32(i * 160)}, now)
	}
	if a.Packet(Header{SSRC: 2, Seq: 10}, now) {
		t.Error("one stray packet is believed")
	}
	if !a.Packet(Header{SSRC: 2, Seq: 11}, now) || !a.Packet(Header{SSRC: 2, Seq: 12}, now) {
		t.Error("a restart is not believed")
	}
	if a.Lost() != 0 {
		t.Errorf("%d lost", a.Lost())
	}
}

func TestMOS_FallsWithLossAndDelay(t *testing.T) {
	for _, x := range []struct{ loss, jitter, rtt, low, high float64 }{
		{0, 1, 20, 4.3, 4.5},
		{1, 1, 20, 4.2, 4.4},
		{5, 10, 100, 3.5, 4},
		{20, 40, 300, 1.5, 2.6},
		{100, 500, 5000, 1, 1},
		{0, 0, 800, 2.3, 3.2},
	} {
		if got := MOS(x.loss, x.jitter, x.rtt); got < x.low || got > x.high {
			t.Errorf("%v %% loss, %v ms jitter, %v ms round trip: %.2f, want %v to %v", x.loss, x.jitter, x.rtt, got, x.low, x.high)
		}
	}
}

func FuzzRTP(f *testing.F) {
	f.Add([]byte{0x80, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 7})
	f.Add([]byte{0xB2, 0x80, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 1, 1, 1, 1, 2, 2, 2, 2, 0xBE, 0xDE, 0, 0, 7, 1})
	f.Add([]byte{0xBF})
	f.Fuzz(func(t *testing.T, b []byte) {
		h, payload, err := ParseRTP(b)
		if err != nil {
			return
		}
		if len(payload) > len(b)-HeaderSize {
			t.Fatalf("%d bytes of payload in %d", len(payload), len(b))
		}
		again := make([]byte, HeaderSize)
		h.Put(again)
		if got, _, err := ParseRTP(again); err != nil || got != h {
			t.Fatalf("%+v became %+v, %v", h, got, err)
		}
	})
}

func FuzzRTCP(f *testing.F) {
	f.Add(AppendRTCP(nil, Report{SSRC: 1, Sender: true, Blocks: []Reception{{SSRC: 2, Lost: -1}}, CNAME: "x@y", Bye: true}))
	f.Add(AppendRTCP(nil, Report{SSRC: 1, CNAME: "abcd"}))
	f.Add([]byte{0x81, 202, 0, 1, 0, 0, 0, 1})
	f.Add([]byte{0xA0, 201, 0, 1, 0, 0, 0, 9})
	f.Fuzz(func(t *testing.T, b []byte) {
		reports, err := ParseRTCP(b)
		if err != nil {
			return
		}
		for _, r := range reports {
			got, err := ParseRTCP(AppendRTCP(nil, r))
			if err != nil || len(got) != 1 {
				t.Fatalf("%+v became %+v, %v", r, got, err)
			}
			r.Blocks = r.Blocks[:min(len(r.Blocks), maxBlocks)]
			if !reflect.DeepEqual(got[0], r) {
				t.Fatalf("%+v became %+v", r, got[0])
			}
		}
	})
}

func BenchmarkParseRTP(b *testing.B) {
	p := make([]byte, HeaderSize+Frame)
	Header{Seq: 1}.Put(p)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := ParseRTP(p); err != nil {
			b.Fatal(err)
		}
	}
}
