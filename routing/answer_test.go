package routing_test

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/routing"
)

func TestAnswer_TakesMessagesInOrder(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		id := o.hear("ann", "one").Conversation.ID
		o.hear("ann", "two")
		o.hear("ann", "three")
		o.run()
		want := []string{"customer: one", "customer: two", "customer: three", "bot: echo one", "bot: echo two", "bot: echo three"}
		if got := o.said(id); !reflect.DeepEqual(got, want) {
			t.Errorf("said %q, want %q", got, want)
		}
		must0(t, o.Answer(context.Background(), id)) // again: nothing
		if got := o.said(id); len(got) != len(want) {
			t.Errorf("answered twice: %q", got)
		}
	})
}

func TestAnswer_SeesTheHistoryAndItsOwnState(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		var seen []string
		o.say = func(tn turn) []desk.Step {
			var h []string
			for _, m := range tn.History {
				h = append(h, m.Content.Text)
			}
			seen = append(seen, strings.Join(h, ",")+" "+string(tn.State)+" "+string(tn.Enter))
			return []desk.Step{desk.Remember{State: []byte(`"` + tn.Message.Content.Text + `"`)}, say("ok")}
		}
		o.hear("ann", "a")
		o.run()
		o.hear("ann", "b")
		o.run()
		want := []string{"  menu:main", `a,ok "a" `}
		if !reflect.DeepEqual(seen, want) {
			t.Errorf("turns saw %q, want %q", seen, want)
		}
	})
}

func TestAnswer_AFailingTurnLeadsToAPerson(t *testing.T) {
	for _, what := range []string{"fail", "panic", "flood", "sleep"} {
		t.Run(what, func(t *testing.T) {
			each(t, func(t *testing.T, o *office) {
				o.TurnTime = 30 * time.Millisecond
				forever := make(chan struct{})
				t.Cleanup(func() { close(forever) })
				o.say = func(tn turn) []desk.Step {
					switch tn.Message.Content.Text {
					case "sleep":
						<-forever
					case "flood":
						return make([]desk.Step, desk.MaxSteps+1)
					}
					return echo(tn)
				}
				out, err := o.Accept(context.Background(), desk.Inbound{Channel: desk.Webchat, Address: "ann", ExternalID: "1", Text: what, Lang: desk.Chinese})
				must0(t, err)
				o.run()
				c := o.is(out.Conversation.ID, desk.Waiting)
				if c.Queue != "support" || c.HandOver == nil || c.HandOver.Reason != "failed" {
					t.Errorf("got queue %q, card %+v", c.Queue, c.HandOver)
				}
				said := o.said(c.ID)
				if last := said[len(said)-1]; !strings.HasPrefix(last, "bot: 抱歉") {
					t.Errorf("the customer hears %q", last)
				}
			})
		})
	}
}

func TestRunTool_TheResultIsATurnAndMessagesWaitForIt(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		id := o.hear("ann", "tool").Conversation.ID
		o.runUntil("tool")
		o.hear("ann", "meanwhile")
		o.run()
		want := []string{"customer: tool", "bot: one moment", "customer: meanwhile", `bot: result {"number":"A17"}`, "bot: echo meanwhile"}
		if got := o.said(id); !reflect.DeepEqual(got, want) {
			t.Errorf("said %q, want %q", got, want)
		}
		if n := len(o.published("tool")); n != 1 {
			t.Errorf("%d calls, want 1", n)
		}
	})
}

func TestRunTool_AfterACrashTheCallHasTheSameKey(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		out := o.hear("ann", "tool")
		o.runUntil("tool")
		call := "do-" + string(out.Message.ID)
		// The process dies after the call, before its turn: the job runs again.
		_ = o.Call(context.Background(), "", 0, desk.Do{ID: call}, func(string) (string, bool) { return "", false })
		must0(t, o.RunTool(context.Background(), out.Conversation.ID, call))
		must0(t, o.RunTool(context.Background(), out.Conversation.ID, call)) // done already
		o.run()
		calls := o.published("tool")
		if len(calls) != 2 || calls[0].(desk.Do).ID != calls[1].(desk.Do).ID {
			t.Errorf("calls %v", calls)
		}
		if got := o.said(out.Conversation.ID); len(got) != 3 {
			t.Errorf("said %q", got)
		}
	})
}

func TestRunTool_IsDroppedWhenAnAgentTookOver(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ann := o.agent("ann")
		out := o.hear("bob", "tool")
		o.runUntil("tool")
		_, err := o.Take(context.Background(), ann, out.Conversation.ID)
		must0(t, err)
		o.run()
		if n := len(o.published("tool")); n != 0 {
			t.Errorf("%d calls, want none", n)
		}
		if got := o.said(out.Conversation.ID); len(got) != 2 {
			t.Errorf("the bot went on: %q", got)
		}
	})
}

func TestAnswer_ATurnThatIsOvertakenIsDropped(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ann := o.agent("ann")
		id := o.hear("bob", "hi").Conversation.ID
		o.say = func(tn turn) []desk.Step { // while it thinks, an agent takes over
			_, err := o.Take(context.Background(), ann, tn.Conversation.ID)
			must0(t, err)
			return []desk.Step{say("too late")}
		}
		o.run()
		o.is(id, desk.Assigned)
		if got := o.said(id); len(got) != 1 {
			t.Errorf("said %q", got)
		}
	})
}

