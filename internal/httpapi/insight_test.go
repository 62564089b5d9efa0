package httpapi

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/parleyhq/parley/assist"
	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/store"
	"github.com/parleyhq/parley/kb"
	"github.com/parleyhq/parley/kb/insight"
	"github.com/parleyhq/parley/playbook"
)

func newInsightHouse(t *testing.T) *house {
	t.Helper()
	h, library, _ := newLibraryHouse(t)
	found := store.Insight{DB: h.db}
	h.s.Insight = &insight.Board{Store: found, Library: library, Learns: true, Now: func() time.Time { return time.Now().Add(time.Hour) }}
	h.s.Reviews = &kb.Reviews{Library: library, Store: store.Reviews{DB: h.db}}
	h.s.Previews = &playbook.Previews{Articles: library, Past: found}
	return h
}

type listOf[T any] struct {
	Items []T
	Next  string
}

func TestInsight_FromAMissToAnArticle(t *testing.T) {
	h := newInsightHouse(t)
	editor := h.as(desk.Editor)
	for _, q := range []string{"do you sell gift cards", "gift cards", "where is parking", "tell me a joke please"} {
		if err := (store.Help{DB: h.db}).Missed(context.Background(), "shop", desk.English, q); err != nil {
			t.Fatal(err)
		}
	}
	h.call(post, "/api/insight/look", "{}", editor)
	list := into[listOf[insight.Question]](t, h.call(get, "/api/insight/questions?limit=1", nil, editor), 200)
	if len(list.Items) != 1 || list.Items[0].Asked != 2 || list.Next == "" {
		t.Fatalf("got %+v", list)
	}
	rest := into[listOf[insight.Question]](t, h.call(get, "/api/insight/questions?after="+list.Next, nil, editor), 200)
	if len(rest.Items) != 2 || rest.Next != "" {
		t.Fatalf("the rest: %+v", rest)
	}
	at := func(q insight.Question, what string) string { return "/api/insight/questions/" + string(q.ID) + what }
	if d := into[insight.QuestionDetail](t, h.call(get, at(list.Items[0], ""), nil, editor), 200); len(d.Samples) != 2 {
		t.Errorf("samples: %+v", d)
	}
	a := into[kb.Article](t, h.call(post, "/api/articles", map[string]any{"slug": "vouchers", "lang": "en", "title": "Vouchers", "body": "At the till."}, editor), 201)
	linked := into[questionAndArticle](t, h.call(post, at(list.Items[0], "/link"), map[string]any{"article_id": a.ID}, editor), 200)
	if linked.Question.Status != insight.QuestionLinked || len(linked.Article.Questions) != 1 {
		t.Errorf("linked: %+v", linked)
	}
	if drafted := into[questionAndArticle](t, h.call(post, at(rest.Items[0], "/draft"), nil, editor), 201); drafted.Question.Status != insight.QuestionDrafted || drafted.Article.Status != kb.Drafted {
		t.Errorf("drafted: %+v", drafted)
	}
	if q := into[insight.Question](t, h.call(post, at(rest.Items[1], "/dismiss"), "{}", editor), 200); q.Status != insight.QuestionDismissed || q.ChangedBy != "editor" {
		t.Errorf("dismissed: %+v", q)
	}
	if q := into[insight.Question](t, h.call(post, at(rest.Items[1], "/reopen"), "{}", editor), 200); q.Status != insight.QuestionOpen {
		t.Errorf("reopened: %+v", q)
	}
	if a := h.call(post, at(rest.Items[1], "/dismiss"), "{}", h.as(desk.AgentRole)); a.status != 403 {
		t.Errorf("an agent dismisses: %d", a.status)
	}
}

