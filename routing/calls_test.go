package routing_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/routing"
	"github.com/parleyhq/parley/voice"
)

// call begins a call from a number and returns its conversation.
func (o *office) call(id, number string) desk.Conversation {
	o.tb.Helper()
	c, err := o.CallBegan(context.Background(), routing.CallStart{Call: desk.ID(id), Address: number, Lang: desk.English})
	return must(o.tb, c, err)
}

func (o *office) hangUp(id string, conversation desk.ID) {
	o.tb.Helper()
	must0(o.tb, o.CallEnded(context.Background(), routing.CallOver{Call: desk.ID(id), Conversation: conversation, Cause: "normal"}))
}

// speak lets a caller say something, and waits for the answer.
func (o *office) speak(c desk.Conversation, text string) desk.Conversation {
	o.tb.Helper()
	out, err := o.Hear(context.Background(), desk.Inbound{
		Channel: desk.Voice, Address: c.Address, Contact: c.ContactID, ExternalID: string(desk.NewID()), Text: text, Playbook: c.Playbook,
	})
	must0(o.tb, err)
	return out.Conversation
}

// marks lists the marks of a kind in a conversation.
func (o *office) marks(id desk.ID, kind desk.MarkKind) (out []desk.Mark) {
	o.tb.Helper()
	events, err := o.desk.Timeline(context.Background(), id, 0, 500)
	must0(o.tb, err)
	for _, e := range events {
		var m desk.Mark
		if e.Kind == desk.EventMark && json.Unmarshal(e.Data, &m) == nil && m.Kind == kind {
			out = append(out, m)
		}
	}
	return out
}

func TestCall_IsGreetedAndAnsweredWhileHeWaits(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		c := o.call("call-1", "+4930123456")
		if c.OnCall != "call-1" || c.Channel != desk.Voice || c.Address != "+4930123456" {
			t.Errorf("the call is not noted: %+v", c)
		}
		c = o.speak(c, "hello")
		if got, want := o.said(c.ID), []string{"bot: welcome", "customer: hello", "bot: echo hello"}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		again := o.call("call-1", "+4930123456")
		if again.ID != c.ID || len(o.marks(c.ID, desk.MarkCall)) != 1 {
			t.Error("the same call began twice")
		}
		o.hangUp("call-1", c.ID)
		if c = o.is(c.ID, desk.Automated); c.OnCall != "" {
			t.Error("the call is still up")
		}
		o.pass(31 * time.Minute)
		if c = o.is(c.ID, desk.Closed); c.Disposition != "call_over" {
			t.Errorf("closed as %q", c.Disposition)
		}
	})
}

func TestCall_GoesOnAtTheQuestionUntilHalfAnHourLater(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		c := o.call("call-1", "+4930123456")
		c = o.speak(c, "latte")
		o.hangUp("call-1", c.ID)
		o.pass(5 * time.Minute)
		if again := o.call("call-2", "+4930123456"); again.ID != c.ID {
			t.Fatal("the second call is in another conversation")
		}
		if got := o.said(c.ID); got[len(got)-1] != "bot: echo latte" || len(got) != 4 {
			t.Errorf("the question was not repeated: %v", got)
		}
		o.pass(40 * time.Minute) // the first call's closing must not hit the second
		o.hangUp("call-2", o.is(c.ID, desk.Automated).ID)
		o.advance(31 * time.Minute) // before the job runs
		o.call("call-3", "+4930123456")
		if got := o.said(c.ID); got[len(got)-1] != "bot: welcome" {
			t.Errorf("an old conversation did not start over: %v", got)
		}
	})
}

func TestCall_WhoHangsUpInLineLeavesItAndFindsHisPlaceAgain(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		a := o.call("call-1", "+4930111111")
		a = o.speak(a, "person")
		since := o.is(a.ID, desk.Waiting).WaitingSince
		o.pass(time.Minute)
		b := o.speak(o.call("call-2", "+4930222222"), "person")
		o.hangUp("call-1", a.ID)
		o.is(a.ID, desk.Automated)
		if m := o.marks(a.ID, routing.MarkAbandoned); len(m) != 1 || m[0].Value != "support" || m[0].Data["waited"] != "60" {
			t.Errorf("marks: %+v", m)
		}
		o.pass(time.Minute)
		o.call("call-3", "+4930111111")
		if c := o.is(a.ID, desk.Waiting); !c.WaitingSince.Equal(since) {
			t.Errorf("he waits since %s, want %s", c.WaitingSince, since)
		}
		place, err := o.Place(context.Background(), b.ID)
		if must(t, place, err).Position != 2 {
			t.Errorf("the other one is at %d, want 2", place.Position)
		}
		o.hangUp("call-3", a.ID)
		o.pass(31 * time.Minute)
		o.is(a.ID, desk.Closed)
	})
}

