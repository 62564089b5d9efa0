package helpcentre

import (
	"fmt"
	"html"
	"html/template"
	"regexp"
	"strings"
	"sync"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/kb"
)

// cache keeps rendered articles, the newest version of each; beyond its size
// it begins anew.
type cache struct {
	mu  sync.Mutex // guards all
	all map[desk.ID]rendered
}

type rendered struct {
	version int
	html    template.HTML
	heads   []head
}

const cacheSize = 5000

func (c *cache) of(a kb.Article) (template.HTML, []head, error) {
	c.mu.Lock()
	got, ok := c.all[a.ID]
	c.mu.Unlock()
	if ok && got.version == a.Version {
		return got.html, got.heads, nil
	}
	text, err := kb.Render(a.Body)
	if err != nil {
		return "", nil, fmt.Errorf("article %s: %w", a.Slug, err)
	}
	text, heads := anchors(text)
	got = rendered{a.Version, template.HTML(text), heads} // kb.Render made it safe
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all == nil || len(c.all) >= cacheSize {
		c.all = map[desk.ID]rendered{}
	}
	c.all[a.ID] = got
	return got.html, got.heads, nil
}

var (
	heading = regexp.MustCompile(`<h([1-6])>(.*?)</h[1-6]>`)
	tag     = regexp.MustCompile(`<[^>]*>`)
)

// anchors gives headings names that can be linked to. The article's title is
// the page's h1, so what is an h1 in the text becomes an h2.
func anchors(text string) (string, []head) {
	var heads []head
	out := heading.ReplaceAllStringFunc(text, func(s string) string {
		m := heading.FindStringSubmatch(s)
		level := max(int(m[1][0]-'0'), 2)
		h := head{ID: fmt.Sprintf("s%d", len(heads)+1), Text: html.UnescapeString(tag.ReplaceAllString(m[2], "")), Level: level}
		heads = append(heads, h)
		return fmt.Sprintf(`<h%d id="%s">%s</h%d>`, level, h.ID, m[2], level)
	})
	return strings.ReplaceAll(out, "<table>", `<table class="text">`), heads
}
