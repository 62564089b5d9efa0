// Package llm talks to a language or embedding model at any OpenAI-compatible
// endpoint: with a time limit, one careful retry, and a token budget. What is
// said to a model and what it says never reaches a log unless that is asked
// for, and the key never does.
package llm

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	openai "github.com/sashabaranov/go-openai"
)

// Config says where the models are. URL is the base of the API, such as
// "https://api.example.com/v1".
type Config struct {
	URL        string
	Key        string        // empty for endpoints that need none
	Model      string        // for Chat; empty: Chat is not available
	EmbedModel string        // for Embed; empty: Embed is not available
	HearModel  string        // for Transcribe; empty: it is not available
	SpeakModel string        // for Speak; empty: it is not available
	Dimensions int           // asked of the embedding model; 0: its own
	Timeout    time.Duration // of one attempt; 0 is 15 s
	Retries    int           // after the first attempt, on 429, 5xx and timeouts; -1 for none, 0 is one
	Backoff    time.Duration // before the first retry, doubled and jittered; 0 is 300 ms
	Log        *slog.Logger  // nil logs nothing
	LogContent bool          // also log what is said: for debugging only, it is the customers' words
	HTTP       *http.Client  // nil is a client of its own

	// Hide takes out of a text what no model elsewhere may read. What users and
	// assistants say in a chat and what is embedded goes through it; the System
	// message is its author's business. Nil sends texts as they are.
	Hide func(text string) string
	// Keep is told of every call of Chat when it is over, also of one that was
	// not made for want of budget. It must not block. Nil tells nobody.
	Keep func(Exchange)
}

// Client talks to one endpoint. It is safe for use by several goroutines.
type Client struct {
	cfg Config
	api *openai.Client
}

