package httpapi

import (
	"bufio"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/parleyhq/parley/desk"
)

func TestChat_OverPlainREST(t *testing.T) {
	h := newHouse(t)
	s := h.visit(map[string]any{"lang": "zh-CN", "name": "Li", "page": map[string]string{"url": "https://shop.example.com/cart", "title": "Cart"}})
	if s.Contact.Lang != "zh" || s.Contact.Name != "Li" || s.Conversation != nil || s.Brand.Title != "Shop" || s.Limits.FileBytes == 0 {
		t.Errorf("got %+v", s)
	}
	me := bearer(s.Token)
	open := into[chatState](t, h.call(post, "/v1/chat/open", "{}", me), 200)
	again := into[chatState](t, h.call(post, "/v1/chat/open", "{}", me), 200)
	if open.Conversation.ID != again.Conversation.ID {
		t.Error("opening twice made two conversations")
	}
	id := open.Conversation.ID
	var menu ChatMessage
	eventually(t, "the menu", func() bool {
		l := into[chatEventList](t, h.call(get, "/v1/chat/events?conversation="+string(id)+"&after=0", nil, me), 200)
		for _, e := range l.Events {
			if e.Kind == desk.EventMessage {
				b, _ := json.Marshal(e.Data)
				_ = json.Unmarshal(b, &menu)
				return true
			}
		}
		return false
	})
	if menu.Content.Menu != "main" || len(menu.Content.Options) != 1 {
		t.Fatalf("got %+v", menu)
	}
	tap := map[string]any{"client_id": "c1", "choice": map[string]any{"message_id": menu.ID, "option_id": "o1"}}
	first := into[Accepted](t, h.call(post, "/v1/chat/messages", tap, me), 202)
	second := into[Accepted](t, h.call(post, "/v1/chat/messages", tap, me), 202)
	if first.Repeat || !second.Repeat || first.Message.ID != second.Message.ID || first.Message.Content.Text != "Coffee" {
		t.Errorf("got %+v and %+v", first, second)
	}
	for _, bad := range []struct {
		body any
		code string
	}{
		{map[string]any{"client_id": "x"}, "empty_message"},
		{map[string]any{"text": "no id"}, "invalid"},
		{map[string]any{"client_id": "x", "text": "hi", "colour": "red"}, "invalid"},
		{map[string]any{"client_id": "x", "command": "confirm"}, "invalid"},
		{map[string]any{"client_id": "x", "attachments": []string{"nobody"}}, "unknown_file"},
		{map[string]any{"client_id": "x", "choice": map[string]any{"message_id": menu.ID, "option_id": "forged"}}, "unknown_option"},
	} {
		if p := h.call(post, "/v1/chat/messages", bad.body, me).problem(); p.Code != bad.code || p.Kind != desk.Invalid {
			t.Errorf("%v: got %+v, want %s", bad.body, p, bad.code)
		}
	}
	into[Accepted](t, h.call(post, "/v1/chat/messages", map[string]any{"client_id": "c2", "command": "human"}, me), 202)
	eventually(t, "the queue", func() bool {
		st := into[chatState](t, h.call(get, "/v1/chat/conversation", nil, me), 200)
		return st.Conversation.Status == desk.Waiting && st.Conversation.Place != nil && st.Conversation.HandOver != nil
	})
	edited := into[chatView](t, h.call(put, "/v1/chat/hand-over", map[string]any{"conversation": id, "wants": "a refund", "remove": []string{"size"}}, me), 200)
	if edited.Conversation.HandOver.Wants != "a refund" || len(edited.Conversation.HandOver.Facts) != 0 {
		t.Errorf("got %+v", edited.Conversation.HandOver)
	}
	if a := h.call(post, "/v1/chat/lang", map[string]string{"lang": "en"}, me); a.status != 204 {
		t.Errorf("lang: got %d %s", a.status, a.body)
	}
	ended := into[chatView](t, h.call(post, "/v1/chat/end", map[string]any{"conversation": id}, me), 200)
	if ended.Conversation.Status != desk.Closed {
		t.Errorf("got %s", ended.Conversation.Status)
	}
	if a := h.call(post, "/v1/chat/rating", map[string]any{"conversation": id, "stars": 5, "note": "<b>good</b>"}, me); a.status != 204 {
		t.Errorf("rating: got %d %s", a.status, a.body)
	}
	if a := h.call(post, "/v1/chat/rating", map[string]any{"conversation": id, "stars": 9}, me); a.status != 422 || a.problem().Field != "stars" {
		t.Errorf("9 stars: got %d %s", a.status, a.body)
	}
	if page := into[Page[ChatEvent]](t, h.call(get, "/v1/chat/history?limit=2", nil, me), 200); len(page.Items) == 0 || page.Next == "" {
		t.Errorf("got %+v", page)
	}
	resumed := h.visit(map[string]any{"token": s.Token})
	if resumed.Contact.ID != s.Contact.ID || resumed.Conversation == nil || resumed.Conversation.Rating != 5 {
		t.Errorf("got %+v", resumed)
	}
	if strings.Contains(h.log.String(), s.Token) || strings.Contains(h.log.String(), "refund") {
		t.Error("the log holds a token or what was said")
	}
}

