package httpapi

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/access"
	"github.com/parleyhq/parley/voice"
)

// sdpBody bounds a request with a session description; the description itself
// has at most 64 KiB.
const sdpBody = 96 << 10

type phoneBody struct {
	SDP string `json:"sdp" minLength:"1" maxLength:"65536" doc:"An offer with one audio and one video transceiver, with all its candidates."`
}

// PhoneAnswer is what makes a browser a telephone.
type PhoneAnswer struct {
	ID  desk.ID `json:"id"`
	SDP string  `json:"sdp" doc:"The answer to the offer."`
}

func (s *Server) postPhone(ctx context.Context, in *body[phoneBody]) (*reply[PhoneAnswer], error) {
	phones, err := part(s, func(v *Voice) Phones { return v.Phones })
	if err != nil {
		return nil, err
	}
	answer, id, err := phones.Phone(ctx, user(ctx).ID, user(ctx).Name, in.Body.SDP)
	return &reply[PhoneAnswer]{PhoneAnswer{id, answer}}, err
}

func (s *Server) deletePhone(ctx context.Context, in *ByID) (*none, error) {
	phones, err := part(s, func(v *Voice) Phones { return v.Phones })
	if err != nil {
		return nil, err
	}
	return nil, phones.Disconnect(ctx, user(ctx).ID, desk.ID(in.ID))
}

type dialBody struct {
	Conversation desk.ID `json:"conversation" maxLength:"64"`
	To           string  `json:"to,omitempty" maxLength:"200" doc:"A number or a SIP address; empty: the customer's own."`
}

// dial calls a customer for the agent who has the conversation.
func (s *Server) dial(ctx context.Context, in *body[dialBody]) (*reply[desk.CallNews], error) {
	calls, err := s.calls()
	if err != nil {
		return nil, err
	}
	c, err := s.visible(ctx, in.Body.Conversation)
	if err != nil {
		return nil, err
	}
	if !c.HeldBy(user(ctx).ID) {
		return nil, desk.Errorf(desk.Conflict, "not_yours", "take the conversation before you call in it")
	}
	o := voice.Outbound{Conversation: c.ID, Agent: author(ctx), To: strings.TrimSpace(in.Body.To)}
	if o.To == "" {
		if o.To, err = s.numberOf(ctx, c); err != nil {
			return nil, err
		}
	}
	if err := dialable("to", o.To); err != nil {
		return nil, err
	}
	o.Callback = c.Callback != nil && c.Callback.Phone == o.To
	news, err := calls.Dial(ctx, o)
	return &reply[desk.CallNews]{news}, err
}

// numberOf is where the customer of a conversation is called.
func (s *Server) numberOf(ctx context.Context, c desk.Conversation) (string, error) {
	if c.Callback != nil && c.Callback.Phone != "" {
		return c.Callback.Phone, nil
	}
	if c.Channel == desk.Voice || c.Channel == desk.SMS {
		return c.Address, nil
	}
	contact, err := s.Reads.Contact(ctx, c.ContactID)
	if err != nil {
		return "", err
	}
	if contact.Phone != "" {
		return contact.Phone, nil
	}
	for _, at := range contact.Identities {
		if at.Channel == desk.Voice || at.Channel == desk.SMS {
			return at.Address, nil
		}
	}
	return "", &desk.Error{Kind: desk.Invalid, Code: "no_number", Message: "no number of the customer is known: give one", Field: "to"}
}

// dialable refuses what cannot be a number, a name or a SIP address. Whether it
// may be called is the dialer's to say.
func dialable(field, to string) error {
	if to == "" || strings.ContainsFunc(to, func(r rune) bool {
		return unicode.IsControl(r) || !unicode.IsPrint(r) || strings.ContainsRune(`<>"\;`, r)
	}) {
		return &desk.Error{Kind: desk.Invalid, Code: "number_form", Message: "give a telephone number, the name of a phone, or a SIP address", Field: field}
	}
	return nil
}

// listCalls shows a supervisor every call, and everybody else his own.
func (s *Server) listCalls(ctx context.Context, _ *none) (*reply[Page[voice.LiveCall]], error) {
	calls, err := s.calls()
	if err != nil {
		return nil, err
	}
	live, err := calls.Live(ctx)
	if err != nil {
		return nil, err
	}
	if !can(ctx, access.VoiceSupervise) {
		live = slices.DeleteFunc(live, func(l voice.LiveCall) bool { return !takesPart(l.CallNews, user(ctx).ID) })
	}
	return pageWith(live, ""), nil
}

func takesPart(n desk.CallNews, agent desk.ID) bool { return partyOf(n, agent) >= 0 }

func partyOf(n desk.CallNews, agent desk.ID) int {
	return slices.IndexFunc(n.Parties, func(p desk.Party) bool { return p.Agent == agent })
}

func (s *Server) getCall(ctx context.Context, in *ByID) (*reply[desk.CallNews], error) {
	calls, err := s.calls()
	if err != nil {
		return nil, err
	}
	news, err := calls.Call(ctx, desk.ID(in.ID))
	if err != nil {
		return nil, err
	}
	if !takesPart(news, user(ctx).ID) && !can(ctx, access.VoiceSupervise) {
		r, err := s.recordOf(ctx, news.CallID)
		if err != nil {
			return nil, err
		}
		if _, err := s.visible(ctx, r.ConversationID); err != nil {
			return nil, err
		}
	}
	return &reply[desk.CallNews]{news}, nil
}

