package insight_test

import (
	"context"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/store"
	"github.com/parleyhq/parley/kb"
	"github.com/parleyhq/parley/kb/insight"
)

func TestContradictions_ByRule(t *testing.T) {
	for _, c := range []struct {
		one, other string
		want       insight.Why // empty: none
	}{
		{"Delivery to your office costs 3 euros.", "Delivery to your office costs €4.50.", insight.OtherPrice},
		{"Delivery to your office costs 3 euros.", "Delivery to your office costs €3.00.", ""},
		{"You can return unopened beans within 14 days.", "Unopened beans can be returned within 30 days.", insight.OtherSpan},
		{"You can return unopened beans within 14 days.", "You can return unopened beans within two weeks.", ""},
		{"The shop opens at 8 am on weekdays.", "On weekdays the shop opens at 9:00.", insight.OtherTime},
		{"The shop opens at 8 am on weekdays.", "The shop opens at 9 am on Sundays.", ""},
		{"A small latte costs 3 euros.", "A large latte costs 4 euros.", ""},
		{"Dogs are allowed inside the coffee shop.", "Dogs are not allowed inside the coffee shop.", insight.YesAndNo},
		{"Delivery to the office costs ¥6.", "Delivery to the office is free from ¥60 on.", ""},
		{"Delivery to the office is free.", "We charge 3 euros for delivery to the office.", insight.FreeAndFee},
		{"Members get 10% off every coffee order.", "Members get 15 percent off every coffee order.", insight.OtherShare},
		{"A table seats up to 6 guests in the garden.", "A table in the garden seats up to 8 guests.", insight.OtherNumber},
		{"Is delivery to your office 3 euros?", "Delivery to your office costs 4 euros.", ""},
		{"未开封的咖啡豆可以在14天内退货。", "未开封的咖啡豆可以在30天内退货。", insight.OtherSpan},
		{"外卖配送到公司免费。", "外卖配送到公司收费5元。", insight.FreeAndFee},
		{"店内可以带狗进入用餐。", "店内不可以带狗进入用餐。", insight.YesAndNo},
	} {
		lang := kb.LangOf(c.one, desk.English)
		got := insight.Contradictions([]kb.Article{
			{ID: "a", Slug: "a", Lang: lang, Content: kb.Content{Title: "First", Body: c.one}},
			{ID: "b", Slug: "b", Lang: lang, Content: kb.Content{Title: "Second", Body: c.other}},
		})
		why := insight.Why("")
		if len(got) > 0 {
			why = got[0].Why
		}
		if why != c.want || len(got) > 1 {
			t.Errorf("%s | %s: got %q, want %q (%+v)", c.one, c.other, why, c.want, got)
		}
	}
}

func TestContradictions_WithinAnArticle(t *testing.T) {
	for _, c := range []struct {
		body string
		want insight.Why // empty: none
	}{
		{"- Delivery costs **¥6**. From ¥60 on it is free.\n- Delivery takes 25 minutes. On Sundays 45 minutes.", ""},
		{"- It opens at 8:00.\n- On Sundays it opens at 10:00.", ""},
		{"- 配送费6元。\n- 满60元免费。", ""},
		{"Unopened beans can be returned within 14 days.\n\n## Returns\n\nYou can return unopened beans within 30 days.", insight.OtherSpan},
	} {
		lang := kb.LangOf(c.body, desk.English)
		got := insight.Contradictions([]kb.Article{{ID: "a", Slug: "a", Lang: lang, Content: kb.Content{Title: "Delivery area and fee", Body: c.body}}})
		why := insight.Why("")
		if len(got) > 0 {
			why = got[0].Why
		}
		if why != c.want {
			t.Errorf("%s: got %q, want %q (%+v)", c.body, why, c.want, got)
		}
	}
}

// judge says what it was told to.
type judge struct{ asked int }

func (j *judge) Contradict(context.Context, string, string) (insight.Verdict, error) {
	j.asked++
	return insight.Confirmed, nil
}

