package kb

import (
	"slices"
	"strings"
	"time"
	"unicode"
)

// Op says what a line of a Diff is.
type Op string

// The kinds of line.
const (
	Same    Op = "same"
	Added   Op = "added"
	Removed Op = "removed"
)

// Diff is what changed between two versions.
type Diff struct {
	From   int         `json:"from"`
	To     int         `json:"to"`
	Lines  []DiffLine  `json:"lines"`            // of the text, whole
	Fields []FieldDiff `json:"fields,omitempty"` // those that changed
}

// DiffLine is one line of either text. Spans, when there are any, are the
// whole line, cut where the words that changed begin and end.
type DiffLine struct {
	Op    Op     `json:"op"`
	Old   int    `json:"old,omitempty"` // line number, from 1
	New   int    `json:"new,omitempty"`
	Text  string `json:"text"`
	Spans []Span `json:"spans,omitempty"`
}

// Span is a piece of a line.
type Span struct {
	Text    string `json:"text"`
	Changed bool   `json:"changed,omitempty"`
}

// FieldDiff is a changed field other than the text.
type FieldDiff struct {
	Field   string   `json:"field"`
	From    string   `json:"from,omitempty"`
	To      string   `json:"to,omitempty"`
	Added   []string `json:"added,omitempty"` // of a list
	Removed []string `json:"removed,omitempty"`
}

// Compare shows what changed from one version to another.
func Compare(from, to Version) Diff {
	d := Diff{From: from.Number, To: to.Number, Lines: compareLines(from.Body, to.Body)}
	text := func(field, a, b string) {
		if a != b {
			d.Fields = append(d.Fields, FieldDiff{Field: field, From: a, To: b})
		}
	}
	lists := func(field string, a, b []string) {
		f := FieldDiff{Field: field, Added: without(b, a), Removed: without(a, b)}
		if len(f.Added)+len(f.Removed) > 0 {
			d.Fields = append(d.Fields, f)
		}
	}
	text("title", from.Title, to.Title)
	lists("questions", from.Questions, to.Questions)
	lists("tags", from.Tags, to.Tags)
	text("audience", string(from.Audience), string(to.Audience))
	text("valid_from", moment(from.ValidFrom), moment(to.ValidFrom))
	text("valid_to", moment(from.ValidTo), moment(to.ValidTo))
	return d
}

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// without is what list has that other has not.
func without(list, other []string) []string {
	var out []string
	for _, s := range list {
		if !slices.Contains(other, s) {
			out = append(out, s)
		}
	}
	return out
}

func compareLines(a, b string) []DiffLine {
	old, now := splitLines(a), splitLines(b)
	var out []DiffLine
	i, j := 0, 0
	for _, op := range edits(old, now) {
		switch op {
		case Same:
			out = append(out, DiffLine{Op: Same, Old: i + 1, New: j + 1, Text: now[j]})
			i, j = i+1, j+1
		case Removed:
			out = append(out, DiffLine{Op: Removed, Old: i + 1, Text: old[i]})
			i++
		case Added:
			out = append(out, DiffLine{Op: Added, New: j + 1, Text: now[j]})
			j++
		}
	}
	markWords(out)
	return out
}

func splitLines(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(s, "\n"), "\n")
}

// markWords pairs the removed lines of each change with the added ones that
// follow, and marks the words that differ where the lines are alike.
func markWords(lines []DiffLine) {
	for i := 0; i < len(lines); {
		if lines[i].Op != Removed {
			i++
			continue
		}
		from := i
		for i < len(lines) && lines[i].Op == Removed {
			i++
		}
		mid := i
		for i < len(lines) && lines[i].Op == Added {
			i++
		}
		for k := 0; k < min(mid-from, i-mid); k++ {
			compareWords(&lines[from+k], &lines[mid+k])
		}
	}
}

