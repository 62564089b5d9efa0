package evals

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"time"

	"github.com/parleyhq/parley/desk"
)

// maxHistory is how much of a conversation a responder sees.
const maxHistory = 50

// maxCalls is how many tools one turn of a customer may lead to.
const maxCalls = 8

// session is a conversation kept in memory the way routing keeps it in the
// database.
type session struct {
	book    desk.Book
	conv    desk.Conversation
	contact desk.Contact
	history []desk.Message
	zone    *time.Location
	now     time.Time
	tools   Tools
	fakes   map[string]Fake
	calls   map[string]int    // of each tool so far
	secrets map[string]string // reference → what was typed
	flows   flows
	n       int // of messages
}

// did is what one turn brought about, the results of tools included.
type did struct {
	says    []desk.Content
	marks   []desk.Mark
	calls   []desk.Do
	handOff *desk.HandOff
	closed  bool
}

func newSession(book desk.Book, lang desk.Lang, now time.Time, zone *time.Location) *session {
	s := &session{book: book, zone: zone, now: now.UTC(), calls: map[string]int{}, secrets: map[string]string{}}
	s.contact = desk.Contact{ID: "contact", Lang: lang, CreatedAt: s.now, UpdatedAt: s.now}
	s.conv = desk.Conversation{ID: desk.NewID(), ContactID: s.contact.ID, Status: desk.Automated, Channel: desk.Webchat, Address: "eval", Lang: lang,
		States: map[string]json.RawMessage{}, CreatedAt: s.now, UpdatedAt: s.now}
	return s
}

// open lets the book greet a customer who has said nothing yet.
func (s *session) open(ctx context.Context) (did, error) { return s.turn(ctx, desk.Turn{}) }

// hear gives what the customer did to the responder and carries its steps out.
// A conversation that waits for a person answers nothing.
func (s *session) hear(ctx context.Context, c desk.Content) (did, error) {
	m := s.message(desk.Author{Kind: desk.ByCustomer, ID: s.contact.ID}, c)
	m.Delivery = desk.Received
	t := desk.Turn{Message: &m}
	stored := m
	if s.conv.Asking != nil && s.conv.Asking.Sensitive && c.Text != "" && c.Picked == nil && c.Command == "" {
		ref := "secret:" + string(m.ID)
		s.secrets[ref] = c.Text
		t.Secret = ref
		stored.Content.Text, stored.Content.Masked = "••••", true
		m.Content.Masked = true
	}
	s.conv.LastCustomerAt = s.now
	if s.conv.Subject == "" {
		s.conv.Subject = stored.Content.Text
	}
	if s.conv.Status != desk.Automated {
		s.keep(stored)
		return did{}, nil
	}
	out, err := s.turn(ctx, t, stored)
	return out, err
}

// turn runs one turn and those of the tools it calls. said is added to the
// history after the first.
func (s *session) turn(ctx context.Context, t desk.Turn, said ...desk.Message) (did, error) {
	var all did
	for range maxCalls {
		t.Conversation, t.Contact, t.Now, t.Zone = s.conv, s.contact, s.now, s.zone
		t.History = slices.Clone(s.history)
		out, err := respond(ctx, s.book, t)
		if err != nil {
			return all, err
		}
		for _, m := range said {
			s.keep(m)
		}
		said = nil
		if err := s.carry(out, &all); err != nil {
			return all, err
		}
		if out.Do == nil {
			return all, nil
		}
		result, err := s.call(ctx, *out.Do)
		if err != nil {
			return all, err
		}
		s.conv.Call = nil
		t = desk.Turn{Result: &result}
	}
	return all, fmt.Errorf("one turn led to more than %d calls of tools", maxCalls)
}

// respond is desk.Respond; a panic is the responder's error.
func respond(ctx context.Context, book desk.Book, t desk.Turn) (out desk.Outcome, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the responder panicked: %v\n%s", r, debug.Stack())
		}
	}()
	return desk.Respond(ctx, book, t)
}

