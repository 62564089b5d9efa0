package sip

import (
	"context"
	"testing"
	"time"

	"github.com/parleyhq/parley/voice"
)

func TestFlows_OfRFC3665(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		scenario string
		change   func(*Config)
		do       func(t *testing.T, l *leg)
		reason   string
	}{
		{"success.xml", nil, func(t *testing.T, l *leg) {
			if err := l.Ring(false); err != nil {
				t.Error(err)
			}
			answer(t, l)
			l.Hangup(voice.Cause{Reason: voice.EndNormal})
		}, voice.EndNormal},
		{"busy.xml", nil, func(_ *testing.T, l *leg) { l.Hangup(voice.Cause{Reason: voice.EndBusy}) }, voice.EndBusy},
		{"no_answer.xml", func(c *Config) { c.Ring = 300 * time.Millisecond }, func(t *testing.T, l *leg) {
			if err := l.Ring(false); err != nil {
				t.Error(err)
			}
		}, voice.EndNoAnswer},
		{"reinvite_refused.xml", nil, func(t *testing.T, l *leg) { answer(t, l) }, voice.EndNormal},
	} {
		t.Run(c.scenario, func(t *testing.T) {
			t.Parallel()
			r := start(t, c.change)
			p := runSipp(t, c.scenario, r.Addr("udp").String())
			l := r.call()
			c.do(t, l)
			if e := next(t, l, voice.LegEnded); e.Cause.Reason != c.reason {
				t.Errorf("cause %+v, want %s", e.Cause, c.reason)
			}
			p.wait()
			eventually(t, "the call is forgotten", func() bool { return r.Active() == 0 })
		})
	}
}

func TestRegisterAndCall_WithDigest(t *testing.T) {
	t.Parallel()
	b := &bindings{}
	r := start(t, registrar(b, "agent"))
	p := runSipp(t, "register_and_call.xml", r.Addr("udp").String())
	l := r.call()
	if got := l.Peer(); !got.Known || got.Agent != "agent" || got.Number != "ann" {
		t.Errorf("peer %+v", got)
	}
	if err := l.Ring(false); err != nil {
		t.Fatal(err)
	}
	answer(t, l)
	next(t, l, voice.LegEnded)
	p.wait()
	if list, _ := b.Bound(context.Background(), "ann"); len(list) != 1 {
		t.Errorf("%d bindings, want 1", len(list))
	}
}
