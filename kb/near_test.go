package kb_test

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/store"
	"github.com/parleyhq/parley/internal/store/storetest"
	"github.com/parleyhq/parley/kb"
)

// farAndNear opens the same knowledge base twice: searched in memory, and with
// its vectors in the database alone.
func farAndNear(t *testing.T, passages int) (memory, database *kb.Library, m *madeUp) {
	t.Helper()
	url := storetest.Postgres(t)
	db := storetest.Open(t, url)
	if has, err := db.HasVector(t.Context()); err != nil || !has {
		if os.Getenv("CI") == "true" {
			t.Fatalf("pgvector must be here: %v", err)
		}
		t.Skipf("PGVECTOR NOT TESTED: run scripts/pgvector.sh (%v)", err)
	}
	m = newMadeUp()
	storetest.Fill(t, db, url, m.Model(), m.articles(passages))
	memory = &kb.Library{Store: store.KB{DB: db}, Index: kb.NewIndex(), Embedder: m}
	database = &kb.Library{Store: store.KB{DB: db}, Index: kb.NewIndex(), Embedder: m, Near: store.Near{DB: db}}
	for _, l := range []*kb.Library{memory, database} {
		if err := l.Load(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := database.BuildNear(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, n, vectors := database.Index.Size()
	if n < passages || vectors != 0 {
		t.Fatalf("%d passages and %d vectors in memory, want %d and none", n, vectors, passages)
	}
	return memory, database, m
}

func found(t *testing.T, l *kb.Library, q kb.Question) (ids []desk.ID) {
	t.Helper()
	hits, err := l.Search(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range hits {
		ids = append(ids, h.Source.ArticleID)
	}
	return ids
}

// The database finds what memory finds, in the same order, but for a few.
func TestNear_FindsWhatMemoryFinds(t *testing.T) {
	memory, database, m := farAndNear(t, 4000)
	r := rand.New(rand.NewPCG(5, 5))
	zipf := rand.NewZipf(r, 1.2, 8, madeUpWords-1)
	same, all, first := 0, 0, 0
	const questions = 40
	for i := range questions {
		q := kb.Question{Text: m.question(r, zipf), Limit: 10, Audience: []kb.Audience{kb.Customers, kb.Agents}[i%2]}
		want, got := found(t, memory, q), found(t, database, q)
		for _, id := range want {
			if all++; slices.Contains(got, id) {
				same++
			}
		}
		if len(want) > 0 && len(got) > 0 && want[0] == got[0] {
			first++
		}
	}
	if all < questions*5 || same < all*97/100 || first < questions*95/100 {
		t.Errorf("%d of %d are found, %d of %d first", same, all, first, questions)
	}
}

// handled takes the jobs of a library, to be run by the test.
type handled map[string]func(context.Context, json.RawMessage) error

func (h handled) Handle(kind string, _ time.Duration, f func(context.Context, json.RawMessage) error) {
	h[kind] = f
}

func (h handled) embed(t testing.TB, id desk.ID) {
	t.Helper()
	args, _ := json.Marshal(map[string]desk.ID{"article_id": id})
	if err := h[kb.EmbedKind](context.Background(), args); err != nil {
		t.Fatal(err)
	}
}

// What is looked up says nothing that words would find: only the vector of its
// topic does.
func TestNear_RespectsWhoAsksWhenAndInWhatLanguage(t *testing.T) {
	_, l, _ := farAndNear(t, 400)
	jobs := handled{}
	l.Register(jobs)
	now := time.Now()
	save := func(d kb.Draft) kb.Article {
		t.Helper()
		if d.Lang == "" {
			d.Lang = desk.English
		}
		if d.Audience == "" {
			d.Audience = kb.Customers
		}
		d.Title, d.Body, d.Publish = "topic1999", "body "+d.Slug+d.Playbook+string(d.Lang), true
		a, err := l.Save(t.Context(), "ann", d)
		if err != nil {
			t.Fatal(err)
		}
		jobs.embed(t, a.ID)
		return a
	}
	both := save(kb.Draft{Slug: "both"})
	chinese := save(kb.Draft{Slug: "both", Lang: desk.Chinese})
	agents := save(kb.Draft{Slug: "agents", Content: kb.Content{Audience: kb.Agents}})
	early := save(kb.Draft{Slug: "early", Content: kb.Content{ValidFrom: now.Add(time.Hour)}})
	late := save(kb.Draft{Slug: "late", Content: kb.Content{ValidTo: now.Add(time.Hour)}})
	tagged := save(kb.Draft{Slug: "tagged", Content: kb.Content{Tags: []string{"vip"}}})
	other := save(kb.Draft{Slug: "other", Playbook: "b"})
	all := []kb.Article{both, chinese, agents, early, late, tagged, other}
	for _, c := range []struct {
		name string
		q    kb.Question
		want []kb.Article
	}{
		{"customers", kb.Question{}, []kb.Article{both, late, tagged, other}},
		{"agents", kb.Question{Audience: kb.Agents}, []kb.Article{both, agents, late, tagged, other}},
		{"in two hours", kb.Question{Now: now.Add(2 * time.Hour)}, []kb.Article{both, early, tagged, other}},
		{"Chinese, and what is not to be had in it", kb.Question{Lang: desk.Chinese}, []kb.Article{chinese, late, tagged, other}},
		{"tagged", kb.Question{Tags: []string{"vip", "no"}}, []kb.Article{tagged}},
		{"another playbook", kb.Question{Playbook: "a"}, []kb.Article{both, late, tagged}},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := c.q
			q.Limit = 50
			if q.Audience == "" {
				q.Audience = kb.Customers
			}
			if q.Now.IsZero() {
				q.Now = now
			}
			if q.Lang == "" {
				q.Lang = desk.English
			}
			vector := newMadeUp().vector("topic1999")
			list, err := l.Near.Nearest(t.Context(), l.Embedder.Model(), vector, q, 50)
			if err != nil {
				t.Fatal(err)
			}
			near := map[desk.ID]bool{}
			for _, n := range list {
				near[n.ArticleID] = true
			}
			for _, a := range all {
				if want := slices.ContainsFunc(c.want, func(w kb.Article) bool { return w.ID == a.ID }); near[a.ID] != want {
					t.Errorf("%s in %s is found: %v, want %v", a.Slug, a.Lang, near[a.ID], want)
				}
			}
		})
	}
}

// A saved article is found by its words when Save returns, by its vectors when
// they are made, and no more once it is taken back or says something else.
func TestNear_SavedIsFoundAtOnce(t *testing.T) {
	_, l, _ := farAndNear(t, 400)
	jobs := handled{}
	l.Register(jobs)
	a, err := l.Save(t.Context(), "ann", kb.Draft{Slug: "new", Lang: desk.English, Publish: true,
		Content: kb.Content{Title: "topic1999 zeppelin", Body: "It flies.", Audience: kb.Customers}})
	if err != nil {
		t.Fatal(err)
	}
	byWords := kb.Question{Text: "zeppelin"}
	if got := found(t, l, byWords); len(got) == 0 || got[0] != a.ID {
		t.Errorf("its words find %v", got)
	}
	byVector := func() bool {
		t.Helper()
		list, err := l.Near.Nearest(t.Context(), l.Embedder.Model(), newMadeUp().vector("topic1999"),
			kb.Question{Audience: kb.Customers, Lang: desk.English, Now: time.Now()}, 50)
		if err != nil {
			t.Fatal(err)
		}
		return slices.ContainsFunc(list, func(n kb.Neighbour) bool { return n.ArticleID == a.ID && n.Version == a.PublishedVersion })
	}
	jobs.embed(t, a.ID)
	if !byVector() {
		t.Error("its vector does not find it")
	}
	if a, err = l.Save(t.Context(), "ann", kb.Draft{ID: a.ID, Version: a.Version, Publish: true,
		Content: kb.Content{Title: a.Title, Body: a.Body, Audience: kb.Customers, Tags: []string{"sky"}}}); err != nil {
		t.Fatal(err)
	}
	if !byVector() {
		t.Error("with a new tag, and the same texts, its vector does not find it")
	}
	if a, err = l.Unpublish(t.Context(), "ann", a.ID, a.Version); err != nil {
		t.Fatal(err)
	}
	if byVector() || slices.Contains(found(t, l, byWords), a.ID) {
		t.Error("it is found after it was taken back")
	}
}

// Where the database has no index of vectors they are searched in memory,
// however many.
func TestNear_WithoutPgvectorMemoryIsSearched(t *testing.T) {
	db := storetest.Open(t, storetest.SQLite(t))
	m := newMadeUp()
	storetest.Fill(t, db, "", m.Model(), m.articles(80))
	l := &kb.Library{Store: store.KB{DB: db}, Index: kb.NewIndex(), Embedder: m, Near: store.Near{DB: db}}
	if err := l.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, _, vectors := l.Index.Size(); vectors != 90 {
		t.Errorf("%d vectors in memory, want 90", vectors)
	}
}
