package kb_test

import (
	"context"
	"testing"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/store"
	"github.com/parleyhq/parley/internal/store/storetest"
	"github.com/parleyhq/parley/kb"
)

func TestBuiltIn_FindsEnglishInOtherWordsAndLeavesChineseToWords(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		l := newLibrary(db)
		l.Embedder = kb.BuiltIn{}
		for slug, title := range map[string]string{"stolen": "My bank card was stolen", "rates": "Currency exchange rates", "refund": "怎么申请退款"} {
			d := draft(slug, title, title)
			if slug == "refund" {
				d.Lang = desk.Chinese
			}
			d.Publish = true
			must[kb.Article](t)(l.Save(ctx, "eve", d))
		}
		var h handlers
		l.Register(&h)
		for _, args := range pending(t, db) {
			if err := h.f(ctx, args); err != nil {
				t.Fatal(err)
			}
		}
		if _, _, n := l.Index.Size(); n != 4 {
			t.Errorf("%d vectors, want a title and a passage of two articles", n)
		}
		for text, want := range map[string]kb.Question{
			"stolen": {Text: "somebody took my debit visa", Lang: desk.English},
			"refund": {Text: "我想退款", Lang: desk.Chinese},
		} {
			if hits := must[[]kb.Hit](t)(l.Search(ctx, want)); len(hits) == 0 || hits[0].Source.Slug != text {
				t.Errorf("%q: got %s, want %s first", want.Text, slugs(hits), text)
			}
		}
	})
}
