package kb_test

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"strings"
	"sync"
	"testing"
	"time"

	"encoding/json"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/store"
	"github.com/parleyhq/parley/internal/store/storetest"
	"github.com/parleyhq/parley/kb"
)

func newLibrary(db *store.DB) *kb.Library {
	return &kb.Library{Store: store.KB{DB: db}, Index: kb.NewIndex()}
}

func draft(slug, title, body string) kb.Draft {
	return kb.Draft{Slug: slug, Lang: desk.English, Content: kb.Content{Title: title, Body: body}}
}

func must[T any](t *testing.T) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func slugs(hits []kb.Hit) string {
	var out []string
	for _, h := range hits {
		out = append(out, h.Source.Slug)
	}
	return strings.Join(out, " ")
}

func TestPublished_IsFoundInTheSameRequest(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		l := newLibrary(db)
		ask := kb.Question{Text: "can I bring my parrot", Lang: desk.English}
		a := must[kb.Article](t)(l.Save(ctx, "eve", draft("parrots", "Parrots", "You may bring your parrot to the shop in a cage.")))
		if hits := must[[]kb.Hit](t)(l.Search(ctx, ask)); len(hits) != 0 {
			t.Errorf("a draft was found: %s", slugs(hits))
		}
		a = must[kb.Article](t)(l.Submit(ctx, "eve", a.ID, a.Version))
		if a.Status != kb.InReview {
			t.Errorf("status %s after Submit", a.Status)
		}
		a = must[kb.Article](t)(l.Publish(ctx, "ann", a.ID, a.Version))
		answer, ok, err := l.Answer(ctx, ask)
		if err != nil || !ok || answer.Source.Slug != "parrots" || answer.Source.Version != 1 {
			t.Fatalf("right after publishing: ok %v err %v answer %+v", ok, err, answer)
		}

		// An edit is not shown before it is published, and from then on it is.
		d := draft("", "Parrots", "You may not bring a parrot any more.")
		d.ID, d.Version = a.ID, a.Version
		a = must[kb.Article](t)(l.Save(ctx, "eve", d))
		if a.Version != 2 || a.PublishedVersion != 1 || a.Status != kb.Drafted {
			t.Errorf("after an edit: version %d, published %d, %s", a.Version, a.PublishedVersion, a.Status)
		}
		if answer, _, _ := l.Answer(ctx, ask); !strings.Contains(answer.Text, "in a cage") {
			t.Errorf("an unpublished edit was shown: %q", answer.Text)
		}
		must[kb.Article](t)(l.Publish(ctx, "ann", a.ID, 0))
		if answer, _, _ := l.Answer(ctx, ask); !strings.Contains(answer.Text, "any more") || answer.Source.Version != 2 {
			t.Errorf("the edit is not shown: %q", answer.Text)
		}
		must[kb.Article](t)(l.Archive(ctx, "ann", a.ID, 0))
		if hits := must[[]kb.Hit](t)(l.Search(ctx, ask)); len(hits) != 0 {
			t.Errorf("an archived article was found: %s", slugs(hits))
		}
	})
}

func TestSave_StaleLosesAndGetsTheCurrentOne(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		l := newLibrary(db)
		a := must[kb.Article](t)(l.Save(ctx, "eve", draft("fees", "Fees", "Two euros.")))
		edit := func(by, body string) error {
			d := draft("", "Fees", body)
			d.ID, d.Version = a.ID, a.Version
			_, err := l.Save(ctx, by, d)
			return err
		}
		var won sync.Map
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				err := edit(fmt.Sprint("editor ", i), fmt.Sprint("Euros: ", i))
				var stale *kb.Stale
				switch {
				case err == nil:
					won.Store(i, true)
				case !errors.As(err, &stale) || !desk.IsKind(err, desk.Conflict):
					t.Errorf("got %v, want a *Stale of kind conflict", err)
				case stale.Current.Version != 2:
					t.Errorf("the current version is said to be %d", stale.Current.Version)
				}
			})
		}
		wg.Wait()
		n := 0
		won.Range(func(any, any) bool { n++; return true })
		if n != 1 {
			t.Errorf("%d editors saved version 2, want 1", n)
		}
		if v := must[[]kb.Version](t)(l.Versions(ctx, a.ID, 0, 10)); len(v) != 2 || v[0].Number != 2 {
			t.Errorf("versions: %+v", v)
		}
	})
}

