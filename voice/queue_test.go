package voice_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
	"github.com/parleyhq/parley/voice/media"
)

// queued is a call whose conversation waits.
func (w *world) queued(hold desk.OnHold) *leg {
	w.t.Helper()
	w.spine.conv.Status, w.spine.greet = desk.Waiting, nil
	w.spine.queue.OnHold = hold
	l := w.caller()
	w.until("it is in the queue", func() bool { return w.state() == desk.CallQueued })
	return l
}

func TestQueue_TellsPlaceAndWaitThenMusicAndAgain(t *testing.T) {
	inWorld(t, func(w *world) {
		l := w.queued(desk.OnHold{Announce: desk.T("We are brewing.", "正在冲泡。")})
		w.until("music plays", func() bool { return w.mouth.has("We are brewing.") && l.line.Playing() })
		w.pass(10 * time.Second)
		for _, want := range []string{"You are number 2 in line.", "about 3 minutes"} {
			if w.mouth.count(want) != 1 {
				t.Errorf("%q was said %d times, want once; said %q", want, w.mouth.count(want), w.mouth.all())
			}
		}
		l.out.reset()
		w.pass(2 * time.Second)
		if l.out.noise() < 50 {
			t.Errorf("no music: %d frames with sound in 2 s", l.out.noise())
		}
		w.pass(30 * time.Second)
		if w.mouth.count("You are number 2 in line.") != 2 {
			t.Errorf("the place was told %d times after half a minute, want twice", w.mouth.count("You are number 2 in line."))
		}
	})
}

func TestQueue_AnUnknownWaitIsNotTold(t *testing.T) {
	inWorld(t, func(w *world) {
		w.spine.place = desk.Place{Position: 1, AnyoneOn: true}
		w.queued(desk.OnHold{})
		w.pass(5 * time.Second)
		if !w.mouth.has("You are next in line.") || w.mouth.has("minute") || w.mouth.has("press 1") {
			t.Errorf("said %q", w.mouth.all())
		}
	})
}

func TestQueue_SpeaksChinese(t *testing.T) {
	inWorld(t, func(w *world) {
		w.spine.conv.Lang = desk.Chinese
		w.queued(desk.OnHold{Callback: true})
		w.pass(5 * time.Second)
		if !w.mouth.has("您前面还有1位。") || !w.mouth.has("如需回电") {
			t.Errorf("said %q", w.mouth.all())
		}
	})
}

func TestQueue_PlaysUploadedPrompts(t *testing.T) {
	inWorld(t, func(w *world) {
		path := filepath.Join(t.TempDir(), "p.wav")
		if err := os.WriteFile(path, media.WriteWAV16(make([]int16, 8000), 8000), 0o600); err != nil {
			t.Fatal(err)
		}
		w.store.prompts = map[string]string{"welcome.en": path}
		w.queued(desk.OnHold{Announce: desk.T("Not this", ""), Prompts: map[desk.Lang]string{desk.English: "welcome"}})
		w.pass(5 * time.Second)
		if w.mouth.has("Not this") {
			t.Errorf("the text was spoken instead of the prompt: %q", w.mouth.all())
		}
	})
}

func TestQueue_ACallBackIsPromisedByKeys(t *testing.T) {
	for name, c := range map[string]struct {
		keys []string
		at   time.Time
	}{
		"as soon as possible": {[]string{"1", "1"}, time.Time{}},
		"without a second":    {[]string{"1"}, time.Time{}},
		"today":               {[]string{"1", "2", "1430", "1"}, time.Date(2000, 1, 1, 14, 30, 0, 0, time.UTC)},
		"tomorrow":            {[]string{"1", "2", "0815", "2"}, time.Date(2000, 1, 2, 8, 15, 0, 0, time.UTC)},
		"no such time":        {[]string{"1", "2", "2561", "0930", "1"}, time.Date(2000, 1, 1, 9, 30, 0, 0, time.UTC)},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				l := w.queued(desk.OnHold{Callback: true})
				w.until("it is offered", func() bool { return w.mouth.has("To be called back") })
				for _, k := range c.keys {
					w.pass(time.Second)
					l.press(k)
				}
				w.until("it is promised", w.spine.is(func() bool { return len(w.spine.callbacks) == 1 }))
				if cb := w.spine.callbacks[0]; cb.Phone != "+4930123456" || !cb.At.Equal(c.at) {
					t.Errorf("promised %+v, want at %v", cb, c.at)
				}
				w.until("the call ends", func() bool { return w.state() == "" })
				if !w.mouth.has("We will call you back.") || l.gone() == nil {
					t.Errorf("said %q", w.mouth.all())
				}
			})
		})
	}
}

func TestQueue_StarGoesBackToTheLine(t *testing.T) {
	inWorld(t, func(w *world) {
		l := w.queued(desk.OnHold{Callback: true})
		w.until("it is offered", func() bool { return w.mouth.has("To be called back") })
		l.press("1")
		w.pass(time.Second)
		l.press("*")
		w.pass(20 * time.Second)
		if len(w.spine.callbacks) != 0 || w.state() != desk.CallQueued {
			t.Errorf("callbacks %v, state %s", w.spine.callbacks, w.state())
		}
	})
}

