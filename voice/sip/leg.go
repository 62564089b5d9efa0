package sip

import (
	"context"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
	"github.com/parleyhq/parley/voice/media"
	"github.com/parleyhq/parley/voice/rtp"
)

var _ voice.Leg = (*leg)(nil)

// state is how far a leg has come.
type state int

const (
	fresh    state = iota // the INVITE has been received or sent
	early                 // it rings
	answered              // taken; the ACK to it has not come yet
	talking
	over
)

// shutdown is why legs end when their server does.
var shutdown = voice.Cause{Reason: voice.EndFailed, SIP: 503, Q850: 41, By: "system"}

// leg is one SIP call, in or out. Its timers are time.AfterFunc and its
// transactions are the library's: a leg that talks has no goroutine of its own.
type leg struct {
	s        *Server
	id       desk.ID
	incoming bool
	trunk    *trunk
	sound    *rtp.Session
	ev       *events
	ctx      context.Context // ends with the leg
	cancel   context.CancelFunc
	gone     chan struct{} // closed once nothing of it remains: after its goodbye

	mu       sync.Mutex // guards what follows; never held while others' code runs
	peer     voice.Peer
	st       state
	was      state // before it was over
	d        dialog
	keys     []string // under which the server knows it
	freed    bool     // no longer counted
	offering bool     // an offer of either side is under way
	holding  bool     // we hold the far end
	wantHold bool     // we want to
	turning  bool     // it is being told so
	maxed    *time.Timer
	refer    referral
	session  sessionTimer
	oks      map[uint32]*okSender
	acked    chan struct{} // closed with the first ACK
	parting  *voice.Cause  // to be said with BYE once the ACK has come

	in  incomingPart
	out outgoingPart
}

func (s *Server) newLeg(incoming bool) *leg {
	l := &leg{
		s: s, id: desk.NewID(), incoming: incoming, ev: newEvents(),
		gone: make(chan struct{}), oks: map[uint32]*okSender{}, acked: make(chan struct{}),
	}
	l.ctx, l.cancel = context.WithCancel(s.ctx)
	return l
}

// ID names the leg.
func (l *leg) ID() desk.ID { return l.id }

// Peer says who is at the other end.
func (l *leg) Peer() voice.Peer {
	l.mu.Lock()
	p := l.peer
	l.mu.Unlock()
	p.Secure = p.Secure && l.sound.Secure()
	return p
}

// Line is the leg's audio.
func (l *leg) Line() *media.Line { return l.sound.Line() }

// Events tells what happens.
func (l *leg) Events() <-chan voice.LegEvent { return l.ev.ch }

// Stats is what is known of the audio.
func (l *leg) Stats() media.Stats { return l.sound.Stats() }

// SendDigits presses keys.
func (l *leg) SendDigits(keys string) { l.sound.Digits(keys) }

func (l *leg) emit(kind voice.LegEventKind) { l.tell(voice.LegEvent{Kind: kind}) }

func (l *leg) tell(e voice.LegEvent) {
	e.At = time.Now()
	l.ev.emit(e, false)
}

func (l *leg) digit(key byte) { l.tell(voice.LegEvent{Kind: voice.LegDigit, Digit: key}) }

// silent tells that no audio comes, and asks the far end whether it is there:
// one that has gone does not answer.
func (l *leg) silent() {
	l.emit(voice.LegSilent)
	go l.ask()
}

// ask ends a leg that has lost its far end: RFC 3261, 12.2.1.2.
func (l *leg) ask() {
	l.mu.Lock()
	if l.st != talking {
		l.mu.Unlock()
		return
	}
	req := l.d.request(sip.OPTIONS)
	l.mu.Unlock()
	ctx, cancel := context.WithTimeout(l.ctx, 64*l.s.cfg.T1)
	defer cancel()
	res, err := l.inquire(ctx, req)
	switch {
	case err != nil && l.ctx.Err() == nil:
		l.lost(408)
	case err == nil && (res.StatusCode == 481 || res.StatusCode == 408):
		l.lost(res.StatusCode)
	}
}

func (l *leg) heldBy(held bool) {
	if held {
		l.emit(voice.LegHeld)
		return
	}
	l.emit(voice.LegResumed)
}

// known makes the server find the leg by its dialog.
func (l *leg) known(callID, tag string) {
	k := dialogKey(callID, tag)
	l.mu.Lock()
	l.keys = append(l.keys, k)
	l.mu.Unlock()
	l.s.mu.Lock()
	l.s.dialogs[k] = l
	l.s.mu.Unlock()
}

