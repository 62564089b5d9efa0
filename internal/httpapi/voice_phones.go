package httpapi

import (
	"context"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"regexp"
	"strings"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
)

// SIPPhone is a SIP telephone that may register.
type SIPPhone struct {
	voice.Account
	Registered bool   `json:"registered"`
	Server     string `json:"server,omitempty" doc:"Where it registers." example:"127.0.0.1:5060"`
	Realm      string `json:"realm,omitempty"`
	Password   string `json:"password,omitempty" doc:"Shown only now; it is not kept."`
}

func (s *Server) listPhones(ctx context.Context, in *Paged) (*reply[Page[SIPPhone]], error) {
	store, err := s.callStore()
	if err != nil {
		return nil, err
	}
	accounts, err := store.Accounts(ctx, "", in.After, in.Limit+1)
	if err != nil {
		return nil, err
	}
	list := make([]SIPPhone, len(accounts))
	for i, a := range accounts {
		if list[i], err = s.sipPhone(ctx, a, ""); err != nil {
			return nil, err
		}
	}
	return pageOf(list, in.Limit, func(p SIPPhone) string { return p.User }), nil
}

func (s *Server) sipPhone(ctx context.Context, a voice.Account, password string) (SIPPhone, error) {
	out := SIPPhone{Account: a, Server: s.Voice.SIP, Realm: s.Voice.Realm, Password: password}
	if s.Voice.Lines == nil {
		return out, nil
	}
	var err error
	out.Registered, err = s.Voice.Lines.Registered(ctx, a.User)
	return out, err
}

type newPhoneBody struct {
	User    string  `json:"user" minLength:"2" maxLength:"32" doc:"The user part of its address, as 201 or anna."`
	Agent   desk.ID `json:"agent_id,omitempty" maxLength:"64" doc:"Whose it is, or"`
	Contact desk.ID `json:"contact_id,omitempty" maxLength:"64" doc:"the customer whose it is."`
	Label   string  `json:"label,omitempty" maxLength:"100"`
}

var sipUser = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{1,31}$`)

func (s *Server) createPhone(ctx context.Context, in *body[newPhoneBody]) (*reply[SIPPhone], error) {
	store, err := s.callStore()
	if err != nil {
		return nil, err
	}
	b := in.Body
	if !sipUser.MatchString(b.User) {
		return nil, &desk.Error{Kind: desk.Invalid, Code: "sip_user", Message: "a user has 2 to 32 small letters, digits, dots, - and _", Field: "user"}
	}
	a := voice.Account{User: b.User, AgentID: b.Agent, ContactID: b.Contact, Label: b.Label, CreatedAt: s.Now().UTC()}
	if err := s.checkOwner(ctx, a); err != nil {
		return nil, err
	}
	password := newSIPPassword(&a, s.Voice.Realm)
	if err := store.AddAccount(ctx, a); err != nil {
		return nil, err
	}
	p, err := s.sipPhone(ctx, a, password)
	return &reply[SIPPhone]{p}, err
}

// checkOwner refuses a phone of nobody whom we know, or of two.
func (s *Server) checkOwner(ctx context.Context, a voice.Account) error {
	if a.AgentID != "" && a.ContactID != "" {
		return &desk.Error{Kind: desk.Invalid, Code: "two_owners", Message: "a phone is an agent's or a customer's, not both", Field: "contact_id"}
	}
	if a.AgentID != "" {
		if _, err := s.Reads.Agent(ctx, a.AgentID); err != nil {
			return unknown(err, "agent_id", "there is no such agent")
		}
	}
	if a.ContactID != "" {
		if _, err := s.Reads.Contact(ctx, a.ContactID); err != nil {
			return unknown(err, "contact_id", "there is no such contact")
		}
	}
	return nil
}

// unknown makes a thing that is not there the fault of the field that named it.
func unknown(err error, field, message string) error {
	if desk.IsKind(err, desk.NotFound) {
		return &desk.Error{Kind: desk.Invalid, Code: "unknown", Message: message, Field: field}
	}
	return err
}

type changePhoneIn struct {
	Name string `path:"name" maxLength:"32"`
	Body changePhoneBody
}

type changePhoneBody struct {
	Agent       *desk.ID `json:"agent_id,omitempty" maxLength:"64"`
	Contact     *desk.ID `json:"contact_id,omitempty" maxLength:"64"`
	Label       *string  `json:"label,omitempty" maxLength:"100"`
	NewPassword bool     `json:"new_password,omitempty" doc:"Make a new one; the old one no longer registers."`
}

func (s *Server) changePhone(ctx context.Context, in *changePhoneIn) (*reply[SIPPhone], error) {
	store, err := s.callStore()
	if err != nil {
		return nil, err
	}
	a, err := store.Account(ctx, in.Name)
	if err != nil {
		return nil, err
	}
	b, password := in.Body, ""
	if b.Agent != nil {
		a.AgentID = *b.Agent
	}
	if b.Contact != nil {
		a.ContactID = *b.Contact
	}
	if b.Label != nil {
		a.Label = *b.Label
	}
	if err := s.checkOwner(ctx, a); err != nil {
		return nil, err
	}
	if b.NewPassword {
		password = newSIPPassword(&a, s.Voice.Realm)
	}
	if err := store.SaveAccount(ctx, a); err != nil {
		return nil, err
	}
	p, err := s.sipPhone(ctx, a, password)
	return &reply[SIPPhone]{p}, err
}

type phoneName struct {
	Name string `path:"name" maxLength:"32"`
}

func (s *Server) dropPhone(ctx context.Context, in *phoneName) (*none, error) {
	store, err := s.callStore()
	if err != nil {
		return nil, err
	}
	return nil, store.DropAccount(ctx, in.Name)
}

// newSIPPassword gives a phone a new password of 120 random bits. Only its
// digests stay (RFC 8760, 2.4); MD5 is what most telephones know.
func newSIPPassword(a *voice.Account, realm string) string {
	random := make([]byte, 15)
	_, _ = rand.Read(random) // never fails (Go 1.24)
	password := strings.ToLower(base32.StdEncoding.EncodeToString(random))
	text := []byte(a.User + ":" + realm + ":" + password)
	m, sha := md5.Sum(text), sha256.Sum256(text)
	a.Realm, a.MD5, a.SHA256 = realm, hex.EncodeToString(m[:]), hex.EncodeToString(sha[:])
	return password
}
