package voice

import (
	"cmp"
	"context"
	"time"

	"github.com/parleyhq/parley/desk"
)

const (
	browserTime = 10 * time.Second // a browser takes a call by itself
	reachTime   = 5 * time.Second  // to begin to ring somebody
	retryTime   = 2 * time.Second  // between looks for a lost browser
	reachTries  = 3
)

// talk is the mode in which an agent has the conversation: he is reached where
// he takes calls, and joined with the customer.
type talk struct {
	idle
	c       *call
	agent   desk.ID
	with    *member // the agent; nil: not reached yet, or lost
	joined  bool    // they have talked
	passing bool    // the call goes ahead of the conversation, which is on its way to agent
	alone   bool    // the customer talks with somebody else than an agent
	ref     *referral
	tries   int
	lost    bool
}

func (t *talk) enter() {
	if t.with != nil && t.with.up { // an outgoing call: the agent is there first
		t.join()
		return
	}
	t.c.waits()
	t.reach()
}

// leave lets everybody but the customer go.
func (t *talk) leave() {
	t.c.alarms.clear(alarmRing, alarmReturn, alarmTry, alarmJoin)
	t.ref = nil
	t.c.room.open = false
	t.c.room.cut()
	for _, m := range append([]*member(nil), t.c.room.members...) {
		if m != t.c.caller {
			t.c.dismiss(m, Cause{Reason: EndNormal, By: "system"})
		}
	}
	t.c.hold(false)
	t.c.ears.detachAgent()
}

func (t *talk) keeps(conv desk.Conversation) bool {
	switch {
	case t.alone:
		return true
	case conv.Status == desk.Assigned || conv.Status == desk.Parked:
		if conv.AgentID == t.agent {
			t.passing = false
			return true
		}
	case conv.Status == desk.Waiting || conv.Status == desk.Offered:
		return t.passing
	}
	return false
}

// reach rings the agent where he takes calls. The customer hears music
// meanwhile.
func (t *talk) reach() {
	c, agent, lost := t.c, t.agent, t.lost
	if c.voice != nil && !c.voice.speaking() && !c.caller.leg.Line().Playing() {
		c.playMusic("")
	}
	from := c.customer()
	go func() {
		ctx, cancel := context.WithTimeout(c.ctx, reachTime)
		defer cancel()
		var got reached
		var err error
		if p := guard(func() { got, err = c.ex.reach(ctx, agent, from) }); p != nil {
			err = p
		}
		c.box.post(func() {
			if c.mode != mode(t) || t.agent != agent || t.with != nil || t.alone {
				if err == nil {
					got.leg.Hangup(Cause{Reason: EndCancelled, By: "system"})
				}
				return
			}
			if err != nil && lost {
				return // a lost browser is looked for again by alarm
			}
			t.reached(got, err)
		})
	}()
}

func (t *talk) reached(got reached, err error) {
	c := t.c
	if err != nil {
		c.log.InfoContext(c.ctx, "agent not reached", "agent", t.agent, "error", err)
		t.unreached()
		return
	}
	t.with = &member{leg: got.leg, role: roleAgent, agent: t.agent, name: got.name, phone: got.phone}
	if t.with.name == "" {
		t.with.name = c.names[t.agent]
	}
	c.room.add(t.with)
	c.listen(t.with)
	c.takes(t.with)
	ring := browserTime
	if got.phone {
		ring = or(c.ex.Config.RingAgent, 25*time.Second)
	}
	c.alarms.set(alarmRing, ring)
	c.publish()
}

