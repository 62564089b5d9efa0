package kb

import (
	"strings"
	"unicode"
)

// Place is where an Answer's text stands in its source: Body[From:To] of that
// version says the same, but for white space.
type Place struct {
	Passage int    `json:"passage"`           // counted from 0, of the article's passages; where the text begins
	Heading string `json:"heading,omitempty"` // the headings above it
	From    int    `json:"from"`              // bytes of Body
	To      int    `json:"to"`
}

// placeOf finds where in the article of e text stands, looking from a passage
// on. Nil when it does not stand there: what is shown is always grounded, so
// that is a text that was cut off in the middle of a word.
func placeOf(e *entry, part int, text string) *Place {
	body, at := bare(e.article.Body)
	want, _ := bare(strings.TrimSuffix(text, "…"))
	if want == "" {
		return nil
	}
	from := 0
	starts := make([]int, len(e.passages)) // of each passage in body; what lies between are headings
	for i, p := range e.passages {
		starts[i] = from
		say, _ := bare(p.Text)
		if n := strings.Index(body[from:], say); n >= 0 {
			starts[i] = from + n
			from += n + len(say)
		}
	}
	begin := 0
	if part > 0 && part < len(starts) {
		begin = starts[part]
	}
	n := strings.Index(body[begin:], want)
	if n < 0 {
		begin, n = 0, strings.Index(body, want)
	}
	if n < 0 {
		return nil
	}
	begin += n
	p := &Place{From: at[begin], To: at[begin+len(want)-1] + 1}
	for i, start := range starts {
		if start <= begin {
			p.Passage, p.Heading = i, e.passages[i].Heading
		}
	}
	return p
}

// bare is text without white space, and where each of its bytes stood.
func bare(text string) (string, []int) {
	var b strings.Builder
	b.Grow(len(text))
	at := make([]int, 0, len(text))
	for i, r := range text {
		if unicode.IsSpace(r) {
			continue
		}
		n := b.Len()
		b.WriteRune(r)
		for k := range b.Len() - n {
			at = append(at, i+k)
		}
	}
	return b.String(), at
}
