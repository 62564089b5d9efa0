package llm_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/parleyhq/parley/internal/llm"
	"github.com/parleyhq/parley/internal/llm/llmtest"
)

const secretKey = "sk-do-not-log-this"

func start(t *testing.T, change func(*llm.Config), script ...llmtest.Reply) (*llm.Client, *llmtest.Server, *bytes.Buffer) {
	t.Helper()
	s := llmtest.Start(script...)
	t.Cleanup(s.Close)
	var log bytes.Buffer
	cfg := llm.Config{URL: s.URL, Key: secretKey, Model: "m", EmbedModel: "e", Timeout: 2 * time.Second, Backoff: time.Millisecond,
		Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	if change != nil {
		change(&cfg)
	}
	c, err := llm.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c, s, &log
}

var question = llm.Request{Messages: []llm.Message{{Role: llm.User, Content: "my private words"}}}

func TestChat_AnswersAndSendsTheKey(t *testing.T) {
	c, s, _ := start(t, nil, llmtest.Reply{Text: "hello"})
	got, err := c.Chat(context.Background(), question)
	if err != nil || got.Text != "hello" || got.Usage.Total() == 0 {
		t.Fatalf("got %+v, %v", got, err)
	}
	if r := s.Requests()[0]; r.Key != secretKey || r.Model != "m" || r.Last() != "my private words" {
		t.Errorf("the server got %+v", r)
	}
}

func TestChat_Failures(t *testing.T) {
	for name, c := range map[string]struct {
		script []llmtest.Reply
		kind   llm.ErrorKind // empty: it succeeds
		calls  int
	}{
		"a limit passes":            {[]llmtest.Reply{{Status: 429}, {Text: "hello"}}, "", 2},
		"a broken server recovers":  {[]llmtest.Reply{{Status: 503}, {Text: "hello"}}, "", 2},
		"a slow answer, then none":  {[]llmtest.Reply{{After: time.Minute}, {After: time.Minute}}, llm.TimedOut, 2},
		"limited for good":          {[]llmtest.Reply{{Status: 429}, {Status: 429}}, llm.Limited, 2},
		"broken for good":           {[]llmtest.Reply{{Status: 500}, {Status: 502}}, llm.Down, 2},
		"a bad key is not repeated": {[]llmtest.Reply{{Status: 401}}, llm.Rejected, 1},
		"a refusal":                 {[]llmtest.Reply{{Refusal: "no"}}, llm.Refused, 1},
		"cut short":                 {[]llmtest.Reply{{Text: "hel", CutShort: true}}, llm.BadAnswer, 1},
		"empty":                     {[]llmtest.Reply{{Text: ""}}, llm.BadAnswer, 1},
		"no JSON at all":            {[]llmtest.Reply{{Raw: "<html>"}}, llm.BadAnswer, 1},
		"no choices":                {[]llmtest.Reply{{Raw: `{"choices":[]}`}}, llm.BadAnswer, 1},
	} {
		t.Run(name, func(t *testing.T) {
			client, s, log := start(t, func(cfg *llm.Config) { cfg.Timeout = 100 * time.Millisecond }, c.script...)
			got, err := client.Chat(context.Background(), question)
			var e *llm.Error
			switch {
			case c.kind == "" && (err != nil || got.Text != "hello"):
				t.Errorf("got %+v, %v", got, err)
			case c.kind != "" && (!errors.As(err, &e) || e.Kind != c.kind):
				t.Errorf("got %v, want %s", err, c.kind)
			}
			if n := len(s.Requests()); n != c.calls {
				t.Errorf("%d calls, want %d", n, c.calls)
			}
			for _, private := range []string{secretKey, "private words"} {
				if strings.Contains(log.String(), private) || strings.Contains(fmt.Sprint(err), private) {
					t.Errorf("%q leaked: %s %v", private, log, err)
				}
			}
		})
	}
}

func TestChat_SchemaIsSentAndTheAnswerIsJSON(t *testing.T) {
	schema := json.RawMessage(`{"type":"object","additionalProperties":false,"required":["a"],"properties":{"a":{"type":"string"}}}`)
	c, s, _ := start(t, nil, llmtest.JSON(map[string]string{"a": "b"}), llmtest.Reply{Text: "not json"})
	r := question
	r.Schema, r.Name = schema, "answer"
	got, err := c.Chat(context.Background(), r)
	if err != nil || got.Text != `{"a":"b"}` || string(s.Requests()[0].Schema) == "" {
		t.Fatalf("got %+v, %v", got, err)
	}
	var e *llm.Error
	if _, err = c.Chat(context.Background(), r); !errors.As(err, &e) || e.Kind != llm.BadAnswer {
		t.Errorf("text for JSON: got %v", err)
	}
	r.Schema = json.RawMessage(`{"type":"object","properties":{"a":{"type":"string"}}}`)
	if _, err = c.Chat(context.Background(), r); !errors.As(err, &e) || e.Kind != llm.Rejected {
		t.Errorf("an open schema: got %v, want it rejected as the real endpoints do", err)
	}
}

func TestChat_StopsWhenTheBudgetIsSpent(t *testing.T) {
	c, s, _ := start(t, nil)
	all := llm.NewBudgets(1200)
	r := question
	r.MaxTokens, r.Budget = 500, all.For("c1")
	n := 0
	for ; n < 500; n++ {
		if _, err := c.Chat(context.Background(), r); err != nil {
			var e *llm.Error
			if !errors.As(err, &e) || e.Kind != llm.OverBudget {
				t.Fatal(err)
			}
			break
		}
	}
	if n == 0 || n == 500 || len(s.Requests()) != n {
		t.Errorf("%d calls went through, %d arrived", n, len(s.Requests()))
	}
	if all.For("c1").Left() >= 1200 || all.For("c2").Left() != 1200 {
		t.Errorf("left %d and %d", all.For("c1").Left(), all.For("c2").Left())
	}
}

func TestChat_EndsWithItsContext(t *testing.T) {
	c, _, _ := start(t, nil, llmtest.Reply{After: time.Minute})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { _, err := c.Chat(ctx, question); done <- err }()
	cancel()
	select {
	case err := <-done:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("it goes on")
	}
}

func TestEmbed_BatchesInOrder(t *testing.T) {
	c, s, _ := start(t, func(cfg *llm.Config) { cfg.Dimensions = 32 })
	texts := make([]string, 150)
	for i := range texts {
		texts[i] = fmt.Sprintf("text number %d", i)
	}
	texts[7] = ""
	got, err := c.Embed(context.Background(), texts)
	if err != nil || len(got) != 150 || len(s.Requests()) != 3 {
		t.Fatalf("%d vectors, %d requests, %v", len(got), len(s.Requests()), err)
	}
	want := llmtest.Vector("text number 149", 32)
	for i := range want {
		if got[149][i] != want[i] {
			t.Fatalf("the last vector is not that of the last text")
		}
	}
}

func TestEmbed_ABadAnswerGivesNothing(t *testing.T) {
	for name, raw := range map[string]string{
		"one is missing": `{"data":[{"index":0,"embedding":[1,2]}]}`,
		"twice the same": `{"data":[{"index":0,"embedding":[1,2]},{"index":0,"embedding":[1,2]}]}`,
		"two lengths":    `{"data":[{"index":0,"embedding":[1,2]},{"index":1,"embedding":[1]}]}`,
		"out of range":   `{"data":[{"index":0,"embedding":[1,2]},{"index":9,"embedding":[1,2]}]}`,
	} {
		c, _, _ := start(t, nil, llmtest.Reply{Raw: raw})
		var e *llm.Error
		if got, err := c.Embed(context.Background(), []string{"a", "b"}); !errors.As(err, &e) || e.Kind != llm.BadAnswer || got != nil {
			t.Errorf("%s: got %v, %v", name, got, err)
		}
	}
}

func TestNew_RefusesWhatCannotWork(t *testing.T) {
	for _, cfg := range []llm.Config{{}, {URL: "host/v1", Model: "m"}, {URL: "ftp://host", Model: "m"}, {URL: "http://host/v1"}} {
		if _, err := llm.New(cfg); err == nil {
			t.Errorf("took %+v", cfg)
		}
	}
	c, err := llm.New(llm.Config{URL: "http://host/v1", EmbedModel: "e"})
	if err != nil {
		t.Fatal(err)
	}
	var e *llm.Error
	if _, err := c.Chat(context.Background(), question); !errors.As(err, &e) || e.Kind != llm.NotConfigured {
		t.Errorf("got %v", err)
	}
}
