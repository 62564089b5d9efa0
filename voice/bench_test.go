package voice_test

import (
	"bytes"
	"context"
	"log/slog"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
	"github.com/parleyhq/parley/voice/media"
)

// BenchmarkCall is the life of a call without its network and its database:
// greeted, a key, the next prompt, hung up. Goroutines must not be left.
func BenchmarkCall(b *testing.B) {
	pacer := media.NewManualPacer()
	w := &world{t: b, pacer: pacer}
	w.legs = &legs{w: w}
	before := runtime.NumGoroutine()
	b.ReportAllocs()
	for b.Loop() {
		bus := &bus{subs: map[string][]func(string, []byte){}}
		s := newSpine(bus)
		s.answer = func(desk.Inbound) []desk.Content { return []desk.Content{{Text: "Done."}} }
		x := &voice.Exchange{
			Spine: s, Bus: bus, Store: &ledger{records: map[desk.ID]voice.Record{}, finished: map[desk.ID]int{}},
			Mouth: constant(bytes.Repeat([]byte{0xff}, media.Rate)), Speaker: voice.Plain{}, Pacer: pacer,
			Log: slog.New(slog.DiscardHandler), Config: voice.Config{Node: "n1"},
		}
		l := w.legs.make(voice.Peer{Number: "+4930123456", Trunk: "t"})
		var wg sync.WaitGroup
		wg.Go(func() { x.Incoming(context.Background(), l) })
		l.tell(voice.LegEvent{Kind: voice.LegDigit, Digit: '1'})
		l.tell(voice.LegEvent{Kind: voice.LegEnded})
		wg.Wait()
	}
	b.StopTimer()
	deadline := time.After(5 * time.Second)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for runtime.NumGoroutine() > before+5 {
		select {
		case <-tick.C:
		case <-deadline:
			b.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
	}
}

// constant is a mouth that says everything alike.
type constant []byte

func (c constant) Say(context.Context, string, desk.Lang) ([]byte, error) { return c, nil }