func TestChat_CustomersGetNothingInternal(t *testing.T) {
	h := newHouse(t).people()
	s := h.visit(map[string]any{})
	w := newWidget(t, h, s.Token)
	w.connect()
	if err := w.say("m1", "<script>alert(1)</script>"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the answer", func() bool { return w.has("You said: <script>") })
	id := w.view.ID
	agent := bearer(h.secrets[desk.Supervisor])
	if a := h.call(post, "/api/conversations/"+string(id)+"/take", "{}", agent); a.status != 200 {
		t.Fatalf("take: %d %s", a.status, a.body)
	}
	for i, private := range []bool{true, false} {
		body := map[string]any{"client_id": fmt.Sprint(i), "text": fmt.Sprintf("note %v", private), "private": private}
		if a := h.call(post, "/api/conversations/"+string(id)+"/reply", body, agent); a.status != 200 {
			t.Fatalf("reply: %d %s", a.status, a.body)
		}
	}
	eventually(t, "the reply", func() bool { return w.has("agent: note false") })
	events := h.call(get, "/v1/chat/events?conversation="+string(id), nil, bearer(s.Token))
	for _, secret := range []string{"note true", "inside", `"mark"`, "target", "order_coffee", `"id":"` + string(must(h.db.Access().AccountByEmail(t.Context(), "supervisor@example.com"))(t).ID)} {
		if strings.Contains(string(events.body), secret) || w.has(secret) {
			t.Errorf("a customer gets %q", secret)
		}
	}
	if strings.Contains(string(events.body), "<script>") {
		t.Error("markup is not escaped in JSON")
	}
	if w.twice != 0 {
		t.Errorf("%d events came twice", w.twice)
	}
}

func TestSocket_ALostLineLosesAndRepeatsNothing(t *testing.T) {
	h := newHouse(t)
	w := newWidget(t, h, h.visit(map[string]any{}).Token)
	w.connect()
	const n = 30
	for i := range n {
		id := fmt.Sprintf("m%d", i)
		err := w.say(id, "text "+id)
		if i%5 == 3 {
			w.lose() // perhaps with the message or its ack on the way
		}
		// As a widget does: send again, on a new line, what was not acknowledged.
		eventually(t, "ack of "+id, func() bool {
			w.mu.Lock()
			done := w.acks[id] > 0
			w.mu.Unlock()
			if done {
				return true
			}
			if err != nil || w.dead() {
				w.connect()
				err = w.say(id, "text "+id)
			}
			return false
		})
	}
	eventually(t, "all answers", func() bool { return strings.Count(strings.Join(w.texts(), "\n"), "You said: text") == n })
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.twice != 0 {
		t.Errorf("%d events came twice or out of order", w.twice)
	}
	said := map[string]int{}
	for _, m := range w.got {
		if m.Author.Kind == desk.ByCustomer {
			said[m.ExternalID]++
		}
	}
	for i := range n {
		if id := fmt.Sprintf("m%d", i); said[id] != 1 {
			t.Errorf("%s is in the record %d times", id, said[id])
		}
	}
}

// dead reports whether the line was dropped.
func (w *widget) dead() bool {
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	w.mu.Lock()
	conn := w.conn
	w.mu.Unlock()
	return conn.Write(ctx, websocket.MessageText, []byte(`{"type":"ping"}`)) != nil
}

func TestSocket_AMissedEventIsReadFromTheStore(t *testing.T) {
	bus := &lossyBus{}
	h := newHouse(t, func(s *Server) { bus.Bus = s.Bus; s.Bus = bus })
	w := newWidget(t, h, h.visit(map[string]any{}).Token)
	w.connect()
	if err := w.say("a", "first"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the first answer", func() bool { return w.has("You said: first") })
	bus.lose(true)
	if err := w.say("b", "second"); err != nil {
		t.Fatal(err)
	}
	me := bearer(w.token)
	eventually(t, "the second answer in the store", func() bool {
		return strings.Contains(string(h.call(get, "/v1/chat/history", nil, me).body), "You said: second")
	})
	bus.lose(false)
	if err := w.say("c", "third"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "everything", func() bool { return w.has("You said: second") && w.has("You said: third") })
	if w.twice != 0 {
		t.Errorf("%d events came twice or out of order", w.twice)
	}
}

func TestSocket_RefusesWithoutAGoodHello(t *testing.T) {
	h := newHouse(t)
	s := h.visit(map[string]any{})
	for name, frame := range map[string]string{
		"forged":    `{"type":"hello","token":"` + s.Token[:len(s.Token)-2] + `xx"}`,
		"no hello":  `{"type":"ping"}`,
		"not JSON":  `hello`,
		"unknown":   `{"type":"hello","token":"x","admin":true}`,
		"deep":      strings.Repeat("[", 100),
		"bad UTF-8": "{\"type\":\"hello\",\"token\":\"\xff\"}",
	} {
		t.Run(name, func(t *testing.T) {
			conn, _, err := websocket.Dial(t.Context(), "ws"+strings.TrimPrefix(h.url, "http")+"/v1/chat/ws", nil)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.CloseNow()
			if err := conn.Write(t.Context(), websocket.MessageText, []byte(frame)); err != nil {
				t.Fatal(err)
			}
			for {
				_, _, err := conn.Read(t.Context())
				if code := websocket.CloseStatus(err); code == signedOut || code == badFrame || code == websocket.StatusInvalidFramePayloadData {
					return
				}
				if err != nil {
					t.Fatalf("got %v, want the line closed with a reason", err)
				}
			}
		})
	}
}

func TestStream_IsTheSameBySSE(t *testing.T) {
	h := newHouse(t)
	s := h.visit(map[string]any{})
	me := bearer(s.Token)
	into[chatState](t, h.call(post, "/v1/chat/open", "{}", me), 200)
	ticket := into[ticketReply](t, h.call(post, "/v1/chat/ticket", "{}", me), 200).Ticket
	address := h.url + "/v1/chat/stream?ticket=" + url.QueryEscape(ticket)
	req := must(http.NewRequestWithContext(t.Context(), get, address, nil))(t)
	res := must(http.DefaultClient.Do(req))(t)
	defer res.Body.Close()
	if res.StatusCode != 200 || res.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("got %d %s", res.StatusCode, res.Header.Get("Content-Type"))
	}
	if a := h.call(get, "/v1/chat/stream?ticket="+url.QueryEscape(ticket), nil); a.status != 401 {
		t.Errorf("a ticket opened a second stream: %d", a.status)
	}
	into[Accepted](t, h.call(post, "/v1/chat/messages", map[string]any{"client_id": "1", "text": "by post"}, me), 202)
	w := newWidget(t, h, s.Token)
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() && !w.has("You said: by post") {
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			w.take([]byte(data))
		}
	}
	if !w.has("You said: by post") || w.frames[0] != "hello" || w.twice != 0 {
		t.Errorf("got %v %v", w.frames, w.texts())
	}
}

