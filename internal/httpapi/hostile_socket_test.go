package httpapi

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/parleyhq/parley/desk"
)

// A socket that gets garbage answers with an error, or closes with a code. It
// stores nothing, and others do not notice.
func TestSockets_GarbageHarmsNobodyElse(t *testing.T) {
	h := newHouse(t, func(s *Server) { s.Rates = &Rates{Usual: Rate{100, 200}} }).people()
	agent := h.signIn("agent@example.com")
	good := newWidget(t, h, h.visit(map[string]any{}).Token)
	good.connect()
	for _, path := range []string{"/v1/chat/ws", "/api/ws"} {
		for name, frames := range map[string][]string{
			"not JSON": {"hello"}, "nothing": {""}, "a list": {"[]"}, "null": {"null"}, "two values": {`{"type":"ping"}{"type":"ping"}`},
			"broken UTF-8": {"{\"type\":\"\xff\"}"}, "NUL": {`{"type":"\u0000"}`}, "deep": {strings.Repeat("[", 30_000)}, "unknown frame": {`{"type":"admin"}`},
			"unknown field": {`{"type":"ping","role":"owner"}`}, "wrong type": {`{"type":5}`}, "too large": {`{"type":"` + strings.Repeat("x", 1<<20) + `"}`},
			"too many": slices.Repeat([]string{`{"type":"ping"}`}, 2000), "another's conversation": {`{"type":"watch","conversation":"` + strings.Repeat("a", 60_000) + `"}`},
		} {
			t.Run(path+" "+name, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
				defer cancel()
				head := http.Header{}
				if path == "/api/ws" {
					head.Set("Cookie", agent.cookie)
				}
				var conn *websocket.Conn
				eventually(t, "the budget of calls allows a line", func() (ok bool) {
					var err error
					conn, _, err = websocket.Dial(ctx, "ws"+strings.TrimPrefix(h.url, "http")+path, &websocket.DialOptions{HTTPHeader: head})
					return err == nil
				})
				defer func() { _ = conn.CloseNow() }()
				conn.SetReadLimit(1 << 20)
				if path == "/v1/chat/ws" && name != "nothing" && name != "not JSON" { // those two come instead of hello
					frames = append([]string{string(encode(map[string]any{"type": "hello", "token": h.visit(map[string]any{}).Token}))}, frames...)
				}
				go func() {
					for _, f := range frames {
						if conn.Write(ctx, websocket.MessageText, []byte(f)) != nil {
							return // it was closed, as it may be
						}
					}
				}()
				for {
					_, b, err := conn.Read(ctx)
					if err != nil {
						if ctx.Err() != nil {
							t.Error("neither an error nor a close came")
						}
						return
					}
					if bytes.Contains(b, []byte(`"type":"error"`)) {
						if bytes.Contains(b, []byte("goroutine")) || bytes.Contains(b, []byte(`"internal"`)) {
							t.Errorf("got %s", b)
						}
						return
					}
				}
			})
		}
	}
	if err := good.say("m1", "still here"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the others' answer", func() bool { return good.has("You said: still here") })
	if strings.Contains(h.log.String(), "panic") {
		t.Error("something panicked")
	}
}