func compareWords(a, b *DiffLine) {
	old, now := pieces(a.Text), pieces(b.Text)
	ops := edits(old, now)
	same, i := 0, 0
	for _, op := range ops {
		if op == Same {
			same += len(old[i])
		}
		if op != Added {
			i++
		}
	}
	if same*3 < max(len(a.Text), len(b.Text)) {
		return // two different lines: marking all of their words says nothing
	}
	i, j := 0, 0
	for _, op := range ops {
		switch op {
		case Same:
			a.Spans, b.Spans = span(a.Spans, old[i], false), span(b.Spans, now[j], false)
			i, j = i+1, j+1
		case Removed:
			a.Spans = span(a.Spans, old[i], true)
			i++
		case Added:
			b.Spans = span(b.Spans, now[j], true)
			j++
		}
	}
}

func span(list []Span, text string, changed bool) []Span {
	if n := len(list); n > 0 && list[n-1].Changed == changed {
		list[n-1].Text += text
		return list
	}
	return append(list, Span{text, changed})
}

// pieces cuts a line into words, single Han characters, and everything else
// one by one; joined they are the line.
func pieces(line string) []string {
	var out []string
	start := 0
	word := func(r rune) bool { return (unicode.IsLetter(r) || unicode.IsDigit(r)) && !isHan(r) }
	inWord := false
	for i, r := range line {
		if i > 0 && (!inWord || !word(r)) {
			out = append(out, line[start:i])
			start = i
		}
		inWord = word(r)
	}
	if start < len(line) {
		out = append(out, line[start:])
	}
	return out
}

// maxEdits bounds the work of finding the shortest way from a text to
// another. Texts further apart are shown as one taken out and one put in.
const maxEdits = 1000

// edits is a shortest list of steps from a to b (Myers, "An O(ND) Difference
// Algorithm and Its Variations", 1986), removals first.
func edits(a, b []string) []Op {
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	out := slices.Repeat([]Op{Same}, head)
	out = append(out, middle(a[head:len(a)-tail], b[head:len(b)-tail])...)
	return append(out, slices.Repeat([]Op{Same}, tail)...)
}

func middle(a, b []string) []Op {
	n, m := len(a), len(b)
	limit := min(n+m, maxEdits)
	ends := make([]int, 2*limit+3) // the furthest x on each diagonal
	at := func(k int) int { return k + limit + 1 }
	var trace [][]int
	for d := 0; d <= limit; d++ {
		trace = append(trace, slices.Clone(ends[at(-d-1):at(d+1)+1]))
		for k := -d; k <= d; k += 2 {
			x := ends[at(k-1)] + 1
			if k == -d || k != d && ends[at(k-1)] < ends[at(k+1)] {
				x = ends[at(k+1)]
			}
			y := x - k
			for x < n && y < m && a[x] == b[y] {
				x, y = x+1, y+1
			}
			ends[at(k)] = x
			if x >= n && y >= m {
				return backtrack(trace, n, m)
			}
		}
	}
	return append(slices.Repeat([]Op{Removed}, n), slices.Repeat([]Op{Added}, m)...)
}

// backtrack walks from the end to the start through what each round reached.
func backtrack(trace [][]int, x, y int) []Op {
	var out []Op
	for d := len(trace) - 1; d >= 0; d-- {
		ends := trace[d]
		at := func(k int) int { return k + d + 1 }
		k := x - y
		before := k - 1
		if k == -d || k != d && ends[at(k-1)] < ends[at(k+1)] {
			before = k + 1
		}
		fromX := ends[at(before)]
		fromY := fromX - before
		if d == 0 {
			fromX, fromY = 0, 0
		}
		for x > fromX && y > fromY {
			out = append(out, Same)
			x, y = x-1, y-1
		}
		if d > 0 {
			if x == fromX {
				out = append(out, Added)
			} else {
				out = append(out, Removed)
			}
			x, y = fromX, fromY
		}
	}
	slices.Reverse(out)
	return out
}
