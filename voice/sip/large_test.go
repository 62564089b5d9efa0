package sip

import (
	"context"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/parleyhq/parley/voice"
)

// lengthy is a user part that makes an INVITE too long for a datagram.
var lengthy = strings.Repeat("b", 900)

func withTCP(c *Config) { c.TCP = "127.0.0.1:0" }

func TestLarge_GoesByTCP(t *testing.T) {
	t.Parallel()
	r := start(t, withTCP)
	p := newPeer(t, r) // whoever listens to UDP there hears nothing
	_, port, _ := net.SplitHostPort(p.addr())
	n, _ := strconv.Atoi(port)
	ln, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: n})
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	l, err := r.Dial(context.Background(), voice.Dialing{To: "sip:" + lengthy + "@" + p.addr()})
	if err != nil {
		t.Fatal(err)
	}
	_ = ln.SetDeadline(time.Now().Add(patience))
	c, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(patience))
	in := stream{t, c, sip.NewParser().NewSIPStream()}
	inv := in.request(sip.INVITE)
	if via := inv.Via(); via.Transport != "TCP" || via.Port != int(r.Addr("tcp").Port()) {
		t.Errorf("Via %s, want TCP and our port for it", via.Value())
	}
	answer := func(req *sip.Request, code int) {
		res := sip.NewResponseFromRequest(req, code, "Whatever", nil)
		res.To().Params.Add("tag", "a")
		if _, err := c.Write([]byte(res.String())); err != nil {
			t.Fatal(err)
		}
	}
	answer(inv, 180)
	next(t, l, voice.LegRinging)
	l.Hangup(voice.Cause{Reason: voice.EndCancelled})
	cancel := in.request(sip.CANCEL)
	if cancel.Via().Value() != inv.Via().Value() {
		t.Errorf("CANCEL by %s, INVITE by %s", cancel.Via().Value(), inv.Via().Value())
	}
	answer(cancel, 200)
	answer(inv, 487)
	in.request(sip.ACK)
}

// stream reads messages from a connection.
type stream struct {
	t   *testing.T
	c   net.Conn
	par *sip.ParserStream
}

func (s stream) request(method sip.RequestMethod) *sip.Request {
	s.t.Helper()
	b := make([]byte, 4096)
	for {
		if m, _, err := s.par.ParseNext(); err == nil {
			if r, ok := m.(*sip.Request); ok && r.Method == method {
				return r
			}
			continue
		}
		n, err := s.c.Read(b)
		if err != nil {
			s.t.Fatalf("no %s: %v", method, err)
		}
		_, _ = s.par.Write(b[:n])
	}
}

func TestLarge_GoesByUDPWhereTCPIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*Config)
		params string
	}{
		"refused": {withTCP, ""}, "not wanted": {withTCP, ";transport=udp"}, "not spoken here": {nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := start(t, c.change)
			p := newPeer(t, r)
			for range 2 {
				l, err := r.Dial(context.Background(), voice.Dialing{To: "sip:" + lengthy + "@" + p.addr() + c.params})
				if err != nil {
					t.Fatal(err)
				}
				inv := p.request(sip.INVITE)
				if len(inv.String()) <= largest || inv.Via().Transport != "UDP" || inv.Via().Port != int(r.Addr("udp").Port()) {
					t.Errorf("%d octets, Via %s", len(inv.String()), inv.Via().Value())
				}
				p.reply(inv, 486, "a")
				p.request(sip.ACK)
				if e := next(t, l, voice.LegEnded); e.Cause.Reason != voice.EndBusy {
					t.Errorf("cause %+v", e.Cause)
				}
			}
			if got := len(r.noTCP); name == "refused" && got != 1 {
				t.Errorf("%d hosts are remembered, want 1", got)
			}
		})
	}
}
