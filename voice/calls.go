package voice

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"github.com/parleyhq/parley/desk"
)

// request is what one node asks another. Exactly one field is set.
type request struct {
	Do   *Command  `json:"do,omitempty"`
	Call desk.ID   `json:"call,omitempty"`
	Dial *Outbound `json:"dial,omitempty"`
	Live bool      `json:"live,omitempty"`
}

const (
	liveTime = time.Second     // for another node to list its calls
	askTime  = 8 * time.Second // for another node to carry out a command
)

func subject(node string) string { return "voice." + node }

// Do carries out a command on the node where the call is.
func (x *Exchange) Do(ctx context.Context, o Command) (desk.CallNews, error) {
	if c := x.find(o.Call); c != nil {
		return c.do1(ctx, o)
	}
	var n desk.CallNews
	err := x.elsewhere(ctx, o.Call, request{Do: &o}, &n)
	return n, err
}

// Call says how a call stands.
func (x *Exchange) Call(ctx context.Context, id desk.ID) (desk.CallNews, error) {
	if c := x.find(id); c != nil {
		if l := c.news.Load(); l != nil {
			return l.CallNews, nil
		}
	}
	var n desk.CallNews
	err := x.elsewhere(ctx, id, request{Call: id}, &n)
	return n, err
}

// Live lists the calls that are up, on every node that answers in time, the
// oldest first.
func (x *Exchange) Live(ctx context.Context) ([]LiveCall, error) {
	var mu sync.Mutex // guards out
	out := x.liveHere()
	var wg sync.WaitGroup
	for _, node := range x.others() {
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, liveTime)
			defer cancel()
			var there []LiveCall
			if err := x.ask(ctx, node, request{Live: true}, &there); err != nil {
				x.log().WarnContext(ctx, "calls of a node not listed", "node", node, "error", err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			out = append(out, there...)
		})
	}
	wg.Wait()
	slices.SortFunc(out, func(a, b LiveCall) int { return cmp.Compare(a.CallID, b.CallID) })
	return out, ctx.Err()
}

func (x *Exchange) liveHere() []LiveCall {
	out := []LiveCall{}
	for _, c := range x.here() {
		if l := c.news.Load(); l != nil && l.State != desk.CallEnded {
			out = append(out, l.now())
		}
	}
	return out
}

// do1 hands a command to the call's goroutine.
func (c *call) do1(ctx context.Context, cmd Command) (desk.CallNews, error) {
	o := order{ctx: ctx, cmd: cmd, reply: make(chan error, 1)}
	select {
	case c.orders <- o:
	case <-c.gone:
		return desk.CallNews{}, over
	case <-ctx.Done():
		return desk.CallNews{}, ctx.Err()
	}
	select {
	case err := <-o.reply:
		return c.news.Load().CallNews, err
	case <-c.gone:
		return c.news.Load().CallNews, nil
	case <-ctx.Done():
		return desk.CallNews{}, ctx.Err()
	}
}

var over = desk.Errorf(desk.NotFound, "call_over", "there is no such call up")

// elsewhere asks the node that has the call.
func (x *Exchange) elsewhere(ctx context.Context, call desk.ID, r request, out any) error {
	rec, err := x.Store.Call(ctx, call)
	switch {
	case desk.IsKind(err, desk.NotFound):
		return over
	case err != nil:
		return err
	case !rec.EndedAt.IsZero(), rec.Node == "", rec.Node == x.Config.Node:
		return over
	}
	return x.ask(ctx, rec.Node, r, out)
}

func (x *Exchange) ask(ctx context.Context, node string, r request, out any) error {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	return x.Bus.Request(ctx, subject(node), r, out)
}

// serve answers what other nodes ask.
func (x *Exchange) serve(ctx context.Context, b []byte) (any, error) {
	var r request
	if err := json.Unmarshal(b, &r); err != nil {
		return nil, desk.Errorf(desk.Invalid, "bad_request", "read the request: %w", err)
	}
	switch {
	case r.Do != nil:
		c := x.find(r.Do.Call)
		if c == nil {
			return nil, over
		}
		return c.do1(ctx, *r.Do)
	case r.Call != "":
		if c := x.find(r.Call); c != nil && c.news.Load() != nil {
			return c.news.Load().CallNews, nil
		}
		return nil, over
	case r.Dial != nil:
		return x.dialHere(ctx, *r.Dial)
	case r.Live:
		return x.liveHere(), nil
	}
	return nil, desk.Errorf(desk.Invalid, "bad_request", "nothing is asked")
}
