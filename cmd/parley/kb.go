package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/events"
	"github.com/parleyhq/parley/internal/store"
	"github.com/parleyhq/parley/kb"
	"github.com/parleyhq/parley/kb/intake"
)

type kbCmd struct {
	Import kbImportCmd `cmd:"" help:"Import articles from files, a folder, a site or a help centre's export; again to take over what changed."`
}

type kbImportCmd struct {
	From     string      `arg:"" name:"path|url" help:"A file or folder (Markdown, HTML, PDF, DOCX, CSV, JSON export, ZIP), or the address of a page, site or sitemap."`
	Name     string      `help:"The source's name in the console; the path or address unless given."`
	Playbook string      `help:"Whose the articles are; everybody's unless given."`
	Lang     desk.Lang   `enum:",en,zh" default:"" help:"Language of all pages; found out for each unless given."`
	Audience kb.Audience `enum:"customers,agents" default:"customers" help:"Who may read them."`
	DryRun   bool        `help:"Only show what would change."`
	Publish  bool        `help:"Publish what is imported; it becomes drafts otherwise."`
	Gone     intake.Gone `enum:"keep,unpublish" default:"keep" help:"What becomes of articles whose page is gone: keep or unpublish."`
	Take     bool        `help:"Where both the page and the article have changed, take the page."`
	Find     intake.Find `enum:"auto,list,links" default:"auto" help:"Of a site: find pages by its sitemap or else links (auto), by links, or only those given (list)."`
	Pages    int         `default:"2000" help:"Of a site: how many pages at most."`
	Delay    duration    `default:"500ms" help:"Of a site: pause between two pages."`
	JSON     bool        `name:"json" help:"Print the result as one JSON object."`
}

// importer reads sources for the knowledge base.
func importer(cfg Config, db *store.DB, articles *kb.Library, log *slog.Logger) *intake.Importer {
	return &intake.Importer{Store: store.Sources{DB: db}, Library: articles, Web: intake.NewWeb(cfg.KB.AllowHosts, cfg.BaseURL), Dir: cfg.uploads(), Log: log}
}

// Run imports in this process. A running server finds published articles
// within a minute, or at once over nats_url.
func (c kbImportCmd) Run(s *session) (err error) {
	db, err := s.open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	articles := &kb.Library{Store: store.KB{DB: db}, Index: kb.NewIndex()}
	if s.cfg.NATSURL != "" { // servers hear of it at once
		bus, err := events.Open(events.Options{URL: s.cfg.NATSURL})
		if err != nil {
			return fmt.Errorf("reach the other nodes: %w", err)
		}
		defer func() { _ = bus.Close() }()
		articles.Bus = bus
	}
	im := importer(s.cfg, db, articles, slog.New(slog.DiscardHandler)) // what went wrong is in the report
	src, err := c.source(s.ctx, im)
	if err != nil {
		return err
	}
	order := intake.Order{Mode: intake.Sync}
	if c.DryRun {
		order.Mode = intake.Preview
	}
	if c.Take && !c.DryRun {
		if order.Take, err = conflicts(s.ctx, im, src, c); err != nil {
			return err
		}
	}
	run, err := im.RunHere(s.ctx, operator(), src, order, progressBar(os.Stderr))
	if err != nil {
		return err
	}
	if err := c.report(s, im, src, run); err != nil {
		return err
	}
	if run.Status != intake.Done {
		return desk.Errorf(desk.Unavailable, "import_failed", "the import did not end: %s", run.Error)
	}
	return nil
}

