package sip

import (
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/parleyhq/parley/desk"
)

// Limits of a registration.
const (
	minExpires  = time.Minute
	maxContacts = 10 // of one user
)

// onRegister is RFC 3261, 10.3.
func (s *Server) onRegister(req *sip.Request, tx *sip.ServerTx) {
	if s.cfg.Accounts == nil || s.lockedOut(req.Source()) {
		s.answer(req, tx, 403)
		return
	}
	account, denied := s.challenge(req)
	if denied != nil {
		s.answer(req, tx, denied.code, denied.headers...)
		return
	}
	if req.To().Address.User != account.User {
		s.answer(req, tx, 403)
		return
	}
	bound, err := s.cfg.Bindings.Bound(s.ctx, account.User)
	if err == nil {
		var code int
		var extra []sip.Header
		if code, extra, err = s.bind(req, account, bound); code != 0 {
			s.answer(req, tx, code, extra...)
			return
		}
	}
	if err == nil {
		bound, err = s.cfg.Bindings.Bound(s.ctx, account.User)
	}
	if err != nil {
		s.log.Error("sip registrar", "user", account.User, "error", err)
		s.answer(req, tx, 503, sip.NewHeader("Retry-After", "10"))
		return
	}
	now := time.Now()
	headers := []sip.Header{sip.NewHeader("Date", now.UTC().Format("Mon, 02 Jan 2006 15:04:05")+" GMT")}
	for _, b := range bound {
		left := b.Expires.Sub(now)
		headers = append(headers, sip.NewHeader("Contact", "<"+b.Contact+">;expires="+secondsText(max(left, 0))))
	}
	if path := header(req, "Path"); path != "" {
		headers = append(headers, sip.NewHeader("Path", path), sip.NewHeader("Supported", "path"))
	}
	s.answer(req, tx, 200, headers...)
}

// bind carries out a REGISTER. code is not 0 when it is refused.
func (s *Server) bind(req *sip.Request, account Account, bound []Binding) (code int, extra []sip.Header, err error) {
	contacts := req.GetHeaders("Contact")
	common, _ := seconds(header(req, "Expires"))
	_, said := seconds(header(req, "Expires"))
	if !said {
		common = s.cfg.MaxExpires
	}
	callID, seq := req.CallID().Value(), req.CSeq().SeqNo
	for _, b := range bound { // an old one that comes late: 10.3, 7
		if b.CallID == callID && b.CSeq >= seq {
			return 500, nil, nil
		}
	}
	type change struct {
		b      Binding
		remove bool
	}
	var changes []change
	for _, h := range contacts {
		c, ok := h.(*sip.ContactHeader)
		if !ok {
			return 400, nil, nil
		}
		if c.Address.Wildcard {
			if len(contacts) != 1 || !said || common != 0 {
				return 400, nil, nil
			}
			s.phones.drop(account.User, "")
			return 0, nil, s.cfg.Bindings.Unbind(s.ctx, account.User, "")
		}
		if scheme := strings.ToLower(c.Address.Scheme); scheme != "sip" && scheme != "sips" || c.Address.Host == "" {
			return 400, nil, nil
		}
		life := common
		if v, ok := c.Params.Get("expires"); ok {
			if d, ok := seconds(v); ok {
				life = d
			}
		}
		if life > 0 && life < minExpires {
			return 423, []sip.Header{sip.NewHeader("Min-Expires", secondsText(minExpires))}, nil
		}
		uri := c.Address
		uri.Headers = nil
		text := uri.String()
		if len(text) > 512 {
			return 400, nil, nil
		}
		changes = append(changes, change{Binding{
			User: account.User, Contact: text, Source: req.Source(), Transport: strings.ToLower(req.Transport()),
			Path: header(req, "Path"), CallID: callID, CSeq: seq, Node: s.cfg.Node, Agent: clean(header(req, "User-Agent")),
			Expires: time.Now().Add(min(life, s.cfg.MaxExpires)),
		}, life == 0})
	}
	if len(changes)+len(bound) > maxContacts && tooMany(bound, len(changes)) {
		return 403, nil, nil
	}
	for _, c := range changes {
		if c.remove {
			s.phones.drop(c.b.User, c.b.Contact)
			err = s.cfg.Bindings.Unbind(s.ctx, c.b.User, c.b.Contact)
			if desk.IsKind(err, desk.NotFound) {
				err = nil
			}
		} else if err = s.cfg.Bindings.Bind(s.ctx, c.b); err == nil {
			s.phones.keep(c.b)
		}
		if err != nil {
			return 0, nil, err
		}
	}
	return 0, nil, nil
}

// tooMany reports whether a user has more contacts than he may: those that have
// come from a connection that is replaced count, so the limit is generous.
func tooMany(bound []Binding, more int) bool { return len(bound) >= maxContacts || more > maxContacts }
