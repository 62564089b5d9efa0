package main

import (
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/parleyhq/parley/internal/store/storetest"
)

// wire stands between a node and PostgreSQL and can be cut.
type wire struct {
	tb  testing.TB
	url string // for the node
	at  string // our socket
	to  string // PostgreSQL's

	mu    sync.Mutex // guards the rest
	in    net.Listener
	conns []net.Conn
}

func newWire(tb testing.TB, database string) *wire {
	tb.Helper()
	u, err := url.Parse(database)
	if err != nil {
		tb.Fatal(err)
	}
	dir, err := os.MkdirTemp("/tmp", "parley-wire-") // a socket's path may have 107 bytes only
	if err != nil {
		tb.Fatal(err)
	}
	q := u.Query()
	w := &wire{tb: tb, at: filepath.Join(dir, ".s.PGSQL.5432"), to: filepath.Join(q.Get("host"), ".s.PGSQL.5432")}
	q.Set("host", dir)
	u.RawQuery = q.Encode()
	w.url = u.String()
	w.join()
	tb.Cleanup(func() { w.cut(); _ = os.RemoveAll(dir) })
	return w
}

// join lets connections through again.
func (w *wire) join() {
	w.tb.Helper()
	l, err := net.Listen("unix", w.at)
	if err != nil {
		w.tb.Fatal(err)
	}
	w.mu.Lock()
	w.in = l
	w.mu.Unlock()
	go func() {
		for {
			from, err := l.Accept()
			if err != nil {
				return
			}
			to, err := net.Dial("unix", w.to)
			if err != nil {
				_ = from.Close()
				continue
			}
			w.mu.Lock()
			w.conns = append(w.conns, from, to)
			w.mu.Unlock()
			go func() { _, _ = io.Copy(to, from); _ = to.Close() }()
			go func() { _, _ = io.Copy(from, to); _ = from.Close() }()
		}
	}()
}

// cut breaks every connection and lets none through, as a database does that
// was stopped.
func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	_ = w.in.Close()
	for _, c := range w.conns {
		_ = c.Close()
	}
	w.conns = nil
}

func TestServe_OutlivesAnOutageOfTheDatabase(t *testing.T) {
	w := newWire(t, storetest.Postgres(t))
	s := newSetting(t).with("DATABASE_URL", w.url)
	s.must(testPassword+"\n", "user", "add", "ann@example.com", "--name", "Ann", "--roles", "owner,agent")
	n := s.serve()
	ann, customer := n.signIn("ann@example.com"), n.customer()
	customer.get(nil, "POST", "/v1/chat/messages", map[string]any{"client_id": "1", "text": "When are you open?"})
	customer.until(10*time.Second, "8 to 20")

	w.cut()
	round, asked := time.NewTicker(time.Second), 0
	defer round.Stop()
	for range 5 {
		for _, c := range []struct {
			person
			method, path string
			body         any
		}{
			{customer, "POST", "/v1/chat/messages", map[string]any{"client_id": "2", "text": "Are you open today?"}},
			{customer, "GET", "/v1/chat/conversation", nil},
			{customer, "GET", "/v1/chat/history", nil},
			{person{n: n}, "POST", "/v1/chat/sessions", map[string]any{}},
			{person{n: n}, "POST", "/api/login", map[string]any{"email": "ann@example.com", "password": testPassword}},
			{ann, "GET", "/api/me", nil},
			{ann, "GET", "/api/conversations?tab=all", nil},
			{ann, "PUT", "/api/presence", map[string]any{"presence": "available"}},
			{person{n: n}, "GET", "/readyz", nil},
		} {
			status, head, body := c.do(c.method, c.path, c.body)
			if asked++; status != 503 || head.Get("Retry-After") == "" {
				t.Fatalf("%s %s: got %d, Retry-After %q: %s", c.method, c.path, status, head.Get("Retry-After"), body)
			}
		}
		<-round.C
	}
	if status, _, _ := (person{n: n}).do("GET", "/healthz", nil); status != 200 {
		t.Errorf("healthz: %d; the process lives", status)
	}
	w.join()
	back := time.Now()
	n.ready()
	eventually(t, 10*time.Second, "a message is accepted again", func() bool {
		status, _, _ := customer.do("POST", "/v1/chat/messages", map[string]any{"client_id": "2", "text": "What are your opening hours?"})
		return status == 202
	})
	eventually(t, 15*time.Second, "it is answered", func() bool {
		m := customer.messages()
		return len(m) >= 4 && m[len(m)-1].Author == "bot"
	})
	ann.get(nil, "GET", "/api/me", nil)
	customer.complete("after the outage", "When are you open?", "What are your opening hours?")
	t.Logf("%d calls in 5s of outage were 503; accepted and answered %s after it", asked, time.Since(back).Round(time.Millisecond))
}
