// Package itr answers with menus: interactive touch response, what IVR is to
// the ear. One definition serves taps, typed numbers, typed labels and phone
// keys. What a menu does not understand goes to the bot, if there is one.
package itr

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"slices"

	"github.com/parleyhq/parley/desk"
)

// Options say what surrounds the menus.
type Options struct {
	Start string      // the menu that "start" leads to
	Human desk.Target // where somebody who wants a person goes; empty: nowhere
	Bot   bool        // a bot takes flows, articles, queues and words that no menu knows
}

// Menu is all menus of a playbook. It is a desk.Responder.
//
// Without a bot it hands over to queues by itself, and its choices may lead to
// menus and queues only.
type Menu struct {
	menus map[string]MenuDef
	opts  Options
}

var _ desk.Responder = (*Menu)(nil)

// New makes a Menu of checked definitions.
func New(defs []MenuDef, opts Options) (*Menu, error) {
	m := &Menu{menus: make(map[string]MenuDef, len(defs)), opts: opts}
	for _, d := range defs {
		d.Choices = slices.Clone(d.Choices)
		d.number()
		if err := d.check().Err(); err != nil {
			return nil, err
		}
		m.menus[d.Name] = d
	}
	if _, ok := m.menus[opts.Start]; !ok {
		return nil, desk.Errorf(desk.Invalid, "no_start_menu", "the first menu %q is not there", opts.Start)
	}
	for _, d := range defs {
		for i, c := range d.Choices {
			if err := m.leads(c.Go); err != nil {
				return nil, d.Errorf(fmt.Sprintf("$.choices[%d].go", i), "%v", err)
			}
		}
	}
	return m, nil
}

func (m *Menu) leads(to desk.Target) error {
	switch to.Kind() {
	case desk.KindMenu:
		if _, ok := m.menus[to.Name()]; !ok {
			return fmt.Errorf("there is no menu %q", to.Name())
		}
	case desk.KindFlow, desk.KindArticle:
		if !m.opts.Bot {
			return fmt.Errorf("%s needs a bot", to)
		}
	}
	return nil
}

// MaxPath bounds how far a customer goes down before the way back is cut at
// the top; MaxMisses is how often in a row he is asked again before a person
// is called.
const (
	MaxPath   = 8
	MaxMisses = 3
)

// state is what a Menu remembers of a conversation.
type state struct {
	Path   []string `json:"path"` // menus from the first to the one shown
	Misses int      `json:"misses,omitempty"`
}

// Respond answers one turn.
func (m *Menu) Respond(_ context.Context, t desk.Turn) iter.Seq2[desk.Step, error] {
	return func(yield func(desk.Step, error) bool) {
		s, first := m.load(t.State)
		for _, step := range m.answer(&s, t, first) {
			if !yield(step, nil) {
				return
			}
		}
	}
}

// load reads the state and forgets menus that are no more. first is true when
// there was none yet.
func (m *Menu) load(raw json.RawMessage) (s state, first bool) {
	if len(raw) == 0 || json.Unmarshal(raw, &s) != nil {
		return state{Path: []string{m.opts.Start}}, true
	}
	s.Path = slices.DeleteFunc(s.Path, func(name string) bool { _, ok := m.menus[name]; return !ok })
	if len(s.Path) == 0 {
		s.Path = []string{m.opts.Start}
	}
	return s, false
}

func (m *Menu) answer(s *state, t desk.Turn, first bool) []desk.Step {
	if t.Enter != "" {
		m.enter(s, t.Enter)
		// The first words of a customer may be the matter itself. Words that the
		// bot sent here only open the menu: back to it they would go in circles.
		if t.Message == nil || t.Message.Content.IsZero() || !first {
			return m.show(s, t, "")
		}
	}
	if t.Message == nil {
		return m.show(s, t, "")
	}
	return m.take(s, t, t.Message.Content)
}

