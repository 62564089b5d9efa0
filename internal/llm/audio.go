package llm

import (
	"bytes"
	"context"
	"io"
	"strings"

	openai "github.com/sashabaranov/go-openai"
)

// maxAudio is how many bytes of speech one answer may have.
const maxAudio = 20 << 20

// Transcribe asks the transcription model what was said. wav is a whole WAV
// file; lang is an ISO 639-1 code, or empty. An error is always an *Error.
func (c *Client) Transcribe(ctx context.Context, wav []byte, lang string) (string, error) {
	if c.cfg.HearModel == "" {
		return "", &Error{Kind: NotConfigured}
	}
	var text string
	err := c.attempts(ctx, "transcribe", func(ctx context.Context) error {
		resp, err := c.api.CreateTranscription(ctx, openai.AudioRequest{
			Model: c.cfg.HearModel, FilePath: "utterance.wav", Reader: bytes.NewReader(wav), Language: lang, Format: openai.AudioResponseFormatJSON,
		})
		text = strings.TrimSpace(resp.Text)
		return err
	})
	if c.cfg.LogContent {
		c.cfg.Log.Debug("llm transcribe", "answer", text)
	}
	return text, err
}

// Speak asks the speech model to say a text with one of its voices. It returns
// a whole WAV file. An error is always an *Error.
func (c *Client) Speak(ctx context.Context, text, voice string) ([]byte, error) {
	if c.cfg.SpeakModel == "" {
		return nil, &Error{Kind: NotConfigured}
	}
	var wav []byte
	err := c.attempts(ctx, "speak", func(ctx context.Context) error {
		resp, err := c.api.CreateSpeech(ctx, openai.CreateSpeechRequest{
			Model: openai.SpeechModel(c.cfg.SpeakModel), Input: text, Voice: openai.SpeechVoice(voice), ResponseFormat: openai.SpeechResponseFormatWav,
		})
		if err != nil {
			return err
		}
		defer resp.Close()
		wav, err = io.ReadAll(io.LimitReader(resp, maxAudio))
		if err == nil && !bytes.HasPrefix(wav, []byte("RIFF")) {
			return &Error{Kind: BadAnswer}
		}
		return err
	})
	return wav, err
}
