package routing_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/store"
	"github.com/parleyhq/parley/routing"
)

// dialed lists the agents for whom calling back is queued.
func (o *office) dialed() []string {
	o.tb.Helper()
	out, err := store.All(context.Background(), o.db.Read(), store.Value[string], "SELECT args ->> 'agent_id' FROM jobs WHERE kind = $1 ORDER BY id", routing.DialJob)
	return must(o.tb, out, err)
}

func TestCallback_KeepsThePlaceOfWhoHangsUp(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := context.Background()
		a := o.speak(o.call("call-1", "+4930111111"), "person")
		o.pass(time.Minute)
		b := o.speak(o.call("call-2", "+4930222222"), "person")
		must0(t, o.AskCallback(ctx, a.ID, desk.Callback{Phone: "+49 30 111-111"}))
		if got := o.conversation(a.ID); got.Callback == nil || got.Callback.Phone != "+4930111111" {
			t.Fatalf("got %+v", got.Callback)
		}
		if said := o.said(a.ID); !strings.Contains(said[len(said)-1], "call you back at +4930111111") {
			t.Errorf("he was told %q", said[len(said)-1])
		}
		o.hangUp("call-1", a.ID)
		if c := o.is(a.ID, desk.Waiting); c.OnCall != "" {
			t.Error("the call is still up")
		}
		place, err := o.Place(ctx, b.ID)
		if must(t, place, err).Position != 2 {
			t.Errorf("the next one is at %d, want 2", place.Position)
		}
		ann := o.agent("ann")
		offer := o.offerTo(ann)
		if offer.ConversationID != a.ID {
			t.Fatal("his turn was not his")
		}
		_, err = o.AcceptOffer(ctx, ann.ID, offer.ID)
		must0(t, err)
		if got := o.dialed(); len(got) != 1 || got[0] != string(ann.ID) {
			t.Errorf("dialed for %v", got)
		}
		agent, err := o.desk.Agent(ctx, ann.ID)
		if must(t, agent, err).Load != 100 {
			t.Errorf("a call back costs %d, want 100", agent.Load)
		}

		must0(t, o.CallbackTried(ctx, a.ID, "busy"))
		if c := o.is(a.ID, desk.Assigned); c.Callback == nil || c.Callback.Tries != 1 || c.Callback.Result != "busy" {
			t.Errorf("after a busy line: %+v", c.Callback)
		}
		c, err := o.CallBegan(ctx, routing.CallStart{Call: "call-3", Address: "+4930111111", Conversation: a.ID})
		if must(t, c, err); c.Status != desk.Assigned || c.OnCall != "call-3" || c.Callback != nil {
			t.Errorf("got %+v", c)
		}
		must0(t, o.CallbackTried(ctx, a.ID, "answered"))
		if said := o.said(a.ID); strings.Contains(said[len(said)-1], "welcome") {
			t.Error("an outgoing call was greeted")
		}
	})
}

func TestCallback_WhoIsStillOnTheLineIsNotCalled(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := context.Background()
		c := o.speak(o.call("call-1", "+4930111111"), "person")
		must0(t, o.AskCallback(ctx, c.ID, desk.Callback{Phone: "+4930111111"}))
		ann := o.agent("ann")
		_, err := o.AcceptOffer(ctx, ann.ID, o.offerTo(ann).ID)
		must0(t, err)
		o.is(c.ID, desk.Assigned)
		must0(t, o.CallbackTried(ctx, c.ID, "answered")) // they talk
		o.hangUp("call-1", c.ID)
		if got := o.is(c.ID, desk.Assigned); got.Callback != nil || len(o.dialed()) > 0 {
			t.Errorf("callback %+v, dialed for %v", got.Callback, o.dialed())
		}
	})
}

func TestCallback_WhoHangsUpBeforeTheAgentIsThereIsCalled(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := context.Background()
		c := o.speak(o.call("call-1", "+4930111111"), "person")
		must0(t, o.AskCallback(ctx, c.ID, desk.Callback{Phone: "+4930111111"}))
		ann := o.agent("ann")
		_, err := o.AcceptOffer(ctx, ann.ID, o.offerTo(ann).ID)
		must0(t, err)
		o.hangUp("call-1", c.ID)
		if got := o.is(c.ID, desk.Assigned); got.Callback == nil || len(o.dialed()) != 1 || o.dialed()[0] != string(ann.ID) {
			t.Errorf("callback %+v, dialed for %v", got.Callback, o.dialed())
		}
	})
}

func TestCallback_AtATimeIsNotOfferedBefore(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := context.Background()
		ann := o.agent("ann")
		c := o.hear("page-1", "person").Conversation
		o.run()
		o.offerTo(ann)
		must0(t, o.AskCallback(ctx, c.ID, desk.Callback{Phone: "+4930111111", At: o.time().Add(30 * time.Second)}))
		o.run()
		if o.offered(ann) {
			t.Error("offered before its time")
		}
		o.pass(25 * time.Second)
		if o.offered(ann) {
			t.Error("offered before its time")
		}
		o.pass(7 * time.Second)
		if got := o.offerTo(ann); got.ConversationID != c.ID {
			t.Errorf("offered %+v", got)
		}
		must0(t, o.CancelCallback(ctx, c.ID))
		_, err := o.AcceptOffer(ctx, ann.ID, o.offerTo(ann).ID)
		must0(t, err)
		if got := o.dialed(); len(got) > 0 {
			t.Errorf("dialed for %v although it was cancelled", got)
		}
	})
}

