package voice

import (
	"context"
	"time"

	"github.com/parleyhq/parley/desk"
)

// Spine is what a call needs of the conversations. A call reads its
// conversation as a chat window does: it remembers the newest seq, is woken by
// news, and asks for what it missed. What is new it says; what the status is
// decides what the caller hears.
type Spine interface {
	// Begin finds or starts the conversation of a call that was answered, and
	// notes that the call is up. A new one is greeted by its responder.
	Begin(ctx context.Context, b Began) (desk.Conversation, error)
	// Hear takes in what the caller pressed or said, and lets the responder
	// answer before it returns. The same ExternalID twice is heard once.
	Hear(ctx context.Context, in desk.Inbound) (desk.Conversation, error)
	// Spoke records what an agent said, as it was understood.
	Spoke(ctx context.Context, agent desk.Author, conversation desk.ID, id, text string) error
	// Heard notes that a message was interrupted, and how much of it was heard.
	Heard(ctx context.Context, message desk.ID, text string) error
	// Mark records something that happened in the call.
	Mark(ctx context.Context, conversation desk.ID, m desk.Mark) error
	// End notes that the call is over. A conversation that waited without having
	// asked for a call back leaves its queue, and finds its place again when the
	// caller calls within half an hour.
	End(ctx context.Context, e Over) error
	// AskCallback lets a waiting caller go without losing his place.
	AskCallback(ctx context.Context, conversation desk.ID, cb desk.Callback) error
	// CallbackTried records how a try to call back ended; unless answered, the
	// conversation waits for the next try, or for its agent's decision.
	CallbackTried(ctx context.Context, conversation desk.ID, result string) error
	// Unreached takes a conversation from an agent whose phone does not answer:
	// it waits again, first in line.
	Unreached(ctx context.Context, conversation, agent desk.ID) error
	// Voicemail leaves the recorded message in the conversation as an attachment;
	// it waits on without its call.
	Voicemail(ctx context.Context, conversation desk.ID, wav []byte, seconds int, transcript string) error
	// Take gives a conversation that waits to an agent who has its call already.
	Take(ctx context.Context, agent desk.Author, conversation desk.ID) error
	// Transfer and Close are the agent's, as in text.
	Transfer(ctx context.Context, agent desk.Author, conversation desk.ID, queue desk.QueueName, to desk.ID, note string) error
	Close(ctx context.Context, by desk.Author, conversation desk.ID, disposition string) error

	Conversation(ctx context.Context, id desk.ID) (desk.Conversation, error)
	Contact(ctx context.Context, id desk.ID) (desk.Contact, error)
	Events(ctx context.Context, conversation desk.ID, after int64, limit int) ([]desk.Event, error)
	Place(ctx context.Context, conversation desk.ID) (desk.Place, error)
	Queue(ctx context.Context, name desk.QueueName) (desk.Queue, error)
	// SendLink sends the caller the address of the page that shows his call, on
	// the channel that reaches his phone. false when none does.
	SendLink(ctx context.Context, conversation desk.ID) (bool, error)
}

// Began is a call that was answered.
type Began struct {
	Call         desk.ID
	Address      string // the caller: E.164, or what stands for it
	Name         string
	Lang         desk.Lang // empty: the contact's, else the playbook's first
	Playbook     string
	Contact      desk.ID // a browser's; the conversation is his open one
	Conversation desk.ID // of an outgoing call; nothing is greeted
	Verified     bool
}

// Over is a call that ended.
type Over struct {
	Call, Conversation desk.ID
	Cause              Cause
	Waiting            bool // it ended while the caller waited in a queue
}

// Bus carries events and commands between nodes and screens.
type Bus interface {
	Publish(subject string, v any) error
	Subscribe(subject string, f func(subject string, b []byte)) (stop func(), err error)
	Request(ctx context.Context, subject string, in, out any) error
	Serve(subject string, f func(ctx context.Context, b []byte) (any, error)) (stop func(), err error)
}

