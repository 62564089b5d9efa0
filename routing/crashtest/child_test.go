package crashtest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/jobs"
	"github.com/parleyhq/parley/internal/store"
	"github.com/parleyhq/parley/routing"
)

// The environment that makes this test binary the child.
const (
	envDatabase = "PARLEY_CRASHTEST_DATABASE"
	envWorld    = "PARLEY_CRASHTEST_WORLD" // where the tool and the push channels are
)

func TestMain(m *testing.M) {
	if database := os.Getenv(envDatabase); database != "" {
		if err := child(database, os.Getenv(envWorld)); err != nil {
			fmt.Fprintln(os.Stderr, "child:", err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// child is the program that is killed: routing with its jobs on a database,
// behind HTTP. It prints its port when it is ready, and never ends by itself.
func child(database, world string) error {
	ctx := context.Background()
	db, err := store.Open(ctx, database)
	if err != nil {
		return err
	}
	if err := db.Migrate(ctx); err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	p := &program{desk: db.Routing()}
	p.Router = &routing.Router{
		Store: p.desk, Books: book{}, Tools: toolAt(world), Channels: channelsAt(world),
		Node: strconv.Itoa(os.Getpid()), Log: log, SendTime: 2 * time.Second, OfferTime: 5 * time.Second,
	}
	q := jobs.New(db, log, jobs.Options{Workers: 8, Lease: 700 * time.Millisecond, Poll: 50 * time.Millisecond})
	p.Register(q)
	q.Handle(routing.SuggestJob, time.Second, func(context.Context, json.RawMessage) error { return nil })
	db.OnEnqueue(q.Kick)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	go func() { _ = http.Serve(listener, p.mux()) }()
	fmt.Println(listener.Addr().String())
	return q.Run(ctx)
}

type program struct {
	*routing.Router
	desk *store.Routing
}

func (p *program) mux() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/accept", handle(func(ctx context.Context, in desk.Inbound) (routing.Receipt, error) {
		return p.Accept(ctx, in)
	}))
	mux.HandleFunc("/events", handle(func(ctx context.Context, in eventsAfter) ([]desk.Event, error) {
		return p.desk.Timeline(ctx, in.Conversation, in.After, 200)
	}))
	mux.HandleFunc("/connect", handle(func(ctx context.Context, agent desk.Agent) (desk.Agent, error) {
		if err := p.PutAgent(ctx, agent); err != nil {
			return agent, err
		}
		if err := p.Connected(ctx, agent.ID); err != nil {
			return agent, err
		}
		return p.SetPresence(ctx, agent.ID, desk.Available)
	}))
	mux.HandleFunc("/work", handle(func(ctx context.Context, agent desk.Agent) (work, error) {
		if err := p.Heartbeat(ctx, agent.ID); err != nil {
			return work{}, err
		}
		offers, err := p.desk.OpenOffers(ctx, agent.ID)
		if err != nil {
			return work{}, err
		}
		held, err := p.desk.Held(ctx, agent.ID)
		return work{offers, held}, err
	}))
	mux.HandleFunc("/take", handle(func(ctx context.Context, o desk.Offer) (desk.Conversation, error) {
		return p.AcceptOffer(ctx, o.AgentID, o.ID)
	}))
	mux.HandleFunc("/reply", handle(func(ctx context.Context, r reply) (desk.Message, error) {
		return p.Reply(ctx, desk.Author{ID: r.Agent, Name: "agent"}, r.Conversation, routing.Reply{ClientID: r.ClientID, Text: r.Text})
	}))
	return mux
}

type eventsAfter struct {
	Conversation desk.ID
	After        int64
}

type work struct {
	Offers []desk.Offer
	Held   []desk.ID
}

type reply struct {
	Agent, Conversation desk.ID
	ClientID, Text      string
}

func handle[In, Out any](f func(context.Context, In) (Out, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in In
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		out, err := f(r.Context(), in)
		if err != nil {
			http.Error(w, err.Error(), http.StatusConflict)
			return
		}
		_ = json.NewEncoder(w).Encode(out)
	}
}

// book answers "N" with "bot N", "tool N" by way of the tool, and "person N"
// with a hand-over.
type book struct{}

func (book) Book(context.Context, string, int) (desk.Book, error) { return book{}, nil }
func (book) Live(context.Context, string) (string, int, error)    { return "crash", 1, nil }
func (book) For(desk.Target) (string, error)                      { return "bot", nil }
func (book) Responder(string) (desk.Responder, error)             { return book{}, nil }
func (book) Start() desk.Target                                   { return "flow:count" }
func (book) Respond(_ context.Context, t desk.Turn) iter.Seq2[desk.Step, error] {
	say := func(s string) desk.Step { return desk.Say{Content: desk.Content{Text: s}} }
	var steps []desk.Step
	switch {
	case t.Result != nil:
		steps = []desk.Step{say("bot " + strings.Trim(string(t.Result.Data), `"`))}
	case t.Message != nil:
		text := t.Message.Content.Text
		kind, n, two := strings.Cut(text, " ")
		switch {
		case two && kind == "tool":
			steps = []desk.Step{desk.Do{ID: string(t.Message.ID), Tool: "count", Args: map[string]string{"n": n}}}
		case two && kind == "person":
			steps = []desk.Step{desk.HandOff{Queue: "support", Say: desk.Content{Text: "bot " + n}}}
		default:
			steps = []desk.Step{desk.Mark{Kind: desk.MarkSet, Value: text}, say("bot " + text)}
		}
	}
	return func(yield func(desk.Step, error) bool) {
		for _, s := range steps {
			if !yield(s, nil) {
				return
			}
		}
	}
}

// toolAt calls the tool by HTTP.
type toolAt string

func (w toolAt) Call(ctx context.Context, _ string, _ int, do desk.Do, _ func(string) (string, bool)) desk.Result {
	for range 20 {
		if _, err := post(ctx, string(w)+"/tool", do); err == nil {
			data, _ := json.Marshal(do.Args["n"])
			return desk.Result{OK: true, Data: data}
		}
	}
	return desk.Result{Error: "unavailable"}
}

// channelsAt pushes by HTTP to all channels but "pull". "push" drops repeats,
// "sms" does not.
type channelsAt string

func (channelsAt) Pull(c desk.ChannelName) bool    { return c == "pull" }
func (channelsAt) Dedupes(c desk.ChannelName) bool { return c == "push" }

func (w channelsAt) Send(ctx context.Context, m desk.Message, _ desk.Conversation) (string, error) {
	_, err := post(ctx, string(w)+"/push", m)
	return "", err
}

func post(ctx context.Context, url string, v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	out, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = &refused{res.StatusCode, string(out)}
	}
	return out, err
}

// refused is an answer that is a no.
type refused struct {
	status int
	text   string
}

func (r *refused) Error() string { return fmt.Sprintf("%d %s", r.status, strings.TrimSpace(r.text)) }
