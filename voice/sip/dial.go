package sip

import (
	"context"
	"net/netip"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
	"github.com/parleyhq/parley/voice/rtp"
)

var _ voice.Dialer = (*Server)(nil)

// plan is where an outgoing leg goes.
type plan struct {
	targets []target
	trunk   *trunk
	peer    voice.Peer
	from    sip.Uri
	srtp    rtp.SRTPMode
}

// Dial calls somebody.
func (s *Server) Dial(ctx context.Context, d voice.Dialing) (voice.Leg, error) {
	select {
	case <-s.ready:
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-s.ctx.Done():
		return nil, desk.Errorf(desk.Unavailable, "sip_closed", "the telephone server is closing")
	}
	p, err := s.plan(ctx, d)
	if err != nil {
		return nil, err
	}
	l := s.newLeg(false)
	l.peer, l.trunk = p.peer, p.trunk
	if p.trunk != nil && !p.trunk.rate.take(time.Now()) || !s.admit(l) {
		l.cancel()
		return nil, desk.Errorf(desk.TooMany, "sip_limit", "there are too many calls at the moment")
	}
	if err := s.place(l, p, d); err != nil {
		l.cancel()
		if l.sound != nil {
			l.sound.Close()
		}
		s.leave(l)
		return nil, err
	}
	put(&d.Timeout, 45*time.Second)
	l.mu.Lock()
	l.out.left = len(l.out.calls)
	l.out.ringing = time.AfterFunc(d.Timeout, func() {
		l.Hangup(voice.Cause{Reason: voice.EndNoAnswer, SIP: 408, Q850: 19, By: "system"})
	})
	l.mu.Unlock()
	for _, a := range l.out.calls {
		s.work.Add(1)
		go a.run()
	}
	return l, nil
}

// place makes the audio and the INVITEs of a leg.
func (s *Server) place(l *leg, p plan, d voice.Dialing) error {
	tag := sip.GenerateTagN(16)
	for _, t := range p.targets {
		host := t.uri.Host
		if t.dest != "" {
			host, _, _ = hostPort(t.dest)
		}
		here, err := s.local(t.transport, host)
		if err != nil {
			return err
		}
		if l.sound == nil {
			if l.sound, err = s.audio(l, here.host, p.srtp); err != nil {
				return err
			}
		}
		a := &attempt{l: l, t: t, quit: make(chan struct{}), acks: map[string]*sip.Request{}, rseq: map[string]uint32{}}
		a.d = dialog{
			callID: string(desk.NewID()) + "@" + here.host, target: t.uri, routes: t.routes,
			contact: here.contact("parley", t.uri.Scheme == "sips"), transport: here.transport,
			via: here.via(), laddr: here.laddr, dest: t.dest,
		}
		a.d.local = sip.FromHeader{DisplayName: clean(d.Name), Address: p.from}
		a.d.local.Params.Add("tag", tag)
		to := t.uri
		to.UriParams, to.Headers = nil, nil
		a.d.remote = sip.ToHeader{Address: to}
		a.req = a.d.request(sip.INVITE)
		a.req.AppendHeader(allowHeader())
		a.req.AppendHeader(sip.NewHeader("Supported", "timer, 100rel, replaces"))
		a.req.AppendHeader(sip.NewHeader("Session-Expires", secondsText(s.cfg.SessionExpires)))
		a.req.AppendHeader(sip.NewHeader("Min-SE", secondsText(s.cfg.MinSE)))
		a.req.AppendHeader(sip.NewHeader("Content-Type", "application/sdp"))
		a.req.SetBody(l.sound.Offer())
		if len(l.out.calls) == 0 {
			l.d = a.d // until one has answered
		}
		l.out.calls = append(l.out.calls, a)
		l.known(a.d.callID, tag)
	}
	return nil
}

// plan finds out where a call goes.
func (s *Server) plan(ctx context.Context, d voice.Dialing) (plan, error) {
	if d.Agent != "" {
		if s.cfg.Accounts == nil {
			return plan{}, desk.Errorf(desk.Unavailable, "not_registered", "no phones register here")
		}
		accounts, err := s.cfg.Accounts.AccountsOf(ctx, d.Agent)
		if err != nil {
			return plan{}, err
		}
		return s.planPhones(ctx, d, accounts)
	}
	to := strings.TrimSpace(d.To)
	if sipURI(to) {
		return s.planAddress(d, to)
	}
	if d.Trunk == "" && s.cfg.Accounts != nil && to != "" {
		a, err := s.cfg.Accounts.Account(ctx, to)
		if err == nil {
			return s.planPhones(ctx, d, []Account{a})
		}
		if !desk.IsKind(err, desk.NotFound) {
			return plan{}, err
		}
	}
	return s.planTrunk(d, to)
}

