package intake

import (
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// layout makes Markdown of the lines of all pages: paragraphs by the distance
// of lines, headings by the size of letters. The title is the first and
// largest heading, when it stands at the top.
func layout(pages [][]*pdfLine) (title, text string) {
	body := bodySize(pages)
	levels := headingSizes(pages, body)
	repeated := furnitureLines(pages)
	w := &pdfWriter{body: body, levels: levels}
	for _, lines := range pages {
		w.left, w.right = math.Inf(1), math.Inf(-1)
		for _, l := range lines {
			w.left, w.right = math.Min(w.left, l.x), math.Max(w.right, l.end)
		}
		for i, l := range lines {
			if (i < 2 || i >= len(lines)-2) && repeated[lineKey(l)] {
				continue
			}
			w.line(l)
		}
		w.page()
	}
	w.flush()
	text = strings.TrimSpace(w.out.String())
	if t, rest := leadingTitle(text); t != "" {
		return t, rest
	}
	return "", text
}

func round(size float64) float64 { return math.Round(size*2) / 2 }

// bodySize is the size that most letters have.
func bodySize(pages [][]*pdfLine) float64 {
	count := map[float64]int{}
	for _, lines := range pages {
		for _, l := range lines {
			count[round(l.size)] += l.letters
		}
	}
	best := 0.0
	for size, n := range count {
		if n > count[best] || n == count[best] && size < best {
			best = size
		}
	}
	return best
}

// headingSizes are at most three sizes of headings, the largest first.
func headingSizes(pages [][]*pdfLine, body float64) (out []float64) {
	for _, lines := range pages {
		for _, l := range lines {
			if s := round(l.size); s >= body*1.12 && l.letters > 1 && !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
	}
	slices.Sort(out)
	slices.Reverse(out)
	return out[:min(len(out), 3)]
}

var digits = regexp.MustCompile(`\d+`)

func lineKey(l *pdfLine) string {
	return digits.ReplaceAllString(strings.TrimSpace(l.text.String()), "0")
}

// furnitureLines are those at the edge of at least three pages, and of half of
// them: headers, footers and page numbers.
func furnitureLines(pages [][]*pdfLine) map[string]bool {
	count := map[string]int{}
	for _, lines := range pages {
		here := map[string]bool{}
		for i, l := range lines {
			if i < 2 || i >= len(lines)-2 {
				here[lineKey(l)] = true
			}
		}
		for k := range here {
			count[k]++
		}
	}
	out := map[string]bool{}
	for k, n := range count {
		out[k] = n >= 3 && n*2 >= len(pages)
	}
	return out
}

// pdfWriter joins lines to blocks.
type pdfWriter struct {
	body   float64
	levels []float64
	out    strings.Builder
	block  string
	kind   int        // of block: 0 text, 1 to 4 heading, -1 list
	rows   [][]string // of a table, before they are written
	left   float64    // where the page's lines begin and end
	right  float64
	last   *pdfLine
	lead   float64 // distance of the lines of the block
	list   bool    // the last that was written is an item
}

var (
	bulletLine = regexp.MustCompile(`^[•·▪●◦‣■–*-]\s+`)
	numberLine = regexp.MustCompile(`^\(?(\d{1,2})[.)、]\s+`)
)

func (w *pdfWriter) line(l *pdfLine) {
	s := strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, l.text.String()))
	if s == "" {
		return
	}
	kind := w.kindOf(l, s)
	gap := 0.0
	if w.last != nil {
		gap = w.last.y - l.y
	}
	if cells := columnsOf(s); len(cells) > 1 && kind == 0 {
		if len(w.rows) > 0 && len(w.rows[0]) != len(cells) {
			w.flush()
		}
		if len(w.rows) == 0 {
			w.flush()
		}
		w.rows, w.kind, w.last = append(w.rows, cells), 0, l
		return
	}
	if len(w.rows) > 0 {
		w.flush()
	}
	same := kind == w.kind && w.block != "" && w.last != nil && math.Abs(round(l.size)-round(w.last.size)) < 1.1
	joins := same && gap > -0.5*l.size && gap < 1.75*math.Max(l.size, w.last.size) && (w.lead == 0 || gap < 1.3*w.lead)
	if kind == 0 && joins && !strings.HasSuffix(w.block, "-") && w.last.end < w.left+0.7*(w.right-w.left) && w.right-w.left > 20*l.size {
		joins = false // the line before ended early: so did its paragraph
	}
	switch {
	case kind == -1: // begins an item
		w.flush()
		s = bulletLine.ReplaceAllString(s, "- ")
		s = numberLine.ReplaceAllString(s, "$1. ")
	case w.kind == -1 && kind == 0 && w.block != "" && gap > 0 && gap < 1.75*l.size && l.x > w.last.x-1:
		kind, joins = -1, true // goes on with the item
	case !joins:
		w.flush()
	}
	if kind == 0 {
		s = escapeLead(s)
	}
	if w.block == "" {
		w.block, w.lead = s, 0
	} else {
		w.block = join(w.block, s)
		if gap > 0 && w.lead == 0 {
			w.lead = gap
		}
	}
	w.kind, w.last = kind, l
}

