package channels

import (
	"context"
	"fmt"

	"github.com/parleyhq/parley/desk"
)

// Set is the channels that are open, by name. It renders and sends for
// routing.
type Set map[desk.ChannelName]Adapter

// NewSet makes a Set. Two adapters of one name are an error.
func NewSet(adapters ...Adapter) (Set, error) {
	s := Set{}
	for _, a := range adapters {
		if s[a.Name()] != nil {
			return nil, fmt.Errorf("two channels are named %s", a.Name())
		}
		s[a.Name()] = a
	}
	return s, nil
}

// Pull reports whether customers of the channel fetch their messages
// themselves.
func (s Set) Pull(name desk.ChannelName) bool { return s[name] != nil && s[name].Limits().Pull }

// Dedupes reports whether the channel drops a repeat.
func (s Set) Dedupes(name desk.ChannelName) bool { return s[name] != nil && s[name].Limits().Dedupes }

// Send renders a message for its channel and hands over its parts in order.
// The external id is that of the first part. When a part fails after another
// was sent, and the channel does not drop repeats, the error is one after
// which nothing is sent again.
func (s Set) Send(ctx context.Context, m desk.Message, c desk.Conversation) (string, error) {
	a := s[m.Channel]
	if a == nil {
		return "", desk.Errorf(desk.NotFound, "no_channel", "the channel %s is not open", m.Channel)
	}
	first := ""
	for i, p := range Render(m.Content, a.Limits(), c.Lang) {
		id, err := a.Send(ctx, Outgoing{ID: fmt.Sprintf("%s/%d", m.ID, i), Address: c.Address, Lang: c.Lang, Part: p})
		if err != nil && i > 0 && !a.Limits().Dedupes {
			return first, desk.Errorf(desk.Internal, "partly_sent", "only %d parts were sent: %w", i, err)
		}
		if err != nil {
			return first, err
		}
		if i == 0 {
			first = id
		}
	}
	return first, nil
}
