package evals

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/parleyhq/parley/desk"
)

// Phone calls a playbook as a customer would: through the whole of a call, with
// a voice, an ear and keys. Cases as AsAudio are played by one.
type Phone interface {
	// Dial makes a call that far answers. It returns once the greeting has been
	// said to its end. The call ends with ctx, or by Hangup.
	Dial(ctx context.Context, far *Far) (Call, error)
	// Keyed gives the options of a message the keys of a telephone, as they are
	// announced.
	Keyed(c desk.Content) desk.Content
}

// Call is a call that is up. One method runs at a time; each returns once what
// it led to has happened and was said to its end, or the call is over.
type Call interface {
	// Say speaks. heard is what was understood of it; empty: nothing was.
	Say(ctx context.Context, words string) (heard string, err error)
	// Press presses keys: 0-9, * and #.
	Press(ctx context.Context, keys string) error
	// Hangup ends the call and returns when nothing of it is left.
	Hangup()
}

// Far is the conversation at the far end of a call: the one that is played, in
// memory. Its turns run while the customer acts, one at a time. It is safe for
// concurrent use.
type Far struct {
	ctx   context.Context // of the playing: who goes on speaking does not cut a turn off
	turn  chan struct{}   // taken by whoever may touch what follows
	s     *session
	heard map[string]bool // external ids
	did   did             // since during began
	err   error

	mu     sync.Mutex // guards what follows
	conv   desk.Conversation
	events []desk.Event
}

// newFar makes the far end of a call of s. The turn is the stage's.
func newFar(ctx context.Context, s *session) *Far {
	s.conv.Channel, s.conv.Address = desk.Voice, "+15550100"
	f := &Far{ctx: ctx, s: s, turn: make(chan struct{}, 1), conv: s.conv, heard: map[string]bool{}}
	f.turn <- struct{}{}
	return f
}

// Open greets the customer of a call.
func (f *Far) Open(ctx context.Context, call desk.ID) (desk.Conversation, error) {
	return f.move(ctx, func() (did, error) {
		f.s.conv.OnCall = call
		return f.s.open(f.ctx)
	})
}

// Hear takes in what the customer said or pressed. The same ExternalID twice is
// heard once.
func (f *Far) Hear(ctx context.Context, in desk.Inbound) (desk.Conversation, error) {
	return f.move(ctx, func() (did, error) {
		if in.ExternalID != "" && f.heard[in.ExternalID] {
			return did{}, nil
		}
		f.heard[in.ExternalID] = true
		c := desk.Content{Text: in.Text, Command: in.Command}
		if in.Choice != nil {
			o, ok := f.s.option(*in.Choice)
			if !ok {
				return did{}, fmt.Errorf("no message offers option %q", in.Choice.OptionID)
			}
			c = desk.Content{Text: o.Label, Picked: &o.Pick}
		}
		return f.s.hear(f.ctx, c)
	})
}

// Conversation is how the conversation stands.
func (f *Far) Conversation() desk.Conversation {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.conv
}

// Contact is the customer.
func (f *Far) Contact() desk.Contact { return f.s.contact }

// Now is the clock of the case.
func (f *Far) Now() time.Time { return f.s.now }

// Zone is that of the playbook.
func (f *Far) Zone() *time.Location { return f.s.zone }

// Events lists at most limit messages after a seq, as events.
func (f *Far) Events(after int64, limit int) []desk.Event {
	f.mu.Lock()
	defer f.mu.Unlock()
	i, _ := slices.BinarySearchFunc(f.events, after+1, func(e desk.Event, seq int64) int { return int(e.Seq - seq) })
	return slices.Clone(f.events[i:min(len(f.events), i+limit)])
}

