package desk

import (
	"context"
	"encoding/json"
	"iter"
	"time"
)

// Responder reads a turn and yields steps. It changes nothing itself and does
// no I/O except asking an understander or the knowledge base. The same turn
// yields the same steps. An error ends the turn; what was yielded before it is
// not carried out.
type Responder interface {
	Respond(ctx context.Context, t Turn) iter.Seq2[Step, error]
}

// Book is what answers: a published playbook, at one revision.
type Book interface {
	// For names the responder that answers target: "menu" for menus, "bot" for
	// flows, articles and queues. Unknown targets are an error of Kind NotFound.
	For(target Target) (responder string, err error)
	// Responder returns the responder of that name.
	Responder(name string) (Responder, error)
	// Start is the target a new conversation enters.
	Start() Target
}

// Turn is what a responder sees: one thing happened, now it may answer.
// Exactly one of Message, Result and Enter is the cause, except that Enter
// comes together with Message when the responder that switched left the
// message unanswered.
type Turn struct {
	Conversation Conversation
	Contact      Contact
	History      []Message // oldest first, at most 50, without Message
	Message      *Message  // what the customer said; Text is the true text even when the stored one is masked
	Secret       string    // reference under which a masked answer is kept for a while; tools resolve it
	Result       *Result   // the outcome of the Do that was asked for
	Enter        Target    // the responder was switched to, with this target
	State        json.RawMessage
	Now          time.Time // UTC
	Zone         *time.Location
}

// Lang is the language to answer in.
func (t Turn) Lang() Lang { return t.Conversation.Lang }

// Step is one thing a responder wants done.
type Step interface{ step() }

// Say says something to the customer.
type Say struct{ Content Content }

// Ask says something and expects an answer; Content.Input says how.
type Ask struct{ Content Content }

// Do calls a tool. It ends the turn; the result comes back in a turn of its
// own. ID is the idempotency key, unique for this call.
type Do struct {
	ID   string            `json:"id"`
	Tool string            `json:"tool"`
	Args map[string]string `json:"args,omitempty"` // values are literal, or "secret:REF"
}

// Call is a Do that is under way.
type Call struct {
	Do
	By    string    `json:"by"` // the key of the responder that waits
	Since time.Time `json:"since"`
}

// Result is what a tool gave.
type Result struct {
	ID    string          `json:"id"` // of the Do
	Tool  string          `json:"tool"`
	OK    bool            `json:"ok"`
	Data  json.RawMessage `json:"data,omitempty"`  // what the tool's mapping kept
	Error string          `json:"error,omitempty"` // stable word: timeout, refused, status_422, bad_answer, unavailable
}

// HandOff asks for a person. It ends the turn.
type HandOff struct {
	Queue    QueueName
	Skills   []string
	Priority int
	Card     *HandOver
	Say      Content // told to the customer once he truly is in the queue
}

// Switch lets another responder, or the same with another target, go on. With
// Pass it gets the message too, unanswered.
type Switch struct {
	To   Target
	Pass bool
}

// Remember replaces the responder's state.
type Remember struct{ State json.RawMessage }

// Keep has what was read out of a masked answer kept under Ref for as long as
// the answer itself: in memory, never stored, never logged. Tools resolve Ref.
type Keep struct{ Ref, Value string }

// Close ends the conversation. It ends the turn.
type Close struct{ Reason string }

// Mark records what the responder did, for the timeline, evals and reports.
type Mark struct {
	Kind  MarkKind          `json:"kind"`
	Flow  string            `json:"flow,omitempty"`
	Slot  string            `json:"slot,omitempty"`
	Value string            `json:"value,omitempty"` // masked when sensitive
	Data  map[string]string `json:"data,omitempty"`
}

// MarkKind names a Mark.
type MarkKind string

// The kinds of mark.
const (
	MarkMenu      MarkKind = "menu"      // Value is the menu shown
	MarkStarted   MarkKind = "started"   // a flow
	MarkSet       MarkKind = "set"       // a slot
	MarkCorrected MarkKind = "corrected" // a slot that had another value
	MarkInvalid   MarkKind = "invalid"   // an answer that is not a value; Data.reason
	MarkRefused   MarkKind = "refused"   // a rule refused a value
	MarkOffered   MarkKind = "offered"   // Data.options, joined by ", "
	MarkConfirm   MarkKind = "confirm"   // the summary was shown
	MarkCalled    MarkKind = "called"    // a tool; Value is its name, Data its arguments
	MarkResult    MarkKind = "result"    // Value is ok or the error word, Data.tool
	MarkCompleted MarkKind = "completed" // a flow
	MarkCancelled MarkKind = "cancelled"
	MarkPaused    MarkKind = "paused" // interrupted by another flow or a menu
	MarkResumed   MarkKind = "resumed"
	MarkAnswered  MarkKind = "answered" // from the knowledge base; Value is the slug
	MarkClarify   MarkKind = "clarify"  // candidates offered; Data.options
	MarkSteered   MarkKind = "steered"  // not understood, led back
	MarkHuman     MarkKind = "human"    // a person was asked for; Value is the reason
	MarkVerified  MarkKind = "verified" // the customer has proved who he is; Flow is how
	MarkCall      MarkKind = "call"     // a call: Value is began or ended, Data.call_id and .cause
)

func (Say) step()      {}
func (Ask) step()      {}
func (Do) step()       {}
func (HandOff) step()  {}
func (Switch) step()   {}
func (Remember) step() {}
func (Keep) step()     {}
func (Close) step()    {}
func (Mark) step()     {}
