package sip

import (
	"time"

	"github.com/emiago/sipgo/sip"
)

// okSender repeats a 2xx to INVITE until its ACK: RFC 3261, 13.3.1.4.
type okSender struct {
	l      *leg
	seq    uint32
	res    *sip.Response
	conn   sip.Connection
	offer  bool // the ACK brings the answer to it
	every  time.Duration
	waited time.Duration
	timer  *time.Timer
	done   chan struct{} // closed after the ACK has been dealt with, or nobody waits for it
}

// sendOK prepares the repetition; the caller holds mu and sends the first.
func (l *leg) sendOK(seq uint32, res *sip.Response, tx *sip.ServerTx, offer bool) *okSender {
	ok := &okSender{l: l, seq: seq, res: res, conn: tx.Connection(), offer: offer, every: l.s.cfg.T1, done: make(chan struct{})}
	l.oks[seq] = ok
	ok.timer = time.AfterFunc(ok.every, ok.again)
	return ok
}

func (ok *okSender) stop() {
	ok.l.mu.Lock()
	defer ok.l.mu.Unlock()
	ok.timer.Stop()
	delete(ok.l.oks, ok.seq)
}

func (ok *okSender) again() {
	l := ok.l
	l.mu.Lock()
	if l.oks[ok.seq] != ok {
		l.mu.Unlock()
		return
	}
	ok.waited += ok.every
	if ok.waited >= 64*l.s.cfg.T1 {
		delete(l.oks, ok.seq)
		parting := l.parting
		l.mu.Unlock()
		if parting != nil {
			l.goodbye(*parting)
			return
		}
		l.lost(408)
		return
	}
	ok.every = min(2*ok.every, l.s.cfg.T2)
	if left := 64*l.s.cfg.T1 - ok.waited; ok.every > left {
		ok.every = left
	}
	ok.timer.Reset(ok.every)
	l.mu.Unlock()
	_ = ok.conn.WriteMsg(ok.res)
}

// onAck takes an ACK to a 2xx.
func (s *Server) onAck(req *sip.Request) {
	if l := s.find(req.CallID().Value(), tagOf(req.To().Params)); l != nil && l.matches(req) {
		l.onAck(req)
	}
}

func (l *leg) onAck(req *sip.Request) {
	l.mu.Lock()
	ok := l.oks[req.CSeq().SeqNo]
	if ok == nil {
		l.mu.Unlock()
		return
	}
	delete(l.oks, ok.seq)
	ok.timer.Stop()
	l.offering = false
	parting := l.parting
	l.parting = nil
	l.mu.Unlock()
	defer close(ok.done)
	if parting != nil {
		l.goodbye(*parting)
		return
	}
	if ok.offer {
		if err := l.sound.Accept(req.Body()); err != nil {
			l.s.log.Debug("sip answer in ACK", "error", err)
			c := causeOf(mediaCode(err))
			if l.finish(c, true) {
				l.goodbye(c)
			}
			return
		}
	}
	l.mu.Lock()
	if l.st == answered {
		l.st = talking
	}
	select {
	case <-l.acked:
	default:
		close(l.acked)
	}
	l.mu.Unlock()
	l.begin()
}
