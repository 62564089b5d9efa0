package assist_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/parleyhq/parley/assist"
	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/privacy"
	"github.com/parleyhq/parley/internal/store"
	"github.com/parleyhq/parley/internal/store/storetest"
	"github.com/parleyhq/parley/kb"
)

// learnt closes a conversation in which an agent answered, and learns from it.
func (o *office) learnt(t *testing.T, rating int, question, reply string) {
	t.Helper()
	*o.room = *newRoom()
	o.say(desk.ByCustomer, question)
	o.sayBy(desk.Author{Kind: desk.ByAgent, ID: "agent-1", Name: "Bob"}, reply)
	o.conversation.Status, o.conversation.Rating = desk.Closed, rating
	o.learnAgain(t)
}

func (o *office) learnAgain(t *testing.T) {
	t.Helper()
	if err := o.Learn(context.Background(), o.conversation.ID); err != nil {
		t.Fatal(err)
	}
	if err := o.CatchUp(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// another begins a new conversation with another customer.
func (o *office) another(name string) {
	*o.room = *newRoom()
	o.contact.Name = name
}

func TestLearn_OnlyWithConsentAndOnlyFromContentCustomers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		const question, reply = "my espresso machine drips water under the tank", "Please press the tank down until it clicks, then it stops dripping."
		o.learnt(t, 5, question, reply)
		o.another("Cat")
		if list := o.suggest(t, question); len(list) != 0 {
			t.Fatalf("without consent: %+v", list)
		}
		o.Learns = true
		o.learnt(t, 0, question, reply)
		learnt := *o.room
		o.another("Cat")
		list := o.suggest(t, question)
		if len(list) != 1 || list[0].Kind != assist.FromPast || list[0].Text != reply || list[0].Times != 1 {
			t.Fatalf("with consent: %+v", list)
		}
		*o.room = learnt
		o.conversation.Rating = 1 // it came later
		o.learnAgain(t)
		o.another("Dan")
		if list := o.suggest(t, question); len(list) != 0 {
			t.Errorf("of a badly rated conversation: %+v", list)
		}
	})
}

func TestLearn_NobodysDataReachesAnother(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		o.Learns = true
		o.learnt(t, 5, "where is the parcel with my grinder now", "Hello Ann, order A17 left our depot. Bob")
		o.another("Cat")
		o.conversation.HandOver.Facts[0].Value = "B22"
		list := o.suggest(t, "where is the parcel with my grinder now")
		if len(list) != 1 || !strings.HasPrefix(list[0].Text, "Hello Cat, order ") || strings.Contains(list[0].Text, "Ann") {
			t.Errorf("got %+v", list)
		}
		o.learnt(t, 5, "whom can I ring about the broken boiler valve", "Ring our fitter at +1 415 555 0132 about the boiler valve.")
		o.another("Cat")
		if list := o.suggest(t, "whom can I ring about the broken boiler valve"); len(list) != 0 {
			t.Errorf("with a hidden number: %+v", list)
		}
	})
}

func TestGeneralise(t *testing.T) {
	known := map[string]string{"contact.name": "Ann Lee", "agent.name": "Bob", "slots.order": "AB-1234", "slots.size": "XL"}
	person := privacy.Person{Names: []string{"Ann Lee", "Bob"}, Values: []string{"5 Elm Street"}}
	for in, want := range map[string]string{
		"Hi Ann, AB-1234 is on its way. Bob":        "Hi {{contact.name}}, {{slots.order}} is on its way. {{agent.name}}",
		"Dear Ann Lee, we bring it to 5 Elm Street": "Dear {{contact.name}}, we bring it to [known]",
		"Size XL is sold out":                       "Size XL is sold out",
		"Write {{slots.evil}}":                      "Write { {slots.evil} }",
	} {
		if got := assist.Generalise(in, known, person); got != want {
			t.Errorf("Generalise(%q)\n got %q\nwant %q", in, got, want)
		}
	}
}

func TestMemory_LearnsWhichReplyFitsWhichSituation(t *testing.T) {
	m := assist.NewMemory()
	say := map[string]string{"hello": "How can I help you today?", "asked_name": "Which size shall it be?", "asked_size": "It is ordered, thank you."}
	for i := range 120 {
		acts := []string{}
		for _, step := range []string{"hello", "asked_name", "asked_size"} {
			m.Add(assist.Past{ID: desk.ID(fmt.Sprint(i, step)), ConversationID: desk.ID(fmt.Sprint(i)), Group: step, Text: say[step], Lang: desk.English, Quality: 1,
				Situation: assist.Situation{Lang: desk.English, Acts: append([]string{}, acts...), Said: fmt.Sprintf("word%d", i%7)}})
			acts = append(acts, "said:"+step)
		}
	}
	if err := m.Train(context.Background()); err != nil {
		t.Fatal(err)
	}
	s := assist.Situation{Lang: desk.English, Acts: []string{"said:hello"}, Said: "word3"}
	got := m.Recall(s, time.Now(), 3)
	if len(got) == 0 || got[0].Key != "asked_name" || got[0].Confidence < 0.8 {
		t.Errorf("got %+v", got)
	}
	if n, kinds := m.Size(); n != 360 || kinds != 3 {
		t.Errorf("%d replies of %d kinds", n, kinds)
	}
}

