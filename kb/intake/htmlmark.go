package intake

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// The bounds of what a page becomes: whatever it nests, its Markdown and the
// time to write it grow with its size only.
const (
	markDepth = 8       // lists and quotes within each other; deeper ones are written as if they were not
	markSpan  = 100     // columns of a table
	markEmpty = 1 << 18 // cells, in all tables, that are there only because another one spans them
)

// markdownOf writes the part of a page as Markdown: headings, lists, tables,
// links, images with a description, and code stay what they are.
func markdownOf(n *html.Node) string {
	m := marker{blocky: map[*html.Node]bool{}, whole: map[*html.Node]bool{}, empty: markEmpty}
	m.look(n)
	m.block(n)
	m.end()
	return strings.TrimSpace(m.out.String())
}

// marker writes Markdown.
type marker struct {
	out    strings.Builder
	blocky map[*html.Node]bool // elements that hold blocks
	whole  map[*html.Node]bool // elements that hold what no cell of a table can
	text   inline              // of the paragraph that is being read
	indent string              // what every line begins with
	mark   string              // what the next line begins with instead of indent's end: a list's sign
	tight  bool                // the next block follows without an empty line
	depth  int
	empty  int
}

// blocks are the elements that begin a line of their own.
var blocks = []atom.Atom{atom.Address, atom.Article, atom.Blockquote, atom.Body, atom.Center, atom.Dd, atom.Details, atom.Div, atom.Dl, atom.Dt, atom.Fieldset,
	atom.Figcaption, atom.Figure, atom.Footer, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Header, atom.Hr, atom.Html, atom.Li, atom.Main, atom.Ol,
	atom.P, atom.Pre, atom.Section, atom.Summary, atom.Table, atom.Tbody, atom.Td, atom.Tfoot, atom.Th, atom.Thead, atom.Tr, atom.Ul}

// look notes which elements hold blocks.
func (m *marker) look(n *html.Node) (blocky, whole bool) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		b, w := m.look(c)
		blocky, whole = blocky || b, whole || w
	}
	if blocky {
		m.blocky[n] = true
	}
	if whole {
		m.whole[n] = true
	}
	switch n.DataAtom {
	case atom.Table, atom.Ul, atom.Ol, atom.Pre, atom.Blockquote, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		whole = true
	}
	return blocky || n.Type == html.ElementNode && slices.Contains(blocks, n.DataAtom), whole
}

// block writes an element that is, or holds, blocks; what is none gathers as
// a paragraph.
func (m *marker) block(n *html.Node) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		own := c.Type == html.ElementNode && slices.Contains(blocks, c.DataAtom)
		switch {
		case !own && (!m.blocky[c] || c.DataAtom == atom.A):
			m.text.node(c)
		case !own:
			m.block(c)
		default:
			m.end()
			m.element(c)
			m.end()
		}
	}
}

func (m *marker) element(n *html.Node) {
	switch n.DataAtom {
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		m.text.heading = true
		m.text.children(n)
		level, _ := strconv.Atoi(n.Data[1:])
		m.line(strings.Repeat("#", level)+" ", m.text.take(" "))
		m.text.heading = false
	case atom.Hr:
		m.line("", "---")
	case atom.Pre:
		m.code(n)
	case atom.Blockquote:
		m.within("> ", "> ", func() { m.block(n) })
	case atom.Ul, atom.Ol:
		m.list(n)
	case atom.Dt:
		m.text.children(n)
		if t := m.text.take(" "); t != "" {
			m.line("", "**"+strings.ReplaceAll(t, "**", "")+"**")
		}
	case atom.Table:
		if rows := m.rows(n); rows != nil {
			m.table(rows)
			return
		}
		m.block(n)
	default:
		m.block(n)
	}
}

// end writes the paragraph that was gathered.
func (m *marker) end() { m.line("", atLineStart(m.text.take("  \n"))) }

