package evals

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/parleyhq/parley/desk"
)

// Problem is an expectation that did not hold.
type Problem struct {
	Key  string `json:"key"` // of the expectation: "slots.size"
	Got  string `json:"got"`
	Want string `json:"want"`
}

func (p Problem) String() string { return fmt.Sprintf("%s: got %s, want %s", p.Key, p.Got, p.Want) }

// view is what expectations are checked against: a turn, and where it led.
type view struct {
	did
	conv   desk.Conversation
	before flows // ahead of the turn
	after  flows
	args   func(desk.Do) map[string]string
}

// check lists what does not hold, the state first, the words last.
func (e Expect) check(v view) []Problem {
	var out []Problem
	bad := func(key, got, want string) { out = append(out, Problem{key, got, want}) }
	same := func(key string, want *string, got []string) {
		switch {
		case want == nil:
		case *want == "" && len(got) > 0:
			bad(key, list(got), "none")
		case *want != "" && !slices.Contains(got, *want):
			bad(key, list(got), quote(*want))
		}
	}
	if e.Status != nil && v.conv.Status != *e.Status {
		bad("status", string(v.conv.Status), string(*e.Status))
	}
	same("flow", e.Flow, v.flowNames())
	same("completed", e.Completed, v.of(desk.MarkCompleted, flowName))
	same("cancelled", e.Cancelled, v.of(desk.MarkCancelled, flowName))
	same("refused", e.Refused, v.of(desk.MarkRefused, slotName))
	same("menu", e.Menu, v.menus())
	same("answered", e.Answered, v.of(desk.MarkAnswered, value))
	same("handed_over", e.HandedOver, v.queue())
	same("asking", e.Asking, v.asking())
	if e.Confirming != nil && *e.Confirming != v.has(desk.MarkConfirm) {
		bad("confirming", fmt.Sprint(!*e.Confirming), fmt.Sprint(*e.Confirming))
	}
	if e.Steered != nil && *e.Steered != v.has(desk.MarkSteered) {
		bad("steered", fmt.Sprint(!*e.Steered), fmt.Sprint(*e.Steered))
	}
	known := v.slots()
	for _, slot := range slices.Sorted(maps.Keys(e.Slots)) {
		want := e.Slots[slot]
		if got, ok := known[slot]; got != want || !ok && want != "" {
			bad("slots."+slot, orNone(got, ok), orNone(want, want != ""))
		}
	}
	if e.Offered != nil {
		got := v.offered()
		for _, want := range e.Offered {
			if !slices.Contains(got, want) {
				bad("offered", list(got), list(e.Offered))
				break
			}
		}
	}
	out = append(out, e.led(v)...)
	out = append(out, e.calls(v)...)
	return append(out, e.words(v)...)
}

// led looks at where the customer can go from here.
func (e Expect) led(v view) []Problem {
	var out []Problem
	if e.Clarified != nil {
		got := v.optionsOf(desk.MarkClarify)
		for _, want := range e.Clarified {
			if len(got) == 0 || want != "" && !slices.Contains(got, want) {
				out = append(out, Problem{"clarified", list(got), list(e.Clarified)})
				break
			}
		}
	}
	if e.Reaches != nil {
		got := v.reached()
		if !slices.ContainsFunc(e.Reaches, func(t string) bool { return slices.Contains(got, t) }) {
			out = append(out, Problem{"reaches", list(got), "one of " + list(e.Reaches)})
		}
	}
	return out
}

func (e Expect) calls(v view) []Problem {
	if e.Called == nil {
		return nil
	}
	var out []Problem
	var names []string
	for _, c := range v.did.calls {
		names = append(names, c.Tool)
	}
	if len(e.Called) == 0 && len(names) > 0 {
		return []Problem{{"called", list(names), "none"}}
	}
	for _, tool := range slices.Sorted(maps.Keys(e.Called)) {
		i := slices.Index(names, tool)
		if i < 0 {
			out = append(out, Problem{"called", list(names), quote(tool)})
			continue
		}
		args := v.args(v.did.calls[i])
		for _, k := range slices.Sorted(maps.Keys(e.Called[tool])) {
			want := e.Called[tool][k]
			if got, ok := args[k]; got != want {
				out = append(out, Problem{"called." + tool + "." + k, orNone(got, ok), quote(want)})
			}
		}
	}
	return out
}

