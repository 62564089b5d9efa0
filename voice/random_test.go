package voice_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
)

// alarmed fails the test when anything is logged as an error.
type alarmed struct{ t testing.TB }

func (a alarmed) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelError }
func (a alarmed) Handle(_ context.Context, r slog.Record) error {
	s := r.Message
	r.Attrs(func(at slog.Attr) bool { s += " " + at.String(); return true })
	a.t.Error(s)
	return nil
}
func (a alarmed) WithAttrs([]slog.Attr) slog.Handler { return a }
func (a alarmed) WithGroup(string) slog.Handler      { return a }

// Whatever happens in whatever order, a call ends when the caller hangs up, its
// legs with it, and its record is written once.
func TestCall_SurvivesAnyOrderOfEvents(t *testing.T) {
	runs := uint64(150)
	if testing.Short() {
		runs = 20
	}
	for seed := range runs {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.x.Log = slog.New(alarmed{w.t})
				random(w, rand.New(rand.NewPCG(seed, 7)))
			})
		})
	}
}

func random(w *world, r *rand.Rand) {
	w.x.Config.Record = r.IntN(2) == 0
	if r.IntN(3) == 0 {
		w.x.Ear = &ear{texts: []string{"one", "two", "three"}}
	}
	w.spine.place.AnyoneOn = r.IntN(2) == 0
	w.spine.queue.OnHold = desk.OnHold{Callback: r.IntN(2) == 0, Voicemail: r.IntN(2) == 0}
	w.spine.answer = func(desk.Inbound) []desk.Content {
		return []desk.Content{mainMenu, {Text: "Number?", Input: &desk.Input{Type: desk.SlotNumber, Sensitive: true}}}
	}
	var caller *leg
	if r.IntN(4) == 0 {
		w.dial(voice.Outbound{Callback: r.IntN(2) == 0})
	} else {
		caller = w.caller()
	}
	verbs := []voice.Verb{
		voice.DoLeave, voice.DoHold, voice.DoResume, voice.DoMute, voice.DoUnmute, voice.DoDigits, voice.DoTransfer, voice.DoConsult,
		voice.DoComplete, voice.DoMerge, voice.DoCancel, voice.DoRemove, voice.DoPause, voice.DoRecord, voice.DoListen, voice.DoWhisper,
		voice.DoBarge, voice.DoUnlisten, voice.DoPickUp, "nonsense",
	}
	kinds := []voice.LegEventKind{voice.LegRinging, voice.LegEarly, voice.LegAnswered, voice.LegAnswered, voice.LegAnswered, voice.LegHeld, voice.LegResumed, voice.LegTransfer, voice.LegSilent, voice.LegEnded}
	reasons := []string{voice.EndNormal, voice.EndBusy, voice.EndLost, voice.EndNoAnswer}
	for range 40 {
		switch r.IntN(7) {
		case 0:
			if caller != nil {
				caller.press(string("0123456789*#"[r.IntN(12)]))
			}
		case 1, 2:
			if len(w.live()) == 1 {
				c := voice.Command{Verb: verbs[r.IntN(len(verbs))], Digits: "1", By: desk.Author{Kind: desk.ByAgent, ID: []desk.ID{agentID, otherID, "boss"}[r.IntN(3)]}}
				switch r.IntN(4) {
				case 0:
					c.To = "+49301"
				case 1:
					c.Agent = otherID
				case 2:
					c.Queue = "billing"
				default:
					if p := w.news().Parties; len(p) > 0 {
						c.Leg = p[r.IntN(len(p))].Leg
					}
				}
				_ = w.do(c)
			}
		case 3, 4:
			if all := w.legs.all(); len(all) > 0 {
				if l := all[r.IntN(len(all))]; l != caller {
					l.tell(voice.LegEvent{Kind: kinds[r.IntN(len(kinds))], Target: "+49302", Cause: voice.Cause{Reason: reasons[r.IntN(len(reasons))]}})
				}
			}
		case 5:
			w.spine.move(func(c *desk.Conversation) {
				c.Status = []desk.Status{desk.Automated, desk.Waiting, desk.Offered, desk.Assigned, desk.Assigned, desk.Assigned, desk.Parked}[r.IntN(7)]
				c.AgentID = []desk.ID{agentID, agentID, otherID}[r.IntN(3)]
			})
		case 6:
			w.spine.say([]desk.AuthorKind{desk.ByBot, desk.ByCustomer, desk.ByAgent}[r.IntN(3)], desk.Webchat, mainMenu, "")
		}
		w.pass(time.Duration(r.IntN(60)) * 100 * time.Millisecond)
		w.legs.none = r.IntN(5) == 0
	}
	for _, l := range w.legs.all() {
		l.tell(voice.LegEvent{Kind: voice.LegEnded, Cause: voice.Cause{Reason: voice.EndNormal}})
	}
	w.until("the call is over", func() bool { return w.state() == "" })
	w.store.only(w.t)
	for _, l := range w.legs.all() {
		if l.gone() == nil && !l.ended {
			w.t.Errorf("a leg of %+v is left", l.peer)
		}
	}
}
