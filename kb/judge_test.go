package kb

import (
	"context"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
)

func TestAnswer_WeighsWhatIsAskedAgainstWhatIsOnlyMentioned(t *testing.T) {
	x := NewIndex()
	for slug, c := range map[string]Content{
		"decaf": {Title: "Decaf", Questions: []string{"How much caffeine is in a latte?", "Can I get a decaf latte?"},
			Body: "Every latte can be made decaf. A decaf latte has 5 mg of caffeine, a usual small latte 75 mg, a large latte 150 mg."},
		"prices": {Title: "Coffee prices", Questions: []string{"How much is a latte?", "What does an americano cost?"}, Body: "Americano 18, latte 24."},
		"beans":  {Title: "Beans", Questions: []string{"Do you sell beans?"}, Body: "We sell beans of four farms."},
		"cups":   {Title: "Cups", Questions: []string{"Are your straws made of plastic?", "What do you do for the environment?"}, Body: "Straws are paper and only on request."},
	} {
		c.Audience = Customers
		x.Put(Article{ID: desk.NewID(), Slug: slug, Lang: desk.English, Version: 1, Content: c}, nil)
	}
	l := &Library{Index: x, Now: time.Now}
	for question, want := range map[string]string{
		"how much is a latte":               "prices",
		"how much caffeine is in a latte":   "decaf",
		"do you sell beans":                 "beans",
		"do you sell laptops":               "", // laptops are in no article
		"who are you":                       "", // no word says what it is about
		"what do you do":                    "",
		"who won the football championship": "",
	} {
		a, ok, err := l.Answer(context.Background(), Question{Text: question, Lang: desk.English})
		if err != nil {
			t.Fatal(err)
		}
		if got := a.Source.Slug; got != want || ok != (want != "") {
			t.Errorf("%s: answered %q (%.2f), want %q", question, got, a.Confidence, want)
		}
	}
}
