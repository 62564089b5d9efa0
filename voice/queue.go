package voice

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice/media"
)

// waiting is the mode of somebody in a queue: he is told his place, and hears
// music in between.
type waiting struct {
	idle
	c     *call
	queue desk.Queue
	known bool // queue is read
	offer bool // whoever waits may leave a message, for nobody is at work
}

func (w *waiting) enter() {
	w.c.waits()
	w.announce()
}

// waits begins a wait for an agent, or goes on with it.
func (c *call) waits() {
	first := c.times.queued.IsZero()
	c.times.queue(&c.rec, c.ex.now(), c.conv.Queue)
	c.state(desk.CallQueued)
	if first {
		c.tell("call.queued")
	}
}

func (w *waiting) leave() {
	w.c.alarms.clear(alarmAnnounce)
}

func (w *waiting) keeps(conv desk.Conversation) bool {
	return (conv.Status == desk.Waiting || conv.Status == desk.Offered) && conv.Callback == nil
}

// message says what comes from the responder: it may be the words of the
// hand-over.
func (w *waiting) message(m desk.Message) {
	if m.Author.Kind == desk.ByBot || m.Author.Kind == desk.BySystem {
		w.c.speak(m, Saying{})
	}
}

func (w *waiting) spoke() {
	w.c.alarms.set(alarmAnnounce, w.every())
	w.c.playMusic(w.queue.OnHold.Music)
}

func (w *waiting) every() time.Duration {
	if n := w.queue.OnHold.Every; n > 0 {
		return time.Duration(max(n, 5)) * time.Second
	}
	return 30 * time.Second
}

func (w *waiting) alarm(name alarm) {
	if name == alarmAnnounce {
		w.announce()
	}
}

// announce tells the place and what else there is to know.
func (w *waiting) announce() {
	id, name := w.c.conv.ID, w.c.conv.Queue
	var place desk.Place
	var queue desk.Queue
	var known bool
	w.c.do("place in line not known", func(ctx context.Context) (err error) {
		if queue, err = w.c.ex.Spine.Queue(ctx, name); err != nil {
			return err
		}
		place, err = w.c.ex.Spine.Place(ctx, id)
		known = err == nil
		return err
	}, func(error) {
		if w.c.mode != mode(w) {
			return
		}
		w.queue, w.known = queue, true
		w.tell(place, known)
	})
}

// tell says an announcement: the place and the wait, if they are known, then
// the queue's own words, then which keys there are.
func (w *waiting) tell(place desk.Place, known bool) {
	lang, hold := w.c.lang(), w.queue.OnHold
	var says []string
	w.offer = false
	if known {
		w.offer = !place.AnyoneOn
		says = placeWords(place, lang)
	}
	w.c.say(says...)
	name := hold.Prompts[lang]
	if name == "" {
		name = hold.Prompts[""]
	}
	if !w.c.prompt(name) {
		text := hold.Announce.In(lang)
		if text == "" {
			text = textHolding.In(lang)
		}
		w.c.say(split(bare(text))...)
	}
	if w.callback() {
		w.c.say(textCallback.In(lang))
	}
	if w.voicemail() {
		w.c.say(textLeave.In(lang))
	}
	if !w.c.voice.speaking() { // nothing can be said: there is no voice
		w.spoke()
	}
}

// placeWords are the words for a place in line. A wait is told only if it is
// known.
func placeWords(p desk.Place, lang desk.Lang) []string {
	var says []string
	switch {
	case !p.AnyoneOn:
		says = append(says, textNobody.In(lang))
	case p.Position <= 1:
		says = append(says, textNext.In(lang))
	default:
		says = append(says, fill(textPlace.In(lang), "n", fmt.Sprint(p.Position), "ahead", fmt.Sprint(p.Position-1)))
	}
	if p.Known && p.AnyoneOn {
		minutes := (p.Wait + 59) / 60
		if minutes <= 1 {
			return append(says, textMinute.In(lang))
		}
		says = append(says, fill(textMinutes.In(lang), "n", fmt.Sprint(minutes)))
	}
	return says
}

func (w *waiting) callback() bool {
	return w.queue.OnHold.Callback && w.c.phone() != ""
}

func (w *waiting) voicemail() bool { return w.queue.OnHold.Voicemail || w.offer }

func (w *waiting) key(key byte) {
	switch {
	case key == '1' && w.callback():
		w.c.voice.interrupt()
		w.c.become(&appointment{c: w.c})
	case key == '2' && w.voicemail():
		w.c.voice.interrupt()
		w.c.become(&voicemail{c: w.c})
	case key == '#' && w.known:
		w.c.voice.interrupt()
		w.announce()
	}
}

// phone is the number or the address at which the customer can be called, or
// nothing.
func (c *call) phone() string {
	if c.rec.Direction == "out" {
		return c.rec.To
	}
	p := c.caller.leg.Peer()
	switch {
	case isNumber(p.Number):
		return p.Number
	case strings.HasPrefix(p.URI, "sip") && !desk.Hidden(p.Number):
		return p.URI
	}
	return "" // a browser's
}

// isNumber reports whether s is a telephone number with its country.
func isNumber(s string) bool {
	digits, ok := strings.CutPrefix(s, "+")
	return ok && len(digits) >= 7 && strings.Trim(digits, "0123456789") == ""
}

// playMusic plays to the customer until something is said.
func (c *call) playMusic(prompt string) {
	if c.voice == nil || c.voice.speaking() {
		return
	}
	if prompt != "" {
		c.tune, _ = c.ex.uploaded(c.ctx, prompt, c.lang())
	}
	c.caller.leg.Line().Play(c.music(), nil)
}

// music is what somebody who waits or holds hears.
func (c *call) music() media.Source {
	if len(c.tune) > 0 {
		return media.Loop(c.tune)
	}
	return media.Music()
}
