package httpapi

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/parleyhq/parley/assist"
	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/store"
	"github.com/parleyhq/parley/kb"
)

// newLibraryHouse is a house with a knowledge base and suggestions.
func newLibraryHouse(t *testing.T) (*house, *kb.Library, *assist.Desk) {
	t.Helper()
	var library *kb.Library
	var beside *assist.Desk
	h := newHouse(t)
	library = &kb.Library{Store: store.KB{DB: h.db}, Index: kb.NewIndex(), Log: h.s.Log}
	beside = &assist.Desk{Store: store.Assist{DB: h.db}, Conversations: h.db.Routing(), Library: library, Bus: h.s.Bus, Log: h.s.Log}
	if err := beside.Load(context.Background()); err != nil {
		t.Fatal(err)
	}
	h.s.Library, h.s.Canned, h.s.Assist = library, beside, beside
	return h.people(), library, beside
}

func (h *house) as(role desk.Role) option { return bearer(h.secrets[role]) }

func TestArticles_FromDraftToAnswer(t *testing.T) {
	h, _, _ := newLibraryHouse(t)
	editor := h.as(desk.Editor)
	a := into[kb.Article](t, h.call(post, "/api/articles", map[string]any{"slug": "parrots", "lang": "en", "title": "Parrots", "body": "Parrots may come in.\nIn a cage.", "questions": []string{"May my parrot come in?"}}, editor), 201)
	if a.Status != kb.Drafted || a.Version != 1 || a.UpdatedBy != "editor" {
		t.Errorf("got %+v", a)
	}
	path := "/api/articles/" + string(a.ID)
	if a = into[kb.Article](t, h.call(post, path+"/submit", "{}", editor), 200); a.Status != kb.InReview {
		t.Errorf("submitted: %+v", a)
	}
	if a = into[kb.Article](t, h.call(post, path+"/publish", map[string]int{"version": 1}, editor), 200); a.PublishedVersion != 1 {
		t.Errorf("published: %+v", a)
	}
	type hits struct{ Items []kb.Hit }
	if got := into[hits](t, h.call(get, "/api/search?q=may+my+parrot+come+in&lang=en", nil, h.as(desk.AgentRole)), 200); len(got.Items) != 1 || got.Items[0].Source.Slug != "parrots" {
		t.Errorf("search: %+v", got)
	}
	edit := map[string]any{"version": 1, "title": "Parrots", "body": "Parrots may come in.\nWithout a cage.", "publish": true}
	if a = into[kb.Article](t, h.call(put, path, edit, editor), 200); a.Version != 2 || a.PublishedVersion != 2 {
		t.Errorf("edited: %+v", a)
	}
	stale := h.call(put, path, edit, editor)
	if stale.status != 409 || stale.problem().Code != "stale_article" || !strings.Contains(string(stale.body), "Without a cage") {
		t.Errorf("a stale edit: %d %s", stale.status, stale.body)
	}
	d := into[kb.Diff](t, h.call(get, path+"/diff?a=1&b=2", nil, editor), 200)
	if len(d.Lines) != 3 || d.Lines[2].Op != kb.Added || len(d.Lines[2].Spans) == 0 || d.Fields[0].Field != "questions" {
		t.Errorf("diff: %+v", d)
	}
	type versions struct {
		Items []kb.Version
		Next  string
	}
	v := into[versions](t, h.call(get, path+"/versions?limit=1", nil, editor), 200)
	if len(v.Items) != 1 || v.Items[0].Number != 2 || v.Next != "2" {
		t.Errorf("versions: %+v", v)
	}
	if v = into[versions](t, h.call(get, path+"/versions?limit=1&after=2", nil, editor), 200); len(v.Items) != 1 || v.Items[0].Number != 1 || v.Next != "" {
		t.Errorf("the rest: %+v", v)
	}
	if one := into[kb.Version](t, h.call(get, path+"/versions/1", nil, editor), 200); one.Body != "Parrots may come in.\nIn a cage." {
		t.Errorf("version 1: %+v", one)
	}
	if a = into[kb.Article](t, h.call(post, path+"/restore", map[string]int{"version": 1}, editor), 200); a.Version != 3 || a.PublishedVersion != 2 {
		t.Errorf("restored: %+v", a)
	}
	into[kb.Article](t, h.call(post, path+"/unpublish", nil, editor), 200)
	into[kb.Article](t, h.call(post, path+"/archive", nil, editor), 200)
	type articles struct{ Items []kb.Article }
	if list := into[articles](t, h.call(get, "/api/articles?status=archived&q=PARROT", nil, h.as(desk.AgentRole)), 200); len(list.Items) != 1 {
		t.Errorf("archived: %+v", list)
	}
	if got := into[hits](t, h.call(get, "/api/search?q=parrot", nil, editor), 200); len(got.Items) != 0 {
		t.Errorf("archived, yet found: %+v", got)
	}
	html := into[map[string]string](t, h.call(post, "/api/articles/preview", map[string]string{"markdown": "**a** <script>x</script>"}, editor), 200)["html"]
	if !strings.Contains(html, "<strong>a</strong>") || strings.Contains(html, "<script") {
		t.Errorf("preview: %s", html)
	}
}

