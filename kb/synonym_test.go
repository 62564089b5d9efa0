package kb_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/store"
	"github.com/parleyhq/parley/internal/store/storetest"
	"github.com/parleyhq/parley/kb"
)

func article(slug string, lang desk.Lang, title, body string) kb.Article {
	return kb.Article{ID: desk.NewID(), Slug: slug, Lang: lang, Version: 1, PublishedVersion: 1, Content: kb.Content{Title: title, Body: body, Audience: kb.Customers}}
}

func publish(d kb.Draft) kb.Draft { d.Publish = true; return d }

func first(l *kb.Library, text string) string {
	hits, err := l.Search(context.Background(), kb.Question{Text: text})
	if err != nil || len(hits) == 0 {
		return ""
	}
	return hits[0].Source.Slug
}

func TestSynonyms_AreUsedInTheSameRequestAndOnOtherNodes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		here, there := newLibrary(db), newLibrary(db)
		must[kb.Article](t)(here.Save(ctx, "eve", publish(draft("gondola", "Gondola", "The gondola takes you up the hill every ten minutes."))))
		if err := there.Load(ctx); err != nil {
			t.Fatal(err)
		}
		if got := first(here, "skylift timetable"); got != "" {
			t.Fatalf("found %q before anybody said what a skylift is", got)
		}
		set := must[kb.SynonymSet](t)(here.Synonyms(ctx, "", desk.English))
		set.Synonyms = []kb.Synonym{{Words: []string{"skylift", "gondola", "cable way"}}, {Words: []string{"mountain sledge"}, Of: "hill"}}
		set = must[kb.SynonymSet](t)(here.SetSynonyms(ctx, "eve", set))
		for text, want := range map[string]string{"skylift": "gondola", "is there a cable way": "gondola", "mountain sledge": "gondola", "cable news": ""} {
			if got := first(here, text); got != want {
				t.Errorf("%q found %q, want %q", text, got, want)
			}
		}
		if err := there.Sweep(ctx); err != nil || first(there, "skylift") != "gondola" {
			t.Errorf("another node does not know: %v", err)
		}
		stale := set
		stale.Version--
		if _, err := there.SetSynonyms(ctx, "bob", stale); !desk.IsKind(err, desk.Conflict) {
			t.Errorf("a stale writer got %v", err)
		}
		set.Synonyms = nil
		must[kb.SynonymSet](t)(here.SetSynonyms(ctx, "eve", set))
		if got := first(here, "skylift"); got != "" {
			t.Errorf("%q is found by a word that means nothing any more", got)
		}
	})
}

