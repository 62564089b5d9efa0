package httpapi

import (
	"context"
	"crypto/rand"
	"encoding/hex"

	"github.com/parleyhq/parley/channels/webchat"
	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/routing"
)

// Brand is how a playbook presents itself to customers.
type Brand struct {
	Title    string      `json:"title"`
	Accent   string      `json:"accent" doc:"A CSS colour." example:"#7a4a2b"`
	Greeting string      `json:"greeting"`
	Langs    []desk.Lang `json:"langs" nullable:"false"`
}

// Brands finds a playbook's brand in a language; an empty name is the default
// playbook. Unknown playbooks are NotFound.
type Brands interface {
	Brand(ctx context.Context, playbook string, lang desk.Lang) (Brand, error)
}

type sessionBody struct {
	Playbook      string            `json:"playbook,omitempty" maxLength:"64" doc:"Which playbook new conversations start on; empty: the default."`
	Lang          string            `json:"lang,omitempty" maxLength:"35" doc:"A BCP 47 tag; English and Chinese are spoken."`
	Token         string            `json:"token,omitempty" maxLength:"2048" doc:"The token of last time: the same visitor goes on. One that came with an identity needs the identity again, or somebody new begins."`
	Name          string            `json:"name,omitempty" maxLength:"200"`
	Identity      *webchat.Identity `json:"identity,omitempty" doc:"Who the host site says its logged-in user is."`
	IdentityToken string            `json:"identity_token,omitempty" maxLength:"4096" doc:"The same as a JWT signed with HS256: sub (the user's id), exp, and optionally name, email, phone_number."`
	Page          *PageBody         `json:"page,omitempty" doc:"The page the customer is on."`
	Call          string            `json:"call,omitempty" maxLength:"200" doc:"What follows /call/ in the link to the page of a call, instead of all the others: a session that sees the conversation of that call, and no other."`
}

// Session is a customer's session.
type Session struct {
	Token        string      `json:"token" doc:"Give it as bearer token. It lasts a week and can be exchanged here for a new one for three months."`
	Contact      ChatContact `json:"contact"`
	Conversation *View       `json:"conversation" doc:"The newest conversation; null when there is none yet."`
	Brand        Brand       `json:"brand"`
	Limits       ChatLimits  `json:"limits"`
	Calls        bool        `json:"calls" doc:"He may talk by POST /v1/chat/call."`
}

// ChatContact is the customer as he may see himself.
type ChatContact struct {
	ID       desk.ID   `json:"id"`
	Name     string    `json:"name"`
	Lang     desk.Lang `json:"lang"`
	Verified bool      `json:"verified" doc:"The host site signed who this is."`
}

// ChatLimits is what can be sent.
type ChatLimits struct {
	Text      int      `json:"text" doc:"Characters of a message."`
	FileBytes int64    `json:"file_bytes"`
	FileTypes []string `json:"file_types" nullable:"false"`
}

func (s *Server) chatLimits() ChatLimits {
	return ChatLimits{routing.MaxText, s.MaxUpload, fileTypes()}
}

func (s *Server) chatSession(ctx context.Context, in *body[sessionBody]) (*reply[Session], error) {
	b, site := in.Body, callerOf(ctx).Site
	if v, ok, err := s.linked(ctx, b); ok || err != nil {
		if err != nil {
			return nil, err
		}
		return s.linkSession(ctx, v)
	}
	who, err := s.whoArrives(b, site)
	if err != nil {
		return nil, err
	}
	lang := desk.Lang("")
	if b.Lang != "" {
		lang = desk.ParseLang(b.Lang)
	}
	brand, err := s.Brands.Brand(ctx, b.Playbook, lang)
	if err != nil {
		return nil, err
	}
	who.Lang = lang
	contact, err := s.Router.Meet(ctx, who)
	if err != nil {
		return nil, err
	}
	if b.Page != nil {
		if err := s.Router.Saw(ctx, contact.ID, b.Page.URL, b.Page.Title); err != nil && !desk.IsKind(err, desk.Invalid) {
			return nil, err // a page with an odd address is no reason to stay silent
		}
	}
	v := webchat.Visitor{Contact: contact.ID, Address: who.Address, Playbook: b.Playbook, Verified: who.Verified}
	out := Session{
		Token: s.visitors.Sign(v), Contact: ChatContact{contact.ID, contact.Name, contact.Lang, contact.Verified}, Brand: brand,
		Limits: s.chatLimits(), Calls: s.Voice != nil && s.Voice.Talks != nil,
	}
	c, err := s.current(ctx, &v)
	if err != nil || c == nil {
		return &reply[Session]{out}, err
	}
	view, err := s.view(ctx, *c)
	out.Conversation = &view
	return &reply[Session]{out}, err
}

// whoArrives decides whose session it is: whom the host site signed for, else
// the visitor whom a token names, else somebody new. A token of a customer whom
// the host site signed for does not bring him back without a new signature:
// whoever uses the browser after he has signed out is somebody new.
func (s *Server) whoArrives(b sessionBody, site Site) (routing.Person, error) {
	p := routing.Person{Identity: desk.Identity{Channel: desk.Webchat}, Name: b.Name}
	switch {
	case b.Identity != nil && b.IdentityToken != "":
		return p, &desk.Error{Kind: desk.Invalid, Code: "two_identities", Message: "give identity or identity_token, not both", Field: "identity_token"}
	case b.Identity != nil:
		if err := b.Identity.Verify(site.Secret); err != nil {
			return p, err
		}
		// The signature vouches for user_id alone; the rest is what he claims.
		p.Address, p.Verified = "user:"+b.Identity.UserID, true
		p.Name, p.Email, p.Phone, p.Attributes = b.Identity.Name, b.Identity.Email, b.Identity.Phone, b.Identity.Attributes
		return p, nil
	case b.IdentityToken != "":
		id, err := webchat.ReadIdentityToken(b.IdentityToken, site.Secret, s.Now())
		if err != nil {
			return p, err
		}
		p.Address, p.Verified, p.Vouched = "user:"+id.UserID, true, true
		p.Name, p.Email, p.Phone, p.Attributes = id.Name, id.Email, id.Phone, id.Attributes
		return p, nil
	case b.Token != "":
		v, err := s.visitors.Refresh(b.Token)
		if err != nil {
			return p, err
		}
		if !v.Verified {
			p.Address = v.Address
			return p, nil
		}
	}
	id := make([]byte, 16)
	_, _ = rand.Read(id) // never fails (Go 1.24)
	p.Address = "visitor:" + hex.EncodeToString(id)
	return p, nil
}
