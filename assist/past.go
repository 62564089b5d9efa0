package assist

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/privacy"
)

// Past is a reply that an agent once gave, with the situation he gave it in.
// Personal data is hidden; variables stand where values of the contact, the
// agent or a slot were.
type Past struct {
	ID             desk.ID // of the message
	ConversationID desk.ID
	Group          string // what it was made from, such as a canned reply; replies of one group are one. Empty: its words decide
	Text           string // Markdown
	Lang           desk.Lang
	Situation      Situation
	Quality        float64 // above 0, at most 1: what it counts beside others
	At             time.Time
	Withdrawn      bool // it counts no more, say because the customer was not content
}

// MostPast is how many past replies are remembered, the newest.
const MostPast = 100_000

// Bounds on a reply that is worth remembering, in characters.
const (
	leastReply = 8
	mostReply  = 1500
)

// hiddenPart is what package privacy writes for what it hides.
var hiddenPart = regexp.MustCompile(`\[(?:` + strings.Join([]string{string(privacy.Card), string(privacy.Account), string(privacy.ID), string(privacy.Mail),
	string(privacy.Phone), string(privacy.Secret), string(privacy.Name), string(privacy.Known), string(privacy.Link)}, "|") + `)\]`)

// Generalise makes of what an agent wrote a reply for others: the values of
// variables become {{variables}}, other personal data is hidden. Values are by
// variable, as fill takes them.
func Generalise(text string, known map[string]string, person privacy.Person) string {
	text = strings.NewReplacer("{{", "{ {", "}}", "} }").Replace(text)
	for _, name := range variablesFor(known) {
		text = replaceWord(text, known[name], "{{"+name+"}}")
		if parts := strings.Fields(known[name]); len(parts) > 1 && (name == contactName || name == agentName) {
			text = replaceWord(text, parts[0], "{{"+name+"}}") // "Hi Ann" to Ann Lee
		}
	}
	// What stands in braces is not anybody's: hide only around it.
	var b strings.Builder
	at := 0
	for _, m := range variable.FindAllStringIndex(text, -1) {
		b.WriteString(privacy.Hide(text[at:m[0]], person))
		b.WriteString(text[m[0]:m[1]])
		at = m[1]
	}
	b.WriteString(privacy.Hide(text[at:], person))
	return b.String()
}

// variablesFor orders variables, that of the longest value first. A value of
// a slot that is too short to be told from an ordinary word is none.
func variablesFor(known map[string]string) []string {
	var out []string
	for name, value := range known {
		if n := len([]rune(value)); n >= 4 || n == 3 && strings.ContainsAny(value, "0123456789") || n >= 2 && !strings.HasPrefix(name, slotPrefix) {
			out = append(out, name)
		}
	}
	slices.SortFunc(out, func(a, b string) int {
		if d := len(known[b]) - len(known[a]); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	return out
}

// replaceWord puts with in place of each word in text, whatever its case.
func replaceWord(text, word, with string) string {
	found := privacy.Find(text, privacy.Person{Values: []string{word}})
	var b strings.Builder
	at := 0
	for _, f := range found {
		if f.Kind != privacy.Known && !strings.EqualFold(text[f.Start:f.End], word) {
			continue
		}
		b.WriteString(text[at:f.Start])
		b.WriteString(with)
		at = f.End
	}
	b.WriteString(text[at:])
	return b.String()
}
