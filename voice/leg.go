package voice

import (
	"context"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice/media"
)

// Leg is one end of a call: a SIP phone, a browser, a link to another node. It
// is safe for concurrent use, and its methods never wait for audio.
type Leg interface {
	ID() desk.ID
	Peer() Peer
	// Line is the leg's audio, both ways. It is there from the beginning and
	// silent until the leg is answered, or has early media.
	Line() *media.Line
	// Events tells what happens, in order; none is lost. It is closed after
	// LegEnded.
	Events() <-chan LegEvent
	// Ring tells an incoming leg's caller that somebody is called; with early,
	// audio flows already.
	Ring(early bool) error
	// Answer takes an incoming leg. It returns once audio can flow.
	Answer(ctx context.Context) error
	// Hold tells the far end that it is on hold (it shows so), or not any more.
	// What it hears is the line's matter.
	Hold(ctx context.Context, on bool) error
	// Refer asks the far end to call target by itself, and returns once it has
	// said whether it will. Then LegEnded, transferred, follows, or
	// LegNotTransferred. Forbidden when its trunk does not allow that.
	Refer(ctx context.Context, target string) error
	// SendDigits presses keys: 0-9, *, #, A-D.
	SendDigits(keys string)
	// Hangup ends the leg in whatever state it is: refuses, cancels or says bye.
	// It returns at once; LegEnded follows.
	Hangup(why Cause)
	// Stats is what is known of the audio so far.
	Stats() media.Stats
}

// Peer says who is at the other end of a leg.
type Peer struct {
	Number   string  // E.164 when it is a telephone number, else the user part of the address
	Name     string  // what the far end calls himself
	URI      string  // sip:..., or empty
	Called   string  // the number or name that was called
	Trunk    string  // the trunk it came by; empty: a registered phone or a browser
	Agent    desk.ID // the agent whose phone or browser it is
	Contact  desk.ID // the customer whose browser it is
	Known    bool    // the far end has proved who it is: digest, or a signed session
	Refers   bool    // the trunk transfers calls itself: Leg.Refer
	Secure   bool    // signalling and audio are encrypted
	Lang     desk.Lang
	Playbook string // a browser's; empty: by the number that was called
}

// LegEvent is something that happened at the far end.
type LegEvent struct {
	Kind   LegEventKind
	Digit  byte    // of LegDigit: '0'-'9', '*', '#', 'A'-'D'
	Cause  Cause   // of LegEnded and LegNotTransferred
	Target string  // of LegTransfer: a number or a SIP address
	Other  desk.ID // of LegTransfer with Replaces: the leg it is to be joined with
	At     time.Time
	// Take, of LegReplaced, gives the leg that takes this one's place to whoever
	// calls it in time, who then hangs this one up; nil when it is too late.
	Take func() Leg `json:"-"`
}

// LegEventKind names a LegEvent.
type LegEventKind string

// The kinds of LegEvent.
const (
	LegRinging  LegEventKind = "ringing"  // outgoing: the phone rings
	LegEarly    LegEventKind = "early"    // outgoing: audio comes before the answer
	LegAnswered LegEventKind = "answered" // outgoing: somebody is there
	LegDigit    LegEventKind = "digit"
	LegHeld     LegEventKind = "held" // the far end has put us on hold
	LegResumed  LegEventKind = "resumed"
	LegTransfer LegEventKind = "transfer" // the far end asks us to connect the other one with Target (REFER)
	LegSilent   LegEventKind = "silent"   // audio should come and has not for 30 s
	LegEnded    LegEventKind = "ended"

	LegReplaced       LegEventKind = "replaced"        // another leg is to take this one's place: Take
	LegNotTransferred LegEventKind = "not_transferred" // what Refer asked for has failed; the leg goes on
)

// Cause says why a leg or a call ended.
type Cause struct {
	Reason string `json:"reason"`         // a stable word, one of the Reasons
	SIP    int    `json:"sip,omitempty"`  // status code, if one was sent or received
	Q850   int    `json:"q850,omitempty"` // ITU-T Q.850 cause
	By     string `json:"by,omitempty"`   // caller, agent, system
}

// The reasons of a Cause.
const (
	EndNormal      = "normal"
	EndBusy        = "busy"
	EndNoAnswer    = "no_answer"
	EndRejected    = "rejected"
	EndUnreachable = "unreachable" // no such number, or nobody registered
	EndCancelled   = "cancelled"   // the caller gave up before the answer
	EndCongestion  = "congestion"  // a limit was reached
	EndLost        = "lost"        // the line dropped: no audio, no signalling
	EndFailed      = "failed"
	EndTransferred = "transferred"
)

// Dialing is whom to call.
type Dialing struct {
	To      string        // a number in E.164, a SIP address, or the user part of a registered phone
	Agent   desk.ID       // instead of To: all registered phones of the agent
	From    string        // the number shown; empty: the trunk's
	Name    string        // the name shown
	Trunk   string        // empty: by the prefix of To
	Timeout time.Duration // of ringing; 0: 45 s
}

// Dialer makes outgoing legs. The leg is returned at once; its events tell how
// it goes. Errors are those known at once: Invalid for what is no number,
// Forbidden for one that may not be called, Unavailable without a trunk.
type Dialer interface {
	Dial(ctx context.Context, d Dialing) (Leg, error)
}

// Softphones are the agents' browsers at this node.
type Softphones interface {
	// Call rings an agent's browser. NotFound when none of his is here.
	Call(ctx context.Context, agent desk.ID, from Peer) (Leg, error)
}

// Video relays pictures between two browsers of this node.
type Video interface {
	// ConnectVideo shows each the other's camera, whenever it is on. ok is false
	// when one of them cannot show any.
	ConnectVideo(a, b Leg) (disconnect func(), ok bool)
}