// New checks the configuration; it does not connect.
func New(cfg Config) (*Client, error) {
	u, err := url.Parse(cfg.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New(`llm: the URL must look like "https://host/v1"`) // the URL itself may hold a key
	}
	if cfg.Model == "" && cfg.EmbedModel == "" && cfg.HearModel == "" && cfg.SpeakModel == "" {
		return nil, errors.New("llm: name a model: for chat, embeddings, transcription or speech")
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = 15 * time.Second
	}
	if cfg.Retries == 0 {
		cfg.Retries = 1
	}
	if cfg.Backoff <= 0 {
		cfg.Backoff = 300 * time.Millisecond
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.HTTP == nil {
		cfg.HTTP = &http.Client{}
	}
	c := openai.DefaultConfig(cfg.Key)
	c.BaseURL = strings.TrimSuffix(cfg.URL, "/")
	c.HTTPClient = bounded{cfg.HTTP}
	return &Client{cfg: cfg, api: openai.NewClientWithConfig(c)}, nil
}

// maxBody is how much of an endpoint's answer is read, in bytes.
const maxBody = 64 << 20

// bounded reads no answer beyond maxBody, whatever the endpoint sends.
type bounded struct{ *http.Client }

// Do implements what the library asks for.
func (b bounded) Do(r *http.Request) (*http.Response, error) {
	res, err := b.Client.Do(r)
	if err != nil {
		return nil, err
	}
	res.Body = http.MaxBytesReader(nil, res.Body, maxBody)
	return res, nil
}

// Usage is what a call cost, in tokens.
type Usage struct{ Prompt, Completion int }

// Total is all tokens of the call.
func (u Usage) Total() int { return u.Prompt + u.Completion }

// Message is one part of a conversation with the model.
type Message struct {
	Role    Role   `json:"role"`
	Content string `json:"content"`
}

// Role says who speaks to the model.
type Role string

// The roles of a Message.
const (
	System    Role = "system"
	User      Role = "user"
	Assistant Role = "assistant"
)

// Request is one question to the chat model.
type Request struct {
	Messages  []Message
	Schema    json.RawMessage // a JSON schema that the answer must fit; nil for plain text
	Name      string          // of the schema: small letters, digits, _ and -
	MaxTokens int             // of the answer; 0 is 500
	Budget    *Budget         // nil: none

	Purpose      Purpose // what it is for, as kept
	Conversation string  // whose, as kept; empty: none in particular
}

// Reply is the model's answer. With a Schema, Text is a JSON document; whether
// it fits is for the caller to check, since not every endpoint enforces it.
type Reply struct {
	Text  string
	Usage Usage
}

// Chat asks the chat model. An error is always an *Error.
func (c *Client) Chat(ctx context.Context, r Request) (Reply, error) {
	if c.cfg.Model == "" {
		return Reply{}, &Error{Kind: NotConfigured}
	}
	r.Messages = c.hidden(r.Messages)
	began := time.Now()
	out, err := c.chat(ctx, r)
	c.keep(r, out, err, began)
	return out, err
}

func (c *Client) chat(ctx context.Context, r Request) (Reply, error) {
	limit := r.MaxTokens
	if limit <= 0 {
		limit = 500
	}
	req := openai.ChatCompletionRequest{Model: c.cfg.Model, Temperature: 1e-6} // zero would be left out
	//lint:ignore SA1019 most compatible endpoints know only this one
	req.MaxTokens = limit
	length := 0
	for _, m := range r.Messages {
		req.Messages = append(req.Messages, openai.ChatCompletionMessage{Role: string(m.Role), Content: m.Content})
		length += len(m.Content)
	}
	if r.Schema != nil {
		req.ResponseFormat = &openai.ChatCompletionResponseFormat{Type: openai.ChatCompletionResponseFormatTypeJSONSchema,
			JSONSchema: &openai.ChatCompletionResponseFormatJSONSchema{Name: r.Name, Schema: r.Schema, Strict: true}}
	}
	estimate := length/3 + limit
	if !r.Budget.take(estimate) {
		return Reply{}, &Error{Kind: OverBudget}
	}
	var out Reply
	err := c.attempts(ctx, "chat", func(ctx context.Context) error {
		resp, err := c.api.CreateChatCompletion(ctx, req)
		if err != nil {
			return err
		}
		out.Usage = Usage{Prompt: resp.Usage.PromptTokens, Completion: resp.Usage.CompletionTokens}
		if len(resp.Choices) == 0 {
			return &Error{Kind: BadAnswer}
		}
		choice := resp.Choices[0]
		if choice.Message.Refusal != "" || choice.FinishReason == openai.FinishReasonContentFilter {
			return &Error{Kind: Refused}
		}
		out.Text = choice.Message.Content
		if choice.FinishReason == openai.FinishReasonLength || strings.TrimSpace(out.Text) == "" || r.Schema != nil && !json.Valid([]byte(out.Text)) {
			return &Error{Kind: BadAnswer}
		}
		return nil
	})
	used := estimate
	if out.Usage.Total() > 0 {
		used = out.Usage.Total()
	} else if err != nil {
		used = length / 3 // what was sent was paid for, perhaps
	}
	r.Budget.settle(estimate, used)
	if c.cfg.LogContent {
		c.cfg.Log.Debug("llm chat", "messages", r.Messages, "answer", out.Text)
	}
	return out, err
}

// attempts runs f with a time limit, again while that may help.
func (c *Client) attempts(ctx context.Context, what string, f func(context.Context) error) error {
	var last *Error
	for try := 0; try <= max(c.cfg.Retries, 0); try++ {
		if try > 0 {
			pause := c.cfg.Backoff << (try - 1)
			pause = pause/2 + rand.N(pause)
			timer := time.NewTimer(pause)
			select {
			case <-ctx.Done():
				timer.Stop()
				return last
			case <-timer.C:
			}
		}
		began := time.Now()
		limited, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
		err := f(limited)
		cancel()
		if err == nil {
			c.cfg.Log.Debug("llm call", "what", what, "took", time.Since(began), "try", try+1)
			return nil
		}
		last = classify(err)
		c.cfg.Log.Warn("llm call failed", "what", what, "took", time.Since(began), "try", try+1, "kind", last.Kind, "status", last.Status)
		if !last.again() || ctx.Err() != nil {
			return last
		}
	}
	return last
}

func classify(err error) *Error {
	var own *Error
	if errors.As(err, &own) {
		return own
	}
	status := 0
	var api *openai.APIError
	var req *openai.RequestError
	switch {
	case errors.As(err, &api):
		status = api.HTTPStatusCode
	case errors.As(err, &req):
		status = req.HTTPStatusCode
	}
	var timeout net.Error
	switch {
	case errors.Is(err, context.Canceled):
		return &Error{Kind: Cancelled, cause: context.Canceled}
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return &Error{Kind: TimedOut, cause: context.DeadlineExceeded}
	case status == http.StatusTooManyRequests:
		return &Error{Kind: Limited, Status: status}
	case status >= 500:
		return &Error{Kind: Down, Status: status}
	case status >= 400:
		return &Error{Kind: Rejected, Status: status}
	case status == 0 && errors.As(err, new(*url.Error)):
		return &Error{Kind: Down}
	}
	return &Error{Kind: BadAnswer, Status: status}
}
