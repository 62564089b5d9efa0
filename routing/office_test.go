package routing_test

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"sync"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/store"
	"github.com/parleyhq/parley/internal/store/storetest"
	"github.com/parleyhq/parley/routing"
)

// office is a router on a real database, with a clock and jobs that tests move
// on by hand.
type office struct {
	tb testing.TB
	*routing.Router
	db   *store.DB
	desk *store.Routing

	mu       sync.Mutex
	clock    time.Time              // guarded by mu
	told     map[string][]any       // guarded by mu; what was published, by subject
	say      func(turn) []desk.Step // the responder
	handlers map[string]func(context.Context, json.RawMessage) error
	due      map[string]func(context.Context) (bool, error) // of periodic work
	line     *line
	n        int
}

type turn = desk.Turn

// each opens an office on each engine.
func each(t *testing.T, f func(t *testing.T, o *office)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) { f(t, open(t, db)) })
}

func open(tb testing.TB, db *store.DB) *office {
	o := &office{
		tb: tb, db: db, desk: db.Routing(), clock: time.Now().UTC().Truncate(time.Millisecond), told: map[string][]any{},
		handlers: map[string]func(context.Context, json.RawMessage) error{}, due: map[string]func(context.Context) (bool, error){},
		line: &line{pull: true, dedupes: true, got: map[desk.ID]int{}},
	}
	o.say = echo
	o.Router = &routing.Router{
		Store: o.desk, Books: o, Tools: o, Channels: o.line, Bus: o, Vault: &routing.Vault{Now: o.time}, Now: o.time, Node: "n1",
	}
	o.Register(o)
	return o
}

func (o *office) time() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.clock
}

// pass lets time go by and runs what is due, step by step.
func (o *office) pass(d time.Duration) {
	o.tb.Helper()
	for step := min(d, time.Second); d > 0; d -= step {
		o.mu.Lock()
		o.clock = o.clock.Add(step)
		o.mu.Unlock()
		o.run()
	}
}

// run runs the jobs that are due until there are none.
func (o *office) run() {
	o.tb.Helper()
	for range 1000 {
		if !o.runOne() {
			return
		}
	}
	o.tb.Fatal("the jobs never end")
}

func (o *office) runOne() bool {
	o.tb.Helper()
	ctx := context.Background()
	type job struct {
		id, kind string
		args     json.RawMessage
	}
	var found []job
	must0(o.tb, o.db.Tx(ctx, func(ctx context.Context, q *store.Tx) (err error) {
		found, err = store.All(ctx, q, func(row store.Scanner) (j job, err error) {
			var args string
			err = row.Scan(&j.id, &j.kind, &args)
			j.args = json.RawMessage(args)
			return j, err
		}, "SELECT id, kind, args FROM jobs WHERE state = 'waiting' AND run_at <= $1 ORDER BY run_at, id LIMIT 1", max(o.time().UnixMicro(), time.Now().UnixMicro()))
		if err != nil || len(found) == 0 {
			return err
		}
		return store.Exec1(ctx, q, "UPDATE jobs SET state = 'done', finished_at = run_at WHERE id = $1", found[0].id)
	}))
	if len(found) == 0 {
		return false
	}
	j := found[0]
	f := o.handlers[j.kind]
	if f == nil {
		return true // another part's
	}
	if err := f(ctx, j.args); err != nil {
		o.tb.Logf("job %s %s: %v", j.kind, j.args, err)
		must0(o.tb, o.db.Tx(ctx, func(ctx context.Context, q *store.Tx) error {
			var a map[string]any
			_ = json.Unmarshal(j.args, &a)
			again := desk.NewJob(j.kind, "", a)
			again.At = o.time().Add(time.Second)
			return q.Enqueue(ctx, again)
		}))
	}
	return true
}

// The office is its router's jobs, bus, books and tools.

func (o *office) Handle(kind string, _ time.Duration, f func(context.Context, json.RawMessage) error) {
	o.handlers[kind] = f
}

func (o *office) When(kind string, _ time.Duration, due func(context.Context) (bool, error), f func(context.Context) error) {
	o.due[kind] = due
	o.handlers[kind] = func(ctx context.Context, _ json.RawMessage) error { return f(ctx) }
}

