package desk

import (
	"encoding/json"
	"time"
)

// Status is where a conversation stands.
type Status string

// The statuses, in the usual order.
const (
	Automated Status = "automated" // a menu or a bot answers
	Waiting   Status = "waiting"   // in a queue
	Offered   Status = "offered"   // before one agent, who has not decided
	Assigned  Status = "assigned"  // an agent has it
	Parked    Status = "parked"    // an agent has it, but it waits and costs no capacity
	Closed    Status = "closed"
)

// Conversation is one matter with one contact, across channels. Its methods
// are the only legal moves; each checks the status it starts from, stamps the
// times and returns an error of Kind Conflict when the move is not legal. A
// move changes the value only: storing it is routing's work.
type Conversation struct {
	ID        ID          `json:"id"`
	ContactID ID          `json:"contact_id"`
	Status    Status      `json:"status"`
	Subject   string      `json:"subject"` // what it is about: the first words, or the flow
	Channel   ChannelName `json:"channel"` // where to reply
	Address   string      `json:"address"`
	Lang      Lang        `json:"lang"`

	Playbook  string                     `json:"playbook"`
	Revision  int                        `json:"revision"`  // the playbook's version it began on and finishes on
	Responder string                     `json:"responder"` // who answers while Automated: "menu" or "bot"; empty before the first turn
	States    map[string]json.RawMessage `json:"-"`         // each responder's own state
	Asking    *Input                     `json:"asking,omitempty"`
	Call      *Call                      `json:"-"` // the tool whose result is awaited

	OnCall   ID        `json:"on_call,omitempty"`  // the phone call that is up now
	Callback *Callback `json:"callback,omitempty"` // he is to be called back; his place in line is kept
	Verified bool      `json:"verified,omitempty"` // he has proved in this conversation who he is

	Queue    QueueName `json:"queue,omitempty"`
	Skills   []string  `json:"skills,omitempty"`
	Priority int       `json:"priority"` // higher first; 0 by default
	AgentID  ID        `json:"agent_id,omitempty"`
	HandOver *HandOver `json:"hand_over,omitempty"`

	Seq         int64  `json:"seq"`          // of the newest message or event
	AnsweredSeq int64  `json:"-"`            // of the newest customer message that the responder has answered
	CustomerSeq int64  `json:"customer_seq"` // the customer has read up to here
	AgentSeq    int64  `json:"agent_seq"`    // the agent has read up to here
	Version     int64  `json:"version"`      // a stale writer loses
	Rating      int    `json:"rating,omitempty"`
	RatingNote  string `json:"rating_note,omitempty"`
	Disposition string `json:"disposition,omitempty"`

	CreatedAt      time.Time `json:"created_at"`
	UpdatedAt      time.Time `json:"updated_at"`
	WaitingSince   time.Time `json:"waiting_since,omitzero"`
	LastCustomerAt time.Time `json:"last_customer_at,omitzero"`
	LastReplyAt    time.Time `json:"last_reply_at,omitzero"`
	AssignedAt     time.Time `json:"assigned_at,omitzero"`
	ParkedUntil    time.Time `json:"parked_until,omitzero"`
	ClosedAt       time.Time `json:"closed_at,omitzero"`
}

// Callback is a promise to call somebody.
type Callback struct {
	Phone  string    `json:"phone"`       // E.164, or a SIP address
	At     time.Time `json:"at,omitzero"` // not before; zero: as soon as it is his turn
	Tries  int       `json:"tries,omitempty"`
	Result string    `json:"result,omitempty"` // of the last try: answered, busy, no_answer, rejected, unreachable, failed
}

// CallBegan notes that a call is up. From now on it is where to reply.
func (c *Conversation) CallBegan(call ID, address string, now time.Time) error {
	if err := c.from("begin a call in", Automated, Waiting, Offered, Assigned, Parked); err != nil {
		return err
	}
	if c.OnCall != "" && c.OnCall != call {
		return Errorf(Conflict, "on_call", "there is a call in this conversation already")
	}
	c.OnCall, c.Channel, c.Address, c.Callback, c.UpdatedAt = call, Voice, address, nil, now
	return nil
}

// CallEnded notes that the call is over; another one may be up already.
func (c *Conversation) CallEnded(call ID, now time.Time) {
	if c.OnCall == call {
		c.OnCall, c.UpdatedAt = "", now
	}
}

// AskCallback makes a waiting conversation wait for a call back: its place, by
// the time it has waited, is kept.
func (c *Conversation) AskCallback(cb Callback, now time.Time) error {
	if err := c.from("ask for a call back in", Waiting, Offered); err != nil {
		return err
	}
	c.Callback, c.UpdatedAt = &cb, now
	return nil
}

// Abandon takes a conversation out of its queue whose caller hung up: nobody
// waits any more, and who writes or calls next is answered as before.
func (c *Conversation) Abandon(now time.Time) error {
	if err := c.from("abandon", Waiting); err != nil {
		return err
	}
	c.Status, c.AgentID, c.UpdatedAt = Automated, "", now
	return nil
}

