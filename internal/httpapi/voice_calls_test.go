package httpapi

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/routing"
	"github.com/parleyhq/parley/voice"
)

func TestPhone_IsMineAndIsSeen(t *testing.T) {
	h := newHouse(t).people()
	h.withCalls()
	agent, other := bearer(h.secrets[desk.AgentRole]), bearer(h.secrets[desk.Supervisor])
	p := into[PhoneAnswer](t, h.call(post, "/api/voice/phone", map[string]string{"sdp": "v=0"}, agent), 200)
	if p.SDP != "answer to v=0 of agent" || p.ID == "" {
		t.Errorf("got %+v", p)
	}
	if st := into[VoiceState](t, h.call(get, "/api/voice", nil, agent), 200); !st.Enabled || !st.PhoneReady || st.Where != "browser" || st.SIP != "127.0.0.1:5060" {
		t.Errorf("got %+v", st)
	}
	if a := h.call(del, "/api/voice/phone/"+string(p.ID), nil, other); a.status != 404 {
		t.Errorf("another's phone: got %d %s", a.status, a.body)
	}
	if a := h.call(del, "/api/voice/phone/"+string(p.ID), nil, agent); a.status != 204 {
		t.Errorf("got %d %s", a.status, a.body)
	}
	for size, want := range map[int]int{65536: 200, 65537: 422, 200_000: 413} {
		if a := h.call(post, "/api/voice/phone", map[string]string{"sdp": strings.Repeat("a", size)}, agent); a.status != want {
			t.Errorf("%d bytes: got %d %.200s, want %d", size, a.status, a.body, want)
		}
	}
}

func TestStation_IsWhereCallsReachMe(t *testing.T) {
	h := newHouse(t).people()
	h.withCalls()
	agent := bearer(h.secrets[desk.AgentRole])
	st := into[VoiceState](t, h.call(put, "/api/voice/me", map[string]string{"where": "number", "number": "+86 138-1234 5678"}, agent), 200)
	if st.Where != "number" || st.Number != "+8613812345678" {
		t.Errorf("got %+v", st)
	}
	for body, field := range map[string]string{`{"where":"moon"}`: "where", `{"where":"number"}`: "number", `{"where":"number","number":"sip:a@b"}`: "number", `{"where":"number","number":"12"}`: "number"} {
		if a := h.call(put, "/api/voice/me", body, agent); a.status != 422 || a.problem().Field != field {
			t.Errorf("%s: got %d %s", body, a.status, a.body)
		}
	}
	if st := into[VoiceState](t, h.call(put, "/api/voice/me", map[string]string{"where": "phone", "number": "+49"}, agent), 200); st.Number != "" {
		t.Errorf("got %+v", st)
	}
	if st := into[VoiceState](t, h.call(get, "/api/voice", nil, bearer(h.secrets[desk.Editor])), 200); !st.Enabled || len(st.Phones) != 0 {
		t.Errorf("got %+v", st)
	}
}

