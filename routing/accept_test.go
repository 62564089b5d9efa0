package routing_test

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/routing"
)

func TestAccept_AMessageIsAnsweredByTheBot(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		out := o.hear("ann", "hello")
		if out.Conversation.Status != desk.Automated || out.Conversation.Subject != "hello" || out.Message == nil || out.Repeat {
			t.Fatalf("got %+v", out)
		}
		o.run()
		want := []string{"customer: hello", "bot: echo hello"}
		if got := o.said(out.Conversation.ID); !reflect.DeepEqual(got, want) {
			t.Errorf("said %q, want %q", got, want)
		}
	})
}

func TestAccept_OpenGreetsOnce(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		open := func() desk.ID {
			out, err := o.Accept(context.Background(), desk.Inbound{Channel: desk.Webchat, Address: "ann", Open: true})
			must0(t, err)
			o.run()
			return out.Conversation.ID
		}
		first, second := open(), open()
		if first != second {
			t.Fatal("a second conversation was opened")
		}
		if got := o.said(first); !reflect.DeepEqual(got, []string{"bot: welcome"}) {
			t.Errorf("said %q", got)
		}
	})
}

func TestAccept_ARepeatIsOneMessage(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		in := desk.Inbound{Channel: "telegram", Address: "ann", ExternalID: "m1", Text: "hello"}
		var wg sync.WaitGroup
		receipts := make([]routing.Receipt, 16)
		errs := make([]error, len(receipts))
		for i := range receipts {
			wg.Go(func() { receipts[i], errs[i] = o.Accept(context.Background(), in) })
		}
		wg.Wait()
		fresh := 0
		for i, r := range receipts {
			must0(t, errs[i])
			if r.Message.ID != receipts[0].Message.ID {
				t.Errorf("two messages: %s and %s", r.Message.ID, receipts[0].Message.ID)
			}
			if !r.Repeat {
				fresh++
			}
		}
		if fresh != 1 {
			t.Errorf("%d receipts say it is new, want 1", fresh)
		}
		o.run()
		if got := o.said(receipts[0].Conversation.ID); len(got) != 2 {
			t.Errorf("said %q", got)
		}
		// Also when the conversation is over by the time it comes again.
		_, err := o.Close(context.Background(), desk.Author{Kind: desk.ByCustomer}, receipts[0].Conversation.ID, "")
		must0(t, err)
		again, err := o.Accept(context.Background(), in)
		must0(t, err)
		if !again.Repeat || again.Conversation.ID != receipts[0].Conversation.ID {
			t.Errorf("got %+v", again)
		}
	})
}

func TestAccept_TwoCustomersMayUseTheSameIds(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		for _, who := range []string{"ann", "bob"} {
			out, err := o.Accept(context.Background(), desk.Inbound{Channel: desk.Webchat, Address: who, ExternalID: "1", Text: "hi"})
			must0(t, err)
			if out.Repeat {
				t.Errorf("%s's message was taken for another's", who)
			}
		}
	})
}

func TestAccept_AfterTheEndANewConversationStarts(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		first := o.hear("ann", "bye")
		o.run()
		o.is(first.Conversation.ID, desk.Closed)
		second := o.hear("ann", "hello")
		if second.Conversation.ID == first.Conversation.ID || second.Conversation.ContactID != first.Conversation.ContactID {
			t.Error("want a new conversation of the same contact")
		}
	})
}

func TestAccept_ManyAtOnceMakeOneContactAndOneConversation(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		var wg sync.WaitGroup
		ids := make([]desk.ID, 20)
		for i := range ids {
			wg.Go(func() { ids[i] = o.hear("ann", "hello").Conversation.ID })
		}
		wg.Wait()
		for _, id := range ids {
			if id != ids[0] {
				t.Fatalf("two conversations: %s, %s", id, ids[0])
			}
		}
		if got := len(o.messages(ids[0])); got != len(ids) {
			t.Errorf("%d messages, want %d", got, len(ids))
		}
		o.run()
		if got := len(o.messages(ids[0])); got != 2*len(ids) {
			t.Errorf("%d messages after the answers, want %d", got, 2*len(ids))
		}
	})
}

