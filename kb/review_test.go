package kb_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/jobs"
	"github.com/parleyhq/parley/internal/store"
	"github.com/parleyhq/parley/internal/store/storetest"
	"github.com/parleyhq/parley/kb"
)

var eve, rob = kb.Editor{ID: "u-eve", Name: "Eve"}, kb.Editor{ID: "u-rob", Name: "Rob"}

func newReviews(db *store.DB) *kb.Reviews {
	return &kb.Reviews{Library: newLibrary(db), Store: store.Reviews{DB: db}}
}

func TestReviews_AskReturnApprove(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		r := newReviews(db)
		a := must[kb.Article](t)(r.Library.Save(ctx, "eve", draft("parrots", "Parrots", "In a cage.")))
		other := must[kb.Article](t)(r.Library.Save(ctx, "eve", draft("cats", "Cats", "On a leash.")))
		must[kb.Article](t)(r.Ask(ctx, eve, a.ID, 1, rob.ID, "is it true?"))
		must[kb.Article](t)(r.Ask(ctx, eve, other.ID, 1, "", ""))
		waiting := func(who desk.ID) string {
			t.Helper()
			out := ""
			for _, w := range must[[]kb.InReviewBy](t)(r.Waiting(ctx, who, "", 10)) {
				out += w.Article.Slug + " "
			}
			return out
		}
		if got, mine := waiting(rob.ID), waiting("u-ann"); got != "parrots cats " || mine != "cats " {
			t.Errorf("Rob has %q, Ann %q", got, mine)
		}
		if _, err := r.Return(ctx, rob, a.ID, 1, "  "); !desk.IsKind(err, desk.Invalid) {
			t.Errorf("returned without a word: %v", err)
		}
		if got := must[kb.Article](t)(r.Return(ctx, rob, a.ID, 1, "No: without a cage.")); got.Status != kb.Drafted {
			t.Errorf("returned: %+v", got)
		}
		if v, err := r.Review(ctx, a.ID); v != nil || err != nil {
			t.Errorf("a review that is over: %+v %v", v, err)
		}
		d := draft("", "Parrots", "Without a cage.")
		d.ID, d.Version = a.ID, 1
		must[kb.Article](t)(r.Library.Save(ctx, "eve", d))
		must[kb.Article](t)(r.Ask(ctx, eve, a.ID, 2, rob.ID, "now?"))
		if v, err := r.Review(ctx, a.ID); err != nil || v == nil || v.Note != "now?" || v.By != eve {
			t.Errorf("review: %+v %v", v, err)
		}
		if got := must[kb.Article](t)(r.Approve(ctx, rob, a.ID, 2, "Good.")); got.PublishedVersion != 2 {
			t.Errorf("approved: %+v", got)
		}
		if got := waiting(rob.ID); got != "cats " {
			t.Errorf("Rob still has %q", got)
		}
		must[kb.Comment](t)(r.Comment(ctx, eve, a.ID, 1, "That was the first."))
		list := must[[]kb.Comment](t)(r.Comments(ctx, a.ID, "", 10))
		if len(list) != 3 || list[0].Version != 1 || list[1].Kind != kb.Approved || list[2].Kind != kb.Returned || list[2].By != rob {
			t.Errorf("comments: %+v", list)
		}
		if page := must[[]kb.Comment](t)(r.Comments(ctx, a.ID, list[1].ID, 10)); len(page) != 1 {
			t.Errorf("the next page: %+v", page)
		}
	})
}

// told hands on a registration and tells when a job is over.
type told struct {
	*jobs.Queue
	over chan error
}

func (q told) Handle(kind string, limit time.Duration, f func(ctx context.Context, args json.RawMessage) error) {
	q.Queue.Handle(kind, limit, func(ctx context.Context, args json.RawMessage) error {
		err := f(ctx, args)
		q.over <- err
		return err
	})
}

