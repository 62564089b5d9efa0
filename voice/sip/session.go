package sip

import (
	"context"
	"time"

	"github.com/emiago/sipgo/sip"
)

// sessionTimer is RFC 4028: a call that is not refreshed in time is dead. The
// leg's mu guards it.
type sessionTimer struct {
	every time.Duration // what has been agreed; 0: nothing yet
	ours  bool          // we refresh
	timer *time.Timer
}

func (t *sessionTimer) stop() {
	if t.timer != nil {
		t.timer.Stop()
	}
}

// ask puts our wish into an INVITE or UPDATE of ours.
func (t *sessionTimer) ask(req *sip.Request) {
	if t.every == 0 {
		return
	}
	refresher := "uas"
	if t.ours {
		refresher = "uac"
	}
	req.AppendHeader(sip.NewHeader("Session-Expires", secondsText(t.every)+";refresher="+refresher))
}

// agreeUAS settles the interval of a request and says so in our 2xx to it.
func (t *sessionTimer) agreeUAS(l *leg, req *sip.Request, res *sip.Response) {
	able := has(req, "Supported", "timer")
	d, refresher, ok := sessionExpires(header(req, "Session-Expires"))
	if !ok || d > l.s.cfg.SessionExpires {
		d = l.s.cfg.SessionExpires
	}
	least := l.s.cfg.MinSE
	if m, ok := seconds(header(req, "Min-SE")); ok && m > least {
		least = m
	}
	d = max(d, least)
	switch {
	case !able: // then it is for us
		refresher = "uas"
	case refresher == "":
		refresher = "uac"
	}
	if able && refresher == "uac" {
		res.AppendHeader(sip.NewHeader("Require", "timer"))
	}
	res.AppendHeader(sip.NewHeader("Session-Expires", secondsText(d)+";refresher="+refresher))
	t.arm(l, d, refresher == "uas")
}

// agreeUAC takes what the far end has settled in its 2xx.
func (t *sessionTimer) agreeUAC(l *leg, res *sip.Response) {
	d, refresher, ok := sessionExpires(header(res, "Session-Expires"))
	if !ok {
		d, refresher = l.s.cfg.SessionExpires, "uac"
	}
	t.arm(l, max(d, time.Second), refresher != "uas")
}

// arm starts the clock anew. The caller holds mu.
func (t *sessionTimer) arm(l *leg, d time.Duration, ours bool) {
	t.stop()
	if l.st == over {
		return
	}
	t.every, t.ours = d, ours
	if ours {
		t.timer = time.AfterFunc(d/2, l.refresh)
		return
	}
	t.timer = time.AfterFunc(d-min(32*time.Second, d/3), func() { l.lost(408) })
}

// refresh tells the far end that we are still there, and finds out whether it is.
func (l *leg) refresh() {
	ctx, cancel := context.WithTimeout(l.ctx, 64*l.s.cfg.T1)
	defer cancel()
	l.mu.Lock()
	update := l.d.allows("UPDATE")
	every := l.session.every
	l.mu.Unlock()
	var err error
	if update {
		err = l.update(ctx)
	} else {
		_, err = l.reinvite(ctx, l.sound.Offer)
	}
	if err == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.st == talking { // not now: once more before the time is up
		l.session.stop()
		l.session.timer = time.AfterFunc(every/4, func() {
			ctx, cancel := context.WithTimeout(l.ctx, 64*l.s.cfg.T1)
			defer cancel()
			if _, err := l.reinvite(ctx, l.sound.Offer); err != nil {
				l.lost(408)
			}
		})
	}
}

// update refreshes without an offer: RFC 4028, 7.4.
func (l *leg) update(ctx context.Context) error {
	for try := 0; ; try++ {
		l.mu.Lock()
		req := l.d.request(sip.UPDATE)
		l.session.ask(req)
		l.mu.Unlock()
		req.AppendHeader(sip.NewHeader("Supported", "timer"))
		res, err := l.inquire(ctx, req)
		switch {
		case err != nil:
			return err
		case res.StatusCode == 422 && try == 0:
			least, _ := seconds(header(res, "Min-SE"))
			l.mu.Lock()
			l.session.every = max(l.session.every, least)
			l.mu.Unlock()
			continue
		case res.StatusCode == 481 || res.StatusCode == 408:
			l.lost(res.StatusCode)
			return nil
		case !res.IsSuccess():
			return context.DeadlineExceeded
		}
		l.mu.Lock()
		l.d.retarget(res, "", 0)
		l.session.agreeUAC(l, res)
		l.mu.Unlock()
		return nil
	}
}
