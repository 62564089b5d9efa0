package playbook_test

import (
	"context"
	"testing"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/evals"
	"github.com/parleyhq/parley/internal/store"
	"github.com/parleyhq/parley/internal/store/storetest"
	"github.com/parleyhq/parley/kb"
	"github.com/parleyhq/parley/playbook"
)

const asksHours = `version: 1
suite: hours
cases:
  - {name: when, turns: [{user: When do you open?, expect: {answered: hours}}]}
`

func TestImpact_SetsAndCasesThatBreak(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		h, runs := evalsOf(t, db)
		if _, err := h.Publish(ctx, playbook.Publishing{Files: small(), By: "ed"}); err != nil {
			t.Fatal(err)
		}
		list, _, err := h.articles.List(ctx, kb.Filter{Search: "hours", Lang: desk.English})
		if err != nil || len(list) != 1 {
			t.Fatalf("articles %+v %v", list, err)
		}
		if _, err := runs.SaveScenario(ctx, "eva", playbook.Scenario{Playbook: "shop", Status: playbook.ScenarioActive, YAML: asksHours}); err != nil {
			t.Fatal(err)
		}
		if _, err := runs.SaveRetrieval(ctx, "eva", evals.RetrievalSet{Playbook: "shop", Lang: desk.English, Least: 1, Questions: []evals.Retrieval{{Question: "When do you open?", Article: list[0].Slug}}}); err != nil {
			t.Fatal(err)
		}
		p := &playbook.Previews{Articles: h.articles, Past: store.Insight{DB: db}, Runs: runs}
		out, err := p.Impact(ctx, playbook.Wish{Remove: &list[0]})
		if err != nil || out.Partial {
			t.Fatalf("%+v %v", out, err)
		}
		if len(out.Retrieval) != 1 || !out.Retrieval[0].Breaks || len(out.Retrieval[0].Worse) != 1 || out.Retrieval[0].Before.HitAt1 != 1 {
			t.Errorf("sets: %+v", out.Retrieval)
		}
		if s := out.Suites; s.Ran != 1 || len(s.Broken) != 1 || s.Broken[0].Name != "when" || len(s.NotRun) != 0 {
			t.Errorf("suites: %+v", s)
		}
		same := list[0]
		same.PublishedVersion = same.Version
		if out, err = p.Impact(ctx, playbook.Wish{Article: &same}); err != nil || len(out.Suites.Broken) != 0 || out.Retrieval[0].Breaks || len(out.Answers) != 0 {
			t.Errorf("the same again: %+v %v", out, err)
		}
	})
}

func TestMayPublish_SetsThatHaveToPassKeepAnArticleBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		h, runs := evalsOf(t, db)
		if _, err := h.Publish(ctx, playbook.Publishing{Files: small(), By: "ed"}); err != nil {
			t.Fatal(err)
		}
		list, _, err := h.articles.List(ctx, kb.Filter{Search: "hours", Lang: desk.English})
		if err != nil || len(list) != 1 {
			t.Fatalf("articles %+v %v", list, err)
		}
		set := func(least float64, asked string) {
			if _, err := runs.SaveRetrieval(ctx, "eva", evals.RetrievalSet{Playbook: "shop", Lang: desk.English, Least: least, Questions: []evals.Retrieval{{Question: asked, Article: list[0].Slug}}}); err != nil {
				t.Fatal(err)
			}
		}
		h.articles.Gate = &playbook.Previews{Articles: h.articles, Past: store.Insight{DB: db}, Runs: runs}
		other, err := h.articles.Save(ctx, "ed", kb.Draft{ID: list[0].ID, Version: list[0].Version, Content: kb.Content{Title: "Dragons", Body: "They sleep."}})
		if err != nil {
			t.Fatal(err)
		}
		set(1, "When do you open?")
		if _, err := h.articles.Publish(ctx, "ed", other.ID, other.Version); !desk.IsKind(err, desk.Conflict) {
			t.Errorf("a set that breaks: %v", err)
		}
		if a, err := h.articles.Get(ctx, other.ID); err != nil || a.PublishedVersion != list[0].PublishedVersion {
			t.Errorf("what was refused is published: %+v %v", a, err)
		}
		set(1, "Who drinks the moon's tea?") // fails now as well
		if err := h.articles.Gate.MayPublish(ctx, other); err != nil {
			t.Errorf("a set that failed before: %v", err)
		}
		set(0, "When do you open?")
		if err := h.articles.Gate.MayPublish(ctx, other); err != nil {
			t.Errorf("a set that is only counted: %v", err)
		}
		set(1, "When do you open?")
		if a, err := h.articles.PublishAnyway(ctx, "ed", other.ID, other.Version); err != nil || a.PublishedVersion != other.Version {
			t.Errorf("anyway: %+v %v", a, err)
		}
	})
}
