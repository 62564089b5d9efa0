package sip

import (
	"context"
	"strings"
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/parleyhq/parley/voice"
)

// swapTime is how long a call may take to put a new leg in an old one's place.
const swapTime = 5 * time.Second

// replaced finds the leg whose place an INVITE is to take (RFC 3891, 3): nil
// when it is an ordinary one. code is not 0 when it is to be refused. Only who
// has proved himself may replace a phone, and only the trunk itself one of its
// calls.
func (s *Server) replaced(req *sip.Request, who caller) (old *leg, code int) {
	hs := req.GetHeaders("Replaces")
	switch len(hs) {
	case 0:
		return nil, 0
	case 1:
	default:
		return nil, 400
	}
	r, ok := readReplaces(hs[0].Value())
	if !ok {
		return nil, 400
	}
	if !who.peer.Known && who.trunk == nil {
		return nil, 403
	}
	old = s.find(r.callID, r.toTag)
	if old == nil {
		return nil, 481
	}
	_, params, _ := strings.Cut(hs[0].Value(), ";")
	_, earlyOnly := paramOK(params, "early-only")
	old.mu.Lock()
	defer old.mu.Unlock()
	confirmed := old.d.callID == r.callID && old.d.remoteTag() == r.fromTag
	switch {
	case old.st < answered && !old.out.rings(r.callID, r.fromTag): // also one that came in: it is not ours
		return nil, 481
	case old.st >= answered && !confirmed:
		return nil, 481
	case old.trunk != who.trunk || who.trunk == nil && !old.peer.Known:
		return nil, 403
	case old.st == over:
		return nil, 603
	case old.st >= answered && earlyOnly:
		return nil, 486
	}
	return old, 0
}

// replace takes a call that is to stand in another's place, and has whoever owns
// that one put it there.
func (l *leg) replace(old *leg) {
	ctx, cancel := context.WithTimeout(l.ctx, 64*l.s.cfg.T1)
	defer cancel()
	failed := voice.Cause{Reason: voice.EndFailed, Q850: 41, By: "system"}
	if err := l.Answer(ctx); err != nil {
		l.Hangup(failed)
		return
	}
	var settled atomic.Bool
	taken := make(chan struct{})
	old.tell(voice.LegEvent{Kind: voice.LegReplaced, Take: func() voice.Leg {
		if !settled.CompareAndSwap(false, true) {
			return nil
		}
		close(taken)
		return l
	}})
	limit := time.NewTimer(swapTime)
	defer limit.Stop()
	select {
	case <-taken:
	case <-limit.C:
	case <-old.ctx.Done():
	}
	if settled.CompareAndSwap(false, true) {
		l.Hangup(failed)
	}
}
