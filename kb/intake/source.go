package intake

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/kb"
)

// Source is where articles come from, and what is made of its pages.
type Source struct {
	ID        desk.ID     `json:"id"`
	Kind      Kind        `json:"kind"`
	Name      string      `json:"name"`
	Settings  Settings    `json:"settings"`
	Playbook  string      `json:"playbook"`         // whose its articles are; empty: everybody's
	Lang      desk.Lang   `json:"lang"`             // of all its pages; empty: found out for each
	Audience  kb.Audience `json:"audience"`         // who may read them
	Publish   bool        `json:"publish"`          // whether they are published, or else drafts
	Gone      Gone        `json:"gone"`             // what becomes of those that the source has no more
	Schedule  Schedule    `json:"schedule"`         // when it is read again by itself
	NextAt    time.Time   `json:"next_at,omitzero"` // when it is next
	CreatedAt time.Time   `json:"created_at"`
	CreatedBy string      `json:"created_by"`
	UpdatedAt time.Time   `json:"updated_at"`
	Rev       int64       `json:"-"`                  // counts changes; a stale writer loses
	Last      *Run        `json:"last_run,omitempty"` // its newest run
}

// Kind is what a source is made of.
type Kind string

// The kinds of source.
const (
	Files  Kind = "files"  // that were uploaded
	Pages  Kind = "site"   // pages of the web
	Folder Kind = "folder" // files on the disk of whoever runs the command line
)

// Gone is what becomes of an article whose page is there no more.
type Gone string

// What can become of it.
const (
	KeepGone      Gone = "keep"
	UnpublishGone Gone = "unpublish"
)

// Schedule is when a source is read by itself.
type Schedule string

// The schedules.
const (
	ByHand Schedule = ""
	Daily  Schedule = "daily"
)

// Settings are those of the source's kind.
type Settings struct {
	Site  *Site     `json:"site,omitempty"`
	Files []FileRef `json:"files,omitempty"`
	Path  string    `json:"path,omitempty"` // of a folder or file
}

// FileRef is an uploaded file.
type FileRef struct {
	Name string `json:"name"`           // as the sender called it
	Path string `json:"path,omitempty"` // below the folder of files, with slashes; screens do not get it
	Size int64  `json:"size"`
}

// check fills in what is missing and reports what is wrong.
func (s Source) check() (Source, error) {
	bad := func(field, format string, args ...any) (Source, error) {
		return s, &desk.Error{Kind: desk.Invalid, Code: "bad_source", Field: field, Message: fmt.Sprintf(format, args...)}
	}
	if s.Name = strings.Join(strings.Fields(s.Name), " "); s.Name == "" || len([]rune(s.Name)) > 200 {
		return bad("name", "give it a name of at most 200 characters")
	}
	if s.Audience == "" {
		s.Audience = kb.Customers
	}
	if s.Gone == "" {
		s.Gone = KeepGone
	}
	switch {
	case s.Audience != kb.Customers && s.Audience != kb.Agents:
		return bad("audience", "use customers or agents")
	case s.Lang != "" && s.Lang != desk.English && s.Lang != desk.Chinese:
		return bad("lang", "use en or zh, or leave it out")
	case s.Gone != KeepGone && s.Gone != UnpublishGone:
		return bad("gone", "use keep or unpublish")
	case s.Schedule != ByHand && s.Schedule != Daily:
		return bad("schedule", "use daily, or leave it out")
	case s.Schedule == Daily && s.Kind != Pages:
		return bad("schedule", "only a site can be read again by itself: files change when they are uploaded anew")
	case len(s.Playbook) > 64:
		return bad("playbook", "at most 64 characters")
	}
	switch s.Kind {
	case Pages:
		if s.Settings.Site == nil {
			return bad("settings.site", "name the addresses to begin with")
		}
		site, err := s.Settings.Site.check()
		if err != nil {
			return s, err
		}
		s.Settings = Settings{Site: &site}
	case Files:
		if len(s.Settings.Files) == 0 {
			return bad("settings.files", "upload at least one file")
		}
	case Folder:
		if s.Settings.Path == "" {
			return bad("settings.path", "name a file or folder")
		}
	default:
		return bad("kind", "use files or site")
	}
	return s, nil
}

