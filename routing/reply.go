package routing

import (
	"context"
	"strings"
	"time"

	"github.com/parleyhq/parley/desk"
)

// MarkSuggested records that a reply was made from a suggestion: Value is the
// suggestion's id, Data.message_id the reply's.
const MarkSuggested desk.MarkKind = "suggested"

// Reply is what an agent writes.
type Reply struct {
	ClientID    string // the console's own id of it; required, a repeat is dropped
	Text        string // Markdown
	Attachments []desk.Attachment
	Private     bool    // a note among agents
	Suggestion  desk.ID // the suggestion it was made from; "" for none
}

// Reply appends what an agent writes. Only the agent who has the conversation
// may write to the customer; a private note may be left by anybody. The same
// ClientID twice is one message, and the first is returned.
func (r *Router) Reply(ctx context.Context, agent desk.Author, conversation desk.ID, in Reply) (m desk.Message, err error) {
	agent.Kind = desk.ByAgent
	in.Text, in.ClientID = cleanText(in.Text), cleanLine(in.ClientID)
	switch {
	case in.ClientID == "" || len(in.ClientID) > maxID:
		return m, &desk.Error{Kind: desk.Invalid, Code: "no_client_id", Field: "client_id", Message: "give the reply an id of its own, so that a repeat can be told from a new one"}
	case strings.TrimSpace(in.Text) == "" && len(in.Attachments) == 0:
		return m, &desk.Error{Kind: desk.Invalid, Code: "empty_message", Field: "text", Message: "write something or attach a file"}
	}
	if err := checkText("text", in.Text); err != nil {
		return m, err
	}
	if err := checkFiles(in.Attachments); err != nil {
		return m, err
	}
	key := "ag\x1f" + string(agent.ID) + "\x1f" + string(conversation) + "\x1f" + in.ClientID
	_, err = r.change(ctx, conversation, func(ctx context.Context, c *change) error {
		first, repeat, err := c.tx.ByKey(ctx, key)
		if err != nil {
			return err
		}
		if repeat {
			m = first
			return errNothing
		}
		if !in.Private && !c.rec.HeldBy(agent.ID) {
			return desk.Errorf(desk.Conflict, "not_yours", "only the agent who has the conversation may write to the customer; take it, or leave a note")
		}
		m, _, err = c.add(ctx, desk.Message{
			Author: agent, Private: in.Private, ExternalID: in.ClientID,
			Content: desk.Content{Text: in.Text, Markdown: true, Attachments: in.Attachments},
		}, key)
		if err != nil {
			return err
		}
		if !in.Private {
			c.rec.Replied = true
			if c.rec.AgentSeq < c.rec.Seq { // who answers has read
				c.rec.AgentSeq, c.rec.Unread = c.rec.Seq, 0
			}
		}
		if in.Suggestion != "" {
			return c.mark(ctx, desk.Mark{Kind: MarkSuggested, Value: string(in.Suggestion), Data: map[string]string{"message_id": string(m.ID)}})
		}
		return nil
	})
	return m, err
}

// Take gives a conversation that waits, or that a bot answers, to an agent who
// picks it himself. One that is offered to him is accepted.
func (r *Router) Take(ctx context.Context, agent desk.Author, conversation desk.ID) (desk.Conversation, error) {
	agent.Kind = desk.ByAgent
	rec, err := r.change(ctx, conversation, func(ctx context.Context, c *change) error {
		from := c.rec.Status
		if c.rec.HeldBy(agent.ID) {
			return errNothing
		}
		if _, err := r.lockAgent(ctx, c.tx, agent.ID); err != nil {
			return err
		}
		if err := c.tx.Idle(ctx, agent.ID, c.now); err != nil {
			return err
		}
		if from == desk.Offered && c.rec.AgentID == agent.ID {
			if err := c.endOffer(ctx, desk.OfferAccepted); err != nil {
				return err
			}
			if err := c.rec.Accept(agent.ID, c.now); err != nil {
				return err
			}
		} else if err := c.rec.Take(agent.ID, c.now); err != nil {
			return err
		}
		if c.rec.Queue == "" { // so that it has somewhere to go back to
			q, err := c.queueFor(ctx, "")
			if err != nil {
				return err
			}
			c.rec.Queue = q.Name
		}
		c.newRound()
		c.dial(agent.ID)
		if err := c.suggest(ctx); err != nil {
			return err
		}
		return c.moved(ctx, from, "taken", &agent)
	})
	return rec.Conversation, err
}

// Destination is where a conversation is transferred to: a queue, or an agent.
type Destination struct {
	Queue desk.QueueName
	Agent desk.ID
}

