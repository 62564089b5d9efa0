package main

import (
	"bytes"
	"context"
	"strings"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/httpapi"
	"github.com/parleyhq/parley/internal/store"
	"github.com/parleyhq/parley/routing"
	"github.com/parleyhq/parley/voice"
)

// spine is the conversations as calls see them.
type spine struct {
	router *routing.Router
	reads  *store.Routing
	http   *httpapi.Server
	sms    bool // short messages can be sent
}

var _ voice.Spine = spine{}

func (s spine) Begin(ctx context.Context, b voice.Began) (desk.Conversation, error) {
	return s.router.CallBegan(ctx, routing.CallStart(b))
}

func (s spine) Hear(ctx context.Context, in desk.Inbound) (desk.Conversation, error) {
	r, err := s.router.Hear(ctx, in)
	return r.Conversation, err
}

func (s spine) Spoke(ctx context.Context, agent desk.Author, conversation desk.ID, id, text string) error {
	return s.router.Spoke(ctx, agent, conversation, id, text)
}

func (s spine) Heard(ctx context.Context, message desk.ID, text string) error {
	return s.router.Heard(ctx, message, text)
}

func (s spine) Mark(ctx context.Context, conversation desk.ID, m desk.Mark) error {
	return s.router.Mark(ctx, conversation, m)
}

func (s spine) End(ctx context.Context, e voice.Over) error {
	return s.router.CallEnded(ctx, routing.CallOver{Call: e.Call, Conversation: e.Conversation, Cause: e.Cause.Reason, Waiting: e.Waiting})
}

func (s spine) AskCallback(ctx context.Context, conversation desk.ID, cb desk.Callback) error {
	return s.router.AskCallback(ctx, conversation, cb)
}

func (s spine) CallbackTried(ctx context.Context, conversation desk.ID, result string) error {
	return s.router.CallbackTried(ctx, conversation, result)
}

func (s spine) Unreached(ctx context.Context, conversation, agent desk.ID) error {
	return s.router.Unreached(ctx, conversation, agent)
}

func (s spine) Voicemail(ctx context.Context, conversation desk.ID, wav []byte, seconds int, transcript string) error {
	c, err := s.reads.Conversation(ctx, conversation)
	if err != nil {
		return err
	}
	name := "voicemail-" + time.Now().UTC().Format("20060102-150405") + ".wav"
	file, err := s.http.KeepFile(ctx, c.ContactID, name, bytes.NewReader(wav))
	if err != nil {
		return err
	}
	return s.router.Voicemail(ctx, conversation, file, seconds, transcript)
}

func (s spine) Take(ctx context.Context, agent desk.Author, conversation desk.ID) error {
	_, err := s.router.Take(ctx, agent, conversation)
	return err
}

func (s spine) Transfer(ctx context.Context, agent desk.Author, conversation desk.ID, queue desk.QueueName, to desk.ID, note string) error {
	_, err := s.router.Transfer(ctx, agent, conversation, routing.Destination{Queue: queue, Agent: to}, note)
	return err
}

func (s spine) Close(ctx context.Context, by desk.Author, conversation desk.ID, disposition string) error {
	_, err := s.router.Close(ctx, by, conversation, disposition)
	return err
}

func (s spine) Conversation(ctx context.Context, id desk.ID) (desk.Conversation, error) {
	return s.reads.Conversation(ctx, id)
}

func (s spine) Contact(ctx context.Context, id desk.ID) (desk.Contact, error) {
	return s.reads.Contact(ctx, id)
}

func (s spine) Events(ctx context.Context, conversation desk.ID, after int64, limit int) ([]desk.Event, error) {
	return s.reads.Timeline(ctx, conversation, after, limit)
}

func (s spine) Place(ctx context.Context, conversation desk.ID) (desk.Place, error) {
	return s.router.Place(ctx, conversation)
}

func (s spine) Queue(ctx context.Context, name desk.QueueName) (desk.Queue, error) {
	q, ok, err := s.reads.Queue(ctx, name)
	if err == nil && !ok {
		err = desk.Errorf(desk.NotFound, "no_queue", "there is no queue %s", name)
	}
	return q, err
}

// SendLink sends the page of a call to a telephone that can show it.
func (s spine) SendLink(ctx context.Context, conversation desk.ID) (bool, error) {
	c, err := s.reads.Conversation(ctx, conversation)
	if err != nil || !s.sms || c.OnCall == "" || !strings.HasPrefix(c.Address, "+") {
		return false, err
	}
	page, err := s.http.CallPage(c.ContactID, c.ID, c.OnCall)
	if err != nil {
		return false, err
	}
	text := desk.T("See your call on this page: ", "请在此页面查看通话内容：").In(c.Lang) + page
	err = s.router.Notify(ctx, conversation, desk.SMS, desk.Content{Text: text})
	if desk.IsKind(err, desk.NotFound) {
		return false, nil
	}
	return err == nil, err
}
