package bot

import (
	"encoding/json"
	"slices"
)

// The bounds of what a message may propose, and of what is remembered of it.
const (
	maxProposed = 32
	maxHeard    = 48
)

// Standing is a question that somebody else has put in the bot's place: an
// agent who helped out, another program, a recorded dialogue.
type Standing struct {
	Flow     string     // the flow it is about; empty: whatever is active
	Slot     string     // the slot it asks for; empty: none
	Proposed []Proposal // the values it names
}

// Asked gives a conversation's state as it is when the question stands: its
// flow is active, begun if it was not, what it knows is kept, and the next
// words are heard as an answer. Flows and slots that the bot does not have
// count as none.
func (b *Bot) Asked(raw json.RawMessage, q Standing) json.RawMessage {
	st := readState(raw)
	if b.flows[q.Flow] != nil {
		f := &frame{Flow: q.Flow, N: st.N + 1}
		if i := st.find(q.Flow); i >= 0 {
			f = st.Stack[i]
			st.Stack = slices.Delete(st.Stack, i, i+1)
		} else {
			st.N++
		}
		st.Stack = append(st.Stack[max(0, len(st.Stack)+1-maxFrames):], f)
	}
	st.Heard = append(slices.Clone(st.Proposed), st.Heard...)
	st.Heard = st.Heard[:min(len(st.Heard), maxHeard)]
	st.Offered, st.Proposed, st.Steered = nil, nil, 0
	for _, p := range q.Proposed[:min(len(q.Proposed), maxProposed)] {
		if f := b.flows[p.Flow]; f != nil {
			if _, ok := f.Slot(p.Slot); ok {
				st.Proposed = append(st.Proposed, p)
			}
		}
	}
	if f := st.top(); f != nil && b.flows[f.Flow] != nil {
		f.Left, f.Phase, f.Ask, f.Edit = false, filling, "", ""
		if s, ok := b.flows[f.Flow].Slot(q.Slot); ok {
			f.Ask = s.Name
		}
	}
	return st.write()
}