func TestMemory_NearDuplicatesAreOneButAmountsAreNot(t *testing.T) {
	m := assist.NewMemory()
	for i, text := range []string{
		"Your refund of 10 euros takes three to five working days to reach your card.",
		"Your refund of 10 euros takes three to five working days to reach your card!",
		"Your refund of 20 euros takes three to five working days to reach your card.",
	} {
		m.Add(assist.Past{ID: desk.ID(fmt.Sprint(i)), Text: text, Lang: desk.English, Quality: 1, Situation: assist.Situation{Said: "refund"}})
	}
	if _, kinds := m.Size(); kinds != 2 {
		t.Errorf("%d kinds of reply, want 2", kinds)
	}
}

func TestTally_OneClickTurnsNothingOverManyDo(t *testing.T) {
	now := time.Now()
	tally := assist.NewTally()
	add := func(key string, n int, s assist.State, r assist.Reason, at time.Time) {
		for i := range n {
			tally.Add(assist.Decided{ID: desk.ID(fmt.Sprint(key, i)), Key: key, Where: "shop/order", State: s, Reason: r, At: at})
		}
	}
	of := func(key, where string) float64 { return tally.Adjust(key, where, 0.6, now) }
	add("once", 1, assist.Ignored, assist.Dismissed, now)
	if got := of("once", "shop/order"); got >= 0.6 || got < 0.5 {
		t.Errorf("after one click %.2f", got)
	}
	add("good", 40, assist.Sent, "", now)
	add("bad", 40, assist.Ignored, assist.Dismissed, now)
	add("late", 40, assist.Ignored, assist.Superseded, now)
	add("past", 40, assist.Ignored, assist.Dismissed, now.Add(-200*24*time.Hour))
	good, bad := of("good", "shop/order"), of("bad", "shop/order")
	if good < 0.7 || good > 0.95 || bad > 0.5 || bad < 0.05 {
		t.Errorf("sent %.2f, ignored %.2f", good, bad)
	}
	if elsewhere := of("bad", "shop/other"); elsewhere <= bad || elsewhere >= 0.6 {
		t.Errorf("in another situation %.2f, in this one %.2f", elsewhere, bad)
	}
	if got := of("late", "shop/order"); got != 0.6 {
		t.Errorf("superseded ones moved it to %.2f", got)
	}
	if old := of("past", "shop/order"); old <= bad {
		t.Errorf("old verdicts count %.2f, new ones %.2f", old, bad)
	}
}

func TestLedger_TeachesWhatIsSuggested(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		o := newOffice(t, db)
		o.article(t, "hours", "Opening hours", "We are open from seven to eight every day.", kb.Customers)
		var before, after float64
		for i := range 30 {
			list := o.suggest(t, "what are your opening hours?")
			if len(list) != 1 {
				break // it sank out of sight
			}
			if after = list[0].Confidence; i == 0 {
				before = after
			}
			if err := o.Ignored(ctx, o.conversation.ID, list[0].ID, "agent-1"); err != nil {
				t.Fatal(err)
			}
			if err := o.CatchUp(ctx); err != nil {
				t.Fatal(err)
			}
		}
		if after >= before {
			t.Errorf("ignored thirty times: %.2f, was %.2f", after, before)
		}
		counts, err := o.Ledger(ctx, assist.LedgerFilter{})
		if err != nil || len(counts) != 1 || len(counts[0].Tenure) != 3 || counts[0].Tenure[0].Ignored != counts[0].Ignored || counts[0].Tenure[0].Tenure != "new" {
			t.Errorf("by tenure: %+v %v", counts, err)
		}
	})
}

func TestPush_StandsBesideOurOwn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		o := newOffice(t, db)
		o.article(t, "hours", "Opening hours", "We are open from seven to eight.", kb.Customers)
		o.say(desk.ByCustomer, "what are your opening hours?")
		for i := range 4 {
			_, err := o.Push(ctx, o.conversation.ID, assist.Suggestion{Text: fmt.Sprint("From seven, says system ", i), Label: "Hours bot", Confidence: 0.8, URL: "https://x.example/1"})
			if (err == nil) != (i < 3) || i == 3 && !desk.IsKind(err, desk.TooMany) {
				t.Errorf("push %d: %v", i, err)
			}
		}
		list, err := o.Current(ctx, o.conversation.ID)
		if err != nil || len(list) != 4 || list[0].Kind != assist.FromArticle || list[1].Kind != assist.External || list[1].Label != "Hours bot" {
			t.Fatalf("beside each other: %+v %v", list, err)
		}
		if err := o.Replied(ctx, o.conversation.ID, "agent-1", list[1].ID, list[1].Text); err != nil {
			t.Fatal(err)
		}
		counts, err := o.Ledger(ctx, assist.LedgerFilter{})
		if err != nil || len(counts) != 2 || counts[0].Kind != assist.External || counts[0].Key != "external:Hours bot" || counts[0].Sent != 1 || counts[0].Ignored != 2 {
			t.Errorf("ledger: %+v %v", counts, err)
		}
		for name, s := range map[string]assist.Suggestion{
			"no source": {Text: "x"}, "no text": {Label: "x"}, "a script": {Text: "x", Label: "x", URL: "javascript:alert(1)"},
			"too sure": {Text: "x", Label: "x", Confidence: 1.1}, "a language": {Text: "x", Label: "x", Lang: "xx"},
		} {
			if _, err := o.Push(ctx, o.conversation.ID, s); !desk.IsKind(err, desk.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		o.say(desk.ByAgent, "From seven.")
		if _, err := o.Push(ctx, o.conversation.ID, assist.Suggestion{Text: "x", Label: "x"}); !desk.IsKind(err, desk.Conflict) {
			t.Errorf("after the reply: %v", err)
		}
	})
}
