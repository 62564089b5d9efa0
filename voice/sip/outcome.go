package sip

import (
	"github.com/emiago/sipgo/sip"

	"github.com/parleyhq/parley/voice"
)

// outcome takes how an attempt ended.
func (l *leg) outcome(a *attempt, res *sip.Response, err error) {
	l.mu.Lock()
	l.out.left--
	last := l.out.left == 0
	if err == nil && res.IsSuccess() {
		if l.st >= answered {
			l.mu.Unlock()
			a.drop(a.req, res)
			if last {
				l.closing()
			}
			return
		}
		l.st = answered
		l.out.stop()
		a.mu.Lock()
		l.d = a.confirmed(res)
		a.mu.Unlock()
		l.peer.Secure = l.d.transport == "TLS"
		l.mu.Unlock()
		l.win(a, res)
		return
	}
	code := 408
	if err == nil {
		code = res.StatusCode
	}
	l.out.best = better(l.out.best, code)
	best, st := l.out.best, l.st
	l.mu.Unlock()
	if !last {
		return
	}
	if st == over {
		l.release()
		return
	}
	if st < answered {
		c := causeOf(best)
		if err != nil && best == 408 { // not even a 100: nobody is there
			c.Reason, c.Q850 = voice.EndUnreachable, 18
		}
		if err == nil {
			if n := readReason(header(res, "Reason")); n > 0 {
				c.Q850 = n
			}
		}
		l.finish(c, false)
	}
}

// closing forgets a leg that had been given up when its last attempt ended.
func (l *leg) closing() {
	l.mu.Lock()
	done := l.st == over
	l.mu.Unlock()
	if done {
		l.release()
	}
}

// better picks the more telling of two refusals: 6xx, then busy, then what says
// most about the person, then the rest (16.7, 6).
func better(a, b int) int {
	rank := func(code int) int {
		switch {
		case code == 0:
			return 9
		case code >= 600:
			return 0
		case code == 486:
			return 1
		case code == 480 || code == 603:
			return 2
		case code == 404 || code == 410 || code == 484:
			return 4
		case code == 408:
			return 5
		case code < 500:
			return 3
		}
		return 6
	}
	if rank(b) < rank(a) {
		return b
	}
	return a
}

// win gives the leg to the attempt that was answered first.
func (l *leg) win(a *attempt, res *sip.Response) {
	a.acknowledge(a.req, res)
	elsewhere := voice.Cause{Reason: voice.EndNormal, SIP: 200, Q850: 26}
	for _, other := range l.out.calls {
		if other != a {
			other.cancel(elsewhere)
		}
	}
	if err := l.sound.Accept(res.Body()); err != nil {
		l.s.log.Debug("sip answer refused", "error", err)
		c := causeOf(mediaCode(err))
		if l.finish(c, true) {
			l.goodbye(c)
		}
		return
	}
	l.mu.Lock()
	if l.st == answered {
		l.st = talking
	}
	l.session.agreeUAC(l, res)
	l.mu.Unlock()
	l.begin()
	l.emit(voice.LegAnswered)
}