// HandOff moves an automated or assigned conversation into a queue. When it is
// waiting already it only changes queue; the time it has waited is kept.
func (c *Conversation) HandOff(h HandOff, now time.Time) error {
	if err := c.from("hand off", Automated, Assigned, Parked, Waiting); err != nil {
		return err
	}
	if c.Status != Waiting {
		c.WaitingSince = now
	}
	c.Status, c.AgentID, c.ParkedUntil = Waiting, "", time.Time{}
	c.Queue, c.Skills = h.Queue, h.Skills
	c.Priority = max(c.Priority, h.Priority)
	c.Asking, c.Call = nil, nil
	if h.Card != nil {
		c.HandOver = h.Card
	}
	c.UpdatedAt = now
	return nil
}

// Offer puts a waiting conversation before an agent.
func (c *Conversation) Offer(agent ID, now time.Time) error {
	if err := c.from("offer", Waiting); err != nil {
		return err
	}
	c.Status, c.AgentID, c.UpdatedAt = Offered, agent, now
	return nil
}

// Requeue takes an offered conversation back to its queue: declined, timed
// out, or the agent is gone. Its place, by the time it has waited, is kept.
func (c *Conversation) Requeue(now time.Time) error {
	if err := c.from("requeue", Offered); err != nil {
		return err
	}
	c.Status, c.AgentID, c.UpdatedAt = Waiting, "", now
	return nil
}

// Release frees the work of an agent who is gone: it waits again, with the
// priority raised by one, in the queue it came from.
func (c *Conversation) Release(now time.Time) error {
	if err := c.from("release", Assigned, Parked); err != nil {
		return err
	}
	c.Status, c.AgentID, c.WaitingSince, c.ParkedUntil, c.UpdatedAt = Waiting, "", now, time.Time{}, now
	c.Priority++
	return nil
}

// Accept gives an offered conversation to the agent it was offered to.
func (c *Conversation) Accept(agent ID, now time.Time) error {
	if err := c.from("accept", Offered); err != nil {
		return err
	}
	if c.AgentID != agent {
		return Errorf(Conflict, "offer_taken", "the conversation is offered to somebody else")
	}
	return c.assign(agent, now)
}

// Take gives a waiting or automated conversation to an agent who picks it
// himself.
func (c *Conversation) Take(agent ID, now time.Time) error {
	if err := c.from("take", Waiting, Automated); err != nil {
		return err
	}
	return c.assign(agent, now)
}

func (c *Conversation) assign(agent ID, now time.Time) error {
	c.Status, c.AgentID, c.AssignedAt, c.UpdatedAt = Assigned, agent, now, now
	c.Asking, c.Call = nil, nil
	return nil
}

// Park sets an assigned conversation aside until a time, a reply of the
// customer, or the agent's Unpark. A zero until means no time.
func (c *Conversation) Park(agent ID, until, now time.Time) error {
	if err := c.held("park", agent, Assigned); err != nil {
		return err
	}
	c.Status, c.ParkedUntil, c.UpdatedAt = Parked, until, now
	return nil
}

// Unpark gives a parked conversation back to its agent.
func (c *Conversation) Unpark(now time.Time) error {
	if err := c.from("unpark", Parked); err != nil {
		return err
	}
	c.Status, c.ParkedUntil, c.UpdatedAt = Assigned, time.Time{}, now
	return nil
}

// Transfer hands an agent's conversation to a queue.
func (c *Conversation) Transfer(agent ID, to QueueName, now time.Time) error {
	if err := c.held("transfer", agent, Assigned, Parked); err != nil {
		return err
	}
	return c.HandOff(HandOff{Queue: to}, now)
}

// HandBack gives an agent's conversation to the menus and bots again.
func (c *Conversation) HandBack(agent ID, now time.Time) error {
	if err := c.held("hand back", agent, Assigned, Parked); err != nil {
		return err
	}
	c.Status, c.AgentID, c.ParkedUntil, c.UpdatedAt = Automated, "", time.Time{}, now
	return nil
}

// Close ends a conversation.
func (c *Conversation) Close(now time.Time) error {
	if err := c.from("close", Automated, Waiting, Assigned, Parked); err != nil {
		return err
	}
	c.Status, c.ClosedAt, c.ParkedUntil, c.UpdatedAt = Closed, now, time.Time{}, now
	c.Asking, c.Call = nil, nil
	return nil
}

// Rate records what the customer thought, 1 to 5, once it is closed. Rating
// again replaces the first.
func (c *Conversation) Rate(stars int, note string, now time.Time) error {
	if stars < 1 || stars > 5 {
		return &Error{Kind: Invalid, Code: "rating_range", Message: "a rating is 1 to 5", Field: "stars"}
	}
	if err := c.from("rate", Closed); err != nil {
		return err
	}
	c.Rating, c.RatingNote, c.UpdatedAt = stars, note, now
	return nil
}

// HeldBy reports whether agent has the conversation and may write in it.
func (c *Conversation) HeldBy(agent ID) bool {
	return c.AgentID == agent && (c.Status == Assigned || c.Status == Parked)
}

func (c *Conversation) held(move string, agent ID, from ...Status) error {
	if err := c.from(move, from...); err != nil {
		return err
	}
	if c.AgentID != agent {
		return Errorf(Conflict, "not_yours", "cannot %s: the conversation is with another agent", move)
	}
	return nil
}

func (c *Conversation) from(move string, allowed ...Status) error {
	for _, s := range allowed {
		if c.Status == s {
			return nil
		}
	}
	return Errorf(Conflict, "bad_status", "cannot %s a conversation that is %s", move, c.Status)
}
