package voice_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
)

// replace puts a new leg in another's place, and returns it.
func (w *world) replace(old *leg) *leg {
	w.t.Helper()
	l := w.legs.make(voice.Peer{Number: "+4930999", Trunk: "t"})
	var taken atomic.Bool
	old.tell(voice.LegEvent{Kind: voice.LegReplaced, Take: func() voice.Leg { taken.Store(true); return l }})
	w.until("the leg is taken", taken.Load)
	w.pass(time.Second)
	return l
}

func TestSwap_WhoeverIsReplacedIsHeardOn(t *testing.T) {
	for _, who := range []string{"caller", "agent"} {
		t.Run(who, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.x.Config.Record = true
				caller, agent := w.talking()
				old, other := caller, agent
				if who == "agent" {
					old, other = agent, caller
				}
				l := w.replace(old)
				if g := old.gone(); g == nil || g.Reason != voice.EndTransferred || w.state() != desk.CallTalking {
					t.Fatalf("the old leg %+v, the call %s", g, w.state())
				}
				if !w.heard(l, other) || !w.heard(other, l) {
					t.Error("they do not hear each other")
				}
				w.must(voice.Command{Verb: voice.DoHold})
				if w.heard(l, other) {
					t.Error("on hold they hear each other")
				}
				if who == "caller" && !l.held {
					t.Error("the new leg is not told that it holds")
				}
				w.must(voice.Command{Verb: voice.DoResume})
				w.pass(5 * time.Second)
				l.hangUp(voice.EndNormal)
				w.until("over", func() bool { return w.state() == "" })
				if r := w.store.only(t); r.Cause.By != who || len(r.Quality) != 3 {
					t.Errorf("by %s, %d audio reports, want 3", r.Cause.By, len(r.Quality))
				}
				if rs := w.store.recordings; len(rs) != 1 || rs[0].Seconds < 5 {
					t.Errorf("recordings %+v", rs)
				}
			})
		})
	}
}

func TestSwap_AMenuGoesOn(t *testing.T) {
	inWorld(t, func(w *world) {
		w.spine.answer = func(desk.Inbound) []desk.Content { return []desk.Content{{Text: "You pressed it."}} }
		caller := w.caller()
		w.pass(5 * time.Second)
		l := w.replace(caller)
		l.press("1")
		w.until("the key is taken", func() bool { return w.mouth.has("You pressed it.") })
		l.out.reset()
		w.pass(time.Second)
		if l.out.noise() == 0 && w.state() == "" {
			t.Error("the new leg hears nothing")
		}
	})
}

func TestSwap_WhoRingsIsTaken(t *testing.T) {
	inWorld(t, func(w *world) {
		caller, _ := w.talking()
		w.must(voice.Command{Verb: voice.DoTransfer, To: "+49301"})
		w.pass(time.Second)
		l := w.replace(w.legs.to("+49301"))
		if !w.heard(caller, l) || !w.heard(l, caller) {
			t.Error("they do not hear each other")
		}
	})
}

func TestSwap_TooLateIsNothing(t *testing.T) {
	inWorld(t, func(w *world) {
		caller, agent := w.talking()
		caller.tell(voice.LegEvent{Kind: voice.LegReplaced, Take: func() voice.Leg { return nil }})
		w.pass(time.Second)
		if !w.heard(caller, agent) {
			t.Error("they do not hear each other any more")
		}
	})
}
