package routing_test

import (
	"context"
	"slices"
	"testing"

	"github.com/parleyhq/parley/desk"
)

func TestHandBack_TheBotGoesOnWithTheNewestWords(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := context.Background()
		ann, id := o.talk()
		o.hear("bob", "a latte please")
		o.run()
		ben := o.agent("ben")
		if _, err := o.HandBack(ctx, ben, id, "flow:order"); code(err) != "not_yours" {
			t.Errorf("ben hands back what ann has: %v", err)
		}
		if _, err := o.HandBack(ctx, ann, id, "queue:support"); code(err) != "bad_target" {
			t.Errorf("a queue is no flow: %v", err)
		}
		var entered desk.Target
		o.say = func(t turn) []desk.Step { entered = t.Enter; return echo(t) }
		c, err := o.HandBack(ctx, ann, id, "flow:order")
		must0(t, err)
		if c.Status != desk.Automated || c.AgentID != "" || c.Responder != "bot" || entered != "flow:order" {
			t.Errorf("got %+v, entered %q", c, entered)
		}
		said := o.said(id)
		if n := len(said); n < 2 || said[n-1] != "bot: echo a latte please" {
			t.Errorf("said %q", said)
		}
		o.run()
		if again := o.said(id); !slices.Equal(said, again) {
			t.Errorf("old words were answered again: %q", again)
		}
		o.hear("bob", "large")
		o.run()
		if said := o.said(id); said[len(said)-1] != "bot: echo large" {
			t.Errorf("the bot does not go on: %q", said)
		}
		if _, err := o.Take(ctx, ann, id); err != nil {
			t.Errorf("it is not taken back: %v", err)
		}
	})
}

func TestHandBack_WhoWouldComeBackAtOnceStays(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := context.Background()
		ann, id := o.talk() // the newest words are "person"
		o.say = func(t turn) []desk.Step { return []desk.Step{desk.HandOff{Queue: "support"}} }
		before := o.said(id)
		if _, err := o.HandBack(ctx, ann, id, "flow:order"); code(err) != "bot_cannot" {
			t.Errorf("got %v", err)
		}
		if c := o.is(id, desk.Assigned); c.AgentID != ann.ID || !slices.Equal(before, o.said(id)) {
			t.Errorf("something changed: %+v", c)
		}
		o.say = func(t turn) []desk.Step {
			if t.Message != nil {
				return []desk.Step{desk.HandOff{Queue: "support"}}
			}
			return []desk.Step{say("what size?")}
		}
		if _, err := o.HandBack(ctx, ann, id, "flow:order"); err != nil {
			t.Errorf("without the words that ask for a person: %v", err)
		}
	})
}
