package store

import (
	"context"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/evals"
	"github.com/parleyhq/parley/playbook"
)

const scenarioColumns = "id, playbook, name, status, yaml, source, version, created_at, created_by, updated_at, updated_by"

func scanScenario(row Scanner) (c playbook.Scenario, err error) {
	return c, row.Scan(&c.ID, &c.Playbook, &c.Name, &c.Status, &c.YAML, &c.Source, &c.Version, timeInto(&c.CreatedAt), &c.CreatedBy, timeInto(&c.UpdatedAt), &c.UpdatedBy)
}

// SaveScenario implements playbook.ScenarioStore.
func (s Evals) SaveScenario(ctx context.Context, c playbook.Scenario) error {
	return s.DB.Tx(ctx, func(ctx context.Context, q *Tx) error {
		if c.Version == 1 {
			return Exec1(ctx, q, "INSERT INTO eval_scenarios ("+scenarioColumns+") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
				c.ID, c.Playbook, c.Name, c.Status, c.YAML, c.Source, c.Version, micros(c.CreatedAt), c.CreatedBy, micros(c.UpdatedAt), c.UpdatedBy)
		}
		n, err := Exec(ctx, q, `UPDATE eval_scenarios SET playbook = $3, name = $4, status = $5, yaml = $6, version = $2, updated_at = $7, updated_by = $8
			WHERE id = $1 AND version = $2 - 1`, c.ID, c.Version, c.Playbook, c.Name, c.Status, c.YAML, micros(c.UpdatedAt), c.UpdatedBy)
		if err == nil && n == 0 {
			err = desk.Errorf(desk.Conflict, "stale_scenario", "somebody has changed the scenario meanwhile; read it again")
		}
		return err
	})
}

// Scenario implements playbook.ScenarioStore.
func (s Evals) Scenario(ctx context.Context, id desk.ID) (playbook.Scenario, error) {
	return One(ctx, s.DB.Read(), scanScenario, "SELECT "+scenarioColumns+" FROM eval_scenarios WHERE id = $1", id)
}

// Scenarios implements playbook.ScenarioStore.
func (s Evals) Scenarios(ctx context.Context, name string, status playbook.ScenarioStatus, before desk.ID, limit int) ([]playbook.Scenario, error) {
	return All(ctx, s.DB.Read(), scanScenario, "SELECT "+scenarioColumns+` FROM eval_scenarios
		WHERE ($1 = '' OR playbook = $1) AND ($2 = '' OR status = $2) AND ($3 = '' OR id < $3) ORDER BY id DESC LIMIT 0+$4`, name, status, before, limit)
}

// DeleteScenario implements playbook.ScenarioStore.
func (s Evals) DeleteScenario(ctx context.Context, id desk.ID) error {
	return s.DB.Tx(ctx, func(ctx context.Context, q *Tx) error {
		return Exec1(ctx, q, "DELETE FROM eval_scenarios WHERE id = $1", id)
	})
}

// RetrievalSets implements playbook.RetrievalStore.
func (s Evals) RetrievalSets(ctx context.Context, name string) ([]evals.RetrievalSet, error) {
	return All(ctx, s.DB.Read(), func(row Scanner) (set evals.RetrievalSet, err error) {
		set.Name = playbook.EditorsSet
		return set, row.Scan(&set.Playbook, &set.Lang, &set.Least, jsonInto(&set.Questions))
	}, "SELECT playbook, lang, least, questions FROM eval_retrieval WHERE $1 = '' OR playbook = $1 ORDER BY playbook, lang", name)
}

// SaveRetrieval implements playbook.RetrievalStore.
func (s Evals) SaveRetrieval(ctx context.Context, set evals.RetrievalSet, by string, at time.Time) error {
	return s.DB.Tx(ctx, func(ctx context.Context, q *Tx) error {
		return Exec1(ctx, q, `INSERT INTO eval_retrieval (playbook, lang, least, questions, updated_at, updated_by) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (playbook, lang) DO UPDATE SET least = excluded.least, questions = excluded.questions, updated_at = excluded.updated_at, updated_by = excluded.updated_by`,
			set.Playbook, set.Lang, set.Least, jsonOf(set.Questions), micros(at), by)
	})
}

