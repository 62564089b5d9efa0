package intake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/parleyhq/parley/desk"
)

// Spot is an address that a crawl is to visit.
type Spot struct {
	URL   string
	Depth int // links away from the start
}

// Frontier keeps the addresses of one run, so that a crawl that was
// interrupted goes on where it was.
type Frontier interface {
	// AddSpots adds those that were never added before.
	AddSpots(ctx context.Context, spots []Spot) error
	// NextSpot is the first that is not done; false when all are.
	NextSpot(ctx context.Context) (Spot, bool, error)
	// DoneSpot is never given again.
	DoneSpot(ctx context.Context, url string) error
	// Counted says how many were added and how many are done.
	Counted(ctx context.Context) (added, done int, err error)
}

// Fetched is what became of one page.
type Fetched struct {
	Pages          []Page // none when it could not be read, or has not changed
	Key            string // its address, also when there is no page
	Same           bool   // it has not changed since it was last fetched
	Failed         bool   // it may be there, but could not be read now
	Blind          bool   // it may lead to pages that are not found without it
	ETag, Modified string
	Problems       []Problem
}

// Known is what was kept of a page when it was last fetched.
type Known struct {
	ETag, Modified string
	Links          []string
}

// maxMaps is how many sitemaps a run asks for.
const maxMaps = 500

// crawl visits a site's pages, one after the other.
type crawl struct {
	web    *Web
	site   Site
	spots  Frontier
	known  func(ctx context.Context, key string) (Known, error)          // of a page's last visit
	emit   func(ctx context.Context, f Fetched) error                    // takes what was found
	tell   func(ctx context.Context, done, added int, bytes int64) error // progress
	begun  time.Time
	bytes  int64 // fetched so far, by earlier parts of the run too
	follow bool
	now    func() time.Time

	scope   *scope
	quit    context.CancelCauseFunc
	maps    map[string]bool      // sitemaps that were asked for
	cut     bool                 // a bound ended the reading of sitemaps
	robots  map[string]robots    // by scheme and host
	last    map[string]time.Time // by host: when it was last asked
	reached bool                 // at least one start could be read
	first   Problem              // why the first start could not
	visited int
	added   int
}

// run visits everything. partial says that bounds cut it off.
func (c *crawl) run(ctx context.Context) (partial bool, problems []Problem, err error) {
	ctx, c.quit = context.WithCancelCause(ctx)
	defer c.quit(nil)
	partial, problems, err = c.walk(ctx)
	if cause := context.Cause(ctx); err != nil && cause != nil {
		err = cause
	}
	return partial, problems, err
}

func (c *crawl) walk(ctx context.Context) (partial bool, problems []Problem, err error) {
	c.scope, c.maps, c.robots, c.last = c.site.scope(), map[string]bool{}, map[string]robots{}, map[string]time.Time{}
	var starts []Spot
	for _, s := range c.site.Start {
		starts = append(starts, Spot{URL: s})
	}
	if err := c.spots.AddSpots(ctx, starts); err != nil {
		return false, nil, err
	}
	if c.added, c.visited, err = c.spots.Counted(ctx); err != nil {
		return false, nil, err
	}
	c.reached = c.visited > 0
	c.follow = c.site.Find == FindLinks
	if c.site.Find == FindAuto {
		if c.follow, err = c.bySitemap(ctx); err != nil {
			return false, nil, err
		}
	}
	for {
		spot, ok, err := c.spots.NextSpot(ctx)
		if err != nil {
			return false, nil, err
		}
		if !ok {
			break
		}
		if why := c.bound(); why != "" {
			return true, []Problem{{"", "cut_off", why + ": the rest was not read; raise the bound, or divide the source"}}, nil
		}
		if err := c.visit(ctx, spot); err != nil {
			return false, nil, err
		}
		c.visited++
		if err := c.spots.DoneSpot(ctx, spot.URL); err != nil {
			return false, nil, err
		}
		if c.added, _, err = c.spots.Counted(ctx); err != nil {
			return false, nil, err
		}
		if err := c.tell(ctx, c.visited, c.added, c.bytes); err != nil {
			return false, nil, err
		}
	}
	if !c.reached {
		return false, nil, desk.Errorf(desk.Unavailable, "site_unreachable", "%s: %s", c.first.Key, c.first.Message)
	}
	return false, nil, nil
}

// bound says which bound is reached, if one is.
func (c *crawl) bound() string {
	switch {
	case c.visited >= c.site.Pages:
		return fmt.Sprintf("the bound of %d pages is reached", c.site.Pages)
	case c.bytes >= int64(c.site.MiB)<<20:
		return fmt.Sprintf("the bound of %d MiB is reached", c.site.MiB)
	case c.now().Sub(c.begun) >= time.Duration(c.site.Minutes)*time.Minute:
		return fmt.Sprintf("the bound of %d minutes is reached", c.site.Minutes)
	}
	return ""
}

