package playbook_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/evals"
	"github.com/parleyhq/parley/internal/store"
	"github.com/parleyhq/parley/internal/store/storetest"
	"github.com/parleyhq/parley/kb"
	"github.com/parleyhq/parley/playbook"
)

const scenario = `version: 1
suite: mine
cases:
  - {name: a person, turns: [{user: I want to talk to a person, expect: {handed_over: QUEUE}}]}
`

func mine(queue string) string { return strings.Replace(scenario, "QUEUE", queue, 1) }

func evalsOf(t *testing.T, db *store.DB) (house, *playbook.Runs) {
	t.Helper()
	h := open(t, db)
	h.Library.Evals = db.Evals()
	return h, &playbook.Runs{Store: db.Evals(), Library: h.Library}
}

func TestEvals_ActiveScenariosAreRunAndGatePublishing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h, runs := evalsOf(t, db)
		if _, err := h.Publish(t.Context(), playbook.Publishing{Files: small(), By: "ed"}); err != nil {
			t.Fatal(err)
		}
		if _, err := runs.SaveScenario(t.Context(), "eva", playbook.Scenario{Playbook: "shop", Status: playbook.ScenarioDraft, YAML: "version: 1\nsuite: x\n"}); !desk.IsKind(err, desk.Invalid) {
			t.Errorf("a suite without cases: %v", err)
		}
		s, err := runs.SaveScenario(t.Context(), "eva", playbook.Scenario{Playbook: "shop", Status: playbook.ScenarioDraft, YAML: mine("nowhere")})
		if err != nil || s.Name != "a person" || s.Version != 1 || s.CreatedBy != "eva" {
			t.Fatalf("%+v %v", s, err)
		}
		start := func() playbook.Run {
			t.Helper()
			run, err := runs.Start(t.Context(), playbook.Asked{By: "eva", Playbook: "shop", Repeat: 1})
			if err != nil {
				t.Fatal(err)
			}
			if err := runs.Play(t.Context(), run.ID); err != nil {
				t.Fatal(err)
			}
			if run, err = runs.Run(t.Context(), run.ID); err != nil {
				t.Fatal(err)
			}
			return run
		}
		if run := start(); run.Total != 1 || !run.GateOK {
			t.Errorf("a draft was run: %+v", run)
		}
		s.Status = playbook.ScenarioActive
		if s, err = runs.SaveScenario(t.Context(), "bo", s); err != nil || s.Version != 2 || s.UpdatedBy != "bo" || s.CreatedBy != "eva" {
			t.Fatalf("%+v %v", s, err)
		}
		stale := s
		stale.Version = 1
		if _, err := runs.SaveScenario(t.Context(), "al", stale); !desk.IsKind(err, desk.Conflict) {
			t.Errorf("a stale writer: %v", err)
		}
		run := start()
		if run.Total != 2 || run.Failed != 1 || run.GateOK {
			t.Errorf("an active one was not run: %+v", run)
		}
		_, c, err := runs.Compare(t.Context(), run.ID, "")
		if err != nil || len(c.New) != 1 || c.Same != 1 {
			t.Errorf("compared: %+v %v", c, err)
		}
		other := with(t, "canned.yaml", "Hi ", "Hey ")
		out, err := h.Publish(t.Context(), playbook.Publishing{Files: other, By: "ed"})
		if !desk.IsKind(err, desk.Conflict) || out.Gate == nil || out.Gate.OK || len(out.Gate.Reasons) != 1 || !strings.Contains(out.Gate.Reasons[0].Why, "nowhere") {
			t.Errorf("published although a scenario fails: %+v %v", out.Gate, err)
		}
		s.YAML = strings.Replace(mine("nowhere"), "name: a person,", "name: a person, tags: may_fail,", 1)
		if s, err = runs.SaveScenario(t.Context(), "eva", s); err != nil {
			t.Fatal(err)
		}
		out, err = h.Publish(t.Context(), playbook.Publishing{Files: other, By: "ed"})
		if err != nil || out.Revision.Number != 2 || out.Revision.Forced || !out.Gate.OK || len(out.Gate.Reasons) != 1 || !out.Gate.Reasons[0].Allowed || out.Changes == nil {
			t.Errorf("what may fail stands in the way: %+v %v", out, err)
		}
		list, err := runs.List(t.Context(), "shop", "", 1)
		if err != nil || list[0].Revision != 2 || list[0].Status != playbook.RunDone || list[0].Allowed != 1 {
			t.Errorf("the report of a publishing is not kept: %+v %v", list, err)
		}
		if err := runs.DeleteScenario(t.Context(), s.ID); err != nil {
			t.Error(err)
		}
		if _, err := runs.Scenario(t.Context(), s.ID); !desk.IsKind(err, desk.NotFound) {
			t.Errorf("it is still there: %v", err)
		}
	})
}

