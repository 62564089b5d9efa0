package evals_test

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"flag"
	"iter"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/evals"
)

var update = flag.Bool("update", false, "write the golden files anew")

// toy is a book of one responder that does what its script has for the words,
// so that a test knows every step and mark.
type toy map[string][]desk.Step

func (toy) For(desk.Target) (string, error)            { return "toy", nil }
func (b toy) Responder(string) (desk.Responder, error) { return b, nil }
func (toy) Start() desk.Target                         { return "menu:main" }
func text(s string) desk.Content                       { return desk.Content{Text: s} }
func said(s string, more ...desk.Step) []desk.Step     { return append(more, desk.Say{Content: text(s)}) }
func mark(kind desk.MarkKind, m desk.Mark) desk.Mark   { m.Kind = kind; return m }
func (b toy) Respond(ctx context.Context, t desk.Turn) iter.Seq2[desk.Step, error] {
	key := "enter"
	switch {
	case t.Enter != "":
	case t.Result != nil && t.Result.OK:
		key = "result " + string(t.Result.Data)
	case t.Result != nil:
		key = "error " + t.Result.Error
	case t.Message != nil && t.Message.Content.Picked != nil:
		key = "picked " + t.Message.Content.Picked.Value + string(t.Message.Content.Picked.Target)
	case t.Message != nil && t.Message.Content.Command != "":
		key = "command " + string(t.Message.Content.Command)
	case t.Message != nil:
		key = t.Message.Content.Text
		if t.Secret != "" {
			key = "secret"
		}
	}
	return func(yield func(desk.Step, error) bool) {
		if key == "panic" {
			panic("out of order")
		}
		if key == "forever" {
			<-ctx.Done()
			yield(nil, ctx.Err())
			return
		}
		for _, s := range b[key] {
			if d, ok := s.(desk.Do); ok && t.Secret != "" {
				d.Args = map[string]string{"card": t.Secret}
				s = d
			}
			if !yield(s, nil) {
				return
			}
		}
	}
}

func shop() toy {
	offer := desk.Content{Text: "No foam. What else?", Input: &desk.Input{Slot: "drink", Type: desk.SlotChoice}, Options: []desk.Option{
		{ID: "1", Key: "1", Label: "Latte", Pick: desk.Pick{Verb: desk.PickAnswer, Slot: "drink", Value: "latte"}},
		{ID: "2", Label: "Main menu", Pick: desk.Pick{Verb: desk.PickGo, Target: "menu:main"}}}}
	return toy{
		"enter": {mark(desk.MarkMenu, desk.Mark{Value: "main"}), desk.Say{Content: desk.Content{Text: "Welcome", Menu: "main"}}},
		"cappuccino": {mark(desk.MarkStarted, desk.Mark{Flow: "order"}), mark(desk.MarkSet, desk.Mark{Flow: "order", Slot: "size", Value: "large"}),
			mark(desk.MarkRefused, desk.Mark{Flow: "order", Slot: "drink", Value: "cappuccino"}),
			mark(desk.MarkOffered, desk.Mark{Flow: "order", Slot: "drink", Data: map[string]string{"options": "latte, americano"}}), desk.Ask{Content: offer}},
		"picked latte": {mark(desk.MarkSet, desk.Mark{Flow: "order", Slot: "drink", Value: "latte"}), mark(desk.MarkConfirm, desk.Mark{Flow: "order"}),
			desk.Ask{Content: desk.Content{Text: "Right?", Card: &desk.Card{Title: "Order", Lines: []desk.CardLine{{Label: "Size", Value: "large"}}}}}},
		"yes":                     {mark(desk.MarkCalled, desk.Mark{Flow: "order", Value: "place_order"}), desk.Do{ID: "1", Tool: "place_order", Args: map[string]string{"drink": "latte", "size": "large"}}},
		`result {"number":"A17"}`: said("Order A17 is on its way", mark(desk.MarkCompleted, desk.Mark{Flow: "order"})),
		`result {"number":"A18"}`: said("Order A18 is on its way", mark(desk.MarkCompleted, desk.Mark{Flow: "order"})),
		"error unavailable":       said("The kitchen is closed"),
		"hours":                   said("Nine to six", mark(desk.MarkAnswered, desk.Mark{Value: "opening-hours"})),
		"qwerty":                  said("I can take orders", mark(desk.MarkSteered, desk.Mark{})),
		"person":                  {desk.HandOff{Queue: "support", Say: text("A colleague comes")}},
		"command human":           {desk.HandOff{Queue: "support", Say: text("A colleague comes")}},
		"bye":                     said("Bye", desk.Close{Reason: "done"})[0:1],
		"card":                    {desk.Ask{Content: desk.Content{Text: "Your card?", Input: &desk.Input{Slot: "card", Type: desk.SlotText, Sensitive: true}}}},
		"secret":                  {desk.Do{ID: "2", Tool: "charge"}},
		"stop":                    said("Gone", mark(desk.MarkCancelled, desk.Mark{Flow: "order"})),
		"pay":                     {desk.Do{ID: "3", Tool: "nobody"}},
		"你好":                      said("您好"),
	}
}

