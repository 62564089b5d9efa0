package helpcentre

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/kb"
)

// view is what a page shows.
type view struct {
	Lang    desk.Lang
	Book    Book
	Books   []Book
	Path    []string // of this page in the other language, below the language
	Alone   bool     // there is no such page in the other language
	Title   string
	Query   string
	Topics  []topic
	Items   []item
	Answer  *answer
	Article *article
	Page    pager
	Widget  string
	Status  int
}

type topic struct {
	Name  string
	Count int
	Items []item
}

type item struct {
	Slug, Title, Text string
	Lang              desk.Lang
}

type answer struct {
	HTML template.HTML
	item
}

type article struct {
	kb.Article
	HTML    template.HTML
	Heads   []head
	Related []item
	Votes   bool
	Thanked bool
}

type head struct {
	ID, Text string
	Level    int
}

type pager struct{ Previous, Next string }

// T is the texts in the page's language.
func (v view) T() words { return texts[v.Lang] }

// Other is the other language.
func (v view) Other() desk.Lang {
	if v.Lang == desk.Chinese {
		return desk.English
	}
	return desk.Chinese
}

// At is an address in this book and language.
func (v view) At(path ...string) string { return v.in(v.Lang, path...) }

func (v view) in(lang desk.Lang, path ...string) string {
	out := Base + "/" + v.Book.Name + "/" + string(lang)
	for _, s := range path {
		if s != "" {
			out += "/" + url.PathEscape(s)
		}
	}
	return out
}

// Here is this page's own address.
func (v view) Here() string { return v.in(v.Lang, v.Path...) }

// InOther is this page in the other language, or the way in where it is not
// there.
func (v view) InOther() string {
	if v.Book.Name == "" {
		return ""
	}
	if v.Alone {
		return v.in(v.Other())
	}
	return v.in(v.Other(), v.Path...)
}

// Day is a time as a reader writes days.
func (v view) Day(t time.Time) string {
	if v.Lang == desk.Chinese {
		return t.Format("2006年1月2日")
	}
	return t.Format("2 January 2006")
}

// Sentence fills %s of a text with what was searched for.
func (v view) Sentence(format string) string { return fmt.Sprintf(format, v.Query) }

// BookTitle names a book in the page's language.
func (v view) BookTitle(b Book) string { return cmp.Or(b.Title.In(v.Lang), b.Name) }

// Accent is a style sheet with the book's colour, if it has one.
func (v view) Accent() template.CSS {
	if !colour.MatchString(v.Book.Accent) {
		return ""
	}
	return template.CSS(":root{--accent:" + v.Book.Accent + "}")
}

var colour = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)

const (
	topicItems = 6
	pageItems  = 50
	found      = 20
	related    = 4
)

func (p *Pages) home(w http.ResponseWriter, r *http.Request, v view) {
	list := p.Library.Published(p.question(v, ""))
	v.Topics = topics(list)
	p.show(w, r, http.StatusOK, "home", v)
}

// topics groups articles by their first tag, the fullest first; those without
// a tag are the last group, whose name is empty.
func topics(list []kb.Article) []topic {
	at := map[string]int{}
	var out []topic
	for _, a := range list {
		name := ""
		if len(a.Tags) > 0 {
			name = a.Tags[0]
		}
		i, ok := at[name]
		if !ok {
			i = len(out)
			at[name] = i
			out = append(out, topic{Name: name})
		}
		if out[i].Count++; len(out[i].Items) < topicItems {
			out[i].Items = append(out[i].Items, item{Slug: a.Slug, Title: a.Title, Lang: a.Lang})
		}
	}
	slices.SortStableFunc(out, func(a, b topic) int {
		if (a.Name == "") != (b.Name == "") {
			return cmp.Compare(b.Name, a.Name)
		}
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Name, b.Name))
	})
	return out
}

// topic lists the articles whose first tag is name, or with "all" every one.
func (p *Pages) topic(w http.ResponseWriter, r *http.Request, v view, name string) {
	var all []item
	for _, a := range p.Library.Published(p.question(v, "")) {
		if within(a, name) {
			all = append(all, item{Slug: a.Slug, Title: a.Title, Text: opening(a.Body), Lang: a.Lang})
		}
	}
	if len(all) == 0 && name != "all" {
		p.missing(w, r, v)
		return
	}
	from := 0
	if n := pageNumber(r); n > 1 {
		from = min((n-1)*pageItems, len(all))
		v.Page.Previous = fmt.Sprintf("?page=%d", n-1)
	}
	v.Items = all[from:min(from+pageItems, len(all))]
	if from+pageItems < len(all) {
		v.Page.Next = fmt.Sprintf("?page=%d", from/pageItems+2)
	}
	v.Path, v.Title = []string{"topics", name}, name
	other := v
	other.Lang = v.Other()
	v.Alone = !slices.ContainsFunc(p.Library.Published(p.question(other, "")), func(a kb.Article) bool { return within(a, name) })
	switch name {
	case "all":
		v.Title = v.T().All
	case "other":
		v.Title = v.T().Everything
	}
	p.show(w, r, http.StatusOK, "topic", v)
}

// within reports whether an article is listed under a topic.
func within(a kb.Article, name string) bool {
	return name == "all" || name == "other" && len(a.Tags) == 0 || len(a.Tags) > 0 && a.Tags[0] == name
}

func pageNumber(r *http.Request) int {
	n := 0
	_, _ = fmt.Sscanf(r.URL.Query().Get("page"), "%d", &n) // 0 is the first page, as no number is
	return min(max(n, 1), 100_000)
}

