package assist

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode"

	"github.com/parleyhq/parley/desk"
)

// State is what became of a suggestion.
type State string

// The states of a suggestion.
const (
	Shown   State = "shown" // and nothing decided yet
	Sent    State = "sent"  // as it was
	Edited  State = "edited"
	Ignored State = "ignored"
)

// Reason says why a suggestion was ignored.
type Reason string

// The reasons.
const (
	Dismissed   Reason = "dismissed"    // the agent put it away
	WroteOwn    Reason = "wrote_own"    // the agent wrote something else
	OtherChosen Reason = "other_chosen" // he took another one
	Superseded  Reason = "superseded"   // the customer said more first
)

// Verdict is what an agent made of a suggestion.
type Verdict struct {
	State      State
	Reason     Reason
	Agent      desk.ID
	Text       string  // what was sent, when edited
	Similarity float64 // of what was sent to what was suggested
	At         time.Time
}

// LedgerFilter says what to count. Empty fields let all through.
type LedgerFilter struct {
	Article  desk.ID
	Canned   desk.ID
	Agent    desk.ID
	From, To time.Time
	Limit    int // lines, those shown most first; 1 to 500; 0: 100
}

// Count is what became of the suggestions made of one article or reply.
type Count struct {
	Kind       Kind           `json:"kind"`
	ArticleID  desk.ID        `json:"article_id,omitempty"`
	CannedID   desk.ID        `json:"canned_id,omitempty"`
	Key        string         `json:"key,omitempty"` // of past replies that say the same, or of another system
	Title      string         `json:"title"`
	Shown      int            `json:"shown"` // all of them, whatever came after
	Sent       int            `json:"sent"`
	Edited     int            `json:"edited"`
	Ignored    int            `json:"ignored"`
	Open       int            `json:"open"`
	Similarity float64        `json:"similarity"` // mean of the edited ones
	Why        map[Reason]int `json:"why"`        // of the ignored ones
	Tenure     []TenureCount  `json:"tenure"`     // the same, by how long the agent had been writing to customers; the newest agents first
}

// TenureCount is what became of the suggestions before agents of one tenure.
type TenureCount struct {
	Tenure  string `json:"tenure"` // new: less than 30 days since his first reply; settled: less than 180; old: more
	Shown   int    `json:"shown"`
	Sent    int    `json:"sent"`
	Edited  int    `json:"edited"`
	Ignored int    `json:"ignored"`
}

// Tenure is a span of time since an agent's first reply.
type Tenure struct {
	Name     string
	From, To time.Duration // From is in it, To is not
}

// Tenures lists them all, the shortest first.
func Tenures() []Tenure {
	const day = 24 * time.Hour
	return []Tenure{{"new", 0, 30 * day}, {"settled", 30 * day, 180 * day}, {"old", 180 * day, math.MaxInt64}}
}

// Check reports whether text, made from a suggestion, may go to the customer
// of a conversation: the suggestion must be one for it, and what is for agents
// only does not go out word for word.
func (d *Desk) Check(ctx context.Context, conversation, suggestion desk.ID, text string) error {
	s, err := d.find(ctx, conversation, suggestion)
	if err != nil {
		return err
	}
	if s.Internal && Similarity(s.Text, text) >= alike {
		return &desk.Error{Kind: desk.Invalid, Code: "internal_suggestion", Field: "text",
			Message: "this text is for agents only: say it in words for the customer"}
	}
	return nil
}

// find reads a suggestion of a conversation.
func (d *Desk) find(ctx context.Context, conversation, suggestion desk.ID) (Suggestion, error) {
	s, err := d.Store.Suggestion(ctx, suggestion)
	if err == nil && s.ConversationID != conversation {
		err = desk.Errorf(desk.NotFound, "not_found", "it belongs to another conversation")
	}
	if err != nil {
		return Suggestion{}, fmt.Errorf("find the suggestion: %w", err)
	}
	return s, nil
}

// Used records that an agent sent a suggestion: as it was, or edited into
// text. The other suggestions for the same message are ignored by that.
func (d *Desk) Used(ctx context.Context, conversation, suggestion, agent desk.ID, text string) error {
	s, err := d.find(ctx, conversation, suggestion)
	if err != nil {
		return err
	}
	v := Verdict{State: Sent, Agent: agent, Similarity: 1, At: d.now()}
	if !same(s.Text, text) {
		v.State, v.Text, v.Similarity = Edited, text, Similarity(s.Text, text)
	}
	return d.decide(ctx, suggestion, v)
}

// decide records a verdict and has it learnt from.
func (d *Desk) decide(ctx context.Context, suggestion desk.ID, v Verdict) error {
	if err := d.Store.Decide(ctx, suggestion, v); err != nil {
		return err
	}
	d.tell()
	return nil
}

// Ignored records that an agent put a suggestion away.
func (d *Desk) Ignored(ctx context.Context, conversation, suggestion, agent desk.ID) error {
	if _, err := d.find(ctx, conversation, suggestion); err != nil {
		return err
	}
	return d.decide(ctx, suggestion, Verdict{State: Ignored, Reason: Dismissed, Agent: agent, At: d.now()})
}

// Replied records what an agent's reply means for the suggestions that were
// before him: the one he sent, if any, is used, and all others are ignored.
func (d *Desk) Replied(ctx context.Context, conversation, agent, suggestion desk.ID, text string) error {
	if suggestion != "" {
		if err := d.Used(ctx, conversation, suggestion, agent, text); err != nil {
			return err
		}
	}
	return d.Store.Pass(ctx, conversation, agent, WroteOwn, d.now())
}

// Ledger counts what became of suggestions, by article and reply.
func (d *Desk) Ledger(ctx context.Context, f LedgerFilter) ([]Count, error) {
	if f.Limit <= 0 {
		f.Limit = 100
	}
	f.Limit = min(f.Limit, 500)
	return d.Store.Ledger(ctx, f)
}

// same reports whether two texts differ in white space at most.
func same(a, b string) bool {
	return strings.Join(strings.Fields(a), " ") == strings.Join(strings.Fields(b), " ")
}

// Similarity is how much two texts have in common, 0 to 1: of their words, or
// in Chinese their characters, however they are ordered in pairs.
func Similarity(a, b string) float64 {
	x, y := pairs(a), pairs(b)
	if len(x) == 0 || len(y) == 0 {
		if same(a, b) {
			return 1
		}
		return 0
	}
	common, all := 0, 0
	for p, n := range x {
		common += min(n, y[p])
		all += n
	}
	for _, n := range y {
		all += n
	}
	return 2 * float64(common) / float64(all)
}

// pairs counts the words of a text and each two that stand together.
func pairs(text string) map[[2]string]int {
	out := map[[2]string]int{}
	before := ""
	add := func(word string) {
		if word == "" {
			return
		}
		out[[2]string{word}]++
		if before != "" {
			out[[2]string{before, word}]++
		}
		before = word
	}
	var b strings.Builder
	flush := func() { add(b.String()); b.Reset() }
	for _, r := range strings.ToLower(text) {
		switch {
		case unicode.Is(unicode.Han, r):
			flush()
			add(string(r))
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(r)
		default:
			flush()
		}
	}
	flush()
	return out
}
