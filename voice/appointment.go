package voice

import (
	"context"
	"time"

	"github.com/parleyhq/parley/desk"
)

const (
	chooseTime = 8 * time.Second // to decide when to be called
	digitTime  = 6 * time.Second // to press the next digit of a time
)

// appointment is the mode of somebody in a queue who asks to be called back:
// now, or at a time he picks.
type appointment struct {
	idle
	c      *call
	step   appointmentStep
	digits string
	hour   int
	minute int
	tries  int
}

type appointmentStep int

const (
	whenToCall appointmentStep = iota
	whatTime
	whichDay
	noted
)

func (a *appointment) enter() { a.ask(whenToCall, textWhen) }
func (a *appointment) leave() { a.c.alarms.clear(alarmKeys) }

func (a *appointment) keeps(conv desk.Conversation) bool {
	return conv.Status == desk.Waiting || conv.Status == desk.Offered
}

// message says what the spine promises.
func (a *appointment) message(m desk.Message) {
	if m.Author.Kind == desk.ByBot || m.Author.Kind == desk.BySystem {
		a.c.speak(m, Saying{})
	}
}

func (a *appointment) ask(step appointmentStep, says ...desk.Text) {
	a.step, a.digits = step, ""
	a.c.alarms.clear(alarmKeys)
	for _, t := range says {
		a.c.say(t.In(a.c.lang()))
	}
	if !a.c.voice.speaking() {
		a.spoke()
	}
}

func (a *appointment) spoke() {
	if a.step != noted {
		a.c.alarms.set(alarmKeys, chooseTime)
	}
}

func (a *appointment) key(key byte) {
	if a.step == noted {
		return
	}
	a.c.voice.interrupt()
	a.c.alarms.set(alarmKeys, digitTime)
	if key == '*' {
		a.c.become(&waiting{c: a.c})
		return
	}
	switch a.step {
	case whenToCall:
		switch key {
		case '1':
			a.promise(time.Time{})
		case '2':
			a.ask(whatTime, textTime)
		default:
			a.ask(whenToCall, textWhen)
		}
	case whatTime:
		a.time(key)
	case whichDay:
		a.day(key)
	}
}

func (a *appointment) time(key byte) {
	if key >= '0' && key <= '9' {
		a.digits += string(key)
	}
	if len(a.digits) < 4 && key != '#' {
		return
	}
	t, err := time.Parse("15:04", spellTime(a.digits))
	if err != nil {
		a.again()
		return
	}
	a.hour, a.minute = t.Hour(), t.Minute()
	a.ask(whichDay, textDay)
}

func (a *appointment) day(key byte) {
	days := 0
	switch key {
	case '1':
	case '2':
		days = 1
	default:
		a.ask(whichDay, textDay)
		return
	}
	zone := a.c.ex.Config.zone()
	now := time.Now().In(zone)
	at := time.Date(now.Year(), now.Month(), now.Day()+days, a.hour, a.minute, 0, 0, zone)
	if !at.After(now) {
		a.again()
		return
	}
	a.promise(at)
}

// again asks for the time again, but not for ever.
func (a *appointment) again() {
	if a.tries++; a.tries > 2 {
		a.promise(time.Time{})
		return
	}
	a.ask(whatTime, textPast, textTime)
}

// alarm: who says nothing is called as soon as it is his turn; that is why he
// pressed the key.
func (a *appointment) alarm(name alarm) {
	if name == alarmKeys && a.step != noted {
		a.promise(time.Time{})
	}
}

// promise notes the call back and lets the caller go. If it cannot be noted he
// keeps waiting.
func (a *appointment) promise(at time.Time) {
	a.step = noted
	a.c.alarms.clear(alarmKeys)
	id, cb := a.c.conv.ID, desk.Callback{Phone: a.c.phone(), At: at}
	if !at.IsZero() {
		cb.At = at.UTC()
	}
	a.c.do("call back not noted", func(ctx context.Context) error { return a.c.ex.Spine.AskCallback(ctx, id, cb) }, func(err error) {
		if a.c.mode != mode(a) {
			return
		}
		if err != nil {
			a.c.become(&waiting{c: a.c})
			return
		}
		a.c.look() // what the spine promises is said
		a.c.bye(Cause{Reason: EndNormal, By: "system"}, textGoodbye)
	})
}
