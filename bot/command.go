package bot

import "github.com/parleyhq/parley/desk"

// CommandKind names a Command. The list is closed: whatever a customer says,
// and whatever a model makes of it, chooses among these.
type CommandKind string

// The kinds of command, with the fields of Command that count for each.
const (
	CommandStart    CommandKind = "start"    // Flow; Candidates are the next best, if near
	CommandSet      CommandKind = "set"      // Slot, Value; Flow when it is not the active one
	CommandCorrect  CommandKind = "correct"  // like set, of a slot that is filled; without Value: ask for it again
	CommandCancel   CommandKind = "cancel"   // give up the flow
	CommandResume   CommandKind = "resume"   // go on with the flow that was interrupted; Flow if one was named
	CommandSkip     CommandKind = "skip"     // leave the asked slot empty
	CommandRepeat   CommandKind = "repeat"   // say the question again
	CommandConfirm  CommandKind = "confirm"  // yes
	CommandReject   CommandKind = "reject"   // no
	CommandAnswer   CommandKind = "answer"   // a question for the knowledge base; Text, or the whole utterance
	CommandClarify  CommandKind = "clarify"  // Candidates: it may be one of these
	CommandHuman    CommandKind = "human"    // a person is wanted
	CommandBack     CommandKind = "back"     // to the menus: one up, or with Value "start" the first
	CommandChitchat CommandKind = "chitchat" // Value is Greeting, Thanks, Bye, About or Help
	CommandRefuse   CommandKind = "refuse"   // Value: a topic that is not spoken about
	CommandNone     CommandKind = "none"     // not understood; Candidates may hold the nearest
)

// The values of a CommandChitchat.
const (
	Greeting = "greeting"
	Thanks   = "thanks"
	Bye      = "bye"
	About    = "about" // who is talking here
	Help     = "help"  // what can be done here
)

// Command is what an utterance was understood as. An utterance may hold
// several: "a large latte, and when do you close?" is start, set, set, answer.
type Command struct {
	Kind       CommandKind `json:"kind"`
	Flow       string      `json:"flow,omitempty"`
	Slot       string      `json:"slot,omitempty"`
	Value      string      `json:"value,omitempty"` // canonical, as Slot says for its type
	Text       string      `json:"text,omitempty"`  // the words it was read from
	Confidence float64     `json:"confidence"`      // 0 to 1, calibrated
	Candidates []Candidate `json:"candidates,omitempty"`
}

// Candidate is something the customer may have meant.
type Candidate struct {
	Target     desk.Target `json:"target"`          // flow:NAME, article:SLUG, menu:NAME or queue:NAME
	Title      desk.Text   `json:"title,omitempty"` // what to call it; a flow's own title is known
	Confidence float64     `json:"confidence"`
}
