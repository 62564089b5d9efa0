package desk

import "time"

// Role is what a user of the console is. A user has one or more.
type Role string

// The roles.
const (
	Owner      Role = "owner"
	Supervisor Role = "supervisor"
	AgentRole  Role = "agent"
	Editor     Role = "editor"
	Evaluator  Role = "evaluator"
)

// Roles lists every role.
func Roles() []Role { return []Role{Owner, Supervisor, AgentRole, Editor, Evaluator} }

// Presence is what an agent says of himself.
type Presence string

// The presences.
const (
	Available Presence = "available"
	Busy      Presence = "busy" // working, but wants no more
	Away      Presence = "away"
	Offline   Presence = "offline"
)

// Agent is a person of ours as routing sees him.
type Agent struct {
	ID        ID          `json:"id"`
	Name      string      `json:"name"`
	Presence  Presence    `json:"presence"`
	Connected bool        `json:"connected"`        // a console of his is open
	Skills    []string    `json:"skills,omitempty"` // "lang:zh", "refunds"
	Queues    []QueueName `json:"queues,omitempty"` // empty: every queue
	Load      int         `json:"load"`             // capacity in use, 0 to Capacity
	IdleSince time.Time   `json:"idle_since,omitzero"`
	SeenAt    time.Time   `json:"seen_at,omitzero"`
}

// Capacity is what every agent has; each conversation costs its channel's Cost.
const Capacity = 100

// Cost is what one conversation on the channel takes of an agent's Capacity.
func Cost(channel ChannelName) int {
	switch channel {
	case Voice:
		return 100
	case "email":
		return 10
	}
	return 20
}

// Queue is where conversations wait for a person.
type Queue struct {
	Name     QueueName `json:"name"`
	Title    Text      `json:"title"`
	Skills   []string  `json:"skills,omitempty"` // an agent needs all of them
	Priority int       `json:"priority"`         // added to that of each conversation in it
	Playbook string    `json:"playbook,omitempty"`
	OnHold   OnHold    `json:"on_hold,omitzero"`

	Dispositions []Disposition `json:"dispositions,omitempty"` // what a conversation in it may have come to; empty: any words
}

// Disposition is what a conversation came to, as an agent chooses it at the
// end.
type Disposition struct {
	Key   string `json:"key" yaml:"key"`
	Title Text   `json:"title" yaml:"title"`
}

// OnHold is what somebody who waits in a queue hears on the phone and sees on
// the page beside it.
type OnHold struct {
	Announce  Text            `json:"announce,omitempty" yaml:"announce"`   // said between the music, after his place
	Prompts   map[Lang]string `json:"prompts,omitempty" yaml:"prompts"`     // names of uploaded prompts that are played instead of Announce
	Every     int             `json:"every,omitempty" yaml:"every"`         // seconds between announcements; 0: 30
	Music     string          `json:"music,omitempty" yaml:"music"`         // name of an uploaded prompt; empty: the built-in music
	Callback  bool            `json:"callback,omitempty" yaml:"callback"`   // key 1: be called back without losing the place
	Voicemail bool            `json:"voicemail,omitempty" yaml:"voicemail"` // key 2: leave a message
	Picture   string          `json:"picture,omitempty" yaml:"picture"`     // https address or /files path of what the page shows
	Video     string          `json:"video,omitempty" yaml:"video"`
}

// OfferState is what became of an offer.
type OfferState string

// The states of an offer.
const (
	OfferOpen     OfferState = "open"
	OfferAccepted OfferState = "accepted"
	OfferDeclined OfferState = "declined"
	OfferExpired  OfferState = "expired"
	OfferRevoked  OfferState = "revoked" // the customer left, or the agent's line dropped
)

// Offer is a conversation put before one agent.
type Offer struct {
	ID             ID         `json:"id"`
	ConversationID ID         `json:"conversation_id"`
	AgentID        ID         `json:"agent_id"`
	State          OfferState `json:"state"`
	At             time.Time  `json:"at"`
	ExpiresAt      time.Time  `json:"expires_at"`
}

// Place is where a waiting customer stands.
type Place struct {
	Position int  `json:"position"`  // 1 is next
	Wait     int  `json:"wait"`      // expected seconds; 0 with Known false
	Known    bool `json:"known"`     // enough was measured lately to say Wait
	AnyoneOn bool `json:"anyone_on"` // somebody who could take it is at work
}