func TestAnswer_TheBotSaysTransferredOnlyWhenItIsSo(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		id := o.hear("ann", "person").Conversation.ID
		o.run()
		c := o.is(id, desk.Waiting)
		events, err := o.desk.Timeline(context.Background(), id, 0, 100)
		must0(t, err)
		var kinds []string
		for _, e := range events {
			kinds = append(kinds, string(e.Kind))
		}
		if want := []string{"status", "message", "status", "message"}; !reflect.DeepEqual(kinds, want) {
			t.Errorf("timeline %v, want %v", kinds, want)
		}
		if c.Queue != "support" || c.HandOver.Wants != "a person" {
			t.Errorf("got %+v", c)
		}
	})
}

func TestSweep_NobodyIsLeftInSilence(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		id := o.hear("ann", "hello").Conversation.ID
		o.dropJobs()
		o.advance(2 * time.Minute)
		must0(t, o.periodic(routing.SweepJob))
		o.run()
		if got := o.said(id); len(got) != 2 {
			t.Errorf("a lost job was not made up for: %q", got)
		}
		o.hear("ann", "deadly")
		o.dropJobs()
		o.advance(10 * time.Minute)
		must0(t, o.periodic(routing.SweepJob))
		o.is(id, desk.Waiting)
	})
}

// While nothing happens nothing is written, hour after hour.
func TestPeriodicWork_IsDueOnceAndThenNot(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ann := o.agent("ann")
		o.hear("bob", "hello")
		o.wait("carl")
		o.run()
		o.accept(ann)
		o.dropJobs()
		o.advance(2 * time.Minute) // ann's console is not heard of any more
		for kind, due := range o.due {
			if ok, err := due(t.Context()); err != nil || !ok {
				t.Errorf("%s with work to do: due is %v, %v", kind, ok, err)
			}
			must0(t, o.periodic(kind))
			o.pass(time.Minute)
			must0(t, o.periodic(kind))
			o.run()
		}
		for kind, due := range o.due {
			must0(t, o.periodic(kind))
			if ok, err := due(t.Context()); err != nil || ok {
				t.Errorf("%s with nothing to do: due is %v, %v", kind, ok, err)
			}
		}
	})
}

func TestDeliver_InOrderAndOnceEach(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.line.pull = false
		id := o.hear("ann", "one").Conversation.ID
		o.hear("ann", "two")
		o.run()
		if want := []string{"echo one", "echo two"}; !reflect.DeepEqual(o.line.order, want) {
			t.Errorf("sent %q, want %q", o.line.order, want)
		}
		for _, m := range o.messages(id)[2:] {
			if m.Delivery != desk.Sent || m.ExternalID != "ext-"+string(m.ID) {
				t.Errorf("got %s %q", m.Delivery, m.ExternalID)
			}
		}
		must0(t, o.Confirm(context.Background(), o.messages(id)[3].ID, desk.Read))
		if got := o.messages(id)[3].Delivery; got != desk.Read {
			t.Errorf("delivery is %s, want read", got)
		}
	})
}

func TestDeliver_FailuresAreRetriedThenShown(t *testing.T) {
	for name, c := range map[string]struct {
		kind      desk.Kind
		dedupes   bool
		wantTries bool
	}{
		"later may do": {desk.Unavailable, false, true}, "never will": {desk.Invalid, true, false},
		"unknown, repeats dropped": {desk.Internal, true, true}, "unknown, repeats sent": {desk.Internal, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, o *office) {
				o.line.pull, o.line.dedupes, o.line.err = false, c.dedupes, desk.Errorf(c.kind, "no", "the channel says no")
				id := o.hear("ann", "one").Conversation.ID
				o.runBriefly()
				m := o.messages(id)[1]
				if c.wantTries {
					if m.Delivery != desk.Queued || m.Error == "" {
						t.Fatalf("after a failure it is %s (%s)", m.Delivery, m.Error)
					}
					o.pass(20 * time.Second)
				}
				if m = o.messages(id)[1]; m.Delivery != desk.Failed || !strings.Contains(m.Error, "says no") {
					t.Errorf("in the end it is %s (%s)", m.Delivery, m.Error)
				}
				if len(o.line.order) > 0 {
					t.Errorf("sent %q", o.line.order)
				}
			})
		})
	}
}

func TestDeliver_AfterACrashInSending(t *testing.T) {
	for name, dedupes := range map[string]bool{"repeats dropped: sent again": true, "repeats sent: failed": false} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, o *office) {
				o.line.pull, o.line.dedupes = false, dedupes
				id := o.hear("ann", "one").Conversation.ID
				o.hear("ann", "two")
				o.runUntil(routing.DeliverJob)
				// The process dies while it sends the first.
				must0(t, o.desk.Write(context.Background(), func(ctx context.Context, tx routing.Tx) error {
					_, err := tx.SetDelivery(ctx, o.messages(id)[2].ID, desk.Queued, routing.Progress{Delivery: desk.Sending, Tries: 1, At: o.time()})
					return err
				}))
				o.pass(25 * time.Second)
				want := desk.Failed
				if dedupes {
					want = desk.Sent
				}
				m := o.messages(id)[2:]
				if m[0].Delivery != want || m[1].Delivery != desk.Sent {
					t.Errorf("got %s (%s), %s", m[0].Delivery, m[0].Error, m[1].Delivery)
				}
			})
		})
	}
}
