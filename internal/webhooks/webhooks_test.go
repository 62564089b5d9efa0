package webhooks_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/store"
	"github.com/parleyhq/parley/internal/store/storetest"
	"github.com/parleyhq/parley/internal/webhooks"
	"github.com/parleyhq/parley/voice"
)

// hand runs the jobs of hooks when a test says so, as often as it says.
type hand struct {
	t        *testing.T
	db       *store.DB
	handlers map[string]func(context.Context, json.RawMessage) error
}

func (h *hand) Handle(kind string, _ time.Duration, f func(context.Context, json.RawMessage) error) {
	h.handlers[kind] = f
}

// run carries the waiting jobs of a kind out once and returns how it went. A job
// that failed waits again.
func (h *hand) run(kind string) (ran int, errs []error) {
	h.t.Helper()
	now := time.Now().Add(time.Hour)
	claims, err := h.db.ClaimJobs(h.t.Context(), "test", []string{kind}, 100, now, now.Add(time.Minute))
	if err != nil {
		h.t.Fatal(err)
	}
	for _, c := range claims {
		err := h.handlers[kind](h.t.Context(), c.Args)
		if err != nil {
			errs = append(errs, err)
		}
		if _, err := h.db.FinishJob(h.t.Context(), c, end(err)); err != nil {
			h.t.Fatal(err)
		}
	}
	return len(claims), errs
}

// other is another system's end.
type other struct {
	*httptest.Server
	mu     sync.Mutex // guards the rest
	status int
	got    []webhooks.Body
	heads  []http.Header
	raw    [][]byte
}

func newOther(t *testing.T) *other {
	o := &other{status: 204}
	o.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o.mu.Lock()
		defer o.mu.Unlock()
		b, _ := io.ReadAll(r.Body)
		var body webhooks.Body
		if err := json.Unmarshal(b, &body); err != nil {
			t.Errorf("got %s: %v", b, err)
		}
		o.got, o.heads, o.raw = append(o.got, body), append(o.heads, r.Header), append(o.raw, b)
		if o.status == http.StatusFound {
			w.Header().Set("Location", "http://169.254.169.254/")
		}
		w.WriteHeader(o.status)
	}))
	t.Cleanup(o.Close)
	return o
}

func (o *other) answers(status int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.status = status
}

type scene struct {
	*hand
	*other
	book   *store.Voice
	sender *webhooks.Sender
	now    time.Time
}

func newScene(t *testing.T) *scene {
	db := storetest.Open(t, storetest.SQLite(t))
	o := newOther(t)
	sc := &scene{hand: &hand{t: t, db: db, handlers: map[string]func(context.Context, json.RawMessage) error{}}, other: o, book: db.Voice(), now: time.Now().UTC().Truncate(time.Second)}
	sc.sender = (&webhooks.Sender{Store: sc.book, Allow: []string{strings.TrimPrefix(o.URL, "http://")}, Node: "n1", Now: func() time.Time { return sc.now }}).Start()
	t.Cleanup(sc.sender.Close)
	sc.sender.Register(sc.hand)
	return sc
}

func (sc *scene) hook(id, url string, events ...webhooks.Event) webhooks.Hook {
	sc.t.Helper()
	h := webhooks.Hook{ID: desk.ID(id), URL: url, Events: events, Secret: "whsec_x", Active: true, CreatedAt: sc.now, UpdatedAt: sc.now}
	if err := sc.book.AddHook(sc.t.Context(), h); err != nil {
		sc.t.Fatal(err)
	}
	return h
}

func (sc *scene) stored(id string) webhooks.Hook {
	sc.t.Helper()
	h, err := sc.book.Hook(sc.t.Context(), desk.ID(id))
	if err != nil {
		sc.t.Fatal(err)
	}
	return h
}

func (sc *scene) finishCall(id string) {
	sc.t.Helper()
	r := voice.Record{ID: desk.ID(id), Source: "parley", Direction: "in", From: "+8613800000000", To: "100", StartedAt: sc.now}
	if err := sc.book.StartCall(sc.t.Context(), r); err != nil {
		sc.t.Fatal(err)
	}
	r.EndedAt, r.Cause = sc.now.Add(time.Minute), voice.Cause{Reason: voice.EndNormal}
	if ok, err := sc.book.FinishCall(sc.t.Context(), r); err != nil || !ok {
		sc.t.Fatal(ok, err)
	}
}

