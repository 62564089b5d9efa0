package bot

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/parleyhq/parley/desk"
)

// stateVersion is written into every state; a state of another version, or one
// that cannot be read, is forgotten.
const stateVersion = 1

// The bounds of a state.
const (
	maxFrames = 8
	maxTrail  = 16
	maxFacts  = 12
	maxOffers = 16
)

// state is what the bot remembers between turns of a conversation.
type state struct {
	V        int         `json:"v"`
	N        int         `json:"n,omitempty"`        // flows started so far
	Stack    []*frame    `json:"stack,omitempty"`    // the last is active, the others are interrupted
	Offered  []offer     `json:"offered,omitempty"`  // what the last question offered
	Proposed []Proposal  `json:"proposed,omitempty"` // what the last message proposed for slots
	Heard    []Proposal  `json:"heard,omitempty"`    // what earlier messages proposed, the latest first
	Steered  int         `json:"steered,omitempty"`  // times in a row that nothing was understood
	Trail    []trace     `json:"trail,omitempty"`    // what happened, for the hand-over card
	Facts    []desk.Fact `json:"facts,omitempty"`    // what tools of complete flows gave

	Denied int               `json:"denied,omitempty"` // proofs of who he is that were none
	Proven map[string]string `json:"proven,omitempty"` // what the flow that proved it knows, nothing sensitive
}

// phase is how far a flow is.
type phase string

// The phases of a flow.
const (
	filling    phase = ""        // slots are missing
	confirming phase = "confirm" // the summary was shown
	changing   phase = "change"  // which value to change was asked
	confirmed  phase = "go"      // only within a turn
	calling    phase = "calling" // a tool's result is awaited
	failed     phase = "failed"  // the tool failed; try again?
)

// frame is one flow under way.
type frame struct {
	Flow    string            `json:"flow"`
	N       int               `json:"n"` // which start of a flow in this conversation
	Phase   phase             `json:"phase,omitempty"`
	Slots   map[string]string `json:"slots,omitempty"` // canonical; of a sensitive slot the reference
	Shown   map[string]string `json:"shown,omitempty"` // what to show instead: a file's name, a place's
	Ask     string            `json:"ask,omitempty"`   // the slot whose question stands
	Edit    string            `json:"edit,omitempty"`  // ask this one although it has a value
	Skipped []string          `json:"skipped,omitempty"`
	Tries   map[string]int    `json:"tries,omitempty"`   // wrong answers, by slot
	Refused []string          `json:"refused,omitempty"` // slot=value that a rule refused
	Round   int               `json:"round,omitempty"`   // summaries shown; a tap on an older one does not count
	Attempt int               `json:"attempt,omitempty"` // calls that surely ended
	Fails   int               `json:"fails,omitempty"`   // calls that failed
	Unsure  bool              `json:"unsure,omitempty"`  // the last call may have happened: the same key again
	Left    bool              `json:"left,omitempty"`    // the customer went to a menu
	Took    bool              `json:"took,omitempty"`    // it has taken over what the proof knows
	Saved   map[string]string `json:"saved,omitempty"`   // what the tool gave
}

// offer is an option of the last question, for customers who type it.
type offer struct {
	Key   string    `json:"k,omitempty"`
	Label string    `json:"l"`
	Pick  desk.Pick `json:"p"`
}

// trace is one thing that happened.
type trace struct {
	Kind  desk.MarkKind `json:"k"`
	Flow  string        `json:"f,omitempty"`
	Slot  string        `json:"s,omitempty"`
	Value string        `json:"v,omitempty"`
}

func readState(raw json.RawMessage) state {
	var s state
	if len(raw) == 0 || json.Unmarshal(raw, &s) != nil || s.V != stateVersion || len(s.Stack) > maxFrames || slices.Contains(s.Stack, nil) {
		return state{V: stateVersion}
	}
	return s
}

func (s *state) write() json.RawMessage {
	b, err := json.Marshal(s)
	if err != nil {
		return json.RawMessage(`{"v":1}`) // maps of strings always marshal
	}
	return b
}

func (s *state) top() *frame {
	if len(s.Stack) == 0 {
		return nil
	}
	return s.Stack[len(s.Stack)-1]
}

func (s *state) find(flow string) int {
	return slices.IndexFunc(s.Stack, func(f *frame) bool { return f.Flow == flow })
}

func (s *state) pop() {
	s.Stack = s.Stack[:len(s.Stack)-1]
}

func (f *frame) set(slot, value, shown string) {
	if f.Slots == nil {
		f.Slots = map[string]string{}
	}
	f.Slots[slot] = value
	delete(f.Shown, slot)
	if shown != "" {
		if f.Shown == nil {
			f.Shown = map[string]string{}
		}
		f.Shown[slot] = shown
	}
	delete(f.Tries, slot)
	f.Skipped = slices.DeleteFunc(f.Skipped, func(s string) bool { return s == slot })
	if f.Edit == slot {
		f.Edit = ""
	}
	f.changed()
}

func (f *frame) unset(slot string) {
	delete(f.Slots, slot)
	delete(f.Shown, slot)
	f.changed()
}

// changed makes what was agreed on or sent count no more.
func (f *frame) changed() {
	if f.Unsure {
		f.Unsure = false
		f.Attempt++
	}
	f.Phase = filling
}

func (f *frame) missed(slot string) int {
	if f.Tries == nil {
		f.Tries = map[string]int{}
	}
	f.Tries[slot]++
	return f.Tries[slot]
}

// refusals counts the values of a slot that rules refused.
func (f *frame) refusals(slot string) int {
	n := 0
	for _, r := range f.Refused {
		if strings.HasPrefix(r, slot+"=") {
			n++
		}
	}
	return n
}

// cut shortens s to n characters.
func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}
