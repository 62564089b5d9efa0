package routing_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/store"
	"github.com/parleyhq/parley/routing"
	"pgregory.net/rapid"
)

// Whatever people do, in whatever order, nobody is lost and nothing is counted
// twice.
func TestRouter_RandomMovesKeepTheInvariants(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		round := 0
		rapid.Check(t, func(rt *rapid.T) {
			round++
			w := newRandomWalk(o, round)
			for range rapid.IntRange(5, 40).Draw(rt, "moves") {
				w.move(rt)
				w.check(rt)
			}
			w.leave()
		})
	})
}

type randomWalk struct {
	*office
	agents    []desk.Author
	customers []string
	n         int
}

func newRandomWalk(o *office, round int) *randomWalk {
	w := &randomWalk{office: o}
	for i := range 3 {
		w.agents = append(w.agents, o.agent(fmt.Sprintf("%d-%d", round, i)))
	}
	for i := range 6 {
		w.customers = append(w.customers, fmt.Sprintf("c%d-%d", round, i))
	}
	return w
}

// move lets somebody do something; that it is refused is no failure.
func (w *randomWalk) move(rt *rapid.T) {
	ctx := context.Background()
	a := rapid.SampledFrom(w.agents).Draw(rt, "agent")
	who := rapid.SampledFrom(w.customers).Draw(rt, "customer")
	w.n++
	var err error
	c := w.openOf(who)
	switch what := rapid.SampledFrom([]string{"say", "person", "person", "tool", "bye", "offer", "offer", "decline", "take", "reply", "transfer", "hand", "park",
		"unpark", "close", "leave", "presence", "console", "time", "time", "run", "run", "crash",
		"call", "call", "hang up", "hang up", "call back", "call back later", "no call back", "tried", "unreached", "voicemail", "heard"}).Draw(rt, "what"); what {
	case "say", "person", "tool", "bye":
		_, err = w.Accept(ctx, desk.Inbound{Channel: desk.Webchat, Address: who, ExternalID: fmt.Sprint(w.n), Text: what})
		if err != nil {
			rt.Fatal(err)
		}
	case "offer", "decline":
		open, _ := w.desk.OpenOffers(ctx, a.ID)
		for _, o := range open {
			if what == "offer" {
				_, err = w.AcceptOffer(ctx, a.ID, o.ID)
			} else {
				err = w.DeclineOffer(ctx, a.ID, o.ID)
			}
		}
	case "take":
		_, err = w.Take(ctx, a, c)
	case "reply":
		_, err = w.Reply(ctx, a, c, routing.Reply{ClientID: fmt.Sprint(w.n), Text: "hi"})
	case "transfer":
		_, err = w.Transfer(ctx, a, c, routing.Destination{Queue: "support"}, "")
	case "hand":
		_, err = w.Transfer(ctx, a, c, routing.Destination{Agent: rapid.SampledFrom(w.agents).Draw(rt, "to").ID}, "note")
	case "park":
		_, err = w.Park(ctx, a, c, w.time().Add(time.Minute))
	case "unpark":
		_, err = w.Unpark(ctx, a, c)
	case "close":
		_, err = w.Close(ctx, a, c, "")
	case "leave":
		_, err = w.Close(ctx, desk.Author{Kind: desk.ByCustomer}, c, "")
	case "presence":
		_, err = w.SetPresence(ctx, a.ID, rapid.SampledFrom([]desk.Presence{desk.Available, desk.Available, desk.Busy, desk.Away, desk.Offline}).Draw(rt, "presence"))
	case "console":
		if rapid.Bool().Draw(rt, "open") {
			err = w.Connected(ctx, a.ID)
		} else {
			err = w.Disconnected(ctx, a.ID)
		}
	case "call":
		_, err = w.CallBegan(ctx, routing.CallStart{Call: desk.ID(fmt.Sprint("call-", w.n)), Address: "+" + who, Contact: w.contactAt(desk.Webchat, who)})
	case "hang up":
		if c != "" {
			err = w.CallEnded(ctx, routing.CallOver{Call: w.conversation(c).OnCall, Conversation: c, Cause: "normal"})
		}
	case "call back":
		err = w.AskCallback(ctx, c, desk.Callback{Phone: "+4930111111"})
	case "call back later":
		err = w.AskCallback(ctx, c, desk.Callback{Phone: "+4930111111", At: w.time().Add(30 * time.Second)})
	case "no call back":
		err = w.CancelCallback(ctx, c)
	case "tried":
		err = w.CallbackTried(ctx, c, rapid.SampledFrom([]string{"busy", "answered"}).Draw(rt, "result"))
	case "unreached":
		err = w.Unreached(ctx, c, a.ID)
	case "voicemail":
		err = w.Voicemail(ctx, c, desk.Attachment{ID: desk.ID(fmt.Sprint("file-", w.n))}, 3, "")
	case "heard":
		if c != "" {
			_, err = w.Hear(ctx, desk.Inbound{Channel: desk.Voice, Address: "+" + who, Contact: w.contactAt(desk.Webchat, who), ExternalID: fmt.Sprint("v", w.n), Text: "person"})
		}
	case "time":
		w.advance(time.Duration(rapid.IntRange(1, 40).Draw(rt, "seconds")) * time.Second)
		err = w.periodic(routing.SweepJob)
	case "run":
		w.run()
	case "crash":
		w.runBriefly()
	}
	if err != nil && !desk.IsKind(err, desk.Conflict) && !desk.IsKind(err, desk.NotFound) && !desk.IsKind(err, desk.Invalid) {
		rt.Fatal(err)
	}
}