// Run is one reading of a source: a preview, which changes no article, or a
// sync, which does.
type Run struct {
	ID         desk.ID   `json:"id"`
	SourceID   desk.ID   `json:"source_id"`
	Mode       Mode      `json:"mode"`
	Status     Status    `json:"status"`
	Phase      Phase     `json:"phase"`
	By         string    `json:"by"`
	StartedAt  time.Time `json:"started_at"`
	BeatAt     time.Time `json:"-"` // when it last showed that it lives
	FinishedAt time.Time `json:"finished_at,omitzero"`
	Progress
	Error string `json:"error,omitempty"` // why it failed
}

// Progress is how far a run has come and what it found. It grows while the
// run goes on.
type Progress struct {
	Done     int       `json:"done"`              // pages or files, in this phase
	Total    int       `json:"total"`             // of those known so far
	Bytes    int64     `json:"bytes"`             // fetched
	Found    Counts    `json:"found"`             // when it was compared
	Saved    Saved     `json:"saved"`             // by a sync
	Partial  bool      `json:"partial,omitempty"` // not everything was read: nothing counts as gone
	Problems []Problem `json:"problems" nullable:"false"`
	Take     []string  `json:"take,omitempty"` // conflicts in which the source wins, by item id
	Keep     []string  `json:"keep,omitempty"` // conflicts in which the editor wins
	Skip     []string  `json:"skip,omitempty"` // items that are left as they are
}

// Counts are pages by state.
type Counts struct {
	New       int `json:"new"`
	Changed   int `json:"changed"`
	Unchanged int `json:"unchanged"`
	Conflicts int `json:"conflicts"`
	Gone      int `json:"gone"`
	Failed    int `json:"failed"`
	Twins     int `json:"duplicates"`
}

// Saved are what a sync did.
type Saved struct {
	Added       int `json:"added"`
	Updated     int `json:"updated"`
	Kept        int `json:"kept"`
	Unpublished int `json:"unpublished"`
}

// Mode is whether a run saves.
type Mode string

// The modes.
const (
	Preview Mode = "preview"
	Sync    Mode = "sync"
)

// Status is how a run stands.
type Status string

// The statuses.
const (
	Running Status = "running"
	Done    Status = "done"
	Failed  Status = "failed"
	Stopped Status = "stopped" // by a person
)

// Phase is what a run is at.
type Phase string

// The phases, in order.
const (
	Reading   Phase = "reading"
	Comparing Phase = "comparing"
	Saving    Phase = "saving"
	Ended     Phase = ""
)

// Item is what is known of one page of a source, and of its article.
type Item struct {
	ID        string    `json:"id"` // made of its key
	SourceID  desk.ID   `json:"source_id"`
	State     State     `json:"state"`
	Page      Page      `json:"page"` // as it was last read
	Hash      string    `json:"hash"` // of all that the page says
	ETag      string    `json:"-"`
	Modified  string    `json:"-"`
	FetchedAt time.Time `json:"fetched_at,omitzero"`
	Problems  []Problem `json:"problems" nullable:"false"`
	ArticleID desk.ID   `json:"article_id,omitempty"`
	AppliedAt time.Time `json:"applied_at,omitzero"` // when the article last took over the page

	seen        desk.ID // run in which it was last there
	failed      desk.ID // run in which it could last not be read
	appliedHash string  // Hash of what the article took over
	appliedText string  // textHash of that
	published   bool    // by us
}

// Row is an item as stores keep it: with what only this package may use.
type Row struct {
	Item
	Seen, Failed             desk.ID
	AppliedHash, AppliedText string
	Published                bool
}

// Row makes a Row of an item.
func (i Item) Row() Row { return Row{i, i.seen, i.failed, i.appliedHash, i.appliedText, i.published} }

// Whole makes the item of a Row.
func (r Row) Whole() Item {
	i := r.Item
	i.seen, i.failed, i.appliedHash, i.appliedText, i.published = r.Seen, r.Failed, r.AppliedHash, r.AppliedText, r.Published
	return i
}

