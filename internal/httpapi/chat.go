package httpapi

import (
	"context"
	"strconv"
	"strings"

	"github.com/parleyhq/parley/channels/webchat"
	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/routing"
)

// Customers is what routing does for a customer; *routing.Router does it.
type Customers interface {
	Accept(ctx context.Context, in desk.Inbound) (routing.Receipt, error)
	Meet(ctx context.Context, p routing.Person) (desk.Contact, error)
	EditContact(ctx context.Context, id desk.ID, e routing.ContactEdit) (desk.Contact, error)
	Saw(ctx context.Context, contact desk.ID, url, title string) error
	MarkRead(ctx context.Context, conversation desk.ID, by desk.AuthorKind, seq int64) error
	Typing(ctx context.Context, conversation desk.ID, by desk.Author, on bool)
	Rate(ctx context.Context, conversation desk.ID, stars int, note string) (desk.Conversation, error)
	EditHandOver(ctx context.Context, conversation desk.ID, e routing.HandOverEdit) (desk.Conversation, error)
	Close(ctx context.Context, by desk.Author, conversation desk.ID, disposition string) (desk.Conversation, error)
	Place(ctx context.Context, conversation desk.ID) (desk.Place, error)
}

// chatState is a conversation with its newest events.
type chatState struct {
	Conversation *View       `json:"conversation" doc:"null when there is none yet."`
	Events       []ChatEvent `json:"events" nullable:"false" doc:"The newest 100, oldest first."`
}

const newest = 100

// current is the conversation a customer is in: the open one, else his newest.
// Whoever came by the link of a call is in its conversation only.
func (s *Server) current(ctx context.Context, v *webchat.Visitor) (*desk.Conversation, error) {
	if v.ByLink() {
		c, err := s.own(ctx, v, v.Conversation)
		return &c, err
	}
	c, ok, err := s.Reads.OpenConversation(ctx, v.Contact, v.Playbook)
	if err != nil || ok {
		return &c, err
	}
	j, err := s.Reads.Journey(ctx, v.Contact)
	if err != nil {
		return nil, err
	}
	for _, c := range j.Conversations {
		if v.Playbook == "" || c.Playbook == v.Playbook {
			return &c, nil
		}
	}
	return nil, nil
}

// own finds a conversation of the customer. Those of others do not exist.
func (s *Server) own(ctx context.Context, v *webchat.Visitor, id desk.ID) (desk.Conversation, error) {
	c, err := s.Reads.Conversation(ctx, id)
	if err == nil && (c.ContactID != v.Contact || v.ByLink() && c.ID != v.Conversation) {
		err = desk.Errorf(desk.NotFound, "not_found", "there is no such conversation")
	}
	return c, err
}

func (s *Server) state(ctx context.Context, c desk.Conversation) (chatState, error) {
	v, err := s.view(ctx, c)
	if err != nil {
		return chatState{}, err
	}
	events, err := s.Reads.Before(ctx, c.ID, fromEnd, newest)
	return chatState{&v, s.chatEvents(events)}, err
}

func (s *Server) chatOpen(ctx context.Context, in *body[*openBody]) (*reply[chatState], error) {
	v, lang := callerOf(ctx).Visitor, desk.Lang("")
	if in.Body != nil {
		lang = in.Body.Lang
	}
	if v.ByLink() { // a call has begun it already
		return s.chatConversation(ctx, nil)
	}
	r, err := s.Router.Accept(ctx, desk.Inbound{Channel: desk.Webchat, Address: v.Address, Playbook: v.Playbook, Lang: lang, Open: true})
	if err != nil {
		return nil, err
	}
	s.follow(v.Contact, r.Conversation.ID)
	st, err := s.state(ctx, r.Conversation)
	return &reply[chatState]{st}, err
}

type openBody struct {
	Lang desk.Lang `json:"lang,omitempty" enum:"en,zh"`
}

func (s *Server) chatConversation(ctx context.Context, _ *none) (*reply[chatState], error) {
	c, err := s.current(ctx, callerOf(ctx).Visitor)
	if err != nil || c == nil {
		return &reply[chatState]{chatState{Events: []ChatEvent{}}}, err
	}
	st, err := s.state(ctx, *c)
	return &reply[chatState]{st}, err
}

type chatEventsIn struct {
	Conversation string `query:"conversation" required:"true" maxLength:"64"`
	After        int64  `query:"after" minimum:"0" doc:"The newest seq you have."`
	Limit        int    `query:"limit" minimum:"1" maximum:"200" default:"100"`
}

