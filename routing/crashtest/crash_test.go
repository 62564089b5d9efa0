package crashtest

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/store/storetest"
)

// kills is how often the child is killed: PARLEY_KILLS, or a number that keeps
// go test short.
func kills(usual int) int {
	if n, err := strconv.Atoi(os.Getenv("PARLEY_KILLS")); err == nil && n > 0 {
		return n
	}
	return usual
}

func TestKill_NothingIsLostAndNothingSentTwice(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { crash(t, storetest.SQLite(t), kills(50)) })
	t.Run("postgres", func(t *testing.T) { crash(t, storetest.Postgres(t), kills(15)) })
}

func crash(t *testing.T, database string, times int) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	w := newWorld(t)
	child := w.start(database)
	defer func() { w.kill(child) }()

	var customers []*customer
	for i := range 18 {
		c := &customer{name: fmt.Sprint("customer", i), channel: []desk.ChannelName{"pull", "push", "sms"}[i%3]}
		if i%2 == 0 {
			c.person = 10 + i
		}
		customers = append(customers, c)
	}
	var humans []*human
	for i := range 3 {
		humans = append(humans, &human{
			Agent:   desk.Agent{ID: desk.ID(fmt.Sprint("agent", i)), Name: fmt.Sprint("agent", i)},
			streams: map[desk.ID]*stream{}, replied: map[desk.ID]int{},
		})
	}

	var talking atomic.Bool
	talking.Store(true)
	var said, worked sync.WaitGroup
	at, stop := context.WithCancel(ctx)
	defer stop()
	for _, c := range customers {
		said.Go(func() {
			if err := c.live(ctx, w, talking.Load); err != nil {
				t.Error(err)
			}
		})
	}
	for _, h := range humans {
		worked.Go(func() {
			if err := h.work(at, w); err != nil && at.Err() == nil {
				t.Errorf("%s: %v", h.Name, err)
			}
		})
	}

	began := time.Now()
	for range times {
		rest(ctx, 60*time.Millisecond+rand.N(300*time.Millisecond))
		w.kill(child)
		child = w.start(database)
	}
	talking.Store(false)
	said.Wait()
	settle(ctx, t, w, customers)
	stop()
	worked.Wait()
	for _, c := range customers { // the agents may have looked later
		if err := c.follow(ctx, w); err != nil {
			t.Fatal(err)
		}
	}
	counts := w.check(customers, humans)
	t.Logf("%d kills in %s", times, time.Since(began).Round(time.Second))
	for _, k := range slices.Sorted(maps.Keys(counts)) {
		t.Logf("%6d %s", counts[k], k)
	}
	if counts["messages acknowledged"] < times {
		t.Errorf("only %d messages in all: that was no load", counts["messages acknowledged"])
	}
}

// settle waits until everything is answered and sent, or until nothing has
// moved for half a minute.
func settle(ctx context.Context, t *testing.T, w *world, customers []*customer) {
	t.Helper()
	last, moved := -1, time.Now()
	for ctx.Err() == nil && time.Since(moved) < 30*time.Second {
		open := 0
		for _, c := range customers {
			before := len(c.events)
			if err := c.follow(ctx, w); err != nil {
				t.Fatal(err)
			}
			if len(c.events) != before {
				moved = time.Now()
			}
			open += max(c.unanswered(), 0)
		}
		if open == 0 {
			if open += outgoing(ctx, t, w, customers); open == 0 {
				return
			}
		}
		if open != last {
			last, moved = open, time.Now()
		}
		rest(ctx, 50*time.Millisecond)
	}
	t.Errorf("%d messages are neither answered nor sent", last)
}

// outgoing counts the messages on their way to push channels. It reads the
// streams anew: how far a delivery has come is no event of its own.
func outgoing(ctx context.Context, t *testing.T, w *world, customers []*customer) (n int) {
	for _, c := range customers {
		fresh := stream{conversation: c.conversation}
		for {
			before := len(fresh.events)
			if err := fresh.follow(ctx, w); err != nil {
				t.Fatal(err)
			}
			if len(fresh.events) == before {
				break
			}
		}
		for i, e := range fresh.events {
			var m desk.Message
			if e.Kind != desk.EventMessage || json.Unmarshal(e.Data, &m) != nil {
				continue
			}
			if m.Delivery == desk.Queued || m.Delivery == desk.Sending {
				n++
			}
			if i < len(c.events) {
				c.events[i] = e
			}
		}
	}
	return n
}
