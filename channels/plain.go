package channels

import (
	"strconv"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Plain flattens Markdown to text that reads well without it: emphasis goes,
// lists keep their marks, links keep their addresses. HTML within it is left
// out.
func Plain(markdown string) string {
	source := []byte(strings.ToValidUTF8(markdown, "\uFFFD"))
	doc := goldmark.New(goldmark.WithExtensions(extension.Table, extension.Strikethrough)).Parser().Parse(text.NewReader(source))
	w := plainWriter{source: source}
	var out []string
	for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
		out = append(out, w.block(n, 0))
	}
	return join(out)
}

type plainWriter struct{ source []byte }

// maxNesting is how deep lists and quotes are followed; deeper ones lose their
// indentation.
const maxNesting = 20

func (w plainWriter) block(n ast.Node, depth int) string {
	switch n := n.(type) {
	case *ast.List:
		return w.list(n, depth)
	case *ast.Blockquote:
		return prefix(w.blocks(n, depth, "\n\n"), "> ")
	case *ast.CodeBlock, *ast.FencedCodeBlock:
		return strings.TrimRight(w.lines(n), "\n")
	case *ast.ThematicBreak:
		return "---"
	case *ast.HTMLBlock:
		return ""
	case *east.Table:
		return w.blocks(n, depth, "\n")
	case *east.TableHeader, *east.TableRow:
		return w.blocks(n, depth, " | ")
	}
	if n.FirstChild() != nil && n.FirstChild().Type() == ast.TypeBlock {
		return w.blocks(n, depth, "\n\n")
	}
	var b strings.Builder
	w.inline(&b, n, depth)
	return strings.TrimSpace(b.String())
}

func (w plainWriter) blocks(n ast.Node, depth int, between string) string {
	if depth > maxNesting {
		return w.lines(n)
	}
	var out []string
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		out = append(out, w.block(c, depth+1))
	}
	return strings.Join(full(out), between)
}

func (w plainWriter) list(l *ast.List, depth int) string {
	between := "\n"
	if !l.IsTight {
		between = "\n\n"
	}
	var items []string
	number := l.Start
	for c := l.FirstChild(); c != nil; c = c.NextSibling() {
		mark := "- "
		if l.IsOrdered() {
			mark = strconv.Itoa(number) + ". "
			number++
		}
		body := w.blocks(c, depth, "\n")
		items = append(items, mark+strings.ReplaceAll(body, "\n", "\n"+strings.Repeat(" ", len(mark))))
	}
	return strings.Join(items, between)
}

func (w plainWriter) lines(n ast.Node) string {
	var b strings.Builder
	for i := range n.Lines().Len() {
		line := n.Lines().At(i)
		b.Write(line.Value(w.source))
	}
	return b.String()
}

func (w plainWriter) inline(b *strings.Builder, n ast.Node, depth int) {
	if depth > 10*maxNesting {
		return
	}
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.Text:
			b.Write(literal(c.Value(w.source)))
			if c.HardLineBreak() || c.SoftLineBreak() {
				b.WriteByte('\n')
			}
		case *ast.String:
			b.Write(c.Value)
		case *ast.AutoLink:
			b.Write(c.URL(w.source))
		case *ast.RawHTML:
		case *ast.Link:
			w.link(b, c, string(c.Destination), depth)
		case *ast.Image:
			w.inline(b, c, depth+1)
		default:
			w.inline(b, c, depth+1)
		}
	}
}

// link writes a link's text and where it leads, once if they are the same.
// Only addresses that a person can follow are shown.
func (w plainWriter) link(b *strings.Builder, n ast.Node, to string, depth int) {
	var label strings.Builder
	w.inline(&label, n, depth+1)
	b.WriteString(label.String())
	for _, scheme := range []string{"https://", "http://", "mailto:", "tel:", "/"} {
		if strings.HasPrefix(to, scheme) && label.String() != to && label.String() != strings.TrimPrefix(to, scheme) {
			b.WriteString(" (" + strings.TrimPrefix(strings.TrimPrefix(to, "mailto:"), "tel:") + ")")
			return
		}
	}
}

func prefix(s, mark string) string { return mark + strings.ReplaceAll(s, "\n", "\n"+mark) }

// literal drops the backslashes of Markdown and resolves its entities.
func literal(b []byte) []byte {
	return util.ResolveEntityNames(util.ResolveNumericReferences(util.UnescapePunctuations(b)))
}
