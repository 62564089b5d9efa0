package httpapi

import (
	"context"
	"encoding/json"
	"time"

	"github.com/parleyhq/parley/desk"
)

// View is a conversation as its customer may see it.
type View struct {
	ID          desk.ID          `json:"id"`
	Status      desk.Status      `json:"status" enum:"automated,waiting,assigned,parked,closed" doc:"Who has it: a bot, a queue, a person, a person for later, nobody any more."`
	Seq         int64            `json:"seq" doc:"Of its newest event, also of those that customers do not get."`
	Lang        desk.Lang        `json:"lang"`
	Channel     desk.ChannelName `json:"channel"`
	Agent       *Someone         `json:"agent,omitempty"`
	Place       *desk.Place      `json:"place,omitempty" doc:"Where the customer stands, while he waits."`
	HandOver    *desk.HandOver   `json:"hand_over,omitempty" doc:"What is passed on to a person. It may be corrected until that person replies."`
	Asking      *desk.Input      `json:"asking,omitempty" doc:"How the open question may be answered."`
	CustomerSeq int64            `json:"customer_seq" doc:"The customer has read up to here."`
	AgentSeq    int64            `json:"agent_seq" doc:"We have read up to here."`
	Rating      int              `json:"rating,omitempty"`
	Call        *ChatCall        `json:"call,omitempty" doc:"The telephone call that is up in it."`
	OnHold      *ChatOnHold      `json:"on_hold,omitempty" doc:"What there is to see while he waits."`
	Callback    *ChatCallback    `json:"callback,omitempty" doc:"He is to be called back; his place is kept."`
}

// Someone is a person of ours as customers see him.
type Someone struct {
	Name string `json:"name"`
}

// ChatEvent is an event as customers may see it. Data depends on Kind:
// message: ChatMessage; status: ChatStatus; read: {by, seq}; typing: {by,
// name, on}; place: Place; call: ChatCall.
type ChatEvent struct {
	ConversationID desk.ID        `json:"conversation_id"`
	Seq            int64          `json:"seq,omitempty" doc:"Counts up within the conversation, with gaps; none for events that are not stored."`
	Kind           desk.EventKind `json:"kind" enum:"message,status,read,typing,place,call"`
	Data           any            `json:"data,omitempty" doc:"Of kind message a ChatMessage, of kind status {from, to, reason, agent}, of kind read {by, seq}, of kind typing {by, name, on}, of kind place a Place, of kind call a ChatCall: as it stands, or, with a seq, that it began (ringing) or ended."`
	At             time.Time      `json:"at"`
}

// ChatMessage is a message as customers may see it.
type ChatMessage struct {
	ID             desk.ID          `json:"id"`
	ConversationID desk.ID          `json:"conversation_id"`
	Seq            int64            `json:"seq"`
	Author         ChatAuthor       `json:"author"`
	Channel        desk.ChannelName `json:"channel"`
	Content        ChatContent      `json:"content"`
	ExternalID     string           `json:"external_id,omitempty" doc:"The client_id of the customer's own messages."`
	Delivery       desk.Delivery    `json:"delivery,omitempty"`
	At             time.Time        `json:"at"`
}

// ChatAuthor is who said a message.
type ChatAuthor struct {
	Kind desk.AuthorKind `json:"kind" enum:"customer,bot,agent,system"`
	Name string          `json:"name,omitempty"`
}

// ChatContent is what a message says.
type ChatContent struct {
	Text        string            `json:"text,omitempty"`
	Markdown    bool              `json:"markdown,omitempty" doc:"Text is Markdown; otherwise it is plain and must be shown as it is."`
	Options     []ChatOption      `json:"options,omitempty"`
	Menu        string            `json:"menu,omitempty" doc:"The options are the touch menu of this name, not quick replies."`
	Card        *ChatCard         `json:"card,omitempty"`
	Attachments []desk.Attachment `json:"attachments,omitempty"`
	Location    *desk.Location    `json:"location,omitempty"`
	Input       *desk.Input       `json:"input,omitempty"`
	Sources     []ChatSource      `json:"sources,omitempty"`
	HandOver    *desk.HandOver    `json:"hand_over,omitempty"`
	Masked      bool              `json:"masked,omitempty"`
	Command     desk.Verb         `json:"command,omitempty"`
}

