package kb

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/parleyhq/parley/desk"
)

// Scheduled is what is to become of an article later.
type Scheduled struct {
	ID        desk.ID   `json:"id"`
	ArticleID desk.ID   `json:"article_id"`
	Action    Action    `json:"action"`
	Version   int       `json:"version"` // to publish; of Unpublishing the newest when it was planned
	State     PlanState `json:"state"`
	Problem   string    `json:"problem,omitempty"` // why it failed: a stable word
	At        time.Time `json:"at"`
	MadeAt    time.Time `json:"made_at"`
	MadeBy    string    `json:"made_by"`
}

// Action is what is done then.
type Action string

// The actions.
const (
	Publishing   Action = "publish"
	Unpublishing Action = "unpublish"
)

// PlanState is how a plan stands.
type PlanState string

// The states of a plan.
const (
	Planned   PlanState = "planned"
	Carried   PlanState = "done"
	PlanFails PlanState = "failed" // the article was changed meanwhile, or is gone
	Cancelled PlanState = "cancelled"
)

// ScheduledKind is the job that carries out a plan.
const ScheduledKind = "kb.scheduled"

const (
	scheduledLimit = time.Minute
	latestPlan     = 2 * 365 * 24 * time.Hour
	scheduledTries = 20
)

// Register takes over the jobs of kind ScheduledKind.
func (r *Reviews) Register(q Registrar) {
	q.Handle(ScheduledKind, scheduledLimit, func(ctx context.Context, raw json.RawMessage) error {
		var args struct {
			ID desk.ID `json:"id"`
		}
		if err := json.Unmarshal(raw, &args); err != nil {
			return fmt.Errorf("read the job: %w", err)
		}
		return r.Carry(ctx, args.ID)
	})
}

// Plan has the version that is the newest now published, or the article taken
// out of answers, at a time to come. A plan of the same kind takes the place of
// the one before. When the article is changed until then nothing is published,
// and the plan says so. Version 0 is whichever is the newest.
func (r *Reviews) Plan(ctx context.Context, by string, id desk.ID, action Action, version int, at time.Time) (Scheduled, error) {
	now := micro(r.Library.now())
	if !at.After(now) || at.Sub(now) > latestPlan {
		return Scheduled{}, &desk.Error{Kind: desk.Invalid, Code: "bad_time", Field: "at", Message: "choose a time to come, within two years"}
	}
	a, err := r.Library.Get(ctx, id)
	if err != nil {
		return Scheduled{}, err
	}
	if version != 0 && version != a.Version {
		return Scheduled{}, &Stale{a}
	}
	switch {
	case a.Status == Archived:
		return Scheduled{}, badMove(string(action), a.Status)
	case action == Publishing && a.PublishedVersion == a.Version:
		return Scheduled{}, desk.Errorf(desk.Conflict, "bad_status", "version %d is published already", a.Version)
	case action == Unpublishing && a.PublishedVersion == 0:
		return Scheduled{}, badMove("unpublish", a.Status)
	}
	s := Scheduled{ID: desk.NewIDAt(now), ArticleID: id, Action: action, Version: a.Version, State: Planned, At: micro(at), MadeAt: now, MadeBy: by}
	job := desk.NewJob(ScheduledKind, ScheduledKind+":"+string(s.ID), map[string]desk.ID{"id": s.ID})
	job.At, job.Max = s.At, scheduledTries
	return s, r.Store.AddSchedule(ctx, s, job)
}

// Cancel ends a plan of an article before its time.
func (r *Reviews) Cancel(ctx context.Context, article, id desk.ID) (Scheduled, error) {
	s, err := r.Store.Schedule(ctx, id)
	if err == nil && s.ArticleID != article {
		err = desk.Errorf(desk.NotFound, "not_found", "it is a plan for another article")
	}
	if err == nil {
		err = r.Store.EndSchedule(ctx, id, Cancelled, "")
	}
	if err != nil {
		return Scheduled{}, err
	}
	s.State = Cancelled
	return s, nil
}

// Plans lists the plans of an article, the newest first, at most fifty.
func (r *Reviews) Plans(ctx context.Context, article desk.ID) ([]Scheduled, error) {
	return r.Store.Schedules(ctx, article, 50)
}

// Carry carries out a plan whose time has come. Doing it again does nothing.
func (r *Reviews) Carry(ctx context.Context, id desk.ID) error {
	s, err := r.Store.Schedule(ctx, id)
	if err != nil {
		return fmt.Errorf("find the plan: %w", err)
	}
	if s.State != Planned {
		return nil
	}
	if s.Action == Publishing {
		_, err = r.Library.Publish(ctx, s.MadeBy, s.ArticleID, s.Version)
	} else if _, err = r.Library.Unpublish(ctx, s.MadeBy, s.ArticleID, 0); code(err) == "bad_status" {
		err = nil // somebody has done it already
	}
	state, problem := Carried, ""
	var known *desk.Error
	switch {
	case err == nil:
	case errors.As(err, &known) && (known.Kind == desk.Conflict || known.Kind == desk.NotFound || known.Kind == desk.Invalid):
		state, problem = PlanFails, known.Code // trying again does not help
	default:
		return fmt.Errorf("%s as planned: %w", s.Action, err)
	}
	if err := r.Store.EndSchedule(ctx, id, state, problem); err != nil && !desk.IsKind(err, desk.Conflict) {
		return fmt.Errorf("note that the plan is carried out: %w", err)
	}
	return nil
}
