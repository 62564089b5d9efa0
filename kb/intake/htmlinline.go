package intake

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// inline gathers the text of one paragraph, heading or cell.
type inline struct {
	b       strings.Builder
	space   bool // one is due before what comes next
	last    rune // that was written
	inner   bool // it is of an element within a paragraph: a space at its beginning counts
	heading bool // links that only show where a heading is are left out
	strong  bool
	em      bool
	link    bool
}

const lineBreak = "\v" // stands for <br>: elsewhere white space has become spaces

// take empties it and returns the text, with line breaks as told.
func (t *inline) take(br string) string {
	s := t.b.String()
	t.b.Reset()
	t.space, t.last = false, 0
	s = strings.Trim(s, lineBreak+" ")
	if !strings.Contains(s, lineBreak) {
		return s
	}
	var out []string
	for part := range strings.SplitSeq(s, lineBreak) {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return strings.Join(out, br)
}

func (t *inline) children(n *html.Node) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		t.node(c)
	}
}

func (t *inline) node(n *html.Node) {
	if n.Type == html.TextNode {
		t.words(n.Data)
		return
	}
	if n.Type != html.ElementNode {
		return
	}
	switch n.DataAtom {
	case atom.Br:
		t.raw(lineBreak)
		t.space = false
	case atom.Img:
		if src, alt := attr(n, "src"), strings.Join(strings.Fields(attr(n, "alt")), " "); src != "" && alt != "" {
			t.raw("![" + escapeWord(alt, ' ', true) + "](" + target(src) + ")")
		}
	case atom.Strong, atom.B:
		t.signed(n, "**", &t.strong)
	case atom.Em, atom.I:
		t.signed(n, "*", &t.em)
	case atom.Code, atom.Kbd, atom.Samp, atom.Tt:
		if s := textOf(n); s != "" {
			fence := strings.Repeat("`", longest(s, '`')+1)
			if len(fence) > 1 || s[0] == '`' {
				s = " " + s + " "
			}
			t.raw(fence + s + fence)
		}
	case atom.A:
		t.anchor(n)
	default:
		t.block(n)
	}
}

// block writes what stands in an element; what begins a line elsewhere is a
// word of its own here.
func (t *inline) block(n *html.Node) {
	own := false
	for _, b := range blocks {
		own = own || b == n.DataAtom
	}
	t.space = t.space || own
	t.children(n)
	t.space = t.space || own
}

func (t *inline) anchor(n *html.Node) {
	href := attr(n, "href")
	part := t.part(n, &t.link)
	text := strings.TrimSpace(part.text)
	switch {
	case t.heading && !strings.ContainsFunc(text, wordy): // the sign that leads to the heading itself
	case href == "" || t.link || text == "":
		t.put(part)
	default:
		t.space = t.space || t.last == '!' // else it were a picture
		part.text = "[" + text + "](" + target(href) + ")"
		t.put(part)
	}
}

func (t *inline) signed(n *html.Node, sign string, on *bool) {
	if *on {
		t.children(n)
		return
	}
	plain := true
	each(n, func(c *html.Node) { plain = plain && (c == n || c.Type != html.ElementNode) })
	part := t.part(n, on)
	part.text = emphasize(part.text, sign, plain)
	t.put(part)
}

// part is the text of an element, and whether spaces stand around it.
type part struct {
	text          string
	before, after bool
}

// part reads an element by itself.
func (t *inline) part(n *html.Node, on *bool) part {
	was := *on
	*on = true
	inner := inline{inner: true, last: t.before(), heading: t.heading, strong: t.strong, em: t.em, link: t.link}
	*on = was
	inner.children(n)
	s := inner.b.String()
	p := part{after: inner.space || strings.HasSuffix(s, " "), before: strings.HasPrefix(s, " ")}
	p.text = strings.ReplaceAll(strings.Trim(s, " "+lineBreak), lineBreak, " ")
	return p
}

func (t *inline) put(p part) {
	t.space = t.space || p.before
	if p.text != "" {
		t.raw(p.text)
	}
	t.space = t.space || p.after
}

// before is what stands before what comes next.
func (t *inline) before() rune {
	if t.space || t.b.Len() == 0 && !t.inner {
		return ' '
	}
	return t.last
}

// raw writes Markdown.
func (t *inline) raw(s string) {
	if t.space && (t.b.Len() > 0 || t.inner) {
		t.b.WriteByte(' ')
	}
	t.space = false
	t.b.WriteString(s)
	t.last, _ = utf8.DecodeLastRuneInString(s)
}

// words writes text, with what Markdown would read as more than text escaped
// and any white space as one space.
func (t *inline) words(s string) {
	for len(s) > 0 {
		end := strings.IndexFunc(s, unicode.IsSpace)
		if end == 0 {
			_, n := utf8.DecodeRuneInString(s)
			t.space, s = true, s[n:]
			continue
		}
		if end < 0 {
			end = len(s)
		}
		t.raw(escapeWord(s[:end], t.before(), t.link))
		s = s[end:]
	}
}

// escapeWord makes Markdown of words; before is the letter before them, and
// linked says that they stand in brackets.
func escapeWord(s string, before rune, linked bool) string {
	if !strings.ContainsAny(s, "\\*_`[]<&~") {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		next, _ := utf8.DecodeRuneInString(s[i+utf8.RuneLen(r):])
		if i+utf8.RuneLen(r) >= len(s) {
			next = 0 // what comes is not known
		}
		risky := false
		switch r {
		case '`':
			risky = true
		case '\\':
			risky = next == 0 || next < utf8.RuneSelf && isPunct(next)
		case '*':
			risky = len(s) > 1 || before != ' '
		case '_':
			risky = !wordy(before) || !wordy(next)
		case '[':
			risky = linked
		case ']':
			risky = linked || next == 0 || next == '(' || next == '[' || next == ':'
		case '<':
			risky = next == 0 || next == '/' || next == '!' || next == '?' || next < utf8.RuneSelf && wordy(next)
		case '&':
			risky = strings.IndexByte(s[i:min(i+40, len(s))], ';') > 1
		case '~':
			risky = next == '~' || before == '~'
		}
		if risky {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
		before = r
	}
	return b.String()
}

func wordy(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// target is an address within the brackets of a link.
func target(u string) string {
	return strings.NewReplacer(" ", "%20", "(", "%28", ")", "%29", "<", "%3C", ">", "%3E", "\\", "%5C", "\n", "", lineBreak, "").Replace(u)
}
