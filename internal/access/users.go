package access

import (
	"context"
	"net/mail"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/parleyhq/parley/desk"
)

// NewUser is what it takes to make a user. Without a password he cannot sign
// in until SetPassword.
type NewUser struct {
	Name, Email, Password string
	Roles                 []desk.Role
	Lang                  desk.Lang
	Skills                []string         // of the agent he is, if his roles make him one
	Queues                []desk.QueueName // empty: every queue
}

// Staff is routing's list of who may work. An agent has the id of his user.
type Staff interface {
	Agent(ctx context.Context, id desk.ID) (desk.Agent, error)
	PutAgent(ctx context.Context, a desk.Agent) error
	RemoveAgent(ctx context.Context, id desk.ID) error
}

// NeedsOwner reports whether nobody has been set up yet.
func (g *Gate) NeedsOwner(ctx context.Context) (bool, error) {
	has, err := g.Store.HasUsers(ctx)
	return !has, err
}

// Setup makes the first user, the owner, and signs him in. Once there is any
// user it is Conflict "setup_done", also for the slower of two at once.
func (g *Gate) Setup(ctx context.Context, n NewUser, from From) (User, string, error) {
	if n.Password == "" {
		return User{}, "", &desk.Error{Kind: desk.Invalid, Code: "password_short", Message: "the owner needs a password", Field: "password"}
	}
	n.Roles = []desk.Role{desk.Owner}
	u, err := g.add(ctx, n, true)
	if err != nil {
		return User{}, "", err
	}
	secret, err := g.open(ctx, u.ID, from, g.Now())
	if err != nil {
		return User{}, "", err
	}
	g.Record(ctx, Entry{UserID: u.ID, UserName: u.Name, Action: "setup", Target: u.Email, Address: from.Address})
	return u, secret, nil
}

// CreateUser makes a user.
func (g *Gate) CreateUser(ctx context.Context, n NewUser) (User, error) { return g.add(ctx, n, false) }

func (g *Gate) add(ctx context.Context, n NewUser, first bool) (User, error) {
	now := g.Now()
	a := Account{User: User{
		ID: desk.NewIDAt(now), Name: strings.TrimSpace(n.Name), Email: foldEmail(n.Email), Roles: n.Roles,
		Lang: desk.ParseLang(string(n.Lang)), Theme: "auto", CreatedAt: now, UpdatedAt: now,
	}}
	if err := checkUser(a.User); err != nil {
		return User{}, err
	}
	if n.Password != "" {
		if err := CheckPassword(n.Password, a.Name, a.Email); err != nil {
			return User{}, err
		}
		a.Hash = g.Params.Hash(n.Password)
	}
	if err := g.Store.AddUser(ctx, a, first); err != nil {
		return User{}, err
	}
	return a.User, g.employ(ctx, a.User, n.Skills, n.Queues)
}

// Introduce makes a user known to routing again, with the skills and queues
// that it knew.
func (g *Gate) Introduce(ctx context.Context, u User) error { return g.employ(ctx, u, nil, nil) }

// employ puts a user on, or takes him off, routing's list. Nil skills and
// queues stay as they are.
func (g *Gate) employ(ctx context.Context, u User, skills []string, queues []desk.QueueName) error {
	if g.Staff == nil {
		return nil
	}
	if u.Disabled || !Can(u.Roles, ConversationWrite) {
		return g.Staff.RemoveAgent(ctx, u.ID)
	}
	a, err := g.Staff.Agent(ctx, u.ID)
	if err != nil && !desk.IsKind(err, desk.NotFound) {
		return err
	}
	a.ID, a.Name = u.ID, u.Name
	if skills != nil {
		a.Skills = skills
	}
	if queues != nil {
		a.Queues = queues
	}
	return g.Staff.PutAgent(ctx, a)
}

// Change says what to change of a user; nil fields stay.
type Change struct {
	Name     *string
	Email    *string
	Roles    []desk.Role
	Lang     *desk.Lang
	Theme    *string
	Disabled *bool
	Skills   []string // nil stays, empty clears
	Queues   []desk.QueueName
}

