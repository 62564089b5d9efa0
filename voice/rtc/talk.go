package rtc

import (
	"context"

	"github.com/parleyhq/parley/voice"
)

// Talk takes the call of a customer who pressed the talk button: offer is his
// browser's, complete with its addresses; answer goes back to it. The leg is
// incoming and knows who calls from peer. Its Answer waits until the browser has
// connected, so it is called by the call's goroutine, not before answer has been
// sent.
func (s *Server) Talk(ctx context.Context, peer voice.Peer, offer string) (answer string, _ voice.Leg, err error) {
	p, answer, err := s.connect(ctx, "", offer)
	if err != nil {
		return "", nil, err
	}
	l := s.newLeg(peer, false)
	if !s.attach(l, p) {
		l.end(voice.Cause{Reason: voice.EndLost})
	}
	return answer, l, nil
}

// attach puts a leg on a connection. It fails when that is gone already.
func (s *Server) attach(l *leg, p *peer) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.dropped {
		return false
	}
	if old := l.at.Swap(p); old != nil {
		old.leg.CompareAndSwap(l, nil)
	}
	p.leg.Store(l)
	return true
}
