// Package demo is the outside world that the example playbooks talk to: the
// coffee shop's page and the driver app's page, each with the chat widget as
// one script tag, and the back ends that their tools call. It is a service of
// its own, on an origin of its own, and knows of Parley only the address.
package demo

import (
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Options say where the demo stands.
type Options struct {
	ParleyURL string           // where widget.js comes from, as browsers reach it
	Token     string           // what tools present as their bearer token
	Now       func() time.Time // nil: time.Now
}

//go:embed pages/*.html
var pageFiles embed.FS

//go:embed static
var staticFiles embed.FS

// New returns the pages at /coffee, /driver and /phone, where short messages
// arrive, and the back ends below /api/.
func New(opts Options) (http.Handler, error) {
	origin, err := originOf(opts.ParleyURL)
	if err != nil {
		return nil, err
	}
	if opts.Token == "" {
		return nil, fmt.Errorf("demo: a token for the back ends is needed")
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	pages, err := template.ParseFS(pageFiles, "pages/*.html")
	if err != nil {
		return nil, fmt.Errorf("demo: parse pages: %w", err)
	}
	static, err := fs.Sub(staticFiles, "static")
	if err != nil {
		return nil, fmt.Errorf("demo: static files: %w", err)
	}
	p := &site{pages: pages, widget: origin + "/widget.js", csp: policy(origin)}
	b := newBackend(opts.Token, opts.Now)

	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/coffee", http.StatusFound)
	})
	mux.HandleFunc("GET /coffee", p.show("coffee.html", "coffee", coffeeWords))
	mux.HandleFunc("GET /driver", p.show("driver.html", "ridehail", driverWords))
	mux.HandleFunc("GET /phone", b.phone.page(pages))
	mux.HandleFunc("GET /phone/messages", b.phone.inbox)
	mux.Handle("GET /static/", http.StripPrefix("/static/", cached(http.FileServerFS(static))))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	b.routes(mux)
	return headers(mux), nil
}

// originOf is scheme and host of the address, which is all a browser compares.
func originOf(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return "", fmt.Errorf("demo: %q is no address such as https://parley.example", address)
	}
	return u.Scheme + "://" + u.Host, nil
}

// policy allows the page its own style sheets and the widget, nothing else.
func policy(origin string) string {
	ws := "ws" + strings.TrimPrefix(origin, "http")
	return strings.Join([]string{
		"default-src 'none'",
		"script-src " + origin,
		"style-src 'self'",
		"img-src 'self' data: blob: " + origin,
		"media-src blob: " + origin,
		"font-src 'self'",
		"connect-src " + origin + " " + ws,
		"base-uri 'none'",
		"form-action 'none'",
		"frame-ancestors 'none'",
	}, "; ")
}

func headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
		next.ServeHTTP(w, r)
	})
}

func cached(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=300")
		next.ServeHTTP(w, r)
	})
}
