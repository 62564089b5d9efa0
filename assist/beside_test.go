package assist_test

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/parleyhq/parley/assist"
	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/llm"
	"github.com/parleyhq/parley/internal/llm/llmtest"
	"github.com/parleyhq/parley/internal/store"
	"github.com/parleyhq/parley/internal/store/storetest"
)

// shop is a playbook with three flows, and its queues.
type shop struct{ wish []assist.Wish }

func (shop) Flows(context.Context, string, int) (map[string]assist.Flow, error) {
	return map[string]assist.Flow{
		"order": {Title: desk.T("Order a coffee", "点咖啡"), Slots: map[string]assist.Slot{
			"drink": {Title: desk.T("Drink", "饮品"), Values: map[string]desk.Text{"latte": desk.T("Latte", "拿铁")}},
			"size":  {Title: desk.T("Size", "杯型")},
		}},
		"cancel": {Title: desk.T("Cancel an order", "取消订单")},
		"refund": {Title: desk.T("Money back", "退款")},
	}, nil
}

func (s shop) Wishes(context.Context, string, int, string, desk.Lang) ([]assist.Wish, float64, error) {
	return s.wish, 0.05, nil
}

func (shop) Queues(context.Context) ([]desk.Queue, error) {
	return []desk.Queue{
		{Name: "support", Title: desk.T("Customer care", "客服"), Dispositions: []desk.Disposition{
			{Key: "order", Title: desk.T("Question about an order", "订单咨询")}, {Key: "change", Title: desk.T("Order changed or cancelled", "修改或取消订单")}, {Key: "refund", Title: desk.T("Refund", "退款")},
		}},
		{Name: "complaints", Title: desk.T("Complaints", "投诉处理")},
	}, nil
}

func newShop(t *testing.T, db *store.DB, wish ...assist.Wish) office {
	t.Helper()
	o := newOffice(t, db)
	o.conversation.Playbook, o.conversation.Revision, o.conversation.Queue, o.conversation.HandOver = "coffee", 1, "support", nil
	o.Books, o.Queues = shop{wish}, shop{}
	return o
}

func (o office) mark(kind desk.MarkKind, flow, slot, value string) {
	o.happens(desk.EventMark, desk.Mark{Kind: kind, Flow: flow, Slot: slot, Value: value})
}

func (o office) lines(t *testing.T, lang desk.Lang) map[assist.LineKind]string {
	t.Helper()
	s, err := o.Summarise(context.Background(), o.conversation.ID, lang)
	if err != nil {
		t.Fatal(err)
	}
	out := map[assist.LineKind]string{}
	for _, l := range s.Lines {
		out[l.Kind] = l.Text
	}
	if len(out) != len(s.Lines) || len(s.Lines) > 6 {
		t.Errorf("%d lines: %+v", len(s.Lines), s.Lines)
	}
	return out
}

// order plays an order that is corrected and fails.
func (o office) order() {
	o.say(desk.ByCustomer, "hello")
	o.say(desk.ByCustomer, "A small latte to 5 Elm Street please")
	o.mark(desk.MarkStarted, "order", "", "")
	o.mark(desk.MarkSet, "order", "drink", "latte")
	o.mark(desk.MarkSet, "order", "size", "small")
	o.mark(desk.MarkSet, "order", "card", "••••")
	o.say(desk.ByCustomer, "make it large. This is ridiculous")
	o.mark(desk.MarkCorrected, "order", "size", "large")
	o.mark(desk.MarkResult, "order", "", "unavailable")
	o.say(desk.ByCustomer, "let me talk to a person")
}

