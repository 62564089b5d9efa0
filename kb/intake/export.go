package intake

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/parleyhq/parley/desk"
)

// record is an article, section or category of an export, whatever the help
// centre calls its fields.
type record map[string]any

// Export reads a help centre's export in JSON: objects with articles (title
// and body in HTML or Markdown), sections and categories by their ids, as the
// APIs of help centres give them, or a bare list of articles. Drafts are left
// out.
func Export(ctx context.Context, name string, r io.ReaderAt, size int64) ([]Page, []Problem, error) {
	if size > MaxFile/2 {
		return nil, nil, desk.Errorf(desk.TooLarge, "file_too_large", "%s: at most %d MiB of JSON can be read: divide it", name, MaxFile>>21)
	}
	b, err := io.ReadAll(io.NewSectionReader(r, 0, size))
	if err != nil {
		return nil, nil, fmt.Errorf("read %s: %w", name, err)
	}
	e := &export{places: map[string]place{}}
	if err := e.add(name, []byte(decode(b))); err != nil {
		return nil, nil, err
	}
	if len(e.articles) == 0 {
		return nil, nil, desk.Errorf(desk.Invalid, "no_articles", "%s holds no articles: an export is an object with \"articles\", or a list of objects with title and body", name)
	}
	return e.pages(ctx)
}

// export gathers the files of one export; sections may be in another file
// than their articles.
type export struct {
	articles []record
	places   map[string]place // sections and categories
}

// place is a section, category or folder.
type place struct{ name, parent string }

func (e *export) add(name string, b []byte) error {
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		return desk.Errorf(desk.Invalid, "file_broken", "%s is no JSON: %w", name, err)
	}
	e.take(v, "", 0)
	return nil
}

// take looks for what an export holds, at most three levels deep.
func (e *export) take(v any, as string, depth int) {
	if depth > 3 {
		return
	}
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			e.one(x, as, depth)
		}
	case map[string]any:
		for key, x := range v {
			switch key {
			case "articles", "sections", "categories", "folders", "collections", "data", "results", "items", "entries", "posts", "solutions":
				e.take(x, key, depth+1)
			case "article":
				e.one(x, "articles", depth+1)
			}
		}
	}
}

func (e *export) one(x any, as string, depth int) {
	m, ok := x.(map[string]any)
	if !ok {
		return
	}
	r := record(m)
	switch as {
	case "sections", "folders":
		e.places["section:"+r.get("id")] = place{r.get("name", "title"), "category:" + r.get("category_id", "parent_id")}
	case "categories", "collections":
		e.places["category:"+r.get("id")] = place{r.get("name", "title"), ""}
	default:
		if r.get("title", "name", "subject", "question") != "" && r.get("body", "content", "description", "html", "answer", "body_html", "text") != "" {
			e.articles = append(e.articles, r)
			return
		}
	}
	e.take(m, "", depth+1) // a category that holds its articles
}

// get is the first of the fields that is a text or number.
func (r record) get(fields ...string) string {
	for _, f := range fields {
		switch v := r[f].(type) {
		case string:
			if v != "" {
				return v
			}
		case float64:
			return strconv.FormatFloat(v, 'f', -1, 64)
		}
	}
	return ""
}

func (r record) list(fields ...string) (out []string) {
	for _, f := range fields {
		if l, ok := r[f].([]any); ok {
			for _, x := range l {
				switch x := x.(type) {
				case string:
					out = append(out, x)
				case map[string]any:
					if s := record(x).get("name"); s != "" {
						out = append(out, s)
					}
				}
			}
		}
	}
	return out
}

// hidden reports whether readers of the help centre do not see it.
func (r record) hidden() bool {
	if draft, _ := r["draft"].(bool); draft {
		return true
	}
	if published, ok := r["published"].(bool); ok && !published {
		return true
	}
	switch strings.ToLower(r.get("state", "status")) {
	case "draft", "archived", "unpublished", "1": // "1" is a draft where 2 is published
		return true
	}
	return false
}

func (e *export) pages(ctx context.Context) (out []Page, problems []Problem, err error) {
	for i, r := range e.articles {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		title := r.get("title", "name", "subject", "question")
		lang := r.get("locale", "language", "lang", "source_locale")
		key := r.get("id", "slug", "html_url", "url")
		if key == "" {
			key = title
		}
		if lang != "" {
			key += "." + strings.ToLower(lang)
		}
		if r.hidden() {
			problems = append(problems, Problem{key, "draft", fmt.Sprintf("%q is a draft in the export and is left out", clip(title, 80))})
			continue
		}
		p, err := r.page(key, title)
		if err != nil {
			problems = append(problems, Problem{key, "broken", fmt.Sprintf("article %d: %v", i+1, err)})
			continue
		}
		if lang != "" {
			if l := desk.ParseLang(lang); strings.HasPrefix(strings.ToLower(lang), string(l)) {
				p.Lang = l
			}
		}
		p.Section = e.section(r)
		out = append(out, p)
	}
	return out, problems, nil
}

func (r record) page(key, title string) (Page, error) {
	p := Page{Key: key, Title: title, Questions: r.list("questions"), Tags: append(r.list("label_names", "labels", "tags"), r.list("keywords")...)}
	if u := r.get("html_url", "url", "link"); strings.HasPrefix(u, "https://") || strings.HasPrefix(u, "http://") {
		p.URL = u
	}
	if at, err := time.Parse(time.RFC3339, r.get("edited_at", "updated_at", "modified")); err == nil {
		p.Updated = at
	}
	body := r.get("body", "content", "description", "html", "body_html", "answer", "text")
	if !strings.Contains(body, "</") && !strings.Contains(body, "<br") && !strings.Contains(body, "/>") {
		p.Markdown = body
	} else {
		base, _ := resolve(nil, p.URL)
		read, err := readHTML("<body><main>"+body+"</main></body>", base)
		if err != nil {
			return p, err
		}
		p.Markdown = read.Markdown
		if read.Title != "" && read.Title != title { // a heading of the text that is not the article's
			p.Markdown = "# " + read.Title + "\n\n" + p.Markdown
		}
	}
	p.Slug = plainSlug(title)
	if !strings.ContainsFunc(p.Slug, func(r rune) bool { return r >= 'a' && r <= 'z' }) {
		p.Slug = "a-" + short(strings.TrimSuffix(key, "."+strings.ToLower(r.get("locale", "language", "lang", "source_locale"))))
	}
	return p, nil
}

func (e *export) section(r record) string {
	if name := r.get("section", "category", "folder", "collection"); name != "" {
		if _, err := strconv.Atoi(name); err != nil {
			return name
		}
	}
	s := e.places["section:"+r.get("section_id", "folder_id", "parent_id")]
	if s.name == "" {
		return e.places["category:"+r.get("category_id", "collection_id", "parent_id")].name
	}
	return s.name
}
