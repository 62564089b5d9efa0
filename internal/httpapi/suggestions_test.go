package httpapi

import (
	"fmt"
	"testing"

	"github.com/parleyhq/parley/assist"
	"github.com/parleyhq/parley/desk"
)

func TestPushSuggestion_StandsBesideTheConversation(t *testing.T) {
	h, _, _ := newLibraryHouse(t)
	s := h.visit(map[string]any{"name": "Ann"})
	says := func(body map[string]any) {
		t.Helper()
		body["client_id"] = fmt.Sprint(desk.NewID())
		into[struct{ Message ChatMessage }](t, h.call(post, "/v1/chat/messages", body, bearer(s.Token)), 202)
	}
	says(map[string]any{"command": "human"})
	agent := h.as(desk.AgentRole)
	path := "/api/conversations/" + string(h.waiting())
	push := func(body map[string]any, opts ...option) answer {
		return h.call(post, path+"/suggestions", body, opts...)
	}
	good := map[string]any{"text": "It is at the depot.", "source": "Parcel tracker", "confidence": 0.8, "url": "https://tracker.example/1"}
	if a := push(good, h.as(desk.Supervisor)); a.status != 409 || a.problem().Code != "no_agent" {
		t.Errorf("nobody has it: %d %s", a.status, a.body)
	}
	into[desk.Conversation](t, h.call(post, path+"/take", "{}", agent), 200)
	says(map[string]any{"text": "where is my parcel"})
	v := into[assist.Suggestion](t, push(good, h.as(desk.Supervisor)), 201)
	if v.Kind != assist.External || v.Label != "Parcel tracker" || v.Confidence != 0.8 {
		t.Errorf("got %+v", v)
	}
	if a := push(map[string]any{"text": "x"}, agent); a.status != 422 {
		t.Errorf("without a source: %d %s", a.status, a.body)
	}
	if a := push(map[string]any{"text": "x", "source": "y", "url": "javascript:x"}, agent); a.status != 422 || a.problem().Code != "bad_suggestion" {
		t.Errorf("a script: %d %s", a.status, a.body)
	}
	if a := push(good, h.as(desk.Editor)); a.status != 403 {
		t.Errorf("an editor: %d", a.status)
	}
	list := into[Dossier](t, h.call(get, path, nil, agent), 200).Suggestions
	if len(list) != 1 || list[0].ID != v.ID {
		t.Fatalf("beside the conversation: %+v", list)
	}
	into[desk.Message](t, h.call(post, path+"/reply", map[string]any{"client_id": "r1", "text": v.Text, "suggestion": v.ID}, agent), 200)
	l := into[struct{ Items []assist.Count }](t, h.call(get, "/api/ledger", nil, h.as(desk.Supervisor)), 200)
	if len(l.Items) != 1 || l.Items[0].Kind != assist.External || l.Items[0].Sent != 1 || len(l.Items[0].Tenure) != 3 {
		t.Errorf("ledger: %+v", l)
	}
}
