package routing

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/parleyhq/parley/desk"
)

// change is one transaction on one conversation: what is stored in it, and
// whom to tell once it is committed.
type change struct {
	r      *Router
	tx     Tx
	rec    Record
	agent  desk.ID // who had it before
	now    time.Time
	events []desk.Event
	lines  map[desk.QueueName]bool // queues whose places moved
	jobs   []desk.Job
	tells  []tell
}

// tell is one publication after the commit.
type tell struct {
	subject string
	v       any
}

// InboxChange is published on "inbox" after any change of a conversation.
type InboxChange struct {
	ConversationID desk.ID        `json:"conversation_id"`
	Status         desk.Status    `json:"status"`
	Queue          desk.QueueName `json:"queue,omitempty"`
	AgentID        desk.ID        `json:"agent_id,omitempty"`
}

// AgentNews is published on "agent.<id>".
type AgentNews struct {
	Kind string `json:"kind"` // offer, offer_closed, presence
	Data any    `json:"data"`
}

// Changes that end in the conversation being as it was.
var errNothing = desk.Errorf(desk.Conflict, "nothing", "nothing to change")

// change locks a conversation, lets f change it, and stores and publishes what
// came of it. f may run more than once. errNothing from f stores nothing and
// is no error.
func (r *Router) change(ctx context.Context, id desk.ID, f func(ctx context.Context, c *change) error) (Record, error) {
	var rec Record
	err := r.Store.Write(ctx, func(ctx context.Context, tx Tx) error {
		var err error
		if rec, err = tx.Lock(ctx, id); err != nil {
			return err
		}
		c := r.begin(tx, rec)
		if err := f(ctx, c); err != nil {
			return err
		}
		err = c.commit(ctx)
		rec = c.rec
		return err
	})
	if err == errNothing { //nolint:errorlint // it is returned bare, by our own callbacks
		err = nil
	}
	return rec, err
}

func (r *Router) begin(tx Tx, rec Record) *change {
	return &change{r: r, tx: tx, rec: rec, agent: rec.AgentID, now: r.now(), lines: map[desk.QueueName]bool{}}
}

// commit stores the conversation and hands over what is told after the commit.
func (c *change) commit(ctx context.Context) error {
	if err := c.tx.Save(ctx, &c.rec); err != nil {
		return err
	}
	return c.finish(ctx)
}

func (c *change) finish(ctx context.Context) error {
	for q := range c.lines {
		c.enqueue(placeJob(q, c.now.Add(time.Second)))
	}
	// Always in the same order, so that two transactions never wait for each
	// other's unique keys.
	slices.SortStableFunc(c.jobs, func(a, b desk.Job) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Unique, b.Unique))
	})
	for _, j := range c.jobs {
		if err := c.tx.Enqueue(ctx, j); err != nil {
			return err
		}
	}
	r, rec, events, tells := c.r, c.rec, c.events, c.tells
	c.tx.After(func() {
		for _, e := range events {
			r.publish("conv."+string(rec.ID), e)
		}
		r.publish("inbox", InboxChange{rec.ID, rec.Status, rec.Queue, rec.AgentID})
		for _, t := range tells {
			r.publish(t.subject, t.v)
		}
	})
	return nil
}

// add appends a message. It is false, and nothing is stored, if one with the
// same key is there already.
func (c *change) add(ctx context.Context, m desk.Message, key string) (desk.Message, bool, error) {
	if m.ID == "" {
		m.ID = desk.NewIDAt(c.now)
	}
	m.ConversationID, m.Seq, m.At = c.rec.ID, c.rec.Seq+1, c.now
	if m.Channel == "" {
		m.Channel = c.replyBy(m.Author.Kind)
	}
	outgoing := m.Author.Kind != desk.ByCustomer && !m.Private
	switch {
	case m.Delivery != "":
	case m.Author.Kind == desk.ByCustomer:
		m.Delivery = desk.Received
	case outgoing && c.r.pull(m.Channel):
		m.Delivery = desk.Sent
	case outgoing:
		m.Delivery = desk.Queued
	}
	added, err := c.tx.AddMessage(ctx, m, key)
	if err != nil || !added {
		return m, false, err
	}
	if m.Delivery == desk.Queued {
		c.enqueue(deliverJob(c.rec.ID))
	}
	c.rec.Seq = m.Seq
	aside := m.Author.Kind == desk.BySystem && m.Channel != c.rec.Channel // such as the link to the page of a call
	if !m.Private && !aside {
		c.rec.Preview, c.rec.PreviewBy, c.rec.LastAt = preview(m.Content), m.Author.Kind, c.now
	}
	if outgoing {
		c.rec.LastReplyAt = c.now
	}
	c.rec.UpdatedAt = c.now
	data, err := json.Marshal(m)
	if err != nil {
		return m, false, fmt.Errorf("write message %s: %w", m.ID, err)
	}
	c.events = append(c.events, desk.Event{
		ID: m.ID, ConversationID: c.rec.ID, Seq: m.Seq, Kind: desk.EventMessage, Data: data, At: m.At,
	})
	return m, true, nil
}

