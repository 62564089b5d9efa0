package store

import (
	"context"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/webhooks"
)

const hookColumns = "id, url, events, secret, active, failing_since, reason, created_at, updated_at"

func scanHook(row Scanner) (h webhooks.Hook, err error) {
	return h, row.Scan(&h.ID, &h.URL, jsonInto(&h.Events), &h.Secret, &h.Active, timeInto(&h.FailingSince), &h.Reason, timeInto(&h.CreatedAt), timeInto(&h.UpdatedAt))
}

// Hooks lists all of them, oldest first.
func (v *Voice) Hooks(ctx context.Context) ([]webhooks.Hook, error) {
	return All(ctx, v.db.Read(), scanHook, "SELECT "+hookColumns+" FROM webhooks ORDER BY created_at, id LIMIT 0+$1", webhooks.MaxHooks)
}

// Hook finds one.
func (v *Voice) Hook(ctx context.Context, id desk.ID) (webhooks.Hook, error) {
	return One(ctx, v.db.Read(), scanHook, "SELECT "+hookColumns+" FROM webhooks WHERE id = $1", id)
}

// AddHook stores a new one; Conflict "too_many_hooks" when there are MaxHooks.
func (v *Voice) AddHook(ctx context.Context, h webhooks.Hook) error {
	return v.db.Tx(ctx, func(ctx context.Context, q *Tx) error {
		if err := q.Lock(ctx, "webhooks"); err != nil {
			return err
		}
		n, err := One(ctx, q, Value[int], "SELECT count(*) FROM webhooks")
		if err != nil {
			return err
		}
		if n >= webhooks.MaxHooks {
			return desk.Errorf(desk.Conflict, "too_many_hooks", "there are %d hooks already: delete one first", n)
		}
		return Exec1(ctx, q, "INSERT INTO webhooks ("+hookColumns+") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
			h.ID, h.URL, orEmpty(h.Events), h.Secret, h.Active, micros(h.FailingSince), h.Reason, micros(h.CreatedAt), micros(h.UpdatedAt))
	})
}

// SaveHook stores a changed one.
func (v *Voice) SaveHook(ctx context.Context, h webhooks.Hook) error {
	return v.db.Tx(ctx, func(ctx context.Context, q *Tx) error {
		return Exec1(ctx, q, `UPDATE webhooks SET url = $2, events = $3, secret = $4, active = $5, failing_since = $6, reason = $7, updated_at = $8 WHERE id = $1`,
			h.ID, h.URL, orEmpty(h.Events), h.Secret, h.Active, micros(h.FailingSince), h.Reason, micros(h.UpdatedAt))
	})
}

// DropHook deletes one.
func (v *Voice) DropHook(ctx context.Context, id desk.ID) error {
	return v.db.Tx(ctx, func(ctx context.Context, q *Tx) error {
		return Exec1(ctx, q, "DELETE FROM webhooks WHERE id = $1", id)
	})
}

// NoteHook records how a delivery went: an empty reason that it was taken, else
// since when nothing was. off turns the hook off. One that is gone is no error.
func (v *Voice) NoteHook(ctx context.Context, id desk.ID, at time.Time, reason string, off bool) error {
	return v.db.Tx(ctx, func(ctx context.Context, q *Tx) error {
		_, err := Exec(ctx, q, `UPDATE webhooks SET reason = $3, active = active AND NOT $4,
			failing_since = CASE WHEN $3 = '' THEN 0 WHEN failing_since = 0 THEN $2 ELSE failing_since END WHERE id = $1`, id, micros(at), reason, off)
		return err
	})
}

// EnqueueHooks adds jobs.
func (v *Voice) EnqueueHooks(ctx context.Context, jobs []desk.Job) error {
	return v.db.Tx(ctx, func(ctx context.Context, q *Tx) error {
		for _, j := range jobs {
			if err := q.Enqueue(ctx, j); err != nil {
				return err
			}
		}
		return nil
	})
}
