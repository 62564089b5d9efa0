package voice

import (
	"context"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice/media"
)

// outTime is how long somebody who is called may let it ring.
const outTime = 45 * time.Second

// answeredWell is how a try to call back went well; calls that were answered
// end in many ways.
const answeredWell = "answered"

// outgoing is the mode of a call that we make: first the agent, then the
// customer.
type outgoing struct {
	idle
	c     *call
	with  *member
	other *member // the customer
}

// Dial calls a customer for an agent, in a conversation that the agent has. It
// returns as soon as the agent is rung. The call is made at the node where the
// agent's browser is.
func (x *Exchange) Dial(ctx context.Context, o Outbound) (desk.CallNews, error) {
	n, err := x.dialHere(ctx, o)
	if !desk.IsKind(err, desk.NotFound) {
		return n, err
	}
	for _, node := range x.others() {
		var there desk.CallNews
		if elsewhere := x.ask(ctx, node, request{Dial: &o}, &there); elsewhere == nil {
			return there, nil
		}
	}
	return n, err
}

func (x *Exchange) dialHere(ctx context.Context, o Outbound) (desk.CallNews, error) {
	if o.To == "" || o.Conversation == "" || o.Agent.ID == "" {
		return desk.CallNews{}, &desk.Error{Kind: desk.Invalid, Code: "nobody_named", Field: "to", Message: "name the conversation, the agent and the number"}
	}
	conv, err := x.Spine.Conversation(ctx, o.Conversation)
	switch {
	case err != nil:
		return desk.CallNews{}, err
	case !conv.HeldBy(o.Agent.ID):
		return desk.CallNews{}, desk.Errorf(desk.Conflict, "not_yours", "the conversation is not with this agent")
	case conv.OnCall != "":
		return desk.CallNews{}, onCall
	case x.Dialer == nil:
		return desk.CallNews{}, desk.Errorf(desk.Unavailable, "no_dialer", "no telephone can be called: there is no trunk")
	}
	x.mu.Lock()
	base := x.base
	x.mu.Unlock()
	if base == nil {
		return desk.CallNews{}, desk.Errorf(desk.Unavailable, "not_running", "calls are not running on this node yet")
	}
	c := newCall(base, x, desk.NewIDAt(x.now()), "out")
	c.conv, c.out, c.promised = conv, o, o.Callback || conv.Callback != nil
	c.rec.To, c.rec.AgentID, c.rec.ConversationID, c.rec.ContactID = o.To, o.Agent.ID, conv.ID, conv.ContactID
	c.rec.Playbook, c.rec.Queue = conv.Playbook, conv.Queue
	if err := x.enter(c); err != nil {
		c.cancel()
		return desk.CallNews{}, err
	}
	got, err := x.reach(ctx, o.Agent.ID, Peer{Number: o.To, Name: o.Agent.Name})
	if err != nil {
		x.leave(c)
		c.cancel()
		return desk.CallNews{}, err
	}
	begun := make(chan desk.CallNews, 1)
	go func() {
		defer c.cancel()
		c.run(func() { c.place(got, begun) })
	}()
	select {
	case n := <-begun:
		return n, nil
	case <-c.gone:
		return desk.CallNews{}, desk.Errorf(desk.Internal, "call_failed", "the call ended before it began")
	case <-ctx.Done():
		return desk.CallNews{}, ctx.Err()
	}
}

// place is an outgoing call, from the agent's ring to the end.
func (c *call) place(got reached, begun chan<- desk.CallNews) {
	m := &member{leg: got.leg, role: roleAgent, agent: c.out.Agent.ID, name: c.out.Agent.Name, phone: got.phone}
	c.room.add(m)
	c.listen(m)
	c.takes(m)
	c.seq = c.conv.Seq
	c.began()
	ctx, cancel := context.WithTimeout(c.ctx, spineTime)
	if contact, err := c.ex.Spine.Contact(ctx, c.conv.ContactID); err == nil {
		c.contact = contact.Name
	}
	cancel()
	c.become(&outgoing{c: c, with: m})
	begun <- c.live().CallNews
	c.attend()
}

func (o *outgoing) enter() {
	ring := browserTime
	if o.with.phone {
		ring = or(o.c.ex.Config.RingAgent, 25*time.Second)
	}
	o.c.alarms.set(alarmRing, ring)
}

func (o *outgoing) leave() { o.c.alarms.clear(alarmRing) }

func (o *outgoing) keeps(conv desk.Conversation) bool { return conv.HeldBy(o.with.agent) }

func (o *outgoing) leg(m *member, e LegEvent) {
	switch m {
	case o.with:
		o.agentLeg(e)
	case o.other:
		o.customerLeg(e)
	}
}

func (o *outgoing) agentLeg(e LegEvent) {
	c := o.c
	switch e.Kind {
	case LegAnswered:
		if !o.with.up {
			o.with.up = true
			o.call()
		}
	case LegEnded:
		why := by(e.Cause, "agent")
		if !o.with.up {
			o.unreached()
		}
		c.forget(o.with)
		if why.Reason == EndNormal {
			why.Reason = EndCancelled
		}
		c.end(why)
	}
}

