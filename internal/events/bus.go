// Package events tells the other parts, on this node and on others, that
// something happened. The database is the truth: an event may be lost, and
// whoever hears one looks there. It carries requests to the one node that owns
// a thing, too.
//
// It runs on NATS core: embedded in the process without a port, as an embedded
// cluster, or as an external one. The code is the same.
package events

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/parleyhq/parley/desk"
)

// ErrNobody says that no node serves a subject: what it stands for is gone.
var ErrNobody = desk.Errorf(desk.Unavailable, "nobody", "nobody serves this subject")

const (
	closeLimit   = 5 * time.Second
	meetEvery    = 250 * time.Millisecond
	requestLimit = 10 * time.Second // for a request whose context has no deadline
)

// Bus carries events and requests. It is safe for concurrent use.
type Bus struct {
	log    *slog.Logger
	conn   *nats.Conn
	server *server.Server // nil when external

	mu     sync.Mutex
	topics map[string]*topic // by subject; guarded by mu
	joined []func()          // guarded by mu
	done   chan struct{}     // closed by Close
	end    sync.Once
}

// topic is the node's one subscription to a subject, shared by all that asked
// for it.
type topic struct {
	sub *nats.Subscription

	mu       sync.Mutex
	next     int                                    // guarded by mu
	handlers map[int]func(subject string, b []byte) // guarded by mu
	order    []int                                  // guarded by mu; the keys of handlers
}

// Publish sends v as JSON to all subscribers of subject, on every node, and
// does not wait for them. Call it after the commit, not within a transaction.
func (b *Bus) Publish(subject string, v any) error {
	if err := check(subject, false); err != nil {
		return err
	}
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("publish %s: %w", subject, err)
	}
	if err := b.conn.Publish(subject, data); err != nil {
		return desk.Errorf(desk.Unavailable, "events_unavailable", "publish %s: %w", subject, err)
	}
	return nil
}

// Subscribe calls f for every event on subject, in which * stands for one word
// and a final > for the rest. Events of one publisher come in order, one at a
// time for all subscribers of a subject on this node; f must not block. What
// is published after Subscribe returns on this node is heard. stop ends it; f
// may be in its last call then.
func (b *Bus) Subscribe(subject string, f func(subject string, b []byte)) (stop func(), err error) {
	if err := check(subject, true); err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.topics[subject]
	if t == nil {
		t = &topic{handlers: map[int]func(string, []byte){}}
		if t.sub, err = b.conn.Subscribe(subject, t.deliver); err != nil {
			return nil, desk.Errorf(desk.Unavailable, "events_unavailable", "subscribe to %s: %w", subject, err)
		}
		if err := b.conn.FlushTimeout(closeLimit); err != nil {
			_ = t.sub.Unsubscribe()
			return nil, desk.Errorf(desk.Unavailable, "events_unavailable", "subscribe to %s: %w", subject, err)
		}
		b.topics[subject] = t
	}
	id := t.add(f)
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		if t.remove(id) == 0 && b.topics[subject] == t {
			delete(b.topics, subject)
			_ = t.sub.Unsubscribe() // fails only when the bus is closed
		}
	}, nil
}

func (t *topic) add(f func(string, []byte)) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	id := t.next
	t.next++
	t.handlers[id] = f
	t.order = append(t.order, id)
	return id
}

// remove returns how many are left.
func (t *topic) remove(id int) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.handlers, id)
	for i, o := range t.order {
		if o == id {
			// A new slice: deliver may be reading the old one.
			t.order = append(append([]int(nil), t.order[:i]...), t.order[i+1:]...)
			break
		}
	}
	return len(t.handlers)
}

func (t *topic) deliver(m *nats.Msg) {
	t.mu.Lock()
	order := t.order
	t.mu.Unlock()
	for _, id := range order {
		t.mu.Lock()
		f := t.handlers[id]
		t.mu.Unlock()
		if f != nil {
			f(m.Subject, m.Data)
		}
	}
}

// check refuses subjects that NATS would misread.
func check(subject string, pattern bool) error {
	words := strings.Split(subject, ".")
	for i, w := range words {
		wild := w == "*" || w == ">" && i == len(words)-1
		if w == "" || strings.ContainsAny(w, " \t\r\n") || strings.ContainsAny(w, "*>") && (!pattern || !wild) {
			return desk.Errorf(desk.Invalid, "bad_subject", "%q is not a subject", subject)
		}
	}
	return nil
}

// Ready reports whether events reach the other nodes now.
func (b *Bus) Ready() bool { return b.conn.IsConnected() }

// Joined calls f when this node has met others, for the first time or again:
// what they published until then was lost, and whoever keeps something up by
// events should look. f must return soon.
func (b *Bus) Joined(f func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.joined = append(b.joined, f)
}

