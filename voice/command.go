package voice

import (
	"context"

	"github.com/parleyhq/parley/desk"
)

// Command is what an agent, a supervisor or another system wants of a call.
type Command struct {
	Call   desk.ID        `json:"call"`
	By     desk.Author    `json:"by"`
	Verb   Verb           `json:"verb"`
	To     string         `json:"to,omitempty"`    // number or SIP address
	Agent  desk.ID        `json:"agent,omitempty"` // instead of To
	Queue  desk.QueueName `json:"queue,omitempty"` // instead of To
	Leg    desk.ID        `json:"leg,omitempty"`   // of remove
	Digits string         `json:"digits,omitempty"`
	Note   string         `json:"note,omitempty"`
}

// Verb names a Command.
type Verb string

// The verbs of a Command.
const (
	DoHangup   Verb = "hangup" // the whole call
	DoLeave    Verb = "leave"  // who says so leaves a conference; the others go on
	DoHold     Verb = "hold"   // the customer hears music
	DoResume   Verb = "resume"
	DoMute     Verb = "mute" // who says so is not heard; the agent, when he is not in the call
	DoUnmute   Verb = "unmute"
	DoDigits   Verb = "digits"   // keys to the customer's side
	DoTransfer Verb = "transfer" // blind: to a queue, an agent or a number
	DoConsult  Verb = "consult"  // talk to somebody while the customer holds
	DoComplete Verb = "complete" // consult becomes a transfer
	DoMerge    Verb = "merge"    // consult becomes a conference
	DoCancel   Verb = "cancel"   // end the consult, back to the customer
	DoRemove   Verb = "remove"   // a third party out of a conference
	DoPause    Verb = "pause"    // the recording
	DoRecord   Verb = "record"   // begin or resume it
	DoListen   Verb = "listen"   // supervisor: hears both, is not heard
	DoWhisper  Verb = "whisper"  // heard by the agent only
	DoBarge    Verb = "barge"    // heard by everybody
	DoUnlisten Verb = "unlisten"
	DoPickUp   Verb = "pick_up" // take the ringing call on this browser
)

// Calls is what screens and other systems do with calls; *Exchange does it on
// whichever node the call is.
type Calls interface {
	// Do carries out a command and returns how the call stands then. NotFound
	// when there is no such call up; Conflict when the move is not possible now.
	Do(ctx context.Context, c Command) (desk.CallNews, error)
	// Call says how a call stands.
	Call(ctx context.Context, call desk.ID) (desk.CallNews, error)
	// Dial calls a customer for an agent, in a conversation the agent has.
	Dial(ctx context.Context, o Outbound) (desk.CallNews, error)
	// Live lists the calls that are up, on every node.
	Live(ctx context.Context) ([]LiveCall, error)
}

// Outbound is a call that an agent, or a promise to call back, makes.
type Outbound struct {
	Conversation desk.ID     `json:"conversation"`
	Agent        desk.Author `json:"agent"`
	To           string      `json:"to"`
	Callback     bool        `json:"callback,omitempty"`
}

// LiveCall is a call for the supervisor's board.
type LiveCall struct {
	desk.CallNews
	ConversationID desk.ID        `json:"conversation_id"`
	Contact        string         `json:"contact"`
	Queue          desk.QueueName `json:"queue,omitempty"`
	Node           string         `json:"node"`
	Quality        []LegQuality   `json:"quality,omitempty"` // so far, of the legs that are up; only when listed
}
