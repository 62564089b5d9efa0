package sip

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/parleyhq/parley/voice"
)

// peer is a far end that does exactly what a test says, over UDP.
type peer struct {
	t    *testing.T
	conn *net.UDPConn
	at   *net.UDPAddr
}

func newPeer(t *testing.T, r *rig) *peer {
	t.Helper()
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	p := &peer{t: t, conn: c, at: &net.UDPAddr{}}
	if at := r.Addr("udp"); at.IsValid() {
		p.at = net.UDPAddrFromAddrPort(at)
	}
	return p
}

func (p *peer) addr() string { return p.conn.LocalAddr().String() }

func (p *peer) send(m fmt.Stringer) {
	p.t.Helper()
	if _, err := p.conn.WriteToUDP([]byte(m.String()), p.at); err != nil {
		p.t.Fatal(err)
	}
}

// read waits for a message of which f says that it is the one.
func (p *peer) read(what string, f func(sip.Message) bool) sip.Message {
	p.t.Helper()
	b := make([]byte, 64<<10)
	_ = p.conn.SetReadDeadline(time.Now().Add(patience))
	for {
		n, err := p.conn.Read(b)
		if err != nil {
			p.t.Fatalf("no %s: %v", what, err)
		}
		m, err := sip.ParseMessage(b[:n])
		if err != nil {
			p.t.Fatalf("unreadable: %v\n%s", err, b[:n])
		}
		if f(m) {
			return m
		}
	}
}

func (p *peer) request(method sip.RequestMethod) *sip.Request {
	p.t.Helper()
	return p.read(string(method), func(m sip.Message) bool {
		r, ok := m.(*sip.Request)
		return ok && r.Method == method
	}).(*sip.Request)
}

func (p *peer) response(code int, method sip.RequestMethod) *sip.Response {
	p.t.Helper()
	return p.read(fmt.Sprint(code, " to ", method), func(m sip.Message) bool {
		r, ok := m.(*sip.Response)
		return ok && r.StatusCode == code && r.CSeq().MethodName == method
	}).(*sip.Response)
}

const sdp = "v=0\r\no=u 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\na=sendrecv\r\n"

// reply answers a request with a tag and a Contact, and with audio when it is a
// success of INVITE.
func (p *peer) reply(req *sip.Request, code int, tag string, extra ...sip.Header) {
	p.t.Helper()
	res := sip.NewResponseFromRequest(req, code, "Whatever", nil)
	if tag != "" {
		res.To().Params.Add("tag", tag)
	}
	for _, h := range extra {
		res.AppendHeader(h)
	}
	res.AppendHeader(sip.NewHeader("Contact", "<sip:"+tag+"@"+p.addr()+">"))
	if req.Method == sip.INVITE && code >= 183 && code < 300 {
		res.AppendHeader(sip.NewHeader("Content-Type", "application/sdp"))
		res.SetBody([]byte(sdp))
	}
	p.send(res)
}

// within is a request of the dialog that the server began with invite.
func (p *peer) within(invite *sip.Request, method sip.RequestMethod, seq int, tag string, extra ...string) rawMessage {
	contact := invite.Contact().Address
	lines := []string{
		string(method) + " " + contact.String() + " SIP/2.0",
		"Via: SIP/2.0/UDP " + p.addr() + ";branch=" + sip.GenerateBranch(),
		"From: <sip:bob@127.0.0.1>;tag=" + tag,
		"To: <sip:parley@parley>;tag=" + tagOf(invite.From().Params),
		"Call-ID: " + invite.CallID().Value(),
		fmt.Sprintf("CSeq: %d %s", seq, method),
		"Max-Forwards: 70",
		"Contact: <sip:" + tag + "@" + p.addr() + ">",
	}
	body := ""
	for _, e := range extra {
		if strings.HasPrefix(e, "\r\n") {
			body = e[2:]
			continue
		}
		lines = append(lines, e)
	}
	lines = append(lines, fmt.Sprintf("Content-Length: %d", len(body)), "", body)
	return rawMessage(strings.Join(lines, "\r\n"))
}