// carry does with an outcome what routing does.
func (s *session) carry(out desk.Outcome, all *did) error {
	for _, c := range out.Says {
		s.say(c, all)
	}
	all.marks = append(all.marks, out.Marks...)
	for _, m := range out.Marks {
		s.flows.mark(m)
	}
	maps.Copy(s.secrets, out.Secrets)
	s.conv.Asking, s.conv.Responder, s.conv.States = out.Asking, out.Responder, out.States
	s.conv.Verified = s.conv.Verified || out.Verifies()
	if out.Do != nil {
		s.conv.Call = &desk.Call{Do: *out.Do, By: out.Responder, Since: s.now}
		all.calls = append(all.calls, *out.Do)
	}
	if h := out.HandOff; h != nil {
		if err := s.conv.HandOff(*h, s.now); err != nil {
			return fmt.Errorf("hand off: %w", err)
		}
		all.handOff = h
		if !h.Say.IsZero() {
			s.say(h.Say, all)
		}
	}
	if out.Close != nil {
		if err := s.conv.Close(s.now); err != nil {
			return fmt.Errorf("close: %w", err)
		}
		all.closed = true
	}
	return nil
}

func (s *session) say(c desk.Content, all *did) {
	all.says = append(all.says, c)
	s.keep(s.message(desk.Author{Kind: desk.ByBot}, c))
}

func (s *session) message(by desk.Author, c desk.Content) desk.Message {
	s.n++
	return desk.Message{ID: desk.ID(fmt.Sprintf("m%d", s.n)), ConversationID: s.conv.ID, Seq: int64(s.n), Author: by, Channel: s.conv.Channel, Content: c, At: s.now}
}

func (s *session) keep(m desk.Message) {
	s.history = append(s.history, m)
	s.history = s.history[max(0, len(s.history)-maxHistory):]
	s.conv.Seq = m.Seq
}

// call gets a tool's result: from the suite's stand-in, else from the run's
// tools. A tool with neither fails the case: its result would be invented.
func (s *session) call(ctx context.Context, do desk.Do) (desk.Result, error) {
	n := s.calls[do.Tool]
	s.calls[do.Tool]++
	if fake, ok := s.fakes[do.Tool]; ok {
		if fake.Error != "" {
			return desk.Result{ID: do.ID, Tool: do.Tool, Error: fake.Error}, nil
		}
		return desk.Result{ID: do.ID, Tool: do.Tool, OK: true, Data: fake.Answers[min(n, len(fake.Answers)-1)]}, nil
	}
	if s.tools == nil {
		return desk.Result{}, fmt.Errorf("the tool %s was called, but the suite does not say what it answers (tools.%s)", do.Tool, do.Tool)
	}
	return s.tools(ctx, do, func(ref string) (string, bool) { v, ok := s.secrets[ref]; return v, ok }), nil
}

// args are the arguments of a call with the secrets in them.
func (s *session) args(do desk.Do) map[string]string {
	out := make(map[string]string, len(do.Args))
	for k, v := range do.Args {
		if raw, ok := s.secrets[v]; ok {
			v = raw
		}
		out[k] = v
	}
	return out
}

// flows follows by its marks which flows are under way and what they know.
type flows struct{ stack []flowState }

type flowState struct {
	name  string
	slots map[string]string
}

func (f *flows) find(name string) int {
	return slices.IndexFunc(f.stack, func(s flowState) bool { return s.name == name })
}

// mark takes in what happened. What is over stays known until the next mark of
// another flow, so that its slots can still be looked at.
func (f *flows) mark(m desk.Mark) {
	i := f.find(m.Flow)
	switch m.Kind {
	case desk.MarkStarted:
		if i >= 0 {
			f.stack = slices.Delete(f.stack, i, i+1)
		}
		f.stack = append(f.stack, flowState{m.Flow, map[string]string{}})
	case desk.MarkSet, desk.MarkCorrected:
		if i >= 0 {
			f.stack[i].slots[m.Slot] = m.Value
		}
	case desk.MarkRefused:
		if i >= 0 {
			delete(f.stack[i].slots, m.Slot)
		}
	case desk.MarkCompleted, desk.MarkCancelled:
		if i >= 0 {
			f.stack = slices.Delete(f.stack, i, i+1)
		}
	case desk.MarkResumed:
		if i >= 0 {
			one := f.stack[i]
			f.stack = append(slices.Delete(f.stack, i, i+1), one)
		}
	}
}

func (f *flows) active() (flowState, bool) {
	if len(f.stack) == 0 {
		return flowState{}, false
	}
	return f.stack[len(f.stack)-1], true
}

// clone copies what may be looked at after a turn has changed it.
func (f *flows) clone() flows {
	out := flows{}
	for _, s := range f.stack {
		slots := make(map[string]string, len(s.slots))
		for k, v := range s.slots {
			slots[k] = v
		}
		out.stack = append(out.stack, flowState{s.name, slots})
	}
	return out
}
