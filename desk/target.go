package desk

import (
	"fmt"
	"regexp"
	"strings"
)

// Target is where a choice, a flow or a switch leads: "menu:main",
// "flow:order_coffee", "article:opening-hours", "queue:support", "back" (one
// menu up) or "start" (the playbook's first menu).
type Target string

// The targets that stand for themselves.
const (
	Back  Target = "back"
	Start Target = "start"
)

// Words is where a responder switches with a message that it does not
// understand: to the bot, whatever flow is active. No file can name it.
const Words Target = "words"

// The kinds of target that carry a name.
const (
	KindMenu    = "menu"
	KindFlow    = "flow"
	KindArticle = "article"
	KindQueue   = "queue"
)

var targetName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`)

// ParseTarget checks s and returns it as a Target.
func ParseTarget(s string) (Target, error) {
	if t := Target(s); t == Back || t == Start {
		return t, nil
	}
	kind, name, ok := strings.Cut(s, ":")
	switch kind {
	case KindMenu, KindFlow, KindArticle, KindQueue:
		if ok && targetName.MatchString(name) {
			return Target(s), nil
		}
	}
	return "", fmt.Errorf("unknown target %q: use menu:NAME, flow:NAME, article:NAME, queue:NAME, back or start", s)
}

// Kind is "menu", "flow", "article", "queue", "back" or "start".
func (t Target) Kind() string { kind, _, _ := strings.Cut(string(t), ":"); return kind }

// Name is what follows the kind; empty for back and start.
func (t Target) Name() string { _, name, _ := strings.Cut(string(t), ":"); return name }
