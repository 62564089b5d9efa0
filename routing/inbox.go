package routing

import (
	"time"

	"github.com/parleyhq/parley/desk"
)

// Tab is a part of the inbox.
type Tab string

// The tabs.
const (
	Mine       Tab = "mine"   // assigned to the agent, parked ones included
	InQueues   Tab = "queues" // waiting or offered, longest waiting first
	All        Tab = "all"    // everything open
	ClosedOnes Tab = "closed"
)

// InboxQuery asks for a page of a tab.
type InboxQuery struct {
	Tab     Tab
	AgentID desk.ID          // whose, for Mine
	Queues  []desk.QueueName // only these; empty: every queue
	Search  string           // words of what was said, the subject or the contact's name
	After   string           // the cursor of the page before; "" for the first
	Limit   int              // 1 to 200; 0 for 50
}

// InboxRow is a conversation in a list.
type InboxRow struct {
	ID           desk.ID          `json:"id"`
	Status       desk.Status      `json:"status"`
	Subject      string           `json:"subject"`
	Contact      Name             `json:"contact"`
	Channel      desk.ChannelName `json:"channel"`
	Address      string           `json:"address,omitempty"` // the customer's there
	Lang         desk.Lang        `json:"lang"`
	Queue        desk.QueueName   `json:"queue"`
	Agent        *Name            `json:"agent,omitempty"`
	Preview      string           `json:"preview"`
	PreviewBy    desk.AuthorKind  `json:"preview_by"`
	LastAt       time.Time        `json:"last_at"`
	WaitingSince time.Time        `json:"waiting_since,omitzero"`
	Unread       int              `json:"unread"`
	Priority     int              `json:"priority"`
	Version      int64            `json:"version"`
}

// Name is somebody in a list.
type Name struct {
	ID   desk.ID `json:"id"`
	Name string  `json:"name"`
}

// InboxCounts says how many there are in each tab.
type InboxCounts struct {
	Mine    int                    `json:"mine"`
	Queues  int                    `json:"queues"`
	All     int                    `json:"all"`
	ByQueue map[desk.QueueName]int `json:"by_queue"`
}

// Journey is what a contact did: his conversations and his page views, newest
// first.
type Journey struct {
	Conversations []desk.Conversation `json:"conversations"`
	Pages         []desk.PageView     `json:"pages"`
}

// QueueStat is a queue and who is in it.
type QueueStat struct {
	desk.Queue
	Waiting     int       `json:"waiting"`
	OldestSince time.Time `json:"oldest_since,omitzero"`
	AgentsOn    int       `json:"agents_on"` // available, connected, and serving it
}