// ChangeUser changes a user and returns him. Disabling ends his sessions. The
// last enabled owner stays one: Conflict "last_owner".
func (g *Gate) ChangeUser(ctx context.Context, id desk.ID, c Change) (User, error) {
	a, err := g.Store.Account(ctx, id)
	if err != nil {
		return User{}, err
	}
	set(&a.Name, c.Name)
	set(&a.Email, c.Email)
	set(&a.Lang, c.Lang)
	set(&a.Theme, c.Theme)
	set(&a.Disabled, c.Disabled)
	a.Name, a.Email = strings.TrimSpace(a.Name), foldEmail(a.Email)
	if c.Roles != nil {
		a.Roles = c.Roles
	}
	if err := checkUser(a.User); err != nil {
		return User{}, err
	}
	a.UpdatedAt = g.Now()
	if err := g.Store.SaveUser(ctx, a); err != nil {
		return User{}, err
	}
	if a.Disabled {
		if err := g.Store.DropSessions(ctx, id, ""); err != nil {
			return User{}, err
		}
	}
	return a.User, g.employ(ctx, a.User, c.Skills, c.Queues)
}

func set[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

// ChangePassword sets a new password for somebody who knows the old one. His
// other sessions end; the one with secret keep goes on.
func (g *Gate) ChangePassword(ctx context.Context, id desk.ID, old, password, keep string) error {
	now := g.Now()
	key := "password " + string(id)
	if wait := g.throttle.wait(key, now); wait > 0 {
		return desk.Errorf(desk.TooMany, "login_throttled", "%w", TooManyTries{wait})
	}
	a, err := g.Store.Account(ctx, id)
	if err != nil {
		return err
	}
	_, ok, err := g.check(ctx, a.Hash, old)
	if err != nil {
		return err
	}
	if !ok {
		g.throttle.fail(key, freePerAccount, now)
		return &desk.Error{Kind: desk.Invalid, Code: "old_password", Message: "the old password is wrong", Field: "old_password"}
	}
	return g.setPassword(ctx, a, password, hashSecret(keep))
}

// SetPassword sets a new password, ends every session of the user and lets
// him sign in at once even if somebody had been guessing.
func (g *Gate) SetPassword(ctx context.Context, id desk.ID, password string) error {
	a, err := g.Store.Account(ctx, id)
	if err != nil {
		return err
	}
	g.throttle.forget("account " + a.Email)
	return g.setPassword(ctx, a, password, "")
}

// ResetPassword is SetPassword by e-mail address, for the command line.
func (g *Gate) ResetPassword(ctx context.Context, email, password string) error {
	a, err := g.Store.AccountByEmail(ctx, foldEmail(email))
	if err != nil {
		return err
	}
	return g.SetPassword(ctx, a.ID, password)
}

func (g *Gate) setPassword(ctx context.Context, a Account, password, keep string) error {
	if err := CheckPassword(password, a.Name, a.Email); err != nil {
		return err
	}
	a.Hash, a.UpdatedAt = g.Params.Hash(password), g.Now()
	if err := g.Store.SaveUser(ctx, a); err != nil {
		return err
	}
	return g.Store.DropSessions(ctx, a.ID, keep)
}

func checkUser(u User) error {
	bad := func(field, code, msg string) error {
		return &desk.Error{Kind: desk.Invalid, Code: code, Message: msg, Field: field}
	}
	if n := utf8.RuneCountInString(u.Name); n < 1 || n > 100 || !utf8.ValidString(u.Name) {
		return bad("name", "name_length", "a name has 1 to 100 characters")
	}
	if addr, err := mail.ParseAddress(u.Email); err != nil || addr.Address != u.Email || len(u.Email) > 254 {
		return bad("email", "email_form", "that is not an e-mail address")
	}
	if len(u.Roles) == 0 {
		return bad("roles", "roles_empty", "a user has at least one role")
	}
	for i, r := range u.Roles {
		if !slices.Contains(desk.Roles(), r) {
			return bad("roles", "role_unknown", "unknown role: use owner, supervisor, agent, editor or evaluator")
		}
		if slices.Contains(u.Roles[:i], r) {
			return bad("roles", "role_twice", "a role is given once")
		}
	}
	if u.Theme != "auto" && u.Theme != "light" && u.Theme != "dark" {
		return bad("theme", "theme_unknown", "a theme is auto, light or dark")
	}
	if u.Lang != desk.English && u.Lang != desk.Chinese {
		return bad("lang", "lang_unknown", "a language is en or zh")
	}
	return nil
}
