package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Importing twice takes over only what changed, and says so in words and as
// one JSON object.
func TestKBImport_FolderTwice(t *testing.T) {
	s := newSetting(t)
	dir := filepath.Join(s.dir, "handbook")
	write := func(name, text string) {
		full := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("hours.md", "# Hours\nWe open at nine.")
	write("faq/pay.csv", "question,answer\nHow do I pay?,By card.\n")
	if out := s.must("", "kb", "import", dir, "--dry-run"); !strings.Contains(out, "2 new") || !strings.Contains(out, "hours.md") || strings.Contains(out, "added") {
		t.Errorf("dry run: %s", out)
	}
	if out := s.must("", "kb", "import", dir, "--publish"); !strings.Contains(out, "2 added") {
		t.Errorf("first: %s", out)
	}
	write("hours.md", "# Hours\nWe open at ten.")
	var got struct {
		Status string
		Found  struct{ Changed, Unchanged int }
		Saved  struct{ Updated int }
	}
	out := s.must("", "kb", "import", dir, "--publish", "--json")
	if err := json.Unmarshal([]byte(out), &got); err != nil || got.Status != "done" || got.Found.Changed != 1 || got.Found.Unchanged != 1 || got.Saved.Updated != 1 {
		t.Errorf("second: %s, %v", out, err)
	}
}