func TestCallback_RefusesWhatCannotBeKept(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := context.Background()
		c := o.hear("page-1", "person").Conversation
		o.run()
		for _, bad := range []struct {
			cb   desk.Callback
			code string
		}{
			{desk.Callback{}, "bad_phone"},
			{desk.Callback{Phone: "112"}, "bad_phone"},
			{desk.Callback{Phone: "+49301111111111111111"}, "bad_phone"},
			{desk.Callback{Phone: "sip:evil\r\n@x y"}, "bad_phone"},
			{desk.Callback{Phone: "sip:a b@x"}, "bad_phone"},
			{desk.Callback{Phone: "+4930111111", At: o.time().Add(-time.Second)}, "bad_time"},
			{desk.Callback{Phone: "+4930111111", At: o.time().Add(15 * 24 * time.Hour)}, "bad_time"},
		} {
			if err := o.AskCallback(ctx, c.ID, bad.cb); code(err) != bad.code {
				t.Errorf("%+v: got %v, want %q", bad.cb, err, bad.code)
			}
		}
		d := o.hear("page-2", "latte").Conversation
		if err := o.AskCallback(ctx, d.ID, desk.Callback{Phone: "+4930111111"}); code(err) != "bad_status" {
			t.Errorf("who does not wait: %v", err)
		}
	})
}

func TestUnreached_WaitsFirstInLineAndIsMissed(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := context.Background()
		first := o.speak(o.call("call-1", "+4930111111"), "person")
		ann := o.agent("ann")
		_, err := o.AcceptOffer(ctx, ann.ID, o.offerTo(ann).ID)
		must0(t, err)
		other := o.speak(o.call("call-2", "+4930222222"), "person")
		o.pass(20 * time.Second)
		must0(t, o.Unreached(ctx, first.ID, "agent-bob")) // has it not
		o.is(first.ID, desk.Assigned)
		must0(t, o.Unreached(ctx, first.ID, ann.ID))
		o.is(first.ID, desk.Waiting)
		place, err := o.Place(ctx, other.ID)
		if must(t, place, err).Position != 2 {
			t.Errorf("the other one is at %d, want 2", place.Position)
		}
		o.run()
		if got := o.offerTo(ann); got.ConversationID != other.ID {
			t.Error("the agent who was not reached got the same call at once")
		}
		bob := o.agent("bob")
		o.pass(12 * time.Second) // of the pause before everybody is asked again
		if got := o.offerTo(bob); got.ConversationID != first.ID {
			t.Error("somebody else did not get it")
		}
		o.pass(40 * time.Second) // ann misses the offer, too
		a, err := o.desk.Agent(ctx, ann.ID)
		if must(t, a, err).Presence != desk.Away {
			t.Errorf("she is %s after missing two", a.Presence)
		}
	})
}

func TestVoicemail_WaitsOnWithoutItsCall(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := context.Background()
		c := o.speak(o.call("call-1", "+4930111111"), "person")
		audio := desk.Attachment{ID: "file-1", Name: "voicemail.wav", Type: "audio/wav", Size: 1234, URL: "/files/file-1"}
		for range 2 {
			must0(t, o.Voicemail(ctx, c.ID, audio, 12, "please call me"))
		}
		o.hangUp("call-1", c.ID)
		if got := o.is(c.ID, desk.Waiting); got.OnCall != "" || got.Channel != desk.Voice {
			t.Errorf("got %+v", got)
		}
		all := o.messages(c.ID)
		if m := all[len(all)-1]; m.Author.Kind != desk.ByCustomer || m.Content.Text != "please call me" || len(m.Content.Attachments) != 1 || len(all) != 4 {
			t.Errorf("%d messages, the last %+v", len(all), m)
		}
		if m := o.marks(c.ID, routing.MarkVoicemail); len(m) != 1 || m[0].Data["seconds"] != "12" {
			t.Errorf("marks %+v", m)
		}
	})
}

func TestNotify_ReachesTheCallerByShortMessage(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := context.Background()
		o.line.pull = false
		c := o.call("call-1", "+4930111111")
		must0(t, o.Notify(ctx, c.ID, desk.SMS, desk.Content{Text: "https://example.org/call/abc"}))
		o.speak(c, "latte") // what the call says goes nowhere but to the ear
		o.run()
		if got := o.line.addresses; len(got) != 1 || got[0] != "sms +4930111111" {
			t.Errorf("sent to %v", got)
		}
		w := o.hear("page-1", "latte").Conversation
		if err := o.Notify(ctx, w.ID, desk.SMS, desk.Content{Text: "x"}); !desk.IsKind(err, desk.NotFound) {
			t.Errorf("who has no number: %v", err)
		}
	})
}