func TestAccept_ATapIsLookedUpInTheMessageThatOfferedIt(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := context.Background()
		edit := desk.Option{ID: "e", Label: "Change the size", Pick: desk.Pick{Verb: desk.PickEdit, Slot: "size"}}
		var picked []desk.Pick
		o.say = func(t turn) []desk.Step {
			if t.Message != nil && t.Message.Content.Picked != nil {
				picked = append(picked, *t.Message.Content.Picked)
			}
			return []desk.Step{desk.Say{Content: desk.Content{Text: "menu",
				Options: []desk.Option{{ID: "a", Label: "Order", Pick: desk.Pick{Verb: desk.PickGo, Target: "flow:order"}}},
				Card:    &desk.Card{Title: "Sum", Lines: []desk.CardLine{{Label: "Size", Value: "big", Edit: &edit}}}}}}
		}
		out := o.hear("ann", "hi")
		other := o.hear("bob", "hi")
		o.run()
		o.hear("ann", "later")
		o.run()
		menu, foreign := o.messages(out.Conversation.ID)[1], o.messages(other.Conversation.ID)[1]
		tap := func(id string, m desk.ID, option string) (routing.Receipt, error) {
			return o.Accept(ctx, desk.Inbound{Channel: desk.Webchat, Address: "ann", ExternalID: id, Choice: &desk.Choice{MessageID: m, OptionID: option}})
		}
		for id, want := range map[string]desk.Option{"a": {Label: "Order"}, "e": edit} { // from an old message: legal
			r, err := tap("t"+id, menu.ID, id)
			must0(t, err)
			if r.Message.Content.Text != want.Label {
				t.Errorf("the tap reads %q, want its label %q", r.Message.Content.Text, want.Label)
			}
			o.run()
		}
		if len(picked) != 2 {
			t.Errorf("picked %v", picked)
		}
		before := len(o.messages(out.Conversation.ID))
		for name, c := range map[string]desk.Choice{
			"unknown option": {MessageID: menu.ID, OptionID: "z"}, "foreign message": {MessageID: foreign.ID, OptionID: "a"},
			"no message": {MessageID: "nope", OptionID: "a"}, "own message": {MessageID: out.Message.ID, OptionID: "a"},
		} {
			if _, err := tap("x"+name, c.MessageID, c.OptionID); code(err) != "unknown_option" {
				t.Errorf("%s: got %v", name, err)
			}
		}
		if got := len(o.messages(out.Conversation.ID)); got != before {
			t.Error("a refused tap left something behind")
		}
		must(t, 0, o.closeBy(out.Conversation.ID))
		if _, err := tap("late", menu.ID, "a"); code(err) != "unknown_option" {
			t.Errorf("after the end: got %v", err)
		}
	})
}

func (o *office) closeBy(id desk.ID) error {
	_, err := o.Close(context.Background(), desk.Author{Kind: desk.ByCustomer}, id, "")
	return err
}

