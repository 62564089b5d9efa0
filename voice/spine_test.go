package voice_test

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
)

// spine is one conversation, whose responder is the test.
type spine struct {
	bus *bus

	mu        sync.Mutex
	conv      desk.Conversation
	events    []desk.Event
	greet     []desk.Content
	answer    func(in desk.Inbound) []desk.Content
	slow      time.Duration // a turn takes so long
	heard     map[desk.ID]string
	inbound   []desk.Inbound
	over      []voice.Over
	callbacks []desk.Callback
	tried     []string
	unreached []desk.ID
	mail      [][]byte
	spoke     []string
	moved     []string // transfers
	place     desk.Place
	queue     desk.Queue
	links     int
	began     []voice.Began
}

func newSpine(b *bus) *spine {
	return &spine{
		bus: b, heard: map[desk.ID]string{}, greet: []desk.Content{mainMenu},
		conv:  desk.Conversation{ID: "conv-1", ContactID: "contact-1", Status: desk.Automated, Lang: desk.English, Queue: "support"},
		place: desk.Place{Position: 2, Wait: 150, Known: true, AnyoneOn: true},
	}
}

var mainMenu = desk.Content{Text: "How can we help?", Menu: "main", Options: []desk.Option{
	{ID: "c1", Key: "1", Label: "Order a coffee"},
	{ID: "c2", Key: "2", Label: "Where is my order?"},
	{ID: "c3", Key: "0", Label: "Talk to a person", Pick: desk.Pick{Verb: desk.PickHuman}},
}}

// say appends a message and tells of it.
func (s *spine) say(by desk.AuthorKind, channel desk.ChannelName, c desk.Content, external string) {
	s.mu.Lock()
	s.conv.Seq++
	m := desk.Message{
		ID: desk.NewID(), ConversationID: s.conv.ID, Seq: s.conv.Seq, Author: desk.Author{Kind: by}, Channel: channel,
		Content: c, ExternalID: external, At: time.Now(),
	}
	data, _ := json.Marshal(m)
	s.events = append(s.events, desk.Event{ID: m.ID, ConversationID: s.conv.ID, Seq: m.Seq, Kind: desk.EventMessage, Data: data, At: m.At})
	s.mu.Unlock()
	s.wake()
}

func (s *spine) wake() { _ = s.bus.Publish("conv."+string(s.conv.ID), map[string]string{}) }

// move changes the conversation and tells of it.
func (s *spine) move(f func(c *desk.Conversation)) {
	s.mu.Lock()
	f(&s.conv)
	s.mu.Unlock()
	s.wake()
}

func (s *spine) Begin(_ context.Context, b voice.Began) (desk.Conversation, error) {
	s.mu.Lock()
	s.began = append(s.began, b)
	s.conv.OnCall, s.conv.Channel = b.Call, desk.Voice
	greet := s.greet
	s.mu.Unlock()
	if b.Conversation == "" {
		for _, c := range greet {
			s.say(desk.ByBot, desk.Voice, c, "")
		}
	}
	return s.Conversation(context.Background(), "")
}

func (s *spine) Hear(ctx context.Context, in desk.Inbound) (desk.Conversation, error) {
	s.mu.Lock()
	for _, old := range s.inbound {
		if old.ExternalID == in.ExternalID {
			s.mu.Unlock()
			return s.conv, nil
		}
	}
	s.inbound = append(s.inbound, in)
	answer, slow := s.answer, s.slow
	s.mu.Unlock()
	s.say(desk.ByCustomer, in.Channel, desk.Content{Text: in.Text}, in.ExternalID)
	if slow > 0 {
		select {
		case <-time.After(slow):
		case <-ctx.Done():
			return s.conv, ctx.Err()
		}
	}
	if answer != nil {
		for _, c := range answer(in) {
			s.say(desk.ByBot, desk.Voice, c, "")
		}
	}
	return s.Conversation(ctx, "")
}

// is makes a look at the spine safe beside its calls.
func (s *spine) is(f func() bool) func() bool {
	return func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return f()
	}
}

func (s *spine) last() desk.Inbound {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.inbound) == 0 {
		return desk.Inbound{}
	}
	return s.inbound[len(s.inbound)-1]
}

func (s *spine) Spoke(_ context.Context, a desk.Author, _ desk.ID, _, text string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.spoke = append(s.spoke, string(a.ID)+": "+text)
	return nil
}
func (s *spine) Heard(_ context.Context, m desk.ID, text string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.heard[m] = text
	return nil
}
func (s *spine) Mark(context.Context, desk.ID, desk.Mark) error { return nil }
func (s *spine) End(_ context.Context, o voice.Over) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = append(s.over, o)
	return nil
}
func (s *spine) AskCallback(_ context.Context, _ desk.ID, cb desk.Callback) error {
	s.mu.Lock()
	s.callbacks = append(s.callbacks, cb)
	s.conv.Callback = &cb
	s.mu.Unlock()
	s.say(desk.ByBot, desk.Voice, desk.Content{Text: "We will call you back."}, "")
	return nil
}
func (s *spine) CallbackTried(_ context.Context, _ desk.ID, result string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tried = append(s.tried, result)
	return nil
}
func (s *spine) Unreached(_ context.Context, _, agent desk.ID) error {
	s.mu.Lock()
	s.unreached = append(s.unreached, agent)
	s.mu.Unlock()
	s.move(func(c *desk.Conversation) { c.Status, c.AgentID = desk.Waiting, "" })
	return nil
}
func (s *spine) Voicemail(ctx context.Context, _ desk.ID, wav []byte, _ int, _ string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mail = append(s.mail, wav)
	return nil
}
func (s *spine) Take(_ context.Context, by desk.Author, _ desk.ID) error {
	s.move(func(c *desk.Conversation) { c.Status, c.AgentID = desk.Assigned, by.ID })
	return nil
}
func (s *spine) Transfer(_ context.Context, _ desk.Author, _ desk.ID, q desk.QueueName, to desk.ID, _ string) error {
	s.mu.Lock()
	s.moved = append(s.moved, string(q)+string(to))
	s.mu.Unlock()
	s.move(func(c *desk.Conversation) { c.Status, c.AgentID = desk.Waiting, "" })
	return nil
}
func (s *spine) Close(context.Context, desk.Author, desk.ID, string) error { return nil }
func (s *spine) Conversation(context.Context, desk.ID) (desk.Conversation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conv, nil
}
func (s *spine) Contact(context.Context, desk.ID) (desk.Contact, error) {
	return desk.Contact{ID: "contact-1", Name: "Lee"}, nil
}
func (s *spine) Events(_ context.Context, _ desk.ID, after int64, limit int) (out []desk.Event, _ error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.events {
		if e.Seq > after && len(out) < limit {
			out = append(out, e)
		}
	}
	return out, nil
}
func (s *spine) Place(context.Context, desk.ID) (desk.Place, error) { return s.place, nil }
func (s *spine) Queue(context.Context, desk.QueueName) (desk.Queue, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.queue, nil
}
func (s *spine) SendLink(context.Context, desk.ID) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.links++
	return true, nil
}
