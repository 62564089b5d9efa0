package voice

import (
	"context"
	"time"

	"github.com/parleyhq/parley/desk"
)

const (
	referTime = 5 * time.Second  // for the line to say whether it transfers
	awayTime  = 90 * time.Second // for it to have done so
)

// referral is a transfer that the customer's own line carries out: REFER. If it
// will not, or cannot, the number is rung from here.
type referral struct {
	to    string
	taken bool // it has said that it will
}

// refer asks the customer's line to take him to a number. The agent stays until
// it has said that it will.
func (t *talk) refer(to string) {
	c, r := t.c, &referral{to: to}
	t.ref = r
	leg := c.caller.leg
	go func() {
		ctx, cancel := context.WithTimeout(c.ctx, referTime)
		defer cancel()
		var err error
		if p := guard(func() { err = leg.Refer(ctx, to) }); p != nil {
			err = p
		}
		c.box.post(func() {
			if c.mode == mode(t) && t.ref == r {
				t.referAnswered(err)
			}
		})
	}()
}

func (t *talk) referAnswered(err error) {
	if err != nil {
		t.c.log.InfoContext(t.c.ctx, "the line does not transfer; ringing from here", "error", err)
		t.ringInstead(t.ref.to)
		return
	}
	t.ref.taken = true
	t.letGo()
	t.c.alarms.set(alarmRing, awayTime)
	t.c.publish()
}

// ringInstead rings the number from here.
func (t *talk) ringInstead(to string) {
	c, gone := t.c, t.alone
	t.ref = nil
	err := t.ring(to)
	switch {
	case err == nil:
	case gone:
		c.log.InfoContext(c.ctx, "transfer not done", "error", err)
		t.comeBack(EndUnreachable)
	default:
		c.log.InfoContext(c.ctx, "transfer not done", "error", err)
		c.tellMember(t.with, textUnreached)
	}
	c.publish()
}

// notReferred takes that the line has not brought the customer there. Whoever
// is busy or does not answer is not rung again.
func (t *talk) notReferred(why Cause) {
	r := t.ref
	if r == nil {
		return
	}
	t.c.alarms.clear(alarmRing)
	switch why.Reason {
	case EndBusy, EndNoAnswer, EndRejected:
		t.ref = nil
		t.letGo()
		t.quiet()
		t.comeBack(why.Reason)
		t.c.publish()
	default:
		t.ringInstead(r.to)
	}
}

// hungUp takes that the customer's line is gone; when it was to transfer him it
// has, though it did not say so.
func (t *talk) hungUp() {
	if t.ref != nil && t.ref.taken {
		t.c.end(Cause{Reason: EndTransferred, By: "system"})
	}
}

var transferring = desk.Errorf(desk.Conflict, "transferring", "the call is being transferred")
