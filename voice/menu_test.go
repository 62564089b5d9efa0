package voice_test

import (
	"strings"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
)

func TestCall_GreetsHearsAKeySpeaksOnAndEndsInARecord(t *testing.T) {
	inWorld(t, func(w *world) {
		w.spine.answer = func(in desk.Inbound) []desk.Content {
			if in.Choice == nil || in.Choice.OptionID != "c2" {
				t.Errorf("heard %+v, want the choice c2", in)
			}
			return []desk.Content{{Text: "Which order is it?", Input: &desk.Input{Slot: "order", Type: desk.SlotNumber}}}
		}
		l := w.caller()
		w.until("the greeting is spoken", func() bool { return w.mouth.has("How can we help?") && l.out.noise() > 10 })
		if w.state() != desk.CallMenu {
			t.Errorf("the call is %s, want in the menu", w.state())
		}
		w.until("the choices are", func() bool { return w.mouth.has("For Where is my order?, press 2.") })
		l.press("2")
		w.until("the next question is", func() bool { return w.mouth.has("Which order is it?") })
		if got := w.spine.last(); got.Channel != desk.Voice || got.Address != "+4930123456" || got.ExternalID == "" {
			t.Errorf("heard %+v", got)
		}
		w.pass(2 * time.Second)
		l.hangUp(voice.EndNormal)
		w.until("the call is over", func() bool { return w.state() == "" })
		r := w.store.only(t)
		if r.Cause.Reason != voice.EndNormal || r.Cause.By != "caller" || r.AnsweredAt.IsZero() || r.EndedAt.IsZero() || len(r.Quality) != 1 {
			t.Errorf("record %+v", r)
		}
		if len(w.spine.over) != 1 || w.spine.over[0].Waiting {
			t.Errorf("the spine was told %+v", w.spine.over)
		}
		if got := strings.Join(w.bus.kinds("call."), " "); got != "call.began call.answered call.ended" {
			t.Errorf("other systems were told %s", got)
		}
	})
}

func TestCall_AKeyStopsThePromptAndOnlyWhatWasHeardIsKept(t *testing.T) {
	inWorld(t, func(w *world) {
		l := w.caller()
		w.until("it speaks", func() bool { return l.out.noise() > 3 })
		w.pass(200 * time.Millisecond)
		l.press("1")
		l.out.reset()
		w.pass(200 * time.Millisecond)
		if n := l.out.noise(); n > 1 {
			t.Errorf("%d frames of the prompt were sent after the key, want at most 1", n)
		}
		if len(w.spine.heard) != 1 {
			t.Fatalf("heard %v, want one message", w.spine.heard)
		}
		for _, text := range w.spine.heard {
			if text == "" || !strings.HasPrefix("How can we help?", text) || text == "How can we help?" {
				t.Errorf("heard %q, want some first words of the greeting", text)
			}
		}
	})
}

func TestCall_DigitsAreCollectedForAnAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		input desk.Input
		keys  string
		want  string
	}{
		"number with hash":      {desk.Input{Type: desk.SlotNumber}, "1204#", "1204"},
		"number of known size":  {desk.Input{Type: desk.SlotNumber, Max: "99"}, "12", "12"},
		"money":                 {desk.Input{Type: desk.SlotMoney}, "12*50#", "12.50"},
		"date":                  {desk.Input{Type: desk.SlotDate}, "20270131", "2027-01-31"},
		"day of the year":       {desk.Input{Type: desk.SlotDate}, "1224", "2000-12-24"},
		"time":                  {desk.Input{Type: desk.SlotTime}, "0930", "09:30"},
		"moment":                {desk.Input{Type: desk.SlotDateTime}, "200001021530", "2000-01-02 15:30"},
		"phone after a pause":   {desk.Input{Type: desk.SlotPhone}, "0301234567", "0301234567"},
		"typed wrong the first": {desk.Input{Type: desk.SlotPhone}, "03*0401#", "0401"},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.spine.greet = []desk.Content{{Text: "Please enter it.", Input: &c.input}}
				l := w.caller()
				w.pass(time.Second)
				l.press(c.keys)
				w.pass(4500 * time.Millisecond)
				if got := w.spine.last().Text; got != c.want {
					t.Errorf("keys %s: heard %q, want %q", c.keys, got, c.want)
				}
			})
		})
	}
}

func TestCall_SpecialKeys(t *testing.T) {
	for keys, want := range map[string]desk.Verb{"*": desk.PickBack, "0": desk.PickHuman} {
		inWorld(t, func(w *world) {
			w.spine.greet = []desk.Content{{Text: "Anything else?"}}
			l := w.caller()
			w.pass(time.Second)
			l.press(keys)
			w.pass(100 * time.Millisecond)
			if got := w.spine.last().Command; got != want {
				t.Errorf("key %s: command %q, want %q", keys, got, want)
			}
		})
	}
	inWorld(t, func(w *world) {
		l := w.caller()
		w.pass(6 * time.Second)
		before := w.mouth.count("How can we help?")
		l.press("#")
		w.pass(time.Second)
		if w.mouth.count("How can we help?") != before+1 || len(w.spine.inbound) != 0 {
			t.Errorf("hash did not repeat; said %q, heard %v", w.mouth.all(), w.spine.inbound)
		}
	})
}

func TestCall_AKeyWaitsForALongerChoice(t *testing.T) {
	inWorld(t, func(w *world) {
		w.spine.greet = []desk.Content{{Text: "Which?", Options: []desk.Option{{ID: "a", Key: "1", Label: "One"}, {ID: "b", Key: "12", Label: "Twelve"}}}}
		l := w.caller()
		w.pass(time.Second)
		l.press("1")
		w.pass(time.Second)
		if len(w.spine.inbound) != 0 {
			t.Fatalf("1 was taken at once although 12 is a choice, too")
		}
		w.pass(time.Second)
		if c := w.spine.last().Choice; c == nil || c.OptionID != "a" {
			t.Errorf("heard %+v, want a", w.spine.last())
		}
	})
}

