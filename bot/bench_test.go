package bot_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/parleyhq/parley/bot"
	"github.com/parleyhq/parley/desk"
)

// BenchmarkBot_Turn orders a coffee, five turns a round: the engine alone,
// with understanding for free.
func BenchmarkBot_Turn(b *testing.B) {
	s := &script{}
	ordering := testBot(b, s, 0)
	set := func(slot, value string) bot.Command {
		return bot.Command{Kind: bot.CommandSet, Slot: slot, Value: value, Text: value, Confidence: 1}
	}
	turns := [][]bot.Command{
		{{Kind: bot.CommandStart, Flow: "order_coffee", Confidence: 1}, set("drink", "cappuccino"), set("size", "large")},
		{set("drink", "latte")}, {set("address", "5 Elm Street")}, {set("payment", "online")}, {{Kind: bot.CommandConfirm, Confidence: 1}},
	}
	b.ReportAllocs()
	var states map[string]json.RawMessage
	for n := 0; b.Loop(); n++ {
		i := n % len(turns)
		if i == 0 {
			states = nil
		}
		s.next = turns[i]
		out, err := desk.Respond(context.Background(), oneBook{bot: ordering}, desk.Turn{
			Conversation: desk.Conversation{ID: "c", Lang: desk.English, Responder: "bot", States: states},
			Message:      &desk.Message{Content: desk.Content{Text: "words of the customer"}}, Now: time.Unix(1772442000, 0),
		})
		if err != nil || (i == len(turns)-1) != (out.Do != nil) {
			b.Fatalf("turn %d: %+v, %v", i, out, err)
		}
		states = out.States
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "turns/s")
}
