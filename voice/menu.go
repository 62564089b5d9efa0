package voice

import (
	"time"

	"github.com/parleyhq/parley/desk"
)

const (
	onPageTime = 30 * time.Second // who types on the page is not silent
	toolTime   = 10 * time.Second // then somebody who waits for a tool is told so
	patience   = 2 * time.Second  // with a turn; then keys mean the turn itself
	maxAhead   = 20               // keys pressed before there is a question for them
)

// menu is the mode in which a menu or a bot answers.
type menu struct {
	idle
	c        *call
	asks     question
	last     desk.Message // the one that asks
	pad      keypad
	ahead    []byte // keys pressed while the responder had its turn
	silences int
	misses   int  // utterances in a row that were not understood
	hinted   bool // that he may type on the page
	person   bool // was asked for because he stays silent
}

func (m *menu) enter() {
	m.c.state(desk.CallMenu)
	if !m.c.voice.speaking() {
		m.c.caller.leg.Line().Stop() // the music of a queue
	}
	m.wait()
}

func (m *menu) leave() {
	m.c.alarms.clear(alarmKeys, alarmSilence)
	m.count(0)
}

func (m *menu) keeps(conv desk.Conversation) bool { return conv.Status == desk.Automated }

// message says what the responder says. A tap on the page is the customer's own
// move: it ends what is being said.
func (m *menu) message(msg desk.Message) {
	switch msg.Author.Kind {
	case desk.ByCustomer:
		if msg.Channel != desk.Voice {
			m.c.voice.interrupt()
		}
		m.asks, m.last = question{}, desk.Message{}
		m.pad.reset()
		m.count(0)
		m.silences = 0
	case desk.ByBot, desk.BySystem:
		if q := asked(msg); !q.open() || m.asks.open() {
			m.asks, m.last, m.hinted = q, msg, false
		}
		m.c.alarms.clear(alarmSilence)
		m.c.speak(msg, Saying{Keys: true})
		if m.asks.onPage() && m.asks.message == msg.ID && m.c.ex.Ear == nil {
			m.hint()
		}
		m.wait()
	}
}

// hint says that the answer can be typed, and sends the page to those who do
// not have it.
func (m *menu) hint() {
	m.c.say(textOnPage.In(m.c.lang()))
	if m.hinted {
		return
	}
	m.hinted = true
	if !m.c.page {
		m.c.sendLink(true)
	}
}

// key takes a key: it silences what is said and answers what is asked.
func (m *menu) key(key byte) {
	m.c.voice.interrupt()
	m.c.alarms.clear(alarmSilence, alarmKeys)
	m.silences = 0
	if m.c.hear.busy() {
		m.meanwhile(key)
		return
	}
	m.act(m.pad.press(m.asks, key))
}

// meanwhile takes a key while the responder has its turn. It is for the next
// question; but who has waited for a while and asks for a person, or back, does
// not wait on.
func (m *menu) meanwhile(key byte) {
	verb := map[byte]desk.Verb{'0': desk.PickHuman, '*': desk.PickBack}[key]
	switch {
	case verb != "" && len(m.ahead) == 0 && m.c.hear.lasts() > patience:
		m.act(pressed{kind: pressedCommand, verb: verb})
	case len(m.ahead) < maxAhead:
		m.ahead = append(m.ahead, key)
	}
}

// act does what keys meant.
func (m *menu) act(p pressed) {
	m.count(len(m.pad.buf))
	switch p.kind {
	case pressedMore:
		if p.wait > 0 {
			m.c.alarms.set(alarmKeys, p.wait)
			return
		}
		m.wait()
	case pressedChoice:
		m.c.hear.take(desk.Inbound{Choice: &desk.Choice{MessageID: m.asks.message, OptionID: p.option}})
	case pressedText:
		text := p.text
		if m.asks.input != nil {
			text = spell(*m.asks.input, text, time.Now().In(m.c.ex.Config.zone()))
		}
		m.c.hear.take(desk.Inbound{Text: text})
	case pressedCommand:
		m.c.hear.cancel()
		m.ahead = nil
		m.c.hear.take(desk.Inbound{Command: p.verb})
	case pressedRepeat:
		m.again(Saying{Keys: true})
	case pressedHint:
		m.hint()
	}
}

// words take what the customer said for an answer.
func (m *menu) words(text string, err error) {
	m.c.alarms.clear(alarmSilence)
	m.silences = 0
	switch {
	case err != nil:
		m.misses = 0
		m.c.say(textUseKeys.In(m.c.lang()))
	case text != "":
		m.misses = 0
		m.c.hear.cancel()
		m.c.hear.take(desk.Inbound{Text: text})
	default:
		if m.misses++; m.misses == 1 {
			m.c.say(textAgain.In(m.c.lang()))
		}
		m.wait()
	}
}

// again repeats the question.
func (m *menu) again(o Saying) {
	if m.last.ID == "" {
		m.wait()
		return
	}
	m.c.speak(m.last, o)
	if m.asks.onPage() && m.c.ex.Ear == nil {
		m.c.say(textOnPage.In(m.c.lang()))
	}
}

func (m *menu) spoke() { m.wait() }

// answered goes on with what was pressed meanwhile.
func (m *menu) answered(err error) {
	if err != nil {
		m.ahead = nil
		m.c.say(textSorry.In(m.c.lang()))
		m.again(Saying{Keys: true, Short: true})
		return
	}
	for len(m.ahead) > 0 && !m.c.hear.busy() {
		key := m.ahead[0]
		m.ahead = m.ahead[1:]
		m.c.voice.interrupt()
		m.act(m.pad.press(m.asks, key))
	}
	m.wait()
}

// wait begins to wait for the customer, when it is his turn.
func (m *menu) wait() {
	switch {
	case m.c.voice.speaking(), m.c.hear.busy(), m.c.ears.hearing():
		m.c.alarms.clear(alarmSilence)
	case m.c.alarms.is(alarmSilence), m.c.alarms.is(alarmKeys):
	case m.c.conv.Call != nil:
		m.c.alarms.set(alarmSilence, toolTime)
	case m.c.page || m.asks.onPage():
		m.c.alarms.set(alarmSilence, onPageTime)
	default:
		m.c.alarms.set(alarmSilence, or(m.c.ex.Config.Silence, 7*time.Second))
	}
	m.c.listening(!m.c.voice.speaking() && !m.c.hear.busy())
}

func (m *menu) alarm(name alarm) {
	switch name {
	case alarmKeys:
		m.act(m.pad.pause(m.asks))
	case alarmSilence:
		m.silent()
	}
}

// silent takes that nothing was said or pressed.
func (m *menu) silent() {
	if m.c.conv.Call != nil {
		m.c.say(textMoment.In(m.c.lang()))
		return
	}
	repeats := m.c.ex.Config.Repeats
	if repeats == 0 {
		repeats = 2
	}
	m.silences++
	switch {
	case m.silences <= repeats:
		m.again(Saying{Keys: true, Short: true})
	case m.c.ex.Config.GiveUp == GiveUpPerson && !m.person:
		m.person, m.silences = true, 0
		m.c.say(textGetHelp.In(m.c.lang()))
		m.c.hear.take(desk.Inbound{Command: desk.PickHuman})
	default:
		m.c.bye(Cause{Reason: EndNormal, By: "system"}, textSilent)
	}
}

// count shows how many keys were pressed, never which.
func (m *menu) count(n int) {
	if m.c.shown.keys != n {
		m.c.shown.keys = n
		m.c.publish()
	}
}
