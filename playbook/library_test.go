package playbook_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parleyhq/parley/assist"
	"github.com/parleyhq/parley/bot"
	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/store"
	"github.com/parleyhq/parley/internal/store/storetest"
	"github.com/parleyhq/parley/internal/yamlfile"
	"github.com/parleyhq/parley/kb"
	"github.com/parleyhq/parley/playbook"
)

type bus struct {
	mu   sync.Mutex // guards said
	said []any
}

func (b *bus) Publish(subject string, v any) error {
	if subject == playbook.ChangedSubject {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.said = append(b.said, v)
	}
	return nil
}

type house struct {
	*playbook.Library
	db       *store.DB
	bus      *bus
	articles *kb.Library
}

func open(t *testing.T, db *store.DB) house {
	t.Helper()
	articles := &kb.Library{Store: store.KB{DB: db}, Index: kb.NewIndex()}
	if err := articles.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	replies := &assist.Desk{Store: store.Assist{DB: db}, Library: articles}
	b := &bus{}
	return house{&playbook.Library{Store: db.Playbooks(), Articles: articles, Canned: replies, Bus: b, Lessons: lessons}, db, b, articles}
}

// lessons are shared by all tests: what they publish differs in what is not
// learnt from, most of the time.
var lessons = &playbook.Lessons{}

func (h house) publish(t *testing.T, files playbook.Files) playbook.Published {
	t.Helper()
	out, err := h.Publish(t.Context(), playbook.Publishing{Files: files, By: "emma"})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// entered is what the live playbook says first.
func (h house) entered(t *testing.T, name string, revision int) string {
	t.Helper()
	b, err := h.Book(t.Context(), name, revision)
	if err != nil {
		t.Fatal(err)
	}
	out, err := desk.Respond(t.Context(), b, desk.Turn{Conversation: desk.Conversation{Lang: desk.English}, Now: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	return out.Says[0].Text
}

func TestLibrary_PublishesExactlyTheseFiles(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := open(t, db)
		if _, _, err := h.Live(t.Context(), "shop"); !desk.IsKind(err, desk.NotFound) {
			t.Errorf("nothing is published: got %v", err)
		}
		out := h.publish(t, small())
		if out.Revision.Number != 1 || out.Revision.Passed != 1 || out.Revision.Forced || len(out.Articles.Added) != 2 || len(out.Canned.Added) != 1 || !out.Report.OK() {
			t.Errorf("got %+v", out)
		}
		name, revision, err := h.Live(t.Context(), "")
		if err != nil || name != "shop" || revision != 1 {
			t.Errorf("live by default: %s %d %v", name, revision, err)
		}
		files, err := h.Files(t.Context(), "shop", 1)
		if err != nil || files.Digest() != small().Digest() {
			t.Errorf("the files are not what was published: %v", err)
		}
		if got := h.entered(t, "shop", 1); got != "What now?" {
			t.Errorf("it says %q", got)
		}
		queue, ok, err := db.Routing().Queue(t.Context(), "support")
		if err != nil || !ok || queue.Playbook != "shop" || queue.Title.In(desk.Chinese) != "客服" {
			t.Errorf("queue %+v %v %v", queue, ok, err)
		}
		a, ok, err := h.articles.Answer(t.Context(), kb.Question{Article: "hours", Lang: desk.Chinese, Playbook: "shop"})
		if err != nil || !ok || !strings.Contains(a.Text, "九点") {
			t.Errorf("article %+v %v %v", a, ok, err)
		}
		if len(h.bus.said) != 1 || h.bus.said[0] != (playbook.Changed{Name: "shop", Revision: 1}) {
			t.Errorf("told %v", h.bus.said)
		}
		list, err := h.Playbooks(t.Context())
		if err != nil || len(list) != 1 || list[0].Live != 1 || list[0].Title.In(desk.English) != "Shop" || len(list[0].Langs) != 2 {
			t.Errorf("list %+v %v", list, err)
		}
	})
}

func TestLibrary_TheSameFilesAreNotPublishedTwice(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := open(t, db)
		h.publish(t, small())
		if out := h.publish(t, small()); !out.Unchanged || out.Revision.Number != 1 {
			t.Errorf("got %+v", out)
		}
	})
}

