package httpapi

import (
	"fmt"
	"testing"

	"github.com/parleyhq/parley/assist"
	"github.com/parleyhq/parley/desk"
)

func TestBeside_SummaryWrapUpAndActions(t *testing.T) {
	h, _, _ := newLibraryHouse(t)
	s := h.visit(map[string]any{"name": "Ann"})
	for _, body := range []map[string]any{{"text": "where is my parcel from Elm Street"}, {"command": "human"}} {
		body["client_id"] = fmt.Sprint(desk.NewID())
		into[struct{ Message ChatMessage }](t, h.call(post, "/v1/chat/messages", body, bearer(s.Token)), 202)
	}
	id := h.waiting()
	path, agent := "/api/conversations/"+string(id), h.as(desk.AgentRole)
	into[desk.Conversation](t, h.call(post, path+"/take", "{}", agent), 200)
	for _, method := range []string{get, post} { // without a model both are made by rules
		v := into[assist.Summary](t, h.call(method, path+"/summary?lang=zh", nil, agent), 200)
		if v.By != assist.ByRules || v.Lang != desk.Chinese || len(v.Lines) == 0 || v.Lines[0].Text != "“where is my parcel from Elm Street”" || v.Lines[0].Label != "诉求" {
			t.Errorf("%s: %+v", method, v)
		}
	}
	if v := into[WrapUp](t, h.call(get, path+"/wrap-up?lang=en", nil, agent), 200); v.Note == "" || v.Disposition != nil {
		t.Errorf("wrap-up: %+v", v)
	}
	if v := into[Page[assist.Action]](t, h.call(get, path+"/actions", nil, agent), 200); v.Items == nil || len(v.Items) != 0 {
		t.Errorf("actions: %+v", v)
	}
	if a := h.call(post, path+"/actions/nothing/do", "{}", agent); a.status != 404 {
		t.Errorf("an action that is not there: %d %s", a.status, a.body)
	}
	if a := h.call(post, path+"/hand-back", map[string]any{"target": "queue:support"}, agent); a.status != 422 || a.problem().Code != "bad_target" {
		t.Errorf("to a queue: %d %s", a.status, a.body)
	}
	if a := h.call(get, path+"/summary", nil, h.as(desk.Evaluator)); a.status != 403 {
		t.Errorf("an evaluator reads it: %d", a.status)
	}
}
