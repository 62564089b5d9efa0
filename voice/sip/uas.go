package sip

import (
	"context"
	"fmt"
	"net/netip"
	"strconv"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
	"github.com/parleyhq/parley/voice/rtp"
)

// incomingPart is what only a leg that came in has.
type incomingPart struct {
	req    *sip.Request
	tx     *sip.ServerTx
	sdp    []byte        // our answer to its offer; nil: we are to offer
	final  chan struct{} // closed once it has its final response
	again  *time.Timer   // gives up
	repeat *time.Timer   // says every minute that it still rings: 13.3.1.1
	prov   provisional

	replaces *leg // it takes this one's place
}

func (p *incomingPart) stop() {
	if p.again != nil {
		p.again.Stop()
	}
	if p.repeat != nil {
		p.repeat.Stop()
	}
	p.prov.stop()
}

// onInvite takes a call, or an offer within one.
func (s *Server) onInvite(req *sip.Request, tx *sip.ServerTx) {
	if tag := tagOf(req.To().Params); tag != "" {
		if l := s.find(req.CallID().Value(), tag); l != nil && l.matches(req) {
			l.onReinvite(req, tx)
			return
		}
		s.answer(req, tx, 481)
		return
	}
	trying := sip.NewResponseFromRequest(req, 100, "Trying", nil)
	if err := tx.Respond(trying); err != nil {
		return
	}
	key := fmt.Sprint(req.CallID().Value(), "\x00", tagOf(req.From().Params), "\x00", req.CSeq().SeqNo)
	if !s.enter(key) { // the same request by another way: 8.2.2.2
		s.answer(req, tx, 482)
		return
	}
	defer s.left(key)
	l, code, extra := s.take(req, tx)
	if l == nil {
		s.answer(req, tx, code, extra...)
		return
	}
	s.work.Add(1)
	go func() {
		defer s.work.Done()
		if old := l.in.replaces; old != nil {
			l.replace(old)
			return
		}
		s.cfg.Incoming(l.ctx, l)
	}()
	// The transaction ends when this returns.
	select {
	case <-l.in.final:
	case <-tx.Done():
		l.finish(voice.Cause{Reason: voice.EndLost, SIP: 408, Q850: 102}, false)
		return
	}
	for { // an old phone's ACK may bear the INVITE's branch
		select {
		case ack := <-tx.Acks():
			if ack != nil {
				l.onAck(ack)
			}
		case <-l.acked:
			return
		case <-l.gone:
			return
		case <-tx.Done():
			return
		}
	}
}

func (s *Server) enter(key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.invites[key] {
		return false
	}
	s.invites[key] = true
	return true
}

func (s *Server) left(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.invites, key)
}

// take makes a leg of an INVITE, or says with what it is to be refused.
func (s *Server) take(req *sip.Request, tx *sip.ServerTx) (l *leg, code int, extra []sip.Header) {
	contact := req.Contact()
	if contact == nil || contact.Address.Wildcard || contact.Address.Host == "" {
		return nil, 400, nil
	}
	if d, _, ok := sessionExpires(header(req, "Session-Expires")); ok && d < s.cfg.MinSE && has(req, "Supported", "timer") {
		return nil, 422, []sip.Header{sip.NewHeader("Min-SE", secondsText(s.cfg.MinSE))}
	}
	source, err := netip.ParseAddrPort(req.Source())
	if err != nil {
		return nil, 400, nil
	}
	who, refused := s.identify(req, source.Addr())
	if refused != nil {
		return nil, refused.code, refused.headers
	}
	old, code := s.replaced(req, who)
	if code != 0 {
		return nil, code, nil
	}
	here, err := s.local(req.Transport(), source.Addr().Unmap().String())
	if err != nil {
		return nil, 500, nil
	}
	l = s.newLeg(true)
	l.peer, l.trunk, l.in.replaces = who.peer, who.trunk, old
	if !s.admit(l) {
		l.cancel()
		return nil, 503, []sip.Header{sip.NewHeader("Retry-After", "10")}
	}
	mode := rtp.Optional
	if who.trunk != nil && who.trunk.cfg.SRTP == rtp.Required {
		mode = rtp.Required
	}
	if l.sound, err = s.audio(l, here.host, mode); err != nil {
		s.log.Error("sip audio", "error", err)
		s.leave(l)
		l.cancel()
		return nil, 503, []sip.Header{sip.NewHeader("Retry-After", "10")}
	}
	if body := req.Body(); len(body) > 0 {
		if l.in.sdp, err = l.sound.Answer(body); err != nil {
			s.log.Debug("sip offer refused", "error", err)
			l.sound.Close()
			s.leave(l)
			l.cancel()
			return nil, mediaCode(err), nil
		}
	}
	l.accept(req, tx, here)
	return l, 0, nil
}

