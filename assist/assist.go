// Package assist works beside the agent: it puts two or three replies next to
// what the customer said, or none, and keeps a ledger of what was shown, sent,
// edited and ignored.
package assist

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/kb"
)

// Desk suggests replies. Fill in its fields, then call Load once, and Run to
// learn from what happens.
type Desk struct {
	Store         Store
	Conversations Conversations
	Library       Library
	Bus           Publisher // nil: nobody is told
	Log           *slog.Logger
	Now           func() time.Time
	Suggested     func(took time.Duration) // is told of each search for suggestions; nil: nobody is

	Books  Books   // nil: no flows are known
	Queues Queues  // nil: nothing is known of queues
	Writer *Writer // nil: summaries are made by rules

	// Learns says that the operator consents to learning from agents' replies:
	// only then are past replies kept and suggested.
	Learns bool

	loading sync.Mutex   // held while the replies are read, so that the newer always come last
	mu      sync.RWMutex // guards canned, memory and tally
	canned  *shelf       // nil before Load
	memory  *Memory      // nil before the first CatchUp, and without consent
	tally   *Tally       // nil before the first CatchUp

	catching sync.Mutex // held while CatchUp reads; guards past and decided
	past     cursor     // what of the past replies was read
	decided  cursor     // what of the ledger was read
}

// Conversations is what is read of the conversation that an agent is in.
type Conversations interface {
	Conversation(ctx context.Context, id desk.ID) (desk.Conversation, error)
	// Newest reads the newest messages, notes included, oldest first.
	Newest(ctx context.Context, conversation desk.ID, limit int) ([]desk.Message, error)
	Contact(ctx context.Context, id desk.ID) (desk.Contact, error)
	Agent(ctx context.Context, id desk.ID) (desk.Agent, error)
	// Timeline reads messages and events after seq, in order, 500 at most;
	// Before the newest ones before seq, oldest first.
	Timeline(ctx context.Context, conversation desk.ID, after int64, limit int) ([]desk.Event, error)
	Before(ctx context.Context, conversation desk.ID, before int64, limit int) ([]desk.Event, error)
}

// Library finds what the knowledge base would reply.
type Library interface {
	Replies(ctx context.Context, q kb.Question, least float64) ([]kb.Answer, error)
}

// Publisher tells screens and other nodes.
type Publisher interface {
	Publish(subject string, v any) error
}

// Kind says what a suggestion was made of.
type Kind string

// The kinds of suggestion.
const (
	FromArticle Kind = "article"
	FromCanned  Kind = "canned"
	FromPast    Kind = "past"     // what agents answered before
	External    Kind = "external" // pushed by another system
)

// Suggestion is a reply that an agent may send with one click.
type Suggestion struct {
	ID             desk.ID      `json:"id"`
	ConversationID desk.ID      `json:"conversation_id"`
	MessageID      desk.ID      `json:"message_id"` // what it replies to
	Rank           int          `json:"rank"`       // 1 is the best
	Kind           Kind         `json:"kind"`
	Text           string       `json:"text"` // Markdown
	Lang           desk.Lang    `json:"lang"`
	Title          string       `json:"title"`
	Source         *desk.Source `json:"source,omitempty"` // of FromArticle
	CannedID       desk.ID      `json:"canned_id,omitempty"`
	Internal       bool         `json:"internal,omitempty"` // from an article for agents only: to read, not to send as it is
	Confidence     float64      `json:"confidence"`         // 0 to 1
	Times          int          `json:"times,omitempty"`    // of FromPast: how often agents said it
	Label          string       `json:"label,omitempty"`    // of External: who suggests it, in words for the agent
	URL            string       `json:"url,omitempty"`      // of External: where more is to be read
	At             time.Time    `json:"at"`

	key   string // what it was made of
	where string // Situation.Kind
}

// Made says what a suggestion was made of and in what sort of situation: what
// the ledger learns by.
func (s Suggestion) Made() (key, where string) { return s.key, s.where }

// The kinds of job. Suggest has the arguments {conversation_id, message_id},
// Learn has {conversation_id}.
const (
	SuggestKind = "suggest"
	LearnKind   = "learn"
)

const (
	suggestLimit = 20 * time.Second
	learnLimit   = time.Minute
)

// Registrar takes the handlers of jobs.
type Registrar interface {
	Handle(kind string, limit time.Duration, f func(ctx context.Context, args json.RawMessage) error)
}

// Register takes over the jobs of kind SuggestKind and LearnKind.
func (d *Desk) Register(q Registrar) {
	handle := func(kind string, limit time.Duration, f func(ctx context.Context, conversation, message desk.ID) error) {
		q.Handle(kind, limit, func(ctx context.Context, raw json.RawMessage) error {
			var args struct {
				ConversationID desk.ID `json:"conversation_id"`
				MessageID      desk.ID `json:"message_id"`
			}
			if err := json.Unmarshal(raw, &args); err != nil {
				return desk.Errorf(desk.Invalid, "bad_job", "arguments of a %s job: %w", kind, err)
			}
			err := f(ctx, args.ConversationID, args.MessageID)
			if desk.IsKind(err, desk.NotFound) {
				return nil // the conversation is gone
			}
			return err
		})
	}
	handle(SuggestKind, suggestLimit, func(ctx context.Context, conversation, message desk.ID) error {
		_, err := d.Suggest(ctx, conversation, message)
		return err
	})
	handle(LearnKind, learnLimit, func(ctx context.Context, conversation, _ desk.ID) error { return d.Learn(ctx, conversation) })
}

func (d *Desk) now() time.Time {
	if d.Now == nil {
		return time.Now()
	}
	return d.Now()
}

func (d *Desk) log() *slog.Logger {
	if d.Log == nil {
		return slog.Default()
	}
	return d.Log
}
