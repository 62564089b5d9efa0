package httpapi

import (
	"net/url"
	"testing"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
)

func TestLink_HangsUpTheCallOfItsConversationAlone(t *testing.T) {
	h := newHouse(t).people()
	x := h.withCalls()
	call, c := h.ring(x, "+8613800000001")
	other, _ := h.ring(x, "+8613800000002")
	x.mu.Lock()
	x.talks[call], x.talks[other] = voice.Peer{Contact: c.ContactID}, voice.Peer{Contact: c.ContactID}
	x.mu.Unlock()
	me := bearer(into[Session](t, h.page(h.link(call, c)), 200).Token)
	if a := h.call(post, "/v1/chat/call/end", map[string]any{"call": other}, me); a.status != 404 {
		t.Errorf("another call: got %d %s", a.status, a.body)
	}
	if a := h.call(post, "/v1/chat/call/end", map[string]any{"call": call}, me); a.status != 204 {
		t.Errorf("got %d %s", a.status, a.body)
	}
	h.hangUp(x, call, c)
	if a := h.call(post, "/v1/chat/call/end", map[string]any{"call": call}, me); a.status != 404 {
		t.Errorf("an ended call: got %d %s", a.status, a.body)
	}
}

func TestThread_TellsThatACallBeganAndEnded(t *testing.T) {
	h := newHouse(t).people()
	x := h.withCalls()
	call, c := h.ring(x, "+8613800000001")
	s := into[Session](t, h.page(h.link(call, c)), 200)
	if s.Calls {
		t.Error("the page of a call offers to call")
	}
	if v := h.visit(map[string]any{}); !v.Calls {
		t.Error("a visitor is not told that he may call")
	}
	h.hangUp(x, call, c)
	list := into[chatEventList](t, h.call(get, "/v1/chat/events?conversation="+url.QueryEscape(string(c.ID)), nil, bearer(s.Token)), 200)
	var states []any
	for _, e := range list.Events {
		if e.Kind == desk.EventCall {
			data := e.Data.(map[string]any)
			if e.Seq == 0 || data["call_id"] != string(call) {
				t.Errorf("got %+v", e)
			}
			if len(data) > 5 {
				t.Errorf("tells too much: %v", data)
			}
			states = append(states, data["state"])
		}
	}
	if len(states) != 2 || states[0] != "ringing" || states[1] != "ended" {
		t.Errorf("got %v", states)
	}
}