// ChatOption is one thing to tap.
type ChatOption struct {
	ID    string   `json:"id"`
	Key   string   `json:"key,omitempty" doc:"What to type instead of tapping."`
	Label string   `json:"label"`
	Hint  string   `json:"hint,omitempty"`
	Icon  string   `json:"icon,omitempty"`
	Nav   bool     `json:"nav,omitempty" doc:"Back, start, a person: shown apart from the choices."`
	Pick  ChatPick `json:"pick"`
}

// ChatPick tells what sort of option it is, for icons only.
type ChatPick struct {
	Verb desk.Verb `json:"verb"`
}

// ChatCard shows facts.
type ChatCard struct {
	Title    string     `json:"title"`
	Subtitle string     `json:"subtitle,omitempty"`
	ImageURL string     `json:"image_url,omitempty"`
	Lines    []ChatLine `json:"lines,omitempty"`
}

// ChatLine is one fact; tapping Edit changes it.
type ChatLine struct {
	Label string      `json:"label"`
	Value string      `json:"value"`
	Edit  *ChatOption `json:"edit,omitempty"`
}

// ChatSource is where an answer was found.
type ChatSource struct {
	Slug  string `json:"slug"`
	Title string `json:"title"`
}

// ChatStatus is a change of status.
type ChatStatus struct {
	From   desk.Status `json:"from"`
	To     desk.Status `json:"to"`
	Reason string      `json:"reason,omitempty"`
	Agent  *Someone    `json:"agent,omitempty"`
}

// view builds what the customer sees of his conversation.
func (s *Server) view(ctx context.Context, c desk.Conversation) (View, error) {
	v := View{
		ID: c.ID, Status: outwardStatus(c.Status), Seq: c.Seq, Lang: c.Lang, Channel: c.Channel, HandOver: c.HandOver,
		Asking: c.Asking, CustomerSeq: c.CustomerSeq, AgentSeq: c.AgentSeq, Rating: c.Rating,
	}
	switch v.Status {
	case desk.Waiting:
		p, err := s.Router.Place(ctx, c.ID)
		if err != nil && !desk.IsKind(err, desk.Conflict) { // taken between the two reads
			return v, err
		}
		if err == nil {
			v.Place = &p
		}
	case desk.Assigned, desk.Parked:
		a, err := s.Reads.Agent(ctx, c.AgentID)
		if err != nil && !desk.IsKind(err, desk.NotFound) {
			return v, err
		}
		v.Agent = &Someone{a.Name}
	}
	return v, s.viewCall(ctx, &v, c)
}

// outwardStatus hides offers: to whom we offer a customer is our business.
func outwardStatus(s desk.Status) desk.Status {
	if s == desk.Offered {
		return desk.Waiting
	}
	return s
}

// chatEvents filters stored events.
func (s *Server) chatEvents(events []desk.Event) []ChatEvent {
	out := []ChatEvent{}
	for _, e := range events {
		if c, ok := s.chatEvent(e); ok {
			out = append(out, c)
		}
	}
	return out
}

