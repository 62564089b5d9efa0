package webchat

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/parleyhq/parley/desk"
)

// Identity is who the host site says its logged-in user is.
type Identity struct {
	UserID     string            `json:"user_id" minLength:"1" maxLength:"200" doc:"The host site's own id of the user."`
	Name       string            `json:"name,omitempty" maxLength:"200"`
	Email      string            `json:"email,omitempty" maxLength:"254"`
	Phone      string            `json:"phone,omitempty" maxLength:"50"`
	Attributes map[string]string `json:"attributes,omitempty" maxProperties:"50"`
	Signature  string            `json:"signature" maxLength:"128" doc:"Hex HMAC-SHA256 of user_id with the site's secret, made on the host site's server. It vouches for user_id only."`
}

// exact reports whether id is stored as it is. Two users whose ids differ in
// what storing leaves out must not become one contact.
func exact(id string) bool {
	return utf8.ValidString(id) && strings.TrimSpace(id) == id && !strings.ContainsFunc(id, unicode.IsControl)
}

func badIdentity(code, message string) error {
	return &desk.Error{Kind: desk.Unauthenticated, Code: code, Message: message}
}

// Verify checks that the site's server signed the identity.
func (i Identity) Verify(secret string) error {
	if secret == "" {
		return badIdentity("identity_off", "this site has no secret, so nobody can be signed in by it")
	}
	if !exact(i.UserID) {
		return badIdentity("identity_user", "the user_id must have no control characters, and no spaces around it")
	}
	got, err := hex.DecodeString(i.Signature)
	if err != nil || !hmac.Equal(got, mac([]byte(secret), i.UserID)) {
		return badIdentity("identity_signature", "the signature does not fit the user_id and the site's secret")
	}
	return nil
}

// claims are what we read of an identity token.
type claims struct {
	Subject    string            `json:"sub"`
	UserID     string            `json:"user_id"`
	Name       string            `json:"name"`
	Email      string            `json:"email"`
	Phone      string            `json:"phone"`
	PhoneNo    string            `json:"phone_number"`
	Attributes map[string]string `json:"attributes"`
	Expires    *float64          `json:"exp"`
	NotBefore  *float64          `json:"nbf"`
}

// leeway forgives clocks that differ.
const leeway = 30 * time.Second

// ReadIdentityToken checks a JWT (RFC 7519) that the site's server signed with
// HS256. The algorithm is ours, not the token's, to choose; exp is required.
func ReadIdentityToken(token, secret string, now time.Time) (Identity, error) {
	bad := func(why string) (Identity, error) {
		return Identity{}, badIdentity("identity_token", "the identity token is not valid: "+why)
	}
	if secret == "" {
		return Identity{}, badIdentity("identity_off", "this site has no secret, so nobody can be signed in by it")
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return bad("it has not three parts")
	}
	var header struct {
		Alg  string   `json:"alg"`
		Crit []string `json:"crit"`
	}
	if err := decodePart(parts[0], &header); err != nil || header.Alg != "HS256" || len(header.Crit) > 0 {
		return bad("its algorithm must be HS256")
	}
	sum, err := base64.RawURLEncoding.Strict().DecodeString(parts[2])
	if err != nil || len(sum) != sha256.Size || !hmac.Equal(sum, mac([]byte(secret), parts[0]+"."+parts[1])) {
		return bad("its signature does not fit the site's secret")
	}
	var c claims
	if err := decodePart(parts[1], &c); err != nil {
		return bad("its claims cannot be read")
	}
	if c.Expires == nil {
		return bad("it needs exp")
	}
	if !now.Before(time.Unix(int64(*c.Expires), 0).Add(leeway)) {
		return bad("it has expired")
	}
	if c.NotBefore != nil && now.Add(leeway).Before(time.Unix(int64(*c.NotBefore), 0)) {
		return bad("it is not valid yet")
	}
	id := Identity{UserID: c.Subject, Name: c.Name, Email: c.Email, Phone: c.Phone, Attributes: c.Attributes}
	if id.UserID == "" {
		id.UserID = c.UserID
	}
	if id.Phone == "" {
		id.Phone = c.PhoneNo
	}
	if id.UserID == "" || len(id.UserID) > 200 || !exact(id.UserID) {
		return bad("it needs sub, of at most 200 bytes, without control characters and without spaces around it")
	}
	return id, nil
}

func decodePart(part string, into any) error {
	b, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return err
	}
	if !utf8.Valid(b) {
		return errors.New("not UTF-8")
	}
	return json.Unmarshal(b, into)
}
