package sip

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"
	"github.com/icholy/digest"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
)

// register sends REGISTER, answers the challenge, and returns the last response.
func (p *peer) register(user, password string, seq int, extra ...string) *sip.Response {
	p.t.Helper()
	auth := ""
	for {
		lines := append([]string{
			"REGISTER sip:parley SIP/2.0", "Via: SIP/2.0/UDP " + p.addr() + ";rport;branch=" + sip.GenerateBranch(),
			"From: <sip:" + user + "@parley>;tag=r", "To: <sip:" + user + "@parley>", "Call-ID: reg-" + user, fmt.Sprintf("CSeq: %d REGISTER", seq),
			"Max-Forwards: 70", "Content-Length: 0",
		}, extra...)
		if auth != "" {
			lines = append(lines, "Authorization: "+auth)
		}
		p.send(rawMessage(strings.Join(lines, "\r\n") + "\r\n\r\n"))
		res := p.read("a response", func(m sip.Message) bool {
			r, ok := m.(*sip.Response)
			return ok && r.CSeq().MethodName == sip.REGISTER && int(r.CSeq().SeqNo) == seq
		}).(*sip.Response)
		if res.StatusCode != 401 || auth != "" {
			return res
		}
		chal, err := digest.ParseChallenge(res.GetHeader("WWW-Authenticate").Value())
		if err != nil {
			p.t.Fatal(err)
		}
		cred, err := digest.Digest(chal, digest.Options{Method: "REGISTER", URI: "sip:parley", Username: user, Password: password})
		if err != nil {
			p.t.Fatal(err)
		}
		auth = cred.String()
		seq++
	}
}

func registrar(b *bindings, agent desk.ID) func(*Config) {
	return func(c *Config) {
		c.Accounts, c.Bindings = accounts{"ann": account("ann", "parley", "right", agent)}, b
		c.Anonymous = nil
	}
}

func TestRegister(t *testing.T) {
	t.Parallel()
	b := &bindings{}
	r := start(t, registrar(b, ""))
	p := newPeer(t, r)
	here := "Contact: <sip:ann@" + p.addr() + ">"
	seq := 1
	reg := func(password string, extra ...string) *sip.Response {
		seq += 2
		return p.register("ann", password, seq, extra...)
	}
	bound := func() int { list, _ := b.Bound(context.Background(), "ann"); return len(list) }
	for _, c := range []struct {
		what, password string
		extra          []string
		code, bound    int
	}{
		{"a wrong password", "wrong", []string{here}, 403, 0},
		{"the first", "right", []string{here, "Expires: 120"}, 200, 1},
		{"another phone, by way of a proxy", "right", []string{"Contact: <sip:ann@192.0.2.9>;expires=3600", "Path: <sip:proxy@127.0.0.1;lr>", "Supported: path"}, 200, 2},
		{"too brief", "right", []string{here + ";expires=5"}, 423, 2},
		{"only asking", "right", nil, 200, 2},
		{"all away without saying that they expire", "right", []string{"Contact: *"}, 400, 2},
		{"one away", "right", []string{"Contact: <sip:ann@192.0.2.9>;expires=0"}, 200, 1},
		{"no address for calls", "right", []string{"Contact: <mailto:ann@example.com>"}, 400, 1},
		{"nonsense for an expiry is the usual", "right", []string{here + ";expires=soon"}, 200, 1},
		{"all away", "right", []string{"Contact: *", "Expires: 0"}, 200, 0},
	} {
		res := reg(c.password, c.extra...)
		if res.StatusCode != c.code || bound() != c.bound {
			t.Errorf("%s: %d with %d bindings, want %d with %d", c.what, res.StatusCode, bound(), c.code, c.bound)
		}
		if c.code == 200 && len(res.GetHeaders("Contact")) != c.bound {
			t.Errorf("%s: %d contacts in the answer, want %d", c.what, len(res.GetHeaders("Contact")), c.bound)
		}
		if v, ok := res.Via().Params.Get("rport"); !ok || !strings.HasSuffix(p.addr(), ":"+v) {
			t.Errorf("%s: rport %q, want that of %s (RFC 3581)", c.what, v, p.addr())
		}
	}
}

func TestNonce_AnyNodeChecksIt(t *testing.T) {
	now := time.Now()
	a, b, other := nonces{[]byte("one secret for all of us")}, nonces{[]byte("one secret for all of us")}, nonces{[]byte("another secret, elsewhere")}
	n := a.make(now)
	for _, c := range []struct {
		by          nonces
		nonce       string
		at          time.Time
		ours, stale bool
	}{
		{b, n, now, true, false},
		{b, n, now.Add(nonceLife + time.Second), true, true},
		{b, n, now.Add(-time.Hour), true, true},
		{other, n, now, false, false},
		{b, n[:len(n)-1], now, false, false},
		{b, "", now, false, false},
	} {
		if ours, stale := c.by.check(c.nonce, c.at); ours != c.ours || stale != c.stale {
			t.Errorf("%q at %v: ours %v stale %v, want %v %v", c.nonce, c.at.Sub(now), ours, stale, c.ours, c.stale)
		}
	}
}

