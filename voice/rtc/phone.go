package rtc

import (
	"context"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
)

const (
	maxTabs = 4 // of an agent; the oldest go

	// quiet is how long a connection that carries a call has no audio before the
	// agent's newer one takes the call: a page that was reloaded is silent at
	// once, a second tab that was opened is not.
	quiet = time.Second

	lookEvery = 250 * time.Millisecond
)

// phone is an agent's browsers and the call he has there. Server.mu guards it.
type phone struct {
	name string
	tabs []*peer // newest last
	leg  *leg    // ringing or up; nil: free
	lost time.Time
}

// newest is the connected tab that rings.
func (ph *phone) newest() *peer {
	for i := len(ph.tabs) - 1; i >= 0; i-- {
		if ph.tabs[i].live {
			return ph.tabs[i]
		}
	}
	return nil
}

// lose takes a tab away and remembers since when it is gone: one that has been
// silent has been gone for the whole of patience.
func (ph *phone) lose(p *peer, now time.Time, silent bool, patience time.Duration) {
	for i, t := range ph.tabs {
		if t == p {
			ph.tabs = append(ph.tabs[:i:i], ph.tabs[i+1:]...)
		}
	}
	if silent {
		now = now.Add(-patience)
	}
	ph.lost = now
}

// Phone connects an agent's browser tab: offer is the tab's, complete with its
// addresses; answer goes back to it. The connection is made at sign-in and kept;
// the newest connected one of an agent is the one that rings. id is for
// Disconnect.
func (s *Server) Phone(ctx context.Context, agent desk.ID, name, offer string) (answer string, id desk.ID, err error) {
	if agent == "" {
		return "", "", desk.Errorf(desk.Invalid, "agent_missing", "a phone needs its agent")
	}
	p, answer, err := s.connect(ctx, agent, offer)
	if err != nil {
		return "", "", err
	}
	var old *peer
	s.mu.Lock()
	if !p.dropped {
		ph := s.phones[agent]
		if ph == nil {
			ph = &phone{}
			s.phones[agent] = ph
		}
		ph.name = name
		ph.tabs = append(ph.tabs, p)
		if len(ph.tabs) > maxTabs {
			old = ph.tabs[0]
			if old.leg.Load() != nil {
				old = ph.tabs[1]
			}
		}
	}
	s.mu.Unlock()
	if old != nil {
		s.drop(old, voice.Cause{Reason: voice.EndNormal})
	}
	s.follow(agent)
	return answer, p.id, nil
}

// Disconnect ends a connection of the agent's; NotFound when it is not his. A
// call on it waits for his next one as it does when he reloads the page.
func (s *Server) Disconnect(_ context.Context, agent, id desk.ID) error {
	s.mu.Lock()
	p := s.peers[id]
	s.mu.Unlock()
	if p == nil || agent == "" || p.agent != agent {
		return desk.Errorf(desk.NotFound, "phone_missing", "the agent has no such connection here")
	}
	s.drop(p, voice.Cause{Reason: voice.EndNormal, By: "agent"})
	return nil
}

// Ready tells whether a browser of the agent is connected here.
func (s *Server) Ready(agent desk.ID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	ph := s.phones[agent]
	return ph != nil && ph.newest() != nil
}

// Call implements voice.Softphones. The leg rings until its PickUp, or the
// Server's. One whose agent is in another call here ends as busy.
func (s *Server) Call(_ context.Context, agent desk.ID, _ voice.Peer) (voice.Leg, error) {
	s.mu.Lock()
	ph := s.phones[agent]
	if s.closed || ph == nil || ph.newest() == nil {
		s.mu.Unlock()
		return nil, desk.Errorf(desk.NotFound, "phone_missing", "the agent has no browser connected here")
	}
	l := s.newLeg(voice.Peer{Agent: agent, Name: ph.name, Known: true}, true)
	busy := ph.leg != nil
	if !busy {
		ph.leg = l
		s.wg.Go(func() { s.guard(l) })
	}
	s.mu.Unlock()
	if busy {
		l.end(voice.Cause{Reason: voice.EndBusy, Q850: 17, By: "agent"})
		return l, nil
	}
	l.tell(voice.LegEvent{Kind: voice.LegRinging, At: time.Now()})
	return l, nil
}

