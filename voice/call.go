package voice

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parleyhq/parley/desk"
)

// Time limits of a call's own dealings.
const (
	answerTime = 10 * time.Second // to take a leg
	endedTime  = time.Second      // to learn why it could not be
	beginTime  = 30 * time.Second // for the first turn of the responder
	spineTime  = 5 * time.Second  // of one look or move
	closeTime  = 10 * time.Second // to write down the end
	pollTime   = 5 * time.Second  // between looks without news
)

// call is one call. Everything in it belongs to its goroutine, except what it
// is told through legs, orders, wake and box. What a call does is in its mode;
// who is in it, in its room; what it says, in its prompter.
type call struct {
	ex     *Exchange
	id     desk.ID
	log    *slog.Logger
	ctx    context.Context
	cancel context.CancelFunc

	legs   chan legNews
	orders chan order
	wake   chan struct{}
	box    *mailbox
	gone   chan struct{} // closed when the call is over

	alarms *alarms
	room   *room
	caller *member // nil until an outgoing call has somebody to call
	voice  *prompter
	ears   *ears
	tape   *tape
	hear   *hearing
	mode   mode

	conv    desk.Conversation
	at      string // the address at which the spine knows the customer
	contact string // his name
	seq     int64  // of the newest event that was read
	page    bool   // he has used the page during the call
	tune    []byte // the music of the queue he waited in; nil: the built-in one
	names   map[desk.ID]string
	last    desk.ID // the agent who was in the call when screens were told last

	stored   bool           // the record's beginning is
	passedOn bool           // to a number
	linked   bool           // he was sent the page of the call
	received int64          // packets of the caller when his line fell silent
	kept     sync.WaitGroup // messages that are being stored
	out      Outbound       // of an outgoing call
	promised bool           // it was promised to him
	result   string         // and what became of it

	rec   Record
	times times
	shown state
	news  atomic.Pointer[standing]
	over  *Cause
	stop  func() // ends the subscription
}

// legNews is what happened at one of the legs.
type legNews struct {
	member *member
	leg    Leg // of the member then
	event  LegEvent
}

func newCall(ctx context.Context, x *Exchange, id desk.ID, direction string) *call {
	now := x.now()
	c := &call{
		ex: x, id: id, legs: make(chan legNews, 16), orders: make(chan order), wake: make(chan struct{}, 1),
		box: newMailbox(), gone: make(chan struct{}), alarms: newAlarms(), names: map[desk.ID]string{}, stop: func() {},
	}
	c.ctx, c.cancel = context.WithCancel(ctx)
	c.log = x.log().With("call", c.id)
	c.room = &room{pacer: x.Pacer, music: c.music, video: x.Video}
	c.hear = &hearing{c: c}
	c.tape = &tape{c: c}
	c.rec = Record{ID: c.id, Source: "parley", Node: x.Config.Node, Direction: direction, StartedAt: now}
	return c
}

// run does f and then writes down the end, whatever happened.
func (c *call) run(f func()) {
	defer close(c.gone)
	if err := guard(f); err != nil {
		c.log.ErrorContext(c.ctx, "call broke", "error", err)
		c.end(Cause{Reason: EndFailed, By: "system"})
	}
	if err := guard(c.finish); err != nil {
		c.log.ErrorContext(c.ctx, "call not finished", "error", err)
	}
	c.ex.leave(c)
}

