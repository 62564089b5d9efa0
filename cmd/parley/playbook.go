package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"
	"text/tabwriter"
	"time"

	"github.com/parleyhq/parley/assist"
	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/evals"
	"github.com/parleyhq/parley/internal/events"
	"github.com/parleyhq/parley/internal/store"
	"github.com/parleyhq/parley/internal/yamlfile"
	"github.com/parleyhq/parley/kb"
	"github.com/parleyhq/parley/playbook"
)

type playbookCmd struct {
	Check    playbookCheckCmd    `cmd:"" help:"Read a playbook's folder and list every problem."`
	Publish  playbookPublishCmd  `cmd:"" help:"Run a playbook's suites and make it live."`
	Versions playbookVersionsCmd `cmd:"" help:"List the published revisions of a playbook."`
	Rollback playbookRollbackCmd `cmd:"" help:"Make an older revision live again."`
}

type playbookCheckCmd struct {
	Dir string `arg:"" type:"existingdir" help:"The playbook's folder."`
}

// Run lists problems and warnings; only problems are a failure.
func (c playbookCheckCmd) Run(s *session) error {
	p, err := playbook.Read(os.DirFS(c.Dir))
	if err != nil {
		return s.problems(c.Dir, err)
	}
	for _, w := range p.Warnings {
		s.printf("warning: %s\n", w)
	}
	cases := 0
	for _, suite := range p.Suites {
		cases += len(suite.Cases)
	}
	s.printf("%s is fine: %d menus, %d flows, %d tools, %d articles, %d replies, %d cases in %d suites\n",
		p.Name, len(p.Menus), len(p.Bot.Flows), len(p.Bot.Tools), len(p.Articles), len(p.Canned), cases, len(p.Suites))
	return nil
}

// problems prints every problem of a folder and returns what to exit with.
func (s *session) problems(dir string, err error) error {
	var all yamlfile.Errors
	if !errors.As(err, &all) {
		return err
	}
	for _, e := range all {
		s.printf("%s\n", e)
	}
	return desk.Errorf(desk.Invalid, "bad_playbook", "%s has %d problems", dir, len(all))
}

type playbookPublishCmd struct {
	Dir   string `arg:"" type:"existingdir" help:"The playbook's folder."`
	Note  string `help:"Why, for the list of versions."`
	Force bool   `help:"Publish even if suites fail; the revision says so."`
}

// Run publishes. A running server takes new conversations to the revision at
// once; its search sees changed articles within a minute.
func (c playbookPublishCmd) Run(s *session) error {
	files, err := playbook.ReadFiles(os.DirFS(c.Dir))
	if err != nil {
		return s.problems(c.Dir, err)
	}
	return s.library(func(l *playbook.Library) error {
		out, err := l.Publish(s.ctx, playbook.Publishing{Files: files, By: operator(), Note: c.Note, Force: c.Force})
		if out.Report != nil {
			s.failures(*out.Report)
		}
		if err != nil {
			return s.problems(c.Dir, err)
		}
		if l := out.Learnt; l != nil && l.Missed != "" {
			s.printf("warning: %s made no vectors (%s); the playbook understands without them until it is published again\n警告：向量模型 %s 不可用（%s）；在重新发布之前，流程手册将不使用其向量来理解\n", l.Missed, l.Why, l.Missed, l.Why)
		}
		if out.Unchanged {
			s.printf("%s: revision %d is live and has these very files\n", out.Revision.Playbook, out.Revision.Number)
			return nil
		}
		s.printf("%s: revision %d is live; %d cases passed, %d failed\n", out.Revision.Playbook, out.Revision.Number, out.Revision.Passed, out.Revision.Failed)
		s.imported(out)
		return nil
	})
}

