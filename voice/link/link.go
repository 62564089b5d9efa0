// Package link joins calls with agents' browsers at other nodes: the node of
// the call and the node of the browser send each other the audio, encrypted,
// and what happens over the bus.
package link

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
	"github.com/parleyhq/parley/voice/media"
	"github.com/parleyhq/parley/voice/rtp"
)

// Links rings browsers at other nodes, and lets other nodes ring those at this
// one. Fill in its fields, then use it; they are not changed any more.
type Links struct {
	Bus    voice.Bus
	Phones voice.Softphones // the browsers here
	Ports  *rtp.Ports       // reachable by the other nodes
	Pacer  *media.Pacer
	Log    *slog.Logger

	mu     sync.Mutex // guards what follows
	served map[desk.ID]func()
	wg     sync.WaitGroup
}

var _ voice.Softphones = (*Links)(nil)

// The bounds of a link.
const (
	ringTime  = 5 * time.Second // to find the node of a browser
	orderTime = 5 * time.Second
	eventRoom = 64
)

// ring asks the node of an agent's browser to ring it.
type ring struct {
	Link  desk.ID        `json:"link"`
	Agent desk.ID        `json:"agent"`
	From  voice.Peer     `json:"from"`
	Addr  netip.AddrPort `json:"addr"` // of our audio
	Ours  []byte         `json:"ours"` // the key we send with
	Yours []byte         `json:"yours"`
}

// rung is the answer.
type rung struct {
	Addr netip.AddrPort `json:"addr"`
	Peer voice.Peer     `json:"peer"`
}

// order is what the node of the call wants of the browser.
type order struct {
	Verb  string      `json:"verb"` // pick_up, hang_up, digits, hold, resume
	Cause voice.Cause `json:"cause,omitzero"`
	Keys  string      `json:"keys,omitempty"`
}

func ringSubject(agent desk.ID) string { return "voice.ring." + string(agent) }
func newsSubject(link desk.ID) string  { return "voice.link.news." + string(link) }
func doSubject(link desk.ID) string    { return "voice.link.do." + string(link) }

// Ready notes that an agent's browser is here, or no longer.
func (l *Links) Ready(agent desk.ID, ready bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	stop, known := l.served[agent]
	switch {
	case ready && !known:
		stop, err := l.Bus.Serve(ringSubject(agent), func(ctx context.Context, b []byte) (any, error) {
			var r ring
			if err := json.Unmarshal(b, &r); err != nil || r.Agent != agent {
				return nil, desk.Errorf(desk.Invalid, "bad_ring", "not a ring for this agent")
			}
			return l.serve(r)
		})
		if err != nil {
			l.log().Warn("other nodes cannot ring an agent here", "agent", agent, "error", err)
			return
		}
		if l.served == nil {
			l.served = map[desk.ID]func(){}
		}
		l.served[agent] = stop
	case !ready && known:
		delete(l.served, agent)
		l.wg.Go(stop) // it waits for rings under way
	}
}

// Close ends what is served. Links that are up end with their legs.
func (l *Links) Close() {
	l.mu.Lock()
	for agent, stop := range l.served {
		delete(l.served, agent)
		l.wg.Go(stop)
	}
	l.mu.Unlock()
	l.wg.Wait()
}

func (l *Links) log() *slog.Logger {
	if l.Log != nil {
		return l.Log
	}
	return slog.Default()
}

// serve rings a browser here for a call elsewhere.
func (l *Links) serve(r ring) (any, error) {
	ctx, cancel := context.WithTimeout(context.Background(), ringTime)
	defer cancel()
	leg, err := l.Phones.Call(ctx, r.Agent, r.From)
	if err != nil {
		return nil, err
	}
	give := func(err error) (any, error) {
		leg.Hangup(voice.Cause{Reason: voice.EndFailed, By: "system"})
		return nil, err
	}
	wire, err := l.Ports.Link(rtp.LinkOptions{
		Pacer: l.Pacer, SendKey: r.Yours, ReceiveKey: r.Ours, Log: l.Log,
		OnSilent: func() { leg.Hangup(voice.Cause{Reason: voice.EndLost, By: "system"}) }, // the call's node is gone
	})
	if err != nil {
		return give(desk.Errorf(desk.Unavailable, "no_ports", "link: %w", err))
	}
	if err := wire.Connect(r.Addr); err != nil {
		wire.Close()
		return give(desk.Errorf(desk.Invalid, "bad_link", "link: %w", err))
	}
	stop, err := l.Bus.Serve(doSubject(r.Link), func(ctx context.Context, b []byte) (any, error) {
		var o order
		if err := json.Unmarshal(b, &o); err != nil {
			return nil, desk.Errorf(desk.Invalid, "bad_order", "not an order")
		}
		return nil, obey(ctx, leg, o)
	})
	if err != nil {
		wire.Close()
		return give(err)
	}
	l.wg.Go(func() {
		defer wire.Close()
		defer stop()
		disconnect := media.Connect(leg.Line(), wire.Line())
		defer disconnect()
		for e := range leg.Events() {
			if err := l.Bus.Publish(newsSubject(r.Link), e); err != nil {
				l.log().Warn("news of a link lost", "link", r.Link, "error", err)
			}
		}
	})
	return rung{wire.Addr(), leg.Peer()}, nil
}

func obey(ctx context.Context, leg voice.Leg, o order) error {
	switch o.Verb {
	case "pick_up":
		if s, ok := leg.(interface{ PickUp() error }); ok {
			return s.PickUp()
		}
	case "hang_up":
		leg.Hangup(o.Cause)
	case "digits":
		leg.SendDigits(o.Keys)
	case "hold", "resume":
		return leg.Hold(ctx, o.Verb == "hold")
	}
	return nil
}
