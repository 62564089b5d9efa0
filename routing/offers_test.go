package routing_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/store"
	"github.com/parleyhq/parley/internal/store/storetest"
	"github.com/parleyhq/parley/routing"
)

// wait puts a new customer into the support queue.
func (o *office) wait(who string) desk.ID {
	o.tb.Helper()
	id := o.hear(who, "person").Conversation.ID
	must0(o.tb, o.Answer(context.Background(), id))
	return id
}

func (o *office) accept(a desk.Author) desk.ID {
	o.tb.Helper()
	c, err := o.AcceptOffer(context.Background(), a.ID, o.offerTo(a).ID)
	must0(o.tb, err)
	o.run()
	return c.ID
}

func TestOffer_AcceptedByTheAgent(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := context.Background()
		ann := o.agent("ann")
		id := o.wait("bob")
		o.run()
		c := o.is(id, desk.Offered)
		offer := o.offerTo(ann)
		if c.AgentID != ann.ID || offer.ConversationID != id || !offer.ExpiresAt.Equal(o.time().Add(30*time.Second)) {
			t.Errorf("got %+v", offer)
		}
		if _, err := o.AcceptOffer(ctx, "somebody", offer.ID); code(err) != "offer_taken" {
			t.Errorf("somebody else accepts: %v", err)
		}
		_, err := o.AcceptOffer(ctx, ann.ID, offer.ID)
		must0(t, err)
		_, err = o.AcceptOffer(ctx, ann.ID, offer.ID) // a double click
		must0(t, err)
		o.is(id, desk.Assigned)
		if err := o.DeclineOffer(ctx, ann.ID, offer.ID); code(err) != "offer_over" {
			t.Errorf("declines what he accepted: %v", err)
		}
		if news := o.published("agent." + string(ann.ID)); len(news) < 2 {
			t.Errorf("the agent was told %v", news)
		}
	})
}

func TestOffer_GoesOnWhenDeclinedOrMissedAndComesRoundAgain(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := context.Background()
		ann := o.agent("ann")
		o.advance(time.Millisecond)
		ben := o.agent("ben")
		id := o.wait("bob")
		since := o.conversation(id).WaitingSince
		o.run()
		must0(t, o.DeclineOffer(ctx, ann.ID, o.offerTo(ann).ID))
		o.run()
		if o.offered(ann) {
			t.Error("it was offered again to who declined it")
		}
		o.offerTo(ben)
		o.pass(31 * time.Second) // ben does not look; after a pause a new round begins
		o.is(id, desk.Waiting)
		o.pass(15 * time.Second)
		c := o.is(id, desk.Offered)
		if !c.WaitingSince.Equal(since) {
			t.Error("it lost its place")
		}
	})
}

func TestOffer_MissingTwoInARowSetsAway(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ann := o.agent("ann")
		id := o.wait("bob")
		o.run()
		o.pass(31 * time.Second)
		o.pass(15 * time.Second)
		o.offerTo(ann)
		o.pass(31 * time.Second)
		a, err := o.desk.Agent(context.Background(), ann.ID)
		must0(t, err)
		if a.Presence != desk.Away {
			t.Errorf("he is %s, want away", a.Presence)
		}
		o.is(id, desk.Waiting)
		news := o.published("agent." + string(ann.ID))
		last := news[len(news)-1].(routing.AgentNews)
		if p, ok := last.Data.(routing.PresenceNews); !ok || p.Reason != "missed_offers" {
			t.Errorf("he was told %+v", last)
		}
		must0(t, o.Heartbeat(context.Background(), ann.ID))
		_, err = o.SetPresence(context.Background(), ann.ID, desk.Available)
		must0(t, err)
		o.pass(15 * time.Second)
		o.offerTo(ann)
	})
}

