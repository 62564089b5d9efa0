package routing

import (
	"context"
	"strconv"
	"strings"

	"github.com/parleyhq/parley/desk"
)

// heardNothing stands for what was heard of a message that was interrupted
// before its first word.
const heardNothing = "…"

// Hear is Accept for a customer who waits on the line: the responder answers
// before it returns.
func (r *Router) Hear(ctx context.Context, in desk.Inbound) (Receipt, error) {
	out, err := r.Accept(ctx, in)
	if err != nil || out.Conversation.Status != desk.Automated {
		return out, err
	}
	if err := r.Answer(ctx, out.Conversation.ID); err != nil { // the job tries again
		r.log().WarnContext(ctx, "caller not answered yet", "conversation", out.Conversation.ID, "error", err)
	}
	rec, err := r.Store.Record(ctx, out.Conversation.ID)
	out.Conversation = rec.Conversation
	return out, err
}

// Heard notes that a spoken message was interrupted, and how much of it was
// heard: responders and suggestions know no more of it.
func (r *Router) Heard(ctx context.Context, message desk.ID, text string) error {
	text = cleanText(text)
	if strings.TrimSpace(text) == "" {
		text = heardNothing
	}
	return r.Store.Write(ctx, func(ctx context.Context, tx Tx) error {
		m, err := tx.Message(ctx, message)
		if err != nil {
			return err
		}
		if err := tx.SetHeard(ctx, message, text); err != nil {
			return err
		}
		tx.After(func() {
			r.publish("conv."+string(m.ConversationID), r.passing(m.ConversationID, desk.EventDelivery,
				DeliveryNews{MessageID: message, Delivery: m.Delivery, Error: m.Error, Heard: text}))
		})
		return nil
	})
}

// Spoke records what an agent said in a call, as it was understood. The same id
// twice is one message.
func (r *Router) Spoke(ctx context.Context, agent desk.Author, conversation desk.ID, id, text string) error {
	agent.Kind = desk.ByAgent
	id, text = cleanLine(id), cleanText(text)
	if id == "" || len(id) > maxID || strings.TrimSpace(text) == "" {
		return &desk.Error{Kind: desk.Invalid, Code: "empty_message", Field: "text", Message: "what was said needs words and an id of its own"}
	}
	if err := checkText("text", text); err != nil {
		return err
	}
	_, err := r.change(ctx, conversation, func(ctx context.Context, c *change) error {
		_, added, err := c.add(ctx, desk.Message{
			Author: agent, Channel: desk.Voice, ExternalID: id, Delivery: desk.Delivered, Content: desk.Content{Text: text},
		}, "sp\x1f"+string(agent.ID)+"\x1f"+string(conversation)+"\x1f"+id)
		if err != nil || !added {
			return orNothing(err)
		}
		if c.rec.HeldBy(agent.ID) { // who speaks has heard
			c.rec.Replied, c.rec.AgentSeq, c.rec.Unread = true, c.rec.Seq, 0
		}
		return nil
	})
	return err
}

func orNothing(err error) error {
	if err == nil {
		return errNothing
	}
	return err
}

// Mark records something that happened in a conversation.
func (r *Router) Mark(ctx context.Context, conversation desk.ID, m desk.Mark) error {
	_, err := r.change(ctx, conversation, func(ctx context.Context, c *change) error { return c.mark(ctx, m) })
	return err
}

// Voicemail leaves a recorded message in a conversation, as the customer's,
// with what was understood of it. It waits on, without its call.
func (r *Router) Voicemail(ctx context.Context, conversation desk.ID, audio desk.Attachment, seconds int, transcript string) error {
	transcript = cut(cleanText(transcript), MaxText)
	_, err := r.change(ctx, conversation, func(ctx context.Context, c *change) error {
		if c.rec.Status == desk.Closed {
			return desk.Errorf(desk.Conflict, "bad_status", "cannot leave a message in a conversation that is closed")
		}
		m, added, err := c.add(ctx, desk.Message{
			Author: desk.Author{Kind: desk.ByCustomer, ID: c.rec.ContactID}, Channel: desk.Voice,
			Content: desk.Content{Text: transcript, Attachments: []desk.Attachment{audio}},
		}, "vm\x1f"+string(conversation)+"\x1f"+string(audio.ID))
		if err != nil || !added {
			return orNothing(err)
		}
		c.rec.HeardSeq, c.rec.LastCustomerAt = m.Seq, c.now
		c.rec.Unread++
		if c.rec.Status == desk.Automated {
			c.rec.AnsweredSeq = m.Seq // nobody is there to be answered
		}
		c.rec.Conversation.CallEnded(c.rec.OnCall, c.now)
		return c.mark(ctx, desk.Mark{Kind: MarkVoicemail, Value: string(audio.ID), Data: map[string]string{"seconds": strconv.Itoa(seconds)}})
	})
	return err
}

// MarkVoicemail records that the caller left a message: Value is the
// attachment's id, Data.seconds its length.
const MarkVoicemail desk.MarkKind = "voicemail"
