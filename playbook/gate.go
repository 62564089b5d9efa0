package playbook

import (
	"context"
	"fmt"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/evals"
)

// examine runs the suites and the active scenarios against what is to be
// published, and says what changes and what stands in the way.
func (l *Library) examine(ctx context.Context, b *Built, out *Published) (evals.Report, evals.Gate, error) {
	var more []evals.Suite
	if l.Evals != nil {
		var err error
		if more, err = activeSuites(ctx, l.Evals, b.Name); err != nil {
			return evals.Report{}, evals.Gate{}, err
		}
	}
	report, err := b.Test(ctx, TestOptions{More: more})
	if err != nil {
		return report, evals.Gate{}, err
	}
	gate := report.Gate()
	out.Report, out.Gate = &report, &gate
	if before, ok := l.lastReport(ctx, b.Name); ok {
		c := evals.Compare(before, report)
		out.Changes = &c
	}
	return report, gate, nil
}

// lastReport is what the newest run of the live revision found, if there is
// one that can be read.
func (l *Library) lastReport(ctx context.Context, name string) (evals.Report, bool) {
	if l.Evals == nil {
		return evals.Report{}, false
	}
	live, err := l.Store.Live(ctx, name)
	if err != nil {
		return evals.Report{}, false
	}
	run, err := l.Evals.LatestRun(ctx, name, live.Number, "")
	if err != nil {
		return evals.Report{}, false
	}
	report, err := readReport(ctx, l.Evals, run.ID)
	return report, err == nil
}

// keepReport keeps what was found before publishing as a run of the new
// revision, for others to be compared with. Without it nothing is lost but
// that.
func (l *Library) keepReport(ctx context.Context, by string, r Revision, report evals.Report) {
	if l.Evals == nil || report.Cases+report.Skipped == 0 {
		return
	}
	report.Revision = r.Number
	now := l.now()
	n := report.Cases + report.Skipped
	run := Run{ID: desk.NewID(), Playbook: r.Playbook, Revision: r.Number, Repeat: report.Repeat, At: now, By: by, FinishedAt: now, Done: n, Total: n}.ended(report)
	data, err := reportJSON(&report)
	if err == nil {
		err = l.Evals.AddRun(ctx, run, data, nil)
	}
	if err != nil {
		l.log().WarnContext(ctx, "the report of a publishing not kept", "playbook", r.Playbook, "revision", r.Number, "error", err)
	}
}

// first is the first reason in words.
func first(all []evals.Reason) string {
	if len(all) == 0 {
		return ""
	}
	r := all[0]
	return fmt.Sprintf("%s / %s: %s", r.Suite, r.Name, r.Why)
}
