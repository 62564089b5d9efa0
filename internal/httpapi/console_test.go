package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/access"
	"github.com/parleyhq/parley/routing"
)

// browser signs in and keeps the cookie, as the console does.
type browser struct {
	*house
	cookie string
}

func (h *house) signIn(email string) browser {
	h.tb.Helper()
	a := h.call(post, "/api/login", map[string]string{"email": email, "password": goodPassword}, header("X-Parley", "1"))
	if a.status != 200 {
		h.tb.Fatalf("sign in: %d %s", a.status, a.body)
	}
	return browser{h, strings.Split(a.header.Get("Set-Cookie"), ";")[0]}
}

func (b browser) do(method, path string, body any, opts ...option) answer {
	b.tb.Helper()
	return b.call(method, path, body, append([]option{header("Cookie", b.cookie), header("X-Parley", "1")}, opts...)...)
}

func TestSetup_OnceAndOnlyOnce(t *testing.T) {
	h := newHouse(t)
	if !into[setupState](t, h.call(get, "/api/setup", nil), 200).Needed {
		t.Fatal("a new house needs no owner")
	}
	body := map[string]string{"name": "Ann", "email": ownerEmail, "password": goodPassword}
	var wg sync.WaitGroup
	var mu sync.Mutex
	made := map[int]int{}
	for range 4 {
		wg.Go(func() {
			a := h.call(post, "/api/setup", body, header("X-Parley", "1"))
			mu.Lock()
			defer mu.Unlock()
			made[a.status]++
		})
	}
	wg.Wait()
	if made[200] != 1 || made[409] != 3 {
		t.Errorf("got %v, want one owner", made)
	}
	me := into[Me](t, h.signIn(ownerEmail).do(get, "/api/me", nil), 200)
	if me.Roles[0] != desk.Owner || len(me.Permissions) != len(access.AllPermissions()) || me.Agent.ID != me.ID {
		t.Errorf("got %+v", me)
	}
}

func TestCSRF_OnlyOurOwnPagesMayChangeAnything(t *testing.T) {
	h := newHouse(t).people()
	b := h.signIn("agent@example.com")
	for name, c := range map[string]struct {
		opts []option
		want int
	}{
		"ours":              {[]option{header("Origin", h.url)}, 200},
		"no origin":         {nil, 200},
		"no header":         {[]option{header("X-Parley", "")}, 403},
		"another site":      {[]option{header("Origin", "https://evil.example.com")}, 403},
		"a customer's site": {[]option{header("Origin", siteOrigin)}, 403},
		"null origin":       {[]option{header("Origin", "null")}, 403},
		"cross-site fetch":  {[]option{header("Sec-Fetch-Site", "cross-site")}, 403},
		"a form":            {[]option{header("Content-Type", "text/plain")}, 415},
	} {
		if a := b.do(put, "/api/me", `{"theme":"dark"}`, c.opts...); a.status != c.want {
			t.Errorf("%s: got %d %s, want %d", name, a.status, a.body, c.want)
		}
	}
	cookie := h.call(post, "/api/login", map[string]string{"email": "agent@example.com", "password": goodPassword}, header("X-Parley", "1")).header.Get("Set-Cookie")
	for _, want := range []string{"HttpOnly", "SameSite=Strict", "Path=/", SessionCookie + "="} {
		if !strings.Contains(cookie, want) {
			t.Errorf("the cookie %q lacks %s", cookie, want)
		}
	}
}

