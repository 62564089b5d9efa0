package httpapi

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/parleyhq/parley/desk"
)

// noRoute serves the web pages for everything that is not an API address.
func (s *Server) noRoute(c *gin.Context) {
	p := c.Request.URL.Path
	page := c.Request.Method == http.MethodGet || c.Request.Method == http.MethodHead
	if !page || strings.HasPrefix(p, "/api/") || strings.HasPrefix(p, "/v1/") || p == "/api" || p == "/v1" || s.UI == nil {
		s.refuse(c, desk.Errorf(desk.NotFound, "no_route", "there is nothing at this address with this method; /openapi.json lists what there is"))
		return
	}
	c.Status(http.StatusOK) // gin has set 404 already
	s.UI.ServeHTTP(c.Writer, c.Request)
}

// UI serves the built web pages from memory, in the best encoding that they
// were built in.
type UI struct {
	console map[string]*asset
	widget  map[string]*asset
	demo    string
}

// asset is a file in its encodings.
type asset struct {
	typ  string
	etag string
	body map[string][]byte // by content encoding; "" is the file itself
}

// nonceMark is where the build of the console wants each page's own nonce.
const nonceMark = "__CSP_NONCE__"

// NewUI reads what the builds of the console and the widget made. demo is
// where /demo leads; empty: nowhere.
func NewUI(console, widget fs.FS, demo string) (*UI, error) {
	u := &UI{demo: demo}
	var err error
	if u.console, err = readAssets(console); err != nil {
		return nil, fmt.Errorf("read the console's pages: %w", err)
	}
	if u.widget, err = readAssets(widget); err != nil {
		return nil, fmt.Errorf("read the widget: %w", err)
	}
	return u, nil
}

func readAssets(files fs.FS) (map[string]*asset, error) {
	out := map[string]*asset{}
	return out, fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Base(name) == ".gitkeep" {
			return err
		}
		b, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		plain, encoding := name, ""
		if p, ok := strings.CutSuffix(name, ".br"); ok {
			plain, encoding = p, "br"
		} else if p, ok := strings.CutSuffix(name, ".gz"); ok {
			plain, encoding = p, "gzip"
		}
		a := out[plain]
		if a == nil {
			a = &asset{typ: typeOf(plain), body: map[string][]byte{}}
			out[plain] = a
		}
		a.body[encoding] = b
		if encoding == "" {
			sum := sha256.Sum256(b)
			a.etag = hex.EncodeToString(sum[:12])
		}
		return nil
	})
}

func typeOf(name string) string {
	switch path.Ext(name) { // the machine's own table is not to be trusted
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".html":
		return "text/html; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".json", ".map", ".webmanifest":
		return "application/json"
	case ".woff2":
		return "font/woff2"
	}
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		return t
	}
	return "application/octet-stream"
}

// ServeHTTP answers GET and HEAD. Addresses without an extension are the
// console's own; a missing file is never answered with a page, so that a
// browser with an old page notices.
func (u *UI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
	h := w.Header()
	switch {
	case name == "demo" || strings.HasPrefix(name, "demo/"):
		if u.demo == "" {
			http.NotFound(w, r)
			return
		}
		http.Redirect(w, r, u.demo, http.StatusFound)
		return
	case strings.HasPrefix(name, "call/"):
		u.callPage(w, r)
		return
	case u.widget[name] != nil && name != "index.html" && name != callPageFile:
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
		h.Set("Cache-Control", "public, max-age=300")
		u.widget[name].serve(w, r)
		return
	case u.console[name] != nil && name != "index.html":
		h.Set("Cache-Control", "no-cache")
		if strings.HasPrefix(name, "assets/") {
			h.Set("Cache-Control", "public, max-age=31536000, immutable")
		}
		u.console[name].serve(w, r)
		return
	case path.Ext(name) != "" && name != "index.html", name == "assets", strings.HasPrefix(name, "assets/"):
		http.NotFound(w, r)
		return
	}
	u.page(w, r)
}