func TestSummarise_WhatIsWantedTriedAndOpen(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newShop(t, db)
		o.order()
		want := map[assist.LineKind]string{
			assist.Wants: "“A small latte to 5 Elm Street please”", assist.Matter: "Order a coffee (Drink Latte, Size large)", assist.Tried: "Order a coffee failed",
			assist.Corrected: "Size: small → large", assist.Open: "“Order a coffee” is not finished; not answered yet: “let me talk to a person”", assist.Mood: "“This is ridiculous”",
		}
		got := o.lines(t, desk.English)
		for kind, text := range want {
			if got[kind] != text {
				t.Errorf("%s: got %q, want %q", kind, got[kind], text)
			}
		}
		if got := o.lines(t, desk.Chinese); got[assist.Matter] != "点咖啡 (饮品 拿铁，杯型 large)" || got[assist.Wants] != want[assist.Wants] {
			t.Errorf("in Chinese: %+v", got)
		}
		o.mark(desk.MarkCompleted, "order", "", "")
		o.say(desk.ByAgent, "It is on its way.")
		if got := o.lines(t, desk.English); got[assist.Tried] != "Order a coffee done; replied once by a person" || got[assist.Open] != "Nothing that is known" {
			t.Errorf("at the end: %+v", got)
		}
	})
}

func TestSummarise_MoodOnlyInTheCustomersWords(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		for said, want := range map[string]string{
			"My coffee never came. I am very disappointed.": "“I am very disappointed.”",
			"I am not angry, just curious":                  "",
			"你们太差了，退钱":                                      "“你们太差了，退钱”",
			"我没生气，请问几点开门":                                   "",
			"where is my order":                             "",
		} {
			o := newShop(t, db)
			o.say(desk.ByCustomer, said)
			if got := o.lines(t, desk.English)[assist.Mood]; got != want {
				t.Errorf("%q: %q", said, got)
			}
		}
	})
}

func TestSummarise_ALongConversationIsBounded(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newShop(t, db)
		o.say(desk.ByCustomer, "where is my large latte")
		for i := range 3000 {
			o.say(desk.ByAgent, fmt.Sprint("one moment ", i))
		}
		if got := o.lines(t, desk.English); got[assist.Wants] != "“where is my large latte”" {
			t.Errorf("got %+v", got)
		}
	})
}

func (o office) writtenBy(t *testing.T, replies ...llmtest.Reply) *llmtest.Server {
	t.Helper()
	model := llmtest.Start(replies...)
	t.Cleanup(model.Close)
	client, err := llm.New(llm.Config{URL: model.URL, Model: "m", Timeout: 200 * time.Millisecond, Retries: -1})
	if err != nil {
		t.Fatal(err)
	}
	o.Writer = &assist.Writer{Client: client, Budgets: llm.NewBudgets(2000), Limit: 300 * time.Millisecond}
	return model
}

var phoneMask = regexp.MustCompile(`call (\[[a-z]+_\d+\])`)

func TestWrite_AModelSumsUpAndItIsKept(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		o := newShop(t, db)
		o.contact.Phone = "+4915112345678"
		o.order()
		o.say(desk.ByCustomer, "I am Ann, call +49 151 12345678")
		model := o.writtenBy(t)
		model.Answer(func(r llmtest.Request) llmtest.Reply {
			return llmtest.JSON(map[string]string{"wants": "A latte; call " + phoneMask.FindStringSubmatch(r.Last())[1], "tried": "The order failed.", "open": ""})
		})
		s, err := o.Write(ctx, o.conversation.ID, desk.English)
		if err != nil {
			t.Fatal(err)
		}
		if s.By != assist.ByModel || s.Lines[0].Text != "A latte; call +49 151 12345678" {
			t.Errorf("got %+v", s)
		}
		prompt := model.Requests()[0].Last()
		if strings.Contains(prompt, "Ann") || strings.Contains(prompt, "12345678") || !strings.Contains(prompt, "customer: A small latte") {
			t.Errorf("the model read %q", prompt)
		}
		again, err := o.Write(ctx, o.conversation.ID, desk.English)
		if err != nil || again.By != assist.ByModel || len(model.Requests()) != 1 {
			t.Errorf("asked again: %+v %v", again, err)
		}
		if kept, _ := o.Summarise(ctx, o.conversation.ID, desk.English); kept.By != assist.ByModel || kept.Lines[0] != s.Lines[0] {
			t.Errorf("kept %+v", kept)
		}
		o.say(desk.ByCustomer, "are you there?")
		if now, _ := o.Summarise(ctx, o.conversation.ID, desk.English); now.By != assist.ByRules || !now.Model {
			t.Errorf("an old summary is given: %+v", now)
		}
	})
}

