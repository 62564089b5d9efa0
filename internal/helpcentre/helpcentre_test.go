package helpcentre_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/helpcentre"
	"github.com/parleyhq/parley/internal/store"
	"github.com/parleyhq/parley/internal/store/storetest"
	"github.com/parleyhq/parley/kb"
)

// centre is a help centre with two articles in English, one of them in Chinese
// too, and two that no customer may read.
func centre(t *testing.T, db *store.DB) *helpcentre.Pages {
	t.Helper()
	l := &kb.Library{Store: store.KB{DB: db}, Index: kb.NewIndex()}
	if err := l.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	save := func(slug string, lang desk.Lang, c kb.Content) {
		if _, err := l.Save(t.Context(), "emma", kb.Draft{Playbook: "coffee", Slug: slug, Lang: lang, Content: c, Publish: true}); err != nil {
			t.Fatal(err)
		}
	}
	save("opening-hours", desk.English, kb.Content{Title: "Opening hours", Tags: []string{"shops"}, Questions: []string{"When are you open?"},
		Body: "We are open from seven to seven.\n\n# Sundays\n\nClosed on Sundays. <script>alert(1)</script>\n\n## Holidays\n\nSee [the list](https://example.com/list).\n\n## Nights\n\nNever."})
	save("opening-hours", desk.Chinese, kb.Content{Title: "营业时间", Tags: []string{"门店"}, Body: "我们早上七点到晚上七点营业。"})
	save("refunds", desk.English, kb.Content{Title: "Refunds", Tags: []string{"Money / cards"}, Body: "A refund takes three days."})
	save("secret-discounts", desk.English, kb.Content{Title: "Secret discounts", Audience: kb.Agents, Body: "Give ten percent to whoever shouts about discounts."})
	save("old-menu", desk.English, kb.Content{Title: "Old menu", Body: "We sold tea until last year.", ValidTo: time.Now().Add(-time.Hour)})
	books := func(context.Context) ([]helpcentre.Book, error) {
		return []helpcentre.Book{{Name: "coffee", Title: desk.Text{"en": "Corner Coffee", "zh": "街角咖啡"}, Accent: "#7a4a2b"}}, nil
	}
	return &helpcentre.Pages{Library: l, Books: books, Keeper: store.Help{DB: db}, Widget: "/widget.js"}
}

func call(p *helpcentre.Pages, method, path, lang string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	r.Header.Set("Accept-Language", lang)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	return w
}

func TestPages(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		p := centre(t, db)
		for _, c := range []struct {
			path, lang string
			status     int
			has, not   []string
		}{
			{"/help", "zh-CN,en;q=0.5", 302, []string{"/help/coffee/zh"}, nil},
			{"/help/coffee", "en", 302, []string{"/help/coffee/en"}, nil},
			{"/help/coffee/en", "zh", 200, []string{"Corner Coffee", "Opening hours", "Refunds", `href="/help/coffee/zh"`, `<html lang="en">`}, []string{"Secret", "Old menu", "营业"}},
			{"/help/coffee/zh", "en", 200, []string{"街角咖啡", "营业时间", `lang="en">Refunds`, `<html lang="zh-CN">`}, []string{"Secret"}},
			{"/help/coffee/en/opening-hours", "", 200, []string{"<h1>Opening hours</h1>", `<h2 id="s1">Sundays</h2>`, "On this page", `rel="nofollow noreferrer noopener"`, "Did this help?"}, []string{"<script>alert", "alert(1)</script>"}},
			{"/help/coffee/zh/refunds", "", 200, []string{"这篇文章暂无中文版", "three days", `<article lang="en">`}, nil},
			{"/help/coffee/en/secret-discounts", "", 404, []string{"This page is not here"}, []string{"ten percent"}},
			{"/help/coffee/en/old-menu", "", 404, nil, []string{"tea"}},
			{"/help/coffee/en/search?q=how+long+does+a+refund+take", "", 200, []string{"Refunds", "A refund takes three days"}, nil},
			{"/help/coffee/en/search?q=discounts+secret", "", 200, nil, []string{"ten percent", "Secret discounts</b>"}},
			{"/help/coffee/en/search?q=%22%3E%3Cscript%3E", "", 200, nil, []string{`"><script>`}},
			{"/help/coffee/en/topics/shops", "", 200, []string{"Opening hours", "seven to seven", `hreflang="zh" href="/help/coffee/zh"`}, []string{"Refunds"}},
			{"/help/coffee/en/topics/Money%20%2F%20cards", "", 200, []string{"Refunds", `rel="canonical" href="/help/coffee/en/topics/Money%20%2F%20cards"`, `href="/help/coffee/zh/topics/Money%20%2F%20cards"`}, []string{"seven to seven"}},
			{"/help/coffee/en/topics/nothing", "", 404, nil, nil},
			{"/help/coffee/fr", "", 404, nil, nil},
			{"/help/tea/en", "", 404, nil, nil},
			{"/help/coffee/en/a/b/c", "", 404, nil, nil},
			{"/help/sitemap.xml", "", 200, []string{"/help/coffee/en/opening-hours</loc>", "/help/coffee/zh/opening-hours</loc>"}, []string{"secret", "old-menu", "zh/refunds"}},
			{"/help/style.css", "", 200, []string{"--accent"}, nil},
		} {
			w := call(p, http.MethodGet, c.path, c.lang, nil)
			text := w.Body.String() + w.Header().Get("Location")
			if w.Code != c.status {
				t.Errorf("%s: got %d, want %d", c.path, w.Code, c.status)
			}
			for _, s := range c.has {
				if !strings.Contains(text, s) {
					t.Errorf("%s: no %q in\n%s", c.path, s, text)
				}
			}
			for _, s := range c.not {
				if strings.Contains(text, s) {
					t.Errorf("%s: there is %q", c.path, s)
				}
			}
		}
	})
}