func (s *Server) recordOf(ctx context.Context, call desk.ID) (voice.Record, error) {
	store, err := s.callStore()
	if err != nil {
		return voice.Record{}, err
	}
	return store.Call(ctx, call)
}

type doIn struct {
	ByID
	Body doBody
}

type doBody struct {
	Verb   voice.Verb     `json:"verb" enum:"hangup,leave,hold,resume,mute,unmute,digits,transfer,consult,complete,merge,cancel,remove,pause,record,listen,whisper,barge,unlisten,pick_up" doc:"listen, whisper and barge need the permission voice.supervise."`
	To     string         `json:"to,omitempty" maxLength:"200" doc:"Of transfer and consult: a number or a SIP address."`
	Agent  desk.ID        `json:"agent,omitempty" maxLength:"64" doc:"Of transfer and consult, instead of to."`
	Queue  desk.QueueName `json:"queue,omitempty" maxLength:"64" doc:"Of transfer, instead of to."`
	Leg    desk.ID        `json:"leg,omitempty" maxLength:"64" doc:"Of remove: who is to leave."`
	Digits string         `json:"digits,omitempty" maxLength:"32" pattern:"^[0-9*#A-D]*$" patternDescription:"keys: digits, * and #"`
	Note   string         `json:"note,omitempty" maxLength:"2000" doc:"Of transfer."`
}

// check refuses a command that lacks what its verb needs.
func (b doBody) check() error {
	bad := func(field, message string) error {
		return &desk.Error{Kind: desk.Invalid, Code: "incomplete", Message: message, Field: field}
	}
	targets := 0
	for _, t := range []string{b.To, string(b.Agent), string(b.Queue)} {
		if t != "" {
			targets++
		}
	}
	switch b.Verb {
	case voice.DoTransfer:
		if targets != 1 {
			return bad("to", "a transfer leads to one of to, agent and queue")
		}
	case voice.DoConsult:
		if targets != 1 || b.Queue != "" {
			return bad("to", "a consultation is with one of to and agent")
		}
	case voice.DoDigits:
		if b.Digits == "" {
			return bad("digits", "say which keys to press")
		}
	case voice.DoRemove:
		if b.Leg == "" {
			return bad("leg", "say who is to leave")
		}
	}
	if b.To != "" {
		return dialable("to", b.To)
	}
	return nil
}

// quiet are the commands of every minute, which the audit log leaves out.
var quiet = []voice.Verb{voice.DoHold, voice.DoResume, voice.DoMute, voice.DoUnmute, voice.DoDigits, voice.DoPickUp, voice.DoUnlisten}

// doCall carries out a command on a call that is up.
func (s *Server) doCall(ctx context.Context, in *doIn) (*reply[desk.CallNews], error) {
	calls, err := s.calls()
	if err != nil {
		return nil, err
	}
	b := in.Body
	if err := b.check(); err != nil {
		return nil, err
	}
	c := voice.Command{Call: desk.ID(in.ID), By: author(ctx), Verb: b.Verb, To: strings.TrimSpace(b.To), Agent: b.Agent, Queue: b.Queue, Leg: b.Leg, Digits: b.Digits, Note: b.Note}
	if err := s.mayCommand(ctx, calls, c); err != nil {
		return nil, err
	}
	news, err := calls.Do(ctx, c)
	if err == nil && !slices.Contains(quiet, b.Verb) {
		s.Gate.Record(ctx, access.Entry{UserID: c.By.ID, UserName: c.By.Name, Action: "voice.calls." + string(b.Verb), Target: string(c.Call), Address: callerOf(ctx).From.Address})
	}
	return &reply[desk.CallNews]{news}, err
}

// mayAs admits a party of the call to a command.
func mayAs(p desk.Party, c voice.Command) error {
	if p.Role != "consult" && p.Role != "third" {
		return nil
	}
	switch c.Verb {
	case voice.DoMute, voice.DoUnmute, voice.DoLeave, voice.DoPickUp:
		return nil
	case voice.DoCancel:
		if p.Role == "consult" {
			return nil
		}
	case voice.DoRemove:
		if c.Leg == p.Leg {
			return nil
		}
	}
	return desk.Errorf(desk.Forbidden, "guest", "the call is your colleague's: you can mute yourself and leave")
}

// mayCommand admits who takes part in the call or has its conversation;
// supervisors also to calls of others. A colleague who was asked in does what
// concerns himself.
func (s *Server) mayCommand(ctx context.Context, calls voice.Calls, c voice.Command) error {
	if can(ctx, access.VoiceSupervise) {
		return nil
	}
	switch c.Verb {
	case voice.DoListen, voice.DoWhisper, voice.DoBarge, voice.DoUnlisten:
		return desk.Errorf(desk.Forbidden, "forbidden", "this needs the permission %s", access.VoiceSupervise)
	}
	news, err := calls.Call(ctx, c.Call)
	if err != nil {
		return err
	}
	if i := partyOf(news, c.By.ID); i >= 0 {
		return mayAs(news.Parties[i], c)
	}
	r, err := s.recordOf(ctx, c.Call)
	if err != nil {
		return err
	}
	conversation, err := s.Reads.Conversation(ctx, r.ConversationID)
	if err == nil && !conversation.HeldBy(c.By.ID) {
		err = desk.Errorf(desk.Forbidden, "not_your_call", "the call is somebody else's")
	}
	return err
}
