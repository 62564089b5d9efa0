package nlu_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/parleyhq/parley/bot"
	"github.com/parleyhq/parley/bot/nlu"
	"github.com/parleyhq/parley/desk"
)

// gifts is a flow whose examples mark a name, a gift and a message.
func gifts() bot.Definition {
	f := bot.Flow{
		Name: "send_gift", Title: desk.T("Send a gift", "送礼物"), Examples: map[desk.Lang][]string{},
		Slots: []bot.Slot{
			choiceSlot("gift", desk.T("Gift", "礼物"), named("flowers", "Flowers", "鲜花"), named("chocolate", "Chocolate", "巧克力"), named("tea", "Tea", "茶叶")),
			{Name: "friend", Type: desk.SlotText, Label: desk.T("For whom", "送给谁")},
			{Name: "card", Type: desk.SlotText, Label: desk.T("Words on the card", "贺卡"), Optional: true},
			{Name: "code", Type: desk.SlotText, Sensitive: true},
		},
	}
	for lang, list := range map[desk.Lang][]string{
		desk.English: {
			"send [flowers](gift) to [Anna](friend)", "I want to send [chocolate](gift) to [my uncle Bob](friend)", "[tea](gift) for [Mrs Miller](friend) please",
			"send [Peter Brown](friend) some [flowers](gift)", "a gift for [Lena](friend)", "send [flowers](gift) to [Maria Lopez](friend) and write [happy birthday](card)",
			"[chocolate](gift) for [Tom](friend), write [get well soon](card) on it", "send a gift", "I want to send something", "can you deliver gifts",
		},
		desk.Chinese: {
			"送[鲜花](gift)给[小王](friend)", "我想送[巧克力](gift)给[李阿姨](friend)", "给[张伟](friend)送[茶叶](gift)", "给[外婆](friend)送一份礼物", "送[鲜花](gift)给[陈老师](friend)", "我要送礼物",
		},
	} {
		for _, s := range list {
			text, marks, err := bot.ParseExample(s)
			if err != nil {
				panic(err)
			}
			f.Examples[lang] = append(f.Examples[lang], text)
			if len(marks) > 0 {
				f.Marked = append(f.Marked, bot.Example{Lang: lang, Text: text, Marks: marks})
			}
		}
	}
	slices.SortStableFunc(f.Marked, func(a, b bot.Example) int { return strings.Compare(string(a.Lang), string(b.Lang)) })
	return bot.Definition{Flows: []bot.Flow{f}}
}

func giftShop(t *testing.T) (*nlu.Understander, []byte) {
	t.Helper()
	def := gifts()
	trained, err := nlu.TrainFlows(context.Background(), def, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	saved := trained.Save()
	if trained, err = nlu.LoadTrained(saved); err != nil || trained.Tagger == nil || trained.Filler == nil {
		t.Fatalf("what was saved is loaded as %+v, %v", trained, err)
	}
	u, err := nlu.New(trained.Model, nlu.FlowsOf(def), nlu.Settings{Tagger: trained.Tagger, Filler: trained.Filler})
	if err != nil {
		t.Fatal(err)
	}
	return u, saved
}

func setsOf(t *testing.T, u *nlu.Understander, in bot.Utterance) string {
	t.Helper()
	in.Now, in.Zone = monday, shanghai
	commands, err := u.Understand(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, c := range commands {
		if c.Kind == bot.CommandSet {
			out = append(out, fmt.Sprintf("%s=%s", c.Slot, c.Value))
		}
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func TestMarkedExamplesTeachWhereNamesStand(t *testing.T) {
	u, _ := giftShop(t)
	friend := &bot.AskedSlot{Flow: "send_gift", Slot: gifts().Flows[0].Slots[1]}
	for _, c := range []struct {
		text, want string
		lang       desk.Lang
		asking     *bot.AskedSlot
	}{
		{text: "send chocolate to Igor", want: "friend=Igor gift=chocolate", lang: desk.English},
		{text: "I want to send tea to Olga Berg", want: "friend=Olga Berg gift=tea", lang: desk.English},
		{text: "送茶叶给小刘", want: "friend=小刘 gift=tea", lang: desk.Chinese},
		{text: "send a gift", want: "", lang: desk.English},
		{text: "Igor", want: "friend=Igor", lang: desk.English, asking: friend},
		{text: "send flowers to Igor", want: "friend=Igor gift=flowers", lang: desk.English, asking: friend},
	} {
		in := bot.Utterance{Text: c.text, Lang: c.lang, Asking: c.asking}
		if c.asking != nil {
			in.Active = "send_gift"
		}
		if got := setsOf(t, u, in); got != c.want {
			t.Errorf("%q: set %q, want %q", c.text, got, c.want)
		}
	}
}

func TestWithoutMarksThereIsNoTagger(t *testing.T) {
	tagger, err := nlu.TrainFlowTagger(context.Background(), shop())
	if tagger != nil || err != nil {
		t.Errorf("trained %v, %v", tagger, err)
	}
}

func TestWhatIsCutShortIsRefused(t *testing.T) {
	_, saved := giftShop(t)
	for _, n := range []int{0, 10, 23, 26, 30, len(saved) / 2, len(saved) - 1} {
		if _, err := nlu.LoadTrained(saved[:n]); err == nil {
			t.Errorf("%d of %d bytes were taken", n, len(saved))
		}
	}
}