// periodic runs periodic work if it is due, as the queue does.
func (o *office) periodic(kind string) error {
	due, err := o.due[kind](context.Background())
	if err != nil || !due {
		return err
	}
	return o.handlers[kind](context.Background(), nil)
}

func (o *office) Publish(subject string, v any) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.told[subject] = append(o.told[subject], v)
	return nil
}

func (o *office) Book(context.Context, string, int) (desk.Book, error) { return o, nil }

func (o *office) Live(_ context.Context, playbook string) (string, int, error) {
	if playbook == "" {
		playbook = "coffee"
	}
	return playbook, 1, nil
}

func (o *office) For(desk.Target) (string, error)          { return "bot", nil }
func (o *office) Responder(string) (desk.Responder, error) { return responder(o.say), nil }
func (o *office) Start() desk.Target                       { return "menu:main" }
func (o *office) Call(_ context.Context, _ string, _ int, do desk.Do, secrets func(string) (string, bool)) desk.Result {
	_ = o.Publish("tool", do)
	for _, v := range do.Args {
		if text, ok := secrets(v); ok {
			_ = o.Publish("secret", text)
		}
	}
	return desk.Result{OK: true, Data: json.RawMessage(`{"number":"A17"}`)}
}

type responder func(turn) []desk.Step

func (r responder) Respond(_ context.Context, t turn) iter.Seq2[desk.Step, error] {
	return func(yield func(desk.Step, error) bool) {
		for _, s := range r(t) {
			if s == failing {
				yield(nil, errors.New("the responder failed"))
				return
			}
			if !yield(s, nil) {
				return
			}
		}
	}
}

// failing is a step that makes the responder fail.
var failing desk.Step = desk.Close{Reason: "failing"}

func say(text string) desk.Step { return desk.Say{Content: desk.Content{Text: text}} }

// echo greets, repeats what it hears, and knows a few words.
func echo(t turn) []desk.Step {
	switch {
	case t.Result != nil:
		return []desk.Step{say("result " + string(t.Result.Data))}
	case t.Message == nil:
		return []desk.Step{say("welcome")}
	}
	switch text := t.Message.Content.Text; text {
	case "person":
		return []desk.Step{desk.HandOff{Queue: "support", Card: &desk.HandOver{Reason: "asked", Wants: "a person"}, Say: desk.Content{Text: "you are in the queue"}}}
	case "tool":
		return []desk.Step{say("one moment"), desk.Do{ID: "do-" + string(t.Message.ID), Tool: "place_order", Args: map[string]string{"drink": "latte"}}}
	case "bye":
		return []desk.Step{say("goodbye"), desk.Close{Reason: "done"}}
	case "fail":
		return []desk.Step{failing}
	case "panic":
		panic("the responder panics")
	default:
		return []desk.Step{desk.Mark{Kind: desk.MarkSet, Slot: "said", Value: text}, say("echo " + text)}
	}
}

// line is a push channel.
type line struct {
	mu            sync.Mutex
	pull, dedupes bool
	got           map[desk.ID]int // guarded by mu
	order         []string        // guarded by mu
	addresses     []string        // guarded by mu; channel and address of each
	err           error           // guarded by mu
}

func (l *line) Pull(desk.ChannelName) bool    { return l.pull }
func (l *line) Dedupes(desk.ChannelName) bool { return l.dedupes }

func (l *line) Send(_ context.Context, m desk.Message, c desk.Conversation) (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return "", l.err
	}
	if l.got[m.ID]++; l.got[m.ID] == 1 {
		l.order = append(l.order, m.Content.Text)
		l.addresses = append(l.addresses, string(c.Channel)+" "+c.Address)
	}
	return "ext-" + string(m.ID), nil
}

func must[T any](tb testing.TB, v T, err error) T {
	tb.Helper()
	must0(tb, err)
	return v
}

