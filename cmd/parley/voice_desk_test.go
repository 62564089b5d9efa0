package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/httpapi"
	"github.com/parleyhq/parley/voice"
)

// agent is a console user at work.
type agent struct {
	person
	id     desk.ID
	screen *socket
}

// atWork signs a user in, opens his console and lets him take work.
func (n *node) atWork(email string) agent {
	n.tb.Helper()
	a := agent{person: n.signIn(email)}
	var me struct {
		ID desk.ID `json:"id"`
	}
	a.get(&me, "GET", "/api/me", nil)
	if a.id = me.ID; a.id == "" {
		n.tb.Fatal("nobody is signed in")
	}
	a.screen = a.dial("/api/ws", nil)
	a.screen.sees(10*time.Second, `"hello"`)
	a.available()
	return a
}

func (a agent) available() {
	a.n.tb.Helper()
	a.get(nil, "PUT", "/api/presence", map[string]any{"presence": "available"})
}

// takes accepts the next offer and returns its conversation.
func (a agent) takes() desk.ID {
	a.n.tb.Helper()
	offer := a.screen.sees(20*time.Second, `"type":"offer"`)
	a.screen.from(len(a.screen.got.String()))
	a.get(nil, "POST", "/api/offers/"+between(offer, `"offer":{"id":"`, `"`)+"/accept", map[string]any{})
	return desk.ID(between(offer, `"conversation_id":"`, `"`))
}

// dossier is a conversation with everything beside it.
func (a agent) dossier(conversation desk.ID) (d httpapi.Dossier) {
	a.n.tb.Helper()
	a.get(&d, "GET", "/api/conversations/"+string(conversation), nil)
	return d
}

// messages are what was said in a conversation.
func (a agent) messages(conversation desk.ID) (out []desk.Message) {
	a.n.tb.Helper()
	for _, e := range a.dossier(conversation).Events {
		var m desk.Message
		if e.Kind == desk.EventMessage && json.Unmarshal(e.Data, &m) == nil {
			out = append(out, m)
		}
	}
	return out
}

// said waits until somebody of a kind has said words, and returns the message.
func (a agent) said(conversation desk.ID, who desk.AuthorKind, text string) (m desk.Message) {
	a.n.tb.Helper()
	var all []desk.Message
	defer func() {
		if a.n.tb.Failed() && m.ID == "" {
			for _, m := range all {
				a.n.tb.Logf("%s: %q", m.Author.Kind, m.Content.Text)
			}
		}
	}()
	eventually(a.n.tb, 15*time.Second, fmt.Sprintf("%s says %q", who, text), func() bool {
		all = a.messages(conversation)
		i := slices.IndexFunc(all, func(m desk.Message) bool { return m.Author.Kind == who && strings.Contains(m.Content.Text, text) })
		if i >= 0 {
			m = all[i]
		}
		return i >= 0
	})
	return m
}

// marks are the values of the marks of a kind in a conversation, in order.
func (a agent) marks(conversation desk.ID, kind desk.MarkKind) (out []string) {
	a.n.tb.Helper()
	for _, e := range a.dossier(conversation).Events {
		var m desk.Mark
		if e.Kind == desk.EventMark && json.Unmarshal(e.Data, &m) == nil && m.Kind == kind {
			out = append(out, m.Value)
		}
	}
	return out
}

// live is the call that is up in a conversation.
func (a agent) live(conversation desk.ID) (c voice.LiveCall, ok bool) {
	a.n.tb.Helper()
	var list struct {
		Items []voice.LiveCall `json:"items"`
	}
	a.get(&list, "GET", "/api/voice/calls", nil)
	i := slices.IndexFunc(list.Items, func(l voice.LiveCall) bool { return l.ConversationID == conversation })
	if i < 0 {
		return c, false
	}
	return list.Items[i], true
}

// talking waits until the agent talks in a conversation, and returns the call.
func (a agent) talking(conversation desk.ID) (call desk.ID) {
	a.n.tb.Helper()
	var l voice.LiveCall
	defer func() {
		if call == "" || l.State != desk.CallTalking {
			a.n.tb.Logf("the conversation is %+v, its call %+v", a.dossier(conversation).Conversation, l)
		}
	}()
	eventually(a.n.tb, 20*time.Second, "they talk", func() (ok bool) {
		l, ok = a.live(conversation)
		call = l.CallID
		return ok && l.State == desk.CallTalking
	})
	return call
}

// order gives a command on a call.
func (a agent) order(call desk.ID, verb voice.Verb, fields map[string]any) (n desk.CallNews) {
	a.n.tb.Helper()
	body := map[string]any{"verb": verb}
	for k, v := range fields {
		body[k] = v
	}
	a.get(&n, "POST", "/api/voice/calls/"+string(call)+"/do", body)
	return n
}

// records are all call records, newest first.
func (a agent) records() (all []voice.Record) {
	a.n.tb.Helper()
	for after := ""; ; {
		var page struct {
			Items []voice.Record `json:"items"`
			Next  string         `json:"next"`
		}
		a.get(&page, "GET", "/api/voice/records?limit=100&after="+url.QueryEscape(after), nil)
		all = append(all, page.Items...)
		if after = page.Next; after == "" {
			return all
		}
	}
}

// ended waits until the record of the newest call of a number is finished.
func (a agent) ended(number string) (r voice.Record) {
	a.n.tb.Helper()
	eventually(a.n.tb, 25*time.Second, "the call of "+number+" is over", func() bool {
		all := a.records()
		i := slices.IndexFunc(all, func(r voice.Record) bool { return r.From == number || r.To == number })
		if i >= 0 {
			r = all[i]
		}
		return i >= 0 && !r.EndedAt.IsZero()
	})
	return r
}

// addUser makes a console user.
func (s setting) addUser(email, name, roles string) {
	s.tb.Helper()
	s.must(testPassword+"\n", "user", "add", email, "--name", name, "--roles", roles)
}

// both checks that two hear each other.
func both(a, b interface {
	hum(freq float64)
	hears(freq float64)
}) {
	a.hum(440)
	b.hum(1000)
	b.hears(440)
	a.hears(1000)
}
