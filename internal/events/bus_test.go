package events_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/events"
)

const patience = 10 * time.Second

func open(t testing.TB, o events.Options) *events.Bus {
	t.Helper()
	b, err := events.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b
}

// each runs f on one node, alone and with an external NATS, and on nodes of a
// cluster; f gets two that may be the same.
func each(t *testing.T, f func(t *testing.T, a, b *events.Bus)) {
	t.Run("embedded", func(t *testing.T) {
		b := open(t, events.Options{})
		f(t, b, b)
	})
	t.Run("external", func(t *testing.T) {
		s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true})
		if err != nil {
			t.Fatal(err)
		}
		go s.Start()
		t.Cleanup(s.Shutdown)
		if !s.ReadyForConnections(patience) {
			t.Fatal("NATS did not start")
		}
		f(t, open(t, events.Options{URL: s.ClientURL()}), open(t, events.Options{URL: s.ClientURL()}))
	})
	t.Run("cluster", func(t *testing.T) {
		nodes := cluster(t, 3)
		f(t, nodes[0], nodes[2])
	})
}

func cluster(t *testing.T, n int) []*events.Bus {
	t.Helper()
	o := events.Options{Listen: "127.0.0.1:0", Secret: "s3cret/@:"}
	var nodes []*events.Bus
	for range n {
		b := open(t, o)
		nodes = append(nodes, b)
		o.Peers = []string{nodes[0].ClusterAddr()}
	}
	// They are one cluster when each hears all others.
	for i, from := range nodes {
		for j, to := range nodes {
			stop, err := to.Serve(fmt.Sprintf("hello.%d", j), func(context.Context, []byte) (any, error) { return nil, nil })
			if err != nil {
				t.Fatal(err)
			}
			eventually(t, fmt.Sprintf("node %d reaches node %d", i, j), func() bool {
				return from.Request(t.Context(), fmt.Sprintf("hello.%d", j), nil, nil) == nil
			})
			stop()
		}
	}
	return nodes
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(patience); time.Now().Before(end); <-tick.C {
		if ok() {
			return
		}
	}
	t.Fatalf("%s: did not happen", what)
}

func recv[T any](t *testing.T, c <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(patience):
		t.Fatal("nothing came")
	}
	return v
}

func TestPublish_ReachesEverySubscriberInOrder(t *testing.T) {
	each(t, func(t *testing.T, a, b *events.Bus) {
		const count = 200
		one, two := make(chan string, count+1), make(chan string, count+1)
		stopOne, err := b.Subscribe("conv.*", func(subject string, b []byte) { one <- subject + string(b) })
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.Subscribe("conv.*", func(subject string, b []byte) { two <- subject + string(b) }); err != nil {
			t.Fatal(err)
		}
		if a != b { // interest in a subject takes a moment to reach other nodes
			ready := make(chan bool, 1000)
			stop, err := b.Subscribe("ready", func(string, []byte) { ready <- true })
			if err != nil {
				t.Fatal(err)
			}
			eventually(t, "interest spreads", func() bool { return a.Publish("ready", nil) == nil && len(ready) > 0 })
			stop()
		}
		for i := range count {
			if err := a.Publish("conv.c1", i); err != nil {
				t.Fatal(err)
			}
		}
		for i := range count {
			want := fmt.Sprintf("conv.c1%d", i)
			if got := recv(t, one); got != want {
				t.Fatalf("first: got %s, want %s", got, want)
			}
			if got := recv(t, two); got != want {
				t.Fatalf("second: got %s, want %s", got, want)
			}
		}
		stopOne()
		if err := a.Publish("conv.c1", "last"); err != nil {
			t.Fatal(err)
		}
		if got := recv(t, two); got != `conv.c1"last"` {
			t.Errorf("got %s", got)
		}
		if len(one) > 0 {
			t.Error("heard something after stop")
		}
	})
}

