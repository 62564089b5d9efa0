package sip

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
	"github.com/parleyhq/parley/voice/rtp"
)

// matches reports whether a request comes from the leg's far end.
func (l *leg) matches(req *sip.Request) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	remote := l.d.remoteTag()
	return remote == "" || remote == tagOf(req.From().Params)
}

// inOrder takes note of a request's number: one that is older than the last is
// out of order (12.2.2). But the library hands requests on in goroutines of
// their own, so of two that follow each other closely the second may come here
// first: up to 16 back, each once. The caller holds mu.
func (d *dialog) inOrder(req *sip.Request) bool {
	seq := req.CSeq().SeqNo
	switch {
	case !d.seenRemote:
		d.remoteSeq, d.seenRemote, d.seqs = seq, true, 1
	case seq > d.remoteSeq:
		d.seqs = d.seqs<<min(seq-d.remoteSeq, 63) | 1
		d.remoteSeq = seq
	default:
		back := d.remoteSeq - seq
		if back > 16 || seq < d.firstSeq || d.seqs>>back&1 == 1 {
			return false
		}
		d.seqs |= 1 << back
	}
	return true
}

// retarget follows the far end's Contact: 12.2.1.2. The caller holds mu.
func (d *dialog) retarget(m sip.Message, source string, vias int) {
	c, ok := m.(interface{ Contact() *sip.ContactHeader })
	if !ok || c.Contact() == nil || c.Contact().Address.Host == "" || c.Contact().Address.Wildcard {
		return
	}
	d.target = *c.Contact().Address.Clone()
	if source != "" {
		d.dest = ""
		d.aim(source, vias)
	}
}

// inDialog takes the requests that belong to a call.
func (s *Server) inDialog(req *sip.Request, tx *sip.ServerTx) {
	l := s.find(req.CallID().Value(), tagOf(req.To().Params))
	if l == nil || !l.matches(req) {
		s.answer(req, tx, 481)
		return
	}
	l.mu.Lock()
	ordered := l.d.inOrder(req)
	l.mu.Unlock()
	if !ordered {
		s.answer(req, tx, 500)
		return
	}
	switch req.Method {
	case sip.BYE:
		l.onBye(req, tx)
	case sip.PRACK:
		l.onPrack(req, tx)
	case sip.UPDATE:
		l.onUpdate(req, tx)
	case sip.INFO:
		l.onInfo(req, tx)
	case sip.REFER:
		l.onRefer(req, tx)
	case sip.NOTIFY:
		l.onNotify(req, tx)
	}
}

func (l *leg) onBye(req *sip.Request, tx *sip.ServerTx) {
	l.acknowledged()
	_ = tx.Respond(l.respondTo(req, 200, nil))
	c := voice.Cause{Reason: voice.EndNormal, Q850: 16, By: "caller"}
	if n := readReason(header(req, "Reason")); n > 0 {
		c.Q850 = n
	}
	l.mu.Lock()
	if l.peer.Agent != "" {
		c.By = "agent"
	}
	up := l.st >= answered
	if l.incoming && l.st < answered { // it leaves before we have answered: 15.1.2
		c.SIP = 487
	}
	l.mu.Unlock()
	if !up {
		l.Hangup(c)
		return
	}
	if !l.finish(c, false) {
		l.release()
	}
}

func (l *leg) onInfo(req *sip.Request, tx *sip.ServerTx) {
	kind := header(req, "Content-Type")
	if len(req.Body()) == 0 {
		_ = tx.Respond(l.respondTo(req, 200, nil))
		return
	}
	key := infoDigit(kind, req.Body())
	if key == 0 {
		res := l.respondTo(req, 415, nil)
		res.AppendHeader(sip.NewHeader("Accept", "application/dtmf-relay, application/dtmf"))
		_ = tx.Respond(res)
		return
	}
	l.digit(key) // before the answer: what follows that must find the key told
	_ = tx.Respond(l.respondTo(req, 200, nil))
}

// tooBrief refuses a session interval below ours: RFC 4028, 9.
func (l *leg) tooBrief(req *sip.Request, tx *sip.ServerTx) bool {
	d, _, ok := sessionExpires(header(req, "Session-Expires"))
	if !ok || d >= l.s.cfg.MinSE || !has(req, "Supported", "timer") {
		return false
	}
	res := l.respondTo(req, 422, nil)
	res.AppendHeader(sip.NewHeader("Min-SE", secondsText(l.s.cfg.MinSE)))
	_ = tx.Respond(res)
	return true
}

