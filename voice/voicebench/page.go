//go:build linux

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/parleyhq/parley/desk"
)

const (
	pageRounds = 3
	settling   = 2000 * time.Millisecond // between two things that one caller does
)

// ear is an engine of speech that always understands the same.
func ear(says string) (url string, stop func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	srv := &http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, io.LimitReader(r.Body, 4<<20))
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]string{"text": says})
	})}
	go func() { _ = srv.Serve(l) }()
	return "http://" + l.Addr().String() + "/v1", func() { _ = srv.Close() }, nil
}

// reader is a caller who looks at the page of his call.
type reader struct {
	*client
	d  *dialog
	ws *websocket.Conn

	shown *spread // of keys until the page shows them

	mu    sync.Mutex // guards what follows
	asked desk.ID    // the newest message with options
	keys  map[string]string
}

// chatEvent is an event as the page gets it.
type chatEvent struct {
	Kind desk.EventKind  `json:"kind"`
	Data json.RawMessage `json:"data"`
}

// look opens the link that the caller was sent.
func look(ctx context.Context, s *server, d *dialog, shown *spread) (*reader, error) {
	r := &reader{client: newClient(s.base), d: d, keys: map[string]string{}, shown: shown}
	link := ""
	for try := 0; link == "" && try < 100; try++ {
		var got struct {
			Messages []struct{ To, Text string } `json:"messages"`
		}
		phone := *r.client
		phone.base = s.shop
		if err := phone.call(ctx, http.MethodGet, "/phone/messages", nil, &got); err != nil {
			return nil, err
		}
		for _, m := range got.Messages {
			if m.To == d.number {
				if _, after, ok := strings.Cut(m.Text, "/call/"); ok {
					link, _, _ = strings.Cut(after, " ")
				}
			}
		}
		if link == "" {
			if err := rest(ctx, 100*time.Millisecond); err != nil {
				return nil, err
			}
		}
	}
	if link == "" {
		return nil, errors.New("the caller was sent no link")
	}
	var session struct {
		Token string `json:"token"`
	}
	if err := r.call(ctx, http.MethodPost, "/v1/chat/sessions", map[string]string{"call": strings.TrimRight(link, ".\n")}, &session); err != nil {
		return nil, err
	}
	r.bearer = session.Token
	var err error
	if r.ws, err = r.socket(ctx, "/v1/chat/ws"); err != nil {
		return nil, err
	}
	hello, err := json.Marshal(map[string]string{"type": "hello", "token": session.Token})
	if err != nil {
		return nil, err
	}
	if err := r.ws.Write(ctx, websocket.MessageText, hello); err != nil {
		return nil, err
	}
	go r.read()
	return r, nil
}

// read takes what the page gets.
func (r *reader) read() {
	for {
		_, b, err := r.ws.Read(context.Background())
		at := now()
		if err != nil {
			return
		}
		var f struct {
			Type   string      `json:"type"`
			Event  chatEvent   `json:"event"`
			Events []chatEvent `json:"events"`
		}
		if json.Unmarshal(b, &f) != nil {
			continue
		}
		for _, e := range f.Events {
			r.event(e, time.Time{})
		}
		r.event(f.Event, at)
	}
}

func (r *reader) event(e chatEvent, at time.Time) {
	var m struct {
		ID      desk.ID          `json:"id"`
		Channel desk.ChannelName `json:"channel"`
		Author  struct {
			Kind desk.AuthorKind `json:"kind"`
		} `json:"author"`
		Content struct {
			Options []struct{ ID, Key string } `json:"options"`
		} `json:"content"`
	}
	if e.Kind != desk.EventMessage || json.Unmarshal(e.Data, &m) != nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if m.Author.Kind == desk.ByCustomer && m.Channel == desk.Voice && !at.IsZero() {
		if pressed := r.d.takeKey(); !pressed.IsZero() { // else it was speech
			r.shown.add(at.Sub(pressed))
		}
	}
	if len(m.Content.Options) > 0 {
		r.asked = m.ID
		clear(r.keys)
		for _, o := range m.Content.Options {
			r.keys[o.Key] = o.ID
		}
	}
}