func TestPlans_AreCarriedOutAfterARestart(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		r := newReviews(db)
		bg := context.Background()
		a := must[kb.Article](t)(r.Library.Save(bg, "eve", draft("parrots", "Parrots", "In a cage.")))
		p := must[kb.Scheduled](t)(r.Plan(bg, "eve", a.ID, kb.Publishing, 1, time.Now().Add(20*time.Millisecond)))
		// The process that planned it is gone; another one finds the job.
		again := newReviews(db)
		q := told{jobs.New(db, slog.New(slog.DiscardHandler), jobs.Options{Poll: 5 * time.Millisecond}), make(chan error, 1)}
		again.Register(q)
		ctx, stop := context.WithCancel(bg)
		var wg sync.WaitGroup
		wg.Go(func() { _ = q.Run(ctx) })
		defer wg.Wait()
		defer stop()
		select {
		case err := <-q.over:
			if err != nil {
				t.Fatal(err)
			}
		case <-time.After(20 * time.Second):
			t.Fatal("the plan is not carried out")
		}
		if got := must[kb.Article](t)(again.Library.Get(bg, a.ID)); got.PublishedVersion != 1 {
			t.Errorf("got %+v", got)
		}
		if list := must[[]kb.Scheduled](t)(again.Plans(bg, a.ID)); len(list) != 1 || list[0].ID != p.ID || list[0].State != kb.Carried {
			t.Errorf("plans: %+v", list)
		}
		if err := again.Carry(bg, p.ID); err != nil {
			t.Errorf("again: %v", err)
		}
	})
}

func TestPlans_CancelledReplacedOutdated(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		r := newReviews(db)
		a := must[kb.Article](t)(r.Library.Save(ctx, "eve", draft("parrots", "Parrots", "In a cage.")))
		soon := time.Now().Add(time.Hour)
		if _, err := r.Plan(ctx, "eve", a.ID, kb.Publishing, 1, time.Now().Add(-time.Hour)); !desk.IsKind(err, desk.Invalid) {
			t.Errorf("in the past: %v", err)
		}
		if _, err := r.Plan(ctx, "eve", a.ID, kb.Unpublishing, 1, soon); !desk.IsKind(err, desk.Conflict) {
			t.Errorf("unpublish what is not published: %v", err)
		}
		one := must[kb.Scheduled](t)(r.Plan(ctx, "eve", a.ID, kb.Publishing, 1, soon))
		two := must[kb.Scheduled](t)(r.Plan(ctx, "eve", a.ID, kb.Publishing, 1, soon.Add(time.Hour)))
		if err := r.Carry(ctx, one.ID); err != nil {
			t.Fatal(err)
		}
		if got := must[kb.Article](t)(r.Library.Get(ctx, a.ID)); got.PublishedVersion != 0 {
			t.Error("a plan that was replaced was carried out")
		}
		if _, err := r.Cancel(ctx, "another", two.ID); !desk.IsKind(err, desk.NotFound) {
			t.Errorf("of another article: %v", err)
		}
		must[kb.Scheduled](t)(r.Cancel(ctx, a.ID, two.ID))
		if _, err := r.Cancel(ctx, a.ID, two.ID); !desk.IsKind(err, desk.Conflict) {
			t.Errorf("cancelled twice: %v", err)
		}
		three := must[kb.Scheduled](t)(r.Plan(ctx, "eve", a.ID, kb.Publishing, 0, soon))
		d := draft("", "Parrots", "Without a cage.")
		d.ID, d.Version = a.ID, 1
		must[kb.Article](t)(r.Library.Save(ctx, "eve", d))
		if err := r.Carry(ctx, three.ID); err != nil {
			t.Fatal(err)
		}
		list := must[[]kb.Scheduled](t)(r.Plans(ctx, a.ID))
		if list[0].State != kb.PlanFails || list[0].Problem != "stale_article" || list[2].State != kb.Cancelled {
			t.Errorf("plans: %+v", list)
		}
		must[kb.Article](t)(r.Library.Publish(ctx, "eve", a.ID, 0))
		four := must[kb.Scheduled](t)(r.Plan(ctx, "eve", a.ID, kb.Unpublishing, 0, soon))
		if err := r.Carry(ctx, four.ID); err != nil {
			t.Fatal(err)
		}
		if got := must[kb.Article](t)(r.Library.Get(ctx, a.ID)); got.PublishedVersion != 0 {
			t.Error("still published")
		}
	})
}
