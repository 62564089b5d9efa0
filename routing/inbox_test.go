package routing_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/routing"
)

func TestInbox_TabsPagesAndCounts(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := context.Background()
		ann := o.agent("ann")
		for i := range 7 {
			o.wait(fmt.Sprint("bob", i))
			o.advance(time.Second)
		}
		o.run()
		o.accept(ann)
		o.hear("cy", "hello")
		must0(t, o.closeBy(o.hear("dora", "bye bye").Conversation.ID))
		all := func(q routing.InboxQuery) (rows []routing.InboxRow) {
			q.Limit = 3
			for range 10 {
				page, next, err := o.desk.Inbox(ctx, q)
				must0(t, err)
				rows = append(rows, page...)
				if q.After = next; next == "" {
					return rows
				}
			}
			t.Fatal("the pages never end")
			return nil
		}
		for tab, want := range map[routing.Tab]int{routing.Mine: 1, routing.InQueues: 6, routing.All: 8, routing.ClosedOnes: 1} {
			rows := all(routing.InboxQuery{Tab: tab, AgentID: ann.ID})
			seen := map[desk.ID]bool{}
			for _, r := range rows {
				seen[r.ID] = true
			}
			if len(rows) != want || len(seen) != want {
				t.Errorf("%s: %d rows, %d of them different, want %d", tab, len(rows), len(seen), want)
			}
		}
		queue := all(routing.InboxQuery{Tab: routing.InQueues, Queues: []desk.QueueName{"support"}})
		for i := 1; i < len(queue); i++ {
			if queue[i].WaitingSince.Before(queue[i-1].WaitingSince) {
				t.Error("not in the order of waiting")
			}
		}
		if rows := all(routing.InboxQuery{Tab: routing.InQueues, Queues: []desk.QueueName{"other"}}); len(rows) != 0 {
			t.Errorf("%d rows of another queue", len(rows))
		}
		n, err := o.desk.Counts(ctx, ann.ID, nil)
		must0(t, err)
		if n.Mine != 1 || n.Queues != 6 || n.All != 8 || n.ByQueue["support"] != 6 {
			t.Errorf("counts %+v", n)
		}
		stats, err := o.desk.QueueStats(ctx)
		must0(t, err)
		if len(stats) != 1 || stats[0].Waiting != 6 || stats[0].AgentsOn != 1 {
			t.Errorf("stats %+v", stats)
		}
		for name, q := range map[string]routing.InboxQuery{"bad_cursor": {After: "x"}, "unknown_tab": {Tab: "x"}} {
			if _, _, err := o.desk.Inbox(ctx, q); code(err) != name {
				t.Errorf("got %v, want %s", err, name)
			}
		}
	})
}

func TestInbox_SearchesNamesSubjectsAndWhatWasSaid(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := context.Background()
		in := func(who, name, text string) desk.ID {
			out, err := o.Accept(ctx, desk.Inbound{Channel: desk.Webchat, Address: who, ExternalID: text, Name: name, Text: text})
			must0(t, err)
			return out.Conversation.ID
		}
		coffee := in("1", "Zoë Müller", "Where is my COFFEE?")
		refund := in("2", "王芳", "我要退款，咖啡是冷的")
		in("2", "", "订单 A17")
		must0(t, o.periodic(routing.IndexJob))
		for text, want := range map[string]desk.ID{
			"coffee": coffee, "cof": coffee, "zoe": coffee, "MULLER where": coffee, "退款": refund, "退": refund, "王": refund, "a17 咖啡": refund, "tea": "", "coffee 退款": "", "!!!": "",
		} {
			rows, _, err := o.desk.Inbox(ctx, routing.InboxQuery{Search: text})
			must0(t, err)
			var got desk.ID
			if len(rows) == 1 {
				got = rows[0].ID
			}
			if got != want || len(rows) > 1 {
				t.Errorf("search %q: %d rows, got %s, want %s", text, len(rows), got, want)
			}
		}
	})
}
