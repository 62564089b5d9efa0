//go:build linux

package main

import (
	"sync"
	"time"
)

// pauseAfter is the longest gap that is a stall; a longer one is a prompt's
// end.
const pauseAfter = 2 * time.Second

// reception is what is known of the audio that one caller receives. It is safe
// for concurrent use.
type reception struct {
	mu       sync.Mutex // guards what follows
	begun    bool
	seq      uint16
	last     time.Time // of the newest packet
	count    counts
	pressed  time.Time // a key, or speech, that should silence the prompt; zero: none
	over     bool      // a prompt played when it was pressed
	switched func(stop, next time.Duration)
	key      time.Time // when a key was pressed, until somebody asks
}

// counts are what arrived.
type counts struct {
	received, lost, late int64
	markers              int64
}

// press notes that the caller has just begun to press a key or to speak. When
// the next prompt begins, told gets how long the old one went on and when the
// new one came; it is not told when nothing played.
func (r *reception) press(at time.Time, told func(stop, next time.Duration)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pressed, r.switched = at, told
	r.over = r.begun && at.Sub(r.last) < 45*time.Millisecond
}

// pressKey is press of a key.
func (r *reception) pressKey(at time.Time, told func(stop, next time.Duration)) {
	r.press(at, told)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.key = at
}

// takeKey is when the last key's first packet was sent; zero when none was
// since the last time.
func (r *reception) takeKey() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	at := r.key
	r.key = time.Time{}
	return at
}

// take takes a packet in. gap is the time since the one before, if that says
// something: not across a prompt's end, a switch that was asked for, or a loss.
func (r *reception) take(seq uint16, marker bool, at time.Time) (gap time.Duration, ok bool) {
	r.mu.Lock()
	r.count.received++
	if marker {
		r.count.markers++
	}
	if !r.begun {
		r.begun, r.seq, r.last = true, seq, at
		r.mu.Unlock()
		return 0, false
	}
	step := int16(seq - r.seq)
	if step <= 0 { // late, or twice
		r.count.late++
		if step < 0 && r.count.lost > 0 {
			r.count.lost--
		}
		r.mu.Unlock()
		return 0, false
	}
	r.count.lost += int64(step - 1)
	before := r.last
	r.seq, r.last = seq, at
	gap = at.Sub(before)
	if marker && !r.pressed.IsZero() && at.After(r.pressed) {
		told, pressed, over := r.switched, r.pressed, r.over
		r.pressed, r.switched = time.Time{}, nil
		r.mu.Unlock()
		if told != nil && over {
			told(max(0, before.Sub(pressed)), at.Sub(pressed))
		}
		return 0, false
	}
	ok = step == 1 && !(marker && gap > pauseAfter) && !(marker && gap > 45*time.Millisecond && !r.pressed.IsZero())
	r.mu.Unlock()
	return gap, ok
}

// counts is what arrived so far.
func (r *reception) counts() counts {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.count
}

// quiet is how long nothing has come.
func (r *reception) quiet(now time.Time) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	return now.Sub(r.last)
}