func TestAssign_PriorityThenWaitAndSkillsAndLanguage(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := context.Background()
		must0(t, o.PutQueue(ctx, desk.Queue{Name: "support", Skills: []string{"lang"}}))
		must0(t, o.PutQueue(ctx, desk.Queue{Name: "vip", Priority: 5, Skills: []string{"gold"}}))
		o.say = func(t turn) []desk.Step {
			return []desk.Step{desk.HandOff{Queue: desk.QueueName(t.Message.Content.Text)}}
		}
		wait := func(who, queue string, lang desk.Lang) desk.ID {
			out, err := o.Accept(ctx, desk.Inbound{Channel: desk.Webchat, Address: who, ExternalID: who, Text: queue, Lang: lang})
			must0(t, err)
			must0(t, o.Answer(ctx, out.Conversation.ID))
			o.advance(time.Second)
			return out.Conversation.ID
		}
		english := wait("1", "support", desk.English)
		chinese := wait("2", "support", desk.Chinese)
		vip := wait("3", "vip", desk.English)
		o.run()
		en := o.agent("en", "lang:en")
		o.run()
		if got := o.offerTo(en).ConversationID; got != english {
			t.Error("want the English one")
		}
		zh := o.agent("zh", "lang:zh", "gold")
		o.run()
		if got := o.offerTo(zh).ConversationID; got != vip {
			t.Error("want the one of high priority first")
		}
		o.accept(zh)
		if got := o.offerTo(zh).ConversationID; got != chinese {
			t.Error("want the Chinese one next")
		}
	})
}

func TestAssign_CapacityLimitsAndLongestIdleIsFirst(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ann := o.agent("ann")
		for i := range 7 {
			o.wait(fmt.Sprint("bob", i))
		}
		o.run()
		for range 5 {
			o.accept(ann)
		}
		if o.offered(ann) {
			t.Fatal("offered more than she can take")
		}
		o.advance(time.Second)
		ben := o.agent("ben")
		o.run()
		o.offerTo(ben)
		held, err := o.desk.Held(context.Background(), ann.ID)
		must0(t, err)
		_, err = o.Park(context.Background(), ann, held[0], time.Time{})
		must0(t, err)
		o.run()
		o.offerTo(ann) // a parked one costs nothing
	})
}

func TestAccept_OfTwoAgentsWhoTakeAtOnceOneHasIt(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := context.Background()
		agents := make([]desk.Author, 8)
		for i := range agents {
			agents[i] = o.agent(fmt.Sprint("a", i))
			_, err := o.SetPresence(ctx, agents[i].ID, desk.Busy)
			must0(t, err)
		}
		id := o.wait("bob")
		var wg sync.WaitGroup
		var mu sync.Mutex
		won := map[desk.ID]bool{}
		for i := range 64 {
			wg.Go(func() {
				a := agents[i%len(agents)]
				if _, err := o.Take(ctx, a, id); err == nil {
					mu.Lock()
					won[a.ID] = true
					mu.Unlock()
				} else if !desk.IsKind(err, desk.Conflict) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if c := o.is(id, desk.Assigned); len(won) != 1 || !won[c.AgentID] {
			t.Errorf("%d agents think they have it", len(won))
		}
	})
}

func TestAssign_TwoNodesAtOnce(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		ctx := context.Background()
		o := open(t, storetest.Open(t, url))
		var nodes []*routing.Router
		for i := range 4 {
			n := &routing.Router{Store: o.desk, Books: o, Now: o.time, Node: fmt.Sprint("node", i)}
			if o.db.D.Postgres() { // SQLite has one node
				n.Store = storetest.Open(t, url).Routing()
			}
			nodes = append(nodes, n)
		}
		var agents []desk.Author
		for i := range 10 {
			agents = append(agents, o.agent(fmt.Sprint("a", i)))
		}
		for i := range 15 {
			o.wait(fmt.Sprint("bob", i))
		}
		var wg sync.WaitGroup
		for _, n := range nodes {
			wg.Go(func() {
				if err := n.Assign(ctx); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for _, a := range agents {
			o.offerTo(a)
		}
		n, err := store.One(ctx, o.db.Read(), store.Value[int], "SELECT count(DISTINCT conversation_id) FROM offers")
		must0(t, err)
		if n != len(agents) {
			t.Errorf("%d conversations are offered, want %d", n, len(agents))
		}
	})
}

func TestPresence_ALostLineFreesTheWorkAfterTheGrace(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := context.Background()
		ann := o.agent("ann")
		must0(t, o.Connected(ctx, ann.ID)) // a second console
		id := o.wait("bob")
		o.run()
		o.accept(ann)
		second := o.wait("cy")
		o.run()
		o.is(second, desk.Offered)

		must0(t, o.Disconnected(ctx, ann.ID))
		o.pass(40 * time.Second) // one console is left
		o.is(id, desk.Assigned)

		must0(t, o.Disconnected(ctx, ann.ID))
		o.pass(20 * time.Second)
		must0(t, o.Connected(ctx, ann.ID)) // back in time
		o.pass(20 * time.Second)
		o.is(id, desk.Assigned)

		must0(t, o.Disconnected(ctx, ann.ID))
		o.pass(31 * time.Second)
		c := o.is(id, desk.Waiting)
		if c.Priority != 1 || c.Queue != "support" {
			t.Errorf("got %+v", c)
		}
		o.is(second, desk.Waiting)
		a, err := o.desk.Agent(ctx, ann.ID)
		must0(t, err)
		if a.Presence != desk.Offline || a.Load != 0 {
			t.Errorf("got %+v", a)
		}
	})
}

