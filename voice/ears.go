package voice

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice/media"
)

const (
	earTime  = 8 * time.Second // for one utterance; then once more
	earRate  = 16000
	maxHears = 3 // utterances of one person that are being understood
)

// ears turn what is said into words: the customer's answers, and what an agent
// says. Without an Ear they do nothing. Their methods belong to the call's
// goroutine.
type ears struct {
	c        *call
	speaks   bool // the customer, now
	pending  int  // utterances of his that are being understood
	n        int
	removers []func()
	agent    func() // ends listening to the agent
}

func newEars(c *call) *ears { return &ears{c: c} }

// hearing reports whether the customer speaks, or was not understood yet.
func (e *ears) hearing() bool { return e.speaks || e.pending > 0 }

// attach listens to the customer.
func (e *ears) attach(m *member) {
	if e.c.ex.Ear == nil {
		return
	}
	vad := media.NewVAD(media.VADOptions{}, func(s media.SpeechEvent) {
		e.c.box.post(func() { e.customer(s) })
	})
	e.removers = append(e.removers, m.leg.Line().Tap(vad))
}

// attachAgent listens to an agent instead of the one before.
func (e *ears) attachAgent(m *member) {
	e.detachAgent()
	if e.c.ex.Ear == nil || m.agent == "" {
		return
	}
	vad := media.NewVAD(media.VADOptions{}, func(s media.SpeechEvent) {
		if !s.Start {
			e.c.box.post(func() { e.said(m, s.PCM) })
		}
	})
	e.agent = m.leg.Line().Tap(vad)
}

func (e *ears) detachAgent() {
	if e != nil && e.agent != nil {
		e.agent()
		e.agent = nil
	}
}

func (e *ears) close() {
	if e == nil {
		return
	}
	e.detachAgent()
	e.detach()
}

// detach ends listening to the customer.
func (e *ears) detach() {
	for _, f := range e.removers {
		f()
	}
	e.removers = nil
}

// customer takes that the customer begins or ceases to speak. He who speaks
// over a prompt silences it.
func (e *ears) customer(s media.SpeechEvent) {
	c := e.c
	if c.mode == nil || c.over != nil {
		return
	}
	e.speaks = s.Start || s.Cut
	_, automated := c.mode.(*menu)
	_, talking := c.mode.(*talk)
	if s.Start {
		if automated {
			c.voice.interrupt()
			c.alarms.clear(alarmSilence)
		}
		return
	}
	if !automated && !(talking && c.room.open) || e.pending >= maxHears {
		return
	}
	e.pending++
	lang := c.lang()
	e.understand(s.PCM, lang, func(text string, err error) {
		e.pending--
		if c.mode == nil || c.over != nil {
			return
		}
		if _, talking := c.mode.(*talk); talking {
			if text != "" {
				c.hear.take(desk.Inbound{Text: text})
			}
			return
		}
		c.mode.words(text, err)
	})
}

// said takes what an agent said.
func (e *ears) said(m *member, pcm []int16) {
	c := e.c
	if m.muted || !c.room.has(m) || c.conv.AgentID != m.agent || c.caller.held {
		return
	}
	e.n++
	id := fmt.Sprintf("%s.a%d", c.id, e.n)
	by := desk.Author{Kind: desk.ByAgent, ID: m.agent, Name: m.name}
	conversation := c.conv.ID
	e.understand(pcm, c.lang(), func(text string, err error) {
		if err == nil && text != "" {
			c.do("agent's words not kept", func(ctx context.Context) error { return c.ex.Spine.Spoke(ctx, by, conversation, id, text) }, nil)
		}
	})
}

func (e *ears) understand(pcm []int16, lang desk.Lang, then func(text string, err error)) {
	c := e.c
	go func() {
		var text string
		var err error
		if p := guard(func() { text, err = c.ex.understand(c.ctx, pcm, lang) }); p != nil {
			err = p
		}
		if err != nil && c.ctx.Err() == nil {
			c.log.WarnContext(c.ctx, "speech not understood", "error", err)
		}
		c.box.post(func() { then(text, err) })
	}()
}

// understand asks the ear, and once more if that fails.
func (x *Exchange) understand(ctx context.Context, pcm []int16, lang desk.Lang) (text string, err error) {
	wav := media.WriteWAV16(media.Resample(pcm, media.Rate, earRate), earRate)
	for range 2 {
		one, cancel := context.WithTimeout(ctx, earTime)
		text, err = x.Ear.Hear(one, wav, lang)
		cancel()
		if err == nil || ctx.Err() != nil {
			break
		}
	}
	return string(bytes.TrimSpace([]byte(text))), err
}
