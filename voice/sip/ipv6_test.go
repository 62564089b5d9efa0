package sip

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"

	"github.com/parleyhq/parley/voice"
	"github.com/parleyhq/parley/voice/media"
	"github.com/parleyhq/parley/voice/rtp"
)

func TestIPv6_ACall(t *testing.T) {
	t.Parallel()
	if c, err := net.ListenPacket("udp6", "[::1]:0"); err != nil {
		t.Skipf("SKIPPED, NOT TESTED: this machine has no IPv6: %v", err)
	} else {
		c.Close()
	}
	six := netip.MustParseAddr("::1")
	for _, transport := range []string{"udp", "tcp"} {
		t.Run(transport, func(t *testing.T) {
			listen := func(c *Config) {
				c.UDP, c.TCP = "[::1]:0", "[::1]:0"
				c.Anonymous = []netip.Prefix{netip.MustParsePrefix("::1/128")}
				c.Ports = rtp.NewPorts(0, 0, six)
			}
			far := start(t, listen)
			near := start(t, func(c *Config) {
				listen(c)
				c.Trunks = []Trunk{{Name: "six", Host: far.Addr(transport).String(), Transport: transport, Country: "86"}}
			})
			l, err := near.Dial(context.Background(), voice.Dialing{To: "+8613800138000"})
			if err != nil {
				t.Fatal(err)
			}
			in := far.call()
			if via := in.in.req.Via().Value(); !strings.Contains(via, " [::1]:") {
				t.Errorf("Via %s, want the address in brackets", via)
			}
			if c := in.in.req.Contact().Address.String(); !strings.Contains(c, "@[::1]:") {
				t.Errorf("Contact %s", c)
			}
			answer(t, in)
			next(t, l, voice.LegAnswered)
			in.Line().Play(media.Ringback(), nil)
			l.Line().Play(media.Ringback(), nil)
			hears(t, l)
			hears(t, in)
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			if err := l.Hold(ctx, true); err != nil {
				t.Error(err)
			}
			next(t, in, voice.LegHeld)
			in.Hangup(voice.Cause{Reason: voice.EndNormal})
			next(t, l, voice.LegEnded)
		})
	}
}

func TestIPv6_APhone(t *testing.T) {
	t.Parallel()
	c, err := net.ListenUDP("udp6", &net.UDPAddr{IP: net.IPv6loopback})
	if err != nil {
		t.Skipf("SKIPPED, NOT TESTED: this machine has no IPv6: %v", err)
	}
	defer c.Close()
	b := &bindings{}
	r := start(t, func(c *Config) {
		registrar(b, "")(c)
		c.UDP, c.Ports = "[::1]:0", rtp.NewPorts(0, 0, netip.IPv6Loopback())
	})
	p := &peer{t: t, conn: c, at: net.UDPAddrFromAddrPort(r.Addr("udp"))}
	if res := p.register("ann", "right", 1, "Contact: <sip:ann@[2001:db8::1]:5060>"); res.StatusCode != 200 { // behind something
		t.Fatalf("register: %d", res.StatusCode)
	}
	l, err := r.Dial(context.Background(), voice.Dialing{To: "ann"})
	if err != nil {
		t.Fatal(err)
	}
	inv := p.request(sip.INVITE)
	if !strings.Contains(string(inv.Body()), "c=IN IP6 ::1") {
		t.Errorf("offer %s", inv.Body())
	}
	p.reply(inv, 486, "a")
	p.request(sip.ACK)
	next(t, l, voice.LegEnded)
}