func TestDo_OnlyThoseInTheCallAndSupervisors(t *testing.T) {
	h := newHouse(t).people()
	x := h.withCalls()
	me := h.userID(desk.AgentRole)
	mine, _ := h.ring(x, "+8613800000001", desk.Party{Leg: "l1", Role: "agent", Agent: me, Name: "agent", State: "talking"})
	others, _ := h.ring(x, "+8613800000002", desk.Party{Leg: "l2", Role: "agent", Agent: "somebody", State: "talking"})
	held, c := h.ring(x, "+8613800000003")
	if a := h.call(post, "/api/conversations/"+string(c.ID)+"/take", "{}", bearer(h.secrets[desk.AgentRole])); a.status != 200 {
		t.Fatalf("take: %d %s", a.status, a.body)
	}
	guest, _ := h.ring(x, "+8613800000004", desk.Party{Leg: "l3", Role: "agent", Agent: "somebody", State: "talking"}, desk.Party{Leg: "l4", Role: "third", Agent: me, State: "talking"})
	asked, _ := h.ring(x, "+8613800000005", desk.Party{Leg: "l5", Role: "agent", Agent: "somebody", State: "talking"}, desk.Party{Leg: "l6", Role: "consult", Agent: me, State: "talking"})
	for _, c := range []struct {
		role   desk.Role
		call   desk.ID
		body   map[string]any
		status int
		code   string
	}{
		{desk.AgentRole, mine, map[string]any{"verb": "hold"}, 200, ""},
		{desk.AgentRole, mine, map[string]any{"verb": "transfer", "queue": "support", "note": "wants a refund"}, 200, ""},
		{desk.AgentRole, mine, map[string]any{"verb": "digits", "digits": "12#"}, 200, ""},
		{desk.AgentRole, held, map[string]any{"verb": "hangup"}, 200, ""},
		{desk.AgentRole, others, map[string]any{"verb": "hangup"}, 403, "not_your_call"},
		{desk.AgentRole, others, map[string]any{"verb": "pick_up"}, 403, "not_your_call"},
		{desk.AgentRole, guest, map[string]any{"verb": "hangup"}, 403, "guest"},
		{desk.AgentRole, guest, map[string]any{"verb": "transfer", "queue": "support"}, 403, "guest"},
		{desk.AgentRole, guest, map[string]any{"verb": "pause"}, 403, "guest"},
		{desk.AgentRole, guest, map[string]any{"verb": "remove", "leg": "l3"}, 403, "guest"},
		{desk.AgentRole, guest, map[string]any{"verb": "cancel"}, 403, "guest"},
		{desk.AgentRole, guest, map[string]any{"verb": "remove", "leg": "l4"}, 200, ""},
		{desk.AgentRole, guest, map[string]any{"verb": "mute"}, 200, ""},
		{desk.AgentRole, asked, map[string]any{"verb": "complete"}, 403, "guest"},
		{desk.AgentRole, asked, map[string]any{"verb": "cancel"}, 200, ""},
		{desk.AgentRole, asked, map[string]any{"verb": "leave"}, 200, ""},
		{desk.AgentRole, mine, map[string]any{"verb": "listen"}, 403, "forbidden"},
		{desk.AgentRole, others, map[string]any{"verb": "barge"}, 403, "forbidden"},
		{desk.AgentRole, "gone", map[string]any{"verb": "hold"}, 404, "no_call"},
		{desk.Supervisor, "gone", map[string]any{"verb": "hold"}, 404, "no_call"},
		{desk.Supervisor, others, map[string]any{"verb": "listen"}, 200, ""},
		{desk.Supervisor, others, map[string]any{"verb": "whisper"}, 200, ""},
		{desk.Owner, others, map[string]any{"verb": "barge"}, 200, ""},
		{desk.Evaluator, others, map[string]any{"verb": "listen"}, 403, "forbidden"},
		{desk.AgentRole, mine, map[string]any{"verb": "transfer"}, 422, "incomplete"},
		{desk.AgentRole, mine, map[string]any{"verb": "transfer", "queue": "a", "agent": "b"}, 422, "incomplete"},
		{desk.AgentRole, mine, map[string]any{"verb": "consult", "queue": "a"}, 422, "incomplete"},
		{desk.AgentRole, mine, map[string]any{"verb": "remove"}, 422, "incomplete"},
		{desk.AgentRole, mine, map[string]any{"verb": "digits"}, 422, "incomplete"},
		{desk.AgentRole, mine, map[string]any{"verb": "digits", "digits": "1;2"}, 422, "invalid"},
		{desk.AgentRole, mine, map[string]any{"verb": "consult", "to": "sip:a@b\r\nContact: x"}, 422, "number_form"},
		{desk.AgentRole, mine, map[string]any{"verb": "explode"}, 422, "invalid"},
	} {
		if a := h.call(post, "/api/voice/calls/"+string(c.call)+"/do", c.body, bearer(h.secrets[c.role])); a.status != c.status || a.problem().Code != c.code {
			t.Errorf("%s %v: got %d %s, want %d %s", c.role, c.body, a.status, a.body, c.status, c.code)
		}
	}
	if got, want := fmt.Sprint(x.verbs()), "[hold transfer digits hangup remove mute cancel leave listen whisper barge]"; got != want {
		t.Errorf("carried out %s, want %s", got, want)
	}
	if x.done[0].By.ID != me || x.done[0].By.Kind != desk.ByAgent {
		t.Errorf("by %+v", x.done[0].By)
	}
	audit := string(h.call(get, "/api/audit", nil, bearer(h.secrets[desk.Owner])).body)
	for action, want := range map[string]bool{"voice.calls.listen": true, "voice.calls.barge": true, "voice.calls.transfer": true, "voice.calls.hold": false, "voice.calls.digits": false} {
		if strings.Contains(audit, `"`+action+`"`) != want {
			t.Errorf("%s in the audit log: want %v", action, want)
		}
	}
	if l := into[Page[voice.LiveCall]](t, h.call(get, "/api/voice/calls", nil, bearer(h.secrets[desk.AgentRole])), 200); len(l.Items) != 3 || l.Items[0].CallID != mine {
		t.Errorf("an agent sees %+v", l.Items)
	}
	if l := into[Page[voice.LiveCall]](t, h.call(get, "/api/voice/calls", nil, bearer(h.secrets[desk.Supervisor])), 200); len(l.Items) != 5 {
		t.Errorf("a supervisor sees %d calls", len(l.Items))
	}
	if a := h.call(get, "/api/voice/calls/"+string(mine), nil, bearer(h.secrets[desk.AgentRole])); a.status != 200 {
		t.Errorf("got %d %s", a.status, a.body)
	}
}

