package playbook

import (
	"context"
	"fmt"

	"github.com/parleyhq/parley/assist"
	"github.com/parleyhq/parley/bot/nlu"
	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/evals"
	"github.com/parleyhq/parley/internal/yamlfile"
	"github.com/parleyhq/parley/kb"
)

// Publishing is a wish to publish.
type Publishing struct {
	Name  string // what the files must call themselves; empty: whatever they do
	Files Files
	By    string
	Note  string
	Force bool // publish even if suites fail; the revision says so

	Progress func(made int) // hears how many texts an endpoint has made vectors of; nil: nobody
}

// Published is what became of it.
type Published struct {
	Revision  Revision          `json:"revision"`
	Unchanged bool              `json:"unchanged"` // the live revision has these very files: at most it was trained anew
	Learnt    *Learnt           `json:"learnt,omitempty" doc:"With which vectors it was trained; none: it was not."`
	Report    *evals.Report     `json:"report,omitempty"`
	Gate      *evals.Gate       `json:"gate,omitempty"`    // what failed, and whether it stands in the way
	Changes   *evals.Comparison `json:"changes,omitempty"` // against the newest run of what was live
	Warnings  yamlfile.Errors   `json:"warnings,omitempty"`
	Articles  kb.Imported       `json:"articles"`
	Canned    assist.Imported   `json:"canned"`
}

// maxNote bounds the note of a revision, in bytes.
const maxNote = 1000

// Publish checks the files, runs the suites, stores the files as a new
// revision and makes it live. New conversations begin on it; running ones stay
// on theirs. Problems in the files are a yamlfile.Errors. Failing suites are an
// error of Kind Conflict, code "tests_failed", and the report is in what is
// returned; nothing is stored then, unless Force is set.
//
// The articles and replies of the files are taken into the knowledge base and
// the canned replies before the revision is live. What was edited there since
// the last publishing is kept, and told.
func (l *Library) Publish(ctx context.Context, w Publishing) (Published, error) {
	p, err := Parse(w.Files)
	if err != nil {
		return Published{}, err
	}
	out := Published{Warnings: p.Warnings}
	if w.Name != "" && p.Name != w.Name {
		return out, desk.Errorf(desk.Invalid, "other_name", "the files are of playbook %q, not %q", p.Name, w.Name)
	}
	if len(w.Note) > maxNote {
		return out, &desk.Error{Kind: desk.Invalid, Code: "note_too_long", Field: "note", Message: fmt.Sprintf("a note has at most %d bytes", maxNote)}
	}
	same, again, err := l.unchanged(ctx, p)
	if err != nil || same.Number > 0 && !again {
		out.Revision, out.Unchanged = same, err == nil
		return out, err
	}
	deps := l.deps()
	deps.Progress = w.Progress
	b, err := p.Build(ctx, deps)
	if err != nil {
		return out, err
	}
	if out.Learnt = &b.Learnt; b.Learnt.Missed != "" {
		l.log().WarnContext(ctx, "trained without the endpoint's vectors", "playbook", p.Name, "model", b.Learnt.Missed, "why", b.Learnt.Why)
		if same.Number > 0 {
			out.Revision, out.Unchanged = same, true
			return out, nil
		}
	}
	report, gate, err := l.examine(ctx, b, &out)
	if err != nil {
		return out, fmt.Errorf("run the suites of %s: %w", p.Name, err)
	}
	if !gate.OK && !w.Force {
		return out, desk.Errorf(desk.Conflict, "tests_failed", "%d of %d cases fail; nothing was published: %s", report.Failed-report.Allowed, report.Cases, first(gate.Reasons))
	}
	if same.Number > 0 {
		return l.retrained(ctx, same, b, out)
	}
	out.Revision, err = l.Store.AddRevision(ctx, Revision{
		Playbook: p.Name, Title: p.Title, Langs: p.Langs, At: l.now(), By: w.By, Note: w.Note,
		Forced: !gate.OK, Passed: report.Passed, Failed: report.Failed, Digest: w.Files.Digest(),
	}, w.Files, b.Model)
	if err != nil {
		return out, fmt.Errorf("store playbook %s: %w", p.Name, err)
	}
	if err := l.goLive(ctx, w.By, p, &out); err != nil {
		return out, err
	}
	l.keepReport(ctx, w.By, out.Revision, report)
	return out, nil
}

