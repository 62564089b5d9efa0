package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/access"
	"github.com/parleyhq/parley/internal/events"
	"github.com/parleyhq/parley/internal/jobs"
	"github.com/parleyhq/parley/internal/store"
	"github.com/parleyhq/parley/internal/store/storetest"
	"github.com/parleyhq/parley/routing"
)

// house is a whole server: a real database, routing, jobs and events, with a
// bot that repeats what it hears.
type house struct {
	tb   testing.TB
	s    *Server
	url  string
	db   *store.DB
	gate *access.Gate
	log  *lockedBuffer

	secrets map[desk.Role]string // of API tokens
}

const (
	siteSecret   = "the secret of the shop"
	siteOrigin   = "https://shop.example.com"
	ownerEmail   = "owner@example.com"
	goodPassword = "correct horse battery"
)

// cheap makes password hashes fast; tests of their cost set their own.
var cheap = access.Params{Memory: 64, Time: 1, Threads: 1}

func newHouse(tb testing.TB, change ...func(*Server)) *house {
	tb.Helper()
	db := storetest.Open(tb, storetest.SQLite(tb))
	bus := must(events.Open(events.Options{}))(tb)
	tb.Cleanup(func() { _ = bus.Close() })
	buf := &lockedBuffer{}
	log := slog.New(slog.NewTextHandler(buf, &slog.HandlerOptions{Level: slog.LevelDebug}))
	router := &routing.Router{Store: db.Routing(), Books: repeater{}, Bus: bus, Log: log, Node: "n1"}
	queue := jobs.New(db, log, jobs.Options{Workers: 4})
	router.Register(queue)
	tb.Cleanup(db.OnEnqueue(queue.Kick))
	ctx, stop := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { _ = queue.Run(ctx) })
	tb.Cleanup(func() { stop(); wg.Wait() })
	gate := access.NewGate(db.Access(), log).WithParams(cheap)
	gate.Staff = staff{router, db.Routing()}
	h := &house{tb: tb, db: db, gate: gate, log: buf, secrets: map[desk.Role]string{}}
	h.s = &Server{
		Gate: gate, Router: router, Reads: db.Routing(), Bus: bus, Brands: plainBrand{}, Files: db.Access(), FilesDir: tb.TempDir(), Log: log, Version: "test",
		Sites: []Site{{Origins: []string{siteOrigin}, Secret: siteSecret}}, Rates: &Rates{},
		Checks: []Check{{"database", func(ctx context.Context) error { _, err := gate.NeedsOwner(ctx); return err }}},
	}
	for _, f := range change {
		f(h.s)
	}
	handler := must(h.s.Handler(ctx))(tb)
	web := httptest.NewServer(handler)
	tb.Cleanup(func() { h.s.Close(); web.Close() })
	h.url = web.URL
	return h
}

// people makes one user of each role, each with an API token.
func (h *house) people() *house {
	h.tb.Helper()
	ctx := context.Background()
	for _, r := range desk.Roles() {
		u := must(h.gate.CreateUser(ctx, access.NewUser{Name: string(r), Email: string(r) + "@example.com", Password: goodPassword, Roles: []desk.Role{r}}))(h.tb)
		_, secret, err := h.gate.CreateToken(ctx, u, "test", nil, 0)
		if err != nil {
			h.tb.Fatal(err)
		}
		h.secrets[r] = secret
	}
	return h
}

type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) problem() (p Problem) {
	_ = json.Unmarshal(a.body, &p)
	return p
}

type option func(*http.Request)

func bearer(token string) option {
	return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
}

func header(name, value string) option { return func(r *http.Request) { r.Header.Set(name, value) } }

// call sends body as it is when it is a string, else as JSON.
func (h *house) call(method, path string, body any, opts ...option) answer {
	h.tb.Helper()
	var r io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		r = strings.NewReader(b)
	default:
		r = bytes.NewReader(must(json.Marshal(b))(h.tb))
	}
	req := must(http.NewRequest(method, h.url+path, r))(h.tb)
	if r != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for _, o := range opts {
		o(req)
	}
	client := http.Client{Timeout: 20 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res := must(client.Do(req))(h.tb)
	defer res.Body.Close()
	return answer{res.StatusCode, res.Header, must(io.ReadAll(res.Body))(h.tb)}
}

