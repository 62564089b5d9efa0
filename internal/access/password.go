package access

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"github.com/parleyhq/parley/desk"
)

// Params is the cost of a password hash (argon2id, RFC 9106).
type Params struct {
	Memory  uint32 // KiB
	Time    uint32
	Threads uint8
}

// DefaultParams is what OWASP's password storage cheat sheet asks for.
var DefaultParams = Params{Memory: 19 * 1024, Time: 2, Threads: 1}

// The bounds of a password. Longer ones would only be a way to keep us busy.
const (
	MinPassword = 10
	MaxPassword = 256
)

const (
	saltLen = 16
	keyLen  = 32
)

// CheckPassword refuses a password that is too short, too long or is the
// user's own name or address.
func CheckPassword(password, name, email string) error {
	bad := func(code, msg string) error {
		return &desk.Error{Kind: desk.Invalid, Code: code, Message: msg, Field: "password"}
	}
	switch {
	case !utf8.ValidString(password):
		return bad("password_encoding", "a password is UTF-8 text")
	case utf8.RuneCountInString(password) < MinPassword:
		return bad("password_short", fmt.Sprintf("a password has at least %d characters", MinPassword))
	case len(password) > MaxPassword:
		return bad("password_long", fmt.Sprintf("a password has at most %d bytes", MaxPassword))
	case strings.EqualFold(password, email), strings.EqualFold(password, name), oneRune(password):
		return bad("password_weak", "a password must not be the name, the address or one character repeated")
	}
	return nil
}

func oneRune(s string) bool {
	first, n := utf8.DecodeRuneInString(s)
	return strings.Trim(s[n:], string(first)) == ""
}

// Hash returns the PHC string of password with a fresh salt.
func (p Params) Hash(password string) string {
	salt := make([]byte, saltLen)
	_, _ = rand.Read(salt) // never fails (Go 1.24)
	key := argon2.IDKey([]byte(password), salt, p.Time, p.Memory, p.Threads, keyLen)
	enc := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.Memory, p.Time, p.Threads, enc.EncodeToString(salt), enc.EncodeToString(key))
}

// verify reports whether hash is that of password, and the cost it was made
// with. A hash that cannot be read, or costs more than we would ever spend,
// matches nothing.
func verify(hash, password string) (Params, bool) {
	var p Params
	var version int
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return p, false
	}
	if _, err := fmt.Sscanf(parts[2], "v=%d", &version); err != nil || version != argon2.Version {
		return p, false
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.Memory, &p.Time, &p.Threads); err != nil {
		return p, false
	}
	if p.Memory < 8 || p.Memory > 1<<20 || p.Time < 1 || p.Time > 16 || p.Threads < 1 || p.Threads > 16 {
		return p, false
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil || len(salt) < 8 {
		return p, false
	}
	want, err := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil || len(want) < 16 || len(want) > 64 {
		return p, false
	}
	got := argon2.IDKey([]byte(password), salt, p.Time, p.Memory, p.Threads, uint32(len(want)))
	return p, subtle.ConstantTimeCompare(got, want) == 1
}

// check verifies a password, a few at a time so that a burst of sign-ins
// cannot take all memory. An empty hash costs as much as a wrong password.
func (g *Gate) check(ctx context.Context, hash, password string) (rehash, ok bool, err error) {
	select {
	case g.hashing <- struct{}{}:
		defer func() { <-g.hashing }()
	case <-ctx.Done():
		return false, false, desk.Errorf(desk.Unavailable, "busy", "wait for a password check: %w", ctx.Err())
	}
	if len(password) > MaxPassword {
		password, hash = "", ""
	}
	if hash == "" {
		verify(g.decoy, password)
		return false, false, nil
	}
	p, ok := verify(hash, password)
	return p != g.Params, ok, nil
}
