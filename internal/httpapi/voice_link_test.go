package httpapi

import (
	"fmt"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/routing"
	"github.com/parleyhq/parley/voice"
)

// clock is a time that a test moves.
type clock struct{ at atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.at.Store(time.Now().UnixNano())
	return c
}

func (c *clock) now() time.Time       { return time.Unix(0, c.at.Load()) }
func (c *clock) pass(d time.Duration) { c.at.Add(int64(d)) }

// page opens the page of a call.
func (h *house) page(token string) answer {
	h.tb.Helper()
	return h.call(post, "/v1/chat/sessions", map[string]any{"call": token})
}

func (h *house) link(call desk.ID, c desk.Conversation) string {
	h.tb.Helper()
	address := must(h.s.CallPage(c.ContactID, c.ID, call))(h.tb)
	_, token, _ := strings.Cut(address, "/call/")
	return token
}

func TestLink_OpensTheConversationOfItsCallAndNoOther(t *testing.T) {
	h := newHouse(t).people()
	x := h.withCalls()
	ctx := t.Context()
	first, older := h.ring(x, "+8613800000001")
	h.hangUp(x, first, older)
	must(h.s.Router.Close(ctx, desk.Author{Kind: desk.BySystem}, older.ID, ""))(t)
	call, c := h.ring(x, "+8613800000001")
	if older.ID == c.ID || older.ContactID != c.ContactID {
		t.Fatalf("the second call is in %s of %s, the first in %s of %s", c.ID, c.ContactID, older.ID, older.ContactID)
	}
	s := into[Session](t, h.page(h.link(call, c)), 200)
	me := bearer(s.Token)
	if s.Conversation == nil || s.Conversation.ID != c.ID || s.Contact.Name != "" || s.Contact.Verified || s.Conversation.Call == nil || s.Conversation.Call.CallID != call {
		t.Errorf("got %+v", s)
	}
	for path, want := range map[string]int{"/v1/chat/events?conversation=" + string(c.ID): 200, "/v1/chat/events?conversation=" + string(older.ID): 404, "/v1/chat/history?before=" + url.QueryEscape(string(older.ID)+":99"): 404} {
		if a := h.call(get, path, nil, me); a.status != want {
			t.Errorf("%s: got %d %s, want %d", path, a.status, a.body, want)
		}
	}
	for before, pages := "", 0; ; pages++ {
		p := into[Page[ChatEvent]](t, h.call(get, "/v1/chat/history?limit=2&before="+url.QueryEscape(before), nil, me), 200)
		for _, e := range p.Items {
			if e.ConversationID != c.ID {
				t.Fatalf("the page reads %s", e.ConversationID)
			}
		}
		if before = p.Next; before == "" || pages > 50 {
			break
		}
	}
	for _, b := range []map[string]any{{"conversation": older.ID, "stars": 5}, {"conversation": older.ID, "seq": 1}} {
		for _, path := range []string{"/v1/chat/rating", "/v1/chat/read"} {
			if a := h.call(post, path, b, me); a.status != 404 && a.status != 422 {
				t.Errorf("%s: got %d %s", path, a.status, a.body)
			}
		}
	}
	if a := h.call(post, "/v1/chat/call", map[string]any{"sdp": "v=0"}, me); a.status != 403 || a.problem().Code != "by_link" {
		t.Errorf("talk: got %d %s", a.status, a.body)
	}
	if open := into[chatState](t, h.call(post, "/v1/chat/open", "{}", me), 200); open.Conversation.ID != c.ID {
		t.Errorf("opened %s", open.Conversation.ID)
	}

	w := newWidget(t, h, s.Token)
	w.connect()
	if err := w.say("m1", "by the page"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the answer", func() bool { return w.has("You said: by the page") })
	if w.view.ID != c.ID || w.twice != 0 {
		t.Errorf("said it in %s", w.view.ID)
	}
	now := must(h.s.Reads.Conversation(ctx, c.ID))(t)
	if now.ContactID != c.ContactID || now.OnCall != call {
		t.Errorf("got %+v", now)
	}

	h.hangUp(x, call, c)
	must(h.s.Router.Close(ctx, desk.Author{Kind: desk.BySystem}, c.ID, ""))(t)
	again, next := h.ring(x, "+8613800000001")
	if a := h.call(post, "/v1/chat/messages", map[string]any{"client_id": "2", "text": "into the next one"}, me); a.status != 409 || a.problem().Code != "conversation_closed" {
		t.Errorf("got %d %s", a.status, a.body)
	}
	for _, e := range must(h.s.Reads.Timeline(ctx, next.ID, 0, 100))(t) {
		if strings.Contains(string(e.Data), "into the next one") {
			t.Error("the page wrote into the next conversation")
		}
	}
	if st := into[chatState](t, h.call(get, "/v1/chat/conversation", nil, me), 200); st.Conversation.ID != c.ID {
		t.Errorf("the page moved on to %s of call %s", next.ID, again)
	}
}

func TestLink_LivesHalfAnHourOrAsLongAsItsCall(t *testing.T) {
	now := newClock()
	h := newHouse(t, func(s *Server) { s.Now = now.now })
	x := h.withCalls()
	call, c := h.ring(x, "+8613800000001")
	token := h.link(call, c)
	now.pass(31 * time.Minute)
	s := into[Session](t, h.page(token), 200) // the call is up
	if a := h.call(get, "/v1/chat/conversation", nil, bearer(s.Token)); a.status != 200 {
		t.Errorf("got %d %s", a.status, a.body)
	}
	ticket := into[ticketReply](t, h.call(post, "/v1/chat/ticket", "{}", bearer(s.Token)), 200).Ticket
	v := must(h.s.tickets.redeem(ticket))(t)
	if !v.ByLink() || v.Expires > now.now().Add(31*time.Minute).Unix() {
		t.Errorf("a ticket lengthens the session: %+v", v)
	}
	now.pass(31 * time.Minute)
	if a := h.call(get, "/v1/chat/conversation", nil, bearer(s.Token)); a.status != 401 {
		t.Errorf("after 31 minutes: got %d %s", a.status, a.body)
	}
	s = into[Session](t, h.call(post, "/v1/chat/sessions", map[string]any{"token": s.Token}), 200) // renewed
	if s.Conversation == nil || s.Conversation.ID != c.ID {
		t.Errorf("got %+v", s)
	}
	now.pass(3 * time.Hour)
	for name, body := range map[string]map[string]any{"link": {"call": token}, "token": {"token": s.Token}} {
		if a := h.call(post, "/v1/chat/sessions", body); a.status != 401 {
			t.Errorf("%s after four hours of a call: got %d %s", name, a.status, a.body)
		}
	}

	short := h.link(call, c)
	h.hangUp(x, call, c)
	now.pass(29 * time.Minute)
	s = into[Session](t, h.page(short), 200)
	now.pass(2 * time.Minute)
	for name, a := range map[string]answer{
		"link": h.page(short), "token": h.call(post, "/v1/chat/sessions", map[string]any{"token": s.Token}), "use": h.call(get, "/v1/chat/conversation", nil, bearer(s.Token)),
	} {
		if a.status != 401 {
			t.Errorf("%s, half an hour after the link of a call that is over: got %d %s", name, a.status, a.body)
		}
	}
}

func TestLink_ForgedOnesOpenNothing(t *testing.T) {
	h := newHouse(t)
	x := h.withCalls()
	call, c := h.ring(x, "+8613800000001")
	_, other := h.ring(x, "+8613800000002")
	good := h.link(call, c)
	flip := func(i int) string {
		b := []byte(good)
		b[i] ^= 1
		return string(b)
	}
	wrong := must(h.s.visitors.CallToken(other.ContactID, c.ID, call))(t) // genuine, but of two who do not belong together
	for name, token := range map[string]string{"first": flip(0), "contact": flip(5), "mark": flip(len(good) - 3), "short": good[:50], "long": good + "A", "plain": "call", "mixed": wrong, "session": h.visit(map[string]any{}).Token[:150]} {
		if a := h.page(token); a.status != 401 {
			t.Errorf("%s: got %d %s", name, a.status, a.body)
		}
	}
	for _, more := range []map[string]any{{"token": "x"}, {"identity_token": "x"}} {
		more["call"] = good
		if a := h.call(post, "/v1/chat/sessions", more); a.status != 422 {
			t.Errorf("%v: got %d %s", more, a.status, a.body)
		}
	}
	// The token of such a session beside a signed identity is that identity's session.
	s := into[Session](t, h.page(good), 200)
	body := signed42(nil)
	body["token"] = s.Token
	if a := h.visit(body); a.Contact.ID == s.Contact.ID || !a.Contact.Verified {
		t.Errorf("got %+v", a.Contact)
	}
	if strings.Contains(h.log.String(), good) {
		t.Error("the log holds a link")
	}
}

func TestLink_FitsIntoATextMessage(t *testing.T) {
	h := newHouse(t, func(s *Server) { s.PublicURL = "https://chat.example.com" })
	x := h.withCalls()
	call, c := h.ring(x, "+8613800000001")
	address := must(h.s.CallPage(c.ContactID, c.ID, call))(t)
	if !strings.HasPrefix(address, "https://chat.example.com/call/") || len(address) > 130 {
		t.Errorf("got %s, of %d characters", address, len(address))
	}
}

func TestCallPage_ItsTokenGoesNowhere(t *testing.T) {
	widget := fstest.MapFS{"call.html": {Data: []byte(`<script nonce="__CSP_NONCE__" src="/call.js"></script>`)}, "call.js": {Data: []byte("let c")}}
	h := newHouse(t, func(s *Server) { s.UI = must(NewUI(fstest.MapFS{}, widget, ""))(t) })
	a := h.call(get, "/call/SECRETTOKEN", nil)
	csp := a.header.Get("Content-Security-Policy")
	for name, want := range map[string]string{"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "Permissions-Policy": "camera=(self), microphone=(self), geolocation=(self)", "X-Content-Type-Options": "nosniff"} {
		if a.header.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, a.header.Get(name), want)
		}
	}
	if a.status != 200 || !strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "unsafe") || strings.Contains(string(a.body), nonceMark) {
		t.Errorf("got %d %q %s", a.status, csp, a.body)
	}
	if strings.Contains(h.log.String(), "SECRETTOKEN") || strings.Contains(string(h.call(get, "/metrics", nil).body), "SECRETTOKEN") {
		t.Error("the token is in the log or the metrics")
	}
	for path, want := range map[string]int{"/call.js": 200, "/call.html": 404} {
		if a := h.call(get, path, nil); a.status != want {
			t.Errorf("%s: got %d, want %d", path, a.status, want)
		}
	}
	bare := newHouse(t, func(s *Server) { s.UI = must(NewUI(fstest.MapFS{}, fstest.MapFS{}, ""))(t) })
	if a := bare.call(get, "/call/x", nil); a.status != 404 {
		t.Errorf("without a page: got %d", a.status)
	}
}

