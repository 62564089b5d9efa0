package httpapi

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/parleyhq/parley/desk"
)

// signed42 is the body of a session of the host site's logged-in user.
func signed42(more map[string]any) map[string]any {
	id := map[string]any{"user_id": "42", "signature": sign("42", siteSecret)}
	for k, v := range more {
		id[k] = v
	}
	return map[string]any{"identity": id}
}

func TestIdentity_TheSignatureVouchesForTheUserOnly(t *testing.T) {
	h := newHouse(t).people()
	owner := bearer(h.secrets[desk.Owner])
	contact := func(id desk.ID) desk.Contact {
		t.Helper()
		return into[struct {
			Contact desk.Contact `json:"contact"`
		}](t, h.call(get, "/api/contacts/"+string(id), nil, owner), 200).Contact
	}
	exp := fmt.Sprint(time.Now().Add(time.Hour).Unix())
	token := func(claims string) map[string]any {
		return map[string]any{"identity_token": jwt(hs256, `{"sub":"42","exp":`+exp+`,`+claims+`}`, siteSecret)}
	}

	ann := h.visit(token(`"name":"Ann","email":"ann@example.com","attributes":{"tier":"basic"}`))
	mallory := h.visit(signed42(map[string]any{"name": "Mallory", "email": "m@example.com", "phone": "+15550100", "attributes": map[string]string{"tier": "gold", "balance": "1000"}}))
	if mallory.Contact.ID != ann.Contact.ID || mallory.Contact.Name != "Ann" {
		t.Errorf("got %+v", mallory.Contact)
	}
	c := contact(ann.Contact.ID)
	if c.Name != "Ann" || c.Email != "ann@example.com" || c.Attributes["tier"] != "basic" {
		t.Errorf("unsigned facts replaced signed ones: %+v", c)
	}
	if c.Phone != "+15550100" || c.Attributes["balance"] != "1000" || !slices.Equal(c.Claimed, []string{"phone", "attributes.balance"}) {
		t.Errorf("gaps were not filled with claims: %+v", c)
	}
	h.visit(map[string]any{"token": mallory.Token, "name": "Eve"})
	h.visit(token(`"phone_number":"+8613800138000","attributes":{"balance":"5"}`))
	if c = contact(ann.Contact.ID); c.Name != "Ann" || c.Phone != "+8613800138000" || c.Attributes["balance"] != "5" || len(c.Claimed) != 0 {
		t.Errorf("signed facts did not replace claims: %+v", c)
	}
}

// What was said while logged in is for nobody else: not for another user, and
// not for whoever uses the browser after the logout, with all that it kept.
func TestIdentity_ConversationsEndWithTheLogin(t *testing.T) {
	h := newHouse(t)
	// The browser: visits the shop, logs in, talks, logs out.
	before := h.visit(map[string]any{})
	user := h.visit(map[string]any{"token": before.Token, "identity": signed42(nil)["identity"]})
	if user.Contact.ID == before.Contact.ID {
		t.Fatal("the login turned the anonymous visitor into the user")
	}
	said := into[Accepted](t, h.call(post, "/v1/chat/messages", map[string]any{"client_id": "1", "text": "my card was stolen"}, bearer(user.Token)), 202)
	id := string(said.Conversation.ID)
	eventually(t, "the answer", func() bool {
		return strings.Contains(string(h.call(get, "/v1/chat/events?conversation="+id, nil, bearer(user.Token)).body), "You said: my card")
	})

	after := h.visit(map[string]any{"token": user.Token})
	if after.Contact.ID == user.Contact.ID || after.Contact.Verified || after.Conversation != nil {
		t.Errorf("after the logout the token alone brought the user back: %+v", after)
	}
	others := map[string]Session{
		"the browser after the logout":  after,
		"the visitor before the login":  h.visit(map[string]any{"token": before.Token}),
		"another user":                  h.visit(map[string]any{"identity": map[string]any{"user_id": "43", "signature": sign("43", siteSecret)}}),
		"another user in this browser":  h.visit(map[string]any{"token": user.Token, "identity": map[string]any{"user_id": "43", "signature": sign("43", siteSecret)}}),
		"a user whose id looks like it": h.visit(map[string]any{"identity": map[string]any{"user_id": "user:42", "signature": sign("user:42", siteSecret)}}),
	}
	for _, odd := range []string{"42 ", " 42", "42\n", "4\u007f2", "42\u0085"} { // stored as 42
		if a := h.call(post, "/v1/chat/sessions", map[string]any{"identity": map[string]any{"user_id": odd, "signature": sign(odd, siteSecret)}}); a.status != 401 || a.problem().Code != "identity_user" {
			t.Errorf("user %q: got %d %s", odd, a.status, a.body)
		}
	}
	for name, s := range others {
		if s.Contact.ID == user.Contact.ID {
			t.Errorf("%s is the user", name)
			continue
		}
		me := bearer(s.Token)
		for _, path := range []string{"/v1/chat/conversation", "/v1/chat/history", "/v1/chat/history?before=" + id + ":0", "/v1/chat/events?conversation=" + id} {
			if a := h.call(get, path, nil, me); strings.Contains(string(a.body), "stolen") || strings.Contains(string(a.body), id) {
				t.Errorf("%s reads %s: %d %s", name, path, a.status, a.body)
			}
		}
		if strings.Contains(h.socketHello(s.Token, id), "stolen") {
			t.Errorf("%s reads it by socket", name)
		}
		if a := into[Accepted](t, h.call(post, "/v1/chat/messages", map[string]any{"client_id": "1", "conversation": id, "text": "hi"}, me), 202); string(a.Conversation.ID) == id {
			t.Errorf("%s writes into it", name)
		}
	}
	back := h.visit(map[string]any{"token": after.Token, "identity": signed42(nil)["identity"]})
	if back.Contact.ID != user.Contact.ID || back.Conversation == nil || string(back.Conversation.ID) != id {
		t.Errorf("the user himself does not find it again: %+v", back)
	}
}

// socketHello is what a customer's socket says first.
func (h *house) socketHello(token, conversation string) string {
	h.tb.Helper()
	ctx := h.tb.Context()
	conn, _, err := websocket.Dial(ctx, "ws"+strings.TrimPrefix(h.url, "http")+"/v1/chat/ws", nil)
	if err != nil {
		h.tb.Fatal(err)
	}
	defer func() { _ = conn.CloseNow() }()
	if err := conn.Write(ctx, websocket.MessageText, encode(map[string]any{"type": "hello", "token": token, "conversation": conversation})); err != nil {
		h.tb.Fatal(err)
	}
	_, b, err := conn.Read(ctx)
	if err != nil {
		h.tb.Fatal(err)
	}
	return string(b)
}