// Files that are two things at once are served as the one that we say, or not
// at all; archives are not unpacked.
func TestUploads_Polyglots(t *testing.T) {
	h := newHouse(t)
	me := bearer(h.visit(map[string]any{}).Token)
	script := "<script>alert(document.domain)</script>"
	gif := "GIF89a\x01\x00\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
	png := string(picture(t))
	for name, c := range map[string]struct{ file, content string }{
		"html named png":        {"a.png", "<html>" + script},
		"html after spaces":     {"a.txt", strings.Repeat(" \n", 3000) + script},
		"picture with a script": {"a.html", png + script},
		"gif that is a script":  {"a.js", gif + "=1;/*" + script + "*/alert(1)"},
		"gif named svg":         {"a.svg", gif},
		"svg named png":         {"a.png", `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`},
		"svg after a comment":   {"a.png", "<!-- " + strings.Repeat("x", 5000) + ` --><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`},
		"utf-16 html":           {"a.txt", "\xff\xfe<\x00s\x00c\x00r\x00i\x00p\x00t\x00>\x00"},
		"utf-7 html":            {"a.txt", "+ADw-script+AD4-alert(1)+ADw-/script+AD4-"},
		"pdf with html":         {"a.html", "%PDF-1.4\n" + script},
		"xml":                   {"a.xml", `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>`},
		"picture of a mile":     {"a.png", hugePicture(png)},
		"office with a bomb":    {"a.docx", bomb(t)},
		"nested zip":            {"a.zip", string(archive(t, "a.zip", "b.zip"))},
		"path":                  {"../../../../etc/cron.d/x", png},
		"name with a header":    {"a.png\r\nSet-Cookie: x=1", png},
	} {
		began := time.Now()
		a := h.upload(c.file, []byte(c.content), me)
		if time.Since(began) > 5*time.Second {
			t.Errorf("%s: it took %s", name, time.Since(began))
		}
		if a.status >= 500 {
			t.Errorf("%s: got %d %s", name, a.status, a.body)
		}
		if a.status != 201 {
			continue
		}
		f := into[desk.Attachment](t, a, 201)
		got := h.call(get, f.URL, nil)
		typ, how := got.header.Get("Content-Type"), got.header.Get("Content-Disposition")
		if got.header.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(got.header.Get("Content-Security-Policy"), "sandbox") || got.header.Get("Set-Cookie") != "" {
			t.Errorf("%s: %v", name, got.header)
		}
		if strings.Contains(typ, "html") || strings.Contains(typ, "svg") || strings.Contains(typ, "javascript") || strings.Contains(typ, "xml") && !strings.HasPrefix(typ, officePrefix) {
			t.Errorf("%s: served as %s", name, typ)
		}
		if !strings.HasPrefix(typ, "image/") && !strings.HasPrefix(how, "attachment") || strings.ContainsAny(f.Name, "/\\\r\n<>") {
			t.Errorf("%s: %s, %s, %q", name, typ, how, f.Name)
		}
	}
}

// hugePicture says of itself that it is 60000 pixels wide and high.
func hugePicture(png string) string {
	b := []byte(png)
	binary.BigEndian.PutUint32(b[16:], 60_000)
	binary.BigEndian.PutUint32(b[20:], 60_000)
	return string(b)
}

// bomb is a small document that unpacks to a hundred megabytes.
func bomb(tb testing.TB) string {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range []string{"[Content_Types].xml", "word/document.xml"} {
		w := must(z.Create(name))(tb)
		must(io.CopyN(w, zeros{}, 50<<20))(tb)
	}
	if err := z.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.String()
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// FuzzInbound sends a customer's message as any bytes. It is accepted or
// refused with a problem; what was accepted comes back as it was sent.
func FuzzInbound(f *testing.F) {
	for _, s := range []string{
		`{"client_id":"1","text":"hello"}`, `{"client_id":"1","text":"a\u0000b"}`, `{"client_id":"1","choice":{"message_id":"m","option_id":"o"}}`, `{"client_id":"1","command":"human"}`,
		`{"client_id":"1","location":{"lat":1e308,"lon":-1}}`, `{"client_id":"1","attachments":["x"]}`, `null`, `[]`, `{"client_id":"1","text":"\ud800"}`, `{"client_id":"1","text":"x","text":"y"}`,
		`{"CLIENT_ID":"1","Text":"x"}`, `{"client_id":"1","conversation":"../../x","text":"x"}`, "{\"client_id\":\"1\",\"text\":\"\xff\"}", strings.Repeat("[", 5000), `{"client_id":" ","text":" "}`,
	} {
		f.Add([]byte(s))
	}
	h := newHouse(f)
	token := h.visit(map[string]any{}).Token
	handler := must(h.s.Handler(context.Background()))(f)
	n := 0
	f.Fuzz(func(t *testing.T, body []byte) {
		h.tb = t
		if n++; n%500 == 0 { // a contact of his own, before a conversation grows long
			token = h.visit(map[string]any{}).Token
		}
		r := httptest.NewRequestWithContext(t.Context(), post, "/v1/chat/messages", bytes.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		a := answer{w.Code, w.Header(), w.Body.Bytes()}
		if a.status == 202 {
			got := into[Accepted](t, a, 202)
			if got.Message.ID == "" || got.Conversation.ID == "" {
				t.Errorf("accepted without a message: %s", a.body)
			}
			return
		}
		if p := a.problem(); a.status < 400 || a.status >= 500 || p.Code == "" || p.Message == "" {
			t.Errorf("got %d %s for %s", a.status, a.body, fmt.Sprintf("%.200q", body))
		}
	})
}
