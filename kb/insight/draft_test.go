package insight_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/parleyhq/parley/assist"
	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/store"
	"github.com/parleyhq/parley/kb"
	"github.com/parleyhq/parley/kb/insight"
)

// learnt stores what an agent answered, as package assist remembers it.
func (s *shop) learnt(said, text string, quality float64) {
	s.t.Helper()
	talk := desk.NewID()
	_, err := store.Assist{DB: s.db}.Remember(context.Background(), talk, []assist.Past{{ID: desk.NewID(), ConversationID: talk, Text: text, Lang: desk.English,
		Situation: assist.Situation{Playbook: "coffee", Said: said}, Quality: quality, At: s.at}}, s.at)
	s.check(err)
	s.later(time.Minute)
}

func (s *shop) drafts(status insight.DraftStatus) []insight.Draft {
	s.t.Helper()
	list, err := s.Drafts(context.Background(), insight.DraftFilter{Status: status, Limit: 50})
	s.check(err)
	return list
}

func TestDrafts_FromWhatAgentsAnswered(t *testing.T) {
	each(t, func(s *shop) {
		t, ctx := s.t, context.Background()
		s.learnt("can I rent the shop for a birthday", "Hi {{contact.name}}, you can rent the shop on Sunday evenings for private parties. Call me at [phone].", 0.8)
		s.learnt("is it possible to rent your shop for a party", "Yes, you can rent the shop on Sunday evenings for private parties.", 1)
		s.learnt("do you do parties? we would like to rent the shop", "You can rent the shop for private parties on Sunday evenings, {{contact.name}}. You can rent the shop on Sunday evenings for private parties.", 0.7)
		for _, said := range []string{"thanks a lot", "where is my order", "my cup was broken"} {
			s.learnt(said, "You are very welcome and have a nice day, see you again soon.", 1)
		}
		s.learnt("do you have oat milk", "We do have oat milk, at no extra price whatsoever.", 1) // only once
		s.check(s.Compare(ctx))
		if list := s.drafts(""); len(list) != 0 {
			t.Fatalf("without the operator's consent: %+v", list)
		}
		s.Learns = true
		s.check(s.Compare(ctx))
		s.check(s.Compare(ctx))
		list := s.drafts(insight.DraftOpen)
		if len(list) != 1 {
			t.Fatalf("got %+v", list)
		}
		d := list[0]
		if !strings.Contains(d.Title, "rent") || len(d.Replies) != 3 || len(d.Questions) != 2 || d.Quality < 0.8 || strings.ContainsAny(d.Body, "[{") || !strings.Contains(d.Body, "Sunday") {
			t.Errorf("draft %+v", d)
		}
		got, a, err := s.Accept(ctx, "eve", d.ID, "", kb.Content{Title: "Private parties"})
		s.check(err)
		if got.Status != insight.DraftAccepted || got.ArticleID != a.ID || a.Title != "Private parties" || a.Body != d.Body || a.PublishedVersion != 0 || a.Status != kb.Drafted {
			t.Errorf("accepted: %+v %+v", got, a)
		}
		v, err := s.Library.Version(ctx, a.ID, 1)
		s.check(err)
		if !strings.Contains(v.Note, "3 conversations") {
			t.Errorf("note %q", v.Note)
		}
		if _, err := s.Refuse(ctx, "eve", d.ID); !desk.IsKind(err, desk.Conflict) {
			t.Errorf("decided twice: %v", err)
		}
		s.learnt("can we rent the place for a party", "You can rent the shop on Sunday evenings for private parties.", 1)
		s.check(s.Compare(ctx))
		if list := s.drafts(insight.DraftOpen); len(list) != 0 {
			t.Errorf("proposed again: %+v", list)
		}
	})
}

func TestDrafts_NoneWhereAnArticleAnswersOrCustomersWereNotContent(t *testing.T) {
	each(t, func(s *shop) {
		s.Learns = true
		s.write("parties", "Renting the shop for a party", "You can rent the shop on Sunday evenings.", "can I rent the shop for a birthday", "rent the shop for a party")
		for _, said := range []string{"can I rent the shop for a party", "may I rent the shop for a party", "rent the shop for a party"} {
			s.learnt(said, "You can rent the shop on Sunday evenings for private parties.", 1)
		}
		for _, said := range []string{"is there parking for bikes", "parking for my bike", "bike parking at the shop"} {
			s.learnt(said, "There is a rack for bikes behind the shop, just ring the bell.", 0.3)
		}
		s.check(s.Compare(context.Background()))
		if list := s.drafts(""); len(list) != 0 {
			s.t.Errorf("got %+v", list)
		}
	})
}
