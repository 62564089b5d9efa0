package sip

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"
)

// FuzzDatagram looks at whatever comes: no panic, and an answer is a SIP
// response that cannot be split into two.
func FuzzDatagram(f *testing.F) {
	files, _ := filepath.Glob("testdata/torture/*.dat")
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, ok := scan(b)
		if !ok {
			return
		}
		_ = m.bytes(b)
		if m.response {
			return
		}
		fault := m.fault()
		if fault == nil {
			return
		}
		answer, port := m.reply(fault.code, reasonPhrase(fault.code), fault.extra, "192.0.2.1", 5060, "t")
		if answer == nil {
			return
		}
		if port <= 0 || port > 65535 || !strings.HasPrefix(string(answer), "SIP/2.0 4") && !strings.HasPrefix(string(answer), "SIP/2.0 5") {
			t.Errorf("answer to port %d: %q", port, answer)
		}
		if strings.Count(string(answer), "\r\n\r\n") != 1 {
			t.Errorf("the answer ends twice: %q", answer)
		}
	})
}

// FuzzHeaders reads the headers that are read here rather than in the library.
func FuzzHeaders(f *testing.F) {
	for _, s := range []string{
		"<sip:x@y?Replaces=a%3Bto-tag%3Db%3Bfrom-tag%3Dc>", "1800;refresher=uac", "7 1 INVITE", "Q.850;cause=16;text=\"x\"", "a,\"b,c\",<d,e>",
		"Signal=5\r\nDuration=160", "SIP/2.0 200 OK", "\"a\\\"b\" <sip:x@y>;tag=1", "<sip:p1;lr>,<sip:p2;lr>", "+86 10 1234",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if target, _, err := readReferTo(s); err == nil && strings.ContainsAny(target, "\r\n <>\"") {
			t.Errorf("target %q", target)
		}
		if d, r, ok := sessionExpires(s); ok && (d <= 0 || r != "" && r != "uac" && r != "uas") {
			t.Errorf("session %v %q", d, r)
		}
		rack(s)
		if n := readReason(s); n < 0 || n > 127 {
			t.Errorf("cause %d", n)
		}
		splitList(s)
		readReplaces(s)
		if k := infoDigit("application/dtmf-relay", []byte(s)); k != 0 && !strings.ContainsRune("0123456789*#ABCD", rune(k)) {
			t.Errorf("key %q", k)
		}
		if c := sipfrag([]byte(s)); c != 0 && (c < 100 || c > 699) {
			t.Errorf("code %d", c)
		}
		if n := normal(s, "86"); n != "" && (n[0] != '+' || strings.Trim(n[1:], "0123456789") != "") {
			t.Errorf("number %q", n)
		}
		if c := clean(s); strings.ContainsAny(c, "\"\\\r\n") {
			t.Errorf("name %q", c)
		}
		badAddress(s)
		squeeze(s)
		seconds(s)
		_, _ = targetOf(Binding{Contact: s, Path: s, Source: "192.0.2.1:5060", Transport: "udp"})
		behindNAT(sip.Uri{Host: s}, netip.MustParseAddrPort("192.0.2.1:1").String(), 1)
		_, _, _ = hostPort(s)
	})
}