// acknowledged waits a moment for the ACK to our last 2xx: it was sent before
// what has come now, and may be on its way through another goroutine.
func (l *leg) acknowledged() {
	l.mu.Lock()
	var open []chan struct{}
	for _, ok := range l.oks {
		open = append(open, ok.done)
	}
	l.mu.Unlock()
	if len(open) == 0 {
		return
	}
	limit := time.NewTimer(l.s.cfg.T1 / 2)
	defer limit.Stop()
	for _, done := range open {
		select {
		case <-done:
		case <-limit.C:
			return
		}
	}
}

// onReinvite takes a later offer: a hold, another address, a refresh.
func (l *leg) onReinvite(req *sip.Request, tx *sip.ServerTx) {
	if l.tooBrief(req, tx) {
		return
	}
	l.acknowledged()
	l.mu.Lock()
	code := 0
	switch {
	case l.st == over:
		code = 481
	case l.offering || l.st != talking: // glare: 14.2
		code = 491
	case !l.d.inOrder(req):
		code = 500
	}
	if code != 0 {
		l.mu.Unlock()
		_ = tx.Respond(l.respondTo(req, code, nil))
		return
	}
	l.offering = true
	l.d.retarget(req, req.Source(), len(req.GetHeaders("Via")))
	l.mu.Unlock()

	delayed := len(req.Body()) == 0
	var sdp []byte
	var err error
	if delayed {
		sdp = l.sound.Offer()
	} else if sdp, err = l.sound.Answer(req.Body()); err != nil {
		l.mu.Lock()
		l.offering = false
		l.mu.Unlock()
		_ = tx.Respond(l.respondTo(req, mediaCode(err), nil))
		return
	}
	res := l.respondTo(req, 200, sdp)
	l.mu.Lock()
	if l.st == over {
		l.mu.Unlock()
		_ = tx.Respond(l.respondTo(req, 481, nil))
		return
	}
	l.session.agreeUAS(l, req, res)
	l.sendOK(req.CSeq().SeqNo, res, tx, delayed)
	l.mu.Unlock()
	_ = tx.Respond(res)
}

// onUpdate is RFC 3311: an offer, or a refresh without one.
func (l *leg) onUpdate(req *sip.Request, tx *sip.ServerTx) {
	if l.tooBrief(req, tx) {
		return
	}
	l.acknowledged()
	l.mu.Lock()
	if len(req.Body()) > 0 && (l.offering || l.st < answered) {
		l.mu.Unlock()
		_ = tx.Respond(l.respondTo(req, 491, nil))
		return
	}
	l.d.retarget(req, req.Source(), len(req.GetHeaders("Via")))
	l.mu.Unlock()
	var sdp []byte
	if len(req.Body()) > 0 {
		var err error
		if sdp, err = l.sound.Answer(req.Body()); err != nil {
			_ = tx.Respond(l.respondTo(req, mediaCode(err), nil))
			return
		}
	}
	res := l.respondTo(req, 200, sdp)
	l.mu.Lock()
	if l.st == talking || l.st == answered {
		l.session.agreeUAS(l, req, res)
	}
	l.mu.Unlock()
	_ = tx.Respond(res)
}

// onOptions says what we can do: 11.2.
func (s *Server) onOptions(req *sip.Request, tx *sip.ServerTx) {
	if tag := tagOf(req.To().Params); tag != "" {
		if l := s.find(req.CallID().Value(), tag); l == nil || !l.matches(req) {
			s.answer(req, tx, 481)
			return
		}
	}
	s.mu.Lock()
	draining := s.draining
	s.mu.Unlock()
	if draining {
		s.answer(req, tx, 503, sip.NewHeader("Retry-After", "10"))
		return
	}
	s.answer(req, tx, 200, allowHeader(), sip.NewHeader("Accept", "application/sdp"),
		sip.NewHeader("Accept-Language", "en, zh"), sip.NewHeader("Supported", "timer, 100rel, replaces, path"))
}

// Hold tells the far end that it is on hold, or not any more.
func (l *leg) Hold(ctx context.Context, on bool) error {
	l.mu.Lock()
	l.wantHold = on
	busy := l.turning
	l.turning = true
	l.mu.Unlock()
	if busy {
		return nil // whoever tells the far end now tells it this, too
	}
	for {
		l.mu.Lock()
		on, done := l.wantHold, l.wantHold == l.holding
		l.turning = !done
		l.mu.Unlock()
		if done {
			return nil
		}
		dir := rtp.SendRecv
		if on {
			dir = rtp.SendOnly
		}
		_, err := l.reinvite(ctx, func() []byte { return l.sound.Reoffer(dir) })
		l.mu.Lock()
		if err == nil {
			l.holding = on
		} else {
			l.turning = false
		}
		l.mu.Unlock()
		if err != nil {
			return err
		}
	}
}