// imported says what became of articles and replies.
func (s *session) imported(out playbook.Published) {
	a, r := out.Articles, out.Canned
	s.printf("articles: %d added, %d updated, %d unchanged, %d archived\n", len(a.Added), len(a.Updated), len(a.Unchanged), len(a.Archived))
	for _, name := range a.Kept {
		s.printf("kept: article %s was edited in the console, the file was not taken\n", name)
	}
	s.printf("replies: %d added, %d updated, %d unchanged, %d removed\n", len(r.Added), len(r.Updated), len(r.Unchanged), len(r.Removed))
	for _, key := range r.Kept {
		s.printf("kept: reply %s was edited in the console, the file was not taken\n", key)
	}
}

type playbookVersionsCmd struct {
	Name  string `arg:"" help:"The playbook's name."`
	Limit int    `default:"20" help:"How many."`
}

// Run lists the revisions, newest first.
func (c playbookVersionsCmd) Run(s *session) error {
	return s.library(func(l *playbook.Library) error {
		_, live, err := l.Live(s.ctx, c.Name)
		if err != nil {
			return err
		}
		list, err := l.Versions(s.ctx, c.Name, 0, c.Limit)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "REVISION\tPUBLISHED\tBY\tCASES\tNOTE")
		for _, r := range list {
			mark := ""
			if r.Number == live {
				mark = " live"
			}
			cases := fmt.Sprintf("%d passed", r.Passed)
			if r.Forced {
				cases += fmt.Sprintf(", %d failed (forced)", r.Failed)
			}
			fmt.Fprintf(w, "%d%s\t%s\t%s\t%s\t%s\n", r.Number, mark, r.At.Local().Format(time.DateTime), r.By, cases, r.Note)
		}
		return w.Flush()
	})
}

type playbookRollbackCmd struct {
	Name     string `arg:"" help:"The playbook's name."`
	Revision int    `arg:"" help:"The revision to make live."`
}

// Run makes the revision live.
func (c playbookRollbackCmd) Run(s *session) error {
	return s.library(func(l *playbook.Library) error {
		out, err := l.Rollback(s.ctx, operator(), c.Name, c.Revision)
		if err != nil {
			return err
		}
		s.printf("%s: revision %d is live\n", c.Name, c.Revision)
		if !out.Unchanged {
			s.imported(out)
		}
		return nil
	})
}

// operator is who runs the command, for the record.
func operator() string {
	if u, err := user.Current(); err == nil {
		return "cli:" + u.Username
	}
	return "cli"
}

// library opens the database and calls f with the playbooks in it.
func (s *session) library(f func(*playbook.Library) error) (err error) {
	db, err := s.open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	vectors, err := s.embedder()
	if err != nil {
		return err
	}
	articles := &kb.Library{Store: store.KB{DB: db}, Index: kb.NewIndex(), Embedder: vectors}
	replies := &assist.Desk{Store: store.Assist{DB: db}, Conversations: db.Routing(), Library: articles}
	l := &playbook.Library{Store: db.Playbooks(), Articles: articles, Canned: replies, Default: s.cfg.Playbook, Vectors: articles.Kept(), Asked: articles.Heard()}
	if s.cfg.NATSURL != "" { // servers hear of it at once
		bus, err := events.Open(events.Options{URL: s.cfg.NATSURL})
		if err != nil {
			return fmt.Errorf("reach the other nodes: %w", err)
		}
		defer func() { _ = bus.Close() }()
		articles.Bus, replies.Bus, l.Bus = bus, bus, bus
	}
	ctx, cancel := context.WithTimeout(s.ctx, time.Minute)
	defer cancel()
	if err := errors.Join(articles.Load(ctx), replies.Load(ctx)); err != nil {
		return fmt.Errorf("load the knowledge base: %w", err)
	}
	return f(l)
}

// failures prints the cases that failed, each at its place.
func (s *session) failures(r evals.Report) {
	for _, suite := range r.Suites {
		for _, c := range suite.Cases {
			if !c.Passed() {
				s.printf("FAIL %s: %s: %s\n", c.At(), c.Name, c.Why())
			}
		}
	}
}
