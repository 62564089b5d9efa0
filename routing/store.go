package routing

import (
	"context"
	"time"

	"github.com/parleyhq/parley/desk"
)

// Record is a conversation as routing keeps it: with what only routing needs.
type Record struct {
	desk.Conversation
	HeardSeq   int64           // of the newest customer message
	Unread     int             // customer messages that the agent has not read
	Replied    bool            // an agent has written to the customer
	Passed     []desk.ID       // agents who let it go by in this round of offers
	Prefer     desk.ID         // the agent it is offered to first
	OfferAfter time.Time       // not offered before
	Preview    string          // the newest message, cut short
	PreviewBy  desk.AuthorKind // who said it
	LastAt     time.Time       // of the newest message
	LastAgent  desk.ID         // who had it last
	Aside      *Aside          // where the customer is reached beside the phone
	Abandoned  *Abandoned      // the place in line that he left by hanging up
}

// Aside is an address of a customer who is, or was, on the phone.
type Aside struct {
	desk.Identity
	Waits bool `json:"waits,omitempty"` // he was in line there before he called
}

// Abandoned is a place in line that a caller left by hanging up. It is his
// again if he calls back soon.
type Abandoned struct {
	At       time.Time      `json:"at"`
	Queue    desk.QueueName `json:"queue"`
	Since    time.Time      `json:"since"` // he had waited since
	Skills   []string       `json:"skills,omitempty"`
	Priority int            `json:"priority,omitempty"`
	Prefer   desk.ID        `json:"prefer,omitempty"`
}

// Cost is what the conversation takes of an agent's capacity: a promise to
// call back as much as a call.
func (r Record) Cost() int {
	if r.OnCall != "" || r.Callback != nil {
		return desk.Cost(desk.Voice)
	}
	return desk.Cost(r.Channel)
}

// AgentRecord is an agent as routing keeps him.
type AgentRecord struct {
	desk.Agent
	Active     bool      // may work; false once his account is closed
	Lost       bool      // a console of his was not heard of for long and has to be forgotten
	Missed     int       // offers that timed out in a row
	AwayReason string    // why he was set away: "missed_offers"; "" when he did it himself
	GoneAt     time.Time // his last console was lost then; zero while one is open
}

// Person is what a channel knows of somebody who reaches us.
type Person struct {
	desk.Identity
	Name, Email, Phone string
	Lang               desk.Lang
	Verified           bool // the identity is signed
	Vouched            bool // and so are name, e-mail, phone and attributes
	Attributes         map[string]string
}

// TurnFacts is what a turn is made of, as of one moment.
type TurnFacts struct {
	Record  Record
	Contact desk.Contact
	Next    *desk.Message  // the oldest customer message that is not answered
	History []desk.Message // before Next, oldest first, without private notes
}

// Store keeps what routing decides.
type Store interface {
	// Write runs f in one transaction, again if the engine asks for it.
	Write(ctx context.Context, f func(ctx context.Context, tx Tx) error) error
	// TurnFacts reads what the next turn of a conversation needs.
	TurnFacts(ctx context.Context, conversation desk.ID, history int) (TurnFacts, error)
	// Record reads a conversation.
	Record(ctx context.Context, id desk.ID) (Record, error)
	// Line reads who waits in a queue, in the order in which they are served.
	Line(ctx context.Context, queue desk.QueueName, limit int) ([]InLine, error)
	// Ahead counts who is served before rec in its queue.
	Ahead(ctx context.Context, rec Record) (int, error)
	// Waits reads the waits in a queue that ended since a time, newest first.
	Waits(ctx context.Context, queue desk.QueueName, since time.Time, limit int) ([]Wait, error)
	// Staff lists all agents; a console not heard of since stale is gone.
	Staff(ctx context.Context, stale time.Time) ([]AgentRecord, error)
	// Queue finds a queue.
	Queue(ctx context.Context, name desk.QueueName) (desk.Queue, bool, error)
	// Held lists the conversations an agent has, parked ones included.
	Held(ctx context.Context, agent desk.ID) ([]desk.ID, error)
	// OpenOffers lists the offers that an agent has not decided.
	OpenOffers(ctx context.Context, agent desk.ID) ([]desk.Offer, error)
	// Neglected lists conversations whose work seems to be lost.
	Neglected(ctx context.Context, now time.Time, limit int) ([]Neglect, error)
	// NextOutgoing finds the oldest message of a conversation that its channel
	// does not have yet.
	NextOutgoing(ctx context.Context, conversation desk.ID) (Outgoing, bool, error)
	// Unindexed reports whether Index has anything to do.
	Unindexed(ctx context.Context) (bool, error)
	// Index makes what was said lately findable, at most limit conversations.
	Index(ctx context.Context, limit int) error
}

// InLine is somebody who waits.
type InLine struct {
	ID           desk.ID
	WaitingSince time.Time
}

// Wait is a stretch of waiting that ended with a person.
type Wait struct{ From, To time.Time }

// Neglect is a conversation whose job seems to be lost, and which job.
type Neglect struct {
	ID   desk.ID
	What string // "answer", "call", "offer", "deliver", "park", "assign", "silence", "on_call"
	Call string
}

// Outgoing is a message on its way to a push channel.
type Outgoing struct {
	desk.Message
	Tries int
	Since time.Time // when it became Sending
}

// Tx is one transaction. What it reads with a Lock method stays as it is until
// the transaction ends.
type Tx interface {
	Enqueue(ctx context.Context, j desk.Job) error
	After(f func()) // runs once the transaction is committed

	conversations
	contacts
	agents
	offers
}

