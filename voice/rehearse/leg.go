package rehearse

import (
	"context"
	"sync"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
	"github.com/parleyhq/parley/voice/media"
)

// leg is the caller's end: no packets, only the line. It never waits for who
// reads its events.
type leg struct {
	id   desk.ID
	peer voice.Peer
	line *media.Line

	mu     sync.Mutex // guards what follows
	wait   []voice.LegEvent
	signal chan struct{}
	ended  bool
	events chan voice.LegEvent
}

var _ voice.Leg = (*leg)(nil)

func newLeg(peer voice.Peer, pacer *media.Pacer) *leg {
	l := &leg{id: desk.NewID(), peer: peer, line: media.NewLine(pacer, nil), signal: make(chan struct{}, 1), events: make(chan voice.LegEvent)}
	go l.pass()
	return l
}

func (l *leg) ID() desk.ID                      { return l.id }
func (l *leg) Peer() voice.Peer                 { return l.peer }
func (l *leg) Line() *media.Line                { return l.line }
func (l *leg) Events() <-chan voice.LegEvent    { return l.events }
func (l *leg) Ring(bool) error                  { return nil }
func (l *leg) Hold(context.Context, bool) error { return nil }
func (l *leg) Refer(context.Context, string) error {
	return desk.Errorf(desk.Forbidden, "no_refer", "a rehearsed call is not passed on")
}
func (l *leg) SendDigits(string)  {}
func (l *leg) Stats() media.Stats { return media.Stats{Codec: "PCMU"} }

// Answer implements voice.Leg.
func (l *leg) Answer(context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		return desk.Errorf(desk.Conflict, "leg_over", "the caller has hung up")
	}
	return nil
}

// Hangup implements voice.Leg.
func (l *leg) Hangup(why voice.Cause) { l.tell(voice.LegEvent{Kind: voice.LegEnded, Cause: why}) }

// tell is something that happens at the caller's.
func (l *leg) tell(e voice.LegEvent) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		return
	}
	l.ended = e.Kind == voice.LegEnded
	l.wait = append(l.wait, e)
	select {
	case l.signal <- struct{}{}:
	default:
	}
}

// pass gives the events to whoever listens, until the last: the exchange reads
// the events of its legs to the end.
func (l *leg) pass() {
	defer close(l.events)
	for range l.signal {
		l.mu.Lock()
		wait, ended := l.wait, l.ended
		l.wait = nil
		l.mu.Unlock()
		for _, e := range wait {
			if e.Kind == voice.LegEnded {
				l.line.Close()
			}
			l.events <- e
		}
		if ended {
			return
		}
	}
}