// chatEvent is the one place that decides what of an event a customer gets.
// It names what passes; whatever it does not know stays inside.
func (s *Server) chatEvent(e desk.Event) (ChatEvent, bool) {
	out := ChatEvent{ConversationID: e.ConversationID, Seq: e.Seq, Kind: e.Kind, At: e.At}
	switch e.Kind {
	case desk.EventMessage:
		var m desk.Message
		if json.Unmarshal(e.Data, &m) != nil || m.Private {
			return out, false
		}
		out.Data = s.chatMessage(m)
	case desk.EventStatus:
		var c desk.StatusChange
		if json.Unmarshal(e.Data, &c) != nil {
			return out, false
		}
		to := ChatStatus{From: outwardStatus(c.From), To: outwardStatus(c.To), Reason: c.Reason}
		if to.From == to.To && c.Reason != "transferred" {
			return out, false
		}
		if c.Agent != nil && to.To == desk.Assigned {
			to.Agent = &Someone{c.Agent.Name}
		}
		out.Data = to
	case desk.EventRead:
		var r struct {
			By  desk.AuthorKind `json:"by"`
			Seq int64           `json:"seq"`
		}
		if json.Unmarshal(e.Data, &r) != nil {
			return out, false
		}
		out.Data = r
	case desk.EventTyping:
		var t struct {
			By   desk.AuthorKind `json:"by"`
			Name string          `json:"name,omitempty"`
			On   bool            `json:"on"`
		}
		if json.Unmarshal(e.Data, &t) != nil || t.By == desk.ByCustomer {
			return out, false
		}
		out.Data = t
	case desk.EventPlace:
		var p desk.Place
		if json.Unmarshal(e.Data, &p) != nil {
			return out, false
		}
		out.Data = p
	case desk.EventCall:
		var n desk.CallNews
		if json.Unmarshal(e.Data, &n) != nil {
			return out, false
		}
		out.Data = chatCall(n)
	case desk.EventMark: // that a call began or ended is a line of his thread
		var m desk.Mark
		if json.Unmarshal(e.Data, &m) != nil || m.Kind != desk.MarkCall {
			return out, false
		}
		call := ChatCall{CallID: desk.ID(m.Data["call_id"]), State: desk.CallRinging, Since: e.At}
		if m.Value == "ended" {
			call.State, call.Cause = desk.CallEnded, m.Data["cause"]
		}
		out.Kind, out.Data = desk.EventCall, call
	default:
		return out, false
	}
	return out, true
}

// chatMessage leaves out what only we need to know.
func (s *Server) chatMessage(m desk.Message) ChatMessage {
	c := m.Content
	out := ChatMessage{
		ID: m.ID, ConversationID: m.ConversationID, Seq: m.Seq, Author: ChatAuthor{m.Author.Kind, m.Author.Name}, Channel: m.Channel, Delivery: m.Delivery, At: m.At,
		Content: ChatContent{Text: c.Text, Markdown: c.Markdown, Menu: c.Menu, Location: c.Location, Input: c.Input, HandOver: c.HandOver, Masked: c.Masked, Command: c.Command},
	}
	if m.Author.Kind == desk.ByCustomer {
		out.ExternalID = m.ExternalID
	}
	for _, o := range c.Options {
		out.Content.Options = append(out.Content.Options, chatOption(o))
	}
	if c.Card != nil {
		card := &ChatCard{Title: c.Card.Title, Subtitle: c.Card.Subtitle, ImageURL: c.Card.ImageURL}
		for _, l := range c.Card.Lines {
			line := ChatLine{Label: l.Label, Value: l.Value}
			if l.Edit != nil {
				o := chatOption(*l.Edit)
				line.Edit = &o
			}
			card.Lines = append(card.Lines, line)
		}
		out.Content.Card = card
	}
	for _, a := range c.Attachments {
		a.URL = s.signedFile(a.ID)
		out.Content.Attachments = append(out.Content.Attachments, a)
	}
	for _, src := range c.Sources {
		out.Content.Sources = append(out.Content.Sources, ChatSource{src.Slug, src.Title})
	}
	return out
}

func chatOption(o desk.Option) ChatOption {
	return ChatOption{ID: o.ID, Key: o.Key, Label: o.Label, Hint: o.Hint, Icon: o.Icon, Nav: o.Nav, Pick: ChatPick{o.Pick.Verb}}
}
