package helpcentre

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"net/http"
	"time"

	"github.com/parleyhq/parley/desk"
)

// vote counts a vote and leads back to the article. It asks for no script and
// no cookie; who votes twice is not found out, and nobody's name is kept.
func (p *Pages) vote(w http.ResponseWriter, r *http.Request, book, lang, slug string) {
	v := view{Lang: desk.Lang(lang), Book: Book{Name: book}}
	q := p.question(v, "")
	q.Article = slug
	a, err := p.Library.Read(q)
	if err != nil || p.Keeper == nil || lang != string(desk.English) && lang != string(desk.Chinese) {
		p.missing(w, r, view{Lang: wanted(r)})
		return
	}
	if err := p.Keeper.Vote(r.Context(), a.ID, a.Version, r.FormValue("helped") == "yes"); err != nil {
		p.broken(w, r, err)
		return
	}
	http.Redirect(w, r, v.At(slug)+"?thanks#vote", http.StatusSeeOther)
}

func (p *Pages) style(w http.ResponseWriter, r *http.Request) {
	css, err := files.ReadFile("pages/style.css")
	if err != nil {
		p.broken(w, r, err)
		return
	}
	sum := sha256.Sum256(css)
	h := w.Header()
	h.Set("Content-Type", "text/css; charset=utf-8")
	h.Set("ETag", `"`+hex.EncodeToString(sum[:12])+`"`)
	h.Set("Cache-Control", "public, max-age=300")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(css))
}

// maxSitemap is what the protocol allows in one file (sitemaps.org).
const maxSitemap = 50_000

// sitemap lists every page for search engines.
func (p *Pages) sitemap(w http.ResponseWriter, r *http.Request) {
	type entry struct {
		Loc     string `xml:"loc"`
		LastMod string `xml:"lastmod,omitempty"`
	}
	var out struct {
		XMLName xml.Name `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
		URLs    []entry  `xml:"url"`
	}
	books, err := p.Books(r.Context())
	if err != nil {
		p.broken(w, r, err)
		return
	}
	scheme := "https"
	if r.TLS == nil && r.Header.Get("X-Forwarded-Proto") != "https" {
		scheme = "http"
	}
	origin := scheme + "://" + r.Host
	for _, b := range books {
		for _, lang := range []desk.Lang{desk.English, desk.Chinese} {
			v := view{Lang: lang, Book: b}
			for i, a := range p.Library.Published(p.question(v, "")) {
				if i == 0 {
					out.URLs = append(out.URLs, entry{Loc: origin + v.At()})
				}
				if a.Lang == lang && len(out.URLs) < maxSitemap {
					out.URLs = append(out.URLs, entry{origin + v.At(a.Slug), a.UpdatedAt.Format(time.DateOnly)})
				}
			}
		}
	}
	w.Header().Set("Content-Type", "application/xml; charset=utf-8")
	_, _ = w.Write([]byte(xml.Header)) // the reader may be gone
	if err := xml.NewEncoder(w).Encode(out); err != nil {
		p.log().WarnContext(r.Context(), "sitemap", "err", err)
	}
}
