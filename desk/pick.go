package desk

// Verb is what tapping an option asks for. The list is closed: whatever a
// model or a customer says can choose among these, never add one.
type Verb string

// The verbs of a Pick.
const (
	PickGo      Verb = "go"      // go to Pick.Target
	PickAnswer  Verb = "answer"  // Pick.Value is the answer for Pick.Slot
	PickConfirm Verb = "confirm" // yes, do it
	PickReject  Verb = "reject"  // no
	PickEdit    Verb = "edit"    // change Pick.Slot
	PickSkip    Verb = "skip"    // leave the asked slot empty
	PickCancel  Verb = "cancel"  // give up the flow
	PickResume  Verb = "resume"  // go on with the interrupted flow
	PickRepeat  Verb = "repeat"  // say it again
	PickHuman   Verb = "human"   // talk to a person
	PickBack    Verb = "back"    // one menu up
	PickStart   Verb = "start"   // the first menu
)

// FromOutside reports whether a customer may send v without tapping an option.
func (v Verb) FromOutside() bool {
	return v == PickHuman || v == PickBack || v == PickStart || v == PickCancel
}

// Pick is the meaning of an option. It is stored with the message that offered
// it and looked up again when the option is tapped, so it cannot be forged.
type Pick struct {
	Verb   Verb   `json:"verb"`
	Target Target `json:"target,omitempty"`
	Slot   string `json:"slot,omitempty"`
	Value  string `json:"value,omitempty"`
}

// SlotType is the type of a slot's value. The names are those of the files.
type SlotType string

// The slot types.
const (
	SlotText       SlotType = "text"
	SlotChoice     SlotType = "choice"
	SlotNumber     SlotType = "number"
	SlotMoney      SlotType = "money"
	SlotDate       SlotType = "date"     // YYYY-MM-DD
	SlotTime       SlotType = "time"     // HH:MM
	SlotDateTime   SlotType = "datetime" // RFC 3339 in the conversation's zone
	SlotPhone      SlotType = "phone"    // E.164
	SlotEmail      SlotType = "email"
	SlotAddress    SlotType = "address"
	SlotLocation   SlotType = "location" // "lat,lon"
	SlotYesNo      SlotType = "yesno"    // "yes" or "no"
	SlotAttachment SlotType = "attachment"
	SlotPattern    SlotType = "pattern"
)

// Input says how the answer to a question may be given, so that a channel can
// show the thing itself: a calendar, a camera, a keypad.
type Input struct {
	Slot      string   `json:"slot"`
	Type      SlotType `json:"type"`
	Optional  bool     `json:"optional,omitempty"`
	Sensitive bool     `json:"sensitive,omitempty"` // never stored, never logged, masked on screen
	Pattern   string   `json:"pattern,omitempty"`
	Min       string   `json:"min,omitempty"`
	Max       string   `json:"max,omitempty"`
}

// HandOver is the card that goes to a person with a conversation: what was
// said, the slots, what the customer wants. The customer may correct it until
// a person replies.
type HandOver struct {
	Reason  string     `json:"reason"`            // a stable word: asked, retries, rule, no_answer, offered
	Wants   string     `json:"wants"`             // in the customer's words or the flow's title
	Facts   []Fact     `json:"facts,omitempty"`   // slots and what tools returned
	Summary []string   `json:"summary,omitempty"` // what happened, in order, one line each
	Edited  *EditTrace `json:"edited,omitempty"`
}

// Fact is one line of a hand-over card.
type Fact struct {
	Key   string `json:"key"` // the slot's name; stable
	Label string `json:"label"`
	Value string `json:"value"`
}

// EditTrace counts what the customer changed on the card.
type EditTrace struct {
	Changed int `json:"changed"`
	Removed int `json:"removed"`
}
