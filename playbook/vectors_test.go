package playbook_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parleyhq/parley/bot/nlu"
	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/llm"
	"github.com/parleyhq/parley/internal/llm/llmtest"
	"github.com/parleyhq/parley/internal/store"
	"github.com/parleyhq/parley/internal/store/storetest"
	"github.com/parleyhq/parley/kb"
	"github.com/parleyhq/parley/playbook"
)

// endpoint is a scripted embedding endpoint that knows which made-up words mean
// a table and which a taxi; nothing else does.
type endpoint struct {
	*llmtest.Server
	dims atomic.Int64
	down atomic.Bool
	slow atomic.Bool
}

func startEndpoint(t *testing.T) *endpoint {
	t.Helper()
	e := &endpoint{Server: llmtest.Start()}
	e.dims.Store(256)
	e.Answer(func(r llmtest.Request) llmtest.Reply {
		switch {
		case e.down.Load():
			return llmtest.Reply{Status: http.StatusServiceUnavailable}
		case e.slow.Load():
			return llmtest.Reply{After: 5 * time.Second}
		}
		type row struct {
			Object    string    `json:"object"`
			Index     int       `json:"index"`
			Embedding []float32 `json:"embedding"`
		}
		var rows []row
		for i, text := range r.Input {
			rows = append(rows, row{"embedding", i, meaning(text, int(e.dims.Load()))})
		}
		b, err := json.Marshal(map[string]any{"object": "list", "data": rows})
		if err != nil {
			panic(err)
		}
		return llmtest.Reply{Raw: string(b)}
	})
	t.Cleanup(e.Close)
	return e
}

// meaning is a vector that is near for texts of one meaning.
func meaning(text string, dims int) []float32 {
	v := llmtest.Vector(text, dims)
	for axis, words := range [][]string{tables, taxis} {
		for _, w := range words {
			if strings.Contains(text, w) {
				v[axis] += 2
			}
		}
	}
	return v
}

// What the endpoint knows to be about tables and about taxis. The last word of
// each stands in no example.
var (
	tables = strings.Fields("brillo dantek florim gospar hunted jaspol kerwin lumbra mestak norvil abeck ostrin pluven garth mirtle snoad krebbin tuftal hoxley drimmo zemfoth")
	taxis  = strings.Fields("opteri palzun quonda rindle sorpek tulgey umbrik vastin wexlor yondar ilvex prudge canwick bosk feldar gimlow zurten nabbit rosk eldwin chyvagu")
)

type named struct{ *llm.Client }

func (named) Model() string { return "words-1" }

// coined is a playbook with two flows whose examples are words that only the
// endpoint knows.
func coined() playbook.Files {
	files := small()
	flow := func(name string, words []string) string {
		var list []string
		frames := []string{"I would like a ", "please get me a ", "can I have a "}
		for i, w := range words[:len(words)-1] {
			list = append(list, frames[i%len(frames)]+w)
		}
		return "version: 1\nflow: " + name + "\ntitle: {en: " + name + ", zh: " + name + "}\nexamples:\n  en: [" + strings.Join(list, ", ") + "]\n  zh: [" + strings.Join(list, ", ") + "]\nslots:\n  people: {type: number, label: {en: People, zh: 人数}, ask: {en: How many?, zh: 几位？}}\nconfirm: customer\ndo: {tool: book, with: {people: people}, save: {code: code}}\nthen: {say: {en: \"{{code}}\", zh: \"{{code}}\"}}\n"
	}
	files["flows/book.yaml"] = []byte(flow("book", tables))
	files["flows/taxi.yaml"] = []byte(flow("taxi", taxis))
	files["tests/book.yaml"] = []byte("version: 1\nsuite: book\ntools:\n  book: {answer: {code: T1}}\ncases:\n  - name: tapped\n    turns:\n      - tap: flow:book\n        expect: {asking: people}\n")
	return files
}