// Transfer hands an agent's conversation on. A named agent is offered it
// first; if he does not take it, it is offered on in its queue. The note, if
// there is one, is left for whoever takes it.
func (r *Router) Transfer(ctx context.Context, agent desk.Author, conversation desk.ID, to Destination, note string) (desk.Conversation, error) {
	agent.Kind = desk.ByAgent
	note = cleanText(note)
	if (to.Queue == "") == (to.Agent == "") {
		return desk.Conversation{}, &desk.Error{Kind: desk.Invalid, Code: "bad_destination", Field: "queue", Message: "name either a queue or an agent"}
	}
	if err := checkText("note", note); err != nil {
		return desk.Conversation{}, err
	}
	if to.Agent == agent.ID {
		return desk.Conversation{}, &desk.Error{Kind: desk.Invalid, Code: "bad_destination", Field: "agent", Message: "the conversation is with you already"}
	}
	rec, err := r.change(ctx, conversation, func(ctx context.Context, c *change) error {
		from := c.rec.Status
		queue := to.Queue
		if to.Agent != "" {
			a, err := r.lockAgent(ctx, c.tx, to.Agent)
			if err != nil {
				return err
			}
			if !a.Active {
				return desk.Errorf(desk.Conflict, "agent_gone", "%s does not work here any more", a.Name)
			}
			queue = c.rec.Queue
		}
		q, err := c.queueFor(ctx, queue)
		if err != nil {
			return err
		}
		if to.Queue != "" && q.Name != to.Queue {
			return &desk.Error{Kind: desk.NotFound, Code: "no_queue", Field: "queue", Message: "there is no queue of that name"}
		}
		if strings.TrimSpace(note) != "" {
			_, _, err := c.add(ctx, desk.Message{Author: agent, Private: true, Content: desk.Content{Text: note, Markdown: true}}, "")
			if err != nil {
				return err
			}
		}
		if err := c.rec.Conversation.Transfer(agent.ID, q.Name, c.now); err != nil {
			return err
		}
		c.newRound()
		c.rec.Passed, c.rec.Prefer = []desk.ID{agent.ID}, to.Agent
		return c.moved(ctx, from, "transferred", &agent)
	})
	return rec.Conversation, err
}

// Park sets a conversation aside until a time, or until the customer writes;
// it costs no capacity meanwhile.
func (r *Router) Park(ctx context.Context, agent desk.Author, conversation desk.ID, until time.Time) (desk.Conversation, error) {
	agent.Kind = desk.ByAgent
	if !until.IsZero() && !until.After(r.now()) {
		return desk.Conversation{}, &desk.Error{Kind: desk.Invalid, Code: "until_past", Field: "until", Message: "the time is over already"}
	}
	rec, err := r.change(ctx, conversation, func(ctx context.Context, c *change) error {
		if err := c.rec.Conversation.Park(agent.ID, until.UTC(), c.now); err != nil {
			return err
		}
		if !until.IsZero() {
			j := desk.NewJob(UnparkJob, "", jobArgs{ConversationID: c.rec.ID})
			j.At = until
			c.enqueue(j)
		}
		return c.moved(ctx, desk.Assigned, "parked", &agent)
	})
	return rec.Conversation, err
}

// Unpark takes a parked conversation up again.
func (r *Router) Unpark(ctx context.Context, agent desk.Author, conversation desk.ID) (desk.Conversation, error) {
	agent.Kind = desk.ByAgent
	rec, err := r.change(ctx, conversation, func(ctx context.Context, c *change) error {
		if c.rec.Status == desk.Parked && !c.rec.HeldBy(agent.ID) {
			return desk.Errorf(desk.Conflict, "not_yours", "the conversation is with another agent")
		}
		return c.unpark(ctx, &agent)
	})
	return rec.Conversation, err
}

func (c *change) unpark(ctx context.Context, by *desk.Author) error {
	if err := c.rec.Conversation.Unpark(c.now); err != nil {
		return err
	}
	return c.moved(ctx, desk.Parked, "unparked", by)
}

// unparkDue takes a parked conversation up again whose time has come.
func (r *Router) unparkDue(ctx context.Context, conversation desk.ID) error {
	_, err := r.change(ctx, conversation, func(ctx context.Context, c *change) error {
		if c.rec.Status != desk.Parked || c.rec.ParkedUntil.IsZero() || c.rec.ParkedUntil.After(c.now) {
			return errNothing
		}
		return c.unpark(ctx, nil)
	})
	return err
}

// Close ends a conversation. An agent ends one that he has or that nobody has;
// the customer ends his own whoever has it.
func (r *Router) Close(ctx context.Context, by desk.Author, conversation desk.ID, disposition string) (desk.Conversation, error) {
	rec, err := r.change(ctx, conversation, func(ctx context.Context, c *change) error {
		if c.rec.Status == desk.Closed {
			return errNothing
		}
		if by.Kind == desk.ByAgent && c.rec.AgentID != "" && c.rec.AgentID != by.ID {
			return desk.Errorf(desk.Conflict, "not_yours", "the conversation is with another agent")
		}
		return c.close(ctx, &by, disposition)
	})
	return rec.Conversation, err
}
