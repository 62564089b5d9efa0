package httpapi

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/parleyhq/parley/assist"
	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/kb"
	"github.com/parleyhq/parley/playbook"
)

// shopFiles is a small playbook.
func shopFiles() map[string]string {
	return map[string]string{
		"playbook.yaml":   "version: 1\nplaybook: shop\ntitle: Shop\nstart: menu:main\nhuman: queue:support\n",
		"queues.yaml":     "version: 1\nqueues: [{name: support, title: Care}]\n",
		"menus/main.yaml": "version: 1\nmenu: main\nprompt: What now?\nchoices: [{label: A person, go: queue:support}]\n",
		"tests/menu.yaml": "version: 1\nsuite: menu\ncases:\n  - name: a person\n    turns:\n      - tap: queue:support\n        expect: {handed_over: support}\n",
	}
}

// withPlaybooks is a house whose server knows playbooks and plays suites.
func withPlaybooks(t *testing.T) (*house, *playbook.Runs) {
	t.Helper()
	lib, runs := &playbook.Library{}, &playbook.Runs{}
	h := newHouse(t, func(s *Server) { s.Playbooks, s.Evals = lib, runs }).people()
	lib.Store, runs.Store, runs.Library = h.db.Playbooks(), h.db.Evals(), lib
	return h, runs
}

func TestPlaybooks_PublishedReadTriedAndTakenBack(t *testing.T) {
	h, _ := withPlaybooks(t)
	boss, editor := bearer(h.secrets[desk.Supervisor]), bearer(h.secrets[desk.Editor])
	out := into[publishedPlaybook](t, h.call(post, "/api/playbooks/shop/publish", map[string]any{"files": shopFiles(), "note": "first"}, boss), 200)
	if out.Revision != 1 || out.Report == nil || out.Report.Passed != 1 {
		t.Fatalf("got %+v", out)
	}
	change := map[string]any{"files": map[string]string{"menus/main.yaml": strings.Replace(shopFiles()["menus/main.yaml"], "What now?", "And now?", 1)}}

	tried := into[playbook.Tried](t, h.call(post, "/api/playbooks/shop/try", map[string]any{"files": change["files"], "message": map[string]any{}}, editor), 200)
	if len(tried.Messages) != 1 || tried.Messages[0].Text != "And now?" {
		t.Errorf("tried: %+v", tried.Messages)
	}
	tried = into[playbook.Tried](t, h.call(post, "/api/playbooks/shop/try", map[string]any{"files": change["files"], "state": tried.State, "message": map[string]any{"option": "c1"}}, editor), 200)
	if tried.Status != desk.Waiting || tried.Queue != "support" {
		t.Errorf("tried on: %+v", tried)
	}

	if out := into[publishedPlaybook](t, h.call(post, "/api/playbooks/shop/publish", change, boss), 200); out.Revision != 2 {
		t.Errorf("second: %+v", out)
	}
	view := into[playbookView](t, h.call(get, "/api/playbooks/shop", nil, editor), 200)
	if view.Live != 2 || len(view.Revisions) != 2 || len(view.Files) != 4 || view.Revisions[1].Note != "first" || view.Revisions[0].By != "supervisor" {
		t.Errorf("view %+v", view)
	}
	if file := into[playbookText](t, h.call(get, "/api/playbooks/shop/revisions/1/files/menus/main.yaml", nil, editor), 200); file.Text != shopFiles()["menus/main.yaml"] {
		t.Errorf("file %q", file.Text)
	}
	if out := into[publishedPlaybook](t, h.call(post, "/api/playbooks/shop/rollback", map[string]int{"revision": 1}, boss), 200); out.Revision != 1 {
		t.Errorf("back: %+v", out)
	}
	list := into[Page[playbook.Entry]](t, h.call(get, "/api/playbooks", nil, editor), 200)
	if len(list.Items) != 1 || list.Items[0].Live != 1 {
		t.Errorf("list %+v", list)
	}
	page := into[Page[playbook.Revision]](t, h.call(get, "/api/playbooks/shop/revisions?limit=1", nil, editor), 200)
	if len(page.Items) != 1 || page.Items[0].Number != 2 || page.Next != "2" {
		t.Errorf("page %+v", page)
	}
	for _, path := range []string{"/api/playbooks/none", "/api/playbooks/shop/revisions/9/files/a.yaml", "/api/playbooks/shop/revisions/1/files/..%2fx"} {
		if a := h.call(get, path, nil, editor); a.status != 404 {
			t.Errorf("%s: got %d %s", path, a.status, a.body)
		}
	}
}