func TestPages_AreNotSentTwice(t *testing.T) {
	p := centre(t, storetest.Open(t, storetest.SQLite(t)))
	first := call(p, http.MethodGet, "/help/coffee/en/refunds", "", nil)
	r := httptest.NewRequest(http.MethodGet, "/help/coffee/en/refunds", nil)
	r.Header.Set("If-None-Match", first.Header().Get("ETag"))
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	if w.Code != http.StatusNotModified || w.Body.Len() > 0 {
		t.Errorf("got %d with %d bytes, want 304", w.Code, w.Body.Len())
	}
	if policy := first.Header().Get("Content-Security-Policy"); !strings.Contains(policy, "'sha256-") || strings.Contains(policy, "unsafe") {
		t.Errorf("policy %q", policy)
	}
}

func TestReaders_AreHeard(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		p := centre(t, db)
		for _, helped := range []string{"yes", "yes", "no"} {
			w := call(p, http.MethodPost, "/help/coffee/en/refunds/vote", "", url.Values{"helped": {helped}})
			if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/help/coffee/en/refunds?thanks#vote" {
				t.Fatalf("got %d to %q", w.Code, w.Header().Get("Location"))
			}
		}
		if w := call(p, http.MethodPost, "/help/coffee/en/secret-discounts/vote", "", url.Values{"helped": {"no"}}); w.Code != 404 {
			t.Errorf("a vote on what nobody may read: got %d", w.Code)
		}
		var yes, no int
		if err := db.Read().QueryRowContext(t.Context(), "SELECT helped, not_helped FROM help_votes").Scan(&yes, &no); err != nil || yes != 2 || no != 1 {
			t.Errorf("votes %d and %d, %v; want 2 and 1", yes, no, err)
		}
		for range 2 {
			call(p, http.MethodGet, "/help/coffee/en/search?q=my+Zebra+ate+415-555-0132", "", nil)
		}
		var text string
		var times int
		if err := db.Read().QueryRowContext(t.Context(), "SELECT body, times FROM help_misses").Scan(&text, &times); err != nil || text != "my zebra ate [phone]" || times != 2 {
			t.Errorf("missed %q %d times, %v", text, times, err)
		}
	})
}

func BenchmarkArticle(b *testing.B) {
	l := &kb.Library{Index: kb.NewIndex()}
	for _, slug := range []string{"a", "b", "c", "d"} {
		l.Index.Put(kb.Article{ID: desk.ID(slug), Playbook: "coffee", Slug: slug, Lang: desk.English, Version: 1,
			Content: kb.Content{Title: "Opening hours " + slug, Body: strings.Repeat("## Part\n\nWe are open from seven to seven.\n\n", 20), Audience: kb.Customers}}, nil)
	}
	p := &helpcentre.Pages{Library: l, Books: func(context.Context) ([]helpcentre.Book, error) {
		return []helpcentre.Book{{Name: "coffee", Title: desk.Text{"en": "Coffee"}}}, nil
	}}
	for b.Loop() {
		if w := call(p, http.MethodGet, "/help/coffee/en/a", "en", nil); w.Code != 200 {
			b.Fatal(w.Code)
		}
	}
}
