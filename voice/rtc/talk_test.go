package rtc

import (
	"log/slog"
	"testing"

	"github.com/parleyhq/parley/voice"
)

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

func TestTalk_AudioGoesBothWays(t *testing.T) {
	s := open(t, nil)
	b, l := talk(t, s, false)
	e := &ear{}
	l.Line().Tap(e)
	stop := b.say(1000)
	defer stop()
	l.Line().Play(&beep{freq: 440}, nil)
	e.hears(t, 1000)
	b.hears(440)
	if !l.Peer().Secure || l.Peer().Name != "Ada" {
		t.Errorf("got peer %+v, want Ada, secure", l.Peer())
	}
	l.Hangup(voice.Cause{Reason: voice.EndNormal, By: "agent"})
	if e := next(t, l, voice.LegEnded); e.Cause.By != "agent" {
		t.Errorf("got cause %+v, want the one of Hangup", e.Cause)
	}
	eventually(t, "the connection to go", func() bool { return s.Peers() == 0 })
}
