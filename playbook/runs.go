package playbook

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/evals"
)

// Run is one running of a published playbook's suites.
type Run struct {
	ID         desk.ID   `json:"id"`
	Playbook   string    `json:"playbook"`
	Revision   int       `json:"revision"`
	Repeat     int       `json:"repeat"`
	Status     RunStatus `json:"status"`
	At         time.Time `json:"at"`
	By         string    `json:"by"`
	FinishedAt time.Time `json:"finished_at,omitzero"`
	Done       int       `json:"done"`  // cases played so far
	Total      int       `json:"total"` // cases
	Passed     int       `json:"passed"`
	Failed     int       `json:"failed"`
	Error      string    `json:"error,omitempty"` // why it broke
}

// RunStatus is how far a run has come.
type RunStatus string

// The statuses of a run.
const (
	RunRunning RunStatus = "running"
	RunDone    RunStatus = "done"
	RunBroken  RunStatus = "broken" // it could not be run to its end
)

// RunStore keeps runs and their reports, the newest ones of each playbook.
type RunStore interface {
	// AddRun stores a new run; with a job, it is enqueued in the same
	// transaction. report may be nil.
	AddRun(ctx context.Context, r Run, report []byte, job *desk.Job) error
	// SaveRun stores how far it has come; a nil report keeps what there is.
	SaveRun(ctx context.Context, r Run, report []byte) error
	// Run and RunReport read one; NotFound when there is none.
	Run(ctx context.Context, id desk.ID) (Run, error)
	RunReport(ctx context.Context, id desk.ID) ([]byte, error)
	// Runs lists them, newest first, older than before when that is not empty;
	// playbook "" is all.
	Runs(ctx context.Context, playbook string, before desk.ID, limit int) ([]Run, error)
}

// Runs runs suites in the background and keeps the reports.
type Runs struct {
	Store   RunStore
	Library *Library
}

// RunKind is the job that plays a run.
const RunKind = "eval.run"

const (
	runLimit    = 10 * time.Minute
	runProgress = 300 * time.Millisecond // between two notes of how far it is
)

// Registrar takes the handlers of jobs.
type Registrar interface {
	Handle(kind string, limit time.Duration, f func(ctx context.Context, args json.RawMessage) error)
}

// Register takes over the jobs of kind RunKind.
func (r *Runs) Register(q Registrar) {
	q.Handle(RunKind, runLimit, func(ctx context.Context, args json.RawMessage) error {
		var a struct {
			ID desk.ID `json:"id"`
		}
		if err := json.Unmarshal(args, &a); err != nil {
			return desk.Errorf(desk.Invalid, "bad_job", "arguments of an eval.run job: %w", err)
		}
		return r.Play(ctx, a.ID)
	})
}

// Start begins a run of the live revision of a playbook.
func (r *Runs) Start(ctx context.Context, by, name string, repeat int) (Run, error) {
	if repeat < 1 || repeat > evals.MaxRepeat {
		return Run{}, &desk.Error{Kind: desk.Invalid, Code: "repeat_range", Field: "repeat", Message: fmt.Sprintf("repeat is 1 to %d", evals.MaxRepeat)}
	}
	b, err := r.Library.LiveBook(ctx, name)
	if err != nil {
		return Run{}, err
	}
	run := Run{ID: desk.NewID(), Playbook: b.Name, Revision: b.Revision, Repeat: repeat, Status: RunRunning, At: r.Library.now(), By: by}
	for _, s := range b.Suites {
		run.Total += len(s.Cases)
	}
	if run.Total == 0 {
		return Run{}, desk.Errorf(desk.Invalid, "no_suites", "playbook %s has no suites", b.Name)
	}
	job := desk.NewJob(RunKind, RunKind+":"+string(run.ID), map[string]desk.ID{"id": run.ID})
	job.Max = 3
	if err := r.Store.AddRun(ctx, run, nil, &job); err != nil {
		return Run{}, fmt.Errorf("store the run: %w", err)
	}
	return run, nil
}

// Play plays a run that has been started. Tools are never called: a case that
// calls one without a stand-in in its suite fails.
func (r *Runs) Play(ctx context.Context, id desk.ID) error {
	run, err := r.Store.Run(ctx, id)
	if err != nil {
		return fmt.Errorf("find run %s: %w", id, err)
	}
	if run.Status != RunRunning {
		return nil
	}
	report, err := r.play(ctx, run)
	if ctx.Err() != nil {
		return ctx.Err() // the process stops: the job runs again elsewhere
	}
	run.FinishedAt, run.Done = r.Library.now(), run.Total
	if err != nil {
		run.Status, run.Error = RunBroken, err.Error()
		return r.save(ctx, run, nil)
	}
	run.Status, run.Passed, run.Failed = RunDone, report.Passed, report.Failed
	return r.save(ctx, run, &report)
}

func (r *Runs) play(ctx context.Context, run Run) (evals.Report, error) {
	b, err := r.Library.tested(ctx, run.Playbook, run.Revision)
	if err != nil {
		return evals.Report{}, err
	}
	noted := time.Now()
	return b.Test(ctx, TestOptions{Repeat: run.Repeat, Parallel: 2, Progress: func(p evals.Progress) {
		if time.Since(noted) < runProgress {
			return
		}
		noted = time.Now()
		now := run
		now.Done, now.Failed = p.Done, p.Failed
		if err := r.Store.SaveRun(ctx, now, nil); err != nil {
			r.Library.log().WarnContext(ctx, "progress of a run not noted", "run", run.ID, "error", err)
		}
	}})
}

func (r *Runs) save(ctx context.Context, run Run, report *evals.Report) error {
	var data []byte
	if report != nil {
		var b bytes.Buffer
		if err := report.WriteJSON(&b); err != nil {
			return fmt.Errorf("write the report of run %s: %w", run.ID, err)
		}
		data = b.Bytes()
	}
	if err := r.Store.SaveRun(ctx, run, data); err != nil {
		return fmt.Errorf("store run %s: %w", run.ID, err)
	}
	return nil
}

// Run reads one, with how far it has come.
func (r *Runs) Run(ctx context.Context, id desk.ID) (Run, error) { return r.Store.Run(ctx, id) }

// List lists runs, newest first, older than before when that is not empty;
// name "" is those of every playbook.
func (r *Runs) List(ctx context.Context, name string, before desk.ID, limit int) ([]Run, error) {
	if limit < 1 || limit > 201 {
		limit = 50
	}
	return r.Store.Runs(ctx, name, before, limit)
}

// Report reads what a finished run found.
func (r *Runs) Report(ctx context.Context, id desk.ID) (evals.Report, error) {
	data, err := r.Store.RunReport(ctx, id)
	if err != nil {
		return evals.Report{}, err
	}
	if len(data) == 0 {
		return evals.Report{}, desk.Errorf(desk.NotFound, "no_report", "the run has no report: it is still running, or it broke")
	}
	var report evals.Report
	if err := json.Unmarshal(data, &report); err != nil {
		return evals.Report{}, fmt.Errorf("read the report of run %s: %w", id, err)
	}
	return report, nil
}

// tested is a revision with its own article files, as it was tested when it
// was published.
func (l *Library) tested(ctx context.Context, name string, revision int) (*Built, error) {
	return l.once(ctx, fmt.Sprintf("test:%s@%d", name, revision), func(ctx context.Context) (*Built, error) {
		return l.load(ctx, name, revision, nil)
	})
}
