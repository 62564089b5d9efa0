package assist

import (
	"context"
	"time"

	"github.com/parleyhq/parley/desk"
)

// Store keeps canned replies and the ledger.
type Store interface {
	Canned(ctx context.Context, id desk.ID) (Canned, error)
	// CannedReplies lists replies in the order of playbook, key and id.
	CannedReplies(ctx context.Context, f CannedFilter) (list []Canned, next string, err error)
	PlaybookCanned(ctx context.Context, playbook string) ([]Canned, error)
	// AllCanned lists every reply.
	AllCanned(ctx context.Context) ([]Canned, error)
	// WriteCanned stores replies and deletes others, in one transaction. A
	// stored one's Version must be one less, a new one's Version is 1; else it
	// is a Conflict, "stale_canned" or "key_taken".
	WriteCanned(ctx context.Context, put []Canned, drop []desk.ID) error

	// Show records suggestions for a message, unless some were recorded for it
	// before, and returns what is recorded. It ends those of the conversation
	// that were still open: Superseded.
	Show(ctx context.Context, conversation, message, agent desk.ID, list []Suggestion) ([]Suggestion, error)
	// Shown reads what was suggested for a message, best first, and whether
	// that was ever decided.
	Shown(ctx context.Context, message desk.ID) (list []Suggestion, decided bool, err error)
	Suggestion(ctx context.Context, id desk.ID) (Suggestion, error)
	// Decide records what became of an open suggestion, and of the others for
	// the same message. A suggestion that was decided stays as it was.
	Decide(ctx context.Context, suggestion desk.ID, v Verdict) error
	// Pass ends all open suggestions of a conversation as ignored.
	Pass(ctx context.Context, conversation, agent desk.ID, reason Reason, at time.Time) error
	Ledger(ctx context.Context, f LedgerFilter) ([]Count, error)
}
