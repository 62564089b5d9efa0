package bot_test

import (
	"context"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/parleyhq/parley/bot"
	"github.com/parleyhq/parley/desk"
)

// says understands every utterance as the commands given, and keeps what it was
// told of the context.
type says struct {
	commands []bot.Command
	heard    bot.Utterance
}

func (s *says) Understand(_ context.Context, in bot.Utterance) ([]bot.Command, error) {
	s.heard = in
	return s.commands, nil
}

func table(t *testing.T, u bot.Understander) *bot.Bot {
	t.Helper()
	def := bot.Definition{Settings: bot.Settings{Human: "queue:support"}}
	for name, slots := range map[string][]bot.Slot{
		"table": {
			{Name: "people", Type: desk.SlotNumber, Ask: desk.T("How many?", "几位？"), Retries: 3},
			{Name: "area", Type: desk.SlotChoice, Any: true, Ask: desk.T("Where?", "哪里？"), Retries: 3, Choices: []bot.Choice{{Value: "inside"}, {Value: "outside"}}},
		},
		"taxi": {{Name: "day", Type: desk.SlotDate, Ask: desk.T("When?", "哪天？"), Retries: 3}},
	} {
		def.Flows = append(def.Flows, bot.Flow{Name: name, Slots: slots, Confirm: true})
	}
	b, err := bot.New(def, u, nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// say gives an utterance to the bot.
func say(t *testing.T, b *bot.Bot, state json.RawMessage, lang desk.Lang, text string) (json.RawMessage, []desk.Mark) {
	t.Helper()
	turn := desk.Turn{Conversation: desk.Conversation{ID: "c", Lang: lang}, Contact: desk.Contact{ID: "p", Lang: lang}, State: state,
		Message: &desk.Message{ID: "m", Content: desk.Content{Text: text}}, Now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), Zone: time.UTC}
	var marks []desk.Mark
	for step, err := range b.Respond(t.Context(), turn) {
		if err != nil {
			t.Fatal(err)
		}
		switch s := step.(type) {
		case desk.Remember:
			state = s.State
		case desk.Mark:
			marks = append(marks, s)
		}
	}
	return state, marks
}

func TestAQuestionSomebodyElseAskedStands(t *testing.T) {
	u := &says{commands: []bot.Command{{Kind: bot.CommandSet, Slot: "people", Value: "4", Text: "four", Confidence: 1}}}
	b := table(t, u)
	offer := bot.Proposal{Flow: "table", Slot: "area", Value: "inside", Kind: bot.ProposalConfirm}
	state := b.Asked(nil, bot.Standing{Flow: "table", Slot: "people", Proposed: []bot.Proposal{offer, {Flow: "table", Slot: "nothing", Value: "x"}}})
	state, marks := say(t, b, state, desk.English, "four")
	if u.heard.Asking == nil || u.heard.Asking.Slot.Name != "people" || u.heard.Active != "table" {
		t.Errorf("heard in the context %+v, want people of table asked", u.heard)
	}
	if !slices.Equal(u.heard.Proposed, []bot.Proposal{offer}) {
		t.Errorf("proposed %v, want only what the bot has: %v", u.heard.Proposed, offer)
	}
	if len(marks) == 0 || marks[0].Kind != desk.MarkSet || marks[0].Value != "4" {
		t.Errorf("marks %+v, want people set to 4", marks)
	}
	state = b.Asked(state, bot.Standing{Flow: "table", Slot: "area", Proposed: []bot.Proposal{offer}})
	state = b.Asked(state, bot.Standing{Flow: "taxi"})
	say(t, b, state, desk.English, "the same number")
	if got := u.heard.Elsewhere["table"]["people"]; got != "4" || !slices.Contains(u.heard.Heard, offer) {
		t.Errorf("elsewhere %v, heard %v; want the four people and the earlier proposal", u.heard.Elsewhere, u.heard.Heard)
	}
}

func TestASlotMayBeLeftOpen(t *testing.T) {
	for lang, words := range map[desk.Lang]string{desk.English: "I don't mind", desk.Chinese: "都可以"} {
		u := &says{commands: []bot.Command{{Kind: bot.CommandSet, Slot: "area", Value: bot.AnyValue, Confidence: 1}}}
		b := table(t, u)
		_, marks := say(t, b, b.Asked(nil, bot.Standing{Flow: "table", Slot: "area"}), lang, words)
		if len(marks) == 0 || marks[0].Value != bot.AnyValue {
			t.Errorf("%s: marks %+v, want area set to any", words, marks)
		}
		u.commands[0].Slot = "people" // which may not
		_, marks = say(t, b, b.Asked(nil, bot.Standing{Flow: "table", Slot: "people"}), lang, words)
		if len(marks) == 0 || marks[0].Kind != desk.MarkInvalid {
			t.Errorf("%s: marks %+v, want any refused for a number of people", words, marks)
		}
	}
}

func TestAValueForAnotherFlowWaitsThere(t *testing.T) {
	u := &says{commands: []bot.Command{
		{Kind: bot.CommandSet, Slot: "people", Value: "2", Confidence: 1},
		{Kind: bot.CommandSet, Flow: "taxi", Slot: "day", Value: "2026-03-05", Confidence: 1},
	}}
	b := table(t, u)
	state, _ := say(t, b, b.Asked(nil, bot.Standing{Flow: "table", Slot: "people"}), desk.English, "two, and a taxi on Thursday")
	u.commands = []bot.Command{{Kind: bot.CommandRepeat, Confidence: 1}}
	say(t, b, state, desk.English, "sorry?")
	if u.heard.Active != "table" || u.heard.Slots["people"] != "2" || u.heard.Elsewhere["taxi"]["day"] != "2026-03-05" {
		t.Errorf("active %s %v, elsewhere %v; want table with two people, and the taxi's day kept", u.heard.Active, u.heard.Slots, u.heard.Elsewhere)
	}
}