// cutOff ends the context of a run after its first cases were kept.
type cutOff struct {
	playbook.EvalStore
	stop  context.CancelFunc
	added map[string]int
}

func (c *cutOff) AddCases(ctx context.Context, run desk.ID, cases map[string][]byte) error {
	for k := range cases {
		c.added[k]++
	}
	if c.stop != nil {
		defer c.stop()
	}
	return c.EvalStore.AddCases(ctx, run, cases)
}

func TestRuns_GoOnWhereTheyWereCutOff(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h, runs := evalsOf(t, db)
		if _, err := h.Publish(t.Context(), playbook.Publishing{Files: small(), By: "ed"}); err != nil {
			t.Fatal(err)
		}
		run, err := runs.Start(t.Context(), playbook.Asked{By: "eva", Playbook: "shop", Repeat: 1})
		if err != nil {
			t.Fatal(err)
		}
		kept := `{"suite":"book","name":"kept from before","runs":1,"passes":1,"playing":{"turns":[]}}`
		ctx, stop := context.WithCancel(t.Context())
		watch := &cutOff{EvalStore: db.Evals(), stop: stop, added: map[string]int{}}
		runs.Store = watch
		runs.Chat = nil
		_ = runs.Play(ctx, run.ID) // its end may come before the cut
		watch.stop = nil
		cases, err := db.Evals().Cases(t.Context(), run.ID)
		if err != nil {
			t.Fatal(err)
		}
		again, err := runs.Run(t.Context(), run.ID)
		if err != nil {
			t.Fatal(err)
		}
		if again.Status == playbook.RunRunning {
			if len(cases) == 0 {
				t.Fatal("cut off, and nothing was kept")
			}
			for key := range cases { // what is kept is believed
				if err := db.Evals().AddCases(t.Context(), run.ID, map[string][]byte{key: []byte(kept)}); err != nil {
					t.Fatal(err)
				}
			}
			if err := runs.Play(t.Context(), run.ID); err != nil {
				t.Fatal(err)
			}
			report, err := runs.Report(t.Context(), run.ID)
			if err != nil || report.Suites[0].Cases[0].Name != "kept from before" {
				t.Errorf("it was played again: %+v %v", report, err)
			}
		} else {
			t.Fatalf("the run was not cut off: %+v", again)
		}
		if cases, err = db.Evals().Cases(t.Context(), run.ID); err != nil || len(cases) != 0 {
			t.Errorf("%d cases are left after the end, %v", len(cases), err)
		}
	})
}

func TestEvals_SetsOfQuestionsAreScored(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h, runs := evalsOf(t, db)
		own := small()
		own["tests/retrieval.yaml"] = []byte("version: 1\nleast: 1\nquestions:\n  - {ask: When are you open?, article: nowhere}\n")
		out, err := h.Publish(t.Context(), playbook.Publishing{Files: own, By: "ed"})
		if !desk.IsKind(err, desk.Conflict) || len(out.Gate.Reasons) != 1 || out.Gate.Reasons[0].Kind != "retrieval" {
			t.Errorf("published below its least: %+v %v", out.Gate, err)
		}
		own["tests/retrieval.yaml"] = []byte("version: 1\nquestions:\n  - {ask: When are you open?, article: nowhere}\n")
		if out, err = h.Publish(t.Context(), playbook.Publishing{Files: own, By: "ed"}); err != nil || len(out.Report.Retrieval) != 1 || out.Report.Retrieval[0].HitAt3 != 0 {
			t.Fatalf("%+v %v", out.Report, err)
		}
		index := kb.NewIndex()
		for i, title := range []string{"Opening hours", "Refunds and returns"} {
			index.Put(kb.Article{ID: desk.ID(title), Slug: []string{"hours", "refunds"}[i], Lang: desk.English, Status: kb.Published, Version: 1, PublishedVersion: 1,
				Content: kb.Content{Title: title, Body: title + " are here.", Audience: kb.Customers}}, nil)
		}
		runs.Searcher = &kb.Library{Index: index, Now: time.Now}
		set := evals.RetrievalSet{Playbook: "shop", Lang: desk.English, Questions: []evals.Retrieval{{Question: "opening hours", Article: "hours"}, {Question: "opening hours", Article: "refunds"}}}
		got, err := runs.SaveRetrieval(t.Context(), "ed", set)
		if err != nil || got.Score.HitAt1 != 0.5 || len(got.Score.Misses) != 1 || got.Score.Misses[0].Got[0] != "hours" {
			t.Fatalf("%+v %v", got.Score, err)
		}
		if _, err := runs.SaveRetrieval(t.Context(), "ed", evals.RetrievalSet{Playbook: "shop", Lang: desk.English}); !desk.IsKind(err, desk.Invalid) {
			t.Errorf("an empty set: %v", err)
		}
		list, err := runs.Retrieval(t.Context(), "shop", "")
		if err != nil || len(list) != 1 || list[0].Score.HitAt1 != 0.5 {
			t.Errorf("%+v %v", list, err)
		}
		run, err := runs.Start(t.Context(), playbook.Asked{By: "eva", Playbook: "shop", Repeat: 1})
		if err != nil {
			t.Fatal(err)
		}
		if err := runs.Play(t.Context(), run.ID); err != nil {
			t.Fatal(err)
		}
		report, err := runs.Report(t.Context(), run.ID)
		if err != nil || len(report.Retrieval) != 2 || report.Retrieval[1].Name != playbook.EditorsSet {
			t.Errorf("the sets are not in the run: %+v %v", report.Retrieval, err)
		}
		if err := runs.DeleteRetrieval(t.Context(), "shop", desk.English); err != nil {
			t.Error(err)
		}
		if err := runs.DeleteRetrieval(t.Context(), "shop", desk.English); !desk.IsKind(err, desk.NotFound) {
			t.Errorf("deleted twice: %v", err)
		}
	})
}