// tap chooses the option of a key on the page, or goes back.
func (r *reader) tap(ctx context.Context, key string, told func(next time.Duration)) error {
	in := map[string]any{"client_id": fmt.Sprint(time.Now().UnixNano())}
	if key == "*" {
		in["command"] = desk.PickBack
	} else {
		r.mu.Lock()
		option := r.keys[key]
		in["choice"] = desk.Choice{MessageID: r.asked, OptionID: option}
		r.mu.Unlock()
		if option == "" {
			return fmt.Errorf("the page shows no option of key %s", key)
		}
	}
	r.d.press(now(), func(_, next time.Duration) { told(next) })
	return r.call(ctx, http.MethodPost, "/v1/chat/messages", in, nil)
}

// page measures speech that interrupts, taps that move the call, and keys that
// move the page.
func (b *bench) page(ctx context.Context) error {
	url, stop, err := ear("price list")
	if err != nil {
		return err
	}
	defer stop()
	up, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	s, err := serve(up, b.bin, b.dir, "page", "PARLEY_CALL_LINK=true", "PARLEY_SPEECH_URL="+url, "PARLEY_HEAR_MODEL=bench")
	if err != nil {
		return err
	}
	defer s.stop()
	x, err := newExchange()
	if err != nil {
		return err
	}
	defer x.close()
	p, err := newPhones(s.sip, "coffee", x)
	if err != nil {
		return err
	}
	defer p.close()
	if err := b.warm(ctx, x, p, s.pid()); err != nil {
		return fmt.Errorf("%w; the server said: %s", err, s.tail())
	}
	b.priority(s.pid())
	defer b.usual(s.pid())
	c := newCrowd(x, p, s.pid(), 0)
	c.grow(ctx, b.pages, 10)
	if n, why := c.failures(); n > 0 {
		return fmt.Errorf("%d calls failed: %w", n, why)
	}
	var speech, taps, shown, keys spread
	var mu sync.Mutex
	var wg sync.WaitGroup
	said := noise(25)
	for i, d := range c.all() {
		wg.Go(func() {
			e := func() error {
				d.say(nil, nil)
				if err := rest(ctx, time.Duration(i)*settling/time.Duration(b.pages)); err != nil {
					return err
				}
				r, err := look(ctx, s, d, &shown)
				if err != nil {
					return err
				}
				defer r.ws.CloseNow()
				for range pageRounds {
					for _, do := range []func() error{
						func() error { return r.tap(ctx, "3", taps.add) },
						func() error { return r.tap(ctx, "*", taps.add) },
						func() error { d.key('3', func(stop, _ time.Duration) { keys.add(stop) }); return nil },
						func() error { d.key('*', func(stop, _ time.Duration) { keys.add(stop) }); return nil },
						func() error {
							d.say(said, func(stop, _ time.Duration) { speech.add(stop) })
							err := rest(ctx, 600*time.Millisecond)
							d.say(nil, nil)
							return err
						},
						func() error { return r.tap(ctx, "*", taps.add) },
					} {
						if err := rest(ctx, settling); err != nil {
							return err
						}
						if err := do(); err != nil {
							return err
						}
					}
				}
				return rest(ctx, time.Second)
			}()
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				err = e
			}
		})
	}
	wg.Wait()
	if err := errors.Join(err, c.hangup(ctx)); err != nil {
		b.say("\n(%v)\n", err)
	}
	t := &table{}
	t.row("from → to", "goal", "times")
	t.row("key's first packet → last packet of the old prompt", "20 ms", keys.quantiles())
	t.row("first packet of loud noise → last packet of the old prompt", "250 ms", speech.quantiles())
	t.row("tap on the page → first packet of the new prompt", "300 ms", taps.quantiles())
	t.row("key's first packet → frame on the page's WebSocket", "300 ms", shown.quantiles())
	b.say("\n### Ear and screen\n\n%d callers at once, each with the page of his call open (link from the demo's phone), an engine of speech that answers at once. Real-time priority: %s.\n\n%s", b.pages, yes(b.rr), t)
	return nil
}
