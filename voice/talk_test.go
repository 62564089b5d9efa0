package voice_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
)

func TestTalk_WhoeverHangsUpEndsTheCall(t *testing.T) {
	for who, f := range map[string]func(caller, agent *leg) (hangs, other *leg){
		"caller": func(c, a *leg) (*leg, *leg) { return c, a },
		"agent":  func(c, a *leg) (*leg, *leg) { return a, c },
	} {
		t.Run(who, func(t *testing.T) {
			inWorld(t, func(w *world) {
				hangs, other := f(w.talking())
				w.pass(10 * time.Second)
				hangs.hangUp(voice.EndNormal)
				w.until("the call is over", func() bool { return w.state() == "" })
				if other.gone() == nil {
					t.Error("the other one was not hung up")
				}
				r := w.store.only(t)
				if r.Cause.By != who || r.AgentID != agentID || r.Talked < 10*time.Second || r.TalkedAt.IsZero() || len(r.Quality) != 2 {
					t.Errorf("record %+v", r)
				}
				if got := strings.Join(w.bus.kinds("call."), " "); got != "call.began call.answered call.queued call.talking call.ended" {
					t.Errorf("other systems were told %s", got)
				}
			})
		})
	}
}

func TestTalk_ListedCallsTellWhatTheirAudioIsLike(t *testing.T) {
	inWorld(t, func(w *world) {
		w.talking()
		l := w.live()
		if len(l) != 1 || len(l[0].Quality) != 2 || l[0].Quality[0].Role != "caller" || l[0].Quality[1].Role != "agent" || l[0].Quality[1].MOS != 4.4 {
			t.Errorf("listed %+v", l)
		}
	})
}

func TestTalk_AnAgentWhoDoesNotAnswerLosesTheConversation(t *testing.T) {
	inWorld(t, func(w *world) {
		w.spine.conv.Status, w.spine.conv.AgentID = desk.Assigned, agentID
		w.caller()
		w.until("he loses it", w.spine.is(func() bool { return len(w.spine.unreached) == 1 }))
		w.pass(time.Second)
		if a := w.legs.of(agentID); a.gone() == nil || w.state() != desk.CallQueued {
			t.Errorf("hung up %v, state %s", a.gone(), w.state())
		}
	})
}

func TestTalk_AnAgentWithoutABrowserIsRungOnHisPhone(t *testing.T) {
	inWorld(t, func(w *world) {
		w.legs.none = true
		w.spine.conv.Status, w.spine.conv.AgentID = desk.Assigned, agentID
		w.caller()
		w.pass(15 * time.Second) // longer than a browser may take
		if len(w.legs.dialed) != 1 || w.legs.dialed[0].Agent != agentID || len(w.spine.unreached) != 0 {
			t.Errorf("dialed %+v, unreached %v", w.legs.dialed, w.spine.unreached)
		}
		w.legs.of(agentID).tell(voice.LegEvent{Kind: voice.LegAnswered})
		w.pass(time.Second)
		if w.state() != desk.CallTalking {
			t.Errorf("state %s", w.state())
		}
	})
}

func TestTalk_ALostBrowserMayComeBack(t *testing.T) {
	inWorld(t, func(w *world) {
		caller, agent := w.talking()
		w.legs.none = true
		w.x.Dialer = nil
		agent.hangUp(voice.EndLost)
		w.pass(5 * time.Second)
		if !w.mouth.has("dropped. One moment") || w.state() == "" {
			t.Fatalf("said %q, state %s", w.mouth.all(), w.state())
		}
		w.legs.none = false
		w.until("he is rung again", func() bool { return w.legs.of(agentID) != agent })
		again := w.legs.of(agentID)
		again.tell(voice.LegEvent{Kind: voice.LegAnswered})
		w.pass(time.Second)
		if !w.heard(again, caller) || !w.heard(caller, again) || len(w.spine.unreached) != 0 {
			t.Errorf("they do not hear each other again; unreached %v", w.spine.unreached)
		}
		if n := w.mouth.count("You are connected to"); n != 1 {
			t.Errorf("connected was said %d times", n)
		}
	})
}

func TestTalk_ALostBrowserThatStaysAwayIsGivenUp(t *testing.T) {
	inWorld(t, func(w *world) {
		_, agent := w.talking()
		w.legs.none = true
		w.x.Dialer = nil
		agent.hangUp(voice.EndLost)
		w.pass(19 * time.Second)
		if len(w.spine.unreached) != 0 {
			t.Fatal("given up too early")
		}
		w.pass(3 * time.Second)
		if len(w.spine.unreached) != 1 || w.state() != desk.CallQueued {
			t.Errorf("unreached %v, state %s", w.spine.unreached, w.state())
		}
	})
}

