package media

import (
	"slices"
	"sync"
)

// Wire takes a line's audio to the far end. Write never blocks and keeps
// nothing of ulaw. ts is a continuous sample clock that begins near zero (the
// wire adds its own random offset, RFC 3550 section 5.1); marker is set on the
// first frame after a switch or a pause. Calls never overlap.
type Wire interface {
	Write(ulaw []byte, ts uint32, marker bool)
}

// Tap listens to a line. at is the sample clock since the line began; what is
// not told is silence. In may go back a little when packets came out of order.
// Calls of In do not overlap, nor do those of Out. A tap must be fast, must not
// keep ulaw, and may call the line's methods.
type Tap interface {
	In(at int64, ulaw []byte)
	Out(at int64, ulaw []byte)
}

// attached is a Tap that wants to know its line.
type attached interface {
	attach(l *Line)
	detach()
}

// Played says how a Source ended.
type Played struct {
	Complete bool  // it played to its end
	Samples  int64 // that went out
}

// Line is the audio of one leg, both ways, in G.711 µ-law at 8 kHz. What goes
// out is one continuous stream whatever it comes from: what plays, else the
// mixer it has joined, else the line it is connected with. It is safe for
// concurrent use. A frame costs no allocation.
type Line struct {
	pacer *Pacer
	began int64 // by the pacer's clock

	send sync.Mutex // held while a frame goes out; guards frame
	// frame is what a Source fills.
	frame [Frame]byte

	mu   sync.Mutex // guards what follows; never held while others' code runs
	wire Wire
	taps []*Tap // copied on write

	source Source
	done   func(Played)
	played int64
	turn   uint64 // grows with each Play and Stop
	at     *place // where the pacer has it
	link   *link
	seat   *seat
	muted  bool
	closed bool

	in  inlet // what arrives, on the line's clock
	out outlet
}

// NewLine begins a line. Close it. w may be nil until SetWire.
func NewLine(p *Pacer, w Wire) *Line { return &Line{pacer: p, wire: w, began: p.clockTime()} }

// SetWire changes where the audio goes. The clock goes on.
func (l *Line) SetWire(w Wire) {
	l.mu.Lock()
	l.wire = w
	l.mu.Unlock()
}

// Clock is the time since the line began, in samples: the same clock that taps
// are told.
func (l *Line) Clock() int64 { return l.pacer.clockTime() - l.began }

// Close ends what plays and every connection, and lets all taps go. What arrives
// afterwards is dropped, and nothing goes out but a frame that is under way.
func (l *Line) Close() {
	l.mu.Lock()
	l.closed = true
	taps := l.taps
	l.wire, l.taps = nil, nil
	link, seat := l.link, l.seat
	ended := l.replace(nil, nil)
	l.mu.Unlock()
	if link != nil {
		link.cut()
	}
	if seat != nil {
		seat.leave()
	}
	for _, t := range taps {
		if a, ok := (*t).(attached); ok {
			a.detach()
		}
	}
	ended()
}

// Play replaces what goes out by s, from the next 20 ms on. done, which may be
// nil, is called once: when s has ended, or when it was replaced or stopped. It
// must not block; it may call the line, and what it plays follows without a gap.
// What the line is connected with is heard again when s is over.
func (l *Line) Play(s Source, done func(Played)) {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		if done != nil {
			done(Played{})
		}
		return
	}
	ended := l.replace(s, done)
	l.mu.Unlock()
	ended()
}

// Stop ends what plays, within one frame.
func (l *Line) Stop() {
	l.mu.Lock()
	ended := l.replace(nil, nil)
	l.mu.Unlock()
	ended()
}

// Playing tells whether something plays; a connection does not count.
func (l *Line) Playing() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.source != nil
}

// Mute keeps what arrives from those the line is connected with: they, and the
// taps, hear silence.
func (l *Line) Mute(on bool) {
	l.mu.Lock()
	l.muted = on
	l.mu.Unlock()
}

// Tap lets t listen until remove.
func (l *Line) Tap(t Tap) (remove func()) {
	entry := &t // so that equal taps stay apart
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return func() {}
	}
	l.taps = append(slices.Clone(l.taps), entry)
	l.mu.Unlock()
	a, follows := t.(attached)
	if follows {
		a.attach(l)
	}
	return func() {
		l.mu.Lock()
		l.taps = slices.DeleteFunc(slices.Clone(l.taps), func(x *Tap) bool { return x == entry })
		l.mu.Unlock()
		if follows {
			a.detach()
		}
	}
}

// replace changes what plays and returns what tells the one before. The caller
// holds mu and calls it after letting go.
func (l *Line) replace(s Source, done func(Played)) (ended func()) {
	was, played, had := l.done, l.played, l.source != nil
	l.source, l.done, l.played = s, done, 0
	l.turn++
	switch {
	case s != nil && l.at == nil:
		l.at = l.pacer.add(l)
	case s == nil && l.at != nil:
		l.pacer.remove(l.at, l)
		l.at = nil
	}
	if !had || was == nil {
		return func() {}
	}
	return func() { was(Played{Samples: played}) }
}

// maxChain bounds how many empty sources one frame looks through.
const maxChain = 8

// tick sends the next 20 ms of what plays.
func (l *Line) tick(frames int64) {
	for i := 0; i < maxChain && l.sendNext(frames); i++ {
	}
}

// sendNext sends one frame. When what plays has ended instead, it tells so,
// and returns true: there may be another.
func (l *Line) sendNext(frames int64) (again bool) {
	l.send.Lock()
	l.mu.Lock()
	s, turn := l.source, l.turn
	if s == nil {
		l.pacer.remove(l.at, l)
		l.at = nil
		l.mu.Unlock()
		l.send.Unlock()
		return false
	}
	l.mu.Unlock()
	more := s.Next(l.frame[:])
	l.mu.Lock()
	switch {
	case l.turn != turn: // replaced meanwhile
		l.mu.Unlock()
		l.send.Unlock()
		return true
	case more:
		l.played += Frame
		l.emit(l.frame[:], l.out.paced(l.clock(), origin{turn: turn}, frames))
		l.send.Unlock()
		return false
	}
	done, played := l.done, l.played
	l.source, l.done, l.played = nil, nil, 0
	l.turn++
	l.mu.Unlock()
	l.send.Unlock()
	if done != nil {
		done(Played{Complete: true, Samples: played})
	}
	return true
}

// clock is Clock for those who hold mu.
func (l *Line) clock() int64 { return l.pacer.clockTime() - l.began }

// emit sends ulaw at the outlet's place. The caller holds send and mu; emit
// lets go of mu.
func (l *Line) emit(ulaw []byte, marker bool) {
	at, w, taps := l.out.end, l.wire, l.taps
	l.out.end += int64(len(ulaw))
	l.mu.Unlock()
	if w != nil {
		w.Write(ulaw, uint32(at), marker)
	}
	for _, t := range taps {
		(*t).Out(at, ulaw)
	}
}
