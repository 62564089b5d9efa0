package rtp

import "net/netip"

// latch decides whose packets are the far end's. What comes from the address
// that was signalled is. A far end behind a NAT sends from another one: that is
// learned from a few packets in a row from one source, or from one that is
// authentic. After that nobody else is listened to until the next offer and
// answer, so that a stranger who finds the port cannot take the call.
type latch struct {
	signalled netip.AddrPort
	source    netip.AddrPort // locked to it when valid
	candidate netip.AddrPort
	ssrc      uint32 // of the candidate
	seq       uint16
	inARow    int
}

// learn is how many packets in a row make an unsignalled source the far end.
const learn = 3

// reopen begins anew with another signalled address.
func (l *latch) reopen(signalled netip.AddrPort) { *l = latch{signalled: signalled} }

// may reports whether a packet from a source is worth a closer look.
func (l *latch) may(from netip.AddrPort) bool {
	return !l.source.IsValid() || from == l.source || from == l.signalled
}

// take reports whether a packet is the far end's, and whether that has just
// been settled on its source.
func (l *latch) take(from netip.AddrPort, ssrc uint32, seq uint16, authentic bool) (ok, moved bool) {
	switch {
	case from == l.source:
		return true, false
	case from == l.signalled:
		l.source = from
		return true, true
	case l.source.IsValid():
		return false, false
	}
	if from == l.candidate && ssrc == l.ssrc && seq-l.seq < 5 {
		l.inARow++
	} else {
		l.candidate, l.ssrc, l.inARow = from, ssrc, 1
	}
	l.seq = seq
	if l.inARow < learn && !authentic {
		return false, false
	}
	l.source = from
	return true, true
}
