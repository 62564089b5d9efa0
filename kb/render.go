package kb

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"

	"github.com/parleyhq/parley/desk"
)

// renderer makes HTML of Markdown and takes out whatever could do harm. It is
// built once, at first use, and never changes.
var renderer = sync.OnceValue(func() (r struct {
	markdown goldmark.Markdown
	policy   *bluemonday.Policy
}) {
	r.markdown = goldmark.New(
		goldmark.WithExtensions(extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignAttribute)), extension.Strikethrough, extension.Linkify, extension.TaskList),
		goldmark.WithRendererOptions(html.WithHardWraps()), // raw HTML stays off
	)
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "strong", "em", "del", "blockquote", "code", "pre",
		"ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td")
	p.AllowAttrs("start").Matching(bluemonday.Integer).OnElements("ol")
	p.AllowAttrs("align").Matching(regexp.MustCompile(`^(left|right|center)$`)).OnElements("th", "td")
	p.AllowAttrs("href").OnElements("a")
	p.AllowURLSchemes("https", "http", "mailto", "tel")
	p.AllowRelativeURLs(true)
	p.RequireParseableURLs(true)
	p.RequireNoFollowOnLinks(true)
	p.RequireNoReferrerOnLinks(true)
	p.AddTargetBlankToFullyQualifiedLinks(true) // with rel=noopener
	p.AllowAttrs("src").Matching(ownFile).OnElements("img")
	p.AllowAttrs("alt", "title").OnElements("img")
	r.policy = p
	return r
})

// ownFile matches the address of an uploaded file of ours. Images from
// elsewhere would tell others who reads what.
var ownFile = regexp.MustCompile(`^/v1/files/[0-9a-zA-Z_-]{1,64}(\?t=[0-9a-zA-Z._~%-]{1,512})?$`)

// maxPreview bounds what Render takes.
const maxPreview = 2 * MaxBody

// Render makes safe HTML of Markdown: GitHub's tables, strikethrough and
// automatic links, no raw HTML, images only from our own files, links that
// lead away without telling from where.
func Render(markdown string) (string, error) {
	if len(markdown) > maxPreview {
		return "", &desk.Error{Kind: desk.TooLarge, Code: "too_large", Field: "markdown", Message: fmt.Sprintf("at most %d bytes", maxPreview)}
	}
	if err := checkNesting(markdown); err != nil {
		return "", err
	}
	r := renderer()
	var b bytes.Buffer
	if err := r.markdown.Convert([]byte(cleanText(markdown)), &b); err != nil {
		return "", fmt.Errorf("render Markdown: %w", err)
	}
	return emptyImage.ReplaceAllString(strings.TrimSpace(r.policy.Sanitize(b.String())), "$1"), nil
}

// The parser's time grows with the square of these; nobody writes that many.
const (
	maxNesting  = 32   // lists and quotations within each other
	maxBrackets = 1000 // opening brackets in one paragraph
)

// checkNesting refuses text that is only made to keep a parser busy.
func checkNesting(markdown string) error {
	bad := func(line int, what string) error {
		return &desk.Error{Kind: desk.Invalid, Code: "bad_markdown", Field: "markdown", Message: fmt.Sprintf("line %d: %s", line, what)}
	}
	n, brackets := 0, 0
	for line := range strings.Lines(markdown) {
		n++
		if strings.TrimSpace(line) == "" {
			brackets = 0
			continue
		}
		if brackets += strings.Count(line, "["); brackets > maxBrackets {
			return bad(n, "too many brackets in one paragraph")
		}
		if len(nesting.FindString(line)) > 0 {
			return bad(n, "lists or quotations are nested too deep")
		}
	}
	return nil
}

// nesting matches the start of a line that opens too many lists or quotations.
var nesting = regexp.MustCompile(fmt.Sprintf(`^(?:\s*(?:>|[-*+]\s|\d{1,9}[.)]\s)){%d}`, maxNesting+1))

// emptyImage matches an image whose source was taken out; its text stays.
var emptyImage = regexp.MustCompile(`<img(?: alt="([^"]*)"| title="[^"]*")*\s*/?>`)

// Preview is Render, for editors.
func (l *Library) Preview(markdown string) (string, error) { return Render(markdown) }