func TestWrite_FallsBackToRules(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		for name, reply := range map[string]llmtest.Reply{
			"down":      {Status: 500},
			"slow":      {After: 5 * time.Second, Text: "{}"},
			"nonsense":  {Text: "Sure! Here is a summary"},
			"empty":     llmtest.JSON(map[string]string{"wants": "", "tried": "", "open": ""}),
			"a mask":    llmtest.JSON(map[string]string{"wants": "Call [phone_9]", "tried": "", "open": ""}),
			"invention": llmtest.JSON(map[string]string{"wants": "His order 4711 back", "tried": "", "open": ""}),
		} {
			o := newShop(t, db)
			o.order()
			o.writtenBy(t, reply)
			s, err := o.Write(context.Background(), o.conversation.ID, desk.English)
			if err != nil || s.By != assist.ByRules || len(s.Lines) < 3 {
				t.Errorf("%s: %+v %v", name, s, err)
			}
		}
		o := newShop(t, db)
		o.order()
		model := o.writtenBy(t)
		o.Writer.Budgets = llm.NewBudgets(10)
		if s, err := o.Write(context.Background(), o.conversation.ID, desk.English); err != nil || s.By != assist.ByRules || len(model.Requests()) != 0 {
			t.Errorf("over budget: %+v %v", s, err)
		}
	})
}

// ended remembers a closed conversation.
func ended(t *testing.T, o office, words, flow, disposition, moved string) {
	t.Helper()
	err := o.Store.KeepOutcome(context.Background(), assist.Outcome{ConversationID: desk.NewID(), Playbook: "coffee", Queue: "support", From: "support",
		Moved: moved, Flows: []string{flow}, Words: words, Disposition: disposition, At: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
}

func (o office) proposed(t *testing.T) *assist.Proposal {
	t.Helper()
	p, err := o.Propose(context.Background(), o.conversation.ID)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPropose_ByNamesUntilThereIsAPast(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newShop(t, db)
		o.Learns = true
		o.say(desk.ByCustomer, "hello there")
		if p := o.proposed(t); p != nil {
			t.Errorf("for nothing: %+v", p)
		}
		o.say(desk.ByCustomer, "please cancel it")
		o.mark(desk.MarkStarted, "cancel", "", "")
		if p := o.proposed(t); p == nil || p.Key != "change" || p.Sure {
			t.Errorf("by the flow's name: %+v", p)
		}
		// In this shop cancelled orders end as refunds.
		for i := range 40 {
			ended(t, o, fmt.Sprintf("please cancel my order %d", i), "cancel", "refund", "")
			ended(t, o, "how long does it take", "order", "order", "")
		}
		if p := o.proposed(t); p == nil || p.Key != "refund" || !p.Sure || p.Confidence < 0.8 {
			t.Errorf("by the past: %+v", p)
		}
		o.Learns = false
		if p := o.proposed(t); p == nil || p.Key != "change" || p.Sure {
			t.Errorf("without consent: %+v", p)
		}
	})
}

func TestPropose_SilentWhereThePastIsDivided(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newShop(t, db)
		o.Learns = true
		o.say(desk.ByCustomer, "please cancel it")
		o.mark(desk.MarkStarted, "cancel", "", "")
		for i := range 60 {
			ended(t, o, "please cancel my order", "cancel", []string{"refund", "change", "order"}[i%3], "")
		}
		if p := o.proposed(t); p != nil {
			t.Errorf("got %+v", p)
		}
	})
}