// PickUp answers the leg that rings for the agent: he has accepted the call.
func (s *Server) PickUp(agent, leg desk.ID) error {
	s.mu.Lock()
	ph := s.phones[agent]
	if ph == nil || ph.leg == nil || ph.leg.id != leg {
		s.mu.Unlock()
		return desk.Errorf(desk.NotFound, "leg_missing", "no such call rings for the agent")
	}
	l := ph.leg
	s.mu.Unlock()
	return s.pickUp(l)
}

func (s *Server) pickUp(l *leg) error {
	if !l.outgoing {
		return desk.Errorf(desk.Conflict, "leg_incoming", "this leg calls; Answer takes it")
	}
	s.mu.Lock()
	var p *peer
	if ph := s.phones[l.who.Agent]; ph != nil && ph.leg == l {
		p = ph.newest()
	} else {
		s.mu.Unlock()
		return errLegOver
	}
	s.mu.Unlock()
	if p == nil || !s.attach(l, p) {
		return desk.Errorf(desk.Unavailable, "phone_gone", "the agent's browser is not connected at the moment")
	}
	if !l.open.Swap(true) {
		l.tell(voice.LegEvent{Kind: voice.LegAnswered, At: time.Now()})
	}
	return nil
}

// forget frees what an ended leg had.
func (s *Server) forget(l *leg, why voice.Cause) {
	p := l.at.Swap(nil)
	if p != nil {
		p.leg.CompareAndSwap(l, nil)
	}
	if !l.outgoing {
		if p != nil {
			s.drop(p, why)
		}
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if ph := s.phones[l.who.Agent]; ph != nil && ph.leg == l {
		ph.leg = nil
		if len(ph.tabs) == 0 {
			delete(s.phones, l.who.Agent)
		}
	}
}

// guard looks after an agent's call until it ends.
func (s *Server) guard(l *leg) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-l.done:
			return
		case <-tick.C:
			s.look(l.who.Agent, time.Now())
		}
	}
}

// look moves an agent's call to his newer connection when the one it is on has
// gone or fallen silent, and ends it when he has been gone for too long.
func (s *Server) look(agent desk.ID, now time.Time) {
	s.mu.Lock()
	ph := s.phones[agent]
	if ph == nil || ph.leg == nil {
		s.mu.Unlock()
		return
	}
	l, newest, on := ph.leg, ph.newest(), ph.leg.at.Load()
	var move *peer
	over := false
	switch {
	case newest == nil && (on == nil || on.dropped):
		if l.gone.IsZero() {
			l.gone = now
			if !ph.lost.IsZero() && len(ph.tabs) == 0 {
				l.gone = ph.lost
			}
		}
		over = now.Sub(l.gone) >= s.cfg.Patience
	case newest == nil: // its connection is silent, and fails or recovers
	case l.open.Load() && newest != on && (on == nil || !on.live || now.UnixNano()-on.heard.Load() > int64(quiet)):
		move = newest
		fallthrough
	default:
		l.gone = time.Time{}
	}
	s.mu.Unlock()
	switch {
	case move != nil:
		s.attach(l, move)
	case over && l.open.Load():
		l.end(voice.Cause{Reason: voice.EndLost, By: "agent"})
	case over:
		l.end(voice.Cause{Reason: voice.EndUnreachable, By: "agent"})
	}
}

// follow does what has to be done when an agent's connections have changed.
func (s *Server) follow(agent desk.ID) {
	if agent == "" {
		return
	}
	s.look(agent, time.Now())
	s.mu.Lock()
	if ph := s.phones[agent]; ph != nil && len(ph.tabs) == 0 && ph.leg == nil {
		delete(s.phones, agent)
	}
	s.mu.Unlock()

	s.tellMu.Lock()
	defer s.tellMu.Unlock()
	if ready := s.Ready(agent); ready != s.told[agent] {
		if s.told[agent] = ready; !ready {
			delete(s.told, agent)
		}
		if s.cfg.OnReady != nil {
			s.cfg.OnReady(agent, ready)
		}
	}
}
