//go:build linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
)

// client speaks with the server as one person does, from an address of its own:
// how often one address may ask is limited.
type client struct {
	base   string
	http   *http.Client
	bearer string
}

var hosts atomic.Uint32

func newClient(base string) *client {
	n := hosts.Add(1)
	from := &net.TCPAddr{IP: net.IPv4(127, 1, byte(n>>8), byte(n))}
	dialer := &net.Dialer{LocalAddr: from, Timeout: 5 * time.Second}
	jar, _ := cookiejar.New(nil) // never fails
	return &client{base: base, http: &http.Client{Jar: jar, Timeout: 15 * time.Second, Transport: &http.Transport{DialContext: dialer.DialContext, MaxIdleConnsPerHost: 4}}}
}

// refusal is an answer other than 2xx.
type refusal struct {
	status int
	text   string
}

func (r *refusal) Error() string { return fmt.Sprintf("%d %s", r.status, r.text) }

// call asks and reads the answer into out. When the server says that it comes
// too often it waits and asks again.
func (c *client) call(ctx context.Context, method, path string, in, out any) error {
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return err
		}
	}
	for try := 0; ; try++ {
		req, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
		if err != nil {
			return err
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("X-Parley", "1")
		if c.bearer != "" {
			req.Header.Set("Authorization", "Bearer "+c.bearer)
		}
		r, err := c.http.Do(req)
		if err != nil {
			return err
		}
		b, err := io.ReadAll(io.LimitReader(r.Body, 16<<20))
		_ = r.Body.Close()
		switch {
		case err != nil:
			return err
		case r.StatusCode == http.StatusTooManyRequests && try < 20:
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(time.Second):
			}
			continue
		case r.StatusCode >= 300:
			return fmt.Errorf("%s %s: %w", method, path, &refusal{r.StatusCode, string(bytes.TrimSpace(b[:min(len(b), 300)]))})
		case out == nil || len(b) == 0:
			return nil
		}
		return json.Unmarshal(b, out)
	}
}

func (c *client) login(ctx context.Context, email, password string) error {
	return c.call(ctx, http.MethodPost, "/api/login", map[string]string{"email": email, "password": password}, nil)
}

// socket opens a WebSocket.
func (c *client) socket(ctx context.Context, path string) (*websocket.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	h := *c.http
	h.Timeout = 0
	conn, _, err := websocket.Dial(ctx, "ws"+strings.TrimPrefix(c.base, "http")+path, &websocket.DialOptions{HTTPClient: &h, HTTPHeader: http.Header{"Origin": {c.base}}})
	if err == nil {
		conn.SetReadLimit(1 << 20)
	}
	return conn, err
}

// The demo's people.
const (
	demoOwner    = "olivia@example.com"
	demoPassword = "parley-demo-2026"
)

// owner is somebody who may do everything.
func owner(ctx context.Context, s *server) (*client, error) {
	c := newClient(s.base)
	return c, c.login(ctx, demoOwner, demoPassword)
}

// records are the calls that began since.
func (c *client) records(ctx context.Context, since time.Time) ([]voice.Record, error) {
	var all []voice.Record
	after := ""
	for range 1000 {
		q := url.Values{"limit": {"200"}, "from": {since.UTC().Format(time.RFC3339Nano)}}
		if after != "" {
			q.Set("after", after)
		}
		var page struct {
			Items []voice.Record `json:"items"`
			Next  string         `json:"next"`
		}
		if err := c.call(ctx, http.MethodGet, "/api/voice/records?"+q.Encode(), nil, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Items...)
		if after = page.Next; after == "" {
			break
		}
	}
	return all, nil
}

// said counts what the customer said by voice in a conversation: every key that
// was recognised is a message there.
func (c *client) said(ctx context.Context, conversation desk.ID) (int, error) {
	n, after := 0, int64(0)
	for range 100 {
		var page struct {
			Items []desk.Event `json:"items"`
			More  bool         `json:"more"`
		}
		if err := c.call(ctx, http.MethodGet, fmt.Sprintf("/api/conversations/%s/events?limit=200&after=%d", conversation, after), nil, &page); err != nil {
			return n, err
		}
		for _, e := range page.Items {
			after = max(after, e.Seq)
			n += spokenBy(e)
		}
		if !page.More || len(page.Items) == 0 {
			break
		}
	}
	return n, nil
}

// spokenBy is 1 for a message that the customer gave by voice.
func spokenBy(e desk.Event) int {
	var m desk.Message
	if e.Kind != desk.EventMessage || json.Unmarshal(e.Data, &m) != nil || m.Author.Kind != desk.ByCustomer || m.Channel != desk.Voice {
		return 0
	}
	return 1
}
