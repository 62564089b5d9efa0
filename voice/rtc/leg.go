package rtc

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
	"github.com/parleyhq/parley/voice/media"
)

// eventRoom is how many events wait for their reader. A leg whose reader does
// not keep up is ended rather than that one is lost.
const eventRoom = 256

// leg is one call with a browser. A customer's leg is incoming and lives as
// long as its connection; an agent's is outgoing, rings on his screen, and moves
// to his new connection when he reloads the page.
type leg struct {
	s        *Server
	id       desk.ID
	who      voice.Peer
	outgoing bool
	line     *media.Line
	events   chan voice.LegEvent
	done     chan struct{} // closed at its end

	at   atomic.Pointer[peer] // the connection it is on; nil before and between
	open atomic.Bool          // audio flows

	sees   atomic.Pointer[leg] // whose video it is sent
	seenBy atomic.Pointer[leg] // who is sent its video

	quality quality
	keys    keys
	alawed  [1500]byte // of the reading goroutine
	digits  media.Digits

	mu    sync.Mutex // guards what follows, and sending on events
	ended bool

	gone time.Time // since when nobody is there; guarded by Server.mu
}

var (
	_ voice.Leg  = (*leg)(nil)
	_ media.Wire = (*leg)(nil)
)

func (s *Server) newLeg(who voice.Peer, outgoing bool) *leg {
	who.Secure = true // DTLS-SRTP, always
	l := &leg{s: s, id: desk.NewID(), who: who, outgoing: outgoing,
		events: make(chan voice.LegEvent, eventRoom), done: make(chan struct{})}
	l.line = media.NewLine(s.cfg.Pacer, l)
	return l
}

// ID implements voice.Leg.
func (l *leg) ID() desk.ID { return l.id }

// Peer implements voice.Leg.
func (l *leg) Peer() voice.Peer { return l.who }

// Line implements voice.Leg.
func (l *leg) Line() *media.Line { return l.line }

// Events implements voice.Leg.
func (l *leg) Events() <-chan voice.LegEvent { return l.events }

// Ring implements voice.Leg. The page shows that somebody is called; with early,
// the caller hears what the line plays already.
func (l *leg) Ring(early bool) error {
	if l.outgoing {
		return desk.Errorf(desk.Conflict, "leg_outgoing", "this leg was called; it does not call")
	}
	if early {
		l.open.Store(true)
	}
	return nil
}

// Answer implements voice.Leg. It waits for the browser to connect, which it
// does as soon as it has the answer to its offer.
func (l *leg) Answer(ctx context.Context) error {
	if l.outgoing {
		return desk.Errorf(desk.Conflict, "leg_outgoing", "this leg was called; PickUp answers it")
	}
	p := l.at.Load()
	if p == nil {
		return errLegOver
	}
	select {
	case <-p.up:
		l.open.Store(true)
		return nil
	case <-l.done:
		return errLegOver
	case <-ctx.Done():
		return desk.Errorf(desk.Unavailable, "leg_unconnected", "the browser has not connected: %w", ctx.Err())
	}
}

var errLegOver = desk.Errorf(desk.Conflict, "leg_over", "the call has ended")

// PickUp takes a ringing agent's leg: the console has accepted the call.
func (l *leg) PickUp() error { return l.s.pickUp(l) }

// Hold implements voice.Leg. The page shows it from the call's news.
func (l *leg) Hold(context.Context, bool) error { return nil }

// Refer implements voice.Leg: a browser cannot call anybody else.
func (l *leg) Refer(context.Context, string) error {
	return desk.Errorf(desk.Forbidden, "refer_browser", "a browser cannot be sent to another address")
}

// Hangup implements voice.Leg.
func (l *leg) Hangup(why voice.Cause) { l.end(why) }

// Stats implements voice.Leg.
func (l *leg) Stats() media.Stats { return l.quality.stats() }

// Write implements media.Wire.
func (l *leg) Write(ulaw []byte, ts uint32, marker bool) {
	p := l.at.Load()
	if p == nil || !l.open.Load() || l.keys.pressing.Load() {
		return
	}
	if p.audio.audio(l, ulaw, ts, marker) {
		l.quality.sent.Add(1)
	}
}

// arrive takes one audio packet of the browser.
func (l *leg) arrive(p *peer, h media.Header, payload []byte, now time.Time) {
	if !l.open.Load() {
		return
	}
	ulaw, alaw, events := p.audio.types()
	switch h.PT {
	case events:
		if d, ok := l.digits.Packet(h.SSRC, h.TS, payload, h.Marker, now); ok {
			l.tell(voice.LegEvent{Kind: voice.LegDigit, Digit: d, At: now})
		}
	case ulaw:
		l.line.Arrive(payload, h.TS)
	case alaw:
		n := media.ALawToULaw(l.alawed[:], payload)
		l.line.Arrive(l.alawed[:n], h.TS)
	default:
		return
	}
	l.quality.received(h, h.PT == events, h.PT == alaw, now)
}

// tell sends an event. One too many for a reader that has stopped ends the leg.
func (l *leg) tell(e voice.LegEvent) {
	l.mu.Lock()
	full := false
	if !l.ended {
		if full = len(l.events) == cap(l.events)-1; !full {
			l.events <- e
		}
	}
	l.mu.Unlock()
	if full {
		l.end(voice.Cause{Reason: voice.EndCongestion, By: "system"})
	}
}

// end ends the leg once. An agent's connection stays.
func (l *leg) end(why voice.Cause) {
	l.mu.Lock()
	if l.ended {
		l.mu.Unlock()
		return
	}
	l.ended = true
	l.events <- voice.LegEvent{Kind: voice.LegEnded, Cause: why, At: time.Now()}
	close(l.events)
	close(l.done)
	l.mu.Unlock()

	l.open.Store(false)
	l.line.Close()
	l.unsee()
	l.s.forget(l, why)
}
