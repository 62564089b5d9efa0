package webchat_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/parleyhq/parley/channels"
	"github.com/parleyhq/parley/channels/channeltest"
	"github.com/parleyhq/parley/channels/webchat"
	"github.com/parleyhq/parley/desk"
)

func TestChannel_KeepsThePromises(t *testing.T) {
	tokens := &webchat.Tokens{Key: []byte("key")}
	token := tokens.Sign(webchat.Visitor{Contact: "c1", Address: "visitor:1"})
	with := func(r channels.Request, authorization string) channels.Request {
		r = channeltest.Copy(r)
		r.Header.Set("Authorization", authorization)
		return r
	}
	channeltest.Run(t, channeltest.Case{
		New: func(testing.TB) channels.Adapter { return webchat.Channel{Tokens: tokens} },
		Genuine: func(id, text string) channels.Request {
			body, err := json.Marshal(webchat.Message{ClientID: id, Text: text})
			if err != nil {
				panic(err)
			}
			return channels.Request{Method: http.MethodPost, Header: http.Header{"Authorization": {"Bearer " + token}}, Body: body}
		},
		Forged: func(r channels.Request) map[string]channels.Request {
			other := &webchat.Tokens{Key: []byte("another key")}
			old := &webchat.Tokens{Key: tokens.Key, Now: func() time.Time { return time.Now().Add(-webchat.Fresh - time.Hour) }}
			v := webchat.Visitor{Contact: "c1", Address: "visitor:1"}
			return map[string]channels.Request{
				"no token": with(r, ""), "cut": with(r, "Bearer "+token[:len(token)-3]), "another key": with(r, "Bearer "+other.Sign(v)),
				"expired": with(r, "Bearer "+old.Sign(v)), "basic": with(r, "Basic "+token), "huge": with(r, "Bearer "+string(make([]byte, 1<<20))),
			}
		},
	})
}

func TestTokens_AreGenuineAndFresh(t *testing.T) {
	now := time.Now()
	v := &webchat.Tokens{Key: []byte("k"), Now: func() time.Time { return now }}
	token := v.Sign(webchat.Visitor{Contact: "c", Address: "a"})
	if _, err := v.Check(token); err != nil {
		t.Fatal(err)
	}
	for i := range token {
		b := []byte(token)
		b[i] ^= 1
		if _, err := v.Refresh(string(b)); err == nil {
			t.Errorf("a token changed at %d is taken", i)
		}
	}
	other := &webchat.Tokens{Key: []byte("other"), Now: v.Now}
	if _, err := v.Check(other.Sign(webchat.Visitor{Contact: "c", Address: "a"})); !desk.IsKind(err, desk.Unauthenticated) {
		t.Errorf("got %v", err)
	}
	now = now.Add(webchat.Fresh)
	if _, err := v.Check(token); !desk.IsKind(err, desk.Unauthenticated) {
		t.Errorf("an expired token: got %v", err)
	}
	if _, err := v.Refresh(token); err != nil {
		t.Errorf("an expired token cannot be exchanged: %v", err)
	}
	now = now.Add(webchat.Stale)
	if _, err := v.Refresh(token); !desk.IsKind(err, desk.Unauthenticated) {
		t.Errorf("a stale token: got %v", err)
	}
}
