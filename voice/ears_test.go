package voice_test

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
	"github.com/parleyhq/parley/voice/media"
)

// ear understands what the test says, in order.
type ear struct {
	mu    sync.Mutex
	texts []string
	fails int
	wavs  [][]byte
}

func (e *ear) Hear(_ context.Context, wav []byte, _ desk.Lang) (string, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.wavs = append(e.wavs, wav)
	if e.fails > 0 {
		e.fails--
		return "", errors.New("the engine is down")
	}
	if len(e.texts) == 0 {
		return "", nil
	}
	text := e.texts[0]
	e.texts = e.texts[1:]
	return text, nil
}

// speak lets somebody make the noise of speech for a while, then be quiet.
func (w *world) speak(l *leg, d time.Duration) {
	w.noise(l, d, 9000)
	w.noise(l, 900*time.Millisecond, 20)
}

func (w *world) noise(l *leg, d time.Duration, loud int) {
	frame := make([]byte, media.Frame)
	for range d / (20 * time.Millisecond) {
		for i := range frame {
			frame[i] = media.ToULaw(int16(rand.IntN(2*loud+1) - loud))
		}
		l.ts += media.Frame
		l.line.Arrive(frame, l.ts)
		w.pass(20 * time.Millisecond)
	}
}

func TestEars_WordsAnswerAndSilenceThePrompt(t *testing.T) {
	inWorld(t, func(w *world) {
		e := &ear{texts: []string{"a large latte"}}
		w.x.Ear = e
		l := w.caller()
		w.noise(l, 500*time.Millisecond, 20)
		if l.out.noise() == 0 {
			t.Fatal("no prompt")
		}
		began := time.Now()
		for l.out.reset(); ; {
			w.noise(l, 20*time.Millisecond, 9000)
			if len(w.spine.heard) > 0 || time.Since(began) > time.Second {
				break
			}
		}
		if took := time.Since(began); took > 250*time.Millisecond {
			t.Errorf("the prompt went on for %v after he began to speak, want at most 250 ms", took)
		}
		w.speak(l, 500*time.Millisecond)
		w.until("he is understood", func() bool { return w.spine.last().Text == "a large latte" })
		pcm, rate, err := media.ReadWAVPCM(bytes.NewReader(e.wavs[0]))
		if err != nil || rate != 16000 || len(pcm) < 8000 {
			t.Errorf("the ear got %d samples at %d, %v", len(pcm), rate, err)
		}
	})
}

func TestEars_AnEngineThatFailsIsAskedOnceMoreThenKeysAreNamed(t *testing.T) {
	inWorld(t, func(w *world) {
		e := &ear{fails: 2}
		w.x.Ear = e
		l := w.caller()
		w.noise(l, 6*time.Second, 20)
		w.speak(l, time.Second)
		w.until("keys are named", func() bool { return w.mouth.has("Please use the keys") })
		if len(e.wavs) != 2 || len(w.spine.inbound) != 0 {
			t.Errorf("asked %d times, heard %v", len(e.wavs), w.spine.inbound)
		}
	})
}

func TestEars_NoiseIsAskedAgainOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		w.x.Ear = &ear{}
		l := w.caller()
		w.noise(l, 6*time.Second, 20)
		w.speak(l, time.Second)
		w.until("it is told", func() bool { return w.mouth.has("did not catch") })
	})
}

func TestEars_BothSidesOfATalkAreWrittenDown(t *testing.T) {
	inWorld(t, func(w *world) {
		e := &ear{texts: []string{"where is my order", "let me see"}}
		w.x.Ear = e
		caller, agent := w.talking()
		w.speak(caller, time.Second)
		w.until("the customer is heard", func() bool { return w.spine.last().Text == "where is my order" })
		w.speak(agent, time.Second)
		w.until("the agent is heard", w.spine.is(func() bool { return strings.Join(w.spine.spoke, "") == "agent-1: let me see" }))
	})
}

func TestEars_WhoSpeaksOnGivesUpTheTurnButIsNotForgotten(t *testing.T) {
	inWorld(t, func(w *world) {
		w.x.Ear = &ear{texts: []string{"first", "second"}}
		w.spine.slow = 20 * time.Second
		l := w.caller()
		w.noise(l, 6*time.Second, 20)
		w.speak(l, time.Second)
		w.until("the first is heard", func() bool { return w.spine.last().Text == "first" })
		w.speak(l, time.Second)
		began := time.Now()
		w.until("the second is heard", func() bool { return w.spine.last().Text == "second" })
		if took := time.Since(began); took > 5*time.Second || len(w.spine.inbound) != 2 {
			t.Errorf("it took %v, heard %v", took, w.spine.inbound)
		}
	})
}

func TestEars_WhatATurnThatWasGivenUpHadNotStoredIsHeardAgain(t *testing.T) {
	inWorld(t, func(w *world) {
		w.x.Ear = &ear{texts: []string{"first", "second"}}
		slow := &stuck{spine: w.spine, stuck: 1}
		w.x.Spine = slow
		l := w.caller()
		w.noise(l, 6*time.Second, 20)
		w.speak(l, time.Second)
		w.speak(l, time.Second)
		w.until("both are heard", w.spine.is(func() bool { return len(w.spine.inbound) == 2 }))
		if w.spine.inbound[0].Text != "first" || w.spine.inbound[1].Text != "second" {
			t.Errorf("heard %+v", w.spine.inbound)
		}
	})
}

// stuck is a spine that at first takes nothing in.
type stuck struct {
	*spine
	stuck int
}

func (s *stuck) Hear(ctx context.Context, in desk.Inbound) (desk.Conversation, error) {
	if s.stuck > 0 {
		s.stuck--
		<-ctx.Done()
		return desk.Conversation{}, ctx.Err()
	}
	return s.spine.Hear(ctx, in)
}

