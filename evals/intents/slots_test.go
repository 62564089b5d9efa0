package intents_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parleyhq/parley/evals/intents"
)

func writeSet(t *testing.T, lines ...string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "set.jsonl")
	if err := os.WriteFile(name, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// lamps are rows of tokens and tags, of two intents.
func lamps(rooms ...string) []string {
	var out []string
	for _, r := range rooms {
		out = append(out,
			fmt.Sprintf(`{"tokens":["turn","on","the","lamp","in","the",%q,"please"],"tags":["O","O","O","O","O","O","B-room","O"],"intent":"on"}`, r),
			fmt.Sprintf(`{"tokens":["switch","the","light","in","the","big",%q,"off"],"tags":["O","O","O","O","O","B-room","I-room","O"],"intent":"off"}`, r))
	}
	return out
}

func TestValuesAndIntentsOfATestSetAreMeasured(t *testing.T) {
	train := writeSet(t, lamps("kitchen", "hall", "cellar", "attic", "bathroom")...)
	test := writeSet(t, append(lamps("bedroom"), `{"tokens":["turn","the","lamp","on"],"tags":["O","room","room","O"],"intent":"on"}`)...)
	r, err := intents.Slots(context.Background(), intents.Options{Train: []string{train}, Test: []string{test}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	m := r.Metrics
	if m["slot_precision"] != 1 || fmt.Sprintf("%.3f %.3f", m["slot_recall"], m["all_slots_right"]) != "0.667 0.667" || m["accuracy"] < 0.6 {
		t.Errorf("two of three values and rows are right; measured %v", m)
	}
	if r.Sets["train"] != 10 || r.Sets["test"] != 3 || r.Settings["slots"] != 1 {
		t.Errorf("sets %v, settings %v", r.Sets, r.Settings)
	}
}

func TestWithoutATestSetThereIsCrossValidation(t *testing.T) {
	train := writeSet(t, lamps("kitchen", "hall", "cellar", "attic", "bathroom", "garage")...)
	r, err := intents.Slots(context.Background(), intents.Options{Train: []string{train}, Folds: 3}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if r.Settings["measured_on"] != "cross-validation" || r.Metrics["slot_f1"] < 0.9 {
		t.Errorf("measured %v with %v", r.Metrics, r.Settings)
	}
	for _, o := range []intents.Options{
		{Train: []string{train}}, {Train: []string{train}, Folds: 1}, {Train: []string{train}, Folds: 100}, {Train: []string{train}, Test: []string{train}, Folds: 2}, {Folds: 2},
	} {
		if _, err := intents.Slots(context.Background(), o, nil); err == nil {
			t.Errorf("%+v was taken", o)
		}
	}
}

func TestTextsWithMarksAreRead(t *testing.T) {
	for _, line := range []string{
		`{"text":"wake me at five","intent":"alarm","entities":[{"name":"time","value":"five","start":11,"end":15}]}`,
		`{"text":"wake me at five","intents":["alarm"],"slots":{"time":{"text":"five","span":[11,15]}}}`,
		`{"text":"五点叫我","intent":"alarm","slots":[{"name":"time","value":"五点","start":0,"end":2}]}`,
	} {
		name := writeSet(t, line)
		if !intents.HasSlots(name) {
			t.Errorf("no slots are seen in %s", line)
		}
		r, err := intents.Slots(context.Background(), intents.Options{Train: []string{name}, Test: []string{name}}, nil)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if r.Metrics["slot_f1"] != 1 {
			t.Errorf("%s: its own value is not found again: %v", line, r.Metrics)
		}
	}
	if intents.HasSlots(writeSet(t, `{"text":"hello","intent":"greeting"}`), "no/such.jsonl", "a.tsv") {
		t.Error("slots are seen where there are none")
	}
}

func TestABadRowIsNamed(t *testing.T) {
	good := lamps("hall")[0]
	for _, bad := range []string{
		`{`, `{"tokens":["a"],"tags":[]}`, `{"intent":"x"}`, `{"text":"abc","entities":[{"name":"x","start":1,"end":9}]}`,
		`{"text":"abc","entities":[{"name":"x","start":2,"end":1}]}`, `{"text":"abc","slots":7}`,
	} {
		_, err := intents.Slots(context.Background(), intents.Options{Train: []string{writeSet(t, good, bad)}, Folds: 2}, nil)
		if err == nil || !strings.Contains(err.Error(), "set.jsonl:2: ") {
			t.Errorf("%s: error %v", bad, err)
		}
	}
}