func TestCall_OfferIsTakenBackWhenTheCallerHangsUp(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ann := o.agent("ann")
		c := o.speak(o.call("call-1", "+4930111111"), "person")
		o.run()
		o.offerTo(ann)
		o.hangUp("call-1", c.ID)
		o.run()
		if o.is(c.ID, desk.Automated); o.offered(ann) {
			t.Error("the offer is still open")
		}
		o.agent("bob")
		o.call("call-2", "+4930111111")
		o.run()
		if got := o.offerTo(ann); got.ConversationID != c.ID {
			t.Errorf("offered %+v", got)
		}
	})
}

func TestCall_TheSameAgentGetsHimBack(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ann := o.agent("ann")
		c := o.speak(o.call("call-1", "+4930111111"), "person")
		o.run()
		_, err := o.AcceptOffer(context.Background(), ann.ID, o.offerTo(ann).ID)
		must0(t, err)
		o.hangUp("call-1", c.ID)
		if got := o.is(c.ID, desk.Assigned); got.Channel != desk.Voice {
			t.Error("wrap-up costs less than the call")
		}
		if got := o.call("call-2", "+4930111111"); got.Status != desk.Assigned || got.AgentID != ann.ID || got.OnCall != "call-2" {
			t.Errorf("got %+v", got)
		}
	})
}

func TestCall_ATapOnThePageDoesNotMoveIt(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		c := o.call("call-1", "+4930111111")
		_, err := o.Accept(context.Background(), desk.Inbound{Channel: desk.Webchat, Address: "page-1", ExternalID: "t1", Text: "latte", Contact: c.ContactID})
		must0(t, err)
		o.run()
		got := o.conversation(c.ID)
		if got.Channel != desk.Voice || got.Address != "+4930111111" {
			t.Errorf("the tap moved the call to %s %s", got.Channel, got.Address)
		}
		if said := o.said(c.ID); said[len(said)-1] != "bot: echo latte" {
			t.Errorf("said %v", said)
		}
		o.hangUp("call-1", c.ID)
		if got := o.conversation(c.ID); got.Channel != desk.Webchat || got.Address != "page-1" {
			t.Errorf("after the call he is reached on %s %s", got.Channel, got.Address)
		}
	})
}

func TestCall_WhoWaitsInAChatAndCallsGoesOnWaitingThere(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.hear("page-1", "person")
		o.run()
		rec, open, err := o.desk.OpenConversation(context.Background(), o.contactAt(desk.Webchat, "page-1"), "")
		if err != nil || !open {
			t.Fatal(open, err)
		}
		c, err := o.CallBegan(context.Background(), routing.CallStart{Call: "call-1", Address: "+4930111111", Contact: rec.ContactID})
		if must(t, c, err).ID != rec.ID || c.Status != desk.Waiting {
			t.Fatalf("got %+v", c)
		}
		o.hangUp("call-1", c.ID)
		if got := o.is(c.ID, desk.Waiting); got.Channel != desk.Webchat {
			t.Errorf("he is on %s", got.Channel)
		}
	})
}

func (o *office) contactAt(channel desk.ChannelName, address string) desk.ID {
	o.tb.Helper()
	c, err := o.Meet(context.Background(), routing.Person{Identity: desk.Identity{Channel: channel, Address: address}})
	return must(o.tb, c, err).ID
}

func TestCall_CallerIsKnownByHisCardButNotByAClaim(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := context.Background()
		p := routing.Person{Identity: desk.Identity{Channel: desk.Webchat, Address: "w1"}, Phone: "+4930111111"}
		claims, err := o.Meet(ctx, p)
		must0(t, err)
		if c := o.call("call-1", "+4930111111"); c.ContactID == claims.ID {
			t.Error("a number that somebody claims let a caller into his conversation")
		}
		phone := "+4930222222"
		_, err = o.EditContact(ctx, claims.ID, routing.ContactEdit{Phone: &phone})
		must0(t, err)
		c := o.call("call-2", phone)
		if c.ContactID != claims.ID || c.Verified {
			t.Errorf("got %+v", c)
		}
		who, err := o.desk.Contact(ctx, c.ContactID)
		if at := (desk.Identity{Channel: desk.Voice, Address: phone}); !slices.Contains(must(t, who, err).Identities, at) {
			t.Errorf("identities: %v", who.Identities)
		}
	})
}

