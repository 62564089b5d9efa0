package assist

import (
	"fmt"
	"slices"
	"strings"

	"github.com/parleyhq/parley/desk"
)

// work is what was done in a conversation, read from its marks.
type work struct {
	thread    thread
	lang      desk.Lang
	flows     map[string]Flow
	order     []string                     // flows, in the order in which they were last begun
	slots     map[string]map[string]string // what each knows, by slot
	filled    map[string][]string          // slots in the order in which they were filled
	state     map[string]string            // of each: done, cancelled or failed; none: under way
	corrected []string
	answered  []string // titles of articles
	moved     []string // queues it was transferred to
}

const maxMatters = 3

// How flows ended.
const (
	done      = "done"
	cancelled = "cancelled"
	failed    = "failed"
)

// follows reads the marks of a thread.
func follows(t thread, flows map[string]Flow, lang desk.Lang) *work {
	w := &work{thread: t, lang: lang, flows: flows, order: t.flows(), slots: map[string]map[string]string{}, filled: map[string][]string{}, state: map[string]string{}}
	for _, d := range t.deeds {
		m := d.mark
		switch m.Kind {
		case desk.MarkStarted, desk.MarkResumed:
			delete(w.state, m.Flow)
		case desk.MarkSet, desk.MarkCorrected:
			w.set(m)
		case desk.MarkResult:
			if m.Value != "ok" {
				w.state[m.Flow] = failed
			} else {
				delete(w.state, m.Flow)
			}
		case desk.MarkCompleted:
			w.state[m.Flow] = done
		case desk.MarkCancelled:
			w.state[m.Flow] = cancelled
		}
		if d.move.Reason == "transferred" && d.move.Queue != "" {
			w.moved = append(w.moved, string(d.move.Queue))
		}
	}
	for _, m := range t.messages {
		if m.Author.Kind == desk.ByBot || m.Author.Kind == desk.ByAgent {
			for _, s := range m.Content.Sources {
				w.answered = append(remove(w.answered, s.Title), s.Title)
			}
		}
	}
	return w
}

func (w *work) set(m desk.Mark) {
	if m.Flow == "" || m.Slot == "" || m.Value == "" || strings.Contains(m.Value, "•") {
		return
	}
	known := w.slots[m.Flow]
	if known == nil {
		known = map[string]string{}
		w.slots[m.Flow] = known
	}
	f := w.flows[m.Flow]
	before, was := known[m.Slot]
	if was && before != m.Value {
		w.corrected = append(w.corrected, fmt.Sprintf("%s: %s → %s", w.slot(m.Flow, m.Slot), short(f.show(m.Slot, before, w.lang), 60), short(f.show(m.Slot, m.Value, w.lang), 60)))
	}
	if !was {
		w.filled[m.Flow] = append(w.filled[m.Flow], m.Slot)
	}
	known[m.Slot] = m.Value
}

func (w *work) slot(flow, slot string) string {
	if t := w.flows[flow].Slots[slot].Title.In(w.lang); t != "" {
		return t
	}
	return slot
}

// matters are the newest flows and what they know, the newest first.
func (w *work) matters() []string {
	var out []string
	for _, name := range last(w.order, maxMatters) {
		line := called(w.flows, name, w.lang)
		var known []string
		for _, s := range w.filled[name] {
			known = append(known, w.slot(name, s)+" "+short(w.flows[name].show(s, w.slots[name][s], w.lang), 60))
		}
		if len(known) > 0 {
			line += " (" + strings.Join(last(known, 6), comma(w.lang)) + ")"
		}
		out = append(out, line)
	}
	slices.Reverse(out)
	return out
}

func (w *work) tried() []string {
	var out []string
	for _, a := range last(w.answered, 3) {
		out = append(out, fmt.Sprintf(sayAnswered.In(w.lang), short(a, 60)))
	}
	for _, name := range last(w.order, maxMatters) {
		if s, ok := w.state[name]; ok {
			out = append(out, called(w.flows, name, w.lang)+" "+saidOf[s].In(w.lang))
		}
	}
	for _, q := range last(w.moved, 1) {
		out = append(out, fmt.Sprintf(sayMoved.In(w.lang), q))
	}
	n := 0
	for _, m := range w.thread.messages {
		if m.Author.Kind == desk.ByAgent {
			n++
		}
	}
	switch {
	case n == 1:
		out = append(out, sayReply.In(w.lang))
	case n > 1:
		out = append(out, fmt.Sprintf(sayReplies.In(w.lang), n))
	}
	return out
}

func (w *work) open() []string {
	var out []string
	for _, name := range last(w.order, maxMatters) {
		if s, ok := w.state[name]; !ok || s == failed {
			out = append(out, fmt.Sprintf(sayUnfinished.In(w.lang), called(w.flows, name, w.lang)))
		}
	}
	if cb := w.thread.conversation.Callback; cb != nil {
		out = append(out, fmt.Sprintf(sayCallback.In(w.lang), cb.Phone))
	}
	// Whose move it is.
	for i := len(w.thread.messages) - 1; i >= 0; i-- {
		m := w.thread.messages[i]
		switch {
		case m.Author.Kind == desk.ByAgent:
			if strings.ContainsAny(m.Content.Text, "?？") {
				out = append(out, fmt.Sprintf(sayAwaited.In(w.lang), quoted(m.Content.Text)))
			}
		case asks(m) && m.Content.Picked == nil:
			if list := w.thread.requests(); len(list) > 1 || w.thread.conversation.AgentID != "" {
				out = append(out, fmt.Sprintf(sayUnanswered.In(w.lang), quoted(m.Content.Text)))
			}
		default:
			continue
		}
		break
	}
	if len(out) == 0 {
		out = append(out, sayNothing.In(w.lang))
	}
	return out
}
