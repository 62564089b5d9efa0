package playbook_test

import (
	"strings"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/store"
	"github.com/parleyhq/parley/internal/store/storetest"
	"github.com/parleyhq/parley/playbook"
)

func TestRuns_PlayTheLiveRevision(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := open(t, db)
		runs := &playbook.Runs{Store: db.Evals(), Library: h.Library}
		if _, err := runs.Start(t.Context(), playbook.Asked{By: "eva", Playbook: "shop", Repeat: 1}); !desk.IsKind(err, desk.NotFound) {
			t.Errorf("nothing is published: %v", err)
		}
		bad := with(t, "tests/book.yaml", "said: T1", "said: T2")
		if _, err := h.Publish(t.Context(), playbook.Publishing{Files: bad, Force: true}); err != nil {
			t.Fatal(err)
		}
		if _, err := runs.Start(t.Context(), playbook.Asked{By: "eva", Playbook: "shop", Repeat: 1000}); !desk.IsKind(err, desk.Invalid) {
			t.Errorf("too many repeats: %v", err)
		}
		run, err := runs.Start(t.Context(), playbook.Asked{By: "eva", Playbook: "shop", Repeat: 3})
		if err != nil || run.Status != playbook.RunRunning || run.Total != 1 || run.Revision != 1 {
			t.Fatalf("started: %+v %v", run, err)
		}
		if _, err := runs.Report(t.Context(), run.ID); !desk.IsKind(err, desk.NotFound) {
			t.Errorf("a report before the end: %v", err)
		}
		for range 2 { // a job may run twice
			if err := runs.Play(t.Context(), run.ID); err != nil {
				t.Fatal(err)
			}
		}
		got, err := db.Evals().Run(t.Context(), run.ID)
		if err != nil || got.Status != playbook.RunDone || got.Failed != 1 || got.Done != 1 || got.FinishedAt.IsZero() || got.By != "eva" {
			t.Errorf("played: %+v %v", got, err)
		}
		late := run // what a node says that lost the job while it was held up
		late.Done = 0
		if err := db.Evals().AddCases(t.Context(), run.ID, map[string][]byte{"x": []byte("{}")}); err != nil {
			t.Fatal(err)
		}
		if err := db.Evals().SaveRun(t.Context(), late, nil); err != nil {
			t.Error(err)
		}
		if again, err := db.Evals().Run(t.Context(), run.ID); err != nil || again != got {
			t.Errorf("said late: %+v %v, want %+v", again, err, got)
		}
		if cases, err := db.Evals().Cases(t.Context(), run.ID); err != nil || len(cases) != 0 {
			t.Errorf("%d cases of a run that ended, %v", len(cases), err)
		}
		report, err := runs.Report(t.Context(), run.ID)
		if err != nil || report.Failed != 1 || report.Repeat != 3 || !strings.Contains(report.Suites[0].Cases[0].Why(), "T2") {
			t.Errorf("report %+v %v", report, err)
		}
		if err := runs.Play(t.Context(), "nobody"); !desk.IsKind(err, desk.NotFound) {
			t.Errorf("an unknown run: %v", err)
		}
	})
}

func TestRuns_OldOnesAreForgotten(t *testing.T) {
	db := storetest.Open(t, storetest.SQLite(t))
	at := time.Now() // ids of one millisecond have no order
	first := playbook.Run{ID: desk.NewIDAt(at), Playbook: "shop", Repeat: 1, Status: playbook.RunDone}
	other := playbook.Run{ID: desk.NewID(), Playbook: "other", Repeat: 1, Status: playbook.RunDone}
	for _, r := range []playbook.Run{first, other} {
		if err := db.Evals().AddRun(t.Context(), r, []byte("{}"), nil); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 200 {
		if err := db.Evals().AddRun(t.Context(), playbook.Run{ID: desk.NewIDAt(at.Add(time.Duration(i+1) * time.Millisecond)), Playbook: "shop", Repeat: 1, Status: playbook.RunDone}, nil, nil); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.Evals().Run(t.Context(), first.ID); !desk.IsKind(err, desk.NotFound) {
		t.Errorf("the oldest of 201 is still there: %v", err)
	}
	if _, err := db.Evals().Run(t.Context(), other.ID); err != nil {
		t.Errorf("another playbook's run is gone: %v", err)
	}
	list, err := db.Evals().Runs(t.Context(), "shop", "", 50)
	if err != nil || len(list) != 50 || list[0].ID <= list[49].ID {
		t.Errorf("list of %d %v", len(list), err)
	}
}