func TestTalk_HoldMuteAndKeys(t *testing.T) {
	inWorld(t, func(w *world) {
		caller, agent := w.talking()
		w.must(voice.Command{Verb: voice.DoHold})
		if !w.news().Held || w.heard(agent, caller) || w.heard(caller, agent) {
			t.Error("on hold they hear each other")
		}
		caller.out.reset()
		w.pass(time.Second)
		if caller.out.noise() < 20 || !caller.held {
			t.Errorf("no music on hold, or the phone is not told: %d, %v", caller.out.noise(), caller.held)
		}
		w.must(voice.Command{Verb: voice.DoResume})
		if !w.heard(agent, caller) || !w.heard(caller, agent) || caller.held {
			t.Error("after the hold they do not hear each other")
		}
		w.must(voice.Command{Verb: voice.DoMute})
		if w.heard(agent, caller) || !w.heard(caller, agent) || !w.news().Parties[0].Muted {
			t.Error("a muted agent is heard")
		}
		w.must(voice.Command{Verb: voice.DoUnmute})
		w.must(voice.Command{Verb: voice.DoDigits, Digits: "12#"})
		if caller.digits != "12#" {
			t.Errorf("keys %q", caller.digits)
		}
		if err := w.do(voice.Command{Verb: voice.DoDigits, Digits: "x"}); !desk.IsKind(err, desk.Invalid) {
			t.Errorf("bad keys: %v", err)
		}
		caller.hangUp(voice.EndNormal)
		w.until("over", func() bool { return w.state() == "" })
		if r := w.store.only(t); r.HeldFor < time.Second {
			t.Errorf("held for %v", r.HeldFor)
		}
	})
}

func TestTalk_ABlindTransferFollowsTheConversation(t *testing.T) {
	inWorld(t, func(w *world) {
		caller, agent := w.talking()
		w.must(voice.Command{Verb: voice.DoTransfer, Queue: "billing"})
		w.pass(time.Second)
		if agent.gone() == nil || w.state() != desk.CallQueued || strings.Join(w.spine.moved, "") != "billing" {
			t.Fatalf("agent %v, state %s, moved %v", agent.gone(), w.state(), w.spine.moved)
		}
		w.spine.move(func(c *desk.Conversation) { c.Status, c.AgentID = desk.Assigned, otherID })
		w.pass(time.Second)
		other := w.legs.of(otherID)
		other.tell(voice.LegEvent{Kind: voice.LegAnswered})
		w.pass(3 * time.Second)
		if !w.heard(caller, other) {
			t.Error("the other agent does not hear the caller")
		}
		if err := w.do(voice.Command{Verb: voice.DoTransfer, Queue: "a", To: "1"}); !desk.IsKind(err, desk.Invalid) {
			t.Errorf("two targets: %v", err)
		}
	})
}

func TestTalk_ATransferToANumber(t *testing.T) {
	inWorld(t, func(w *world) {
		caller, agent := w.talking()
		if err := w.do(voice.Command{Verb: voice.DoTransfer, To: "bad"}); !desk.IsKind(err, desk.Invalid) {
			t.Errorf("a bad number: %v", err)
		}
		w.must(voice.Command{Verb: voice.DoTransfer, To: "+49301"})
		caller.out.reset()
		w.pass(5 * time.Second)
		if agent.gone() == nil || caller.out.noise() < 10 {
			t.Errorf("agent %v, ringing heard %d", agent.gone(), caller.out.noise())
		}
		third := w.legs.to("+49301")
		third.tell(voice.LegEvent{Kind: voice.LegAnswered})
		w.spine.move(func(c *desk.Conversation) { c.Status = desk.Closed }) // the agent is done
		w.pass(time.Second)
		if !w.heard(caller, third) || !w.heard(third, caller) {
			t.Error("they do not hear each other")
		}
		third.hangUp(voice.EndNormal)
		w.until("over", func() bool { return w.state() == "" })
		if r := w.store.only(t); r.Cause.Reason != voice.EndTransferred {
			t.Errorf("cause %+v, want transferred", r.Cause)
		}
	})
}

