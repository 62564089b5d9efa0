package intake

import (
	"bytes"
	"context"
	"io"
	"path"
	"regexp"
	"strings"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/yamlfile"
)

// front is what a Markdown file may say of itself between two lines of ---.
// Other keys are let be: files come from many tools.
type front struct {
	title, lang, slug string
	questions, tags   []string
}

// Markdown reads a Markdown file. Front matter (title, lang, slug, questions,
// tags) is optional; a title is else the first heading or the file's name, and
// SLUG.en.md names slug and language.
func Markdown(_ context.Context, name string, r io.ReaderAt, size int64) ([]Page, []Problem, error) {
	text, err := readText(name, r, size)
	if err != nil {
		return nil, nil, err
	}
	p := Page{Key: name, Section: folder(name)}
	var problems []Problem
	body := text
	if rest, ok := strings.CutPrefix(text, "---\n"); ok {
		if head, after, ok := strings.Cut("\n"+rest, "\n---\n"); ok {
			f, err := readFront(head)
			if err != nil {
				problems = append(problems, Problem{name, "front_matter", "its front matter is left out: " + err.Error()})
			}
			p.Title, p.Slug, p.Questions, p.Tags, body = f.title, f.slug, f.questions, f.tags, after
			if f.lang != "" {
				p.Lang = desk.ParseLang(f.lang)
			}
		}
	}
	base := strings.TrimSuffix(path.Base(name), path.Ext(name))
	if slug, lang, ok := strings.Cut(base, "."); ok && (lang == "en" || lang == "zh") {
		base = slug
		if p.Lang == "" {
			p.Lang = desk.Lang(lang)
		}
		if p.Slug == "" {
			p.Slug = slug
		}
	}
	if p.Title == "" {
		p.Title, body = leadingTitle(body)
	}
	if p.Title == "" {
		p.Title = words(base)
	}
	p.Markdown = body
	return []Page{p}, problems, nil
}

// Plain reads a text file: paragraphs between empty lines.
func Plain(_ context.Context, name string, r io.ReaderAt, size int64) ([]Page, []Problem, error) {
	text, err := readText(name, r, size)
	if err != nil {
		return nil, nil, err
	}
	base := strings.TrimSuffix(path.Base(name), path.Ext(name))
	return []Page{{Key: name, Title: words(base), Markdown: text, Section: folder(name)}}, nil, nil
}

// readFront reads the keys it knows, as texts or lists of them.
func readFront(head string) (f front, err error) {
	var m map[string]any
	if err := yamlfile.Decode("front matter", bytes.TrimSpace([]byte(head)), &m); err != nil {
		return f, err
	}
	one := func(key string) string { s, _ := m[key].(string); return s }
	many := func(key string) (out []string) {
		switch v := m[key].(type) {
		case string:
			return strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == '，' })
		case []any:
			for _, x := range v {
				if s, ok := x.(string); ok {
					out = append(out, s)
				}
			}
		}
		return out
	}
	f = front{title: one("title"), lang: one("lang"), slug: one("slug"), questions: many("questions"), tags: many("tags")}
	if f.lang == "" {
		f.lang = one("language")
	}
	return f, nil
}

var leadingHeading = regexp.MustCompile(`^\s*#[ \t]+([^\n]+?)[ \t#]*\n`)

// leadingTitle takes the heading off the top of a text.
func leadingTitle(body string) (title, rest string) {
	body += "\n"
	if m := leadingHeading.FindStringSubmatch(body); m != nil {
		return m[1], strings.TrimSpace(body[len(m[0]):])
	}
	return "", strings.TrimSpace(body)
}

// words is a file's name as a title.
func words(base string) string {
	return strings.TrimSpace(strings.NewReplacer("-", " ", "_", " ").Replace(base))
}

// folder is the name of the folder that a file lies in.
func folder(name string) string {
	dir := path.Base(path.Dir(path.Clean("/" + name)))
	if dir == "/" || dir == "." {
		return ""
	}
	return words(dir)
}
