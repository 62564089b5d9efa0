package insight

import (
	"context"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/kb"
)

// Store keeps what was gathered and what was decided.
type Store interface {
	AskStore
	QuestionStore
	// Pairs lists them, the surest first, after the id of the page before.
	Pairs(ctx context.Context, f PairFilter) ([]Pair, error)
	// SavePairs makes the open pairs these; one that was dismissed stays so.
	SavePairs(ctx context.Context, list []Pair) error
	// DismissPair puts an open one away; NotFound when there is none.
	DismissPair(ctx context.Context, id, by string) error
	// SetChecked keeps what a model said of a pair.
	SetChecked(ctx context.Context, id string, v Verdict) error

	// Drafts lists those of a status, the newest first, before the id of the
	// page before.
	Drafts(ctx context.Context, f DraftFilter) ([]Draft, error)
	Draft(ctx context.Context, id desk.ID) (Draft, error)
	// SaveDrafts stores new ones and changes open ones.
	SaveDrafts(ctx context.Context, list []Draft) error
	// DecideDraft moves an open one to status; Conflict when it is not open.
	DecideDraft(ctx context.Context, id desk.ID, status DraftStatus, article desk.ID, by string, at time.Time) error
	// OwnReplies lists what agents wrote in their own words since, the newest
	// first, without what was withdrawn.
	OwnReplies(ctx context.Context, since time.Time, limit int) ([]Reply, error)

	// Usage counts what became of each live article since.
	Usage(ctx context.Context, since time.Time) ([]Usage, error)
	// Families lists the published articles and when each was last written.
	Families(ctx context.Context) ([]Written, error)
}

// AskStore keeps what was asked.
type AskStore interface {
	// Mark reads how far a gathering has come; the zero Mark when it never began.
	Mark(ctx context.Context, name string) (Mark, error)
	// QuietTalks lists conversations that were last spoken in after the mark and
	// before until, in that order, with the contact of each.
	QuietTalks(ctx context.Context, after Mark, until time.Time, limit int) ([]Talk, error)
	// Timeline returns the messages and events of a conversation after seq, in order.
	Timeline(ctx context.Context, conversation desk.ID, after int64, limit int) ([]desk.Event, error)
	// Misses lists searches of the help centre that found nothing, after the mark.
	Misses(ctx context.Context, after Mark, limit int) ([]Ask, error)
	// SaveAsks stores what was asked, in place of what was known of the same id, and
	// moves the mark, in one transaction.
	SaveAsks(ctx context.Context, name string, to Mark, list []Ask) error
	// ForgetAsks deletes what was asked before, and all but the newest keep.
	ForgetAsks(ctx context.Context, before time.Time, keep int) error
	// Asks lists what was asked, the newest first.
	Asks(ctx context.Context, f AskFilter) ([]Ask, error)
}

// QuestionStore keeps questions.
type QuestionStore interface {
	// Questions lists what f asks for, those asked most often first.
	Questions(ctx context.Context, f QuestionFilter) (list []Question, next string, err error)
	Question(ctx context.Context, id desk.ID) (Question, error)
	// SaveQuestions stores what was counted, never what was decided; puts asks to
	// their questions, and deletes the questions that are gone.
	SaveQuestions(ctx context.Context, list []Question, of map[string]desk.ID, gone []desk.ID) error
	// DecideQuestion says what becomes of a question; NotFound when there is none.
	DecideQuestion(ctx context.Context, id desk.ID, to QuestionStatus, article desk.ID, by string, at time.Time) error
	// LiveArticles reads those of ids that are published, as published.
	LiveArticles(ctx context.Context, ids []desk.ID) ([]kb.Article, error)
}

// Mark is how far a gathering has come: the time, and the id at the same time.
type Mark struct {
	At time.Time
	ID string
}
