package httpapi

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
	visitorFresh = 7 * 24 * time.Hour
	visitorStale = 90 * 24 * time.Hour
)

const visitorVersion = "c1"

// visitor is what a customer's token says. It is signed, not secret.
type visitor struct {
	Contact  desk.ID `json:"c"`
	Address  string  `json:"a"` // of the contact on the webchat channel
	Playbook string  `json:"p,omitempty"`
	Verified bool    `json:"v,omitempty"`
	Expires  int64   `json:"e"` // Unix seconds
	Until    int64   `json:"u"` // Unix seconds; refreshable until
}

// visitors signs and checks customers' tokens.
type visitors struct {
	key []byte
	now func() time.Time
}

// sign returns a fresh token for v.
func (s *visitors) sign(v visitor) string {
	now := s.now()
	v.Expires, v.Until = now.Add(visitorFresh).Unix(), now.Add(visitorStale).Unix()
	b, err := json.Marshal(v)
	if err != nil {
		panic("httpapi: visitor token: " + err.Error()) // plain strings and numbers
	}
	text := visitorVersion + "." + base64.RawURLEncoding.EncodeToString(b)
	return text + "." + base64.RawURLEncoding.EncodeToString(mac(s.key, text))
}

// check returns the visitor of a token that is genuine and fresh.
func (s *visitors) check(token string) (*visitor, error) {
	v, err := s.open(token)
	if err != nil {
		return nil, err
	}
	if s.now().Unix() >= v.Expires {
		return nil, desk.Errorf(desk.Unauthenticated, "token_expired", "the token has expired: get a new one from POST /v1/chat/sessions with it")
	}
	return v, nil
}

// refresh returns the visitor of a token that is genuine and not yet stale.
func (s *visitors) refresh(token string) (*visitor, error) {
	v, err := s.open(token)
	if err != nil {
		return nil, err
	}
	if s.now().Unix() >= v.Until {
		return nil, desk.Errorf(desk.Unauthenticated, "token_expired", "the token is too old")
	}
	return v, nil
}

func (s *visitors) open(token string) (*visitor, error) {
	bad := desk.Errorf(desk.Unauthenticated, "token_invalid", "give the token of POST /v1/chat/sessions as a bearer token")
	if len(token) > 2048 {
		return nil, bad
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 || parts[0] != visitorVersion {
		return nil, bad
	}
	sum, err := base64.RawURLEncoding.Strict().DecodeString(parts[2])
	if err != nil || !hmac.Equal(sum, mac(s.key, parts[0]+"."+parts[1])) {
		return nil, bad
	}
	b, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return nil, bad
	}
	v := &visitor{}
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