func TestProve(t *testing.T) {
	t.Parallel()
	r := start(t, registrar(&bindings{}, ""))
	a := account("ann", "parley", "right", "")
	now := time.Now()
	for _, alg := range []string{"MD5", "SHA-256", "SHA-512"} {
		for _, c := range []struct {
			password string
			at       time.Time
			want     verdict
		}{{"right", now, proved}, {"wrong", now, wrong}, {"right", now.Add(time.Hour), stale}} {
			chal := &digest.Challenge{Realm: "parley", Nonce: r.nonces.make(now), Algorithm: alg, QOP: []string{"auth"}}
			cred, err := digest.Digest(chal, digest.Options{Method: "INVITE", URI: "sip:x", Username: "ann", Password: c.password})
			if err != nil {
				t.Fatal(err)
			}
			if alg == "SHA-512" {
				c.want = unproved
			}
			req := sip.NewRequest(sip.INVITE, sip.Uri{Host: "x"})
			if got := r.prove(req, cred, a, c.at); got != c.want {
				t.Errorf("%s %s at %v: %v, want %v", alg, c.password, c.at.Sub(now), got, c.want)
			}
		}
	}
}

func TestInvite_NobodyCallsInAPhonesName(t *testing.T) {
	t.Parallel()
	r := start(t, func(c *Config) {
		registrar(&bindings{}, "")(c)
		c.Anonymous = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	})
	p := newPeer(t, r)
	p.send(rawMessage(strings.ReplaceAll(p.invite("one").String(), "sip:bob@127.0.0.1", "sip:ann@127.0.0.1")))
	p.response(401, sip.INVITE)
	p.send(rawMessage(strings.ReplaceAll(p.invite("two").String(), "Call-ID: merged", "Call-ID: other")))
	r.call().Hangup(voice.Cause{Reason: voice.EndBusy})
	p.response(486, sip.INVITE)
}

func TestDial_AllPhonesOfAnAgent(t *testing.T) {
	t.Parallel()
	agent := desk.NewID()
	b := &bindings{}
	r := start(t, registrar(b, agent))
	if _, err := r.Dial(context.Background(), voice.Dialing{Agent: agent}); !desk.IsKind(err, desk.Unavailable) {
		t.Errorf("nobody registered: %v, want unavailable", err)
	}
	p, q := newPeer(t, r), newPeer(t, r)
	for i, one := range []*peer{p, q} {
		if res := one.register("ann", "right", 1+10*i, "Contact: <sip:ann@"+one.addr()+">"); res.StatusCode != 200 {
			t.Fatalf("register: %d", res.StatusCode)
		}
	}
	l, err := r.Dial(context.Background(), voice.Dialing{Agent: agent})
	if err != nil {
		t.Fatal(err)
	}
	a, c := p.request(sip.INVITE), q.request(sip.INVITE)
	p.reply(a, 180, "p")
	q.reply(c, 180, "q")
	next(t, l, voice.LegRinging)
	q.reply(c, 200, "q")
	q.request(sip.ACK)
	next(t, l, voice.LegAnswered)
	cancel := p.request(sip.CANCEL)
	if got := header(cancel, "Reason"); !strings.Contains(got, "cause=26") {
		t.Errorf("CANCEL says %q, want that it was answered elsewhere", got)
	}
	p.reply(cancel, 200, "")
	p.reply(a, 487, "p")
	p.request(sip.ACK)
	l.Hangup(voice.Cause{Reason: voice.EndNormal})
	q.reply(q.request(sip.BYE), 200, "")
	next(t, l, voice.LegEnded)
}

func TestPhones_WhoIsGoneIsTakenOff(t *testing.T) {
	t.Parallel()
	b := &bindings{}
	r := start(t, func(c *Config) {
		registrar(b, "")(c)
		c.KeepAlive, c.T1 = 50*time.Millisecond, 10*time.Millisecond
	})
	p := newPeer(t, r)
	p.register("ann", "right", 1, "Contact: <sip:ann@"+p.addr()+">")
	for range 4 { // as long as it answers it stays
		p.reply(p.request(sip.OPTIONS), 200, "")
	}
	if list, _ := b.Bound(context.Background(), "ann"); len(list) != 1 {
		t.Fatalf("%d bindings while it answers", len(list))
	}
	eventually(t, "the phone is taken off", func() bool {
		list, _ := b.Bound(context.Background(), "ann")
		return len(list) == 0
	})
}
