package rtc

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/parleyhq/parley/voice/media"
)

// quality is what is known of a leg's audio: of what comes in by counting it, of
// what goes out by the browser's reports.
type quality struct {
	sent atomic.Int64

	mu      sync.Mutex // guards what follows
	in      media.Arrivals
	alaw    bool
	rtt     time.Duration
	reports int
	farLost float64 // the sum of what the reports say, in percent
}

// received counts a packet that came. Those of keys carry no audio clock.
func (q *quality) received(h media.Header, key, alaw bool, now time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if key {
		q.in.Number(h)
		return
	}
	q.in.Packet(h, now)
	q.alaw = alaw
}

// reported takes what the browser says of our stream ssrc.
func (q *quality) reported(r media.Report, ssrc uint32, now time.Time) {
	for _, b := range r.Blocks {
		if b.SSRC != ssrc {
			continue
		}
		q.mu.Lock()
		q.reports++
		q.farLost += 100 * float64(b.Fraction) / 256
		if rtt := media.RoundTrip(b, now); rtt > 0 {
			q.rtt = rtt
		}
		q.mu.Unlock()
	}
}

func (q *quality) stats() media.Stats {
	q.mu.Lock()
	defer q.mu.Unlock()
	s := media.Stats{
		Codec: "PCMU", Sent: q.sent.Load(), Received: q.in.Packets, Lost: q.in.Lost(),
		LossPct: q.in.LossPct(), JitterMs: q.in.JitterMs(),
		RTTMs: float64(q.rtt) / float64(time.Millisecond),
	}
	if q.alaw {
		s.Codec = "PCMA"
	}
	if q.reports > 0 {
		s.FarLossPct = q.farLost / float64(q.reports)
	}
	s.MOS = media.MOS(max(s.LossPct, s.FarLossPct), s.JitterMs, s.RTTMs)
	return s
}