func TestCall_TwoAtOnceFromOneNumberAreTwoConversations(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		a, b := o.call("call-1", "+4930111111"), o.call("call-2", "+4930111111")
		if a.ID == b.ID || a.ContactID == b.ContactID || b.Address != a.Address {
			t.Fatalf("got %+v and %+v", a, b)
		}
		if got := o.speak(b, "latte"); got.ID != b.ID {
			t.Error("what the second said went to the first")
		}
	})
}

func TestCall_ManyAtTheSameMomentFromOneNumber(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		const n = 6
		var mu sync.Mutex
		found := map[desk.ID]int{}
		var all sync.WaitGroup
		for i := range n {
			all.Go(func() {
				c, err := o.CallBegan(context.Background(), routing.CallStart{Call: desk.ID(fmt.Sprint("call-", i)), Address: "+4930111111"})
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				found[c.ID]++
			})
		}
		all.Wait()
		if len(found) != n {
			t.Errorf("%d conversations for %d calls: %v", len(found), n, found)
		}
	})
}

func TestCall_HiddenNumbersHaveNothingInCommon(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		seen := map[desk.ID]bool{}
		for i, number := range []string{"", "anonymous", "Anonymous", "Restricted"} {
			id := fmt.Sprint("call-", i)
			c := o.call(id, number)
			if seen[c.ContactID] {
				t.Errorf("%q is taken for somebody else who hid his number", number)
			}
			seen[c.ContactID] = true
			if got := o.speak(c, "latte"); got.ID != c.ID {
				t.Errorf("%q: what he said went elsewhere", number)
			}
			o.hangUp(id, c.ID)
		}
	})
}

func TestCall_WhatWasSaidAfterAProofIsNotRepeatedToWhoeverCalls(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.say = func(t turn) []desk.Step {
			if t.Message == nil {
				return []desk.Step{say(fmt.Sprintf("welcome, state %q", t.State))}
			}
			return []desk.Step{desk.Mark{Kind: desk.MarkVerified}, desk.Remember{State: json.RawMessage(`"secret"`)}, say("your balance is 12")}
		}
		c := o.speak(o.call("call-1", "+4930111111"), "1234")
		o.hangUp("call-1", c.ID)
		o.call("call-2", "+4930111111")
		said := o.said(c.ID)
		if got := said[len(said)-1]; got != `bot: welcome, state ""` {
			t.Errorf("the next caller hears %q", got)
		}
	})
}

func TestCall_WhatAnAgentTypesReachesThePhoneAfterwards(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := context.Background()
		ann := o.agent("ann")
		o.line.pull = false
		c := o.speak(o.call("call-1", "+4930111111"), "person")
		o.run()
		_, err := o.AcceptOffer(ctx, ann.ID, o.offerTo(ann).ID)
		must0(t, err)
		reply := func(id string) {
			t.Helper()
			_, err := o.Reply(ctx, ann, c.ID, routing.Reply{ClientID: id, Text: "your number is A17"})
			must0(t, err)
			o.run()
		}
		reply("during")
		o.hangUp("call-1", c.ID)
		reply("after")
		if got := o.line.addresses; !slices.Equal(got, []string{"sms +4930111111"}) {
			t.Errorf("sent to %v", got)
		}
	})
}

func TestCall_FromTheNumberProvesNothing(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := context.Background()
		o.say = func(t turn) []desk.Step {
			if t.Message == nil {
				return []desk.Step{say("welcome")}
			}
			return []desk.Step{desk.Mark{Kind: desk.MarkVerified, Flow: "pin"}, say("thank you")}
		}
		c := o.speak(o.call("call-1", "+4930111111"), "1234")
		if !c.Verified {
			t.Fatal("the proof was not kept")
		}
		o.hangUp("call-1", c.ID)
		if c = o.call("call-2", "+4930111111"); c.Verified {
			t.Error("whoever calls from the number is taken for him")
		}
		o.hangUp("call-2", c.ID)
		c, err := o.CallBegan(ctx, routing.CallStart{Call: "call-3", Address: "+4930111111", Verified: true})
		if !must(t, c, err).Verified {
			t.Error("a proven call is not verified")
		}
	})
}

func TestCall_WhoIsSignedInOnTheSiteIsNotProvenOnThePhone(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := context.Background()
		web := desk.Identity{Channel: desk.Webchat, Address: "w1"}
		who, err := o.Meet(ctx, routing.Person{Identity: web, Phone: "+4930111111", Verified: true, Vouched: true})
		must0(t, err)
		var seen []bool
		o.say = func(t turn) []desk.Step { seen = append(seen, t.Contact.Verified); return []desk.Step{say("x")} }
		c := o.call("call-1", "+4930111111")
		if c.ContactID != who.ID {
			t.Fatal("the caller is somebody else")
		}
		o.hangUp("call-1", c.ID)
		o.hear("w1", "hello")
		o.run()
		if want := []bool{false, true}; !slices.Equal(seen, want) {
			t.Errorf("verified %v, want %v", seen, want)
		}
	})
}