func TestRestore_IsANewVersion(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		l := newLibrary(db)
		first := draft("fees", "Fees", "Two euros.\nNo more.")
		first.Questions, first.Tags = []string{"How much?"}, []string{"money"}
		first.ValidFrom = time.Date(2020, 1, 2, 3, 4, 5, 6000, time.UTC)
		a := must[kb.Article](t)(l.Save(ctx, "eve", first))
		d := draft("", "Fees", "Three euros.\nNo more.")
		d.ID, d.Version, d.Audience = a.ID, 1, kb.Agents
		must[kb.Article](t)(l.Save(ctx, "bob", d))
		a = must[kb.Article](t)(l.Restore(ctx, "ann", a.ID, 1))
		if a.Version != 3 || a.Status != kb.Drafted {
			t.Errorf("restored: %+v", a)
		}
		got := must[kb.Article](t)(l.Get(ctx, a.ID))
		if !got.Equal(first.Clean()) || got.UpdatedBy != "ann" {
			t.Errorf("restored content %+v, want %+v", got.Content, first.Content)
		}
		diff := must[kb.Diff](t)(l.Diff(ctx, a.ID, 2, 3))
		if len(diff.Lines) != 3 || diff.Lines[0].Op != kb.Removed || diff.Lines[1].Op != kb.Added || len(diff.Fields) != 4 {
			t.Errorf("diff: %+v", diff)
		}
		if _, err := l.Restore(ctx, "ann", a.ID, 9); !desk.IsKind(err, desk.NotFound) {
			t.Errorf("restoring a version that is not there: %v", err)
		}
	})
}

func TestSave_RefusesWhatIsWrong(t *testing.T) {
	ctx := context.Background()
	l := newLibrary(storetest.Open(t, storetest.SQLite(t)))
	must[kb.Article](t)(l.Save(ctx, "eve", draft("taken", "Taken", "x")))
	now := time.Now()
	for name, c := range map[string]struct {
		edit func(*kb.Draft)
		kind desk.Kind
		want string
	}{
		"no title":         {func(d *kb.Draft) { d.Title = " \n" }, desk.Invalid, "title"},
		"no text":          {func(d *kb.Draft) { d.Body = "" }, desk.Invalid, "body"},
		"a huge text":      {func(d *kb.Draft) { d.Body = strings.Repeat("x", kb.MaxBody+1) }, desk.TooLarge, "body"},
		"a strange reader": {func(d *kb.Draft) { d.Audience = "martians" }, desk.Invalid, "audience"},
		"a bad slug":       {func(d *kb.Draft) { d.Slug = "Not This" }, desk.Invalid, "slug"},
		"a taken slug":     {func(d *kb.Draft) { d.Slug = "taken" }, desk.Conflict, "slug"},
		"no language":      {func(d *kb.Draft) { d.Lang = "de" }, desk.Invalid, "lang"},
		"ends first":       {func(d *kb.Draft) { d.ValidFrom, d.ValidTo = now, now }, desk.Invalid, "valid_to"},
	} {
		d := draft("fine", "Fine", "text")
		c.edit(&d)
		_, err := l.Save(ctx, "eve", d)
		var known *desk.Error
		if !errors.As(err, &known) || known.Kind != c.kind || known.Field != c.want {
			t.Errorf("%s: got %v, want a fault of %s", name, err, c.want)
		}
	}
	d := draft("nul", "a\x00b", "\xff text")
	if a, err := l.Save(ctx, "eve", d); err != nil || a.Title != "ab" || a.Body != "\uFFFD text" {
		t.Errorf("broken UTF-8 gave %+v, %v", a.Content, err)
	}
}

