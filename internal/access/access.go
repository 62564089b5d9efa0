// Package access knows who may do what: users and their roles, sessions,
// API tokens and the audit log. It decides; httpapi asks it.
package access

import (
	"log/slog"
	"time"

	"github.com/parleyhq/parley/desk"
)

// User is a person of ours who may sign in.
type User struct {
	ID        desk.ID     `json:"id"`
	Name      string      `json:"name"`
	Email     string      `json:"email"`
	Roles     []desk.Role `json:"roles"`
	Lang      desk.Lang   `json:"lang"`
	Theme     string      `json:"theme"` // "light", "dark" or "auto"
	Disabled  bool        `json:"disabled"`
	CreatedAt time.Time   `json:"created_at"`
	UpdatedAt time.Time   `json:"updated_at"`
	SeenAt    time.Time   `json:"seen_at,omitzero"` // of the last sign-in
}

// Account is a User with the hash of his password; an empty Hash never
// matches, so such a user cannot sign in.
type Account struct {
	User
	Hash string
}

// Session is one signed-in browser. Only the hash of its secret is kept.
type Session struct {
	Hash      string
	UserID    desk.ID
	CreatedAt time.Time
	SeenAt    time.Time
	ExpiresAt time.Time // absolute; SeenAt bounds idleness
	Address   string
	Agent     string // the browser's name for itself, cut to 200 bytes
}

// Token lets a program act for a user, with some of his roles.
type Token struct {
	ID        desk.ID     `json:"id"`
	UserID    desk.ID     `json:"user_id"`
	Name      string      `json:"name"`
	Roles     []desk.Role `json:"roles"`
	Hash      string      `json:"-"`
	CreatedAt time.Time   `json:"created_at"`
	ExpiresAt time.Time   `json:"expires_at,omitzero"` // zero: never
	UsedAt    time.Time   `json:"used_at,omitzero"`
}

// Entry is one line of the audit log.
type Entry struct {
	ID       desk.ID   `json:"id"`
	At       time.Time `json:"at"`
	UserID   desk.ID   `json:"user_id,omitempty"`
	UserName string    `json:"user_name,omitempty"`
	Action   string    `json:"action"`           // a stable word: "login", "conversations.reply"
	Target   string    `json:"target,omitempty"` // what it was done to, mostly an id
	Address  string    `json:"address,omitempty"`
	Outcome  string    `json:"outcome"` // "ok", or the stable word of the refusal
}

// Gate lets people in. Its zero fields have defaults; only Store is needed.
type Gate struct {
	Store Store
	Staff Staff // nil: nobody is told who may work
	Now   func() time.Time
	Log   *slog.Logger

	Params   Params        // cost of a password hash
	Lifetime time.Duration // of a session at most; 7 days
	Idle     time.Duration // of a session without a request; 12 hours

	throttle throttle
	hashing  chan struct{}
	decoy    string
}

// NewGate returns a Gate on store, with every default filled in.
func NewGate(store Store, log *slog.Logger) *Gate {
	return (&Gate{Store: store, Log: log}).withDefaults()
}

// WithParams returns a Gate like g whose password hashes cost p.
func (g *Gate) WithParams(p Params) *Gate {
	return (&Gate{Store: g.Store, Staff: g.Staff, Now: g.Now, Log: g.Log, Params: p, Lifetime: g.Lifetime, Idle: g.Idle}).withDefaults()
}
