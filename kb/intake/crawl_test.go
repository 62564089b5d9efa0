package intake_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/store"
	"github.com/parleyhq/parley/internal/store/storetest"
	"github.com/parleyhq/parley/kb/intake"
)

// web is a site for tests that notes who asks for what.
type web struct {
	*httptest.Server
	mu    sync.Mutex // guards all below
	pages map[string]func(http.ResponseWriter, *http.Request)
	asked []string
	busy  int // requests under way
	most  int // of them at once
}

func newWeb(t *testing.T) *web {
	w := &web{pages: map[string]func(http.ResponseWriter, *http.Request){}}
	w.Server = httptest.NewServer(http.HandlerFunc(func(res http.ResponseWriter, req *http.Request) {
		w.mu.Lock()
		note := req.URL.RequestURI()
		if req.Header.Get("If-None-Match") != "" {
			note += " if changed"
		}
		w.asked = append(w.asked, note)
		w.busy++
		w.most = max(w.most, w.busy)
		page := w.pages[req.URL.Path]
		w.mu.Unlock()
		if page == nil {
			http.NotFound(res, req)
		} else {
			page(res, req)
		}
		w.mu.Lock()
		w.busy--
		w.mu.Unlock()
	}))
	t.Cleanup(w.Close)
	return w
}

// host is what an operator lists to let the site be read.
func (w *web) host() string { return strings.TrimPrefix(w.URL, "http://") }

func (w *web) put(path, kind, body string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	tag := fmt.Sprintf("%q", fmt.Sprint(len(body), body[:min(len(body), 40)]))
	tag = fmt.Sprintf(`"%x"`, tag)
	w.pages[path] = func(res http.ResponseWriter, req *http.Request) {
		res.Header().Set("ETag", tag)
		if req.Header.Get("If-None-Match") == tag {
			res.WriteHeader(http.StatusNotModified)
			return
		}
		res.Header().Set("Content-Type", kind)
		fmt.Fprint(res, body)
	}
}

func (w *web) page(path, title, rest string) {
	w.put(path, "text/html; charset=utf-8", "<html lang=en><title>"+title+" | Acme</title><body><nav><a href=>n</a></nav><main><h1>"+title+"</h1><p>"+title+" is told here.</p>"+rest+"</main></body></html>")
}

func (w *web) redirect(path, to string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pages[path] = func(res http.ResponseWriter, req *http.Request) { http.Redirect(res, req, to, http.StatusFound) }
}

// seen empties and returns what was asked for.
func (w *web) seen() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := w.asked
	w.asked = nil
	return out
}

func (w *web) source(site intake.Site) intake.Source {
	if len(site.Start) == 0 {
		site.Start = []string{w.URL + "/"}
	}
	site.DelayMS = 1
	return intake.Source{Kind: intake.Pages, Name: "help", Settings: intake.Settings{Site: &site}, Publish: true, Gone: intake.UnpublishGone}
}

func keysOf(t *testing.T, s *shop, src intake.Source, w *web) (out []string) {
	t.Helper()
	list, err := s.Items(t.Context(), src.ID, intake.ItemFilter{Limit: 200})
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range list {
		out = append(out, strings.TrimPrefix(i.Page.Key, w.URL))
	}
	slices.Sort(out)
	return out
}

