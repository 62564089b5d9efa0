package access

import (
	"context"
	"time"

	"github.com/parleyhq/parley/desk"
)

// Record writes one line of the audit log. What it lacks of id, time and
// outcome is filled in. A log that cannot be written is an error in the
// program's own log, not in the call that is recorded.
func (g *Gate) Record(ctx context.Context, e Entry) {
	if e.At.IsZero() {
		e.At = g.Now()
	}
	if e.ID == "" {
		e.ID = desk.NewIDAt(e.At)
	}
	if e.Outcome == "" {
		e.Outcome = "ok"
	}
	e.Target = cut(e.Target, 300)
	// The caller may be gone; what he did is recorded all the same.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := g.Store.AddEntry(ctx, e); err != nil {
		g.Log.ErrorContext(ctx, "write the audit log", "action", e.Action, "user", e.UserID, "target", e.Target, "err", err)
	}
}
