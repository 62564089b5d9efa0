package playbook

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/evals"
)

// Run is one running of a published playbook's suites and active scenarios.
type Run struct {
	ID         desk.ID   `json:"id"`
	Playbook   string    `json:"playbook"`
	Revision   int       `json:"revision"`
	Repeat     int       `json:"repeat"`
	Seed       int64     `json:"seed"`
	Status     RunStatus `json:"status"`
	At         time.Time `json:"at"`
	By         string    `json:"by"`
	Schedule   desk.ID   `json:"schedule,omitempty"` // that started it
	FinishedAt time.Time `json:"finished_at,omitzero"`
	Done       int       `json:"done"`  // cases played so far
	Total      int       `json:"total"` // cases
	Passed     int       `json:"passed"`
	Failed     int       `json:"failed"`
	Allowed    int       `json:"allowed"`         // of Failed: tagged may_fail
	Flaky      int       `json:"flaky"`           // of Failed: passed sometimes
	Skipped    int       `json:"skipped"`         // not played: they need a model or a speech engine
	Tokens     int       `json:"tokens"`          // of models
	GateOK     bool      `json:"gate_ok"`         // nothing in it stands in the way of publishing
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

// Runs runs suites in the background and keeps the reports, the scenarios, the
// sets of questions and the schedules.
type Runs struct {
	Store    EvalStore
	Library  *Library
	Chat     evals.Chatter  // plays customers and judges; nil: nobody does
	Phone    evals.Phone    // plays cases as calls; nil: they are skipped
	Searcher evals.Searcher // the knowledge base that editors' sets of questions are asked of; nil: they are not
}

// RunKind is the job that plays a run.
const RunKind = "eval.run"

// RunSubject is where a Run is published as it gets on, for screens.
const RunSubject = "evals.run"

const (
	runLimit    = 10 * time.Minute
	runAttempts = 10                     // each goes on where the one before was cut off
	runProgress = 300 * time.Millisecond // between two notes of how far it is
)

// Registrar takes the handlers of jobs.
type Registrar interface {
	Handle(kind string, limit time.Duration, f func(ctx context.Context, args json.RawMessage) error)
	When(kind string, every time.Duration, due func(ctx context.Context) (bool, error), f func(ctx context.Context) error)
}

// Register takes over the jobs of kind RunKind and the schedules.
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
	q.When(scheduleKind, 30*time.Second, r.due, r.StartDue)
}

// Asked says what to run.
type Asked struct {
	By       string
	Playbook string
	Revision int // 0: the live one
	Repeat   int // how often each case is played
	Seed     int64
	Schedule desk.ID

	id desk.ID // empty: a new one
}

func repeatRange() error {
	return &desk.Error{Kind: desk.Invalid, Code: "repeat_range", Field: "repeat", Message: fmt.Sprintf("repeat is 1 to %d", evals.MaxRepeat)}
}

// Start begins a run of a revision of a playbook, with its active scenarios.
func (r *Runs) Start(ctx context.Context, a Asked) (Run, error) {
	if a.Repeat < 1 || a.Repeat > evals.MaxRepeat {
		return Run{}, repeatRange()
	}
	name, live, err := r.Library.Live(ctx, a.Playbook)
	if err != nil {
		return Run{}, err
	}
	if a.Revision == 0 {
		a.Revision = live
	}
	if a.id == "" {
		a.id = desk.NewID()
	}
	b, err := r.Library.tested(ctx, name, a.Revision)
	if err != nil {
		return Run{}, err
	}
	more, err := activeSuites(ctx, r.Store, name)
	if err != nil {
		return Run{}, err
	}
	run := Run{ID: a.id, Playbook: name, Revision: a.Revision, Repeat: a.Repeat, Seed: a.Seed, Status: RunRunning, At: r.Library.now(), By: a.By, Schedule: a.Schedule}
	run.Total = plays(b.Suites, more)
	if run.Total == 0 {
		return Run{}, desk.Errorf(desk.Invalid, "no_suites", "playbook %s has no suites", name)
	}
	job := desk.NewJob(RunKind, RunKind+":"+string(run.ID), map[string]desk.ID{"id": run.ID})
	job.Max = runAttempts
	if err := r.Store.AddRun(ctx, run, nil, &job); err != nil {
		return Run{}, fmt.Errorf("store the run: %w", err)
	}
	r.tell(ctx, run)
	return run, nil
}