// join lets agent and customer talk. Everything that was said or played stops.
func (t *talk) join() {
	c, first := t.c, !t.joined
	c.alarms.clear(alarmRing, alarmReturn, alarmTry)
	c.voice.interrupt()
	t.joined, t.lost, t.tries = true, false, 0
	c.rec.AgentID = t.agent
	c.times.talk(&c.rec, c.ex.now())
	c.state(desk.CallTalking)
	c.room.open = true
	c.room.rewire()
	c.ears.attachAgent(t.with)
	c.tape.begin()
	if first && c.conv.Callback != nil && c.conv.OnCall == c.id { // nobody has to be called back any more
		id := c.conv.ID
		c.do("call back not taken for done", func(ctx context.Context) error { return c.ex.Spine.CallbackTried(ctx, id, answeredWell) }, nil)
	}
	if first {
		c.tell("call.talking")
		if c.rec.Direction == "in" {
			name := t.with.name
			if name == "" {
				name = textColleague.In(c.lang())
			}
			c.say(fill(textConnected.In(c.lang()), "name", name))
		}
	}
	c.publish()
}

// spoke joins them again: what was said has covered it.
func (t *talk) spoke() {
	if t.c.room.open && t.c.caller.held {
		t.c.room.rewire()
		return
	}
	if !t.joined || t.lost {
		t.c.playMusic("")
	}
}

func (t *talk) leg(m *member, e LegEvent) {
	switch {
	case m == t.with:
		t.agentLeg(e)
	case m == t.c.caller && e.Kind == LegNotTransferred:
		t.notReferred(e.Cause)
	case m.role.supervises():
		t.c.supervisorLeg(m, e)
	default:
		t.otherLeg(m, e)
	}
}

// agentLeg takes what happens at the agent's leg.
func (t *talk) agentLeg(e LegEvent) {
	c, m := t.c, t.with
	switch e.Kind {
	case LegRinging:
		c.publish()
	case LegAnswered:
		if !m.up {
			m.up = true
			t.join()
		}
	case LegEnded:
		c.forget(m)
		t.with = nil
		t.gone(m, by(e.Cause, "agent"))
	case LegHeld, LegResumed:
		if m.up {
			c.hold(e.Kind == LegHeld)
			c.publish()
		}
	case LegTransfer:
		if m.up {
			t.referred(e)
		}
	}
}

// gone takes that the agent's leg is no more.
func (t *talk) gone(m *member, why Cause) {
	c := t.c
	c.ears.detachAgent()
	switch {
	case t.ref != nil: // the line still transfers
		t.letGo()
	case !m.up:
		t.unreached()
	case why.Reason == EndLost && c.room.by(roleThird) == nil:
		t.lose()
		if m.phone { // it does not come back by itself
			t.giveUp()
		}
	case c.room.by(roleThird) != nil && c.room.by(roleThird).up:
		t.goOn()
	default:
		why.By = "agent"
		c.room.cut()
		c.bye(why, textEnded)
	}
}

// goOn lets the customer and the third party talk without the agent.
func (t *talk) goOn() {
	c := t.c
	t.alone = true
	if m := c.room.by(roleConsult); m != nil {
		c.dismiss(m, Cause{Reason: EndNormal, By: "system"})
	}
	c.hold(false)
	c.room.wire()
	c.publish()
}

// lose waits for the agent's browser to come back.
func (t *talk) lose() {
	c := t.c
	t.lost = true
	if m := c.room.by(roleConsult); m != nil {
		c.dismiss(m, Cause{Reason: EndNormal, By: "system"})
	}
	c.hold(false)
	c.room.open = false
	c.room.cut()
	c.times.pause(&c.rec, c.ex.now())
	c.say(textLost.In(c.lang()))
	c.alarms.set(alarmReturn, or(c.ex.Config.Return, 20*time.Second))
	c.alarms.set(alarmTry, retryTime)
	c.publish()
}

// giveUp waits no longer for an agent who was lost.
func (t *talk) giveUp() {
	t.c.alarms.clear(alarmReturn, alarmTry)
	if t.with != nil {
		t.c.dismiss(t.with, Cause{Reason: EndNoAnswer, By: "system"})
		t.with = nil
	}
	t.lost = false
	t.unreached()
}