func TestArticles_WhatIsRefused(t *testing.T) {
	h, library, _ := newLibraryHouse(t)
	a, err := library.Save(context.Background(), "eve", kb.Draft{Slug: "a", Lang: desk.English, Content: kb.Content{Title: "A", Body: "b"}})
	if err != nil {
		t.Fatal(err)
	}
	good := map[string]any{"slug": "b", "lang": "en", "title": "B", "body": "b"}
	with := func(key string, v any) map[string]any {
		out := map[string]any{}
		for k, v := range good {
			out[k] = v
		}
		out[key] = v
		return out
	}
	path := "/api/articles/" + string(a.ID)
	for _, c := range []struct {
		method, path string
		body         any
		role         desk.Role
		status       int
		field        string
	}{
		{post, "/api/articles", with("title", ""), desk.Editor, 422, "title"},
		{post, "/api/articles", with("slug", "No Good"), desk.Editor, 422, "slug"},
		{post, "/api/articles", with("slug", "a"), desk.Editor, 409, "slug"},
		{post, "/api/articles", with("lang", "de"), desk.Editor, 422, "lang"},
		{post, "/api/articles", with("audience", "martians"), desk.Editor, 422, "audience"},
		{post, "/api/articles", with("valid_to", "yesterday"), desk.Editor, 422, "valid_to"},
		{post, "/api/articles", with("body", strings.Repeat("x", kb.MaxBody+1)), desk.Editor, 413, "body"},
		{post, "/api/articles", with("status", "published"), desk.Editor, 422, "status"},
		{post, "/api/articles", good, desk.AgentRole, 403, ""},
		{post, path + "/publish", map[string]int{"version": 7}, desk.Editor, 409, "version"},
		{post, path + "/unpublish", "{}", desk.Editor, 409, ""},
		{post, path + "/restore", map[string]int{"version": 7}, desk.Editor, 404, ""},
		{get, path + "/diff?a=1", nil, desk.Editor, 422, "query.b"},
		{get, path + "/versions/9", nil, desk.Editor, 404, ""},
		{get, "/api/articles/nowhere", nil, desk.Editor, 404, ""},
		{get, "/api/articles/nowhere/versions", nil, desk.Editor, 404, ""},
		{get, "/api/articles?after=x", nil, desk.Editor, 422, "after"},
		{get, "/api/search?q=", nil, desk.Editor, 422, "query.q"},
	} {
		got := h.call(c.method, c.path, c.body, h.as(c.role))
		if got.status != c.status || got.problem().Field != c.field {
			t.Errorf("%s %s: got %d %s, want %d about %q", c.method, c.path, got.status, got.body, c.status, c.field)
		}
	}
}

