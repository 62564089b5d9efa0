package voice

import (
	"strings"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
)

func TestKeyed_GivesEveryOptionAKey(t *testing.T) {
	opt := func(key string, nav bool, verb desk.Verb) desk.Option {
		return desk.Option{Key: key, Nav: nav, Pick: desk.Pick{Verb: verb}}
	}
	for name, c := range map[string]struct {
		content desk.Content
		want    string
	}{
		"free digits":       {desk.Content{Options: []desk.Option{opt("", false, "answer"), opt("1", false, "go"), opt("", false, "answer")}}, "2 1 3"},
		"ways out":          {desk.Content{Options: []desk.Option{opt("", true, "back"), opt("", true, "start"), opt("", true, "human")}}, "* # 0"},
		"0 is taken":        {desk.Content{Options: []desk.Option{opt("0", false, "go"), opt("", true, "human")}}, "0 "},
		"digits are wanted": {desk.Content{Input: &desk.Input{Type: desk.SlotNumber}, Options: []desk.Option{opt("1", false, "skip"), opt("", true, "human")}}, "# "},
		"yes or no":         {desk.Content{Input: &desk.Input{Type: desk.SlotYesNo}, Options: []desk.Option{opt("", false, "answer"), opt("", false, "answer")}}, "1 2"},
	} {
		var got []string
		for _, o := range Keyed(c.content).Options {
			got = append(got, o.Key)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: keys %q, want %q", name, s, c.want)
		}
	}
}

func TestSpell_DatesAreTheNextOrTheLastPossible(t *testing.T) {
	today := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	for digits, want := range map[string]string{"1121": "2026-11-21", "1120": "2027-11-20", "20240229": "2024-02-29", "12": "12"} {
		if got := spell(desk.Input{Type: desk.SlotDate}, digits, today); got != want {
			t.Errorf("%s: %s, want %s", digits, got, want)
		}
	}
	if got := spell(desk.Input{Type: desk.SlotDate, Max: "2026-11-21"}, "1225", today); got != "2025-12-25" {
		t.Errorf("a day of the past: %s", got)
	}
}

func TestPlain_SpeaksWhatEyesWouldSee(t *testing.T) {
	c := desk.Content{
		Text: "**Your order** A17 is [on its way](https://x.example/a17). See https://x.example\nAnything else?",
		Card: &desk.Card{Title: "Order A17", Lines: []desk.CardLine{{Label: "Total", Value: "¥23"}}}, Options: []desk.Option{{Key: "*", Label: "Back"}, {Label: "Later"}},
	}
	want := "Your order A17 is on its way.|See|Anything else?|Order A17.|Total: ¥23.|For Back, press star."
	if got := strings.Join(Plain{}.Sentences(c, desk.English, Saying{Keys: true}), "|"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := strings.Join(Plain{}.Sentences(desk.Content{Text: "您好。请问需要什么帮助？"}, desk.Chinese, Saying{}), "|"); got != "您好。|请问需要什么帮助？" {
		t.Errorf("got %s", got)
	}
}

func TestPart_CutsAtWords(t *testing.T) {
	for share, want := range map[float64]string{0: "", 0.3: "How", 0.5: "How", 0.8: "How can", 1: "How can we"} {
		if got := part("How can we", share); got != want {
			t.Errorf("%.1f: %q, want %q", share, got, want)
		}
	}
	if got := part("请问需要什么", 0.5); got != "请问需" {
		t.Errorf("got %q", got)
	}
}

// Whatever is pressed, an answer comes, or a limited wait.
func FuzzKeypad(f *testing.F) {
	for _, typ := range []desk.SlotType{desk.SlotNumber, desk.SlotMoney, desk.SlotDate, desk.SlotTime, desk.SlotDateTime, desk.SlotPhone, desk.SlotPattern, desk.SlotText, ""} {
		f.Add("12*#0911224455#*", string(typ), "99")
	}
	f.Fuzz(func(t *testing.T, keys, typ, most string) {
		q := question{message: "m", options: []desk.Option{{ID: "a", Key: "1"}, {ID: "b", Key: "12"}, {ID: "c", Key: "#"}}}
		if typ != "" {
			q.input = &desk.Input{Type: desk.SlotType(typ), Max: most}
		}
		var k keypad
		for _, key := range []byte(keys) {
			p := k.press(q, key)
			if len(k.buf) > maxDigits {
				t.Fatalf("%d keys are kept", len(k.buf))
			}
			if p.kind == pressedMore && k.buf != "" && p.wait == 0 {
				t.Fatalf("waits for ever after %q", k.buf)
			}
			if p.kind == pressedText && q.input != nil {
				_ = spell(*q.input, p.text, time.Unix(0, 0))
			}
		}
		if p := k.pause(q); k.buf != "" || p.kind == pressedMore && p.wait != 0 {
			t.Fatalf("a pause leaves %q", k.buf)
		}
	})
}
