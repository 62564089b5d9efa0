package rtc

import (
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"github.com/parleyhq/parley/voice/media"
)

const none = 0xFF // no payload type

// sender is what a browser is sent of one kind: one SSRC, one sequence and one
// clock for as long as the connection lives, whatever it comes from. Receivers
// fall silent when these jump.
type sender struct {
	kind webrtc.RTPCodecType
	id   string
	rate uint32

	mu     sync.Mutex // guards what follows; held while a packet is written
	out    webrtc.TrackLocalWriter
	ssrc   uint32
	pt     uint8 // of what is sent
	ulawPT uint8 // of what may come
	alawPT uint8
	events uint8 // of telephone-events, both ways
	alaw   bool
	header rtp.Header
	alawed [1500]byte

	seq     uint16
	from    any    // where the last packet came from
	offset  uint32 // from its clock to ours
	seqFrom uint16 // from its sequence to ours; of video
	ts      uint32 // of the newest packet
	at      time.Time
}

var _ webrtc.TrackLocal = (*sender)(nil)

func newSender(kind webrtc.RTPCodecType) *sender {
	o := &sender{kind: kind, id: kind.String(), rate: media.Rate, pt: none, ulawPT: none, alawPT: none, events: none,
		seq: uint16(rand.Uint32N(1 << 15)), ts: rand.Uint32()}
	if kind == webrtc.RTPCodecTypeVideo {
		o.rate = 90000
	}
	return o
}

// Bind implements webrtc.TrackLocal: the codecs are agreed.
func (o *sender) Bind(c webrtc.TrackLocalContext) (webrtc.RTPCodecParameters, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	var chosen *webrtc.RTPCodecParameters
	for _, codec := range c.CodecParameters() {
		pt := uint8(codec.PayloadType)
		switch mime := codec.MimeType; {
		case o.kind == webrtc.RTPCodecTypeVideo:
			if chosen == nil && strings.EqualFold(mime, webrtc.MimeTypeVP8) {
				chosen = &codec
			}
		case strings.EqualFold(mime, mimeEvents):
			o.events = pt
		case strings.EqualFold(mime, webrtc.MimeTypePCMU):
			o.ulawPT, chosen, o.alaw = pt, &codec, false
		case strings.EqualFold(mime, webrtc.MimeTypePCMA):
			o.alawPT = pt
			if chosen == nil {
				chosen, o.alaw = &codec, true
			}
		}
	}
	if chosen == nil {
		return webrtc.RTPCodecParameters{}, webrtc.ErrUnsupportedCodec
	}
	o.pt, o.ssrc, o.out = uint8(chosen.PayloadType), uint32(c.SSRC()), c.WriteStream()
	return *chosen, nil
}

// Unbind implements webrtc.TrackLocal.
func (o *sender) Unbind(webrtc.TrackLocalContext) error {
	o.mu.Lock()
	o.out = nil
	o.mu.Unlock()
	return nil
}

// ID implements webrtc.TrackLocal.
func (o *sender) ID() string { return o.id }

// RID implements webrtc.TrackLocal.
func (o *sender) RID() string { return "" }

// StreamID implements webrtc.TrackLocal: one stream keeps lips and voice together.
func (o *sender) StreamID() string { return "parley" }

// Kind implements webrtc.TrackLocal.
func (o *sender) Kind() webrtc.RTPCodecType { return o.kind }

// audio sends a frame of µ-law. ts is the clock of from.
func (o *sender) audio(from any, ulaw []byte, ts uint32, marker bool) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	payload := ulaw
	if o.alaw {
		payload = o.alawed[:media.ULawToALaw(o.alawed[:], ulaw)]
	}
	return o.send(from, o.pt, payload, ts, marker)
}

// event sends a telephone-event.
func (o *sender) event(from any, payload []byte, ts uint32, marker bool) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.send(from, o.events, payload, ts, marker)
}

// send writes a packet with the next sequence number. The caller holds mu.
func (o *sender) send(from any, pt uint8, payload []byte, ts uint32, marker bool) bool {
	if o.out == nil || pt == none {
		return false
	}
	marker = o.turnTo(from, ts) || marker
	o.seq++
	o.write(pt, o.seq, ts+o.offset, marker, payload)
	return true
}

// turnTo makes the clock go on when the packets come from somewhere else. It
// tells whether they do. The caller holds mu.
func (o *sender) turnTo(from any, ts uint32) bool {
	if o.from == from {
		return false
	}
	next := o.ts + o.rate/50
	if !o.at.IsZero() {
		next = o.ts + max(o.rate/50, uint32(time.Since(o.at).Seconds()*float64(o.rate)))
	}
	o.from, o.offset = from, next-ts
	return true
}

func (o *sender) write(pt uint8, seq uint16, ts uint32, marker bool, payload []byte) {
	if int32(ts-o.ts) > 0 || o.at.IsZero() {
		o.ts, o.at = ts, time.Now()
	}
	o.header.Version, o.header.PayloadType, o.header.Marker = 2, pt, marker
	o.header.SequenceNumber, o.header.Timestamp, o.header.SSRC = seq, ts, o.ssrc
	// The connection being gone is told elsewhere.
	_, _ = o.out.WriteRTP(&o.header, payload)
}

// types are the payload types agreed upon, none where there is none.
func (o *sender) types() (ulaw, alaw, events uint8) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.ulawPT, o.alawPT, o.events
}

func (o *sender) source() uint32 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.ssrc
}
