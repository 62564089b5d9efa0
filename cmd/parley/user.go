package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/access"
)

type userCmd struct {
	Add      userAddCmd      `cmd:"" help:"Add a user; the password is read from the standard input."`
	Password userPasswordCmd `cmd:"" help:"Set a user's password, read from the standard input; his sessions end."`
}

type userAddCmd struct {
	Email string      `arg:"" help:"With which he signs in."`
	Name  string      `required:"" help:"What others see."`
	Roles []desk.Role `required:"" help:"owner, supervisor, agent, editor, evaluator; comma separated."`
}

// Run adds the user.
func (c userAddCmd) Run(s *session) error {
	return s.gate(func(g *access.Gate, password string) error {
		u, err := g.CreateUser(s.ctx, access.NewUser{Email: c.Email, Name: c.Name, Roles: c.Roles, Password: password})
		if err == nil {
			s.printf("added %s (%s)\n", u.Email, u.ID)
		}
		return err
	})
}

type userPasswordCmd struct {
	Email string `arg:""`
}

// Run sets the password.
func (c userPasswordCmd) Run(s *session) error {
	return s.gate(func(g *access.Gate, password string) error {
		if err := g.ResetPassword(s.ctx, c.Email, password); desk.IsKind(err, desk.NotFound) {
			return desk.Errorf(desk.NotFound, "no_user", "there is no user %s: add him with parley user add", c.Email)
		} else if err != nil {
			return err
		}
		s.printf("the password of %s is set\n", c.Email)
		return nil
	})
}

// gate opens the database, asks for a password and calls f with both.
func (s *session) gate(f func(*access.Gate, string) error) error {
	db, err := s.open()
	if err != nil {
		return err
	}
	fmt.Fprint(os.Stderr, "password: ")
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if err != nil && line == "" {
		return errors.Join(fmt.Errorf("read the password: %w", err), db.Close())
	}
	return errors.Join(f(access.NewGate(db.Access(), nil), strings.TrimRight(line, "\r\n")), db.Close())
}
