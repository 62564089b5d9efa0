package httpapi

import (
	"context"

	"github.com/parleyhq/parley/channels/webchat"
	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/access"
)

// caller is who makes a request. Exactly one of User and Visitor is set once
// the guard has let it in to a route that needs one.
type caller struct {
	RequestID string
	From      access.From
	User      *access.User
	Bearer    bool   // User came by an API token
	Session   string // the secret of User's session
	Visitor   *webchat.Visitor

	Conversation desk.ID // that a plain request turned out to be about, for the log

	Site Site // the site whose page, app or server calls the customer API
}

type callerKey struct{}

// callerOf returns who makes the request; never nil.
func callerOf(ctx context.Context) *caller {
	if c, ok := ctx.Value(callerKey{}).(*caller); ok {
		return c
	}
	return &caller{}
}

// user is the signed-in user. Only handlers of routes that need one call it.
func user(ctx context.Context) access.User {
	if u := callerOf(ctx).User; u != nil {
		return *u
	}
	return access.User{}
}

// can reports whether the signed-in user has the permission.
func can(ctx context.Context, p access.Permission) bool { return access.Can(user(ctx).Roles, p) }

// author is the signed-in user as the author of messages.
func author(ctx context.Context) desk.Author {
	u := user(ctx)
	return desk.Author{Kind: desk.ByAgent, ID: u.ID, Name: u.Name}
}