func plays(suites ...[]evals.Suite) (n int) {
	for _, list := range suites {
		for _, s := range list {
			n += s.Plays()
		}
	}
	return n
}

// Play plays a run that has been started, or goes on where it was cut off.
// Tools are never called: a case that calls one without a stand-in in its
// suite fails.
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
		return ctx.Err() // the process stops: the job goes on elsewhere
	}
	run.FinishedAt, run.Done = r.Library.now(), run.Total
	if err != nil {
		run.Status, run.Error = RunBroken, err.Error()
		return r.save(ctx, run, nil)
	}
	return r.save(ctx, run.ended(report), &report)
}

// ended is the run with what its report found.
func (run Run) ended(report evals.Report) Run {
	run.Status, run.Passed, run.Failed, run.Allowed, run.Flaky, run.Skipped = RunDone, report.Passed, report.Failed, report.Allowed, report.Flaky, report.Skipped
	run.Tokens, run.GateOK = report.Cost.Prompt+report.Cost.Completion, report.Gate().OK
	return run
}

func (r *Runs) play(ctx context.Context, run Run) (evals.Report, error) {
	b, err := r.Library.tested(ctx, run.Playbook, run.Revision)
	if err != nil {
		return evals.Report{}, err
	}
	more, err := activeSuites(ctx, r.Store, run.Playbook)
	if err != nil {
		return evals.Report{}, err
	}
	before, err := r.finished(ctx, run.ID)
	if err != nil {
		return evals.Report{}, err
	}
	notes := &notes{runs: r, run: run, cases: map[string][]byte{}, noted: time.Now()}
	defer notes.flush(context.WithoutCancel(ctx)) // what is played is played, whatever stops us
	report, err := b.Test(ctx, TestOptions{More: more, Repeat: run.Repeat, Seed: uint64(run.Seed), Parallel: 2, Chat: r.Chat, Phone: r.Phone, Finished: before,
		Progress: func(p evals.Progress) { notes.take(ctx, p) }})
	if err != nil || r.Searcher == nil {
		return report, err
	}
	sets, err := r.Store.RetrievalSets(ctx, run.Playbook)
	if err != nil {
		return report, fmt.Errorf("read the sets of questions of %s: %w", run.Playbook, err)
	}
	for _, set := range sets {
		scored, err := evals.ScoreRetrieval(ctx, r.Searcher, set)
		if err != nil {
			return report, err
		}
		report.Retrieval = append(report.Retrieval, scored)
	}
	return report, nil
}

// finished are the cases that an attempt before has played.
func (r *Runs) finished(ctx context.Context, id desk.ID) (map[string]evals.CaseResult, error) {
	rows, err := r.Store.Cases(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("read the finished cases of run %s: %w", id, err)
	}
	out := make(map[string]evals.CaseResult, len(rows))
	for key, data := range rows {
		var c evals.CaseResult
		if json.Unmarshal(data, &c) == nil { // else it is played again
			out[key] = c
		}
	}
	return out, nil
}

// notes keep how far a run is, a few times a second.
type notes struct {
	runs  *Runs
	run   Run
	cases map[string][]byte
	noted time.Time
}

func (n *notes) take(ctx context.Context, p evals.Progress) {
	n.run.Done, n.run.Failed = p.Done, p.Failed
	if b, err := json.Marshal(p.Case); err == nil && !p.Before {
		n.cases[p.Case.Key] = b
	}
	if time.Since(n.noted) >= runProgress {
		n.flush(ctx)
	}
}