func TestLibrary_FailingSuitesRefuse(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := open(t, db)
		h.publish(t, small())
		bad := with(t, "tests/book.yaml", "said: T1", "said: T2")
		out, err := h.Publish(t.Context(), playbook.Publishing{Files: bad, By: "emma"})
		var e *desk.Error
		if !errors.As(err, &e) || e.Code != "tests_failed" || e.Kind != desk.Conflict || out.Report == nil || out.Report.Failed != 1 {
			t.Fatalf("got %+v, %v", out, err)
		}
		if _, revision, _ := h.Live(t.Context(), "shop"); revision != 1 {
			t.Errorf("revision %d is live", revision)
		}
		if list, _ := h.Versions(t.Context(), "shop", 0, 0); len(list) != 1 {
			t.Errorf("%d revisions are stored", len(list))
		}
		out, err = h.Publish(t.Context(), playbook.Publishing{Files: bad, By: "emma", Note: "known", Force: true})
		if err != nil || out.Revision.Number != 2 || !out.Revision.Forced || out.Revision.Failed != 1 {
			t.Fatalf("forced: %+v, %v", out.Revision, err)
		}
		list, err := h.Versions(t.Context(), "shop", 0, 0)
		if err != nil || len(list) != 2 || !list[0].Forced || list[0].Note != "known" || list[0].By != "emma" || list[1].Forced {
			t.Errorf("versions %+v %v", list, err)
		}
		if older, _ := h.Versions(t.Context(), "shop", 2, 0); len(older) != 1 || older[0].Number != 1 {
			t.Errorf("below 2: %+v", older)
		}
	})
}

func TestLibrary_ProblemsRefuseEvenByForce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := open(t, db)
		_, err := h.Publish(t.Context(), playbook.Publishing{Files: with(t, "menus/main.yaml", "flow:book", "flow:cook"), Force: true})
		var problems yamlfile.Errors
		if !errors.As(err, &problems) {
			t.Errorf("got %v", err)
		}
		if _, err := h.Publish(t.Context(), playbook.Publishing{Name: "other", Files: small()}); !desk.IsKind(err, desk.Invalid) {
			t.Errorf("another name: %v", err)
		}
	})
}

func TestLibrary_RollbackBringsEverythingBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := open(t, db)
		h.publish(t, small())
		second := with(t, "menus/main.yaml", "What now?", "And now?")
		second["articles/hours.en.md"] = []byte("---\ntitle: Hours\nquestions: [When do you open?]\n---\nWe open at ten.\n")
		if out := h.publish(t, second); out.Revision.Number != 2 || len(out.Articles.Updated) != 1 {
			t.Fatalf("got %+v", out)
		}
		if got := h.entered(t, "shop", 2); got != "And now?" {
			t.Errorf("revision 2 says %q", got)
		}
		if got := h.entered(t, "shop", 1); got != "What now?" { // a running conversation stays on its revision
			t.Errorf("revision 1 says %q", got)
		}
		if _, err := h.Rollback(t.Context(), "sam", "shop", 1); err != nil {
			t.Fatal(err)
		}
		if _, revision, _ := h.Live(t.Context(), "shop"); revision != 1 {
			t.Errorf("revision %d is live", revision)
		}
		a, _, err := h.articles.Answer(t.Context(), kb.Question{Article: "hours", Lang: desk.English, Playbook: "shop"})
		if err != nil || !strings.Contains(a.Text, "nine") {
			t.Errorf("the article says %q %v", a.Text, err)
		}
		if out := h.publish(t, second); out.Revision.Number != 3 || out.Unchanged {
			t.Errorf("published again: %+v", out.Revision)
		}
		if _, err := h.Rollback(t.Context(), "sam", "shop", 9); !desk.IsKind(err, desk.NotFound) {
			t.Errorf("an unknown revision: %v", err)
		}
		if _, err := h.Book(t.Context(), "shop", 9); !desk.IsKind(err, desk.NotFound) {
			t.Errorf("the book of an unknown revision: %v", err)
		}
	})
}