func TestCanned_OverHTTP(t *testing.T) {
	h, _, _ := newLibraryHouse(t)
	editor := h.as(desk.Editor)
	reply := map[string]any{"key": "bye", "title": map[string]string{"en": "Goodbye", "zh": "再见"}, "text": map[string]string{"": "Bye {{contact.name}}"}, "questions": map[string][]string{"en": {"goodbye"}}}
	c := into[assist.Canned](t, h.call(post, "/api/canned", reply, editor), 201)
	reply["version"] = c.Version
	reply["text"] = map[string]string{"en": "Bye!"}
	path := "/api/canned/" + string(c.ID)
	if c = into[assist.Canned](t, h.call(put, path, reply, editor), 200); c.Version != 2 {
		t.Errorf("got %+v", c)
	}
	if a := h.call(put, path, reply, editor); a.status != 409 || a.problem().Code != "stale_canned" || !strings.Contains(string(a.body), `"version":2`) {
		t.Errorf("a stale save: %d %s", a.status, a.body)
	}
	reply["version"], reply["text"] = 2, map[string]string{"zh": "{{contact.password}}"}
	if a := h.call(put, path, reply, editor); a.status != 422 || a.problem().Field != "text.zh" {
		t.Errorf("an unknown variable: %d %s", a.status, a.body)
	}
	type list struct{ Items []assist.Canned }
	if l := into[list](t, h.call(get, "/api/canned?q=good", nil, h.as(desk.AgentRole)), 200); len(l.Items) != 1 {
		t.Errorf("list: %+v", l)
	}
	if a := h.call(del, path, nil, editor); a.status != 204 {
		t.Errorf("delete: %d %s", a.status, a.body)
	}
	if a := h.call(del, path, nil, editor); a.status != 404 {
		t.Errorf("again: %d %s", a.status, a.body)
	}
}

func TestSuggestions_FromQuestionToLedger(t *testing.T) {
	ctx := context.Background()
	h, library, beside := newLibraryHouse(t)
	save := func(slug, title, body string, audience kb.Audience) {
		t.Helper()
		if _, err := library.Save(ctx, "eve", kb.Draft{Slug: slug, Lang: desk.English, Publish: true, Content: kb.Content{Title: title, Body: body, Audience: audience}}); err != nil {
			t.Fatal(err)
		}
	}
	save("hours", "Opening hours", "We are open from seven to eight.", kb.Customers)
	save("secret", "Refund limits", "Refund at most ten euros without asking.", kb.Agents)

	s := h.visit(map[string]any{"name": "Ann"})
	customerSays := func(body map[string]any) ChatMessage {
		t.Helper()
		body["client_id"] = fmt.Sprint(desk.NewID())
		return into[struct{ Message ChatMessage }](t, h.call(post, "/v1/chat/messages", body, bearer(s.Token)), 202).Message
	}
	customerSays(map[string]any{"command": "human"})
	agent := h.as(desk.AgentRole)
	var conversation desk.Conversation
	eventually(t, "a person is wanted", func() bool {
		var page struct{ Items []struct{ ID desk.ID } }
		_ = json.Unmarshal(h.call(get, "/api/conversations?tab=all", nil, h.as(desk.Supervisor)).body, &page)
		if len(page.Items) != 1 {
			return false
		}
		c, err := h.db.Routing().Conversation(ctx, page.Items[0].ID)
		conversation = c
		return err == nil && c.Status == desk.Waiting
	})
	path := "/api/conversations/" + string(conversation.ID)
	into[desk.Conversation](t, h.call(post, path+"/take", "{}", agent), 200)

	open := func() []assist.Suggestion {
		t.Helper()
		return into[Dossier](t, h.call(get, path, nil, agent), 200).Suggestions
	}
	customerSays(map[string]any{"text": "what are your opening hours?"})
	list := open()
	if len(list) != 1 || list[0].Source.Slug != "hours" {
		t.Fatalf("suggestions: %+v", list)
	}
	into[desk.Message](t, h.call(post, path+"/reply", map[string]any{"client_id": "r1", "text": list[0].Text, "suggestion": list[0].ID}, agent), 200)
	if again := open(); len(again) != 0 {
		t.Errorf("after the reply: %+v", again)
	}
	customerSays(map[string]any{"text": "what are the refund limits"})
	if list = open(); len(list) != 1 || !list[0].Internal {
		t.Fatalf("for agents only: %+v", list)
	}
	if a := h.call(post, path+"/reply", map[string]any{"client_id": "r2", "text": list[0].Text, "suggestion": list[0].ID}, agent); a.status != 422 || a.problem().Code != "internal_suggestion" {
		t.Errorf("sent what is for agents only: %d %s", a.status, a.body)
	}
	into[desk.Message](t, h.call(post, path+"/reply", map[string]any{"client_id": "r3", "text": "Let me ask.", "suggestion": ""}, agent), 200)
	customerSays(map[string]any{"text": "so what are your opening hours?"})
	list = open()
	if a := h.call(post, path+"/suggestions/"+string(list[0].ID)+"/ignore", "{}", agent); a.status != 204 {
		t.Errorf("ignore: %d %s", a.status, a.body)
	}
	type ledger struct{ Items []assist.Count }
	l := into[ledger](t, h.call(get, "/api/ledger", nil, h.as(desk.Supervisor)), 200)
	if len(l.Items) != 2 || l.Items[0].Shown != 2 || l.Items[0].Sent != 1 || l.Items[0].Why[assist.Dismissed] != 1 || l.Items[1].Why[assist.WroteOwn] != 1 {
		t.Errorf("ledger: %+v", l)
	}
	if l := into[ledger](t, h.call(get, "/api/ledger?from=2099-01-01T00:00:00Z&article="+string(list[0].Source.ArticleID), nil, h.as(desk.Supervisor)), 200); len(l.Items) != 0 {
		t.Errorf("in the future: %+v", l)
	}
	_ = beside
}

