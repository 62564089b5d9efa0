package sip

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"
)

// crowd is 16 KB of parameters, each different.
func crowd(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, ";%x", i)
	}
	return b.String()
}

func TestScan_TimeIsBounded(t *testing.T) {
	head := "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK1\r\n"
	for name, c := range map[string]struct {
		data string
		ok   bool
	}{
		"folded too often":      {head + "Subject: x" + strings.Repeat("\r\n x", 4000) + "\r\n\r\n", false},
		"folded":                {head + "Subject: x" + strings.Repeat("\r\n x", 100) + "\r\n\r\n", true},
		"parameters":            {head + "Contact: <sip:a@b>" + crowd(3500) + "\r\n\r\n", true},
		"parameters of the URI": {"OPTIONS sip:a@b" + crowd(3500) + " SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\n\r\n", true},
	} {
		m, ok := scan([]byte(c.data))
		if ok != c.ok {
			t.Errorf("%s: read %v, want %v", name, ok, c.ok)
		}
		if crowded := strings.HasPrefix(name, "parameters"); m.crowded != crowded {
			t.Errorf("%s: crowded %v, want %v", name, m.crowded, crowded)
		}
	}
}

func TestParameters_WhoSendsThousandsIsRefused(t *testing.T) {
	t.Parallel()
	r := start(t, func(c *Config) { c.TCP = "127.0.0.1:0" })
	p := newPeer(t, r)
	many := "OPTIONS sip:parley@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP " + p.addr() + ";branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\n" +
		"Call-ID: crowd\r\nCSeq: 1 OPTIONS\r\nContact: <sip:a@b" + crowd(3000) + ">\r\nContent-Length: 0\r\n\r\n"
	p.send(rawMessage(many))
	p.response(400, sip.OPTIONS)

	c, err := net.Dial("tcp", r.Addr("tcp").String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Write([]byte(many)); err != nil {
		t.Fatal(err)
	}
	_ = c.SetReadDeadline(time.Now().Add(patience))
	if n, err := c.Read(make([]byte, 100)); err == nil {
		t.Errorf("%d octets were answered, want the connection closed", n)
	} else if e, ok := err.(net.Error); ok && e.Timeout() {
		t.Error("the connection stays open")
	}
}
