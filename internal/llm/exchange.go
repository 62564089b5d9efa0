package llm

import (
	"errors"
	"slices"
	"time"
)

// Purpose is what a model is asked for.
type Purpose string

// The purposes.
const (
	Understand Purpose = "understand" // what a customer wants
	Judge      Purpose = "judge"      // whether a case of an eval holds
	Simulate   Purpose = "simulate"   // what a simulated customer says
	Summary    Purpose = "summary"    // of a conversation
	Draft      Purpose = "draft"      // a text that a person reviews
)

// Purposes lists them.
func Purposes() []Purpose { return []Purpose{Understand, Judge, Simulate, Summary, Draft} }

// Exchange is what was said to a chat model and what it said.
type Exchange struct {
	At           time.Time // when it was asked
	Purpose      Purpose
	Conversation string
	Model        string
	Prompt       []Message // as it was sent, personal data hidden; empty when nothing was sent
	Answer       string    // as it came, also when it was of no use; at most 64 KB of it
	Usage        Usage
	Took         time.Duration // retries included
	Error        ErrorKind     // empty: none
}

// Kept is an Exchange that was written down.
type Kept struct {
	ID string // sorts by time
	Exchange
}

// ExchangeQuery says which exchanges are wanted, the newest first; empty fields
// match all.
type ExchangeQuery struct {
	Conversation string
	Purpose      Purpose
	Before       string // the ID of the last one seen
	Limit        int
}

// maxKept is how much of an answer is kept, in bytes.
const maxKept = 64 << 10

// hidden is messages as they may be sent.
func (c *Client) hidden(messages []Message) []Message {
	if c.cfg.Hide == nil {
		return messages
	}
	out := slices.Clone(messages)
	for i, m := range out {
		if m.Role != System {
			out[i].Content = c.cfg.Hide(m.Content)
		}
	}
	return out
}

func (c *Client) keep(r Request, out Reply, err error, began time.Time) {
	if c.cfg.Keep == nil {
		return
	}
	x := Exchange{
		At: began.UTC(), Purpose: r.Purpose, Conversation: r.Conversation, Model: c.cfg.Model, Prompt: r.Messages,
		Answer: cut(out.Text, maxKept), Usage: out.Usage, Took: time.Since(began),
	}
	var failed *Error
	if errors.As(err, &failed) {
		x.Error = failed.Kind
	}
	if x.Error == OverBudget {
		x.Prompt = nil
	}
	c.cfg.Keep(x)
}
