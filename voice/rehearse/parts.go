package rehearse

import (
	"context"
	"encoding/json"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
)

// What the exchange of a call is given: its parts look over the exchange's
// shoulder, so that the call knows when it is at rest.

// ear is the bot's.
type ear struct{ c *Call }

// Hear implements voice.Ear. The exchange asks once more when it fails.
func (e ear) Hear(ctx context.Context, wav []byte, lang desk.Lang) (string, error) {
	text, err := e.c.phone.Ear.Hear(ctx, wav, lang)
	e.c.change(func() {
		switch {
		case err == nil:
			e.c.understood++
			if text != "" {
				e.c.words = append(e.c.words, text)
				e.c.answers++
			}
		case e.c.failed[&wav[0]]:
			e.c.understood++
			if e.c.err == nil {
				e.c.err = desk.Errorf(desk.KindOf(err), "deaf", "the caller was not understood: %w", err)
			}
		default:
			e.c.failed[&wav[0]] = true
		}
	})
	return text, err
}

// mouth is the bot's.
type mouth struct{ c *Call }

// Say implements voice.Mouth.
func (m mouth) Say(ctx context.Context, sentence string, lang desk.Lang) ([]byte, error) {
	ulaw, err := m.c.phone.Mouth.Say(ctx, sentence, lang)
	if err != nil && ctx.Err() == nil {
		m.c.change(func() {
			if m.c.err == nil {
				m.c.err = desk.Errorf(desk.KindOf(err), "mute", "a prompt could not be spoken: %w", err)
			}
		})
	}
	return ulaw, err
}

// bus has the call's own news only.
type bus struct{ c *Call }

// Publish implements voice.Bus.
func (b bus) Publish(_ string, v any) error {
	if e, ok := v.(desk.Event); ok {
		b.c.told(e)
	}
	return nil
}

// Subscribe implements voice.Bus: what the far end does, it does in Hear, after
// which the exchange looks by itself.
func (bus) Subscribe(string, func(string, []byte)) (func(), error) { return func() {}, nil }

// Request implements voice.Bus: there is no other node.
func (bus) Request(context.Context, string, any, any) error {
	return desk.Errorf(desk.NotFound, "no_node", "there is no other node")
}

// Serve implements voice.Bus.
func (bus) Serve(string, func(context.Context, []byte) (any, error)) (func(), error) {
	return func() {}, nil
}

// spine is the conversation at the far end. What only people at a desk do has
// no effect.
type spine struct{ c *Call }

var _ voice.Spine = spine{}

// moved takes in where a turn has led.
func (s spine) moved(conv desk.Conversation, more func()) {
	events := s.c.far.Events(s.c.after(), 100)
	s.c.change(func() {
		more()
		s.c.status = conv.Status
		for _, e := range events {
			var m desk.Message
			s.c.seq = max(s.c.seq, e.Seq)
			if json.Unmarshal(e.Data, &m) == nil && m.Author.Kind == desk.ByBot && len(s.c.phone.Speaker.Sentences(voice.Keyed(m.Content), conv.Lang, voice.Saying{Words: true})) > 0 {
				s.c.last = m.ID
			}
		}
	})
}

// Begin implements voice.Spine.
func (s spine) Begin(ctx context.Context, b voice.Began) (desk.Conversation, error) {
	conv, err := s.c.far.Open(ctx, b.Call)
	if err == nil {
		s.moved(conv, func() { s.c.opened = true })
	}
	return conv, err
}

// Hear implements voice.Spine.
func (s spine) Hear(ctx context.Context, in desk.Inbound) (desk.Conversation, error) {
	conv, err := s.c.far.Hear(ctx, in)
	if err == nil {
		s.moved(conv, func() { s.c.heardOf[in.ExternalID] = true })
	}
	return conv, err
}

// Conversation implements voice.Spine.
func (s spine) Conversation(context.Context, desk.ID) (desk.Conversation, error) {
	return s.c.far.Conversation(), nil
}

// Contact implements voice.Spine.
func (s spine) Contact(context.Context, desk.ID) (desk.Contact, error) {
	return s.c.far.Contact(), nil
}

// Events implements voice.Spine.
func (s spine) Events(_ context.Context, _ desk.ID, after int64, limit int) ([]desk.Event, error) {
	return s.c.far.Events(after, limit), nil
}

// Place implements voice.Spine.
func (spine) Place(context.Context, desk.ID) (desk.Place, error) {
	return desk.Place{Position: 1, AnyoneOn: true}, nil
}

// Queue implements voice.Spine.
func (spine) Queue(_ context.Context, name desk.QueueName) (desk.Queue, error) {
	return desk.Queue{Name: name}, nil
}

func (spine) Spoke(context.Context, desk.Author, desk.ID, string, string) error { return nil }
func (spine) Heard(context.Context, desk.ID, string) error                      { return nil }
func (spine) Mark(context.Context, desk.ID, desk.Mark) error                    { return nil }
func (spine) End(context.Context, voice.Over) error                             { return nil }
func (spine) CallbackTried(context.Context, desk.ID, string) error              { return nil }
func (spine) Unreached(context.Context, desk.ID, desk.ID) error                 { return nil }
func (spine) Voicemail(context.Context, desk.ID, []byte, int, string) error     { return nil }
func (spine) Take(context.Context, desk.Author, desk.ID) error                  { return nil }
func (spine) Close(context.Context, desk.Author, desk.ID, string) error         { return nil }
func (spine) SendLink(context.Context, desk.ID) (bool, error)                   { return false, nil }
func (spine) AskCallback(context.Context, desk.ID, desk.Callback) error         { return nil }
func (spine) Transfer(context.Context, desk.Author, desk.ID, desk.QueueName, desk.ID, string) error {
	return nil
}

// nowhere keeps nothing of a call.
type nowhere struct{}

func (nowhere) StartCall(context.Context, voice.Record) error          { return nil }
func (nowhere) UpdateCall(context.Context, voice.Record) error         { return nil }
func (nowhere) FinishCall(context.Context, voice.Record) (bool, error) { return true, nil }
func (nowhere) Beat(context.Context, string, time.Time) error          { return nil }
func (nowhere) AddRecording(context.Context, voice.Recording) error    { return nil }
func (nowhere) AbandonCalls(context.Context, time.Time, int) ([]voice.Record, error) {
	return nil, nil
}
func (nowhere) Call(context.Context, desk.ID) (voice.Record, error) {
	return voice.Record{}, desk.Errorf(desk.NotFound, "no_call", "calls are not kept here")
}
func (nowhere) Prompt(context.Context, string, desk.Lang) (string, error) {
	return "", desk.Errorf(desk.NotFound, "no_prompt", "there are no uploaded prompts here")
}
