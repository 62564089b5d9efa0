package voice

import (
	"context"

	"github.com/parleyhq/parley/desk"
)

// dismiss hangs a member up.
func (c *call) dismiss(m *member, why Cause) {
	c.forget(m)
	m.leg.Hangup(why)
}

// forget takes a member whose leg is over, or soon will be, out of the call,
// and notes what its audio was like.
func (c *call) forget(m *member) {
	if !c.room.has(m) {
		return
	}
	c.note(m)
	c.room.remove(m)
	if c.room.open {
		c.room.wire()
	}
	c.publish()
}

// note keeps what the audio of a member was like.
func (c *call) note(m *member) {
	if q, ok := qualityOf(m.role, m.leg); ok {
		c.rec.Quality = append(c.rec.Quality, q)
	}
}

// qualityOf is what the audio of a leg was like; false when there was none.
func qualityOf(r role, leg Leg) (LegQuality, bool) {
	s := leg.Stats()
	return LegQuality{
		Role: string(r), Codec: s.Codec, Packets: s.Received, LossPct: s.LossPct, JitterMs: s.JitterMs, RTTMs: s.RTTMs, MOS: s.MOS,
	}, s.Sent != 0 || s.Received != 0
}

// hold lets the customer hear music, or ends that.
func (c *call) hold(on bool) {
	m := c.caller
	if m == nil || m.held == on {
		return
	}
	m.held = on
	c.times.hold(&c.rec, c.ex.now(), on)
	if c.room.open {
		c.voice.interrupt()
		c.room.wire()
	}
	c.do("hold not shown", func(ctx context.Context) error { return m.leg.Hold(ctx, on) }, nil)
}

// ringing is the member that the others wait for.
func (c *call) ringing() *member {
	for _, m := range c.room.members {
		if !m.up && !m.role.supervises() {
			return m
		}
	}
	return nil
}

// party rings somebody for this call: an agent, or a number.
func (c *call) party(r role, agent desk.ID, to string) (*member, error) {
	ctx, cancel := context.WithTimeout(c.ctx, reachTime)
	defer cancel()
	var got reached
	var err error
	switch {
	case agent != "":
		got, err = c.ex.reach(ctx, agent, c.customer())
	case to != "":
		got.phone, got.name = true, to
		got.leg, err = c.ex.dial(ctx, Dialing{To: to})
	default:
		err = &desk.Error{Kind: desk.Invalid, Code: "nobody_named", Field: "to", Message: "name a number or an agent"}
	}
	if err != nil {
		return nil, err
	}
	m := &member{leg: got.leg, role: r, agent: agent, name: got.name, phone: got.phone}
	if m.name == "" {
		m.name = c.names[agent]
	}
	c.room.add(m)
	c.listen(m)
	return m, nil
}