func TestDial_CallsTheCustomerOfMyConversation(t *testing.T) {
	h := newHouse(t).people()
	x := h.withCalls()
	agent := bearer(h.secrets[desk.AgentRole])
	s := h.visit(map[string]any{})
	open := into[chatState](t, h.call(post, "/v1/chat/open", "{}", bearer(s.Token)), 200)
	id := string(open.Conversation.ID)
	if a := h.call(post, "/api/voice/calls", map[string]string{"conversation": id}, agent); a.status != 409 || a.problem().Code != "not_yours" {
		t.Errorf("got %d %s", a.status, a.body)
	}
	h.call(post, "/api/conversations/"+id+"/take", "{}", agent)
	if a := h.call(post, "/api/voice/calls", map[string]string{"conversation": id}, agent); a.status != 422 || a.problem().Code != "no_number" {
		t.Errorf("got %d %s", a.status, a.body)
	}
	if a := h.call(post, "/api/voice/calls", map[string]string{"conversation": id, "to": "<sip:x>"}, agent); a.status != 422 || a.problem().Field != "to" {
		t.Errorf("got %d %s", a.status, a.body)
	}
	h.call(put, "/api/contacts/"+string(s.Contact.ID), map[string]string{"phone": "+8613812345678"}, agent)
	n := into[desk.CallNews](t, h.call(post, "/api/voice/calls", map[string]string{"conversation": id}, agent), 200)
	if n.State != desk.CallDialing || x.dialled[0].To != "+8613812345678" || x.dialled[0].Agent.ID != h.userID(desk.AgentRole) || x.dialled[0].Callback {
		t.Errorf("got %+v for %+v", n, x.dialled[0])
	}
}

func TestTalk_IsTheCustomersOwn(t *testing.T) {
	h := newHouse(t)
	x := h.withCalls()
	a, b := h.visit(map[string]any{"lang": "zh", "playbook": "shop"}), h.visit(map[string]any{})
	open := into[chatState](t, h.call(post, "/v1/chat/open", "{}", bearer(a.Token)), 200)
	if p := h.call(post, "/v1/chat/call", map[string]any{"sdp": "v=0", "conversation": open.Conversation.ID}, bearer(b.Token)); p.status != 404 {
		t.Errorf("another's conversation: got %d %s", p.status, p.body)
	}
	talk := into[Talk](t, h.call(post, "/v1/chat/call", map[string]any{"sdp": "v=0", "conversation": open.Conversation.ID}, bearer(a.Token)), 200)
	who := x.talks[talk.Call]
	if talk.SDP != "answer to v=0" || who.Contact != a.Contact.ID || who.Known || !who.Secure || who.Lang != desk.Chinese || who.Playbook != "shop" || who.Number == "" {
		t.Errorf("got %+v, %+v", talk, who)
	}
	if p := h.call(post, "/v1/chat/call/end", map[string]any{"call": talk.Call}, bearer(b.Token)); p.status != 404 {
		t.Errorf("another's call: got %d %s", p.status, p.body)
	}
	if p := h.call(post, "/v1/chat/call/end", map[string]any{"call": talk.Call}, bearer(a.Token)); p.status != 204 {
		t.Errorf("got %d %s", p.status, p.body)
	}
}

func TestTalk_IsPacedPerVisitorAndPerAddress(t *testing.T) {
	h := newHouse(t, func(s *Server) { s.Rates = &Rates{Calling: Rate{0.01, 2}, CallsFrom: Rate{0.01, 5}} })
	h.withCalls()
	statuses := map[int]int{}
	for range 3 {
		token := bearer(h.visit(map[string]any{}).Token)
		for range 3 {
			statuses[h.call(post, "/v1/chat/call", map[string]any{"sdp": "v=0"}, token).status]++
		}
	}
	if statuses[200] != 5 || statuses[429] != 4 {
		t.Errorf("got %v, want two of each visitor and five of the address", statuses)
	}
}

