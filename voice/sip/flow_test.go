package sip

import (
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"
	"github.com/icholy/digest"

	"github.com/parleyhq/parley/voice"
)

// phoneByTCP registers as ann over a connection, and returns it.
func phoneByTCP(t *testing.T, r *rig) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", r.Addr("tcp").String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	_ = c.SetDeadline(time.Now().Add(patience))
	auth := ""
	for _, seq := range []string{"1", "2"} {
		_, err := io.WriteString(c, "REGISTER sip:parley SIP/2.0\r\nVia: SIP/2.0/TCP "+c.LocalAddr().String()+";branch=z9hG4bK"+seq+
			"\r\nFrom: <sip:ann@parley>;tag=r\r\nTo: <sip:ann@parley>\r\nCall-ID: reg\r\nCSeq: "+seq+" REGISTER\r\nMax-Forwards: 70\r\n"+
			"Contact: <sip:ann@"+c.LocalAddr().String()+";transport=tcp>\r\n"+auth+"Content-Length: 0\r\n\r\n")
		if err != nil {
			t.Fatal(err)
		}
		b := make([]byte, 4096)
		n, err := c.Read(b)
		if err != nil {
			t.Fatal(err)
		}
		m, err := sip.ParseMessage(b[:n])
		if err != nil {
			t.Fatal(err)
		}
		if m.(*sip.Response).StatusCode == 200 {
			return c
		}
		chal, err := digest.ParseChallenge(header(m, "WWW-Authenticate"))
		if err != nil {
			t.Fatal(err)
		}
		cred, err := digest.Digest(chal, digest.Options{Method: "REGISTER", URI: "sip:parley", Username: "ann", Password: "right"})
		if err != nil {
			t.Fatal(err)
		}
		auth = "Authorization: " + cred.String() + "\r\n"
	}
	t.Fatal("not registered")
	return nil
}