// bySitemap adds what the sites' own sitemaps name, and reports whether links
// must be followed because they name nothing.
func (c *crawl) bySitemap(ctx context.Context) (follow bool, err error) {
	seen := map[string]bool{}
	found := false
	for _, raw := range c.site.Start {
		u, _ := webURL(raw)
		if seen[u.Host] || looksLikeSitemap(u) {
			found = found || looksLikeSitemap(u)
			continue
		}
		seen[u.Host] = true
		r, err := c.robotsOf(ctx, u)
		if err != nil {
			return false, err
		}
		maps := r.sitemaps
		if len(maps) == 0 {
			maps = []string{u.Scheme + "://" + u.Host + "/sitemap.xml"}
		}
		for _, m := range maps {
			n, err := c.readMap(ctx, m, 0)
			if err != nil {
				return false, err
			}
			found = found || n > 0
		}
	}
	return !found, nil
}

func looksLikeSitemap(u *url.URL) bool {
	return strings.HasSuffix(u.Path, ".xml") || strings.HasSuffix(u.Path, ".xml.gz")
}

// readMap adds the pages of a sitemap, or of those it lists, and says how many.
func (c *crawl) readMap(ctx context.Context, raw string, depth int) (n int, err error) {
	u, ok := webURL(raw)
	if !ok || depth > 2 || !c.scope.hosts[bare(u.Host)] || c.maps[u.String()] || c.cut {
		return 0, nil
	}
	why := c.bound()
	if len(c.maps) == maxMaps {
		why = fmt.Sprintf("the bound of %d sitemaps is reached", maxMaps)
	}
	if c.cut = why != ""; c.cut {
		return 0, c.blind(ctx, Problem{u.String(), "cut_off", why + ": further sitemaps were not read; raise the bound, or divide the source"})
	}
	c.maps[u.String()] = true
	a, problem, err := c.fetch(ctx, u, Known{})
	switch {
	case ctx.Err() != nil:
		return 0, ctx.Err()
	case problem != nil: // robots.txt does not allow it, or it leads elsewhere
		return 0, nil
	case lasting(a.status, err):
		return 0, nil
	case err != nil || a.status != http.StatusOK:
		return 0, c.blind(ctx, problemOf(u.String(), a.status, err))
	case !isSitemap(a.body):
		return 0, nil
	}
	return c.takeMap(ctx, u, a.body, depth)
}

// lasting reports whether what a site gave is its answer, rather than trouble
// that passes.
func lasting(status int, err error) bool {
	return err == nil && status >= 400 && status < 500 && status != http.StatusTooManyRequests
}

// blind notes that pages may be there that were not found.
func (c *crawl) blind(ctx context.Context, p Problem) error {
	return c.emit(ctx, Fetched{Key: p.Key, Failed: true, Blind: true, Problems: []Problem{p}})
}

func (c *crawl) takeMap(ctx context.Context, at *url.URL, body []byte, depth int) (n int, err error) {
	urls, index, broken := readSitemap(body) // what could be read of a broken one counts
	if broken != nil {
		if err := c.blind(ctx, Problem{at.String(), "file_broken", "the sitemap cannot be read to its end: " + broken.Error()}); err != nil {
			return 0, err
		}
	}
	if index {
		for _, u := range urls {
			k, err := c.readMap(ctx, u, depth+1)
			if err != nil {
				return n, err
			}
			if n += k; n >= c.site.Pages*2 {
				break
			}
		}
		return n, nil
	}
	var spots []Spot
	for _, raw := range urls {
		if u, ok := webURL(raw); ok && c.scope.holds(u) && len(spots) < c.site.Pages*2 {
			spots = append(spots, Spot{u.String(), 1})
		}
	}
	return len(spots), c.spots.AddSpots(ctx, spots)
}

// visit reads one address and passes on what it found. Its error ends the run.
func (c *crawl) visit(ctx context.Context, spot Spot) error {
	u, ok := webURL(spot.URL)
	if !ok {
		return nil
	}
	known, err := c.known(ctx, u.String())
	if err != nil {
		return err
	}
	a, problem, err := c.fetch(ctx, u, known)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if problem == nil && (err != nil || a.status != http.StatusOK && a.status != http.StatusNotModified) {
		p := problemOf(u.String(), a.status, err)
		problem = &p
	}
	if problem != nil {
		if c.first.Key == "" {
			c.first = *problem
		}
		f := Fetched{Key: u.String(), Failed: problem.Code != "not_found", Problems: []Problem{*problem}}
		if passing := err != nil || a.status >= 500 || a.status == http.StatusTooManyRequests; passing && (c.follow || spot.Depth == 0) {
			f.Blind = len(known.Links) == 0
			if err := c.lead(ctx, known.Links, spot); err != nil {
				return err
			}
		}
		return c.emit(ctx, f)
	}
	c.reached = true
	if a.url.String() != u.String() { // it moved within the site
		if spot.Depth == 0 {
			c.scope.begin(a.url)
		}
		if !c.scope.holds(a.url) {
			return c.emit(ctx, Fetched{Key: u.String(), Problems: []Problem{{u.String(), "moved_away", "it leads to " + clip(a.url.String(), 200) + ", which is not part of this source"}}})
		}
		if err := c.spots.AddSpots(ctx, []Spot{{a.url.String(), spot.Depth}}); err != nil {
			return err
		}
		if err := c.spots.DoneSpot(ctx, a.url.String()); err != nil { // it is being read now
			return err
		}
	}
	return c.take(ctx, a, spot, known)
}

