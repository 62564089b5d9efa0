package evals_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/evals"
)

// wire is a telephone without sound: words arrive as they were said.
type wire struct {
	n      int
	far    *evals.Far
	did    []string
	broken bool // whoever speaks hangs
}

func (w *wire) Dial(ctx context.Context, far *evals.Far) (evals.Call, error) {
	w.far = far
	_, err := far.Open(ctx, "call")
	return w, err
}

func (w *wire) Keyed(c desk.Content) desk.Content { return c }

func (w *wire) Say(ctx context.Context, words string) (string, error) {
	w.did = append(w.did, "say "+words)
	if w.broken {
		<-ctx.Done()
		return "", ctx.Err()
	}
	_, err := w.far.Hear(ctx, desk.Inbound{ExternalID: w.id(), Text: words})
	return words, err
}

func (w *wire) Press(ctx context.Context, keys string) error {
	w.did = append(w.did, "press "+keys)
	in := desk.Inbound{ExternalID: w.id(), Text: keys}
	for _, e := range slices.Backward(w.far.Events(0, 100)) {
		if strings.Contains(string(e.Data), `"key":"`+keys+`"`) {
			in.Text, in.Choice = "", &desk.Choice{MessageID: e.ID, OptionID: keys}
			break
		}
	}
	_, err := w.far.Hear(ctx, in)
	return err
}

func (w *wire) Hangup() { w.did = append(w.did, "hang up") }

func (w *wire) id() string { w.n++; return fmt.Sprint(w.n) }

func TestRun_AsAudioACaseIsACall(t *testing.T) {
	latte := "latte"
	turns := []evals.Step{
		{User: "cappuccino", Expect: evals.Expect{Slots: map[string]string{"size": "large"}, Offered: []string{"latte"}}},
		{Tap: "latte", Expect: evals.Expect{Slots: map[string]string{"drink": latte}}},
		{User: "card"}, {User: "4242424242424242"},
	}
	s := evals.Suite{Name: "s", Tools: map[string]evals.Fake{"charge": {Error: "refused"}}, Cases: []evals.Case{{Name: "one", Open: true, Lang: desk.English, As: []evals.Mode{evals.AsTaps, evals.AsAudio}, Turns: turns}}}
	w := &wire{}
	r := run(t, evals.Options{Suites: []evals.Suite{s}, Phone: w, Parallel: 1})
	if !r.OK() || r.Cases != 2 {
		t.Errorf("failed: %q and %q", r.Suites[0].Cases[0].Why(), r.Suites[0].Cases[1].Why())
	}
	if want := []string{"say cappuccino", "press 1", "say card", "press 4242424242424242", "hang up"}; !slices.Equal(w.did, want) {
		t.Errorf("he did %q, want %q", w.did, want)
	}
	played := r.Suites[0].Cases[1].Playing.Turns
	if played[1].Heard != "cappuccino" || played[2].Tap != "1" || strings.Contains(evals.Transcript(played), "4242") {
		t.Errorf("the report shows %+v", played)
	}

	s.Cases[0].As, s.Cases[0].Turns = []evals.Mode{evals.AsAudio}, []evals.Step{{User: "cappuccino", Expect: evals.Expect{Slots: map[string]string{"size": "small"}}}}
	if r := run(t, evals.Options{Suites: []evals.Suite{s}, Phone: &wire{}}); r.OK() || !strings.Contains(r.Suites[0].Cases[0].Why(), "slots.size") {
		t.Errorf("what does not hold passes: %q", r.Suites[0].Cases[0].Why())
	}
	hung := &wire{broken: true}
	r = run(t, evals.Options{Suites: []evals.Suite{s}, Phone: hung, Limit: 5 * time.Millisecond})
	if why := r.Suites[0].Cases[0].Why(); !strings.Contains(why, "longer than") || hung.did[len(hung.did)-1] != "hang up" {
		t.Errorf("a call that hangs: %q, then %q", why, hung.did)
	}
	r = run(t, evals.Options{Suites: []evals.Suite{s}})
	if r.SkippedFor(evals.NoSpeech) != 1 || r.Cases != 0 {
		t.Errorf("without a phone: %+v", r.Suites[0])
	}
	r = run(t, evals.Options{Suites: []evals.Suite{s}, As: []evals.Mode{evals.AsText}})
	if r.Cases != 1 || r.Modes[0].Mode != evals.AsText {
		t.Errorf("as text it is %+v", r.Modes)
	}
}
