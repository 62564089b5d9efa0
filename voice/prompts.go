package voice

import (
	"context"
	"log/slog"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice/media"
)

const (
	sentenceTime = 5 * time.Second // to make one sentence
	maxSentences = 60              // of one utterance
	maxQueued    = 20              // utterances that wait
	nothingHeard = "…"             // of a message that was interrupted before it began
)

// prompter says things to one line, one after the other. Its methods belong to
// the call's goroutine; sentences are made in goroutines of their own, which
// end with it.
type prompter struct {
	ctx   context.Context
	line  *media.Line
	mouth Mouth
	log   *slog.Logger
	post  func(func())          // runs a func in the call's goroutine
	began func(message desk.ID) // is told which message is spoken now, or that none is
	ended func()                // is told when all has been said
	heard func(message desk.ID, text string)

	now    *playing
	waits  []utterance
	closed bool
}

// playing is the utterance that is spoken now.
type playing struct {
	utterance
	speech *media.Stream
	cancel context.CancelFunc
}

// say speaks u after what is being said.
func (p *prompter) say(u utterance) {
	if p.closed || len(u.sentences) == 0 && len(u.audio) == 0 {
		return
	}
	if p.now != nil {
		if len(p.waits) < maxQueued {
			p.waits = append(p.waits, u)
		}
		return
	}
	p.start(u)
}

// speaking reports whether something is being said.
func (p *prompter) speaking() bool { return p.now != nil }

func (p *prompter) start(u utterance) {
	ctx, cancel := context.WithCancel(p.ctx)
	now := &playing{utterance: u, speech: media.NewStream(), cancel: cancel}
	p.now = now
	if len(u.audio) > 0 {
		now.speech.Append("", u.audio)
		now.speech.Finish()
	} else {
		go p.make(ctx, now)
	}
	p.began(u.message)
	p.line.Play(now.speech, func(media.Played) { p.post(func() { p.over(now) }) })
}

// make has the sentences made; the first plays while the next is made. One that
// cannot be made is left out: silence would be worse than a gap.
func (p *prompter) make(ctx context.Context, now *playing) {
	defer now.speech.Finish()
	defer now.cancel()
	for _, sentence := range now.sentences[:min(len(now.sentences), maxSentences)] {
		if ctx.Err() != nil || p.mouth == nil {
			return
		}
		one, cancel := context.WithTimeout(ctx, sentenceTime)
		ulaw, err := p.mouth.Say(one, sentence, now.lang)
		cancel()
		switch {
		case err == nil:
			now.speech.Append(sentence, ulaw)
			now.speech.Append("", pause)
		case ctx.Err() == nil:
			p.log.WarnContext(ctx, "sentence not spoken", "lang", now.lang, "error", err)
		}
	}
}

// over goes on with what waits.
func (p *prompter) over(was *playing) {
	if p.now != was {
		return // it was interrupted
	}
	was.cancel()
	p.now = nil
	if len(p.waits) > 0 {
		u := p.waits[0]
		p.waits = p.waits[1:]
		p.start(u)
		return
	}
	p.began("")
	p.ended()
}

// interrupt stops at the next 20 ms, and forgets what waits. What was not heard
// of the messages is told. It reports whether anything was cut off.
func (p *prompter) interrupt() bool {
	was := p.now
	if was == nil {
		return false
	}
	p.now = nil
	p.line.Stop()
	was.cancel()
	p.began("")
	if text, all := played(was.speech.Heard(), len(was.sentences)); was.message != "" && !all {
		p.cut(was.message, text)
	}
	for _, u := range p.waits {
		if u.message != "" && u.message != was.message {
			p.cut(u.message, "")
		}
	}
	p.waits = nil
	return true
}

func (p *prompter) cut(message desk.ID, text string) {
	if text == "" {
		text = nothingHeard
	}
	p.heard(message, text)
}

// close ends it: nothing is said any more.
func (p *prompter) close() {
	p.interrupt()
	p.closed = true
}
