package store

import (
	"context"
	"fmt"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/access"
)

// Access keeps users, sessions, tokens, the audit log and shared secrets.
type Access struct{ db *DB }

// Access returns the part of the database that access keeps, and what is known
// of uploads.
func (db *DB) Access() *Access { return &Access{db} }

var _ access.Store = (*Access)(nil)

const accountColumns = "id, name, email, hash, roles, lang, theme, disabled, created_at, updated_at, seen_at"

func scanAccount(row Scanner) (access.Account, error) {
	var a access.Account
	err := row.Scan(&a.ID, &a.Name, &a.Email, &a.Hash, jsonInto(&a.Roles), &a.Lang, &a.Theme, &a.Disabled,
		timeInto(&a.CreatedAt), timeInto(&a.UpdatedAt), timeInto(&a.SeenAt))
	return a, err
}

// Account finds a user.
func (s *Access) Account(ctx context.Context, id desk.ID) (access.Account, error) {
	return One(ctx, s.db.Read(), scanAccount, "SELECT "+accountColumns+" FROM users WHERE id = $1", id)
}

// AccountByEmail finds a user by his address in lower case.
func (s *Access) AccountByEmail(ctx context.Context, email string) (access.Account, error) {
	return One(ctx, s.db.Read(), scanAccount, "SELECT "+accountColumns+" FROM users WHERE email = $1", email)
}

// Users lists users whose name or address holds search, in the order of their ids.
func (s *Access) Users(ctx context.Context, search string, after desk.ID, limit int) ([]access.User, error) {
	scan := func(row Scanner) (access.User, error) {
		a, err := scanAccount(row)
		return a.User, err
	}
	return All(ctx, s.db.Read(), scan, "SELECT "+accountColumns+` FROM users
		WHERE id > $1 AND (lower(name) LIKE lower($2) ESCAPE '\' OR email LIKE lower($2) ESCAPE '\') ORDER BY id LIMIT 0+$3`, after, like(search), limit)
}

// HasUsers reports whether there is any user.
func (s *Access) HasUsers(ctx context.Context) (bool, error) { return hasUsers(ctx, s.db.Read()) }

func hasUsers(ctx context.Context, q Q) (bool, error) {
	n, err := One(ctx, q, Value[int], "SELECT count(*) FROM (SELECT 1 FROM users LIMIT 1) AS u")
	return n > 0, err
}

// AddUser stores a new user; of two first ones at once, one is.
func (s *Access) AddUser(ctx context.Context, a access.Account, first bool) error {
	return s.db.Tx(ctx, func(ctx context.Context, q *Tx) error {
		if err := q.Lock(ctx, "users"); err != nil {
			return err
		}
		if first {
			if has, err := hasUsers(ctx, q); err != nil || has {
				if err == nil {
					err = desk.Errorf(desk.Conflict, "setup_done", "the owner has been set up already: sign in")
				}
				return err
			}
		}
		n, err := Exec(ctx, q, `INSERT INTO users (id, name, email, hash, roles, is_owner, lang, theme, disabled, created_at, updated_at, seen_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (email) DO NOTHING`,
			a.ID, a.Name, a.Email, a.Hash, jsonOf(a.Roles), isOwner(a), a.Lang, a.Theme, a.Disabled, micros(a.CreatedAt), micros(a.UpdatedAt), micros(a.SeenAt))
		if err == nil && n == 0 {
			err = emailTaken()
		}
		return err
	})
}

// SaveUser replaces a user. The last enabled owner stays one; where there is
// none yet, others may work all the same.
func (s *Access) SaveUser(ctx context.Context, a access.Account) error {
	return s.db.Tx(ctx, func(ctx context.Context, q *Tx) error {
		if err := q.Lock(ctx, "users"); err != nil {
			return err
		}
		others, err := One(ctx, q, Value[int], "SELECT count(*) FROM users WHERE email = $1 AND id <> $2", a.Email, a.ID)
		if err != nil {
			return err
		}
		if others > 0 {
			return emailTaken()
		}
		was, err := One(ctx, q, Value[int], "SELECT count(*) FROM users WHERE id = $1 AND is_owner AND NOT disabled", a.ID)
		if err != nil {
			return err
		}
		err = Exec1(ctx, q, `UPDATE users SET name = $1, email = $2, hash = $3, roles = $4, is_owner = $5, lang = $6, theme = $7, disabled = $8,
			updated_at = $9, seen_at = $10 WHERE id = $11`,
			a.Name, a.Email, a.Hash, jsonOf(a.Roles), isOwner(a), a.Lang, a.Theme, a.Disabled, micros(a.UpdatedAt), micros(a.SeenAt), a.ID)
		if err != nil || was == 0 || isOwner(a) && !a.Disabled {
			return err
		}
		owners, err := One(ctx, q, Value[int], "SELECT count(*) FROM users WHERE is_owner AND NOT disabled")
		if err == nil && owners == 0 {
			err = desk.Errorf(desk.Conflict, "last_owner", "the last owner cannot be disabled or lose that role: make another one first")
		}
		return err
	})
}

func isOwner(a access.Account) bool {
	for _, r := range a.Roles {
		if r == desk.Owner {
			return true
		}
	}
	return false
}

func emailTaken() error {
	return &desk.Error{Kind: desk.Conflict, Code: "email_taken", Message: "another user has that e-mail address", Field: "email"}
}

// AddSession stores a session.
func (s *Access) AddSession(ctx context.Context, v access.Session) error {
	return s.exec(ctx, "INSERT INTO sessions (hash, user_id, created_at, seen_at, expires_at, address, agent) VALUES ($1, $2, $3, $4, $5, $6, $7)",
		v.Hash, v.UserID, micros(v.CreatedAt), micros(v.SeenAt), micros(v.ExpiresAt), v.Address, v.Agent)
}

