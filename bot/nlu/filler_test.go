package nlu_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/parleyhq/parley/bot"
	"github.com/parleyhq/parley/bot/nlu"
	"github.com/parleyhq/parley/desk"
)

var trip = nlu.Flow{Name: "trip", Title: desk.T("Book a trip", "订车票"), Slots: []bot.Slot{
	{Name: "origin", Type: desk.SlotText, Label: desk.T("Origin", "出发地"), Any: true},
	{Name: "destination", Type: desk.SlotText, Label: desk.T("Destination", "目的地"), Any: true},
	{Name: "class", Type: desk.SlotChoice, Label: desk.T("Class", "座位等级"), Any: true,
		Choices: []bot.Choice{{Value: "first", Label: desk.T("First class", "一等座")}, {Value: "second", Label: desk.T("Second class", "二等座")}}},
	{Name: "meal", Type: desk.SlotYesNo, Label: desk.T("Meal", "餐食"), Any: true},
}}

var tripExamples = nlu.FlowExamples{Name: "trip", Title: trip.Title, Examples: map[desk.Lang][]string{
	desk.English: {"book a trip", "I need a ticket", "get me a seat on the train"}, desk.Chinese: {"我要订车票", "买一张票", "订一个座位"}}}

func fillers(t *testing.T, told []nlu.Told) *nlu.Understander {
	t.Helper()
	m, err := nlu.Train(t.Context(), nlu.Training{Flows: []nlu.FlowExamples{tripExamples}})
	if err != nil {
		t.Fatal(err)
	}
	f, err := nlu.LearnFiller(t.Context(), []nlu.Flow{trip}, told)
	if err != nil {
		t.Fatal(err)
	}
	u, err := nlu.New(m, []nlu.Flow{trip}, nlu.Settings{Filler: f})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func valuesOf(t *testing.T, u *nlu.Understander, in bot.Utterance) map[string]string {
	t.Helper()
	cmds, err := u.Understand(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, c := range cmds {
		if c.Kind == bot.CommandSet || c.Kind == bot.CommandCorrect {
			out[c.Slot] = c.Value
		}
	}
	return out
}

func asking(slot int) *bot.AskedSlot { return &bot.AskedSlot{Flow: "trip", Slot: trip.Slots[slot]} }

func TestFillerGoesByRulesOfThumb(t *testing.T) {
	u := fillers(t, nil)
	confirm := []bot.Proposal{{Flow: "trip", Slot: "class", Value: "first", Kind: bot.ProposalConfirm}}
	offer := []bot.Proposal{{Flow: "trip", Slot: "destination", Value: "Port Lumen Harbour", Kind: bot.ProposalOffer}}
	stay := map[string]map[string]string{"stay": {"destination": "Vantage Bay"}}
	for name, c := range map[string]struct {
		in   bot.Utterance
		want map[string]string
	}{
		"a yes takes what was to be confirmed":          {bot.Utterance{Text: "yes please", Active: "trip", Proposed: confirm}, map[string]string{"class": "first"}},
		"so does a Chinese yes":                         {bot.Utterance{Text: "是的", Lang: desk.Chinese, Active: "trip", Proposed: confirm}, map[string]string{"class": "first"}},
		"a no does not":                                 {bot.Utterance{Text: "no", Active: "trip", Proposed: confirm}, map[string]string{}},
		"that one takes what was offered":               {bot.Utterance{Text: "great, book that one", Active: "trip", Proposed: offer}, map[string]string{"destination": "Port Lumen Harbour"}},
		"another one does not":                          {bot.Utterance{Text: "is there another one?", Active: "trip", Proposed: offer}, map[string]string{}},
		"it does not matter":                            {bot.Utterance{Text: "I don't care", Active: "trip", Asking: asking(2)}, map[string]string{"class": bot.AnyValue}},
		"it does not matter, in Chinese":                {bot.Utterance{Text: "都可以", Lang: desk.Chinese, Active: "trip", Asking: asking(2)}, map[string]string{"class": bot.AnyValue}},
		"a named choice answers":                        {bot.Utterance{Text: "second class", Active: "trip", Asking: asking(2)}, map[string]string{"class": "second"}},
		"a named choice answers, in Chinese":            {bot.Utterance{Text: "二等座吧", Lang: desk.Chinese, Active: "trip", Asking: asking(2)}, map[string]string{"class": "second"}},
		"the words around an asked name are none of it": {bot.Utterance{Text: "I am leaving from Port Lumen Harbour", Active: "trip", Asking: asking(0)}, map[string]string{"origin": "Port Lumen Harbour"}},
		"so are they in Chinese":                        {bot.Utterance{Text: "我想从月亮湾出发", Lang: desk.Chinese, Active: "trip", Asking: asking(0)}, map[string]string{"origin": "月亮湾"}},
		"the same as elsewhere is carried":              {bot.Utterance{Text: "to the same destination", Active: "trip", Elsewhere: stay}, map[string]string{"destination": "Vantage Bay"}},
		"so is it in Chinese":                           {bot.Utterance{Text: "目的地一样", Lang: desk.Chinese, Active: "trip", Elsewhere: stay}, map[string]string{"destination": "Vantage Bay"}},
		"also is not the same":                          {bot.Utterance{Text: "I also need a seat", Active: "trip", Elsewhere: stay}, map[string]string{}},
		"a value beside the answer counts":              {bot.Utterance{Text: "first class, leaving from Quill Town", Active: "trip", Asking: asking(2)}, map[string]string{"class": "first", "origin": "Quill Town"}},
		"the nearest word tells which name is which":    {bot.Utterance{Text: "from Quill Town to Port Lumen", Active: "trip"}, map[string]string{"origin": "Quill Town", "destination": "Port Lumen"}},
		"so does it in Chinese":                         {bot.Utterance{Text: "从月亮湾到星星港", Lang: desk.Chinese, Active: "trip"}, map[string]string{"origin": "月亮湾", "destination": "星星港"}},
		"what is asked about is not taken":              {bot.Utterance{Text: "这个地方的电话是多少？", Lang: desk.Chinese, Active: "trip", Proposed: offer}, map[string]string{}},
		"a yes answers a question of yes and no":        {bot.Utterance{Text: "yes", Active: "trip", Asking: asking(3)}, map[string]string{"meal": "yes"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := valuesOf(t, u, c.in)
			if len(got) != len(c.want) {
				t.Fatalf("got %v, want %v", got, c.want)
			}
			for k, v := range c.want {
				if got[k] != v {
					t.Errorf("got %v, want %v", got, c.want)
				}
			}
		})
	}
}

func TestFillerLearnsFromWhatItWasTold(t *testing.T) {
	var told []nlu.Told
	for i, x := range []struct{ text, slot, value string }{
		{"I travel comfortably", "class", "first"}, {"comfortably, please", "class", "first"}, {"somewhere comfortably", "class", "first"},
		{"the thrifty way", "class", "second"}, {"thrifty as always", "class", "second"}, {"a thrifty one", "class", "second"},
		{"hello there", "", ""}, {"how are you", "", ""}, {"my friend told me", "", ""},
	} {
		one := nlu.Told{In: bot.Utterance{Text: x.text, Active: "trip"}, Talk: string(rune('a' + i))}
		if x.slot != "" {
			one.Values = map[string]map[string]string{"trip": {x.slot: x.value}}
		}
		for range 60 {
			told = append(told, one)
		}
	}
	in := bot.Utterance{Text: "thrifty I would say", Active: "trip"}
	if got := valuesOf(t, fillers(t, nil), in); got["class"] != "" {
		t.Fatalf("nothing was told, yet %v", got)
	}
	if got := valuesOf(t, fillers(t, told), in); got["class"] != "second" {
		t.Errorf("got %v, want class second", got)
	}
}

func TestDecimalIsNoShorterChoice(t *testing.T) {
	o := nlu.Options{Choices: []nlu.Choice{{Value: "5分"}, {Value: "4分"}}, Asked: true}
	if got := nlu.Find(desk.SlotChoice, "它的评分是3.5分", desk.Chinese, o); len(got) != 0 {
		t.Errorf("got %v, want nothing", got)
	}
	if got := nlu.Find(desk.SlotChoice, "评分5分的", desk.Chinese, o); len(got) != 1 || got[0].Value != "5分" {
		t.Errorf("got %v, want 5分", got)
	}
}

func TestAYesTakesTheOnlyValueProposed(t *testing.T) {
	m, err := nlu.Train(t.Context(), nlu.Training{Flows: []nlu.FlowExamples{tripExamples}})
	if err != nil {
		t.Fatal(err)
	}
	u, err := nlu.New(m, []nlu.Flow{trip}, nlu.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	one := []bot.Proposal{{Flow: "trip", Slot: "class", Value: "second", Kind: bot.ProposalConfirm}}
	for text, lang := range map[string]desk.Lang{"yes please": desk.English, "好的": desk.Chinese} {
		in := bot.Utterance{Text: text, Lang: lang, Active: "trip", Asking: asking(2), Proposed: one}
		if got := valuesOf(t, u, in); got["class"] != "second" {
			t.Errorf("%s: got %v, want class second", text, got)
		}
		in.Proposed = append(in.Proposed[:1:1], bot.Proposal{Flow: "trip", Slot: "class", Value: "first", Kind: bot.ProposalConfirm})
		if got := valuesOf(t, u, in); len(got) != 0 {
			t.Errorf("%s to two proposals: got %v, want nothing", text, got)
		}
	}
}

func TestMomentsAsTheyAreSaid(t *testing.T) {
	o := nlu.Options{Now: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC), Zone: time.UTC, Asked: true}
	for _, c := range []struct {
		text string
		typ  desk.SlotType
		want string
	}{
		{"on the 14th of this month", desk.SlotDate, "2026-03-14"},
		{"the 5th of next month please", desk.SlotDate, "2026-04-05"},
		{"下个月5号", desk.SlotDate, "2026-04-05"},
		{"at morning 11:15", desk.SlotTime, "11:15"},
		{"evening 6:15 would be good", desk.SlotTime, "18:15"},
		{"晚上6点一刻", desk.SlotTime, "18:15"},
		{"that is all I need for now", desk.SlotTime, ""},
	} {
		got := ""
		if found := nlu.Find(c.typ, c.text, desk.English, o); len(found) > 0 {
			got = found[0].Value
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.text, got, c.want)
		}
	}
}

func TestSavedFillerIsTheSame(t *testing.T) {
	var told []nlu.Told
	for range 400 {
		told = append(told, nlu.Told{In: bot.Utterance{Text: "the thrifty way to Quill Town", Active: "trip"}, Values: map[string]map[string]string{"trip": {"class": "second", "destination": "Quill Town"}}, Talk: "x"})
	}
	f, err := nlu.LearnFiller(t.Context(), []nlu.Flow{trip}, told)
	if err != nil {
		t.Fatal(err)
	}
	again, err := nlu.LearnFiller(t.Context(), []nlu.Flow{trip}, told)
	if err != nil {
		t.Fatal(err)
	}
	saved := f.Save()
	if !bytes.Equal(saved, again.Save()) {
		t.Error("the same told utterances give another filler")
	}
	loaded, err := nlu.LoadFiller(saved)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(saved, loaded.Save()) {
		t.Error("what was loaded is saved as something else")
	}
	for n := range saved {
		if _, err := nlu.LoadFiller(saved[:n]); err == nil {
			t.Fatalf("%d of %d bytes were taken", n, len(saved))
		}
	}
}