func TestTalk_ATransferThatFailsComesBack(t *testing.T) {
	inWorld(t, func(w *world) {
		caller, agent := w.talking()
		w.must(voice.Command{Verb: voice.DoTransfer, To: "+49301"})
		w.legs.to("+49301").hangUp(voice.EndBusy)
		w.pass(3 * time.Second)
		again := w.legs.of(agentID)
		if again == agent || !w.mouth.has("The line is busy.") {
			t.Fatalf("the agent is not rung again; said %q", w.mouth.all())
		}
		again.tell(voice.LegEvent{Kind: voice.LegAnswered})
		w.pass(3 * time.Second)
		if !w.heard(caller, again) {
			t.Error("they do not hear each other")
		}
	})
}

func TestTalk_ConsultThenCompleteMergeOrCancel(t *testing.T) {
	for name, f := range map[string]func(w *world, caller, agent, third *leg){
		"complete": func(w *world, caller, agent, third *leg) {
			w.must(voice.Command{Verb: voice.DoComplete})
			w.pass(time.Second)
			if agent.gone() == nil || !w.heard(caller, third) || !w.heard(third, caller) {
				t.Error("complete: caller and third do not talk alone")
			}
		},
		"merge": func(w *world, caller, agent, third *leg) {
			w.must(voice.Command{Verb: voice.DoMerge})
			for _, p := range [][2]*leg{{caller, agent}, {agent, caller}, {caller, third}, {third, caller}, {agent, third}, {third, agent}} {
				if !w.heard(p[0], p[1]) {
					t.Errorf("merge: %s is not heard by %s", p[0].peer.Number, p[1].peer.Number)
				}
			}
			w.must(voice.Command{Verb: voice.DoRemove, Leg: third.id})
			if third.gone() == nil || !w.heard(caller, agent) {
				t.Error("remove: the conference does not go on")
			}
		},
		"leave": func(w *world, caller, agent, third *leg) {
			w.must(voice.Command{Verb: voice.DoMerge})
			w.must(voice.Command{Verb: voice.DoLeave})
			if agent.gone() == nil || !w.heard(caller, third) {
				t.Error("leave: the others do not go on")
			}
		},
		"cancel": func(w *world, caller, agent, third *leg) {
			w.must(voice.Command{Verb: voice.DoCancel})
			if third.gone() == nil || !w.heard(caller, agent) || w.news().Held {
				t.Error("cancel: the agent is not back")
			}
		},
		"third hangs up": func(w *world, caller, agent, third *leg) {
			third.hangUp(voice.EndNormal)
			w.pass(100 * time.Millisecond)
			if !w.heard(caller, agent) {
				t.Error("the agent is not back")
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				caller, agent := w.talking()
				w.must(voice.Command{Verb: voice.DoConsult, To: "+49302"})
				agent.out.reset()
				w.pass(5 * time.Second)
				if !w.news().Held || agent.out.noise() < 10 {
					t.Errorf("held %v, ringing heard %d", w.news().Held, agent.out.noise())
				}
				third := w.legs.to("+49302")
				third.tell(voice.LegEvent{Kind: voice.LegAnswered})
				w.pass(100 * time.Millisecond)
				if !w.heard(agent, third) || !w.heard(third, agent) || w.heard(agent, caller) || w.heard(caller, third) {
					t.Error("while consulting, the wrong ones hear each other")
				}
				f(w, caller, agent, third)
			})
		})
	}
}

func TestTalk_ConsultingAnAgentThenComplete(t *testing.T) {
	inWorld(t, func(w *world) {
		caller, agent := w.talking()
		w.must(voice.Command{Verb: voice.DoConsult, Agent: otherID})
		other := w.legs.of(otherID)
		other.tell(voice.LegEvent{Kind: voice.LegAnswered})
		w.pass(100 * time.Millisecond)
		w.must(voice.Command{Verb: voice.DoComplete})
		w.pass(100 * time.Millisecond)
		if agent.gone() == nil || !w.heard(caller, other) {
			t.Fatal("they do not talk while the conversation is on its way")
		}
		w.pass(time.Second)
		if c := w.spine.conv; c.Status != desk.Assigned || c.AgentID != otherID { // and is offered to nobody else
			t.Errorf("the conversation is %s with %q", c.Status, c.AgentID)
		}
		if !w.heard(other, caller) || w.legs.of(otherID) != other {
			t.Error("the call was interrupted when the conversation arrived")
		}
	})
}

func TestTalk_ReferFromAnAgentsPhone(t *testing.T) {
	inWorld(t, func(w *world) {
		caller, agent := w.talking()
		agent.tell(voice.LegEvent{Kind: voice.LegTransfer, Target: "+49303"})
		w.pass(time.Second)
		third := w.legs.to("+49303")
		if third == nil {
			t.Fatal("the target is not rung")
		}
		third.tell(voice.LegEvent{Kind: voice.LegAnswered})
		w.pass(time.Second)
		if !w.heard(caller, third) || agent.gone() == nil {
			t.Error("not transferred")
		}
	})
}