func must0(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// hear lets a customer say something.
func (o *office) hear(who, text string) routing.Receipt {
	o.tb.Helper()
	o.mu.Lock()
	o.n++
	id := desk.NewID()
	o.mu.Unlock()
	out, err := o.Accept(context.Background(), desk.Inbound{Channel: desk.Webchat, Address: who, ExternalID: string(id), Text: text})
	return must(o.tb, out, err)
}

// agent makes an agent who is at work.
func (o *office) agent(name string, skills ...string) desk.Author {
	o.tb.Helper()
	ctx := context.Background()
	a := desk.Author{Kind: desk.ByAgent, ID: desk.ID("agent-" + name), Name: name}
	must0(o.tb, o.PutAgent(ctx, desk.Agent{ID: a.ID, Name: name, Skills: skills}))
	must0(o.tb, o.Connected(ctx, a.ID))
	_, err := o.SetPresence(ctx, a.ID, desk.Available)
	must0(o.tb, err)
	o.run()
	return a
}

func (o *office) conversation(id desk.ID) desk.Conversation {
	o.tb.Helper()
	c, err := o.desk.Conversation(context.Background(), id)
	return must(o.tb, c, err)
}

func (o *office) is(id desk.ID, want desk.Status) desk.Conversation {
	o.tb.Helper()
	c := o.conversation(id)
	if c.Status != want {
		o.tb.Fatalf("the conversation is %s, want %s", c.Status, want)
	}
	return c
}

// offerTo returns the open offer of an agent.
func (o *office) offerTo(a desk.Author) desk.Offer {
	o.tb.Helper()
	open, err := o.desk.OpenOffers(context.Background(), a.ID)
	must0(o.tb, err)
	if len(open) != 1 {
		o.tb.Fatalf("%s has %d open offers, want 1", a.Name, len(open))
	}
	return open[0]
}

func (o *office) offered(a desk.Author) bool {
	o.tb.Helper()
	open, err := o.desk.OpenOffers(context.Background(), a.ID)
	must0(o.tb, err)
	return len(open) > 0
}

// said lists what was said in a conversation, in order, as "author: text".
func (o *office) said(id desk.ID) []string {
	o.tb.Helper()
	var out []string
	for _, m := range o.messages(id) {
		out = append(out, string(m.Author.Kind)+": "+m.Content.Text)
	}
	return out
}

func (o *office) messages(id desk.ID) (out []desk.Message) {
	o.tb.Helper()
	events, err := o.desk.Timeline(context.Background(), id, 0, 500)
	must0(o.tb, err)
	for i, e := range events {
		if e.Seq != int64(i+1) {
			o.tb.Fatalf("event %d has seq %d: the order has a gap", i+1, e.Seq)
		}
		if e.Kind == desk.EventMessage {
			var m desk.Message
			must0(o.tb, json.Unmarshal(e.Data, &m))
			out = append(out, m)
		}
	}
	return out
}

func (o *office) published(subject string) []any {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.told[subject]
}

func code(err error) string {
	var e *desk.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// notIn checks that no text column of a table holds s.
func (o *office) notIn(table, s string) {
	o.tb.Helper()
	columns := map[string]string{
		"messages": "CAST(content AS TEXT)", "conversations": "CAST(states AS TEXT) || subject || preview", "events": "CAST(data AS TEXT)",
		"jobs": "CAST(args AS TEXT)", "conversation_words": "word",
	}
	n, err := store.One(context.Background(), o.db.Read(), store.Value[int],
		"SELECT count(*) FROM "+table+" WHERE "+columns[table]+" LIKE $1", "%"+s+"%")
	must0(o.tb, err)
	if n > 0 {
		o.tb.Errorf("%s holds %q", table, s)
	}
}

// runUntil runs jobs until one of that kind would be next.
func (o *office) runUntil(kind string) {
	o.tb.Helper()
	for range 100 {
		next, err := store.All(context.Background(), o.db.Read(), store.Value[string],
			"SELECT kind FROM jobs WHERE state = 'waiting' AND run_at <= $1 ORDER BY run_at, id LIMIT 1", max(o.time().UnixMicro(), time.Now().UnixMicro()))
		must0(o.tb, err)
		if len(next) == 0 || next[0] == kind {
			return
		}
		o.runOne()
	}
	o.tb.Fatal("the jobs never end")
}

// runBriefly runs what is due now, but no retries.
func (o *office) runBriefly() {
	o.tb.Helper()
	for range 3 {
		o.runOne()
	}
}

func (o *office) advance(d time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.clock = o.clock.Add(d)
}

// dropJobs loses every job.
func (o *office) dropJobs() {
	o.tb.Helper()
	must0(o.tb, o.db.Tx(context.Background(), func(ctx context.Context, q *store.Tx) error {
		_, err := store.Exec(ctx, q, "UPDATE jobs SET state = 'failed', finished_at = run_at WHERE state = 'waiting'")
		return err
	}))
}