// DeleteRetrieval implements playbook.RetrievalStore.
func (s Evals) DeleteRetrieval(ctx context.Context, name string, lang desk.Lang) error {
	return s.DB.Tx(ctx, func(ctx context.Context, q *Tx) error {
		return Exec1(ctx, q, "DELETE FROM eval_retrieval WHERE playbook = $1 AND lang = $2", name, lang)
	})
}

const scheduleColumns = "id, playbook, every, weekday, clock, zone, times, active, next_at, last_run, updated_at, updated_by"

func scanSchedule(row Scanner) (c playbook.Schedule, err error) {
	var active int
	err = row.Scan(&c.ID, &c.Playbook, &c.Every, &c.Weekday, &c.At, &c.Zone, &c.Repeat, &active, timeInto(&c.Next), &c.LastRun, timeInto(&c.UpdatedAt), &c.UpdatedBy)
	c.Active = active != 0
	return c, err
}

// maxSchedules bounds the lists of schedules.
const maxSchedules = 500

// Schedules implements playbook.ScheduleStore.
func (s Evals) Schedules(ctx context.Context) ([]playbook.Schedule, error) {
	return All(ctx, s.DB.Read(), scanSchedule, "SELECT "+scheduleColumns+" FROM eval_schedules ORDER BY playbook, id LIMIT 0+$1", maxSchedules)
}

// Schedule implements playbook.ScheduleStore.
func (s Evals) Schedule(ctx context.Context, id desk.ID) (playbook.Schedule, error) {
	return One(ctx, s.DB.Read(), scanSchedule, "SELECT "+scheduleColumns+" FROM eval_schedules WHERE id = $1", id)
}

// SaveSchedule implements playbook.ScheduleStore.
func (s Evals) SaveSchedule(ctx context.Context, c playbook.Schedule) error {
	return s.DB.Tx(ctx, func(ctx context.Context, q *Tx) error {
		return Exec1(ctx, q, "INSERT INTO eval_schedules ("+scheduleColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
			ON CONFLICT (id) DO UPDATE SET playbook = excluded.playbook, every = excluded.every, weekday = excluded.weekday, clock = excluded.clock,
			zone = excluded.zone, times = excluded.times, active = excluded.active, next_at = excluded.next_at, updated_at = excluded.updated_at, updated_by = excluded.updated_by`,
			c.ID, c.Playbook, c.Every, c.Weekday, c.At, c.Zone, c.Repeat, oneIf(c.Active), micros(c.Next), c.LastRun, micros(c.UpdatedAt), c.UpdatedBy)
	})
}

// DeleteSchedule implements playbook.ScheduleStore.
func (s Evals) DeleteSchedule(ctx context.Context, id desk.ID) error {
	return s.DB.Tx(ctx, func(ctx context.Context, q *Tx) error {
		return Exec1(ctx, q, "DELETE FROM eval_schedules WHERE id = $1", id)
	})
}

// DueSchedules implements playbook.ScheduleStore.
func (s Evals) DueSchedules(ctx context.Context, now time.Time) ([]playbook.Schedule, error) {
	return All(ctx, s.DB.Read(), scanSchedule, "SELECT "+scheduleColumns+" FROM eval_schedules WHERE active = 1 AND next_at <= $1 ORDER BY next_at LIMIT 0+$2", micros(now), maxSchedules)
}

// ClaimSchedule implements playbook.ScheduleStore.
func (s Evals) ClaimSchedule(ctx context.Context, c playbook.Schedule, next time.Time, run desk.ID) (mine bool, err error) {
	err = s.DB.Tx(ctx, func(ctx context.Context, q *Tx) error {
		n, err := Exec(ctx, q, "UPDATE eval_schedules SET next_at = $3, last_run = $4 WHERE id = $1 AND next_at = $2", c.ID, micros(c.Next), micros(next), run)
		mine = n == 1
		return err
	})
	return mine, err
}