func TestLibrary_KeepsArticlesThatWereEdited(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := open(t, db)
		h.publish(t, small())
		a, err := store.KB{DB: db}.ArticleNamed(t.Context(), "shop", "hours", desk.English)
		if err != nil {
			t.Fatal(err)
		}
		edited := kb.Draft{ID: a.ID, Version: a.Version, Content: a.Content, Publish: true}
		edited.Body = "We open at eleven."
		if _, err := h.articles.Save(t.Context(), "emma", edited); err != nil {
			t.Fatal(err)
		}
		next := with(t, "menus/main.yaml", "What now?", "And now?")
		next["articles/hours.en.md"] = []byte("---\ntitle: Hours\n---\nWe open at ten.\n")
		out := h.publish(t, next)
		if len(out.Articles.Kept) != 1 || out.Articles.Kept[0] != "articles/hours.en.md" {
			t.Errorf("kept %v", out.Articles.Kept)
		}
		got, _, err := h.articles.Answer(t.Context(), kb.Question{Article: "hours", Lang: desk.English, Playbook: "shop"})
		if err != nil || !strings.Contains(got.Text, "eleven") {
			t.Errorf("the article says %q %v", got.Text, err)
		}
	})
}

func TestLibrary_DoesNotTakeTheQueueOfAnother(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := open(t, db)
		h.publish(t, small())
		other := with(t, "playbook.yaml", "playbook: shop", "playbook: other")
		_, err := h.Publish(t.Context(), playbook.Publishing{Files: other})
		var e *desk.Error
		if !errors.As(err, &e) || e.Code != "queue_taken" {
			t.Errorf("got %v", err)
		}
		if _, _, err := h.Live(t.Context(), "other"); !desk.IsKind(err, desk.NotFound) {
			t.Errorf("it is live all the same: %v", err)
		}
	})
}

// counting counts how often a model is read: once for each building.
type counting struct {
	playbook.Store
	mu     sync.Mutex // guards models
	models int
}

func (c *counting) Model(ctx context.Context, name string, revision int) ([]byte, error) {
	c.mu.Lock()
	c.models++
	c.mu.Unlock()
	return c.Store.Model(ctx, name, revision)
}

func TestLibrary_BuildsOnceForAll(t *testing.T) {
	db := storetest.Open(t, storetest.SQLite(t))
	h := open(t, db)
	h.publish(t, small())
	count := &counting{Store: db.Playbooks()}
	fresh := &playbook.Library{Store: count, Articles: h.articles, Lessons: lessons}
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			if _, err := fresh.Book(context.Background(), "shop", 1); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if count.models != 1 {
		t.Errorf("built %d times, want once", count.models)
	}
}

func TestLibrary_AStartDoesNotTrainAgain(t *testing.T) {
	db := storetest.Open(t, storetest.SQLite(t))
	h := open(t, db)
	h.publish(t, small())
	model, err := db.Playbooks().Model(t.Context(), "shop", 1)
	if err != nil || len(model) == 0 {
		t.Fatalf("no model is stored: %v", err)
	}
	b, err := h.LiveBook(t.Context(), "shop")
	if err != nil || string(b.Model) != string(model) {
		t.Errorf("the book was built with another model (%v)", err)
	}
}

type tools struct{ def bot.ToolDef }

func (c *tools) Call(_ context.Context, def bot.ToolDef, do desk.Do, _ func(string) (string, bool)) desk.Result {
	c.def = def
	return desk.Result{ID: do.ID, Tool: do.Tool, OK: true}
}

