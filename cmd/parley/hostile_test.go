package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// evil is what goes into every text field.
const evil = `<script>alert(1)</script><img src=x onerror=alert(2)>[y](javascript:alert(3))`

// raw sends a body as it is and waits where it is told to come later.
func (p person) raw(method, path, body string) (int, http.Header, string) {
	p.n.tb.Helper()
	for range 100 {
		req, err := http.NewRequest(method, p.n.url+path, strings.NewReader(body))
		if err != nil {
			p.n.tb.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("X-Parley", "1")
		if p.bearer != "" {
			req.Header.Set("Authorization", "Bearer "+p.bearer)
		}
		if p.cookie != "" {
			req.Header.Set("Cookie", p.cookie)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			p.n.tb.Fatalf("%s %s: %v", method, path, err)
		}
		b, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err != nil {
			p.n.tb.Fatal(err)
		}
		if res.StatusCode != http.StatusTooManyRequests {
			return res.StatusCode, res.Header, string(b)
		}
		<-time.After(200 * time.Millisecond)
	}
	p.n.tb.Fatalf("%s %s: too many calls, for ever", method, path)
	return 0, nil, ""
}

// Every text field of the product is given broken UTF-8, NUL, nesting without
// end and far too much, which are clear refusals; and then markup and script,
// which come back as data wherever they are shown.
func TestHostile_EveryTextField(t *testing.T) {
	s := newSetting(t).with("PARLEY_CHAT_IDENTITY_SECRET", "of the site")
	s.must(testPassword+"\n", "user", "add", "eve@example.com", "--name", "Eve", "--roles", "owner,agent,editor,supervisor")
	n := s.serve()
	eve, mac := n.signIn("eve@example.com"), hmac.New(sha256.New, []byte("of the site"))
	mac.Write([]byte("u1"))
	line := eve.dial("/api/ws", nil)
	line.sees(10*time.Second, `"hello"`)
	customer, nobody := n.customer(), person{n: n}
	known := map[string]string{}   // ids, by name in braces
	marker, last := "EVIL", "done" // of the field; a call whose answer is not looked at

	quoted, err := json.Marshal(evil)
	if err != nil {
		t.Fatal(err)
	}
	attacks := map[string]string{
		"broken UTF-8": "\"\xff\xfe\xc0\x80\"", "NUL": `"a\u0000b"`, "raw NUL": "\"a\x00b\"", "half a surrogate": "\"\xed\xa0\x80\"",
		"nested": strings.Repeat("[", 20000) + strings.Repeat("]", 20000), "an object": `{"__proto__":{"x":1}}`, "too much": `"` + strings.Repeat("x", 3<<20) + `"`,
	}
	for _, c := range []struct {
		who          person
		method, path string
		body         string
		id           string // the name of what is made, and where its id stands
		status       int    // of the evil one
	}{
		{nobody, "POST", "/v1/chat/sessions", `{"name":EVIL}`, "", 200},
		{nobody, "POST", "/v1/chat/sessions", `{"identity":{"user_id":"u1","signature":"` + hex.EncodeToString(mac.Sum(nil)) + `","name":EVIL,"attributes":{"a":EVIL}}}`, "", 200},
		{nobody, "POST", "/v1/chat/sessions", `{"playbook":EVIL}`, "", 422},
		{nobody, "POST", "/v1/chat/sessions", `{"token":EVIL}`, "", 401},
		{nobody, "POST", "/v1/chat/sessions", `{"identity_token":EVIL}`, "", 401},
		{nobody, "POST", "/api/login", `{"email":EVIL,"password":"x"}`, "", 401},
		{customer, "POST", "/v1/chat/page", `{"url":"https://shop.example.com/","title":EVIL}`, "", 204},
		{customer, "POST", "/v1/chat/page", `{"url":EVIL,"title":"x"}`, "", 422},
		{customer, "POST", "/v1/chat/messages", `{"client_id":"1","text":EVIL}`, "conversation", 202},
		{customer, "POST", "/v1/chat/messages", `{"client_id":EVIL,"text":"x"}`, "", 202},
		{customer, "POST", "/v1/chat/messages", `{"client_id":"2","location":{"lat":1,"lon":1,"label":EVIL}}`, "", 202},
		{customer, "POST", "/v1/chat/messages", `{"client_id":"3","choice":{"message_id":EVIL,"option_id":EVIL}}`, "", 422},
		{customer, "POST", "/v1/chat/messages", `{"client_id":"4","attachments":[EVIL]}`, "", 422},
		{customer, "POST", "/v1/chat/messages", `{"client_id":"5","command":EVIL}`, "", 422},
		{customer, "POST", "/v1/chat/messages", `{"client_id":"6","command":"human"}`, last, 202},
		{customer, "PUT", "/v1/chat/hand-over", `{"conversation":"{conversation}","wants":EVIL,"set":[{"key":"k","label":EVIL,"value":EVIL}]}`, "", 200},
		{eve, "POST", "/api/conversations/{conversation}/take", `{}`, last, 200},
		{eve, "POST", "/api/conversations/{conversation}/reply", `{"client_id":"1","text":EVIL}`, "", 200},
		{eve, "POST", "/api/conversations/{conversation}/reply", `{"client_id":"2","text":EVIL,"private":true}`, "", 200},
		{eve, "PUT", "/api/contacts/{contact}", `{"name":EVIL,"email":"x","phone":EVIL,"attributes":{"a":EVIL},"tags":[EVIL]}`, "", 422},
		{eve, "PUT", "/api/contacts/{contact}", `{"name":EVIL,"email":EVIL,"attributes":{"a":EVIL}}`, "", 200},
		{eve, "PUT", "/api/queues/evil", `{"title":EVIL}`, "", 200},
		{eve, "PUT", "/api/queues/evil", `{"title":"x","skills":[EVIL]}`, "", 422},
		{eve, "POST", "/api/conversations/{conversation}/transfer", `{"queue":"evil","note":EVIL}`, "", 200},
		{eve, "POST", "/api/conversations/{conversation}/take", `{}`, last, 200},
		{eve, "POST", "/api/conversations/{conversation}/close", `{"disposition":EVIL}`, "", 200},
		{customer, "POST", "/v1/chat/rating", `{"conversation":"{conversation}","stars":1,"note":EVIL}`, "", 204},
		{eve, "POST", "/api/articles", `{"lang":"en","slug":"evil","title":EVIL,"body":EVIL,"questions":[EVIL],"note":EVIL,"publish":true}`, "article", 201},
		{eve, "POST", "/api/articles", `{"lang":"en","slug":EVIL,"title":"x","body":"x"}`, "", 422},
		{eve, "POST", "/api/articles/preview", `{"markdown":EVIL}`, "", 200},
		{eve, "POST", "/api/canned", `{"key":"evil","title":{"en":EVIL},"text":{"en":EVIL},"questions":{"en":[EVIL]}}`, "", 201},
		{eve, "POST", "/api/users", `{"name":EVIL,"email":"mallory@example.com","password":"` + testPassword + `","roles":["agent"]}`, "", 201},
		{eve, "POST", "/api/users", `{"name":"x","email":EVIL,"password":"` + testPassword + `","roles":["agent"]}`, "", 422},
		{eve, "POST", "/api/tokens", `{"name":EVIL}`, "", 201},
		{eve, "PUT", "/api/me", `{"name":EVIL}`, "", 200},
		{eve, "POST", "/api/playbooks/cafe/check", `{"files":{"menus/main.yaml":EVIL}}`, "", 200},
		{eve, "POST", "/api/playbooks/cafe/try", `{"message":{"text":EVIL},"lang":"en"}`, "", 200},
		{eve, "POST", "/api/playbooks/cafe/publish", `{"note":EVIL,"files":{"articles/evil.en.md":EVIL}}`, "", 422},
	} {
		if strings.Contains(c.path, "{contact}") && known["{contact}"] == "" {
			var list struct {
				Items []struct {
					Contact struct {
						ID string `json:"id"`
					} `json:"contact"`
				} `json:"items"`
			}
			eve.get(&list, "GET", "/api/conversations?tab=all", nil)
			known["{contact}"] = list.Items[0].Contact.ID
		}
		for name, id := range known {
			c.path, c.body = strings.ReplaceAll(c.path, name, id), strings.ReplaceAll(c.body, name, id)
		}
		what := fmt.Sprintf("%s %s %s", c.method, c.path, c.body)
		attacker := c.who
		if c.who == customer { // a budget of calls of his own
			attacker = n.customer()
		}
		for name, attack := range attacks {
			if c.id == last {
				continue
			}
			if name == "too much" && strings.Contains(c.path, "/playbooks/") {
				attack = `"` + strings.Repeat("x", 33<<20) + `"`
			}
			status, head, body := attacker.raw(c.method, c.path, strings.ReplaceAll(c.body, marker, attack))
			var p struct{ Kind, Code, Message string }
			if err := json.Unmarshal([]byte(body), &p); err != nil || status < 400 || status > 422 || p.Code == "" || p.Message == "" || !strings.HasPrefix(head.Get("Content-Type"), "application/json") {
				t.Errorf("%s with %s: got %d %.200s", what, name, status, body)
			}
		}
		status, head, body := c.who.raw(c.method, c.path, strings.ReplaceAll(c.body, marker, string(quoted)))
		if status != c.status {
			t.Errorf("%s: got %d %.300s, want %d", what, status, body, c.status)
		}
		harmless(t, what, head, body)
		if c.id == "conversation" {
			known["{conversation}"] = between(body, `"conversation_id":"`, `"`)
		}
	}

	for _, path := range []string{
		"/api/me", "/api/users", "/api/queues", "/api/tokens", "/api/audit", "/api/agents", "/api/contacts", "/api/contacts/" + known["{contact}"], "/api/canned",
		"/api/articles", "/api/search?q=script&lang=en", "/api/conversations?tab=closed", "/api/conversations?tab=closed&q=script", "/api/conversations/" + known["{conversation}"], "/api/playbooks/cafe", "/api/ledger",
	} {
		status, head, body := eve.raw("GET", path, "")
		if status != 200 {
			t.Errorf("%s: got %d %s", path, status, body)
		}
		harmless(t, path, head, body)
	}
	status, head, body := customer.raw("GET", "/v1/chat/history", "")
	if status != 200 || strings.Count(body, `\u003cscript`) < 3 {
		t.Errorf("what was said does not come back as it was: %d %s", status, body)
	}
	harmless(t, "history", head, body)
	harmless(t, "sockets", head, line.got.String())
	if _, _, b := eve.raw("POST", "/api/articles/preview", `{"markdown":`+string(quoted)+`}`); strings.Contains(b, `href=`) {
		t.Errorf("the preview lets through: %s", b)
	}
	if strings.Contains(n.log.String(), "alert(") || strings.Contains(n.log.String(), `"panic"`) {
		t.Error("the log holds what was said, or a panic")
	}
}

// harmless checks that an answer is data, and inert even to who takes it for
// a page.
func harmless(t *testing.T, what string, head http.Header, body string) {
	t.Helper()
	if body != "" && (!strings.HasPrefix(head.Get("Content-Type"), "application/json") || head.Get("X-Content-Type-Options") != "nosniff") {
		t.Errorf("%s: %v", what, head)
	}
	for _, bad := range []string{"<script", "<img", "<a "} {
		if strings.Contains(body, bad) {
			t.Errorf("%s: %s is not escaped", what, bad)
		}
	}
}
