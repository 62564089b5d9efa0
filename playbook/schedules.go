package playbook

import (
	"context"
	"fmt"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/evals"
)

// Schedule is when the suites of a playbook are run by themselves.
type Schedule struct {
	ID        desk.ID   `json:"id"`
	Playbook  string    `json:"playbook"`
	Every     string    `json:"every"`   // daily or weekly
	Weekday   int       `json:"weekday"` // of a weekly one; Sunday is 0
	At        string    `json:"at"`      // HH:MM
	Zone      string    `json:"zone"`    // of At: "Asia/Shanghai"
	Repeat    int       `json:"repeat"`
	Active    bool      `json:"active"`
	Next      time.Time `json:"next,omitzero"`
	LastRun   desk.ID   `json:"last_run,omitempty"`
	UpdatedAt time.Time `json:"updated_at"`
	UpdatedBy string    `json:"updated_by"`
}

// The kinds of schedule.
const (
	Daily  = "daily"
	Weekly = "weekly"
)

// After is the first time after now at which it is due. A time that the clock
// skips in spring is the one an hour later.
func (s Schedule) After(now time.Time) (time.Time, error) {
	zone, err := time.LoadLocation(s.Zone)
	if err != nil || s.Zone == "" {
		return time.Time{}, &desk.Error{Kind: desk.Invalid, Code: "unknown_zone", Field: "zone", Message: fmt.Sprintf("there is no time zone %q: write Asia/Shanghai", s.Zone)}
	}
	at, err := time.Parse("15:04", s.At)
	if err != nil {
		return time.Time{}, &desk.Error{Kind: desk.Invalid, Code: "bad_time", Field: "at", Message: "write the time as 09:30"}
	}
	if s.Every != Daily && s.Every != Weekly || s.Weekday < 0 || s.Weekday > 6 {
		return time.Time{}, &desk.Error{Kind: desk.Invalid, Code: "bad_schedule", Field: "every", Message: "a schedule is daily, or weekly on a day from 0 (Sunday) to 6"}
	}
	day := now.In(zone)
	for i := range 9 {
		t := time.Date(day.Year(), day.Month(), day.Day()+i, at.Hour(), at.Minute(), 0, 0, zone)
		if t.After(now) && (s.Every == Daily || int(t.Weekday()) == s.Weekday) {
			return t.UTC(), nil
		}
	}
	return time.Time{}, desk.Errorf(desk.Internal, "no_time", "no time found for schedule %s", s.ID) // nine days hold every weekday
}

// Schedules lists all of them.
func (r *Runs) Schedules(ctx context.Context) ([]Schedule, error) { return r.Store.Schedules(ctx) }

// SaveSchedule checks and stores a schedule; a new one without ID.
func (r *Runs) SaveSchedule(ctx context.Context, by string, s Schedule) (Schedule, error) {
	if s.Repeat < 1 || s.Repeat > evals.MaxRepeat {
		return s, repeatRange()
	}
	next, err := s.After(r.Library.now())
	if err != nil {
		return s, err
	}
	if _, _, err := r.Library.Live(ctx, s.Playbook); err != nil {
		return s, err
	}
	if s.ID == "" {
		s.ID = desk.NewID()
	} else {
		old, err := r.Store.Schedule(ctx, s.ID)
		if err != nil {
			return s, err
		}
		s.LastRun = old.LastRun
	}
	s.Next, s.UpdatedAt, s.UpdatedBy = next, r.Library.now(), by
	if err := r.Store.SaveSchedule(ctx, s); err != nil {
		return s, fmt.Errorf("store the schedule: %w", err)
	}
	return s, nil
}

// DeleteSchedule forgets one.
func (r *Runs) DeleteSchedule(ctx context.Context, id desk.ID) error {
	return r.Store.DeleteSchedule(ctx, id)
}

// scheduleKind is the periodic work that starts what is due.
const scheduleKind = "eval.schedules"

// due reports whether any schedule's time has come.
func (r *Runs) due(ctx context.Context) (bool, error) {
	list, err := r.Store.DueSchedules(ctx, r.Library.now())
	return len(list) > 0, err
}

// StartDue starts what is due, each once on one of the nodes. What was missed
// is made up for by one run. One that cannot be started waits for its next
// time.
func (r *Runs) StartDue(ctx context.Context) error {
	now := r.Library.now()
	list, err := r.Store.DueSchedules(ctx, now)
	if err != nil {
		return fmt.Errorf("find schedules that are due: %w", err)
	}
	for _, s := range list {
		next, err := s.After(now)
		if err != nil {
			return err
		}
		id := desk.NewID()
		mine, err := r.Store.ClaimSchedule(ctx, s, next, id)
		if err != nil {
			return fmt.Errorf("claim schedule %s: %w", s.ID, err)
		}
		if !mine {
			continue
		}
		if _, err := r.Start(ctx, Asked{By: s.UpdatedBy, Playbook: s.Playbook, Repeat: s.Repeat, Schedule: s.ID, id: id}); err != nil {
			r.Library.log().WarnContext(ctx, "scheduled run not started", "schedule", s.ID, "playbook", s.Playbook, "error", err)
		}
	}
	return nil
}
