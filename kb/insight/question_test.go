package insight_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/store"
	"github.com/parleyhq/parley/kb/insight"
)

func TestAsks_WhatBecameOfEach(t *testing.T) {
	each(t, func(s *shop) {
		t := s.t
		s.asked(says("do you sell gift cards?"), mark(desk.MarkSteered))
		s.asked(says("where is the nearest shop"), mark(desk.MarkClarify))
		s.asked(says("can I bring my dog"), answered("dogs"), says("thanks"))
		s.asked(says("can I bring my own cup"), answered("cups"), says("I mean can I bring my own cup from home"), mark(desk.MarkSteered))
		s.asked(says("do you roast the beans here"), answered("beans"), says("a person please"), human("asked"))
		s.asked(says("is my order 4711 for Ann Lee lost? call +49 30 901820"), mark(desk.MarkSteered), says("hello?? anybody"), human("retries"))
		s.asked(says("I want a latte"), mark(desk.MarkStarted), says("a large one"), mark(desk.MarkSet), human("rule"))
		s.gather()
		list, err := s.Store.Asks(context.Background(), insight.AskFilter{Limit: 50})
		s.check(err)
		got := map[string]insight.Outcome{}
		for _, a := range list {
			got[a.Text] = a.Outcome
			if strings.Contains(a.Text, "Ann") || strings.Contains(a.Text, "901820") {
				t.Errorf("personal data is kept: %q", a.Text)
			}
		}
		for text, want := range map[string]insight.Outcome{
			"do you sell gift cards?": insight.Steered, "where is the nearest shop": insight.Clarified, "can I bring my dog": insight.Answered,
			"can I bring my own cup": insight.Rephrased, "I mean can I bring my own cup from home": insight.Steered,
			"do you roast the beans here": insight.Rephrased, "is my order 4711 for [name] lost? call [phone]": insight.HandedOver,
		} {
			if got[text] != want {
				t.Errorf("%q: %q, want %q; there is %v", text, got[text], want, got)
			}
		}
		if len(got) != 7 {
			t.Errorf("kept %d: %v", len(got), got)
		}
	})
}

func TestGather_SimilarQuestionsAreOneAndKeepTheirID(t *testing.T) {
	each(t, func(s *shop) {
		t := s.t
		for _, q := range []string{"do you sell gift cards?", "can I buy a gift card", "gift cards, do you sell them"} {
			s.asked(says(q), mark(desk.MarkSteered))
		}
		s.asked(says("is there parking behind the shop"), mark(desk.MarkSteered))
		s.check(store.Help{DB: s.db}.Missed(context.Background(), "coffee", desk.English, "gift cards sell"))
		s.gather()
		list := s.questions(insight.QuestionOpen)
		if len(list) != 2 || list[0].Asked != 4 || !strings.Contains(list[0].Label, "gift card") || list[0].Outcomes[insight.Missed] != 1 || list[0].Langs[0] != desk.English {
			t.Fatalf("got %+v", list)
		}
		if list[1].Asked != 1 || list[1].Label != "is there parking behind the shop" {
			t.Errorf("the other: %+v", list[1])
		}
		d, err := s.Question(context.Background(), list[0].ID)
		s.check(err)
		if len(d.Samples) != 4 || d.Samples[0].Text == "" {
			t.Errorf("samples: %+v", d.Samples)
		}
		before := list[0].ID
		s.later(8 * 24 * time.Hour)
		s.asked(says("could I get a gift card for a friend"), mark(desk.MarkSteered))
		s.gather()
		s.gather() // again changes nothing
		list = s.questions(insight.QuestionOpen)
		if len(list) != 2 || list[0].ID != before || list[0].Asked != 5 || list[0].Recent != 1 || list[0].Earlier == 0 {
			t.Errorf("a week later: %+v", list)
		}
	})
}

func TestQuestions_DismissLinkDraft(t *testing.T) {
	each(t, func(s *shop) {
		t, ctx := s.t, context.Background()
		a := s.write("vouchers", "Vouchers", "Vouchers are sold at the till.")
		s.asked(says("do you sell gift cards?"), mark(desk.MarkSteered))
		s.asked(says("can I buy gift cards here"), mark(desk.MarkSteered))
		s.asked(says("is there parking behind the shop"), mark(desk.MarkSteered))
		s.asked(says("tell me a joke about penguins"), mark(desk.MarkSteered))
		s.gather()
		by := func(word string) insight.Question {
			t.Helper()
			list := s.questions("")
			i := slices.IndexFunc(list, func(q insight.Question) bool { return strings.Contains(q.Label, word) })
			if i < 0 {
				t.Fatalf("no question about %s: %+v", word, list)
			}
			return list[i]
		}
		_, err := s.Dismiss(ctx, "eve", by("joke").ID)
		s.check(err)
		q, linked, err := s.Link(ctx, "eve", by("gift").ID, a.ID)
		s.check(err)
		if q.Status != insight.QuestionLinked || linked.Version != 2 || linked.PublishedVersion != 1 || !slices.Contains(linked.Questions, q.Label) {
			t.Errorf("linked: %+v %+v", q, linked)
		}
		q, drafted, err := s.Start(ctx, "eve", by("parking").ID, insight.Began{})
		s.check(err)
		if q.Status != insight.QuestionDrafted || drafted.Slug != "parking-behind-shop" || drafted.PublishedVersion != 0 || drafted.Playbook != "coffee" || q.ArticleID != drafted.ID {
			t.Errorf("drafted: %+v %+v", q, drafted)
		}
		s.gather()
		if list := s.questions(insight.QuestionOpen); len(list) != 0 {
			t.Errorf("still open: %+v", list)
		}
		_, err = s.Library.Publish(ctx, "eve", linked.ID, 0)
		s.check(err)
		s.gather()
		if q := by("gift"); q.Status != insight.QuestionAnswered || q.Nearest == nil || !q.Nearest.Answers {
			t.Errorf("published: %+v %+v", q, q.Nearest)
		}
		s.asked(says("do you sell gift cards or what?"), mark(desk.MarkSteered)) // in vain again
		s.gather()
		if q := by("gift"); q.Status != insight.QuestionOpen || q.Asked != 3 {
			t.Errorf("asked again: %+v", q)
		}
		if q := by("joke"); q.Status != insight.QuestionDismissed {
			t.Errorf("dismissed: %+v", q)
		}
	})
}

func TestGather_Chinese(t *testing.T) {
	each(t, func(s *shop) {
		for _, q := range []string{"你们卖礼品卡吗？", "可以买礼品卡吗", "有没有礼品卡卖", "店后面可以停车吗"} {
			s.talk(desk.Closed, desk.Chinese, says(q), mark(desk.MarkSteered))
		}
		s.gather()
		list := s.questions(insight.QuestionOpen)
		if len(list) != 2 || list[0].Asked != 3 || list[0].Langs[0] != desk.Chinese {
			s.t.Errorf("got %+v", list)
		}
	})
}

func TestGather_WaitsUntilAConversationIsQuiet(t *testing.T) {
	each(t, func(s *shop) {
		s.talk(desk.Automated, desk.English, says("do you sell gift cards?"), mark(desk.MarkSteered))
		s.check(s.Gather(context.Background()))
		if list := s.questions(""); len(list) != 0 {
			s.t.Errorf("too early: %+v", list)
		}
		s.gather()
		if list := s.questions(""); len(list) != 1 {
			s.t.Errorf("got %+v", list)
		}
	})
}
