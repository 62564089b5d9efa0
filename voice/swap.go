package voice

import (
	"context"

	"github.com/parleyhq/parley/voice/media"
)

// swap puts the leg that has come to replace a member's in its place. He goes on
// with all that he heard, said and was.
func (c *call) swap(m *member, e LegEvent) {
	leg := e.Take()
	if leg == nil {
		return // it came too late, and has been let go
	}
	old := m.leg
	c.note(m)
	customer := m == c.caller && c.voice != nil
	if customer {
		c.voice.interrupt()
		c.ears.detach()
	}
	c.room.cut()
	m.leg = leg
	leg.Line().Mute(m.muted)
	c.listen(m)
	old.Hangup(Cause{Reason: EndTransferred, By: "system"})
	if customer {
		c.voice.line = leg.Line()
		c.ears.attach(m)
		c.tape.move(old.Line(), leg.Line())
	}
	if m.held {
		c.do("hold not shown", func(ctx context.Context) error { return leg.Hold(ctx, true) }, nil)
	}
	switch t, _ := c.mode.(*talk); {
	case !m.up: // it rang, and somebody has taken it
		c.mode.leg(m, LegEvent{Kind: LegAnswered, At: e.At})
	case t != nil && m == t.with:
		c.ears.attachAgent(m)
	}
	switch {
	case c.room.open:
		c.room.rewire()
	case customer && c.mode != nil:
		c.mode.spoke() // what it plays while nothing is said
	}
	c.publish()
}

// shifted is a tap whose clock began earlier than the line's.
type shifted struct {
	media.Tap
	by int64
}

func (s shifted) In(at int64, ulaw []byte)  { s.Tap.In(at+s.by, ulaw) }
func (s shifted) Out(at int64, ulaw []byte) { s.Tap.Out(at+s.by, ulaw) }
