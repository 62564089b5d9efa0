package sip

import (
	"context"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
)

// asked has the server ask the peer for a transfer, and answers it with code.
func (p *peer) asked(l voice.Leg, code int) error {
	p.t.Helper()
	done := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		done <- l.Refer(ctx, "+8613800138000")
	}()
	p.reply(p.request(sip.REFER), code, "")
	select {
	case err := <-done:
		return err
	case <-time.After(patience):
		p.t.Fatal("Refer does not return")
		return nil
	}
}

func TestRefer_OursThatFailsIsTold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, state, line string
		want              voice.Cause
	}{
		{"busy", "terminated;reason=noresource", "SIP/2.0 486 Busy Here\r\n", causeOf(486)},
		{"busy, and the subscription stays", "active;expires=30", "SIP/2.0 486 Busy Here\r\n", causeOf(486)},
		{"not known", "terminated;reason=timeout", "SIP/2.0 180 Ringing\r\n", causeOf(408)},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := start(t, nil)
			p := newPeer(t, r)
			l, inv := p.called(r, "a")
			if err := p.asked(l, 202); err != nil {
				t.Fatal(err)
			}
			p.send(p.within(inv, sip.NOTIFY, 1, "a", "Event: refer", "Subscription-State: "+c.state, "Content-Type: message/sipfrag", "\r\n"+c.line))
			p.response(200, sip.NOTIFY)
			if e := next(t, l, voice.LegNotTransferred); e.Cause != c.want {
				t.Errorf("cause %+v, want %+v", e.Cause, c.want)
			}
		})
	}
}

func TestRefer_OursMayBeRefused(t *testing.T) {
	t.Parallel()
	r := start(t, nil)
	p := newPeer(t, r)
	l, _ := p.called(r, "a")
	for _, code := range []int{405, 603} {
		if err := p.asked(l, code); !desk.IsKind(err, desk.Forbidden) {
			t.Errorf("%d: %v, want forbidden", code, err)
		}
	}
}

func TestPeer_SaysWhetherItsTrunkTransfers(t *testing.T) {
	t.Parallel()
	r := start(t, trusted)
	p := newPeer(t, r)
	p.send(p.invite("one"))
	l := r.call()
	if !l.Peer().Refers {
		t.Errorf("peer %+v, want one that transfers", l.Peer())
	}
	l.Hangup(voice.Cause{Reason: voice.EndBusy})
	p.response(486, sip.INVITE)
}
