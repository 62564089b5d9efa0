package main

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/llm/llmtest"
	"github.com/parleyhq/parley/voice/media"
)

// engine is a speech engine that hears what the test says it hears.
type engine struct {
	*llmtest.Server

	mu     sync.Mutex // guards what follows
	hears  string
	broken bool
	heard  time.Time // when it last answered
}

func newEngine(tb testing.TB) *engine {
	e := &engine{Server: llmtest.Start()}
	tb.Cleanup(e.Close)
	e.Answer(func(r llmtest.Request) llmtest.Reply {
		if r.Path != "/audio/transcriptions" {
			return llmtest.Reply{}
		}
		e.mu.Lock()
		defer e.mu.Unlock()
		if e.broken {
			return llmtest.Reply{Status: 503}
		}
		e.heard = time.Now()
		return llmtest.Reply{Text: e.hears}
	})
	return e
}

// next is what it hears from now on.
func (e *engine) next(text string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.hears = text
}

// fail makes it hear nothing any more, or again.
func (e *engine) fail(on bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.broken = on
}

// at is when it last heard something.
func (e *engine) at() time.Time {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.heard
}

// spoke reports whether it was asked to say words.
func (e *engine) spoke(words string) bool {
	return slices.ContainsFunc(e.Requests(), func(r llmtest.Request) bool {
		return r.Path == "/audio/speech" && strings.Contains(strings.Join(r.Input, " "), words)
	})
}

// A caller who talks instead of pressing keys: he interrupts, is understood, and
// when the engine fails his keys still count. With an agent on the line both
// are written down, and the agent is helped.
func TestSpeech_TheCallerTalks(t *testing.T) {
	t.Parallel()
	ear := newEngine(t)
	s, at := newSetting(t).withBooks("../../playbooks/coffee").withCalls()
	s = s.with("PARLEY_SPEECH_URL", ear.URL, "PARLEY_HEAR_MODEL", "whisper", "PARLEY_SPEAK_MODEL", "tts", "PARLEY_SPEECH_TIMEOUT", "2s")
	s.addUser("bo@example.com", "Bo", "owner,agent")
	n := s.serve()
	bo := n.atWork("bo@example.com")
	browser := bo.softphone()

	caller := newTelephone(t, nil).call(address("coffee", at), "+4930123456")
	conversation := bo.conversationOf("+4930123456")
	caller.speaks()
	ear.next("a large latte to 5 Elm Street")
	words := spoken(t, "A large latte to five Elm Street, please")
	began := time.Now().Add(time.Duration(firstLoud(words)) * time.Second / media.Rate)
	caller.talk("A large latte to five Elm Street, please")
	if stopped := caller.lastLoud().Sub(began); stopped > 800*loaded*time.Millisecond {
		t.Errorf("the prompt went on for %s after the caller began to speak", stopped)
	} else {
		t.Logf("from speech to the prompt's end: %s", stopped.Round(time.Millisecond))
	}
	bo.said(conversation, desk.ByCustomer, "a large latte to 5 Elm Street")
	question := bo.said(conversation, desk.ByBot, "Pay online or in cash?")
	t.Logf("from the transcript to the next question: %s", question.At.Sub(ear.at()).Round(time.Millisecond))
	set := bo.marks(conversation, desk.MarkSet)
	for _, want := range []string{"latte", "large", "5 Elm Street"} {
		if !slices.Contains(set, want) {
			t.Errorf("%q was not understood: %q", want, set)
		}
	}
	if all := bo.messages(conversation); !slices.ContainsFunc(all, func(m desk.Message) bool { return m.Author.Kind == desk.ByBot && m.Heard != "" }) {
		t.Error("nothing says that a prompt was interrupted")
	}

	// The engine fails: he is told, and presses a key.
	eventually(t, 10*time.Second, "the question is asked", func() bool { return ear.spoke("Pay online or in cash?") })
	ear.fail(true)
	caller.talk("In cash please")
	eventually(t, 15*time.Second, "the keys are announced", func() bool { return ear.spoke("Please use the keys") })
	caller.SendDigits(bo.keyFor(conversation, "Cash"))
	eventually(t, 10*time.Second, "the key counts", func() bool { return slices.Contains(bo.marks(conversation, desk.MarkSet), "cash") })
	ear.fail(false)

	// A person helps.
	caller.SendDigits("0")
	if got := bo.takes(); got != conversation {
		t.Fatalf("the offer is of %s, want %s", got, conversation)
	}
	bo.talking(conversation)
	ear.next("Hello, this is Bo")
	browser.talk("Hello, this is Bo")
	bo.said(conversation, desk.ByAgent, "Hello, this is Bo")
	ear.next("What are your opening hours?")
	bo.screen.from(len(bo.screen.got.String()))
	caller.talk("What are your opening hours?")
	bo.screen.sees(15*time.Second, `"type":"suggestions"`)
	t.Logf("from the transcript to the suggestion: %s", time.Since(ear.at()).Round(time.Millisecond))
	bo.said(conversation, desk.ByCustomer, "What are your opening hours?")
	if got := bo.dossier(conversation).Suggestions; len(got) == 0 {
		t.Error("there is no suggestion for what the caller said")
	}
	caller.leave()
	if r := bo.ended("+4930123456"); r.AgentID != bo.id || r.Cause.By != "caller" {
		t.Errorf("the record is %+v", r)
	}
}

// firstLoud is where sound begins in ulaw.
func firstLoud(ulaw []byte) (at int) {
	for frame := range slices.Chunk(ulaw, media.Frame) {
		if loud(frame) {
			return at
		}
		at += len(frame)
	}
	return at
}
