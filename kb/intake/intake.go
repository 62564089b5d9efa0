// Package intake brings what is written elsewhere into the knowledge base:
// files, sites and exports of help centres are read into pages, compared with
// the articles there are, shown, and only then saved.
package intake

import (
	"context"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/kb"
)

// Page is one text of a source, ready to become an article.
type Page struct {
	Key       string    `json:"key"`                        // names it within its source, for ever: a path, an address, an id
	Title     string    `json:"title"`                      // at most kb.MaxTitle characters
	Markdown  string    `json:"markdown"`                   // at most kb.MaxBody bytes
	Lang      desk.Lang `json:"lang"`                       // en or zh
	Questions []string  `json:"questions" nullable:"false"` // other ways to ask for it
	Tags      []string  `json:"tags" nullable:"false"`
	URL       string    `json:"url,omitempty"`     // where readers find it; empty: nowhere
	Section   string    `json:"section,omitempty"` // of the help centre, or folder
	Slug      string    `json:"slug,omitempty"`    // that it asks for; empty: made of its key
	Updated   time.Time `json:"updated,omitzero"`  // as the source says
	Links     []string  `json:"links,omitempty"`   // absolute addresses that it leads to, at most maxLinks
}

// Problem is something about a source that its editor should know.
type Problem struct {
	Key     string `json:"key,omitempty"` // of the page, file or address; empty: all of it
	Code    string `json:"code"`          // stable: "scanned", "empty", "too_large", "robots", ...
	Message string `json:"message"`       // in English, says what to do
}

// Reader reads one file into pages. What it cannot read of it are problems;
// the error means that nothing could be read. It never panics, takes time and
// memory in proportion to size, and stops when ctx ends.
type Reader func(ctx context.Context, name string, r io.ReaderAt, size int64) ([]Page, []Problem, error)

// The bounds on what is read.
const (
	MaxFile     = 64 << 20 // bytes of one file
	MaxPages    = 20000    // of one source
	maxText     = 8 << 20  // bytes of a text file, or of one file in an archive's text
	maxProblems = 500      // of one run that are kept
	maxLinks    = 500
)

// Extensions lists the endings of the files that can be read, with the dot.
func Extensions() []string {
	out := make([]string, 0, len(readers)+1)
	for ext := range readers {
		out = append(out, ext)
	}
	out = append(out, ".zip")
	slices.Sort(out)
	return out
}

// readers are the formats by the ending of a file's name; archives hold them.
var readers = map[string]Reader{
	".md": Markdown, ".markdown": Markdown, ".txt": Plain,
	".html": HTML, ".htm": HTML, ".xhtml": HTML,
	".pdf": PDF, ".docx": DOCX,
	".csv": CSV, ".tsv": CSV,
	".json": Export,
}

// Read reads a file in whichever format its name, or else its first bytes,
// say. An unknown format is an error of Kind Invalid, code "format_unknown".
func Read(ctx context.Context, name string, r io.ReaderAt, size int64) ([]Page, []Problem, error) {
	if size > MaxFile {
		return nil, nil, desk.Errorf(desk.TooLarge, "file_too_large", "%s has %d MiB; at most %d MiB can be read: divide it", name, size>>20, MaxFile>>20)
	}
	if size <= 0 {
		return nil, nil, desk.Errorf(desk.Invalid, "file_empty", "%s is empty", name)
	}
	read := readerOf(name, r, size)
	if read == nil {
		return nil, nil, desk.Errorf(desk.Invalid, "format_unknown", "%s is in no format that can be read: use %s", name, strings.Join(Extensions(), " "))
	}
	pages, problems, err := guarded(ctx, read, name, r, size)
	if err != nil {
		return nil, problems, err
	}
	return finish(pages, problems)
}

func readerOf(name string, r io.ReaderAt, size int64) Reader {
	ext := strings.ToLower(path.Ext(name))
	head := make([]byte, min(size, 16))
	if _, err := r.ReadAt(head, 0); err != nil && err != io.EOF {
		return nil
	}
	switch {
	case strings.HasPrefix(string(head), "%PDF-"):
		return PDF
	case strings.HasPrefix(string(head), "PK\x03\x04") && ext != ".docx":
		return ZIP
	}
	return readers[ext]
}

// guarded turns a panic over a hostile file into an error.
func guarded(ctx context.Context, read Reader, name string, r io.ReaderAt, size int64) (pages []Page, problems []Problem, err error) {
	defer func() {
		if p := recover(); p != nil {
			pages, problems, err = nil, nil, desk.Errorf(desk.Invalid, "file_broken", "%s cannot be read: %v", name, p)
		}
	}()
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	return read(ctx, name, r, size)
}

// finish cleans pages, cuts the long ones, and takes out those without a text.
func finish(in []Page, problems []Problem) ([]Page, []Problem, error) {
	out := make([]Page, 0, len(in))
	seen := map[string]bool{}
	for _, whole := range in {
		for _, p := range split(whole) {
			p = p.clean()
			switch {
			case p.Markdown == "":
				problems = append(problems, Problem{p.Key, "empty", "it has no text"})
				continue
			case seen[p.Key]:
				problems = append(problems, Problem{p.Key, "twice", "it is there twice; the first is taken"})
				continue
			case len(out) == MaxPages:
				problems = append(problems, Problem{"", "too_many_pages", fmt.Sprintf("only the first %d pages are taken: divide the source", MaxPages)})
				return out, bounded(problems), nil
			}
			seen[p.Key] = true
			out = append(out, p)
		}
	}
	return out, bounded(problems), nil
}

func bounded(problems []Problem) []Problem { return problems[:min(len(problems), maxProblems)] }

// clean makes what an article accepts of a page.
func (p Page) clean() Page {
	c := kb.Content{Title: p.Title, Body: p.Markdown, Questions: p.Questions, Tags: p.Tags}.Clean()
	if c.Title == "" {
		c.Title = firstWords(c.Body)
	}
	p.Title, p.Markdown = clip(c.Title, kb.MaxTitle), c.Body
	p.Questions = fitting(c.Questions, kb.MaxQuestions, kb.MaxQuestion)
	p.Tags = fitting(c.Tags, kb.MaxTags, kb.MaxTag)
	p.Section = clip(strings.Join(strings.Fields(p.Section), " "), kb.MaxTitle)
	if _, ok := webURL(p.URL); !ok {
		p.URL = "" // a link that runs a script is none
	}
	if p.Lang != desk.English && p.Lang != desk.Chinese {
		p.Lang = Detect(p.Title + "\n" + p.Markdown)
	}
	return p
}

// fitting keeps at most n texts, and only those of at most long characters.
func fitting(in []string, n, long int) []string {
	out := []string{}
	for _, s := range in {
		if len(out) < n && len([]rune(s)) <= long {
			out = append(out, s)
		}
	}
	return out
}

// content is what the page makes of an article.
func (p Page) content(audience kb.Audience) kb.Content {
	tags := p.Tags
	if p.Section != "" && len(tags) < kb.MaxTags && len([]rune(p.Section)) <= kb.MaxTag {
		tags = append(slices.Clone(tags), p.Section)
	}
	return kb.Content{Title: p.Title, Body: p.Markdown, Questions: p.Questions, Tags: tags, Audience: audience}.Clean()
}

// hash names all that p says; text names title and text alone, which is what
// an editor's own changes are seen by.
func (p Page) hash() string { return p.content("").Hash() + string(p.Lang) }

func textHash(title, body string) string { return kb.Content{Title: title, Body: body}.Hash() }
