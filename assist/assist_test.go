package assist_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parleyhq/parley/assist"
	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/store"
	"github.com/parleyhq/parley/internal/store/storetest"
	"github.com/parleyhq/parley/kb"
)

// room is one conversation with an agent in it.
type room struct {
	conversation desk.Conversation
	messages     []desk.Message
	events       []desk.Event
	contact      desk.Contact
	agent        desk.Agent
}

func newRoom() *room {
	return &room{
		conversation: desk.Conversation{ID: desk.NewID(), Status: desk.Assigned, AgentID: "agent-1", ContactID: "contact-1", Lang: desk.English,
			HandOver: &desk.HandOver{Facts: []desk.Fact{{Key: "order", Value: "A17"}, {Key: "card", Value: "••••"}}}},
		contact: desk.Contact{ID: "contact-1", Name: "Ann"},
		agent:   desk.Agent{ID: "agent-1", Name: "Bob"},
	}
}

func (r *room) say(by desk.AuthorKind, text string) desk.ID {
	return r.sayBy(desk.Author{Kind: by}, text)
}

func (r *room) sayBy(by desk.Author, text string) desk.ID {
	m := desk.Message{ID: desk.NewID(), Seq: int64(len(r.events) + 1), Author: by, Content: desk.Content{Text: text}, At: time.Now()}
	r.messages = append(r.messages, m)
	r.happens(desk.EventMessage, m)
	return m.ID
}

func (r *room) happens(kind desk.EventKind, v any) {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	r.events = append(r.events, desk.Event{ID: desk.NewID(), Seq: int64(len(r.events) + 1), Kind: kind, Data: raw})
}

func (r *room) Conversation(context.Context, desk.ID) (desk.Conversation, error) {
	return r.conversation, nil
}
func (r *room) Newest(_ context.Context, _ desk.ID, limit int) ([]desk.Message, error) {
	return r.messages[max(0, len(r.messages)-limit):], nil
}
func (r *room) Timeline(_ context.Context, id desk.ID, after int64, limit int) ([]desk.Event, error) {
	var out []desk.Event
	for _, e := range r.events {
		if e.Seq > after && len(out) < limit {
			out = append(out, e)
		}
	}
	return out, nil
}
func (r *room) Before(_ context.Context, id desk.ID, before int64, limit int) ([]desk.Event, error) {
	var out []desk.Event
	for _, e := range r.events {
		if e.Seq < before {
			out = append(out, e)
		}
	}
	return out[max(0, len(out)-limit):], nil
}
func (r *room) Contact(context.Context, desk.ID) (desk.Contact, error) { return r.contact, nil }
func (r *room) Agent(context.Context, desk.ID) (desk.Agent, error)     { return r.agent, nil }

type bus struct{ said []string }

func (b *bus) Publish(subject string, v any) error {
	raw, err := json.Marshal(v)
	b.said = append(b.said, subject+" "+string(raw))
	return err
}

type office struct {
	*room
	*assist.Desk
	library *kb.Library
	bus     *bus
}

func newOffice(t *testing.T, db *store.DB) office {
	t.Helper()
	o := office{room: newRoom(), bus: &bus{}}
	o.library = &kb.Library{Store: store.KB{DB: db}, Index: kb.NewIndex()}
	o.Desk = &assist.Desk{Store: store.Assist{DB: db}, Conversations: o.room, Library: o.library, Bus: o.bus}
	if err := o.Load(context.Background()); err != nil {
		t.Fatal(err)
	}
	return o
}

func (o office) article(t *testing.T, slug, title, body string, audience kb.Audience) {
	t.Helper()
	_, err := o.library.Save(context.Background(), "eve", kb.Draft{Slug: slug, Lang: desk.English, Publish: true,
		Content: kb.Content{Title: title, Body: body, Audience: audience}})
	if err != nil {
		t.Fatal(err)
	}
}

