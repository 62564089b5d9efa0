package nlu_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/parleyhq/parley/bot"
	"github.com/parleyhq/parley/bot/nlu"
	"github.com/parleyhq/parley/desk"
)

func choiceSlot(name string, label desk.Text, choices ...bot.Choice) bot.Slot {
	return bot.Slot{Name: name, Type: desk.SlotChoice, Label: label, Choices: choices}
}

func named(value, en, zh string, synonyms ...string) bot.Choice {
	return bot.Choice{Value: value, Label: desk.T(en, zh), Synonyms: map[desk.Lang][]string{"": synonyms}}
}

// shop is the definition that the utterances are about.
func shop() bot.Definition {
	examples := map[string]map[desk.Lang][]string{}
	titles := map[string]desk.Text{}
	for _, f := range training().Flows {
		examples[f.Name], titles[f.Name] = f.Examples, f.Title
	}
	flow := func(name string, slots ...bot.Slot) bot.Flow {
		return bot.Flow{Name: name, Title: titles[name], Examples: examples[name], Slots: slots}
	}
	return bot.Definition{Flows: []bot.Flow{
		flow("order_coffee",
			choiceSlot("drink", desk.T("Drink", "饮品"), named("latte", "Latte", "拿铁"), named("americano", "Americano", "美式", "美式咖啡"), named("cappuccino", "Cappuccino", "卡布奇诺")),
			choiceSlot("size", desk.T("Size", "杯型"), named("small", "Small", "小杯", "小的"), named("large", "Large", "大杯", "大的", "big")),
			bot.Slot{Name: "count", Type: desk.SlotNumber, Label: desk.T("How many", "数量")},
			bot.Slot{Name: "address", Type: desk.SlotAddress, Label: desk.T("Deliver to", "送到")},
			bot.Slot{Name: "when", Type: desk.SlotDateTime, Label: desk.T("When", "送达时间"), Optional: true},
			choiceSlot("payment", desk.T("Payment", "支付方式"), named("online", "Online", "网上支付", "微信", "网上"), named("cash", "Cash", "现金")),
			bot.Slot{Name: "phone", Type: desk.SlotPhone, Label: desk.T("Phone", "电话")},
			bot.Slot{Name: "note", Type: desk.SlotText, Label: desk.T("Note", "备注"), Optional: true},
		),
		flow("track_order", bot.Slot{Name: "number", Type: desk.SlotPattern, Pattern: "[A-Z][0-9]{3,6}", Label: desk.T("Order number", "订单号")}),
		flow("complain",
			bot.Slot{Name: "problem", Type: desk.SlotText, Label: desk.T("Problem", "问题")},
			bot.Slot{Name: "refund", Type: desk.SlotYesNo, Label: desk.T("Refund", "退款")},
		),
		flow("change_address", bot.Slot{Name: "address", Type: desk.SlotAddress, Label: desk.T("New address", "新地址")}),
	}}
}