// finish ends the leg for its user, once: it returns false when that has been
// done. bye says that a goodbye is still to be sent: release comes after it.
func (l *leg) finish(c voice.Cause, bye bool) bool {
	l.mu.Lock()
	if l.st == over {
		l.mu.Unlock()
		return false
	}
	l.was, l.st = l.st, over
	if bye && l.incoming && l.was == answered {
		l.parting = &c
	}
	l.session.stop()
	l.in.stop()
	l.out.stop()
	l.refer.stop()
	if l.maxed != nil {
		l.maxed.Stop()
	}
	if !bye {
		for _, ok := range l.oks {
			ok.timer.Stop()
		}
		clear(l.oks)
	}
	l.mu.Unlock()
	l.cancel()
	l.sound.Close()
	l.s.leave(l)
	l.ev.emit(voice.LegEvent{Kind: voice.LegEnded, Cause: c, At: time.Now()}, true)
	if !bye {
		l.release()
	}
	return true
}

// release forgets the dialog: what comes for it now is answered with 481.
func (l *leg) release() {
	l.mu.Lock()
	keys := l.keys
	l.keys = nil
	select {
	case <-l.gone:
		l.mu.Unlock()
		return
	default:
		close(l.gone)
	}
	l.mu.Unlock()
	l.s.forget(keys...)
}

// Hangup ends the leg in whatever state it is.
func (l *leg) Hangup(why voice.Cause) {
	if !l.finish(why, true) {
		return
	}
	switch {
	case l.was < answered && l.incoming:
		l.turnAway(why)
	case l.was < answered:
		for _, a := range l.out.calls { // the last to end releases the leg
			a.cancel(why)
		}
	case l.was == answered && l.incoming: // no BYE before the ACK: RFC 3261, 15
	default:
		l.goodbye(why)
	}
}

// goodbye sends BYE, whether anybody hears it or not. The leg has been finished.
func (l *leg) goodbye(why voice.Cause) {
	l.mu.Lock()
	notify, told := l.refer.last(l, why), l.refer.told
	bye := l.d.request(sip.BYE)
	l.mu.Unlock()
	bye.AppendHeader(reasonHeader(why))
	go func() {
		defer l.release()
		ctx, cancel := context.WithTimeout(context.Background(), 64*l.s.cfg.T1)
		defer cancel()
		if notify != nil {
			first, stop := context.WithTimeout(ctx, 4*l.s.cfg.T1)
			select {
			case <-told:
			case <-first.Done():
			}
			_, _ = l.s.do(first, notify)
			stop()
		}
		_, _ = l.inquire(ctx, bye)
	}()
}

// lost ends a leg whose far end no longer answers, or has forgotten it: then its
// goodbye may be on the way, and comes first.
func (l *leg) lost(code int) {
	if code == 481 {
		time.AfterFunc(l.s.cfg.T1, func() { l.giveUp(code) })
		return
	}
	l.giveUp(code)
}

func (l *leg) giveUp(code int) {
	c := voice.Cause{Reason: voice.EndLost, SIP: code, Q850: 102}
	if l.finish(c, true) {
		l.goodbye(c)
	}
}

// begin notes that the leg talks, and for how long it may.
func (l *leg) begin() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.st == over || l.maxed != nil {
		return
	}
	l.maxed = time.AfterFunc(l.s.cfg.MaxCall, func() {
		l.Hangup(voice.Cause{Reason: voice.EndNormal, Q850: 31, By: "system"})
	})
}

// inquire sends a request of the dialog and waits for its final response; a
// challenge is answered once. The dialog's own request, no INVITE.
func (l *leg) inquire(ctx context.Context, req *sip.Request) (*sip.Response, error) {
	res, err := l.s.do(ctx, req)
	if err != nil {
		return nil, err
	}
	if next := l.authorized(req, res); next != nil {
		return l.s.do(ctx, next)
	}
	return res, nil
}

// authorized is req again with an answer to the challenge in res; nil when
// there is none, or no password for it.
func (l *leg) authorized(req *sip.Request, res *sip.Response) *sip.Request {
	if res.StatusCode != 401 && res.StatusCode != 407 || l.trunk == nil || l.trunk.cfg.Password == "" {
		return nil
	}
	l.mu.Lock()
	next := l.d.fresh(req)
	l.mu.Unlock()
	if !authorize(next, res, l.trunk.cfg.User, l.trunk.cfg.Password) {
		return nil
	}
	return next
}
