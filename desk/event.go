package desk

import (
	"encoding/json"
	"time"
)

// EventKind names what happened in a conversation.
type EventKind string

// The kinds of event. Stored ones have a Seq in the conversation's own order;
// the others only tell screens to look, and may be lost.
const (
	EventMessage  EventKind = "message"  // Data is a Message; never stored twice: the message row is the event
	EventStatus   EventKind = "status"   // stored; Data is StatusChange
	EventMark     EventKind = "mark"     // stored; Data is Mark: what a responder did
	EventDelivery EventKind = "delivery" // Data {message_id, delivery, error}
	EventRead     EventKind = "read"     // Data {by: customer|agent, seq}
	EventTyping   EventKind = "typing"   // Data {by, name, on}
	EventPlace    EventKind = "place"    // Data Place
	EventRow      EventKind = "row"      // the conversation's row in lists changed; no data
)

// Event is something that happened in a conversation.
type Event struct {
	ID             ID              `json:"id,omitempty"`
	ConversationID ID              `json:"conversation_id"`
	Seq            int64           `json:"seq,omitempty"` // 0 when not stored
	Kind           EventKind       `json:"kind"`
	Data           json.RawMessage `json:"data,omitempty"`
	At             time.Time       `json:"at"`
}

// StatusChange is the data of an EventStatus.
type StatusChange struct {
	From   Status    `json:"from"`
	To     Status    `json:"to"`
	Queue  QueueName `json:"queue,omitempty"`
	Agent  *Author   `json:"agent,omitempty"`
	Reason string    `json:"reason,omitempty"` // started, handed_off, offered, accepted, declined, expired, taken, transferred, parked, unparked, released, closed, reopened
}

// Job is durable work, enqueued in the transaction that needs it. Handlers
// are idempotent: a job runs at least once.
type Job struct {
	Kind   string          // "answer", "deliver", "offer.expire", ...
	Args   json.RawMessage // a small JSON object of ids
	Unique string          // at most one waiting job has this key; "" for no limit
	At     time.Time       // not before; zero for now
	Max    int             // attempts; 0 for 10
}

// NewJob makes a Job that runs now. args must marshal to JSON.
func NewJob(kind, unique string, args any) Job {
	b, err := json.Marshal(args)
	if err != nil {
		panic("desk: job args: " + err.Error()) // args are our own structs of ids
	}
	return Job{Kind: kind, Args: b, Unique: unique}
}