func TestQueue_WhatIsHeardOnHold(t *testing.T) {
	h := newHouse(t).people()
	owner := bearer(h.secrets[desk.Owner])
	put1 := func(more string) answer {
		return h.call(put, "/api/queues/support", `{"title":{"en":"Support","zh":"客服"}`+more+`}`, owner)
	}
	q := into[desk.Queue](t, put1(`,"on_hold":{"announce":{"en":"Soon"},"every":20,"callback":true,"music":"jazz","video":"https://example.com/v.mp4"},"dispositions":[{"key":"sold","title":{"en":"Sold","zh":"已售"}}]`), 200)
	if q.OnHold.Every != 20 || !q.OnHold.Callback || len(q.Dispositions) != 1 {
		t.Errorf("got %+v", q)
	}
	if q := into[desk.Queue](t, put1(""), 200); q.OnHold.Music != "jazz" || len(q.Dispositions) != 1 {
		t.Errorf("what was not said was lost: %+v", q)
	}
	for more, field := range map[string]string{
		`,"on_hold":{"every":2}`:                                                   "on_hold.every",
		`,"on_hold":{"picture":"javascript:alert(1)"}`:                             "on_hold.picture",
		`,"on_hold":{"picture":"//evil.example.com/x"}`:                            "on_hold.picture",
		`,"on_hold":{"video":"http://example.com/x"}`:                              "on_hold.video",
		`,"on_hold":{"music":"../../etc/passwd"}`:                                  "on_hold.music",
		`,"on_hold":{"prompts":{"en":"a b"}}`:                                      "on_hold.prompts",
		`,"dispositions":[{"key":"A B","title":"x"}]`:                              "dispositions",
		`,"dispositions":[{"key":"a","title":"x"},{"key":"a","title":"y"}]`:        "dispositions",
		fmt.Sprintf(`,"on_hold":{"announce":{"en":%q}}`, strings.Repeat("a", 501)): "on_hold.announce",
	} {
		if a := put1(more); a.status != 422 || a.problem().Field != field {
			t.Errorf("%s: got %d %s, want %s", more, a.status, a.body, field)
		}
	}
	h.withCalls()
	if st := into[VoiceState](t, h.call(get, "/api/voice", nil, owner), 200); len(st.Dispositions) != 1 || st.Dispositions[0].Key != "sold" {
		t.Errorf("got %+v", st.Dispositions)
	}
}