func TestInsight_PairsAdviceDrafts(t *testing.T) {
	h := newInsightHouse(t)
	editor := h.as(desk.Editor)
	for slug, text := range map[string]string{"returns": "Unopened beans can be returned within 14 days.", "refunds": "You can return unopened beans within 30 days."} {
		into[kb.Article](t, h.call(post, "/api/articles", map[string]any{"slug": slug, "lang": "en", "title": slug, "body": text, "publish": true,
			"valid_to": time.Now().Add(48 * time.Hour)}, editor), 201)
	}
	for _, said := range []string{"is there parking for bikes", "parking for my bike", "bike parking at the shop"} {
		talk := desk.NewID()
		_, err := store.Assist{DB: h.db}.Remember(context.Background(), talk, []assist.Past{{ID: desk.NewID(), ConversationID: talk, Lang: desk.English,
			Text: "There is a rack for bikes behind the shop, just ring the bell.", Situation: assist.Situation{Said: said}, Quality: 1, At: time.Now()}}, time.Now())
		if err != nil {
			t.Fatal(err)
		}
	}
	if a := h.call(post, "/api/insight/look", "{}", editor); a.status >= 300 {
		t.Fatalf("look: %d %s", a.status, a.body)
	}
	pairs := into[listOf[insight.Pair]](t, h.call(get, "/api/insight/duplicates?kind=contradiction", nil, editor), 200)
	if len(pairs.Items) != 1 || pairs.Items[0].Why != insight.OtherSpan {
		t.Fatalf("pairs: %+v", pairs)
	}
	if a := h.call(post, "/api/insight/duplicates/"+pairs.Items[0].ID+"/dismiss", "{}", editor); a.status >= 300 {
		t.Errorf("dismiss: %d %s", a.status, a.body)
	}
	advice := into[listOf[insight.Advice]](t, h.call(get, "/api/insight/articles?reason=expiring&limit=1", nil, editor), 200)
	if len(advice.Items) != 1 || advice.Next != "1" || advice.Items[0].Reasons[0].Kind != insight.Expiring {
		t.Errorf("advice: %+v", advice)
	}
	if more := into[listOf[insight.Advice]](t, h.call(get, "/api/insight/articles?reason=expiring&limit=1&after=1", nil, editor), 200); len(more.Items) != 1 || more.Next != "" || more.Items[0].Slug == advice.Items[0].Slug {
		t.Errorf("more advice: %+v", more)
	}
	drafts := into[listOf[insight.Draft]](t, h.call(get, "/api/insight/drafts", nil, editor), 200)
	if len(drafts.Items) != 1 || len(drafts.Items[0].Replies) != 3 || drafts.Items[0].Replies[0].ConversationID != "" {
		t.Fatalf("drafts, by one who may not open conversations: %+v", drafts)
	}
	path := "/api/insight/drafts/" + string(drafts.Items[0].ID)
	if got := into[draftAndArticle](t, h.call(post, path+"/accept", map[string]any{"title": "Bikes"}, editor), 201); got.Article.Title != "Bikes" || got.Draft.ArticleID != got.Article.ID || got.Draft.Replies[0].ConversationID != "" {
		t.Errorf("accepted: %+v", got)
	}
	if a := h.call(post, path+"/dismiss", "{}", editor); a.status != 409 {
		t.Errorf("decided twice: %d", a.status)
	}
}

func TestReviews_AskCommentReturnApprovePlan(t *testing.T) {
	h := newInsightHouse(t)
	editor, owner := h.as(desk.Editor), h.as(desk.Owner)
	a := into[kb.Article](t, h.call(post, "/api/articles", map[string]any{"slug": "parrots", "lang": "en", "title": "Parrots", "body": "In a cage."}, editor), 201)
	path := "/api/articles/" + string(a.ID)
	if r := h.call(post, path+"/review", map[string]any{"reviewer": "nobody"}, editor); r.status != 400 && r.status != 422 {
		t.Errorf("a reviewer who is not there: %d %s", r.status, r.body)
	}
	if got := into[kb.Article](t, h.call(post, path+"/review", map[string]any{"note": "look"}, editor), 200); got.Status != kb.InReview {
		t.Errorf("asked: %+v", got)
	}
	if w := into[listOf[kb.InReviewBy]](t, h.call(get, "/api/reviews", nil, owner), 200); len(w.Items) != 1 || w.Items[0].Review.By.Name != "editor" {
		t.Errorf("waiting: %+v", w)
	}
	if p := into[articlePlan](t, h.call(get, path+"/plans", nil, editor), 200); p.Review == nil || p.Review.Note != "look" || len(p.Plans) != 0 {
		t.Errorf("under way: %+v", p)
	}
	into[kb.Article](t, h.call(post, path+"/return", map[string]any{"text": "No."}, owner), 200)
	into[kb.Comment](t, h.call(post, path+"/comments", map[string]any{"text": "Why?"}, editor), 201)
	if c := into[listOf[kb.Comment]](t, h.call(get, path+"/comments?limit=1", nil, editor), 200); len(c.Items) != 1 || c.Items[0].Text != "Why?" || c.Next == "" {
		t.Errorf("comments: %+v", c)
	}
	plan := into[kb.Scheduled](t, h.call(post, path+"/plans", map[string]any{"action": "publish", "at": time.Now().Add(time.Hour)}, owner), 201)
	if got := into[kb.Scheduled](t, h.call(del, path+"/plans/"+string(plan.ID), nil, owner), 200); got.State != kb.Cancelled {
		t.Errorf("cancelled: %+v", got)
	}
	if got := into[kb.Article](t, h.call(post, path+"/approve", map[string]any{"version": 1, "text": "Fine."}, owner), 200); got.PublishedVersion != 1 {
		t.Errorf("approved: %+v", got)
	}
}

