package intake_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/store"
	"github.com/parleyhq/parley/internal/store/storetest"
	"github.com/parleyhq/parley/kb"
	"github.com/parleyhq/parley/kb/intake"
)

// shop is a knowledge base with an importer, on a real database.
type shop struct {
	*testing.T
	*intake.Importer
	lib *kb.Library
	db  *store.DB
}

func newShop(t *testing.T, db *store.DB, allow ...string) *shop {
	lib := &kb.Library{Store: store.KB{DB: db}, Index: kb.NewIndex()}
	return &shop{t, &intake.Importer{Store: store.Sources{DB: db}, Library: lib, Web: intake.NewWeb(allow, "https://parley.test"), Dir: t.TempDir()}, lib, db}
}

// folder writes files into the folder; an empty text removes one.
func (s *shop) folder(dir string, files map[string]string) {
	s.Helper()
	for name, text := range files {
		full := filepath.Join(dir, name)
		err := os.MkdirAll(filepath.Dir(full), 0o755)
		if err == nil && text == "" {
			err = os.Remove(full)
		} else if err == nil {
			err = os.WriteFile(full, []byte(text), 0o644)
		}
		if err != nil {
			s.Fatal(err)
		}
	}
}

func (s *shop) create(src intake.Source) intake.Source {
	s.Helper()
	out, err := s.Create(s.Context(), "ed", src)
	if err != nil {
		s.Fatal(err)
	}
	return out
}

// play runs a source to its end.
func (s *shop) play(src intake.Source, o intake.Order) intake.Run {
	s.Helper()
	r, err := s.RunHere(s.Context(), "ed", src, o, func(intake.Run) {})
	if err != nil {
		s.Fatal(err)
	}
	if r.Status != intake.Done {
		s.Fatalf("the run %s: %s %v", r.Status, r.Error, r.Problems)
	}
	return r
}

func (s *shop) sync(src intake.Source) intake.Run {
	s.Helper()
	return s.play(src, intake.Order{Mode: intake.Sync})
}

// item finds a page by its key.
func (s *shop) item(src intake.Source, key string) intake.Item {
	s.Helper()
	list, err := s.Items(s.Context(), src.ID, intake.ItemFilter{Limit: 100})
	if err != nil {
		s.Fatal(err)
	}
	i := slices.IndexFunc(list, func(i intake.Item) bool { return i.Page.Key == key })
	if i < 0 {
		s.Fatalf("there is no page %s among %d", key, len(list))
	}
	return list[i]
}

func (s *shop) article(slug string, lang desk.Lang) kb.Article {
	s.Helper()
	a, err := store.KB{DB: s.db}.ArticleNamed(s.Context(), "", slug, lang)
	if err != nil {
		s.Fatalf("article %s: %v", slug, err)
	}
	return a
}

func (s *shop) counts(r intake.Run, want string) {
	s.Helper()
	f, d := r.Found, r.Saved
	got := fmt.Sprintf("new %d changed %d same %d conflict %d gone %d failed %d twins %d; added %d updated %d kept %d unpublished %d",
		f.New, f.Changed, f.Unchanged, f.Conflicts, f.Gone, f.Failed, f.Twins, d.Added, d.Updated, d.Kept, d.Unpublished)
	if got != want {
		s.Errorf("got  %s\nwant %s\nproblems %v", got, want, r.Problems)
	}
}

