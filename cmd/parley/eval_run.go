package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/parleyhq/parley/bot"
	"github.com/parleyhq/parley/bot/nlu"
	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/evals"
	"github.com/parleyhq/parley/internal/llm"
	"github.com/parleyhq/parley/internal/privacy"
	"github.com/parleyhq/parley/kb"
	"github.com/parleyhq/parley/playbook"
)

type evalRunCmd struct {
	Path     string       `arg:"" type:"existingpath" help:"A playbook's folder, its tests, or one of its suites."`
	Attacks  bool         `help:"Play, in place of its suites, the attacks that every playbook must withstand."`
	Repeat   int          `default:"1" help:"Play each case so often, for pass^k."`
	Parallel int          `default:"4" help:"Cases at once."`
	As       []evals.Mode `enum:"text,taps,keys,audio" help:"How to play each case, whatever it says itself: text, taps, keys, or audio: a call, spoken by espeak-ng and understood by the speech engine of the configuration (voice.speech)."`
	Seed     uint64       `help:"Of the simulated customers: the same seed, the same words."`
	Lang     desk.Lang    `default:"en" enum:"en,zh" help:"Language of the table and the page: en or zh."`
	JSON     string       `name:"json" type:"path" help:"Write the report as JSON to this file."`
	JUnit    string       `name:"junit" type:"path" help:"Write it as JUnit XML."`
	HTML     string       `name:"html" type:"path" help:"Write it as a page."`
	Resume   string       `type:"path" help:"Keep finished cases in this file while it runs; a run that was cut off goes on from it."`
	Model    bool         `help:"Understand, play customers and judge with the model of the configuration (llm)."`
	Record   string       `type:"path" help:"The same, and write what the model answers to this file."`
	Replay   string       `type:"existingfile" help:"The same with the answers of such a file; no model is asked."`
	Against  string       `type:"existingfile" help:"Say what got better and worse than in this report (a file of --json)."`
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
	if c.Attacks {
		if suites, err = evals.Attacks(); err != nil {
			return err
		}
	}
	if len(suites) == 0 {
		return desk.Errorf(desk.Invalid, "no_suites", "%s has no suites", c.Path)
	}
	o := playbook.TestOptions{Suites: suites, Repeat: c.Repeat, Parallel: c.Parallel, As: c.As, Seed: c.Seed}
	if !c.Attacks && len(suites) == len(p.Suites) {
		o.Suites = nil // all: the sets of questions too
	}
	model, tape, err := c.model(s)
	if err != nil {
		return err
	}
	deps := playbook.Deps{}
	if tape == nil { // what is recorded or replayed has no vectors in it: there the built-in ones serve
		if deps.Vectors, err = s.embedder(); err != nil {
			return err
		}
		deps.Asked = (&kb.Library{Embedder: deps.Vectors}).Heard()
	}
	if model != nil {
		o.Chat = model
		deps.Understand = func(base *nlu.Understander, _ *playbook.Playbook) bot.Understander {
			return &nlu.LLM{Client: model, Fallback: base, Limit: time.Duration(s.cfg.LLM.Timeout)}
		}
	}
	var mute error
	if o.Phone, mute = caller(s.cfg.Voice, nil); mute != nil && slices.Contains(c.As, evals.AsAudio) {
		return mute
	}
	b, err := p.Build(s.ctx, deps)
	if err != nil {
		return err
	}
	progress := bar("playing")
	kept, err := c.resume(p, s.cfg.LLM.Model)
	if err != nil {
		return err
	}
	if kept != nil {
		o.Finished = kept.finished
	}
	o.Progress = func(now evals.Progress) {
		kept.take(now)
		if progress != nil {
			progress(now.Done, now.Total)
		}
	}
	report, err := b.Test(s.ctx, o)
	if tape != nil && c.Record != "" && err == nil {
		err = writeFile(c.Record, tape.Write)
	}
	if err := errors.Join(err, kept.close(err == nil)); err != nil {
		return err
	}
	err = c.show(s, report)
	if n := report.SkippedFor(evals.NoSpeech); n > 0 {
		s.printf("%d not played as calls: %s\n", n, plain(mute))
	}
	return err
}

// show writes the reports; the error says whether something failed.
func (c evalRunCmd) show(s *session, report evals.Report) error {
	if err := report.WriteTable(s.out, c.Lang); err != nil {
		return fmt.Errorf("show the report: %w", err)
	}
	if c.Against != "" {
		if err := c.compare(s, report); err != nil {
			return err
		}
	}
	err := errors.Join(
		writeFile(c.JSON, report.WriteJSON),
		writeFile(c.JUnit, report.WriteJUnit),
		writeFile(c.HTML, func(w io.Writer) error { return report.WriteHTML(w, c.Lang) }),
	)
	if gate := report.Gate(); err == nil && !gate.OK {
		err = desk.Errorf(desk.Conflict, "tests_failed", "%d of %d cases failed", report.Failed-report.Allowed, report.Cases)
	}
	return err
}

func (c evalRunCmd) compare(s *session, report evals.Report) error {
	then, err := evals.ReadReport(c.Against)
	if err != nil {
		return err
	}
	d := evals.Compare(then, report)
	s.printf("\n%s: +%d -%d ~%d, %d new, %d gone, %d as before\n", c.Against, len(d.Better), len(d.Worse), len(d.Flaky), len(d.New), len(d.Gone), d.Same)
	for sign, list := range map[string][]evals.Change{"-": d.Worse, "~": d.Flaky} {
		for _, ch := range list {
			s.printf("%s %s / %s: %s\n", sign, ch.Suite, ch.Name, ch.Why)
		}
	}
	return nil
}

// model is the client of the configured model, and the tape it goes through;
// nil when none is wanted.
func (c evalRunCmd) model(s *session) (*llm.Client, *evals.Tape, error) {
	given := 0
	for _, on := range []bool{c.Model, c.Record != "", c.Replay != ""} {
		if on {
			given++
		}
	}
	cfg := s.cfg.LLM
	switch {
	case given == 0:
		return nil, nil, nil
	case given > 1:
		return nil, nil, desk.Errorf(desk.Invalid, "one_model", "give one of --model, --record and --replay")
	case cfg.Model == "", c.Replay == "" && cfg.URL == "":
		return nil, nil, desk.Errorf(desk.Invalid, "no_model", "no model is configured: set llm.url and llm.model (PARLEY_LLM_URL, PARLEY_LLM_MODEL); a replay needs the model's name as it was recorded")
	}
	var tape *evals.Tape
	var through http.RoundTripper
	switch {
	case c.Record != "":
		tape = evals.Record(nil)
		through = tape
	case c.Replay != "":
		f, err := os.Open(c.Replay)
		if err != nil {
			return nil, nil, fmt.Errorf("read the recording: %w", err)
		}
		defer f.Close()
		if tape, err = evals.Replay(f); err != nil {
			return nil, nil, err
		}
		through = tape
		cfg.URL = "http://replay.invalid/v1" // never asked
	}
	client, err := llm.New(llm.Config{
		URL: cfg.URL, Key: cfg.Key, Model: cfg.Model, Timeout: time.Duration(cfg.Timeout), HTTP: &http.Client{Transport: evals.Metered(through)},
		Hide: func(text string) string { return privacy.Hide(text, privacy.Person{}) },
	})
	return client, tape, err
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
