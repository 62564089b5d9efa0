package routing_test

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/routing"
)

// talk makes an agent who has a conversation with bob.
func (o *office) talk() (desk.Author, desk.ID) {
	o.tb.Helper()
	ann := o.agent("ann")
	o.wait("bob")
	o.run()
	return ann, o.accept(ann)
}

func TestReply_ReachesTheCustomerOnce(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := context.Background()
		o.line.pull = false
		ann, id := o.talk()
		r := routing.Reply{ClientID: "1", Text: "**hello**\x00"}
		first, err := o.Reply(ctx, ann, id, r)
		must0(t, err)
		again, err := o.Reply(ctx, ann, id, r)
		must0(t, err)
		if first.ID != again.ID || first.Content.Text != "**hello**" || !first.Content.Markdown {
			t.Errorf("got %+v and %+v", first, again)
		}
		o.run()
		if n := o.line.got[first.ID]; n != 1 {
			t.Errorf("sent %d times", n)
		}
	})
}

func TestReply_OnlyTheHolderWritesToTheCustomerAnybodyLeavesNotes(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := context.Background()
		o.line.pull = false
		_, id := o.talk()
		ben := o.agent("ben")
		if _, err := o.Reply(ctx, ben, id, routing.Reply{ClientID: "1", Text: "hi"}); code(err) != "not_yours" {
			t.Errorf("got %v", err)
		}
		note, err := o.Reply(ctx, ben, id, routing.Reply{ClientID: "2", Text: "he called, too", Private: true})
		must0(t, err)
		o.run()
		if !note.Private || note.Delivery != "" || o.line.got[note.ID] != 0 {
			t.Errorf("the note went out: %+v", note)
		}
		for _, bad := range []routing.Reply{{ClientID: "3"}, {Text: "x"}, {ClientID: "4", Text: strings.Repeat("x", routing.MaxText+1)}} {
			if _, err := o.Reply(ctx, ben, id, bad); err == nil {
				t.Errorf("%+v was taken", bad)
			}
		}
	})
}

func TestTransfer_ToAQueueAndToAnAgent(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := context.Background()
		must0(t, o.PutQueue(ctx, desk.Queue{Name: "support"}))
		must0(t, o.PutQueue(ctx, desk.Queue{Name: "billing"}))
		ann, id := o.talk()
		ben, cy := o.agent("ben"), o.agent("cy")
		if _, err := o.Transfer(ctx, ben, id, routing.Destination{Queue: "billing"}, ""); code(err) != "not_yours" {
			t.Errorf("ben transfers what ann has: %v", err)
		}
		if _, err := o.Transfer(ctx, ann, id, routing.Destination{Queue: "nowhere"}, ""); code(err) != "no_queue" {
			t.Errorf("got %v", err)
		}
		if _, err := o.Transfer(ctx, ann, id, routing.Destination{}, ""); code(err) != "bad_destination" {
			t.Errorf("got %v", err)
		}
		c, err := o.Transfer(ctx, ann, id, routing.Destination{Agent: cy.ID}, "he wants his money back")
		must0(t, err)
		if c.Queue != "support" {
			t.Errorf("it waits in %s", c.Queue)
		}
		o.run()
		must0(t, o.DeclineOffer(ctx, cy.ID, o.offerTo(cy).ID))
		o.run()
		o.offerTo(ben) // not ann, who transferred it
		o.accept(ben)
		m := o.messages(id)
		if note := m[len(m)-1]; !note.Private || note.Content.Text != "he wants his money back" {
			t.Errorf("got %+v", note)
		}
		c, err = o.Transfer(ctx, ben, id, routing.Destination{Queue: "billing"}, "")
		must0(t, err)
		if c.Queue != "billing" || c.Status != desk.Waiting {
			t.Errorf("got %+v", c)
		}
	})
}

