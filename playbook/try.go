package playbook

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/evals"
)

// TryState is a conversation of the editor's with a playbook that need not be
// published. Nothing of it is stored: the editor's screen keeps it.
type TryState struct {
	Lang      desk.Lang                  `json:"lang"`
	Status    desk.Status                `json:"status"`
	Responder string                     `json:"responder"`
	States    map[string]json.RawMessage `json:"states"`
	Asking    *desk.Input                `json:"asking,omitempty"`
	Verified  bool                       `json:"verified,omitempty"`
	History   []desk.Message             `json:"history"`
	Messages  int                        `json:"messages"`
	Calls     map[string]int             `json:"calls"` // of each tool so far
}

// TryMessage is what the editor does in the customer's place: words, or a tap
// on an option that was last offered under this id. Empty, the chat is opened.
type TryMessage struct {
	Text    string    `json:"text,omitempty"`
	Option  string    `json:"option,omitempty"`
	Command desk.Verb `json:"command,omitempty"`
}

// Tried is what came of it.
type Tried struct {
	Messages []desk.Content `json:"messages"`
	Marks    []desk.Mark    `json:"marks"`
	HandOver *desk.HandOver `json:"hand_over,omitempty"`
	Queue    desk.QueueName `json:"queue,omitempty"`
	Status   desk.Status    `json:"status"`
	State    TryState       `json:"state"`
}

// The bounds of one try.
const (
	maxTryCalls   = 8
	maxTryHistory = 50
	tryLimit      = 20 * time.Second
)

// Try plays one turn with files as they are in the editor. Tools are never
// called: they answer what a suite of the playbook says they answer.
func (l *Library) Try(ctx context.Context, files Files, state TryState, m TryMessage) (Tried, error) {
	ctx, cancel := context.WithTimeout(ctx, tryLimit)
	defer cancel()
	b, err := l.once(ctx, "try:"+files.Digest(), func(ctx context.Context) (*Built, error) {
		p, err := Parse(files)
		if err != nil {
			return nil, err
		}
		return p.Build(ctx, l.deps())
	})
	if err != nil {
		return Tried{}, err
	}
	return b.Try(ctx, state, m, l.now())
}

// Try plays one turn in memory.
func (b *Built) Try(ctx context.Context, state TryState, m TryMessage, now time.Time) (Tried, error) {
	t := &trial{book: b, state: state, now: now}
	if t.state.Status == "" {
		t.state.Status = desk.Automated
	}
	if t.state.Lang != desk.Chinese {
		t.state.Lang = desk.English
	}
	content, err := t.content(m)
	if err != nil {
		return Tried{}, err
	}
	if err := t.play(ctx, content); err != nil {
		return Tried{}, err
	}
	t.out.Status, t.out.State = t.state.Status, t.state
	return t.out, nil
}

type trial struct {
	book  *Built
	state TryState
	now   time.Time
	out   Tried
}

// content is what the editor did; nil when he only opened the chat.
func (t *trial) content(m TryMessage) (*desk.Content, error) {
	switch {
	case m.Option != "":
		for _, said := range slices.Backward(t.state.History) {
			for _, o := range optionsOf(said.Content) {
				if o.ID == m.Option && said.Author.Kind == desk.ByBot {
					return &desk.Content{Text: o.Label, Picked: &o.Pick}, nil
				}
			}
		}
		return nil, desk.Errorf(desk.Invalid, "unknown_option", "no option %q was offered", m.Option)
	case m.Command != "":
		if !m.Command.FromOutside() {
			return nil, desk.Errorf(desk.Invalid, "unknown_command", "a command is human, back, start or cancel")
		}
		return &desk.Content{Command: m.Command}, nil
	case m.Text != "":
		return &desk.Content{Text: m.Text}, nil
	}
	return nil, nil
}

func optionsOf(c desk.Content) []desk.Option {
	out := slices.Clone(c.Options)
	if c.Card != nil {
		for _, l := range c.Card.Lines {
			if l.Edit != nil {
				out = append(out, *l.Edit)
			}
		}
	}
	return out
}

