// Package helpcentre is the public help centre: the articles that customers may
// read, as plain pages made on the server, searchable, in both languages. It
// needs no script; with one, the chat widget is at hand.
package helpcentre

import (
	"context"
	"embed"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/kb"
)

// Base is the path under which the pages lie.
const Base = "/help"

// Library is the knowledge base as readers use it.
type Library interface {
	Published(q kb.Question) []kb.Article
	Read(q kb.Question) (kb.Article, error)
	Search(ctx context.Context, q kb.Question) ([]kb.Hit, error)
	Answer(ctx context.Context, q kb.Question) (kb.Answer, bool, error)
}

// Book is a playbook with a help centre of its own.
type Book struct {
	Name   string
	Title  desk.Text
	Accent string // a CSS colour; empty: the product's own
}

// Keeper keeps what readers tell.
type Keeper interface {
	// Vote counts whether an article's version helped a reader.
	Vote(ctx context.Context, article desk.ID, version int, helped bool) error
	// Missed keeps what was searched for and not found.
	Missed(ctx context.Context, playbook string, lang desk.Lang, text string) error
}

// Pages serves the help centre below Base. Fill in its fields before the first
// request.
type Pages struct {
	Library Library
	Books   func(ctx context.Context) ([]Book, error) // those that are live
	Keeper  Keeper                                    // nil: readers are not asked, and nothing is kept
	Widget  string                                    // address of the widget's script; empty: no chat is offered
	Now     func() time.Time                          // nil: time.Now
	Log     *slog.Logger                              // nil: slog.Default

	rendered cache
}

//go:embed pages/*.html pages/style.css
var files embed.FS

var pages = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("").Funcs(template.FuncMap{"plural": plural}).ParseFS(files, "pages/*.html"))
})

// ServeHTTP answers GET and HEAD for pages and POST for votes.
func (p *Pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(strings.Trim(strings.TrimPrefix(r.URL.EscapedPath(), Base), "/"), "/")
	for i, s := range parts { // a topic may have a slash in its name
		if plain, err := url.PathUnescape(s); err == nil {
			parts[i] = plain
		}
	}
	switch {
	case r.Method == http.MethodPost && len(parts) == 4 && parts[3] == "vote":
		p.vote(w, r, parts[0], parts[1], parts[2])
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
	case len(parts) == 1 && parts[0] == "style.css":
		p.style(w, r)
	case len(parts) == 1 && parts[0] == "sitemap.xml":
		p.sitemap(w, r)
	default:
		p.page(w, r, parts)
	}
}

// page finds which page is meant and shows it.
func (p *Pages) page(w http.ResponseWriter, r *http.Request, parts []string) {
	books, err := p.Books(r.Context())
	if err != nil {
		p.broken(w, r, err)
		return
	}
	if parts[0] == "" {
		if len(books) == 1 {
			redirect(w, r, "/"+books[0].Name+"/"+string(wanted(r)))
			return
		}
		p.show(w, r, http.StatusOK, "books", view{Lang: wanted(r), Books: books})
		return
	}
	v := view{Lang: wanted(r)}
	for _, b := range books {
		if b.Name == parts[0] {
			v.Book = b
		}
	}
	if v.Book.Name == "" {
		p.missing(w, r, v)
		return
	}
	if len(parts) == 1 {
		redirect(w, r, "/"+v.Book.Name+"/"+string(v.Lang))
		return
	}
	if lang := desk.Lang(parts[1]); lang != desk.English && lang != desk.Chinese {
		p.missing(w, r, v)
		return
	}
	v.Lang = desk.Lang(parts[1])
	switch {
	case len(parts) == 2:
		p.home(w, r, v)
	case len(parts) == 3 && parts[2] == "search":
		p.search(w, r, v)
	case len(parts) == 4 && parts[2] == "topics":
		p.topic(w, r, v, parts[3])
	case len(parts) == 3:
		p.article(w, r, v, parts[2])
	default:
		p.missing(w, r, v)
	}
}

func (p *Pages) now() time.Time {
	if p.Now == nil {
		return time.Now()
	}
	return p.Now()
}

func (p *Pages) log() *slog.Logger {
	if p.Log == nil {
		return slog.Default()
	}
	return p.Log
}

func redirect(w http.ResponseWriter, r *http.Request, path string) {
	w.Header().Add("Vary", "Accept-Language")
	w.Header().Set("Cache-Control", "no-cache")
	http.Redirect(w, r, Base+path, http.StatusFound)
}

// wanted is the reader's language, by his browser.
func wanted(r *http.Request) desk.Lang {
	for tag := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		tag = strings.ToLower(strings.TrimSpace(tag))
		if strings.HasPrefix(tag, "zh") {
			return desk.Chinese
		}
		if strings.HasPrefix(tag, "en") {
			break
		}
	}
	return desk.English
}