// call rings the customer. The agent hears it ring.
func (o *outgoing) call() {
	c := o.c
	ctx, cancel := context.WithTimeout(c.ctx, reachTime)
	defer cancel()
	leg, err := c.ex.dial(ctx, Dialing{To: c.out.To, Timeout: outTime})
	if err != nil {
		c.log.WarnContext(ctx, "customer not called", "error", err)
		o.failed(Cause{Reason: EndFailed, By: "system"})
		return
	}
	p := leg.Peer()
	if c.rec.Trunk = p.Trunk; isNumber(p.Number) {
		c.rec.To = p.Number // as it is dialled, whatever was typed
	}
	o.other = &member{leg: leg, role: roleCaller, name: c.contact}
	c.caller = o.other
	c.room.members = append([]*member{o.other}, c.room.members...)
	c.listen(o.other)
	c.alarms.set(alarmRing, outTime)
	o.with.leg.Line().Play(media.Ringback(), nil)
	c.publish()
}

func (o *outgoing) customerLeg(e LegEvent) {
	c := o.c
	switch e.Kind {
	case LegEarly: // his network says something: the agent hears it instead
		o.other.up = true
		c.room.open = true
		c.room.wire()
		o.other.up = false
	case LegAnswered:
		o.pickedUp()
	case LegEnded:
		o.failed(by(e.Cause, "caller"))
	}
}

// pickedUp begins the call in its conversation.
func (o *outgoing) pickedUp() {
	c := o.c
	o.other.up = true
	c.rec.AnsweredAt, c.result = c.ex.now(), answeredWell
	c.equip()
	seq := c.conv.Seq
	c.meet(o.other.leg.Peer())
	if c.over != nil || c.mode != mode(o) {
		return
	}
	c.seq = max(c.seq, seq)
	c.tell("call.answered")
	c.become(&talk{c: c, agent: o.with.agent, with: o.with})
}

// failed ends a call that was not answered. The agent is told why.
func (o *outgoing) failed(why Cause) {
	c := o.c
	c.result = why.Reason
	words := textUnreached
	switch why.Reason {
	case EndBusy:
		words = textBusy
	case EndNoAnswer, EndCancelled:
		words = textNoAnswer
	}
	if o.other != nil {
		c.dismiss(o.other, why)
		c.caller = nil
	}
	c.room.cut()
	c.become(&sorry{c: c, with: o.with, why: why})
	c.tellMember(o.with, words)
}

func (o *outgoing) alarm(name alarm) {
	if name != alarmRing {
		return
	}
	if !o.with.up {
		o.unreached()
		o.c.end(Cause{Reason: EndNoAnswer, By: "agent"})
		return
	}
	o.failed(Cause{Reason: EndNoAnswer, By: "system"})
}

// unreached gives a call back that its agent does not take to somebody else. To
// the customer it was no try.
func (o *outgoing) unreached() {
	c := o.c
	if !c.out.Callback {
		return
	}
	id, agent := c.conv.ID, o.with.agent
	c.do("conversation not taken back", func(ctx context.Context) error { return c.ex.Spine.Unreached(ctx, id, agent) }, nil)
}

// sorry is the mode in which the agent hears why nobody is on the line.
type sorry struct {
	idle
	c    *call
	with *member
	why  Cause
}

func (s *sorry) enter()                       { s.c.alarms.set(alarmSorry, sorryTime) }
func (s *sorry) leave()                       { s.c.alarms.clear(alarmSorry) }
func (s *sorry) keeps(desk.Conversation) bool { return true }
func (s *sorry) alarm(alarm)                  { s.c.end(s.why) }
func (s *sorry) leg(_ *member, e LegEvent) {
	if e.Kind == LegEnded {
		s.c.end(s.why)
	}
}

const sorryTime = 3 * time.Second

// callbackDone records how a try to call back went.
func (c *call) callbackDone(ctx context.Context) {
	if !c.promised || c.result == "" {
		return
	}
	if err := c.ex.Spine.CallbackTried(ctx, c.conv.ID, c.result); err != nil {
		c.log.ErrorContext(ctx, "try to call back not recorded", "error", err)
	}
}

// HandleDial calls back whom that was promised, for the agent who has the
// conversation now. It is a job: doing it again changes nothing while the call
// is up or once the promise is kept. An agent who is not reached loses the
// conversation to the queue.
func (x *Exchange) HandleDial(ctx context.Context, conversation, agent desk.ID) error {
	conv, err := x.Spine.Conversation(ctx, conversation)
	if err != nil || conv.Callback == nil || conv.OnCall != "" || !conv.HeldBy(agent) {
		return err
	}
	_, err = x.Dial(ctx, Outbound{
		Conversation: conversation, Agent: desk.Author{Kind: desk.ByAgent, ID: agent}, To: conv.Callback.Phone, Callback: true,
	})
	switch {
	case desk.IsKind(err, desk.NotFound):
		return x.Spine.Unreached(ctx, conversation, agent)
	case desk.IsKind(err, desk.Conflict):
		return nil // it moved on
	case desk.IsKind(err, desk.Invalid), desk.IsKind(err, desk.Forbidden):
		return x.Spine.CallbackTried(ctx, conversation, EndUnreachable)
	}
	return err
}

var onCall = desk.Errorf(desk.Conflict, "on_call", "there is a call in this conversation already")

// dialing reports whether a call is being made here in the conversation. The
// caller holds mu.
func (x *Exchange) dialing(conversation desk.ID) bool {
	for _, c := range x.calls {
		if c.out.Conversation == conversation {
			return true
		}
	}
	return false
}