func TestHooks_TheEndOfACallIsToldOnceToThoseWhoAsked(t *testing.T) {
	sc := newScene(t)
	sc.hook("a", sc.URL, webhooks.CallEnded, webhooks.CallBegan)
	sc.hook("b", sc.URL, webhooks.CallQueued)
	sc.finishCall("c1")
	if n, errs := sc.run(webhooks.EndedJob); n != 1 || errs != nil {
		t.Fatal(n, errs)
	}
	if n, errs := sc.run(webhooks.DeliverJob); n != 1 || errs != nil {
		t.Fatal(n, errs)
	}
	if len(sc.got) != 1 || sc.got[0].Event != webhooks.CallEnded || sc.got[0].Record == nil || sc.got[0].Record.From != "+8613800000000" {
		t.Fatalf("got %+v", sc.got)
	}
	head := sc.heads[0]
	if want := webhooks.Signature("whsec_x", sc.now, sc.raw[0]); head.Get("Parley-Signature") != want || head.Get("Parley-Event") != "call.ended" || head.Get("Parley-Event-Id") != string(sc.got[0].ID) {
		t.Errorf("got %v, want the signature %s", head, want)
	}
	if webhooks.Signature("another", sc.now, sc.raw[0]) == webhooks.Signature("whsec_x", sc.now, sc.raw[0]) {
		t.Error("the signature does not depend on the secret")
	}
}

func TestHooks_AFailureIsTriedAgainShownAndHeals(t *testing.T) {
	sc := newScene(t)
	sc.hook("a", sc.URL, webhooks.CallEnded)
	sc.answers(500)
	sc.finishCall("c1")
	sc.run(webhooks.EndedJob)
	if n, errs := sc.run(webhooks.DeliverJob); n != 1 || len(errs) != 1 {
		t.Fatal(n, errs)
	}
	if h := sc.stored("a"); !h.FailingSince.Equal(sc.now) || h.Reason != "it answered with status 500" || !h.Active {
		t.Errorf("got %+v", h)
	}
	sc.now = sc.now.Add(47 * time.Hour)
	if n, errs := sc.run(webhooks.DeliverJob); n != 1 || len(errs) != 1 || !sc.stored("a").Active {
		t.Fatal(n, errs, sc.stored("a"))
	}
	sc.answers(200)
	if n, errs := sc.run(webhooks.DeliverJob); n != 1 || errs != nil {
		t.Fatal(n, errs)
	}
	if h := sc.stored("a"); !h.FailingSince.IsZero() || h.Reason != "" {
		t.Errorf("got %+v", h)
	}
	if len(sc.got) != 3 || sc.got[0].ID != sc.got[2].ID {
		t.Errorf("the id of the event changed: %+v", sc.got)
	}
}

func TestHooks_AreTurnedOffAfterTwoDaysOrWhenGone(t *testing.T) {
	sc := newScene(t)
	sc.hook("a", sc.URL, webhooks.CallEnded)
	sc.answers(503)
	sc.finishCall("c1")
	sc.run(webhooks.EndedJob)
	sc.run(webhooks.DeliverJob)
	sc.now = sc.now.Add(49 * time.Hour)
	if n, errs := sc.run(webhooks.DeliverJob); n != 1 || errs != nil {
		t.Fatal(n, errs)
	}
	if h := sc.stored("a"); h.Active || !strings.Contains(h.Reason, "two days") || !strings.Contains(h.Reason, "503") {
		t.Errorf("got %+v", h)
	}
	sc.hook("b", sc.URL, webhooks.CallEnded)
	sc.answers(410)
	sc.finishCall("c2")
	sc.run(webhooks.EndedJob)
	if n, errs := sc.run(webhooks.DeliverJob); n != 1 || errs != nil {
		t.Fatal(n, errs)
	}
	if h := sc.stored("b"); h.Active || !strings.Contains(h.Reason, "410") {
		t.Errorf("got %+v", h)
	}
}

