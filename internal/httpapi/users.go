package httpapi

import (
	"context"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/access"
)

// Person is a user with what routing knows of him.
type Person struct {
	access.User
	Skills []string         `json:"skills"`
	Queues []desk.QueueName `json:"queues"`
}

type listUsersIn struct {
	Paged
	Search string `query:"q" maxLength:"200"`
}

func (s *Server) listUsers(ctx context.Context, in *listUsersIn) (*reply[Page[Person]], error) {
	users, err := s.Gate.Store.Users(ctx, in.Search, desk.ID(in.After), in.Limit+1)
	if err != nil {
		return nil, err
	}
	people := make([]Person, 0, len(users))
	for _, u := range users {
		p, err := s.person(ctx, u)
		if err != nil {
			return nil, err
		}
		people = append(people, p)
	}
	return pageOf(people, in.Limit, func(p Person) string { return string(p.ID) }), nil
}

type newUserBody struct {
	Name     string           `json:"name" minLength:"1" maxLength:"100"`
	Email    string           `json:"email" maxLength:"254"`
	Password string           `json:"password,omitempty" maxLength:"256" doc:"Without one the user cannot sign in yet."`
	Roles    []desk.Role      `json:"roles" minItems:"1" maxItems:"5"`
	Lang     desk.Lang        `json:"lang,omitempty" enum:"en,zh"`
	Skills   []string         `json:"skills,omitempty" maxItems:"50" maxLength:"64"`
	Queues   []desk.QueueName `json:"queues,omitempty" maxItems:"100" maxLength:"64" doc:"Empty: every queue."`
}

func (s *Server) createUser(ctx context.Context, in *body[newUserBody]) (*reply[Person], error) {
	b := in.Body
	u, err := s.Gate.CreateUser(ctx, access.NewUser{Name: b.Name, Email: b.Email, Password: b.Password, Roles: b.Roles, Lang: b.Lang, Skills: b.Skills, Queues: b.Queues})
	if err != nil {
		return nil, err
	}
	p, err := s.person(ctx, u)
	return &reply[Person]{p}, err
}

type changeUserIn struct {
	ByID
	Body changeUserBody
}

type changeUserBody struct {
	Name     *string          `json:"name,omitempty" minLength:"1" maxLength:"100"`
	Email    *string          `json:"email,omitempty" maxLength:"254"`
	Password string           `json:"password,omitempty" maxLength:"256" doc:"Sets a new password and ends the user's sessions."`
	Roles    []desk.Role      `json:"roles,omitempty" minItems:"1" maxItems:"5"`
	Skills   []string         `json:"skills,omitempty" maxItems:"50" maxLength:"64"`
	Queues   []desk.QueueName `json:"queues,omitempty" maxItems:"100" maxLength:"64"`
}

func (s *Server) changeUser(ctx context.Context, in *changeUserIn) (*reply[Person], error) {
	b, id := in.Body, desk.ID(in.ID)
	u, err := s.Gate.ChangeUser(ctx, id, access.Change{Name: b.Name, Email: b.Email, Roles: b.Roles, Skills: b.Skills, Queues: b.Queues})
	if err != nil {
		return nil, err
	}
	if b.Password != "" {
		if err := s.Gate.SetPassword(ctx, id, b.Password); err != nil {
			return nil, err
		}
	}
	p, err := s.person(ctx, u)
	return &reply[Person]{p}, err
}

func (s *Server) disableUser(ctx context.Context, in *ByID) (*reply[Person], error) {
	return s.setDisabled(ctx, in.ID, true)
}

func (s *Server) enableUser(ctx context.Context, in *ByID) (*reply[Person], error) {
	return s.setDisabled(ctx, in.ID, false)
}

func (s *Server) setDisabled(ctx context.Context, id string, off bool) (*reply[Person], error) {
	u, err := s.Gate.ChangeUser(ctx, desk.ID(id), access.Change{Disabled: &off})
	if err != nil {
		return nil, err
	}
	p, err := s.person(ctx, u)
	return &reply[Person]{p}, err
}

// person joins a user with his agent; somebody routing has not met yet has
// neither skills nor queues.
func (s *Server) person(ctx context.Context, u access.User) (Person, error) {
	a, err := s.agent(ctx, u)
	p := Person{User: u, Skills: a.Skills, Queues: a.Queues}
	if p.Skills == nil {
		p.Skills = []string{}
	}
	if p.Queues == nil {
		p.Queues = []desk.QueueName{}
	}
	return p, err
}

func (s *Server) agent(ctx context.Context, u access.User) (desk.Agent, error) {
	a, err := s.Reads.Agent(ctx, u.ID)
	if desk.IsKind(err, desk.NotFound) {
		return desk.Agent{ID: u.ID, Name: u.Name, Presence: desk.Offline}, nil
	}
	return a, err
}

func (s *Server) me(ctx context.Context, u access.User) (Me, error) {
	a, err := s.agent(ctx, u)
	return Me{ID: u.ID, Name: u.Name, Email: u.Email, Roles: u.Roles, Permissions: access.Permissions(u.Roles), Lang: u.Lang, Theme: u.Theme, Agent: a}, err
}

func (s *Server) listTokens(ctx context.Context, in *Paged) (*reply[Page[access.Token]], error) {
	tokens, err := s.Gate.Store.Tokens(ctx, "", desk.ID(in.After), in.Limit+1)
	if err != nil {
		return nil, err
	}
	return pageOf(tokens, in.Limit, func(t access.Token) string { return string(t.ID) }), nil
}

type newTokenBody struct {
	Name  string      `json:"name" minLength:"1" maxLength:"100"`
	Roles []desk.Role `json:"roles,omitempty" maxItems:"5" doc:"Some of my own roles; empty: all of them."`
	Days  int         `json:"days,omitempty" minimum:"0" maximum:"3650" doc:"How long it is valid; 0: until it is revoked."`
}

type newToken struct {
	access.Token
	Secret string `json:"secret" doc:"Shown only now." example:"pat_..."`
}

func (s *Server) createToken(ctx context.Context, in *body[newTokenBody]) (*reply[newToken], error) {
	if callerOf(ctx).Bearer {
		return nil, desk.Errorf(desk.Forbidden, "token_by_token", "an API token cannot make another; sign in")
	}
	t, secret, err := s.Gate.CreateToken(ctx, user(ctx), in.Body.Name, in.Body.Roles, time.Duration(in.Body.Days)*24*time.Hour)
	return &reply[newToken]{newToken{t, secret}}, err
}

func (s *Server) deleteToken(ctx context.Context, in *ByID) (*none, error) {
	return nil, s.Gate.Store.DropToken(ctx, desk.ID(in.ID))
}

type auditIn struct {
	Paged
	User   string `query:"user" maxLength:"64"`
	Action string `query:"action" maxLength:"100"`
}

func (s *Server) listAudit(ctx context.Context, in *auditIn) (*reply[Page[access.Entry]], error) {
	entries, err := s.Gate.Store.Entries(ctx, access.EntryQuery{UserID: desk.ID(in.User), Action: in.Action, Before: desk.ID(in.After), Limit: in.Limit + 1})
	if err != nil {
		return nil, err
	}
	return pageOf(entries, in.Limit, func(e access.Entry) string { return string(e.ID) }), nil
}
