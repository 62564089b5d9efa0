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
			if len(p.Suites) == 0 {
				t.Fatalf("no suites in %s", dir)
			}
			r, err := evals.Run(context.Background(), evals.Options{Suites: p.Suites, Book: book, Repeat: 2, Zone: p.Zone})
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