func TestCall_ATapOnThePageEndsThePromptAndTheNextIsSpoken(t *testing.T) {
	inWorld(t, func(w *world) {
		l := w.caller()
		w.until("it speaks", func() bool { return l.out.noise() > 3 })
		w.spine.say(desk.ByCustomer, desk.Webchat, desk.Content{Text: "Order a coffee"}, "tap")
		w.spine.say(desk.ByBot, desk.Voice, desk.Content{Text: "What would you like?"}, "")
		w.pass(100 * time.Millisecond)
		if !w.mouth.has("What would you like?") {
			t.Errorf("the answer to the tap is not spoken; said %q", w.mouth.all())
		}
		if len(w.spine.heard) != 1 {
			t.Errorf("what was heard of the greeting: %v", w.spine.heard)
		}
	})
}

func TestCall_SilenceIsAskedAgainThenGoesToAPersonThenEnds(t *testing.T) {
	inWorld(t, func(w *world) {
		w.caller()
		w.until("a person is asked for", func() bool { return w.spine.last().Command == desk.PickHuman })
		if n := w.mouth.count("How can we help?"); n != 3 {
			t.Errorf("the question was asked %d times, want 3", n)
		}
		w.until("it hangs up politely", func() bool { return w.state() == "" })
		if !w.mouth.has("I will hang up now") {
			t.Errorf("no good-bye; said %q", w.mouth.all())
		}
		if r := w.store.only(t); r.Cause.By != "system" {
			t.Errorf("cause %+v", r.Cause)
		}
	})
}

func TestCall_AClosedConversationIsSpokenToItsEnd(t *testing.T) {
	inWorld(t, func(w *world) {
		w.spine.answer = func(desk.Inbound) []desk.Content { return []desk.Content{{Text: "All done. Good-bye to you."}} }
		l := w.caller()
		w.pass(time.Second)
		l.press("1")
		w.spine.move(func(c *desk.Conversation) { c.Status = desk.Closed })
		w.until("the call is over", func() bool { return w.state() == "" })
		if !w.mouth.has("Good-bye to you.") || l.gone() == nil {
			t.Errorf("said %q, hung up %v", w.mouth.all(), l.gone())
		}
	})
}

func TestCall_WhatOnlyThePageCanAnswerSaysSoAndSendsIt(t *testing.T) {
	inWorld(t, func(w *world) {
		w.spine.greet = []desk.Content{{Text: "Where shall we bring it?", Input: &desk.Input{Type: desk.SlotAddress}}}
		l := w.caller()
		w.until("the page is named", func() bool { return w.mouth.has("Please type it on the page") })
		l.press("5")
		w.pass(100 * time.Millisecond)
		if len(w.spine.inbound) != 0 || w.spine.links != 1 {
			t.Errorf("heard %v, links sent %d", w.spine.inbound, w.spine.links)
		}
	})
}

func TestCall_KeysPressedAheadAnswerTheNextQuestion(t *testing.T) {
	inWorld(t, func(w *world) {
		w.spine.slow = time.Second
		w.spine.answer = func(in desk.Inbound) []desk.Content {
			return []desk.Content{{Text: "Large?", Options: []desk.Option{{ID: "yes", Label: "Yes"}, {ID: "no", Label: "No"}}}}
		}
		l := w.caller()
		w.pass(time.Second)
		l.press("12")
		w.pass(3 * time.Second)
		if c := w.spine.last().Choice; len(w.spine.inbound) != 2 || c == nil || c.OptionID != "no" {
			t.Errorf("heard %+v, want the second question answered with no", w.spine.inbound)
		}
	})
}

func TestCall_AnAnsweredQuestionTakesNoMoreKeys(t *testing.T) {
	inWorld(t, func(w *world) {
		l := w.caller()
		w.pass(time.Second)
		l.press("1") // there is no answer to it
		w.pass(time.Second)
		l.press("2")
		w.pass(time.Second)
		if in := w.spine.last(); in.Choice != nil || in.Text != "2" {
			t.Errorf("the second key was heard as %+v, want the text 2", in)
		}
	})
}

func TestCall_WhoAsksForAPersonDoesNotWaitForASlowTurn(t *testing.T) {
	inWorld(t, func(w *world) {
		w.spine.slow = 15 * time.Second
		l := w.caller()
		w.pass(time.Second)
		l.press("1")
		w.pass(3 * time.Second)
		l.press("0")
		w.pass(time.Second)
		if in := w.spine.last(); in.Command != desk.PickHuman || len(w.spine.inbound) != 2 {
			t.Errorf("heard %+v", w.spine.inbound)
		}
	})
}

func TestCall_AMuteMouthDoesNotKeepTheCallFromWorking(t *testing.T) {
	inWorld(t, func(w *world) {
		w.mouth.fail = true
		l := w.caller()
		w.pass(time.Second)
		l.press("1")
		w.pass(100 * time.Millisecond)
		if c := w.spine.last().Choice; c == nil || c.OptionID != "c1" {
			t.Errorf("heard %+v", w.spine.last())
		}
	})
}

func TestExchange_RefusesWhatIsTooMuch(t *testing.T) {
	inWorld(t, func(w *world) {
		w.x.Config.MaxCalls = 1
		w.caller()
		second := w.caller()
		w.pass(100 * time.Millisecond)
		if why := second.gone(); why == nil || why.Reason != voice.EndCongestion {
			t.Errorf("the second call got %v, want congestion", why)
		}
		<-second.over
	})
}
