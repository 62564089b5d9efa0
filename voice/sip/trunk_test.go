package sip

import (
	"context"
	"crypto/tls"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
)

// line is a trunk to a peer.
func line(p string, change func(*Trunk)) func(*Config) {
	return func(c *Config) {
		tr := Trunk{Name: "city", Host: p, User: "4711", Password: "trunk-w0rd", Country: "86", From: "01012345678"}
		if change != nil {
			change(&tr)
		}
		c.Trunks = []Trunk{tr}
		c.KeepAlive, c.T1 = 50*time.Millisecond, 20*time.Millisecond
	}
}

// carrier is a peer that is there before the server.
func carrier(t *testing.T) *peer {
	t.Helper()
	return newPeer(t, &rig{Server: &Server{}, t: t})
}

func trunkState(r *rig) TrunkState { return r.Trunks()[0] }

func TestTrunk_RegistersAndComesAgain(t *testing.T) {
	t.Parallel()
	p := carrier(t)
	r := start(t, line(p.addr(), func(tr *Trunk) { tr.Register = true }))
	p.at.Port, p.at.IP = int(r.Addr("udp").Port()), r.Addr("udp").Addr().AsSlice()
	first := p.request(sip.REGISTER)
	p.reply(first, 401, "", sip.NewHeader("WWW-Authenticate", `Digest realm="city",nonce="n",algorithm=MD5,qop="auth"`))
	second := p.request(sip.REGISTER)
	for second.CSeq().SeqNo == first.CSeq().SeqNo { // a repetition
		second = p.request(sip.REGISTER)
	}
	if a := header(second, "Authorization"); !strings.Contains(a, `username="4711"`) || second.CallID().Value() != first.CallID().Value() {
		t.Errorf("authorization %q, Call-ID %s then %s", a, first.CallID(), second.CallID())
	}
	p.reply(second, 200, "", sip.NewHeader("Contact", second.Contact().Value()+";expires=1"))
	eventually(t, "the trunk is up", func() bool { return trunkState(r).State == TrunkUp })
	third := p.request(sip.REGISTER)
	for third.CSeq().SeqNo == second.CSeq().SeqNo {
		third = p.request(sip.REGISTER)
	}
	p.reply(third, 403, "")
	eventually(t, "the trunk is down", func() bool { return trunkState(r).State == TrunkDown })
	if d := trunkState(r).Detail; !strings.HasPrefix(d, "403") {
		t.Errorf("detail %q", d)
	}
	if strings.Contains(r.logs.String(), "trunk-w0rd") {
		t.Error("the log holds a password")
	}
}

func TestTrunk_KeepAliveSaysUpAndDown(t *testing.T) {
	t.Parallel()
	p := carrier(t)
	r := start(t, line(p.addr(), nil))
	p.at.Port, p.at.IP = int(r.Addr("udp").Port()), r.Addr("udp").Addr().AsSlice()
	p.reply(p.request(sip.OPTIONS), 404, "")
	eventually(t, "any answer is up", func() bool { return trunkState(r).State == TrunkUp })
	eventually(t, "silence is down", func() bool { return trunkState(r).State == TrunkDown })
	if _, err := r.Dial(context.Background(), voice.Dialing{To: "+8613800138000"}); !desk.IsKind(err, desk.Unavailable) {
		t.Errorf("dialling by a trunk that is down: %v, want unavailable", err)
	}
}

