package voice

import (
	"regexp"
	"strings"

	"github.com/parleyhq/parley/desk"
)

// Plain is the simplest Speaker: it splits text into sentences, drops what only
// eyes can use, and says which key chooses what. The zero value is ready.
type Plain struct{}

var _ Speaker = Plain{}

// Sentences is a message as it is said.
func (Plain) Sentences(c desk.Content, lang desk.Lang, o Saying) []string {
	text := c.Text
	if o.Short && len(c.Options) > 0 {
		text = lastLine(text)
	}
	out := split(bare(text))
	if c.Card != nil && !o.Short {
		for _, part := range []string{c.Card.Title, c.Card.Subtitle} {
			if part != "" {
				out = append(out, bare(part)+".")
			}
		}
		for _, l := range c.Card.Lines {
			out = append(out, bare(l.Label)+": "+bare(l.Value)+".")
		}
	}
	for _, a := range c.Attachments {
		out = append(out, fill(textFile.In(lang), "name", a.Name))
	}
	if o.Keys {
		for _, opt := range c.Options {
			if opt.Key != "" {
				out = append(out, fill(textPress.In(lang), "label", bare(opt.Label), "key", keyName(opt.Key, lang)))
			}
		}
	}
	return out
}

var (
	links   = regexp.MustCompile(`!?\[([^\]]*)\]\([^)]*\)`)
	address = regexp.MustCompile(`https?://\S+`)
	marks   = regexp.MustCompile("[*_`#>|\\\\]+")
)

// bare is Markdown without its marks.
func bare(s string) string {
	s = links.ReplaceAllString(s, "$1")
	s = address.ReplaceAllString(s, "")
	s = marks.ReplaceAllString(s, "")
	return strings.TrimSpace(s)
}

// split cuts text where a sentence ends.
func split(text string) []string {
	var out []string
	var b strings.Builder
	flush := func() {
		if s := strings.Join(strings.Fields(b.String()), " "); strings.Trim(s, ".,-!?。！？ ") != "" {
			out = append(out, s)
		}
		b.Reset()
	}
	runes := []rune(text)
	for i, r := range runes {
		if r == '\n' {
			flush()
			continue
		}
		b.WriteRune(r)
		after := i+1 == len(runes) || runes[i+1] == ' ' || runes[i+1] == '\n'
		if strings.ContainsRune("。！？；", r) || strings.ContainsRune(".!?", r) && after {
			flush()
		}
	}
	flush()
	return out
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

// fill puts values into a text: pairs of a name and what stands for {name}.
func fill(text string, pairs ...string) string {
	for i := 0; i+1 < len(pairs); i += 2 {
		text = strings.ReplaceAll(text, "{"+pairs[i]+"}", pairs[i+1])
	}
	return text
}

// keyName is how a key is called.
func keyName(key string, lang desk.Lang) string {
	switch key {
	case "*":
		return textStar.In(lang)
	case "#":
		return textHash.In(lang)
	}
	return key
}