// move runs a turn and shows where it led. What goes wrong in it is the case's
// matter, not the call's.
func (f *Far) move(ctx context.Context, turn func() (did, error)) (desk.Conversation, error) {
	if err := f.take(ctx); err != nil {
		return f.Conversation(), err
	}
	defer f.give()
	d, err := turn()
	f.did.add(d)
	if f.err == nil {
		f.err = err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	last := int64(0)
	if n := len(f.events); n > 0 {
		last = f.events[n-1].Seq
	}
	for _, m := range f.s.history {
		if m.Seq <= last {
			continue
		}
		data, err := json.Marshal(m)
		if err != nil {
			return f.conv, fmt.Errorf("write message %s: %w", m.ID, err)
		}
		f.events = append(f.events, desk.Event{ID: m.ID, ConversationID: m.ConversationID, Seq: m.Seq, Kind: desk.EventMessage, Data: data, At: m.At})
	}
	f.conv = f.s.conv
	return f.conv, nil
}

// take waits for the turn.
func (f *Far) take(ctx context.Context) error {
	select {
	case f.turn <- struct{}{}:
		return nil
	case <-f.ctx.Done():
		return f.ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (f *Far) give() { <-f.turn }

// during lets the call have its turns while act runs, and returns what they
// brought about.
func (f *Far) during(act func() error) (did, error) {
	f.give()
	err := act()
	f.turn <- struct{}{} // every turn ends
	d := f.did
	f.did = did{}
	if f.err != nil {
		err = f.err
	}
	return d, err
}

// add takes in what a further turn brought about.
func (d *did) add(more did) {
	d.says = append(d.says, more.says...)
	d.marks = append(d.marks, more.marks...)
	d.calls = append(d.calls, more.calls...)
	d.closed = d.closed || more.closed
	if more.handOff != nil {
		d.handOff = more.handOff
	}
}

// option is what a message offered under an id.
func (s *session) option(c desk.Choice) (desk.Option, bool) {
	for _, m := range s.history {
		if m.ID == c.MessageID && m.Author.Kind == desk.ByBot {
			options := offered(m.Content)
			if i := slices.IndexFunc(options, func(o desk.Option) bool { return o.ID == c.OptionID }); i >= 0 {
				return options[i], true
			}
		}
	}
	return desk.Option{}, false
}

// dial calls, and hears the greeting. hangup is never nil.
func (st *stage) dial(ctx context.Context) (hangup func(), ok bool) {
	st.far = newFar(ctx, st.s)
	hangup = func() {}
	d, err := st.far.during(func() (err error) {
		st.call, err = st.o.Phone.Dial(ctx, st.far)
		return err
	})
	if st.call != nil {
		hangup = func() {
			st.far.give()
			st.call.Hangup()
		}
	}
	return hangup, st.keep(Turn{Line: st.p.Line}, d, err)
}

// acts does in a call what a customer means: presses the key of an option, or
// digits, and speaks everything else. heard is what was understood of his
// words.
func (st *stage) acts(ctx context.Context, user, keys string) (d did, heard string, err error) {
	d, err = st.far.during(func() (err error) {
		if keys != "" {
			return st.call.Press(ctx, keys)
		}
		heard, err = st.call.Say(ctx, user)
		return err
	})
	return d, heard, err
}

// spoken is what a customer does on a telephone: his words, or the keys that he
// presses instead.
func (st *stage) spoken(a act) (c desk.Content, user, keys string, err error) {
	switch {
	case a.place != nil || a.file != nil:
		return c, "", "", fmt.Errorf("a caller cannot send a file or a place: leave audio out of this case")
	case a.verb != "":
		if keys = map[desk.Verb]string{desk.PickHuman: "0", desk.PickBack: "*"}[a.verb]; keys == "" {
			return c, "", "", fmt.Errorf("a telephone has no key for %s: leave audio out of this case", a.verb)
		}
		return desk.Content{Command: a.verb}, "", keys, nil
	case a.option != nil && !a.stale:
		for _, o := range st.o.Phone.Keyed(st.s.asks()).Options {
			if o.ID == a.option.ID && o.Key != "" {
				return desk.Content{Text: a.option.Label, Picked: &a.option.Pick}, "", o.Key, nil
			}
		}
	case a.option == nil && isKeys(a.words):
		return desk.Content{Text: a.words}, "", strings.TrimSpace(a.words), nil
	}
	c, user, _ = a.content(AsText, st.p.Lang)
	return c, user, "", nil
}

// asks is what the customer was asked last.
func (s *session) asks() desk.Content {
	for _, m := range slices.Backward(s.history) {
		if m.Author.Kind != desk.ByBot {
			break
		}
		if len(m.Content.Options) > 0 || m.Content.Input != nil {
			return m.Content
		}
	}
	return desk.Content{}
}

// isKeys reports whether words are keys of a telephone.
func isKeys(words string) bool {
	words = strings.TrimSpace(words)
	return words != "" && strings.Trim(words, "0123456789*#") == ""
}
