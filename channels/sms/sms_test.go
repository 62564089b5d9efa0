package sms_test

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/parleyhq/parley/channels"
	"github.com/parleyhq/parley/channels/channeltest"
	"github.com/parleyhq/parley/channels/sms"
	"github.com/parleyhq/parley/desk"
)

// gateway shows what it was given, once for each id, as phones would.
type gateway struct {
	mu    sync.Mutex
	seen  map[string]bool
	shown []string
	stall chan struct{}
}

func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	stall := g.stall
	g.mu.Unlock()
	if stall != nil {
		<-stall
		return
	}
	var m struct{ ID, From, To, Text string }
	b, _ := io.ReadAll(r.Body)
	if json.Unmarshal(b, &m) != nil || r.Header.Get("Authorization") != "Bearer key" || r.Header.Get("Idempotency-Key") != m.ID {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.seen[m.ID] {
		g.seen[m.ID] = true
		g.shown = append(g.shown, m.Text)
	}
	_, _ = io.WriteString(w, `{"id":"gw-`+m.ID+`"}`)
}

func signed(id, from, text string) channels.Request {
	body, _ := json.Marshal(map[string]string{"id": id, "from": from, "to": "+4930000", "text": text})
	return channels.Request{Method: "POST", Body: body, Header: http.Header{"Signature": {hex.EncodeToString(sms.Sign("secret", body))}}}
}

func TestKeepsTheChannelsPromises(t *testing.T) {
	var g *gateway
	channeltest.Run(t, channeltest.Case{
		New: func(tb testing.TB) channels.Adapter {
			mine := &gateway{seen: map[string]bool{}}
			g = mine
			srv := httptest.NewServer(mine)
			tb.Cleanup(func() {
				mine.mu.Lock()
				if mine.stall != nil {
					close(mine.stall)
				}
				mine.mu.Unlock()
				srv.Close()
			})
			return promised{&sms.Channel{URL: srv.URL, Key: "key", From: "Parley", Secret: "secret", Dedupes: true, HTTP: srv.Client()}}
		},
		Genuine: func(id, text string) channels.Request { return signed(id, "+4915112345678", text) },
		Forged: func(r channels.Request) map[string]channels.Request {
			none, other, body := r, r, r
			none.Header = http.Header{}
			other.Header = http.Header{"Signature": {hex.EncodeToString(sms.Sign("another", r.Body))}}
			body.Body = append([]byte(" "), r.Body...)
			return map[string]channels.Request{"no signature": none, "another secret": other, "another body": body}
		},
		Shown: func() []string {
			g.mu.Lock()
			defer g.mu.Unlock()
			return append([]string(nil), g.shown...)
		},
		Stall: func() {
			g.mu.Lock()
			defer g.mu.Unlock()
			g.stall = make(chan struct{})
		},
	})
}

// promised lends the suite's addresses a number.
type promised struct{ *sms.Channel }

func (p promised) Send(ctx context.Context, out channels.Outgoing) (string, error) {
	out.Address = "+4915112345678"
	return p.Channel.Send(ctx, out)
}

func TestSend_SaysWhatWentWrong(t *testing.T) {
	for status, want := range map[int]desk.Kind{429: desk.TooMany, 503: desk.Unavailable, 400: desk.Invalid, 500: desk.Internal} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
		c := &sms.Channel{URL: srv.URL}
		_, err := c.Send(t.Context(), channels.Outgoing{ID: "1", Address: "+4915112345678", Part: channels.Part{Text: "hi"}})
		srv.Close()
		if !desk.IsKind(err, want) {
			t.Errorf("status %d is %v, want %s", status, err, want)
		}
	}
	if _, err := (&sms.Channel{}).Send(t.Context(), channels.Outgoing{Address: "anna"}); !desk.IsKind(err, desk.Invalid) {
		t.Errorf("a name was taken for a number: %v", err)
	}
}