// listening is a house whose knowledge base and playbooks ask the endpoint.
func listening(t *testing.T, db *store.DB, e *endpoint, log *bytes.Buffer) house {
	t.Helper()
	quiet := slog.New(slog.DiscardHandler)
	if log != nil {
		quiet = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	client, err := llm.New(llm.Config{URL: e.URL, EmbedModel: "words-1", Timeout: 400 * time.Millisecond, Backoff: time.Millisecond, Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	h := open(t, db)
	h.articles.Embedder, h.articles.Log = named{client}, quiet
	h.Vectors, h.Asked, h.Lessons, h.Log = h.articles.Kept(), h.articles.Heard(), &playbook.Lessons{}, quiet
	return h
}

// begun is the flow that words begin in what is live.
func (h house) begun(t *testing.T, words string) string {
	t.Helper()
	name, revision, err := h.Live(t.Context(), "shop")
	if err != nil {
		t.Fatal(err)
	}
	b, err := h.Book(t.Context(), name, revision)
	if err != nil {
		t.Fatal(err)
	}
	out, err := b.(*playbook.Built).Try(t.Context(), playbook.TryState{}, playbook.TryMessage{Text: words}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range out.Marks {
		if m.Kind == desk.MarkStarted {
			return m.Flow
		}
	}
	return ""
}

func TestVectors_OfTheEndpointDecideWhatWordsCannot(t *testing.T) {
	db := storetest.Open(t, storetest.SQLite(t))
	e := startEndpoint(t)
	var log bytes.Buffer
	h := listening(t, db, e, &log)
	out := h.publish(t, coined())
	if out.Learnt == nil || *out.Learnt != (playbook.Learnt{Vectors: "words-1"}) {
		t.Fatalf("learnt %+v, want by the endpoint's vectors", out.Learnt)
	}
	asked := h.asksMeaning(t)
	if asked == 0 {
		t.Error("the meaning of nothing that words leave unsure was asked")
	}
	before := len(e.Requests())
	if h.asksMeaning(t) != asked || len(e.Requests()) != before {
		t.Errorf("what was said twice was embedded twice")
	}
	for _, r := range e.Requests() {
		if len(r.Input) > 64 {
			t.Errorf("%d texts in one request", len(r.Input))
		}
	}
	if strings.Contains(log.String(), "zemfoth") {
		t.Error("what was said is in the log")
	}
	if listening(t, db, e, nil).asksMeaning(t) != asked { // another node, or after a start
		t.Error("what was stored does not ask the endpoint as it did when it was made")
	}
}

// asksMeaning says what stands in no example, of which each word is known to the
// endpoint alone, and counts how often its meaning was asked; then it must be
// understood.
func (h house) asksMeaning(t *testing.T) (asked int) {
	t.Helper()
	saved, err := h.db.Playbooks().Model(t.Context(), "shop", 1)
	if err != nil {
		t.Fatal(err)
	}
	trained, err := nlu.LoadTrained(saved)
	if err != nil {
		t.Fatal(err)
	}
	model := trained.Model.With(h.Asked)
	for word, class := range map[string]string{"zemfoth": "flow:book", "chyvagu": "flow:taxi"} {
		for _, frame := range []string{"", "a ", "have ", "like ", "please ", "I would like a ", "please get me a ", "can I have a "} {
			if got := model.Judge(frame + word); got.Meaning {
				asked++
				if got.Ranked[0].Class != class {
					t.Errorf("%q is %s, want %s by its meaning", frame+word, got.Ranked[0].Class, class)
				}
			}
		}
	}
	return asked
}

func TestVectors_WhatWasEmbeddedIsNotEmbeddedAgain(t *testing.T) {
	db := storetest.Open(t, storetest.SQLite(t))
	e := startEndpoint(t)
	h := listening(t, db, e, nil)
	h.publish(t, coined())
	before := len(e.Requests())
	files := coined()
	files["flows/taxi.yaml"] = bytes.Replace(files["flows/taxi.yaml"], []byte("a opteri,"), []byte("a upteri,"), 1)
	h.publish(t, files)
	texts := 0
	for _, r := range e.Requests()[before:] {
		texts += len(r.Input)
	}
	if texts != 1 {
		t.Errorf("%d texts were embedded for one new example", texts)
	}
}

func TestVectors_AnEndpointThatIsDownAtPublishingIsTold(t *testing.T) {
	for name, broken := range map[string]func(*endpoint){
		"unavailable": func(e *endpoint) { e.down.Store(true) },
		"timeout":     func(e *endpoint) { e.slow.Store(true) },
	} {
		t.Run(name, func(t *testing.T) {
			db := storetest.Open(t, storetest.SQLite(t))
			e := startEndpoint(t)
			broken(e)
			h := listening(t, db, e, nil)
			out := h.publish(t, coined())
			if out.Revision.Number != 1 || out.Learnt == nil || *out.Learnt != (playbook.Learnt{Vectors: (kb.BuiltIn{}).Model(), Missed: "words-1", Why: name}) {
				t.Fatalf("got revision %d, learnt %+v", out.Revision.Number, out.Learnt)
			}
			if again := h.publish(t, coined()); !again.Unchanged || again.Learnt == nil || again.Learnt.Missed != "words-1" {
				t.Errorf("published again while it is down: %+v", again.Learnt)
			}
			// It is back: the same files are trained again, and no revision is made.
			e.down.Store(false)
			e.slow.Store(false)
			again := h.publish(t, coined())
			if again.Revision.Number != 1 || !again.Unchanged || again.Learnt == nil || again.Learnt.Vectors != "words-1" || again.Learnt.Missed != "" {
				t.Fatalf("published again: revision %d, learnt %+v", again.Revision.Number, again.Learnt)
			}
			if third := h.publish(t, coined()); third.Learnt != nil || !third.Unchanged {
				t.Errorf("a third time it was trained: %+v", third.Learnt)
			}
		})
	}
}

func TestVectors_WithoutTheEndpointWordsAnswerInTime(t *testing.T) {
	db := storetest.Open(t, storetest.SQLite(t))
	e := startEndpoint(t)
	h := listening(t, db, e, nil)
	files := coined()
	files["flows/book.yaml"] = bytes.Replace(files["flows/book.yaml"], []byte("en: ["), []byte("en: [book a table please, reserve a table, a table for two, I need a table, "), 1)
	h.publish(t, files)
	for name, change := range map[string]func(){
		"down":             func() { e.down.Store(true) },
		"slow":             func() { e.down.Store(false); e.slow.Store(true) },
		"other dimensions": func() { e.down.Store(false); e.slow.Store(false); e.dims.Store(32) },
	} {
		change()
		fresh := listening(t, db, e, nil)
		if got := fresh.begun(t, "book a table please"); got != "book" {
			t.Errorf("%s: words that were learnt begin %q", name, got)
		}
		if got := fresh.begun(t, "can I have a chyvagu"); got != "" {
			t.Errorf("%s: what only vectors know begins %q", name, got)
		}
		began := time.Now()
		for range 20 { // after three failures nobody waits any more
			fresh.begun(t, "I would like a zemfoth")
		}
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("%s: twenty utterances took %v", name, took)
		}
	}
}

func TestVectors_OfAModelThatIsGoneAreLearntAnew(t *testing.T) {
	db := storetest.Open(t, storetest.SQLite(t))
	e := startEndpoint(t)
	listening(t, db, e, nil).publish(t, coined())
	h := open(t, db) // no endpoint is configured any more
	b, err := h.Book(context.Background(), "shop", 1)
	if err != nil {
		t.Fatal(err)
	}
	if got := b.(*playbook.Built).Learnt.Vectors; got != (kb.BuiltIn{}).Model() {
		t.Errorf("it understands by %q", got)
	}
}
