package voice

import "github.com/parleyhq/parley/desk"

// screen is a leg that rings on a screen: it is answered when its agent says so
// there, not by itself.
type screen interface{ PickUp() error }

// takes answers the browser of an agent who has said yes already: he accepted
// the conversation, dialled, or asked to listen. Telephones are picked up by
// hand.
func (c *call) takes(m *member) {
	if s, ok := m.leg.(screen); ok {
		if err := s.PickUp(); err != nil {
			c.log.WarnContext(c.ctx, "agent's browser does not take the call", "agent", m.agent, "error", err)
		}
	}
}

// pickUpHere answers the agent's browser that rings in this call. ok is false
// when none does.
func (c *call) pickUpHere(agent desk.ID) (ok bool, err error) {
	for _, m := range c.room.members {
		if s, rings := m.leg.(screen); rings && m.agent == agent && !m.up {
			return true, s.PickUp()
		}
	}
	return false, nil
}
