package httpapi

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/parleyhq/parley/desk"
)

// The bounds of one line.
const (
	lineQueue  = 256              // items; a line that is further behind is dropped and resumes by seq
	writeLimit = 10 * time.Second // for one frame
	backlog    = 200              // events fetched at once
)

// goingAway, tooSlow and signedOut are why we close a line.
const (
	goingAway = websocket.StatusGoingAway
	tooSlow   = websocket.StatusCode(4408)
	signedOut = websocket.StatusCode(4401)
	badFrame  = websocket.StatusPolicyViolation
)

// pipe is what a line writes to: a WebSocket or an event stream.
type pipe interface {
	write(ctx context.Context, frame []byte) error
	ping(ctx context.Context) error
	close(code websocket.StatusCode, reason string)
}

// item is one thing to do on a line, in order.
type item struct {
	conversation desk.ID // with seq: an event of it
	seq          int64
	frame        []byte  // nil: nothing to show of it
	refresh      bool    // the conversation's view changed
	follow       desk.ID // the customer has gone on to this conversation
	agentNews    []byte
	do           func(ctx context.Context) error
}

// line is one open connection. What arrives for it waits in a bounded queue;
// a goroutine writes it out and is gone when the queue is empty, so that an
// idle line costs only its reader. Only that goroutine touches at, seen and
// what do does.
type line struct {
	hub  *hub
	pipe pipe
	kind string // "customer", "stream" or "console"; for metrics
	slot uint32
	ctx  context.Context
	stop context.CancelFunc

	handle func(ctx context.Context, l *line, it item) error // writes one item
	beat   func(ctx context.Context) error                   // with every ping; may be nil

	mu      sync.Mutex // guards queue, writing, ended
	queue   []item
	writing bool
	ended   bool

	topics map[topic]struct{} // guarded by hub.mu
	seen   map[desk.ID]int64  // newest event sent, of each watched conversation
}

func (h *hub) newLine(kind string, p pipe) *line {
	ctx, stop := context.WithCancel(context.Background())
	return &line{hub: h, pipe: p, kind: kind, slot: rand.Uint32(), ctx: ctx, stop: stop, topics: map[topic]struct{}{}, seen: map[desk.ID]int64{}}
}

// push queues an item and sees to it that somebody writes. A full queue ends
// the line.
func (l *line) push(it item) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		return
	}
	if len(l.queue) >= lineQueue {
		l.hub.s.Metrics.dropped.WithLabelValues(l.kind).Inc()
		go l.end(tooSlow, "too slow; connect again and say what you have seen")
		return
	}
	l.queue = append(l.queue, it)
	if !l.writing {
		l.writing = true
		go l.drain()
	}
}

// drain writes until nothing is left.
func (l *line) drain() {
	for {
		l.mu.Lock()
		batch := l.queue
		l.queue = nil
		if len(batch) == 0 || l.ended {
			l.writing = false
			l.mu.Unlock()
			return
		}
		l.mu.Unlock()
		for _, it := range batch {
			if err := l.one(it); err != nil {
				l.fail(err)
				return
			}
		}
	}
}

func (l *line) one(it item) error {
	ctx, cancel := context.WithTimeout(l.ctx, 2*writeLimit)
	defer cancel()
	if it.do != nil {
		return it.do(ctx)
	}
	return l.handle(ctx, l, it)
}

// send writes a frame now; only for the goroutine that drains.
func (l *line) send(ctx context.Context, frame []byte) error {
	ctx, cancel := context.WithTimeout(ctx, writeLimit)
	defer cancel()
	return l.pipe.write(ctx, frame)
}

func (l *line) fail(err error) {
	code, reason := goingAway, "connect again"
	var known *desk.Error
	if errors.As(err, &known) && known.Kind != desk.Internal {
		code, reason = badFrame, known.Code
		if known.Kind == desk.Unauthenticated {
			code = signedOut
		}
	} else if l.ctx.Err() == nil && !errors.Is(err, errPipe) {
		l.hub.log.Warn("a line failed", "kind", l.kind, "err", err)
	}
	l.end(code, reason)
}

// errPipe is what pipes wrap: the other side is gone.
var errPipe = errors.New("line lost")

// end closes the line, once. It does not wait for its goroutines.
func (l *line) end(code websocket.StatusCode, reason string) {
	l.mu.Lock()
	if l.ended {
		l.mu.Unlock()
		return
	}
	l.ended, l.queue = true, nil
	l.mu.Unlock()
	l.hub.drop(l)
	go func() {
		l.pipe.close(code, reason)
		l.stop()
	}()
}

// ping ends a line that does not answer, or that may no longer be open.
func (l *line) ping() {
	ctx, cancel := context.WithTimeout(l.ctx, writeLimit)
	defer cancel()
	if l.beat != nil {
		if err := l.beat(ctx); err != nil {
			l.fail(err)
			return
		}
	}
	if err := l.pipe.ping(ctx); err != nil {
		l.fail(errors.Join(errPipe, err))
	}
}
