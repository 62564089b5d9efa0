// Package routing decides who answers, and is the only package that changes
// conversations. A message is accepted in one transaction; a turn of a menu or
// a bot is carried out in one; so is every move between queue and agent. What
// must not be lost is a job in that transaction, what a refresh heals is an
// event published after it.
package routing

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/parleyhq/parley/desk"
)

// Router carries conversations from the first tap to the end. Its fields are
// set once, before use; only Store and Books are required.
type Router struct {
	Store    Store
	Books    Books
	Tools    Tools     // nil: every tool is unavailable
	Channels Channels  // nil: every channel is pulled by its customers
	Bus      Publisher // nil: nobody listens
	Vault    *Vault    // nil: sensitive answers are masked and forgotten

	Now  func() time.Time // nil: time.Now
	Log  *slog.Logger     // nil: slog.Default
	Zone *time.Location   // in which the playbooks' dates are meant; nil: UTC

	Node     string         // this process, unique among those running; "" for the only one
	Playbook string         // new conversations start on it when the channel names none
	Fallback desk.QueueName // takes what no other queue takes; "": "support"

	OfferTime time.Duration // an agent has so long to decide; 0: 30 s
	Grace     time.Duration // an agent whose consoles are gone keeps his work so long; 0: 30 s
	Stale     time.Duration // a console not heard of for so long is gone; 0: 60 s
	TurnTime  time.Duration // one turn of a responder; 0: 20 s
	ToolTime  time.Duration // one tool call, its retries included; 0: 30 s
	SendTime  time.Duration // one message to a channel; 0: 20 s

	Turned func(took time.Duration) // is told of each turn of a responder; nil: nobody is

	turns keyed // one turn, and one delivery, at a time per conversation on this node
}

// Books finds playbooks.
type Books interface {
	// Book returns a playbook at one revision.
	Book(ctx context.Context, playbook string, revision int) (desk.Book, error)
	// Live names the revision that new conversations begin on. An empty name
	// means the default playbook.
	Live(ctx context.Context, playbook string) (name string, revision int, err error)
}

// Tools calls what a responder asked for with a Do. Do.ID is the idempotency
// key: a call is repeated with the same one after a crash.
type Tools interface {
	Call(ctx context.Context, playbook string, revision int, do desk.Do, secrets func(ref string) (string, bool)) desk.Result
}

// Channels hands messages to the customers' channels.
type Channels interface {
	// Pull reports whether customers of the channel fetch their messages
	// themselves, so that a stored message is a sent one.
	Pull(channel desk.ChannelName) bool
	// Dedupes reports whether the channel drops a message that is sent a second
	// time with the same ID, so that an unknown outcome may be retried.
	Dedupes(channel desk.ChannelName) bool
	// Send hands over one message. Errors of Kind Unavailable and TooMany say
	// that it was surely not sent and may be later; those of Kind Invalid,
	// Forbidden, NotFound and TooLarge that it never will; after any other the
	// outcome is unknown.
	Send(ctx context.Context, m desk.Message, c desk.Conversation) (externalID string, err error)
}

// Publisher tells screens and other nodes. What it loses heals by itself.
type Publisher interface {
	Publish(subject string, v any) error
}

// Jobs is where Router registers the work it enqueues.
type Jobs interface {
	Handle(kind string, limit time.Duration, f func(ctx context.Context, args json.RawMessage) error)
	When(kind string, period time.Duration, due func(ctx context.Context) (bool, error), f func(ctx context.Context) error)
}

func (r *Router) now() time.Time {
	if r.Now != nil {
		return r.Now().UTC()
	}
	return time.Now().UTC()
}

func (r *Router) log() *slog.Logger {
	if r.Log != nil {
		return r.Log
	}
	return slog.Default()
}

func (r *Router) zone() *time.Location {
	if r.Zone != nil {
		return r.Zone
	}
	return time.UTC
}

func (r *Router) pull(channel desk.ChannelName) bool {
	return channel == desk.Voice || r.Channels == nil || r.Channels.Pull(channel)
}

// publish tells whoever listens. A failure is logged only: screens heal by
// asking for what they missed.
func (r *Router) publish(subject string, v any) {
	if r.Bus == nil {
		return
	}
	if err := r.Bus.Publish(subject, v); err != nil {
		r.log().Warn("event not published", "subject", subject, "error", err)
	}
}

func or(d, zero time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return zero
}

func (r *Router) offerTime() time.Duration { return or(r.OfferTime, 30*time.Second) }
func (r *Router) grace() time.Duration     { return or(r.Grace, 30*time.Second) }
func (r *Router) stale() time.Duration     { return or(r.Stale, time.Minute) }
func (r *Router) turnTime() time.Duration  { return or(r.TurnTime, 20*time.Second) }
func (r *Router) toolTime() time.Duration  { return or(r.ToolTime, 30*time.Second) }
func (r *Router) sendTime() time.Duration  { return or(r.SendTime, 20*time.Second) }
