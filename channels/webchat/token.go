package webchat

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"github.com/parleyhq/parley/desk"
)

// The lives of a customer's token. Within Fresh it opens everything; after
// that, until Stale, it only opens a new session for the same contact.
const (
	Fresh = 7 * 24 * time.Hour
	Stale = 90 * 24 * time.Hour
)

const tokenVersion = "c1"

// Visitor is what a customer's token says. It is signed, not secret.
type Visitor struct {
	Contact  desk.ID `json:"c"`
	Address  string  `json:"a"` // of the contact on the webchat channel
	Playbook string  `json:"p,omitempty"`
	Verified bool    `json:"v,omitempty"`
	Expires  int64   `json:"e"` // Unix seconds
	Until    int64   `json:"u"` // Unix seconds; refreshable until

	// Of one who came by the link of a call: all that he may see.
	Conversation desk.ID `json:"o,omitempty"`
	Call         desk.ID `json:"l,omitempty"`
}

// ByLink reports whether v came by the link of a call, so that he sees its
// conversation and no other.
func (v Visitor) ByLink() bool { return v.Call != "" }

// Tokens signs and checks customers' tokens, and other short-lived marks.
type Tokens struct {
	Key []byte
	Now func() time.Time // nil: time.Now
}

func (s *Tokens) now() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now()
}

// Mark is a signature of text for one purpose; it fits no other.
func (s *Tokens) Mark(purpose, text string) []byte { return mac(s.Key, purpose+" "+text) }

// Sign returns a fresh token for v. One who came by a link keeps his times.
func (s *Tokens) Sign(v Visitor) string {
	now := s.now()
	if !v.ByLink() {
		v.Expires, v.Until = now.Add(Fresh).Unix(), now.Add(Stale).Unix()
	}
	b, err := json.Marshal(v)
	if err != nil {
		panic("webchat: token: " + err.Error()) // plain strings and numbers
	}
	text := tokenVersion + "." + base64.RawURLEncoding.EncodeToString(b)
	return text + "." + base64.RawURLEncoding.EncodeToString(mac(s.Key, text))
}

// Check returns the visitor of a token that is genuine and fresh.
func (s *Tokens) Check(token string) (*Visitor, error) {
	v, err := s.open(token)
	if err != nil {
		return nil, err
	}
	if err := s.Fresh(*v); err != nil {
		return nil, err
	}
	return v, nil
}

// Fresh is the error of Check when the token of v has expired since.
func (s *Tokens) Fresh(v Visitor) error {
	if s.now().Unix() >= v.Expires {
		return desk.Errorf(desk.Unauthenticated, "token_expired", "the token has expired: get a new one from POST /v1/chat/sessions with it")
	}
	return nil
}

// Refresh returns the visitor of a token that is genuine and not yet stale.
func (s *Tokens) Refresh(token string) (*Visitor, error) {
	v, err := s.open(token)
	if err != nil {
		return nil, err
	}
	if s.now().Unix() >= v.Until {
		return nil, desk.Errorf(desk.Unauthenticated, "token_expired", "the token is too old")
	}
	return v, nil
}

func (s *Tokens) open(token string) (*Visitor, error) {
	bad := desk.Errorf(desk.Unauthenticated, "token_invalid", "give the token of POST /v1/chat/sessions as a bearer token")
	if len(token) > 2048 {
		return nil, bad
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 || parts[0] != tokenVersion {
		return nil, bad
	}
	sum, err := base64.RawURLEncoding.Strict().DecodeString(parts[2])
	if err != nil || !hmac.Equal(sum, mac(s.Key, parts[0]+"."+parts[1])) {
		return nil, bad
	}
	b, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return nil, bad
	}
	v := &Visitor{}
	if err := json.Unmarshal(b, v); err != nil || v.Contact == "" || v.Address == "" {
		return nil, bad
	}
	return v, nil
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}