func TestCrawl_SitemapRobotsAndOnlyWhatChanged(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWeb(t)
		s := newShop(t, db, w.host())
		w.put("/robots.txt", "text/plain", "User-agent: *\nDisallow: /secret\nSitemap: "+w.URL+"/maps/index.xml\n")
		w.put("/maps/index.xml", "application/xml", "<sitemapindex><sitemap><loc>"+w.URL+"/maps/a.xml</loc></sitemap><sitemap><loc>http://other.test/b.xml</loc></sitemap></sitemapindex>")
		w.put("/maps/a.xml", "application/xml", "<urlset><url><loc>"+w.URL+"/one?utm_source=x</loc></url><url><loc>"+w.URL+"/two</loc></url><url><loc>"+w.URL+"/secret/x</loc></url><url><loc>http://other.test/y</loc></url></urlset>")
		w.page("/", "Home", "<a href=/linked>not in the sitemap</a>")
		w.page("/one", "One", `<p><a href="two#part">two</a></p>`)
		w.page("/two", "Two", "")
		w.page("/secret/x", "Secret", "")
		src := s.create(w.source(intake.Site{}))
		r := s.sync(src)
		s.counts(r, "new 3 changed 0 same 0 conflict 0 gone 0 failed 0 twins 0; added 3 updated 0 kept 0 unpublished 0")
		if got, want := keysOf(t, s, src, w), []string{"/", "/one", "/two"}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		if len(r.Problems) != 1 || r.Problems[0].Code != "robots" {
			t.Errorf("problems: %+v", r.Problems)
		}
		if asked := w.seen(); slices.Contains(asked, "/secret/x") || w.most > 1 {
			t.Errorf("asked for %q, %d at once", asked, w.most)
		}
		a := s.article("one", "en")
		if want := "One is told here.\n\n[two](" + w.URL + "/two#part)"; a.Body != want || a.Title != "One" {
			t.Errorf("got %q %q, want %q", a.Title, a.Body, want)
		}
		if p, err := s.Of(t.Context(), a.ID); err != nil || p.URL != w.URL+"/one" {
			t.Errorf("provenance %+v, %v", p, err)
		}

		w.page("/two", "Two", "<p>News.</p>")
		s.counts(s.sync(src), "new 0 changed 1 same 2 conflict 0 gone 0 failed 0 twins 0; added 0 updated 1 kept 0 unpublished 0")
		if asked := w.seen(); !slices.Contains(asked, "/one if changed") || slices.Contains(asked, "/one") {
			t.Errorf("asked for %q, want conditional requests", asked)
		}
		// In trouble is not gone; gone is.
		w.mu.Lock()
		delete(w.pages, "/two")
		w.pages["/one"] = func(res http.ResponseWriter, _ *http.Request) { res.WriteHeader(http.StatusInternalServerError) }
		w.mu.Unlock()
		s.counts(s.sync(src), "new 0 changed 0 same 1 conflict 0 gone 1 failed 1 twins 0; added 0 updated 0 kept 0 unpublished 1")
		if a := s.article("one", "en"); a.PublishedVersion == 0 {
			t.Error("a page that could not be read was taken out of answers")
		}
	})
}

// Where a way to pages is in trouble, the pages behind it are not gone.
func TestCrawl_TroubleOnTheWayTakesNothingAway(t *testing.T) {
	w := newWeb(t)
	trouble := func(res http.ResponseWriter, _ *http.Request) { res.WriteHeader(http.StatusServiceUnavailable) }
	w.page("/a/", "Home", "<a href=hub>hub</a> <a href=pdf>guide</a>")
	w.page("/a/hub", "Hub", "<a href=leaf>leaf</a>")
	w.page("/a/leaf", "Leaf", "")
	w.put("/a/pdf", "application/pdf", string(pdfOf(at("F1", 20, 50, 700, "Guide")+at("F1", 11, 50, 600, "The guide in full."))))
	w.put("/b/map.xml", "application/xml", "<sitemapindex><sitemap><loc>"+w.URL+"/b/1.xml</loc></sitemap><sitemap><loc>"+w.URL+"/b/2.xml</loc></sitemap></sitemapindex>")
	w.put("/b/1.xml", "application/xml", "<urlset><url><loc>"+w.URL+"/b/one</loc></url></urlset>")
	two := "<urlset><url><loc>" + w.URL + "/b/two</loc></url></urlset>"
	w.put("/b/2.xml", "application/xml", two)
	w.page("/b/one", "One", "")
	w.page("/b/two", "Two", "")
	w.put("/c/list.xml", "application/xml", two)
	for name, c := range map[string]struct {
		start, at string
		page      func(http.ResponseWriter, *http.Request)
		first     int
	}{
		"a page whose links are known": {"/a/", "/a/hub", trouble, 4},
		"a file that breaks":           {"/a/", "/a/pdf", func(res http.ResponseWriter, _ *http.Request) { fmt.Fprint(res, "%PDF-1.4 no more") }, 4},
		"a page without a text":        {"/a/", "/a/leaf", func(res http.ResponseWriter, _ *http.Request) { fmt.Fprint(res, "<div id=app></div>") }, 4},
		"a sitemap of an index":        {"/b/map.xml", "/b/2.xml", trouble, 2},
		"a sitemap that breaks off":    {"/b/map.xml", "/b/2.xml", func(res http.ResponseWriter, _ *http.Request) { fmt.Fprint(res, "<urlset><url><lo") }, 2},
		"a start that is a sitemap":    {"/c/list.xml", "/c/list.xml", trouble, 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t, storetest.Open(t, storetest.SQLite(t)), w.host())
			src := s.create(w.source(intake.Site{Start: []string{w.URL + c.start}}))
			if r := s.sync(src); r.Found.New != c.first {
				t.Fatalf("found %+v, want %d new; problems %v", r.Found, c.first, r.Problems)
			}
			w.mu.Lock()
			before := w.pages[c.at]
			w.pages[c.at] = c.page
			w.mu.Unlock()
			defer func() { w.mu.Lock(); w.pages[c.at] = before; w.mu.Unlock() }()
			r, err := s.RunHere(t.Context(), "ed", src, intake.Order{Mode: intake.Sync}, func(intake.Run) {})
			if r.Found.Gone != 0 || r.Saved.Unpublished != 0 || len(r.Problems) == 0 && r.Error == "" {
				t.Errorf("found %+v, saved %+v, problems %v, %v", r.Found, r.Saved, r.Problems, err)
			}
		})
	}
}

