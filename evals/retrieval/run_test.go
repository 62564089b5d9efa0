package retrieval

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func file(t *testing.T, lines string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.jsonl")
	if err := os.WriteFile(path, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const shop = `{"id":"hours","question":"When do you open?","answer":"We open at seven and close at nine in the evening."}
{"id":"returns","title":"Returns","content":"Send an unused bag of beans back within thirty days and get the money."}
{"id":"zh","title":"配送范围","content":"我们只配送到市中心五公里以内的地址。"}
`

func TestRun_MeasuresThroughTheIndex(t *testing.T) {
	corpus, err := ReadCorpus(file(t, shop))
	if err != nil {
		t.Fatal(err)
	}
	queries, err := ReadQueries(file(t, `{"id":"1","query":"when do you open","relevant":["hours"]}
{"id":"2","query":"send beans back for the money","relevant":["returns"]}
{"id":"3","query":"配送到哪些地址","relevant":["zh"]}
{"id":"4","query":"submarine insurance premium","relevant":[]}
{"id":"5","turns":[["U","hi"],["S","hello"],["U","send beans back"]],"needs_knowledge":false}
{"id":"6","query":"","relevant":["zh"]}
`), corpus)
	if err != nil {
		t.Fatal(err)
	}
	steps := map[string]int{}
	r, err := Run(context.Background(), Options{Corpus: corpus, Queries: queries, Progress: func(phase string, _, _ int) { steps[phase]++ }})
	if err != nil {
		t.Fatal(err)
	}
	if r.Sets["answerable"] != 4 || r.Sets["unanswerable"] != 2 || steps["asking"] != 6 || steps["reading the corpus"] != 1 {
		t.Errorf("sets %v in %v steps", r.Sets, steps)
	}
	if got := r.Metrics["hit_at_1"]; got != 0.75 {
		t.Errorf("hit@1 %.2f, want 0.75: the empty question finds nothing", got)
	}
	for _, name := range []string{"hit_at_3", "hit_at_5", "hit_at_10", "mrr_at_10", "ndcg_at_10", "p50_us", "p99_us", "auroc", "wrong_at_90_kept"} {
		if _, ok := r.Metrics[name]; !ok {
			t.Errorf("no %s in %v", name, r.Metrics)
		}
	}
}

func TestRun_WhatWasAskedBeforeHelps(t *testing.T) {
	corpus, err := ReadCorpus(file(t, shop))
	if err != nil {
		t.Fatal(err)
	}
	read := func(lines string) []Query {
		q, err := ReadQueries(file(t, lines), corpus)
		if err != nil {
			t.Fatal(err)
		}
		return q
	}
	queries := read(`{"id":"1","query":"are tardy guests admitted","relevant":["hours"]}`)
	train := read(`{"id":"t","query":"is admission possible for tardy people","relevant":["hours"]}`)
	without, err := Run(context.Background(), Options{Corpus: corpus, Queries: queries})
	if err != nil {
		t.Fatal(err)
	}
	with, err := Run(context.Background(), Options{Corpus: corpus, Queries: queries, Train: train})
	if err != nil {
		t.Fatal(err)
	}
	if without.Metrics["hit_at_1"] != 0 || with.Metrics["hit_at_1"] != 1 {
		t.Errorf("hit@1 without %v, with %v", without.Metrics["hit_at_1"], with.Metrics["hit_at_1"])
	}
}

// What is left out of the index for one question is back for the next, and is
// never answered from meanwhile.
func TestRun_LeavesOutWhatAnswers(t *testing.T) {
	corpus, err := ReadCorpus(file(t, shop))
	if err != nil {
		t.Fatal(err)
	}
	text := "when do you open"
	m, err := newMeasurement(t.Context(), Options{Corpus: corpus})
	if err != nil {
		t.Fatal(err)
	}
	q := Query{ID: "x", Query: &text, Relevant: []string{"hours"}}
	tally := &tally{}
	for range 2 {
		if err := m.leaveOut(context.Background(), q, q.question(), tally); err != nil {
			t.Fatal(err)
		}
	}
	if tally.ranks[0] != 1 || tally.ranks[1] != 1 {
		t.Errorf("ranks %v, want 1 both times", tally.ranks)
	}
	if tally.none[0] > 0.5 {
		t.Errorf("confidence %.2f with the answer left out", tally.none[0])
	}
}

func TestRead_FaultsNameFileAndLine(t *testing.T) {
	corpus, err := ReadCorpus(file(t, shop))
	if err != nil {
		t.Fatal(err)
	}
	for lines, want := range map[string]string{
		`{"title":"x"}`:                              "x.jsonl:1: the document has no id",
		"{\"id\":\"a\",\"title\":\"x\"}\n{nope":      "x.jsonl:2: want one JSON object a line",
		`{"id":"a"}`:                                 "x.jsonl:1: the document says nothing",
		"\n" + `{"id":"a","title":"x","lang":"tlh"}`: "x.jsonl:2: unknown lang",
		"{\"id\":\"a\",\"title\":\"x\"}\n{\"id\":\"a\",\"title\":\"y\"}": "x.jsonl:2: the id \"a\" is on line 1",
		"": "has no lines",
	} {
		if _, err := ReadCorpus(file(t, lines)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", lines, err, want)
		}
	}
	for lines, want := range map[string]string{
		`{"id":"a","relevant":["hours"]}`:            "x.jsonl:1: nothing is asked",
		`{"id":"a","query":"x","relevant":["mars"]}`: `x.jsonl:1: relevant names "mars"`,
		`{"id":"a","query":["x"],"relevant":["zh"]}`: "x.jsonl:1: want one JSON object a line",
		`{"id":"a","query":"x","lang":"xx"}`:         "x.jsonl:1: unknown lang",
		`{"id":"a","turns":[],"relevant":["hours"]}`: "x.jsonl:1: nothing is asked",
	} {
		if _, err := ReadQueries(file(t, lines), corpus); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", lines, err, want)
		}
	}
	if _, err := ReadCorpus("no/such/file"); err == nil {
		t.Error("a file that is not there was read")
	}
}