func TestSchedule_IsDueAtItsTimeInItsZone(t *testing.T) {
	for name, c := range map[string]struct {
		s         playbook.Schedule
		now, want string
	}{
		"today":             {playbook.Schedule{Every: "daily", At: "09:00", Zone: "Asia/Shanghai"}, "2026-03-02T00:30:00Z", "2026-03-02T01:00:00Z"},
		"at the very time":  {playbook.Schedule{Every: "daily", At: "09:00", Zone: "Asia/Shanghai"}, "2026-03-02T01:00:00Z", "2026-03-03T01:00:00Z"},
		"weekly":            {playbook.Schedule{Every: "weekly", Weekday: 1, At: "09:00", Zone: "UTC"}, "2026-03-02T10:00:00Z", "2026-03-09T09:00:00Z"},
		"skipped in spring": {playbook.Schedule{Every: "daily", At: "02:30", Zone: "Europe/Zurich"}, "2026-03-28T12:00:00Z", "2026-03-29T01:30:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			now, _ := time.Parse(time.RFC3339, c.now)
			got, err := c.s.After(now)
			if err != nil || got.Format(time.RFC3339) != c.want {
				t.Errorf("got %v %v, want %s", got, err, c.want)
			}
		})
	}
	for _, bad := range []playbook.Schedule{{Every: "daily", At: "9", Zone: "UTC"}, {Every: "daily", At: "09:00", Zone: "Mars"}, {Every: "hourly", At: "09:00", Zone: "UTC"}} {
		if _, err := bad.After(time.Now()); !desk.IsKind(err, desk.Invalid) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}

func TestSchedules_StartWhatIsDueOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h, runs := evalsOf(t, db)
		now := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
		h.Library.Now = func() time.Time { return now }
		if _, err := h.Publish(t.Context(), playbook.Publishing{Files: small(), By: "ed"}); err != nil {
			t.Fatal(err)
		}
		s, err := runs.SaveSchedule(t.Context(), "eva", playbook.Schedule{Playbook: "shop", Every: "daily", At: "09:00", Zone: "UTC", Repeat: 1, Active: true})
		if err != nil || s.Next.Hour() != 9 {
			t.Fatalf("%+v %v", s, err)
		}
		count := func() int {
			t.Helper()
			list, err := runs.List(t.Context(), "shop", "", 50)
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			for _, r := range list {
				if r.Schedule == s.ID {
					n++
				}
			}
			return n
		}
		if err := runs.StartDue(t.Context()); err != nil || count() != 0 {
			t.Errorf("started before its time: %d %v", count(), err)
		}
		now = now.Add(50 * time.Hour) // two were missed
		for range 2 {
			if err := runs.StartDue(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		list, err := runs.Schedules(t.Context())
		if err != nil || count() != 1 || len(list) != 1 || !list[0].Next.After(now) || list[0].LastRun == "" {
			t.Errorf("%d runs, %+v %v", count(), list, err)
		}
		s.Active = false
		if _, err := runs.SaveSchedule(t.Context(), "eva", s); err != nil {
			t.Fatal(err)
		}
		now = now.Add(48 * time.Hour)
		if err := runs.StartDue(t.Context()); err != nil || count() != 1 {
			t.Errorf("one that is off was started: %d %v", count(), err)
		}
		if err := runs.DeleteSchedule(t.Context(), s.ID); err != nil {
			t.Error(err)
		}
	})
}
