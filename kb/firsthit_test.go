package kb_test

import (
	"testing"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/kb"
)

func TestAnswer_WhatWasSpokenOfBeforeDoesNotHideWhatIsAskedInItsVeryWords(t *testing.T) {
	articles := []kb.Article{
		live("trips", "No trips come in", "Check that you are online and stand where trips begin. A trip is offered to who is nearest.", "Why do I get no trips?", "Why are there no trips near me?"),
		live("waiting", "When a no-show is paid", "Wait five minutes at the point and call once through the app.", "How long do I have to wait for a passenger?", "How much is the no-show fee?"),
		live("payday", "When you are paid", "We pay on Mondays for the week before.", "When do I get my money?"),
		live("gps", "The map is wrong", "Restart the phone, then the app.", "Why does the map show the wrong place?"),
	}
	for name, e := range map[string]kb.Embedder{"words": nil, "vectors": kb.BuiltIn{}} {
		l := must[*kb.Library](t)(kb.InMemory(t.Context(), articles, nil, e))
		a, ok, err := l.Answer(t.Context(), kb.Question{Text: "How long do I have to wait for a passenger?", Lang: desk.English, Context: []string{"A problem with a trip", "No trips, the route was wrong, no trips"}})
		if err != nil || !ok || a.Source.Slug != "waiting" {
			t.Errorf("%s: got %q, %t, confidence %.2f, %v; want what is asked in these words", name, a.Source.Slug, ok, a.Confidence, err)
		}
	}
}

func live(slug, title, body string, questions ...string) kb.Article {
	return kb.Article{ID: desk.ID(slug), Slug: slug, Lang: desk.English, Status: kb.Published, Version: 1, PublishedVersion: 1,
		Content: kb.Content{Audience: kb.Customers, Title: title, Body: body, Questions: questions}}
}