func (w *randomWalk) openOf(who string) desk.ID {
	contact, err := w.Meet(context.Background(), routing.Person{Identity: desk.Identity{Channel: desk.Webchat, Address: who}})
	must0(w.tb, err)
	c, _, err := w.desk.OpenConversation(context.Background(), contact.ID, "")
	must0(w.tb, err)
	return c.ID
}

// check asks the database whether all is well.
func (w *randomWalk) check(rt *rapid.T) {
	ctx := context.Background()
	for what, sql := range map[string]string{
		"an offered conversation without an open offer, or the reverse": `SELECT count(*) FROM conversations c FULL JOIN
			(SELECT conversation_id, agent_id FROM offers WHERE state = 'open') o ON o.conversation_id = c.id
			WHERE (c.status = 'offered') <> (o.agent_id IS NOT NULL) OR (c.status = 'offered' AND c.agent_id <> o.agent_id)`,
		"an agent on a conversation that nobody has, or the reverse": `SELECT count(*) FROM conversations
			WHERE (status IN ('offered', 'assigned', 'parked')) <> (agent_id <> '') AND status <> 'closed'`,
		"somebody who waits nowhere": `SELECT count(*) FROM conversations c WHERE c.status IN ('waiting', 'offered')
			AND NOT EXISTS (SELECT 1 FROM queues q WHERE q.name = c.queue)`,
		"a call, or a promise of one, in what is over": `SELECT count(*) FROM conversations
			WHERE status = 'closed' AND callback IS NOT NULL OR status = 'automated' AND callback IS NOT NULL`,
		"a place that is kept of who has one": `SELECT count(*) FROM conversations WHERE abandoned IS NOT NULL AND status NOT IN ('automated')`,
		"a gap in an order": `SELECT count(*) FROM conversations c WHERE c.seq <>
			(SELECT count(*) FROM messages m WHERE m.conversation_id = c.id) + (SELECT count(*) FROM events e WHERE e.conversation_id = c.id)`,
		"a wrong newest message": `SELECT count(*) FROM conversations c WHERE c.heard_seq <>
			(SELECT coalesce(max(m.seq), 0) FROM messages m WHERE m.conversation_id = c.id AND m.author_kind = 'customer')`,
	} {
		n, err := store.One(ctx, w.db.Read(), store.Value[int], sql)
		must0(w.tb, err)
		if n > 0 {
			rt.Fatalf("%s (%d)", what, n)
		}
	}
	staff, err := w.desk.Staff(ctx, w.time().Add(-time.Minute))
	must0(w.tb, err)
	for _, a := range staff {
		costs, err := store.All(ctx, w.db.Read(), store.Value[desk.ChannelName], `SELECT CASE WHEN on_call <> '' OR callback IS NOT NULL THEN 'voice' ELSE channel END
			FROM conversations WHERE agent_id = $1 AND status IN ('offered', 'assigned')`, a.ID)
		must0(w.tb, err)
		want := 0
		for _, c := range costs {
			want += desk.Cost(c)
		}
		if a.Load != want {
			rt.Fatalf("%s has a load of %d, want %d", a.Name, a.Load, want)
		}
	}
}

// leave ends everything, and checks that nobody is stuck.
func (w *randomWalk) leave() {
	w.tb.Helper()
	w.run()
	n, err := store.One(context.Background(), w.db.Read(), store.Value[int],
		"SELECT count(*) FROM conversations WHERE status = 'automated' AND (heard_seq > answered_seq OR call IS NOT NULL OR responder = '')")
	must0(w.tb, err)
	if n > 0 {
		w.tb.Errorf("%d conversations are left without an answer", n)
	}
	for _, who := range w.customers {
		if id := w.openOf(who); id != "" {
			must0(w.tb, w.closeBy(id))
		}
	}
	w.run()
	for _, a := range w.agents {
		must0(w.tb, w.RemoveAgent(context.Background(), a.ID))
	}
}