// Store keeps what calls leave behind.
type Store interface {
	// StartCall stores a call that began.
	StartCall(ctx context.Context, r Record) error
	// UpdateCall stores how far it has come, unless it has ended.
	UpdateCall(ctx context.Context, r Record) error
	// FinishCall stores its end, exactly once: false when it has ended already.
	FinishCall(ctx context.Context, r Record) (bool, error)
	// AbandonCalls ends the calls of nodes that are gone: whose lease is older
	// than before. It returns them.
	AbandonCalls(ctx context.Context, before time.Time, limit int) ([]Record, error)
	// Beat renews the lease of a node's calls.
	Beat(ctx context.Context, node string, at time.Time) error
	// Call finds a call.
	Call(ctx context.Context, id desk.ID) (Record, error)
	// AddRecording stores where a recording is.
	AddRecording(ctx context.Context, r Recording) error
	// Prompt finds an uploaded prompt: its WAV file's path. NotFound when there
	// is none of that name in that language or for every language.
	Prompt(ctx context.Context, name string, lang desk.Lang) (path string, err error)
}

// Record is the call detail record. It is written exactly once at the end.
type Record struct {
	ID             desk.ID        `json:"id"`
	ConversationID desk.ID        `json:"conversation_id,omitempty"`
	ContactID      desk.ID        `json:"contact_id,omitempty"`
	Source         string         `json:"source"` // "parley", or the name of the other system that handled it
	Node           string         `json:"node,omitempty"`
	Direction      string         `json:"direction"` // in, out
	From           string         `json:"from"`
	To             string         `json:"to"`
	Trunk          string         `json:"trunk,omitempty"`
	Playbook       string         `json:"playbook,omitempty"`
	Queue          desk.QueueName `json:"queue,omitempty"`    // the last it waited in
	AgentID        desk.ID        `json:"agent_id,omitempty"` // the last who spoke
	StartedAt      time.Time      `json:"started_at"`
	AnsweredAt     time.Time      `json:"answered_at,omitzero"`
	QueuedAt       time.Time      `json:"queued_at,omitzero"`
	TalkedAt       time.Time      `json:"talked_at,omitzero"` // first with a person
	EndedAt        time.Time      `json:"ended_at,omitzero"`
	Waited         time.Duration  `json:"waited"` // in queues
	Talked         time.Duration  `json:"talked"` // with persons
	HeldFor        time.Duration  `json:"held_for"`
	Cause          Cause          `json:"cause,omitzero"`
	Quality        []LegQuality   `json:"quality,omitempty"`
	Recorded       bool           `json:"recorded,omitempty"`
}

// LegQuality is what the audio of one leg was like.
type LegQuality struct {
	Role     string  `json:"role"` // caller, agent, third, ...
	Codec    string  `json:"codec"`
	Packets  int64   `json:"packets"`
	LossPct  float64 `json:"loss_pct"`
	JitterMs float64 `json:"jitter_ms"`
	RTTMs    float64 `json:"rtt_ms"`
	MOS      float64 `json:"mos"` // estimate by ITU-T G.107, 1 to 4.5
}

// Recording is one stored recording.
type Recording struct {
	ID             desk.ID   `json:"id"`
	CallID         desk.ID   `json:"call_id"`
	ConversationID desk.ID   `json:"conversation_id"`
	Path           string    `json:"-"` // below the recordings' folder
	At             time.Time `json:"at"`
	Seconds        float64   `json:"seconds"`
	Kind           string    `json:"kind"`                // call, voicemail
	Pauses         []Span    `json:"pauses,omitempty"`    // what was left out
	KeepUntil      time.Time `json:"keep_until,omitzero"` // zero: until somebody deletes it
}

// Span is a stretch of a recording, in seconds from its beginning.
type Span struct {
	From float64 `json:"from"`
	To   float64 `json:"to"`
}