// planPhones calls wherever the accounts are registered.
func (s *Server) planPhones(ctx context.Context, d voice.Dialing, accounts []Account) (plan, error) {
	p := plan{from: s.shown(d.From, s.cfg.Realm), srtp: s.cfg.PhoneSRTP}
	for _, a := range accounts {
		bound, err := s.cfg.Bindings.Bound(ctx, a.User)
		if err != nil {
			return plan{}, err
		}
		for _, b := range bound {
			t, err := targetOf(b)
			if err != nil || !s.Addr(t.transport).IsValid() {
				continue
			}
			if t.transport != "TLS" {
				p.srtp = rtp.Off
			}
			p.targets = append(p.targets, t)
			p.peer = voice.Peer{
				Number: a.User, Name: a.Name, URI: t.uri.Addr(), Called: a.User,
				Agent: a.Agent, Contact: a.Contact, Known: true, Secure: t.transport == "TLS",
			}
			if len(p.targets) == 16 {
				return p, nil
			}
		}
	}
	if len(p.targets) == 0 {
		return plan{}, desk.Errorf(desk.Unavailable, "not_registered", "no phone of that name is registered now")
	}
	return p, nil
}

// planAddress calls a SIP address directly.
func (s *Server) planAddress(d voice.Dialing, to string) (plan, error) {
	var u sip.Uri
	if err := sip.ParseUri(to, &u); err != nil || u.Host == "" || u.Wildcard || badAddress("<"+to+">") != "" {
		return plan{}, desk.Errorf(desk.Invalid, "sip_target", "%q is no SIP address", to)
	}
	u.Headers = nil
	t := target{uri: u, transport: strings.ToUpper(u.UriParams.GetOr("transport", "udp"))}
	p := plan{from: s.shown(d.From, s.cfg.Realm), srtp: rtp.Off}
	if u.Scheme == "sips" || t.transport == "TLS" {
		t.transport, p.srtp = "TLS", s.cfg.PhoneSRTP
	}
	if !s.Addr(t.transport).IsValid() {
		return plan{}, desk.Errorf(desk.Unavailable, "sip_transport", "this node does not speak %s", clean(t.transport))
	}
	p.targets = []target{t}
	p.peer = voice.Peer{Number: u.User, URI: u.Addr(), Called: u.User, Secure: t.transport == "TLS"}
	return p, nil
}

// planTrunk calls a telephone number.
func (s *Server) planTrunk(d voice.Dialing, to string) (plan, error) {
	number := normal(to, s.cfg.Country)
	if d.Trunk == "" && number == "" {
		return plan{}, desk.Errorf(desk.Invalid, "sip_target", "%q is neither a telephone number nor a registered phone", to)
	}
	t, err := s.trunkFor(d.Trunk, number)
	if err != nil {
		return plan{}, err
	}
	if number == "" {
		number = normal(to, t.cfg.Country)
	}
	if number == "" { // the far end is an exchange of its own, with extensions
		if to == "" || strings.Trim(to, "0123456789*#") != "" {
			return plan{}, desk.Errorf(desk.Invalid, "sip_target", "%q is no telephone number", to)
		}
		number = to
	}
	p := plan{trunk: t, from: t.from(d.From), srtp: t.cfg.SRTP}
	at := t.target(number)
	p.targets = []target{at}
	p.peer = voice.Peer{Number: number, URI: at.uri.Addr(), Called: number, Trunk: t.cfg.Name, Refers: t.cfg.AllowRefer, Secure: at.transport == "TLS"}
	return p, nil
}

// shown is the address in From.
func (s *Server) shown(from, host string) sip.Uri {
	user := "parley"
	if from != "" && strings.Trim(from, "+*#0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ._-") == "" {
		user = from
	}
	return sip.Uri{Scheme: "sip", User: user, Host: host}
}

// targetOf is where a binding is called.
func targetOf(b Binding) (target, error) {
	var u sip.Uri
	if err := sip.ParseUri(b.Contact, &u); err != nil {
		return target{}, desk.Errorf(desk.Invalid, "sip_contact", "binding of %s: %w", b.User, err)
	}
	t := target{uri: u, transport: strings.ToUpper(b.Transport)}
	for _, p := range splitList(b.Path) {
		var r sip.Uri
		if err := sip.ParseUri(addressURI(p), &r); err != nil {
			return target{}, desk.Errorf(desk.Invalid, "sip_contact", "path of %s: %w", b.User, err)
		}
		t.routes = append(t.routes, r)
	}
	if len(t.routes) > 0 {
		return t, nil
	}
	if _, err := netip.ParseAddrPort(b.Source); err == nil && (t.transport != "UDP" || behindNAT(u, b.Source, 1)) {
		t.dest = b.Source
	}
	return t, nil
}
