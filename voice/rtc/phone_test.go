package rtc

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
)

func TestPhone_RingsIsPickedUpAndTalks(t *testing.T) {
	s := open(t, nil)
	b, _ := phoneOf(t, s, "grace", true)
	l, err := s.Call(t.Context(), "grace", voice.Peer{})
	if err != nil {
		t.Fatal(err)
	}
	next(t, l, voice.LegRinging)
	if p := l.Peer(); p.Agent != "grace" || p.Name != "Grace" || !p.Secure {
		t.Errorf("got peer %+v, want Grace's, secure", p)
	}
	stop := b.say(1000)
	defer stop()
	l.Line().Play(&beep{freq: 440}, nil)
	if err := s.PickUp("grace", "another"); !desk.IsKind(err, desk.NotFound) {
		t.Errorf("picking up another call: got %v, want not found", err)
	}
	if err := s.PickUp("ada", l.ID()); !desk.IsKind(err, desk.NotFound) {
		t.Errorf("picking up another agent's call: got %v, want not found", err)
	}
	if n := b.samples(); n > 0 {
		t.Errorf("the phone heard %d samples before it was picked up, want none", n)
	}
	e := &ear{}
	l.Line().Tap(e)
	if err := l.(interface{ PickUp() error }).PickUp(); err != nil {
		t.Fatal(err)
	}
	next(t, l, voice.LegAnswered)
	e.hears(t, 1000)
	b.hears(440)
	l.Hangup(voice.Cause{Reason: voice.EndNormal, By: "caller"})
	next(t, l, voice.LegEnded)
	if _, open := <-l.Events(); open {
		t.Error("the events go on after the end")
	}
	if !s.Ready("grace") {
		t.Error("the phone is gone after its call, want it kept")
	}
}

func TestPhone_NextCallContinuesTheStream(t *testing.T) {
	s := open(t, nil)
	b, _ := phoneOf(t, s, "grace", false)
	for range 3 {
		l := called(t, s, "grace")
		b.deaf()
		l.Line().Play(&beep{freq: 440}, nil)
		b.hears(440)
		l.Hangup(voice.Cause{Reason: voice.EndNormal})
		next(t, l, voice.LegEnded)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.ssrcs) != 1 {
		t.Errorf("got %d SSRCs, want one for life", len(b.ssrcs))
	}
	for i := 1; i < len(b.stamps); i++ {
		if step := b.seqs[i] - b.seqs[i-1]; step != 1 {
			t.Errorf("packet %d: the sequence steps by %d, want 1", i, step)
		}
		if step := int32(b.stamps[i] - b.stamps[i-1]); step < 160 || step > 8000 {
			t.Errorf("packet %d: the clock steps by %d samples, want forward and less than a second", i, step)
		}
	}
}

func TestPhone_SecondCallIsBusy(t *testing.T) {
	s := open(t, nil)
	phoneOf(t, s, "grace", false)
	first := called(t, s, "grace")
	second, err := s.Call(t.Context(), "grace", voice.Peer{})
	if err != nil {
		t.Fatal(err)
	}
	if e := next(t, second, voice.LegEnded); e.Cause.Reason != voice.EndBusy {
		t.Errorf("got %+v, want busy", e.Cause)
	}
	first.Hangup(voice.Cause{Reason: voice.EndNormal})
	next(t, first, voice.LegEnded)
	called(t, s, "grace")
}

func TestPhone_NobodyThere(t *testing.T) {
	s := open(t, nil)
	if _, err := s.Call(t.Context(), "grace", voice.Peer{}); !desk.IsKind(err, desk.NotFound) {
		t.Errorf("got %v, want not found", err)
	}
	if err := s.Disconnect(t.Context(), "grace", "nothing"); !desk.IsKind(err, desk.NotFound) {
		t.Errorf("got %v, want not found", err)
	}
}

func TestPhone_NewestTabRings(t *testing.T) {
	s := open(t, nil)
	old, _ := phoneOf(t, s, "grace", false)
	young, id := phoneOf(t, s, "grace", false)
	eventually(t, "both tabs", func() bool { return s.tabs("grace") == 2 })
	l := called(t, s, "grace")
	l.Line().Play(&beep{freq: 440}, nil)
	young.hears(440)
	if n := old.samples(); n > 0 {
		t.Errorf("the older tab heard %d samples, want none", n)
	}
	if err := s.Disconnect(t.Context(), "ada", id); !desk.IsKind(err, desk.NotFound) {
		t.Errorf("another agent's disconnect: got %v, want not found", err)
	}
	// The tab closes; the older one, which is still there, takes the call.
	if err := s.Disconnect(t.Context(), "grace", id); err != nil {
		t.Fatal(err)
	}
	old.hears(440)
}

// tabs is how many connected tabs an agent has.
func (s *Server) tabs(agent desk.ID) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ph := s.phones[agent]; ph != nil {
		for _, p := range ph.tabs {
			if p.live {
				n++
			}
		}
	}
	return n
}

func TestPhone_SecondTabLeavesTheCallWhereItIs(t *testing.T) {
	s := open(t, nil)
	first, _ := phoneOf(t, s, "grace", false)
	stop := first.say(1000)
	defer stop()
	l := called(t, s, "grace")
	e := &ear{}
	l.Line().Tap(e)
	e.hears(t, 1000)
	second, _ := phoneOf(t, s, "grace", false)
	eventually(t, "both tabs", func() bool { return s.tabs("grace") == 2 })
	l.Line().Play(&beep{freq: 440}, nil)
	first.hears(440)
	first.deaf()
	<-time.After(2 * quiet)
	first.hears(440)
	if n := second.samples(); n > 0 {
		t.Errorf("the new tab heard %d samples of a call that goes on in the old one", n)
	}
}