func (o office) next(t *testing.T) []assist.Action {
	t.Helper()
	list, err := o.Next(context.Background(), o.conversation.ID, desk.English)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestNext_FewThingsThatExist(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		o := newShop(t, db, assist.Wish{Flow: "cancel", Confidence: 0.9})
		o.contact.Phone = "+4915112345678"
		o.Learns = true
		if list := o.next(t); len(list) != 0 {
			t.Errorf("before anything was said: %+v", list)
		}
		o.say(desk.ByCustomer, "cancel it and call me back")
		list := o.next(t)
		if len(list) != 2 || list[0].Kind != assist.StartFlow || list[0].Title != "Cancel an order" || list[1].Kind != assist.CallPerson || list[1].Target != o.contact.Phone {
			t.Fatalf("got %+v", list)
		}
		if again := o.next(t); len(again) != 2 || again[0].ID != list[0].ID {
			t.Errorf("asked again: %+v", again)
		}
		zh, err := o.Next(ctx, o.conversation.ID, desk.Chinese)
		if err != nil || len(zh) != 2 || zh[0].Title != "取消订单" {
			t.Errorf("in Chinese: %+v %v", zh, err)
		}
		o.say(desk.ByAgent, "Let me see.")
		if err := o.Replied(ctx, o.conversation.ID, "agent-1", "", "Let me see."); err != nil {
			t.Fatal(err)
		}
		if still := o.next(t); len(still) != 2 {
			t.Errorf("after a reply: %+v", still)
		}
		if err := o.Did(ctx, o.conversation.ID, list[0].ID, "agent-1"); err != nil {
			t.Fatal(err)
		}
		if left := o.next(t); len(left) != 0 { // who does one passes over the other
			t.Errorf("after it was done: %+v", left)
		}
		counts, err := o.Ledger(ctx, assist.LedgerFilter{})
		if err != nil || len(counts) != 2 {
			t.Fatalf("ledger: %+v %v", counts, err)
		}
		for _, c := range counts {
			if c.Kind != assist.FromAction || c.Shown != 1 || strings.Contains(c.Key, "4915") || (c.Key == "action:flow:cancel") != (c.Sent == 1) {
				t.Errorf("counted %+v", c)
			}
		}
		if err := o.Did(ctx, o.conversation.ID, "nothing", "agent-1"); !desk.IsKind(err, desk.NotFound) {
			t.Errorf("got %v", err)
		}
	})
}

func TestNext_SilentWhenUnsureOrWhenHeComesFromThere(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newShop(t, db, assist.Wish{Flow: "cancel", Confidence: 0.4})
		o.say(desk.ByCustomer, "hm")
		if list := o.next(t); len(list) != 0 {
			t.Errorf("a guess: %+v", list)
		}
		o = newShop(t, db, assist.Wish{Flow: "cancel", Confidence: 0.95})
		o.mark(desk.MarkStarted, "cancel", "", "")
		o.say(desk.ByCustomer, "cancel it")
		if list := o.next(t); len(list) != 0 {
			t.Errorf("the bot just failed at it: %+v", list)
		}
		o = newShop(t, db, assist.Wish{Flow: "gone", Confidence: 0.95})
		o.say(desk.ByCustomer, "cancel it")
		if list := o.next(t); len(list) != 0 {
			t.Errorf("a flow that is not there: %+v", list)
		}
	})
}

func TestNext_TheQueueThatUsuallyTakesThis(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newShop(t, db)
		o.Learns = true
		for range 30 {
			ended(t, o, "my coffee is cold and bitter", "", "other", "complaints")
			ended(t, o, "what are your opening hours", "", "order", "")
		}
		o.say(desk.ByCustomer, "the coffee was cold")
		list := o.next(t)
		if len(list) != 1 || list[0].Kind != assist.ToQueue || list[0].Target != "complaints" || list[0].Title != "Complaints" {
			t.Errorf("got %+v", list)
		}
		o.say(desk.ByCustomer, "when are you open? your hours")
		if list := o.next(t); len(list) != 0 {
			t.Errorf("what stays here is offered elsewhere: %+v", list)
		}
	})
}