func TestSynonyms_AnEventTellsOtherNodes(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	db := storetest.Open(t, storetest.SQLite(t))
	bus := &busOf{}
	here, there := newLibrary(db), newLibrary(db)
	here.Bus = bus
	must[kb.Article](t)(here.Save(ctx, "eve", publish(draft("gondola", "Gondola", "The gondola takes you up the hill."))))
	done := make(chan error, 1)
	go func() { done <- there.Run(ctx, bus) }()
	bus.wait()
	set := kb.SynonymSet{Lang: desk.English, Synonyms: []kb.Synonym{{Words: []string{"skylift", "gondola"}}}}
	must[kb.SynonymSet](t)(here.SetSynonyms(ctx, "eve", set))
	for range 1000 {
		if first(there, "skylift") == "gondola" {
			break
		}
		<-time.After(5 * time.Millisecond)
	}
	if got := first(there, "skylift"); got != "gondola" {
		t.Errorf("the other node found %q", got)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestSynonyms_OfAPlaybookAreItsOwn(t *testing.T) {
	x := kb.NewIndex()
	x.Put(article("gondola", desk.English, "Gondola", "It goes up the hill."), nil)
	x.SetSynonyms(kb.SynonymSet{Playbook: "ski", Lang: desk.English, Synonyms: []kb.Synonym{{Words: []string{"skylift", "gondola"}}}})
	if n := len(x.Search(kb.Question{Text: "skylift", Playbook: "ski"})); n != 1 {
		t.Errorf("the playbook found %d", n)
	}
	if n := len(x.Search(kb.Question{Text: "skylift", Playbook: "coffee"})); n != 0 {
		t.Errorf("another playbook found %d", n)
	}
}

func TestSynonyms_InChinese(t *testing.T) {
	x := kb.NewIndex()
	x.Put(article("gondola", desk.Chinese, "缆车", "缆车每十分钟一班。"), nil)
	x.SetSynonyms(kb.SynonymSet{Lang: desk.Chinese, Synonyms: []kb.Synonym{{Words: []string{"索道", "缆车"}}}})
	if hits := x.Search(kb.Question{Text: "索道"}); len(hits) != 1 {
		t.Errorf("found %d", len(hits))
	}
}

func TestSetSynonyms_RefusesWhatIsWrong(t *testing.T) {
	l := newLibrary(storetest.Open(t, storetest.SQLite(t)))
	for name, set := range map[string]kb.SynonymSet{
		"language": {Lang: "de"},
		"no word":  {Lang: desk.English, Synonyms: []kb.Synonym{{Words: []string{"?!", "a"}}}},
		"too long": {Lang: desk.English, Synonyms: []kb.Synonym{{Words: []string{strings.Repeat("x", 61), "a"}}}},
		"too many": {Lang: desk.English, Synonyms: make([]kb.Synonym, 0)},
	} {
		if name == "too many" {
			for range kb.MaxSynonyms + 1 {
				set.Synonyms = append(set.Synonyms, kb.Synonym{Words: []string{"a", "b"}})
			}
		}
		if _, err := l.SetSynonyms(context.Background(), "eve", set); !desk.IsKind(err, desk.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestImportSynonyms_KeepsWhatWasEdited(t *testing.T) {
	ctx := context.Background()
	l := newLibrary(storetest.Open(t, storetest.SQLite(t)))
	read := func(words string) []kb.SynonymSet {
		sets, err := kb.ParseSynonyms("synonyms.yaml", []byte("version: 1\nsynonyms:\n  en:\n    - {words: ["+words+"]}\n"))
		if err != nil {
			t.Fatal(err)
		}
		return sets
	}
	take := func(words string) string {
		if err := l.ImportSynonyms(ctx, "file", "ski", read(words)); err != nil {
			t.Fatal(err)
		}
		set := must[kb.SynonymSet](t)(l.Synonyms(ctx, "ski", desk.English))
		return strings.Join(set.Synonyms[0].Words, " ")
	}
	if got := take("a, b"); got != "a b" {
		t.Errorf("imported %q", got)
	}
	if got := take("a, c"); got != "a c" {
		t.Errorf("a newer file gave %q", got)
	}
	set := must[kb.SynonymSet](t)(l.Synonyms(ctx, "ski", desk.English))
	set.Synonyms[0].Words = []string{"x", "y"}
	must[kb.SynonymSet](t)(l.SetSynonyms(ctx, "eve", set))
	if got := take("a, d"); got != "x y" {
		t.Errorf("an edit was lost: %q", got)
	}
	for text, want := range map[string]string{
		"version: 2\nsynonyms: {}\n":                                 "synonyms.yaml:1",
		"version: 1\nsynonyms:\n  de: []\n":                          "unknown language",
		"version: 1\nsynonyms:\n  en:\n    - {words: ['?', 'a'] }\n": "neither a letter",
	} {
		if _, err := kb.ParseSynonyms("synonyms.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func TestSearch_MisspeltWordsFindWhatWasMeant(t *testing.T) {
	x := kb.NewIndex()
	x.Put(article("cancel", desk.English, "Cancel a subscription", "You can cancel your subscription at any moment."), nil)
	x.Put(article("parcels", desk.English, "Parcels", "Parcels weigh at most ten kilos."), nil)
	x.Put(article("zh", desk.Chinese, "退款", "七天内退款。"), nil)
	for text, want := range map[string][2]string{
		"subscripton":         {"cancel", "subscription"},        // left out
		"How do I cnacel it?": {"cancel", "How do I cancel it?"}, // swapped
		"sbusciption":         {"cancel", "subscription"},        // twice
		"parcells":            {"parcels", ""},                   // the stem is right
		"Parzels, please":     {"parcels", "parcels, please"},
		"cancel":              {"cancel", ""},
		"退款":                  {"zh", ""},
	} {
		hits := x.Search(kb.Question{Text: text})
		got := [2]string{}
		if len(hits) > 0 {
			got = [2]string{hits[0].Source.Slug, hits[0].DidYouMean}
		}
		if got != want && !(text == "parcells" && got[0] == "parcels") {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
