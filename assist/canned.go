package assist

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/parleyhq/parley/desk"
)

// Canned is a reply written beforehand, with variables: {{contact.name}},
// {{agent.name}}, {{conversation.number}} and {{slots.NAME}}.
type Canned struct {
	ID        desk.ID                `json:"id"`
	Playbook  string                 `json:"playbook,omitempty"` // whose it is; empty: everybody's
	Key       string                 `json:"key"`                // unique in its playbook
	Title     desk.Text              `json:"title"`
	Text      desk.Text              `json:"text"` // Markdown
	Questions map[desk.Lang][]string `json:"questions,omitempty"`
	Version   int                    `json:"version"` // a stale save loses
	Origin    string                 `json:"origin,omitempty"`
	UpdatedAt time.Time              `json:"updated_at"`
	UpdatedBy string                 `json:"updated_by"`
}

// CannedFilter says which replies to list.
type CannedFilter struct {
	Search   string // in key, title and text
	Playbook *string
	After    string
	Limit    int // 1 to 200; 0: 50
}

// Bounds on what a reply may hold.
const (
	maxKey       = 64
	maxTitle     = 200  // characters
	maxText      = 5000 // characters
	maxQuestions = 50   // in each language
	maxQuestion  = 300  // characters
)

var keyPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]*$`)

// Check reports the first thing that is wrong with a reply.
func (c Canned) Check() error {
	bad := func(field, format string, args ...any) error {
		return &desk.Error{Kind: desk.Invalid, Code: "bad_canned", Field: field, Message: fmt.Sprintf(format, args...)}
	}
	if len(c.Key) > maxKey || !keyPattern.MatchString(c.Key) {
		return bad("key", "use 1 to %d small letters, digits, - and _", maxKey)
	}
	if err := checkText("title", c.Title, maxTitle); err != nil {
		return err
	}
	if err := checkText("text", c.Text, maxText); err != nil {
		return err
	}
	for _, lang := range c.Text.Langs() {
		if err := checkVariables(field("text", lang), c.Text[lang]); err != nil {
			return err
		}
	}
	for _, lang := range slices.Sorted(maps.Keys(c.Questions)) {
		if lang != desk.English && lang != desk.Chinese {
			return bad("questions", "unknown language %q: use en or zh", lang)
		}
		if len(c.Questions[lang]) > maxQuestions {
			return bad(field("questions", lang), "at most %d", maxQuestions)
		}
		for i, q := range c.Questions[lang] {
			if n := utf8.RuneCountInString(q); n == 0 || n > maxQuestion {
				return bad(fmt.Sprintf("%s[%d]", field("questions", lang), i), "1 to %d characters", maxQuestion)
			}
		}
	}
	return nil
}

func field(name string, lang desk.Lang) string {
	if lang == "" {
		return name
	}
	return name + "." + string(lang)
}

func checkText(name string, t desk.Text, limit int) error {
	if t.IsZero() {
		return &desk.Error{Kind: desk.Invalid, Code: "bad_canned", Field: name, Message: "a canned reply needs it"}
	}
	for lang, s := range t {
		if lang != "" && lang != desk.English && lang != desk.Chinese {
			return &desk.Error{Kind: desk.Invalid, Code: "bad_canned", Field: name, Message: fmt.Sprintf("unknown language %q: use en or zh", lang)}
		}
		if n := utf8.RuneCountInString(s); strings.TrimSpace(s) == "" || n > limit || !utf8.ValidString(s) {
			return &desk.Error{Kind: desk.Invalid, Code: "bad_canned", Field: field(name, lang), Message: fmt.Sprintf("1 to %d characters", limit)}
		}
	}
	return nil
}

// hash names the content of c: equal contents have equal hashes.
func (c Canned) hash() string {
	b, err := json.Marshal([]any{c.Key, c.Title, c.Text, c.Questions})
	if err != nil {
		return "" // texts always marshal
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:16])
}

// StaleCanned is the error of a save that was based on an older version.
type StaleCanned struct{ Current Canned }

// Error says so in words.
func (e *StaleCanned) Error() string { return e.Unwrap().Error() }

// Unwrap gives the error its kind and code.
func (e *StaleCanned) Unwrap() error {
	return &desk.Error{Kind: desk.Conflict, Code: "stale_canned", Field: "version",
		Message: fmt.Sprintf("the reply has changed meanwhile: version %d is by %s", e.Current.Version, e.Current.UpdatedBy)}
}

// SaveCanned stores a new reply, or one that is based on c.Version. It is
// suggested from then on.
func (d *Desk) SaveCanned(ctx context.Context, by string, c Canned) (Canned, error) {
	if err := c.Check(); err != nil {
		return Canned{}, err
	}
	now := d.now().UTC().Truncate(time.Microsecond)
	if c.ID == "" {
		c.ID, c.Version, c.Origin = desk.NewIDAt(now), 0, ""
	} else {
		before, err := d.Store.Canned(ctx, c.ID)
		if err != nil {
			return Canned{}, fmt.Errorf("find the reply: %w", err)
		}
		if before.Version != c.Version {
			return Canned{}, &StaleCanned{before}
		}
		c.Playbook, c.Origin = before.Playbook, before.Origin
	}
	c.Version++
	c.UpdatedAt, c.UpdatedBy = now, by
	err := d.Store.WriteCanned(ctx, []Canned{c}, nil)
	if code(err) == "stale_canned" {
		if current, err := d.Store.Canned(ctx, c.ID); err == nil {
			return Canned{}, &StaleCanned{current}
		}
	}
	if err != nil {
		return Canned{}, err
	}
	return c, d.changed(ctx)
}

// DeleteCanned takes a reply away. The ledger keeps what was sent of it.
func (d *Desk) DeleteCanned(ctx context.Context, id desk.ID) error {
	if _, err := d.Store.Canned(ctx, id); err != nil {
		return fmt.Errorf("find the reply: %w", err)
	}
	if err := d.Store.WriteCanned(ctx, nil, []desk.ID{id}); err != nil {
		return err
	}
	return d.changed(ctx)
}

// ListCanned lists replies for editors and agents.
func (d *Desk) ListCanned(ctx context.Context, f CannedFilter) ([]Canned, string, error) {
	if f.Limit <= 0 {
		f.Limit = 50
	}
	f.Limit = min(f.Limit, 200)
	return d.Store.CannedReplies(ctx, f)
}

// GetCanned finds a reply.
func (d *Desk) GetCanned(ctx context.Context, id desk.ID) (Canned, error) {
	return d.Store.Canned(ctx, id)
}

func code(err error) string {
	var e *desk.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}
