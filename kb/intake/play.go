package intake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/parleyhq/parley/desk"
)

// errStopped ends a run that a person stopped.
var errStopped = desk.Errorf(desk.Conflict, "stopped", "the run was stopped")

// playing is a run that is being carried out.
type playing struct {
	*Importer
	source Source
	run    *Run
	tell   func(Run)
	beaten time.Time // when progress was last stored
	rows   []Row     // pages to store
}

const (
	rowBatch   = 100
	comparePer = 500
)

// play carries out what is left of a run.
func (im *Importer) play(ctx context.Context, s Source, r *Run, tell func(Run)) error {
	p := &playing{Importer: im, source: s, run: r, tell: tell}
	if r.Phase == Reading {
		if err := p.read(ctx); err != nil {
			return err
		}
		if err := p.phase(ctx, Comparing); err != nil {
			return err
		}
	}
	if r.Phase == Comparing {
		if err := p.compare(ctx); err != nil {
			return err
		}
		if err := p.phase(ctx, Saving); err != nil {
			return err
		}
	}
	if r.Mode == Sync {
		if err := p.save(ctx); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (p *playing) phase(ctx context.Context, next Phase) error {
	p.run.Phase, p.run.Done, p.run.Total = next, 0, 0
	return p.progress(ctx, true)
}

// progress stores how far the run has come, now or when it was a while ago.
func (p *playing) progress(ctx context.Context, now bool) error {
	if !now && time.Since(p.beaten) < beat {
		return ctx.Err()
	}
	p.beaten = time.Now()
	p.run.BeatAt = p.now()
	p.run.Problems = bounded(p.run.Problems)
	held, err := p.Store.SaveRun(ctx, *p.run)
	if err != nil {
		return fmt.Errorf("store the run's progress: %w", err)
	}
	if !held {
		return errStopped
	}
	p.tell(*p.run)
	return nil
}

func (p *playing) note(problems ...Problem) {
	p.run.Problems = bounded(append(p.run.Problems, problems...))
}

// read reads every page there is and stores it, compared with nothing yet.
func (p *playing) read(ctx context.Context) error {
	if p.source.Kind == Pages {
		return p.readSite(ctx)
	}
	p.run.Problems, p.run.Partial = []Problem{}, false // files are read from the start again
	a := newArchive()
	err := p.files(func(name string, size int64, open func() (*os.File, error)) error {
		p.run.Total = max(p.run.Total, p.run.Done+1)
		if err := p.readFile(ctx, a, name, size, open); err != nil {
			return err
		}
		p.run.Done++
		p.run.Bytes += size
		return p.progress(ctx, false)
	})
	if err != nil {
		return err
	}
	if err := a.end(ctx); err != nil {
		return err
	}
	pages, problems, err := finish(a.pages, a.problems)
	if err != nil {
		return err
	}
	p.run.Partial = p.run.Partial || a.broken || len(pages) == MaxPages
	p.note(problems...)
	if len(pages) == 0 && len(p.run.Problems) > 0 {
		return desk.Errorf(desk.Invalid, "no_pages", "nothing could be read: %s: %s", p.run.Problems[0].Key, p.run.Problems[0].Message)
	}
	if len(pages) == 0 {
		return desk.Errorf(desk.Invalid, "no_pages", "there is nothing to import: no file ends in one of %s", strings.Join(Extensions(), " "))
	}
	for _, page := range pages {
		if err := p.keep(ctx, page, "", "", problemsOf(problems, page.Key)); err != nil {
			return err
		}
	}
	return p.flush(ctx)
}

// problemsOf are those of one page.
func problemsOf(all []Problem, key string) (out []Problem) {
	for _, pr := range all {
		if pr.Key == key {
			out = append(out, pr)
		}
	}
	return out
}

// readFile adds one file to the archive that all of them make.
func (p *playing) readFile(ctx context.Context, a *archive, name string, size int64, open func() (*os.File, error)) error {
	f, err := open()
	if err != nil {
		p.run.Partial = true
		p.note(Problem{name, "file_missing", "the file cannot be opened: " + err.Error()})
		return nil
	}
	defer f.Close()
	if strings.EqualFold(path.Ext(name), ".json") && size <= MaxFile/2 {
		b := make([]byte, size)
		if _, err := f.ReadAt(b, 0); err == nil {
			return a.add(ctx, name, b, Export)
		}
	}
	read := readerOf(name, f, size)
	if read == nil || size > MaxFile || size == 0 {
		_, _, err = Read(ctx, name, f, size) // says what is wrong
	} else {
		var pages []Page
		var problems []Problem
		pages, problems, err = guarded(ctx, read, name, f, size)
		a.pages, a.problems = append(a.pages, pages...), append(a.problems, problems...)
		for _, page := range pages {
			a.left -= int64(len(page.Markdown))
		}
		if a.left < 0 {
			return desk.Errorf(desk.TooLarge, "source_too_large", "the files hold more than %d MiB of text: divide the source", zipBytes>>20)
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		p.run.Partial = true
		code := codeOfError(err)
		if code == "" {
			code = "file_broken"
		}
		p.note(Problem{name, code, err.Error()})
	}
	return nil
}

// files calls f for each file of the source.
func (p *playing) files(f func(name string, size int64, open func() (*os.File, error)) error) error {
	if p.source.Kind == Files {
		p.run.Total = len(p.source.Settings.Files)
		for _, file := range p.source.Settings.Files {
			open := func() (*os.File, error) {
				return os.OpenInRoot(p.Dir, filepath.FromSlash(file.Path))
			}
			if err := f(file.Name, file.Size, open); err != nil {
				return err
			}
		}
		return nil
	}
	root := p.source.Settings.Path
	count := 0
	return filepath.WalkDir(root, func(full string, d fs.DirEntry, err error) error {
		if err != nil {
			if full == root {
				return desk.Errorf(desk.Invalid, "no_folder", "%s cannot be read: %w", root, err)
			}
			p.note(Problem{full, "file_missing", err.Error()})
			p.run.Partial = true
			return nil
		}
		name, hidden := d.Name(), strings.HasPrefix(d.Name(), ".") && full != root
		if d.IsDir() {
			if hidden || name == "node_modules" {
				return fs.SkipDir
			}
			return nil
		}
		ext := strings.ToLower(path.Ext(name))
		if hidden || !d.Type().IsRegular() && full != root || full != root && readers[ext] == nil && ext != ".zip" {
			return nil
		}
		if count++; count > zipEntries {
			return desk.Errorf(desk.TooLarge, "too_many_files", "%s holds more than %d files: divide it", root, zipEntries)
		}
		info, err := os.Stat(full)
		if err != nil || info.IsDir() {
			return nil
		}
		rel, err := filepath.Rel(root, full)
		if err != nil || rel == "." {
			rel = name
		}
		return f(filepath.ToSlash(rel), info.Size(), func() (*os.File, error) { return os.Open(full) })
	})
}

// readSite crawls.
func (p *playing) readSite(ctx context.Context) error {
	c := &crawl{
		web: p.Web, site: *p.source.Settings.Site, spots: p.Store.Spots(p.run.ID), begun: p.run.StartedAt, bytes: p.run.Bytes, now: p.now,
		known: p.known,
		emit:  p.fetched,
		tell: func(ctx context.Context, done, total int, bytes int64) error {
			if err := p.flush(ctx); err != nil { // before the address counts as done
				return err
			}
			p.run.Done, p.run.Total, p.run.Bytes = done, total, bytes
			return p.progress(ctx, false)
		},
	}
	partial, problems, err := c.run(ctx)
	p.run.Partial = p.run.Partial || partial
	p.note(problems...)
	if err != nil {
		return err
	}
	return p.flush(ctx)
}

// known is what was kept of a page's last visit.
func (p *playing) known(ctx context.Context, key string) (Known, error) {
	row, err := p.Store.Item(ctx, p.source.ID, itemID(key))
	if desk.IsKind(err, desk.NotFound) {
		return Known{}, nil
	}
	if err != nil || row.Page.Markdown == "" {
		return Known{}, err
	}
	return Known{row.ETag, row.Modified, row.Page.Links}, nil
}

// fetched stores what a crawl found at one address.
func (p *playing) fetched(ctx context.Context, f Fetched) error {
	p.note(f.Problems...)
	if f.Blind && !p.run.Partial {
		p.run.Partial = true
		if err := p.progress(ctx, true); err != nil { // also when the run goes on elsewhere
			return err
		}
	}
	if f.Same || f.Failed {
		n, err := p.Store.MarkItems(ctx, p.source.ID, f.Key, p.run.ID, f.Failed, f.Problems)
		if err != nil || n > 0 || f.Same {
			return err
		}
	}
	if len(f.Pages) == 0 {
		return nil
	}
	for _, page := range f.Pages {
		if err := p.keep(ctx, page, f.ETag, f.Modified, f.Problems); err != nil {
			return err
		}
	}
	return p.flush(ctx)
}

// itemID names an item by its key.
func itemID(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:12])
}

// keep stores a page as it was read; what its article took over stays known.
func (p *playing) keep(ctx context.Context, page Page, etag, modified string, problems []Problem) error {
	if p.source.Lang != "" {
		page.Lang = p.source.Lang
	}
	row, err := p.Store.Item(ctx, p.source.ID, itemID(page.Key))
	if err != nil && !desk.IsKind(err, desk.NotFound) {
		return err
	}
	row.SourceID, row.ID = p.source.ID, itemID(page.Key)
	row.Page, row.Hash, row.ETag, row.Modified, row.FetchedAt, row.Problems = page, page.hash(), etag, modified, p.now(), problems
	row.State, row.Seen = Unread, p.run.ID
	p.rows = append(p.rows, row)
	if len(p.rows) >= rowBatch {
		return p.flush(ctx)
	}
	return nil
}

func (p *playing) flush(ctx context.Context) error {
	if len(p.rows) == 0 {
		return ctx.Err()
	}
	err := p.Store.SaveItems(ctx, p.rows)
	p.rows = p.rows[:0]
	return err
}