func (o office) reply(t *testing.T, key, question, text string) assist.Canned {
	t.Helper()
	c, err := o.SaveCanned(context.Background(), "eve", assist.Canned{Key: key, Title: desk.Text{"": key}, Text: desk.Text{desk.English: text},
		Questions: map[desk.Lang][]string{desk.English: {question}}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (o office) suggest(t *testing.T, text string) []assist.Suggestion {
	t.Helper()
	list, err := o.Suggest(context.Background(), o.conversation.ID, o.say(desk.ByCustomer, text))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func (o office) count(t *testing.T) assist.Count {
	t.Helper()
	list, err := o.Ledger(context.Background(), assist.LedgerFilter{})
	if err != nil {
		t.Fatal(err)
	}
	sum := assist.Count{Why: map[assist.Reason]int{}}
	for _, c := range list {
		sum.Shown, sum.Sent, sum.Edited, sum.Ignored, sum.Open = sum.Shown+c.Shown, sum.Sent+c.Sent, sum.Edited+c.Edited, sum.Ignored+c.Ignored, sum.Open+c.Open
		for r, n := range c.Why {
			sum.Why[r] += n
		}
	}
	return sum
}

func TestSuggest_FewGoodOnesOrNone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		o.article(t, "refunds", "Refunds", "A refund takes three to five working days to reach your card.", kb.Customers)
		o.article(t, "limits", "Refund limits", "Without the shift leader refund at most ten euros.", kb.Agents)
		o.article(t, "hours", "Opening hours", "We are open from seven to eight.", kb.Customers)
		o.reply(t, "refund", "how long does my refund take", "Hi {{contact.name}}, your refund for {{slots.order}} is on its way.")
		o.reply(t, "same", "refund time", "A refund takes three to five working days to reach your card!")

		list := o.suggest(t, "How long does a refund take?")
		if len(list) < 2 || len(list) > 3 {
			t.Fatalf("%d suggestions: %+v", len(list), list)
		}
		texts := map[string]int{}
		for i, s := range list {
			texts[strings.Trim(s.Text, ".!")]++
			if s.Rank != i+1 || s.Confidence <= 0.4 || s.Confidence > 1 || s.Title == "" || s.ID == "" {
				t.Errorf("incomplete: %+v", s)
			}
			if s.Kind == assist.FromArticle && (s.Source == nil || s.Source.Slug == "") {
				t.Errorf("without a source: %+v", s)
			}
			if err := o.Check(context.Background(), o.conversation.ID, s.ID, s.Text); (err == nil) == s.Internal {
				t.Errorf("may it be sent as it is? %v: %+v", err, s)
			}
			if err := o.Check(context.Background(), o.conversation.ID, s.ID, "In other words."); err != nil {
				t.Error(err)
			}
			if s.Internal != (s.Source != nil && s.Source.Slug == "limits") {
				t.Errorf("internal is %v: %+v", s.Internal, s)
			}
		}
		if texts["Hi Ann, your refund for A17 is on its way"] != 1 || texts["A refund takes three to five working days to reach your card"] != 1 {
			t.Errorf("got %v", texts)
		}
		for _, nothing := range []string{"ok", "thank you so much", "🙂", "what is the capital of France?", "my name is Ann Refundson"} {
			if list := o.suggest(t, nothing); len(list) != 0 {
				t.Errorf("%q: %+v", nothing, list)
			}
		}
	})
}

func TestSuggest_TellsTheAgentAndRepeatsItself(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		o := newOffice(t, db)
		o.article(t, "hours", "Opening hours", "We are open from seven to eight.", kb.Customers)
		m := o.say(desk.ByCustomer, "what are your opening hours")
		var h handler
		o.Register(&h)
		args, _ := json.Marshal(map[string]desk.ID{"conversation_id": o.conversation.ID, "message_id": m})
		for range 2 { // a job may run twice
			if err := h.f(ctx, args); err != nil {
				t.Fatal(err)
			}
		}
		if c := o.count(t); c.Shown != 1 {
			t.Errorf("%d shown, want 1", c.Shown)
		}
		if len(o.bus.said) != 2 || !strings.HasPrefix(o.bus.said[0], "agent.agent-1 ") || !strings.Contains(o.bus.said[0], `"kind":"suggestions"`) || !strings.Contains(o.bus.said[0], "seven to eight") {
			t.Errorf("told: %v", o.bus.said)
		}
		list, err := o.Current(ctx, o.conversation.ID)
		if err != nil || len(list) != 1 {
			t.Errorf("current: %+v %v", list, err)
		}
		o.say(desk.ByAgent, "From seven to eight.")
		if list, err := o.Current(ctx, o.conversation.ID); err != nil || len(list) != 0 {
			t.Errorf("after the reply: %+v %v", list, err)
		}
		// Nobody there, nothing shown.
		o.conversation.AgentID, o.conversation.Status = "", desk.Waiting
		if list := o.suggest(t, "and when do you open, your opening hours?"); len(list) != 0 {
			t.Errorf("nobody was there to see %+v", list)
		}
	})
}

