package access

import (
	"sync"
	"time"
)

// throttle slows down guessing. After free failures each further one doubles
// the wait, up to the longest. It forgets a key once it has been quiet for
// twice the longest wait, and keeps at most limit keys.
type throttle struct {
	mu   sync.Mutex // guards keys
	keys map[string]*failures
}

type failures struct {
	n     int
	until time.Time
	last  time.Time
}

const (
	throttleKeys    = 20_000
	throttleLongest = 15 * time.Minute
)

// wait says how long key must wait; 0 when it may try now.
func (t *throttle) wait(key string, now time.Time) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	f := t.keys[key]
	if f == nil || !now.Before(f.until) {
		return 0
	}
	return f.until.Sub(now)
}

// fail counts a failure of key, of which the first free ones cost nothing.
func (t *throttle) fail(key string, free int, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.keys == nil {
		t.keys = map[string]*failures{}
	}
	f := t.keys[key]
	if f == nil || now.Sub(f.last) > 2*throttleLongest {
		if f == nil && len(t.keys) >= throttleKeys {
			t.makeRoom(now)
		}
		f = &failures{}
		t.keys[key] = f
	}
	f.n++
	f.last = now
	if over := f.n - free; over >= 0 {
		f.until = now.Add(min(throttleLongest, time.Second<<min(over, 12)))
	}
}

// forget clears key after a success.
func (t *throttle) forget(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.keys, key)
}

// makeRoom drops what may be forgotten, and failing that any tenth, so that
// the map stays bounded whatever an attacker sends.
func (t *throttle) makeRoom(now time.Time) {
	for k, f := range t.keys {
		if now.Sub(f.last) > 2*throttleLongest {
			delete(t.keys, k)
		}
	}
	for k := range t.keys {
		if len(t.keys) < throttleKeys*9/10 {
			return
		}
		delete(t.keys, k)
	}
}