func TestRun_EndsTheCallsOfDeadNodes(t *testing.T) {
	inWorld(t, func(w *world) {
		w.spine.conv.Status, w.spine.conv.OnCall = desk.Waiting, "dead"
		w.store.abandoned = []voice.Record{{ID: "dead", ConversationID: "conv-1", Node: "gone", Direction: "in", From: "+4930123456"}}
		w.pass(7 * time.Second)
		if len(w.spine.callbacks) != 1 || w.spine.callbacks[0].Phone != "+4930123456" || len(w.spine.over) != 1 {
			t.Errorf("callbacks %v, over %v", w.spine.callbacks, w.spine.over)
		}
		if got := w.bus.kinds("call.ended"); len(got) != 1 {
			t.Errorf("told %v", got)
		}
	})
}

func TestCalls_ReachTheNodeOfTheCall(t *testing.T) {
	inWorld(t, func(w *world) {
		_, agent := w.talking()
		id := w.news().CallID
		other := &voice.Exchange{Spine: w.spine, Bus: w.bus, Store: w.store, Speaker: voice.Plain{}, Pacer: w.pacer, Config: voice.Config{Node: "n2"}}
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() { done <- other.Run(ctx) }()
		w.pass(4 * time.Second)
		n, err := other.Do(ctx, voice.Command{Call: id, Verb: voice.DoHold, By: desk.Author{ID: agentID}})
		if err != nil || !n.Held {
			t.Errorf("hold from another node: %+v, %v", n, err)
		}
		if n, err := other.Call(ctx, id); err != nil || n.State != desk.CallTalking {
			t.Errorf("call from another node: %+v, %v", n, err)
		}
		if l, err := other.Live(ctx); err != nil || len(l) != 1 || l[0].Node != "n1" {
			t.Errorf("live from another node: %+v, %v", l, err)
		}
		if _, err := other.Do(ctx, voice.Command{Call: id, Verb: voice.DoComplete}); !desk.IsKind(err, desk.Conflict) {
			t.Errorf("complete from another node: %v, want a conflict", err)
		}
		agent.hangUp(voice.EndNormal)
		w.until("over", func() bool { return len(w.bus.kinds("call.ended")) == 1 })
		if _, err := other.Call(ctx, id); !desk.IsKind(err, desk.NotFound) {
			t.Errorf("a call that is over: %v", err)
		}
		cancel()
		w.pass(100 * time.Millisecond)
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestCall_IsNeverLongerThanAllowed(t *testing.T) {
	inWorld(t, func(w *world) {
		w.x.Config.MaxLength = time.Minute
		caller, _ := w.talking()
		w.pass(70 * time.Second)
		if caller.gone() == nil || !w.mouth.has("has become too long") {
			t.Errorf("it goes on; said %q", w.mouth.all())
		}
	})
}

func TestCall_ADeadLineIsGivenUpOnlyIfItEverSpoke(t *testing.T) {
	inWorld(t, func(w *world) {
		caller, _ := w.talking()
		caller.tell(voice.LegEvent{Kind: voice.LegSilent})
		w.pass(50 * time.Second)
		if caller.gone() != nil {
			t.Fatal("given up too early")
		}
		w.pass(15 * time.Second)
		if r := w.store.only(t); r.Cause.Reason != voice.EndLost {
			t.Errorf("cause %+v", r.Cause)
		}
	})
}

func TestCall_APanicEndsTheCallAndIsRecorded(t *testing.T) {
	inWorld(t, func(w *world) {
		l := w.caller()
		w.pass(time.Second)
		w.spine.answer = func(desk.Inbound) []desk.Content { return nil }
		w.x.Speaker = broken{}
		w.spine.say(desk.ByBot, desk.Voice, desk.Content{Text: "boom"}, "")
		w.until("the call is over", func() bool { return w.state() == "" })
		if r := w.store.only(t); r.Cause.Reason != voice.EndFailed || l.gone() == nil {
			t.Errorf("record %+v", r)
		}
	})
}

type broken struct{}

func (broken) Sentences(desk.Content, desk.Lang, voice.Saying) []string { panic("the speaker broke") }

func TestCall_WithoutAConversationTheCallerIsTold(t *testing.T) {
	inWorld(t, func(w *world) {
		w.x.Spine = closed{w.spine}
		l := w.caller()
		w.until("the call is over", func() bool { return w.state() == "" && l.gone() != nil })
		if !w.mouth.has("we cannot take your call") {
			t.Errorf("said %q", w.mouth.all())
		}
		if r := w.store.only(t); r.Cause.Reason != voice.EndFailed {
			t.Errorf("record %+v", r)
		}
	})
}

type closed struct{ voice.Spine }

func (closed) Begin(context.Context, voice.Began) (desk.Conversation, error) {
	return desk.Conversation{}, errors.New("the database is away")
}

func TestCall_ACallerWhoGivesUpBeforeTheAnswer(t *testing.T) {
	inWorld(t, func(w *world) {
		l := w.legs.make(voice.Peer{Number: "+4930123456", Trunk: "t"})
		l.tell(voice.LegEvent{Kind: voice.LegEnded, Cause: voice.Cause{Reason: voice.EndCancelled, By: "caller"}})
		ctx := w.t.Context()
		go func() { w.x.Incoming(ctx, l); close(l.over) }()
		w.pass(time.Second)
		if r := w.store.only(t); r.Cause.Reason != voice.EndCancelled || len(w.spine.began) != 0 {
			t.Errorf("record %+v, began %v", r, w.spine.began)
		}
	})
}
