package playbook

import (
	"context"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/evals"
)

// EvalStore keeps everything about evals that is not in a playbook's files.
type EvalStore interface {
	RunStore
	ScenarioStore
	RetrievalStore
	ScheduleStore
}

// RunStore keeps runs and their reports, the newest ones of each playbook.
type RunStore interface {
	// AddRun stores a new run; with a job, it is enqueued in the same
	// transaction. report may be nil.
	AddRun(ctx context.Context, r Run, report []byte, job *desk.Job) error
	// SaveRun stores how far it has come; a nil report keeps what there is, and
	// with one the cases of AddCases are forgotten. One that has ended already
	// stays as it is.
	SaveRun(ctx context.Context, r Run, report []byte) error
	// AddCases keeps finished cases of a run under way, by their keys.
	AddCases(ctx context.Context, run desk.ID, cases map[string][]byte) error
	// Cases reads them.
	Cases(ctx context.Context, run desk.ID) (map[string][]byte, error)
	// Run and RunReport read one; NotFound when there is none.
	Run(ctx context.Context, id desk.ID) (Run, error)
	RunReport(ctx context.Context, id desk.ID) ([]byte, error)
	// Runs lists them, newest first, older than before when that is not empty;
	// playbook "" is all.
	Runs(ctx context.Context, playbook string, before desk.ID, limit int) ([]Run, error)
	// LatestRun is the newest finished one of a revision; NotFound when there
	// is none.
	LatestRun(ctx context.Context, playbook string, revision int, but desk.ID) (Run, error)
}

// ScenarioStore keeps scenarios.
type ScenarioStore interface {
	// SaveScenario stores one: a new one has Version 1, a changed one the next
	// after what is stored, else the error is of Kind Conflict.
	SaveScenario(ctx context.Context, s Scenario) error
	// Scenario reads one; NotFound when there is none.
	Scenario(ctx context.Context, id desk.ID) (Scenario, error)
	// Scenarios lists them, newest first, older than before when that is not
	// empty; an empty playbook or status is all.
	Scenarios(ctx context.Context, playbook string, status ScenarioStatus, before desk.ID, limit int) ([]Scenario, error)
	// DeleteScenario forgets one; NotFound when there is none.
	DeleteScenario(ctx context.Context, id desk.ID) error
}

// RetrievalStore keeps editors' sets of questions, one for each playbook and
// language.
type RetrievalStore interface {
	// RetrievalSets reads those of a playbook; "" is all.
	RetrievalSets(ctx context.Context, playbook string) ([]evals.RetrievalSet, error)
	SaveRetrieval(ctx context.Context, set evals.RetrievalSet, by string, at time.Time) error
	// DeleteRetrieval forgets one; NotFound when there is none.
	DeleteRetrieval(ctx context.Context, playbook string, lang desk.Lang) error
}

// ScheduleStore keeps schedules.
type ScheduleStore interface {
	Schedules(ctx context.Context) ([]Schedule, error)
	// Schedule reads one; NotFound when there is none.
	Schedule(ctx context.Context, id desk.ID) (Schedule, error)
	SaveSchedule(ctx context.Context, s Schedule) error
	DeleteSchedule(ctx context.Context, id desk.ID) error
	// DueSchedules are the active ones whose time has come.
	DueSchedules(ctx context.Context, now time.Time) ([]Schedule, error)
	// ClaimSchedule moves a due schedule on; false when another node has done
	// so already.
	ClaimSchedule(ctx context.Context, s Schedule, next time.Time, run desk.ID) (bool, error)
}
