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
	EventCall     EventKind = "call"     // Data CallNews: where the call stands
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

// CallNews is the data of an EventCall: a call as screens show it. It is pushed
// at each change and may be asked for at any time.
type CallNews struct {
	CallID    ID        `json:"call_id"`
	State     CallState `json:"state"`
	Direction string    `json:"direction"` // in or out
	Number    string    `json:"number"`    // the customer's
	Since     time.Time `json:"since"`     // it is in State since then
	Answered  time.Time `json:"answered,omitzero"`
	Held      bool      `json:"held,omitempty"`      // the customer hears music
	Recording string    `json:"recording,omitempty"` // on, paused; empty: not recorded
	Parties   []Party   `json:"parties,omitempty"`
	Cause     string    `json:"cause,omitempty"`     // once ended: normal, busy, no_answer, ...
	Saying    ID        `json:"saying,omitempty"`    // the message that is being spoken
	Listening bool      `json:"listening,omitempty"` // he may speak now: a speech engine listens
	Keys      int       `json:"keys,omitempty"`      // keys pressed so far of an answer of several digits; never the digits
	Spoken    bool      `json:"spoken,omitempty"`    // an ear is configured: words are understood
	Voicemail bool      `json:"voicemail,omitempty"` // a message is being recorded
	Rev       int64     `json:"rev,omitempty"`       // rises with each piece of news of a call, which may arrive in another order
}

// CallState is where a call stands.
type CallState string

// The states of a call.
const (
	CallRinging CallState = "ringing"
	CallDialing CallState = "dialing" // we call
	CallMenu    CallState = "menu"    // a menu or a bot speaks
	CallQueued  CallState = "queued"
	CallTalking CallState = "talking" // with a person
	CallEnded   CallState = "ended"
)

// Party is somebody in a call besides the customer.
type Party struct {
	Leg   ID     `json:"leg"`
	Role  string `json:"role"` // agent, consult, third, listener, whisperer, barger
	Agent ID     `json:"agent,omitempty"`
	Name  string `json:"name"`  // or number
	State string `json:"state"` // ringing, talking, held
	Muted bool   `json:"muted,omitempty"`
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
