package httpapi

import (
	"context"
	"strings"
	"testing"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/evals"
	"github.com/parleyhq/parley/kb"
	"github.com/parleyhq/parley/playbook"
)

const goodSuite = "version: 1\nsuite: mine\ncases:\n  - {name: tap, turns: [{tap: 'queue:support', expect: {handed_over: support}}]}\n"

func publishedShop(t *testing.T) (*house, *playbook.Runs) {
	t.Helper()
	h, runs := withPlaybooks(t)
	h.call(post, "/api/playbooks/shop/publish", map[string]any{"files": shopFiles()}, bearer(h.secrets[desk.Supervisor]))
	return h, runs
}

func TestEvals_ScenariosAreWrittenPlayedAndChanged(t *testing.T) {
	h, _ := publishedShop(t)
	eva := bearer(h.secrets[desk.Evaluator])
	bad := h.call(post, "/api/evals/scenarios", map[string]any{"playbook": "shop", "yaml": "version: 1\nsuite: x\ncases:\n  - {name: a, turns: [{tip: x}]}\n"}, eva)
	if bad.status != 422 || bad.problem().Code != "bad_suite" || !strings.Contains(string(bad.body), `"line":4`) {
		t.Errorf("a bad suite: %d %s", bad.status, bad.body)
	}
	if a := h.call(post, "/api/evals/scenarios", map[string]any{"playbook": "shop"}, eva); a.status != 422 {
		t.Errorf("neither yaml nor file: %d", a.status)
	}
	support := "support"
	file := evals.SuiteFile{Suite: "mine", Cases: []evals.CaseFile{{Name: "a person", Turns: []evals.StepFile{{User: ptr("I want to talk to a person"), Expect: evals.ExpectFile{HandedOver: &support}}}}}}
	made := into[scenarioView](t, h.call(post, "/api/evals/scenarios", map[string]any{"playbook": "shop", "file": file}, eva), 201)
	if made.Name != "a person" || made.Status != playbook.ScenarioDraft || made.File == nil || *made.File.Cases[0].Turns[0].Expect.HandedOver != support || !strings.Contains(made.YAML, "handed_over: support") {
		t.Fatalf("made %+v", made)
	}
	played := into[playedScenario](t, h.call(post, "/api/evals/scenarios/play", map[string]any{"playbook": "shop", "yaml": goodSuite, "repeat": 2}, eva), 200)
	if !played.Gate.OK || played.Report.Passed != 1 || played.Report.Repeat != 2 {
		t.Errorf("played %+v", played)
	}
	path := "/api/evals/scenarios/" + string(made.ID)
	change := map[string]any{"playbook": "shop", "yaml": goodSuite, "status": "active", "version": 1}
	if got := into[scenarioView](t, h.call(put, path, change, eva), 200); got.Version != 2 || got.Status != playbook.ScenarioActive {
		t.Errorf("changed %+v", got)
	}
	if a := h.call(put, path, change, eva); a.status != 409 {
		t.Errorf("a stale writer: %d", a.status)
	}
	if list := into[Page[playbook.Scenario]](t, h.call(get, "/api/evals/scenarios?playbook=shop&status=active", nil, eva), 200); len(list.Items) != 1 {
		t.Errorf("list %+v", list)
	}
	if list := into[Page[playbook.Scenario]](t, h.call(get, "/api/evals/scenarios?status=draft", nil, eva), 200); len(list.Items) != 0 {
		t.Errorf("drafts %+v", list)
	}
	if got := into[scenarioView](t, h.call(get, path, nil, eva), 200); got.File == nil || got.File.Suite != "mine" {
		t.Errorf("read %+v", got)
	}
	if a := h.call(del, path, nil, eva); a.status >= 300 {
		t.Errorf("deleted: %d %s", a.status, a.body)
	}
	if a := h.call(get, path, nil, eva); a.status != 404 {
		t.Errorf("still there: %d", a.status)
	}
	if a := h.call(post, "/api/evals/scenarios", map[string]any{"playbook": "shop", "yaml": goodSuite}, bearer(h.secrets[desk.Editor])); a.status != 403 {
		t.Errorf("an editor writes scenarios: %d", a.status)
	}
}

func ptr[T any](v T) *T { return &v }

func TestEvals_AConversationBecomesAScenarioWithoutPersonalData(t *testing.T) {
	h, _ := publishedShop(t)
	me := h.visit(map[string]any{"playbook": "shop"})
	h.call(post, "/v1/chat/open", map[string]any{}, bearer(me.Token))
	said := into[Accepted](t, h.call(post, "/v1/chat/messages", map[string]any{"client_id": "1", "text": "call me at 13812345678, mail jane@private.org"}, bearer(me.Token)), 202)
	into[Accepted](t, h.call(post, "/v1/chat/messages", map[string]any{"client_id": "2", "command": "human"}, bearer(me.Token)), 202)
	boss := bearer(h.secrets[desk.Supervisor])
	id := said.Message.ConversationID
	eventually(t, "the hand-over", func() bool {
		c, err := h.db.Routing().Conversation(t.Context(), id)
		return err == nil && c.Status == desk.Waiting
	})
	path := "/api/conversations/" + string(id) + "/scenario"
	got := into[draftedScenario](t, h.call(post, path, map[string]any{}, boss), 201)
	if got.Source != id || got.Status != playbook.ScenarioDraft || got.File == nil || len(got.File.Cases[0].Turns) != 2 || !strings.Contains(got.YAML, "handed_over: support") {
		t.Errorf("drafted %+v", got)
	}
	if strings.Contains(got.YAML, "13812345678") || strings.Contains(got.YAML, "jane") || !strings.Contains(got.YAML, "13800138000") || !strings.Contains(got.YAML, "customer@example.com") {
		t.Errorf("personal data:\n%s", got.YAML)
	}
	if a := h.call(post, path, map[string]any{}, bearer(h.secrets[desk.Evaluator])); a.status != 403 {
		t.Errorf("one who may not read conversations: %d", a.status)
	}
}