// accept sets up the dialog of an incoming leg.
func (l *leg) accept(req *sip.Request, tx *sip.ServerTx, here local) {
	tag := sip.GenerateTagN(16)
	secure := req.Recipient.Scheme == "sips"
	l.d = dialog{
		callID: req.CallID().Value(), local: req.To().AsFrom(), remote: req.From().AsTo(),
		remoteSeq: req.CSeq().SeqNo, seenRemote: true, firstSeq: req.CSeq().SeqNo, seqs: 1,
		target: *req.Contact().Address.Clone(), routes: routeSet(req, false),
		contact: here.contact("parley", secure), transport: here.transport, via: here.via(), laddr: here.laddr,
		methods: header(req, "Allow"),
	}
	l.d.local.Params.Add("tag", tag)
	l.d.aim(req.Source(), len(req.GetHeaders("Via")))
	l.in.req, l.in.tx, l.in.final = req, tx, make(chan struct{})
	l.in.prov.wanted = has(req, "Require", "100rel") || has(req, "Supported", "100rel")
	l.peer.Secure = here.transport == "TLS"
	l.known(l.d.callID, tag)
	tx.OnCancel(func(*sip.Request) { go l.cancelled() })
	l.in.again = time.AfterFunc(l.s.cfg.Ring, func() { l.Hangup(voice.Cause{Reason: voice.EndNoAnswer, Q850: 19, By: "system"}) })
}

// aim decides where requests go: to where the message came from when its
// sender is behind a NAT, or has a connection to us.
func (d *dialog) aim(source string, vias int) {
	if len(d.routes) > 0 {
		return
	}
	if d.transport != "UDP" && vias == 1 || behindNAT(d.target, source, vias) {
		d.dest = source
	}
}

// cancelled ends a leg whose caller gave up; the layer below has answered.
func (l *leg) cancelled() {
	c := causeOf(487)
	c.By = "caller"
	if l.finish(c, false) {
		close(l.in.final)
	}
}

// turnAway answers the INVITE of a leg that has been finished with an error.
func (l *leg) turnAway(why voice.Cause) {
	code, _ := refusal(why)
	res := l.respond(code, nil)
	if code == 503 {
		res.AppendHeader(sip.NewHeader("Retry-After", "10"))
	}
	res.AppendHeader(reasonHeader(why))
	_ = l.in.tx.Respond(res)
	close(l.in.final)
	l.release()
}

// respond makes a response to the INVITE, with our tag and Contact.
func (l *leg) respond(code int, sdp []byte) *sip.Response {
	return l.respondTo(l.in.req, code, sdp)
}

func (l *leg) respondTo(req *sip.Request, code int, sdp []byte) *sip.Response {
	res := l.s.response(req, code, sdp)
	res.To().Params.Add("tag", l.d.localTag())
	if code < 300 {
		res.AppendHeader(&sip.ContactHeader{Address: *l.d.contact.Clone()})
		res.AppendHeader(allowHeader())
		res.AppendHeader(sip.NewHeader("Supported", "timer, 100rel, replaces"))
	}
	return res
}

// Ring tells the caller that somebody is called.
func (l *leg) Ring(withAudio bool) error {
	if !l.incoming {
		return desk.Errorf(desk.Conflict, "leg_state", "only an incoming call can ring")
	}
	l.mu.Lock()
	if l.st >= answered {
		l.mu.Unlock()
		return desk.Errorf(desk.Conflict, "leg_state", "the call does not ring any more")
	}
	l.st = early
	code, sdp := 180, []byte(nil)
	if withAudio && l.in.sdp != nil {
		code, sdp = 183, l.in.sdp
	}
	res := l.respond(code, sdp)
	send := l.in.prov.next(l, res)
	if !l.in.prov.wanted {
		l.in.repeat = l.ringOn(res, l.in.repeat)
	}
	l.mu.Unlock()
	if !send {
		return nil
	}
	if err := l.in.tx.Respond(res); err != nil {
		return desk.Errorf(desk.Conflict, "leg_state", "ring: %w", err)
	}
	return nil
}

// ringOn repeats a provisional response every minute, so that no proxy gives up.
// The caller holds mu.
func (l *leg) ringOn(res *sip.Response, before *time.Timer) *time.Timer {
	if before != nil {
		before.Stop()
	}
	return time.AfterFunc(time.Minute, func() {
		l.mu.Lock()
		rings := l.st == early
		if rings {
			l.in.repeat = l.ringOn(res, nil)
		}
		l.mu.Unlock()
		if rings {
			_ = l.in.tx.Respond(res)
		}
	})
}

// Answer takes the call.
func (l *leg) Answer(ctx context.Context) error {
	if !l.incoming {
		return desk.Errorf(desk.Conflict, "leg_state", "only an incoming call can be answered")
	}
	if err := l.in.prov.settled(ctx, l); err != nil {
		return err
	}
	l.mu.Lock()
	if l.st >= answered {
		l.mu.Unlock()
		return desk.Errorf(desk.Conflict, "leg_state", "the call has been answered or has ended")
	}
	l.st = answered
	l.in.stop()
	sdp, delayed := l.in.sdp, l.in.sdp == nil
	if delayed {
		sdp = l.sound.Offer()
	}
	res := l.respond(200, sdp)
	l.session.agreeUAS(l, l.in.req, res)
	ok := l.sendOK(l.in.req.CSeq().SeqNo, res, l.in.tx, delayed)
	l.mu.Unlock()
	err := l.in.tx.Respond(res)
	close(l.in.final)
	if err != nil { // cancelled meanwhile
		ok.stop()
		l.finish(causeOf(487), false)
		return desk.Errorf(desk.Conflict, "leg_state", "the caller has given up")
	}
	select {
	case <-l.acked:
		return nil
	case <-l.ctx.Done():
		return desk.Errorf(desk.Conflict, "leg_state", "the call ended before it was connected")
	case <-ctx.Done():
		return ctx.Err()
	}
}

func secondsText(d time.Duration) string {
	return strconv.Itoa(int((d + time.Second - 1) / time.Second))
}
