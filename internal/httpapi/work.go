package httpapi

import (
	"context"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/routing"
)

// Desk is what routing does for people at work; *routing.Router does it.
type Desk interface {
	Reply(ctx context.Context, agent desk.Author, conversation desk.ID, r routing.Reply) (desk.Message, error)
	AcceptOffer(ctx context.Context, agent, offer desk.ID) (desk.Conversation, error)
	DeclineOffer(ctx context.Context, agent, offer desk.ID) error
	Take(ctx context.Context, agent desk.Author, conversation desk.ID) (desk.Conversation, error)
	Transfer(ctx context.Context, agent desk.Author, conversation desk.ID, to routing.Destination, note string) (desk.Conversation, error)
	HandBack(ctx context.Context, agent desk.Author, conversation desk.ID, to desk.Target) (desk.Conversation, error)
	Park(ctx context.Context, agent desk.Author, conversation desk.ID, until time.Time) (desk.Conversation, error)
	Unpark(ctx context.Context, agent desk.Author, conversation desk.ID) (desk.Conversation, error)
	SetPresence(ctx context.Context, agent desk.ID, p desk.Presence) (desk.Agent, error)
	Connected(ctx context.Context, agent desk.ID) error
	Disconnected(ctx context.Context, agent desk.ID) error
	Heartbeat(ctx context.Context, agent desk.ID) error
	PutQueue(ctx context.Context, q desk.Queue) error
}

// Router is all that HTTP asks of routing.
type Router interface {
	Customers
	Desk
}

var _ Router = (*routing.Router)(nil)

type presenceBody struct {
	Presence desk.Presence `json:"presence" enum:"available,busy,away,offline"`
}

func (s *Server) putPresence(ctx context.Context, in *body[presenceBody]) (*reply[desk.Agent], error) {
	a, err := s.Router.SetPresence(ctx, user(ctx).ID, in.Body.Presence)
	return &reply[desk.Agent]{a}, err
}

// OfferCard is an offer with what it takes to decide.
type OfferCard struct {
	Offer desk.Offer       `json:"offer"`
	Row   routing.InboxRow `json:"row"`
	Card  *desk.HandOver   `json:"card,omitempty"`
}

func (s *Server) listOffers(ctx context.Context, _ *none) (*reply[Page[OfferCard]], error) {
	offers, err := s.Reads.OpenOffers(ctx, user(ctx).ID)
	if err != nil {
		return nil, err
	}
	var cards []OfferCard
	for _, o := range offers {
		c, err := s.offerCard(ctx, o)
		if err != nil {
			return nil, err
		}
		cards = append(cards, c)
	}
	return pageWith(cards, ""), nil
}

func (s *Server) offerCard(ctx context.Context, o desk.Offer) (OfferCard, error) {
	row, err := s.Reads.Row(ctx, o.ConversationID)
	if err != nil {
		return OfferCard{}, err
	}
	c, err := s.Reads.Conversation(ctx, o.ConversationID)
	return OfferCard{o, row, c.HandOver}, err
}

func (s *Server) acceptOffer(ctx context.Context, in *ByID) (*reply[desk.Conversation], error) {
	c, err := s.Router.AcceptOffer(ctx, user(ctx).ID, desk.ID(in.ID))
	return &reply[desk.Conversation]{c}, err
}

func (s *Server) declineOffer(ctx context.Context, in *ByID) (*none, error) {
	return nil, s.Router.DeclineOffer(ctx, user(ctx).ID, desk.ID(in.ID))
}

func (s *Server) take(ctx context.Context, in *ByID) (*reply[desk.Conversation], error) {
	c, err := s.visible(ctx, desk.ID(in.ID))
	if err != nil {
		return nil, err
	}
	c, err = s.Router.Take(ctx, author(ctx), c.ID)
	return &reply[desk.Conversation]{c}, err
}

type replyIn struct {
	ByID
	Body replyBody
}

type replyBody struct {
	ClientID    string    `json:"client_id" minLength:"1" maxLength:"100" doc:"Your own id of it; a repeat with the same one is one message."`
	Text        string    `json:"text,omitempty" maxLength:"8000" doc:"Markdown."`
	Attachments []desk.ID `json:"attachments,omitempty" maxItems:"10" doc:"Ids of your own uploads."`
	Private     bool      `json:"private,omitempty" doc:"A note among agents."`
	Suggestion  desk.ID   `json:"suggestion,omitempty" maxLength:"64" doc:"The suggestion it was made from."`
	Edited      bool      `json:"edited,omitempty" doc:"Only informative; what was sent is compared with what was suggested."`
}

