package httpapi

import "sync/atomic"

// lossyBus loses events while it is told to.
type lossyBus struct {
	Bus
	losing atomic.Bool
}

func (b *lossyBus) lose(on bool) { b.losing.Store(on) }

func (b *lossyBus) Subscribe(subject string, f func(string, []byte)) (func(), error) {
	return b.Bus.Subscribe(subject, func(s string, data []byte) {
		if !b.losing.Load() {
			f(s, data)
		}
	})
}
