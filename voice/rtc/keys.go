package rtc

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/parleyhq/parley/voice/media"
)

// maxKeys is how many keys wait to be sent.
const maxKeys = 64

// keys are those that are being pressed for the far end.
type keys struct {
	pressing atomic.Bool // a key sounds; no audio goes out

	mu      sync.Mutex // guards what follows
	waiting []byte
	busy    bool
}

// SendDigits implements voice.Leg. Keys beyond 64 that wait are left out.
func (l *leg) SendDigits(pressed string) {
	l.keys.mu.Lock()
	defer l.keys.mu.Unlock()
	for _, k := range []byte(pressed) {
		if len(l.keys.waiting) < maxKeys && media.EventPackets(k) != nil {
			l.keys.waiting = append(l.keys.waiting, k)
		}
	}
	if len(l.keys.waiting) > 0 && !l.keys.busy {
		l.keys.busy = l.s.run(l.press)
	}
}

// press sends the keys that wait, one after the other.
func (l *leg) press() {
	for {
		l.keys.mu.Lock()
		if len(l.keys.waiting) == 0 {
			l.keys.busy = false
			l.keys.mu.Unlock()
			return
		}
		key := l.keys.waiting[0]
		l.keys.waiting = l.keys.waiting[1:]
		l.keys.mu.Unlock()
		if !l.pressOne(key) {
			return
		}
	}
}

func (l *leg) pressOne(key byte) bool {
	l.keys.pressing.Store(true)
	begun, ts := time.Now(), uint32(l.line.Clock())
	for _, e := range media.EventPackets(key) {
		if !l.pause(begun.Add(e.After)) {
			return false
		}
		if p := l.at.Load(); p != nil && l.open.Load() && p.audio.event(l, e.Payload[:], ts, e.Marker) {
			l.quality.sent.Add(1)
		}
	}
	l.keys.pressing.Store(false)
	return l.pause(begun.Add(media.EventTime))
}

// pause waits; false: the leg has ended.
func (l *leg) pause(until time.Time) bool {
	d := time.Until(until)
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-l.done:
		return false
	}
}