// visit begins a session and returns it.
func (h *house) visit(body any, opts ...option) Session {
	h.tb.Helper()
	return into[Session](h.tb, h.call(post, "/v1/chat/sessions", body, opts...), 200)
}

func into[T any](tb testing.TB, a answer, status int) (v T) {
	tb.Helper()
	if a.status != status {
		tb.Fatalf("got %d %s, want %d", a.status, a.body, status)
	}
	if err := json.Unmarshal(a.body, &v); err != nil {
		tb.Fatalf("%v: %s", err, a.body)
	}
	return v
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(tb testing.TB) T {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		return v
	}
}

// eventually waits for ok; it looks rather than sleeps for a fixed time.
func eventually(tb testing.TB, what string, ok func() bool) {
	tb.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for end := time.After(15 * time.Second); ; {
		if ok() {
			return
		}
		select {
		case <-tick.C:
		case <-end:
			tb.Fatalf("waited in vain for %s", what)
		}
	}
}

type lockedBuffer struct {
	mu sync.Mutex // guards b
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// staff is routing's list of who may work.
type staff struct {
	*routing.Router
	reads *store.Routing
}

func (s staff) Agent(ctx context.Context, id desk.ID) (desk.Agent, error) {
	return s.reads.Agent(ctx, id)
}

type plainBrand struct{}

func (plainBrand) Brand(_ context.Context, playbook string, _ desk.Lang) (Brand, error) {
	if playbook != "" && playbook != "shop" {
		return Brand{}, desk.Errorf(desk.NotFound, "no_playbook", "there is no playbook %s", playbook)
	}
	return Brand{Title: "Shop", Accent: "#123456", Greeting: "Hello", Langs: []desk.Lang{desk.English, desk.Chinese}}, nil
}

// repeater is a book whose one responder greets with a menu, repeats what it
// hears, and hands over when asked for a person.
type repeater struct{}

func (repeater) Book(context.Context, string, int) (desk.Book, error) { return repeater{}, nil }
func (repeater) Live(_ context.Context, name string) (string, int, error) {
	if name == "" {
		name = "shop"
	}
	return name, 1, nil
}
func (repeater) For(desk.Target) (string, error)          { return "menu", nil }
func (repeater) Responder(string) (desk.Responder, error) { return repeater{}, nil }
func (repeater) Start() desk.Target                       { return "menu:main" }
func (repeater) Respond(_ context.Context, t desk.Turn) iter.Seq2[desk.Step, error] {
	return func(yield func(desk.Step, error) bool) {
		switch {
		case t.Message == nil:
			yield(desk.Say{Content: desk.Content{Text: "Hello", Menu: "main", Options: []desk.Option{
				{ID: "o1", Key: "1", Label: "Coffee", Pick: desk.Pick{Verb: desk.PickGo, Target: "flow:order_coffee"}},
			}}}, nil)
		case t.Message.Content.Command == desk.PickHuman:
			yield(desk.HandOff{Queue: "support", Card: &desk.HandOver{Reason: "asked", Wants: "a person", Facts: []desk.Fact{{Key: "size", Label: "Size", Value: "large"}}}, Say: desk.Content{Text: "One moment"}}, nil)
		case t.Message.Content.Text == "am I verified?":
			yield(desk.Say{Content: desk.Content{Text: fmt.Sprintf("Verified: %v", t.Contact.Verified)}}, nil)
		default:
			if yield(desk.Mark{Kind: desk.MarkSteered, Value: "inside"}, nil) {
				yield(desk.Say{Content: desk.Content{Text: "You said: " + t.Message.Content.Text}}, nil)
			}
		}
	}
}

// waiting is the only conversation there is, once it waits for a person.
func (h *house) waiting() (id desk.ID) {
	h.tb.Helper()
	eventually(h.tb, "a person is wanted", func() bool {
		var page struct {
			Items []struct {
				ID     desk.ID
				Status desk.Status
			}
		}
		_ = json.Unmarshal(h.call(get, "/api/conversations?tab=all", nil, h.as(desk.Supervisor)).body, &page) // what cannot be read has no items
		if len(page.Items) == 1 && page.Items[0].Status == desk.Waiting {
			id = page.Items[0].ID
		}
		return id != ""
	})
	return id
}