type handler struct {
	f func(context.Context, json.RawMessage) error
}

func (h *handler) Handle(kind string, _ time.Duration, f func(context.Context, json.RawMessage) error) {
	if kind == assist.SuggestKind {
		h.f = f
	}
}

func TestLedger_SentEditedIgnored(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		o := newOffice(t, db)
		o.article(t, "hours", "Opening hours", "We are open from seven to eight every day.", kb.Customers)
		ask := func() assist.Suggestion {
			t.Helper()
			list := o.suggest(t, "what are your opening hours?")
			if len(list) != 1 {
				t.Fatalf("%d suggestions", len(list))
			}
			return list[0]
		}
		do := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		s := ask()
		do(o.Replied(ctx, o.conversation.ID, "agent-1", s.ID, s.Text+" \n"))
		do(o.Replied(ctx, o.conversation.ID, "agent-1", s.ID, "something else")) // a repeat changes nothing
		s = ask()
		do(o.Replied(ctx, o.conversation.ID, "agent-1", s.ID, "We are open from eight to nine every day."))
		s = ask()
		do(o.Ignored(ctx, o.conversation.ID, s.ID, "agent-1"))
		do(o.Replied(ctx, o.conversation.ID, "agent-1", "", "Let me see."))
		ask()
		do(o.Replied(ctx, o.conversation.ID, "agent-1", "", "Let me see."))
		ask()
		late := ask()
		do(o.Replied(ctx, o.conversation.ID, "agent-1", late.ID, late.Text))
		c := o.count(t)
		if c.Shown != 6 || c.Sent != 2 || c.Edited != 1 || c.Ignored != 3 || c.Open != 0 {
			t.Errorf("got %+v", c)
		}
		if c.Why[assist.Dismissed] != 1 || c.Why[assist.WroteOwn] != 1 || c.Why[assist.Superseded] != 1 {
			t.Errorf("why: %v", c.Why)
		}
		list, err := o.Ledger(ctx, assist.LedgerFilter{Article: s.Source.ArticleID, From: time.Now().Add(-time.Hour), To: time.Now().Add(time.Hour)})
		if err != nil || len(list) != 1 || list[0].Similarity < 0.5 || list[0].Similarity >= 1 || list[0].Title != "Opening hours" {
			t.Errorf("by article: %+v %v", list, err)
		}
		for _, f := range []assist.LedgerFilter{{Article: "other"}, {Canned: "other"}, {Agent: "other"}, {From: time.Now().Add(time.Hour)}, {To: time.Now().Add(-time.Hour)}} {
			if list, err := o.Ledger(ctx, f); err != nil || len(list) != 0 {
				t.Errorf("%+v: %+v %v", f, list, err)
			}
		}
		for _, err := range []error{
			o.Used(ctx, o.conversation.ID, "nothing", "agent-1", "x"),
			o.Used(ctx, "another", late.ID, "agent-1", "x"),
			o.Ignored(ctx, "another", late.ID, "agent-1"),
			o.Check(ctx, "another", late.ID, "x"),
		} {
			if !desk.IsKind(err, desk.NotFound) {
				t.Errorf("a suggestion that is not there: %v", err)
			}
		}
	})
}

