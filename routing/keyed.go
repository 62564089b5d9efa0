package routing

import (
	"context"
	"sync"

	"github.com/parleyhq/parley/desk"
)

// keyed is a lock per conversation, for work that two workers of one node
// should not do twice. Correctness never depends on it. The zero value is
// ready.
type keyed struct {
	mu   sync.Mutex // guards held
	held map[string]*waiters
}

type waiters struct {
	n    int
	turn chan struct{}
}

// lock waits its turn for what on a conversation; the caller must call unlock.
func (k *keyed) lock(ctx context.Context, what string, id desk.ID) (unlock func(), err error) {
	key := what + string(id)
	k.mu.Lock()
	if k.held == nil {
		k.held = map[string]*waiters{}
	}
	w := k.held[key]
	if w == nil {
		w = &waiters{turn: make(chan struct{}, 1)}
		k.held[key] = w
	}
	w.n++
	k.mu.Unlock()
	leave := func() {
		k.mu.Lock()
		if w.n--; w.n == 0 {
			delete(k.held, key)
		}
		k.mu.Unlock()
	}
	select {
	case w.turn <- struct{}{}:
		return func() { <-w.turn; leave() }, nil
	case <-ctx.Done():
		leave()
		return nil, ctx.Err()
	}
}