// answer is an incoming call, from the ring to the end.
func (c *call) answer(leg Leg) {
	peer := leg.Peer()
	c.caller = &member{leg: leg, role: roleCaller, name: peer.Name, up: true}
	c.room.add(c.caller)
	c.rec.From, c.rec.To, c.rec.Trunk, c.rec.Playbook = number(peer), peer.Called, peer.Trunk, c.ex.Config.playbook(peer)
	c.listen(c.caller)
	if err := c.ex.enter(c); err != nil {
		c.log.WarnContext(c.ctx, "call refused", "error", err)
		c.end(Cause{Reason: EndCongestion, SIP: 503, By: "system"})
		return
	}
	c.began()
	if err := leg.Ring(false); err != nil {
		c.log.WarnContext(c.ctx, "ringing not told", "error", err)
	}
	if !c.pickUp(leg) {
		return
	}
	c.rec.AnsweredAt = c.ex.now()
	c.shows(desk.CallMenu)
	c.equip()
	c.meet(peer)
	c.tell("call.answered")
	c.tape.begin()
	if c.ex.Config.Link && c.phone() != "" {
		c.sendLink(true)
	}
	c.attend()
}

// attend follows the conversation until the call is over.
func (c *call) attend() {
	c.alarms.set(alarmLength, or(c.ex.Config.MaxLength, 4*time.Hour))
	c.alarms.set(alarmPoll, pollTime)
	c.look()
	for c.over == nil {
		select {
		case n := <-c.legs:
			if n.leg == n.member.leg { // not of one that has been replaced
				c.happened(n.member, n.event)
			}
		case <-c.wake:
			c.look()
		case o := <-c.orders:
			o.reply <- c.obey(o)
		case <-c.box.signal:
			for _, f := range c.box.take() {
				f()
			}
		case <-c.alarms.timer.C:
			for name, ok := c.alarms.due(); ok && c.over == nil; name, ok = c.alarms.due() {
				c.rang(name)
			}
		case <-c.ctx.Done():
			c.end(Cause{Reason: EndFailed, By: "system"})
		}
	}
}

// pickUp answers the leg. The caller may give up meanwhile.
func (c *call) pickUp(leg Leg) bool {
	ctx, cancel := context.WithTimeout(c.ctx, answerTime)
	defer cancel()
	err := leg.Answer(ctx)
	if err == nil {
		return true
	}
	// What became of the leg is the better cause.
	ended := time.NewTimer(endedTime)
	defer ended.Stop()
	for {
		select {
		case n := <-c.legs:
			if n.event.Kind != LegEnded {
				continue
			}
			c.happened(n.member, n.event)
			if c.over.Reason == EndNormal {
				c.over.Reason = EndCancelled
			}
			return false
		case <-ended.C:
			c.log.WarnContext(c.ctx, "call not answered", "error", err)
			c.end(Cause{Reason: EndFailed, By: "system"})
			return false
		}
	}
}

// equip gives the customer's line what speaks and listens.
func (c *call) equip() {
	line := c.caller.leg.Line()
	c.voice = &prompter{
		ctx: c.ctx, line: line, mouth: c.ex.Mouth, log: c.log, post: c.box.post,
		began: func(message desk.ID) {
			if message != c.shown.saying {
				c.shown.saying = message
				c.publish()
			}
		},
		ended: func() {
			if c.mode != nil {
				c.mode.spoke()
			}
		},
		heard: func(message desk.ID, text string) {
			c.do("note what was heard", func(ctx context.Context) error { return c.ex.Spine.Heard(ctx, message, text) }, nil)
		},
	}
	c.ears = newEars(c)
	c.ears.attach(c.caller)
}

// meet finds the conversation of the call. When it cannot, the caller is told
// so and the call ends.
func (c *call) meet(p Peer) {
	ctx, cancel := context.WithTimeout(c.ctx, beginTime)
	defer cancel()
	conv, err := c.ex.Spine.Begin(ctx, Began{
		Call: c.id, Address: c.address(), Name: p.Name, Lang: p.Lang, Playbook: c.rec.Playbook, Contact: p.Contact,
		Conversation: c.conv.ID, Verified: p.Known && p.Contact != "",
	})
	if err != nil {
		c.log.ErrorContext(ctx, "conversation not begun", "error", err)
		c.bye(Cause{Reason: EndFailed, By: "system"}, textBroken)
		return
	}
	c.know(conv)
	stop, err := c.ex.Bus.Subscribe("conv."+string(conv.ID), func(string, []byte) {
		select {
		case c.wake <- struct{}{}:
		default:
		}
	})
	if err != nil {
		c.log.WarnContext(ctx, "no news of the conversation; looking at it instead", "error", err)
		return
	}
	c.stop = stop
}

