package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/evals"
	"github.com/parleyhq/parley/internal/llm/llmtest"
	"github.com/parleyhq/parley/playbook"
)

// tiny is a playbook's folder with one suite.
func tiny(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"playbook.yaml":   "version: 1\nplaybook: tiny\ntitle: Tiny\nstart: menu:main\nhuman: queue:support\n",
		"queues.yaml":     "version: 1\nqueues: [{name: support, title: Care}]\n",
		"menus/main.yaml": "version: 1\nmenu: main\nprompt: What now?\nchoices: [{label: A person, go: queue:support}]\n",
		"tests/one.yaml":  "version: 1\nsuite: one\ncases:\n  - {name: tapped, turns: [{tap: 'queue:support', expect: {handed_over: support}}], judge: It is kind}\n  - {name: said, customer: {goal: {queue: support}}}\n",
	} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func evalRun(t *testing.T, c evalRunCmd, cfg Config) (string, error) {
	t.Helper()
	var out bytes.Buffer
	c.Repeat, c.Parallel, c.Lang = 1, max(c.Parallel, 1), desk.English
	err := c.Run(&session{ctx: t.Context(), cfg: cfg, out: &out})
	return out.String(), err
}

func TestEvalRun_GoesOnFromItsFile(t *testing.T) {
	dir, kept := tiny(t), filepath.Join(t.TempDir(), "kept")
	report := filepath.Join(t.TempDir(), "r.json")
	if out, err := evalRun(t, evalRunCmd{Path: dir, Resume: kept, JSON: report}, Config{}); err != nil || !strings.Contains(out, "2/2") {
		t.Fatalf("%v\n%s", err, out)
	}
	if _, err := os.Stat(kept); !os.IsNotExist(err) {
		t.Errorf("the file of a run that ended is still there: %v", err)
	}
	r, err := evals.ReadReport(report)
	if err != nil {
		t.Fatal(err)
	}
	p, err := playbook.Read(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	failed := r.Suites[0].Cases[0]
	failed.Passes = 0
	head, _ := json.Marshal(keptHead{p.Name, p.Files.Digest(), ""})
	line, _ := json.Marshal(failed)
	if err := os.WriteFile(kept, []byte(string(head)+"\n"+string(line)+"\n{\"cut o"), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := evalRun(t, evalRunCmd{Path: dir, Resume: kept, Against: report}, Config{})
	if !desk.IsKind(err, desk.Conflict) || !strings.Contains(out, "1/2") || !strings.Contains(out, "+0 -1") {
		t.Errorf("what was kept is played again: %v\n%s", err, out)
	}
	if err := os.WriteFile(kept, []byte(`{"playbook":"tiny","digest":"old"}`+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err = evalRun(t, evalRunCmd{Path: dir, Resume: kept}, Config{}); err == nil || !strings.Contains(err.Error(), "another run") {
		t.Errorf("a file of another playbook: %v", err)
	}
}

func TestEvalRun_RecordsAndReplays(t *testing.T) {
	dir, tape := tiny(t), filepath.Join(t.TempDir(), "tape.jsonl")
	srv := llmtest.Start()
	defer srv.Close()
	srv.Answer(func(r llmtest.Request) llmtest.Reply {
		if strings.Contains(r.Messages[0].Content, "You check") {
			return llmtest.JSON(map[string]any{"why": "it is", "holds": true})
		}
		return llmtest.Reply{Status: http.StatusBadRequest}
	})
	var cfg Config
	cfg.LLM.URL, cfg.LLM.Model, cfg.LLM.Timeout = srv.URL, "m", duration(5*time.Second)
	out, err := evalRun(t, evalRunCmd{Path: dir, Record: tape}, cfg)
	if err != nil || !strings.Contains(out, "2/2") || !strings.Contains(out, "tokens") {
		t.Fatalf("%v\n%s", err, out)
	}
	asked := len(srv.Requests())
	cfg.LLM.URL = ""
	if out, err = evalRun(t, evalRunCmd{Path: dir, Replay: tape}, cfg); err != nil || len(srv.Requests()) != asked || asked == 0 {
		t.Errorf("%d requests, then %d: %v\n%s", asked, len(srv.Requests()), err, out)
	}
	if err := os.WriteFile(tape, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err = evalRun(t, evalRunCmd{Path: dir, Replay: tape}, cfg); err == nil || !strings.Contains(out, "no answer to request") {
		t.Errorf("an empty recording: %v\n%s", err, out)
	}
	for _, c := range []evalRunCmd{{Path: dir, Model: true, Replay: tape}, {Path: dir, Model: true}} {
		if _, err := evalRun(t, c, Config{}); !desk.IsKind(err, desk.Invalid) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