func TestSync_PreviewSavesNothingThenOnlyWhatChangedIsTaken(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s, dir := newShop(t, db), t.TempDir()
		s.folder(dir, map[string]string{"refunds.md": "# Refunds\nFive days.", "faq/shipping.en.md": "---\ntitle: Shipping\nquestions: [when does it come]\n---\nTwo days.", "faq/copy.md": "# Refunds\nFive days.", "x.exe": "no"})
		src := s.create(intake.Source{Kind: intake.Folder, Name: "handbook", Settings: intake.Settings{Path: dir}, Publish: true, Gone: intake.UnpublishGone})

		s.counts(s.play(src, intake.Order{Mode: intake.Preview}), "new 2 changed 0 same 0 conflict 0 gone 0 failed 0 twins 1; added 0 updated 0 kept 0 unpublished 0")
		if list, _, err := s.lib.List(t.Context(), kb.Filter{}); err != nil || len(list) != 0 {
			t.Fatalf("a preview saved %d articles (%v)", len(list), err)
		}
		s.counts(s.sync(src), "new 2 changed 0 same 0 conflict 0 gone 0 failed 0 twins 1; added 2 updated 0 kept 0 unpublished 0")
		a := s.article("shipping", "en")
		if a.Status != kb.Published || a.Origin != "" || !slices.Equal(a.Questions, []string{"when does it come"}) || !slices.Equal(a.Tags, []string{"faq"}) {
			t.Errorf("got %+v", a)
		}
		if hits, err := s.lib.Search(t.Context(), kb.Question{Text: "when does it come", Lang: "en", Audience: kb.Customers}); err != nil || len(hits) == 0 {
			t.Errorf("not found at once: %v", err)
		}
		p, err := s.Of(t.Context(), a.ID)
		if err != nil || p.Source != "handbook" || p.Key != "faq/shipping.en.md" || p.Hash == "" || p.FetchedAt.IsZero() {
			t.Errorf("provenance: %+v, %v", p, err)
		}

		s.counts(s.sync(src), "new 0 changed 0 same 2 conflict 0 gone 0 failed 0 twins 1; added 0 updated 0 kept 0 unpublished 0")
		s.folder(dir, map[string]string{"faq/shipping.en.md": "---\ntitle: Shipping\n---\nThree days.", "refunds.md": "", "faq/copy.md": ""})
		s.counts(s.sync(src), "new 0 changed 1 same 0 conflict 0 gone 1 failed 0 twins 0; added 0 updated 1 kept 0 unpublished 1")
		if a = s.article("shipping", "en"); a.Body != "Three days." || a.PublishedVersion != 2 {
			t.Errorf("got %q, published %d", a.Body, a.PublishedVersion)
		}
		gone, err := s.lib.Get(t.Context(), s.item(src, firstOf(t, s, src)).ArticleID)
		if err != nil || gone.PublishedVersion != 0 {
			t.Errorf("what is gone is still published: %+v, %v", gone, err)
		}
		s.folder(dir, map[string]string{"refunds.md": "# Refunds\nFive days.", "faq/copy.md": "# Refunds\nFive days."})
		r := s.sync(src)
		if r.Saved.Updated+r.Saved.Added != 1 {
			t.Errorf("what came back is not published again: %+v %+v", r.Found, r.Saved)
		}
	})
}

// firstOf is the key of the page that was unpublished.
func firstOf(t *testing.T, s *shop, src intake.Source) string {
	t.Helper()
	list, err := s.Items(t.Context(), src.ID, intake.ItemFilter{State: intake.Withdrawn, Limit: 9})
	if err != nil || len(list) != 1 {
		t.Fatalf("%d pages were unpublished, want 1 (%v)", len(list), err)
	}
	return list[0].Page.Key
}

func TestSync_AnEditorsChangeIsNeverOverwritten(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s, dir := newShop(t, db), t.TempDir()
		s.folder(dir, map[string]string{"refunds.md": "# Refunds\nFive days."})
		src := s.create(intake.Source{Kind: intake.Folder, Name: "handbook", Settings: intake.Settings{Path: dir}})
		s.sync(src)
		a := s.article("refunds", "en")
		if a.Status != kb.Drafted {
			t.Errorf("imported as %s, want a draft", a.Status)
		}
		// Questions of an editor are no conflict, and stay.
		c := a.Content
		c.Questions = []string{"my money"}
		a = s.edit(a, c)
		s.folder(dir, map[string]string{"refunds.md": "# Refunds\nSix days."})
		s.counts(s.sync(src), "new 0 changed 1 same 0 conflict 0 gone 0 failed 0 twins 0; added 0 updated 1 kept 0 unpublished 0")
		if a = s.article("refunds", "en"); a.Body != "Six days." || !slices.Equal(a.Questions, []string{"my money"}) {
			t.Errorf("got %q %q", a.Body, a.Questions)
		}
		// A text of an editor is.
		c = a.Content
		c.Body = "Six working days."
		a = s.edit(a, c)
		s.counts(s.sync(src), "new 0 changed 0 same 1 conflict 0 gone 0 failed 0 twins 0; added 0 updated 0 kept 0 unpublished 0")
		s.folder(dir, map[string]string{"refunds.md": "# Refunds\nSeven days."})
		s.counts(s.sync(src), "new 0 changed 0 same 0 conflict 1 gone 0 failed 0 twins 0; added 0 updated 0 kept 0 unpublished 0")
		if got := s.article("refunds", "en").Body; got != "Six working days." {
			t.Fatalf("the editor's text became %q", got)
		}
		i := s.item(src, "refunds.md")
		v, err := s.Item(t.Context(), src.ID, i.ID)
		if err != nil || v.State != intake.Conflict || v.Article == nil || v.Diff == nil || v.Page.Markdown != "Seven days." || len(v.Diff.Lines) != 2 {
			t.Errorf("the conflict is shown as %+v, %v", v, err)
		}
		s.counts(s.play(src, intake.Order{Mode: intake.Sync, Keep: []string{i.ID}}), "new 0 changed 0 same 0 conflict 1 gone 0 failed 0 twins 0; added 0 updated 0 kept 1 unpublished 0")
		s.counts(s.sync(src), "new 0 changed 0 same 1 conflict 0 gone 0 failed 0 twins 0; added 0 updated 0 kept 0 unpublished 0")
		s.folder(dir, map[string]string{"refunds.md": "# Refunds\nEight days."})
		s.counts(s.play(src, intake.Order{Mode: intake.Sync, Take: []string{i.ID}}), "new 0 changed 0 same 0 conflict 1 gone 0 failed 0 twins 0; added 0 updated 1 kept 0 unpublished 0")
		if a = s.article("refunds", "en"); a.Body != "Eight days." || !slices.Equal(a.Questions, []string{"my money"}) {
			t.Errorf("got %q %q", a.Body, a.Questions)
		}
		// The file goes away: an article stays unless asked otherwise.
		s.folder(dir, map[string]string{"refunds.md": "", "other.md": "# Other\nText."})
		s.counts(s.sync(src), "new 1 changed 0 same 0 conflict 0 gone 1 failed 0 twins 0; added 1 updated 0 kept 0 unpublished 0")
	})
}