// enter moves to what a switch or a choice named.
func (m *Menu) enter(s *state, to desk.Target) {
	s.Misses = 0
	switch to.Kind() {
	case string(desk.Start):
		s.Path = []string{m.opts.Start}
	case string(desk.Back):
		s.Path = s.Path[:max(1, len(s.Path)-1)]
	case desk.KindMenu:
		name := to.Name()
		if _, ok := m.menus[name]; !ok {
			return
		}
		if i := slices.Index(s.Path, name); i >= 0 {
			s.Path = s.Path[:i+1]
			return
		}
		if name == m.opts.Start {
			s.Path = []string{name}
			return
		}
		s.Path = append(s.Path, name)
		if len(s.Path) > MaxPath {
			s.Path = append([]string{s.Path[0]}, s.Path[len(s.Path)-MaxPath+1:]...)
		}
	}
}

// take does what the customer tapped, pressed or said.
func (m *Menu) take(s *state, t desk.Turn, c desk.Content) []desk.Step {
	switch {
	case c.Picked != nil:
		return m.do(s, t, *c.Picked)
	case c.Command != "":
		return m.do(s, t, desk.Pick{Verb: c.Command})
	}
	pick, known := m.read(m.current(s), c.Text)
	if known {
		return m.do(s, t, pick)
	}
	key := isKey(fold(c.Text))
	if m.opts.Bot && !key {
		s.Misses = 0
		return append(m.keep(s), desk.Switch{To: desk.Words, Pass: true})
	}
	s.Misses++
	if s.Misses >= MaxMisses && m.opts.Human != "" {
		s.Misses = 0
		return m.leave(s, t, m.opts.Human, "retries")
	}
	if key || s.Misses > 1 {
		return m.show(s, t, notAChoice.In(t.Lang()))
	}
	return m.show(s, t, sorry.In(t.Lang()))
}

// do carries out a pick; those of another responder's messages are passed on.
func (m *Menu) do(s *state, t desk.Turn, p desk.Pick) []desk.Step {
	switch p.Verb {
	case desk.PickGo:
		return m.leave(s, t, p.Target, "asked")
	case desk.PickBack, desk.PickCancel:
		m.enter(s, desk.Back)
	case desk.PickStart:
		m.enter(s, desk.Start)
	case desk.PickHuman:
		if m.opts.Human != "" {
			return m.leave(s, t, m.opts.Human, "asked")
		}
	case desk.PickRepeat:
	default:
		if m.opts.Bot {
			return append(m.keep(s), desk.Switch{To: desk.Words, Pass: true})
		}
	}
	s.Misses = 0
	return m.show(s, t, "")
}

// leave goes to a target: another menu, or out of the menus.
func (m *Menu) leave(s *state, t desk.Turn, to desk.Target, reason string) []desk.Step {
	s.Misses = 0
	switch to.Kind() {
	case desk.KindMenu, string(desk.Back), string(desk.Start):
		m.enter(s, to)
		return m.show(s, t, "")
	case desk.KindQueue:
		if !m.opts.Bot {
			return append(m.keep(s), m.handOff(t, to, reason)...)
		}
	}
	if !m.opts.Bot {
		return m.show(s, t, "")
	}
	return append(m.keep(s), desk.Switch{To: to})
}

func (m *Menu) handOff(t desk.Turn, to desk.Target, reason string) []desk.Step {
	wants := ""
	if t.Message != nil {
		wants = t.Message.Content.Text
	}
	return []desk.Step{
		desk.Mark{Kind: desk.MarkHuman, Value: reason},
		desk.HandOff{
			Queue: desk.QueueName(to.Name()),
			Card:  &desk.HandOver{Reason: reason, Wants: wants},
			Say:   desk.Content{Text: handedOver.In(t.Lang())},
		},
	}
}

func (m *Menu) current(s *state) MenuDef { return m.menus[s.Path[len(s.Path)-1]] }

func (m *Menu) keep(s *state) []desk.Step {
	raw, err := json.Marshal(s)
	if err != nil {
		return nil // a list of words and a number always marshal
	}
	return []desk.Step{desk.Remember{State: raw}}
}