func TestSearch_ShowsOnlyWhatTheAskerMayRead(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		l := newLibrary(db)
		now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
		l.Now = func() time.Time { return now }
		put := func(edit func(*kb.Draft)) {
			d := draft("", "Umbrella rental", "Umbrellas can be rented at the door.")
			d.Publish = true
			edit(&d)
			must[kb.Article](t)(l.Save(ctx, "eve", d))
		}
		put(func(d *kb.Draft) { d.Slug = "for-all" })
		put(func(d *kb.Draft) { d.Slug = "for-agents"; d.Audience = kb.Agents })
		put(func(d *kb.Draft) { d.Slug = "past"; d.ValidTo = now })
		put(func(d *kb.Draft) { d.Slug = "future"; d.ValidFrom = now.Add(time.Hour) })
		put(func(d *kb.Draft) { d.Slug = "coffee-only"; d.Playbook = "coffee"; d.Tags = []string{"rain"} })
		put(func(d *kb.Draft) { d.Slug = "both"; d.Title = "Umbrella both" })
		put(func(d *kb.Draft) {
			d.Slug = "both"
			d.Lang = desk.Chinese
			d.Title = "雨伞 umbrella"
			d.Body = "门口可以租雨伞 umbrella。"
		})

		for _, c := range []struct {
			name string
			q    kb.Question
			want []string
		}{
			{"a customer", kb.Question{}, []string{"both", "coffee-only", "for-all"}},
			{"an agent", kb.Question{Audience: kb.Agents}, []string{"both", "coffee-only", "for-agents", "for-all"}},
			{"another playbook", kb.Question{Playbook: "ridehail"}, []string{"both", "for-all"}},
			{"a tag", kb.Question{Tags: []string{"rain"}}, []string{"coffee-only"}},
			{"later", kb.Question{Now: now.Add(2 * time.Hour)}, []string{"both", "coffee-only", "for-all", "future"}},
		} {
			c.q.Text, c.q.Lang, c.q.Limit = "umbrella", desk.English, 20
			got := map[string]desk.Lang{}
			for _, h := range must[[]kb.Hit](t)(l.Search(ctx, c.q)) {
				got[h.Source.Slug] = h.Lang
			}
			if len(got) != len(c.want) {
				t.Errorf("%s: got %v, want %v", c.name, got, c.want)
			}
			for _, slug := range c.want {
				if got[slug] != desk.English {
					t.Errorf("%s: %s is not found in English: %v", c.name, slug, got)
				}
			}
		}
		// In Chinese the translation is used where there is one, else English.
		hits := must[[]kb.Hit](t)(l.Search(ctx, kb.Question{Text: "umbrella", Lang: desk.Chinese, Limit: 20}))
		for _, h := range hits {
			if want := map[bool]desk.Lang{true: desk.Chinese, false: desk.English}[h.Source.Slug == "both"]; h.Lang != want {
				t.Errorf("%s is in %s, want %s", h.Source.Slug, h.Lang, want)
			}
		}
		if len(hits) != 3 {
			t.Errorf("in Chinese: %s", slugs(hits))
		}
	})
}

func TestAnswer_ByTarget(t *testing.T) {
	ctx := context.Background()
	l := newLibrary(storetest.Open(t, storetest.SQLite(t)))
	put := func(playbook, body string, audience kb.Audience) {
		d := draft("hours", "Hours", body)
		d.Playbook, d.Publish, d.Audience = playbook, true, audience
		must[kb.Article](t)(l.Save(ctx, "eve", d))
	}
	put("", "Everybody's.", kb.Customers)
	put("coffee", "The coffee shop's.", kb.Customers)
	put("secret", "Not for you.", kb.Agents)
	for playbook, want := range map[string]string{"coffee": "The coffee shop's.", "ridehail": "Everybody's.", "": "Everybody's.", "secret": "Everybody's."} {
		a, ok, err := l.Answer(ctx, kb.Question{Article: "hours", Playbook: playbook, Lang: desk.Chinese})
		if err != nil || !ok || a.Text != want || a.Lang != desk.English {
			t.Errorf("in %q: %+v %v %v, want %q", playbook, a, ok, err, want)
		}
	}
	if _, ok, err := l.Answer(ctx, kb.Question{Article: "nowhere"}); ok || err != nil {
		t.Errorf("an article that is not there: %v %v", ok, err)
	}
}

