package nlu_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/parleyhq/parley/bot"
	"github.com/parleyhq/parley/bot/nlu"
	"github.com/parleyhq/parley/desk"
)

func TestFillerLearnsFromRecordedDialogues(t *testing.T) {
	def := bot.Definition{Flows: []bot.Flow{{Name: trip.Name, Title: trip.Title, Slots: trip.Slots}}}
	few, err := nlu.TrainFlowFiller(t.Context(), def)
	if err != nil {
		t.Fatal(err)
	}
	for i := range nlu.FillerLeast / 2 {
		class, words := "first", "I travel comfortably"
		if i%2 == 0 {
			class, words = "second", "the thrifty way"
		}
		def.Recorded = append(def.Recorded, bot.Recorded{Name: fmt.Sprint(i), Lang: desk.English, Day: bot.ReadingDay, Turns: []bot.RecordedTurn{
			{Asked: bot.Standing{Flow: "trip"}, Customer: words, Fills: map[string]map[string]string{"trip": {"class": class}}},
			{Agent: "And a meal?", Asked: bot.Standing{Flow: "trip", Slot: "meal"}, Customer: "yes", Fills: map[string]map[string]string{"trip": {"meal": "yes"}}},
		}})
	}
	if n := nlu.Giving(def); n != nlu.FillerLeast {
		t.Fatalf("%d utterances give values, want %d", n, nlu.FillerLeast)
	}
	learned, err := nlu.TrainFlowFiller(t.Context(), def)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(few.Save(), learned.Save()) {
		t.Fatal("nothing was learned")
	}
	m, err := nlu.Train(t.Context(), nlu.Training{Flows: []nlu.FlowExamples{tripExamples}})
	if err != nil {
		t.Fatal(err)
	}
	u, err := nlu.New(m, []nlu.Flow{trip}, nlu.Settings{Filler: learned})
	if err != nil {
		t.Fatal(err)
	}
	if got := valuesOf(t, u, bot.Utterance{Text: "the thrifty way", Active: "trip"}); got["class"] != "second" {
		t.Errorf("got %v, want class second", got)
	}
}