func TestChat_NobodySeesAnothersConversation(t *testing.T) {
	h := newHouse(t)
	a, b := h.visit(map[string]any{}), h.visit(map[string]any{})
	id := into[chatState](t, h.call(post, "/v1/chat/open", "{}", bearer(a.Token)), 200).Conversation.ID
	for _, c := range []struct {
		method, path string
		body         any
	}{
		{get, "/v1/chat/events?conversation=" + string(id), nil},
		{get, "/v1/chat/history?before=" + string(id) + ":5", nil},
		{post, "/v1/chat/read", map[string]any{"conversation": id, "seq": 1}},
		{post, "/v1/chat/typing", map[string]any{"conversation": id, "on": true}},
		{post, "/v1/chat/rating", map[string]any{"conversation": id, "stars": 1}},
		{put, "/v1/chat/hand-over", map[string]any{"conversation": id, "wants": "x"}},
		{post, "/v1/chat/end", map[string]any{"conversation": id}},
	} {
		if got := h.call(c.method, c.path, c.body, bearer(b.Token)); got.status != 404 {
			t.Errorf("%s %s: got %d %s, want 404", c.method, c.path, got.status, got.body)
		}
	}
}

func hmacOf(secret, text string) []byte {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(text))
	return h.Sum(nil)
}

const hs256 = `{"alg":"HS256","typ":"JWT"}`

