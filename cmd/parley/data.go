package main

import (
	"errors"
	"path/filepath"
)

// uploads is the folder of files: what was sent, recordings, prompts. All of it
// is in a backup.
func (c Config) uploads() string { return filepath.Join(c.DataDir, "files") }

type backupCmd struct {
	File string `arg:"" help:"The file to write; it must not exist."`
}

// Run writes the backup. The server may go on running.
func (c backupCmd) Run(s *session) error {
	db, err := s.open()
	if err != nil {
		return err
	}
	if err := errors.Join(db.Backup(s.ctx, c.File, s.cfg.uploads()), db.Close()); err != nil {
		return err
	}
	s.printf("written to %s; it holds what customers said: keep it safe\n", c.File)
	return nil
}

type restoreCmd struct {
	File  string `arg:"" type:"existingfile" help:"A file that backup wrote, on SQLite or PostgreSQL alike."`
	Force bool   `help:"Replace what the database holds."`
}

// Run restores the backup. No server may be running on the database.
func (c restoreCmd) Run(s *session) error {
	db, err := s.open()
	if err != nil {
		return err
	}
	if err := errors.Join(db.Restore(s.ctx, c.File, s.cfg.uploads(), c.Force), db.Close()); err != nil {
		return err
	}
	s.printf("restored from %s\n", c.File)
	return nil
}
