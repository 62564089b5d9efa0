package media

import (
	"slices"
	"sync"
)

// Mixer joins any number of lines: each hears the sum of the others, as far as
// the rules of both allow it. It is safe for concurrent use.
type Mixer struct {
	pacer *Pacer

	mu    sync.Mutex // guards what follows
	seats []*seat    // copied on write
	at    *place

	ticking sync.Mutex // held by tick; guards what seats keep for it
}

// seat is a line in a mixer.
type seat struct {
	mixer          *Mixer
	line           *Line
	hears, heardBy func(other *Line) bool

	mu     sync.Mutex // guards jitter
	jitter Jitter

	// For the mixer's tick.
	pcm   [Frame]int16
	live  bool
	frame [Frame]byte
}

// NewMixer makes a mixer without lines. It costs nothing while it has none.
func NewMixer(p *Pacer) *Mixer { return &Mixer{pacer: p} }

// Join takes a line in, until leave. It ends what plays on it and what it was
// connected with; what is played afterwards covers the mix. The line hears
// another one when its hears, and the other's heardBy, allow it; nil allows
// everybody. Both are asked again for every frame, so they may change their
// mind; they must be fast and safe for concurrent use.
func (m *Mixer) Join(l *Line, hears, heardBy func(other *Line) bool) (leave func()) {
	s := &seat{mixer: m, line: l, hears: hears, heardBy: heardBy}
	l.mu.Lock()
	link, old := l.link, l.seat
	ended := l.replace(nil, nil)
	closed := l.closed
	if !closed {
		l.link, l.seat = nil, s
	}
	l.mu.Unlock()
	if link != nil {
		link.cut()
	}
	if old != nil {
		old.leave()
	}
	ended()
	if closed {
		return func() {}
	}
	m.mu.Lock()
	m.seats = append(slices.Clone(m.seats), s)
	if m.at == nil {
		m.at = m.pacer.add(m)
	}
	m.mu.Unlock()
	l.mu.Lock()
	gone := l.seat != s // closed or connected elsewhere meanwhile
	l.mu.Unlock()
	if gone {
		s.leave()
	}
	return s.leave
}

func (s *seat) leave() {
	s.line.mu.Lock()
	if s.line.seat == s {
		s.line.seat = nil
	}
	s.line.mu.Unlock()
	m := s.mixer
	m.mu.Lock()
	defer m.mu.Unlock()
	m.seats = slices.DeleteFunc(slices.Clone(m.seats), func(x *seat) bool { return x == s })
	if len(m.seats) == 0 && m.at != nil {
		m.pacer.remove(m.at, m)
		m.at = nil
	}
}

// put takes in what arrived on the seat's line.
func (s *seat) put(ulaw []byte, ts uint32) {
	s.mu.Lock()
	s.jitter.Put(ulaw, ts)
	s.mu.Unlock()
}

// listens tells whether s is to hear other.
func (s *seat) listens(other *seat) bool {
	return other != s && (s.hears == nil || s.hears(other.line)) && (other.heardBy == nil || other.heardBy(s.line))
}

// tick sends every line its 20 ms.
func (m *Mixer) tick(frames int64) {
	m.ticking.Lock()
	defer m.ticking.Unlock()
	m.mu.Lock()
	seats := m.seats
	m.mu.Unlock()
	for _, s := range seats {
		s.mu.Lock()
		s.live = s.jitter.Get(&s.pcm)
		s.mu.Unlock()
	}
	for _, s := range seats {
		var sum [Frame]int32
		for _, other := range seats {
			if other.live && s.listens(other) {
				for i, v := range other.pcm {
					sum[i] += int32(v)
				}
			}
		}
		for i, v := range sum {
			s.frame[i] = ToULaw(int16(max(-32768, min(32767, v))))
		}
		s.line.mixed(s, frames)
	}
}

// mixed sends a mixer's frame.
func (l *Line) mixed(s *seat, frames int64) {
	l.send.Lock()
	defer l.send.Unlock()
	l.mu.Lock()
	if l.seat != s || l.source != nil || l.closed {
		l.mu.Unlock()
		return
	}
	l.emit(s.frame[:], l.out.paced(l.clock(), origin{seat: s}, frames))
}
