package kb

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/parleyhq/parley/desk"
)

// Status is where an article stands in its life.
type Status string

// The statuses. An article whose newest version is a draft or in review may
// still have an older version published.
const (
	Drafted   Status = "draft"
	InReview  Status = "review"
	Published Status = "published" // the newest version is
	Archived  Status = "archived"
)

// Content is what an editor writes: one version of an article.
type Content struct {
	Title     string    `json:"title"`
	Body      string    `json:"body"`      // Markdown
	Questions []string  `json:"questions"` // other ways to ask for it
	Tags      []string  `json:"tags"`
	Audience  Audience  `json:"audience"`
	ValidFrom time.Time `json:"valid_from,omitzero"`
	ValidTo   time.Time `json:"valid_to,omitzero"` // not valid any more from here on
}

// Article is one text of ours in one language. Its translations have the same
// Slug. Content is that of the newest version, which need not be published.
type Article struct {
	ID       desk.ID   `json:"id"`
	Playbook string    `json:"playbook,omitempty"` // whose it is; empty: everybody's
	Slug     string    `json:"slug"`               // unique with Playbook and Lang
	Lang     desk.Lang `json:"lang"`
	Content
	Status           Status    `json:"status"`
	Version          int       `json:"version"`           // of Content, from 1
	PublishedVersion int       `json:"published_version"` // 0: none
	Origin           string    `json:"origin,omitempty"`  // hash of the Content last imported from a file
	CreatedAt        time.Time `json:"created_at"`
	UpdatedAt        time.Time `json:"updated_at"`
	UpdatedBy        string    `json:"updated_by"`
	Rev              int64     `json:"-"` // counts changes of the row; a stale writer loses
}

// Version is one version of an article. It never changes.
type Version struct {
	ArticleID desk.ID `json:"article_id"`
	Number    int     `json:"version"`
	Content
	At   time.Time `json:"at"`
	By   string    `json:"by"`
	Note string    `json:"note,omitempty"`
}

// Bounds on what an article may hold.
const (
	MaxTitle     = 200    // characters
	MaxBody      = 100000 // bytes
	MaxQuestions = 100
	MaxQuestion  = 300 // characters
	MaxTags      = 30
	MaxTag       = 60
)

var slugPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`)

// CheckSlug reports what is wrong with a slug.
func CheckSlug(slug string) error {
	if !slugPattern.MatchString(slug) {
		return &desk.Error{Kind: desk.Invalid, Code: "bad_slug", Field: "slug",
			Message: "use 1 to 64 small letters, digits, - and _, beginning with a letter or digit"}
	}
	return nil
}

// Clean trims c, drops empty and repeated questions and tags, and makes the
// text valid UTF-8 without NUL. A missing audience is Customers.
func (c Content) Clean() Content {
	c.Title = strings.TrimSpace(oneLine(cleanText(c.Title)))
	c.Body = strings.TrimSpace(strings.ReplaceAll(cleanText(c.Body), "\r\n", "\n"))
	c.Questions = cleanList(c.Questions)
	c.Tags = cleanList(c.Tags)
	if c.Audience == "" {
		c.Audience = Customers
	}
	c.ValidFrom, c.ValidTo = micro(c.ValidFrom), micro(c.ValidTo)
	return c
}

// Check reports the first thing that is wrong with a cleaned Content.
func (c Content) Check() error {
	bad := func(field, format string, args ...any) error {
		return &desk.Error{Kind: desk.Invalid, Code: "bad_article", Field: field, Message: fmt.Sprintf(format, args...)}
	}
	switch {
	case c.Title == "":
		return bad("title", "an article needs a title")
	case utf8.RuneCountInString(c.Title) > MaxTitle:
		return bad("title", "at most %d characters", MaxTitle)
	case c.Body == "":
		return bad("body", "an article needs a text")
	case len(c.Body) > MaxBody:
		return &desk.Error{Kind: desk.TooLarge, Code: "bad_article", Field: "body", Message: fmt.Sprintf("at most %d bytes; make it several articles", MaxBody)}
	case len(c.Questions) > MaxQuestions:
		return bad("questions", "at most %d", MaxQuestions)
	case len(c.Tags) > MaxTags:
		return bad("tags", "at most %d", MaxTags)
	case c.Audience != Customers && c.Audience != Agents:
		return bad("audience", "unknown audience %q: use customers or agents", c.Audience)
	case !c.ValidTo.IsZero() && !c.ValidTo.After(c.ValidFrom):
		return bad("valid_to", "must be later than valid_from")
	}
	for i, q := range c.Questions {
		if utf8.RuneCountInString(q) > MaxQuestion {
			return bad(fmt.Sprintf("questions[%d]", i), "at most %d characters", MaxQuestion)
		}
	}
	for i, t := range c.Tags {
		if utf8.RuneCountInString(t) > MaxTag {
			return bad(fmt.Sprintf("tags[%d]", i), "at most %d characters", MaxTag)
		}
	}
	return nil
}

// Hash names the content of c: equal contents have equal hashes.
func (c Content) Hash() string {
	b, err := json.Marshal(c.Clean())
	if err != nil {
		return "" // a time outside the years of JSON; Check's callers never store one
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:16])
}

// Equal reports whether c and d say the same.
func (c Content) Equal(d Content) bool { return c.Hash() == d.Hash() }

// ValidAt reports whether c holds at t.
func (c Content) ValidAt(t time.Time) bool {
	return !t.Before(c.ValidFrom) && (c.ValidTo.IsZero() || t.Before(c.ValidTo))
}

func cleanText(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func cleanList(in []string) []string {
	out := []string{}
	for _, s := range in {
		if s = oneLine(cleanText(s)); s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

func micro(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Microsecond)
}
