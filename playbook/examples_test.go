package playbook_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/parleyhq/parley/playbook"
)

// example reads one of the playbooks that are shipped.
func example(t testing.TB, name string) *playbook.Playbook {
	t.Helper()
	p, err := playbook.Read(os.DirFS(filepath.Join("..", "playbooks", name)))
	if err != nil {
		t.Fatalf("playbooks/%s:\n%v", name, err)
	}
	return p
}

func TestExamples_AreWithoutProblemsAndWarnings(t *testing.T) {
	for _, name := range []string{"coffee", "ridehail"} {
		p := example(t, name)
		if len(p.Warnings) > 0 {
			t.Errorf("playbooks/%s:\n%v", name, p.Warnings)
		}
		if p.Name != name {
			t.Errorf("playbooks/%s calls itself %s", name, p.Name)
		}
		began := time.Now()
		b, err := p.Build(context.Background(), playbook.Deps{Lessons: lessons})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: trained and built in %v, model of %d bytes", name, time.Since(began).Round(time.Millisecond), len(b.Model))
		began = time.Now()
		if _, err := p.Build(context.Background(), playbook.Deps{Model: b.Model}); err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: built with a trained model in %v", name, time.Since(began).Round(time.Millisecond))
	}
}

func TestExamples_PassTheirSuites(t *testing.T) {
	least := map[string]int{"coffee": 25, "ridehail": 15}
	for name, cases := range least {
		p := example(t, name)
		b, err := p.Build(context.Background(), playbook.Deps{Lessons: lessons})
		if err != nil {
			t.Fatal(err)
		}
		r, err := b.Test(context.Background(), playbook.TestOptions{Parallel: 2})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d of %d cases passed in %v", name, r.Passed, r.Cases, r.Took.Round(time.Millisecond))
		if r.Cases < cases {
			t.Errorf("%s has %d cases, want at least %d", name, r.Cases, cases)
		}
		for _, s := range r.Suites {
			for _, c := range s.Cases {
				if !c.Passed() {
					t.Errorf("%s: %s: %s", c.At(), c.Name, c.Why())
				}
			}
		}
	}
}