func TestCrawl_SitemapsWithoutEndAreBounded(t *testing.T) {
	w := newWeb(t)
	s := newShop(t, storetest.Open(t, storetest.SQLite(t)), w.host())
	index := func(n int) string {
		var b strings.Builder
		b.WriteString("<sitemapindex>")
		for i := range 30 {
			fmt.Fprintf(&b, "<sitemap><loc>%s/m/%d.xml</loc></sitemap>", w.URL, n*30+i)
		}
		return b.String() + "</sitemapindex>"
	}
	w.put("/sitemap.xml", "application/xml", index(0))
	for i := range 930 {
		w.put(fmt.Sprintf("/m/%d.xml", i), "application/xml", index(i+1))
	}
	w.page("/", "Home", "")
	r := s.play(s.create(w.source(intake.Site{})), intake.Order{Mode: intake.Preview})
	if n := len(w.seen()); n > 510 || !r.Partial {
		t.Errorf("asked %d times, partial %v; want at most 500 sitemaps and a partial run", n, r.Partial)
	}
}

func TestCrawl_FollowsLinksWithinItsFolderAndDepth(t *testing.T) {
	w := newWeb(t)
	s := newShop(t, storetest.Open(t, storetest.SQLite(t)), w.host())
	w.page("/help/", "Help", `<a href="a">a</a> <a href="b">b</a> <a href="/shop">shop</a> <a href="http://other.test/help/z">z</a> <a rel=nofollow href="n">n</a> <a href="pic.png">p</a> <a href="a#x">a</a>`)
	w.page("/help/a", "A", `<a href="b">b</a> <a href="./">up</a> <a href="loop/1">loop</a>`)
	w.page("/help/b", "B", "")
	w.put("/help/pic.png", "image/png", "\x89PNG")
	w.put("/help/g.pdf", "application/pdf", string(pdfOf(at("F1", 20, 50, 700, "Guide")+at("F1", 11, 50, 600, "The guide in full."))))
	for i := range 20 { // links without end
		w.page(fmt.Sprintf("/help/loop/%d", i), fmt.Sprintf("Loop %d", i), fmt.Sprintf(`<a href="%d">on</a> <a href="../g.pdf">guide</a>`, i+1))
	}
	src := s.create(w.source(intake.Site{Start: []string{w.URL + "/help/"}, Depth: 4}))
	r := s.play(src, intake.Order{Mode: intake.Preview})
	want := []string{"/help/", "/help/a", "/help/b", "/help/g.pdf", "/help/loop/1", "/help/loop/2", "/help/loop/3"}
	if got := keysOf(t, s, src, w); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q; problems %v", got, want, r.Problems)
	}
	if i := s.item(src, w.URL+"/help/g.pdf"); i.Page.Title != "Guide" || i.Page.URL != w.URL+"/help/g.pdf" {
		t.Errorf("the PDF is %+v", i.Page)
	}
	bounded := w.source(intake.Site{Start: []string{w.URL + "/help/"}, Pages: 3})
	bounded.Name = "bounded"
	src = s.create(bounded)
	if r := s.sync(src); !r.Partial || r.Found.New != 3 || r.Found.Gone != 0 || r.Problems[len(r.Problems)-1].Code != "cut_off" {
		t.Errorf("bounds: %+v", r)
	}
}

