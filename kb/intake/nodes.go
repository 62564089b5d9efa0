package intake

import (
	"slices"
	"strings"

	"github.com/JohannesKaufmann/html-to-markdown/v2/converter"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/base"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/commonmark"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/table"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// markdownOf writes the part of a page as Markdown: headings, lists, tables,
// links and code stay what they are.
func markdownOf(n *html.Node) (string, error) {
	tidy(n)
	c := converter.NewConverter(converter.WithPlugins(
		base.NewBasePlugin(),
		commonmark.NewCommonmarkPlugin(
			commonmark.WithListEndComment(false),
			commonmark.WithLinkEmptyHrefBehavior(commonmark.LinkBehaviorSkip),
			commonmark.WithLinkEmptyContentBehavior(commonmark.LinkBehaviorSkip),
		),
		table.NewTablePlugin(
			table.WithHeaderPromotion(true), table.WithSkipEmptyRows(true),
			table.WithNewlineBehavior(table.NewlineBehaviorPreserve),
			table.WithCellPaddingBehavior(table.CellPaddingBehaviorMinimal),
		),
	))
	out, err := c.ConvertNode(n)
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(string(out)), nil
}

// tidy takes out what leaves noise in Markdown: images without an address or
// description, and the marks beside headings that link to themselves.
func tidy(n *html.Node) {
	for c := n.FirstChild; c != nil; {
		next := c.NextSibling
		c.Attr = slices.DeleteFunc(c.Attr, func(a html.Attribute) bool {
			return (a.Key == "colspan" || a.Key == "rowspan" || a.Key == "start") && len(a.Val) > 2 // a cell over a million columns
		})
		switch {
		case c.DataAtom == atom.Img && (attr(c, "src") == "" || attr(c, "alt") == ""),
			c.DataAtom == atom.A && within(c, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6) && len(textOf(c)) <= len("¶"):
			n.RemoveChild(c)
		default:
			tidy(c)
		}
		c = next
	}
}

// each calls f for n and all below, in the order of the page. The parser
// bounds how deep a page is.
func each(n *html.Node, f func(*html.Node)) {
	f(n)
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		each(c, f)
	}
}

// first finds the first element below n that is.
func first(n *html.Node, is func(*html.Node) bool) *html.Node {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode && is(c) {
			return c
		}
		if found := first(c, is); found != nil {
			return found
		}
	}
	return nil
}

// only is the one element of the kind below n, or nil when there are none or
// several.
func only(n *html.Node, kind atom.Atom) *html.Node {
	var found *html.Node
	count := 0
	each(n, func(c *html.Node) {
		if c.DataAtom == kind && c != n {
			found = c
			count++
		}
	})
	if count != 1 {
		return nil
	}
	return found
}

func within(n *html.Node, kinds ...atom.Atom) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		for _, k := range kinds {
			if p.DataAtom == k {
				return true
			}
		}
	}
	return false
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, key string) bool {
	for _, a := range n.Attr {
		if a.Key == key {
			return true
		}
	}
	return false
}

func textOf(n *html.Node) string {
	var b strings.Builder
	each(n, func(c *html.Node) {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	})
	return strings.Join(strings.Fields(b.String()), " ")
}
