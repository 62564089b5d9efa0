package assist

import (
	"maps"
	"slices"
	"strings"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/privacy"
)

// Scene follows a conversation step by step, and tells its situation at any
// moment. Fill in where it takes place and who speaks, then call its methods in
// the order in which things happened.
type Scene struct {
	Playbook string
	Queue    string
	Lang     desk.Lang
	Person   privacy.Person // whose names and values are hidden

	flows        []string
	acts         []string
	results      []string
	facts        map[string]string // by key; never leaves the scene
	said, before []string
	fresh        bool // the customer spoke after the last act
}

// Flow notes that a flow was begun or, with done, completed.
func (s *Scene) Flow(name string, done bool) {
	if name == "" {
		return
	}
	if i := slices.Index(s.flows, name); i >= 0 {
		s.flows = slices.Delete(s.flows, i, i+1)
	}
	if done {
		name = "!" + name
	}
	if !slices.Contains(s.flows, name) {
		s.flows = append(s.flows, name)
	}
}

// Says notes the customer's words.
func (s *Scene) Says(text string) {
	if text = strings.TrimSpace(text); text == "" {
		return
	}
	if !s.fresh {
		s.before, s.said, s.fresh = s.said, nil, true
	}
	s.said = append(s.said, text)
}

// Acts notes what bot or agent did: "kind:name", where name may be left out.
func (s *Scene) Acts(act string) {
	s.acts = append(s.acts, act)
	if len(s.acts) > 4*maxActs {
		s.acts = slices.Delete(s.acts, 0, 2*maxActs)
	}
	s.results, s.fresh = nil, false
}

// Gave notes what a tool returned. A value of few words, such as a state or an
// error, is part of the situation; any other only by its key.
func (s *Scene) Gave(tool, key, value string) {
	if key = tool + "." + key; len(wordsOf(value, maxValueWords+1)) <= maxValueWords && value != "" {
		s.results = append(s.results, key+": "+privacy.Hide(value, s.Person))
	} else {
		s.results = append(s.results, key)
	}
	s.Knows(key, value)
}

const maxValueWords = 16

// Knows notes a slot or another thing that is known, by its key.
func (s *Scene) Knows(key, value string) {
	if s.facts == nil {
		s.facts = map[string]string{}
	}
	if len(s.facts) < maxFacts || s.facts[key] != "" {
		s.facts[key] = value
	}
}

const maxFacts = 100

// Situation is what the next reply depends on.
func (s *Scene) Situation() Situation {
	now := Situation{
		Playbook: s.Playbook, Queue: s.Queue, Lang: s.Lang, Flows: slices.Clone(s.flows), Acts: slices.Clone(s.acts), Results: slices.Clone(s.results),
		Known: slices.Sorted(maps.Keys(s.facts)),
	}
	said, before := s.said, s.before
	if !s.fresh { // he has said nothing since
		said, before = nil, s.said
	}
	spoken := strings.Join(said, "\n")
	for _, k := range now.Known {
		if echoes(spoken, s.facts[k]) {
			now.Echoed = append(now.Echoed, k)
		}
	}
	now.Said, now.Before = privacy.Hide(spoken, s.Person), privacy.Hide(strings.Join(before, "\n"), s.Person)
	return now.bounded()
}

// echoes reports whether a value occurs in what was said, or what was said in
// it.
func echoes(said, value string) bool {
	a, b := " "+strings.Join(wordsOf(said, 100), " ")+" ", " "+strings.Join(wordsOf(value, 30), " ")+" "
	if len(a) < 4 || len(b) < 4 {
		return false
	}
	return strings.Contains(a, b) || strings.Contains(b, a)
}