func TestCallback_KeepsThePlace(t *testing.T) {
	h := newHouse(t).people()
	h.withCalls()
	h.call(put, "/api/queues/support", map[string]any{"title": "Support", "on_hold": map[string]any{"announce": map[string]string{"en": "Soon", "zh": "马上"}, "callback": true, "picture": "https://example.com/a.jpg"}}, bearer(h.secrets[desk.Owner]))
	me := bearer(h.visit(map[string]any{"lang": "zh"}).Token)
	ask := func(body any) answer { return h.call(post, "/v1/chat/callback", body, me) }
	if a := ask(map[string]string{"phone": "+8613812345678"}); a.status != 409 || a.problem().Code != "not_waiting" {
		t.Errorf("got %d %s", a.status, a.body)
	}
	into[Accepted](t, h.call(post, "/v1/chat/messages", map[string]any{"client_id": "1", "command": "human"}, me), 202)
	var v *View
	eventually(t, "the queue", func() bool {
		v = into[chatState](t, h.call(get, "/v1/chat/conversation", nil, me), 200).Conversation
		return v.Status == desk.Waiting
	})
	if v.OnHold == nil || v.OnHold.Announce != "马上" || !v.OnHold.Callback || v.OnHold.Picture == "" || v.OnHold.Voicemail {
		t.Errorf("got %+v", v.OnHold)
	}
	for body, code := range map[string]string{
		`{}`: "phone_needed", `{"phone":"123"}`: "phone_form", `{"phone":"sip:evil@example.com"}`: "phone_form",
		`{"phone":"+8613812345678","at":"2020-01-01T00:00:00Z"}`: "callback_time", `{"phone":"+8613812345678","at":"2999-01-01T00:00:00Z"}`: "callback_time",
	} {
		if a := ask(body); a.status != 422 || a.problem().Code != code {
			t.Errorf("%s: got %d %s", body, a.status, a.body)
		}
	}
	got := into[chatView](t, ask(map[string]string{"phone": "138 1234 5678"}), 200).Conversation
	if got.Callback == nil || got.Callback.Phone != "…5678" {
		t.Errorf("got %+v", got.Callback)
	}
	stored := must(h.s.Reads.Conversation(t.Context(), got.ID))(t)
	if stored.Callback == nil || stored.Callback.Phone != "+8613812345678" || stored.Status != desk.Waiting {
		t.Errorf("got %+v", stored)
	}
}

func TestCallNews_ReachCustomersWithoutWhatIsOurs(t *testing.T) {
	h := newHouse(t).people()
	h.withCalls()
	w := newWidget(t, h, h.visit(map[string]any{}).Token)
	w.connect()
	if err := w.say("m1", "hi"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the answer", func() bool { return w.has("You said: hi") })
	n := desk.CallNews{
		CallID: "c1", State: desk.CallTalking, Number: "+8613800000001", Spoken: true,
		Parties: []desk.Party{
			{Leg: "leg-agent", Role: "agent", Agent: "agent-id", Name: "Ann", State: "talking"},
			{Leg: "leg-third", Role: "third", Name: "+4930123456", State: "talking"},
			{Leg: "leg-consult", Role: "consult", Agent: "agent-2", Name: "Bob", State: "talking"},
			{Leg: "leg-listener", Role: "listener", Agent: "boss-id", Name: "Boss", State: "talking"},
			{Leg: "leg-whisperer", Role: "whisperer", Agent: "boss-id", Name: "Boss", State: "talking"},
			{Leg: "leg-number", Role: "agent", Name: "+4917012345", State: "ringing"},
		},
	}
	data := must(json.Marshal(n))(t)
	if err := h.s.Bus.Publish("conv."+string(w.view.ID), desk.Event{ConversationID: w.view.ID, Kind: desk.EventCall, Data: data}); err != nil {
		t.Fatal(err)
	}
	var got string
	eventually(t, "the news", func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		for _, f := range w.raw {
			if strings.Contains(f, `"kind":"call"`) {
				got = f
			}
		}
		return got != ""
	})
	for _, secret := range []string{"leg-", "agent-id", "agent-2", "boss-id", "Boss", "Bob", "+49", "+8613800000001", "consult", "listener"} {
		if strings.Contains(got, secret) {
			t.Errorf("a customer gets %q: %s", secret, got)
		}
	}
	if !strings.Contains(got, `{"role":"agent","name":"Ann","state":"talking"}`) || strings.Count(got, `"role":"third"`) != 2 {
		t.Errorf("got %s", got)
	}
}

func TestView_ShowsTheCallThatIsUp(t *testing.T) {
	h := newHouse(t).people()
	x := h.withCalls()
	s := h.visit(map[string]any{"playbook": "shop"})
	open := into[chatState](t, h.call(post, "/v1/chat/open", "{}", bearer(s.Token)), 200)
	call := desk.NewID()
	must(h.s.Router.(*routing.Router).CallBegan(context.Background(), routing.CallStart{Call: call, Address: "visitor", Contact: s.Contact.ID, Playbook: "shop"}))(t)
	x.live[call] = voice.LiveCall{CallNews: desk.CallNews{CallID: call, State: desk.CallMenu, Number: "visitor"}}
	v := into[chatState](t, h.call(get, "/v1/chat/conversation", nil, bearer(s.Token)), 200).Conversation
	if v.ID != open.Conversation.ID || v.Call == nil || v.Call.CallID != call || v.Call.State != desk.CallMenu {
		t.Errorf("got %+v %+v", v, v.Call)
	}
}