func TestHooks_NeverReachPrivateAddressesOrFollowRedirects(t *testing.T) {
	sc := newScene(t)
	closed := newOther(t)
	for _, url := range []string{closed.URL, "http://localhost:1/", "http://169.254.169.254/latest", "http://10.0.0.1/", "http://[::1]:80/", "http://0.0.0.0:80/", "http://[::ffff:127.0.0.1]:80/"} {
		h := webhooks.Hook{ID: "x", URL: url, Secret: "s"}
		if status, reason := sc.sender.Try(t.Context(), h); status != 0 || !strings.Contains(reason, "private") {
			t.Errorf("%s: got %d %q", url, status, reason)
		}
	}
	if len(closed.got) != 0 {
		t.Error("a private address was told")
	}
	sc.answers(302)
	if status, reason := sc.sender.Try(t.Context(), webhooks.Hook{ID: "x", URL: sc.URL}); status != 302 || reason == "" || len(sc.got) != 1 {
		t.Errorf("got %d %q after %d requests", status, reason, len(sc.got))
	}
}

func TestHooks_ASlowOneIsGivenUp(t *testing.T) {
	release := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}))
	defer slow.Close()
	defer close(release)
	s := (&webhooks.Sender{Allow: []string{strings.TrimPrefix(slow.URL, "http://")}}).Start()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if status, reason := s.Try(ctx, webhooks.Hook{URL: slow.URL}); status != 0 || !strings.Contains(reason, "did not answer") {
		t.Errorf("got %d %q", status, reason)
	}
}

type bus struct{ f func(string, []byte) }

func (b *bus) Subscribe(_ string, f func(string, []byte)) (func(), error) {
	b.f = f
	return func() {}, nil
}

func TestHooks_HearOnlyCallsOfTheirNode(t *testing.T) {
	sc, b := newScene(t), &bus{}
	sc.hook("a", sc.URL, webhooks.Events()...)
	if _, err := sc.sender.Listen(b); err != nil {
		t.Fatal(err)
	}
	say := func(kind webhooks.Event, node string, at time.Time) {
		raw, err := json.Marshal(map[string]any{"kind": kind, "at": at, "call": voice.LiveCall{CallNews: desk.CallNews{CallID: "c1"}, Node: node, Queue: "support"}})
		if err != nil {
			t.Fatal(err)
		}
		b.f(string(kind), raw)
	}
	say(webhooks.CallQueued, "n1", sc.now)
	say(webhooks.CallQueued, "n1", sc.now) // once more, by accident
	say(webhooks.CallQueued, "n2", sc.now.Add(time.Second))
	say(webhooks.CallEnded, "n1", sc.now) // comes from its job
	say("call.forged", "n1", sc.now)
	b.f("call.c1", []byte(`{"verb":"hangup"}`)) // a command, not news
	b.f("call.c1", []byte(`not JSON`))
	if n, errs := sc.run(webhooks.DeliverJob); n != 1 || errs != nil {
		t.Fatal(n, errs)
	}
	if sc.got[0].Event != webhooks.CallQueued || sc.got[0].Call == nil || sc.got[0].Call.Queue != "support" {
		t.Errorf("got %+v", sc.got[0])
	}
}

func TestHook_CheckSaysWhatIsWrong(t *testing.T) {
	for code, h := range map[string]webhooks.Hook{
		"":              {URL: "https://example.com/x?y=1", Events: webhooks.Events()},
		"url_form":      {URL: "ftp://example.com/", Events: webhooks.Events()},
		"url_password":  {URL: "https://a:b@example.com/", Events: webhooks.Events()},
		"events_empty":  {URL: "https://example.com/"},
		"event_unknown": {URL: "https://example.com/", Events: []webhooks.Event{"call.sung"}},
		"event_twice":   {URL: "https://example.com/", Events: []webhooks.Event{webhooks.CallBegan, webhooks.CallBegan}},
	} {
		err := h.Check()
		got := ""
		if e, ok := err.(*desk.Error); ok { //nolint:errorlint // Check returns it as it is
			got = e.Code
		}
		if got != code {
			t.Errorf("%+v: got %q, want %q", h, got, code)
		}
	}
}