func TestPhone_TooManyTabsCloseTheOldest(t *testing.T) {
	s := open(t, nil)
	for range maxTabs + 2 {
		phoneOf(t, s, "grace", false)
	}
	eventually(t, "the oldest tabs to go", func() bool { return s.Peers() == maxTabs })
}

func TestPhone_ReloadKeepsTheCall(t *testing.T) {
	for name, leave := range map[string]func(*browser){
		"closed":   func(b *browser) { _ = b.pc.Close() },
		"vanished": func(b *browser) { b.net.cut.Store(true) },
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, nil)
			before, _ := phoneOf(t, s, "grace", false)
			stop := before.say(1000)
			l := called(t, s, "grace")
			e := &ear{}
			l.Line().Tap(e)
			l.Line().Play(&beep{freq: 440}, nil)
			e.hears(t, 1000)
			before.hears(440)
			leave(before)
			stop()

			after, _ := phoneOf(t, s, "grace", false)
			defer after.say(700)()
			after.hears(440)
			e.hears(t, 700)
			select {
			case ev := <-l.Events():
				t.Errorf("got event %+v, want none: the customer must not notice", ev)
			default:
			}
		})
	}
}

func TestPhone_LostAfterPatience(t *testing.T) {
	for name, leave := range map[string]func(*browser){
		"closed":   func(b *browser) { _ = b.pc.Close() },
		"vanished": func(b *browser) { b.net.cut.Store(true) },
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, func(c *Config) { c.Patience = 2 * time.Second })
			b, _ := phoneOf(t, s, "grace", false)
			l := called(t, s, "grace")
			begun := time.Now()
			leave(b)
			if e := next(t, l, voice.LegEnded); e.Cause.Reason != voice.EndLost {
				t.Errorf("got %+v, want lost", e.Cause)
			}
			if d := time.Since(begun); d < time.Second || d > 20*time.Second {
				t.Errorf("lost after %v, want about 2 s", d)
			}
			eventually(t, "the phone to be forgotten", func() bool { return !s.Ready("grace") && s.Peers() == 0 })
		})
	}
}

func TestPhone_RingingEndsUnreachableWhenTheBrowserIsGone(t *testing.T) {
	s := open(t, func(c *Config) { c.Patience = time.Second })
	b, _ := phoneOf(t, s, "grace", false)
	l, err := s.Call(t.Context(), "grace", voice.Peer{})
	if err != nil {
		t.Fatal(err)
	}
	next(t, l, voice.LegRinging)
	_ = b.pc.Close()
	if e := next(t, l, voice.LegEnded); e.Cause.Reason != voice.EndUnreachable {
		t.Errorf("got %+v, want unreachable", e.Cause)
	}
}

func TestPhone_ReadinessIsTold(t *testing.T) {
	var mu sync.Mutex
	var told []bool
	s := open(t, func(c *Config) {
		c.OnReady = func(agent desk.ID, ready bool) {
			mu.Lock()
			defer mu.Unlock()
			if agent != "grace" {
				t.Errorf("told of %q, want grace", agent)
			}
			told = append(told, ready)
		}
	})
	b, _ := phoneOf(t, s, "grace", false)
	_, second := phoneOf(t, s, "grace", false)
	eventually(t, "both tabs", func() bool { return s.tabs("grace") == 2 })
	if err := s.Disconnect(t.Context(), "grace", second); err != nil {
		t.Fatal(err)
	}
	_ = b.pc.Close()
	eventually(t, "the phone to be gone", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(told) >= 2
	})
	mu.Lock()
	defer mu.Unlock()
	if len(told) != 2 || !told[0] || told[1] {
		t.Errorf("told %v, want once ready, once not", told)
	}
}

func TestLeg_WhatABrowserCannotDo(t *testing.T) {
	s := open(t, nil)
	phoneOf(t, s, "grace", false)
	l := called(t, s, "grace")
	_, c := talk(t, s, false)
	if err := l.Refer(t.Context(), "+4930123456"); !desk.IsKind(err, desk.Forbidden) {
		t.Errorf("refer: got %v, want forbidden", err)
	}
	if err := l.Answer(t.Context()); !desk.IsKind(err, desk.Conflict) {
		t.Errorf("answering an outgoing leg: got %v, want conflict", err)
	}
	if err := l.Ring(true); !desk.IsKind(err, desk.Conflict) {
		t.Errorf("ringing an outgoing leg: got %v, want conflict", err)
	}
	if err := c.(*leg).PickUp(); !desk.IsKind(err, desk.Conflict) {
		t.Errorf("picking up an incoming leg: got %v, want conflict", err)
	}
	if err := c.Ring(false); err != nil {
		t.Errorf("ring: %v", err)
	}
	if err := c.Hold(context.Background(), true); err != nil {
		t.Errorf("hold: %v", err)
	}
	l.Hangup(voice.Cause{Reason: voice.EndNormal})
	if err := l.(*leg).PickUp(); !desk.IsKind(err, desk.Conflict) {
		t.Errorf("picking up an ended leg: got %v, want conflict", err)
	}
}