// State is how a page stands against its article, or what a sync did to it.
type State string

// The states.
const (
	Unread    State = "unread" // not compared yet
	New       State = "new"
	Changed   State = "changed"
	Unchanged State = "unchanged"
	Conflict  State = "conflict"  // both the page and the article have changed
	IsGone    State = "gone"      // the source has it no more
	Unreached State = "failed"    // it could not be read now
	Twin      State = "duplicate" // another page says the same
	Added     State = "added"
	Updated   State = "updated"
	Kept      State = "kept" // the editor's text won
	Withdrawn State = "unpublished"
)

// ItemFilter says which items to list. Empty fields let all through.
type ItemFilter struct {
	State  State
	Search string // in title and key, whatever the case
	After  string // id of the last item of the page before
	Limit  int
}

// Provenance says where an article comes from.
type Provenance struct {
	SourceID  desk.ID   `json:"source_id"`
	Source    string    `json:"source"` // its name
	Kind      Kind      `json:"kind"`
	ItemID    string    `json:"item_id"`
	Key       string    `json:"key"` // the file, address or id within the source
	URL       string    `json:"url,omitempty"`
	FetchedAt time.Time `json:"fetched_at"`
	AppliedAt time.Time `json:"applied_at"`
	Hash      string    `json:"hash"`
	State     State     `json:"state"`
}

// Store keeps sources, their runs and items.
type Store interface {
	// Source finds one; NotFound when there is none. Sources lists them by
	// name, each with its last run. FindSource finds one by kind and name.
	Source(ctx context.Context, id desk.ID) (Source, error)
	Sources(ctx context.Context, after string, limit int) ([]Source, error)
	FindSource(ctx context.Context, kind Kind, name string) (Source, error)
	// PutSource stores a source: a new one when Rev is 1, else one whose
	// stored Rev is one less; a stale one is an error of Kind Conflict.
	PutSource(ctx context.Context, s Source) error
	// DeleteSource forgets a source, its runs and items. Articles stay.
	DeleteSource(ctx context.Context, id desk.ID) error
	// DueSources lists those whose NextAt has come.
	DueSources(ctx context.Context, now time.Time, limit int) ([]Source, error)

	// AddRun stores a run and enqueues its job, if any, in one transaction. It
	// is an error of Kind Conflict, code "run_running", when another run of
	// the source has shown since alive that it lives.
	AddRun(ctx context.Context, r Run, alive time.Time, job *desk.Job) error
	// SaveRun stores how far a run has come, and reports false when it is not
	// running any more.
	SaveRun(ctx context.Context, r Run) (bool, error)
	Run(ctx context.Context, id desk.ID) (Run, error)
	Runs(ctx context.Context, source, before desk.ID, limit int) ([]Run, error)

	// SaveItems stores items, new ones and known ones.
	SaveItems(ctx context.Context, items []Row) error
	// MarkItems notes for the items of an address that they were there in a
	// run, or could not be read in it, and says how many they are.
	MarkItems(ctx context.Context, source desk.ID, url string, run desk.ID, failed bool, problems []Problem) (int, error)
	Item(ctx context.Context, source desk.ID, id string) (Row, error)
	// Items lists a source's items by id.
	Items(ctx context.Context, source desk.ID, f ItemFilter) ([]Row, error)
	DropItems(ctx context.Context, source desk.ID, ids []string) error
	// ArticleSource finds where an article comes from.
	ArticleSource(ctx context.Context, article desk.ID) (Provenance, error)

	// ArticlesByID reads articles with the content of their newest version.
	ArticlesByID(ctx context.Context, ids []desk.ID) ([]kb.Article, error)
	// ArticleNamed finds an article by what is unique.
	ArticleNamed(ctx context.Context, playbook, slug string, lang desk.Lang) (kb.Article, error)

	// Spots is the frontier of a run; ClearSpots forgets it.
	Spots(run desk.ID) Frontier
	ClearSpots(ctx context.Context, run desk.ID) error
}
