package playbook

import (
	"context"

	"github.com/parleyhq/parley/evals"
)

// TestOptions say how the suites are run.
type TestOptions struct {
	Suites   []evals.Suite // nil: all of the playbook's
	Tools    evals.Tools   // for tools that a suite has no answer for; nil: such a call fails the case
	Repeat   int
	Parallel int
	Seed     uint64
	Progress func(evals.Progress)
}

// Test plays the suites against the playbook. A playbook without suites passes
// with an empty report.
func (b *Built) Test(ctx context.Context, o TestOptions) (evals.Report, error) {
	if o.Suites == nil {
		o.Suites = b.Suites
	}
	if len(o.Suites) == 0 {
		return evals.Report{Playbook: b.Name, Revision: b.Revision}, nil
	}
	return evals.Run(ctx, evals.Options{
		Suites: o.Suites, Book: b, Playbook: b.Name, Revision: b.Revision, Tools: o.Tools,
		Repeat: o.Repeat, Parallel: o.Parallel, Zone: b.Zone, Seed: o.Seed, Progress: o.Progress,
	})
}