func TestSessions_EndWhenTheyShould(t *testing.T) {
	h := newHouse(t).people()
	b := h.signIn("editor@example.com")
	other := h.signIn("editor@example.com")
	if a := b.do(put, "/api/me", map[string]string{"password": "another good one", "old_password": goodPassword}); a.status != 200 {
		t.Fatalf("got %d %s", a.status, a.body)
	}
	if b.do(get, "/api/me", nil).status != 200 || other.do(get, "/api/me", nil).status != 401 {
		t.Error("a new password ends the other sessions, and only those")
	}
	if a := b.do(post, "/api/logout", nil); a.status != 204 || b.do(get, "/api/me", nil).status != 401 {
		t.Errorf("signed out: got %d, and still in", a.status)
	}
	agent := h.signIn("agent@example.com")
	id := must(h.db.Access().AccountByEmail(t.Context(), "agent@example.com"))(t).ID
	owner := bearer(h.secrets[desk.Owner])
	if a := h.call(post, "/api/users/"+string(id)+"/disable", "{}", owner); a.status != 200 {
		t.Fatalf("got %d %s", a.status, a.body)
	}
	if agent.do(get, "/api/me", nil).status != 401 || h.call(get, "/api/me", nil, bearer(h.secrets[desk.AgentRole])).status != 401 {
		t.Error("a disabled user is still in")
	}
	log := into[Page[access.Entry]](t, h.call(get, "/api/audit", nil, owner), 200)
	if len(log.Items) == 0 || log.Items[0].Action != "users.disable" || log.Items[0].Target != string(id) || log.Items[0].UserName != "owner" {
		t.Errorf("got %+v", log.Items)
	}
	if ownerID := must(h.db.Access().AccountByEmail(t.Context(), ownerEmail))(t).ID; h.call(post, "/api/users/"+string(ownerID)+"/disable", "{}", owner).problem().Code != "last_owner" {
		t.Error("the last owner was shut out")
	}
	if strings.Contains(h.log.String(), goodPassword) || strings.Contains(h.log.String(), h.secrets[desk.Owner]) {
		t.Error("the log holds a password or a token")
	}
}

// console is the agent's end of /api/ws.
type console struct {
	conn *websocket.Conn

	mu     sync.Mutex // guards frames
	frames []map[string]json.RawMessage
}

func (b browser) console() *console {
	b.tb.Helper()
	conn, _, err := websocket.Dial(context.Background(), "ws"+strings.TrimPrefix(b.url, "http")+"/api/ws", &websocket.DialOptions{HTTPHeader: http.Header{"Cookie": {b.cookie}, "Origin": {b.url}}})
	if err != nil {
		b.tb.Fatal(err)
	}
	conn.SetReadLimit(1 << 20)
	b.tb.Cleanup(func() { _ = conn.CloseNow() })
	c := &console{conn: conn}
	go func() {
		for {
			_, data, err := conn.Read(context.Background())
			if err != nil {
				return
			}
			f := map[string]json.RawMessage{}
			_ = json.Unmarshal(data, &f)
			c.mu.Lock()
			c.frames = append(c.frames, f)
			c.mu.Unlock()
		}
	}()
	return c
}

// find returns the first frame of a type whose text holds part.
func (c *console) find(typ, part string) map[string]json.RawMessage {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, f := range c.frames {
		b, _ := json.Marshal(f)
		if string(f["type"]) == `"`+typ+`"` && strings.Contains(string(b), part) {
			return f
		}
	}
	return nil
}