type conversations interface {
	// Lock reads a conversation for a change.
	Lock(ctx context.Context, id desk.ID) (Record, error)
	// LockOpen reads the open conversation of a contact; an empty playbook
	// means any.
	LockOpen(ctx context.Context, contact desk.ID, playbook string) (Record, bool, error)
	// Start stores a new conversation.
	Start(ctx context.Context, rec Record) error
	// Save stores a changed one and counts its version up; a stale one is a
	// Conflict.
	Save(ctx context.Context, rec *Record) error
	// AddMessage stores a message; false if one with the same key is there.
	AddMessage(ctx context.Context, m desk.Message, key string) (bool, error)
	// AddEvent stores an event that has a place in the conversation's order.
	AddEvent(ctx context.Context, e desk.Event) error
	// Message reads a message.
	Message(ctx context.Context, id desk.ID) (desk.Message, error)
	// ByKey finds the message that was stored under a key.
	ByKey(ctx context.Context, key string) (desk.Message, bool, error)
	// LastHeard finds the newest customer message.
	LastHeard(ctx context.Context, conversation desk.ID) (desk.Message, bool, error)
	// LastAsked finds the newest message in which a menu or a bot asked
	// something, else the newest it said.
	LastAsked(ctx context.Context, conversation desk.ID) (desk.Message, bool, error)
	// SetHeard notes how much of a message was heard.
	SetHeard(ctx context.Context, message desk.ID, text string) error
	// UnreadAfter counts the customer messages after seq.
	UnreadAfter(ctx context.Context, conversation desk.ID, seq int64) (int, error)
	// SetDelivery moves a message on if it is in state from.
	SetDelivery(ctx context.Context, message desk.ID, from desk.Delivery, to Progress) (bool, error)
}

// Progress is how far a delivery has come.
type Progress struct {
	Delivery   desk.Delivery
	ExternalID string
	Error      string
	Tries      int
	At         time.Time
}

type contacts interface {
	// ContactAt finds who is reached at an identity.
	ContactAt(ctx context.Context, at desk.Identity) (desk.Contact, bool, error)
	// ContactOfPhone finds the only contact who has a telephone number. One that
	// he merely claims is not his.
	ContactOfPhone(ctx context.Context, number string) (desk.Contact, bool, error)
	// AddIdentity gives a contact one more address; false if somebody has it.
	AddIdentity(ctx context.Context, contact desk.ID, at desk.Identity, now time.Time) (bool, error)
	// LockContact reads a contact for a change.
	LockContact(ctx context.Context, id desk.ID) (desk.Contact, error)
	// AddContact stores a new contact under one identity; false if somebody has
	// that identity.
	AddContact(ctx context.Context, c desk.Contact, at desk.Identity) (bool, error)
	// SaveContact stores a changed contact.
	SaveContact(ctx context.Context, c desk.Contact) error
	// AddPage remembers a page view, and of each contact the newest keep.
	AddPage(ctx context.Context, contact desk.ID, p desk.PageView, keep int) error
}

type agents interface {
	// LockAgent reads an agent for a change, with his load and whether a
	// console of his was heard of since stale.
	LockAgent(ctx context.Context, id desk.ID, stale time.Time) (AgentRecord, error)
	// Idle notes that an agent has less to do since a time.
	Idle(ctx context.Context, agent desk.ID, since time.Time) error
	// SaveAgent stores an agent, new or changed.
	SaveAgent(ctx context.Context, a AgentRecord) error
	// Connect counts an agent's consoles on a node up or down.
	Connect(ctx context.Context, agent desk.ID, node string, by int, at time.Time) error
	// Seen notes that a console was heard of.
	Seen(ctx context.Context, agent desk.ID, node string, at time.Time) error
	// Forget drops the consoles that were not heard of since stale and returns
	// whose they were.
	Forget(ctx context.Context, stale time.Time) ([]desk.ID, error)
	// PutQueue stores a queue, new or changed.
	PutQueue(ctx context.Context, q desk.Queue) error
	// QueueOf finds the queue for a playbook's hand-over that names none that exists.
	QueueOf(ctx context.Context, name desk.QueueName, playbook string, fallback desk.QueueName) (desk.Queue, bool, error)
}

type offers interface {
	// LockAssigning keeps a second node from assigning at the same time.
	LockAssigning(ctx context.Context) error
	// Waiting lists who may be offered now, best first.
	Waiting(ctx context.Context, now time.Time, limit int) ([]Record, error)
	// Queues lists all queues by name.
	Queues(ctx context.Context) (map[desk.QueueName]desk.Queue, error)
	// FreeAgents lists the agents at work who have no open offer, with their
	// load: who has no work first, longest idle first.
	FreeAgents(ctx context.Context, stale time.Time) ([]AgentRecord, error)
	// AddOffer stores an open offer; false if the conversation or the agent has
	// one.
	AddOffer(ctx context.Context, o desk.Offer) (bool, error)
	// OfferByID finds an offer.
	OfferByID(ctx context.Context, id desk.ID) (desk.Offer, error)
	// OfferOf finds the open offer of a conversation.
	OfferOf(ctx context.Context, conversation desk.ID) (desk.Offer, bool, error)
	// EndOffer moves an open offer on; false if it is not open any more.
	EndOffer(ctx context.Context, id desk.ID, to desk.OfferState, at time.Time) (bool, error)
}
