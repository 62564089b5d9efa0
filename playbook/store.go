package playbook

import (
	"context"
	"time"

	"github.com/parleyhq/parley/desk"
)

// Revision is one published state of a playbook. It never changes.
type Revision struct {
	Playbook string      `json:"playbook"`
	Number   int         `json:"revision"`
	Title    desk.Text   `json:"title"`
	Langs    []desk.Lang `json:"langs"`
	At       time.Time   `json:"at"`
	By       string      `json:"by"`
	Note     string      `json:"note,omitempty"`
	Forced   bool        `json:"forced"` // published although suites failed
	Passed   int         `json:"passed"` // cases
	Failed   int         `json:"failed"`
	Digest   string      `json:"digest"` // of its files
}

// Entry is a playbook as lists show it.
type Entry struct {
	Name        string      `json:"name"`
	Title       desk.Text   `json:"title"`
	Live        int         `json:"live_revision"`
	PublishedAt time.Time   `json:"published_at"`
	Langs       []desk.Lang `json:"langs"`
}

// Store keeps the published revisions.
type Store interface {
	// AddRevision stores a revision that is not live yet, with its files and
	// the trained model, and gives it the next number. When the newest one has
	// the same digest and is live, or nothing is yet, it returns that one: two
	// nodes publish the same at once, or a start was cut off.
	AddRevision(ctx context.Context, r Revision, files Files, model []byte) (Revision, error)
	// SetLive makes a revision the one that new conversations begin on, and
	// stores the playbook's queues, in one transaction.
	SetLive(ctx context.Context, playbook string, revision int, by string, at time.Time, queues []desk.Queue) error
	// Live is the live revision; NotFound when there is none.
	Live(ctx context.Context, playbook string) (Revision, error)
	// Revision, Files and Model read one; NotFound when there is none.
	Revision(ctx context.Context, playbook string, revision int) (Revision, error)
	Files(ctx context.Context, playbook string, revision int) (Files, error)
	Model(ctx context.Context, playbook string, revision int) ([]byte, error)
	// SaveModel puts another model in place of the one that a revision was
	// published with: it learnt the same with other vectors.
	SaveModel(ctx context.Context, playbook string, revision int, model []byte) error
	// Revisions lists them, newest first, below before when that is not 0.
	Revisions(ctx context.Context, playbook string, before, limit int) ([]Revision, error)
	// Playbooks lists those that have a live revision, by name.
	Playbooks(ctx context.Context) ([]Entry, error)
}
