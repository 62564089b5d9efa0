package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parleyhq/parley/desk"
)

// evalDialogue replays n times the dialogue of the fixture, split.
func evalDialogue(t *testing.T, n int) ([]byte, error) {
	t.Helper()
	fixtures := filepath.Join("..", "..", "evals", "dialogues", "testdata")
	one, err := os.ReadFile(filepath.Join(fixtures, "woz2.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(t.TempDir(), "x.jsonl")
	if err := os.WriteFile(data, bytes.Repeat(one, n), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	c := evalDialogueCmd{Data: data, Ontology: filepath.Join(fixtures, "woz2.json"), Split: true, JSON: true}
	err = c.Run(&session{ctx: t.Context(), out: &out})
	return out.Bytes(), err
}

func TestEvalDialogue_SplitReplaysTheLastThird(t *testing.T) {
	out, err := evalDialogue(t, 6)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Command  string             `json:"command"`
		Metrics  map[string]float64 `json:"metrics"`
		Settings map[string]any     `json:"settings"`
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("it prints more than one JSON object: %v\n%s", err, out)
	}
	if got.Command != "dialogue" || got.Metrics["joint_goal"] != 1 || got.Settings["trained_dialogues"] != 4.0 || got.Metrics["dialogues"] != 2 {
		t.Errorf("got %s; want four of six dialogues learned from, and the goals of the others met", out)
	}
}

func TestEvalDialogue_TooFewToSplit(t *testing.T) {
	out, err := evalDialogue(t, 2)
	if desk.KindOf(err) != desk.Invalid || !strings.Contains(err.Error(), "x.jsonl: to be split it needs three dialogues") {
		t.Errorf("got %v, want an invalid error that names the file", err)
	}
	if len(out) > 0 {
		t.Errorf("printed %s", out)
	}
}
