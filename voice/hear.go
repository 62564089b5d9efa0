package voice

import (
	"context"
	"fmt"
	"time"

	"github.com/parleyhq/parley/desk"
)

const (
	turnTime = 40 * time.Second // for the responder to answer
	maxHeard = 20               // answers that wait for their turn
)

// hearing gives the spine what the customer pressed and said, one after the
// other, and lets the responder answer. Its methods belong to the call's
// goroutine.
type hearing struct {
	c    *call
	n    int // names each answer
	wait []desk.Inbound
	now  context.CancelFunc // of the turn that runs
	at   time.Time          // since when it does
}

// take hears in after what waits.
func (h *hearing) take(in desk.Inbound) {
	if len(h.wait) >= maxHeard {
		return
	}
	h.n++
	in.Channel, in.Address, in.Contact = desk.Voice, h.c.at, h.c.conv.ContactID
	in.ExternalID, in.Playbook = fmt.Sprintf("%s.%d", h.c.id, h.n), h.c.conv.Playbook
	h.wait = append(h.wait, in)
	h.next()
}

// busy reports whether the responder has its turn.
func (h *hearing) busy() bool { return h.now != nil }

// lasts is how long the turn has lasted.
func (h *hearing) lasts() time.Duration { return time.Since(h.at) }

// cancel gives up the turn that runs: the customer goes on. What he said before
// is not lost.
func (h *hearing) cancel() {
	if h.now != nil {
		h.now()
	}
}

func (h *hearing) next() {
	if h.now != nil || len(h.wait) == 0 {
		return
	}
	in := h.wait[0]
	h.wait = h.wait[1:]
	ctx, cancel := context.WithTimeout(context.WithoutCancel(h.c.ctx), turnTime)
	h.now, h.at = cancel, time.Now()
	after := h.c.seq
	go func() {
		var err error
		if p := guard(func() { err = h.hear(ctx, in, after) }); p != nil {
			err = p
		}
		cancel()
		h.c.box.post(func() { h.heard(in, err) })
	}()
}

// hear takes an answer in. A turn that was given up in the middle may have had
// no time to do so; then it is taken in again.
func (h *hearing) hear(ctx context.Context, in desk.Inbound, after int64) error {
	_, err := h.c.ex.Spine.Hear(ctx, in)
	if err == nil {
		return nil
	}
	again, cancel := context.WithTimeout(context.WithoutCancel(ctx), turnTime)
	defer cancel()
	switch {
	case ctx.Err() != nil:
		if h.stored(again, in, after) {
			return nil
		}
	case !desk.IsKind(err, desk.Unavailable) && !desk.IsKind(err, desk.Internal):
		return err
	}
	_, err = h.c.ex.Spine.Hear(again, in)
	return err
}

// stored reports whether an answer is in the conversation.
func (h *hearing) stored(ctx context.Context, in desk.Inbound, after int64) bool {
	events, err := h.c.ex.Spine.Events(ctx, h.c.conv.ID, after, pageSize)
	for _, e := range events {
		if m, ok := message(e); ok && m.ExternalID == in.ExternalID {
			return true
		}
	}
	return err != nil
}

func (h *hearing) heard(in desk.Inbound, err error) {
	h.now = nil
	if err != nil {
		h.c.log.WarnContext(h.c.ctx, "answer not taken in", "id", in.ExternalID, "error", err)
	}
	h.c.look()
	if h.c.mode != nil && h.c.over == nil {
		h.c.mode.answered(err)
	}
	h.next()
}
