// Package channels is how customers reach us: an Adapter for each channel,
// what it can show, and Render, which fits a message to that.
package channels

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/parleyhq/parley/desk"
)

// Adapter is one channel. channeltest holds the promises that every adapter
// keeps. It is safe for concurrent use.
type Adapter interface {
	// Name is the channel's name in the record: "webchat", "telegram".
	Name() desk.ChannelName
	// Limits is what the channel can show and do.
	Limits() Limits
	// Receive reads what the channel's servers, or its customers, delivered. It
	// checks first that the request is genuine: Unauthenticated when it is not,
	// Invalid when it cannot be read, and then there is nothing. It does no I/O
	// and keeps no state: the same request gives the same Inbound, with the same
	// ExternalID.
	Receive(r Request) ([]desk.Inbound, error)
	// Send hands one part over to the channel and returns the channel's own id
	// of it. Errors of Kind Unavailable and TooMany say that it was surely not
	// sent and may be later; those of Kind Invalid, Forbidden, NotFound and
	// TooLarge that it never will; after any other the outcome is unknown.
	Send(ctx context.Context, out Outgoing) (externalID string, err error)
}

// Request is what was delivered, without its connection, so that a test can
// make one and an adapter cannot do I/O on it.
type Request struct {
	Method string
	Header http.Header
	Query  url.Values
	Body   []byte
	At     time.Time
}

// Outgoing is one part of a message on its way to one customer.
type Outgoing struct {
	ID      string // of the part: the same when it is sent again
	Address string // the customer's, on the channel
	Lang    desk.Lang
	Part    Part
}

// Limits is what a channel can show and do. The zero value is the poorest
// channel there is: plain text of any length.
type Limits struct {
	Text        int      // runes of one text; 0: any number
	Options     int      // buttons under one message; 0: none, options become numbered text
	OptionLabel int      // runes of a button; 0: any number
	Cards       bool     // shows cards; otherwise they become lines
	Markdown    bool     // shows Markdown; otherwise it is flattened
	Media       []string // prefixes of the media types that can be sent; others become links
	FileBytes   int64    // of one file; larger ones become links; 0: any size
	Location    bool     // shows a place; otherwise it becomes a line
	Typing      bool     // shows that somebody types
	Pull        bool     // customers fetch their messages themselves: nothing is sent
	Dedupes     bool     // a part that is sent twice with the same ID is shown once
	Origin      string   // put before addresses of ours: "https://chat.example.com"
}

// Part is one thing a channel shows at once.
type Part struct {
	Text        string
	Markdown    bool
	Options     []desk.Option
	Card        *desk.Card
	Attachments []desk.Attachment
	Location    *desk.Location
}

// IsZero reports whether there is nothing to show.
func (p Part) IsZero() bool {
	return p.Text == "" && len(p.Options) == 0 && p.Card == nil && len(p.Attachments) == 0 && p.Location == nil
}
