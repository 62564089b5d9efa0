package sip

import (
	"net/netip"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
)

// caller is who calls, as far as we can know.
type caller struct {
	peer  voice.Peer
	trunk *trunk
}

// denial is how somebody is sent away.
type denial struct {
	code    int
	headers []sip.Header
}

// identify finds out who sent an INVITE: a trunk by its address, a phone by its
// password, or nobody we know where that is allowed.
func (s *Server) identify(req *sip.Request, from netip.Addr) (caller, *denial) {
	fromURI := req.From().Address
	c := caller{peer: voice.Peer{
		Number: fromURI.User, Name: clean(req.From().DisplayName), URI: fromURI.Addr(), Called: req.Recipient.User,
	}}
	if c.peer.Called == "" {
		c.peer.Called = req.To().Address.User
	}
	if t := s.trunkAt(from); t != nil {
		c.trunk = t
		t.introduce(&c.peer, req)
		return c, nil
	}
	if s.lockedOut(req.Source()) {
		return c, &denial{code: 403}
	}
	known := false
	if s.cfg.Accounts != nil {
		a, d := s.challenge(req)
		switch {
		case d == nil:
			c.peer.Known, c.peer.Agent, c.peer.Contact = true, a.Agent, a.Contact
			c.peer.Number = a.User
			if c.peer.Name == "" {
				c.peer.Name = clean(a.Name)
			}
			return c, nil
		case s.credentials(req) != nil:
			return c, d
		}
		_, err := s.cfg.Accounts.Account(s.ctx, fromURI.User)
		known = !desk.IsKind(err, desk.NotFound) // nobody calls in the name of a phone of ours
	}
	if !known && within(s.cfg.Anonymous, from) {
		if n := normal(c.peer.Number, s.cfg.Country); n != "" {
			c.peer.Number = n
		}
		return c, nil
	}
	if s.cfg.Accounts != nil {
		return c, &denial{401, s.challenges(false)}
	}
	return c, &denial{code: 403}
}

// challenge checks a request's digest credentials.
func (s *Server) challenge(req *sip.Request) (Account, *denial) {
	cred := s.credentials(req)
	if cred == nil {
		return Account{}, &denial{401, s.challenges(false)}
	}
	a, err := s.cfg.Accounts.Account(s.ctx, cred.Username)
	if err != nil {
		if desk.IsKind(err, desk.NotFound) {
			s.guessed(req.Source())
			return Account{}, &denial{code: 403}
		}
		s.log.Error("sip account", "error", err)
		return Account{}, &denial{503, []sip.Header{sip.NewHeader("Retry-After", "10")}}
	}
	switch s.prove(req, cred, a, time.Now()) {
	case proved:
		return a, nil
	case wrong:
		s.guessed(req.Source())
		return Account{}, &denial{code: 403}
	case stale:
		return Account{}, &denial{401, s.challenges(true)}
	}
	return Account{}, &denial{401, s.challenges(false)}
}

// normal writes a telephone number in E.164; empty when it is none. country is
// that of numbers without one.
func normal(number, country string) string {
	var b strings.Builder
	for i, r := range number {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case r == '+' && i == 0:
			b.WriteRune(r)
		case strings.ContainsRune(" -.()/", r):
		default:
			return ""
		}
	}
	n := b.String()
	switch {
	case strings.HasPrefix(n, "+"):
	case strings.HasPrefix(n, "00"):
		n = "+" + n[2:]
	case country == "" || len(n) < 5: // an extension, or nobody knows where
		return ""
	case strings.HasPrefix(n, "0"):
		n = "+" + country + n[1:]
	case strings.HasPrefix(n, country) && len(n) > 10:
		n = "+" + n
	default:
		n = "+" + country + n
	}
	if len(n) < 6 || len(n) > 16 { // E.164: 15 digits at most
		return ""
	}
	return n
}

// admit counts a leg in, unless there are enough.
func (s *Server) admit(l *leg) bool {
	now := time.Now()
	if l.incoming && !s.rate.take(now) {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.draining || s.active >= s.cfg.MaxCalls {
		return false
	}
	if l.trunk != nil && !l.trunk.enter() {
		return false
	}
	s.active++
	return true
}

// leave counts a leg out, once.
func (s *Server) leave(l *leg) {
	l.mu.Lock()
	freed := l.freed
	l.freed = true
	l.mu.Unlock()
	if freed {
		return
	}
	s.mu.Lock()
	s.active--
	s.mu.Unlock()
	if l.trunk != nil {
		l.trunk.leave()
	}
}