func TestTrunk_DialsWithDigestAndLimits(t *testing.T) {
	t.Parallel()
	p := carrier(t)
	r := start(t, line(p.addr(), func(tr *Trunk) { tr.Limit, tr.NoPlus = 1, true }))
	p.at.Port, p.at.IP = int(r.Addr("udp").Port()), r.Addr("udp").Addr().AsSlice()
	if _, err := r.Dial(context.Background(), voice.Dialing{To: "138 0013 8000"}); err == nil {
		t.Error("a number without a country went out")
	}
	l, err := r.Dial(context.Background(), voice.Dialing{To: "+86 138 0013 8000"})
	if err != nil {
		t.Fatal(err)
	}
	inv := p.request(sip.INVITE)
	if inv.Recipient.User != "8613800138000" || inv.From().Address.User != "861012345678" {
		t.Errorf("called %s from %s", inv.Recipient.User, inv.From().Address.User)
	}
	if _, err := r.Dial(context.Background(), voice.Dialing{To: "+8613800138000"}); !desk.IsKind(err, desk.TooMany) {
		t.Errorf("the second call: %v, want too many", err)
	}
	p.reply(inv, 407, "x", sip.NewHeader("Proxy-Authenticate", `Digest realm="city",nonce="n",algorithm=SHA-256,qop="auth"`))
	p.request(sip.ACK)
	inv = p.request(sip.INVITE)
	for header(inv, "Proxy-Authorization") == "" {
		inv = p.request(sip.INVITE)
	}
	p.reply(inv, 422, "x", sip.NewHeader("Min-SE", "3600"))
	p.request(sip.ACK)
	inv = p.request(sip.INVITE)
	for header(inv, "Min-SE") != "3600" {
		inv = p.request(sip.INVITE)
	}
	if !strings.HasPrefix(header(inv, "Session-Expires"), "3600") {
		t.Errorf("Session-Expires %q, want 3600", header(inv, "Session-Expires"))
	}
	p.reply(inv, 603, "x", sip.NewHeader("Reason", "Q.850;cause=21"))
	e := next(t, l, voice.LegEnded)
	if want := (voice.Cause{Reason: voice.EndRejected, SIP: 603, Q850: 21}); e.Cause != want {
		t.Errorf("cause %+v, want %+v", e.Cause, want)
	}
	eventually(t, "the line is free", func() bool { return trunkState(r).Calls == 0 })
}

func TestTrunk_NobodyAnswersAtAll(t *testing.T) {
	t.Parallel()
	r := start(t, nil)
	l, err := r.Dial(context.Background(), voice.Dialing{To: "sip:x@127.0.0.1:9"})
	if err != nil {
		t.Fatal(err)
	}
	if e := next(t, l, voice.LegEnded); e.Cause.Reason != voice.EndUnreachable {
		t.Errorf("cause %+v, want unreachable", e.Cause)
	}
}

func TestTrunk_ChosenByPrefix(t *testing.T) {
	s := &Server{}
	for _, c := range []Trunk{{Name: "any", Host: "a"}, {Name: "china", Host: "b", Prefixes: []string{"+86"}}, {Name: "beijing", Host: "c", Prefixes: []string{"+8610", "+44"}}} {
		tr, err := newTrunk(s, c)
		if err != nil {
			t.Fatal(err)
		}
		s.trunks = append(s.trunks, tr)
	}
	for _, c := range []struct{ name, number, want string }{
		{"", "+861012345678", "beijing"}, {"", "+8613800138000", "china"}, {"", "+15550100", "any"}, {"china", "+15550100", "china"}, {"none", "+1", ""},
	} {
		got, err := s.trunkFor(c.name, c.number)
		if (err != nil) != (c.want == "") || err == nil && got.cfg.Name != c.want {
			t.Errorf("%s %s: %v %v, want %s", c.name, c.number, got, err, c.want)
		}
	}
}

func TestNormal(t *testing.T) {
	for _, c := range []struct{ number, country, want string }{
		{"+86 138-0013-8000", "", "+8613800138000"}, {"0086 10 12345678", "1", "+861012345678"}, {"010 1234 5678", "86", "+861012345678"},
		{"13800138000", "86", "+8613800138000"}, {"8613800138000", "86", "+8613800138000"}, {"(555) 010-0000", "1", "+15550100000"},
		{"1001", "86", ""}, {"ann", "86", ""}, {"", "86", ""}, {"+1", "", ""}, {"+12345678901234567", "", ""}, {"13800138000", "", ""}, {"1+2", "1", ""},
	} {
		if got := normal(c.number, c.country); got != c.want {
			t.Errorf("%q in %q: %q, want %q", c.number, c.country, got, c.want)
		}
	}
}