func TestHeard_NobodyKnowsMoreThanWasHeard(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := context.Background()
		c := o.call("call-1", "+4930111111")
		greeting := o.messages(c.ID)[0]
		must0(t, o.Heard(ctx, greeting.ID, "wel"))
		if m := o.messages(c.ID)[0]; m.Heard != "wel" || m.Content.Text != "welcome" {
			t.Errorf("got %+v", m)
		}
		var history string
		o.say = func(t turn) []desk.Step { history = t.History[0].Content.Text; return nil }
		o.speak(c, "hello")
		if history != "wel" {
			t.Errorf("the responder believes that he heard %q", history)
		}
		newest, err := o.desk.Newest(ctx, c.ID, 10)
		if must(t, newest, err)[0].Content.Text != "wel" {
			t.Errorf("suggestions read %+v", newest[0])
		}
		if err := o.Heard(ctx, "nothing", "x"); !desk.IsKind(err, desk.NotFound) {
			t.Errorf("got %v", err)
		}
	})
}

func TestSpoke_IsTheAgentsAndStoredOnce(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := context.Background()
		ann := o.agent("ann")
		c := o.speak(o.call("call-1", "+4930111111"), "person")
		o.run()
		_, err := o.AcceptOffer(ctx, ann.ID, o.offerTo(ann).ID)
		must0(t, err)
		for range 2 {
			must0(t, o.Spoke(ctx, ann, c.ID, "u1", "How can I help?"))
		}
		all := o.messages(c.ID)
		m := all[len(all)-1]
		if m.Author.ID != ann.ID || m.Channel != desk.Voice || m.Delivery != desk.Delivered || m.Content.Text != "How can I help?" || len(all) != 4 {
			t.Errorf("got %d messages, the last %+v", len(all), m)
		}
		if err := o.Spoke(ctx, ann, c.ID, "", "x"); !desk.IsKind(err, desk.Invalid) {
			t.Errorf("got %v", err)
		}
	})
}

func TestCall_WhoseNodeDiedAtItsEndEnds(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := context.Background()
		c := o.speak(o.call("call-1", "+4930111111"), "person")
		up := voice.Record{ID: "call-1", Source: "parley", Direction: "in", StartedAt: o.time()}
		must0(t, o.db.Voice().StartCall(ctx, up))
		o.advance(10 * time.Minute)
		must0(t, o.periodic(routing.SweepJob))
		o.is(c.ID, desk.Waiting) // the call goes on
		up.EndedAt = o.time()
		_, err := o.db.Voice().FinishCall(ctx, up)
		must0(t, err)
		must0(t, o.periodic(routing.SweepJob))
		o.is(c.ID, desk.Waiting) // its node may be about to say so
		o.advance(2 * time.Minute)
		must0(t, o.periodic(routing.SweepJob))
		if got := o.is(c.ID, desk.Automated); got.OnCall != "" {
			t.Error("the call that ended is still up")
		}
	})
}

func TestCall_GoesOnWhenItsAgentsConsoleIsGone(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := context.Background()
		c := o.speak(o.call("call-1", "+4930111111"), "person")
		ann := o.agent("ann")
		_, err := o.AcceptOffer(ctx, ann.ID, o.offerTo(ann).ID)
		must0(t, err)
		must0(t, o.Disconnected(ctx, ann.ID))
		o.pass(5 * time.Minute)
		if got := o.is(c.ID, desk.Assigned); got.AgentID != ann.ID {
			t.Errorf("with %s", got.AgentID)
		}
		o.hangUp("call-1", c.ID)
		must0(t, o.Sweep(ctx))
		o.is(c.ID, desk.Waiting)
	})
}

func TestHear_WhatIsSaidAfterTheCloseBeginsNoConversation(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := context.Background()
		c := o.speak(o.call("call-1", "+4930111111"), "person")
		ann := o.agent("ann")
		_, err := o.AcceptOffer(ctx, ann.ID, o.offerTo(ann).ID)
		must0(t, err)
		_, err = o.Close(ctx, ann, c.ID, "solved")
		must0(t, err)
		_, err = o.Hear(ctx, desk.Inbound{Channel: desk.Voice, Address: c.Address, Contact: c.ContactID, ExternalID: "call-1.9", Text: "bye", Playbook: c.Playbook})
		if code(err) != "conversation_closed" {
			t.Errorf("got %v", err)
		}
		if _, open, err := o.desk.OpenConversation(ctx, c.ContactID, c.Playbook); must(t, open, err) {
			t.Error("there is another conversation, without a call")
		}
	})
}