func TestPlaybooks_SayWhatIsWrong(t *testing.T) {
	h, _ := withPlaybooks(t)
	boss := bearer(h.secrets[desk.Supervisor])
	h.call(post, "/api/playbooks/shop/publish", map[string]any{"files": shopFiles()}, boss)

	broken := map[string]any{"files": map[string]string{"menus/main.yaml": "version: 1\nmenu: main\nprompt: X\nchoices: [{label: A, go: menu:nowhere}]\n"}, "removed": []string{"tests/menu.yaml"}}
	checked := into[checkedPlaybook](t, h.call(post, "/api/playbooks/shop/check", broken, bearer(h.secrets[desk.Editor])), 200)
	const want = `menus/main.yaml:4:26: there is no menu "nowhere"`
	if checked.OK || len(checked.Problems) != 1 || checked.Problems[0].Error() != want {
		t.Errorf("got %+v", checked)
	}
	if a := h.call(post, "/api/playbooks/shop/publish", broken, boss); a.status != 422 || a.problem().Code != "bad_playbook" || !strings.Contains(string(a.body), `"line":4`) {
		t.Errorf("publish: %d %s", a.status, a.body)
	}

	failing := map[string]any{"files": map[string]string{"tests/menu.yaml": strings.Replace(shopFiles()["tests/menu.yaml"], "handed_over: support", "menu: other", 1)}}
	if a := h.call(post, "/api/playbooks/shop/publish", failing, boss); a.status != 409 || a.problem().Code != "tests_failed" || !strings.Contains(string(a.body), `"failed":1`) {
		t.Errorf("failing suites: %d %s", a.status, a.body)
	}
	failing["force"] = true
	if out := into[publishedPlaybook](t, h.call(post, "/api/playbooks/shop/publish", failing, boss), 200); out.Revision != 2 || !out.Outcome.Revision.Forced {
		t.Errorf("forced: %+v", out)
	}
	if a := h.call(post, "/api/playbooks/shop/publish", failing, bearer(h.secrets[desk.Editor])); a.status != 403 {
		t.Errorf("an editor publishes: %d", a.status)
	}
}

func TestEvals_RunInTheBackground(t *testing.T) {
	h, runs := withPlaybooks(t)
	eva := bearer(h.secrets[desk.Evaluator])
	if a := h.call(post, "/api/evals/runs", map[string]any{"playbook": "shop"}, eva); a.status != 404 {
		t.Errorf("nothing published: %d %s", a.status, a.body)
	}
	h.call(post, "/api/playbooks/shop/publish", map[string]any{"files": shopFiles()}, bearer(h.secrets[desk.Supervisor]))
	run := into[playbook.Run](t, h.call(post, "/api/evals/runs", map[string]any{"playbook": "shop", "repeat": 2}, eva), 202)
	if run.Status != playbook.RunRunning || run.Total != 1 {
		t.Errorf("started %+v", run)
	}
	if a := h.call(get, "/api/evals/runs/"+string(run.ID)+"/html", nil, eva); a.status != 404 {
		t.Errorf("a page before the end: %d", a.status)
	}
	if err := runs.Play(context.Background(), run.ID); err != nil {
		t.Fatal(err)
	}
	view := into[runView](t, h.call(get, "/api/evals/runs/"+string(run.ID), nil, eva), 200)
	if view.Status != playbook.RunDone || view.Report == nil || view.Report.Repeat != 2 || view.Passed != 1 {
		t.Errorf("view %+v", view)
	}
	page := h.call(get, "/api/evals/runs/"+string(run.ID)+"/html?lang="+url.QueryEscape("zh"), nil, eva)
	if page.status != 200 || !strings.HasPrefix(page.header.Get("Content-Type"), "text/html") || !strings.Contains(page.header.Get("Content-Security-Policy"), "sandbox") || !strings.Contains(string(page.body), "shop") {
		t.Errorf("page %d %s", page.status, page.header)
	}
	list := into[Page[playbook.Run]](t, h.call(get, "/api/evals/runs?playbook=shop", nil, eva), 200)
	if len(list.Items) != 1 || list.Items[0].ID != run.ID {
		t.Errorf("list %+v", list)
	}
}

var (
	_ playbook.Articles = (*kb.Library)(nil)
	_ playbook.Canned   = (*assist.Desk)(nil)
)