func TestLink_MakesNobodyVerified(t *testing.T) {
	h := newHouse(t)
	x := h.withCalls()
	who := h.visit(signed42(nil))
	ask := func(token, id, want string) {
		t.Helper()
		w := newWidget(t, h, token)
		w.connect()
		if err := w.say(id, "am I verified?"); err != nil {
			t.Fatal(err)
		}
		eventually(t, want, func() bool { return w.has(want) })
	}
	ask(who.Token, "1", "Verified: true")
	must(h.s.Router.Close(t.Context(), desk.Author{Kind: desk.BySystem}, into[chatState](t, h.call(get, "/v1/chat/conversation", nil, bearer(who.Token)), 200).Conversation.ID, ""))(t)

	call := desk.NewID()
	c := must(h.s.Router.(*routing.Router).CallBegan(t.Context(), routing.CallStart{Call: call, Address: "+8613800000001", Contact: who.Contact.ID, Playbook: "shop"}))(t)
	s := into[Session](t, h.page(h.link(call, c)), 200)
	ask(s.Token, "2", "Verified: false")
	h.hangUp(x, call, c)
	w := newWidget(t, h, s.Token)
	w.connect()
	if err := w.say("3", "am I verified?"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "two answers", func() bool { return strings.Count(strings.Join(w.texts(), "\n"), "bot: Verified: ") == 2 })
	if w.has("Verified: true") {
		t.Error("after the call, whoever has its link is taken for its caller")
	}
}

