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
	// before, and returns what is recorded, external ones last. It ends those of
	// the conversation for other messages that were still open: Superseded.
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
	// Push records a suggestion beside those for its message, with the next
	// rank. More than most of its kind for one message is TooMany,
	// "too_many_suggestions".
	Push(ctx context.Context, agent desk.ID, s Suggestion, most int) (Suggestion, error)
	// SentAs tells what the suggestions of a conversation that were sent as they
	// were were made of, by their ids.
	SentAs(ctx context.Context, conversation desk.ID) (map[desk.ID]string, error)
	// Verdicts lists what was decided then or later, in that order, after the
	// id at the same moment.
	Verdicts(ctx context.Context, from time.Time, after desk.ID, limit int) ([]Decided, error)

	// CameBack reports whether the contact of a closed conversation began
	// another one in the same playbook within the time after.
	CameBack(ctx context.Context, conversation desk.ID, within time.Duration) (bool, error)
	// CameFrom lists the conversations of the same contact and playbook, at most
	// ten, that were closed within the time before this one began.
	CameFrom(ctx context.Context, conversation desk.ID, within time.Duration) ([]desk.ID, error)
	// Remember makes the past replies of a conversation these; others that it
	// had are withdrawn. It tells whether anything changed.
	Remember(ctx context.Context, conversation desk.ID, list []Past, now time.Time) (changed bool, err error)
	// PastReplies lists those remembered or withdrawn then or later, in that
	// order, after the id at the same moment; learnt says when that was, of
	// each.
	PastReplies(ctx context.Context, from time.Time, after desk.ID, limit int) (list []Past, learnt []time.Time, err error)
	// Forget deletes past replies but the newest keep.
	Forget(ctx context.Context, keep int) error

	// KeepSummary makes this the summary that a model wrote of a conversation in
	// a language; Summary reads it.
	KeepSummary(ctx context.Context, s Summary) error
	Summary(ctx context.Context, conversation desk.ID, lang desk.Lang) (Summary, error)

	// KeepOutcome remembers how a conversation ended; DropOutcome forgets it.
	KeepOutcome(ctx context.Context, o Outcome) error
	DropOutcome(ctx context.Context, conversation desk.ID) error
	// Outcomes lists those of a playbook, the newest first.
	Outcomes(ctx context.Context, playbook string, limit int) ([]Outcome, error)

	// ShowActions records what may be done next after a message, unless that was
	// recorded before, and returns what is still open of it. It ends those of the
	// conversation for other messages: for reason.
	ShowActions(ctx context.Context, conversation, message, agent desk.ID, list []Suggestion, reason Reason) ([]Suggestion, error)
}