func (t *trial) play(ctx context.Context, content *desk.Content) error {
	turn := desk.Turn{}
	if content != nil {
		said := t.message(desk.ByCustomer, *content)
		turn.Message = &said
		if t.state.Asking != nil && t.state.Asking.Sensitive && content.Text != "" && content.Picked == nil {
			turn.Secret = "secret:" + string(said.ID)
		}
	}
	if t.state.Status != desk.Automated {
		t.keep(turn.Message)
		return nil // a person would answer now
	}
	for range maxTryCalls {
		turn.Conversation, turn.Contact = t.conversation()
		turn.History, turn.Now, turn.Zone = t.state.History, t.now, t.book.Zone
		o, err := desk.Respond(ctx, t.book, turn)
		if err != nil {
			return fmt.Errorf("try playbook %s: %w", t.book.Name, err)
		}
		if turn.Message != nil && turn.Secret != "" {
			turn.Message.Content.Text, turn.Message.Content.Masked = "••••", true
		}
		t.keep(turn.Message)
		t.carry(o)
		if o.Do == nil {
			return nil
		}
		result := t.call(*o.Do)
		turn = desk.Turn{Result: &result}
	}
	return desk.Errorf(desk.Invalid, "too_many_calls", "one turn led to more than %d calls of tools", maxTryCalls)
}

func (t *trial) conversation() (desk.Conversation, desk.Contact) {
	who := desk.Contact{ID: "try", Lang: t.state.Lang}
	return desk.Conversation{
		ID: "try", ContactID: who.ID, Status: t.state.Status, Channel: desk.Webchat, Lang: t.state.Lang, Playbook: t.book.Name,
		Revision: t.book.Revision, Responder: t.state.Responder, States: t.state.States, Asking: t.state.Asking, Verified: t.state.Verified,
	}, who
}

// carry does with an outcome what routing would.
func (t *trial) carry(o desk.Outcome) {
	say := func(c desk.Content) {
		m := t.message(desk.ByBot, c)
		t.keep(&m)
		t.out.Messages = append(t.out.Messages, c)
	}
	for _, c := range o.Says {
		say(c)
	}
	t.out.Marks = append(t.out.Marks, o.Marks...)
	t.state.Verified = t.state.Verified || o.Verifies()
	t.state.Responder, t.state.States, t.state.Asking = o.Responder, o.States, o.Asking
	switch {
	case o.HandOff != nil:
		t.state.Status, t.out.Queue, t.out.HandOver = desk.Waiting, o.HandOff.Queue, o.HandOff.Card
		if !o.HandOff.Say.IsZero() {
			say(o.HandOff.Say)
		}
	case o.Close != nil:
		t.state.Status = desk.Closed
	}
}

// call answers in a tool's place.
func (t *trial) call(do desk.Do) desk.Result {
	res := desk.Result{ID: do.ID, Tool: do.Tool}
	fake := t.fake(do.Tool)
	if t.state.Calls == nil {
		t.state.Calls = map[string]int{}
	}
	n := t.state.Calls[do.Tool]
	t.state.Calls[do.Tool]++
	def, ok := t.book.Tool(do.Tool)
	if fake.Error != "" || len(fake.Answers) == 0 || !ok {
		res.Error = fake.Error
		if res.Error == "" {
			res.Error = "unavailable" // no suite says what it answers
		}
		return res
	}
	data, err := def.Map(fake.Answers[min(n, len(fake.Answers)-1)])
	if err != nil {
		res.Error = "bad_answer"
		return res
	}
	res.OK, res.Data = true, data
	return res
}

// fake is how the first suite that knows the tool lets it answer, preferably
// without an error.
func (t *trial) fake(tool string) (fake evals.Fake) {
	for _, s := range t.book.Suites {
		f, ok := s.Tools[tool]
		if ok && f.Error == "" {
			return f
		}
		if ok {
			fake = f
		}
	}
	return fake
}

func (t *trial) message(by desk.AuthorKind, c desk.Content) desk.Message {
	t.state.Messages++
	return desk.Message{
		ID: desk.ID("try-" + strconv.Itoa(t.state.Messages)), ConversationID: "try", Seq: int64(t.state.Messages),
		Author: desk.Author{Kind: by}, Channel: desk.Webchat, Content: c, At: t.now,
	}
}

func (t *trial) keep(m *desk.Message) {
	if m == nil {
		return
	}
	t.state.History = append(t.state.History, *m)
	if n := len(t.state.History) - maxTryHistory; n > 0 {
		t.state.History = t.state.History[n:]
	}
}