func TestFlow_PingsAreAnswered(t *testing.T) {
	t.Parallel()
	r := start(t, withTCP)
	c, err := net.Dial("tcp", r.Addr("tcp").String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(patience))
	for range 3 {
		if _, err := io.WriteString(c, "\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		b := make([]byte, 10)
		if n, err := c.Read(b); err != nil || string(b[:n]) != "\r\n" {
			t.Fatalf("pong %q, %v", b[:n], err)
		}
	}
}

func TestFlow_PhonesArePinged(t *testing.T) {
	t.Parallel()
	for name, pongs := range map[string]bool{"and answer": true, "and know nothing of it": false} {
		t.Run(name, func(t *testing.T) {
			b := &bindings{}
			r := start(t, func(c *Config) {
				registrar(b, "")(c)
				withTCP(c)
				c.KeepAlive, c.T1 = 50*time.Millisecond, 10*time.Millisecond
			})
			c := phoneByTCP(t, r)
			pings, options, text := 0, 0, ""
			for pings < 4 && options < 4 {
				buf := make([]byte, 4096)
				n, err := c.Read(buf)
				if err != nil {
					t.Fatal(err)
				}
				text += string(buf[:n])
				for done := false; !done; {
					switch head, rest, ok := strings.Cut(text, "\r\n\r\n"); {
					case !ok:
						done = true
					case head == "":
						pings, text = pings+1, rest
						if pongs {
							_, _ = io.WriteString(c, "\r\n")
						}
					default:
						options, text = options+1, rest
						m, err := sip.ParseMessage([]byte(head + "\r\n\r\n"))
						if err != nil {
							t.Fatal(err)
						}
						_, _ = io.WriteString(c, sip.NewResponseFromRequest(m.(*sip.Request), 200, "OK", nil).String())
					}
				}
			}
			if pongs && options > 0 {
				t.Errorf("%d OPTIONS to a phone that answers pings", options)
			}
			if !pongs && pings > 1 {
				t.Errorf("%d pings to a phone that does not answer them, want 1", pings)
			}
			if list, _ := b.Bound(context.Background(), "ann"); len(list) != 1 {
				t.Errorf("%d bindings while it answers", len(list))
			}
			c.Close()
			eventually(t, "the phone is taken off", func() bool {
				list, _ := b.Bound(context.Background(), "ann")
				return len(list) == 0
			})
		})
	}
}

func TestTrunk_UnregistersAtTheEnd(t *testing.T) {
	t.Parallel()
	p := carrier(t)
	r := start(t, line(p.addr(), func(tr *Trunk) { tr.Register = true }))
	p.at.Port, p.at.IP = int(r.Addr("udp").Port()), r.Addr("udp").Addr().AsSlice()
	first := p.request(sip.REGISTER)
	p.reply(first, 200, "")
	eventually(t, "the trunk is up", func() bool { return trunkState(r).State == TrunkUp })
	go r.Close()
	last := p.request(sip.REGISTER)
	for last.CSeq().SeqNo == first.CSeq().SeqNo {
		last = p.request(sip.REGISTER)
	}
	if header(last, "Expires") != "0" || last.CallID().Value() != first.CallID().Value() {
		t.Errorf("Expires %q of %s, want 0 of %s", header(last, "Expires"), last.CallID(), first.CallID())
	}
	p.reply(last, 401, "", sip.NewHeader("WWW-Authenticate", `Digest realm="city",nonce="n",algorithm=MD5,qop="auth"`))
	again := p.request(sip.REGISTER)
	for again.CSeq().SeqNo == last.CSeq().SeqNo {
		again = p.request(sip.REGISTER)
	}
	if header(again, "Authorization") == "" || header(again, "Expires") != "0" {
		t.Error("the challenge is not answered")
	}
	p.reply(again, 200, "")
}

func TestSilence_WhoDoesNotAnswerHasLostTheLine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		code int // of the answer to our question; 0: none
		lost bool
	}{{"answers", 200, false}, {"knows no OPTIONS", 405, false}, {"has forgotten the call", 481, true}, {"has gone", 0, true}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := start(t, func(c *Config) { c.T1 = 20 * time.Millisecond })
			p := newPeer(t, r)
			l, _ := p.called(r, "a")
			l.(*leg).silent()
			next(t, l, voice.LegSilent)
			asked := p.request(sip.OPTIONS)
			if c.code != 0 {
				p.reply(asked, c.code, "")
			}
			if c.lost {
				if e := next(t, l, voice.LegEnded); e.Cause.Reason != voice.EndLost {
					t.Errorf("ended with %+v", e.Cause)
				}
				return
			}
			select {
			case e := <-l.Events():
				t.Errorf("got %+v", e)
			case <-time.After(64 * 20 * time.Millisecond):
			}
		})
	}
}

func TestHold_AGoodbyeOnTheWayIsTheCause(t *testing.T) {
	t.Parallel()
	r := start(t, nil)
	p := newPeer(t, r)
	l, inv := p.called(r, "a")
	go func() { _ = l.Hold(t.Context(), true) }()
	again := p.request(sip.INVITE)
	p.reply(again, 481, "")
	p.send(p.within(inv, sip.BYE, 1, "a"))
	if e := next(t, l, voice.LegEnded); e.Cause.Reason != voice.EndNormal {
		t.Errorf("ended with %+v", e.Cause)
	}
}

func TestHold_WhatIsWantedLastHolds(t *testing.T) {
	t.Parallel()
	r := start(t, nil)
	p := newPeer(t, r)
	l, _ := p.called(r, "a")
	done := make(chan error, 1)
	go func() { done <- l.Hold(t.Context(), true) }()
	first := p.request(sip.INVITE)
	if err := l.Hold(t.Context(), false); err != nil { // before the first is through
		t.Fatal(err)
	}
	p.reply(first, 200, "")
	p.request(sip.ACK)
	second := p.request(sip.INVITE)
	if !strings.Contains(string(first.Body()), "a=sendonly") || strings.Contains(string(second.Body()), "a=sendonly") {
		t.Errorf("offered %q, then %q", first.Body(), second.Body())
	}
	p.reply(second, 200, "")
	if err := <-done; err != nil {
		t.Error(err)
	}
}
