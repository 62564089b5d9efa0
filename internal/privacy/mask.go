package privacy

import (
	"fmt"
	"strings"
)

// Mask hides personal data in the texts of one request to a model, and puts it
// back into what the model answers. The same value has the same placeholder in
// all of them: "call [phone_1]". The zero Mask knows of nobody. A Mask belongs
// to one goroutine.
type Mask struct {
	Person Person

	places []place
}

type place struct{ mark, value string }

// Hide writes a placeholder in place of each finding.
func (m *Mask) Hide(text string) string {
	found := Find(text, m.Person)
	if len(found) == 0 {
		return text
	}
	var b strings.Builder
	from := 0
	for _, f := range found {
		b.WriteString(text[from:f.Start])
		b.WriteString(m.mark(f.Kind, text[f.Start:f.End], text))
		from = f.End
	}
	b.WriteString(text[from:])
	return b.String()
}

// mark is the placeholder of a value. One that somebody wrote himself is never
// taken.
func (m *Mask) mark(k Kind, value, text string) string {
	for _, p := range m.places {
		if p.value == value && !strings.Contains(text, p.mark) {
			return p.mark
		}
	}
	for n := len(m.places) + 1; ; n++ {
		mark := fmt.Sprintf("[%s_%d]", k, n)
		if !strings.Contains(text, mark) {
			m.places = append(m.places, place{mark, value})
			return mark
		}
	}
}

// Show puts the values back. What was not hidden by this Mask stays as it is.
func (m *Mask) Show(text string) string {
	if len(m.places) == 0 || !strings.Contains(text, "[") {
		return text
	}
	pairs := make([]string, 0, 2*len(m.places))
	for _, p := range m.places {
		pairs = append(pairs, p.mark, p.value)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}
