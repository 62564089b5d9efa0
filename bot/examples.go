package bot

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/parleyhq/parley/desk"
)

// Example is an example of a flow that marks the values of slots in it.
type Example struct {
	Lang  desk.Lang
	Text  string // without the marks
	Marks []Mark // in their order; they do not overlap
}

// Mark says that Text[Start:End] is a value of the slot.
type Mark struct {
	Slot       string
	Start, End int // bytes
}

var markRE = regexp.MustCompile(`\[([^\[\]]*)\]\(([^()]*)\)`)

// ParseExample reads "a latte to [5 Elm Street](address)". What is not of that
// form is text.
func ParseExample(s string) (text string, marks []Mark, err error) {
	var b strings.Builder
	last := 0
	for _, m := range markRE.FindAllStringSubmatchIndex(s, -1) {
		b.WriteString(s[last:m[0]])
		value := strings.TrimSpace(s[m[2]:m[3]])
		if value == "" {
			return "", nil, fmt.Errorf("the mark %s has no words: write [5 Elm Street](address)", s[m[0]:m[1]])
		}
		mark := Mark{Slot: s[m[4]:m[5]], Start: b.Len()}
		b.WriteString(value)
		mark.End = b.Len()
		marks = append(marks, mark)
		last = m[1]
	}
	b.WriteString(s[last:])
	return b.String(), marks, nil
}

// examples reads the examples, once the slots are known.
func (p *flowParser) examples(raw map[string][]string) {
	p.flow.Examples = make(map[desk.Lang][]string, len(raw))
	for lang, list := range raw {
		if lang != string(desk.English) && lang != string(desk.Chinese) {
			p.fail("$.examples."+lang, "unknown language %q: use en or zh", lang)
			continue
		}
		texts := make([]string, 0, len(list))
		for i, s := range list {
			text, marks, err := ParseExample(s)
			if err != nil {
				p.fail(indexed("$.examples."+lang, i), "%v", err)
			}
			for _, m := range marks {
				p.mark(indexed("$.examples."+lang, i), m)
			}
			texts = append(texts, text)
			if len(marks) > 0 {
				p.flow.Marked = append(p.flow.Marked, Example{Lang: desk.Lang(lang), Text: text, Marks: marks})
			}
		}
		p.flow.Examples[desk.Lang(lang)] = texts
	}
	slices.SortStableFunc(p.flow.Marked, func(a, b Example) int { return strings.Compare(string(a.Lang), string(b.Lang)) })
}

func (p *flowParser) mark(path string, m Mark) {
	s, ok := p.flow.Slot(m.Slot)
	switch {
	case !ok:
		names := make([]string, 0, len(p.flow.Slots))
		for _, s := range p.flow.Slots {
			names = append(names, s.Name)
		}
		p.fail(path, "the mark names a slot that is not in this flow: %q; it has %s", m.Slot, strings.Join(names, ", "))
	case s.Sensitive:
		p.fail(path, "%s is sensitive: no example may hold a value of it", m.Slot)
	}
}
