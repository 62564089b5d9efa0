package sip

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
)

// referral is a transfer under way (RFC 3515): one that the far end has asked
// of us, or we of it. The leg's mu guards it.
type referral struct {
	asked bool          // by the far end; its subscription is open
	id    uint32        // the CSeq of its REFER
	told  chan struct{} // closed once the first news has arrived
	limit *time.Timer
	ours  bool // we have asked, and wait to hear how it went
}

func (r *referral) stop() {
	if r.limit != nil {
		r.limit.Stop()
	}
}

// onRefer takes a transfer from the far end: 202, and news of how it goes.
// Strangers may not make us call: it must be a phone of ours that has proved
// itself, or a trunk that may.
func (l *leg) onRefer(req *sip.Request, tx *sip.ServerTx) {
	target, with, err := readReferTo(header(req, "Refer-To"))
	l.mu.Lock()
	trusted := l.peer.Known || l.trunk != nil && l.trunk.cfg.AllowRefer
	code := 202
	switch {
	case err != nil || len(req.GetHeaders("Refer-To")) > 1:
		code = 400
	case !trusted:
		code = 403
	case l.st != talking || l.refer.asked:
		code = 491
	}
	silent := strings.EqualFold(header(req, "Refer-Sub"), "false")
	target = l.s.inside(target, l.d.contact.Host)
	l.mu.Unlock()
	var other desk.ID
	if code == 202 && with.callID != "" {
		o := l.s.find(with.callID, with.toTag)
		if o == nil || !o.hasRemote(with.fromTag) {
			code = 481
		} else {
			other = o.id
		}
	}
	res := l.respondTo(req, code, nil)
	if silent && code == 202 {
		res.AppendHeader(sip.NewHeader("Refer-Sub", "false"))
	}
	_ = tx.Respond(res)
	if code != 202 {
		return
	}
	if silent {
		l.tell(voice.LegEvent{Kind: voice.LegTransfer, Target: target, Other: other})
		return
	}
	told := make(chan struct{})
	l.mu.Lock()
	l.refer.asked, l.refer.id, l.refer.told = true, req.CSeq().SeqNo, told
	first := l.notify(100, "active;expires=60")
	l.refer.limit = time.AfterFunc(time.Minute, l.referLate)
	l.mu.Unlock()
	ctx, cancel := context.WithTimeout(l.s.ctx, 64*l.s.cfg.T1)
	defer cancel()
	defer close(told)
	news, err := l.s.send(ctx, first) // before anybody can send the last
	l.tell(voice.LegEvent{Kind: voice.LegTransfer, Target: target, Other: other})
	if err == nil {
		_, _ = l.s.final(ctx, news)
	}
}

func (l *leg) hasRemote(tag string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.st != over && l.d.remoteTag() == tag
}

// notify makes news of a transfer. The caller holds mu.
func (l *leg) notify(code int, state string) *sip.Request {
	n := l.d.request(sip.NOTIFY)
	n.AppendHeader(sip.NewHeader("Event", "refer;id="+strconv.FormatUint(uint64(l.refer.id), 10)))
	n.AppendHeader(sip.NewHeader("Subscription-State", state))
	n.AppendHeader(sip.NewHeader("Content-Type", "message/sipfrag;version=2.0"))
	n.SetBody([]byte("SIP/2.0 " + strconv.Itoa(code) + " " + reasonPhrase(code) + "\r\n"))
	return n
}

// last is the final news of a transfer that the far end has asked for; nil when
// it has not. The caller holds mu.
func (r *referral) last(l *leg, why voice.Cause) *sip.Request {
	if !r.asked {
		return nil
	}
	r.asked = false
	code := 503
	if why.Reason == voice.EndTransferred || why.Reason == voice.EndNormal {
		code = 200
	}
	return l.notify(code, "terminated;reason=noresource")
}

// referLate tells the far end that nothing has come of its transfer.
func (l *leg) referLate() {
	l.mu.Lock()
	if !l.refer.asked || l.st != talking {
		l.mu.Unlock()
		return
	}
	n := l.refer.last(l, voice.Cause{Reason: voice.EndFailed})
	l.mu.Unlock()
	ctx, cancel := context.WithTimeout(l.ctx, 64*l.s.cfg.T1)
	defer cancel()
	_, _ = l.inquire(ctx, n)
}