func parse(t *testing.T, file string) evals.Suite {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	s, err := evals.ParseSuite(file, data)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func run(t *testing.T, o evals.Options) evals.Report {
	t.Helper()
	if o.Book == nil {
		o.Book = shop()
	}
	r, err := evals.Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRun_EveryExpectationCanHold(t *testing.T) {
	r := run(t, evals.Options{Suites: []evals.Suite{parse(t, "holds.yaml")}})
	if !r.OK() || r.Cases < 8 {
		var b bytes.Buffer
		_ = r.WriteTable(&b, desk.English)
		t.Error(b.String())
	}
}

// TestRun_EveryExpectationCanFail plays cases of which each must fail, for the
// reason that its name gives.
func TestRun_EveryExpectationCanFail(t *testing.T) {
	s := parse(t, "fails.yaml")
	r := run(t, evals.Options{Suites: []evals.Suite{s}})
	for _, c := range r.Suites[0].Cases {
		if c.Passed() {
			t.Errorf("%s: passed", c.Name)
		} else if c.Why() != c.Name {
			t.Errorf("got  %s\nwant %s", c.Why(), c.Name)
		}
	}
	if r.OK() || r.Failed != r.Cases || r.Cases < 20 {
		t.Errorf("%d of %d failed", r.Failed, r.Cases)
	}
}

// TestReport_Golden compares the written reports with what was looked at once.
func TestReport_Golden(t *testing.T) {
	r := run(t, evals.Options{Suites: []evals.Suite{parse(t, "mixed.yaml")}, Playbook: "toy", Revision: 3, Repeat: 2})
	r.StartedAt, r.Took = time.Date(2026, 1, 5, 1, 0, 0, 0, time.UTC), 1500*time.Millisecond
	for i := range r.Suites {
		r.Suites[i].Took = 20 * time.Millisecond
		for j := range r.Suites[i].Cases {
			r.Suites[i].Cases[j].Took = 10 * time.Millisecond
		}
	}
	for name, write := range map[string]func(*bytes.Buffer) error{
		"report.json":    func(b *bytes.Buffer) error { return r.WriteJSON(b) },
		"report.xml":     func(b *bytes.Buffer) error { return r.WriteJUnit(b) },
		"report.html":    func(b *bytes.Buffer) error { return r.WriteHTML(b, desk.English) },
		"report.zh.html": func(b *bytes.Buffer) error { return r.WriteHTML(b, desk.Chinese) },
		"report.txt":     func(b *bytes.Buffer) error { return r.WriteTable(b, desk.English) },
		"report.zh.txt":  func(b *bytes.Buffer) error { return r.WriteTable(b, desk.Chinese) },
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join("testdata", "golden", name)
		if *update {
			if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(b.Bytes(), want) {
			t.Errorf("%s differs from %s; look at it, then run the test with -update:\n%s", name, file, b.String())
		}
	}
}

func TestReport_IsSafeAndWellFormed(t *testing.T) {
	evil := `<script>alert(1)</script>` + "\x01\xff"
	b := toy{"enter": said(evil), evil: said(evil)}
	s := evals.Suite{Name: evil, File: evil, Cases: []evals.Case{{Name: evil, Lang: desk.English, Open: true, Turns: []evals.Step{{User: evil, Expect: evals.Expect{Said: []string{"never said"}}}}}}}
	r := run(t, evals.Options{Suites: []evals.Suite{s}, Book: b, Playbook: evil})
	var html, junit, js bytes.Buffer
	if r.WriteHTML(&html, desk.English) != nil || r.WriteJUnit(&junit) != nil || r.WriteJSON(&js) != nil {
		t.Fatal("it does not write")
	}
	if strings.Contains(html.String(), "<script") || regexp.MustCompile(`(?:src|href|url\()`).MatchString(html.String()) {
		t.Error("the page runs or loads something")
	}
	var any struct{ XMLName xml.Name }
	if err := xml.Unmarshal(junit.Bytes(), &any); err != nil {
		t.Errorf("the XML is broken: %v", err)
	}
	if !json.Valid(js.Bytes()) {
		t.Error("the JSON is broken")
	}
}

func TestRun_SecretsStayOutOfTheReport(t *testing.T) {
	r := run(t, evals.Options{Suites: []evals.Suite{parse(t, "secret.yaml")}})
	if !r.OK() {
		t.Errorf("failed: %s", r.Suites[0].Cases[0].Why())
	}
	var b bytes.Buffer
	if err := r.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "4242424242424242") {
		t.Error("the card's number is in the report")
	}
}

func TestRun_RepeatsGivePassHat(t *testing.T) {
	var n atomic.Int64
	tools := func(_ context.Context, do desk.Do, _ func(string) (string, bool)) desk.Result {
		if n.Add(1)%2 == 0 {
			return desk.Result{ID: do.ID, Tool: do.Tool, Error: "unavailable"}
		}
		return desk.Result{ID: do.ID, Tool: do.Tool, OK: true, Data: json.RawMessage(`{"number":"A17"}`)}
	}
	said := evals.Expect{Said: []string{"A17"}}
	s := evals.Suite{Name: "flaky", Cases: []evals.Case{{Name: "one", Open: true, Lang: desk.English, Turns: []evals.Step{{User: "yes", Expect: said}}}}}
	r := run(t, evals.Options{Suites: []evals.Suite{s}, Repeat: 4, Tools: tools, Parallel: 1})
	c := r.Suites[0].Cases[0]
	if c.Runs != 4 || c.Passes != 2 || c.Passed() || r.Flaky != 1 || r.Failed != 1 {
		t.Errorf("got %d of %d, flaky %d", c.Passes, c.Runs, r.Flaky)
	}
	for i, want := range []float64{0.5, 1.0 / 6, 0, 0} { // C(2,k)/C(4,k)
		if got := r.PassHat[i].Rate; got < want-1e-9 || got > want+1e-9 {
			t.Errorf("pass^%d is %v, want %v", i+1, got, want)
		}
	}
}

func TestRun_ACaseHasALimit(t *testing.T) {
	s := evals.Suite{Name: "slow", Cases: []evals.Case{{Name: "one", Open: true, Turns: []evals.Step{{User: "forever"}}}}}
	r := run(t, evals.Options{Suites: []evals.Suite{s}, Limit: 20 * time.Millisecond})
	if why := r.Suites[0].Cases[0].Why(); !strings.Contains(why, "longer than 20ms") {
		t.Errorf("got %q", why)
	}
}

func TestRun_ReportsProgressAndEndsWithItsContext(t *testing.T) {
	s := parse(t, "holds.yaml")
	var last evals.Progress
	calls := 0
	run(t, evals.Options{Suites: []evals.Suite{s}, Parallel: 3, Progress: func(p evals.Progress) { last = p; calls++ }})
	if last.Done != len(s.Cases) || last.Total != len(s.Cases) || calls != len(s.Cases) {
		t.Errorf("got %+v after %d calls", last, calls)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := evals.Run(ctx, evals.Options{Suites: []evals.Suite{s}, Book: shop()}); err == nil {
		t.Error("it ran although its context had ended")
	}
	if _, err := evals.Run(context.Background(), evals.Options{}); !desk.IsKind(err, desk.Invalid) {
		t.Errorf("nothing to run: got %v", err)
	}
}

func TestParseSuite_SaysWhatIsWrongAndWhere(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "malformed", "*.yaml"))
	if err != nil || len(files) < 8 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		first, _, _ := strings.Cut(string(data), "\n")
		want := strings.TrimPrefix(first, "# ")
		_, err = evals.ParseSuite(filepath.Base(f), data)
		if err == nil || !strings.Contains(err.Error(), want) || !desk.IsKind(err, desk.Invalid) {
			t.Errorf("%s:\n got  %v\n want %s", f, err, want)
		}
	}
}

func FuzzParseSuite(f *testing.F) {
	for _, name := range []string{"holds.yaml", "fails.yaml", "mixed.yaml"} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := evals.ParseSuite("x.yaml", data)
		if err == nil && (len(s.Cases) == 0 || s.Name == "") {
			t.Errorf("took a suite with nothing in it")
		}
	})
}