func (s *shop) edit(a kb.Article, c kb.Content) kb.Article {
	s.Helper()
	out, err := s.lib.Save(s.Context(), "anna", kb.Draft{ID: a.ID, Version: a.Version, Content: c})
	if err != nil {
		s.Fatal(err)
	}
	return out
}

func TestSync_PublishingAPlaybookLeavesImportedArticlesAlone(t *testing.T) {
	s, dir := newShop(t, storetest.Open(t, storetest.SQLite(t))), t.TempDir()
	s.folder(dir, map[string]string{"refunds.md": "# Refunds\nFive days."})
	src := s.create(intake.Source{Kind: intake.Folder, Name: "handbook", Settings: intake.Settings{Path: dir}, Playbook: "coffee", Publish: true})
	s.sync(src)
	if _, err := s.lib.Import(t.Context(), "ed", "coffee", nil); err != nil {
		t.Fatal(err)
	}
	a, err := store.KB{DB: s.db}.ArticleNamed(t.Context(), "coffee", "refunds", "en")
	if err != nil || a.Status != kb.Published {
		t.Errorf("got %s, %v", a.Status, err)
	}
}

func TestSync_BrokenFileMakesNothingGone(t *testing.T) {
	s, dir := newShop(t, storetest.Open(t, storetest.SQLite(t))), t.TempDir()
	s.folder(dir, map[string]string{"a.md": "# A\nText a.", "b.csv": "question,answer\nHow?,So.\n"})
	src := s.create(intake.Source{Kind: intake.Folder, Name: "handbook", Settings: intake.Settings{Path: dir}, Publish: true, Gone: intake.UnpublishGone})
	s.sync(src)
	s.folder(dir, map[string]string{"b.csv": "nothing that is a table"})
	r := s.sync(src)
	s.counts(r, "new 0 changed 0 same 1 conflict 0 gone 0 failed 1 twins 0; added 0 updated 0 kept 0 unpublished 0")
	if !r.Partial || len(r.Problems) == 0 || r.Problems[0].Key != "b.csv" {
		t.Errorf("got %+v", r.Problems)
	}
}

func TestSync_AnInterruptedRunGoesOn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s, dir := newShop(t, db), t.TempDir()
		files := map[string]string{}
		for i := range 30 {
			files[fmt.Sprintf("page-%02d.md", i)] = fmt.Sprintf("# Page %d\nText %d.", i, i)
		}
		s.folder(dir, files)
		var refs []intake.FileRef
		for name, text := range files {
			s.folder(s.Dir, map[string]string{name: text})
			refs = append(refs, intake.FileRef{Name: name, Path: name, Size: int64(len(text))})
		}
		src := s.create(intake.Source{Kind: intake.Files, Name: "upload", Settings: intake.Settings{Files: refs}})
		run, err := s.Start(t.Context(), "ed", src.ID, intake.Order{Mode: intake.Sync})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Start(t.Context(), "ed", src.ID, intake.Order{Mode: intake.Sync}); err == nil || !strings.Contains(err.Error(), "already") {
			t.Errorf("a second run beside it: %v", err)
		}
		ctx, stop := context.WithCancel(t.Context())
		slow := *s.Importer
		slow.Library = &stopAfter{Library: s.lib, left: 10, stop: stop}
		if err := slow.Play(ctx, run.ID); err == nil {
			t.Fatal("the run did not end with its process")
		}
		if err := s.Play(t.Context(), run.ID); err != nil { // its job runs again
			t.Fatal(err)
		}
		got, err := s.Store.Run(t.Context(), run.ID)
		if err != nil || got.Status != intake.Done {
			t.Fatalf("got %+v, %v", got, err)
		}
		list, _, err := s.lib.List(t.Context(), kb.Filter{Limit: 100})
		if err != nil || len(list) != 30 {
			t.Errorf("%d articles, want 30 (%v)", len(list), err)
		}
	})
}

// stopAfter ends the context when so many articles are saved.
type stopAfter struct {
	intake.Library
	left int
	stop func()
}

func (s *stopAfter) Save(ctx context.Context, by string, d kb.Draft) (kb.Article, error) {
	if s.left--; s.left == 0 {
		defer s.stop()
	}
	return s.Library.Save(ctx, by, d)
}