func TestCanned_Life(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		o := newOffice(t, db)
		c := o.reply(t, "bye", "goodbye and farewell", "Farewell!")
		if list := o.suggest(t, "goodbye and farewell"); len(list) != 1 || list[0].Text != "Farewell!" || list[0].CannedID != c.ID {
			t.Errorf("right after saving: %+v", list)
		}
		c.Text = desk.Text{desk.English: "See you!"}
		c2, err := o.SaveCanned(ctx, "ann", c)
		if err != nil || c2.Version != 2 {
			t.Fatalf("%+v %v", c2, err)
		}
		_, err = o.SaveCanned(ctx, "bob", c)
		var stale *assist.StaleCanned
		if !errors.As(err, &stale) || stale.Current.Version != 2 {
			t.Errorf("a stale save: %v", err)
		}
		_, err = o.SaveCanned(ctx, "bob", assist.Canned{Key: "bye", Title: desk.Text{"": "x"}, Text: desk.Text{"": "x"}})
		if !desk.IsKind(err, desk.Conflict) {
			t.Errorf("a taken key: %v", err)
		}
		other := o.reply(t, "other", "something", "else")
		other.Key = "bye"
		if _, err := o.SaveCanned(ctx, "bob", other); !desk.IsKind(err, desk.Conflict) {
			t.Errorf("renamed to a taken key: %v", err)
		}
		if list, next, err := o.ListCanned(ctx, assist.CannedFilter{Limit: 1}); err != nil || len(list) != 1 || next == "" {
			t.Errorf("first page: %+v %q %v", list, next, err)
		} else if list, next, err = o.ListCanned(ctx, assist.CannedFilter{Limit: 1, After: next}); err != nil || len(list) != 1 || next != "" || list[0].Key != "other" {
			t.Errorf("second page: %+v %q %v", list, next, err)
		}
		if list, _, err := o.ListCanned(ctx, assist.CannedFilter{Search: "see YOU"}); err != nil || len(list) != 1 {
			t.Errorf("search: %+v %v", list, err)
		}
		if err := o.DeleteCanned(ctx, c.ID); err != nil {
			t.Fatal(err)
		}
		if list := o.suggest(t, "goodbye and farewell"); len(list) != 0 {
			t.Errorf("deleted, yet suggested: %+v", list)
		}
		if err := o.DeleteCanned(ctx, c.ID); !desk.IsKind(err, desk.NotFound) {
			t.Errorf("deleting it again: %v", err)
		}
	})
}

func TestImport_OfAPlaybook(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		data, err := os.ReadFile("testdata/canned.yaml")
		if err != nil {
			t.Fatal(err)
		}
		replies, err := assist.ParseCanned("canned.yaml", data)
		if err != nil {
			t.Fatal(err)
		}
		o := newOffice(t, db)
		do := func(want assist.Imported, list ...assist.Canned) {
			t.Helper()
			got, err := o.Import(ctx, "ann", "coffee", list)
			if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("got %+v %v, want %+v", got, err, want)
			}
		}
		do(assist.Imported{Added: []string{"greet", "late", "thanks"}}, replies...)
		do(assist.Imported{Unchanged: []string{"greet", "late", "thanks"}}, replies...)
		list, _, err := o.ListCanned(ctx, assist.CannedFilter{Search: "greet"})
		if err != nil || len(list) != 1 {
			t.Fatalf("%+v %v", list, err)
		}
		edited := list[0]
		edited.Text = desk.Text{"": "Hello!"}
		if _, err := o.SaveCanned(ctx, "eve", edited); err != nil {
			t.Fatal(err)
		}
		replies[0].Text, replies[1].Text = desk.Text{"": "Hey!"}, desk.Text{"": "Sorry!"}
		do(assist.Imported{Updated: []string{"late"}, Kept: []string{"greet"}, Removed: []string{"thanks"}}, replies[:2]...)

		o.conversation.Playbook = "ridehail"
		if list := o.suggest(t, "my order is late"); len(list) != 0 {
			t.Errorf("another playbook's replies: %+v", list)
		}
		o.conversation.Playbook = "coffee"
		if list := o.suggest(t, "my order is late"); len(list) != 1 || list[0].Text != "Sorry!" {
			t.Errorf("got %+v", list)
		}
	})
}

