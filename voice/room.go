package voice

import (
	"fmt"
	"slices"
	"strings"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice/media"
)

// role is what somebody is in a call.
type role string

const (
	roleCaller    role = "caller" // the customer, whoever called whom
	roleAgent     role = "agent"
	roleConsult   role = "consult"   // asked by the agent while the customer holds
	roleThird     role = "third"     // in a conference, or whom the customer was passed on to
	roleListener  role = "listener"  // a supervisor who hears everybody
	roleWhisperer role = "whisperer" // and is heard by the agent
	roleBarger    role = "barger"    // and is heard by everybody
)

func (r role) supervises() bool {
	return r == roleListener || r == roleWhisperer || r == roleBarger
}

// member is somebody in a call.
type member struct {
	leg    Leg
	role   role
	agent  desk.ID
	name   string
	phone  bool // a telephone, which rings longer than a browser
	up     bool // has answered
	held   bool // hears music, and nobody hears him
	muted  bool
	ringer bool // hears the ringing of somebody who is called for him
}

func (m *member) state() string {
	switch {
	case !m.up:
		return "ringing"
	case m.held:
		return "held"
	}
	return "talking"
}

// room is who is in a call, and who hears whom. It belongs to the call's
// goroutine.
type room struct {
	pacer   *media.Pacer
	music   func() media.Source
	video   Video
	members []*member // the first is the customer, once there is one
	open    bool      // they are joined; else the customer hears what a mode plays
	wires   []func()  // take the present joining apart
	plan    string    // what it is
}

// hears reports whether a hears b.
func hears(a, b *member) bool {
	switch {
	case a == b, !a.up, !b.up, a.held, b.held:
		return false
	case b.role == roleListener:
		return false
	case b.role == roleWhisperer:
		return a.role == roleAgent
	case a.role.supervises():
		return true
	case a.role == roleConsult:
		return b.role == roleAgent || b.role == roleBarger
	case b.role == roleConsult:
		return a.role == roleAgent
	}
	return true
}

// wire joins the members as hears says: two relay to each other, more are mixed,
// and who hears nobody hears music or ringing. It changes nothing when the
// members hear each other so already.
func (r *room) wire() {
	groups, plan := r.groups()
	if plan == r.plan {
		return
	}
	r.cut()
	r.plan = plan
	for _, g := range groups {
		switch {
		case len(g) == 1:
			r.idle(g[0])
		case len(g) == 2 && hears(g[0], g[1]) && hears(g[1], g[0]):
			r.wires = append(r.wires, media.Connect(g[0].leg.Line(), g[1].leg.Line()))
		default:
			r.mix(g)
		}
	}
	r.see()
}

// see shows the customer and his agent each other, when both have browsers.
func (r *room) see() {
	caller, agent := r.by(roleCaller), r.by(roleAgent)
	if r.video == nil || caller == nil || agent == nil || !hears(caller, agent) || !hears(agent, caller) {
		return
	}
	if disconnect, ok := r.video.ConnectVideo(caller.leg, agent.leg); ok {
		r.wires = append(r.wires, disconnect)
	}
}

// rewire joins them anew, as after something was said to one of them.
func (r *room) rewire() {
	r.plan = ""
	r.wire()
}

// cut takes them apart; nobody hears anything.
func (r *room) cut() {
	for _, f := range r.wires {
		f()
	}
	r.wires, r.plan = nil, ""
}

func (r *room) idle(m *member) {
	line := m.leg.Line()
	switch {
	case m.held && r.music != nil:
		line.Play(r.music(), nil)
	case m.ringer:
		line.Play(media.Ringback(), nil)
	default:
		line.Stop()
	}
}

func (r *room) mix(group []*member) {
	byLine := make(map[*media.Line]*member, len(group))
	for _, m := range group {
		byLine[m.leg.Line()] = m
	}
	mixer := media.NewMixer(r.pacer)
	for _, m := range group {
		m.leg.Line().Stop()
		leave := mixer.Join(m.leg.Line(),
			func(other *media.Line) bool { o := byLine[other]; return o != nil && hears(m, o) },
			func(other *media.Line) bool { o := byLine[other]; return o != nil && hears(o, m) })
		r.wires = append(r.wires, leave)
	}
}

// groups puts together who hears or is heard by whom, and describes it.
func (r *room) groups() (groups [][]*member, plan string) {
	var b strings.Builder
	seen := map[*member]bool{}
	for _, m := range r.members {
		if seen[m] || !m.up {
			continue
		}
		group := []*member{m}
		seen[m] = true
		for i := 0; i < len(group); i++ {
			for _, o := range r.members {
				if !seen[o] && (hears(group[i], o) || hears(o, group[i])) {
					seen[o] = true
					group = append(group, o)
				}
			}
		}
		groups = append(groups, group)
		for _, a := range group {
			fmt.Fprintf(&b, "%s %t %t:", a.leg.ID(), a.held, a.ringer)
			for _, o := range group {
				if hears(a, o) {
					fmt.Fprintf(&b, " %s", o.leg.ID())
				}
			}
			b.WriteByte(';')
		}
		b.WriteByte('|')
	}
	return groups, b.String()
}

func (r *room) add(m *member) { r.members = append(r.members, m) }

func (r *room) remove(m *member) {
	r.members = slices.DeleteFunc(r.members, func(x *member) bool { return x == m })
}

// by finds the first member of a role.
func (r *room) by(roles ...role) *member {
	for _, m := range r.members {
		if slices.Contains(roles, m.role) {
			return m
		}
	}
	return nil
}

func (r *room) leg(id desk.ID) *member {
	for _, m := range r.members {
		if m.leg.ID() == id {
			return m
		}
	}
	return nil
}

// agent finds the member who is an agent; nil when he is not there.
func (r *room) agent(id desk.ID) *member {
	for _, m := range r.members {
		if id != "" && m.agent == id {
			return m
		}
	}
	return nil
}

func (r *room) has(m *member) bool { return slices.Contains(r.members, m) }

// talkers counts those who speak with the customer.
func (r *room) talkers() int {
	n := 0
	for _, m := range r.members {
		if m.up && (m.role == roleAgent || m.role == roleThird) {
			n++
		}
	}
	return n
}
