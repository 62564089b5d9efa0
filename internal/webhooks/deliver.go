package webhooks

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/jobs"
	"github.com/parleyhq/parley/voice"
)

// The jobs. Whoever stores the end of a call, or a recording, enqueues EndedJob
// or RecordingJob in the same transaction, so that neither is ever lost.
const (
	DeliverJob   = "webhook.deliver"
	EndedJob     = "webhook.ended"     // {"call": id}
	RecordingJob = "webhook.recording" // {"recording": id}
)

// NewEndedJob is the job that tells of the end of a call.
func NewEndedJob(call desk.ID) desk.Job {
	return desk.NewJob(EndedJob, EndedJob+":"+string(call), map[string]desk.ID{"call": call})
}

// NewRecordingJob is the job that tells of a recording.
func NewRecordingJob(recording desk.ID) desk.Job {
	return desk.NewJob(RecordingJob, RecordingJob+":"+string(recording), map[string]desk.ID{"recording": recording})
}

// Jobs runs what is enqueued; *jobs.Queue does it.
type Jobs interface {
	Handle(kind string, limit time.Duration, f func(ctx context.Context, args json.RawMessage) error)
}

// Bus is where calls say how far they have come.
type Bus interface {
	Subscribe(subject string, f func(subject string, b []byte)) (stop func(), err error)
}

// Register makes q run the jobs of hooks.
func (s *Sender) Register(q Jobs) {
	q.Handle(DeliverJob, 2*answerTime, s.deliver)
	q.Handle(EndedJob, time.Minute, func(ctx context.Context, args json.RawMessage) error {
		var a struct{ Call desk.ID }
		if err := json.Unmarshal(args, &a); err != nil {
			return jobs.Final(fmt.Errorf("arguments of %s: %w", EndedJob, err))
		}
		return s.ended(ctx, a.Call)
	})
	q.Handle(RecordingJob, time.Minute, func(ctx context.Context, args json.RawMessage) error {
		var a struct{ Recording desk.ID }
		if err := json.Unmarshal(args, &a); err != nil {
			return jobs.Final(fmt.Errorf("arguments of %s: %w", RecordingJob, err))
		}
		return s.recorded(ctx, a.Recording)
	})
}

// news is what a call publishes on "call.*" when it gets further. It may be
// lost, except the end, which comes from its job.
type news struct {
	Kind Event          `json:"kind"`
	At   time.Time      `json:"at"`
	Call voice.LiveCall `json:"call"`
}

// Listen passes on what calls of this node say, until stop.
func (s *Sender) Listen(bus Bus) (stop func(), err error) {
	return bus.Subscribe("call.*", func(_ string, b []byte) {
		var n news
		if json.Unmarshal(b, &n) != nil || n.Call.CallID == "" || n.Call.Node != "" && s.Node != "" && n.Call.Node != s.Node {
			return
		}
		switch n.Kind {
		case CallBegan, CallAnswered, CallQueued, CallTalking:
		default:
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), answerTime)
		defer cancel()
		id := eventID(string(n.Kind), string(n.Call.CallID), n.At.UTC().Format(time.RFC3339Nano))
		if err := s.tell(ctx, Body{ID: id, Event: n.Kind, At: n.At, ConversationID: n.Call.ConversationID, Call: &n.Call}); err != nil {
			s.Log.Warn("tell hooks of a call", "call", n.Call.CallID, "event", n.Kind, "err", err)
		}
	})
}

// ended tells of a finished call.
func (s *Sender) ended(ctx context.Context, call desk.ID) error {
	r, err := s.Store.Call(ctx, call)
	if desk.IsKind(err, desk.NotFound) {
		return jobs.Final(err)
	}
	if err != nil {
		return err
	}
	return s.tell(ctx, Body{ID: eventID(string(CallEnded), string(call)), Event: CallEnded, At: r.EndedAt, ConversationID: r.ConversationID, Record: &r})
}

func (s *Sender) recorded(ctx context.Context, recording desk.ID) error {
	r, err := s.Store.Recording(ctx, recording)
	if desk.IsKind(err, desk.NotFound) {
		return nil // deleted meanwhile
	}
	if err != nil {
		return err
	}
	return s.tell(ctx, Body{ID: eventID(string(RecordingReady), string(recording)), Event: RecordingReady, At: r.At, ConversationID: r.ConversationID, Recording: &r})
}

// tell enqueues a delivery for every hook that wants the event.
func (s *Sender) tell(ctx context.Context, b Body) error {
	hooks, err := s.Store.Hooks(ctx)
	if err != nil {
		return err
	}
	var out []desk.Job
	var raw []byte
	for _, h := range hooks {
		if !h.Wants(b.Event) {
			continue
		}
		if raw == nil {
			if raw, err = json.Marshal(b); err != nil {
				return err
			}
		}
		j := desk.NewJob(DeliverJob, DeliverJob+":"+string(h.ID)+":"+string(b.ID), errand{h.ID, b.ID, raw})
		j.Max = maxTries
		out = append(out, j)
	}
	if len(out) == 0 {
		return nil
	}
	return s.Store.EnqueueHooks(ctx, out)
}

// deliver sends one event to one hook. An error makes the queue try again.
func (s *Sender) deliver(ctx context.Context, args json.RawMessage) error {
	var e errand
	var b struct{ Event Event }
	if err := json.Unmarshal(args, &e); err != nil {
		return jobs.Final(fmt.Errorf("arguments of %s: %w", DeliverJob, err))
	}
	if err := json.Unmarshal(e.Body, &b); err != nil {
		return jobs.Final(fmt.Errorf("arguments of %s: %w", DeliverJob, err))
	}
	h, err := s.Store.Hook(ctx, e.Hook)
	if desk.IsKind(err, desk.NotFound) || err == nil && !h.Active {
		return nil // nobody wants it any more
	}
	if err != nil {
		return err
	}
	leave, ok := s.enter(h.ID)
	if !ok {
		return fmt.Errorf("%d deliveries to this hook are under way", maxAtOnce)
	}
	defer leave()
	status, failed := s.post(ctx, h, e.ID, b.Event, e.Body)
	now := s.Now()
	switch {
	case failed == nil:
		if h.FailingSince.IsZero() && h.Reason == "" {
			return nil
		}
		return s.Store.NoteHook(ctx, h.ID, now, "", false)
	case status == 410: // Gone: RFC 9110, 15.5.11
		if err := s.Store.NoteHook(ctx, h.ID, now, "turned off: it answered with status 410", true); err != nil {
			return err
		}
		return nil
	}
	reason, off := failed.Error(), !h.FailingSince.IsZero() && now.Sub(h.FailingSince) > givenUp
	if off {
		reason = "turned off: nothing was taken for two days; last, " + reason
	}
	if err := s.Store.NoteHook(ctx, h.ID, now, reason, off); err != nil {
		return err
	}
	if off {
		return nil
	}
	return failed
}

// eventID is the same for the same event, on whatever node and however often.
func eventID(parts ...string) desk.ID {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p + "\x00"))
	}
	return desk.ID("evt_" + hex.EncodeToString(h.Sum(nil)[:16]))
}