type rawMessage string

func (m rawMessage) String() string { return string(m) }

// called dials the peer and answers it with tag.
func (p *peer) called(r *rig, tag string) (voice.Leg, *sip.Request) {
	p.t.Helper()
	l, err := r.Dial(context.Background(), voice.Dialing{To: "sip:bob@" + p.addr()})
	if err != nil {
		p.t.Fatal(err)
	}
	inv := p.request(sip.INVITE)
	p.reply(inv, 200, tag)
	p.request(sip.ACK)
	next(p.t, l, voice.LegAnswered)
	return l, inv
}

func TestDial_SecondForkIsLetGo(t *testing.T) {
	t.Parallel()
	r := start(t, nil)
	p := newPeer(t, r)
	l, inv := p.called(r, "one")
	p.reply(inv, 200, "two")
	for _, m := range []sip.RequestMethod{sip.ACK, sip.BYE} {
		req := p.request(m)
		if tag := tagOf(req.To().Params); tag != "two" || req.Recipient.User != "two" {
			t.Errorf("%s went to %s (tag %s), want the second fork", m, req.Recipient.String(), tag)
		}
		if m == sip.BYE {
			p.reply(req, 200, "")
		}
	}
	p.reply(inv, 200, "one") // the ACK was lost
	if ack := p.request(sip.ACK); tagOf(ack.To().Params) != "one" {
		t.Errorf("ACK to %s, want the first fork's again", ack.To())
	}
	l.Hangup(voice.Cause{Reason: voice.EndNormal})
	bye := p.request(sip.BYE)
	if tagOf(bye.To().Params) != "one" {
		t.Errorf("BYE to %s, want the first fork", bye.To())
	}
	p.reply(bye, 200, "")
}

func TestDial_ReliableRinging(t *testing.T) {
	t.Parallel()
	r := start(t, nil)
	p := newPeer(t, r)
	l, err := r.Dial(context.Background(), voice.Dialing{To: "sip:bob@" + p.addr()})
	if err != nil {
		t.Fatal(err)
	}
	inv := p.request(sip.INVITE)
	if !has(inv, "Supported", "100rel") {
		t.Fatal("100rel is not offered")
	}
	rel := func(n string) []sip.Header {
		return []sip.Header{sip.NewHeader("Require", "100rel"), sip.NewHeader("RSeq", n)}
	}
	p.reply(inv, 183, "a", rel("7")...)
	prack := p.request(sip.PRACK)
	if got, want := header(prack, "RAck"), "7 "+inv.CSeq().Value(); got != want {
		t.Errorf("RAck %q, want %q", got, want)
	}
	p.reply(prack, 200, "")
	next(t, l, voice.LegEarly)
	p.reply(inv, 180, "a", rel("9")...) // one is missing: passed over
	p.send(p.within(inv, sip.UPDATE, 1, "a"))
	p.response(200, sip.UPDATE) // by now it has been
	p.reply(inv, 180, "a", rel("8")...)
	next(t, l, voice.LegRinging)
	prack = p.request(sip.PRACK)
	if got, want := header(prack, "RAck"), "8 "+inv.CSeq().Value(); got != want {
		t.Errorf("RAck %q, want %q", got, want)
	}
	p.reply(prack, 200, "")
	p.reply(inv, 200, "a")
	p.request(sip.ACK)
	next(t, l, voice.LegAnswered)
	l.Hangup(voice.Cause{Reason: voice.EndNormal})
	bye := p.request(sip.BYE)
	if bye.CSeq().SeqNo <= prack.CSeq().SeqNo {
		t.Errorf("BYE has number %d, want more than the last PRACK's %d", bye.CSeq().SeqNo, prack.CSeq().SeqNo)
	}
	p.reply(bye, 200, "")
}

