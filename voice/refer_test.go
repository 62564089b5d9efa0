package voice_test

import (
	"context"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
)

// line is a leg whose trunk transfers calls, or says that it does.
type line struct {
	*leg
	answer chan error // to Refer
	asked  chan string
}

func (l *line) Refer(ctx context.Context, to string) error {
	l.asked <- to
	select {
	case err := <-l.answer:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// referring is a call that the agent has asked its line to take to a number.
func referring(w *world) (caller *line, agent *leg) {
	w.t.Helper()
	w.spine.conv.Status, w.spine.conv.AgentID, w.spine.greet = desk.Assigned, agentID, nil
	caller = &line{w.legs.make(voice.Peer{Number: "+4930123456", Called: "100", Trunk: "t", Refers: true}), make(chan error, 1), make(chan string, 1)}
	ctx := w.t.Context()
	go func() { w.x.Incoming(ctx, caller); close(caller.over) }()
	w.until("the agent is rung", func() bool { return w.legs.of(agentID) != nil })
	agent = w.legs.of(agentID)
	agent.tell(voice.LegEvent{Kind: voice.LegAnswered})
	w.until("they talk", func() bool { return w.state() == desk.CallTalking })
	w.pass(2 * time.Second)
	w.must(voice.Command{Verb: voice.DoTransfer, To: "+49301"})
	w.pass(100 * time.Millisecond)
	if to := <-caller.asked; to != "+49301" {
		w.t.Errorf("the line was asked for %s", to)
	}
	if agent.gone() != nil || !w.heard(agent, caller.leg) {
		w.t.Error("the agent has gone before the line has said that it will")
	}
	if err := w.do(voice.Command{Verb: voice.DoTransfer, To: "+49302"}); !desk.IsKind(err, desk.Conflict) {
		w.t.Errorf("a second transfer: %v, want a conflict", err)
	}
	return caller, agent
}

func (w *world) dials() int {
	w.legs.mu.Lock()
	defer w.legs.mu.Unlock()
	return len(w.legs.dialed)
}

func TestRefer_TheLineTakesHimThere(t *testing.T) {
	for name, last := range map[string]voice.Cause{
		"and says so": {Reason: voice.EndTransferred, By: "system"},
		"in silence":  {Reason: voice.EndNormal, By: "caller"},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				caller, agent := referring(w)
				caller.answer <- nil
				w.pass(time.Second)
				caller.out.reset()
				w.pass(5 * time.Second)
				if agent.gone() == nil || caller.out.noise() < 10 {
					t.Errorf("agent %v, ringing heard %d", agent.gone(), caller.out.noise())
				}
				caller.tell(voice.LegEvent{Kind: voice.LegEnded, Cause: last})
				w.until("over", func() bool { return w.state() == "" })
				if r := w.store.only(t); r.Cause.Reason != voice.EndTransferred || w.dials() != 0 {
					t.Errorf("cause %+v, %d numbers dialled", r.Cause, w.dials())
				}
			})
		})
	}
}

func TestRefer_WhatTheLineWillNotDoIsDoneHere(t *testing.T) {
	for name, refuse := range map[string]func(w *world, l *line){
		"refused":     func(_ *world, l *line) { l.answer <- desk.Errorf(desk.Forbidden, "refer_refused", "405") },
		"no answer":   func(w *world, _ *line) { w.pass(6 * time.Second) },
		"not reached": func(w *world, l *line) { l.answer <- nil; w.pass(time.Second); l.fails(voice.EndUnreachable) },
		"news first":  func(w *world, l *line) { l.fails(voice.EndFailed); w.pass(time.Second); l.answer <- nil },
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				caller, agent := referring(w)
				refuse(w, caller)
				w.until("the number is rung", func() bool { return w.legs.to("+49301") != nil })
				third := w.legs.to("+49301")
				third.tell(voice.LegEvent{Kind: voice.LegAnswered})
				w.pass(time.Second)
				if agent.gone() == nil || !w.heard(caller.leg, third) || !w.heard(third, caller.leg) || w.dials() != 1 {
					t.Errorf("agent %v, %d dialled, or they do not hear each other", agent.gone(), w.dials())
				}
			})
		})
	}
}

func (l *line) fails(reason string) {
	l.tell(voice.LegEvent{Kind: voice.LegNotTransferred, Cause: voice.Cause{Reason: reason}})
}

func TestRefer_WhoIsBusyIsNotRungAgain(t *testing.T) {
	for words, fail := range map[string]func(w *world, l *line){
		"The line is busy.":   func(_ *world, l *line) { l.fails(voice.EndBusy) },
		"There is no answer.": func(w *world, _ *line) { w.pass(91 * time.Second) },
	} {
		t.Run(words, func(t *testing.T) {
			inWorld(t, func(w *world) {
				caller, agent := referring(w)
				caller.answer <- nil
				w.pass(time.Second)
				fail(w, caller)
				w.until("the agent is rung again", func() bool { return w.legs.of(agentID) != agent })
				again := w.legs.of(agentID)
				again.tell(voice.LegEvent{Kind: voice.LegAnswered})
				w.pass(3 * time.Second)
				if !w.heard(caller.leg, again) || !w.heard(again, caller.leg) || w.dials() != 0 {
					t.Errorf("%d dialled, or they do not hear each other", w.dials())
				}
				if !w.mouth.has(words) {
					t.Errorf("said %q", w.mouth.all())
				}
			})
		})
	}
}

func TestRefer_TheAgentMayHangUpAtOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		caller, agent := referring(w)
		agent.hangUp(voice.EndNormal)
		w.pass(time.Second)
		if w.state() == "" {
			t.Fatal("the call is over")
		}
		caller.answer <- desk.Errorf(desk.Forbidden, "refer_refused", "405")
		w.until("the number is rung", func() bool { return w.legs.to("+49301") != nil })
		third := w.legs.to("+49301")
		third.tell(voice.LegEvent{Kind: voice.LegAnswered})
		w.pass(time.Second)
		if !w.heard(caller.leg, third) {
			t.Error("they do not hear each other")
		}
	})
}