func TestCompare_PairsAreShownOnceAndStayDismissed(t *testing.T) {
	each(t, func(s *shop) {
		t, ctx := s.t, context.Background()
		j := &judge{}
		s.Checker = j
		text := "We roast our beans twice a week in small batches behind the shop, and bring them to the counter on the next morning."
		s.write("roasting", "Roasting", text)
		s.write("beans", "Our beans", text+" Come and smell.")
		s.write("returns", "Returns", "Unopened beans can be returned within 14 days.", "Can I return beans?")
		s.write("refunds", "Refunds", "You can return unopened beans within 30 days.", "Can I return beans?")
		s.check(s.Compare(ctx))
		list, err := s.Pairs(ctx, insight.PairFilter{Status: insight.PairOpen, Limit: 50})
		s.check(err)
		why := map[insight.Why]insight.Pair{}
		for _, p := range list {
			why[p.Why] = p
		}
		if len(list) != 3 || why[insight.SameText].ID == "" || why[insight.SameQuestion].ID == "" || why[insight.OtherSpan].Checked != insight.Confirmed || j.asked != 1 {
			t.Fatalf("got %+v, a model was asked %d times", list, j.asked)
		}
		if p := why[insight.OtherSpan]; len(p.One.Values) != 1 || len(p.Other.Values) != 1 || p.One.Values[0] == p.Other.Values[0] {
			t.Errorf("what differs: %+v", p)
		}
		of, err := s.Pairs(ctx, insight.PairFilter{Article: why[insight.SameText].One.ArticleID, Limit: 50})
		s.check(err)
		if len(of) != 1 {
			t.Errorf("of one article: %+v", of)
		}
		page, err := s.Pairs(ctx, insight.PairFilter{After: list[1].ID, Limit: 50})
		s.check(err)
		if len(page) != 1 || page[0].ID != list[2].ID {
			t.Errorf("the next page: %+v", page)
		}
		s.check(s.DismissPair(ctx, "eve", why[insight.OtherSpan].ID))
		s.check(s.Compare(ctx))
		list, err = s.Pairs(ctx, insight.PairFilter{Status: insight.PairOpen, Limit: 50})
		s.check(err)
		if len(list) != 2 || j.asked != 1 {
			t.Errorf("after dismissing: %+v, asked %d", list, j.asked)
		}
		if err := s.DismissPair(ctx, "eve", "nothing"); !desk.IsKind(err, desk.NotFound) {
			t.Errorf("a pair that is not there: %v", err)
		}
	})
}

func TestAdvice_EachReason(t *testing.T) {
	each(t, func(s *shop) {
		t, ctx := s.t, context.Background()
		start := s.at
		old := s.write("old", "Old news", "Nobody reads this.")
		s.writeIn(desk.Chinese, "old", "旧闻", "没有人看这个。")
		ends := s.write("summer", "Summer menu", "Iced coffee in summer.")
		d := kb.Draft{ID: ends.ID, Version: 1, Publish: true, Content: ends.Content}
		d.ValidTo = start.Add(75 * 24 * time.Hour)
		_, err := s.Library.Save(ctx, "eve", d)
		s.check(err)
		dogs := s.write("dogs", "Dogs", "Dogs may come in.")
		help := store.Help{DB: s.db}
		for range 3 {
			s.check(help.Vote(ctx, dogs.ID, 1, false))
		}
		for range 4 {
			s.asked(says("may my cat come in with me"), answered("dogs"), says("a person please"), human("asked"))
		}
		s.gather()
		s.later(70 * 24 * time.Hour)
		e := kb.Draft{ID: old.ID, Version: 1, Publish: true, Content: old.Content}
		e.Body = "Nobody reads this, still."
		_, err = s.Library.Save(ctx, "eve", e)
		s.check(err)
		s.later(-3 * time.Hour) // it has been there for less than the 60 days, its translation for more
		list, err := s.Advice(ctx, insight.AdviceFilter{Days: 90})
		s.check(err)
		got := map[string]insight.Advice{}
		for _, a := range list {
			for _, r := range a.Reasons {
				got[a.Slug+"."+string(a.Lang)+" "+string(r.Kind)] = a
			}
		}
		for _, want := range []string{"summer.en expiring", "dogs.en not_helpful", "dogs.en asked_again", "old.zh old_translation", "dogs.en not_translated", "summer.en not_translated"} {
			if _, ok := got[want]; !ok {
				t.Errorf("missing %s in %v", want, list)
			}
		}
		if a := got["dogs.en asked_again"]; a.Usage.Rephrased != 4 || a.Usage.NotHelped != 3 {
			t.Errorf("usage %+v", a.Usage)
		}
		s.later(10 * 24 * time.Hour)
		list, err = s.Advice(ctx, insight.AdviceFilter{Reason: insight.NeverUsed})
		s.check(err)
		if len(list) != 2 || list[0].Slug == "dogs" || list[1].Slug == "dogs" {
			t.Errorf("never used in 60 days: %+v", list)
		}
		if list[0].Slug != "summer" || list[0].Reasons[0].Kind != insight.Expired {
			t.Errorf("the expired one comes first: %+v", list)
		}
	})
}
