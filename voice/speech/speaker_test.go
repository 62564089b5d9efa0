package speech

import (
	"slices"
	"strings"
	"testing"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
)

var menu = desk.Content{
	Text: "How can we help?", Menu: "main",
	Options: []desk.Option{
		{ID: "1", Key: "1", Label: "Order a coffee"}, {ID: "2", Key: "2", Label: "FAQ"},
		{ID: "b", Key: "*", Label: "Back", Nav: true, Pick: desk.Pick{Verb: desk.PickBack}},
		{ID: "h", Key: "0", Label: "Talk to a person", Nav: true, Pick: desk.Pick{Verb: desk.PickHuman}},
	},
}

func TestSentences_SaysKeysAndAPersonLast(t *testing.T) {
	got := Speaker{}.Sentences(menu, desk.English, voice.Saying{Keys: true, Words: true})
	want := []string{"How can we help?", "Order a coffee, press one.", "FAQ, press two.", "Talk to a person, press zero.", "Or just say it."}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

func TestSentences_InChinese(t *testing.T) {
	c := menu
	c.Text = "请问需要什么帮助？"
	c.Options = []desk.Option{{Key: "1", Label: "点咖啡"}, {Key: "12", Label: "其他"}}
	got := Speaker{}.Sentences(c, desk.Chinese, voice.Saying{Keys: true})
	want := []string{"请问需要什么帮助？", "点咖啡，请按一。", "其他，请按一二。"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

func TestSentences_FlattensMarkdownAndCards(t *testing.T) {
	c := desk.Content{Markdown: true, Text: "## Opening hours\n- **Mon–Fri** 7:00–19:00\n- Sat 8:00\n\nSee [the map](https://x.example). ☕️\n| Drink | Price |\n|---|---|\n| Latte | ¥28 |",
		Card: &desk.Card{Title: "Order A17", Lines: []desk.CardLine{{Label: "Size", Value: "Large"}}}}
	got := strings.Join(Speaker{}.Sentences(c, desk.English, voice.Saying{}), " / ")
	want := "Opening hours / Mon–Fri seven a.m.–seven p.m. / Sat eight a.m. / See the map. / Drink, Price / Latte, twenty-eight yuan / Order A one seven / Size: Large."
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestSentences_ARepeatIsOnlyTheQuestion(t *testing.T) {
	c := desk.Content{Text: "We roast every morning. Small or large? Both are hot.", Options: []desk.Option{{Key: "1", Label: "Small"}}}
	got := Speaker{}.Sentences(c, desk.English, voice.Saying{Keys: true, Short: true})
	if want := []string{"Small or large?", "Small, press one."}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSentences_LongOnesAreCutAtACommaAndNothingIsLost(t *testing.T) {
	text := strings.Repeat("a few words that go on and on, ", 30)
	got := Speaker{}.Sentences(desk.Content{Text: text}, desk.English, voice.Saying{})
	for _, s := range got {
		if len([]rune(s)) > longest {
			t.Errorf("%d runes in one breath", len([]rune(s)))
		}
	}
	if want := strings.Join(strings.Fields(text), " "); strings.Join(got, " ") != want {
		t.Errorf("words were lost: %q", got)
	}
}

func TestSentences_SaysHowToAnswerByKeys(t *testing.T) {
	for _, c := range []struct {
		in   desk.Input
		o    voice.Saying
		want string
	}{
		{desk.Input{Type: desk.SlotNumber}, voice.Saying{Keys: true}, "Enter the digits, then press hash."},
		{desk.Input{Type: desk.SlotPattern}, voice.Saying{Keys: true, Words: true}, "Say it, or enter the digits, then press hash."},
		{desk.Input{Type: desk.SlotAddress}, voice.Saying{Keys: true, Page: true}, "Please write it on the page in front of you."},
		{desk.Input{Type: desk.SlotAddress}, voice.Saying{Keys: true, Words: true}, ""},
	} {
		got := strings.Join(Speaker{}.Sentences(desk.Content{Input: &c.in}, desk.English, c.o), " ")
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.in.Type, got, c.want)
		}
	}
}
