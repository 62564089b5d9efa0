package voice

import (
	"context"
	"time"

	"github.com/parleyhq/parley/desk"
)

// times adds up how long a call waited, talked and was held.
type times struct {
	queued, talked, held time.Time // since when; zero: not now
}

func (t *times) queue(r *Record, now time.Time, queue desk.QueueName) {
	if !t.talked.IsZero() {
		t.pause(r, now)
	}
	if t.queued.IsZero() {
		t.queued = now
	}
	if r.QueuedAt.IsZero() {
		r.QueuedAt = now
	}
	if queue != "" {
		r.Queue = queue
	}
}

func (t *times) talk(r *Record, now time.Time) {
	if !t.queued.IsZero() {
		r.Waited += now.Sub(t.queued)
		t.queued = time.Time{}
	}
	if r.TalkedAt.IsZero() {
		r.TalkedAt = now
	}
	if t.talked.IsZero() {
		t.talked = now
	}
}

// pause ends a talk that may go on.
func (t *times) pause(r *Record, now time.Time) {
	if !t.talked.IsZero() {
		r.Talked += now.Sub(t.talked)
		t.talked = time.Time{}
	}
}

func (t *times) hold(r *Record, now time.Time, on bool) {
	switch {
	case on && t.held.IsZero():
		t.held = now
	case !on && !t.held.IsZero():
		r.HeldFor += now.Sub(t.held)
		t.held = time.Time{}
	}
}

func (t *times) end(r *Record, now time.Time) {
	t.pause(r, now)
	t.hold(r, now, false)
	if !t.queued.IsZero() {
		r.Waited += now.Sub(t.queued)
		t.queued = time.Time{}
	}
}

// began stores that there is a call.
func (c *call) began() {
	ctx, cancel := context.WithTimeout(c.ctx, spineTime)
	defer cancel()
	if err := c.ex.Store.StartCall(ctx, c.rec); err != nil {
		c.log.ErrorContext(ctx, "call not recorded; it goes on", "error", err)
	} else {
		c.stored = true
	}
	c.shown.state, c.shown.since = desk.CallRinging, c.ex.now()
	if c.rec.Direction == "out" {
		c.shown.state = desk.CallDialing
	}
	c.tell("call.began")
}

// keepRecord stores how far the call has come, for the case that this node
// dies.
func (c *call) keepRecord() {
	rec := c.rec
	c.do("call's record not kept up", func(ctx context.Context) error { return c.ex.Store.UpdateCall(ctx, rec) }, nil)
}

// finish ends everything that belongs to the call, and writes down its end.
func (c *call) finish() {
	if c.over == nil {
		c.end(Cause{Reason: EndFailed, By: "system"})
	}
	why := *c.over
	c.stop()
	c.hear.cancel()
	waits := c.conv.Status == desk.Waiting || c.conv.Status == desk.Offered
	if c.voice != nil {
		c.voice.close()
	}
	if c.mode != nil {
		_ = guard(c.mode.leave)
	}
	for _, m := range append([]*member(nil), c.room.members...) {
		c.note(m)
		m.leg.Hangup(why)
	}
	c.room.open = false
	c.room.cut()
	c.ears.close()
	c.kept.Wait()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.ctx), closeTime)
	defer cancel()
	c.tape.close(ctx)
	now := c.ex.now()
	c.times.end(&c.rec, now)
	c.rec.EndedAt, c.rec.Cause = now, why
	if c.passedOn && why.Reason == EndNormal {
		c.rec.Cause.Reason = EndTransferred
	}
	if c.conv.ID != "" && !c.rec.AnsweredAt.IsZero() {
		if err := c.ex.Spine.End(ctx, Over{Call: c.id, Conversation: c.conv.ID, Cause: why, Waiting: waits}); err != nil {
			c.log.ErrorContext(ctx, "end of the call not noted", "error", err)
		}
	}
	c.callbackDone(ctx)
	first := c.finishRecord(ctx)
	c.room.members = nil
	if first {
		c.tell("call.ended")
	} else {
		c.publish()
	}
	c.log.InfoContext(ctx, "call over", "cause", c.rec.Cause.Reason, "by", why.By, "seconds", int(now.Sub(c.rec.StartedAt).Seconds()))
}

// finishRecord writes the record's end, and reports whether this was the one
// time.
func (c *call) finishRecord(ctx context.Context) bool {
	for try := range 3 {
		if try > 0 {
			select {
			case <-ctx.Done():
			case <-time.After(time.Duration(try) * 500 * time.Millisecond):
			}
		}
		if !c.stored {
			if err := c.ex.Store.StartCall(ctx, c.rec); err == nil {
				c.stored = true
			}
		}
		first, err := c.ex.Store.FinishCall(ctx, c.rec)
		if err == nil {
			return first
		}
		c.log.ErrorContext(ctx, "call's end not recorded", "try", try+1, "error", err)
	}
	c.ex.owe(c.rec)
	return false
}
