package voice

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/parleyhq/parley/desk"
)

const (
	beatEvery = 3 * time.Second
	leaseTime = 15 * time.Second // a node that has not beaten for so long is gone
	mostGone  = 50               // calls of dead nodes that are ended at once
	mostOwed  = 10000            // ends of calls that wait for the store
	hangTime  = 5 * time.Second  // for the last calls to write down their end
)

// beat is what nodes tell each other.
type beat struct {
	Node string `json:"node"`
}

// Run keeps this node's calls alive in the eyes of the others, ends those of
// nodes that are gone, and serves commands, until ctx ends. Then no more calls
// are taken; it returns when those that are up are over, or have had their
// time.
func (x *Exchange) Run(ctx context.Context) error {
	base, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	x.mu.Lock()
	x.base, x.draining = base, false
	x.mu.Unlock()
	stop, err := x.Bus.Serve(subject(x.Config.Node), x.serve)
	if err != nil {
		return fmt.Errorf("serve commands on calls: %w", err)
	}
	defer stop()
	deaf, err := x.Bus.Subscribe("voice.beat", func(_ string, b []byte) { x.met(b) })
	if err != nil {
		return fmt.Errorf("listen to the other nodes: %w", err)
	}
	defer deaf()
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	x.beat(base)
	for {
		select {
		case <-tick.C:
			x.beat(base)
		case <-ctx.Done():
			return x.drain(base, cancel, tick.C)
		}
	}
}

// drain lets the calls that are up end.
func (x *Exchange) drain(ctx context.Context, cancel func(), tick <-chan time.Time) error {
	x.mu.Lock()
	x.draining = true
	x.mu.Unlock()
	limit := or(x.Config.Drain, 30*time.Second)
	x.log().InfoContext(ctx, "no more calls are taken", "up", len(x.here()), "limit", limit.String())
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	for _, c := range x.here() {
		for up := true; up; {
			select {
			case <-c.gone:
				up = false
			case <-tick:
				x.beat(ctx)
			case <-deadline.C:
				return x.cutOff(cancel)
			}
		}
	}
	return nil
}

// cutOff ends the calls that are still up.
func (x *Exchange) cutOff(cancel func()) error {
	cancel()
	left := x.here()
	for _, c := range left {
		c.cancel()
	}
	limit := time.NewTimer(hangTime)
	defer limit.Stop()
	for _, c := range left {
		select {
		case <-c.gone:
		case <-limit.C:
			return errors.New("voice: calls were still up at the end")
		}
	}
	return nil
}

// beat renews the lease of this node's calls, tells the others that it is
// there, and ends the calls of those that are not.
func (x *Exchange) beat(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, beatEvery)
	defer cancel()
	now := x.now()
	if err := x.Store.Beat(ctx, x.Config.Node, now); err != nil {
		x.log().ErrorContext(ctx, "calls not kept alive", "error", err)
		return
	}
	x.publish("voice.beat", beat{x.Config.Node})
	x.pay(ctx)
	gone, err := x.Store.AbandonCalls(ctx, now.Add(-leaseTime), mostGone)
	if err != nil {
		x.log().ErrorContext(ctx, "calls of dead nodes not ended", "error", err)
		return
	}
	for _, r := range gone {
		x.bury(ctx, r)
	}
}

// owe keeps the end of a call until the store takes it: its lease does not run
// out as long as this node lives.
func (x *Exchange) owe(r Record) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.owed) < mostOwed {
		x.owed = append(x.owed, r)
	}
}

// pay stores the ends of calls that could not be stored before.
func (x *Exchange) pay(ctx context.Context) {
	x.mu.Lock()
	owed := x.owed
	x.owed = nil
	x.mu.Unlock()
	for i, r := range owed {
		if _, err := x.Store.FinishCall(ctx, r); err != nil {
			x.log().ErrorContext(ctx, "ends of calls still not recorded", "calls", len(owed)-i, "error", err)
			x.mu.Lock()
			x.owed = append(owed[i:], x.owed...)
			x.mu.Unlock()
			return
		}
	}
}

// bury does what the node of a call can do no more. Who waited in line is called
// back: he has lost his line by our fault.
func (x *Exchange) bury(ctx context.Context, r Record) {
	log := x.log().With("call", r.ID, "node", r.Node)
	log.WarnContext(ctx, "call ended with its node")
	if r.ConversationID != "" {
		if isNumber(r.From) && r.Direction == "in" {
			conv, err := x.Spine.Conversation(ctx, r.ConversationID)
			waits := err == nil && (conv.Status == desk.Waiting || conv.Status == desk.Offered) && conv.OnCall == r.ID && conv.Callback == nil
			if waits {
				if err := x.Spine.AskCallback(ctx, conv.ID, desk.Callback{Phone: r.From}); err != nil {
					log.WarnContext(ctx, "call back not noted", "error", err)
				}
			}
		}
		if err := x.Spine.End(ctx, Over{Call: r.ID, Conversation: r.ConversationID, Cause: Cause{Reason: EndLost, By: "system"}}); err != nil {
			log.ErrorContext(ctx, "end of the call not noted", "error", err)
		}
	}
	news := desk.CallNews{CallID: r.ID, State: desk.CallEnded, Direction: r.Direction, Number: r.From, Since: x.now(), Answered: r.AnsweredAt, Cause: EndLost}
	if data, err := json.Marshal(news); err == nil && r.ConversationID != "" {
		x.publish("conv."+string(r.ConversationID), desk.Event{ConversationID: r.ConversationID, Kind: desk.EventCall, Data: data, At: x.now()})
	}
	x.publish("call.ended", CallEvent{Kind: "call.ended", At: x.now(), Call: LiveCall{CallNews: news, ConversationID: r.ConversationID, Node: r.Node}, Record: &r})
}

// met notes that another node is there.
func (x *Exchange) met(b []byte) {
	var v beat
	if json.Unmarshal(b, &v) != nil || v.Node == "" || v.Node == x.Config.Node {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.nodes == nil {
		x.nodes = map[string]time.Time{}
	}
	x.nodes[v.Node] = time.Now()
}

// others lists the other nodes that are there.
func (x *Exchange) others() []string {
	x.mu.Lock()
	defer x.mu.Unlock()
	var out []string
	for node, at := range x.nodes {
		if time.Since(at) < leaseTime {
			out = append(out, node)
		} else {
			delete(x.nodes, node)
		}
	}
	return out
}
