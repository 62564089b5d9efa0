package link

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
	"github.com/parleyhq/parley/voice/media"
	"github.com/parleyhq/parley/voice/rtp"
)

// leg is an agent's browser at another node.
type leg struct {
	links *Links
	id    desk.ID
	peer  voice.Peer
	wire  *rtp.Link
	stop  func() // of the news

	mu     sync.Mutex // guards what follows, and sending on events
	events chan voice.LegEvent
	ended  bool
}

var _ voice.Leg = (*leg)(nil)

// Call implements voice.Softphones: it rings the agent's browser wherever it
// is.
func (l *Links) Call(ctx context.Context, agent desk.ID, from voice.Peer) (voice.Leg, error) {
	ctx, cancel := context.WithTimeout(ctx, ringTime)
	defer cancel()
	ours, yours := rtp.NewKey(), rtp.NewKey()
	var err error
	g := &leg{links: l, id: desk.NewID(), events: make(chan voice.LegEvent, eventRoom)}
	g.wire, err = l.Ports.Link(rtp.LinkOptions{
		Pacer: l.Pacer, SendKey: ours, ReceiveKey: yours, Log: l.Log,
		OnSilent: func() { go g.end(voice.Cause{Reason: voice.EndLost, By: "system"}) }, // not in the audio's goroutine
	})
	if err != nil {
		return nil, desk.Errorf(desk.Unavailable, "no_ports", "link: %w", err)
	}
	g.stop, err = l.Bus.Subscribe(newsSubject(g.id), func(_ string, b []byte) {
		var e voice.LegEvent
		if json.Unmarshal(b, &e) == nil {
			g.tell(e)
		}
	})
	if err != nil {
		g.wire.Close()
		return nil, err
	}
	var there rung
	err = l.Bus.Request(ctx, ringSubject(agent), ring{g.id, agent, from, g.wire.Addr(), ours, yours}, &there)
	if err == nil {
		err = g.wire.Connect(there.Addr)
	}
	if err != nil {
		g.stop()
		g.wire.Close()
		var known *desk.Error
		if !errors.As(err, &known) || known.Kind == desk.Unavailable {
			return nil, desk.Errorf(desk.NotFound, "phone_missing", "the agent has no browser at any node: %w", err)
		}
		return nil, err
	}
	g.peer = there.Peer
	return g, nil
}

func (g *leg) ID() desk.ID                   { return g.id }
func (g *leg) Peer() voice.Peer              { return g.peer }
func (g *leg) Line() *media.Line             { return g.wire.Line() }
func (g *leg) Events() <-chan voice.LegEvent { return g.events }
func (g *leg) Ring(bool) error               { return errCalled }
func (g *leg) Answer(context.Context) error  { return errCalled }
func (g *leg) Stats() media.Stats            { return g.wire.Stats() }
func (g *leg) SendDigits(keys string)        { g.order(order{Verb: "digits", Keys: keys}) }

// PickUp answers the browser: its agent has said yes.
func (g *leg) PickUp() error { return g.do(context.Background(), order{Verb: "pick_up"}) }

var errCalled = desk.Errorf(desk.Conflict, "leg_outgoing", "this leg was called; it does not call")

// Hold implements voice.Leg.
func (g *leg) Hold(ctx context.Context, on bool) error {
	if on {
		return g.do(ctx, order{Verb: "hold"})
	}
	return g.do(ctx, order{Verb: "resume"})
}

// Refer implements voice.Leg.
func (g *leg) Refer(context.Context, string) error {
	return desk.Errorf(desk.Forbidden, "refer_browser", "a browser cannot be sent to another address")
}

// Hangup implements voice.Leg.
func (g *leg) Hangup(why voice.Cause) {
	g.order(order{Verb: "hang_up", Cause: why})
	g.end(why)
}

func (g *leg) do(ctx context.Context, o order) error {
	ctx, cancel := context.WithTimeout(ctx, orderTime)
	defer cancel()
	return g.links.Bus.Request(ctx, doSubject(g.id), o, nil)
}

// order gives an order without waiting for its outcome.
func (g *leg) order(o order) {
	g.links.wg.Go(func() {
		if err := g.do(context.Background(), o); err != nil {
			g.links.log().Debug("order to another node's browser", "verb", o.Verb, "error", err)
		}
	})
}

// tell passes on what happened there. One too many for a reader that has
// stopped ends the leg.
func (g *leg) tell(e voice.LegEvent) {
	if e.Kind == voice.LegEnded {
		go g.end(e.Cause) // not in the bus's goroutine, which it waits for
		return
	}
	g.mu.Lock()
	full := !g.ended && len(g.events) == cap(g.events)-1
	if !g.ended && !full {
		g.events <- e
	}
	g.mu.Unlock()
	if full {
		go g.end(voice.Cause{Reason: voice.EndCongestion, By: "system"})
	}
}

// end ends the leg once.
func (g *leg) end(why voice.Cause) {
	g.mu.Lock()
	if g.ended {
		g.mu.Unlock()
		return
	}
	g.ended = true
	g.events <- voice.LegEvent{Kind: voice.LegEnded, Cause: why, At: time.Now()}
	close(g.events)
	g.mu.Unlock()
	g.stop()
	g.wire.Close()
}
