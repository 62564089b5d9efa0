package nlu_test

import (
	"context"
	"slices"
	"testing"

	"github.com/parleyhq/parley/bot"
	"github.com/parleyhq/parley/bot/nlu"
	"github.com/parleyhq/parley/desk"
)

func TestUnderstand_OffersWhatAThinUtteranceMayBeAbout(t *testing.T) {
	def := bot.Definition{Flows: []bot.Flow{
		{Name: "order", Title: desk.T("Order a coffee", "点咖啡"), Examples: map[desk.Lang][]string{
			desk.English: {"I'd like a coffee", "a latte please", "bring me an americano"}, desk.Chinese: {"来一杯咖啡", "我要一杯拿铁"}}},
		{Name: "track", Title: desk.T("Where is my order?", "我的订单到哪了"), Examples: map[desk.Lang][]string{
			desk.English: {"where is my coffee", "track my order", "has my coffee left"}, desk.Chinese: {"我的咖啡怎么还没到", "查一下我的订单"}}},
		{Name: "cancel", Title: desk.T("Cancel an order", "取消订单"), Examples: map[desk.Lang][]string{
			desk.English: {"cancel my order", "I don't want my coffee any more"}, desk.Chinese: {"不要我的咖啡了", "帮我取消订单"}}},
	}}
	var topics []nlu.Topic
	for _, f := range def.Flows {
		topics = append(topics, nlu.Topic{Target: desk.Target("flow:" + f.Name), Title: f.Title, Texts: append(slices.Clone(f.Examples[desk.English]), f.Examples[desk.Chinese]...)})
	}
	topics = append(topics, nlu.Topic{Target: "menu:prices", Title: desk.T("Coffee prices", "咖啡价格")})
	m, err := nlu.Train(context.Background(), nlu.TrainingOf(def, nil))
	if err != nil {
		t.Fatal(err)
	}
	u, err := nlu.New(m, nlu.FlowsOf(def), nlu.Settings{Topics: topics})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string][]desk.Target{
		"order":                   {"flow:order", "flow:track", "flow:cancel"},
		"it is about an order":    {"flow:order", "flow:track", "flow:cancel"},
		"coffee":                  {"flow:order", "menu:prices"},
		"订单":                      {"flow:track", "flow:cancel"},
		"我的咖啡":                    {"flow:track", "flow:cancel"},
		"cancel":                  {"flow:cancel"},
		"who are you":             nil,
		"where is my order":       nil,
		"track my order":          nil,
		"violins and cellos sing": nil,
	} {
		lang := desk.English
		if text[0] > 0x80 {
			lang = desk.Chinese
		}
		cmds, err := u.Understand(context.Background(), bot.Utterance{Text: text, Lang: lang})
		if err != nil {
			t.Fatal(err)
		}
		var got []desk.Target
		for _, c := range cmds {
			if c.Kind == bot.CommandClarify {
				for _, x := range c.Candidates {
					got = append(got, x.Target)
				}
			}
		}
		if want == nil && got != nil {
			t.Errorf("%q: offers %v, want none", text, got)
		}
		for _, w := range want {
			if !slices.Contains(got, w) {
				t.Errorf("%q: offers %v, want %s among them (%v)", text, got, w, cmds)
			}
		}
	}
}