func TestGlare_BothSidesOffer(t *testing.T) {
	t.Parallel()
	r := start(t, nil)
	p := newPeer(t, r)
	l, inv := p.called(r, "a")
	held := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		held <- l.Hold(ctx, true)
	}()
	ours := p.request(sip.INVITE)
	p.send(p.within(inv, sip.INVITE, 1, "a", "Content-Type: application/sdp", "\r\n"+sdp))
	p.response(491, sip.INVITE)
	p.reply(ours, 491, "")
	p.request(sip.ACK)
	again := p.request(sip.INVITE)
	if again.CSeq().SeqNo <= ours.CSeq().SeqNo {
		t.Error("the repeated offer has no new number")
	}
	p.reply(again, 200, "")
	p.request(sip.ACK)
	if err := <-held; err != nil {
		t.Error(err)
	}
}

func TestDialog_FollowsTheContact(t *testing.T) {
	t.Parallel()
	r := start(t, nil)
	p, q := newPeer(t, r), newPeer(t, r)
	l, inv := p.called(r, "a")
	moved := strings.Replace(p.within(inv, sip.UPDATE, 1, "a").String(), "Contact: <sip:a@"+p.addr()+">", "Contact: <sip:moved@"+q.addr()+">", 1)
	p.send(rawMessage(moved))
	p.response(200, sip.UPDATE)
	l.Hangup(voice.Cause{Reason: voice.EndNormal})
	bye := q.request(sip.BYE)
	if bye.Recipient.User != "moved" {
		t.Errorf("BYE to %s", bye.Recipient.String())
	}
	q.reply(bye, 200, "")
}

func TestDialog_OldNumbersAreRefused(t *testing.T) {
	t.Parallel()
	r := start(t, nil)
	p := newPeer(t, r)
	_, inv := p.called(r, "a")
	for _, c := range []struct{ seq, code int }{
		{50, 200}, {50, 500}, {49, 200}, {49, 500}, {20, 500}, {51, 200}, {48, 200}, {48, 500}, {200, 200}, {51, 500},
	} {
		p.send(p.within(inv, sip.INFO, c.seq, "a"))
		p.response(c.code, sip.INFO)
	}
	p.send(p.within(inv, sip.BYE, 300, "somebody-else"))
	p.response(481, sip.BYE)
}

func TestRefer_OursIsFollowed(t *testing.T) {
	t.Parallel()
	r := start(t, nil)
	p := newPeer(t, r)
	l, inv := p.called(r, "a")
	asked := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		asked <- l.Refer(ctx, "+8613800138000")
	}()
	refer := p.request(sip.REFER)
	if got := header(refer, "Refer-To"); !strings.HasPrefix(got, "<sip:+8613800138000@") {
		t.Errorf("Refer-To %s", got)
	}
	p.reply(refer, 202, "")
	if err := <-asked; err != nil {
		t.Fatal(err)
	}
	news := func(seq int, state, line string) {
		p.send(p.within(inv, sip.NOTIFY, seq, "a", "Event: refer", "Subscription-State: "+state, "Content-Type: message/sipfrag", "\r\n"+line))
		p.response(200, sip.NOTIFY)
	}
	news(1, "active", "SIP/2.0 100 Trying\r\n")
	news(2, "terminated;reason=noresource", "SIP/2.0 200 OK\r\n")
	if e := next(t, l, voice.LegEnded); e.Cause.Reason != voice.EndTransferred {
		t.Errorf("cause %+v, want transferred", e.Cause)
	}
	p.reply(p.request(sip.BYE), 200, "")
}

