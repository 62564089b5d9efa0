package voice

import (
	"slices"
	"time"

	"github.com/parleyhq/parley/desk"
)

// supervise lets a supervisor into the call, changes who hears him, or lets him
// out. Whether he may is the caller's business.
func (c *call) supervise(o Command) error {
	if _, ok := c.mode.(*talk); !ok || !c.room.open {
		return notNow
	}
	i := slices.IndexFunc(c.room.members, func(m *member) bool { return m.role.supervises() && m.agent == o.By.ID })
	if o.Verb == DoUnlisten {
		if i < 0 {
			return desk.Errorf(desk.Conflict, "not_listening", "you are not in the call")
		}
		c.dismiss(c.room.members[i], Cause{Reason: EndNormal, By: "system"})
		return nil
	}
	r := map[Verb]role{DoListen: roleListener, DoWhisper: roleWhisperer, DoBarge: roleBarger}[o.Verb]
	if i >= 0 {
		c.room.members[i].role = r
		c.room.rewire()
		return nil
	}
	if slices.ContainsFunc(c.room.members, func(m *member) bool { return m.agent == o.By.ID }) {
		return desk.Errorf(desk.Conflict, "in_the_call", "you are in the call already")
	}
	m, err := c.party(r, o.By.ID, "")
	if err != nil {
		return err
	}
	if o.By.Name != "" {
		m.name = o.By.Name
	}
	c.takes(m)
	c.alarms.set(alarmJoin, or(c.ex.Config.RingAgent, 25*time.Second))
	return nil
}

// sendAway gives up supervisors who do not answer.
func (c *call) sendAway() {
	for _, m := range slices.Clone(c.room.members) {
		if m.role.supervises() && !m.up {
			c.dismiss(m, Cause{Reason: EndNoAnswer, By: "system"})
		}
	}
}

// supervisorLeg takes what happens at a supervisor's leg.
func (c *call) supervisorLeg(m *member, e LegEvent) {
	switch e.Kind {
	case LegAnswered:
		m.up = true
		c.room.wire()
		c.publish()
	case LegEnded:
		c.forget(m)
	}
}