func (p *Pages) search(w http.ResponseWriter, r *http.Request, v view) {
	v.Query = strings.TrimSpace(clip(r.URL.Query().Get("q"), 500))
	v.Path = []string{"search"}
	if v.Query == "" {
		redirect(w, r, "/"+v.Book.Name+"/"+string(v.Lang))
		return
	}
	q := p.question(v, v.Query)
	q.Limit = found
	hits, err := p.Library.Search(r.Context(), q)
	if err != nil {
		p.broken(w, r, err)
		return
	}
	a, ok, err := p.Library.Answer(r.Context(), q)
	if err != nil {
		p.broken(w, r, err)
		return
	}
	if ok {
		if html, err := kb.Render(a.Text); err == nil {
			v.Answer = &answer{template.HTML(html), item{Slug: a.Source.Slug, Title: a.Source.Title, Lang: a.Lang}}
		}
	}
	for _, h := range hits {
		v.Items = append(v.Items, item{Slug: h.Source.Slug, Title: h.Source.Title, Text: opening(h.Text), Lang: h.Lang})
	}
	v.Title = v.Sentence(v.T().Results)
	if len(hits) == 0 {
		v.Title = v.Sentence(v.T().NoResults)
		v.Topics = topics(p.Library.Published(p.question(v, "")))
	}
	if !ok && p.Keeper != nil {
		if err := p.Keeper.Missed(r.Context(), v.Book.Name, q.Lang, v.Query); err != nil {
			p.log().Warn("a search without an answer is not kept", "err", err)
		}
	}
	p.show(w, r, http.StatusOK, "search", v)
}

func (p *Pages) article(w http.ResponseWriter, r *http.Request, v view, slug string) {
	q := p.question(v, "")
	q.Article = slug
	a, err := p.Library.Read(q)
	if desk.IsKind(err, desk.NotFound) {
		p.missing(w, r, v)
		return
	}
	if err != nil {
		p.broken(w, r, err)
		return
	}
	html, heads, err := p.rendered.of(a)
	if err != nil {
		p.broken(w, r, err)
		return
	}
	q.Article, q.Text, q.Limit = "", a.Title, related+1
	hits, err := p.Library.Search(r.Context(), q)
	if err != nil {
		p.broken(w, r, err)
		return
	}
	v.Path, v.Title = []string{slug}, a.Title
	v.Article = &article{Article: a, HTML: html, Heads: heads, Votes: p.Keeper != nil, Thanked: r.URL.Query().Has("thanks")}
	for _, h := range hits {
		if h.Source.Slug != slug && len(v.Article.Related) < related {
			v.Article.Related = append(v.Article.Related, item{Slug: h.Source.Slug, Title: h.Source.Title, Lang: h.Lang})
		}
	}
	p.show(w, r, http.StatusOK, "article", v)
}

func (p *Pages) question(v view, text string) kb.Question {
	return kb.Question{Text: text, Lang: v.Lang, Playbook: v.Book.Name, Audience: kb.Customers, Now: p.now()}
}

func (p *Pages) missing(w http.ResponseWriter, r *http.Request, v view) {
	v.Title, v.Path = v.T().Missing, nil
	p.show(w, r, http.StatusNotFound, "missing", v)
}

func (p *Pages) broken(w http.ResponseWriter, r *http.Request, err error) {
	p.log().ErrorContext(r.Context(), "help page", "path", r.URL.Path, "err", err)
	v := view{Lang: wanted(r)}
	v.Title = v.T().Broken
	p.show(w, r, http.StatusInternalServerError, "broken", v)
}

// show writes a page. What is the same as what the reader has is not sent again.
func (p *Pages) show(w http.ResponseWriter, r *http.Request, status int, name string, v view) {
	v.Status = status
	if v.Book.Name != "" {
		v.Widget = p.Widget
	}
	var b bytes.Buffer
	if err := pages().ExecuteTemplate(&b, name, v); err != nil {
		p.log().ErrorContext(r.Context(), "help page", "page", name, "err", err)
		http.Error(w, "the page could not be made", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", v.T().Tag)
	h.Set("Content-Security-Policy", policy(v.Accent()))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
	h.Set("Cache-Control", "public, max-age=0, must-revalidate") // a corrected article is seen at once
	if status == http.StatusOK {
		sum := sha256.Sum256(b.Bytes())
		h.Set("ETag", `"`+hex.EncodeToString(sum[:12])+`"`)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(b.Bytes()))
		return
	}
	h.Set("X-Robots-Tag", "noindex")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the reader may be gone
}

// policy allows our own style sheet and the one in the page, by its hash, our
// own pictures and the widget; nothing from elsewhere.
func policy(style template.CSS) string {
	own := "'self'"
	if style != "" {
		sum := sha256.Sum256([]byte(style))
		own += " 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	return "default-src 'none'; script-src 'self'; style-src " + own + "; img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self'; connect-src 'self'; " +
		"frame-ancestors 'self'; base-uri 'none'; form-action 'self'; object-src 'none'"
}

// opening is the first words of a text, without its marks.
func opening(markdown string) string {
	text := strings.Join(strings.Fields(kb.Plain(rules.ReplaceAllString(markdown, ""))), " ")
	if runes := []rune(text); len(runes) > 180 {
		text = strings.TrimSpace(string(runes[:180])) + "…"
	}
	return text
}

// rules matches what only draws: the line under a table's head, and rules.
var rules = regexp.MustCompile(`(?m)^[ |:*_-]{3,}$`)

func clip(s string, n int) string {
	if len(s) > n {
		s = s[:n]
	}
	return strings.ToValidUTF8(s, "")
}