// shut lets nothing through.
type shut struct{}

func (shut) MayPublish(context.Context, kb.Article) error {
	return desk.Errorf(desk.Conflict, "questions_fail", "it may not")
}

func TestArticles_AGateKeepsBackAndIsPassedOnPurpose(t *testing.T) {
	h, library, _ := newLibraryHouse(t)
	editor := h.as(desk.Editor)
	library.Gate = shut{}
	h.s.Reviews = &kb.Reviews{Library: library}
	fields := map[string]any{"slug": "a", "lang": "en", "title": "A", "body": "b", "publish": true}
	if a := h.call(post, "/api/articles", fields, editor); a.status != 409 || a.problem().Code != "questions_fail" {
		t.Fatalf("published at once: %d %s", a.status, a.body)
	}
	list := into[Page[kb.Article]](t, h.call(get, "/api/articles", nil, editor), 200).Items
	if len(list) != 1 || list[0].PublishedVersion != 0 {
		t.Fatalf("what was written is not kept as a draft: %+v", list)
	}
	path := "/api/articles/" + string(list[0].ID)
	for _, verb := range []string{"/publish", "/approve"} {
		if a := h.call(post, path+verb, "{}", editor); a.status != 409 || a.problem().Code != "questions_fail" {
			t.Errorf("%s: %d %s", verb, a.status, a.body)
		}
		if a := into[kb.Article](t, h.call(post, path+verb, map[string]bool{"anyway": true}, editor), 200); a.PublishedVersion != 1 {
			t.Errorf("%s anyway: %+v", verb, a)
		}
		into[kb.Article](t, h.call(post, path+"/unpublish", nil, editor), 200)
	}
}

func TestArticles_WhoWritesTestsReadsTitlesOnly(t *testing.T) {
	h, library, _ := newLibraryHouse(t)
	for _, d := range []kb.Draft{
		{Slug: "hours", Lang: desk.English, Playbook: "shop", Publish: true, Content: kb.Content{Title: "Opening hours", Body: "Nine."}},
		{Slug: "draft", Lang: desk.English, Playbook: "shop", Content: kb.Content{Title: "A draft", Body: "b"}},
		{Slug: "other", Lang: desk.English, Playbook: "other", Publish: true, Content: kb.Content{Title: "Another's", Body: "b"}},
	} {
		if _, err := library.Save(context.Background(), "eve", d); err != nil {
			t.Fatal(err)
		}
	}
	eva := h.as(desk.Evaluator)
	if a := h.call(get, "/api/articles", nil, eva); a.status != 403 {
		t.Errorf("articles: %d", a.status)
	}
	got := into[Page[map[string]string]](t, h.call(get, "/api/evals/articles?playbook=shop&lang=en", nil, eva), 200).Items
	if len(got) != 1 || len(got[0]) != 2 || got[0]["slug"] != "hours" || got[0]["title"] != "Opening hours" {
		t.Errorf("titles: %v", got)
	}
	if got := into[Page[map[string]string]](t, h.call(get, "/api/evals/articles?playbook=shop&lang=zh", nil, eva), 200).Items; len(got) != 0 {
		t.Errorf("of the other language: %v", got)
	}
}
