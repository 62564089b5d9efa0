package voice_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
)

// dial has the agent call the customer.
func (w *world) dial(o voice.Outbound) {
	w.t.Helper()
	w.spine.conv.Status, w.spine.conv.AgentID = desk.Assigned, agentID
	o.Conversation, o.Agent, o.To = "conv-1", desk.Author{Kind: desk.ByAgent, ID: agentID, Name: "Ann"}, "+49555"
	n, err := w.x.Dial(w.t.Context(), o)
	if err != nil {
		w.t.Fatal(err)
	}
	if n.State != desk.CallDialing || n.Number != "+49555" || n.Direction != "out" {
		w.t.Errorf("news %+v", n)
	}
	synctest.Wait()
}

func TestOutbound_AgentFirstThenTheCustomer(t *testing.T) {
	inWorld(t, func(w *world) {
		w.dial(voice.Outbound{})
		agent := w.legs.of(agentID)
		if w.legs.to("+49555") != nil {
			t.Fatal("the customer is called before the agent is there")
		}
		agent.tell(voice.LegEvent{Kind: voice.LegAnswered})
		w.pass(5 * time.Second)
		customer := w.legs.to("+49555")
		if customer == nil || agent.out.noise() < 10 || w.state() != desk.CallDialing {
			t.Fatalf("customer %v, ringing heard %d, %s", customer, agent.out.noise(), w.state())
		}
		customer.tell(voice.LegEvent{Kind: voice.LegAnswered})
		w.pass(time.Second)
		if w.state() != desk.CallTalking || !w.heard(agent, customer) || !w.heard(customer, agent) {
			t.Errorf("they do not talk: %s", w.state())
		}
		if b := w.spine.began; len(b) != 1 || b[0].Conversation != "conv-1" || b[0].Address != "+49555" {
			t.Errorf("began %+v", b)
		}
		customer.hangUp(voice.EndNormal)
		w.until("over", func() bool { return w.state() == "" })
		if r := w.store.only(t); r.Direction != "out" || r.To != "+49555" || r.Talked == 0 || r.Cause.Reason != voice.EndNormal {
			t.Errorf("record %+v", r)
		}
		if len(w.spine.over) != 1 {
			t.Errorf("the spine was told %+v", w.spine.over)
		}
	})
}

func TestOutbound_WhatBecameOfACallBackIsRecorded(t *testing.T) {
	for reason, want := range map[string]string{voice.EndBusy: "busy", voice.EndRejected: "rejected", voice.EndNoAnswer: "no_answer", voice.EndUnreachable: "unreachable", "": "answered"} {
		t.Run(want, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.dial(voice.Outbound{Callback: true})
				w.legs.of(agentID).tell(voice.LegEvent{Kind: voice.LegAnswered})
				w.pass(time.Second)
				customer := w.legs.to("+49555")
				if reason == "" {
					customer.tell(voice.LegEvent{Kind: voice.LegAnswered})
					w.pass(time.Second)
					customer.hangUp(voice.EndNormal)
				} else {
					customer.hangUp(reason)
				}
				w.until("over", func() bool { return w.state() == "" })
				if got := strings.Join(w.spine.tried, " "); got != want {
					t.Errorf("tried %q, want %q", got, want)
				}
				if reason != "" {
					if r := w.store.only(t); r.Cause.Reason != reason || !r.AnsweredAt.IsZero() {
						t.Errorf("record %+v", r)
					}
				}
			})
		})
	}
}

func TestOutbound_NobodyPicksUp(t *testing.T) {
	inWorld(t, func(w *world) {
		w.dial(voice.Outbound{Callback: true})
		w.legs.of(agentID).tell(voice.LegEvent{Kind: voice.LegAnswered})
		w.until("over", func() bool { return w.state() == "" })
		if got := strings.Join(w.spine.tried, " "); got != "no_answer" || !w.mouth.has("There is no answer.") {
			t.Errorf("tried %q, said %q", got, w.mouth.all())
		}
	})
}

func TestOutbound_AnAgentWhoDoesNotTakeACallBackLosesIt(t *testing.T) {
	inWorld(t, func(w *world) {
		w.spine.conv.Callback = &desk.Callback{Phone: "+49555"}
		w.spine.conv.Status, w.spine.conv.AgentID = desk.Assigned, agentID
		if err := w.x.HandleDial(w.t.Context(), "conv-1", agentID); err != nil {
			t.Fatal(err)
		}
		if err := w.x.HandleDial(w.t.Context(), "conv-1", agentID); err != nil { // the job again
			t.Fatal(err)
		}
		if n := len(w.legs.all()); n != 1 {
			t.Errorf("%d legs were made, want 1", n)
		}
		w.until("he loses it", w.spine.is(func() bool { return len(w.spine.unreached) == 1 }))
		if len(w.spine.tried) != 0 || w.legs.to("+49555") != nil {
			t.Errorf("tried %v", w.spine.tried)
		}
	})
}

func TestOutbound_OnlyWhoHasTheConversationMayDial(t *testing.T) {
	inWorld(t, func(w *world) {
		w.spine.conv.Status, w.spine.conv.AgentID = desk.Assigned, otherID
		_, err := w.x.Dial(w.t.Context(), voice.Outbound{Conversation: "conv-1", Agent: desk.Author{ID: agentID}, To: "+49555"})
		if !desk.IsKind(err, desk.Conflict) {
			t.Errorf("got %v", err)
		}
	})
}

func TestOutbound_TwoClicksAreOneCall(t *testing.T) {
	inWorld(t, func(w *world) {
		w.spine.conv.Status, w.spine.conv.AgentID = desk.Assigned, agentID
		w.legs.slow = time.Second
		errs := make(chan error, 2)
		for range 2 {
			go func() {
				_, err := w.x.Dial(w.t.Context(), voice.Outbound{Conversation: "conv-1", Agent: desk.Author{ID: agentID}, To: "+49555"})
				errs <- err
			}()
		}
		w.pass(2 * time.Second)
		refused := 0
		for range 2 {
			if err := <-errs; desk.IsKind(err, desk.Conflict) {
				refused++
			} else if err != nil {
				t.Error(err)
			}
		}
		if n := len(w.legs.all()); n != 1 || refused != 1 {
			t.Errorf("%d legs were made, %d clicks refused; want one of each", n, refused)
		}
	})
}
