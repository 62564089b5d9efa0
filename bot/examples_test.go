package bot_test

import (
	"strings"
	"testing"

	"github.com/parleyhq/parley/bot"
	"github.com/parleyhq/parley/desk"
)

const markedFlow = `version: 1
flow: deliver
examples:
  en:
    - deliver something
    - a [large](size) latte to [5 Elm Street](address) please
  zh: ["送到[人民路12号](address)"]
slots:
  size: {type: choice, of: [small, large], ask: Which size?}
  address: {type: address, ask: Where to?}
  pin: {type: text, sensitive: true, ask: PIN?}
then: {say: Done.}
`

func TestExamplesMarkTheValuesOfSlots(t *testing.T) {
	f, err := bot.ParseFlow("deliver.yaml", []byte(markedFlow))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(f.Examples[desk.English], "|"); got != "deliver something|a large latte to 5 Elm Street please" {
		t.Errorf("the classifier learns %q", got)
	}
	if len(f.Marked) != 2 {
		t.Fatalf("%d examples are marked", len(f.Marked))
	}
	for i, want := range []string{"size=large address=5 Elm Street", "address=人民路12号"} {
		var got []string
		for _, m := range f.Marked[i].Marks {
			got = append(got, m.Slot+"="+f.Marked[i].Text[m.Start:m.End])
		}
		if strings.Join(got, " ") != want {
			t.Errorf("marked are %q, want %q", got, want)
		}
	}
}

func TestAWrongMarkIsNamedAtItsPlace(t *testing.T) {
	for mark, want := range map[string]string{
		"[5 Elm Street](adress)": `deliver.yaml:6:`,
		"[1234](pin)":            "pin is sensitive",
		"[ ](address)":           "has no words",
	} {
		_, err := bot.ParseFlow("deliver.yaml", []byte(strings.Replace(markedFlow, "[5 Elm Street](address)", mark, 1)))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q in it", mark, err, want)
		}
	}
}

func TestBracketsThatMarkNothingAreText(t *testing.T) {
	for _, s := range []string{"a [b] c", "f(x) [y]", "[a] (b)", ""} {
		if text, marks, err := bot.ParseExample(s); text != s || len(marks) > 0 || err != nil {
			t.Errorf("%q became %q with %v, %v", s, text, marks, err)
		}
	}
}