func TestRefer_AttendedNamesTheOtherLeg(t *testing.T) {
	t.Parallel()
	r := start(t, trusted)
	p := newPeer(t, r)
	l, inv := p.called(r, "a")
	other, second := p.called(r, "b")
	with := second.CallID().Value() + "%3Bto-tag%3D" + tagOf(second.From().Params) + "%3Bfrom-tag%3Db"
	known := func(v bool) { l.(*leg).mu.Lock(); l.(*leg).peer.Known = v; l.(*leg).mu.Unlock() }
	known(true)
	p.send(p.within(inv, sip.REFER, 1, "a", "Refer-To: <sip:x@example.com?Replaces=nobody%3Bto-tag%3D1%3Bfrom-tag%3D2>"))
	p.response(481, sip.REFER)
	p.send(p.within(inv, sip.REFER, 2, "a", "Refer-To: <sip:x@example.com?Replaces="+with+">"))
	p.response(202, sip.REFER)
	if e := next(t, l, voice.LegTransfer); e.Other != other.ID() {
		t.Errorf("other %q, want %q", e.Other, other.ID())
	}
}

// invite is a call from the peer.
func (p *peer) invite(branch string, extra ...string) rawMessage {
	lines := append([]string{
		"INVITE sip:parley@" + p.at.String() + " SIP/2.0",
		"Via: SIP/2.0/UDP " + p.addr() + ";branch=z9hG4bK" + branch,
		"From: <sip:bob@127.0.0.1>;tag=b", "To: <sip:parley@127.0.0.1>", "Call-ID: merged", "CSeq: 1 INVITE", "Max-Forwards: 70",
		"Contact: <sip:bob@" + p.addr() + ">", "Content-Type: application/sdp", fmt.Sprintf("Content-Length: %d", len(sdp)),
	}, extra...)
	return rawMessage(strings.Join(lines, "\r\n") + "\r\n\r\n" + sdp)
}

func TestInvite_MergedIsLooped(t *testing.T) {
	t.Parallel()
	r := start(t, nil)
	p := newPeer(t, r)
	p.send(p.invite("one"))
	l := r.call()
	p.send(p.invite("two"))
	p.response(482, sip.INVITE)
	l.Hangup(voice.Cause{Reason: voice.EndBusy})
	if got := header(p.response(486, sip.INVITE), "Reason"); !strings.Contains(got, "cause=17") {
		t.Errorf("Reason %q", got)
	}
}

func TestInvite_RefusedWhenFullOrDraining(t *testing.T) {
	t.Parallel()
	for name, full := range map[string]bool{"full": true, "draining": false} {
		t.Run(name, func(t *testing.T) {
			r := start(t, func(c *Config) { c.MaxCalls = 1 })
			p := newPeer(t, r)
			if full {
				p.called(r, "a")
			} else {
				r.Drain()
			}
			p.send(p.invite("one"))
			if got := header(p.response(503, sip.INVITE), "Retry-After"); got == "" {
				t.Error("503 says not when to come again")
			}
			if _, err := r.Dial(context.Background(), voice.Dialing{To: "sip:x@127.0.0.1"}); err == nil {
				t.Error("dialled although nothing is free")
			}
		})
	}
}

func TestHangup_BeforeTheAckWaitsForIt(t *testing.T) {
	t.Parallel()
	r := start(t, nil)
	p := newPeer(t, r)
	p.send(p.invite("one"))
	l := r.call()
	go func() { _ = l.Answer(context.Background()) }()
	ok := p.response(200, sip.INVITE)
	l.Hangup(voice.Cause{Reason: voice.EndNormal})
	next(t, l, voice.LegEnded)
	p.response(200, sip.INVITE) // still repeated, no BYE yet
	p.send(rawMessage(strings.Join([]string{
		"ACK " + ok.Contact().Address.String() + " SIP/2.0", "Via: SIP/2.0/UDP " + p.addr() + ";branch=z9hG4bKack",
		"From: <sip:bob@127.0.0.1>;tag=b", ok.To().String(), "Call-ID: merged", "CSeq: 1 ACK", "Max-Forwards: 70", "Content-Length: 0", "", "",
	}, "\r\n")))
	p.reply(p.request(sip.BYE), 200, "")
	select {
	case <-l.gone:
	case <-time.After(patience):
		t.Error("the leg is not released")
	}
}