func TestTalk_SupervisorsAreHeardAsTheyAsked(t *testing.T) {
	inWorld(t, func(w *world) {
		caller, agent := w.talking()
		boss := desk.Author{Kind: desk.ByAgent, ID: "boss", Name: "Boss"}
		w.must(voice.Command{Verb: voice.DoListen, By: boss})
		sup := w.legs.of("boss")
		sup.tell(voice.LegEvent{Kind: voice.LegAnswered})
		w.pass(100 * time.Millisecond)
		check := func(what string, toAgent, toCaller bool) {
			t.Helper()
			if !w.heard(caller, sup) || !w.heard(agent, sup) || !w.heard(caller, agent) || !w.heard(agent, caller) {
				t.Errorf("%s: somebody is not heard who should be", what)
			}
			if got := w.heard(sup, agent); got != toAgent {
				t.Errorf("%s: heard by the agent %v, want %v", what, got, toAgent)
			}
			if got := w.heard(sup, caller); got != toCaller {
				t.Errorf("%s: heard by the caller %v, want %v", what, got, toCaller)
			}
		}
		check("listen", false, false)
		w.must(voice.Command{Verb: voice.DoWhisper, By: boss})
		check("whisper", true, false)
		w.must(voice.Command{Verb: voice.DoBarge, By: boss})
		check("barge", true, true)
		w.must(voice.Command{Verb: voice.DoUnlisten, By: boss})
		if sup.gone() == nil || !w.heard(caller, agent) {
			t.Error("the supervisor is not out, or the others do not go on")
		}
	})
}

func TestTalk_PickUpTakesARingingCallToTheBrowser(t *testing.T) {
	inWorld(t, func(w *world) {
		w.x.Reach = func(_ context.Context, _ desk.ID) (voice.Reach, error) {
			return voice.Reach{Where: voice.AtNumber, Number: "+49171", Name: "Ann"}, nil
		}
		w.spine.conv.Status, w.spine.conv.AgentID = desk.Assigned, agentID
		caller := w.caller()
		w.until("his phone rings", func() bool { return w.legs.to("+49171") != nil })
		w.must(voice.Command{Verb: voice.DoPickUp})
		browser := w.legs.of(agentID)
		browser.tell(voice.LegEvent{Kind: voice.LegAnswered})
		w.pass(3 * time.Second)
		if w.legs.to("+49171").gone() == nil || !w.heard(caller, browser) {
			t.Error("not taken to the browser")
		}
	})
}

func TestTalk_CommandsThatAreNotPossibleNowAreConflicts(t *testing.T) {
	inWorld(t, func(w *world) {
		w.caller()
		w.pass(time.Second)
		for _, v := range []voice.Verb{voice.DoHold, voice.DoMute, voice.DoConsult, voice.DoComplete, voice.DoMerge, voice.DoListen, voice.DoLeave, voice.DoPause} {
			if err := w.do(voice.Command{Verb: v, To: "1"}); !desk.IsKind(err, desk.Conflict) {
				t.Errorf("%s in a menu: %v, want a conflict", v, err)
			}
		}
		if _, err := w.x.Do(w.t.Context(), voice.Command{Call: "none", Verb: voice.DoHold}); !desk.IsKind(err, desk.NotFound) {
			t.Errorf("no such call: %v", err)
		}
		w.must(voice.Command{Verb: voice.DoHangup})
		w.until("over", func() bool { return w.state() == "" })
	})
}

func TestTalk_TheAgentsScreensAreToldOfTheCall(t *testing.T) {
	inWorld(t, func(w *world) {
		caller, _ := w.talking()
		caller.hangUp(voice.EndNormal)
		w.until("over", func() bool { return w.state() == "" })
		var last struct {
			Kind string
			Data struct {
				ConversationID desk.ID `json:"conversation_id"`
				Call           desk.CallNews
			}
		}
		n := 0
		for _, p := range w.bus.sent {
			if p.subject == "agent."+string(agentID) {
				n++
				if err := json.Unmarshal([]byte(p.data), &last); err != nil {
					t.Fatal(err)
				}
			}
		}
		if n < 3 || last.Kind != "call" || last.Data.ConversationID != "conv-1" || last.Data.Call.State != desk.CallEnded {
			t.Errorf("told %d times, last %+v", n, last)
		}
	})
}

