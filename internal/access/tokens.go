package access

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/parleyhq/parley/desk"
)

// TokenPrefix starts every API token, so that scanners find a leaked one.
const TokenPrefix = "pat_"

// CreateToken makes an API token for user with some of his roles (all of them
// when roles is empty) and returns its secret, which is shown only now. A
// lifetime of 0 never ends.
func (g *Gate) CreateToken(ctx context.Context, user User, name string, roles []desk.Role, lifetime time.Duration) (Token, string, error) {
	name = strings.TrimSpace(name)
	if n := utf8.RuneCountInString(name); n < 1 || n > 100 {
		return Token{}, "", &desk.Error{Kind: desk.Invalid, Code: "name_length", Message: "a name has 1 to 100 characters", Field: "name"}
	}
	if len(roles) == 0 {
		roles = user.Roles
	}
	for _, r := range roles {
		if !slices.Contains(user.Roles, r) {
			return Token{}, "", &desk.Error{Kind: desk.Invalid, Code: "role_not_yours", Message: "a token can only have roles that its user has", Field: "roles"}
		}
	}
	now := g.Now()
	secret := TokenPrefix + newSecret()
	t := Token{ID: desk.NewIDAt(now), UserID: user.ID, Name: name, Roles: roles, Hash: hashSecret(secret), CreatedAt: now}
	if lifetime > 0 {
		t.ExpiresAt = now.Add(lifetime)
	}
	return t, secret, g.Store.AddToken(ctx, t)
}

// Bearer returns the user an API token acts for, with only the roles that
// both have.
func (g *Gate) Bearer(ctx context.Context, secret string) (User, Token, error) {
	gone := desk.Errorf(desk.Unauthenticated, "token_invalid", "the API token is unknown or no longer valid")
	if !strings.HasPrefix(secret, TokenPrefix) {
		return User{}, Token{}, gone
	}
	t, err := g.Store.Token(ctx, hashSecret(secret))
	if desk.IsKind(err, desk.NotFound) {
		return User{}, Token{}, gone
	}
	if err != nil {
		return User{}, Token{}, err
	}
	now := g.Now()
	if !t.ExpiresAt.IsZero() && !now.Before(t.ExpiresAt) {
		return User{}, Token{}, gone
	}
	a, err := g.Store.Account(ctx, t.UserID)
	if desk.IsKind(err, desk.NotFound) || err == nil && a.Disabled {
		return User{}, Token{}, gone
	}
	if err != nil {
		return User{}, Token{}, err
	}
	a.Roles = slices.DeleteFunc(slices.Clone(a.Roles), func(r desk.Role) bool { return !slices.Contains(t.Roles, r) })
	if now.Sub(t.UsedAt) > time.Minute {
		if err := g.Store.TouchToken(ctx, t.ID, now); err != nil {
			g.Log.WarnContext(ctx, "touch a token", "err", err)
		}
	}
	return a.User, t, nil
}