func TestEvals_SetsOfQuestionsAndSchedules(t *testing.T) {
	h, runs := publishedShop(t)
	index := kb.NewIndex()
	index.Put(kb.Article{ID: "a1", Slug: "hours", Lang: desk.English, Status: kb.Published, Version: 1, PublishedVersion: 1, Content: kb.Content{Title: "Opening hours", Body: "Nine to six.", Audience: kb.Customers}}, nil)
	runs.Searcher = &kb.Library{Index: index}
	editor, eva := bearer(h.secrets[desk.Editor]), bearer(h.secrets[desk.Evaluator])
	set := map[string]any{"playbook": "shop", "lang": "en", "questions": []map[string]string{{"question": "opening hours", "article": "hours"}, {"question": "opening hours", "article": "gone"}}}
	got := into[playbook.ScoredSet](t, h.call(put, "/api/evals/retrieval", set, editor), 200)
	if got.Score == nil || got.Score.HitAt1 != 0.5 || len(got.Score.Misses) != 1 || got.Score.Misses[0].Got[0] != "hours" {
		t.Errorf("scored %+v", got.Score)
	}
	if list := into[Page[playbook.ScoredSet]](t, h.call(get, "/api/evals/retrieval?playbook=shop&lang=en", nil, eva), 200); len(list.Items) != 1 || len(list.Items[0].Questions) != 2 {
		t.Errorf("list %+v", list)
	}
	if a := h.call(del, "/api/evals/retrieval?playbook=shop&lang=en", nil, editor); a.status >= 300 {
		t.Errorf("delete: %d %s", a.status, a.body)
	}
	sc := into[playbook.Schedule](t, h.call(post, "/api/evals/schedules", map[string]any{"playbook": "shop", "every": "weekly", "weekday": 1, "at": "09:00", "zone": "Asia/Shanghai"}, eva), 201)
	if !sc.Active || sc.Repeat != 1 || sc.Next.IsZero() {
		t.Errorf("schedule %+v", sc)
	}
	if a := h.call(put, "/api/evals/schedules/"+string(sc.ID), map[string]any{"playbook": "shop", "every": "daily", "at": "9 o'c", "zone": "UTC"}, eva); a.status != 422 || a.problem().Code != "bad_time" {
		t.Errorf("a bad time: %d %s", a.status, a.body)
	}
	off := into[playbook.Schedule](t, h.call(put, "/api/evals/schedules/"+string(sc.ID), map[string]any{"playbook": "shop", "every": "daily", "at": "09:30", "zone": "UTC", "active": false}, eva), 200)
	if list := into[Page[playbook.Schedule]](t, h.call(get, "/api/evals/schedules", nil, eva), 200); off.Active || len(list.Items) != 1 || list.Items[0].At != "09:30" {
		t.Errorf("list %+v", list)
	}
	if a := h.call(del, "/api/evals/schedules/"+string(sc.ID), nil, eva); a.status >= 300 {
		t.Errorf("delete: %d", a.status)
	}
}

func TestEvals_RunsAreComparedAndFollowed(t *testing.T) {
	h, runs := publishedShop(t)
	eva := bearer(h.secrets[desk.Evaluator])
	runs.Library.Bus = h.s.Bus
	c, agent := h.signIn("evaluator@example.com").console(), h.signIn("agent@example.com").console()
	eventually(t, "hello", func() bool { return c.find("hello", "evaluator") != nil && agent.find("hello", "agent") != nil })
	play := func() playbook.Run {
		run := into[playbook.Run](t, h.call(post, "/api/evals/runs", map[string]any{"playbook": "shop", "seed": 7}, eva), 202)
		if err := runs.Play(context.Background(), run.ID); err != nil {
			t.Fatal(err)
		}
		return run
	}
	first := play()
	if a := h.call(get, "/api/evals/runs/"+string(first.ID)+"/compare", nil, eva); a.status != 404 || a.problem().Code != "nothing_to_compare" {
		t.Errorf("nothing to compare with: %d %s", a.status, a.body)
	}
	second := play()
	got := into[runComparison](t, h.call(get, "/api/evals/runs/"+string(second.ID)+"/compare", nil, eva), 200)
	if got.With.ID != first.ID || got.Same != 1 || len(got.Worse)+len(got.Better) != 0 {
		t.Errorf("compared %+v", got)
	}
	if got := into[runComparison](t, h.call(get, "/api/evals/runs/"+string(first.ID)+"/compare?with="+string(second.ID), nil, eva), 200); got.With.ID != second.ID {
		t.Errorf("compared %+v", got.With)
	}
	if a := h.call(get, "/api/evals/runs/"+string(first.ID)+"/junit", nil, eva); a.status != 200 || !strings.Contains(string(a.body), "<testsuites") {
		t.Errorf("junit: %d %s", a.status, a.body)
	}
	eventually(t, "the end of the second run", func() bool {
		f := c.find("eval_run", `"status":"done"`)
		return f != nil && c.find("eval_run", string(second.ID)) != nil
	})
	if agent.find("eval_run", "") != nil {
		t.Error("an agent, who may not read evals, is told of runs")
	}
}