func TestTrunk_IsKnownByItsAddress(t *testing.T) {
	t.Parallel()
	r := start(t, func(c *Config) {
		trusted(c)
		c.Anonymous = nil
	})
	p := newPeer(t, r)
	p.send(rawMessage(strings.Replace(p.invite("one").String(), "Max-Forwards: 70", "P-Asserted-Identity: \"Bob\" <sip:01012345678@carrier>\r\nMax-Forwards: 70", 1)))
	l := r.call()
	if got := l.Peer(); got.Number != "+861012345678" || got.Trunk != "city" || got.Known {
		t.Errorf("peer %+v", got)
	}
	l.Hangup(voice.Cause{Reason: voice.EndCongestion})
	p.response(503, sip.INVITE)
}

func TestTrunk_AWithheldNumberStaysHidden(t *testing.T) {
	t.Parallel()
	r := start(t, trusted)
	p := newPeer(t, r)
	p.send(rawMessage(strings.Replace(p.invite("one").String(), "Max-Forwards: 70", "P-Asserted-Identity: \"Bob\" <sip:01012345678@carrier>\r\nPrivacy: id\r\nMax-Forwards: 70", 1)))
	l := r.call()
	if got := l.Peer(); !desk.Hidden(got.Number) || got.Name != "" || got.URI != "" {
		t.Errorf("peer %+v", got)
	}
	l.Hangup(voice.Cause{Reason: voice.EndCongestion})
	p.response(503, sip.INVITE)
}

func TestInvite_StrangersAreRefused(t *testing.T) {
	t.Parallel()
	r := start(t, func(c *Config) { c.Anonymous = nil })
	p := newPeer(t, r)
	p.send(p.invite("one"))
	p.response(403, sip.INVITE)
}

func TestAllow_OthersAreNotHeard(t *testing.T) {
	s := &Server{cfg: Config{PerSource: 3, Allow: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}, sources: map[netip.Addr]*bucket{}}
	now := time.Unix(0, 0)
	if s.heard(netip.MustParseAddr("198.51.100.1"), now) {
		t.Error("a stranger is heard")
	}
	n := 0
	for range 100 {
		if s.heard(netip.MustParseAddr("192.0.2.1"), now) {
			n++
		}
	}
	if n != 6 {
		t.Errorf("%d datagrams heard at once, want 6", n)
	}
}

func TestTLS_CertificateIsReadAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cert, key := selfSigned(t, dir, 1)
	conf, err := serverTLS(cert, key, "")
	if err != nil {
		t.Fatal(err)
	}
	serial := func() int64 {
		c, err := conf.GetCertificate(&tls.ClientHelloInfo{})
		if err != nil {
			t.Fatal(err)
		}
		return c.Leaf.SerialNumber.Int64()
	}
	if got := serial(); got != 1 {
		t.Fatalf("serial %d, want 1", got)
	}
	selfSigned(t, dir, 2)
	later := time.Now().Add(time.Minute)
	_ = os.Chtimes(cert, later, later)
	eventually(t, "the new certificate is served", func() bool { return serial() == 2 })
	if err := os.WriteFile(cert, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := serial(); got != 2 {
		t.Errorf("serial %d after a broken file, want 2 as before", got)
	}
	if _, err := serverTLS(cert, key, ""); !desk.IsKind(err, desk.Invalid) {
		t.Errorf("beginning with a broken file: %v, want invalid", err)
	}
}

func TestTwoServers_CallEachOther(t *testing.T) {
	t.Parallel()
	a, b := start(t, nil), start(t, fast)
	out, err := a.Dial(context.Background(), voice.Dialing{To: "sip:coffee@" + b.Addr("udp").String()})
	if err != nil {
		t.Fatal(err)
	}
	in := b.call()
	if err := in.Ring(true); err != nil { // reliable, both know how
		t.Fatal(err)
	}
	next(t, out, voice.LegEarly)
	answer(t, in)
	next(t, out, voice.LegAnswered)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	errs := make(chan error, 2) // both at once: glare
	go func() { errs <- out.Hold(ctx, true) }()
	go func() { errs <- in.Hold(ctx, true) }()
	for range 2 {
		if err := <-errs; err != nil {
			t.Errorf("hold: %v", err)
		}
	}
	next(t, in, voice.LegHeld)
	next(t, out, voice.LegHeld)
	out.Hangup(voice.Cause{Reason: voice.EndNormal})
	if e := next(t, in, voice.LegEnded); e.Cause.Reason != voice.EndNormal {
		t.Errorf("cause %+v", e.Cause)
	}
}