// Refer asks the far end to call target by itself. When it reports that it has,
// the leg ends.
func (l *leg) Refer(ctx context.Context, target string) error {
	if l.trunk != nil && !l.trunk.cfg.AllowRefer {
		return desk.Errorf(desk.Forbidden, "refer_trunk", "trunk %s does not transfer calls", l.trunk.cfg.Name)
	}
	l.mu.Lock()
	if l.st != talking {
		l.mu.Unlock()
		return desk.Errorf(desk.Conflict, "leg_state", "the call is not up")
	}
	uri, err := l.referTarget(target)
	if err != nil {
		l.mu.Unlock()
		return err
	}
	req := l.d.request(sip.REFER)
	contact := l.d.contact.String()
	l.refer.ours = true // its news may be faster than its answer
	l.mu.Unlock()
	req.AppendHeader(sip.NewHeader("Refer-To", "<"+uri+">"))
	req.AppendHeader(sip.NewHeader("Referred-By", "<"+contact+">"))
	res, err := l.inquire(ctx, req)
	if err == nil && res.IsSuccess() {
		return nil
	}
	l.mu.Lock()
	l.refer.ours = false
	l.mu.Unlock()
	if err != nil {
		return desk.Errorf(desk.Unavailable, "sip_timeout", "transfer: %w", err)
	}
	return desk.Errorf(desk.Forbidden, "refer_refused", "the far end refused to transfer the call with %d %s", res.StatusCode, clean(res.Reason))
}

// inside is whom an address of ours stands for: a number, or the user of a
// phone. A phone writes every number that is typed as an address at its own
// registrar. here is our host as the far end knows it; addresses elsewhere stay
// as they are.
func (s *Server) inside(target, here string) string {
	if number, tel := strings.CutPrefix(target, "tel:"); tel {
		number, _, _ = strings.Cut(number, ";")
		return number
	}
	var u sip.Uri
	if err := sip.ParseUri(target, &u); err != nil || u.User == "" {
		return target
	}
	if host := strings.ToLower(u.Host); host != strings.ToLower(s.cfg.Realm) && host != here && (!s.cfg.Public.IsValid() || host != s.cfg.Public.String()) {
		return target
	}
	for _, network := range []string{"udp", "tcp", "tls"} {
		if at := s.Addr(network); u.Port == 0 || at.IsValid() && int(at.Port()) == u.Port {
			user, _, _ := strings.Cut(u.User, ";")
			return user
		}
	}
	return target
}

// referTarget writes target as the far end can call it. The caller holds mu.
func (l *leg) referTarget(target string) (string, error) {
	if sipURI(target) || strings.HasPrefix(target, "tel:") {
		uri, _, err := readReferTo(target)
		return uri, err
	}
	number := normal(target, l.s.cfg.Country)
	if number == "" {
		number = target
	}
	if number == "" || strings.Trim(number, "+0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ._-") != "" {
		return "", desk.Errorf(desk.Invalid, "sip_target", "%q is neither a number nor a SIP address", target)
	}
	host := l.d.target.Host
	if l.trunk != nil {
		host = l.trunk.cfg.Host
		number = l.trunk.write(number)
	} else if l.peer.Known {
		host = l.s.cfg.Realm
	}
	return "sip:" + number + "@" + host, nil
}

// onNotify hears how a transfer of ours went.
func (l *leg) onNotify(req *sip.Request, tx *sip.ServerTx) {
	event, _, _ := strings.Cut(header(req, "Event"), ";")
	if !strings.EqualFold(strings.TrimSpace(event), "refer") {
		_ = tx.Respond(l.respondTo(req, 489, nil))
		return
	}
	l.mu.Lock()
	ours := l.refer.ours
	code := sipfrag(req.Body())
	state, _, _ := strings.Cut(header(req, "Subscription-State"), ";")
	if code < 200 && strings.EqualFold(strings.TrimSpace(state), "terminated") { // it will not tell how it ended
		code = 408
	}
	if code >= 200 {
		l.refer.ours = false
	}
	l.mu.Unlock()
	if !ours {
		_ = tx.Respond(l.respondTo(req, 481, nil))
		return
	}
	_ = tx.Respond(l.respondTo(req, 200, nil))
	switch {
	case code >= 200 && code < 300:
		l.Hangup(voice.Cause{Reason: voice.EndTransferred, SIP: code, Q850: 16, By: "system"})
	case code >= 300:
		l.tell(voice.LegEvent{Kind: voice.LegNotTransferred, Cause: causeOf(code)})
	}
}
