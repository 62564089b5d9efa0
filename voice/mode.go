package voice

import "github.com/parleyhq/parley/desk"

// mode is what a call is doing. All its methods run in the call's goroutine.
type mode interface {
	// enter takes the customer over; leave lets him go: nothing of the mode's is
	// left, neither sounds nor alarms nor people.
	enter()
	leave()
	// keeps reports whether the mode goes on with the conversation as it is now.
	keeps(conv desk.Conversation) bool
	// message is new in the conversation.
	message(m desk.Message)
	// leg is what happened at a leg other than the customer's, or at his before
	// he has answered.
	leg(m *member, e LegEvent)
	// key is what the customer pressed.
	key(key byte)
	// words are what the customer said; empty: he was not understood.
	words(text string, err error)
	// spoke: all that was to be said has been said.
	spoke()
	// answered: the responder has had its turn.
	answered(err error)
	alarm(name alarm)
	// hungUp: the customer has.
	hungUp()
}

// idle is a mode in which nothing happens; others are made of it.
type idle struct{}

func (idle) enter()                       {}
func (idle) leave()                       {}
func (idle) keeps(desk.Conversation) bool { return false }
func (idle) message(desk.Message)         {}
func (idle) leg(*member, LegEvent)        {}
func (idle) key(byte)                     {}
func (idle) words(string, error)          {}
func (idle) spoke()                       {}
func (idle) answered(error)               {}
func (idle) alarm(alarm)                  {}
func (idle) hungUp()                      {}

// become changes the mode.
func (c *call) become(m mode) {
	if c.mode != nil {
		c.mode.leave()
	}
	c.mode = m
	m.enter()
	c.publish()
}

// follow brings the call to where its conversation stands.
func (c *call) follow() {
	if c.over != nil || c.mode != nil && c.mode.keeps(c.conv) {
		return
	}
	if c.voice == nil { // nobody is on the line, and the agent has lost the conversation
		c.end(Cause{Reason: EndCancelled, By: "system"})
		return
	}
	switch c.conv.Status {
	case desk.Automated:
		c.become(&menu{c: c})
	case desk.Waiting, desk.Offered:
		if c.conv.Callback != nil {
			c.bye(Cause{Reason: EndNormal, By: "system"}, textGoodbye)
			return
		}
		c.become(&waiting{c: c})
	case desk.Assigned, desk.Parked:
		c.become(&talk{c: c, agent: c.conv.AgentID})
	case desk.Closed:
		c.bye(Cause{Reason: EndNormal, By: "system"}, desk.Text{})
	}
}

// bye is the last mode: what is to be said is said, then the call ends.
type bye struct {
	idle
	c   *call
	why Cause
}

// bye says the last words, after what is being said, and hangs up.
func (c *call) bye(why Cause, words desk.Text) {
	if _, already := c.mode.(*bye); already || c.over != nil {
		return
	}
	c.become(&bye{c: c, why: why})
	if !words.IsZero() {
		c.say(words.In(c.lang()))
	}
	if c.voice == nil || !c.voice.speaking() {
		c.end(why)
	}
}

func (b *bye) enter() { b.c.alarms.set(alarmBye, byeTime) }
func (b *bye) leave() { b.c.alarms.clear(alarmBye) }
func (b *bye) spoke() { b.c.end(b.why) }

// keeps: who was promised a call back, and has an agent before he has hung up,
// talks with him.
func (b *bye) keeps(conv desk.Conversation) bool {
	return conv.Status != desk.Assigned || conv.Callback == nil || conv.OnCall != b.c.id
}

// message is still said: the responder's last words may come after the close.
func (b *bye) message(m desk.Message) {
	if m.Author.Kind == desk.ByBot {
		b.c.speak(m, Saying{})
	}
}

func (b *bye) alarm(name alarm) {
	if name == alarmBye {
		b.c.end(b.why)
	}
}