func TestImport_KeepsWhatWasEditedHere(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		l := newLibrary(db)
		file := func(slug, body string) kb.File {
			return kb.File{Name: "articles/" + slug + ".en.md", Slug: slug, Lang: desk.English, Content: kb.Content{Title: slug, Body: body}}
		}
		do := func(files ...kb.File) kb.Imported {
			t.Helper()
			return must[kb.Imported](t)(l.Import(ctx, "ann", "coffee", files))
		}
		if r := do(file("beans", "From Peru."), file("milk", "From cows."), file("tea", "From Assam.")); len(r.Added) != 3 {
			t.Fatalf("first import: %+v", r)
		}
		if r := do(file("beans", "From Peru."), file("milk", "From cows."), file("tea", "From Assam.")); len(r.Unchanged) != 3 {
			t.Fatalf("the same again: %+v", r)
		}
		list, _, err := l.List(ctx, kb.Filter{Search: "COWS"})
		if err != nil || len(list) != 1 {
			t.Fatalf("list: %+v %v", list, err)
		}
		d := kb.Draft{ID: list[0].ID, Version: 1, Content: kb.Content{Title: "milk", Body: "From happy cows."}, Publish: true}
		must[kb.Article](t)(l.Save(ctx, "eve", d))
		r := do(file("beans", "From Kenya."), file("milk", "From oats."))
		if len(r.Updated) != 1 || len(r.Kept) != 1 || len(r.Archived) != 1 || r.Archived[0] != "tea.en" {
			t.Fatalf("after an edit: %+v", r)
		}
		for q, want := range map[string]string{"beans": "From Kenya.", "milk": "From happy cows."} {
			a, ok, err := l.Answer(ctx, kb.Question{Article: q})
			if !ok || err != nil || a.Text != want {
				t.Errorf("%s: %q %v, want %q", q, a.Text, err, want)
			}
		}
		if _, ok, _ := l.Answer(ctx, kb.Question{Article: "tea"}); ok {
			t.Error("an article whose file is gone is still there")
		}
		if r := do(file("beans", "From Kenya."), file("milk", "From oats."), file("tea", "From Assam.")); len(r.Updated) != 1 {
			t.Errorf("the file came back: %+v", r)
		}
	})
}

func TestSweep_FindsWhatAnotherNodeDid(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		here, there := newLibrary(db), newLibrary(db)
		bus := &busOf{}
		here.Bus = bus
		ctxRun, stop := context.WithCancel(ctx)
		done := make(chan error)
		go func() { done <- there.Run(ctxRun, bus) }()
		bus.wait()
		d := draft("owls", "Owls", "Owls hoot.")
		d.Publish = true
		a := must[kb.Article](t)(here.Save(ctx, "eve", d))
		for range 1000 {
			if there.Index.Version(a.ID) == 1 {
				break
			}
			select {
			case <-time.After(5 * time.Millisecond):
			case <-done:
			}
		}
		if there.Index.Version(a.ID) != 1 {
			t.Error("the event was not taken in")
		}
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		// Without events the sweep finds both what is new and what is gone.
		must[kb.Article](t)(here.Archive(ctx, "eve", a.ID, 0))
		d.Slug = "bats"
		must[kb.Article](t)(here.Save(ctx, "eve", d))
		if err := there.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		if n, _, _ := there.Index.Size(); n != 1 || there.Index.Version(a.ID) != 0 {
			t.Errorf("%d articles after the sweep, want the new one only", n)
		}
	})
}

// busOf hands events to its one subscriber at once.
type busOf struct {
	once sync.Once
	is   chan struct{}
	mu   sync.Mutex
	f    func(string, []byte)
}

func (b *busOf) ready() chan struct{} {
	b.once.Do(func() { b.is = make(chan struct{}) })
	return b.is
}

func (b *busOf) wait() { <-b.ready() }

func (b *busOf) Subscribe(_ string, f func(string, []byte)) (func(), error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.f = f
	close(b.ready())
	return func() { b.mu.Lock(); defer b.mu.Unlock(); b.f = nil }, nil
}

func (b *busOf) Publish(subject string, v any) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	raw, err := json.Marshal(v)
	if b.f != nil {
		b.f(subject, raw)
	}
	return err
}

// topics embeds a text by the topic it is about, so that different words for
// one thing are near each other.
type topics struct{ calls int }

func (e *topics) Model() string { return "topics-1" }

func (e *topics) Embed(_ context.Context, texts []string) ([][]float32, error) {
	e.calls++
	var out [][]float32
	for _, t := range texts {
		v := make([]float32, 16)
		h := fnv.New32a()
		_, _ = h.Write([]byte(t))
		v[8+h.Sum32()%8] = 0.3
		for i, topic := range []string{"canine dog puppy", "automobile car parking", "weather rain"} {
			for _, w := range strings.Fields(topic) {
				if strings.Contains(strings.ToLower(t), w) {
					v[i] = 1
				}
			}
		}
		out = append(out, v)
	}
	return out, nil
}

