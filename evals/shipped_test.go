package evals_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/evals"
	"github.com/parleyhq/parley/playbook"
)

// TestRun_ShippedPlaybooksPass plays the suites of the example playbooks with
// the built-in understanding, as a newcomer does.
func TestRun_ShippedPlaybooksPass(t *testing.T) {
	for _, name := range []string{"coffee", "ridehail"} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join("..", "playbooks", name)
			p, err := playbook.Read(os.DirFS(dir))
			if err != nil {
				t.Fatal(err)
			}
			book, err := p.Build(context.Background(), playbook.Deps{})
			if err != nil {
				t.Fatal(err)
			}
			files, err := filepath.Glob(filepath.Join(dir, "tests", "*.yaml"))
			if err != nil || len(files) == 0 {
				t.Fatalf("no suites in %s: %v", dir, err)
			}
			var suites []evals.Suite
			for _, f := range files {
				data, err := os.ReadFile(f)
				if err != nil {
					t.Fatal(err)
				}
				s, err := evals.ParseSuite(filepath.Base(f), data)
				if err != nil {
					t.Fatal(err)
				}
				suites = append(suites, s)
			}
			r, err := evals.Run(context.Background(), evals.Options{Suites: suites, Book: book, Repeat: 2, Zone: p.Zone})
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%d cases, %d turns, %v", r.Cases, r.Turns, r.Took)
			if !r.OK() {
				var b bytes.Buffer
				if err := r.WriteTable(&b, desk.English); err != nil {
					t.Fatal(err)
				}
				t.Errorf("\n%s", b.String())
			}
		})
	}
}
