package sip

import (
	"sync"

	"github.com/parleyhq/parley/voice"
)

// events is a leg's news, in order and without loss, however slow the reader.
// It needs a goroutine only while the reader is far behind.
type events struct {
	ch chan voice.LegEvent

	mu      sync.Mutex // guards all below
	late    []voice.LegEvent
	pumping bool
	closed  bool
}

func newEvents() *events {
	return &events{ch: make(chan voice.LegEvent, 64)}
}

// emit adds e; last closes the channel behind it.
func (q *events) emit(e voice.LegEvent, last bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return
	}
	q.closed = last
	if !q.pumping {
		select {
		case q.ch <- e:
			if last {
				close(q.ch)
			}
			return
		default:
		}
		q.pumping = true
		go q.pump()
	}
	if len(q.late) < 4096 || last { // nobody reads any more: keep memory
		q.late = append(q.late, e)
	}
}

func (q *events) pump() {
	for {
		q.mu.Lock()
		if len(q.late) == 0 {
			q.pumping = false
			if q.closed {
				close(q.ch)
			}
			q.mu.Unlock()
			return
		}
		e := q.late[0]
		q.late = q.late[1:]
		q.mu.Unlock()
		q.ch <- e
	}
}
