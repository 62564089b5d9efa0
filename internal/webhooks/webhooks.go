// Package webhooks tells other systems what happens to calls: one signed
// request per event and address, retried until it is taken or long failing.
package webhooks

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
)

// Event names what a hook can be told of.
type Event string

// The events.
const (
	CallBegan      Event = "call.began"
	CallAnswered   Event = "call.answered"
	CallQueued     Event = "call.queued"
	CallTalking    Event = "call.talking"
	CallEnded      Event = "call.ended"
	RecordingReady Event = "recording.ready"
	Test           Event = "test" // sent by hand only
)

// Events lists those that a hook may ask for.
func Events() []Event {
	return []Event{CallBegan, CallAnswered, CallQueued, CallTalking, CallEnded, RecordingReady}
}

// MaxHooks is how many hooks there may be.
const MaxHooks = 50

// Hook is an address that is told of events.
type Hook struct {
	ID           desk.ID   `json:"id"`
	URL          string    `json:"url"`
	Events       []Event   `json:"events"`
	Secret       string    `json:"-"` // signs what is sent
	Active       bool      `json:"active"`
	FailingSince time.Time `json:"failing_since,omitzero"` // nothing was taken since then
	Reason       string    `json:"reason,omitempty"`       // of the last failure, or why it was turned off
	CreatedAt    time.Time `json:"created_at"`
	UpdatedAt    time.Time `json:"updated_at"`
}

// Wants reports whether the hook is told of e.
func (h Hook) Wants(e Event) bool { return h.Active && slices.Contains(h.Events, e) }

// Check reports what is wrong with a hook that somebody wrote.
func (h Hook) Check() error {
	bad := func(field, code, message string) error {
		return &desk.Error{Kind: desk.Invalid, Code: code, Message: message, Field: field}
	}
	u, err := url.Parse(h.URL)
	switch {
	case err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || !utf8.ValidString(h.URL):
		return bad("url", "url_form", "a hook's address is https://host/path, or http:// within a network of yours")
	case len(h.URL) > 1000:
		return bad("url", "url_form", "a hook's address has at most 1000 bytes")
	case u.User != nil:
		return bad("url", "url_password", "an address holds no name and password: check the signature instead")
	case len(h.Events) == 0:
		return bad("events", "events_empty", "a hook is told of at least one event")
	}
	for i, e := range h.Events {
		if !slices.Contains(Events(), e) {
			return bad("events", "event_unknown", "unknown event: use call.began, call.answered, call.queued, call.talking, call.ended or recording.ready")
		}
		if slices.Contains(h.Events[:i], e) {
			return bad("events", "event_twice", "an event is named once")
		}
	}
	return nil
}

// Book keeps hooks. What is not there is an error of Kind NotFound.
type Book interface {
	// Hooks lists all of them, oldest first.
	Hooks(ctx context.Context) ([]Hook, error)
	Hook(ctx context.Context, id desk.ID) (Hook, error)
	AddHook(ctx context.Context, h Hook) error
	SaveHook(ctx context.Context, h Hook) error
	DropHook(ctx context.Context, id desk.ID) error
}

// Store is what sending needs.
type Store interface {
	Book
	// NoteHook records how a delivery went: an empty reason that it was taken,
	// else since when nothing was. off turns the hook off.
	NoteHook(ctx context.Context, id desk.ID, at time.Time, reason string, off bool) error
	// EnqueueHooks adds jobs.
	EnqueueHooks(ctx context.Context, jobs []desk.Job) error

	Call(ctx context.Context, id desk.ID) (voice.Record, error)
	Recording(ctx context.Context, id desk.ID) (voice.Recording, error)
}

// Body is what a hook is sent, as JSON.
type Body struct {
	ID             desk.ID          `json:"id"` // of the event; the same when it comes again
	Event          Event            `json:"event"`
	At             time.Time        `json:"at"`
	ConversationID desk.ID          `json:"conversation_id,omitempty"`
	Call           *voice.LiveCall  `json:"call,omitempty"`      // of the others
	Record         *voice.Record    `json:"record,omitempty"`    // of call.ended
	Recording      *voice.Recording `json:"recording,omitempty"` // of recording.ready
}

// errand is the arguments of a delivery's job.
type errand struct {
	Hook desk.ID         `json:"hook"`
	ID   desk.ID         `json:"id"`
	Body json.RawMessage `json:"body"`
}