func TestCrawl_RedirectsStayInsideAndPrivateAddressesOutside(t *testing.T) {
	w, inner := newWeb(t), newWeb(t)
	s := newShop(t, storetest.Open(t, storetest.SQLite(t)), w.host())
	inner.page("/x", "Inner", "")
	w.page("/new", "New", "")
	w.redirect("/old", "/new")
	w.redirect("/round", "/about")
	w.redirect("/about", "/round")
	w.redirect("/in", inner.URL+"/x")
	var starts []string
	for _, p := range []string{"/old", "/round", "/in"} {
		starts = append(starts, w.URL+p)
	}
	src := s.create(w.source(intake.Site{Start: append(starts, inner.URL+"/x", "http://169.254.169.254/latest/"), Find: intake.FindList}))
	r := s.play(src, intake.Order{Mode: intake.Preview})
	if got, want := keysOf(t, s, src, w), []string{"/new"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	codes := map[string]string{}
	for _, p := range r.Problems {
		codes[p.Key] = p.Code
	}
	want := map[string]string{w.URL + "/round": "redirect", w.URL + "/in": "moved_away", inner.URL + "/x": "private_address", "http://169.254.169.254/latest/": "private_address"}
	for key, code := range want {
		if codes[key] != code {
			t.Errorf("%s: got %q, want %q", key, codes[key], code)
		}
	}
	if asked := inner.seen(); len(asked) > 0 {
		t.Errorf("the inner site was asked for %q", asked)
	}
}

func TestCrawl_GoesOnWhereItWasInterrupted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWeb(t)
		s := newShop(t, db, w.host())
		ctx, stop := context.WithCancel(t.Context())
		var links strings.Builder
		for i := range 12 {
			fmt.Fprintf(&links, `<a href="/p%d">p</a> `, i)
			w.page(fmt.Sprintf("/p%d", i), fmt.Sprintf("Page %d", i), "")
		}
		w.page("/", "Home", links.String())
		w.mu.Lock()
		once := w.pages["/p5"]
		w.pages["/p5"] = func(res http.ResponseWriter, req *http.Request) { stop(); once(res, req) }
		w.mu.Unlock()
		src := s.create(w.source(intake.Site{Find: intake.FindLinks}))
		run, err := s.Start(ctx, "ed", src.ID, intake.Order{Mode: intake.Sync})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Play(ctx, run.ID); err == nil {
			t.Fatal("the run did not end with its process")
		}
		first := w.seen()
		if err := s.Play(t.Context(), run.ID); err != nil {
			t.Fatal(err)
		}
		got, err := s.Store.Run(t.Context(), run.ID)
		if err != nil || got.Status != intake.Done || got.Saved.Added != 13 {
			t.Fatalf("got %+v, %v", got, err)
		}
		for _, again := range w.seen() {
			if again != "/robots.txt" && again != "/p5" && slices.Contains(first, again) {
				t.Errorf("%s was read twice", again)
			}
		}
	})
}

func TestCrawl_SiteInTroubleIsLeftAloneAndStopEndsARun(t *testing.T) {
	w := newWeb(t)
	s := newShop(t, storetest.Open(t, storetest.SQLite(t)), w.host())
	w.page("/", "Home", "")
	src := s.create(w.source(intake.Site{}))
	s.sync(src)
	w.mu.Lock()
	w.pages["/robots.txt"] = func(res http.ResponseWriter, _ *http.Request) { res.WriteHeader(http.StatusBadGateway) }
	w.mu.Unlock()
	w.seen()
	r, err := s.RunHere(t.Context(), "ed", src, intake.Order{Mode: intake.Sync}, func(intake.Run) {})
	if err != nil || r.Status != intake.Failed || !strings.Contains(r.Error, "robots.txt") {
		t.Errorf("got %s %q, %v", r.Status, r.Error, err)
	}
	if asked := w.seen(); !slices.Equal(asked, []string{"/robots.txt"}) {
		t.Errorf("asked for %q", asked)
	}
	run, err := s.Start(t.Context(), "ed", src.ID, intake.Order{Mode: intake.Sync})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.Stop(t.Context(), src.ID); err != nil || got.Status != intake.Stopped {
		t.Errorf("got %+v, %v", got, err)
	}
	if err := s.Play(t.Context(), run.ID); err != nil {
		t.Error(err)
	}
	if _, err := s.Stop(t.Context(), src.ID); !desk.IsKind(err, desk.Conflict) {
		t.Errorf("stopping twice: %v", err)
	}
}
