package main

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/evals"
	"github.com/parleyhq/parley/internal/llm"
	"github.com/parleyhq/parley/voice"
	"github.com/parleyhq/parley/voice/rehearse"
	"github.com/parleyhq/parley/voice/speech"
)

// phone plays cases as calls.
type phone struct{ *rehearse.Phone }

var _ evals.Phone = phone{}

// Dial implements evals.Phone.
func (p phone) Dial(ctx context.Context, far *evals.Far) (evals.Call, error) {
	c, err := p.Phone.Dial(ctx, far)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// caller is the phone with which cases are played as calls: espeak-ng is the
// customer's voice, the configured engine listens and, if it can, speaks for
// the bot. The error says what is missing.
func caller(cfg voiceConfig, log *slog.Logger) (evals.Phone, error) {
	if cfg.Speech.URL == "" || cfg.Speech.Hear == "" {
		return nil, desk.Errorf(desk.Invalid, "no_speech", "to play a case as a call needs a speech engine that listens: set voice.speech.url and voice.speech.hear_model (PARLEY_SPEECH_URL, PARLEY_HEAR_MODEL)")
	}
	customer, err := speech.NewEspeak()
	if err != nil {
		return nil, desk.Errorf(desk.Invalid, "no_speech", "to play a case as a call needs a voice for the customer: install espeak-ng (%w)", err)
	}
	mouth, ear, err := cfg.speech(&http.Client{Transport: evals.Metered(nil)}, log)
	if err != nil {
		return nil, err
	}
	return phone{&rehearse.Phone{Ear: ear, Mouth: mouth, Voice: speech.NewCache(customer, 0), Speaker: speech.Speaker{}, Log: log}}, nil
}

// speech makes the mouth and the ear that are configured; nil for none. through
// is the client of their requests; nil: one of their own.
func (v voiceConfig) speech(through *http.Client, log *slog.Logger) (voice.Mouth, voice.Ear, error) {
	var mouth voice.Mouth
	if e, err := speech.NewEspeak(); err == nil {
		mouth = e
	}
	var ear voice.Ear
	if c := v.Speech; c.URL != "" {
		client, err := llm.New(llm.Config{URL: c.URL, Key: c.Key, HearModel: c.Hear, SpeakModel: c.Speak, Timeout: time.Duration(c.Timeout) / 2, HTTP: through, Log: log})
		if err != nil {
			return nil, nil, err
		}
		if c.Speak != "" {
			mouth = &speech.Engine{Talker: client, Voices: langs(c.Voices), Else: mouth, Log: log}
		}
		if c.Hear != "" {
			ear = speech.Ear{Listener: client, Limit: time.Duration(c.Timeout)}
		}
	}
	if mouth == nil {
		return nil, ear, nil
	}
	return speech.NewCache(mouth, 0), ear, nil
}
