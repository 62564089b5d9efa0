package httpapi

import (
	"context"
	"time"

	"github.com/parleyhq/parley/channels/webchat"
	"github.com/parleyhq/parley/desk"
)

// CallPage is the address of the page that shows a call, for its caller. Only
// after Handler.
func (s *Server) CallPage(contact, conversation, call desk.ID) (string, error) {
	token, err := s.visitors.CallToken(contact, conversation, call)
	if err != nil {
		return "", err
	}
	base := ""
	if s.public != nil {
		base = s.public.Scheme + "://" + s.public.Host
	}
	return base + "/call/" + token, nil
}

// callOver is the answer to a page whose call has left its conversation.
func callOver() error {
	return desk.Errorf(desk.Conflict, "conversation_closed", "the conversation of this call has ended")
}

// linked finds whom the link of a call, or a token of such a session, stands
// for; false when the session is of another sort.
func (s *Server) linked(ctx context.Context, b sessionBody) (v webchat.Visitor, ok bool, err error) {
	var issued time.Time
	switch {
	case b.Call != "":
		if b.Token != "" || b.Identity != nil || b.IdentityToken != "" {
			return v, true, &desk.Error{Kind: desk.Invalid, Code: "two_identities", Message: "the link of a call comes without another identity", Field: "call"}
		}
		link, err := s.visitors.CallLink(b.Call)
		if err != nil {
			return v, true, err
		}
		v = webchat.Visitor{Contact: link.Contact, Conversation: link.Conversation, Call: link.Call, Address: "call:" + string(link.Call)}
		issued = link.Issued
	case b.Token != "" && b.Identity == nil && b.IdentityToken == "":
		old, err := s.visitors.Refresh(b.Token)
		if err != nil || !old.ByLink() {
			return v, false, nil //nolint:nilerr // whoArrives says what is wrong with it
		}
		v, issued = *old, time.Unix(old.Until, 0).Add(-webchat.LinkStale)
	default:
		return v, false, nil
	}
	expired := desk.Errorf(desk.Unauthenticated, "link_expired", "this link has expired: ask for a new one")
	now, until := s.Now(), issued.Add(webchat.LinkStale)
	if !now.Before(until) {
		return v, true, expired
	}
	c, err := s.Reads.Conversation(ctx, v.Conversation)
	if desk.IsKind(err, desk.NotFound) || err == nil && c.ContactID != v.Contact {
		return v, true, expired // merged or deleted meanwhile
	}
	if err != nil {
		return v, true, err
	}
	opens := issued.Add(webchat.LinkFresh)
	if c.OnCall == v.Call {
		opens = now.Add(webchat.LinkFresh)
	}
	if !now.Before(opens) {
		return v, true, expired
	}
	v.Playbook, v.Expires, v.Until = c.Playbook, min(opens.Unix(), until.Unix()), until.Unix()
	return v, true, nil
}

// linkSession is the session of a page that shows a call. It does not say who
// the caller is: the link may have been passed on.
func (s *Server) linkSession(ctx context.Context, v webchat.Visitor) (*reply[Session], error) {
	c, err := s.current(ctx, &v)
	if err != nil {
		return nil, err
	}
	brand, err := s.Brands.Brand(ctx, c.Playbook, c.Lang)
	if err != nil {
		return nil, err
	}
	view, err := s.view(ctx, *c)
	return &reply[Session]{Session{
		Token: s.visitors.Sign(v), Contact: ChatContact{ID: v.Contact, Lang: c.Lang}, Conversation: &view, Brand: brand, Limits: s.chatLimits(),
	}}, err
}

// byLink makes what was done on the page of a call the caller's, in the
// conversation of the call.
func (s *Server) byLink(ctx context.Context, v *webchat.Visitor, in desk.Inbound) (desk.Inbound, error) {
	c, err := s.current(ctx, v)
	if err != nil {
		return in, err
	}
	if c.Status == desk.Closed {
		return in, callOver()
	}
	in.Contact = v.Contact
	return in, nil
}
