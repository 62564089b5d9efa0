package llm_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/parleyhq/parley/internal/llm"
	"github.com/parleyhq/parley/internal/llm/llmtest"
)

func hears(c *llm.Config) { c.HearModel, c.SpeakModel = "ear-1", "mouth-1" }

func TestTranscribe_SendsTheFileAndReadsTheText(t *testing.T) {
	c, srv, _ := start(t, hears, llmtest.Reply{Text: " a large latte "})
	text, err := c.Transcribe(t.Context(), []byte("RIFFsomething"), "en")
	if err != nil || text != "a large latte" {
		t.Fatalf("got %q, %v", text, err)
	}
	got := srv.Requests()[0]
	if got.Path != "/audio/transcriptions" || got.Model != "ear-1" || got.Lang != "en" || !bytes.Equal(got.Audio, []byte("RIFFsomething")) {
		t.Errorf("the endpoint got %+v", got)
	}
}

func TestTranscribe_TriesOnceMore(t *testing.T) {
	c, srv, _ := start(t, hears, llmtest.Reply{Status: 503}, llmtest.Reply{Text: "yes"})
	if text, err := c.Transcribe(t.Context(), []byte("RIFF"), ""); err != nil || text != "yes" {
		t.Fatalf("got %q, %v", text, err)
	}
	if n := len(srv.Requests()); n != 2 {
		t.Errorf("%d requests, want 2", n)
	}
}

func TestSpeak_ReturnsAWAVFile(t *testing.T) {
	c, srv, _ := start(t, hears)
	wav, err := c.Speak(t.Context(), "Hello", "alloy")
	if err != nil || !bytes.HasPrefix(wav, []byte("RIFF")) {
		t.Fatalf("got %d bytes, %v", len(wav), err)
	}
	if got := srv.Requests()[0]; got.Path != "/audio/speech" || got.Model != "mouth-1" || got.Voice != "alloy" || got.Input[0] != "Hello" {
		t.Errorf("the endpoint got %+v", got)
	}
}

func TestSpeak_Failures(t *testing.T) {
	for name, script := range map[string][]llmtest.Reply{
		"not a WAV": {{Raw: "hello"}}, "refused": {{Status: 400}}, "too slow": {{After: time.Hour}, {After: time.Hour}},
	} {
		t.Run(name, func(t *testing.T) {
			c, _, _ := start(t, func(c *llm.Config) { hears(c); c.Timeout = 50 * time.Millisecond }, script...)
			if _, err := c.Speak(t.Context(), "Hello", "alloy"); err == nil {
				t.Error("no error")
			}
		})
	}
	c, _, _ := start(t, nil)
	if _, err := c.Speak(t.Context(), "Hello", "alloy"); err == nil {
		t.Error("spoke without a model")
	}
}
