package rtc

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice/media"
)

// BenchmarkSend is one frame to a browser: sequence, SRTP, the system's send.
func BenchmarkSend(b *testing.B) {
	s := open(b, nil)
	ada, l := talk(b, s, false)
	ada.net.cut.Store(true) // what the browser does with it is not counted
	frame := tone(440, 0)
	b.ReportAllocs()
	ts := uint32(0)
	for b.Loop() {
		l.(*leg).Write(frame, ts, false)
		ts += media.Frame
	}
}

// BenchmarkArrive is one frame of a browser after SRTP: header, count, line.
func BenchmarkArrive(b *testing.B) {
	s := open(b, nil)
	_, l := talk(b, s, false)
	p := l.(*leg).at.Load()
	frame, now := tone(440, 0), time.Now()
	h := media.Header{PT: 0, SSRC: 7}
	b.ReportAllocs()
	for b.Loop() {
		h.Seq++
		h.TS += media.Frame
		now = now.Add(20 * time.Millisecond)
		l.(*leg).arrive(p, h, frame, now)
	}
}

// BenchmarkAnswer is the answer to an offer, and forgetting it.
func BenchmarkAnswer(b *testing.B) {
	s := open(b, nil)
	offer := newBrowser(b, true).offer
	for b.Loop() {
		_, id, err := s.Phone(b.Context(), "grace", "", offer)
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Disconnect(b.Context(), "grace", id); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkIdle reports what a connected agent costs who is in no call: run
// with -benchtime 1x.
func BenchmarkIdle(b *testing.B) {
	for b.Loop() {
		s := open(b, nil)
		const agents = 40
		g0, m0 := runtime.NumGoroutine(), heap()
		browsers := make([]*browser, agents)
		for i := range browsers {
			browsers[i] = newBrowser(b, true)
		}
		g1, m1 := runtime.NumGoroutine(), heap()
		for i, br := range browsers {
			answer, _, err := s.Phone(b.Context(), desk.ID(fmt.Sprint("agent", i)), "", br.offer)
			if err != nil {
				b.Fatal(err)
			}
			_ = answer
		}
		g2, m2 := runtime.NumGoroutine(), heap()
		b.ReportMetric(float64(g1-g0)/agents, "client-goroutines/peer")
		b.ReportMetric(float64(m1-m0)/agents/1024, "client-KB/peer")
		b.ReportMetric(float64(g2-g1)/agents, "goroutines/peer")
		b.ReportMetric(float64(m2-m1)/agents/1024, "KB/peer")
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse
}
