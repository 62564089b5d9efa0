package httpapi

import (
	"context"
	"net/http"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/access"
)

// Me is the signed-in user with what he may do.
type Me struct {
	ID          desk.ID             `json:"id"`
	Name        string              `json:"name"`
	Email       string              `json:"email"`
	Roles       []desk.Role         `json:"roles"`
	Permissions []access.Permission `json:"permissions"`
	Lang        desk.Lang           `json:"lang"`
	Theme       string              `json:"theme"`
	Agent       desk.Agent          `json:"agent" doc:"How routing sees me."`
}

// signedInReply carries the session cookie of a fresh sign-in.
type signedInReply struct {
	Cookie http.Cookie `header:"Set-Cookie"`
	Body   Me
}

type setupState struct {
	Needed bool `json:"needed"`
}

func (s *Server) setupNeeded(ctx context.Context, _ *none) (*reply[setupState], error) {
	needed, err := s.Gate.NeedsOwner(ctx)
	return &reply[setupState]{setupState{needed}}, err
}

type setupBody struct {
	Name     string    `json:"name" minLength:"1" maxLength:"100"`
	Email    string    `json:"email" maxLength:"254"`
	Password string    `json:"password" maxLength:"256" doc:"At least 10 characters."`
	Lang     desk.Lang `json:"lang,omitempty" enum:"en,zh"`
}

func (s *Server) setup(ctx context.Context, in *body[setupBody]) (*signedInReply, error) {
	b := in.Body
	u, secret, err := s.Gate.Setup(ctx, access.NewUser{Name: b.Name, Email: b.Email, Password: b.Password, Lang: b.Lang}, callerOf(ctx).From)
	if err != nil {
		return nil, err
	}
	return s.welcome(ctx, u, secret)
}

type loginBody struct {
	Email    string `json:"email" maxLength:"254"`
	Password string `json:"password" maxLength:"1024"`
}

func (s *Server) login(ctx context.Context, in *body[loginBody]) (*signedInReply, error) {
	u, secret, err := s.Gate.Login(ctx, in.Body.Email, in.Body.Password, callerOf(ctx).From)
	if err != nil {
		return nil, err
	}
	return s.welcome(ctx, u, secret)
}

func (s *Server) welcome(ctx context.Context, u access.User, secret string) (*signedInReply, error) {
	me, err := s.me(ctx, u)
	if err != nil {
		return nil, err
	}
	return &signedInReply{s.cookie(secret, int(s.Gate.Lifetime.Seconds())), me}, nil
}

// cookie is Secure when browsers reach us by https.
func (s *Server) cookie(value string, maxAge int) http.Cookie {
	return http.Cookie{
		Name: SessionCookie, Value: value, Path: "/", MaxAge: maxAge, HttpOnly: true, SameSite: http.SameSiteStrictMode,
		Secure: s.public != nil && s.public.Scheme == "https",
	}
}

type signedOutReply struct {
	Cookie http.Cookie `header:"Set-Cookie"`
}

func (s *Server) logout(ctx context.Context, _ *none) (*signedOutReply, error) {
	who := callerOf(ctx)
	if who.Session == "" {
		return nil, desk.Errorf(desk.Invalid, "no_session", "an API token is revoked, not signed out")
	}
	return &signedOutReply{s.cookie("", -1)}, s.Gate.Logout(ctx, who.Session)
}

func (s *Server) getMe(ctx context.Context, _ *none) (*reply[Me], error) {
	me, err := s.me(ctx, user(ctx))
	return &reply[Me]{me}, err
}

type meBody struct {
	Name        *string    `json:"name,omitempty" minLength:"1" maxLength:"100"`
	Lang        *desk.Lang `json:"lang,omitempty" enum:"en,zh"`
	Theme       *string    `json:"theme,omitempty" enum:"auto,light,dark"`
	Password    string     `json:"password,omitempty" maxLength:"256" doc:"A new password; needs old_password."`
	OldPassword string     `json:"old_password,omitempty" maxLength:"256"`
}

func (s *Server) putMe(ctx context.Context, in *body[meBody]) (*reply[Me], error) {
	u, b, who := user(ctx), in.Body, callerOf(ctx)
	if b.Password != "" {
		if who.Bearer {
			return nil, desk.Errorf(desk.Forbidden, "token_password", "an API token cannot change the password")
		}
		if err := s.Gate.ChangePassword(ctx, u.ID, b.OldPassword, b.Password, who.Session); err != nil {
			return nil, err
		}
	}
	if b.Name != nil || b.Lang != nil || b.Theme != nil {
		roles := u.Roles
		var err error
		if u, err = s.Gate.ChangeUser(ctx, u.ID, access.Change{Name: b.Name, Lang: b.Lang, Theme: b.Theme}); err != nil {
			return nil, err
		}
		u.Roles = roles
	}
	me, err := s.me(ctx, u)
	return &reply[Me]{me}, err
}
