package dialogues_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/parleyhq/parley/bot"
	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/evals"
	"github.com/parleyhq/parley/evals/dialogues"
)

// The fixtures are made up; each holds dialogues of a format that the rules of
// thumb understand.
var fixtures = []struct {
	name   string
	format dialogues.Format
	schema string
	turns  int
	goals  int
}{
	{"woz2", dialogues.WOZ2, "woz2.json", 2, 2},
	{"multiwoz", dialogues.MultiWOZ, "multiwoz.json", 2, 2},
	{"sgd", dialogues.SGD, "sgd.json", 3, 3},
	{"crosswoz", dialogues.CrossWOZ, "", 2, 2},
}

func load(t *testing.T, name, schema string) (data, train *dialogues.Set) {
	t.Helper()
	f := dialogues.Files{Data: filepath.Join("testdata", name+".jsonl")}
	if schema != "" {
		f.Schema = filepath.Join("testdata", schema)
	}
	data, train, err := dialogues.Load(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	return data, train
}

func TestEveryFormatIsReplayedThroughTheBot(t *testing.T) {
	for _, f := range fixtures {
		t.Run(f.name, func(t *testing.T) {
			data, train := load(t, f.name, f.schema)
			r, err := dialogues.Measure(t.Context(), data, train, dialogues.Options{Wrong: 9})
			if err != nil {
				t.Fatal(err)
			}
			if r.Format != f.format || r.Turns != f.turns || r.Goals != f.goals {
				t.Errorf("got %s, %d turns, %d goals; want %s, %d, %d", r.Format, r.Turns, r.Goals, f.format, f.turns, f.goals)
			}
			if r.JointGoal() != 1 || r.Done != r.Dialogues {
				t.Errorf("joint goal %.2f, %d of %d done; wrong: %+v", r.JointGoal(), r.Done, r.Dialogues, r.Wrong)
			}
		})
	}
}

func TestWhatIsMissedCounts(t *testing.T) {
	data, train := load(t, "woz2", "woz2.json")
	data.Dialogues[0].Turns[1].User = "Hm, let me think."
	r, err := dialogues.Measure(t.Context(), data, train, dialogues.Options{Wrong: 9})
	if err != nil {
		t.Fatal(err)
	}
	if r.Joint != 1 || r.Goals != 2 || r.FN != 1 || r.FP != 0 || r.Done != 0 || len(r.Wrong) != 1 {
		t.Errorf("got %+v; want one of two goals met, one value missing, nothing done", r)
	}
	if got := r.SlotAccuracy(); got != 5.0/6 {
		t.Errorf("slot accuracy %v, want 5/6", got)
	}
}

func TestWrittenPlaybookIsReadBack(t *testing.T) {
	for _, f := range fixtures {
		t.Run(f.name, func(t *testing.T) {
			data, train := load(t, f.name, f.schema)
			dir := filepath.Join(t.TempDir(), "book")
			if err := dialogues.Write(dir, data, train); err != nil {
				t.Fatal(err)
			}
			for _, flow := range data.Flows {
				name := "flows/" + flow.Name + ".yaml"
				raw, err := os.ReadFile(filepath.Join(dir, name))
				if err != nil {
					t.Fatal(err)
				}
				got, err := bot.ParseFlow(name, raw)
				if err != nil {
					t.Fatal(err)
				}
				if len(got.Slots) != len(flow.Slots) {
					t.Errorf("%s: %d slots, want %d", name, len(got.Slots), len(flow.Slots))
				}
			}
			raw, err := os.ReadFile(filepath.Join(dir, "tests", "dialogues.yaml"))
			if err != nil {
				t.Fatal(err)
			}
			suite, err := evals.ParseSuite("tests/dialogues.yaml", raw)
			if err != nil {
				t.Fatal(err)
			}
			if len(suite.Cases) != len(data.Dialogues) {
				t.Errorf("%d cases, want %d", len(suite.Cases), len(data.Dialogues))
			}
			if err := dialogues.Write(dir, data, train); desk.KindOf(err) != desk.Conflict {
				t.Errorf("writing over it: %v, want a conflict", err)
			}
		})
	}
}

func TestBadFilesAreNamedWithTheirLine(t *testing.T) {
	good, err := os.ReadFile(filepath.Join("testdata", "woz2.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ content, want string }{
		"not JSON":       {string(good) + "{oops\n", ":2: "},
		"another format": {`{"id":1,"turns":[{"hello":1}]}`, "belief (WOZ 2.0)"},
		"empty":          {"\n", "holds no dialogues"},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "x.jsonl")
			if err := os.WriteFile(file, []byte(c.content), 0o600); err != nil {
				t.Fatal(err)
			}
			_, _, err := dialogues.Load(t.Context(), dialogues.Files{Data: file, Schema: filepath.Join("testdata", "woz2.json")})
			if err == nil || !strings.Contains(err.Error(), c.want) || desk.KindOf(err) != desk.Invalid {
				t.Errorf("got %v, want an invalid error with %q", err, c.want)
			}
		})
	}
}

func TestMetricsAreSharesByName(t *testing.T) {
	data, train := load(t, "sgd", "sgd.json")
	r, err := dialogues.Measure(t.Context(), data, train, dialogues.Options{})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(r.Metrics())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"joint_goal", "slot_f1", "slot_accuracy", "completed", "turns_per_dialogue", "turn_us"} {
		if !strings.Contains(string(raw), `"`+name+`"`) {
			t.Errorf("no %s in %s", name, raw)
		}
	}
	var table strings.Builder
	if err := r.WriteTable(&table); err != nil || !slices.Contains(strings.Fields(table.String()), "tables_1") {
		t.Errorf("the table lacks the flow (%v):\n%s", err, table.String())
	}
}
