package bot

import (
	"context"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/privacy"
	"github.com/parleyhq/parley/kb"
)

// Understander turns words into commands. It decides nothing else: whether a
// command is carried out is the engine's business, which checks every value
// again. Same words, same context: same commands.
//
// Promises of every implementation:
//   - While a slot is asked (Asking), words that parse as its type are its
//     value. While a text slot is asked, words that are nothing else (no
//     question, no cancel, no other flow, no wish for a person) are its value.
//   - A text slot that is not asked is filled only from words that clearly
//     belong to it, never from the whole utterance.
//   - While Asking.Slot.Sensitive the text leaves the process in no way: no
//     model elsewhere, no log. Otherwise personal data in it, and what Person
//     knows, leaves the process only as placeholders.
//   - Nothing understood is one CommandNone, not an error. An error means that
//     the understander itself failed.
type Understander interface {
	Understand(ctx context.Context, in Utterance) ([]Command, error)
}

// Utterance is what was said, and in which context.
type Utterance struct {
	Text       string
	Lang       desk.Lang
	Asking     *AskedSlot                   // the slot whose question stands; nil when none does
	Active     string                       // the flow that is being filled; empty when none is
	Slots      map[string]string            // what the active flow knows; never a sensitive value
	Confirming bool                         // a yes or no to the summary is awaited
	Proposed   []Proposal                   // what the last message proposed for slots
	Heard      []Proposal                   // what earlier messages proposed, the latest first
	Elsewhere  map[string]map[string]string // what interrupted flows know, by flow and slot: "the same day"
	Paused     []string                     // flows that can be resumed, the latest first
	Now        time.Time
	Zone       *time.Location
	History    []desk.Message

	Conversation desk.ID
	Person       privacy.Person // who speaks, so that a model elsewhere need not read it
}

// Proposal is a value that the last message named for a slot. It is the slot's
// only when the customer takes it: "yes", "that one", "book it".
type Proposal struct {
	Flow  string       `json:"flow"`
	Slot  string       `json:"slot"`
	Value string       `json:"value"` // canonical, or the words
	Kind  ProposalKind `json:"kind"`
}

// ProposalKind is how a value was named.
type ProposalKind string

// The kinds of proposal.
const (
	ProposalConfirm ProposalKind = "confirm" // "Did you mean Italian?"
	ProposalOffer   ProposalKind = "offer"   // "There is La Tasca. Shall I book it?"
	ProposalFact    ProposalKind = "fact"    // "It is in the north."
	ProposalDenial  ProposalKind = "denial"  // "There is nothing in the north."
	ProposalAsked   ProposalKind = "asked"   // no value: the slot was asked for beside another
)

// AskedSlot is a slot whose question stands.
type AskedSlot struct {
	Flow string
	Slot Slot
}

// Answerer answers questions from the knowledge base, or says false where it
// does not know.
type Answerer interface {
	Answer(ctx context.Context, q kb.Question) (kb.Answer, bool, error)
}
