package kb_test

import (
	"context"
	"fmt"
	"reflect"
	"sync"
	"testing"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/kb"
)

func shopArticle(id, title, body string, questions ...string) kb.Article {
	return kb.Article{ID: desk.ID(id), Slug: id, Lang: desk.English, Status: kb.Published, Version: 1, PublishedVersion: 1,
		Content: kb.Content{Title: title, Body: body, Questions: questions, Audience: kb.Customers}}
}

func shopArticles() []kb.Article {
	return []kb.Article{
		shopArticle("hours", "Opening hours", "We are open from 8 to 18 on weekdays.", "When do you open?"),
		shopArticle("refund", "Refunds", "We give money back within 14 days.", "Can I get my money back?"),
		shopArticle("delivery", "Delivery", "We deliver within five kilometres.\n\n## Fee\n\nDelivery is free above 20 euros.", "Where do you deliver?"),
	}
}

var shopQuestions = []string{"When do you open?", "can I have my money back", "do you deliver to my office", "is there a delivery fee", "may I bring a parrot"}

func TestWith_IsAsIfBuiltAnewAndLeavesTheIndexAlone(t *testing.T) {
	live, fresh := kb.NewIndex(), kb.NewIndex()
	vec := func(a kb.Article) (out [][]float32) {
		for i := range kb.Texts(a) {
			out = append(out, []float32{float32(len(a.Title)), float32(i), 1})
		}
		return out
	}
	for _, a := range shopArticles() {
		live.Put(a, vec(a))
	}
	ask := func(x *kb.Index) (out [][]kb.Hit) {
		for _, q := range shopQuestions {
			out = append(out, x.Search(kb.Question{Text: q, Lang: desk.English}))
		}
		return out
	}
	before := ask(live)
	edited := shopArticle("delivery", "Parrots by delivery", "Parrots are brought to your office.", "May I bring a parrot?")
	parrots := shopArticle("new", "Pets", "Pets wait outside.")
	over := live.With(kb.Overlaid{Put: []kb.Article{edited, parrots}, Remove: []desk.ID{"refund"}}, [][][]float32{vec(edited), vec(parrots)})
	for _, a := range []kb.Article{shopArticles()[0], edited, parrots} {
		fresh.Put(a, vec(a))
	}
	if got, want := ask(over), ask(fresh); !reflect.DeepEqual(got, want) {
		t.Errorf("the overlay finds\n%+v\nan index of the same articles\n%+v", got, want)
	}
	if got := ask(live); !reflect.DeepEqual(got, before) {
		t.Errorf("the index was touched:\n%+v\nbefore\n%+v", got, before)
	}
	after := ask(over)
	for i := range 50 { // what happens to the index does not reach the copy
		live.Remove("hours")
		live.Put(shopArticle("hours", fmt.Sprint("Parrot delivery ", i), "money office open fee"), [][]float32{{1, 2, 3}, {3, 2, 1}})
	}
	if got := ask(over); !reflect.DeepEqual(got, after) {
		t.Error("a later change of the index reached the copy")
	}
}

func TestWith_WhileTheIndexChanges(t *testing.T) {
	live := kb.NewIndex()
	for _, a := range shopArticles() {
		live.Put(a, nil)
	}
	var wg sync.WaitGroup
	for n := range 2 {
		wg.Go(func() {
			for i := range 100 {
				live.Put(shopArticle(fmt.Sprint("more", n), fmt.Sprint("Words ", i), "open money deliver fee parrot"), nil)
				live.Remove(desk.ID(fmt.Sprint("more", n)))
			}
		})
	}
	for range 20 {
		over := live.With(kb.Overlaid{Remove: []desk.ID{"hours"}}, nil)
		for _, q := range shopQuestions {
			over.Search(kb.Question{Text: q, Lang: desk.English})
		}
	}
	wg.Wait()
}

func TestOverlay_SynonymsAndUnpublishing(t *testing.T) {
	ctx := context.Background()
	l := &kb.Library{Index: kb.NewIndex()}
	for _, a := range shopArticles() {
		l.Index.Put(a, nil)
	}
	over := must[*kb.Library](t)(l.Overlay(ctx, kb.Overlaid{Synonyms: []kb.SynonymSet{{Lang: desk.English, Synonyms: []kb.Synonym{{Words: []string{"moolah", "money"}}}}}}, nil))
	q := kb.Question{Text: "can I get my moolah back", Lang: desk.English}
	was, _, _ := l.Answer(ctx, q)
	is, ok, err := over.Answer(ctx, q)
	if err != nil || !ok || is.Source.Slug != "refund" || is.Confidence <= was.Confidence {
		t.Errorf("with the synonym: %+v %v %v; without: %+v", is, ok, err, was)
	}
	over = must[*kb.Library](t)(l.Overlay(ctx, kb.Overlaid{Remove: []desk.ID{"refund"}}, nil))
	if _, ok, _ := over.Answer(ctx, kb.Question{Text: "Can I get my money back?", Lang: desk.English}); ok {
		t.Error("an article that is taken out still answers")
	}
}