func TestLearn_RemembersHowItEndedWithConsentOnly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		o := newShop(t, db)
		o.contact.Phone = "+4915112345678"
		o.happens(desk.EventStatus, desk.StatusChange{From: desk.Automated, To: desk.Waiting, Queue: "support", Reason: "handed_off"})
		o.say(desk.ByCustomer, "I am Ann, my number is +49 151 12345678, cancel it")
		o.mark(desk.MarkStarted, "cancel", "", "")
		o.happens(desk.EventStatus, desk.StatusChange{From: desk.Assigned, To: desk.Waiting, Queue: "complaints", Reason: "transferred"})
		o.conversation.Status, o.conversation.Queue, o.conversation.Disposition, o.conversation.ClosedAt = desk.Closed, "complaints", "change", time.Now()
		remembered := func() []assist.Outcome {
			t.Helper()
			if err := o.Learn(ctx, o.conversation.ID); err != nil {
				t.Fatal(err)
			}
			list, err := o.Store.Outcomes(ctx, "coffee", 10)
			if err != nil {
				t.Fatal(err)
			}
			return list
		}
		if list := remembered(); len(list) != 0 {
			t.Errorf("without consent: %+v", list)
		}
		o.Learns = true
		list := remembered()
		if len(list) != 1 || list[0].From != "support" || list[0].Moved != "complaints" || list[0].Queue != "complaints" || list[0].Disposition != "change" || len(list[0].Flows) != 1 {
			t.Fatalf("got %+v", list)
		}
		if w := list[0].Words; strings.Contains(w, "Ann") || strings.Contains(w, "12345678") || !strings.Contains(w, "cancel it") {
			t.Errorf("words %q", w)
		}
		o.conversation.Rating = 1
		if list := remembered(); len(list) != 0 {
			t.Errorf("of a badly rated one: %+v", list)
		}
	})
}

func TestSuggest_InTheCustomersLanguageWhereThereIsOne(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		o := newShop(t, db)
		o.Learns = true
		both, err := o.SaveCanned(ctx, "eve", assist.Canned{Key: "both", Title: desk.T("Refund", "退款"), Text: desk.T("Your refund takes three days.", "退款三天内到账。"),
			Questions: map[desk.Lang][]string{desk.English: {"how long does my refund take"}, desk.Chinese: {"退款 refund 要多久"}}})
		if err != nil {
			t.Fatal(err)
		}
		_, err = o.SaveCanned(ctx, "eve", assist.Canned{Key: "english", Title: desk.Text{"": "Refund time"}, Text: desk.Text{desk.English: "A refund may take a while, sorry."},
			Questions: map[desk.Lang][]string{desk.English: {"refund how long 退款要多久"}}})
		if err != nil {
			t.Fatal(err)
		}
		for i := range 4 {
			_, err := o.Store.Remember(ctx, desk.ID(fmt.Sprint("c", i)), []assist.Past{{ID: desk.ID(fmt.Sprint("m", i)), ConversationID: desk.ID(fmt.Sprint("c", i)), Text: "Refunds are always quick here.", Lang: desk.English,
				Situation: assist.Situation{Playbook: "coffee", Queue: "support", Lang: desk.English, Said: "退款要多久 refund"}, Quality: 1, At: time.Now()}}, time.Now())
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := o.CatchUp(ctx); err != nil {
			t.Fatal(err)
		}
		o.conversation.Lang = desk.Chinese
		list := o.suggest(t, "退款 refund 要多久")
		if len(list) == 0 {
			t.Fatal("nothing was suggested")
		}
		for _, s := range list {
			if s.Lang != desk.Chinese || s.CannedID != both.ID {
				t.Errorf("suggested %+v", s)
			}
		}
	})
}