// take reads what a site gave, adds the links that lead on and passes it on.
func (c *crawl) take(ctx context.Context, a answer, spot Spot, known Known) error {
	key := a.url.String()
	out := Fetched{Key: key, ETag: a.etag, Modified: a.modified}
	if a.status == http.StatusNotModified {
		out.Same, out.ETag, out.Modified = true, known.ETag, known.Modified
		if err := c.lead(ctx, known.Links, spot); err != nil {
			return err
		}
		return c.emit(ctx, out)
	}
	if isSitemap(a.body) && (a.kind == "" || strings.Contains(a.kind, "xml") || strings.Contains(a.kind, "gzip") || a.kind == "application/octet-stream") {
		_, err := c.takeMap(ctx, a.url, a.body, 0)
		return err
	}
	pages, problems, err := readBody(ctx, a)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	out.Problems, out.Failed = problems, len(pages) == 0
	if err != nil {
		out.Problems = append(out.Problems, problemOf(key, 0, err))
		if desk.KindOf(err) == desk.Invalid && spot.Depth > 0 && codeOfError(err) == "format_unknown" {
			return nil // a link to a picture or a program is no page
		}
		return c.emit(ctx, out)
	}
	var links []string
	for i := range pages {
		links = append(links, pages[i].Links...)
		pages[i].Key = key + strings.TrimPrefix(pages[i].Key, pageName(a))
		if pages[i].URL = key; !strings.HasPrefix(pages[i].Key, key) {
			pages[i].Key = key
		}
		pages[i].Section = ""
	}
	if err := c.lead(ctx, links, spot); err != nil {
		return err
	}
	out.Pages = pages
	return c.emit(ctx, out)
}

// lead adds links to the frontier.
func (c *crawl) lead(ctx context.Context, links []string, from Spot) error {
	if !c.follow || from.Depth >= c.site.Depth || c.added > c.site.Pages*4 {
		return nil
	}
	var spots []Spot
	for _, raw := range links {
		if u, ok := webURL(raw); ok && c.scope.holds(u) {
			spots = append(spots, Spot{u.String(), from.Depth + 1})
		}
	}
	return c.spots.AddSpots(ctx, spots)
}

// pageName is a file's name for what a site gave, with the ending of its kind.
func pageName(a answer) string {
	name := path.Base(a.url.Path)
	ext, known := map[string]string{
		"text/html": ".html", "application/xhtml+xml": ".html", "application/pdf": ".pdf", "text/markdown": ".md", "text/plain": ".txt", "text/csv": ".csv",
		"application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
	}[a.kind]
	if a.kind == "text/plain" && readers[strings.ToLower(path.Ext(name))] != nil {
		return name
	}
	if known && !strings.HasSuffix(strings.ToLower(name), ext) {
		name += ext
	}
	if a.kind == "" && path.Ext(name) == "" {
		name += ".html"
	}
	return name
}

func readBody(ctx context.Context, a answer) ([]Page, []Problem, error) {
	name := pageName(a)
	if ext := strings.ToLower(path.Ext(name)); ext != ".html" && ext != ".htm" && ext != ".xhtml" {
		return Read(ctx, name, bytes.NewReader(a.body), int64(len(a.body)))
	}
	if len(a.body) > maxText {
		return nil, nil, desk.Errorf(desk.TooLarge, "too_large", "the page has more than %d MiB", maxText>>20)
	}
	page, err := readPage(string(a.body), a)
	if err != nil {
		return nil, nil, desk.Errorf(desk.Invalid, "file_broken", "the page is no HTML that can be read: %w", err)
	}
	page.Key = name
	pages, problems, err := finish([]Page{page}, nil)
	if err == nil && len(pages) == 0 {
		problems = []Problem{{a.url.String(), "empty", "the page has no text without running its scripts, or none at all"}}
	}
	return pages, problems, err
}

// readPage guards the reader of HTML, which panics on some hostile pages.
func readPage(body string, a answer) (page Page, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v", p)
		}
	}()
	return readHTML(decode([]byte(body)), a.url)
}

func codeOfError(err error) string {
	var known *desk.Error
	if errors.As(err, &known) {
		return known.Code
	}
	return ""
}