func TestPark_UntilATime(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := context.Background()
		ann, id := o.talk()
		if _, err := o.Park(ctx, ann, id, o.time()); code(err) != "until_past" {
			t.Errorf("got %v", err)
		}
		_, err := o.Park(ctx, ann, id, o.time().Add(5*time.Second))
		must0(t, err)
		o.pass(4 * time.Second)
		o.is(id, desk.Parked)
		o.pass(2 * time.Second)
		o.is(id, desk.Assigned)
		_, err = o.Park(ctx, ann, id, time.Time{})
		must0(t, err)
		_, err = o.Unpark(ctx, ann, id)
		must0(t, err)
		o.is(id, desk.Assigned)
	})
}

func TestClose_ThenRate(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := context.Background()
		ann, id := o.talk()
		ben := o.agent("ben")
		if _, err := o.Close(ctx, ben, id, ""); code(err) != "not_yours" {
			t.Errorf("ben closes what ann has: %v", err)
		}
		if _, err := o.Rate(ctx, id, 5, ""); !desk.IsKind(err, desk.Conflict) {
			t.Errorf("rated before the end: %v", err)
		}
		c, err := o.Close(ctx, ann, id, "solved")
		must0(t, err)
		if c.Disposition != "solved" {
			t.Errorf("got %+v", c)
		}
		c, err = o.Rate(ctx, id, 4, "fine")
		must0(t, err)
		if c.Rating != 4 || c.RatingNote != "fine" {
			t.Errorf("got %+v", c)
		}
		a, err := o.desk.Agent(ctx, ann.ID)
		must0(t, err)
		if a.Load != 0 {
			t.Errorf("ann's load is %d", a.Load)
		}
	})
}

func TestEditHandOver_UntilTheFirstReply(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := context.Background()
		o.say = func(turn) []desk.Step {
			return []desk.Step{desk.HandOff{Queue: "support", Card: &desk.HandOver{Reason: "asked", Wants: "coffee",
				Facts: []desk.Fact{{Key: "size", Label: "Size", Value: "small"}, {Key: "phone", Label: "Phone", Value: "1"}}}}}
		}
		ann, id := o.talk()
		wants := "two coffees"
		c, err := o.EditHandOver(ctx, id, routing.HandOverEdit{Wants: &wants, Remove: []string{"phone"},
			Set: []desk.Fact{{Key: "size", Value: "large"}, {Key: "when", Label: "When", Value: "now"}}})
		must0(t, err)
		want := &desk.HandOver{Reason: "asked", Wants: wants, Edited: &desk.EditTrace{Changed: 3, Removed: 1},
			Facts: []desk.Fact{{Key: "size", Label: "Size", Value: "large"}, {Key: "when", Label: "When", Value: "now"}}}
		if !reflect.DeepEqual(c.HandOver, want) {
			t.Errorf("got %+v, want %+v", c.HandOver, want)
		}
		_, err = o.Reply(ctx, ann, id, routing.Reply{ClientID: "1", Text: "hi"})
		must0(t, err)
		if _, err := o.EditHandOver(ctx, id, routing.HandOverEdit{Wants: &wants}); code(err) != "card_used" {
			t.Errorf("got %v", err)
		}
	})
}

func TestMarkRead_NeverGoesBack(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := context.Background()
		_, id := o.talk()
		o.hear("bob", "one")
		last := o.hear("bob", "two").Message.Seq
		row, err := o.desk.Row(ctx, id)
		must0(t, err)
		if row.Unread != 3 {
			t.Errorf("%d unread, want 3", row.Unread)
		}
		must0(t, o.MarkRead(ctx, id, desk.ByAgent, last-1))
		must0(t, o.MarkRead(ctx, id, desk.ByAgent, 1))
		must0(t, o.MarkRead(ctx, id, desk.ByCustomer, 1_000_000))
		c := o.conversation(id)
		if c.AgentSeq != last-1 || c.CustomerSeq != c.Seq {
			t.Errorf("agent %d, customer %d of %d", c.AgentSeq, c.CustomerSeq, c.Seq)
		}
		if row, err = o.desk.Row(ctx, id); err != nil || row.Unread != 1 {
			t.Errorf("%d unread, want 1 (%v)", row.Unread, err)
		}
	})
}