func TestAccept_BadInputIsRefusedWithAReason(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ok := desk.Inbound{Channel: desk.Webchat, Address: "ann", ExternalID: "1", Text: "hi"}
		for want, break_ := range map[string]func(*desk.Inbound){
			"text_too_long":        func(in *desk.Inbound) { in.Text = strings.Repeat("好", routing.MaxText+1) },
			"empty_message":        func(in *desk.Inbound) { in.Text = " \n\x00" },
			"no_external_id":       func(in *desk.Inbound) { in.ExternalID = "\x00" },
			"no_address":           func(in *desk.Inbound) { in.Address = "" },
			"no_channel":           func(in *desk.Inbound) { in.Channel = "" },
			"address_too_long":     func(in *desk.Inbound) { in.Address = strings.Repeat("a", 600) },
			"external_id_too_long": func(in *desk.Inbound) { in.ExternalID = strings.Repeat("a", 600) },
			"unknown_command":      func(in *desk.Inbound) { in.Command = desk.PickConfirm },
			"bad_location":         func(in *desk.Inbound) { in.Location = &desk.Location{Lat: 91} },
			"too_many_files":       func(in *desk.Inbound) { in.Files = make([]desk.Attachment, 11) },
		} {
			in := ok
			break_(&in)
			if _, err := o.Accept(context.Background(), in); code(err) != want {
				t.Errorf("got %v, want %s", err, want)
			}
		}
		in := ok
		in.Text = "a\x00b\xffc <script>"
		out, err := o.Accept(context.Background(), in)
		must0(t, err)
		if got := out.Message.Content.Text; got != "ab\uFFFDc <script>" {
			t.Errorf("cleaned to %q", got)
		}
		o.run()
		if got := o.messages(out.Conversation.ID)[0].Content.Text; got != "ab\uFFFDc <script>" {
			t.Errorf("stored %q", got)
		}
	})
}

func TestAccept_ASensitiveAnswerIsNeverStored(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		const pin = "4929-1234"
		var heard []string
		o.say = func(t turn) []desk.Step {
			switch {
			case t.Result != nil:
				return []desk.Step{say("paid")}
			case t.Message.Content.Masked:
				heard = append(heard, t.Message.Content.Text)
				return []desk.Step{
					desk.Keep{Ref: t.Secret + "/pin", Value: pin[:4]},
					desk.Do{ID: "pay", Tool: "pay", Args: map[string]string{"pin": t.Secret, "read": t.Secret + "/pin"}},
				}
			}
			return []desk.Step{desk.Ask{Content: desk.Content{Text: "your PIN?", Input: &desk.Input{Slot: "pin", Sensitive: true}}}}
		}
		out := o.hear("ann", "pay")
		o.run()
		r := o.hear("ann", pin)
		if r.Message.Content.Text == pin || !r.Message.Content.Masked {
			t.Fatalf("the receipt shows %q", r.Message.Content.Text)
		}
		o.run()
		if !reflect.DeepEqual(heard, []string{pin}) {
			t.Errorf("the bot heard %q", heard)
		}
		if got := o.published("secret"); len(got) != 2 || !slices.Contains(got, any(pin)) || !slices.Contains(got, any(pin[:4])) {
			t.Errorf("the tool got %v", got)
		}
		for _, table := range []string{"messages", "conversations", "events", "jobs"} {
			o.notIn(table, pin)
		}
		if got := strings.Join(o.said(out.Conversation.ID), "\n"); strings.Contains(got, pin) || !strings.HasSuffix(got, "paid") {
			t.Errorf("said %s", got)
		}
		must0(t, o.periodic(routing.IndexJob))
		o.notIn("conversation_words", "4929")
	})
}

func TestVault_ForgetsAfterAQuarterOfAnHour(t *testing.T) {
	now := time.Unix(0, 0)
	v := &routing.Vault{Now: func() time.Time { return now }}
	v.Put("secret:1", "x")
	v.Receive("vault", []byte(`{"ref":"secret:2","text":"y"}`))
	if got, ok := v.Get("secret:2"); !ok || got != "y" {
		t.Error("what another node shared is not there")
	}
	now = now.Add(16 * time.Minute)
	if _, ok := v.Get("secret:1"); ok {
		t.Error("it is still there")
	}
}

func TestAccept_UnparksWhenTheCustomerWrites(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := context.Background()
		ann := o.agent("ann")
		id := o.hear("bob", "person").Conversation.ID
		o.run()
		_, err := o.AcceptOffer(ctx, ann.ID, o.offerTo(ann).ID)
		must0(t, err)
		_, err = o.Park(ctx, ann, id, time.Time{})
		must0(t, err)
		o.hear("bob", "are you there?")
		o.is(id, desk.Assigned)
	})
}
