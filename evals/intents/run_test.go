package intents_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/evals/intents"
)

func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const train = "text\tlabel\nwhere is my order\ttrack\nhas my parcel been sent\ttrack\ntrack the parcel\ttrack\n" +
	"I want my money back\trefund\nrefund this please\trefund\ngive the money back\trefund\n"

func TestRun_MeasuresInsideAndOutside(t *testing.T) {
	test := file(t, "test.tsv", "text\tlabel\ntrack my parcel\ttrack\nmoney back please\trefund\npurple elephants dance\toos\n")
	r, err := intents.Run(context.Background(), intents.Sets{Train: []string{file(t, "train.tsv", train)}, Test: []string{test}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if r.Metrics["accuracy"] != 1 || r.Metrics["oos_auroc"] != 1 || r.Sets["test_oos"] != 1 {
		t.Errorf("got %v %v, want all right", r.Metrics, r.Sets)
	}
}

func TestRead_NamesTheBadLine(t *testing.T) {
	for _, text := range []string{"text\tlabel\na\tb\nno label\n", "text\tlabel\na\tb\n\tb\n"} {
		_, err := intents.Read(file(t, "bad.tsv", text))
		if !desk.IsKind(err, desk.Invalid) || !strings.Contains(err.Error(), "bad.tsv:3:") {
			t.Errorf("got %v, want the file and line 3", err)
		}
	}
}