func TestQueue_AMessageIsLeft(t *testing.T) {
	for name, end := range map[string]func(l *leg){
		"by hash":       func(l *leg) { l.press("#") },
		"by hanging up": func(l *leg) { l.hangUp(voice.EndNormal) },
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.spine.place = desk.Place{Position: 1} // nobody is at work
				l := w.queued(desk.OnHold{})
				w.until("it is offered", func() bool { return w.mouth.has("To leave a message, press 2.") })
				l.press("2")
				w.until("the tone", func() bool { return w.news().Voicemail && w.mouth.has("after the tone") })
				w.pass(4 * time.Second)
				frame := bytes.Repeat([]byte{media.ToULaw(9000)}, media.Frame)
				for range 150 {
					l.ts += media.Frame
					l.line.Arrive(frame, l.ts)
					w.pass(20 * time.Millisecond)
				}
				end(l)
				w.until("it is kept", w.spine.is(func() bool { return len(w.spine.mail) == 1 }))
				pcm, err := media.ReadWAV(bytes.NewReader(w.spine.mail[0]))
				if seconds := len(pcm) / media.Rate; err != nil || seconds < 3 || seconds > 9 {
					t.Errorf("kept %d s, %v", seconds, err)
				}
				w.until("the call ends", func() bool { return w.state() == "" })
				w.store.only(t)
			})
		})
	}
}

func TestQueue_EverythingStopsWhenAnAgentAnswers(t *testing.T) {
	inWorld(t, func(w *world) {
		l := w.queued(desk.OnHold{})
		w.pass(500 * time.Millisecond)
		w.spine.move(func(c *desk.Conversation) { c.Status, c.AgentID = desk.Assigned, agentID })
		synctest.Wait()
		a := w.legs.of(agentID)
		if a == nil {
			t.Fatal("the agent is not rung")
		}
		w.pass(5 * time.Second)
		if w.state() != desk.CallQueued || l.out.noise() == 0 {
			t.Errorf("before the answer: %s", w.state())
		}
		a.tell(voice.LegEvent{Kind: voice.LegAnswered})
		w.pass(3 * time.Second)
		if w.state() != desk.CallTalking || !w.mouth.has("You are connected to") {
			t.Errorf("state %s, said %q", w.state(), w.mouth.all())
		}
		l.out.reset()
		w.pass(time.Second)
		if l.out.noise() > 0 {
			t.Errorf("%d frames of music after the answer", l.out.noise())
		}
		if !w.heard(l, a) || !w.heard(a, l) {
			t.Error("they do not hear each other")
		}
	})
}

func TestQueue_WhoHangsUpInLineIsToldAsSuch(t *testing.T) {
	inWorld(t, func(w *world) {
		l := w.queued(desk.OnHold{})
		w.pass(10 * time.Second)
		l.hangUp(voice.EndNormal)
		w.until("the call ends", func() bool { return w.state() == "" })
		if len(w.spine.over) != 1 || !w.spine.over[0].Waiting {
			t.Errorf("the spine was told %+v", w.spine.over)
		}
		if r := w.store.only(t); r.Waited < 9*time.Second || r.QueuedAt.IsZero() || !r.TalkedAt.IsZero() {
			t.Errorf("record %+v", r)
		}
	})
}

func TestQueue_AnAgentWhoIsFreeBeforeTheCallerHasHungUpTalksWithHim(t *testing.T) {
	inWorld(t, func(w *world) {
		l := w.queued(desk.OnHold{Callback: true})
		w.until("it is offered", func() bool { return w.mouth.has("To be called back") })
		l.press("1")
		w.pass(time.Second)
		l.press("1")
		w.until("it is promised", func() bool { return w.mouth.has("We will call you back.") })
		w.spine.move(func(c *desk.Conversation) {
			c.Status, c.AgentID, c.Callback = desk.Assigned, agentID, &desk.Callback{Phone: "+4930123456"}
		})
		w.until("the agent is rung", func() bool { return w.legs.of(agentID) != nil })
		a := w.legs.of(agentID)
		a.tell(voice.LegEvent{Kind: voice.LegAnswered})
		w.pass(3 * time.Second)
		if w.state() != desk.CallTalking || !w.heard(l, a) || !w.heard(a, l) {
			t.Errorf("they do not talk: %s", w.state())
		}
		if len(w.spine.tried) != 1 || w.spine.tried[0] != "answered" {
			t.Errorf("of the promise: %q", w.spine.tried)
		}
	})
}

func TestQueue_WhoHidesHisNumberIsOfferedNoCallBack(t *testing.T) {
	inWorld(t, func(w *world) {
		w.spine.conv.Status, w.spine.greet = desk.Waiting, nil
		w.spine.queue.OnHold = desk.OnHold{Callback: true}
		l := w.call(voice.Peer{Number: "Anonymous", URI: "sip:Anonymous@anonymous.invalid", Called: "100", Trunk: "t"})
		w.pass(20 * time.Second)
		l.press("1")
		w.pass(5 * time.Second)
		if w.mouth.has("To be called back") || w.state() != desk.CallQueued || len(w.spine.callbacks) > 0 || w.spine.links > 0 {
			t.Errorf("state %s, callbacks %v, said %q", w.state(), w.spine.callbacks, w.mouth.all())
		}
	})
}