// unchanged returns the live revision if it has the files of p. again: it was
// trained with other vectors than it would be now.
func (l *Library) unchanged(ctx context.Context, p *Playbook) (same Revision, again bool, err error) {
	live, err := l.Store.Live(ctx, p.Name)
	if desk.IsKind(err, desk.NotFound) {
		return Revision{}, false, nil
	}
	if err != nil {
		return Revision{}, false, fmt.Errorf("find what is live of %s: %w", p.Name, err)
	}
	if live.Digest != p.Files.Digest() {
		return Revision{}, false, nil
	}
	saved, err := l.Store.Model(ctx, p.Name, live.Number)
	if err != nil {
		return Revision{}, false, fmt.Errorf("read the model of %s: %w", p.Name, err)
	}
	t, err := nlu.LoadTrained(saved)
	return live, err != nil || t.Model.Meaning() != l.deps().vectors().Model(), nil
}

// retrained keeps what was trained anew of a revision that is live already. On
// other nodes it counts from their next start on.
func (l *Library) retrained(ctx context.Context, r Revision, b *Built, out Published) (Published, error) {
	if err := l.Store.SaveModel(ctx, r.Playbook, r.Number, b.Model); err != nil {
		return out, fmt.Errorf("keep what was trained of %s: %w", r.Playbook, err)
	}
	for _, key := range []string{bookKey(r.Playbook, r.Number), testKey(r.Playbook, r.Number)} {
		l.cache.drop(key)
	}
	out.Revision, out.Unchanged = r, true
	return out, nil
}

// goLive takes in articles and replies and then makes the revision live. When
// it fails half-way what was live still is, and publishing again carries on.
func (l *Library) goLive(ctx context.Context, by string, p *Playbook, out *Published) (err error) {
	n := out.Revision.Number
	if l.Articles != nil {
		if out.Articles, err = l.Articles.Import(ctx, by, p.Name, p.Articles); err != nil {
			return fmt.Errorf("take in the articles of %s: %w", p.Name, err)
		}
		if err := l.Articles.ImportSynonyms(ctx, by, p.Name, p.Synonyms); err != nil {
			return fmt.Errorf("take in the synonyms of %s: %w", p.Name, err)
		}
	}
	if l.Canned != nil {
		if out.Canned, err = l.Canned.Import(ctx, by, p.Name, p.Canned); err != nil {
			return fmt.Errorf("take in the replies of %s: %w", p.Name, err)
		}
	}
	if err := l.Store.SetLive(ctx, p.Name, n, by, l.now(), p.Queues); err != nil {
		return fmt.Errorf("make revision %d of %s live: %w", n, p.Name, err)
	}
	l.log().InfoContext(ctx, "playbook published", "playbook", p.Name, "revision", n, "by", by, "forced", out.Revision.Forced)
	if l.Bus != nil {
		if err := l.Bus.Publish(ChangedSubject, Changed{p.Name, n}); err != nil {
			l.log().WarnContext(ctx, "screens not told of a playbook", "playbook", p.Name, "error", err) // they see it when they look again
		}
	}
	return nil
}

// Rollback makes an older revision live again, with its queues, articles and
// replies. Running conversations stay on their revision. It runs no suites:
// this revision has been live.
func (l *Library) Rollback(ctx context.Context, by, name string, revision int) (Published, error) {
	r, err := l.Store.Revision(ctx, name, revision)
	if err != nil {
		return Published{}, fmt.Errorf("find revision %d of %s: %w", revision, name, err)
	}
	out := Published{Revision: r}
	if live, err := l.Store.Live(ctx, name); err == nil && live.Number == revision {
		out.Unchanged = true
		return out, nil
	}
	b, err := l.built(ctx, name, revision)
	if err != nil {
		return out, err
	}
	return out, l.goLive(ctx, by, b.Playbook, &out)
}

// Check reads the files and reports problems and warnings.
func (l *Library) Check(files Files) (problems, warnings yamlfile.Errors) {
	p, err := Parse(files)
	if err != nil {
		problems.Add(fileMain, err)
		return problems, nil
	}
	return nil, p.Warnings
}

// Overlay is the live files of a playbook with changes on top: a nil value
// takes the file away. Of a playbook that is not published it is the changes
// alone.
func (l *Library) Overlay(ctx context.Context, name string, changes map[string]*string) (Files, error) {
	out := Files{}
	live, err := l.Store.Live(ctx, name)
	switch {
	case err == nil:
		if out, err = l.Store.Files(ctx, name, live.Number); err != nil {
			return nil, fmt.Errorf("read playbook %s: %w", name, err)
		}
	case !desk.IsKind(err, desk.NotFound) || len(changes) == 0:
		return nil, notPublished(name, err)
	}
	for path, text := range changes {
		if text == nil {
			delete(out, path)
			continue
		}
		out[path] = []byte(*text)
	}
	return out, nil
}