func builtIn(t testing.TB) *nlu.Understander {
	t.Helper()
	u, err := trainedShop()
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// trainedShop is trained once for all tests: an Understander does not change.
var trainedShop = sync.OnceValues(func() (*nlu.Understander, error) {
	m, err := nlu.Train(context.Background(), nlu.TrainingOf(shop(), training().Questions))
	if err != nil {
		return nil, err
	}
	return nlu.New(m, nlu.FlowsOf(shop()), nlu.Settings{})
})

// utterance reads the context column of the file.
func utterance(t *testing.T, contextOf, text string) bot.Utterance {
	t.Helper()
	in := bot.Utterance{Text: text, Lang: desk.English, Now: monday, Zone: shanghai, Slots: map[string]string{}}
	for _, r := range text {
		if r >= 0x4E00 && r <= 0x9FFF {
			in.Lang = desk.Chinese
		}
	}
	if contextOf == "-" {
		return in
	}
	words := strings.Fields(contextOf)
	in.Active = words[0]
	for _, w := range words[1:] {
		switch {
		case w == "!confirm":
			in.Confirming = true
		case strings.HasPrefix(w, "~"):
			in.Paused = append(in.Paused, w[1:])
		case strings.HasPrefix(w, "?"):
			for _, f := range shop().Flows {
				if s, ok := f.Slot(w[1:]); ok && f.Name == in.Active {
					in.Asking = &bot.AskedSlot{Flow: f.Name, Slot: s}
				}
			}
			if in.Asking == nil {
				t.Fatalf("unknown slot %s", w)
			}
		default:
			for _, kv := range strings.Split(w, ",") {
				k, v, _ := strings.Cut(kv, "=")
				in.Slots[k] = v
			}
		}
	}
	return in
}

// brief writes commands as the file does.
func brief(cmds []bot.Command) []string {
	var out []string
	for _, c := range cmds {
		switch c.Kind {
		case bot.CommandStart:
			out = append(out, "start "+c.Flow)
		case bot.CommandSet, bot.CommandCorrect:
			out = append(out, fmt.Sprintf("%s %s=%s", c.Kind, c.Slot, c.Value))
		case bot.CommandChitchat:
			out = append(out, "chitchat "+c.Value)
		default:
			out = append(out, string(c.Kind))
		}
	}
	slices.Sort(out)
	return out
}

func wanted(cell string) []string {
	want := strings.Split(cell, ";")
	for i := range want {
		want[i] = strings.TrimSpace(want[i])
	}
	slices.Sort(want)
	return want
}

func TestUnderstander_File(t *testing.T) {
	u := builtIn(t)
	file := filepath.Join("testdata", "utterances.txt")
	for no, row := range rows(t, file, 3) {
		got, err := u.Understand(context.Background(), utterance(t, row[0], row[1]))
		if err != nil {
			t.Fatal(err)
		}
		if want := wanted(row[2]); !slices.Equal(brief(got), want) {
			t.Errorf("%s:%d: [%s] %q:\n  got  %s\n  want %s", file, no, row[0], row[1], strings.Join(brief(got), "; "), strings.Join(want, "; "))
		}
	}
}

func TestUnderstander_SpansSayWhereAValueCameFrom(t *testing.T) {
	u := builtIn(t)
	got, err := u.Understand(context.Background(), utterance(t, "-", "I'd like a LARGE latte to 5 Elm Street please"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range got {
		if c.Slot == "size" && c.Text != "LARGE" || c.Slot == "address" && c.Text != "5 Elm Street" {
			t.Errorf("%s was read from %q", c.Slot, c.Text)
		}
	}
}

func TestUnderstander_VagueOffersCandidates(t *testing.T) {
	u := builtIn(t)
	for _, text := range []string{"order", "address for my order", "换"} {
		got, err := u.Understand(context.Background(), utterance(t, "-", text))
		if err != nil {
			t.Fatal(err)
		}
		c := got[0]
		t.Logf("%q: %s %.2f %v", text, c.Kind, c.Confidence, c.Candidates)
		if c.Kind != bot.CommandClarify || len(c.Candidates) < 2 || len(c.Candidates) > 4 {
			t.Errorf("%q: got %+v, want two to four candidates", text, c)
		}
	}
}

func TestUnderstander_SensitiveSlotsAreNeverVolunteered(t *testing.T) {
	def := shop()
	for i := range def.Flows[0].Slots {
		def.Flows[0].Slots[i].Sensitive = def.Flows[0].Slots[i].Name == "phone"
	}
	u, err := nlu.New(train(t, nlu.TrainingOf(def, nil)), nlu.FlowsOf(def), nlu.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := u.Understand(context.Background(), utterance(t, "-", "a large latte please, my phone is 13800138000"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range got {
		if c.Slot == "phone" {
			t.Errorf("a sensitive slot was filled unasked: %+v", c)
		}
	}
}

func TestUnderstander_TwoSlotsOfATypeAreNotGuessed(t *testing.T) {
	def := bot.Definition{Flows: []bot.Flow{{Name: "ride", Title: desk.T("Book a ride", "叫车"), Examples: map[desk.Lang][]string{"en": {"book a ride", "I need a taxi", "get me a cab"}}, Slots: []bot.Slot{
		{Name: "pickup", Type: desk.SlotAddress, Label: desk.T("Pick up", "上车点")}, {Name: "drop", Type: desk.SlotAddress, Label: desk.T("Drop off", "下车点")}}}}}
	u, err := nlu.New(train(t, nlu.TrainingOf(def, nil)), nlu.FlowsOf(def), nlu.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := u.Understand(context.Background(), utterance(t, "-", "I need a taxi to 5 Elm Street"))
	if err != nil {
		t.Fatal(err)
	}
	if s := brief(got); !slices.Equal(s, []string{"start ride"}) {
		t.Errorf("got %v, want only the start: either slot could be meant", s)
	}
}

func FuzzUnderstander(f *testing.F) {
	u := builtIn(f)
	for _, s := range []string{"latte", "no, small", "取消", "a, b, c? d!", "。。。，，", "when? what? 5 Elm Street; cash", "\xff, \xfe?"} {
		f.Add(s, uint8(0))
		f.Add(s, uint8(3))
	}
	contexts := []string{"-", "order_coffee ?drink", "order_coffee drink=latte ?address", "order_coffee drink=latte ?note", "order_coffee drink=latte,size=large !confirm", "complain ?refund"}
	f.Fuzz(func(t *testing.T, text string, n uint8) {
		got, err := u.Understand(context.Background(), utterance(t, contexts[int(n)%len(contexts)], text))
		if err != nil || len(got) == 0 {
			t.Fatalf("got %v, %v: want at least one command", got, err)
		}
		for _, c := range got {
			if c.Confidence < 0 || c.Confidence > 1 {
				t.Errorf("confidence %v", c.Confidence)
			}
		}
	})
}

func BenchmarkUnderstand(b *testing.B) {
	u := builtIn(b)
	in := bot.Utterance{Text: "I'd like a large latte to 5 Elm Street please, tomorrow at three", Lang: desk.English, Now: monday, Zone: shanghai}
	for b.Loop() {
		if _, err := u.Understand(context.Background(), in); err != nil {
			b.Fatal(err)
		}
	}
}