func TestLibrary_CallsToolsByTheRevisionsDefinition(t *testing.T) {
	db := storetest.Open(t, storetest.SQLite(t))
	h := open(t, db)
	h.publish(t, small())
	h.publish(t, with(t, "tools.yaml", "/tables", "/v2/tables"))
	caller := &tools{}
	h.Tools = caller
	for revision, want := range map[int]string{1: "{{env.SHOP_URL}}/tables", 2: "{{env.SHOP_URL}}/v2/tables"} {
		if res := h.Call(t.Context(), "shop", revision, desk.Do{ID: "1", Tool: "book"}, nil); !res.OK || caller.def.URL != want {
			t.Errorf("revision %d: %+v called %s", revision, res, caller.def.URL)
		}
	}
	if res := h.Call(t.Context(), "shop", 1, desk.Do{ID: "1", Tool: "nope"}, nil); res.OK || res.Error != "unavailable" {
		t.Errorf("an unknown tool: %+v", res)
	}
}

func TestLibrary_OverlayPutsChangesOnTop(t *testing.T) {
	db := storetest.Open(t, storetest.SQLite(t))
	h := open(t, db)
	if _, err := h.Overlay(t.Context(), "shop", nil); !desk.IsKind(err, desk.NotFound) {
		t.Errorf("nothing at all: %v", err)
	}
	h.publish(t, small())
	text := "version: 1\nreplies: []\n"
	files, err := h.Overlay(t.Context(), "shop", map[string]*string{"canned.yaml": &text, "tests/book.yaml": nil})
	if err != nil {
		t.Fatal(err)
	}
	if string(files["canned.yaml"]) != text || files["tests/book.yaml"] != nil || len(files) != len(small())-1 {
		t.Errorf("got %v", files.Paths())
	}
	if live, _ := h.Files(t.Context(), "shop", 1); live.Digest() != small().Digest() {
		t.Error("the live files changed")
	}
}

func TestLibrary_TryPlaysUnpublishedFiles(t *testing.T) {
	db := storetest.Open(t, storetest.SQLite(t))
	h := open(t, db)
	files := with(t, "menus/main.yaml", "What now?", "Try me")
	step := func(state playbook.TryState, m playbook.TryMessage) playbook.Tried {
		t.Helper()
		out, err := h.Try(t.Context(), files, state, m)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	out := step(playbook.TryState{}, playbook.TryMessage{})
	if len(out.Messages) != 1 || out.Messages[0].Text != "Try me" || out.Status != desk.Automated {
		t.Fatalf("opened: %+v", out)
	}
	out = step(out.State, playbook.TryMessage{Option: "c1"})
	out = step(out.State, playbook.TryMessage{Text: "4"})
	out = step(out.State, playbook.TryMessage{Text: "yes"})
	if last := out.Messages[len(out.Messages)-1]; !strings.Contains(last.Text, "T1") {
		t.Errorf("booked: %+v", out.Messages)
	}
	out = step(out.State, playbook.TryMessage{Command: desk.PickHuman})
	if out.Status != desk.Waiting || out.Queue != "support" {
		t.Errorf("a person: %+v", out)
	}
	if _, err := h.Try(t.Context(), files, out.State, playbook.TryMessage{Option: "nope"}); !desk.IsKind(err, desk.Invalid) {
		t.Errorf("an option that was not offered: %v", err)
	}
	if _, err := h.Try(t.Context(), with(t, "menus/main.yaml", "flow:book", "flow:cook"), playbook.TryState{}, playbook.TryMessage{}); !desk.IsKind(err, desk.Invalid) {
		t.Errorf("files with problems: %v", err)
	}
	if _, _, err := h.Live(t.Context(), "shop"); !desk.IsKind(err, desk.NotFound) {
		t.Errorf("trying has published something: %v", err)
	}
}