func TestConsole_FromOfferToRating(t *testing.T) {
	h := newHouse(t).people()
	owner := bearer(h.secrets[desk.Owner])
	if a := h.call(put, "/api/queues/support", map[string]any{"title": map[string]string{"en": "Support", "zh": "客服"}}, owner); a.status != 200 {
		t.Fatalf("got %d %s", a.status, a.body)
	}
	b := h.signIn("agent@example.com")
	c := b.console()
	eventually(t, "hello", func() bool { return c.find("hello", "agent@example.com") != nil })
	if a := b.do(put, "/api/presence", map[string]string{"presence": "available"}); a.status != 200 {
		t.Fatalf("got %d %s", a.status, a.body)
	}
	w := newWidget(t, h, h.visit(map[string]any{"name": "Customer"}).Token)
	w.connect()
	if err := w.send(map[string]any{"type": "send", "client_id": "1", "command": "human"}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "an offer", func() bool { return c.find("offer", "a person") != nil })
	offers := into[Page[OfferCard]](t, b.do(get, "/api/offers", nil), 200)
	if len(offers.Items) != 1 || offers.Items[0].Card.Wants != "a person" || offers.Items[0].Row.Contact.Name != "Customer" {
		t.Fatalf("got %+v", offers)
	}
	conv := into[desk.Conversation](t, b.do(post, "/api/offers/"+string(offers.Items[0].Offer.ID)+"/accept", nil), 200)
	if conv.Status != desk.Assigned {
		t.Errorf("got %s", conv.Status)
	}
	path := "/api/conversations/" + string(conv.ID)
	dossier := into[Dossier](t, b.do(get, path, nil), 200)
	if dossier.Contact.Name != "Customer" || len(dossier.Events) == 0 || dossier.Conversation.HandOver == nil {
		t.Errorf("got %+v", dossier)
	}
	if err := c.conn.Write(t.Context(), websocket.MessageText, encode(map[string]any{"type": "watch", "conversation": conv.ID, "after": dossier.Conversation.Seq})); err != nil {
		t.Fatal(err)
	}
	if err := w.say("2", "are you there?"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the customer's words", func() bool { return c.find("event", "are you there?") != nil })
	eventually(t, "the list", func() bool { return c.find("inbox", string(conv.ID)) != nil })
	if err := c.conn.Write(t.Context(), websocket.MessageText, encode(map[string]any{"type": "typing", "conversation": conv.ID, "on": true})); err != nil {
		t.Fatal(err)
	}
	sent := into[desk.Message](t, b.do(post, path+"/reply", map[string]any{"client_id": "r1", "text": "I **am**"}), 200)
	again := into[desk.Message](t, b.do(post, path+"/reply", map[string]any{"client_id": "r1", "text": "I **am**"}), 200)
	if sent.ID != again.ID {
		t.Error("a reply that was sent twice is two messages")
	}
	eventually(t, "the reply", func() bool { return w.has("agent: I **am**") })
	eventually(t, "the agent's name", func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.view.Agent != nil && w.view.Agent.Name == "agent" && w.view.Status == desk.Assigned
	})
	rows := into[Page[routing.InboxRow]](t, b.do(get, "/api/conversations?tab=mine", nil), 200)
	counts := into[routing.InboxCounts](t, b.do(get, "/api/conversations/counts", nil), 200)
	if len(rows.Items) != 1 || counts.Mine != 1 {
		t.Errorf("got %d rows, counts %+v", len(rows.Items), counts)
	}
	if a := b.do(get, "/api/conversations?tab=all", nil); a.status != 403 {
		t.Errorf("an agent sees everything: %d", a.status)
	}
	for _, step := range []string{"park", "unpark", "close"} {
		if a := b.do(post, path+"/"+step, nil); a.status != 200 {
			t.Errorf("%s: got %d %s", step, a.status, a.body)
		}
	}
	eventually(t, "the end", func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.view.Status == desk.Closed
	})
	if a := h.call(post, "/v1/chat/rating", map[string]any{"conversation": conv.ID, "stars": 4}, bearer(w.token)); a.status != 204 {
		t.Errorf("rating: got %d %s", a.status, a.body)
	}
	if w.twice != 0 {
		t.Errorf("%d events came twice or out of order", w.twice)
	}
}

func TestConsoleSocket_RefusesOtherOrigins(t *testing.T) {
	h := newHouse(t).people()
	b := h.signIn("agent@example.com")
	for _, origin := range []string{"https://evil.example.com", siteOrigin, "null"} {
		conn, res, err := websocket.Dial(t.Context(), "ws"+strings.TrimPrefix(h.url, "http")+"/api/ws", &websocket.DialOptions{HTTPHeader: http.Header{"Cookie": {b.cookie}, "Origin": {origin}}})
		if err == nil {
			_ = conn.CloseNow()
			t.Errorf("%s was let in", origin)
		} else if res == nil || res.StatusCode != 403 {
			t.Errorf("%s: got %v", origin, err)
		}
	}
}

func TestClose_EndsEveryLine(t *testing.T) {
	h := newHouse(t).people()
	c := h.signIn("agent@example.com").console()
	w := newWidget(t, h, h.visit(map[string]any{}).Token)
	w.connect()
	eventually(t, "hello", func() bool { return c.find("hello", "") != nil })
	done := make(chan struct{})
	go func() { h.s.Close(); close(done) }()
	select {
	case <-done:
	case <-time.After(15 * time.Second):
		t.Fatal("Close does not return")
	}
	eventually(t, "the lines' end", func() bool { return w.dead() })
}
