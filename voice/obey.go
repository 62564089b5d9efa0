package voice

import (
	"context"

	"github.com/parleyhq/parley/desk"
)

// order is a command on its way to the call's goroutine.
type order struct {
	ctx   context.Context
	cmd   Command
	reply chan error // with room for one
}

var notNow = desk.Errorf(desk.Conflict, "not_talking", "that is possible only while an agent talks with the customer")

// obey carries out a command.
func (c *call) obey(o order) error {
	if err := o.ctx.Err(); err != nil {
		return err
	}
	err := c.carryOut(o.cmd)
	c.publish()
	return err
}

func (c *call) carryOut(o Command) error {
	switch o.Verb {
	case DoHangup:
		c.hangup(o)
		return nil
	case DoTransfer:
		if err := o.oneTarget(); err != nil {
			return err
		}
	case DoListen, DoWhisper, DoBarge, DoUnlisten:
		return c.supervise(o)
	case DoPause, DoRecord:
		return c.tape.command(o.Verb)
	}
	t, ok := c.mode.(*talk)
	if !ok {
		return notNow
	}
	return t.carryOut(o)
}

func (t *talk) carryOut(o Command) error {
	c := t.c
	if t.ref != nil {
		return transferring
	}
	if o.Verb == DoPickUp {
		return t.pickUp(o.By.ID)
	}
	if !c.room.open && !t.joined {
		return notNow
	}
	switch o.Verb {
	case DoLeave:
		return t.step(o.By.ID)
	case DoHold, DoResume:
		if c.room.by(roleConsult) != nil {
			return desk.Errorf(desk.Conflict, "consulting", "the customer holds as long as somebody is consulted")
		}
		c.hold(o.Verb == DoHold)
		return nil
	case DoMute, DoUnmute:
		m := c.room.agent(o.By.ID)
		if m == nil {
			m = t.with
		}
		if m == nil {
			return notNow
		}
		m.muted = o.Verb == DoMute
		m.leg.Line().Mute(m.muted)
		return nil
	case DoDigits:
		return t.digits(o)
	case DoTransfer:
		return t.transfer(o)
	case DoConsult:
		return t.consult(o)
	case DoComplete:
		return t.complete(o)
	case DoMerge:
		return t.merge()
	case DoCancel:
		return t.cancel()
	case DoRemove:
		return t.remove(o.Leg)
	}
	return &desk.Error{Kind: desk.Invalid, Code: "unknown_verb", Field: "verb", Message: "there is no verb " + string(o.Verb)}
}

// oneTarget checks that a transfer goes to one place.
func (o Command) oneTarget() error {
	n := 0
	for _, s := range []string{o.To, string(o.Agent), string(o.Queue)} {
		if s != "" {
			n++
		}
	}
	if n != 1 {
		return &desk.Error{Kind: desk.Invalid, Code: "bad_destination", Field: "to", Message: "name a number, an agent or a queue"}
	}
	return nil
}

// hangup ends the call for everybody.
func (c *call) hangup(o Command) {
	who := "system"
	switch o.By.Kind {
	case desk.ByAgent:
		who = "agent"
	case desk.ByCustomer:
		who = "caller"
	}
	c.end(Cause{Reason: EndNormal, By: who})
}

// step takes the agent out of a conference, or a colleague whom he has asked
// into the call.
func (t *talk) step(agent desk.ID) error {
	if m := t.c.room.agent(agent); m != nil && (m.role == roleConsult || m.role == roleThird) {
		return t.remove(m.leg.ID())
	}
	third := t.c.room.by(roleThird)
	if t.with == nil || third == nil || !third.up {
		return desk.Errorf(desk.Conflict, "nobody_else", "nobody else would be left with the customer")
	}
	m := t.with
	t.with = nil
	t.c.ears.detachAgent()
	t.c.dismiss(m, Cause{Reason: EndNormal, By: "agent"})
	t.goOn()
	return nil
}

// digits presses keys: to a third party that answers with menus of its own, or
// to the customer's side.
func (t *talk) digits(o Command) error {
	if !validKeys(o.Digits) {
		return &desk.Error{Kind: desk.Invalid, Code: "bad_digits", Field: "digits", Message: "keys are 0-9, *, # and A-D, at most 32"}
	}
	to := t.c.caller
	if m := t.c.room.by(roleConsult, roleThird); m != nil && m.up {
		to = m
	}
	to.leg.SendDigits(o.Digits)
	return nil
}

func validKeys(keys string) bool {
	if keys == "" || len(keys) > 32 {
		return false
	}
	for _, k := range keys {
		if (k < '0' || k > '9') && k != '*' && k != '#' && (k < 'A' || k > 'D') {
			return false
		}
	}
	return true
}

// pickUp takes a call that rings on an agent's browser, or takes one that rings
// his telephone on his browser instead.
func (t *talk) pickUp(agent desk.ID) error {
	c := t.c
	if ok, err := c.pickUpHere(agent); ok {
		return err
	}
	if agent != t.agent || t.with != nil && t.with.up {
		return desk.Errorf(desk.Conflict, "not_ringing", "the call does not ring you")
	}
	ctx, cancel := context.WithTimeout(c.ctx, reachTime)
	defer cancel()
	leg, err := c.ex.browser(ctx, agent, c.customer())
	if err != nil {
		return err
	}
	if old := t.with; old != nil {
		t.with = nil
		c.dismiss(old, Cause{Reason: EndCancelled, By: "system"})
	}
	t.reached(reached{leg: leg, name: c.names[agent]}, nil)
	return nil
}
