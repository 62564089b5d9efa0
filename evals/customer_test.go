package evals_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/evals"
	"github.com/parleyhq/parley/internal/llm"
	"github.com/parleyhq/parley/internal/llm/llmtest"
	"github.com/parleyhq/parley/playbook"
)

func coffee(t *testing.T) *playbook.Built {
	t.Helper()
	p, err := playbook.Read(os.DirFS(filepath.Join("..", "playbooks", "coffee")))
	if err != nil {
		t.Fatal(err)
	}
	b, err := p.Build(context.Background(), playbook.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func suite(t *testing.T, text string) evals.Suite {
	t.Helper()
	s, err := evals.ParseSuite("x.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const orders = `
version: 1
suite: simulated
tools:
  place_order: {answer: {order: {number: A1042, total: 34, eta_minutes: 30}}}
cases:
`

func TestCustomer_EveryStyleReachesItsGoalInEveryMode(t *testing.T) {
	b := coffee(t)
	var y strings.Builder
	y.WriteString(orders)
	for _, lang := range []string{"en", "zh"} {
		address := map[string]string{"en": "5 Elm Street", "zh": "人民路12号"}[lang]
		for _, style := range []string{"[terse]", "[chatty]", "[all_at_once]", "[changes_mind]", "[digresses]", "[typos]", "[chatty, digresses, typos, changes_mind]"} {
			fmt.Fprintf(&y, "  - {name: '%s %s', lang: %s, as: [text, taps, keys], customer: {style: %s, goal: {flow: order_coffee, slots: {drink: latte, size: large, address: %s, payment: cash}}}}\n", lang, style, lang, style, address)
		}
	}
	r, err := b.Test(t.Context(), playbook.TestOptions{Suites: []evals.Suite{suite(t, y.String())}, Repeat: 2, Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range r.Suites[0].Cases {
		if !c.Passed() {
			t.Errorf("%s: %d of %d: %s\n%s", c.Title(), c.Passes, c.Runs, c.Why(), c.Transcript())
		}
	}
	if len(r.Modes) != 3 || r.Modes[0].Cases != 14 {
		t.Errorf("by mode: %+v", r.Modes)
	}
	taps := 0
	for _, c := range r.Suites[0].Cases {
		for _, turn := range c.Playing.Turns {
			if turn.Tap != "" && c.Mode != evals.AsTaps {
				t.Errorf("%s taps %s", c.Title(), turn.Tap)
			}
			if turn.Tap != "" {
				taps++
			}
		}
	}
	if taps < 20 {
		t.Errorf("only %d taps", taps)
	}
}

func TestCustomer_TakesWhatThereIsAndAsksAndWantsAPerson(t *testing.T) {
	b := coffee(t)
	s := suite(t, orders+`
  - {name: settles, customer: {goal: {flow: order_coffee, slots: {drink: cappuccino, size: small, address: 5 Elm Street, payment: cash}}}}
  - {name: asks, customer: {goal: {ask: Is delivery free?, article: delivery}}}
  - {name: a person, as: [text, taps], customer: {goal: {queue: support}}}
  - {name: the wrong answer, customer: {patience: 3, goal: {ask: Is delivery free?, article: nowhere}}}
  - {name: expects something else, customer: {goal: {queue: support}}, expect: {handed_over: kitchen}}
`)
	r, err := b.Test(t.Context(), playbook.TestOptions{Suites: []evals.Suite{s}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range r.Suites[0].Cases {
		fails := c.Name == "the wrong answer" || c.Name == "expects something else"
		if c.Passed() == fails {
			t.Errorf("%s: passed %v: %s\n%s", c.Title(), c.Passed(), c.Why(), c.Transcript())
		}
	}
	if why := r.Suites[0].Cases[4].Why(); !strings.Contains(why, "gave up") {
		t.Errorf("got %q", why)
	}
}

func TestCustomer_TheSameSeedSaysTheSame(t *testing.T) {
	b := coffee(t)
	s := suite(t, orders+"  - {name: x, customer: {style: [chatty, changes_mind, typos], goal: {flow: order_coffee, slots: {drink: latte, size: large, address: 5 Elm Street, payment: cash}}}}\n")
	words := func(seed uint64) string {
		r, err := b.Test(t.Context(), playbook.TestOptions{Suites: []evals.Suite{s}, Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		return r.Suites[0].Cases[0].Transcript()
	}
	if a, b := words(1), words(1); a != b {
		t.Errorf("one seed, two dialogues:\n%s\n%s", a, b)
	}
	if words(1) == words(2) && words(1) == words(3) {
		t.Error("three seeds, one dialogue")
	}
}

// scripted is a model that plays the customer and judges.
func scripted(t *testing.T, holds bool) (*llmtest.Server, *llm.Client) {
	t.Helper()
	srv := llmtest.Start()
	t.Cleanup(srv.Close)
	srv.Answer(func(r llmtest.Request) llmtest.Reply {
		last := r.Last()
		switch {
		case strings.Contains(r.Messages[0].Content, "You check"):
			return llmtest.JSON(map[string]any{"why": "because", "holds": holds})
		case strings.Contains(last, "Deliver to"), strings.Contains(last, "Is this right"):
			return llmtest.JSON(map[string]any{"say": "yes", "done": false})
		case strings.Contains(last, "on its way"):
			return llmtest.JSON(map[string]any{"say": "", "done": true})
		}
		return llmtest.JSON(map[string]any{"say": "a large latte to 5 Elm Street, cash", "done": false})
	})
	c, err := llm.New(llm.Config{URL: srv.URL, Model: "m", HTTP: newHTTP(evals.Metered(nil))})
	if err != nil {
		t.Fatal(err)
	}
	return srv, c
}

const byModel = orders + `
  - {name: model, customer: {by: model, persona: in a hurry, goal: {flow: order_coffee, slots: {drink: latte, size: large, address: 5 Elm Street, payment: cash}}}}
  - name: judged
    turns: [{user: a latte please, expect: {flow: order_coffee}}]
    judge: The assistant is polite
  - name: failed before it is judged
    turns: [{user: a latte please, expect: {flow: nothing}}]
    judge: The assistant is polite
`

func TestModel_PlaysTheCustomerAndJudges(t *testing.T) {
	b := coffee(t)
	s := suite(t, byModel)
	for _, holds := range []bool{true, false} {
		srv, c := scripted(t, holds)
		r, err := b.Test(t.Context(), playbook.TestOptions{Suites: []evals.Suite{s}, Chat: c})
		if err != nil {
			t.Fatal(err)
		}
		cases := r.Suites[0].Cases
		if !cases[0].Passed() || cases[0].Cost.Calls < 2 || cases[0].Cost.Prompt == 0 {
			t.Errorf("played by a model: %s %+v\n%s", cases[0].Why(), cases[0].Cost, cases[0].Transcript())
		}
		if cases[1].Passed() != holds || len(cases[1].Playing.Verdicts) != 1 || cases[1].Playing.Verdicts[0].Why != "because" {
			t.Errorf("the judge says %v: %+v", holds, cases[1].Playing)
		}
		if cases[2].Passed() || len(cases[2].Playing.Verdicts) != 0 {
			t.Errorf("a judge was asked about, or saved, a case that fails: %+v", cases[2])
		}
		if len(srv.Requests()) == 0 || r.Cost.Calls != len(srv.Requests()) {
			t.Errorf("%d calls counted, %d made", r.Cost.Calls, len(srv.Requests()))
		}
	}
	r, err := b.Test(t.Context(), playbook.TestOptions{Suites: []evals.Suite{s}})
	if err != nil || r.Skipped != 1 || r.Suites[0].Cases[0].Skipped != "no_model" || !r.Suites[0].Cases[1].Passed() {
		t.Errorf("without a model: %+v %v", r, err)
	}
}

func TestTape_ReplaysWhatItRecorded(t *testing.T) {
	b := coffee(t)
	s := suite(t, byModel)
	srv, _ := scripted(t, true)
	play := func(tape *evals.Tape) evals.Report {
		t.Helper()
		c, err := llm.New(llm.Config{URL: srv.URL, Model: "m", Retries: -1, HTTP: newHTTP(evals.Metered(tape))})
		if err != nil {
			t.Fatal(err)
		}
		r, err := b.Test(t.Context(), playbook.TestOptions{Suites: []evals.Suite{s}, Chat: c, Repeat: 2})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	tape := evals.Record(nil)
	first := play(tape)
	asked := len(srv.Requests())
	var file bytes.Buffer
	if err := tape.Write(&file); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(file.String(), "in a hurry") {
		t.Error("the recording holds what was asked")
	}
	replay, err := evals.Replay(bytes.NewReader(file.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	again := play(replay)
	if len(srv.Requests()) != asked {
		t.Error("a replay asked the model")
	}
	for i, c := range again.Suites[0].Cases {
		if c.Transcript() != first.Suites[0].Cases[i].Transcript() || c.Passes != first.Suites[0].Cases[i].Passes || c.Cost.Prompt != first.Suites[0].Cases[i].Cost.Prompt {
			t.Errorf("%s went another way:\n%s\n%s", c.Name, c.Transcript(), first.Suites[0].Cases[i].Transcript())
		}
	}
	s = suite(t, strings.Replace(byModel, "in a hurry", "has time", 1))
	missing := play(replay).Suites[0].Cases[0]
	if missing.Passed() || !strings.Contains(missing.Why(), "no answer to request") || !strings.Contains(missing.Why(), "--record") {
		t.Errorf("a request that was not recorded: %s", missing.Why())
	}
	if _, err := evals.Replay(strings.NewReader("{}\n")); !desk.IsKind(err, desk.Invalid) {
		t.Errorf("a foreign file: %v", err)
	}
}

func newHTTP(t http.RoundTripper) *http.Client { return &http.Client{Transport: t} }
