package rtc

import (
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"

	"github.com/parleyhq/parley/voice"
	"github.com/parleyhq/parley/voice/media"
)

// camera is one video that a browser shows. The node looks at none of it:
// packets go on as they are, and what the one who watches asks for (a key frame,
// a lost packet, less of it) goes back to the browser that shows it.
type camera struct {
	p     *peer
	ssrc  uint32
	asked atomic.Int64 // when a key frame was asked for last, in Unix nanoseconds
}

// askEvery bounds how often a browser is asked for a key frame.
const askEvery = 300 * time.Millisecond

// keyframe asks the browser for a whole picture.
func (c *camera) keyframe() {
	now, last := time.Now().UnixNano(), c.asked.Load()
	if now-last < int64(askEvery) || !c.asked.CompareAndSwap(last, now) {
		return
	}
	c.tell(&rtcp.PictureLossIndication{MediaSSRC: c.ssrc})
}

func (c *camera) tell(pkt rtcp.Packet) {
	// The connection being gone is told elsewhere.
	_ = c.p.pc.WriteRTCP([]rtcp.Packet{pkt})
}

// ConnectVideo shows each of two browser legs the other's camera, until
// disconnect or until either has ended. Whatever was shown there before is
// replaced. It does nothing, and ok is false, unless both are browsers that
// offered video; a camera that is off is simply not seen.
func (s *Server) ConnectVideo(a, b voice.Leg) (disconnect func(), ok bool) {
	x, okX := a.(*leg)
	y, okY := b.(*leg)
	if !okX || !okY || x == y || !x.offersVideo() || !y.offersVideo() {
		return func() {}, false
	}
	x.unsee()
	y.unsee()
	x.see(y)
	y.see(x)
	return func() { x.unsees(y); y.unsees(x) }, true
}

func (l *leg) offersVideo() bool {
	p := l.at.Load()
	return p != nil && p.video != nil
}

// see begins to show l what other's camera sees.
func (l *leg) see(other *leg) {
	l.sees.Store(other)
	other.seenBy.Store(l)
	if p := other.at.Load(); p != nil {
		if c := p.camera.Load(); c != nil {
			c.keyframe()
		}
	}
}

// unsees ends that, unless somebody else is seen by now.
func (l *leg) unsees(other *leg) {
	l.sees.CompareAndSwap(other, nil)
	other.seenBy.CompareAndSwap(l, nil)
}

// unsee ends what l is shown, and showing it.
func (l *leg) unsee() {
	if other := l.sees.Load(); other != nil {
		l.unsees(other)
	}
	if other := l.seenBy.Load(); other != nil {
		other.unsees(l)
	}
}

// watch passes on what a browser's camera sends.
func (p *peer) watch(t *webrtc.TrackRemote) {
	c := &camera{p: p, ssrc: uint32(t.SSRC())}
	p.camera.Store(c)
	defer p.camera.CompareAndSwap(c, nil)
	p.read(t, func(h media.Header, payload []byte) {
		l := p.leg.Load()
		if l == nil || !l.open.Load() {
			return
		}
		to := l.seenBy.Load()
		if to == nil || !to.open.Load() {
			return
		}
		if screen := to.at.Load(); screen != nil && screen.video != nil && screen.video.relay(c, h, payload) {
			c.keyframe()
		}
	})
}

// readWishes reads what the browser that is sent video wants, and passes it to
// the browser it comes from.
func (p *peer) readWishes(out *webrtc.RTPSender) {
	p.readRTCP(out, func(b []byte) {
		c := p.shown()
		pkts, err := rtcp.Unmarshal(b)
		if c == nil || err != nil {
			return
		}
		for _, pkt := range pkts {
			switch w := pkt.(type) {
			case *rtcp.PictureLossIndication, *rtcp.FullIntraRequest:
				c.keyframe()
			case *rtcp.TransportLayerNack:
				if lost := p.video.original(c, w.Nacks); len(lost) > 0 {
					c.tell(&rtcp.TransportLayerNack{MediaSSRC: c.ssrc, Nacks: lost})
				}
			case *rtcp.ReceiverEstimatedMaximumBitrate:
				c.tell(&rtcp.ReceiverEstimatedMaximumBitrate{Bitrate: w.Bitrate, SSRCs: []uint32{c.ssrc}})
			}
		}
	})
}

// shown is the camera that the browser is shown.
func (p *peer) shown() *camera {
	l := p.leg.Load()
	if l == nil {
		return nil
	}
	other := l.sees.Load()
	if other == nil {
		return nil
	}
	q := other.at.Load()
	if q == nil {
		return nil
	}
	return q.camera.Load()
}

// relay passes on a video packet. Its place in the sequence is kept, so that
// what is missing can be asked for. It tells whether this is the first one of c.
func (o *sender) relay(c *camera, h media.Header, payload []byte) (first bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.out == nil || o.pt == none {
		return false
	}
	if first = o.turnTo(c, h.TS); first {
		o.seqFrom = o.seq + 1 - h.Seq
	}
	seq := h.Seq + o.seqFrom
	if int16(seq-o.seq) > 0 {
		o.seq = seq
	}
	o.write(o.pt, seq, h.TS+o.offset, h.Marker, payload)
	return first
}

// original turns the lost packets of what is sent into those of c.
func (o *sender) original(c *camera, lost []rtcp.NackPair) []rtcp.NackPair {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.from != c {
		return nil
	}
	for i := range lost {
		lost[i].PacketID -= o.seqFrom
	}
	return lost
}
