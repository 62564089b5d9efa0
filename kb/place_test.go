package kb

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
)

// What an answer says stands in its source, at the place that it names.
func TestAnswer_SaysWhereItStands(t *testing.T) {
	filler := strings.Repeat("Something else is written here that nobody asks for, at some length. ", 12)
	body := "# Intro\n\n" + filler + "\n\n# Money\n\n## Refunds  \n\n" + filler + "\n\nRefunds arrive within five working days.  \nThey go to the card that paid.\n\n" + filler + "\n\n# 中文\n\n退款在五个工作日内到账。"
	x := NewIndex()
	x.Put(Article{ID: "a", Slug: "a", Lang: desk.English, Version: 3, Content: Content{Title: "Everything", Body: body, Audience: Customers}}, nil)
	l := &Library{Index: x, Now: time.Now}
	a, ok, err := l.Answer(context.Background(), Question{Text: "refunds arrive within how many working days"})
	if err != nil || !ok {
		t.Fatalf("ok %v, %v, confidence %.2f", ok, err, a.Confidence)
	}
	if a.Place == nil {
		t.Fatalf("no place for %q", a.Text)
	}
	squeeze := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	if got := body[a.Place.From:a.Place.To]; squeeze(got) != squeeze(a.Text) || !strings.Contains(got, "five working days") {
		t.Errorf("at %+v stands %q, the answer is %q", *a.Place, got, a.Text)
	}
	if a.Place.Heading != "Money › Refunds" {
		t.Errorf("heading %q", a.Place.Heading)
	}
	whole, _, err := l.Answer(context.Background(), Question{Article: "a"})
	if err != nil || whole.Place == nil || whole.Place.From != 0 || whole.Place.Passage != 0 {
		t.Errorf("the whole article: %+v, %v", whole.Place, err)
	}
}

func FuzzQuestions(f *testing.F) {
	for _, s := range []string{"refunds arrive when", "退款多久到账", "retunds ariive", "\xff\xfe", "…", "a-b 'c", strings.Repeat("x", 300), "WiFi 上网 internet", ""} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, text, body string) {
		c := Content{Title: "Refunds " + text, Body: body, Questions: []string{text}, Audience: Customers}.Clean()
		x := NewIndex()
		x.Put(Article{ID: "a", Slug: "a", Lang: desk.English, Version: 1, Content: c}, nil)
		x.Put(Article{ID: "b", Slug: "b", Lang: desk.Chinese, Version: 1, Content: Content{Title: "退款", Body: "退款在五个工作日内到账。", Audience: Customers}}, nil)
		x.SetSynonyms(SynonymSet{Lang: desk.English, Synonyms: []Synonym{{Words: []string{text, "refund"}}}}.Clean())
		l := &Library{Index: x, Now: time.Now}
		list, err := l.Replies(context.Background(), Question{Text: text, Context: []string{body, text}}, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range list {
			if a.Confidence < 0 || a.Confidence > 1 || a.Confidence != a.Confidence {
				t.Errorf("confidence %v", a.Confidence)
			}
			if p := a.Place; p != nil && a.Source.Slug == "a" && (p.From < 0 || p.From >= p.To || p.To > len(c.Body)) {
				t.Errorf("place %+v in %d bytes", *p, len(c.Body))
			}
		}
	})
}