func TestCheck_RefusesWhatNothingCanFill(t *testing.T) {
	for text, ok := range map[string]bool{
		"Hi {{contact.name}}, {{ agent.name }}, {{slots.order_no}}, {{conversation.number}}": true,
		"no variables": true, "one { brace }": true,
		"{{contact.email}}": false, "{{slots.}}": false, "{{slots.a b}}": false, "{{": false, "x }} y": false, "{{contact.name}": false, "": false, " ": false,
		"{{{{contact.name}}}}": false,
	} {
		c := assist.Canned{Key: "k", Title: desk.Text{"": "t"}, Text: desk.Text{desk.Chinese: text}}
		if err := c.Check(); (err == nil) != ok || err != nil && !desk.IsKind(err, desk.Invalid) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := assist.ParseCanned("canned.yaml", []byte("version: 1\nreplies:\n  - key: a\n    title: x\n    text: \"{{nobody}}\"\n  - {key: b, titel: x}\n")); err == nil || !strings.Contains(err.Error(), "canned.yaml:6:") {
		t.Errorf("an unknown key: %v", err)
	}
	if _, err := assist.ParseCanned("canned.yaml", []byte("version: 1\nreplies:\n  - key: a\n    title: x\n    text: \"{{nobody}}\"\n")); err == nil || !strings.Contains(err.Error(), "canned.yaml:3:") {
		t.Errorf("an unknown variable: %v", err)
	}
}

func TestSuggest_LeavesOutWhatIsNotKnown(t *testing.T) {
	db := storetest.Open(t, storetest.SQLite(t))
	for _, c := range []struct{ text, name, want string }{
		{"Hi {{contact.name}}, how are you?", "Ann", "Hi Ann, how are you?"},
		{"Hi {{contact.name}}, how are you?", "", "Hi, how are you?"},
		{"{{contact.name}}, thank you.", "", "Thank you."},
		{"Your order is {{slots.order}}. Your card is {{slots.card}}. Bye.", "", "Your order is A17. Bye."},
		{"Your card is {{slots.card}}.", "", ""},
		{"Hi {{contact.name}}!", "[x](javascript:alert) <b>`\n\nEve", "Hi x(javascript:alert) b Eve!"},
		{"First.\n\n- {{slots.nothing}}\n- second {{agent.name}}", "", "First.\n\n\n- second Bob"},
	} {
		o := newOffice(t, db)
		o.contact.Name = c.name
		r := o.reply(t, fmt.Sprintf("k%d", time.Now().UnixNano()), "zebra crossing", c.text)
		list := o.suggest(t, "zebra crossing")
		var got string
		if len(list) > 0 {
			got = list[0].Text
		}
		if got != c.want {
			t.Errorf("%q for %q: got %q, want %q", c.text, c.name, got, c.want)
		}
		if err := o.DeleteCanned(context.Background(), r.ID); err != nil {
			t.Fatal(err)
		}
	}
}

func TestSimilarity(t *testing.T) {
	for _, c := range []struct {
		a, b        string
		least, most float64
	}{
		{"", "", 1, 1}, {"a", "", 0, 0}, {"Hello there", "hello, THERE!", 1, 1}, {"one two three four", "five six", 0, 0},
		{"We open at seven.", "We open at eight.", 0.5, 0.8}, {"三天内退款", "五天内退款", 0.6, 0.9}, {"好", "好的", 0.4, 0.9},
	} {
		got := assist.Similarity(c.a, c.b)
		if got < c.least || got > c.most || math.Abs(got-assist.Similarity(c.b, c.a)) > 1e-9 {
			t.Errorf("%q and %q: %.2f, want %.2f to %.2f", c.a, c.b, got, c.least, c.most)
		}
	}
}

func TestSuggest_ContextChoosesAmongLikes(t *testing.T) {
	db := storetest.Open(t, storetest.SQLite(t))
	o := newOffice(t, db)
	for _, hotel := range []string{"Ashley Hotel", "Warkworth House", "Gonville Hotel", "Bridge Lodge"} {
		o.article(t, strings.ToLower(strings.ReplaceAll(hotel, " ", "-")), hotel, "There is free parking behind the building of "+hotel+".", kb.Customers)
	}
	o.say(desk.ByCustomer, "Tell me about the Ashley Hotel")
	o.say(desk.ByAgent, "It is moderately priced.")
	o.say(desk.ByCustomer, "And the Gonville Hotel?")
	list := o.suggest(t, "Is there free parking behind it?")
	if !slices.ContainsFunc(list, func(s assist.Suggestion) bool { return true }) || list[0].Source.Slug != "gonville-hotel" {
		t.Errorf("got %+v", list)
	}
}

func TestSuggest_AKeyForAPersonIsNoQuestionToArticles(t *testing.T) {
	db := storetest.Open(t, storetest.SQLite(t))
	o := newOffice(t, db)
	o.article(t, "group-orders", "Orders for a group", "Talk to a person here; it takes five minutes to arrange.", kb.Customers)
	o.reply(t, "greet", "talk to a person", "Hi, this is Anna. I have read what you told the assistant.")
	for _, p := range []desk.Pick{{Verb: desk.PickHuman}, {Verb: desk.PickGo, Target: "queue:support"}} {
		id := o.say(desk.ByCustomer, "Talk to a person")
		o.messages[len(o.messages)-1].Content.Picked = &p
		list, err := o.Suggest(t.Context(), o.conversation.ID, id)
		if err != nil || len(list) != 1 || list[0].Kind != assist.FromCanned {
			t.Errorf("%+v: %v, got %+v; want the greeting alone", p, err, list)
		}
	}
}
