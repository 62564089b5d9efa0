package media

// link joins two lines. Each passes on only what comes by the link it knows.
type link struct{ a, b *Line }

func (k *link) other(l *Line) *Line {
	if l == k.a {
		return k.b
	}
	return k.a
}

func (k *link) cut() {
	for _, l := range []*Line{k.a, k.b} {
		l.mu.Lock()
		if l.link == k {
			l.link = nil
		}
		l.mu.Unlock()
	}
}

// Connect lets two lines hear each other, until disconnect. What arrives on one
// goes out on the other at once, in the same call: nothing is queued. It ends
// what plays on both, and what they were connected with before. What is played
// afterwards covers the connection on that line while it plays.
func Connect(a, b *Line) (disconnect func()) {
	if a == b {
		return func() {}
	}
	k := &link{a: a, b: b}
	a.join(k)
	b.join(k)
	return k.cut
}

func (l *Line) join(k *link) {
	l.mu.Lock()
	old, seat := l.link, l.seat
	ended := l.replace(nil, nil)
	if !l.closed {
		l.link = k
	}
	l.mu.Unlock()
	if old != nil {
		old.cut()
	}
	if seat != nil {
		seat.leave()
	}
	ended()
}

// Arrive takes in what came from the far end: µ-law, of any length, and its RTP
// time stamp. The wire calls it for each packet, from one goroutine. ulaw is
// not kept. More than half a second at once is cut.
func (l *Line) Arrive(ulaw []byte, ts uint32) {
	ulaw = ulaw[:min(len(ulaw), len(quiet))]
	l.mu.Lock()
	if l.closed || len(ulaw) == 0 {
		l.mu.Unlock()
		return
	}
	at := l.in.place(l.clock(), ts, len(ulaw))
	taps, k, seat := l.taps, l.link, l.seat
	if l.muted {
		ulaw = quiet[:len(ulaw)]
	}
	l.mu.Unlock()
	for _, t := range taps {
		(*t).In(at, ulaw)
	}
	if k != nil {
		k.other(l).relay(k, ulaw, ts)
	}
	if seat != nil {
		seat.put(ulaw, ts)
	}
}

// relay sends what arrived at the other end of k.
func (l *Line) relay(k *link, ulaw []byte, ts uint32) {
	l.send.Lock()
	defer l.send.Unlock()
	l.mu.Lock()
	if l.link != k || l.seat != nil || l.source != nil || l.closed {
		l.mu.Unlock()
		return
	}
	marker, ok := l.out.relayed(l.clock(), origin{link: k}, ts)
	if !ok {
		l.mu.Unlock()
		return
	}
	l.emit(ulaw, marker)
}
