package voice

import (
	"context"
	"log/slog"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice/media"
)

// Exchange answers calls and makes them. Its fields are set once, before use;
// Spine, Bus, Store, Speaker and Pacer are required.
type Exchange struct {
	Spine      Spine
	Bus        Bus
	Store      Store
	Dialer     Dialer     // nil: no call can be made, and no telephone of an agent rung
	Softphones Softphones // nil: no agent has a browser here
	Links      Softphones // agents' browsers at other nodes; nil: none can be reached
	Video      Video      // nil: voices only
	Ear        Ear        // nil: keys only
	Mouth      Mouth      // nil: only uploaded prompts are heard
	Speaker    Speaker
	Pacer      *media.Pacer
	Config     Config
	// Reach says where an agent takes his calls; nil: in his browser.
	Reach func(ctx context.Context, agent desk.ID) (Reach, error)

	Log *slog.Logger     // nil: slog.Default
	Now func() time.Time // nil: time.Now; stamps records only

	mu       sync.Mutex           // guards what follows
	calls    map[desk.ID]*call    // that are up here
	base     context.Context      // of calls that we make; nil until Run
	draining bool                 // no more are taken
	nodes    map[string]time.Time // when the nodes were last heard of
	clips    map[string]uploaded  // uploaded prompts, by path
	owed     []Record             // ends of calls that could not be stored yet
}

var _ Calls = (*Exchange)(nil)

// Config is how calls are treated. The zero value is usable.
type Config struct {
	Node      string            // this process, unique among those running
	DataDir   string            // recordings are kept below it
	Playbooks map[string]string // of a number that is called; "" for the others
	Zone      *time.Location    // in which customers name times; nil: UTC

	MaxCalls  int           // 0: 600; more are refused
	MaxLate   time.Duration // when the audio's p99 is later, no more are taken; 0: 10 ms
	MaxLength time.Duration // of a call; 0: 4 h

	Silence   time.Duration // nothing is said or pressed; 0: 7 s
	Repeats   int           // then the question is said again, so often; 0: 2, negative: never
	GiveUp    GiveUp        // and then
	RingAgent time.Duration // an agent's telephone rings; 0: 25 s
	Lost      time.Duration // after 30 s without audio, and so much more, a caller is gone; 0: 60 s, negative: never
	Return    time.Duration // an agent's lost browser may come back; 0: 20 s
	Link      bool          // callers are sent the page of their call as it begins
	Drain     time.Duration // at the end, calls may go on; 0: 30 s

	Record      bool          // calls with agents are recorded, from the beginning
	RecordAsked desk.Text     // what says so; empty: a standard sentence
	Keep        time.Duration // recordings are kept; 0: until somebody deletes them
	VoicemailIn time.Duration // longest message; 0: 2 min
}

// GiveUp is what becomes of a caller who stays silent.
type GiveUp string

// The ways to give up.
const (
	GiveUpPerson  GiveUp = "" // he goes to a person, once
	GiveUpGoodbye GiveUp = "goodbye"
)

// Reach is where an agent takes his calls.
type Reach struct {
	Where  Where
	Number string // of AtNumber
	Name   string // as the customer hears it; empty: a colleague
}

// Where names a place at which an agent takes calls.
type Where string

// The places.
const (
	AtBrowser Where = "browser"
	AtPhone   Where = "phone"  // his registered phones
	AtNumber  Where = "number" // any telephone
)

func (x *Exchange) now() time.Time {
	if x.Now != nil {
		return x.Now().UTC()
	}
	return time.Now().UTC()
}

func (x *Exchange) log() *slog.Logger {
	if x.Log != nil {
		return x.Log
	}
	return slog.Default()
}

func or(d, zero time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return zero
}

func (c Config) zone() *time.Location {
	if c.Zone != nil {
		return c.Zone
	}
	return time.UTC
}

// playbook is the one that answers a called number.
func (c Config) playbook(p Peer) string {
	if p.Playbook != "" {
		return p.Playbook
	}
	if name, ok := c.Playbooks[p.Called]; ok {
		return name
	}
	return c.Playbooks[""]
}

func (c Config) path(parts ...string) string {
	return filepath.Join(append([]string{c.DataDir}, parts...)...)
}

// Incoming takes a call and returns when it is over: when its leg has ended, or
// Run ends. The end of ctx does not end it, since that does not say why. The
// call has the id of its leg.
func (x *Exchange) Incoming(ctx context.Context, leg Leg) {
	c := newCall(context.WithoutCancel(ctx), x, leg.ID(), "in")
	defer c.cancel()
	c.run(func() { c.answer(leg) })
}

// fewCalls do not overload a node: what is late then is not their doing.
const fewCalls = 20

// enter lists a call, unless there are too many, or one is being made in its
// conversation already.
func (x *Exchange) enter(c *call) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	most := x.Config.MaxCalls
	if most <= 0 {
		most = 600
	}
	switch late := x.Pacer.Lateness().P99; {
	case c.out.Conversation != "" && x.dialing(c.out.Conversation):
		return onCall
	case x.draining:
		return desk.Errorf(desk.Unavailable, "draining", "this node is about to end; it takes no more calls")
	case len(x.calls) >= most:
		return desk.Errorf(desk.TooMany, "too_many_calls", "there are %d calls already", len(x.calls))
	case len(x.calls) >= fewCalls && late > or(x.Config.MaxLate, 10*time.Millisecond):
		return desk.Errorf(desk.TooMany, "overloaded", "audio is %s late; no more calls until it keeps up", late)
	}
	if x.calls == nil {
		x.calls = map[desk.ID]*call{}
	}
	x.calls[c.id] = c
	return nil
}

func (x *Exchange) leave(c *call) {
	x.mu.Lock()
	delete(x.calls, c.id)
	x.mu.Unlock()
}

func (x *Exchange) find(id desk.ID) *call {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.calls[id]
}

// here lists the calls of this node.
func (x *Exchange) here() []*call {
	x.mu.Lock()
	defer x.mu.Unlock()
	out := make([]*call, 0, len(x.calls))
	for _, c := range x.calls {
		out = append(out, c)
	}
	return out
}

// guard runs f and turns a panic into an error.
func guard(f func()) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = desk.Errorf(desk.Internal, "call_panicked", "the call panicked: %v\n%s", p, debug.Stack())
		}
	}()
	f()
	return nil
}