func (b *Bus) tellJoined() {
	b.mu.Lock()
	fs := slices.Clone(b.joined)
	b.mu.Unlock()
	for _, f := range fs {
		f()
	}
}

// meet notices the nodes that the embedded cluster meets, until Close.
func (b *Bus) meet() {
	tick := time.NewTicker(meetEvery)
	defer tick.Stop()
	before := 0
	for {
		select {
		case <-b.done:
			return
		case <-tick.C:
		}
		now := b.server.NumRoutes()
		if now > before {
			b.tellJoined()
		}
		before = now
	}
}

// Close sends what is left and ends the bus.
func (b *Bus) Close() error {
	b.end.Do(func() { close(b.done) })
	err := b.conn.FlushTimeout(closeLimit)
	if errors.Is(err, nats.ErrConnectionClosed) {
		err = nil
	}
	b.conn.Close()
	if b.server != nil {
		b.server.Shutdown()
		b.server.WaitForShutdown()
	}
	return err
}

// answer is what a request gets back.
type answer struct {
	Data  json.RawMessage `json:"data,omitempty"`
	Error *failure        `json:"error,omitempty"`
}

type failure struct {
	Kind    desk.Kind `json:"kind"`
	Code    string    `json:"code"`
	Message string    `json:"message"`
	Field   string    `json:"field,omitempty"`
}

// Request asks whoever serves subject and decodes the answer into out, which
// may be nil. It returns ErrNobody at once when nobody does, and the *desk.Error
// of the one who answers when that one failed. A request that is under way
// while its server goes waits for its time limit, 10 s at most.
func (b *Bus) Request(ctx context.Context, subject string, in, out any) error {
	if err := check(subject, false); err != nil {
		return err
	}
	data, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("request %s: %w", subject, err)
	}
	ctx, cancel := context.WithTimeout(ctx, requestLimit)
	defer cancel()
	m, err := b.conn.RequestWithContext(ctx, subject, data)
	switch {
	case errors.Is(err, nats.ErrNoResponders):
		return ErrNobody
	case err != nil:
		return desk.Errorf(desk.Unavailable, "no_answer", "request %s: %w", subject, err)
	}
	var a answer
	if err := json.Unmarshal(m.Data, &a); err != nil {
		return fmt.Errorf("request %s: read the answer: %w", subject, err)
	}
	if f := a.Error; f != nil {
		return &desk.Error{Kind: f.Kind, Code: f.Code, Message: f.Message, Field: f.Field}
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(a.Data, out); err != nil {
		return fmt.Errorf("request %s: read the answer: %w", subject, err)
	}
	return nil
}

// atOnce is how many requests one server of a subject works on at a time.
const atOnce = 64

// Serve answers requests to subject with f, each in a goroutine of its own and
// within the limit of Request. When several nodes serve one subject, one of
// them answers. stop ends it and waits for the calls of f.
func (b *Bus) Serve(subject string, f func(ctx context.Context, b []byte) (any, error)) (stop func(), err error) {
	if err := check(subject, true); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	busy := make(chan struct{}, atOnce)
	var wg sync.WaitGroup
	sub, err := b.conn.QueueSubscribe(subject, "serve", func(m *nats.Msg) {
		busy <- struct{}{}
		wg.Go(func() {
			defer func() { <-busy }()
			if err := m.Respond(b.reply(ctx, m, f)); err != nil {
				b.log.Warn("answer a request", "subject", m.Subject, "error", err)
			}
		})
	})
	if err == nil {
		err = b.conn.FlushTimeout(closeLimit)
	}
	if err != nil {
		cancel()
		return nil, desk.Errorf(desk.Unavailable, "events_unavailable", "serve %s: %w", subject, err)
	}
	return func() {
		_ = sub.Unsubscribe() // fails only when the bus is closed
		_ = b.conn.FlushTimeout(closeLimit)
		cancel()
		wg.Wait()
	}, nil
}

// reply calls f and encodes what it returns.
func (b *Bus) reply(ctx context.Context, m *nats.Msg, f func(context.Context, []byte) (any, error)) []byte {
	ctx, cancel := context.WithTimeout(ctx, requestLimit)
	defer cancel()
	v, err := call(ctx, m.Data, f)
	var a answer
	if err == nil {
		a.Data, err = json.Marshal(v)
	}
	if err != nil {
		var e *desk.Error
		if !errors.As(err, &e) {
			b.log.Error("request failed", "subject", m.Subject, "error", err)
			e = &desk.Error{Kind: desk.Internal, Code: "internal", Message: "the other node failed"}
		}
		a = answer{Error: &failure{e.Kind, e.Code, e.Message, e.Field}}
	}
	out, _ := json.Marshal(a) // strings and valid JSON
	return out
}

func call(ctx context.Context, in []byte, f func(context.Context, []byte) (any, error)) (v any, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return f(ctx, in)
}