func TestTape_IsAnnouncedPausedForSecretsAndStored(t *testing.T) {
	inWorld(t, func(w *world) {
		w.x.Config.Record, w.x.Config.Keep = true, 24*time.Hour
		l := w.caller()
		w.until("it is announced", func() bool { return w.mouth.has("This call is recorded.") })
		w.pass(2 * time.Second)
		if w.news().Recording != "on" {
			t.Errorf("recording %q", w.news().Recording)
		}
		w.spine.move(func(c *desk.Conversation) { c.Asking = &desk.Input{Type: desk.SlotNumber, Sensitive: true} })
		w.pass(2 * time.Second)
		if w.news().Recording != "paused" {
			t.Errorf("recording %q while a secret is asked", w.news().Recording)
		}
		w.spine.move(func(c *desk.Conversation) { c.Asking = nil })
		w.pass(500 * time.Millisecond)
		if w.news().Recording != "paused" {
			t.Errorf("recording %q while the last key still sounds", w.news().Recording)
		}
		w.pass(2 * time.Second)
		w.must(voice.Command{Verb: voice.DoPause})
		w.pass(time.Second)
		w.must(voice.Command{Verb: voice.DoRecord})
		w.pass(time.Second)
		l.hangUp(voice.EndNormal)
		w.until("over", func() bool { return w.state() == "" })
		if len(w.store.recordings) != 1 || !w.store.only(t).Recorded {
			t.Fatalf("recordings %+v", w.store.recordings)
		}
		r := w.store.recordings[0]
		if r.Seconds < 7 || r.Seconds > 12 || len(r.Pauses) != 2 || r.KeepUntil.Sub(r.At) != 24*time.Hour || r.Kind != "call" {
			t.Errorf("recording %+v", r)
		}
		if _, err := os.Stat(filepath.Join(w.x.Config.DataDir, voice.Recordings, filepath.FromSlash(r.Path))); err != nil {
			t.Error(err)
		}
	})
}

func TestRecord_IsTriedAgainWhenTheStoreFails(t *testing.T) {
	inWorld(t, func(w *world) {
		l := w.caller()
		w.pass(time.Second)
		w.store.fail(1)
		l.hangUp(voice.EndNormal)
		w.until("over", func() bool { return w.state() == "" })
		w.store.only(t)
	})
}

func TestRecord_IsEndedOnceTheStoreIsBack(t *testing.T) {
	inWorld(t, func(w *world) {
		l := w.caller()
		w.pass(time.Second)
		w.store.fail(5)
		l.hangUp(voice.EndNormal)
		w.pass(20 * time.Second)
		if r := w.store.only(t); r.Cause.Reason != voice.EndNormal || r.EndedAt.IsZero() {
			t.Errorf("record %+v", r)
		}
	})
}

func TestTalk_AColleagueMutesAndLeavesForHimself(t *testing.T) {
	other := desk.Author{Kind: desk.ByAgent, ID: otherID, Name: "Bob"}
	for _, merged := range []bool{true, false} {
		inWorld(t, func(w *world) {
			caller, agent := w.talking()
			w.must(voice.Command{Verb: voice.DoConsult, Agent: otherID})
			colleague := w.legs.of(otherID)
			colleague.tell(voice.LegEvent{Kind: voice.LegAnswered})
			w.pass(100 * time.Millisecond)
			if merged {
				w.must(voice.Command{Verb: voice.DoMerge})
			}
			w.must(voice.Command{Verb: voice.DoMute, By: other})
			if w.heard(colleague, agent) || merged && !w.heard(agent, caller) {
				t.Errorf("merged %t: the wrong one was muted", merged)
			}
			w.must(voice.Command{Verb: voice.DoLeave, By: other})
			w.pass(100 * time.Millisecond)
			if colleague.gone() == nil || agent.gone() != nil || !w.heard(agent, caller) || !w.heard(caller, agent) {
				t.Errorf("merged %t: the wrong one left", merged)
			}
		})
	}
}

func TestTalk_WhoseAgentsTelephoneBreaksOffWaitsAgain(t *testing.T) {
	inWorld(t, func(w *world) {
		w.legs.none = true // no browser: his telephone rings
		caller, agent := w.talking()
		agent.hangUp(voice.EndLost)
		w.pass(2 * time.Second)
		if w.state() != desk.CallQueued || caller.gone() != nil || len(w.spine.unreached) != 1 || !w.mouth.has("dropped") {
			t.Errorf("state %q, unreached %v, said %q", w.state(), w.spine.unreached, w.mouth.all())
		}
	})
}
