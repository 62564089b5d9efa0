package access

import (
	"context"
	"time"

	"github.com/parleyhq/parley/desk"
)

// Store keeps what a Gate decides on. What is not there is an error of Kind
// NotFound.
type Store interface {
	Users
	Sessions
	Tokens
	AuditLog
	// Secret returns the stored secret of that name; when there is none it
	// stores fresh and returns that. Every node gets the same one.
	Secret(ctx context.Context, name string, fresh []byte) ([]byte, error)
}

// Users keeps accounts. Email addresses are unique, in lower case.
type Users interface {
	Account(ctx context.Context, id desk.ID) (Account, error)
	AccountByEmail(ctx context.Context, email string) (Account, error)
	// Users lists by name, after the user whose id is after.
	Users(ctx context.Context, search string, after desk.ID, limit int) ([]User, error)
	HasUsers(ctx context.Context) (bool, error)
	// AddUser fails with Conflict "email_taken", and with Conflict "setup_done"
	// when first is set and there is a user already.
	AddUser(ctx context.Context, a Account, first bool) error
	// SaveUser replaces the account; Conflict "last_owner" when no enabled
	// owner would be left, "email_taken" as above.
	SaveUser(ctx context.Context, a Account) error
}

// Sessions keeps sessions.
type Sessions interface {
	AddSession(ctx context.Context, s Session) error
	Session(ctx context.Context, hash string) (Session, error)
	TouchSession(ctx context.Context, hash string, at time.Time) error
	DropSession(ctx context.Context, hash string) error
	// DropSessions ends all sessions of the user but the one with hash except.
	DropSessions(ctx context.Context, user desk.ID, except string) error
	// DropStaleSessions forgets those expired at now or not seen since idle.
	DropStaleSessions(ctx context.Context, now, idle time.Time) error
}

// Tokens keeps API tokens.
type Tokens interface {
	AddToken(ctx context.Context, t Token) error
	Token(ctx context.Context, hash string) (Token, error)
	// Tokens lists those of a user, of everybody when user is empty; newest first.
	Tokens(ctx context.Context, user desk.ID, before desk.ID, limit int) ([]Token, error)
	TouchToken(ctx context.Context, id desk.ID, at time.Time) error
	DropToken(ctx context.Context, id desk.ID) error
}

// AuditLog keeps the audit log.
type AuditLog interface {
	AddEntry(ctx context.Context, e Entry) error
	// Entries lists newest first, older than the entry whose id is before.
	Entries(ctx context.Context, q EntryQuery) ([]Entry, error)
}

// EntryQuery says which lines of the audit log are wanted; empty fields match
// everything.
type EntryQuery struct {
	UserID desk.ID
	Action string
	Before desk.ID
	Limit  int
}
