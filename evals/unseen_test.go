package evals_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/parleyhq/parley/evals"
	"github.com/parleyhq/parley/playbook"
)

// The built-in understanding is held to a share of what it was never tuned for,
// together with what is known to go wrong. Raise the share when it gets better.
func TestRun_UnseenUtterancesMostlyPass(t *testing.T) {
	for name, least := range map[string]float64{"coffee": 0.66, "ridehail": 0.66} {
		t.Run(name, func(t *testing.T) {
			p, err := playbook.Read(os.DirFS(filepath.Join("..", "playbooks", name)))
			if err != nil {
				t.Fatal(err)
			}
			book, err := p.Build(context.Background(), playbook.Deps{})
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join("testdata", "unseen", name+".yaml")
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			suite, err := evals.ParseSuite(file, data)
			if err != nil {
				t.Fatal(err)
			}
			r, err := evals.Run(context.Background(), evals.Options{Suites: []evals.Suite{suite}, Book: book, Zone: p.Zone})
			if err != nil {
				t.Fatal(err)
			}
			share := float64(r.Passed) / float64(r.Cases)
			t.Logf("%d of %d passed, %.1f%%", r.Passed, r.Cases, 100*share)
			if share < least {
				t.Errorf("%.1f%% passed, want at least %.0f%%", 100*share, 100*least)
				for _, c := range r.Suites[0].Cases {
					if !c.Passed() {
						t.Logf("%s: %s", c.Name, c.Why())
					}
				}
			}
		})
	}
}