func (n *notes) flush(ctx context.Context) {
	if len(n.cases) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	err := n.runs.Store.AddCases(ctx, n.run.ID, n.cases)
	if err == nil {
		err = n.runs.Store.SaveRun(ctx, n.run, nil)
	}
	if err != nil {
		n.runs.Library.log().WarnContext(ctx, "progress of a run not noted", "run", n.run.ID, "error", err)
		return
	}
	n.runs.tell(ctx, n.run)
	n.noted = time.Now()
	clear(n.cases)
}

// tell lets screens know.
func (r *Runs) tell(ctx context.Context, run Run) {
	if r.Library.Bus == nil {
		return
	}
	if err := r.Library.Bus.Publish(RunSubject, run); err != nil {
		r.Library.log().WarnContext(ctx, "screens not told of a run", "run", run.ID, "error", err) // they see it when they look again
	}
}

func (r *Runs) save(ctx context.Context, run Run, report *evals.Report) error {
	data, err := reportJSON(report)
	if err != nil {
		return fmt.Errorf("write the report of run %s: %w", run.ID, err)
	}
	if err := r.Store.SaveRun(ctx, run, data); err != nil {
		return fmt.Errorf("store run %s: %w", run.ID, err)
	}
	r.tell(ctx, run)
	return nil
}

func reportJSON(report *evals.Report) ([]byte, error) {
	if report == nil {
		return nil, nil
	}
	var b bytes.Buffer
	err := report.WriteJSON(&b)
	return b.Bytes(), err
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

// Failing lists the cases of a run under way that have failed so far, in the
// order of their suites and names.
func (r *Runs) Failing(ctx context.Context, id desk.ID) ([]evals.Reason, error) {
	done, err := r.finished(ctx, id)
	if err != nil {
		return nil, err
	}
	out := []evals.Reason{}
	for _, c := range done {
		if c.Failed() {
			out = append(out, c.Reason())
		}
	}
	slices.SortFunc(out, func(a, b evals.Reason) int {
		return cmp.Or(cmp.Compare(a.Suite, b.Suite), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Mode, b.Mode))
	})
	return out, nil
}

// Report reads what a finished run found.
func (r *Runs) Report(ctx context.Context, id desk.ID) (evals.Report, error) {
	return readReport(ctx, r.Store, id)
}

func readReport(ctx context.Context, store RunStore, id desk.ID) (evals.Report, error) {
	data, err := store.RunReport(ctx, id)
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

// Compare says what a run does better and worse than another; with "" than the
// newest finished run of the live revision.
func (r *Runs) Compare(ctx context.Context, id, with desk.ID) (Run, evals.Comparison, error) {
	run, err := r.Store.Run(ctx, id)
	if err != nil {
		return Run{}, evals.Comparison{}, err
	}
	now, err := r.Report(ctx, id)
	if err != nil {
		return Run{}, evals.Comparison{}, err
	}
	var then Run
	if with != "" {
		then, err = r.Store.Run(ctx, with)
	} else {
		var live int
		if _, live, err = r.Library.Live(ctx, run.Playbook); err == nil {
			then, err = r.Store.LatestRun(ctx, run.Playbook, live, run.ID)
		}
		if desk.IsKind(err, desk.NotFound) {
			err = desk.Errorf(desk.NotFound, "nothing_to_compare", "there is no other finished run of the live revision of %s", run.Playbook)
		}
	}
	if err != nil {
		return Run{}, evals.Comparison{}, err
	}
	old, err := r.Report(ctx, then.ID)
	if err != nil {
		return Run{}, evals.Comparison{}, err
	}
	return then, evals.Compare(old, now), nil
}

// tested is a revision with its own article files, as it was tested when it
// was published.
func (l *Library) tested(ctx context.Context, name string, revision int) (*Built, error) {
	return l.once(ctx, testKey(name, revision), func(ctx context.Context) (*Built, error) {
		return l.load(ctx, name, revision, nil)
	})
}

func testKey(name string, revision int) string { return "test:" + bookKey(name, revision) }