// source finds the source of the same name, so that a second import takes over
// changes, or makes it.
func (c kbImportCmd) source(ctx context.Context, im *intake.Importer) (intake.Source, error) {
	src := intake.Source{Kind: intake.Folder, Name: c.Name, Playbook: c.Playbook, Lang: c.Lang, Audience: c.Audience, Publish: c.Publish, Gone: c.Gone}
	if strings.HasPrefix(c.From, "https://") || strings.HasPrefix(c.From, "http://") {
		src.Kind = intake.Pages
		src.Settings.Site = &intake.Site{Start: []string{c.From}, Find: c.Find, Pages: c.Pages, DelayMS: max(1, int(time.Duration(c.Delay).Milliseconds()))}
	} else {
		full, err := filepath.Abs(c.From)
		if err != nil {
			return src, err
		}
		if _, err := os.Stat(full); err != nil {
			return src, desk.Errorf(desk.NotFound, "no_file", "%s is not there: name a file, a folder, or an address that begins with https://", c.From)
		}
		src.Settings.Path, c.From = full, full
	}
	if src.Name == "" {
		src.Name = c.From
	}
	old, err := im.Store.FindSource(ctx, src.Kind, src.Name)
	if desk.IsKind(err, desk.NotFound) {
		return im.Create(ctx, operator(), src)
	}
	if err != nil {
		return src, err
	}
	if old.Settings.Path != src.Settings.Path {
		return src, desk.Errorf(desk.Conflict, "name_taken", "the source %s is %s: use another --name", src.Name, old.Settings.Path)
	}
	src.ID, src.Schedule = old.ID, old.Schedule
	return im.Change(ctx, src)
}

// conflicts reads the source once to learn where both sides have changed.
func conflicts(ctx context.Context, im *intake.Importer, src intake.Source, c kbImportCmd) (ids []string, err error) {
	if run, err := im.RunHere(ctx, operator(), src, intake.Order{Mode: intake.Preview}, progressBar(os.Stderr)); err != nil || run.Status != intake.Done {
		return nil, errors.Join(err, desk.Errorf(desk.Unavailable, "import_failed", "the import did not end: %s", run.Error))
	}
	list, err := im.Items(ctx, src.ID, intake.ItemFilter{State: intake.Conflict, Limit: 5000})
	for _, i := range list {
		ids = append(ids, i.ID)
	}
	return ids, err
}

// report says what a run found and did.
func (c kbImportCmd) report(s *session, im *intake.Importer, src intake.Source, run intake.Run) error {
	if c.JSON {
		b, err := json.Marshal(map[string]any{"source": src.ID, "name": src.Name, "mode": run.Mode, "status": run.Status, "error": run.Error, "found": run.Found, "saved": run.Saved,
			"partial": run.Partial, "problems": run.Problems, "took_ms": run.FinishedAt.Sub(run.StartedAt).Milliseconds()})
		if err != nil {
			return err
		}
		s.printf("%s\n", b)
		return nil
	}
	for _, p := range run.Problems {
		s.printf("problem: %s: %s\n", p.Key, p.Message)
	}
	if c.DryRun {
		for after := ""; ; {
			items, err := im.Items(s.ctx, src.ID, intake.ItemFilter{After: after, Limit: 200})
			if err != nil {
				return err
			}
			for _, i := range items {
				if i.State != intake.Unchanged {
					s.printf("%-10s %s  %s\n", i.State, i.Page.Key, i.Page.Title)
				}
			}
			if len(items) < 200 {
				break
			}
			after = items[len(items)-1].ID
		}
	}
	f := run.Found
	s.printf("%s: %d new, %d changed, %d unchanged, %d in conflict, %d gone, %d duplicates, %d could not be read\n", src.Name, f.New, f.Changed, f.Unchanged, f.Conflicts, f.Gone, f.Twins, f.Failed)
	if !c.DryRun {
		d := run.Saved
		s.printf("articles: %d added, %d updated, %d unpublished\n", d.Added, d.Updated, d.Unpublished)
		if left := f.Conflicts - len(run.Take); left > 0 {
			s.printf("kept: %d articles were edited in the console, their pages were not taken; see them with --dry-run, take them with --take\n", left)
		}
	}
	return nil
}

// progressBar draws on w when that is a terminal.
func progressBar(w *os.File) func(intake.Run) {
	if info, err := w.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return func(intake.Run) {}
	}
	return func(r intake.Run) { drawProgress(w, r) }
}

// drawProgress draws one line over the one before.
func drawProgress(w io.Writer, r intake.Run) {
	const width = 30
	full := 0
	if r.Total > 0 {
		full = min(width, r.Done*width/r.Total)
	}
	fmt.Fprintf(w, "\r\x1b[K%-9s [%s%s] %d/%d", r.Phase, strings.Repeat("#", full), strings.Repeat(".", width-full), r.Done, r.Total)
	if r.Phase == intake.Saving && r.Done >= r.Total {
		fmt.Fprint(w, "\r\x1b[K")
	}
}
