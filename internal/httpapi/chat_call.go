package httpapi

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/parleyhq/parley/channels/webchat"
	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
)

// callbackAhead is how far ahead a call back may be asked for.
const callbackAhead = 14 * 24 * time.Hour

type talkBody struct {
	SDP          string  `json:"sdp" minLength:"1" maxLength:"65536" doc:"An offer with audio, with all its candidates."`
	Conversation desk.ID `json:"conversation,omitempty" maxLength:"64" doc:"Only informative; the open conversation is talked in."`
}

// Talk is a customer's call from his browser.
type Talk struct {
	SDP  string  `json:"sdp" doc:"The answer to the offer."`
	Call desk.ID `json:"call"`
}

// chatTalk begins a call from a customer's browser, in his conversation.
func (s *Server) chatTalk(ctx context.Context, in *body[talkBody]) (*reply[Talk], error) {
	talks, err := part(s, func(v *Voice) Talks { return v.Talks })
	if err != nil {
		return nil, err
	}
	who := callerOf(ctx)
	v := who.Visitor
	if v.ByLink() {
		return nil, desk.Errorf(desk.Forbidden, "by_link", "this page belongs to a telephone call: talk by telephone")
	}
	if err := s.limits.takeKey(callsFrom, "address "+who.From.Address); err != nil {
		return nil, err
	}
	if in.Body.Conversation != "" {
		if _, err := s.own(ctx, v, in.Body.Conversation); err != nil {
			return nil, err
		}
	}
	contact, err := s.Reads.Contact(ctx, v.Contact)
	if err != nil {
		return nil, err
	}
	answer, call, err := talks.Talk(ctx, voice.Peer{
		Number: v.Address, Name: contact.Name, Contact: v.Contact, Known: v.Verified, Secure: true, Lang: contact.Lang, Playbook: v.Playbook,
	}, in.Body.SDP)
	return &reply[Talk]{Talk{answer, call}}, err
}

type talkEndBody struct {
	Call desk.ID `json:"call" maxLength:"64"`
}

func (s *Server) chatTalkEnd(ctx context.Context, in *body[talkEndBody]) (*none, error) {
	talks, err := part(s, func(v *Voice) Talks { return v.Talks })
	if err != nil {
		return nil, err
	}
	v := callerOf(ctx).Visitor
	if v.ByLink() { // the page hangs up the call of its conversation, no other
		c, err := s.current(ctx, v)
		if err != nil {
			return nil, err
		}
		if c.OnCall != in.Body.Call {
			return nil, desk.Errorf(desk.NotFound, "not_found", "there is no such call")
		}
	}
	return nil, talks.HangupTalk(ctx, v.Contact, in.Body.Call)
}

type callbackBody struct {
	Phone string    `json:"phone,omitempty" maxLength:"50" doc:"Whom to call; without it the number that called us."`
	At    time.Time `json:"at,omitzero" doc:"Not before then, at most 14 days ahead; without it, as soon as it is his turn."`
}

