package speech

import (
	"context"
	"errors"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/llm"
	"github.com/parleyhq/parley/internal/llm/llmtest"
	"github.com/parleyhq/parley/voice/media"
)

func espeak(t testing.TB) *Espeak {
	t.Helper()
	e, err := NewEspeak()
	if err != nil && os.Getenv("CI") == "" {
		t.Skip("SKIPPED: espeak-ng is not installed; scripts/deps.sh installs it")
	}
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func loudness(ulaw []byte) (loud int) {
	pcm := make([]int16, len(ulaw))
	media.ULawToPCM(pcm, ulaw)
	for _, s := range pcm {
		loud = max(loud, int(s))
	}
	return loud
}

func TestEspeak_SpeaksBothLanguages(t *testing.T) {
	e := espeak(t)
	for lang, text := range map[desk.Lang]string{desk.English: "How can we help?", desk.Chinese: "请问需要什么帮助？"} {
		ulaw, err := e.Say(t.Context(), text, lang)
		if err != nil {
			t.Fatal(err)
		}
		if seconds := float64(len(ulaw)) / media.Rate; seconds < 0.5 || seconds > 5 {
			t.Errorf("%s: %.1f s of audio", lang, seconds)
		}
		if loudness(ulaw) < 3000 {
			t.Errorf("%s: too quiet: peak %d", lang, loudness(ulaw))
		}
	}
}

func TestEspeak_TakesNothingForAnOption(t *testing.T) {
	e := espeak(t)
	if _, err := e.Say(t.Context(), "--version -w /tmp/x $(id)", desk.English); err != nil {
		t.Fatal(err)
	}
}

// teller is a mouth that counts what it says.
type teller struct {
	mu    sync.Mutex
	calls int
	wait  chan struct{}
	err   error
}

func (m *teller) Say(_ context.Context, s string, _ desk.Lang) ([]byte, error) {
	m.mu.Lock()
	m.calls++
	m.mu.Unlock()
	if m.wait != nil {
		<-m.wait
	}
	return []byte(s), m.err
}

func TestCache_SaysASentenceOnceForMany(t *testing.T) {
	m := &teller{wait: make(chan struct{})}
	c := NewCache(m, 0)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if got, err := c.Say(t.Context(), "hello", desk.English); err != nil || string(got) != "hello" {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
	close(m.wait)
	wg.Wait()
	if _, err := c.Say(t.Context(), "hello", desk.English); err != nil {
		t.Fatal(err)
	}
	if m.calls != 1 {
		// Those who came after the first had ended found it in the cache.
		t.Errorf("said %d times, want once", m.calls)
	}
	if _, _ = c.Say(t.Context(), "hello", desk.Chinese); m.calls != 2 {
		t.Errorf("another language was taken for the same: %d calls", m.calls)
	}
}

func TestCache_ForgetsTheOldestAndKeepsNoFailure(t *testing.T) {
	m := &teller{}
	c := NewCache(m, 10)
	for _, s := range []string{"12345", "67890", "12345", "abcde", "12345", "67890"} {
		_, _ = c.Say(t.Context(), s, desk.English)
	}
	if m.calls != 4 { // 67890 had to go for abcde
		t.Errorf("said %d times, want 4", m.calls)
	}
	m.err = errors.New("hoarse")
	_, _ = c.Say(t.Context(), "x", desk.English)
	m.err = nil
	if got, err := c.Say(t.Context(), "x", desk.English); err != nil || string(got) != "x" {
		t.Errorf("a failure was kept: %q, %v", got, err)
	}
}

func TestEngine_SpeaksAndIsReplacedWhenSlowOrBroken(t *testing.T) {
	for name, reply := range map[string]llmtest.Reply{"fine": {}, "slow": {After: time.Hour}, "broken": {Status: 500}, "no WAV": {Raw: "{}"}} {
		t.Run(name, func(t *testing.T) {
			srv := llmtest.Start(reply, reply)
			defer srv.Close()
			client, err := llm.New(llm.Config{URL: srv.URL, SpeakModel: "mouth-1", Retries: -1})
			if err != nil {
				t.Fatal(err)
			}
			other := &teller{}
			e := &Engine{Talker: client, Limit: 100 * time.Millisecond, Else: other}
			if name == "fine" {
				e.Limit = 5 * time.Second
			}
			ulaw, err := e.Say(t.Context(), "Good morning.", desk.English)
			if err != nil {
				t.Fatal(err)
			}
			if (other.calls == 0) != (name == "fine") {
				t.Errorf("the other mouth spoke %d times", other.calls)
			}
			if name == "fine" && len(ulaw) != 13*60*8 {
				t.Errorf("%d samples, want %d: 24 kHz became 8 kHz", len(ulaw), 13*60*8)
			}
		})
	}
}

func TestEar_HearsAndTakesNoiseForNothing(t *testing.T) {
	srv := llmtest.Start(llmtest.Reply{Text: " a large latte"}, llmtest.Reply{Text: "[BLANK_AUDIO]"}, llmtest.Reply{Status: 400})
	defer srv.Close()
	client, err := llm.New(llm.Config{URL: srv.URL, HearModel: "ear-1"})
	if err != nil {
		t.Fatal(err)
	}
	ear := Ear{Listener: client}
	for _, want := range []string{"a large latte", ""} {
		if got, err := ear.Hear(t.Context(), []byte("RIFF"), desk.English); err != nil || got != want {
			t.Errorf("got %q, %v; want %q", got, err, want)
		}
	}
	if _, err := ear.Hear(t.Context(), []byte("RIFF"), desk.English); !desk.IsKind(err, desk.Unavailable) {
		t.Errorf("a refusal is %v", err)
	}
	if got := srv.Requests()[0].Lang; got != "en" {
		t.Errorf("asked in %q", got)
	}
}

func BenchmarkEspeak(b *testing.B) {
	e := espeak(b)
	for b.Loop() {
		if _, err := e.Say(b.Context(), "Your order is on its way.", desk.English); err != nil {
			b.Fatal(err)
		}
	}
}