func TestVectors_FindOtherWordsForTheSame(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		l := newLibrary(db)
		e := &topics{}
		l.Embedder = e
		for slug, body := range map[string]string{"dogs": "Every dog is welcome.", "cars": "There is a place for your car.", "sky": "It will rain."} {
			d := draft(slug, slug, body)
			d.Publish = true
			must[kb.Article](t)(l.Save(ctx, "eve", d))
		}
		q := kb.Question{Text: "is a canine allowed inside", Lang: desk.English}
		if hits := must[[]kb.Hit](t)(l.Search(ctx, q)); len(hits) > 0 && hits[0].Source.Slug == "dogs" {
			t.Error("found without vectors: the test proves nothing")
		}
		jobs := pending(t, db)
		if len(jobs) != 3 {
			t.Fatalf("%d jobs, want one for each article", len(jobs))
		}
		var h handlers
		l.Register(&h)
		for _, args := range jobs {
			if err := h.f(ctx, args); err != nil {
				t.Fatal(err)
			}
		}
		if hits := must[[]kb.Hit](t)(l.Search(ctx, q)); len(hits) == 0 || hits[0].Source.Slug != "dogs" {
			t.Errorf("got %s, want dogs first", slugs(hits))
		}
		before := e.calls
		if err := h.f(ctx, jobs[0]); err != nil || e.calls != before {
			t.Errorf("embedding again asked the model again (%v)", err)
		}
		if db.D.Postgres() {
			if n, err := store.One(ctx, db.Read(), store.Value[int], "SELECT count(*) FROM embeddings WHERE numbers IS NOT NULL AND packed IS NULL"); err != nil {
				t.Logf("PGVECTOR IS NOT HERE, the vectors are packed: %v", err)
			} else if n != 6 {
				t.Errorf("%d vectors in pgvector's column, want 6", n)
			}
		}
		// Another node, or the next start, reads them from the store.
		other := newLibrary(db)
		other.Embedder = e
		if err := other.Load(ctx); err != nil {
			t.Fatal(err)
		}
		if _, _, n := other.Index.Size(); n != 6 {
			t.Errorf("%d vectors after loading, want 6", n)
		}
		if hits := must[[]kb.Hit](t)(other.Search(ctx, q)); len(hits) == 0 || hits[0].Source.Slug != "dogs" {
			t.Errorf("another node got %s, want dogs first", slugs(hits))
		}
	})
}

type handlers struct {
	f func(context.Context, json.RawMessage) error
}

func (h *handlers) Handle(_ string, _ time.Duration, f func(context.Context, json.RawMessage) error) {
	h.f = f
}

func pending(t *testing.T, db *store.DB) []json.RawMessage {
	t.Helper()
	list, err := store.All(context.Background(), db.Read(), store.Value[string], "SELECT CAST(args AS TEXT) FROM jobs WHERE kind = 'embed' ORDER BY id")
	if err != nil {
		t.Fatal(err)
	}
	var out []json.RawMessage
	for _, s := range list {
		out = append(out, json.RawMessage(s))
	}
	return out
}

func TestList_PagesThroughEverything(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		l := newLibrary(db)
		now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		l.Now = func() time.Time { return now } // all at the same moment
		for i := range 7 {
			d := draft(fmt.Sprint("a", i), fmt.Sprint("Title ", i), "50% off_")
			if i == 3 {
				d.Tags, d.Publish = []string{"Sale"}, true
			}
			must[kb.Article](t)(l.Save(ctx, "eve", d))
		}
		seen := map[string]bool{}
		after := ""
		for range 10 {
			list, next, err := l.List(ctx, kb.Filter{Limit: 3, After: after})
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range list {
				if seen[a.Slug] {
					t.Errorf("%s is listed twice", a.Slug)
				}
				seen[a.Slug] = true
			}
			if after = next; next == "" {
				break
			}
		}
		if len(seen) != 7 {
			t.Errorf("%d articles listed, want 7", len(seen))
		}
		none := "elsewhere"
		for _, c := range []struct {
			f    kb.Filter
			want int
		}{
			{kb.Filter{Tag: "sale"}, 1}, {kb.Filter{Status: kb.Published}, 1}, {kb.Filter{Status: kb.Drafted}, 6}, {kb.Filter{Lang: desk.Chinese}, 0},
			{kb.Filter{Search: "50% OFF_"}, 7}, {kb.Filter{Search: "5_%"}, 0}, {kb.Filter{Playbook: &none}, 0}, {kb.Filter{Search: "title 4"}, 1},
		} {
			list, _, err := l.List(ctx, c.f)
			if err != nil || len(list) != c.want {
				t.Errorf("%+v: %d articles (%v), want %d", c.f, len(list), err, c.want)
			}
		}
		if _, _, err := l.List(ctx, kb.Filter{After: "nonsense"}); !desk.IsKind(err, desk.Invalid) {
			t.Errorf("a bad cursor: %v", err)
		}
	})
}