// Session finds a session.
func (s *Access) Session(ctx context.Context, hash string) (access.Session, error) {
	scan := func(row Scanner) (v access.Session, err error) {
		err = row.Scan(&v.Hash, &v.UserID, timeInto(&v.CreatedAt), timeInto(&v.SeenAt), timeInto(&v.ExpiresAt), &v.Address, &v.Agent)
		return v, err
	}
	return One(ctx, s.db.Read(), scan, "SELECT hash, user_id, created_at, seen_at, expires_at, address, agent FROM sessions WHERE hash = $1", hash)
}

// TouchSession notes that a session is in use.
func (s *Access) TouchSession(ctx context.Context, hash string, at time.Time) error {
	return s.exec(ctx, "UPDATE sessions SET seen_at = $1 WHERE hash = $2 AND seen_at < $1", micros(at), hash)
}

// DropSession ends a session, if it is there.
func (s *Access) DropSession(ctx context.Context, hash string) error {
	return s.exec(ctx, "DELETE FROM sessions WHERE hash = $1", hash)
}

// DropSessions ends a user's sessions but one.
func (s *Access) DropSessions(ctx context.Context, user desk.ID, except string) error {
	return s.exec(ctx, "DELETE FROM sessions WHERE user_id = $1 AND hash <> $2", user, except)
}

// DropStaleSessions forgets the sessions that are over.
func (s *Access) DropStaleSessions(ctx context.Context, now, idle time.Time) error {
	return s.exec(ctx, "DELETE FROM sessions WHERE expires_at <= $1 OR seen_at < $2", micros(now), micros(idle))
}

const tokenColumns = "id, user_id, name, roles, hash, created_at, expires_at, used_at"

func scanToken(row Scanner) (t access.Token, err error) {
	err = row.Scan(&t.ID, &t.UserID, &t.Name, jsonInto(&t.Roles), &t.Hash, timeInto(&t.CreatedAt), timeInto(&t.ExpiresAt), timeInto(&t.UsedAt))
	return t, err
}

// AddToken stores an API token.
func (s *Access) AddToken(ctx context.Context, t access.Token) error {
	return s.exec(ctx, "INSERT INTO tokens ("+tokenColumns+") VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
		t.ID, t.UserID, t.Name, jsonOf(t.Roles), t.Hash, micros(t.CreatedAt), micros(t.ExpiresAt), micros(t.UsedAt))
}

// Token finds a token by the hash of its secret.
func (s *Access) Token(ctx context.Context, hash string) (access.Token, error) {
	return One(ctx, s.db.Read(), scanToken, "SELECT "+tokenColumns+" FROM tokens WHERE hash = $1", hash)
}

// Tokens lists tokens, newest first.
func (s *Access) Tokens(ctx context.Context, user desk.ID, before desk.ID, limit int) ([]access.Token, error) {
	return All(ctx, s.db.Read(), scanToken, "SELECT "+tokenColumns+` FROM tokens
		WHERE ($1 = '' OR user_id = $1) AND ($2 = '' OR id < $2) ORDER BY id DESC LIMIT 0+$3`, user, before, limit)
}

// TouchToken notes that a token is in use.
func (s *Access) TouchToken(ctx context.Context, id desk.ID, at time.Time) error {
	return s.exec(ctx, "UPDATE tokens SET used_at = $1 WHERE id = $2", micros(at), id)
}

// DropToken revokes a token.
func (s *Access) DropToken(ctx context.Context, id desk.ID) error {
	return s.db.Tx(ctx, func(ctx context.Context, q *Tx) error {
		return Exec1(ctx, q, "DELETE FROM tokens WHERE id = $1", id)
	})
}

// AddEntry writes a line of the audit log.
func (s *Access) AddEntry(ctx context.Context, e access.Entry) error {
	return s.exec(ctx, "INSERT INTO audit (id, at, user_id, user_name, action, target, address, outcome) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
		e.ID, micros(e.At), e.UserID, e.UserName, e.Action, e.Target, e.Address, e.Outcome)
}

// Entries reads the audit log, newest first.
func (s *Access) Entries(ctx context.Context, q access.EntryQuery) ([]access.Entry, error) {
	scan := func(row Scanner) (e access.Entry, err error) {
		err = row.Scan(&e.ID, timeInto(&e.At), &e.UserID, &e.UserName, &e.Action, &e.Target, &e.Address, &e.Outcome)
		return e, err
	}
	return All(ctx, s.db.Read(), scan, `SELECT id, at, user_id, user_name, action, target, address, outcome FROM audit
		WHERE ($1 = '' OR user_id = $1) AND ($2 = '' OR action = $2) AND ($3 = '' OR id < $3) ORDER BY id DESC LIMIT 0+$4`,
		q.UserID, q.Action, q.Before, q.Limit)
}

// Secret returns a shared secret and makes it when it is not there yet.
func (s *Access) Secret(ctx context.Context, name string, fresh []byte) ([]byte, error) {
	var out []byte
	err := s.db.Tx(ctx, func(ctx context.Context, q *Tx) error {
		if _, err := Exec(ctx, q, "INSERT INTO secrets (name, value, created_at) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING", name, fresh, micros(time.Now())); err != nil {
			return err
		}
		var err error
		out, err = One(ctx, q, Value[[]byte], "SELECT value FROM secrets WHERE name = $1", name)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the secret %s: %w", name, err)
	}
	return out, nil
}

func (s *Access) exec(ctx context.Context, query string, args ...any) error {
	return s.db.Tx(ctx, func(ctx context.Context, q *Tx) error {
		_, err := Exec(ctx, q, query, args...)
		return err
	})
}