func TestSweep_ADeadNodesAgentsAreFreed(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := context.Background()
		ann := o.agent("ann")
		id := o.wait("bob")
		o.run()
		o.accept(ann)
		o.pass(50 * time.Second)
		must0(t, o.Heartbeat(ctx, ann.ID))
		o.pass(50 * time.Second)
		must0(t, o.periodic(routing.SweepJob))
		o.run()
		o.is(id, desk.Assigned) // heard of 50 seconds ago
		o.pass(20 * time.Second)
		must0(t, o.periodic(routing.SweepJob))
		o.pass(31 * time.Second)
		o.is(id, desk.Waiting)
	})
}

func TestSetPresence_AwayGivesTheOfferBackOfflineEverything(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := context.Background()
		ann := o.agent("ann")
		held := o.wait("bob")
		o.run()
		o.accept(ann)
		offered := o.wait("cy")
		o.run()
		_, err := o.SetPresence(ctx, ann.ID, desk.Away)
		must0(t, err)
		o.run()
		o.is(offered, desk.Waiting)
		o.is(held, desk.Assigned)
		_, err = o.SetPresence(ctx, ann.ID, desk.Offline)
		must0(t, err)
		o.is(held, desk.Waiting)
		if _, err := o.SetPresence(ctx, ann.ID, "asleep"); code(err) != "unknown_presence" {
			t.Errorf("got %v", err)
		}
	})
}

func TestClose_TheCustomerLeavesWhileItIsOffered(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ann := o.agent("ann")
		id := o.wait("bob")
		o.run()
		offer := o.offerTo(ann)
		must0(t, o.closeBy(id))
		o.is(id, desk.Closed)
		if o.offered(ann) {
			t.Error("the offer is still open")
		}
		if _, err := o.AcceptOffer(context.Background(), ann.ID, offer.ID); code(err) != "offer_over" {
			t.Errorf("got %v", err)
		}
	})
}

func TestPlace_PositionAndAnHonestWait(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := context.Background()
		first := o.wait("1")
		o.pass(time.Second)
		second := o.wait("2")
		p, err := o.Place(ctx, second)
		must0(t, err)
		if want := (desk.Place{Position: 2}); p != want {
			t.Errorf("nothing measured, nobody on: got %+v", p)
		}
		ann := o.agent("ann")
		o.run()
		o.accept(ann)
		o.pass(19 * time.Second)
		o.accept(ann) // the first two were served in twenty seconds
		third := o.wait("3")
		o.pass(20 * time.Second)
		o.accept(ann)
		_, _, _ = first, second, third
		last := o.wait("4")
		p, err = o.Place(ctx, last)
		must0(t, err)
		if !p.Known || !p.AnyoneOn || p.Position != 1 || p.Wait < 10 || p.Wait > 20 {
			t.Errorf("got %+v, want about 14 seconds", p)
		}
		o.pass(2 * time.Second)
		if len(o.published("conv."+string(last))) == 0 {
			t.Error("the customer was not told")
		}
		if _, err := o.Place(ctx, first); code(err) != "not_waiting" {
			t.Errorf("got %v", err)
		}
	})
}
