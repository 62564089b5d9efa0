package bot

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
)

var monday = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func testScope() scope {
	return scope{slots: []Slot{
		{Name: "drink", Type: desk.SlotChoice, Choices: []Choice{{Value: "latte"}, {Value: "tea"}}},
		{Name: "n", Type: desk.SlotNumber}, {Name: "price", Type: desk.SlotMoney}, {Name: "day", Type: desk.SlotDate},
		{Name: "at", Type: desk.SlotTime}, {Name: "note", Type: desk.SlotText}, {Name: "ok", Type: desk.SlotYesNo},
	}, names: []string{"status"}}
}

func testValues(name string) string {
	return map[string]string{
		"drink": "latte", "n": "2", "price": "25.50", "day": "2026-03-05", "at": "15:30", "note": "No sugar", "ok": "yes", "status": "ready",
	}[name]
}

func TestRules(t *testing.T) {
	who := contactEnv{Name: "Ann", Verified: true, Attributes: map[string]string{"tier": "gold"}}
	for source, want := range map[string]bool{
		`drink == "latte"`:                     true,
		`drink in ["tea"]`:                     false,
		`n >= 2 && price < 30`:                 true,
		`n * 2 == 4`:                           true,
		`days(day) == 3`:                       true,
		`weekday(day) == 4`:                    true,
		`hours(at) == 15.5`:                    true,
		`day > today()`:                        true,
		`lower(note) contains "sugar"`:         true,
		`note matches "^No"`:                   true,
		`len(note) > 3 and not (n > 5)`:        true,
		`status == "ready" or status == ""`:    true,
		`contact.verified`:                     true,
		`contact.attributes["tier"] == "x"`:    false,
		`contact.attributes["none"] == ""`:     true,
		`ok == "yes" ? price > 20 : true`:      true,
		`float(status == "ready" ? 1 : 0) > 0`: true,
	} {
		r, err := testScope().compile(source, reflect.Bool)
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		if got := r.holds(testScope().env(testValues, who, monday)); got != want {
			t.Errorf("%s: got %v, want %v", source, got, want)
		}
	}
}

func TestRules_UnknownValuesAreEmpty(t *testing.T) {
	for source, want := range map[string]bool{`drink == ""`: true, `n == 0`: true, `days(day) == 0`: true, `weekday(day) == 0`: true, `hours(at) == 0`: true} {
		r, err := testScope().compile(source, reflect.Bool)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.holds(testScope().env(func(string) string { return "" }, contactEnv{}, monday)); got != want {
			t.Errorf("%s: got %v, want %v", source, got, want)
		}
	}
}

func FuzzRules(f *testing.F) {
	for _, s := range []string{`drink == "latte"`, `n*2 > 3 && days(day) < 4`, `note matches "^(a+)+$"`, `1..9`, `[n][0]`, `note[5:1]`, `contact.attributes["x"]`, `let a = n; a > 1`, `n / 0 > 1`, `ok ?? "x"`, `int(note)`, `{a: 1}`} {
		f.Add(s, "aaaaaaaaaaaaaaaaaaaaaaaa!")
	}
	f.Fuzz(func(t *testing.T, source, value string) {
		r, err := testScope().compile(source, reflect.Invalid)
		if err != nil {
			return
		}
		if len(value) > maxValue {
			value = value[:maxValue]
		}
		start := time.Now()
		env := testScope().env(func(string) string { return value }, contactEnv{}, monday)
		_, _ = r.holds(env), r.text(env)
		if took := time.Since(start); took > time.Second {
			t.Errorf("%q on %q took %s", source, value, took)
		}
	})
}

func TestTemplates_ValuesAreData(t *testing.T) {
	for value, want := range map[string]string{
		"A17": "A17", "5 Elm Street": "5 Elm Street", "*x* _y_ `z`": `\*x\* \_y\_ \` + "`z\\`", "<b>&amp;": `\<b\>\&amp;`,
		"[a](b)": `\[a\](b)`, "# head": `\# head`, "1. one": `1\. one`, "- a\n- b": `\- a - b`, "a-b.c": "a-b.c", "x.com": "x.com", "![i](j)": `\!\[i\](j)`, "{{x}}": "{{x}}",
		"25.50": "25.50", "7.": `7\.`,
	} {
		if got := render("{{v}}", func(string) string { return value }); got != want {
			t.Errorf("%q: got %q, want %q", value, got, want)
		}
	}
}

