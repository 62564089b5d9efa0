package voice

import (
	"encoding/json"
	"time"

	"github.com/parleyhq/parley/desk"
)

// state is what screens show of a call besides who is in it.
type state struct {
	state     desk.CallState
	since     time.Time
	saying    desk.ID
	keys      int
	listening bool
	voicemail bool
	rev       int64
}

// CallEvent is published on "call.began", "call.answered", "call.queued",
// "call.talking" and "call.ended" for other systems.
type CallEvent struct {
	Kind   string    `json:"kind"`
	At     time.Time `json:"at"`
	Call   LiveCall  `json:"call"`
	Record *Record   `json:"record,omitempty"` // once ended
}

// agentNews is what an agent's own screens are told, wherever they are.
type agentNews struct {
	Kind string    `json:"kind"`
	Data agentCall `json:"data"`
}

type agentCall struct {
	ConversationID desk.ID       `json:"conversation_id"`
	Call           desk.CallNews `json:"call"`
}

// standing is how a call was when it was last told of, with the legs that were
// up then.
type standing struct {
	LiveCall
	legs []measured
}

type measured struct {
	role role
	leg  Leg
}

// now is the call with what its audio has been like so far.
func (s *standing) now() LiveCall {
	l := s.LiveCall
	for _, m := range s.legs {
		if q, ok := qualityOf(m.role, m.leg); ok {
			l.Quality = append(l.Quality, q)
		}
	}
	return l
}

// state changes where the call stands.
func (c *call) state(s desk.CallState) {
	if c.shown.state != s {
		c.shown.state, c.shown.since = s, c.ex.now()
	}
	c.shown.saying, c.shown.keys, c.shown.listening = "", 0, false
}

// shows changes where the call stands, and tells so.
func (c *call) shows(s desk.CallState) {
	c.state(s)
	c.publish()
}

// listening shows whether the customer may speak now.
func (c *call) listening(on bool) {
	on = on && c.ex.Ear != nil
	if c.shown.listening != on {
		c.shown.listening = on
		c.publish()
	}
}

// live describes the call as it is.
func (c *call) live() LiveCall {
	n := desk.CallNews{
		CallID: c.id, State: c.shown.state, Direction: c.rec.Direction, Number: c.address(), Since: c.shown.since,
		Answered: c.rec.AnsweredAt, Recording: c.tape.state(), Saying: c.shown.saying, Listening: c.shown.listening,
		Keys: c.shown.keys, Spoken: c.ex.Ear != nil, Voicemail: c.shown.voicemail, Rev: c.shown.rev,
	}
	if c.caller != nil {
		n.Held = c.caller.held
	}
	for _, m := range c.room.members {
		if m != c.caller {
			n.Parties = append(n.Parties, desk.Party{
				Leg: m.leg.ID(), Role: string(m.role), Agent: m.agent, Name: m.name, State: m.state(), Muted: m.muted,
			})
		}
	}
	if c.over != nil {
		n.State, n.Cause, n.Parties = desk.CallEnded, c.over.Reason, nil
	}
	return LiveCall{CallNews: n, ConversationID: c.conv.ID, Contact: c.contact, Queue: c.conv.Queue, Node: c.ex.Config.Node}
}

// publish tells screens how the call stands.
func (c *call) publish() {
	c.shown.rev++
	l := standing{LiveCall: c.live()}
	for _, m := range c.room.members {
		if m.up {
			l.legs = append(l.legs, measured{m.role, m.leg})
		}
	}
	c.news.Store(&l)
	if c.conv.ID == "" {
		return
	}
	data, err := json.Marshal(l.CallNews)
	if err != nil {
		return // it is ours and always marshals
	}
	c.ex.publish("conv."+string(c.conv.ID), desk.Event{ConversationID: c.conv.ID, Kind: desk.EventCall, Data: data, At: c.ex.now()})
	told := map[desk.ID]bool{}
	for _, m := range c.room.members {
		if m.agent != "" && !told[m.agent] {
			told[m.agent] = true
			c.tellAgent(m.agent, l.CallNews)
		}
	}
	if c.last != "" && !told[c.last] { // he has left: his screen must know
		c.tellAgent(c.last, l.CallNews)
	}
	c.last = ""
	if m := c.room.by(roleAgent); m != nil {
		c.last = m.agent
	}
}

func (c *call) tellAgent(agent desk.ID, n desk.CallNews) {
	c.ex.publish("agent."+string(agent), agentNews{"call", agentCall{c.conv.ID, n}})
}

// tell tells other systems.
func (c *call) tell(kind string) {
	c.publish()
	e := CallEvent{Kind: kind, At: c.ex.now(), Call: c.news.Load().LiveCall}
	if c.over != nil {
		rec := c.rec
		e.Record = &rec
	}
	c.ex.publish(kind, e)
	if kind == "call.answered" || kind == "call.queued" || kind == "call.talking" {
		c.keepRecord()
	}
}

// publish tells whoever listens. What is lost heals: screens ask again.
func (x *Exchange) publish(subject string, v any) {
	if err := x.Bus.Publish(subject, v); err != nil {
		x.log().Warn("call news not published", "subject", subject, "error", err)
	}
}
