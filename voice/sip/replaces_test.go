package sip

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"

	"github.com/parleyhq/parley/voice"
)

// by makes a leg one that goes by a trunk.
func by(l voice.Leg, t *trunk) {
	l.(*leg).mu.Lock()
	defer l.(*leg).mu.Unlock()
	l.(*leg).trunk = t
}

// replacing is an INVITE from the peer with a Replaces header of its own.
func (p *peer) replacing(id string, lines ...string) rawMessage {
	m := strings.Replace(p.invite(id).String(), "Call-ID: merged", "Call-ID: "+id, 1)
	return rawMessage(strings.Replace(m, "Max-Forwards: 70", strings.Join(append(lines, "Max-Forwards: 70"), "\r\n"), 1))
}

func (p *peer) ack(ok *sip.Response) {
	p.send(rawMessage(strings.Join([]string{
		"ACK " + ok.Contact().Address.String() + " SIP/2.0", "Via: SIP/2.0/UDP " + p.addr() + ";branch=" + sip.GenerateBranch(),
		ok.From().String(), ok.To().String(), ok.CallID().String(), fmt.Sprintf("CSeq: %d ACK", ok.CSeq().SeqNo), "Max-Forwards: 70", "Content-Length: 0", "", "",
	}, "\r\n")))
}

// inDialogWith names the dialog of a call that the server began.
func inDialogWith(inv *sip.Request, tag string) string {
	return "Replaces: " + inv.CallID().Value() + ";to-tag=" + tagOf(inv.From().Params) + ";from-tag=" + tag
}

func TestReplaces_TakesTheOldOnesPlace(t *testing.T) {
	t.Parallel()
	r := start(t, trusted)
	p := newPeer(t, r)
	l, inv := p.called(r, "a")
	by(l, r.trunks[0]) // as if it had gone out there
	p.send(p.replacing("new", inDialogWith(inv, "a"), "Require: replaces"))
	p.ack(p.response(200, sip.INVITE))
	e := next(t, l, voice.LegReplaced)
	in := e.Take()
	if in == nil {
		t.Fatal("too late at once")
	}
	if again := e.Take(); again != nil {
		t.Error("taken twice")
	}
	if in.Peer().Number != "bob" {
		t.Errorf("peer %+v", in.Peer())
	}
	l.Hangup(voice.Cause{Reason: voice.EndTransferred})
	if bye := p.request(sip.BYE); tagOf(bye.To().Params) != "a" {
		t.Errorf("BYE to %s, want the old one", bye.To())
	} else {
		p.reply(bye, 200, "")
	}
	in.Hangup(voice.Cause{Reason: voice.EndNormal})
	bye := p.request(sip.BYE)
	if bye.CallID().Value() != "new" {
		t.Errorf("BYE of %s, want the new one", bye.CallID().Value())
	}
	p.reply(bye, 200, "")
	if len(r.calls) != 0 {
		t.Error("it came in as a call of its own")
	}
}

func TestReplaces_NobodyTakesIt(t *testing.T) {
	t.Parallel()
	r := start(t, trusted)
	p := newPeer(t, r)
	l, inv := p.called(r, "a")
	by(l, r.trunks[0])
	p.send(p.replacing("new", inDialogWith(inv, "a")))
	p.ack(p.response(200, sip.INVITE))
	e := next(t, l, voice.LegReplaced)
	p.send(p.within(inv, sip.BYE, 1, "a")) // the old one ends before
	bye := p.request(sip.BYE)
	if bye.CallID().Value() != "new" {
		t.Errorf("BYE of %s, want the new one", bye.CallID().Value())
	}
	p.reply(bye, 200, "")
	if e.Take() != nil {
		t.Error("taken although it has been let go")
	}
}

func TestReplaces_WhatRingsIsTaken(t *testing.T) {
	t.Parallel()
	r := start(t, trusted)
	p := newPeer(t, r)
	l, err := r.Dial(context.Background(), voice.Dialing{To: "sip:bob@" + p.addr()})
	if err != nil {
		t.Fatal(err)
	}
	by(l, r.trunks[0])
	inv := p.request(sip.INVITE)
	p.send(p.replacing("none", inDialogWith(inv, "a")))
	p.response(481, sip.INVITE) // nothing rings there yet
	p.reply(inv, 180, "a")
	next(t, l, voice.LegRinging)
	p.send(p.replacing("new", inDialogWith(inv, "a")+";early-only"))
	p.ack(p.response(200, sip.INVITE))
	in := next(t, l, voice.LegReplaced).Take()
	l.Hangup(voice.Cause{Reason: voice.EndTransferred})
	p.reply(p.request(sip.CANCEL), 200, "")
	p.reply(inv, 487, "a")
	if in == nil || in.ID() == l.ID() {
		t.Error("nobody took it")
	}
}

func TestReplaces_Refused(t *testing.T) {
	t.Parallel()
	r := start(t, func(c *Config) {
		trusted(c)
		second := c.Trunks[0]
		second.Name, second.Host, second.Allow = "other", "127.0.0.8", nil
		c.Trunks = append(c.Trunks, second)
	})
	stranger := start(t, nil)
	p, q := newPeer(t, r), newPeer(t, stranger)
	theirs, inv := p.called(r, "a")
	by(theirs, r.trunks[1])
	ours, mine := p.called(r, "b")
	by(ours, r.trunks[0])
	p.send(p.replacing("ringing"))
	coming := r.call()
	if err := coming.Ring(false); err != nil {
		t.Fatal(err)
	}
	ringing := p.response(180, sip.INVITE)
	for i, c := range []struct {
		what  string
		lines []string
		code  int
	}{
		{"an unknown dialog", []string{"Replaces: nobody;to-tag=1;from-tag=2"}, 481},
		{"another's tag", []string{inDialogWith(mine, "x")}, 481},
		{"no tags", []string{"Replaces: nobody"}, 400},
		{"two of them", []string{inDialogWith(mine, "b"), inDialogWith(inv, "a")}, 400},
		{"another trunk's call", []string{inDialogWith(inv, "a")}, 403},
		{"one that talks, when it should ring", []string{inDialogWith(mine, "b") + ";early-only"}, 486},
		{"one that rings here", []string{"Replaces: ringing;to-tag=" + tagOf(ringing.To().Params) + ";from-tag=b"}, 481},
	} {
		p.send(p.replacing(fmt.Sprint("r", i), c.lines...))
		res := p.read("an answer", func(m sip.Message) bool {
			res, ok := m.(*sip.Response)
			return ok && res.StatusCode >= 200 && res.CallID().Value() == fmt.Sprint("r", i)
		}).(*sip.Response)
		if res.StatusCode != c.code {
			t.Errorf("%s: %d, want %d", c.what, res.StatusCode, c.code)
		}
	}
	ours.Hangup(voice.Cause{Reason: voice.EndNormal})
	p.request(sip.BYE)
	p.send(p.replacing("late", inDialogWith(mine, "b")))
	p.response(603, sip.INVITE)
	_, foreign := q.called(stranger, "a")
	q.send(q.replacing("s", inDialogWith(foreign, "a")))
	q.response(403, sip.INVITE)
}