func TestContacts_MeetEditAndPages(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := context.Background()
		at := desk.Identity{Channel: desk.Webchat, Address: "v1"}
		first, err := o.Meet(ctx, routing.Person{Identity: at, Name: "Ann", Lang: desk.Chinese})
		must0(t, err)
		again, err := o.Meet(ctx, routing.Person{Identity: at, Name: "Mallory", Attributes: map[string]string{"plan": "gold"}})
		must0(t, err)
		if again.ID != first.ID || again.Name != "Ann" || again.Lang != desk.Chinese || again.Attributes["plan"] != "gold" {
			t.Errorf("got %+v", again)
		}
		signed, err := o.Meet(ctx, routing.Person{Identity: at, Name: "Mallory", Email: "m@example.com", Attributes: map[string]string{"plan": "platinum"}, Verified: true})
		must0(t, err)
		if signed.Name != "Ann" || !signed.Verified || signed.Email != "m@example.com" || signed.Attributes["plan"] != "gold" || !slices.Equal(signed.Claimed, []string{"name", "attributes.plan", "email"}) {
			t.Errorf("a signed id brought unsigned facts: got %+v", signed)
		}
		if v := signed.Vouched(); v.Name != "" || v.Email != "" || len(v.Attributes) != 0 || signed.Attributes["plan"] != "gold" {
			t.Errorf("claims pass as vouched for: %+v", v)
		}
		signed, err = o.Meet(ctx, routing.Person{Identity: at, Name: "Ann Wu", Attributes: map[string]string{"plan": "gold"}, Verified: true, Vouched: true})
		must0(t, err)
		if signed.Name != "Ann Wu" || !slices.Equal(signed.Claimed, []string{"email"}) || signed.Vouched().Attributes["plan"] != "gold" {
			t.Errorf("got %+v", signed)
		}
		stored, err := o.desk.Contact(ctx, first.ID)
		must0(t, err)
		if !slices.Equal(stored.Claimed, []string{"email"}) {
			t.Errorf("stored %+v", stored)
		}
		for i := range 60 {
			o.advance(time.Millisecond)
			must0(t, o.Saw(ctx, first.ID, "https://shop.example/"+strings.Repeat("a", i), "Shop"))
		}
		if err := o.Saw(ctx, first.ID, "javascript:alert(1)", ""); code(err) != "bad_url" {
			t.Errorf("got %v", err)
		}
		out := o.hear("v1", "hello")
		name := "Wu An"
		edited, err := o.EditContact(ctx, first.ID, routing.ContactEdit{Name: &name, Email: &signed.Email, Lang: desk.English, Tags: []string{"vip"}})
		must0(t, err)
		if !slices.Equal(edited.Claimed, []string{"email"}) {
			t.Errorf("a claim that was saved again unchanged: %v", edited.Claimed)
		}
		email := "ann@example.com"
		if edited, err = o.EditContact(ctx, first.ID, routing.ContactEdit{Email: &email}); err != nil || len(edited.Claimed) != 0 {
			t.Errorf("a corrected claim: %v, %v", edited.Claimed, err)
		}
		if c := o.conversation(out.Conversation.ID); c.Lang != desk.English || c.ContactID != first.ID {
			t.Errorf("got %+v", c)
		}
		j, err := o.desk.Journey(ctx, first.ID)
		must0(t, err)
		if len(j.Pages) != 50 || len(j.Pages[0].URL) != len("https://shop.example/")+59 || len(j.Conversations) != 1 {
			t.Errorf("%d pages, %d conversations, newest %q", len(j.Pages), len(j.Conversations), j.Pages[0].URL)
		}
		found, next, err := o.desk.Contacts(ctx, "wu AN", "", 10)
		must0(t, err)
		if len(found) != 1 || next != "" || found[0].Tags[0] != "vip" {
			t.Errorf("found %+v", found)
		}
	})
}