// chatCallback lets a waiting customer go without losing his place.
func (s *Server) chatCallback(ctx context.Context, in *body[callbackBody]) (*reply[chatView], error) {
	callbacks, err := part(s, func(v *Voice) Callbacks { return v.Callbacks })
	if err != nil {
		return nil, err
	}
	who := callerOf(ctx)
	c, err := s.current(ctx, who.Visitor)
	if err != nil {
		return nil, err
	}
	if c == nil || c.Status != desk.Waiting && c.Status != desk.Offered {
		return nil, desk.Errorf(desk.Conflict, "not_waiting", "a call back can be asked for while waiting for a person")
	}
	if err := s.limits.takeKey(callsFrom, "address "+who.From.Address); err != nil {
		return nil, err
	}
	cb := desk.Callback{At: in.Body.At}
	if cb.Phone, err = callbackPhone(*c, in.Body.Phone, who.Visitor); err != nil {
		return nil, err
	}
	if now := s.Now(); !cb.At.IsZero() && (cb.At.Before(now.Add(-time.Minute)) || cb.At.After(now.Add(callbackAhead))) {
		return nil, &desk.Error{Kind: desk.Invalid, Code: "callback_time", Message: "choose a time within the next 14 days", Field: "at"}
	}
	cb.At = cb.At.UTC()
	if err := callbacks.AskCallback(ctx, c.ID, cb); err != nil {
		return nil, err
	}
	now, err := s.Reads.Conversation(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	v, err := s.view(ctx, now)
	return &reply[chatView]{chatView{v}}, err
}

// callbackPhone is the number to call back. Whoever came by a link may only be
// called where he called from: the link may have been passed on.
func callbackPhone(c desk.Conversation, typed string, v *webchat.Visitor) (string, error) {
	if strings.TrimSpace(typed) != "" && !v.ByLink() {
		return phoneNumber("phone", typed, c.Lang)
	}
	if c.Callback != nil && c.Callback.Phone != "" {
		return c.Callback.Phone, nil
	}
	if c.Channel == desk.Voice && (strings.HasPrefix(c.Address, "+") || strings.HasPrefix(c.Address, "sip:")) {
		return c.Address, nil
	}
	return "", &desk.Error{Kind: desk.Invalid, Code: "phone_needed", Message: "say which number to call", Field: "phone"}
}

// ChatCall is a call as its customer may see it.
type ChatCall struct {
	CallID    desk.ID        `json:"call_id"`
	State     desk.CallState `json:"state" enum:"ringing,dialing,menu,queued,talking,ended"`
	Direction string         `json:"direction" enum:"in,out"`
	Since     time.Time      `json:"since" doc:"It is in this state since then."`
	Answered  time.Time      `json:"answered,omitzero"`
	Held      bool           `json:"held,omitempty" doc:"He hears music."`
	Recording string         `json:"recording,omitempty" doc:"on or paused; without it the call is not recorded."`
	Parties   []ChatParty    `json:"parties,omitempty" doc:"Whom he hears."`
	Cause     string         `json:"cause,omitempty" doc:"Of an ended one."`
	Saying    desk.ID        `json:"saying,omitempty" doc:"The message that is being spoken."`
	Listening bool           `json:"listening,omitempty" doc:"He may speak now."`
	Keys      int            `json:"keys,omitempty" doc:"How many keys of an answer of several he has pressed."`
	Spoken    bool           `json:"spoken,omitempty" doc:"Words are understood."`
	Voicemail bool           `json:"voicemail,omitempty" doc:"His message is being recorded."`
	Rev       int64          `json:"rev,omitempty" doc:"Rises with each piece of news of a call, which may arrive in another order."`
}

// ChatParty is somebody whom the customer hears in a call.
type ChatParty struct {
	Role  string `json:"role" enum:"agent,third"`
	Name  string `json:"name,omitempty"`
	State string `json:"state"`
}

// chatCall names what of a call its customer gets. Who listens, whom his agent
// asks aside and the numbers of third parties stay inside.
func chatCall(n desk.CallNews) ChatCall {
	out := ChatCall{
		CallID: n.CallID, State: n.State, Direction: n.Direction, Since: n.Since, Answered: n.Answered, Held: n.Held, Recording: n.Recording,
		Cause: n.Cause, Saying: n.Saying, Listening: n.Listening, Keys: n.Keys, Spoken: n.Spoken, Voicemail: n.Voicemail, Rev: n.Rev,
	}
	for _, p := range n.Parties {
		switch {
		case p.Role == "agent" && p.Agent != "":
			out.Parties = append(out.Parties, ChatParty{p.Role, p.Name, p.State})
		case p.Role == "agent", p.Role == "third", p.Role == "barger":
			out.Parties = append(out.Parties, ChatParty{"third", "", p.State})
		}
	}
	return out
}

// ChatOnHold is what the page shows while he waits.
type ChatOnHold struct {
	Announce  string `json:"announce,omitempty"`
	Picture   string `json:"picture,omitempty"`
	Video     string `json:"video,omitempty"`
	Callback  bool   `json:"callback" doc:"He may ask to be called back."`
	Voicemail bool   `json:"voicemail" doc:"On the telephone he may leave a message."`
}

// ChatCallback is the promise to call a customer.
type ChatCallback struct {
	Phone  string    `json:"phone" doc:"Its last digits."`
	At     time.Time `json:"at,omitzero" doc:"Not before then; without it, as soon as it is his turn."`
	Tries  int       `json:"tries,omitempty"`
	Result string    `json:"result,omitempty" doc:"Of the last try."`
}

// newsTime is how long a view waits for the node that has a call.
const newsTime = 800 * time.Millisecond

// viewCall adds what is to be known of a conversation's call, of waiting and of
// a promised call back.
func (s *Server) viewCall(ctx context.Context, v *View, c desk.Conversation) error {
	if c.Callback != nil {
		v.Callback = &ChatCallback{lastDigits(c.Callback.Phone), c.Callback.At, c.Callback.Tries, c.Callback.Result}
	}
	if s.Voice == nil {
		return nil
	}
	if c.OnCall != "" && s.Voice.Calls != nil {
		ctx, cancel := context.WithTimeout(ctx, newsTime)
		defer cancel()
		n, err := s.Voice.Calls.Call(ctx, c.OnCall)
		switch {
		case err == nil:
			call := chatCall(n)
			v.Call = &call
		case !desk.IsKind(err, desk.NotFound) && !errors.Is(err, context.DeadlineExceeded):
			s.Log.WarnContext(ctx, "ask how a call stands", "call", c.OnCall, "err", err) // the rest of the view holds all the same
		}
	}
	if v.Status != desk.Waiting || c.Queue == "" {
		return nil
	}
	q, ok, err := s.Reads.Queue(ctx, c.Queue)
	if err != nil || !ok {
		return err
	}
	h := q.OnHold
	v.OnHold = &ChatOnHold{
		Announce: h.Announce.In(c.Lang), Picture: h.Picture, Video: h.Video, Callback: h.Callback && s.Voice.Callbacks != nil, Voicemail: h.Voicemail,
	}
	return nil
}

// lastDigits hides the beginning of a number from whoever holds the page.
func lastDigits(number string) string {
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, number)
	if len(digits) > 4 {
		return "…" + digits[len(digits)-4:]
	}
	return "…"
}