type chatEventList struct {
	Events []ChatEvent `json:"events" nullable:"false"`
	More   bool        `json:"more" doc:"There are more after the last one."`
	Seq    int64       `json:"seq" doc:"Give it as after next time."`
}

func (s *Server) chatEventsAfter(ctx context.Context, in *chatEventsIn) (*reply[chatEventList], error) {
	c, err := s.own(ctx, callerOf(ctx).Visitor, desk.ID(in.Conversation))
	if err != nil {
		return nil, err
	}
	events, err := s.Reads.Timeline(ctx, c.ID, in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	out := chatEventList{Events: s.chatEvents(events), More: len(events) == in.Limit, Seq: in.After}
	if n := len(events); n > 0 {
		out.Seq = events[n-1].Seq
	}
	return &reply[chatEventList]{out}, nil
}

type historyIn struct {
	Before string `query:"before" maxLength:"100" doc:"The next of the page before; empty: from the newest."`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

// chatHistory pages back through everything the customer and we have said, one
// conversation after the other.
func (s *Server) chatHistory(ctx context.Context, in *historyIn) (*reply[Page[ChatEvent]], error) {
	v := callerOf(ctx).Visitor
	id, seqText, _ := strings.Cut(in.Before, ":")
	seq, _ := strconv.ParseInt(seqText, 10, 64)
	var c desk.Conversation
	if id == "" {
		latest, err := s.current(ctx, v)
		if err != nil || latest == nil {
			return &reply[Page[ChatEvent]]{Page[ChatEvent]{Items: []ChatEvent{}}}, err
		}
		c = *latest
	} else {
		var err error
		if c, err = s.own(ctx, v, desk.ID(id)); err != nil {
			return nil, err
		}
	}
	if seq <= 0 {
		seq = fromEnd
	}
	events, err := s.Reads.Before(ctx, c.ID, seq, in.Limit)
	if err != nil {
		return nil, err
	}
	page := Page[ChatEvent]{Items: s.chatEvents(events)}
	if len(events) == in.Limit {
		page.Next = string(c.ID) + ":" + strconv.FormatInt(events[0].Seq, 10)
		return &reply[Page[ChatEvent]]{page}, nil
	}
	if v.ByLink() {
		return &reply[Page[ChatEvent]]{page}, nil
	}
	j, err := s.Reads.Journey(ctx, v.Contact)
	if err != nil {
		return nil, err
	}
	for _, older := range j.Conversations {
		if older.CreatedAt.Before(c.CreatedAt) {
			page.Next = string(older.ID) + ":0"
			break
		}
	}
	return &reply[Page[ChatEvent]]{page}, nil
}

// Accepted is the answer to a message.
type Accepted struct {
	Message      ChatMessage `json:"message"`
	Conversation View        `json:"conversation"`
	Repeat       bool        `json:"repeat" doc:"It was here before; this is what was accepted then."`
}

func (s *Server) chatSend(ctx context.Context, in *body[webchat.Message]) (*reply[Accepted], error) {
	a, err := s.accept(ctx, callerOf(ctx).Visitor, in.Body)
	callerOf(ctx).Conversation = a.Conversation.ID
	return &reply[Accepted]{a}, err
}

// accept takes a customer's message in, however it came.
func (s *Server) accept(ctx context.Context, v *webchat.Visitor, said webchat.Message) (Accepted, error) {
	in, err := said.Inbound(*v)
	if err != nil {
		return Accepted{}, err
	}
	for i, f := range in.Files {
		if in.Files[i], err = s.ownFile(ctx, v.Contact, f.ID); err != nil {
			return Accepted{}, err
		}
	}
	if v.ByLink() {
		if in, err = s.byLink(ctx, v, in); err != nil {
			return Accepted{}, err
		}
	}
	r, err := s.Router.Accept(ctx, in)
	if err != nil {
		return Accepted{}, err
	}
	if v.ByLink() && r.Conversation.ID != v.Conversation {
		return Accepted{}, callOver()
	}
	if r.Message == nil {
		return Accepted{}, desk.Errorf(desk.Internal, "no_message", "routing accepted a message without giving it back")
	}
	if !r.Repeat {
		s.Metrics.accepted.WithLabelValues(string(desk.Webchat)).Inc()
	}
	s.follow(v.Contact, r.Conversation.ID)
	view, err := s.view(ctx, r.Conversation)
	return Accepted{s.chatMessage(*r.Message), view, r.Repeat}, err
}

// follow tells the customer's other lines which conversation he is in now.
func (s *Server) follow(contact, conversation desk.ID) {
	if err := s.Bus.Publish("contact."+string(contact), contactNews{conversation}); err != nil {
		s.Log.Warn("tell a customer's lines", "contact", contact, "err", err)
	}
}

type chatReadBody struct {
	Conversation desk.ID `json:"conversation" maxLength:"64"`
	Seq          int64   `json:"seq" minimum:"0"`
}

func (s *Server) chatRead(ctx context.Context, in *body[chatReadBody]) (*none, error) {
	c, err := s.own(ctx, callerOf(ctx).Visitor, in.Body.Conversation)
	if err != nil {
		return nil, err
	}
	return nil, s.Router.MarkRead(ctx, c.ID, desk.ByCustomer, in.Body.Seq)
}

type chatTypingBody struct {
	Conversation desk.ID `json:"conversation" maxLength:"64"`
	On           bool    `json:"on"`
}

func (s *Server) chatTyping(ctx context.Context, in *body[chatTypingBody]) (*none, error) {
	v := callerOf(ctx).Visitor
	c, err := s.own(ctx, v, in.Body.Conversation)
	if err != nil {
		return nil, err
	}
	s.Router.Typing(ctx, c.ID, desk.Author{Kind: desk.ByCustomer, ID: v.Contact}, in.Body.On)
	return nil, nil
}

type ratingBody struct {
	Conversation desk.ID `json:"conversation" maxLength:"64"`
	Stars        int     `json:"stars" minimum:"1" maximum:"5"`
	Note         string  `json:"note,omitempty" maxLength:"2000"`
}

func (s *Server) chatRating(ctx context.Context, in *body[ratingBody]) (*none, error) {
	c, err := s.own(ctx, callerOf(ctx).Visitor, in.Body.Conversation)
	if err != nil {
		return nil, err
	}
	_, err = s.Router.Rate(ctx, c.ID, in.Body.Stars, in.Body.Note)
	return nil, err
}

type handOverBody struct {
	Conversation desk.ID     `json:"conversation" maxLength:"64"`
	Wants        *string     `json:"wants,omitempty" maxLength:"500"`
	Set          []desk.Fact `json:"set,omitempty" maxItems:"50" doc:"Lines to change or add, by key."`
	Remove       []string    `json:"remove,omitempty" maxItems:"50" maxLength:"64" doc:"Keys of lines not to pass on."`
}

// chatView is an answer that only shows the conversation as it is now.
type chatView struct {
	Conversation View `json:"conversation"`
}

func (s *Server) chatHandOver(ctx context.Context, in *body[handOverBody]) (*reply[chatView], error) {
	b := in.Body
	c, err := s.own(ctx, callerOf(ctx).Visitor, b.Conversation)
	if err != nil {
		return nil, err
	}
	if c, err = s.Router.EditHandOver(ctx, c.ID, routing.HandOverEdit{Wants: b.Wants, Set: b.Set, Remove: b.Remove}); err != nil {
		return nil, err
	}
	v, err := s.view(ctx, c)
	return &reply[chatView]{chatView{v}}, err
}

// PageBody is a page of the host site that the customer looks at.
type PageBody struct {
	URL   string `json:"url" maxLength:"2000"`
	Title string `json:"title" maxLength:"300"`
}

func (s *Server) chatPage(ctx context.Context, in *body[PageBody]) (*none, error) {
	if callerOf(ctx).Visitor.ByLink() { // its address opens the page
		return nil, nil
	}
	return nil, s.Router.Saw(ctx, callerOf(ctx).Visitor.Contact, in.Body.URL, in.Body.Title)
}

type langBody struct {
	Lang desk.Lang `json:"lang" enum:"en,zh"`
}

func (s *Server) chatLang(ctx context.Context, in *body[langBody]) (*none, error) {
	_, err := s.Router.EditContact(ctx, callerOf(ctx).Visitor.Contact, routing.ContactEdit{Lang: in.Body.Lang})
	return nil, err
}

type endBody struct {
	Conversation desk.ID `json:"conversation" maxLength:"64"`
}

func (s *Server) chatEnd(ctx context.Context, in *body[endBody]) (*reply[chatView], error) {
	v := callerOf(ctx).Visitor
	c, err := s.own(ctx, v, in.Body.Conversation)
	if err != nil {
		return nil, err
	}
	if c, err = s.Router.Close(ctx, desk.Author{Kind: desk.ByCustomer, ID: v.Contact}, c.ID, ""); err != nil {
		return nil, err
	}
	view, err := s.view(ctx, c)
	return &reply[chatView]{chatView{view}}, err
}
