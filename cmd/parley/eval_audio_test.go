package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/parleyhq/parley/evals"
	"github.com/parleyhq/parley/internal/llm/llmtest"
)

// spokenSuite is one dialogue with words, an option and digits.
const spokenSuite = `version: 1
suite: spoken
tools: {place_order: {answer: {order: {number: A1042}}}}
cases:
  - name: ordered
    as: [text, audio]
    turns:
      - user: a large latte to 5 Elm Street please
        expect: {flow: order_coffee, slots: {drink: latte, size: large, address: 5 Elm Street}, asking: payment}
      - tap: cash
        expect: {confirming: true}
      - tap: confirm
        expect: {called: {place_order: {drink: latte, size: large, payment: cash}}, completed: order_coffee, said: A1042}
  - name: a person
    as: [text, audio]
    turns:
      - user: I want to talk to a person
        expect: {handed_over: support, status: waiting}
  - name: in Chinese
    lang: zh
    as: [text, audio]
    turns:
      - user: 我想点一杯大杯拿铁
        expect: {flow: order_coffee, slots: {drink: latte, size: large}}
`

// coffee is the folder of that playbook with one suite.
func coffee(t *testing.T, suite string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../../playbooks/coffee")); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(dir, "tests")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "tests"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "tests", "spoken.yaml"), []byte(suite), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

// transcriber is a speech engine that understands the words in order, and what it
// is set in the configuration by.
func transcriber(t *testing.T, words ...string) (*llmtest.Server, Config) {
	t.Helper()
	ear := llmtest.Start()
	t.Cleanup(ear.Close)
	next := make(chan string, len(words))
	for _, w := range words {
		next <- w
	}
	ear.Answer(func(r llmtest.Request) llmtest.Reply {
		select {
		case w := <-next:
			return llmtest.Reply{Text: w}
		default:
			return llmtest.Reply{Status: 500}
		}
	})
	var cfg Config
	cfg.Voice = voiceDefaults()
	cfg.Voice.Speech.URL, cfg.Voice.Speech.Hear = ear.URL, "whisper"
	return ear, cfg
}

func TestEvalRun_TheSameCasesAsTextAndAsCalls(t *testing.T) {
	before := runtime.NumGoroutine()
	ear, cfg := transcriber(t, "A large latte to 5 Elm Street, please.", "I want to talk to a person.", "我想点一杯大杯拿铁。")
	file := filepath.Join(t.TempDir(), "r.json")
	out, err := evalRun(t, evalRunCmd{Path: coffee(t, spokenSuite), JSON: file, Parallel: 1}, cfg)
	t.Log(out)
	if err != nil {
		t.Fatal(err)
	}
	r, err := evals.ReadReport(file)
	if err != nil {
		t.Fatal(err)
	}
	if r.Passed != 6 || len(r.Modes) != 2 || r.Modes[1].Mode != evals.AsAudio || r.Modes[1].Passed != 3 {
		t.Errorf("got %+v", r.Modes)
	}
	call := r.Suites[0].Cases[1]
	if call.Playing.Turns[1].Heard == "" || call.Cost.Calls != 1 || call.Took == 0 {
		t.Errorf("the call shows too little: %+v", call)
	}
	for _, q := range ear.Requests() {
		if len(q.Audio) < 16000 {
			t.Errorf("the engine was given %d bytes of sound", len(q.Audio))
		}
	}
	ear.Close()
	eventually(t, 30*time.Second, "what the calls began has ended", func() bool { return runtime.NumGoroutine() <= before+2 })
}

func TestEvalRun_ACallFailsByWhatIsUnderstood(t *testing.T) {
	_, cfg := transcriber(t, "a small americano", "I want to talk to a person", "")
	out, err := evalRun(t, evalRunCmd{Path: coffee(t, spokenSuite), As: []evals.Mode{evals.AsAudio}, Parallel: 1}, cfg)
	if err == nil || !strings.Contains(out, `slots.drink: got "americano", want "latte"`) || !strings.Contains(out, "1/3") {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestEvalRun_ABrokenEngineIsSaid(t *testing.T) {
	_, cfg := transcriber(t)
	out, err := evalRun(t, evalRunCmd{Path: coffee(t, spokenSuite), As: []evals.Mode{evals.AsAudio}, Parallel: 3}, cfg)
	if err == nil || strings.Count(out, "the caller was not understood") != 3 {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestEvalRun_CallsNeedASpeechEngine(t *testing.T) {
	dir := coffee(t, spokenSuite)
	if _, err := evalRun(t, evalRunCmd{Path: dir, As: []evals.Mode{evals.AsAudio}}, Config{}); err == nil || !strings.Contains(err.Error(), "voice.speech.url") || !strings.Contains(err.Error(), "PARLEY_HEAR_MODEL") {
		t.Errorf("got %v", err)
	}
	out, err := evalRun(t, evalRunCmd{Path: dir}, Config{})
	if err != nil || !strings.Contains(out, "3/3") || !strings.Contains(out, "3 not played as calls") || !strings.Contains(out, "voice.speech.url") {
		t.Errorf("%v\n%s", err, out)
	}
	_, cfg := transcriber(t)
	t.Setenv("PATH", t.TempDir())
	if _, err := evalRun(t, evalRunCmd{Path: dir, As: []evals.Mode{evals.AsAudio}}, cfg); err == nil || !strings.Contains(err.Error(), "install espeak-ng") {
		t.Errorf("got %v", err)
	}
}