// page answers with the console's one page, or says that it was not built.
func (u *UI) page(w http.ResponseWriter, r *http.Request) {
	html, nonce := []byte(placeholder), newNonce()
	if index := u.console["index.html"]; index != nil && index.body[""] != nil {
		html = bytes.ReplaceAll(index.body[""], []byte(nonceMark), []byte(nonce))
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", contentPolicy(nonce))
	h.Set("Permissions-Policy", "camera=(self), microphone=(self), geolocation=(self)")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	if r.Method != http.MethodHead {
		_, _ = w.Write(html) // the reader may be gone
	}
}

// callPageFile is the page that shows a call to its caller.
const callPageFile = "call.html"

// callPage answers with the page of a call. The token in its address is read by
// the page alone, and goes nowhere else: not to a log, not to another site.
func (u *UI) callPage(w http.ResponseWriter, r *http.Request) {
	page := u.widget[callPageFile]
	if page == nil || page.body[""] == nil {
		http.NotFound(w, r)
		return
	}
	nonce := newNonce()
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Robots-Tag", "noindex, nofollow")
	h.Set("Content-Security-Policy", callPolicy(nonce))
	h.Set("Permissions-Policy", "camera=(self), microphone=(self), geolocation=(self)")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	if r.Method != http.MethodHead {
		_, _ = w.Write(bytes.ReplaceAll(page.body[""], []byte(nonceMark), []byte(nonce))) // the reader may be gone
	}
}

// callPolicy is contentPolicy for customers' eyes: pictures and videos of a
// queue may come from elsewhere.
func callPolicy(nonce string) string {
	return "default-src 'none'; script-src 'self' 'nonce-" + nonce + "'; style-src 'self' 'nonce-" + nonce + "'; " +
		"img-src 'self' data: blob: https:; media-src 'self' blob: https:; font-src 'self'; connect-src 'self'; " +
		"frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'"
}

func newNonce() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails (Go 1.24)
	return base64.RawStdEncoding.EncodeToString(b)
}

// contentPolicy allows what was built, and styles and scripts with the page's
// nonce: nothing inline, nothing from elsewhere.
func contentPolicy(nonce string) string {
	return "default-src 'none'; script-src 'self' 'nonce-" + nonce + "'; style-src 'self' 'nonce-" + nonce + "'; " +
		"img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self'; connect-src 'self'; worker-src 'self' blob:; frame-src 'self' blob:; " +
		"frame-ancestors 'self'; base-uri 'none'; form-action 'self'; object-src 'none'; manifest-src 'self'"
}

// serve writes the best encoding that the browser takes.
func (a *asset) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", a.typ)
	h.Add("Vary", "Accept-Encoding")
	encoding := ""
	for _, e := range []string{"br", "gzip"} {
		if a.body[e] != nil && accepts(r.Header.Get("Accept-Encoding"), e) {
			encoding = e
			break
		}
	}
	body, ok := a.body[encoding]
	if !ok {
		http.NotFound(w, r)
		return
	}
	etag := `"` + a.etag + `"`
	if encoding != "" {
		h.Set("Content-Encoding", encoding)
		etag = `"` + a.etag + "-" + encoding + `"`
	}
	h.Set("ETag", etag)
	if strings.Contains(r.Header.Get("If-None-Match"), etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Length", fmt.Sprint(len(body)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the reader may be gone
	}
}

// accepts reads an Accept-Encoding header as far as browsers use it.
func accepts(header, encoding string) bool {
	for _, part := range strings.Split(header, ",") {
		name, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.TrimSpace(name) == encoding {
			q = strings.ReplaceAll(q, " ", "")
			return q != "q=0" && q != "q=0.0" && q != "q=0.00" && q != "q=0.000"
		}
	}
	return false
}

const placeholder = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Parley</title>
<h1>Parley is running; its pages are not built</h1>
<p>Run <code>make web</code> and start it again. The API works: <a href="/openapi.json">/openapi.json</a>.</p>
<p lang="zh-CN">Parley 正在运行，但网页尚未构建。请运行 <code>make web</code> 后重新启动。API 可用：<a href="/openapi.json">/openapi.json</a>。</p>
</html>
`
