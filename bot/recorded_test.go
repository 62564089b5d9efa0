package bot_test

import (
	"strings"
	"testing"

	"github.com/parleyhq/parley/bot"
	"github.com/parleyhq/parley/desk"
)

const bakery = `version: 1
lang: en
day: 2026-03-02
dialogues:
  - name: a cake for Sunday
    flows: [order_cake]
    turns:
      - customer: I would like a carrot cake
        fills: {cake: carrot}
      - agent: For which day? And for how many?
        asks: [day, people]
        customer: Tomorrow
        fills: {day: 2026-03-03}
      - agent: We have seats in the Garden Room and in the Attic. Is it for four?
        confirms: {people: 4}
        offers: {room: [Garden Room, Attic]}
        denies: {cake: lemon}
        mentions: {collect/when: "15:00"}
        customer: The attic. It does not matter for how many
        fills: {room: Attic, people: any}
  - name: 生日蛋糕
    lang: zh
    turns:
      - agent: 您好，需要哪种蛋糕？
        about: order_cake
        asks: cake
        customer: 胡萝卜的
        fills: {cake: carrot}
      - agent: 几点来取？
        about: collect
        asks: when
        customer: 三点，四个人吃
        fills: {when: "15:00", order_cake/people: 4.0}
`

func bakeryFlows() []bot.Flow {
	return []bot.Flow{
		{Name: "order_cake", Slots: []bot.Slot{
			{Name: "cake", Type: desk.SlotChoice, Choices: []bot.Choice{{Value: "carrot"}, {Value: "lemon"}}},
			{Name: "day", Type: desk.SlotDate, Min: "2027-01-01"},
			{Name: "people", Type: desk.SlotNumber, Any: true},
			{Name: "room", Type: desk.SlotText},
			{Name: "card", Type: desk.SlotText, Sensitive: true},
		}},
		{Name: "collect", Slots: []bot.Slot{{Name: "when", Type: desk.SlotTime}}},
	}
}

func parseRecorded(t *testing.T, text string) ([]bot.Recorded, error) {
	t.Helper()
	list, err := bot.ParseRecorded("dialogues/cakes.yaml", []byte(text))
	if err == nil {
		err = bot.CheckRecorded(list, bakeryFlows()).Err()
	}
	return list, err
}

func TestParseRecorded_ReadsWhatWasSaidAskedAndFilled(t *testing.T) {
	list, err := parseRecorded(t, bakery)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 2 || list[0].Lang != desk.English || list[1].Lang != desk.Chinese || list[1].Day.Format("2006-01-02") != "2026-03-02" {
		t.Fatalf("got %+v", list)
	}
	turns := list[0].Turns
	if got := turns[0]; got.Asked.Flow != "" || got.Fills["order_cake"]["cake"] != "carrot" {
		t.Errorf("the opening: %+v", got)
	}
	if got := turns[1].Asked; got.Flow != "order_cake" || got.Slot != "day" || len(got.Proposed) != 1 || got.Proposed[0] != (bot.Proposal{Flow: "order_cake", Slot: "people", Kind: bot.ProposalAsked}) {
		t.Errorf("asks: %+v", got)
	}
	want := []bot.Proposal{
		{Flow: "order_cake", Slot: "people", Value: "4", Kind: bot.ProposalConfirm},
		{Flow: "order_cake", Slot: "room", Value: "Garden Room", Kind: bot.ProposalOffer},
		{Flow: "order_cake", Slot: "room", Value: "Attic", Kind: bot.ProposalOffer},
		{Flow: "collect", Slot: "when", Value: "15:00", Kind: bot.ProposalFact},
		{Flow: "order_cake", Slot: "cake", Value: "lemon", Kind: bot.ProposalDenial},
	}
	if got := turns[2].Asked.Proposed; len(got) != len(want) {
		t.Errorf("proposed %+v, want %+v", got, want)
	} else {
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("proposed %+v, want %+v", got[i], want[i])
			}
		}
	}
	if got := turns[2].Fills["order_cake"]; got["people"] != bot.AnyValue || got["room"] != "Attic" {
		t.Errorf("fills %v", got)
	}
	if got := list[1].Turns[1]; got.Asked.Flow != "collect" || got.Fills["collect"]["when"] != "15:00" || got.Fills["order_cake"]["people"] == "" {
		t.Errorf("two flows in one turn: %+v", got)
	}
}

func TestParseRecorded_SaysWhereWhatIsWrong(t *testing.T) {
	for name, c := range map[string]struct{ old, now, want string }{
		"an unknown key":       {"    flows: [order_cake]\n", "    flowz: [order_cake]\n", ":6:5: "},
		"an unknown flow":      {"flows: [order_cake]", "flows: [order_pie]", `:6:13: there is no flow "order_pie"`},
		"an unknown slot":      {"fills: {cake: carrot}", "fills: {pie: carrot}", `:9:22: the flow order_cake has no slot "pie"`},
		"no value of the slot": {"{day: 2026-03-03}", "{day: tomorrow}", `:13:22: "tomorrow" is no value of day, which is a date: 2026-03-01`},
		"no choice of it":      {"fills: {cake: carrot}", "fills: {cake: pear}", `it is one of carrot, lemon`},
		"a sensitive slot":     {"{day: 2026-03-03}", "{card: 123}", ":13:23: card is sensitive"},
		"a slot of no flow":    {"about: order_cake\n        asks: cake", "asks: cake", `of which flow is "cake"`},
		"nobody speaks":        {"customer: Tomorrow", "customer: \"\"", "what the customer said is missing"},
		"no language":          {"lang: en\n", "", "says its language"},
		"no day":               {"2026-03-02", "next week", "day is when it took place"},
		"no dialogues":         {bakery[strings.Index(bakery, "  - name: a cake"):], "  []\n", "a file holds 1 to"},
	} {
		t.Run(name, func(t *testing.T) {
			if !strings.Contains(bakery, c.old) {
				t.Fatalf("the file has no %q", c.old)
			}
			_, err := parseRecorded(t, strings.Replace(bakery, c.old, c.now, 1))
			if err == nil || !strings.Contains(err.Error(), "dialogues/cakes.yaml:") || !strings.Contains(err.Error(), c.want) || desk.KindOf(err) != desk.Invalid {
				t.Errorf("got %v, want an error with %q", err, c.want)
			}
		})
	}
}

func TestWriteRecorded_IsReadBack(t *testing.T) {
	list, err := parseRecorded(t, bakery)
	if err != nil {
		t.Fatal(err)
	}
	once := bot.WriteRecorded(list)
	again, err := parseRecorded(t, string(once))
	if err != nil {
		t.Fatalf("%v\n%s", err, once)
	}
	if twice := bot.WriteRecorded(again); string(twice) != string(once) {
		t.Errorf("got\n%s\nwant\n%s", twice, once)
	}
}
