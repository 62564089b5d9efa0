package httpapi

import (
	"context"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/llm"
)

// Exchanges reads what was said to models and what they said.
type Exchanges interface {
	Exchanges(ctx context.Context, q llm.ExchangeQuery) ([]llm.Kept, error)
}

type exchangesIn struct {
	Paged
	Conversation string `query:"conversation" maxLength:"64" doc:"Of this conversation only."`
	Purpose      string `query:"purpose" enum:"understand,judge,simulate,summary,draft" doc:"Of this purpose only."`
}

// modelExchange is one question to a model with its answer.
type modelExchange struct {
	ID               string        `json:"id"`
	At               time.Time     `json:"at"`
	Purpose          llm.Purpose   `json:"purpose" enum:"understand,judge,simulate,summary,draft"`
	Conversation     desk.ID       `json:"conversation_id,omitempty" doc:"Missing: of none."`
	Model            string        `json:"model"`
	Prompt           []modelLine   `json:"prompt" nullable:"false" doc:"As it was sent: personal data stands as [phone_1]. Empty: nothing was sent."`
	Answer           string        `json:"answer" doc:"As it came, at most 64 KB of it."`
	PromptTokens     int           `json:"prompt_tokens"`
	CompletionTokens int           `json:"completion_tokens"`
	Took             int64         `json:"took_ms" doc:"Retries included."`
	Error            llm.ErrorKind `json:"error,omitempty" doc:"over_budget, timeout, rate_limited, unavailable, rejected, refused, bad_answer, cancelled."`
}

type modelLine struct {
	Role llm.Role `json:"role" enum:"system,user,assistant"`
	Text string   `json:"text"`
}

func (s *Server) listExchanges(ctx context.Context, in *exchangesIn) (*reply[Page[modelExchange]], error) {
	if s.Exchanges == nil {
		return nil, desk.Errorf(desk.Unavailable, "no_model", "no model is asked here")
	}
	kept, err := s.Exchanges.Exchanges(ctx, llm.ExchangeQuery{Conversation: in.Conversation, Purpose: llm.Purpose(in.Purpose), Before: in.After, Limit: in.Limit + 1})
	if err != nil {
		return nil, err
	}
	out := make([]modelExchange, len(kept))
	for i, k := range kept {
		out[i] = modelExchange{
			ID: k.ID, At: k.At, Purpose: k.Purpose, Conversation: desk.ID(k.Conversation), Model: k.Model, Prompt: make([]modelLine, len(k.Prompt)), Answer: k.Answer,
			PromptTokens: k.Usage.Prompt, CompletionTokens: k.Usage.Completion, Took: k.Took.Milliseconds(), Error: k.Error,
		}
		for n, m := range k.Prompt {
			out[i].Prompt[n] = modelLine{m.Role, m.Content}
		}
	}
	return pageOf(out, in.Limit, func(e modelExchange) string { return e.ID }), nil
}
