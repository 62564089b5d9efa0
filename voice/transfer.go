package voice

import (
	"context"

	"github.com/parleyhq/parley/desk"
)

// transfer passes the customer on without asking: to a queue or an agent, and
// the call follows its conversation there; or to a number, which is rung.
func (t *talk) transfer(o Command) error {
	if o.To == "" {
		return t.c.handOn(o)
	}
	return t.toNumber(o.To)
}

// handOn moves the conversation; the call follows it.
func (c *call) handOn(o Command) error {
	ctx, cancel := context.WithTimeout(c.ctx, spineTime)
	defer cancel()
	return c.ex.Spine.Transfer(ctx, o.By, c.conv.ID, o.Queue, o.Agent, o.Note)
}

// give makes the conversation an agent's who talks with the customer already.
// Where that is not possible it is offered to him first.
func (c *call) give(m *member) {
	ctx, cancel := context.WithTimeout(c.ctx, spineTime)
	defer cancel()
	if err := c.ex.Spine.Take(ctx, desk.Author{Kind: desk.ByAgent, ID: m.agent, Name: m.name}, c.conv.ID); err != nil {
		c.log.WarnContext(ctx, "conversation not taken by who has its call", "agent", m.agent, "error", err)
	}
}

// toNumber passes the customer on to a number: his line takes him there if it
// transfers calls, else it is rung from here. The agent is free then, and is
// rung again if nobody answers there.
func (t *talk) toNumber(to string) error {
	c := t.c
	if c.ringing() != nil || c.room.by(roleConsult, roleThird) != nil {
		return desk.Errorf(desk.Conflict, "party_there", "there is a third party already")
	}
	if t.ref != nil {
		return transferring
	}
	if c.caller.leg.Peer().Refers {
		t.refer(to)
		return nil
	}
	return t.ring(to)
}

// ring rings a number for the customer.
func (t *talk) ring(to string) error {
	if _, err := t.c.party(roleThird, "", to); err != nil {
		return err
	}
	t.letGo()
	t.c.alarms.set(alarmRing, outTime)
	return nil
}

// letGo lets the agent go; the customer hears that somebody is rung for him.
func (t *talk) letGo() {
	c := t.c
	t.alone, t.lost = true, false
	c.alarms.clear(alarmReturn, alarmTry)
	c.hold(false)
	c.room.open = true
	c.caller.ringer = true
	if m := t.with; m != nil {
		t.with = nil
		c.ears.detachAgent()
		c.dismiss(m, Cause{Reason: EndTransferred, By: "agent"})
	}
	c.room.wire()
}

// consult rings somebody for the agent; the customer holds.
func (t *talk) consult(o Command) error {
	c := t.c
	switch {
	case t.with == nil || !t.with.up:
		return notNow
	case c.ringing() != nil || c.room.by(roleConsult) != nil:
		return desk.Errorf(desk.Conflict, "party_there", "somebody is being consulted already")
	case o.Agent == t.agent:
		return &desk.Error{Kind: desk.Invalid, Code: "yourself", Field: "agent", Message: "that is the agent himself"}
	}
	m, err := c.party(roleConsult, o.Agent, o.To)
	if err != nil {
		return err
	}
	c.hold(true)
	t.with.ringer = !m.up
	c.alarms.set(alarmRing, outTime)
	c.room.wire()
	return nil
}

// complete leaves the customer to whom the agent has consulted.
func (t *talk) complete(o Command) error {
	c, m := t.c, t.c.room.by(roleConsult)
	switch {
	case m == nil:
		return desk.Errorf(desk.Conflict, "no_consult", "nobody is being consulted")
	case !m.up:
		return desk.Errorf(desk.Conflict, "not_answered", "whoever is consulted has not answered yet")
	}
	old := t.with
	if m.agent != "" {
		o.Agent, o.Queue, o.To = m.agent, "", ""
		if err := c.handOn(o); err != nil {
			return err
		}
		c.give(m)
		t.agent, t.with, t.passing = m.agent, m, true
		m.role = roleAgent
		c.rec.AgentID = m.agent
	} else {
		t.with, t.alone = nil, true
		m.role = roleThird
		c.passedOn = true
	}
	if old != nil {
		c.ears.detachAgent()
		c.dismiss(old, Cause{Reason: EndTransferred, By: "agent"})
	}
	if t.with != nil {
		c.ears.attachAgent(t.with)
	}
	c.hold(false)
	c.room.wire()
	return nil
}