func (e Expect) words(v view) []Problem {
	var out []Problem
	said := allWords(v.says)
	folded := strings.ToLower(said)
	for _, want := range e.Said {
		switch {
		case want == "" && strings.TrimSpace(said) == "":
			out = append(out, Problem{"said", "nothing", "anything"})
		case !strings.Contains(folded, strings.ToLower(want)):
			out = append(out, Problem{"said", quote(cut(said, 300)), "words with " + quote(want)})
		}
	}
	for _, not := range e.NotSaid {
		if strings.Contains(folded, strings.ToLower(not)) {
			out = append(out, Problem{"not_said", quote(cut(said, 300)), "words without " + quote(not)})
		}
	}
	return out
}

func flowName(m desk.Mark) string { return m.Flow }
func slotName(m desk.Mark) string { return m.Slot }
func value(m desk.Mark) string    { return m.Value }

func (v view) of(kind desk.MarkKind, what func(desk.Mark) string) []string {
	var out []string
	for _, m := range v.marks {
		if m.Kind == kind && !slices.Contains(out, what(m)) {
			out = append(out, what(m))
		}
	}
	return out
}

func (v view) has(kind desk.MarkKind) bool {
	return slices.ContainsFunc(v.marks, func(m desk.Mark) bool { return m.Kind == kind })
}

// flowNames is the active flow and those completed in the turn.
func (v view) flowNames() []string {
	var out []string
	if f, ok := v.after.active(); ok {
		out = append(out, f.name)
	}
	for _, name := range v.of(desk.MarkCompleted, flowName) {
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// slots is what the active flow knows; of a flow that ended in this turn, what
// it knew.
func (v view) slots() map[string]string {
	if f, ok := v.after.active(); ok {
		return f.slots
	}
	last := v.before
	for _, m := range v.marks {
		if m.Kind != desk.MarkCompleted && m.Kind != desk.MarkCancelled {
			last.mark(m)
		}
	}
	f, _ := last.active()
	return f.slots
}

func (v view) menus() []string {
	out := v.of(desk.MarkMenu, value)
	for _, c := range v.says {
		if c.Menu != "" && !slices.Contains(out, c.Menu) {
			out = append(out, c.Menu)
		}
	}
	return out
}

func (v view) queue() []string {
	if v.handOff == nil {
		return nil
	}
	return []string{string(v.handOff.Queue)}
}

func (v view) asking() []string {
	if v.conv.Asking == nil || v.conv.Asking.Slot == "" {
		return nil
	}
	return []string{v.conv.Asking.Slot}
}

// offered is the options of a rule or of a question, by value or target.
func (v view) offered() []string { return v.optionsOf(desk.MarkOffered, desk.MarkClarify) }

// reached is the targets that the turn led to, and those it offers as taps.
func (v view) reached() []string {
	var out []string
	add := func(kind string, names []string) {
		for _, n := range names {
			if t := kind + ":" + n; !slices.Contains(out, t) {
				out = append(out, t)
			}
		}
	}
	add(desk.KindFlow, v.flowNames())
	add(desk.KindArticle, v.of(desk.MarkAnswered, value))
	add(desk.KindMenu, v.menus())
	add(desk.KindQueue, v.queue())
	for _, c := range v.says {
		for _, o := range c.Options {
			if t := string(o.Pick.Target); o.Pick.Verb == desk.PickGo && !slices.Contains(out, t) {
				out = append(out, t)
			}
		}
	}
	return out
}

func (v view) optionsOf(kinds ...desk.MarkKind) []string {
	var out []string
	for _, m := range v.marks {
		if slices.Contains(kinds, m.Kind) {
			for _, o := range strings.Split(m.Data["options"], ", ") {
				if o != "" && !slices.Contains(out, o) {
					out = append(out, o)
				}
			}
		}
	}
	return out
}

// allWords is everything that a customer reads of a turn.
func allWords(says []desk.Content) string {
	var b strings.Builder
	line := func(s string) {
		if s != "" {
			b.WriteString(s)
			b.WriteByte('\n')
		}
	}
	for _, c := range says {
		line(c.Text)
		if c.Card != nil {
			line(c.Card.Title)
			line(c.Card.Subtitle)
			for _, l := range c.Card.Lines {
				line(l.Label + ": " + l.Value)
			}
		}
		for _, o := range c.Options {
			line(o.Label)
		}
	}
	return strings.TrimSpace(b.String())
}

func quote(s string) string { return fmt.Sprintf("%q", s) }

func list(s []string) string {
	if len(s) == 0 {
		return "none"
	}
	return strings.Join(s, ", ")
}

func orNone(s string, ok bool) string {
	if !ok {
		return "none"
	}
	return quote(s)
}

// cut shortens s to n characters.
func cut(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n]) + "…"
}

func sorted[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }
