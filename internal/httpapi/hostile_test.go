package httpapi

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/parleyhq/parley/desk"
)

func TestBodies_BadOnesAreClearErrorsAndStoreNothing(t *testing.T) {
	h := newHouse(t).people()
	token := bearer(h.visit(map[string]any{}).Token)
	owner := bearer(h.secrets[desk.Owner])
	text := func(s string) string { return `{"client_id":"1","text":"` + s + `"}` }
	for name, c := range map[string]struct {
		body   string
		status int
		field  string
	}{
		"nothing":         {"", 400, ""},
		"not JSON":        {"hello", 400, ""},
		"half":            {`{"client_id":"1","text":"x`, 400, ""},
		"two values":      {text("x") + text("y"), 400, ""},
		"a list":          {"[" + text("x") + "]", 422, ""},
		"null":            {"null", 422, ""},
		"broken UTF-8":    {text("\xff\xfe"), 400, ""},
		"NUL":             {text(`a\u0000b`), 400, ""},
		"raw NUL":         {text("a\x00b"), 400, ""},
		"deep":            {`{"client_id":` + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000) + "}", 400, ""},
		"oversized":       {text(strings.Repeat("x", 2<<20)), 413, ""},
		"text too long":   {text(strings.Repeat("x", 8001)), 422, "text"},
		"unknown field":   {`{"client_id":"1","text":"x","admin":true}`, 422, "admin"},
		"wrong type":      {`{"client_id":1,"text":"x"}`, 422, "client_id"},
		"bad location":    {`{"client_id":"1","location":{"lat":91,"lon":0}}`, 422, "location"},
		"huge number":     {`{"client_id":"1","location":{"lat":1e400,"lon":0}}`, 400, ""},
		"proto":           {`{"client_id":"1","text":"x","__proto__":{}}`, 422, "__proto__"},
		"invalid command": {`{"client_id":"1","command":"confirm"}`, 422, "command"},
	} {
		a := h.call(post, "/v1/chat/messages", c.body, token)
		p := a.problem()
		if a.status != c.status || c.field != "" && p.Field != c.field || p.Code == "" || p.Message == "" || p.RequestID == "" {
			t.Errorf("%s: got %d %+v, want %d at %q", name, a.status, p, c.status, c.field)
		}
		if strings.Contains(string(a.body), "xxxx") {
			t.Errorf("%s: the answer repeats the body", name)
		}
	}
	if st := into[chatState](t, h.call(get, "/v1/chat/conversation", nil, token), 200); st.Conversation != nil {
		t.Error("something bad was stored")
	}
	for _, path := range []string{"/api/users?q=%ff", "/api/users?q=%00", "/api/users?%00=1", "/api/users/%ff/disable"} {
		if a := h.call(get, path, nil, owner); a.status != 400 {
			t.Errorf("%s: got %d %s", path, a.status, a.body)
		}
	}
	for path, field := range map[string]string{"/api/users?limit=201": "query.limit", "/api/users?limit=x": "query.limit", "/api/users?colour=red": "query.colour", "/api/conversations?tab=none": "query.tab"} {
		if a := h.call(get, path, nil, owner); a.status != 422 || a.problem().Field != field {
			t.Errorf("%s: got %d %s", path, a.status, a.body)
		}
	}
	for _, c := range []struct{ method, path string }{{get, "/api/nope"}, {post, "/v1/nope"}, {http.MethodPatch, "/api/me"}, {del, "/healthz"}} {
		if a := h.call(c.method, c.path, nil); a.status != 404 || a.problem().Code != "no_route" {
			t.Errorf("%s %s: got %d %s", c.method, c.path, a.status, a.body)
		}
	}
}

func TestMarkup_ComesBackAsData(t *testing.T) {
	h := newHouse(t).people()
	const evil = `<script>alert(1)</script><img src=x onerror=alert(2)>`
	owner := bearer(h.secrets[desk.Owner])
	s := h.visit(map[string]any{"name": evil, "page": map[string]string{"url": "https://shop.example.com/" + evil, "title": evil}})
	me := bearer(s.Token)
	into[Accepted](t, h.call(post, "/v1/chat/messages", map[string]any{"client_id": "1", "text": evil}, me), 202)
	h.call(put, "/api/me", map[string]string{"name": evil}, owner)
	h.call(put, "/api/queues/q1", map[string]any{"title": evil}, owner)
	h.call(put, "/api/contacts/"+string(s.Contact.ID), map[string]any{"tags": []string{evil}, "attributes": map[string]string{"a": evil}}, owner)
	for _, path := range []string{"/api/me", "/api/users", "/api/queues", "/api/contacts/" + string(s.Contact.ID), "/api/conversations?tab=all", "/api/audit"} {
		a := h.call(get, path, nil, owner)
		if a.status != 200 || a.header.Get("Content-Type") != "application/json" || a.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: got %d %v", path, a.status, a.header)
		}
		if bytes.Contains(a.body, []byte("<script")) || bytes.Contains(a.body, []byte("<img")) {
			t.Errorf("%s: markup is not escaped", path)
		}
		var v any
		if json.Unmarshal(a.body, &v) != nil || path != "/api/audit" && !strings.Contains(fmt.Sprint(v), evil) {
			t.Errorf("%s: what was written does not come back: %s", path, a.body)
		}
	}
}

// send uploads a file for a customer.
func (h *house) upload(name string, content []byte, opts ...option) answer {
	h.tb.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	part := must(form.CreateFormFile("file", name))(h.tb)
	_, _ = part.Write(content)
	_ = form.Close()
	return h.call(post, "/v1/chat/uploads", b.String(), append(opts, header("Content-Type", form.FormDataContentType()))...)
}

func picture(tb testing.TB) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 4, 4))); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func archive(tb testing.TB, names ...string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, n := range names {
		must(z.Create(n))(tb)
	}
	_ = z.Close()
	return b.Bytes()
}

func TestUploads(t *testing.T) {
	h := newHouse(t, func(s *Server) { s.MaxUpload = 64 << 10 }).people()
	a, b := bearer(h.visit(map[string]any{}).Token), bearer(h.visit(map[string]any{}).Token)
	f := into[desk.Attachment](t, h.upload(`..\..\evil/"<b>.png`, picture(t), a), 201)
	if f.Type != "image/png" || strings.ContainsAny(f.Name, `/\"<>`) {
		t.Errorf("got %+v", f)
	}
	for name, c := range map[string]struct {
		content []byte
		want    string // a type, or the code of the refusal
	}{
		"html":           {[]byte("<!doctype html><script>alert(1)</script>"), "file_type"},
		"svg":            {[]byte(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), "file_type"},
		"program":        {[]byte("\x7fELF\x02\x01\x01"), "file_type"},
		"script as text": {[]byte("alert(1)"), "text/plain"},
		"cut image":      {picture(t)[:20], "image_broken"},
		"nothing":        {nil, "file_empty"},
		"too large":      {bytes.Repeat([]byte("a"), 64<<10+1), "file_too_large"},
		"far too large":  {bytes.Repeat([]byte("a"), 1<<20), "file_too_large"},
		"docx":           {archive(t, "[Content_Types].xml", "word/document.xml"), officePrefix + "wordprocessingml.document"},
		"macro":          {archive(t, "[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), "file_type"},
		"zip":            {archive(t, "a.exe"), "file_type"},
		"pdf":            {[]byte("%PDF-1.7\n"), "application/pdf"},
		"binary text":    {append(bytes.Repeat([]byte("a"), 5000), 0xff, 0xfe), "file_type"},
	} {
		got := h.upload("x.png", c.content, a)
		var f desk.Attachment
		_ = json.Unmarshal(got.body, &f)
		if f.Type != c.want && got.problem().Code != c.want {
			t.Errorf("%s: got %d %s, want %s", name, got.status, got.body, c.want)
		}
	}
	got := h.call(get, f.URL, nil)
	csp := got.header.Get("Content-Security-Policy")
	if got.status != 200 || !bytes.Equal(got.body, picture(t)) || got.header.Get("Content-Type") != "image/png" || !strings.Contains(csp, "sandbox") || got.header.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(got.header.Get("Content-Disposition"), "inline") {
		t.Errorf("got %d %v", got.status, got.header)
	}
	plain := into[desk.Attachment](t, h.upload("a.txt", []byte("hi <b>"), a), 201)
	if got := h.call(get, plain.URL, nil); got.header.Get("Content-Type") != "text/plain" || !strings.HasPrefix(got.header.Get("Content-Disposition"), "attachment") {
		t.Errorf("got %v", got.header)
	}
	bare := "/v1/files/" + string(f.ID)
	other := strings.Replace(f.URL, string(f.ID), string(plain.ID), 1)
	for path, c := range map[string]struct {
		opts []option
		want int
	}{
		bare: {nil, 401}, bare + "?t=x.y": {nil, 403}, f.URL[:len(f.URL)-2] + "xx": {nil, 403}, other: {nil, 403},
		bare + "?":  {[]option{header("Cookie", h.signIn("agent@example.com").cookie)}, 200},
		bare + "?&": {[]option{header("Cookie", h.signIn("evaluator@example.com").cookie)}, 403},
	} {
		if got := h.call(get, path, nil, c.opts...); got.status != c.want {
			t.Errorf("%s: got %d, want %d", path, got.status, c.want)
		}
	}
	if p := h.call(post, "/v1/chat/messages", map[string]any{"client_id": "1", "attachments": []desk.ID{f.ID}}, b).problem(); p.Code != "unknown_file" {
		t.Errorf("another's file: got %+v", p)
	}
	into[Accepted](t, h.call(post, "/v1/chat/messages", map[string]any{"client_id": "1", "attachments": []desk.ID{f.ID}}, a), 202)
	left := 0
	_ = fsWalk(h.s.FilesDir, func() { left++ })
	if left != 5 {
		t.Errorf("%d files are kept, want the 5 that were taken", left)
	}
}

func fsWalk(dir string, f func()) error {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if e.IsDir() {
			_ = fsWalk(dir+"/"+e.Name(), f)
		} else {
			f()
		}
	}
	return err
}

func TestLimits_SayWhenToComeBack(t *testing.T) {
	h := newHouse(t, func(s *Server) { s.Rates = &Rates{Sending: Rate{0.1, 2}} })
	me := bearer(h.visit(map[string]any{}).Token)
	last := answer{}
	for i := range 3 {
		last = h.call(post, "/v1/chat/messages", map[string]any{"client_id": fmt.Sprint(i), "text": "x"}, me)
	}
	if last.status != 429 || last.header.Get("Retry-After") == "" || last.problem().Kind != desk.TooMany {
		t.Errorf("got %d %v %s", last.status, last.header, last.body)
	}
	if other := h.call(post, "/v1/chat/messages", map[string]any{"client_id": "1", "text": "x"}, bearer(h.visit(map[string]any{}).Token)); other.status != 202 {
		t.Errorf("another customer has to wait too: %d", other.status)
	}
}

func TestMetrics_AreForTheOperator(t *testing.T) {
	h := newHouse(t)
	h.visit(map[string]any{})
	got := h.call(get, "/metrics", nil)
	if got.status != 200 || !strings.Contains(string(got.body), `parley_request_seconds_count{method="POST",route="/v1/chat/sessions",status="200"} 1`) {
		t.Errorf("got %d %.300s", got.status, got.body)
	}
	if got := h.call(get, "/metrics", nil, header("X-Forwarded-For", "8.8.8.8")); got.status != 403 {
		t.Errorf("through a proxy: got %d", got.status)
	}
	h = newHouse(t, func(s *Server) { s.MetricsToken = "scrape" })
	if h.call(get, "/metrics", nil).status != 401 || h.call(get, "/metrics", nil, bearer("scrape")).status != 200 {
		t.Error("the metrics token does not count")
	}
}

func TestUI(t *testing.T) {
	console := fstest.MapFS{
		"index.html":    {Data: []byte(`<script nonce="__CSP_NONCE__" src="/assets/a-1.js"></script>`)},
		"assets/a-1.js": {Data: []byte("let a")}, "assets/a-1.js.br": {Data: []byte("BR")}, "assets/a-1.js.gz": {Data: []byte("GZ")}, ".gitkeep": {},
	}
	widget := fstest.MapFS{"widget.js": {Data: []byte("let w")}}
	ui := must(NewUI(console, widget, "http://localhost:9000/shop"))(t)
	h := newHouse(t, func(s *Server) { s.UI = ui })
	page := h.call(get, "/inbox/mine", nil)
	csp := page.header.Get("Content-Security-Policy")
	nonce := strings.Split(strings.SplitN(csp, "'nonce-", 2)[1], "'")[0]
	if page.status != 200 || page.header.Get("Cache-Control") != "no-store" || !strings.Contains(string(page.body), `nonce="`+nonce+`"`) || strings.Contains(csp, "unsafe") {
		t.Errorf("got %d %v %s", page.status, page.header, page.body)
	}
	if again := h.call(get, "/", nil); again.header.Get("Content-Security-Policy") == csp {
		t.Error("two pages have one nonce")
	}
	asset := h.call(get, "/assets/a-1.js", nil, header("Accept-Encoding", "gzip, br;q=1"))
	if string(asset.body) != "BR" || asset.header.Get("Content-Encoding") != "br" || !strings.Contains(asset.header.Get("Cache-Control"), "immutable") || asset.header.Get("Content-Type") != "text/javascript; charset=utf-8" {
		t.Errorf("got %v %s", asset.header, asset.body)
	}
	if a := h.call(get, "/assets/a-1.js", nil, header("Accept-Encoding", "br;q=0, identity")); string(a.body) != "let a" {
		t.Errorf("got %s", a.body)
	}
	if a := h.call(get, "/assets/a-1.js", nil, header("Accept-Encoding", "br"), header("If-None-Match", asset.header.Get("ETag"))); a.status != 304 {
		t.Errorf("got %d", a.status)
	}
	w := h.call(get, "/widget.js", nil, header("Origin", "https://anywhere.example.com"), header("Accept-Encoding", "identity"))
	if w.status != 200 || w.header.Get("Access-Control-Allow-Origin") != "*" || !strings.Contains(w.header.Get("Cache-Control"), "max-age=300") || w.header.Get("ETag") == "" {
		t.Errorf("got %d %v", w.status, w.header)
	}
	for path, want := range map[string]int{"/assets/gone.js": 404, "/favicon.ico": 404, "/api/nope": 404, "/v1/nope": 404, "/demo": 302, "/../../etc/passwd": 200, "/assets/": 404, "/index.html": 200, "/.gitkeep": 404} {
		if a := h.call(get, path, nil); a.status != want {
			t.Errorf("%s: got %d, want %d", path, a.status, want)
		}
	}
	bare := newHouse(t, func(s *Server) { s.UI = must(NewUI(fstest.MapFS{}, fstest.MapFS{}, ""))(t) })
	if a := bare.call(get, "/", nil); a.status != 200 || !strings.Contains(string(a.body), "make web") || !strings.Contains(string(a.body), "网页") {
		t.Errorf("got %d %s", a.status, a.body)
	}
}
