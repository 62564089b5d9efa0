package rtc

import (
	"testing"
	"time"

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
