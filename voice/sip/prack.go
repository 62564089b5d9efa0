package sip

import (
	"context"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
)

// provisional sends provisional responses reliably (RFC 3262) to callers that
// know how: one at a time, each until its PRACK. The leg's mu guards it.
type provisional struct {
	wanted bool
	rseq   uint32
	sent   *sip.Response // the one that waits for its PRACK
	queued *sip.Response
	every  time.Duration
	waited time.Duration
	timer  *time.Timer
	settle chan struct{} // closed when nothing waits any more
}

func (p *provisional) stop() {
	if p.timer != nil {
		p.timer.Stop()
	}
	p.sent, p.queued = nil, nil
	p.done()
}

func (p *provisional) done() {
	if p.settle != nil && p.sent == nil {
		close(p.settle)
		p.settle = nil
	}
}

// next prepares a response and reports whether it may be sent now. The caller
// holds mu.
func (p *provisional) next(l *leg, res *sip.Response) bool {
	if !p.wanted {
		return true
	}
	if p.sent != nil {
		p.queued = res
		return false
	}
	if p.rseq == 0 {
		p.rseq = rand.Uint32N(1 << 16)
	}
	p.rseq++
	res.AppendHeader(sip.NewHeader("Require", "100rel"))
	res.AppendHeader(sip.NewHeader("RSeq", strconv.FormatUint(uint64(p.rseq), 10)))
	p.sent, p.every, p.waited = res, l.s.cfg.T1, 0
	if p.settle == nil {
		p.settle = make(chan struct{})
	}
	p.timer = time.AfterFunc(p.every, func() { p.again(l, res) })
	return true
}

func (p *provisional) again(l *leg, res *sip.Response) {
	l.mu.Lock()
	if p.sent != res {
		l.mu.Unlock()
		return
	}
	p.waited += p.every
	p.every *= 2
	if p.waited >= 64*l.s.cfg.T1 {
		l.mu.Unlock()
		l.Hangup(voice.Cause{Reason: voice.EndFailed, SIP: 504, Q850: 102, By: "system"})
		return
	}
	p.timer.Reset(p.every)
	l.mu.Unlock()
	_ = l.in.tx.Respond(res)
}

// settled waits until the last response has had its PRACK.
func (p *provisional) settled(ctx context.Context, l *leg) error {
	l.mu.Lock()
	wait := p.settle
	l.mu.Unlock()
	if wait == nil {
		return nil
	}
	select {
	case <-wait:
		return nil
	case <-l.ctx.Done():
		return desk.Errorf(desk.Conflict, "leg_state", "the call ended before it was connected")
	case <-ctx.Done():
		return ctx.Err()
	}
}

// onPrack takes the PRACK of a provisional response.
func (l *leg) onPrack(req *sip.Request, tx *sip.ServerTx) {
	rseq, cseq, method, ok := rack(header(req, "RAck"))
	l.mu.Lock()
	p := &l.in.prov
	match := ok && l.incoming && p.sent != nil && rseq == p.rseq && method == "INVITE" && cseq == l.in.req.CSeq().SeqNo
	var follow *sip.Response
	if match {
		p.timer.Stop()
		p.sent = nil
		if p.queued != nil && l.st < answered {
			follow, p.queued = p.queued, nil
			p.next(l, follow)
		}
		p.done()
	}
	l.mu.Unlock()
	if !match {
		l.s.answer(req, tx, 481)
		return
	}
	if body := req.Body(); len(body) > 0 { // an offer: answered where it is made
		sdp, err := l.sound.Answer(body)
		if err != nil {
			_ = tx.Respond(l.respondTo(req, mediaCode(err), nil))
		} else {
			_ = tx.Respond(l.respondTo(req, 200, sdp))
		}
	} else {
		_ = tx.Respond(l.respondTo(req, 200, nil))
	}
	if follow != nil {
		_ = l.in.tx.Respond(follow)
	}
}
