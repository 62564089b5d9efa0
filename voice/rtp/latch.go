package rtp

import "net/netip"

// latch decides whose packets are the far end's. What comes from the address
// that was signalled is. A far end behind a NAT sends from another one: that is
// learned from a few packets in a row from one source, or from one that is
// authentic. After that nobody else is listened to until the next offer and
// answer, so that a stranger who finds the port cannot take the call.
type latch struct {
	signalled netip.AddrPort
	source    netip.AddrPort // whose packets are taken, when valid
	open      bool           // another source may be learned still
	former    netip.AddrPort // the source before the signalled address changed

	candidate netip.AddrPort
	ssrc      uint32
	seq       uint16
	inARow    int
}

const (
	// learn is how many packets in a row make an unsignalled source the far end.
	learn = 3
	// learnFormer is the same for the source of before: what it had under way
	// must not keep the far end where it no longer is.
	learnFormer = 50
)

// reopen learns the source anew. While the signalled address is the same, the
// old source goes on being taken, and its next packet ends the learning.
func (l *latch) reopen(signalled netip.AddrPort) {
	if signalled == l.signalled {
		*l = latch{signalled: signalled, source: l.source, open: true, former: l.former}
		return
	}
	*l = latch{signalled: signalled, open: true, former: l.source}
}

// may reports whether a packet from a source is worth a closer look.
func (l *latch) may(from netip.AddrPort) bool {
	return l.open || from == l.source || from == l.signalled
}

// take reports whether a packet is the far end's, and whether its source is not
// the one of before.
func (l *latch) take(from netip.AddrPort, ssrc uint32, seq uint16, authentic bool) (ok, moved bool) {
	switch {
	case from == l.source || from == l.signalled:
		return true, l.lock(from)
	case !l.open:
		return false, false
	}
	if from == l.candidate && ssrc == l.ssrc && seq-l.seq < 5 {
		l.inARow++
	} else {
		l.candidate, l.ssrc, l.inARow = from, ssrc, 1
	}
	l.seq = seq
	need := learn
	switch {
	case from == l.former:
		need = learnFormer
	case authentic:
		need = 1
	}
	if l.inARow < need {
		return false, false
	}
	return true, l.lock(from)
}

func (l *latch) lock(from netip.AddrPort) (moved bool) {
	moved = from != l.source
	l.source, l.open = from, false
	return moved
}
