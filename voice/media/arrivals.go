package media

import "time"

// Arrivals keeps count of one received stream, as RFC 3550 appendix A.1, A.3
// and A.8 do. It is not safe for concurrent use. The zero value waits for the
// first packet.
type Arrivals struct {
	Packets int64 // received, without duplicates in a row

	ssrc     uint32
	base     uint32 // extended number of the first packet
	highest  uint32
	past     int64  // lost in streams before this one
	received uint32 // of this stream
	bad      uint32 // the number that would confirm a restart
	jitter   float64
	transit  int64
	timed    bool
	at       uint32 // counts at the last Block
	got      uint32
	lsr      uint32
	lsrAt    time.Time
}

const (
	maxDropout  = 3000 // packets; more is a restart of the far end
	maxMisorder = 100
)

// Packet counts a packet that arrived at now. It is false for a duplicate of
// the last one, for one more than 100 behind, and for the first of a jump,
// which may be a stray: those are better not played. Packets that carry no
// audio clock, such as keys, are counted by Number.
func (a *Arrivals) Packet(h Header, now time.Time) bool {
	if !a.Number(h) {
		return false
	}
	// Only the differences matter, modulo 2^32.
	transit := now.UnixMicro()/125 - int64(h.TS)
	if a.timed {
		d := int64(int32(transit - a.transit))
		if d > -10*Rate && d < 10*Rate { // else the clock of the far end has jumped
			a.jitter += (float64(max(d, -d)) - a.jitter) / 16
		}
	}
	a.transit, a.timed = transit, true
	return true
}

// Number counts a packet by its number alone.
func (a *Arrivals) Number(h Header) bool {
	if a.received == 0 || h.SSRC != a.ssrc {
		a.past = a.Lost()
		*a = Arrivals{Packets: a.Packets, past: a.past, jitter: a.jitter, ssrc: h.SSRC}
		a.restart(h.Seq)
		return true
	}
	switch step := h.Seq - uint16(a.highest); {
	case step == 0:
		return false
	case step < maxDropout:
		a.highest += uint32(step)
	case step <= 0xFFFF-maxMisorder: // a jump: only two in a row count
		if a.bad != uint32(h.Seq) {
			a.bad = uint32(h.Seq + 1)
			return false
		}
		a.past = a.Lost()
		a.restart(h.Seq)
		return true
	}
	a.received++
	a.Packets++
	return true
}

func (a *Arrivals) restart(seq uint16) {
	a.base, a.highest = uint32(seq), uint32(seq)
	a.received, a.at, a.got, a.bad, a.timed = 1, 0, 0, 1<<16, false
	a.Packets++
}

// Lost is how many packets should have come and did not, at least 0.
func (a *Arrivals) Lost() int64 {
	if a.received == 0 {
		return a.past
	}
	return a.past + max(0, int64(a.highest-a.base)+1-int64(a.received))
}

// LossPct is Lost of all that should have come.
func (a *Arrivals) LossPct() float64 {
	if lost := a.Lost(); lost > 0 {
		return 100 * float64(lost) / float64(lost+a.Packets)
	}
	return 0
}

// JitterMs is the interarrival jitter, RFC 3550 section 6.4.1.
func (a *Arrivals) JitterMs() float64 { return a.jitter * 1000 / Rate }

// Heard notes a sender report of the stream, for the next Block.
func (a *Arrivals) Heard(r Report, now time.Time) {
	if r.Sender {
		a.lsr, a.lsrAt = uint32(r.NTP>>16), now
	}
}

// Block is what to report of the stream since the last Block. ok is false when
// nothing has come at all.
func (a *Arrivals) Block(now time.Time) (b Reception, ok bool) {
	if a.received == 0 {
		return Reception{}, false
	}
	expected := a.highest - a.base + 1
	due, got := expected-a.at, a.received-a.got
	a.at, a.got = expected, a.received
	b = Reception{SSRC: a.ssrc, HighestSeq: a.highest, Jitter: uint32(a.jitter), Lost: int32(min(a.Lost(), 1<<23-1)), LSR: a.lsr}
	if lost := int32(due - got); lost > 0 && due > 0 {
		b.Fraction = uint8(min(255, uint64(lost)*256/uint64(due)))
	}
	if a.lsr != 0 {
		b.DLSR = uint32(now.Sub(a.lsrAt) * 65536 / time.Second)
	}
	return b, true
}