func TestRequest(t *testing.T) {
	each(t, func(t *testing.T, a, b *events.Bus) {
		stop, err := b.Serve("call.1.cmd", func(_ context.Context, in []byte) (any, error) {
			var what string
			if err := json.Unmarshal(in, &what); err != nil {
				return nil, err
			}
			switch what {
			case "refuse":
				return nil, desk.Errorf(desk.Conflict, "offer_taken", "too late")
			case "fail":
				return nil, errors.New("the password is hunter2")
			case "panic":
				panic("oops")
			}
			return "did " + what, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		var got string
		eventually(t, "the owner is known", func() bool { return a.Request(t.Context(), "call.1.cmd", "mute", &got) == nil })
		if got != "did mute" {
			t.Errorf("got %q", got)
		}
		for what, want := range map[string]*desk.Error{
			"refuse": {Kind: desk.Conflict, Code: "offer_taken", Message: "too late"},
			"fail":   {Kind: desk.Internal, Code: "internal", Message: "the other node failed"},
			"panic":  {Kind: desk.Internal, Code: "internal", Message: "the other node failed"},
		} {
			var e *desk.Error
			if err := a.Request(t.Context(), "call.1.cmd", what, nil); !errors.As(err, &e) || *e != *want {
				t.Errorf("%s: got %v, want %v", what, err, want)
			}
		}
		stop()
		eventually(t, "nobody is there", func() bool {
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond) // other nodes learn it a moment later
			defer cancel()
			return errors.Is(a.Request(ctx, "call.1.cmd", "mute", nil), events.ErrNobody)
		})
	})
}

func TestRequest_NobodyIsKnownAtOnce(t *testing.T) {
	b := open(t, events.Options{})
	begin := time.Now()
	if err := b.Request(t.Context(), "call.2.cmd", nil, nil); !errors.Is(err, events.ErrNobody) {
		t.Errorf("got %v, want %v", err, events.ErrNobody)
	}
	if took := time.Since(begin); took > time.Second {
		t.Errorf("took %s", took)
	}
}

func TestCluster_RefusesANodeWithAnotherSecret(t *testing.T) {
	a := open(t, events.Options{Listen: "127.0.0.1:0", Secret: "right"})
	b := open(t, events.Options{Listen: "127.0.0.1:0", Secret: "wrong", Peers: []string{a.ClusterAddr()}})
	if _, err := a.Serve("x", func(context.Context, []byte) (any, error) { return nil, nil }); err != nil {
		t.Fatal(err)
	}
	never := time.After(500 * time.Millisecond)
	for {
		if err := b.Request(t.Context(), "x", nil, nil); !errors.Is(err, events.ErrNobody) {
			t.Fatalf("got %v, want %v", err, events.ErrNobody)
		}
		select {
		case <-never:
			return
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func TestSubjects_AreChecked(t *testing.T) {
	b := open(t, events.Options{})
	for _, s := range []string{"", "a..b", "a b", "conv.*", "conv.>", "a.", "x*"} {
		if err := b.Publish(s, nil); !desk.IsKind(err, desk.Invalid) {
			t.Errorf("Publish(%q): got %v, want invalid", s, err)
		}
	}
	for s, ok := range map[string]bool{"conv.*": true, "conv.>": true, "a.>.b": false, "x*": false, "": false} {
		if _, err := b.Subscribe(s, func(string, []byte) {}); (err == nil) != ok {
			t.Errorf("Subscribe(%q): got %v, want ok %v", s, err, ok)
		}
	}
}

func TestOpen_SaysWhatIsWrong(t *testing.T) {
	for name, o := range map[string]events.Options{
		"both":       {URL: "nats://127.0.0.1:1", Listen: "127.0.0.1:0"},
		"no secret":  {Listen: "127.0.0.1:0"},
		"no address": {Listen: "here", Secret: "s"},
		"bad peer":   {Listen: "127.0.0.1:0", Secret: "s", Peers: []string{"there"}},
		"no listen":  {Peers: []string{"there:1"}},
	} {
		if _, err := events.Open(o); !desk.IsKind(err, desk.Invalid) {
			t.Errorf("%s: got %v, want invalid options", name, err)
		}
	}
}

func BenchmarkRequest(b *testing.B) {
	bus := open(b, events.Options{})
	if _, err := bus.Serve("x", func(context.Context, []byte) (any, error) { return "y", nil }); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := bus.Request(context.Background(), "x", "z", nil); err != nil {
			b.Fatal(err)
		}
	}
}

func TestJoined_TellsWhenANodeMeetsOthers(t *testing.T) {
	a := open(t, events.Options{Listen: "127.0.0.1:0", Secret: "s"})
	met := make(chan bool, 100)
	a.Joined(func() { met <- true })
	select {
	case <-met:
		t.Fatal("alone it has met somebody")
	case <-time.After(600 * time.Millisecond):
	}
	open(t, events.Options{Listen: "127.0.0.1:0", Secret: "s", Peers: []string{a.ClusterAddr()}})
	select {
	case <-met:
	case <-time.After(10 * time.Second):
		t.Fatal("it does not say that it has met another node")
	}
}