func TestSlot_Check(t *testing.T) {
	choice := Slot{Type: desk.SlotChoice, Choices: []Choice{{Value: "latte", Label: desk.T("Latte", "拿铁"), Synonyms: map[desk.Lang][]string{desk.Chinese: {"奶咖"}}}}}
	for _, tc := range []struct {
		slot                Slot
		value, want, reason string
	}{
		{choice, "latte", "latte", ""}, {choice, "LATTE", "latte", ""}, {choice, "拿铁", "latte", ""}, {choice, "奶咖", "latte", ""}, {choice, "tea", "", reasonType},
		{Slot{Type: desk.SlotText}, "  x ", "x", ""}, {Slot{Type: desk.SlotText}, " ", "", reasonMissing}, {Slot{Type: desk.SlotText}, strings.Repeat("字", 1001), "", reasonMax},
		{Slot{Type: desk.SlotText, Min: "3"}, "ab", "", reasonMin}, {Slot{Type: desk.SlotText, Max: "3"}, "四个汉字", "", reasonMax},
		{Slot{Type: desk.SlotNumber}, "-3.5", "-3.5", ""}, {Slot{Type: desk.SlotNumber}, "1e9", "", reasonType}, {Slot{Type: desk.SlotNumber}, "NaN", "", reasonType},
		{Slot{Type: desk.SlotNumber, Min: "1", Max: "5"}, "6", "", reasonMax}, {Slot{Type: desk.SlotNumber, Min: "1"}, "0", "", reasonMin},
		{Slot{Type: desk.SlotMoney, Currency: "CNY"}, "25.50 CNY", "25.50", ""}, {Slot{Type: desk.SlotMoney, Currency: "CNY"}, "25 USD", "", reasonType},
		{Slot{Type: desk.SlotDate}, "2026-02-30", "", reasonType}, {Slot{Type: desk.SlotDate, Min: "today"}, "2026-03-01", "", reasonMin},
		{Slot{Type: desk.SlotDate, Min: "today", Max: "today+7"}, "2026-03-09", "2026-03-09", ""}, {Slot{Type: desk.SlotDate, Max: "today+7"}, "2026-03-10", "", reasonMax},
		{Slot{Type: desk.SlotTime}, "15:04", "15:04", ""}, {Slot{Type: desk.SlotTime}, "25:00", "", reasonType}, {Slot{Type: desk.SlotTime, Max: "12:00"}, "12:30", "", reasonMax},
		{Slot{Type: desk.SlotDateTime}, "2026-03-03T15:00:00+08:00", "2026-03-03T15:00:00+08:00", ""}, {Slot{Type: desk.SlotDateTime}, "tomorrow", "", reasonType},
		{Slot{Type: desk.SlotPhone}, "+8613800138000", "+8613800138000", ""}, {Slot{Type: desk.SlotPhone}, "138", "", reasonType},
		{Slot{Type: desk.SlotEmail}, "a@b.example", "a@b.example", ""}, {Slot{Type: desk.SlotEmail}, "Ann <a@b.example>", "", reasonType},
		{Slot{Type: desk.SlotLocation}, "31.2,121.5", "31.2,121.5", ""}, {Slot{Type: desk.SlotLocation}, "91,0", "", reasonType},
		{Slot{Type: desk.SlotYesNo}, "yes", "yes", ""}, {Slot{Type: desk.SlotYesNo}, "maybe", "", reasonType},
	} {
		got, reason := tc.slot.Check(tc.value, monday)
		if got != tc.want || reason != tc.reason {
			t.Errorf("%s %q: got %q, %q; want %q, %q", tc.slot.Type, tc.value, got, reason, tc.want, tc.reason)
		}
	}
}

func TestPhrases_AreInBothLanguages(t *testing.T) {
	for p, text := range phrases {
		if text[desk.English] == "" || text[desk.Chinese] == "" || strings.Count(text[desk.English], "{") != strings.Count(text[desk.Chinese], "{") {
			t.Errorf("%s: %v", p, text)
		}
	}
}

func TestReadState_ForgetsWhatItCannotRead(t *testing.T) {
	for _, raw := range []string{"", "null", "[]", `{"v":2,"stack":[{"flow":"x"}]}`, `{"v":1,"stack":[null]}`, `{"v":1,"stack":"x"}`, "{"} {
		if s := readState([]byte(raw)); s.V != stateVersion || len(s.Stack) != 0 {
			t.Errorf("%s: got %+v", raw, s)
		}
	}
}