// say appends what the bot says.
func (c *change) say(ctx context.Context, content desk.Content) error {
	if content.IsZero() {
		return nil
	}
	_, _, err := c.add(ctx, desk.Message{Author: desk.Author{Kind: desk.ByBot}, Content: content}, "")
	return err
}

// note appends a stored event.
func (c *change) note(ctx context.Context, kind desk.EventKind, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write %s event: %w", kind, err)
	}
	c.rec.Seq++
	e := desk.Event{
		ID: desk.NewIDAt(c.now), ConversationID: c.rec.ID, Seq: c.rec.Seq, Kind: kind, Data: data, At: c.now,
	}
	c.events = append(c.events, e)
	return c.tx.AddEvent(ctx, e)
}

func (c *change) mark(ctx context.Context, m desk.Mark) error { return c.note(ctx, desk.EventMark, m) }

// moved records a move from a status, and starts what follows from it: people
// in line are told, and freed or new work is assigned.
func (c *change) moved(ctx context.Context, from desk.Status, reason string, agent *desk.Author) error {
	err := c.note(ctx, desk.EventStatus, desk.StatusChange{
		From: from, To: c.rec.Status, Queue: c.rec.Queue, Agent: agent, Reason: reason,
	})
	if err != nil {
		return err
	}
	inLine := func(s desk.Status) bool { return s == desk.Waiting || s == desk.Offered }
	if c.rec.Queue != "" && (inLine(from) || inLine(c.rec.Status)) {
		c.lines[c.rec.Queue] = true
	}
	if c.rec.Status != desk.Automated {
		c.rec.Abandoned = nil
	}
	if c.rec.Status == desk.Assigned {
		c.rec.LastAgent = c.rec.AgentID
		if c.rec.Aside != nil {
			c.rec.Aside.Waits = false
		}
	}
	if from == desk.Assigned && c.rec.Status != desk.Assigned && c.agent != "" {
		if err := c.tx.Idle(ctx, c.agent, c.now); err != nil {
			return err
		}
	}
	costs := func(s desk.Status) bool { return s == desk.Offered || s == desk.Assigned }
	if c.rec.Status == desk.Waiting || from == desk.Offered || costs(from) && !costs(c.rec.Status) {
		c.enqueue(assignJob())
	}
	return nil
}

// suggest asks for replies to the newest customer message, for the agent who
// looks at the conversation now.
func (c *change) suggest(ctx context.Context) error {
	m, ok, err := c.tx.LastHeard(ctx, c.rec.ID)
	if err != nil || !ok {
		return err
	}
	c.enqueue(suggestJob(c.rec.ID, m.ID))
	return nil
}

// enqueue adds work that exists if and only if the change is committed.
func (c *change) enqueue(j desk.Job) { c.jobs = append(c.jobs, j) }

func (c *change) tell(subject string, v any) { c.tells = append(c.tells, tell{subject, v}) }

func (c *change) tellAgent(agent desk.ID, kind string, data any) {
	c.tell("agent."+string(agent), AgentNews{kind, data})
}

// preview is the start of what a message says, for lists.
func preview(content desk.Content) string {
	s := content.Text
	switch {
	case s != "":
	case len(content.Attachments) > 0:
		s = "📎 " + content.Attachments[0].Name
	case content.Location != nil:
		s = "📍 " + content.Location.Label
	case content.Card != nil:
		s = content.Card.Title
	}
	return cut(s, 160)
}

// cut returns the first n runes of s on one line.
func cut(s string, n int) string {
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}

// push tells screens of something that has no place in the stored order.
func (c *change) push(kind desk.EventKind, v any) {
	c.events = append(c.events, c.r.passing(c.rec.ID, kind, v))
}

// passing makes an event that is not stored.
func (r *Router) passing(conversation desk.ID, kind desk.EventKind, v any) desk.Event {
	data, err := json.Marshal(v)
	if err != nil {
		r.log().Error("event not written", "kind", kind, "error", err) // v is ours; it always marshals
	}
	return desk.Event{ConversationID: conversation, Kind: kind, Data: data, At: r.now()}
}
