package speech

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os/exec"
	"strings"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
	"github.com/parleyhq/parley/voice/media"
)

// Espeak says sentences with espeak-ng, which needs no network and no model.
type Espeak struct {
	Path   string               // of the program
	Voices map[desk.Lang]string // nil: en-us and cmn
	Speed  int                  // words per minute; 0: 155
	slots  chan struct{}        // how many processes run at once
}

var _ voice.Mouth = (*Espeak)(nil)

// NewEspeak finds the program. NotFound when it is not installed.
func NewEspeak() (*Espeak, error) {
	path, err := exec.LookPath("espeak-ng")
	if err != nil {
		return nil, desk.Errorf(desk.NotFound, "no_espeak", "espeak-ng is not installed: %w", err)
	}
	return &Espeak{Path: path, slots: make(chan struct{}, 4)}, nil
}

// espeakTime bounds one sentence; it takes some 10 ms.
const espeakTime = 5 * time.Second

// Say implements voice.Mouth.
func (e *Espeak) Say(ctx context.Context, sentence string, lang desk.Lang) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, espeakTime)
	defer cancel()
	select {
	case e.slots <- struct{}{}:
		defer func() { <-e.slots }()
	case <-ctx.Done():
		return nil, desk.Errorf(desk.Unavailable, "mouth_busy", "too many sentences at once: %w", ctx.Err())
	}
	name, speed := e.Voices[lang], e.Speed
	if name == "" {
		name = pick(lang, "en-us", "cmn")
	}
	if speed == 0 {
		speed = 155
	}
	cmd := exec.CommandContext(ctx, e.Path, "-v", name, "-s", fmt.Sprint(speed), "-b", "1", "--stdin", "--stdout")
	cmd.Stdin = strings.NewReader(sentence) // never an argument: it may begin with a dash
	var out, problem bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problem
	if err := cmd.Run(); err != nil {
		return nil, desk.Errorf(desk.Unavailable, "mouth_failed", "espeak-ng: %w: %.200s", err, problem.String())
	}
	ulaw, err := media.ReadWAV(&out)
	if err != nil {
		return nil, fmt.Errorf("what espeak-ng said: %w", err)
	}
	return ulaw, nil
}

// Talker says a text as a WAV file; a speech engine's client does it.
type Talker interface {
	Speak(ctx context.Context, text, voice string) (wav []byte, err error)
}

// Engine says sentences with a speech engine, and with Else when the engine
// takes longer than Limit or fails.
type Engine struct {
	Talker Talker
	Voices map[desk.Lang]string // the engine's names; "" for any language
	Limit  time.Duration        // 0: 1.5 s
	Else   voice.Mouth          // nil: the failure is the caller's
	Log    *slog.Logger
}

var _ voice.Mouth = (*Engine)(nil)

// Say implements voice.Mouth.
func (e *Engine) Say(ctx context.Context, sentence string, lang desk.Lang) ([]byte, error) {
	limit := e.Limit
	if limit == 0 {
		limit = 1500 * time.Millisecond
	}
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	name := e.Voices[lang]
	if name == "" {
		name = e.Voices[""]
	}
	ulaw, err := e.say(limited, sentence, name)
	if err == nil || e.Else == nil || ctx.Err() != nil {
		return ulaw, err
	}
	if e.Log != nil {
		e.Log.WarnContext(ctx, "the speech engine did not speak; another voice does", "error", err)
	}
	return e.Else.Say(ctx, sentence, lang)
}

func (e *Engine) say(ctx context.Context, sentence, name string) ([]byte, error) {
	wav, err := e.Talker.Speak(ctx, sentence, name)
	if err != nil {
		return nil, fmt.Errorf("speak: %w", err)
	}
	return media.ReadWAV(bytes.NewReader(wav))
}

// Listener writes down what is said in a WAV file; a speech engine's client
// does it, with its own time limit and retry.
type Listener interface {
	Transcribe(ctx context.Context, wav []byte, lang string) (text string, err error)
}

// Ear understands with a speech engine.
type Ear struct {
	Listener Listener
	Limit    time.Duration // of both tries; 0: 8 s
}

var _ voice.Ear = Ear{}

// Hear implements voice.Ear. What engines make of silence is no text.
func (e Ear) Hear(ctx context.Context, wav []byte, lang desk.Lang) (string, error) {
	limit := e.Limit
	if limit == 0 {
		limit = 8 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	text, err := e.Listener.Transcribe(ctx, wav, string(lang))
	if err != nil {
		if errors.Is(err, context.Canceled) {
			return "", err
		}
		return "", desk.Errorf(desk.Unavailable, "ear_failed", "transcribe: %w", err)
	}
	text = strings.TrimSpace(text)
	if strings.HasPrefix(text, "[") && strings.HasSuffix(text, "]") || strings.HasPrefix(text, "(") && strings.HasSuffix(text, ")") {
		return "", nil // [BLANK_AUDIO], (music)
	}
	return text, nil
}