func TestLink_AnOpenPageIsShutWhenItsTimeIsOver(t *testing.T) {
	now := newClock()
	h := newHouse(t, func(s *Server) { s.Now, s.Heartbeat = now.now, 200*time.Millisecond })
	x := h.withCalls()
	call, c := h.ring(x, "+8613800000001")
	w := newWidget(t, h, into[Session](t, h.page(h.link(call, c)), 200).Token)
	w.connect()
	now.pass(31 * time.Minute)
	eventually(t, "the line to be shut", w.dead)
}

func TestConsole_HearsOfItsOwnCall(t *testing.T) {
	h := newHouse(t).people()
	h.withCalls()
	c := h.signIn("agent@example.com").console()
	eventually(t, "hello", func() bool { return c.find("hello", "agent@example.com") != nil })
	news := map[string]any{"kind": "call", "data": map[string]any{"conversation_id": "c7", "call": desk.CallNews{CallID: "call7", State: desk.CallRinging}}}
	if err := h.s.Bus.Publish("agent."+string(h.userID(desk.AgentRole)), news); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the call", func() bool { return c.find("call", `"call_id":"call7"`) != nil })
	if f := c.find("call", "call7"); string(f["conversation_id"]) != `"c7"` {
		t.Errorf("got %s", f)
	}
}

func TestView_ChangesWhenACallBeginsAndEnds(t *testing.T) {
	h := newHouse(t)
	x := h.withCalls()
	s := h.visit(map[string]any{"playbook": "shop"})
	w := newWidget(t, h, s.Token)
	w.connect()
	if err := w.say("1", "hi"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the answer", func() bool { return w.has("You said: hi") })
	call := desk.NewID()
	x.live[call] = voice.LiveCall{CallNews: desk.CallNews{CallID: call, State: desk.CallMenu}}
	c := must(h.s.Router.(*routing.Router).CallBegan(t.Context(), routing.CallStart{Call: call, Address: "web", Contact: s.Contact.ID, Playbook: "shop"}))(t)
	shown := func() *ChatCall {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.view.Call
	}
	eventually(t, "the call in the view", func() bool { v := shown(); return v != nil && v.CallID == call })
	h.hangUp(x, call, c)
	eventually(t, "the call to leave the view", func() bool { return shown() == nil })
}

func TestCSRF_NoChangingRouteIsOpenToOtherSites(t *testing.T) {
	h := newHouse(t).people()
	h.withCalls()
	b := h.signIn("owner@example.com")
	for _, r := range h.s.routes() {
		if r.method == get || !strings.HasPrefix(r.path, "/api/") {
			continue
		}
		path := strings.NewReplacer("{id}", "x", "{sid}", "x", "{name}", "x", "{n}", "1", "{path...}", "a").Replace(r.path)
		for name, opts := range map[string][]option{
			"no header":    {header("Cookie", b.cookie)},
			"other origin": {header("Cookie", b.cookie), header("X-Parley", "1"), header("Origin", "https://evil.example.com")},
		} {
			if a := h.call(r.method, path, "{}", opts...); a.status != 403 || a.problem().Code != "csrf" && a.problem().Code != "origin" {
				t.Errorf("%s %s, %s: got %d %s", r.method, r.path, name, a.status, a.body)
			}
		}
	}
}
