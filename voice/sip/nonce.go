package sip

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"
	"github.com/icholy/digest"
)

// nonces makes and checks nonces that need no memory: the time, and a MAC that
// every node with the same secret can check.
type nonces struct{ secret []byte }

const nonceLife = 5 * time.Minute

func (n nonces) mac(what string, b []byte) []byte {
	h := hmac.New(sha256.New, n.secret)
	h.Write([]byte(what))
	h.Write(b)
	return h.Sum(nil)[:16]
}

func (n nonces) make(now time.Time) string {
	b := binary.BigEndian.AppendUint64(nil, uint64(now.UnixMilli()))
	return base64.RawURLEncoding.EncodeToString(append(b, n.mac("nonce", b)...))
}

// check reports whether a nonce is ours, and whether it is too old.
func (n nonces) check(nonce string, now time.Time) (ours, stale bool) {
	b, err := base64.RawURLEncoding.DecodeString(nonce)
	if err != nil || len(b) != 24 || !hmac.Equal(b[8:], n.mac("nonce", b[:8])) {
		return false, false
	}
	at := time.UnixMilli(int64(binary.BigEndian.Uint64(b[:8])))
	age := now.Sub(at)
	return true, age > nonceLife || age < -time.Minute
}

// tag is a To tag that is the same for each retransmission of a request.
func (n nonces) tag(of string) string { return hex.EncodeToString(n.mac("tag", []byte(of))[:8]) }

// challenges is what a request without good credentials gets: MD5, which every
// phone knows, and before it SHA-256 where that is wanted (RFC 8760).
func (s *Server) challenges(stale bool) []sip.Header {
	nonce := s.nonces.make(time.Now())
	algorithms := []string{"MD5"}
	if s.cfg.SHA256 {
		algorithms = []string{"SHA-256", "MD5"}
	}
	var hs []sip.Header
	for _, alg := range algorithms {
		c := digest.Challenge{Realm: s.cfg.Realm, Nonce: nonce, Algorithm: alg, QOP: []string{"auth"}, Stale: stale}
		hs = append(hs, sip.NewHeader("WWW-Authenticate", c.String()))
	}
	return hs
}

// verdict on credentials.
type verdict int

const (
	unproved verdict = iota // none, or none of ours: challenge
	stale                   // right, with an old nonce: challenge again
	wrong                   // no such user, or not his password
	proved
)

// credentials finds the digest credentials for our realm.
func (s *Server) credentials(req *sip.Request) *digest.Credentials {
	for _, name := range []string{"Authorization", "Proxy-Authorization"} {
		for _, h := range req.GetHeaders(name) {
			c, err := digest.ParseCredentials(h.Value())
			if err == nil && c.Realm == s.cfg.Realm {
				return c
			}
		}
	}
	return nil
}

// prove checks credentials against an account.
func (s *Server) prove(req *sip.Request, c *digest.Credentials, a Account, now time.Time) verdict {
	ours, old := s.nonces.check(c.Nonce, now)
	if !ours {
		return unproved
	}
	a1 := a.MD5
	switch strings.ToUpper(c.Algorithm) {
	case "", "MD5":
		c.Algorithm = "MD5"
	case "SHA-256":
		a1 = a.SHA256
	default:
		return unproved
	}
	if a1 == "" {
		return wrong
	}
	chal := &digest.Challenge{Realm: c.Realm, Nonce: c.Nonce, Algorithm: c.Algorithm}
	switch c.QOP {
	case "":
	case "auth":
		chal.QOP = []string{"auth"}
	default:
		return unproved
	}
	want, err := digest.Digest(chal, digest.Options{Method: string(req.Method), URI: c.URI, Count: c.Nc, Username: c.Username, A1: a1, Cnonce: c.Cnonce})
	if err != nil || subtle.ConstantTimeCompare([]byte(want.Response), []byte(strings.ToLower(c.Response))) != 1 {
		return wrong
	}
	if old {
		return stale
	}
	return proved
}