// line writes a block: first is the sign before its first line.
func (m *marker) line(first, text string) {
	if text == "" {
		return
	}
	if m.out.Len() > 0 && !m.tight && m.mark == "" {
		m.apart()
	}
	m.tight = false
	begin := m.indent
	if m.mark != "" {
		begin, m.mark = m.mark, ""
	}
	for l := range strings.Lines(text) {
		m.out.WriteString(strings.TrimRight(begin+first+strings.TrimSuffix(l, "\n"), " "))
		if strings.HasSuffix(l, "  \n") {
			m.out.WriteString("  ")
		}
		m.out.WriteByte('\n')
		begin, first = m.indent, ""
	}
}

// apart writes an empty line.
func (m *marker) apart() { m.out.WriteString(strings.TrimRight(m.indent, " ") + "\n") }

// within writes what f does with a sign before its first line, and another
// before all that follow.
func (m *marker) within(first, rest string, f func()) {
	if m.depth == markDepth {
		f()
		return
	}
	indent, mark := m.indent, m.mark
	m.depth++
	m.mark = indent + first
	if mark != "" {
		m.mark = mark + first
	} else if m.out.Len() > 0 && !m.tight {
		m.apart()
	}
	m.indent += rest
	f()
	m.end()
	m.indent, m.mark = indent, ""
	m.depth--
}

func (m *marker) list(n *html.Node) {
	number, _ := strconv.Atoi(attr(n, "start"))
	if attr(n, "start") == "" || number < 0 || number > 99_999_999 {
		number = 1
	}
	if m.depth > 0 && m.mark == "" && strings.HasSuffix(m.indent, " ") && !strings.HasSuffix(m.indent, "> ") {
		m.tight = true // below its item
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.DataAtom != atom.Li {
			if c.Type == html.ElementNode {
				m.element(c)
			}
			continue
		}
		sign := "- "
		if n.DataAtom == atom.Ol {
			sign = strconv.Itoa(number) + ". "
			number++
		}
		before := m.out.Len()
		m.within(sign, strings.Repeat(" ", len(sign)), func() { m.block(c) })
		if m.out.Len() > before {
			m.tight = true
		}
	}
	m.tight = false
}

// code writes text as it stands.
func (m *marker) code(n *html.Node) {
	var b strings.Builder
	each(n, func(c *html.Node) {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		} else if c.DataAtom == atom.Br {
			b.WriteByte('\n')
		}
	})
	text := strings.Trim(b.String(), "\n")
	if strings.TrimSpace(text) == "" {
		return
	}
	fence := strings.Repeat("`", max(3, longest(text, '`')+1))
	m.line("", fence+"\n"+text+"\n"+fence)
}

// longest is the longest run of a sign.
func longest(text string, sign byte) (most int) {
	run := 0
	for i := range len(text) {
		if text[i] != sign {
			run = 0
			continue
		}
		run++
		most = max(most, run)
	}
	return most
}

// rows are the cells of a table; nil when it is there for looks, or holds what
// a Markdown table cannot.
func (m *marker) rows(table *html.Node) (out [][]*html.Node) {
	plain := true
	var find func(n *html.Node)
	find = func(n *html.Node) {
		for c := n.FirstChild; c != nil && plain; c = c.NextSibling {
			switch c.DataAtom {
			case atom.Tr:
				out = append(out, nil)
				find(c)
			case atom.Td, atom.Th:
				if len(out) == 0 {
					out = append(out, nil)
				}
				out[len(out)-1] = append(out[len(out)-1], c)
				plain = plain && !m.whole[c]
			case atom.Thead, atom.Tbody, atom.Tfoot:
				find(c)
			case atom.Caption:
				m.text.children(c)
				m.end()
			}
		}
	}
	find(table)
	out = slices.DeleteFunc(out, func(cells []*html.Node) bool { return len(cells) == 0 })
	if !plain || !slices.ContainsFunc(out, func(cells []*html.Node) bool { return len(cells) > 1 }) {
		return nil
	}
	return out
}

