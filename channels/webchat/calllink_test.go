package webchat_test

import (
	"testing"
	"time"

	"github.com/parleyhq/parley/channels/webchat"
	"github.com/parleyhq/parley/desk"
)

func TestCallToken_ComesBackOnlyAsItWasSigned(t *testing.T) {
	at := time.Unix(1_800_000_000, 0)
	tokens := &webchat.Tokens{Key: []byte("key"), Now: func() time.Time { return at }}
	want := webchat.CallLink{Contact: desk.NewID(), Conversation: desk.NewID(), Call: desk.NewID(), Issued: at}
	token, err := tokens.CallToken(want.Contact, want.Conversation, want.Call)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := tokens.CallLink(token); err != nil || got != want {
		t.Errorf("got %+v %v, want %+v", got, err, want)
	}
	for i := range token {
		b := []byte(token)
		b[i]++
		if got, err := tokens.CallLink(string(b)); err == nil {
			t.Errorf("changed at %d: got %+v", i, got)
		}
	}
	if _, err := (&webchat.Tokens{Key: []byte("another")}).CallLink(token); !desk.IsKind(err, desk.Unauthenticated) {
		t.Errorf("by another key: got %v", err)
	}
	if _, err := tokens.CallToken("nobody", want.Conversation, want.Call); err == nil {
		t.Error("something that is no id was signed")
	}
}

func FuzzCallLink(f *testing.F) {
	tokens := &webchat.Tokens{Key: []byte("key")}
	token, err := tokens.CallToken(desk.NewID(), desk.NewID(), desk.NewID())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(token)
	f.Add("")
	f.Fuzz(func(t *testing.T, s string) {
		if _, err := tokens.CallLink(s); err == nil && s != token {
			t.Errorf("%q was not signed by us", s)
		}
	})
}
