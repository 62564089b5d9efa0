package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/evals"
	"github.com/parleyhq/parley/playbook"
)

type evalCmd struct {
	NLU evalNLUCmd `cmd:"" name:"nlu" help:"Measure how well intents are understood, on labelled utterances."`
	NLU evalNLUCmd `cmd:"" name:"nlu" help:"Measure how well intents are understood, on labelled utterances."`
	Run evalRunCmd `cmd:"" help:"Play suites against a playbook's folder; the exit code is 1 when a case fails."`
	KB  evalKBCmd  `cmd:"" name:"kb" help:"Measure how well the knowledge base finds, on a corpus with labelled questions."`
}

type evalRunCmd struct {
	Path     string    `arg:"" type:"existingpath" help:"A playbook's folder, its tests, or one of its suites."`
	Repeat   int       `default:"1" help:"Play each case so often, for pass^k."`
	Parallel int       `default:"4" help:"Cases at once."`
	Seed     uint64    `help:"Noted in the report."`
	Lang     desk.Lang `default:"en" enum:"en,zh" help:"Language of the table and the page: en or zh."`
	JSON     string    `name:"json" type:"path" help:"Write the report as JSON to this file."`
	JUnit    string    `name:"junit" type:"path" help:"Write it as JUnit XML."`
	HTML     string    `name:"html" type:"path" help:"Write it as a page."`
}

// Run plays the suites, shows the outcome and writes the reports.
func (c evalRunCmd) Run(s *session) error {
	dir, only, err := playbookOf(c.Path)
	if err != nil {
		return err
	}
	p, err := playbook.Read(os.DirFS(dir))
	if err != nil {
		return s.problems(dir, err)
	}
	suites := slices.DeleteFunc(slices.Clone(p.Suites), func(suite evals.Suite) bool {
		return only != "" && suite.File != only && !strings.HasPrefix(suite.File, only+"/")
	})
	if len(suites) == 0 {
		return desk.Errorf(desk.Invalid, "no_suites", "%s has no suites", c.Path)
	}
	b, err := p.Build(s.ctx, playbook.Deps{})
	if err != nil {
		return err
	}
	report, err := b.Test(s.ctx, playbook.TestOptions{Suites: suites, Repeat: c.Repeat, Parallel: c.Parallel, Seed: c.Seed})
	if err != nil {
		return err
	}
	if err := report.WriteTable(s.out, c.Lang); err != nil {
		return fmt.Errorf("show the report: %w", err)
	}
	err = errors.Join(
		writeFile(c.JSON, report.WriteJSON),
		writeFile(c.JUnit, report.WriteJUnit),
		writeFile(c.HTML, func(w io.Writer) error { return report.WriteHTML(w, c.Lang) }),
	)
	if err == nil && report.Failed > 0 {
		err = desk.Errorf(desk.Conflict, "tests_failed", "%d of %d cases failed", report.Failed, report.Cases)
	}
	return err
}

// playbookOf finds the playbook's folder that path is, or lies in; part is then
// the path in it of that file or folder.
func playbookOf(path string) (dir, part string, err error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", "", err
	}
	dir = abs
	for range 3 {
		if _, err := os.Stat(filepath.Join(dir, "playbook.yaml")); err == nil {
			if dir == abs {
				return path, "", nil
			}
			rel, err := filepath.Rel(dir, abs)
			return dir, filepath.ToSlash(rel), err
		}
		dir = filepath.Dir(dir)
	}
	return "", "", desk.Errorf(desk.Invalid, "no_playbook", "%s is not in a playbook's folder: there is no playbook.yaml in or above it", path)
}

// writeFile writes a report to a file; no name, no file.
func writeFile(name string, write func(io.Writer) error) error {
	if name == "" {
		return nil
	}
	f, err := os.Create(name)
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	if err := errors.Join(write(f), f.Close()); err != nil {
		return fmt.Errorf("write the report %s: %w", name, err)
	}
	return nil
}
