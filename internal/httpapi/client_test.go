package httpapi

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/parleyhq/parley/desk"
)

// widget is a customer's end of the protocol as a real one works: it remembers
// the newest seq, says it after a lost line, and keeps what it sends until it
// is acknowledged.
type widget struct {
	tb    testing.TB
	h     *house
	token string

	mu     sync.Mutex // guards the rest
	conn   *websocket.Conn
	view   *View
	seen   map[desk.ID]int64
	got    []ChatMessage
	twice  int            // stored events that came a second time, or out of order
	acks   map[string]int // by client_id
	errs   []Problem
	frames []string // types
	raw    []string // all of them as they came
}

func newWidget(tb testing.TB, h *house, token string) *widget {
	return &widget{tb: tb, h: h, token: token, seen: map[desk.ID]int64{}, acks: map[string]int{}}
}

// connect opens the socket and reads until it is lost.
func (w *widget) connect() {
	w.tb.Helper()
	conn, err := w.dial(context.Background())
	if err != nil {
		w.tb.Fatal(err)
	}
	w.mu.Lock()
	before := len(w.frames)
	w.mu.Unlock()
	go w.read(conn)
	eventually(w.tb, "hello", func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return len(w.frames) > before
	})
}

func (w *widget) dial(ctx context.Context) (*websocket.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, "ws"+strings.TrimPrefix(w.h.url, "http")+"/v1/chat/ws", nil)
	if err != nil {
		return nil, err
	}
	conn.SetReadLimit(1 << 20)
	w.mu.Lock()
	hello := map[string]any{"type": "hello", "token": w.token}
	if w.view != nil {
		hello["conversation"], hello["after"] = w.view.ID, w.seen[w.view.ID]
	}
	w.conn = conn
	w.mu.Unlock()
	return conn, conn.Write(ctx, websocket.MessageText, encode(hello))
}

func (w *widget) read(conn *websocket.Conn) {
	for {
		_, b, err := conn.Read(context.Background())
		if err != nil {
			return
		}
		w.take(b)
	}
}

func (w *widget) take(b []byte) {
	var f struct {
		Type         string            `json:"type"`
		Conversation *View             `json:"conversation"`
		Events       []json.RawMessage `json:"events"`
		Event        json.RawMessage   `json:"event"`
		ClientID     string            `json:"client_id"`
		Error        Problem           `json:"error"`
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := json.Unmarshal(b, &f); err != nil {
		w.tb.Errorf("frame %s: %v", b, err)
		return
	}
	w.frames, w.raw = append(w.frames, f.Type), append(w.raw, string(b))
	switch f.Type {
	case "hello", "conversation":
		if f.Conversation != nil {
			w.view = f.Conversation
		}
		for _, e := range f.Events {
			w.event(e)
		}
	case "event":
		w.event(f.Event)
	case "ack":
		w.acks[f.ClientID]++
	case "error":
		w.errs = append(w.errs, f.Error)
	}
}

// event needs the lock.
func (w *widget) event(b []byte) {
	var e struct {
		ConversationID desk.ID         `json:"conversation_id"`
		Seq            int64           `json:"seq"`
		Kind           string          `json:"kind"`
		Data           json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(b, &e); err != nil {
		w.tb.Errorf("event %s: %v", b, err)
		return
	}
	if e.Seq > 0 {
		if e.Seq <= w.seen[e.ConversationID] {
			w.twice++
		}
		w.seen[e.ConversationID] = e.Seq
	}
	if e.Kind == "message" {
		var m ChatMessage
		if err := json.Unmarshal(e.Data, &m); err != nil {
			w.tb.Errorf("message %s: %v", e.Data, err)
		}
		w.got = append(w.got, m)
	}
}

func (w *widget) send(frame any) error {
	w.mu.Lock()
	conn := w.conn
	w.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return conn.Write(ctx, websocket.MessageText, encode(frame))
}

func (w *widget) say(id, text string) error {
	return w.send(map[string]any{"type": "send", "client_id": id, "text": text})
}

// lose drops the line without a word, as a train in a tunnel does.
func (w *widget) lose() {
	w.mu.Lock()
	defer w.mu.Unlock()
	_ = w.conn.CloseNow()
}

func (w *widget) texts() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []string
	for _, m := range w.got {
		out = append(out, fmt.Sprintf("%s: %s", m.Author.Kind, m.Content.Text))
	}
	return out
}

func (w *widget) has(text string) bool { return strings.Contains(strings.Join(w.texts(), "\n"), text) }