// reinvite makes an offer within the call and takes the answer. Glare is
// retried as RFC 3261, 14.1 says.
func (l *leg) reinvite(ctx context.Context, offer func() []byte) (*sip.Response, error) {
	for range 5 {
		res, err := l.offerOnce(ctx, offer)
		if err != nil || res.StatusCode != 491 {
			return res, err
		}
		wait := rand.N(200) * 10 // ms; who owns the Call-ID waits longer
		if !l.incoming {
			wait = 2100 + rand.N(190)*10
		}
		pause := time.NewTimer(time.Duration(wait) * time.Millisecond * l.s.cfg.T1 / (500 * time.Millisecond))
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return nil, ctx.Err()
		case <-l.ctx.Done():
			pause.Stop()
			return nil, desk.Errorf(desk.Conflict, "leg_state", "the call has ended")
		}
	}
	return nil, desk.Errorf(desk.Unavailable, "sip_glare", "the far end kept changing the call at the same time")
}

// glare is the answer that we give ourselves while an offer is under way.
var glare = &sip.Response{StatusCode: 491}

func (l *leg) offerOnce(ctx context.Context, offer func() []byte) (*sip.Response, error) {
	l.mu.Lock()
	switch {
	case l.st != talking:
		l.mu.Unlock()
		return nil, desk.Errorf(desk.Conflict, "leg_state", "the call is not up")
	case l.offering:
		l.mu.Unlock()
		return glare, nil
	}
	l.offering = true
	req := l.d.request(sip.INVITE)
	l.session.ask(req)
	l.mu.Unlock()
	req.AppendHeader(allowHeader())
	req.AppendHeader(sip.NewHeader("Supported", "timer, replaces"))
	req.AppendHeader(sip.NewHeader("Content-Type", "application/sdp"))
	req.SetBody(offer())
	defer func() {
		l.mu.Lock()
		l.offering = false
		l.mu.Unlock()
	}()
	res, err := l.inviteAgain(ctx, req)
	if err != nil {
		if ctx.Err() == nil {
			l.lost(408)
		}
		return nil, err
	}
	switch {
	case res.StatusCode == 491:
		return res, nil
	case res.StatusCode == 481 || res.StatusCode == 408:
		l.lost(res.StatusCode)
		return nil, desk.Errorf(desk.Conflict, "leg_state", "the far end no longer knows the call")
	case !res.IsSuccess():
		return nil, desk.Errorf(desk.Unavailable, "sip_refused", "the far end refused the change with %d %s", res.StatusCode, clean(res.Reason))
	}
	if err := l.sound.Accept(res.Body()); err != nil {
		return nil, desk.Errorf(desk.Unavailable, "sip_answer", "the far end's answer: %w", err)
	}
	l.mu.Lock()
	l.session.agreeUAC(l, res)
	l.mu.Unlock()
	return res, nil
}

// inviteAgain sends a re-INVITE, answers a challenge once, and acknowledges.
func (l *leg) inviteAgain(ctx context.Context, req *sip.Request) (*sip.Response, error) {
	for first := true; ; first = false {
		res, err := l.exchange(ctx, req)
		if err != nil {
			return nil, err
		}
		if first {
			if next := l.authorized(req, res); next != nil {
				req = next
				continue
			}
		}
		return res, nil
	}
}

// exchange is one INVITE transaction within the dialog.
func (l *leg) exchange(ctx context.Context, req *sip.Request) (*sip.Response, error) {
	tx, err := l.s.send(ctx, req)
	if err != nil {
		return nil, err
	}
	for {
		select {
		case res := <-tx.Responses():
			if res.IsProvisional() {
				continue
			}
			if res.IsSuccess() {
				l.mu.Lock()
				l.d.retarget(res, "", 0)
				ack := l.d.requestSeq(sip.ACK, req.CSeq().SeqNo)
				l.mu.Unlock()
				copyCredentials(req, ack)
				l.s.write(ack)
				tx.OnRetransmission(func(*sip.Response) { l.s.write(ack) })
			}
			return res, nil
		case <-tx.Done():
			return nil, desk.Errorf(desk.Unavailable, "sip_timeout", "the far end did not answer: %w", tx.Err())
		case <-ctx.Done():
			tx.Terminate()
			return nil, ctx.Err()
		}
	}
}

// copyCredentials puts an INVITE's credentials into its ACK: 22.1.
func copyCredentials(from, to *sip.Request) {
	for _, name := range []string{"Authorization", "Proxy-Authorization"} {
		for _, h := range from.GetHeaders(name) {
			to.AppendHeader(sip.NewHeader(name, h.Value()))
		}
	}
}