// listen passes on what happens at a member's leg.
func (c *call) listen(m *member) {
	leg := m.leg
	go func() {
		for e := range leg.Events() {
			select {
			case c.legs <- legNews{m, leg, e}:
			case <-c.gone: // read to the end: the leg loses nothing, so it would wait
			}
		}
	}()
}

// happened takes what happened at a leg.
func (c *call) happened(m *member, e LegEvent) {
	if !c.room.has(m) {
		return // it has left
	}
	switch {
	case e.Kind == LegReplaced && c.mode != nil:
		c.swap(m, e)
	case m == c.caller && e.Kind == LegEnded && c.mode == nil:
		c.end(by(e.Cause, "caller"))
	case c.mode == nil:
	case m == c.caller && m.up && e.Kind == LegDigit:
		c.mode.key(e.Digit)
	case m == c.caller && m.up && e.Kind == LegEnded:
		c.mode.hungUp()
		c.end(by(e.Cause, "caller"))
	case m == c.caller && m.up && e.Kind == LegSilent:
		c.quiet()
	default:
		c.mode.leg(m, e)
	}
}

// quiet takes that no audio has come from the caller, who has sent some before:
// his line may be dead. Whoever has never sent any only listens.
func (c *call) quiet() {
	wait := c.ex.Config.Lost
	if c.received = c.caller.leg.Stats().Received; c.received == 0 || wait < 0 {
		return
	}
	c.alarms.set(alarmLost, or(wait, time.Minute))
}

// rang takes an alarm.
func (c *call) rang(name alarm) {
	switch name {
	case alarmPoll:
		c.alarms.set(alarmPoll, pollTime)
		c.look()
	case alarmLength:
		c.bye(Cause{Reason: EndNormal, By: "system"}, textTooLong)
	case alarmTape:
		c.tape.goOn()
	case alarmLost:
		if c.caller.leg.Stats().Received == c.received {
			c.log.InfoContext(c.ctx, "the caller's line is dead")
			c.end(Cause{Reason: EndLost, By: "system"})
		}
	default:
		c.mode.alarm(name)
	}
}

// end ends the call. The first cause is the one that counts.
func (c *call) end(why Cause) {
	if c.over == nil {
		c.over = &why
	}
}

// do does work elsewhere, with a time limit, and then comes back with then in
// the call's goroutine. A failure is logged.
func (c *call) do(what string, f func(ctx context.Context) error, then func(err error)) {
	go func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(c.ctx), spineTime)
		defer cancel()
		var err error
		if p := guard(func() { err = f(ctx) }); p != nil {
			err = p
		}
		if err != nil && !errors.Is(err, context.Canceled) {
			c.log.WarnContext(ctx, what, "error", err)
		}
		if then != nil {
			c.box.post(func() { then(err) })
		}
	}()
}

// by says who ended a leg, unless it says so itself.
func by(why Cause, who string) Cause {
	if why.By == "" {
		why.By = who
	}
	if why.Reason == "" {
		why.Reason = EndNormal
	}
	return why
}

// number is what stands for somebody in records.
func number(p Peer) string {
	switch {
	case p.Number != "":
		return p.Number
	case p.Contact != "":
		return string(p.Contact)
	}
	return p.URI
}

func (c *call) lang() desk.Lang {
	switch {
	case c.conv.Lang != "":
		return c.conv.Lang
	case c.caller != nil && c.caller.leg.Peer().Lang != "":
		return c.caller.leg.Peer().Lang
	}
	return desk.English
}

// address is the customer's, as the spine knows him on the telephone.
func (c *call) address() string {
	if c.rec.Direction == "out" {
		return c.rec.To
	}
	return c.rec.From
}
