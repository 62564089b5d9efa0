package rtp

import (
	"sync"
	"time"

	"github.com/parleyhq/parley/voice/media"
)

// maxKeys is how many keys may wait to be sent.
const maxKeys = 64

// keys are the keys that wait to be sent.
type keys struct {
	mu      sync.Mutex // guards what follows
	waiting []byte
	busy    bool // a goroutine sends them
	closed  bool
}

// Digits presses keys at the far end, one after another: 0-9, *, #, A-D; others
// are passed over. It returns at once. Where telephone events have not been
// negotiated the tones are sent in the audio.
func (s *stream) Digits(pressed string) {
	s.keys.mu.Lock()
	defer s.keys.mu.Unlock()
	for _, k := range []byte(pressed) {
		if len(media.EventPackets(k)) > 0 && len(s.keys.waiting) < maxKeys {
			s.keys.waiting = append(s.keys.waiting, k)
		}
	}
	if s.keys.busy || s.keys.closed || len(s.keys.waiting) == 0 {
		return
	}
	s.keys.busy = true
	s.groups.Add(1)
	go s.press()
}

// next takes the key that is next in the row.
func (k *keys) next() (byte, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.waiting) == 0 || k.closed {
		k.busy = false
		return 0, false
	}
	key := k.waiting[0]
	k.waiting = k.waiting[1:]
	return key, true
}

func (k *keys) close() {
	k.mu.Lock()
	k.closed = true
	k.mu.Unlock()
}

// press sends the keys that wait. What the line plays meanwhile is left out.
func (s *stream) press() {
	defer s.groups.Done()
	for {
		key, ok := s.keys.next()
		if !ok {
			return
		}
		if !s.pressOne(key) {
			return
		}
	}
}

// pressOne sends one key and the pause after it; false when the session ends.
func (s *stream) pressOne(key byte) bool {
	began := time.Now()
	ts := s.out.hush(uint32(s.line.Clock()))
	defer s.out.resume()
	for i, p := range media.EventPackets(key) {
		if !s.wait(began.Add(p.After)) {
			return false
		}
		s.out.event(key, i, p, ts)
	}
	s.out.resume()
	return s.wait(began.Add(media.EventTime))
}

// wait returns at t, or false when the session ends.
func (s *stream) wait(t time.Time) bool {
	timer := time.NewTimer(time.Until(t))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.quit:
		return false
	}
}
