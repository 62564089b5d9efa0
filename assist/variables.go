package assist

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/kb"
)

// The variables of a canned reply. slots.NAME is a fact of the hand-over card.
const (
	contactName        = "contact.name"
	agentName          = "agent.name"
	conversationNumber = "conversation.number"
	slotPrefix         = "slots."
)

var (
	variable = regexp.MustCompile(`\{\{\s*([^{}]*?)\s*\}\}`)
	slotName = regexp.MustCompile(`^slots\.[A-Za-z_][A-Za-z0-9_]{0,63}$`)
)

// checkVariables reports the first variable of a text that nothing can fill.
func checkVariables(field, text string) error {
	bad := func(format string, args ...any) error {
		return &desk.Error{Kind: desk.Invalid, Code: "bad_variable", Field: field, Message: fmt.Sprintf(format, args...)}
	}
	for _, m := range variable.FindAllStringSubmatch(text, -1) {
		if name := m[1]; name != contactName && name != agentName && name != conversationNumber && !slotName.MatchString(name) {
			return bad("unknown variable %q: use contact.name, agent.name, conversation.number or slots.NAME", name)
		}
	}
	if rest := variable.ReplaceAllString(text, ""); strings.Contains(rest, "{{") || strings.Contains(rest, "}}") {
		return bad("a variable is written {{contact.name}}: the braces do not match")
	}
	return nil
}

// values are what the variables stand for in one conversation; what is not
// known is not there.
func values(c desk.Conversation, contact desk.Contact, agent desk.Agent) map[string]string {
	out := map[string]string{conversationNumber: Number(c.ID)}
	set := func(name, value string) {
		if value = tame(value); value != "" {
			out[name] = value
		}
	}
	set(contactName, contact.Name)
	set(agentName, agent.Name)
	if c.HandOver != nil {
		for _, f := range c.HandOver.Facts {
			if !strings.Contains(f.Value, "•") { // a masked answer is no answer
				set(slotPrefix+f.Key, f.Value)
			}
		}
	}
	return out
}

// Number is what a conversation is called when people speak of it: the end of
// its id, in capitals.
func Number(id desk.ID) string {
	s := string(id)
	return strings.ToUpper(s[max(0, len(s)-6):])
}

const maxValue = 200 // characters

// tame takes out of a stranger's words what Markdown would make a link, an
// image or code of.
func tame(value string) string {
	value = strings.Map(func(r rune) rune {
		switch r {
		case '[', ']', '<', '>', '`', '\\', '{', '}':
			return -1
		}
		return r
	}, value)
	value = strings.Join(strings.Fields(value), " ")
	if r := []rune(value); len(r) > maxValue {
		return string(r[:maxValue])
	}
	return value
}

// fill puts values into a text. A name that is not known is left out of its
// greeting; any other sentence with an unknown value is left out whole. It is
// not ok when nothing is left to say.
func fill(text string, known map[string]string) (filled string, ok bool) {
	var b strings.Builder
	for line := range strings.Lines(text) {
		for _, s := range kb.Sentences(line) {
			if out, ok := fillSentence(s, known); ok {
				b.WriteString(out)
			} else if strings.HasSuffix(s, "\n") {
				b.WriteString("\n")
			}
		}
	}
	filled = strings.TrimSpace(b.String())
	return filled, strings.ContainsFunc(filled, isWord)
}

func fillSentence(s string, known map[string]string) (string, bool) {
	var b strings.Builder
	at, nameless := 0, false
	for _, m := range variable.FindAllStringSubmatchIndex(s, -1) {
		name := s[m[2]:m[3]]
		before := s[at:m[0]]
		value, ok := known[name]
		switch {
		case ok:
		case name == contactName:
			before, nameless = strings.TrimRight(before, " "), true
		default:
			return "", false
		}
		b.WriteString(before)
		b.WriteString(value)
		at = m[1]
	}
	b.WriteString(s[at:])
	if !nameless {
		return b.String(), true
	}
	out := strings.TrimLeft(b.String(), " ,，、") // "{{contact.name}}, thank you"
	first, size := utf8.DecodeRuneInString(out)
	return string(unicode.ToUpper(first)) + out[size:], true
}