// table writes rows with the first as the header, as wide as the widest.
func (m *marker) table(rows [][]*html.Node) {
	below := make([]int, markSpan) // rows that a cell above still spans, by column
	lines, width := make([][]string, 0, len(rows)), 1
	for _, cells := range rows {
		var line []string
		skip := func() {
			for len(line) < markSpan && below[len(line)] > 0 && m.empty > 0 {
				below[len(line)]--
				m.empty--
				line = append(line, "")
			}
		}
		for _, c := range cells {
			if skip(); len(line) == markSpan {
				break
			}
			m.text.children(c)
			text := strings.ReplaceAll(m.text.take(" "), "|", `\|`)
			down := min(span(c, "rowspan"), len(rows)) - 1
			for k := range min(span(c, "colspan"), markSpan-len(line)) {
				if k > 0 {
					if m.empty--; m.empty < 0 {
						break
					}
					text = ""
				}
				below[len(line)] = down
				line = append(line, text)
			}
		}
		skip()
		if slices.ContainsFunc(line, func(s string) bool { return s != "" }) {
			lines = append(lines, line)
			width = max(width, len(line))
		}
	}
	if len(lines) == 0 {
		return
	}
	lines[0] = append(lines[0], make([]string, width-len(lines[0]))...)
	var b strings.Builder
	for i, line := range lines {
		b.WriteString("| " + strings.Join(line, " | ") + " |\n")
		if i == 0 {
			b.WriteString("|" + strings.Repeat("---|", width) + "\n")
		}
	}
	m.line("", b.String())
}

func span(c *html.Node, key string) int {
	n, err := strconv.Atoi(attr(c, key))
	if err != nil || n < 1 || n > 99 {
		return 1
	}
	return n
}

// atLineStart escapes what would begin a block where it begins a line.
func atLineStart(text string) string {
	if text == "" {
		return ""
	}
	var b strings.Builder
	for l := range strings.Lines(text) {
		if i := lineSign(l); i >= 0 {
			b.WriteString(l[:i] + `\` + l[i:])
		} else {
			b.WriteString(l)
		}
	}
	return b.String()
}

// lineSign is where a line must be escaped; -1 for nowhere.
func lineSign(l string) int {
	l = strings.TrimRight(l, " \n")
	if l == "" {
		return -1
	}
	spaced := func(i int) bool { return i == len(l) || l[i] == ' ' }
	switch c := l[0]; {
	case c == '>', c == '|':
		return 0
	case (c == '-' || c == '+' || c == '*') && spaced(1):
		return 0
	case c == '#' && spaced(len(l)-len(strings.TrimLeft(l, "#"))):
		return 0
	case (c == '-' || c == '=' || c == ':') && strings.Trim(l, "-=:| ") == "":
		return 0
	case c >= '0' && c <= '9':
		i := len(l) - len(strings.TrimLeft(l, "0123456789"))
		if i < 10 && i < len(l) && (l[i] == '.' || l[i] == ')') && spaced(i+1) {
			return i
		}
	}
	return -1
}

// isPunct says what cannot stand at the inner edge of an emphasis beside a
// letter.
func isPunct(r rune) bool { return unicode.IsPunct(r) || unicode.IsSymbol(r) }

// emphasize puts a text between signs. Signs of punctuation at its edges stay
// outside: with a letter beyond them CommonMark would take the signs for text,
// as in **注意：**请.
func emphasize(text, sign string, plain bool) string {
	inner := strings.TrimSpace(text)
	if inner == "" || strings.Contains(inner, "\n") {
		return text
	}
	lead := text[:strings.Index(text, inner)]
	trail := text[len(lead)+len(inner):]
	if plain {
		core := strings.TrimFunc(inner, func(r rune) bool { return isPunct(r) || r == ' ' })
		if core == "" {
			return text
		}
		at := strings.Index(inner, core)
		lead, trail = lead+inner[:at], inner[at+len(core):]+trail
		inner = core
	}
	return lead + sign + inner + sign + trail
}