// merge makes a conference of agent, customer and whoever is consulted.
func (t *talk) merge() error {
	m := t.c.room.by(roleConsult)
	if m == nil || !m.up {
		return desk.Errorf(desk.Conflict, "no_consult", "nobody is being consulted who has answered")
	}
	m.role = roleThird
	t.c.hold(false)
	t.c.room.wire()
	return nil
}

// cancel ends a consultation; the agent is back with the customer.
func (t *talk) cancel() error {
	c, m := t.c, t.c.room.by(roleConsult)
	if m == nil {
		return desk.Errorf(desk.Conflict, "no_consult", "nobody is being consulted")
	}
	c.alarms.clear(alarmRing)
	t.quiet()
	c.dismiss(m, Cause{Reason: EndCancelled, By: "agent"})
	c.hold(false)
	c.room.wire()
	return nil
}

// remove takes a third party out of a conference.
func (t *talk) remove(leg desk.ID) error {
	m := t.c.room.leg(leg)
	if m == nil || m.role != roleThird && m.role != roleConsult {
		return &desk.Error{Kind: desk.NotFound, Code: "no_party", Field: "leg", Message: "there is no such third party in the call"}
	}
	if m.role == roleConsult {
		return t.cancel()
	}
	t.c.dismiss(m, Cause{Reason: EndNormal, By: "agent"})
	return nil
}

// quiet ends the ringing that somebody hears.
func (t *talk) quiet() {
	for _, m := range t.c.room.members {
		m.ringer = false
	}
}

// otherLeg takes what happens at the leg of a third party.
func (t *talk) otherLeg(m *member, e LegEvent) {
	c := t.c
	switch e.Kind {
	case LegRinging:
		c.publish()
	case LegAnswered:
		if m.up {
			return
		}
		m.up = true
		c.alarms.clear(alarmRing)
		t.quiet()
		if m.role == roleThird && t.alone {
			c.passedOn = true
			c.times.talk(&c.rec, c.ex.now())
		}
		c.room.open = true
		c.room.wire()
		c.publish()
	case LegEnded:
		if !m.up {
			t.notReached(m, e.Cause.Reason)
			return
		}
		c.forget(m)
		t.partyGone(m, e.Cause)
	}
}

// partyGone takes that a third party has hung up.
func (t *talk) partyGone(m *member, why Cause) {
	c := t.c
	switch {
	case m.role == roleConsult:
		c.hold(false)
		c.room.wire()
	case t.alone && c.room.talkers() == 0:
		c.room.cut()
		c.bye(by(why, "third"), textEnded)
	}
	c.publish()
}

// notReached takes that a third party did not answer: whoever waited for it is
// told, and the agent has the customer again.
func (t *talk) notReached(m *member, reason string) {
	c := t.c
	c.alarms.clear(alarmRing)
	t.quiet()
	c.dismiss(m, Cause{Reason: EndNoAnswer, By: "system"})
	if m.role == roleConsult {
		c.hold(false)
		c.room.wire()
		if t.with != nil {
			c.tellMember(t.with, whyNot(reason))
		}
		return
	}
	t.comeBack(reason)
}

// whyNot says why somebody was not reached.
func whyNot(reason string) desk.Text {
	switch reason {
	case EndBusy:
		return textBusy
	case EndNoAnswer:
		return textNoAnswer
	}
	return textUnreached
}

// comeBack tells the customer who was to be passed on that it was not possible,
// and rings the agent for him.
func (t *talk) comeBack(reason string) {
	c := t.c
	t.alone, t.joined = false, false
	c.room.open = false
	c.room.cut()
	c.say(whyNot(reason).In(c.lang()))
	c.times.pause(&c.rec, c.ex.now())
	c.waits()
	if c.conv.Status != desk.Assigned && c.conv.Status != desk.Parked {
		c.follow()
		return
	}
	t.agent = c.conv.AgentID
	t.reach()
}

// referred does what the agent's telephone asks for with REFER.
func (t *talk) referred(e LegEvent) {
	c := t.c
	var err error
	if m := c.room.leg(e.Other); e.Other != "" && m != nil && m.role == roleConsult {
		err = t.complete(Command{By: desk.Author{Kind: desk.ByAgent, ID: t.agent}})
	} else {
		err = t.toNumber(e.Target)
	}
	if err != nil {
		c.log.InfoContext(c.ctx, "transfer by telephone not done", "target", e.Target, "error", err)
		c.tellMember(t.with, textUnreached)
	}
	c.publish()
}