func TestImpact_BeforeItIsSaved(t *testing.T) {
	h := newInsightHouse(t)
	editor := h.as(desk.Editor)
	a := into[kb.Article](t, h.call(post, "/api/articles", map[string]any{"slug": "gifts", "lang": "en", "title": "Gift cards", "body": "Gift cards are sold at the till.", "questions": []string{"Do you sell gift cards?"}, "publish": true}, editor), 201)
	for _, q := range []string{"do you sell gift cards", "may I bring my parrot"} {
		if err := (store.Help{DB: h.db}).Missed(context.Background(), "shop", desk.English, q); err != nil {
			t.Fatal(err)
		}
	}
	h.call(post, "/api/insight/look", "{}", editor)
	talk := insight.Ask{ID: "m1", Lang: desk.English, Text: "which gift cards do you sell", Outcome: insight.Steered, ConversationID: "c1", Times: 1, At: time.Now()}
	if err := (store.Insight{DB: h.db}).SaveAsks(context.Background(), "talks", insight.Mark{}, []insight.Ask{talk}); err != nil {
		t.Fatal(err)
	}
	path := "/api/articles/" + string(a.ID) + "/impact"
	got := into[playbook.Impact](t, h.call(post, path, map[string]any{"title": "Parrots", "body": "You may bring your parrot in a cage.", "questions": []string{"May I bring my parrot?"}}, editor), 200)
	kinds := map[string]playbook.AnswerChangeKind{}
	for _, c := range got.Answers {
		kinds[c.Text] = c.Kind
	}
	for who, want := range map[desk.Role]desk.ID{desk.Editor: "", desk.Owner: "c1"} {
		seen := into[playbook.Impact](t, h.call(post, path, map[string]any{"title": "Parrots", "body": "You may bring your parrot in a cage."}, h.as(who)), 200)
		for _, c := range seen.Answers {
			if c.Text == talk.Text && c.ConversationID != want {
				t.Errorf("%s is told of conversation %q, want %q", who, c.ConversationID, want)
			}
		}
		if !slices.ContainsFunc(seen.Answers, func(c playbook.AnswerChange) bool { return c.Text == talk.Text }) {
			t.Errorf("%s: %q is not among %+v", who, talk.Text, seen.Answers)
		}
	}
	if got.Looked != 3 || got.Partial || kinds["may i bring my parrot"] != playbook.Gained || kinds["do you sell gift cards"] != playbook.Lost {
		t.Errorf("edited: %+v", got)
	}
	if got = into[playbook.Impact](t, h.call(post, path, map[string]any{"title": "", "body": "", "unpublish": true}, editor), 200); len(got.Answers) != 2 || got.Answers[0].Kind != playbook.Lost {
		t.Errorf("unpublished: %+v", got)
	}
	got = into[playbook.Impact](t, h.call(post, "/api/synonyms/impact", map[string]any{"lang": "en", "synonyms": []map[string]any{{"words": []string{"parrot", "till"}}}}, editor), 200)
	if got.Looked != 3 {
		t.Errorf("synonyms: %+v", got)
	}
	if now := into[kb.Article](t, h.call(get, "/api/articles/"+string(a.ID), nil, editor), 200); now.Version != 1 || now.Title != "Gift cards" {
		t.Errorf("the preview changed the article: %+v", now)
	}
}
