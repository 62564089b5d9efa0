package replies

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/parleyhq/parley/assist"
	"github.com/parleyhq/parley/desk"
)

// Chat is a recorded conversation of an agent who picked replies from a list.
type Chat struct {
	ID      json.Number `json:"id"`
	Tasks   []string    `json:"tasks"`
	Domains []*string   `json:"domains"`
	Events  []Event     `json:"events"`
}

// Event is one thing that happened in a Chat.
type Event struct {
	Who     string         `json:"a"`  // User, Wizard or KnowledgeBase
	Do      string         `json:"do"` // utter, pick_suggestion, query, return_item, ...
	Text    string         `json:"text"`
	Label   string         `json:"label"` // of pick_suggestion: which reply
	Options []string       `json:"options"`
	API     string         `json:"api"`
	Item    map[string]any `json:"item"`
}

// ownWords labels a reply that the agent wrote himself.
const ownWords = "custom"

// Moment is one reply of an agent: the situation it was given in, and what he
// said.
type Moment struct {
	Chat   string
	Domain string
	Task   string
	Label  string // which reply; empty: his own words
	Past   assist.Past
}

// ReadChats reads one conversation a line.
func ReadChats(path string) ([]Chat, error) {
	var out []Chat
	err := eachLine(path, func(line int, b []byte) error {
		var c Chat
		if err := json.Unmarshal(b, &c); err != nil {
			return fmt.Errorf("%s:%d: a conversation is an object with id, tasks, domains and events: %w", path, line, err)
		}
		if len(c.Events) == 0 {
			return fmt.Errorf("%s:%d: a conversation without events; each line needs events [{a, do, text, label, ...}]", path, line)
		}
		out = append(out, c)
		return nil
	})
	if err == nil && len(out) == 0 {
		err = fmt.Errorf("%s: no conversations", path)
	}
	return out, err
}

// Moments plays a conversation and stops at each reply of its agent.
func (c Chat) Moments() []Moment {
	var out []Moment
	domain, task := "general", strings.Join(c.Tasks, "+")
	for _, d := range c.Domains {
		if d != nil {
			domain = *d
		}
	}
	s := assist.Scene{Lang: desk.English}
	for _, t := range c.Tasks {
		s.Flow(t, false)
	}
	for i, e := range c.Events {
		switch e.Who + " " + e.Do {
		case "User utter":
			s.Says(e.Text)
		case "Wizard query":
			s.Acts("called:" + e.API)
		case "KnowledgeBase return_item":
			for _, k := range slices.Sorted(maps.Keys(e.Item)) {
				s.Gave(e.API, k, fmt.Sprint(e.Item[k]))
			}
		case "Wizard pick_suggestion", "Wizard utter":
			m := Moment{Chat: c.ID.String(), Domain: domain, Task: task, Label: e.Label}
			if e.Label == ownWords {
				m.Label = ""
			}
			m.Past = assist.Past{ID: desk.ID(m.Chat + "." + strconv.Itoa(i)), ConversationID: desk.ID(m.Chat), Group: m.Label, Text: e.Text, Lang: desk.English, Situation: s.Situation(), Quality: 1}
			out = append(out, m)
			if m.Label != "" {
				s.Acts("said:" + m.Label)
			} else {
				s.Acts("own")
			}
		}
	}
	return out
}

const maxLine = 8 << 20

// eachLine calls f for each line of a file that is not empty.
func eachLine(path string, f func(line int, b []byte) error) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	lines := bufio.NewScanner(file)
	lines.Buffer(make([]byte, 64<<10), maxLine)
	for n := 1; lines.Scan(); n++ {
		if b := bytes.TrimSpace(lines.Bytes()); len(b) > 0 {
			if err := f(n, b); err != nil {
				return err
			}
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	return nil
}