func (t *talk) alarm(name alarm) {
	switch name {
	case alarmRing:
		if t.ref != nil {
			t.notReferred(Cause{Reason: EndNoAnswer})
			return
		}
		if t.with != nil && !t.with.up {
			t.c.dismiss(t.with, Cause{Reason: EndNoAnswer, By: "system"})
			t.with = nil
			t.unreached()
			return
		}
		if m := t.c.ringing(); m != nil {
			t.notReached(m, EndNoAnswer)
		}
	case alarmJoin:
		t.c.sendAway()
	case alarmTry:
		if t.lost && t.with == nil {
			t.c.alarms.set(alarmTry, retryTime)
			t.reach()
		}
	case alarmReturn:
		if t.lost && (t.with == nil || !t.with.up) {
			t.giveUp()
		}
	}
}

// unreached gives the conversation back to its queue. If that is not possible
// the agent is tried again, and at last the customer is told.
func (t *talk) unreached() {
	c := t.c
	if t.lost {
		return // alarmReturn decides
	}
	if t.passing { // the conversation is not his yet
		t.passing = false
		c.follow()
		return
	}
	id, agent := c.conv.ID, t.agent
	c.do("conversation not taken back", func(ctx context.Context) error { return c.ex.Spine.Unreached(ctx, id, agent) }, func(error) {
		if c.mode != mode(t) || t.with != nil {
			return
		}
		c.look()
		if c.mode != mode(t) {
			return
		}
		if t.tries++; t.tries >= reachTries {
			c.bye(Cause{Reason: EndFailed, By: "system"}, textBroken)
			return
		}
		t.reach()
	})
}

// reached is an agent's leg that rings.
type reached struct {
	leg   Leg
	name  string
	phone bool
}

// reach rings an agent where he takes calls: in his browser, here or at another
// node, else on his telephone.
func (x *Exchange) reach(ctx context.Context, agent desk.ID, from Peer) (reached, error) {
	var where Reach
	if x.Reach != nil {
		var err error
		if where, err = x.Reach(ctx, agent); err != nil {
			return reached{}, err
		}
	}
	ring := or(x.Config.RingAgent, 25*time.Second)
	d := Dialing{Agent: agent, From: from.Number, Name: from.Name, Timeout: ring}
	if where.Where == AtNumber {
		d.Agent, d.To, d.From = "", where.Number, "" // a trunk shows its own number
	}
	if where.Where == "" || where.Where == AtBrowser {
		leg, err := x.browser(ctx, agent, from)
		if err == nil {
			return reached{leg: leg, name: cmp.Or(where.Name, leg.Peer().Name)}, nil
		}
		if !desk.IsKind(err, desk.NotFound) || x.Dialer == nil {
			return reached{}, err
		}
	}
	leg, err := x.dial(ctx, d)
	return reached{leg: leg, name: where.Name, phone: true}, err
}

// browser rings an agent's browser, wherever it is.
func (x *Exchange) browser(ctx context.Context, agent desk.ID, from Peer) (Leg, error) {
	for _, s := range []Softphones{x.Softphones, x.Links} {
		if s == nil {
			continue
		}
		leg, err := s.Call(ctx, agent, from)
		if err == nil || !desk.IsKind(err, desk.NotFound) {
			return leg, err
		}
	}
	return nil, desk.Errorf(desk.NotFound, "no_softphone", "the agent has no browser that takes calls")
}

func (x *Exchange) dial(ctx context.Context, d Dialing) (Leg, error) {
	if x.Dialer == nil {
		return nil, desk.Errorf(desk.Unavailable, "no_dialer", "no telephone can be called: there is no trunk")
	}
	return x.Dialer.Dial(ctx, d)
}

// customer is the customer as those who are rung for him see him.
func (c *call) customer() Peer {
	p := Peer{Number: c.rec.From, Name: c.contact}
	if c.rec.Direction == "out" {
		p.Number = c.rec.To
	}
	if c.caller != nil {
		p = c.caller.leg.Peer()
	}
	if c.contact != "" {
		p.Name = c.contact
	}
	return p
}
