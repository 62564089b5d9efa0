package access

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"log/slog"
	"math"
	"runtime"
	"strings"
	"time"

	"github.com/parleyhq/parley/desk"
)

// Failures that cost no waiting yet.
const (
	freePerAccount = 5
	freePerAddress = 20
)

// From says where a request comes from.
type From struct {
	Address string
	Agent   string
}

func (g *Gate) withDefaults() *Gate {
	if g.Now == nil {
		g.Now = time.Now
	}
	if g.Log == nil {
		g.Log = slog.Default()
	}
	if g.Params == (Params{}) {
		g.Params = DefaultParams
	}
	if g.Lifetime == 0 {
		g.Lifetime = 7 * 24 * time.Hour
	}
	if g.Idle == 0 {
		g.Idle = 12 * time.Hour
	}
	g.hashing = make(chan struct{}, max(2, runtime.GOMAXPROCS(0)))
	g.decoy = g.Params.Hash("nobody has this password")
	return g
}

// TooManyTries is the cause of a refused sign-in that may be tried again
// later; httpapi turns it into Retry-After.
type TooManyTries struct{ Wait time.Duration }

func (e TooManyTries) Error() string { return "too many failed sign-ins" }

// RetryAfter is how long to wait.
func (e TooManyTries) RetryAfter() time.Duration { return e.Wait }

// Login checks a password and returns the user with the secret of a new
// session. An unknown address, a wrong password and a disabled user are the
// same error and take the same time.
func (g *Gate) Login(ctx context.Context, email, password string, from From) (User, string, error) {
	email = foldEmail(email)
	now := g.Now()
	account, address := "account "+email, "address "+from.Address
	if wait := max(g.throttle.wait(account, now), g.throttle.wait(address, now)); wait > 0 {
		seconds := int(math.Ceil(wait.Seconds()))
		return User{}, "", desk.Errorf(desk.TooMany, "login_throttled", "%w; try again in %d s", TooManyTries{time.Duration(seconds) * time.Second}, seconds)
	}
	a, err := g.Store.AccountByEmail(ctx, email)
	if err != nil && !desk.IsKind(err, desk.NotFound) {
		return User{}, "", err
	}
	hash := a.Hash
	if a.Disabled {
		hash = ""
	}
	rehash, ok, err := g.check(ctx, hash, password)
	if err != nil {
		return User{}, "", err
	}
	if !ok {
		g.throttle.fail(account, freePerAccount, now)
		g.throttle.fail(address, freePerAddress, now)
		g.Record(ctx, Entry{UserID: a.ID, UserName: a.Name, Action: "login", Target: email, Address: from.Address, Outcome: "refused"})
		return User{}, "", desk.Errorf(desk.Unauthenticated, "login_failed", "the e-mail address or the password is wrong")
	}
	g.throttle.forget(account)
	if rehash {
		a.Hash = g.Params.Hash(password)
	}
	a.SeenAt = now
	if err := g.Store.SaveUser(ctx, a); err != nil {
		return User{}, "", err
	}
	secret, err := g.open(ctx, a.ID, from, now)
	if err != nil {
		return User{}, "", err
	}
	g.Record(ctx, Entry{UserID: a.ID, UserName: a.Name, Action: "login", Target: email, Address: from.Address})
	return a.User, secret, nil
}

// open starts a session and forgets those that are over.
func (g *Gate) open(ctx context.Context, user desk.ID, from From, now time.Time) (string, error) {
	if err := g.Store.DropStaleSessions(ctx, now, now.Add(-g.Idle)); err != nil {
		return "", err
	}
	secret := newSecret()
	s := Session{Hash: hashSecret(secret), UserID: user, CreatedAt: now, SeenAt: now, ExpiresAt: now.Add(g.Lifetime), Address: from.Address, Agent: cut(from.Agent, 200)}
	if err := g.Store.AddSession(ctx, s); err != nil {
		return "", err
	}
	return secret, nil
}

// Session returns the user whose session has that secret. Expired, idle and
// unknown sessions, and those of disabled users, are Unauthenticated.
func (g *Gate) Session(ctx context.Context, secret string) (User, error) {
	gone := desk.Errorf(desk.Unauthenticated, "signed_out", "sign in again")
	s, err := g.Store.Session(ctx, hashSecret(secret))
	if desk.IsKind(err, desk.NotFound) {
		return User{}, gone
	}
	if err != nil {
		return User{}, err
	}
	now := g.Now()
	if !now.Before(s.ExpiresAt) || now.Sub(s.SeenAt) > g.Idle {
		if err := g.Store.DropSession(ctx, s.Hash); err != nil {
			g.Log.WarnContext(ctx, "drop a session that is over", "err", err)
		}
		return User{}, gone
	}
	a, err := g.Store.Account(ctx, s.UserID)
	if desk.IsKind(err, desk.NotFound) || err == nil && a.Disabled {
		return User{}, gone
	}
	if err != nil {
		return User{}, err
	}
	if now.Sub(s.SeenAt) > time.Minute {
		if err := g.Store.TouchSession(ctx, s.Hash, now); err != nil {
			g.Log.WarnContext(ctx, "touch a session", "err", err)
		}
	}
	return a.User, nil
}

// Logout ends the session with that secret, if there is one.
func (g *Gate) Logout(ctx context.Context, secret string) error {
	return g.Store.DropSession(ctx, hashSecret(secret))
}

// newSecret is 256 random bits in base64url.
func newSecret() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails (Go 1.24)
	return base64.RawURLEncoding.EncodeToString(b)
}

// hashSecret is what is stored of a secret. The secret has 256 random bits,
// so a plain hash is enough.
func hashSecret(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

func foldEmail(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// cut shortens s to at most n bytes of whole, valid characters.
func cut(s string, n int) string {
	if len(s) > n {
		s = s[:n]
	}
	return strings.ToValidUTF8(s, "")
}
