package nlu_test

import (
	"context"
	"testing"

	"github.com/parleyhq/parley/bot"
	"github.com/parleyhq/parley/bot/nlu"
	"github.com/parleyhq/parley/desk"
)

// Of the answer to a sensitive question only the value is taken: it goes to a
// tool unseen, where nobody would notice the words around it.
func TestUnderstander_SensitiveAnswersAreReadLikeOthers(t *testing.T) {
	def := shop()
	pin := bot.Slot{Name: "pin", Type: desk.SlotPattern, Pattern: "[0-9]{4}", Sensitive: true, Label: desk.T("PIN", "密码"), Ask: desk.T("PIN?", "密码？")}
	phone := bot.Slot{Name: "phone", Type: desk.SlotPhone, Sensitive: true, Label: desk.T("Phone", "电话"), Ask: desk.T("Phone?", "电话？")}
	for i := range def.Flows {
		if def.Flows[i].Name == "track_order" {
			def.Flows[i].Slots = []bot.Slot{pin, phone}
		}
	}
	m, err := nlu.Train(context.Background(), nlu.TrainingOf(def, training().Questions))
	if err != nil {
		t.Fatal(err)
	}
	u, err := nlu.New(m, nlu.FlowsOf(def), nlu.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		slot       bot.Slot
		text, want string
	}{
		{pin, "my pin is 2468", "2468"},
		{pin, "It's 0468.", "0468"},
		{pin, "2468 I think", "2468"},
		{pin, "我的密码是2468", "2468"},
		{pin, "not 1234 but 2468", ""}, // which of them, nobody may guess
		{pin, "is it 2468?", ""},
		{pin, "my password is hunter2", ""},
		{pin, "2 4 6 8", "2468"},
		{pin, "2-4-6-8.", "2468"},
		{pin, "two four six eight", "2468"},
		{pin, "My PIN is zero, four, double six.", "0466"},
		{pin, "密码是二四六八", "2468"},
		{pin, "密码 2 4 6 8", "2468"},
		{pin, "one two three", ""},
		{phone, "my number is 13800138000", "+8613800138000"},
	} {
		in := utterance(t, "track_order", c.text)
		in.Asking = &bot.AskedSlot{Flow: "track_order", Slot: c.slot}
		cmds, err := u.Understand(context.Background(), in)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, cmd := range cmds {
			if cmd.Kind == bot.CommandSet || cmd.Kind == bot.CommandCorrect {
				got += cmd.Slot + "=" + cmd.Value
			}
		}
		want := c.want
		if want != "" {
			want = c.slot.Name + "=" + want
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", c.text, got, want)
		}
	}
}