// kindOf is the level of a heading, -1 of the beginning of a list's item, and
// else 0.
func (w *pdfWriter) kindOf(l *pdfLine, s string) int {
	if n := slices.Index(w.levels, round(l.size)); n >= 0 && utf8.RuneCountInString(s) <= 150 {
		return n + 1
	}
	if bulletLine.MatchString(s) || numberLine.MatchString(s) {
		return -1
	}
	if l.bold*10 >= l.letters*9 && l.letters > 1 && utf8.RuneCountInString(s) <= 80 && !strings.ContainsAny(s[len(s)-1:], ".,;:") && !strings.HasSuffix(s, "。") {
		return 4
	}
	return 0
}

// columnsOf cuts a line where it has gaps.
func columnsOf(s string) (out []string) {
	for cell := range strings.SplitSeq(s, "  ") {
		if cell = strings.TrimSpace(cell); cell != "" {
			out = append(out, cell)
		}
	}
	return out
}

// page ends a page.
func (w *pdfWriter) page() {
	w.flush()
	w.last = nil
}

func (w *pdfWriter) flush() {
	if len(w.rows) == 1 {
		w.out.WriteString("\n\n" + strings.Join(w.rows[0], " "))
	} else if len(w.rows) > 1 {
		w.out.WriteString("\n\n" + tableOf(w.rows))
	}
	w.rows = nil
	if w.block == "" {
		return
	}
	switch {
	case w.kind > 0:
		w.out.WriteString("\n\n" + strings.Repeat("#", min(w.kind, len(w.levels)+1)) + " " + strings.Join(strings.Fields(w.block), " "))
	case w.kind == -1:
		if !w.list {
			w.out.WriteByte('\n')
		}
		w.out.WriteString("\n" + w.block)
	default:
		w.out.WriteString("\n\n" + w.block)
	}
	w.block, w.lead, w.list = "", 0, w.kind == -1
}

// join puts two lines together: Chinese without a space, a divided word
// without its hyphen.
func join(a, b string) string {
	last, _ := utf8.DecodeLastRuneInString(a)
	next, _ := utf8.DecodeRuneInString(b)
	switch {
	case last == '-' && unicode.IsLower(next) && len(a) > 1 && unicode.IsLetter(rune(a[len(a)-2])):
		return a[:len(a)-1] + b
	case wideRune(last) && wideRune(next):
		return a + b
	}
	return a + " " + b
}

func wideRune(r rune) bool {
	return unicode.Is(unicode.Han, r) || r >= 0x3000 && r <= 0x303f || r >= 0xff00 && r <= 0xffef
}

// escapeLead keeps a line of text from being taken for Markdown's own marks.
func escapeLead(s string) string {
	if strings.HasPrefix(s, "#") || strings.HasPrefix(s, ">") || strings.HasPrefix(s, "+ ") || strings.HasPrefix(s, "|") {
		return `\` + s
	}
	return s
}
