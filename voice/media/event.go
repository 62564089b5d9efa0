package media

import (
	"encoding/binary"
	"strings"
	"time"
)

// digitsOf are the keys by their event number, RFC 4733 section 3.2.
const digitsOf = "0123456789*#ABCD"

// Digits finds the pressed keys in telephone events, RFC 4733. A key is told at
// the first packet of it that comes, so that loss does not delay or hide it,
// and once, however often its packets are repeated. It is not safe for
// concurrent use; the zero value is ready.
type Digits struct {
	recent [8]pressed // the last keys, for packets that come late
	next   int
}

type pressed struct {
	used     bool
	ssrc, ts uint32
	event    uint8
	ended    bool
	at       time.Time
}

const (
	quietAfterEnd   = 150 * time.Millisecond // then the same stamps are another key
	quietWithoutEnd = 5 * time.Second        // the same, when all end packets were lost
)

// Packet looks at the payload of a telephone event and says which key was
// pressed, if this is its first packet. Senders exist that repeat a recording
// with the same stamps: the same key again counts after its end and 150 ms of
// quiet.
func (d *Digits) Packet(ssrc, ts uint32, payload []byte, marker bool, now time.Time) (digit byte, ok bool) {
	if len(payload) < 4 || int(payload[0]) >= len(digitsOf) {
		return 0, false
	}
	event, end := payload[0], payload[1]&0x80 != 0
	for i := range d.recent {
		p := &d.recent[i]
		if !p.used || p.ssrc != ssrc || p.event != event {
			continue
		}
		if p.ts != ts && !p.continued(ts, marker) {
			continue
		}
		gap := now.Sub(p.at)
		again := p.ended && gap >= quietAfterEnd || gap >= quietWithoutEnd
		p.ts, p.at, p.ended = ts, now, end || p.ended && !again
		return digitsOf[event], again
	}
	d.recent[d.next] = pressed{used: true, ssrc: ssrc, ts: ts, event: event, ended: end, at: now}
	d.next = (d.next + 1) % len(d.recent)
	return digitsOf[event], true
}

// continued tells whether ts is the next segment of a key held for longer than
// one can say, RFC 4733 section 2.5.1.3.
func (p *pressed) continued(ts uint32, marker bool) bool {
	d := ts - p.ts
	return !marker && !p.ended && d >= 0xFF00 && d <= 0xFFFF+2*Frame
}

// EventPacket is one packet of a key that is sent. All packets of a key carry
// the time stamp of its beginning.
type EventPacket struct {
	Payload [4]byte
	Marker  bool
	After   time.Duration // since the beginning of the key
}

// EventTime is how long a key and the pause after it last, when sent.
const EventTime = 200 * time.Millisecond

// EventPackets are the packets of one key, RFC 4733: 100 ms, a packet every
// 20 ms, the end three times. They are nil for what is no key.
func EventPackets(digit byte) []EventPacket {
	event := strings.IndexByte(digitsOf, digit)
	if event < 0 && digit >= 'a' && digit <= 'd' {
		event = int(digit-'a') + 12
	}
	if event < 0 {
		return nil
	}
	const long, ends, volume = 5, 3, 10
	var out []EventPacket
	for i := 1; i < long+ends; i++ {
		p := EventPacket{Marker: i == 1, After: time.Duration(i-1) * frameTime}
		p.Payload[0], p.Payload[1] = byte(event), volume
		if i >= long {
			p.Payload[1] |= 0x80
		}
		binary.BigEndian.PutUint16(p.Payload[2:], uint16(min(i, long)*Frame))
		out = append(out, p)
	}
	return out
}
