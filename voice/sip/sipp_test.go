package sip

import (
	"testing"

	"github.com/parleyhq/parley/voice"
)

func TestCall_InviteAnswerBye(t *testing.T) {
	r := start(t, nil)
	p := runSipp(t, "uac", r.Addr("udp").String(), "-d", "200")
	l := r.call()
	if err := l.Ring(false); err != nil {
		t.Fatal(err)
	}
	answer(t, l)
	e := next(t, l, voice.LegEnded)
	if e.Cause.Reason != voice.EndNormal || e.Cause.By != "caller" {
		t.Errorf("cause %+v, want normal by the caller", e.Cause)
	}
	if l.Peer().Number != "sipp" || l.Peer().Called != "parley" {
		t.Errorf("peer %+v", l.Peer())
	}
	p.wait()
	eventually(t, "the call is forgotten", func() bool { return r.Active() == 0 })
}