// sign is what the host site's server makes of a user's id.
func sign(id, secret string) string { return hex.EncodeToString(hmacOf(secret, id)) }

func jwt(header, claims, secret string) string {
	enc := base64.RawURLEncoding
	text := enc.EncodeToString([]byte(header)) + "." + enc.EncodeToString([]byte(claims))
	return text + "." + enc.EncodeToString(hmacOf(secret, text))
}

func TestIdentity_OnlyTheSitesOwnSignatureCounts(t *testing.T) {
	h := newHouse(t)
	exp := fmt.Sprint(time.Now().Add(time.Hour).Unix())
	ann := h.visit(map[string]any{"identity": map[string]any{"user_id": "42", "name": "Ann", "signature": sign("42", siteSecret)}})
	if !ann.Contact.Verified || ann.Contact.Name != "Ann" {
		t.Errorf("got %+v", ann.Contact)
	}
	byToken := h.visit(map[string]any{"identity_token": jwt(hs256, `{"sub":"42","exp":`+exp+`}`, siteSecret)})
	if byToken.Contact.ID != ann.Contact.ID {
		t.Error("the same user is two contacts")
	}
	switched := h.visit(map[string]any{"token": ann.Token, "identity": map[string]any{"user_id": "43", "signature": sign("43", siteSecret)}})
	if switched.Contact.ID == ann.Contact.ID {
		t.Error("another user got the contact of an old token")
	}
	for name, body := range map[string]map[string]any{
		"wrong secret":     {"identity": map[string]any{"user_id": "42", "signature": sign("42", "x")}},
		"another user":     {"identity": map[string]any{"user_id": "43", "signature": sign("42", siteSecret)}},
		"no signature":     {"identity": map[string]any{"user_id": "42", "signature": ""}},
		"not hex":          {"identity": map[string]any{"user_id": "42", "signature": "zz"}},
		"jwt secret":       {"identity_token": jwt(hs256, `{"sub":"42","exp":`+exp+`}`, "x")},
		"jwt none":         {"identity_token": jwt(`{"alg":"none"}`, `{"sub":"42","exp":`+exp+`}`, siteSecret)},
		"jwt RS256":        {"identity_token": jwt(`{"alg":"RS256"}`, `{"sub":"42","exp":`+exp+`}`, siteSecret)},
		"jwt without exp":  {"identity_token": jwt(hs256, `{"sub":"42"}`, siteSecret)},
		"jwt expired":      {"identity_token": jwt(hs256, `{"sub":"42","exp":1}`, siteSecret)},
		"jwt not yet":      {"identity_token": jwt(hs256, `{"sub":"42","exp":`+exp+`,"nbf":`+exp+`}`, siteSecret)},
		"jwt without user": {"identity_token": jwt(hs256, `{"exp":`+exp+`}`, siteSecret)},
		"jwt cut":          {"identity_token": strings.TrimRight(jwt(hs256, `{"sub":"42","exp":`+exp+`}`, siteSecret), "=")[:40]},
		"forged token":     {"token": "c1.e30.AAAA"},
	} {
		if a := h.call(post, "/v1/chat/sessions", body); a.status != 401 {
			t.Errorf("%s: got %d %s, want 401", name, a.status, a.body)
		}
	}
}

func TestSites_OnlyTheirPagesMayCall(t *testing.T) {
	h := newHouse(t)
	for origin, want := range map[string]int{siteOrigin: 200, h.url: 200, "": 200, "https://evil.example.com": 403, "null": 403, siteOrigin + ".evil.com": 403} {
		a := h.call(post, "/v1/chat/sessions", "{}", header("Origin", origin))
		if a.status != want {
			t.Errorf("%q: got %d, want %d", origin, a.status, want)
		}
		if allowed := a.header.Get("Access-Control-Allow-Origin"); (allowed == origin) != (want == 200) || want == 200 && !slices.Contains(a.header.Values("Vary"), "Origin") {
			t.Errorf("%q: allowed origin %q", origin, allowed)
		}
	}
	pre := h.call(http.MethodOptions, "/v1/chat/messages", nil, header("Origin", siteOrigin), header("Access-Control-Request-Method", "POST"))
	if pre.status != 204 || !strings.Contains(pre.header.Get("Access-Control-Allow-Headers"), "Authorization") {
		t.Errorf("got %d %v", pre.status, pre.header)
	}
	if a := h.call(http.MethodOptions, "/api/me", nil, header("Origin", siteOrigin)); a.header.Get("Access-Control-Allow-Origin") != "" {
		t.Error("the console is open to other origins")
	}
}
