package voice

import (
	"context"
	"encoding/json"
	"time"

	"github.com/parleyhq/parley/desk"
)

const (
	byeTime  = 30 * time.Second
	pageSize = 100
	maxPages = 20 // of one look
	backward = 60 // events that are looked through for the last question
)

// know takes in how the conversation stands, and where to read on from: all of
// a new conversation, of an older one what was said last.
func (c *call) know(conv desk.Conversation) {
	c.conv, c.at = conv, c.address()
	if conv.Channel == desk.Voice && conv.Address != "" {
		c.at = conv.Address // two may call from one number
	}
	c.rec.ConversationID, c.rec.ContactID = conv.ID, conv.ContactID
	if c.rec.Playbook == "" {
		c.rec.Playbook = conv.Playbook
	}
	c.log = c.log.With("conversation", conv.ID)
	ctx, cancel := context.WithTimeout(c.ctx, spineTime)
	defer cancel()
	if contact, err := c.ex.Spine.Contact(ctx, conv.ContactID); err == nil {
		c.contact = contact.Name
	}
	c.seq = max(0, conv.Seq-backward)
	events, err := c.ex.Spine.Events(ctx, conv.ID, c.seq, backward+pageSize)
	if err != nil {
		return // it is read from there
	}
	c.seq = since(events, c.id, c.rec.StartedAt.Add(-time.Second), c.seq)
}

// since is where a call has to read on from: after the mark that it began. Where
// there is none, what was said last before the call is said again, unless there
// is something newer; the clocks of two nodes differ by less than a second.
func since(events []desk.Event, call desk.ID, began time.Time, first int64) int64 {
	from, last := first, int64(0)
	for _, e := range events {
		var mark desk.Mark
		if e.Kind == desk.EventMark && json.Unmarshal(e.Data, &mark) == nil && mark.Kind == desk.MarkCall && mark.Data["call_id"] == string(call) {
			return e.Seq
		}
	}
	for _, e := range events {
		m, ok := message(e)
		spoken := ok && m.Author.Kind == desk.ByBot
		if spoken && !m.At.Before(began) {
			return from
		}
		if e.At.Before(began) {
			from = e.Seq
		}
		if spoken {
			last = e.Seq
		}
	}
	if last > 0 {
		return last - 1
	}
	return from
}

// look reads what is new in the conversation and follows it. What was pushed is
// only a sign to look.
func (c *call) look() {
	if c.conv.ID == "" || c.over != nil {
		return
	}
	ctx, cancel := context.WithTimeout(c.ctx, spineTime)
	defer cancel()
	// The conversation first: an event that is newer than it is read next time
	// again, but none that it has been through is missed.
	conv, err := c.ex.Spine.Conversation(ctx, c.conv.ID)
	if err != nil {
		c.log.WarnContext(ctx, "conversation not read", "error", err)
		return
	}
	c.conv = conv
	c.tape.sensitive(conv.Asking != nil && conv.Asking.Sensitive && conv.Status == desk.Automated)
	if c.mode == nil {
		c.follow()
	}
	for range maxPages {
		events, err := c.ex.Spine.Events(ctx, c.conv.ID, c.seq, pageSize)
		if err != nil {
			c.log.WarnContext(ctx, "events not read", "error", err)
			return
		}
		for _, e := range events {
			c.seq = max(c.seq, e.Seq)
			c.read(e)
		}
		if len(events) < pageSize {
			break
		}
	}
	c.follow()
}

// read takes in one event.
func (c *call) read(e desk.Event) {
	switch e.Kind {
	case desk.EventMessage:
		m, ok := message(e)
		if !ok || m.Private || m.Channel == desk.SMS {
			return // not for the ear
		}
		if m.Author.Kind == desk.ByCustomer && m.Channel != desk.Voice {
			c.page = true
		}
		if c.mode != nil {
			c.mode.message(m)
		}
	case desk.EventStatus:
		var s desk.StatusChange
		if json.Unmarshal(e.Data, &s) == nil && s.Agent != nil && s.Agent.Name != "" {
			c.names[s.Agent.ID] = s.Agent.Name
		}
	}
}

func message(e desk.Event) (m desk.Message, ok bool) {
	if e.Kind != desk.EventMessage || json.Unmarshal(e.Data, &m) != nil {
		return m, false
	}
	return m, true
}

// speak says a message.
func (c *call) speak(m desk.Message, o Saying) {
	if c.voice == nil {
		return
	}
	o.Words, o.Page = c.ex.Ear != nil, c.page
	c.voice.say(utterance{message: m.ID, sentences: c.ex.Speaker.Sentences(Keyed(m.Content), c.lang(), o), lang: c.lang()})
}

// say says something of our own.
func (c *call) say(sentences ...string) {
	if c.voice != nil {
		c.voice.say(utterance{sentences: sentences, lang: c.lang()})
	}
}
