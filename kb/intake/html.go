package intake

import (
	"context"
	"io"
	"net/url"
	"path"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/parleyhq/parley/desk"
)

// HTML reads a page: its main text, without navigation and scripts, as
// Markdown.
func HTML(_ context.Context, name string, r io.ReaderAt, size int64) ([]Page, []Problem, error) {
	text, err := readText(name, r, size)
	if err != nil {
		return nil, nil, err
	}
	p, err := readHTML(text, nil)
	if err != nil {
		return nil, nil, desk.Errorf(desk.Invalid, "file_broken", "%s is no HTML that can be read: %w", name, err)
	}
	p.Key, p.Section = name, folder(name)
	if p.Title == "" {
		p.Title = words(strings.TrimSuffix(path.Base(name), path.Ext(name)))
	}
	return []Page{p}, nil, nil
}

// readHTML reads a page; relative addresses are resolved against base, when
// there is one. The page has no key yet; its URL is the canonical one when it
// names one.
func readHTML(text string, base *url.URL) (Page, error) {
	doc, err := html.Parse(strings.NewReader(text))
	if err != nil {
		return Page{}, err
	}
	h := readHead(doc, base)
	p := Page{Title: h.title, URL: h.canonical, Lang: h.lang, Links: links(doc, h.base)}
	prune(doc)
	main := mainPart(doc)
	if main == nil {
		return p, nil
	}
	if h1 := only(main, atom.H1); h1 != nil {
		if t := textOf(h1); t != "" {
			p.Title = t
			h1.Parent.RemoveChild(h1)
		}
	}
	absolute(main, h.base)
	p.Markdown = markdownOf(main)
	return p, nil
}

// dropped never hold what a page says.
var dropped = []atom.Atom{atom.Script, atom.Style, atom.Noscript, atom.Template, atom.Iframe, atom.Object, atom.Embed, atom.Svg, atom.Canvas,
	atom.Nav, atom.Aside, atom.Form, atom.Button, atom.Input, atom.Select, atom.Textarea, atom.Dialog, atom.Audio, atom.Video, atom.Link, atom.Meta}

// furniture are words in class or id of what stands around a text.
var furniture = []string{"cookie", "breadcrumb", "sidebar", "navbar", "site-header", "site-footer", "skip-link", "related-articles", "article-votes",
	"share-buttons", "social-share", "pagination", "advert", "newsletter", "toc", "table-of-contents", "visually-hidden", "sr-only"}

// prune takes out what is not text. Headers and footers go unless they are an
// article's own.
func prune(n *html.Node) {
	for c := n.FirstChild; c != nil; {
		next := c.NextSibling
		if c.Type == html.CommentNode || c.Type == html.ElementNode && unwanted(c) {
			n.RemoveChild(c)
		} else {
			prune(c)
		}
		c = next
	}
}

func unwanted(n *html.Node) bool {
	if slices.Contains(dropped, n.DataAtom) {
		return true
	}
	switch attr(n, "role") {
	case "navigation", "banner", "contentinfo", "complementary", "search", "dialog", "alertdialog", "menu", "menubar":
		return true
	}
	if n.DataAtom == atom.Header || n.DataAtom == atom.Footer {
		inside := within(n, atom.Article, atom.Main)
		return n.DataAtom == atom.Footer || !inside
	}
	if has(n, "hidden") || attr(n, "aria-hidden") == "true" || strings.Contains(strings.ReplaceAll(attr(n, "style"), " ", ""), "display:none") {
		return true
	}
	if n.DataAtom == atom.Body || n.DataAtom == atom.Html || n.DataAtom == atom.Main || n.DataAtom == atom.Article {
		return false
	}
	for _, name := range strings.Fields(strings.ToLower(attr(n, "class") + " " + attr(n, "id"))) {
		if slices.ContainsFunc(furniture, func(f string) bool { return name == f || len(f) > 5 && strings.HasPrefix(name, f) }) {
			return true
		}
	}
	return false
}