func (s *Server) replyTo(ctx context.Context, in *replyIn) (*reply[desk.Message], error) {
	c, err := s.visible(ctx, desk.ID(in.ID))
	if err != nil {
		return nil, err
	}
	b := in.Body
	r := routing.Reply{ClientID: b.ClientID, Text: b.Text, Private: b.Private, Suggestion: b.Suggestion}
	for _, id := range b.Attachments {
		f, err := s.ownFile(ctx, user(ctx).ID, id)
		if err != nil {
			return nil, err
		}
		r.Attachments = append(r.Attachments, f)
	}
	if b.Suggestion != "" && !b.Private && s.Assist != nil {
		if err := s.Assist.Check(ctx, c.ID, b.Suggestion, b.Text); err != nil {
			return nil, err
		}
	}
	m, err := s.Router.Reply(ctx, author(ctx), c.ID, r)
	if err != nil {
		return nil, err
	}
	if !b.Private && s.Assist != nil {
		if err := s.Assist.Replied(ctx, c.ID, user(ctx).ID, b.Suggestion, b.Text); err != nil {
			s.Log.WarnContext(ctx, "note what became of suggestions", "request", callerOf(ctx).RequestID, "suggestion", b.Suggestion, "err", err) // the reply is sent all the same
		}
	}
	return &reply[desk.Message]{m}, nil
}

type transferIn struct {
	ByID
	Body transferBody
}

type transferBody struct {
	Queue desk.QueueName `json:"queue,omitempty" maxLength:"64"`
	Agent desk.ID        `json:"agent,omitempty" maxLength:"64"`
	Note  string         `json:"note,omitempty" maxLength:"2000"`
}

func (s *Server) transfer(ctx context.Context, in *transferIn) (*reply[desk.Conversation], error) {
	return s.move(ctx, in.ID, func(id desk.ID) (desk.Conversation, error) {
		return s.Router.Transfer(ctx, author(ctx), id, routing.Destination{Queue: in.Body.Queue, Agent: in.Body.Agent}, in.Body.Note)
	})
}

type parkIn struct {
	ByID
	Body *parkBody
}

type parkBody struct {
	Until time.Time `json:"until,omitzero" doc:"When it comes back by itself; without it, when the customer writes or you take it back."`
}

func (s *Server) park(ctx context.Context, in *parkIn) (*reply[desk.Conversation], error) {
	var b parkBody
	if in.Body != nil {
		b = *in.Body
	}
	return s.move(ctx, in.ID, func(id desk.ID) (desk.Conversation, error) {
		return s.Router.Park(ctx, author(ctx), id, b.Until)
	})
}

func (s *Server) unpark(ctx context.Context, in *ByID) (*reply[desk.Conversation], error) {
	return s.move(ctx, in.ID, func(id desk.ID) (desk.Conversation, error) { return s.Router.Unpark(ctx, author(ctx), id) })
}

type closeIn struct {
	ByID
	Body *closeBody
}

type closeBody struct {
	Disposition string `json:"disposition,omitempty" maxLength:"100"`
}

func (s *Server) closeConversation(ctx context.Context, in *closeIn) (*reply[desk.Conversation], error) {
	var b closeBody
	if in.Body != nil {
		b = *in.Body
	}
	return s.move(ctx, in.ID, func(id desk.ID) (desk.Conversation, error) {
		return s.Router.Close(ctx, author(ctx), id, b.Disposition)
	})
}

// move checks that the user may see a conversation and then changes it.
func (s *Server) move(ctx context.Context, id string, f func(desk.ID) (desk.Conversation, error)) (*reply[desk.Conversation], error) {
	c, err := s.visible(ctx, desk.ID(id))
	if err != nil {
		return nil, err
	}
	c, err = f(c.ID)
	return &reply[desk.Conversation]{c}, err
}

type readIn struct {
	ByID
	Body readBody
}

type readBody struct {
	Seq int64 `json:"seq" minimum:"0"`
}

// read is only told to the customer when it is his agent who has read.
func (s *Server) read(ctx context.Context, in *readIn) (*none, error) {
	c, err := s.visible(ctx, desk.ID(in.ID))
	if err != nil || c.AgentID != user(ctx).ID {
		return nil, err
	}
	return nil, s.Router.MarkRead(ctx, c.ID, desk.ByAgent, in.Body.Seq)
}

type typingIn struct {
	ByID
	Body typingBody
}

type typingBody struct {
	On bool `json:"on"`
}

func (s *Server) typing(ctx context.Context, in *typingIn) (*none, error) {
	c, err := s.visible(ctx, desk.ID(in.ID))
	if err == nil {
		s.typed(ctx, c, in.Body.On)
	}
	return nil, err
}

// typed tells the customer that his agent types; nobody else's typing shows.
func (s *Server) typed(ctx context.Context, c desk.Conversation, on bool) {
	if c.HeldBy(user(ctx).ID) {
		s.Router.Typing(ctx, c.ID, author(ctx), on)
	}
}

type ignoreIn struct {
	ByID
	Suggestion string `path:"sid" maxLength:"64"`
}

func (s *Server) ignoreSuggestion(ctx context.Context, in *ignoreIn) (*none, error) {
	if _, err := s.visible(ctx, desk.ID(in.ID)); err != nil || s.Assist == nil {
		return nil, err
	}
	return nil, s.Assist.Ignored(ctx, desk.ID(in.ID), desk.ID(in.Suggestion), user(ctx).ID)
}
