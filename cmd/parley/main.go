// Command parley is the whole product: the server, and the tools of those who
// run it and write for it. `parley --help` lists them.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/store"
)

// version is set when the binary is built.
var version = "dev"

type commands struct {
	ConfigFile string `name:"config" short:"c" type:"existingfile" env:"PARLEY_CONFIG" help:"Configuration file (YAML)."`

	Serve    serveCmd    `cmd:"" help:"Start the server."`
	Playbook playbookCmd `cmd:"" help:"Check, publish and roll back playbooks."`
	Eval     evalCmd     `cmd:"" help:"Run suites: is it good?"`
	KB       kbCmd       `cmd:"" name:"kb" help:"Import articles."`
	User     userCmd     `cmd:"" help:"Add users, set passwords."`
	Backup   backupCmd   `cmd:"" help:"Write everything into one file."`
	Restore  restoreCmd  `cmd:"" help:"Read a backup into an empty database."`
	Migrate  migrateCmd  `cmd:"" help:"Bring the database to this version; serve does it by itself."`
	Config   configCmd   `cmd:"" help:"Check the configuration and show it."`
	Version  versionCmd  `cmd:"" help:"Say which version this is."`
}

// session is what every command gets.
type session struct {
	ctx context.Context
	cfg Config
	out io.Writer
}

// printf writes what the command was asked for.
func (s *session) printf(format string, args ...any) { fmt.Fprintf(s.out, format, args...) }

// open opens the database and brings it to this version. The caller closes it.
func (s *session) open() (*store.DB, error) {
	if s.cfg.DatabaseURL == "" {
		if err := os.MkdirAll(s.cfg.DataDir, 0o700); err != nil {
			return nil, desk.Errorf(desk.Invalid, "data_dir", "make the data folder: %w; set data_dir (PARLEY_DATA_DIR) to a folder that this user may write", err)
		}
	}
	db, err := store.Open(s.ctx, s.cfg.database())
	if err != nil && s.cfg.DatabaseURL != "" {
		return nil, fmt.Errorf("%w; check database_url (DATABASE_URL), and that PostgreSQL runs and lets this user in", err)
	}
	if err != nil {
		return nil, fmt.Errorf("%w; check that this user may write to the folder %s", err, s.cfg.DataDir)
	}
	if err := db.Migrate(s.ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func main() {
	var c commands
	k := kong.Parse(&c, kong.Name("parley"), kong.ShortUsageOnError(),
		kong.Description("Self-service and agent assist: menus and bots that settle most contacts, people with full context for the rest."))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	cfg, err := loadConfig(c.ConfigFile)
	if err == nil {
		slog.SetDefault(newLog(cfg, os.Stderr))
		err = k.Run(&session{ctx: ctx, cfg: cfg, out: os.Stdout})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "parley:", oneLine(err))
		os.Exit(1)
	}
}

// oneLine is err with what pgx writes on lines of their own joined; the
// problems of a file keep theirs.
func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n\t", " ") }

type versionCmd struct{}

// Run prints the version and what it was built with.
func (versionCmd) Run(s *session) error {
	s.printf("parley %s (%s, %s/%s)\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
}

type configCmd struct {
	Check configCheckCmd `cmd:"" help:"Check every setting, show the result with the variable that sets each."`
}

type configCheckCmd struct{}

// Run prints every setting; loading has checked them already.
func (configCheckCmd) Run(s *session) error {
	s.cfg.show(s.printf)
	s.printf("configuration is fine\n")
	return nil
}

type migrateCmd struct{}

// Run migrates the database.
func (migrateCmd) Run(s *session) error {
	db, err := s.open()
	if err != nil {
		return err
	}
	s.printf("the database is at this version\n")
	return db.Close()
}