// mainPart is where the text is: what is marked as such, or else the smallest
// part that holds nearly all of the running text.
func mainPart(doc *html.Node) *html.Node {
	body := first(doc, func(n *html.Node) bool { return n.DataAtom == atom.Body })
	if body == nil {
		return nil
	}
	weights := map[*html.Node]int{}
	weigh(body, weights)
	weight := func(n *html.Node) int { return weights[n] }
	for _, is := range []func(*html.Node) bool{
		func(n *html.Node) bool { return n.DataAtom == atom.Main || attr(n, "role") == "main" },
		func(n *html.Node) bool { return n.DataAtom == atom.Article },
		func(n *html.Node) bool { return attr(n, "itemprop") == "articleBody" },
	} {
		if n := first(body, is); n != nil && weight(n) > 0 {
			if article := only(n, atom.Article); article != nil && weight(article)*10 >= weight(n)*8 {
				return article
			}
			return n
		}
	}
	all := weight(body)
	at := body
	for all > 0 {
		var heavy *html.Node
		for c := at.FirstChild; c != nil; c = c.NextSibling {
			if c.Type == html.ElementNode && weight(c)*10 >= all*9 {
				heavy = c
			}
		}
		if heavy == nil || heavy.DataAtom == atom.P || heavy.DataAtom == atom.Ul || heavy.DataAtom == atom.Ol || heavy.DataAtom == atom.Table || heavy.DataAtom == atom.Pre {
			break
		}
		at = heavy
	}
	return at
}

// weigh notes for n and every element below how many bytes of text it holds
// that are no link.
func weigh(n *html.Node, weights map[*html.Node]int) (sum int) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch {
		case c.Type == html.TextNode:
			sum += len(strings.TrimSpace(c.Data))
		case c.DataAtom != atom.A:
			sum += weigh(c, weights)
		}
	}
	weights[n] = sum
	return sum
}

// head is what a page says of itself.
type head struct {
	title, canonical string
	lang             desk.Lang
	base             *url.URL
}

func readHead(doc *html.Node, base *url.URL) head {
	h := head{base: base}
	each(doc, func(n *html.Node) {
		switch n.DataAtom {
		case atom.Html:
			if tag := strings.ToLower(attr(n, "lang")); strings.HasPrefix(tag, "zh") || strings.HasPrefix(tag, "en") {
				h.lang = desk.ParseLang(tag)
			}
		case atom.Title:
			if h.title == "" && !within(n, atom.Svg) {
				h.title = siteless(textOf(n))
			}
		case atom.Base:
			if u, ok := resolve(base, attr(n, "href")); ok && u.IsAbs() {
				h.base = u
			}
		case atom.Link:
			if u, ok := resolve(base, attr(n, "href")); ok && u.IsAbs() && strings.EqualFold(attr(n, "rel"), "canonical") {
				h.canonical = u.String()
			}
		}
	})
	return h
}

// siteless cuts the name of the site off a title.
func siteless(title string) string {
	for _, sep := range []string{" | ", " – ", " — ", " · ", " - ", "_"} {
		if i := strings.LastIndex(title, sep); i > 0 && (sep != "_" || Detect(title) == desk.Chinese) {
			return strings.TrimSpace(title[:i])
		}
	}
	return title
}

func links(doc *html.Node, base *url.URL) (out []string) {
	if base == nil {
		return nil
	}
	seen := map[string]bool{}
	each(doc, func(n *html.Node) {
		if n.DataAtom != atom.A || len(out) >= maxLinks || strings.Contains(attr(n, "rel"), "nofollow") {
			return
		}
		u, ok := resolve(base, attr(n, "href"))
		if !ok || u.Scheme != "http" && u.Scheme != "https" {
			return
		}
		u.Fragment, u.RawFragment = "", ""
		if s := u.String(); !seen[s] && len(s) <= maxURL {
			seen[s] = true
			out = append(out, s)
		}
	})
	return out
}

// absolute makes the addresses below n absolute and takes out those that lead
// nowhere or run scripts, and images whose bytes stand in the page.
func absolute(n *html.Node, base *url.URL) {
	each(n, func(n *html.Node) {
		key := map[atom.Atom]string{atom.A: "href", atom.Img: "src"}[n.DataAtom]
		if key == "" {
			return
		}
		for i := range n.Attr {
			if n.Attr[i].Key != key {
				continue
			}
			u, ok := resolve(base, n.Attr[i].Val)
			good := ok && (u.Scheme == "http" || u.Scheme == "https" || n.DataAtom == atom.A && (u.Scheme == "mailto" || u.Scheme == "tel"))
			if !good {
				n.Attr[i].Val = ""
				continue
			}
			n.Attr[i].Val = u.String()
		}
	})
}

func resolve(base *url.URL, ref string) (*url.URL, bool) {
	u, err := url.Parse(strings.TrimSpace(ref))
	if err != nil || ref == "" {
		return nil, false
	}
	if base != nil {
		u = base.ResolveReference(u)
	}
	return u, true
}
