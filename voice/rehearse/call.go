package rehearse

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
	"github.com/parleyhq/parley/voice/media"
)

// Call is a call that is up. Say and Press are not for concurrent use.
type Call struct {
	phone  *Phone
	far    Conversation
	leg    *leg
	pacer  *media.Pacer
	ctx    context.Context
	cancel context.CancelFunc
	over   chan struct{} // closed when the exchange is done with it
	work   sync.WaitGroup

	mu      sync.Mutex    // guards what follows
	changed chan struct{} // closed, and made anew, with each change
	err     error         // why it cannot go on: the ear or the mouth fails
	ended   bool
	news    desk.CallNews    // the newest
	said    map[desk.ID]bool // messages that were said to their end

	opened  bool            // the far end has greeted
	status  desk.Status     // of the conversation
	last    desk.ID         // the newest message that has something to be said
	seq     int64           // of the newest that was looked at
	heardOf map[string]bool // external ids of what the far end has heard

	speech []byte // that the caller has still to say
	silent int    // frames since

	starts, ends int            // utterances of the caller, as the exchange finds them
	understood   int            // of them: what the ear is done with
	failed       map[*byte]bool // it has failed with this one once
	words        []string       // what it made of them, since the act began
	answers      int            // that the far end has to hear before the call is at rest
}

// Say speaks, and returns once it was heard and what was answered has been said
// to its end. heard is what the ear made of it. Nobody listens to a caller who
// waits for a person, or whose call is over.
func (c *Call) Say(ctx context.Context, words string) (heard string, err error) {
	if up, err := c.begin(); !up || err != nil {
		return "", err
	}
	ulaw, err := c.phone.speak(ctx, words, c.far.Conversation().Lang)
	if err != nil {
		return "", err
	}
	var before int
	c.change(func() {
		c.words, c.answers, before = nil, len(c.heardOf), c.starts
		c.speech, c.silent = ulaw, 0
	})
	err = c.until(ctx, func() bool { return len(c.speech) == 0 && c.silent >= quietAfter && c.starts == c.ends })
	if err == nil {
		err = c.until(ctx, c.rests)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil && c.starts == before && !c.ended {
		err = desk.Errorf(desk.Internal, "unheard", "nothing that sounds like speech came of %q", words)
	}
	return strings.Join(c.words, " "), err
}

// Press presses keys, and returns once what they led to has been said to its
// end.
func (c *Call) Press(ctx context.Context, keys string) error {
	if up, err := c.begin(); !up || err != nil {
		return err
	}
	var more int
	c.change(func() { c.answers = 0; more = len(c.heardOf) + 1 })
	for _, k := range []byte(keys) {
		c.leg.tell(voice.LegEvent{Kind: voice.LegDigit, Digit: k})
	}
	given, cancel := context.WithTimeout(ctx, keysTime) // they may mean nothing
	defer cancel()
	if err := c.until(given, func() bool { return len(c.heardOf) >= more }); err != nil && given.Err() == nil {
		return err
	}
	return c.until(ctx, c.rests)
}

// Hangup ends the call, and returns when nothing of it is left.
func (c *Call) Hangup() {
	c.leg.tell(voice.LegEvent{Kind: voice.LegEnded, Cause: voice.Cause{Reason: voice.EndNormal}})
	<-c.over
	c.cancel()
	c.work.Wait()
	c.pacer.Close()
}

// begin reports whether somebody listens.
func (c *Call) begin() (up bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended && c.status == desk.Automated && c.err == nil {
		c.err = c.endedBy()
	}
	return c.status == desk.Automated && !c.ended, c.err
}

func (c *Call) endedBy() error {
	return desk.Errorf(desk.Conflict, "call_over", "the call has ended by itself: %s", c.news.Cause)
}

// clock lets the time of the audio pass, until the call is over.
func (c *Call) clock() {
	speed := c.phone.Speed
	if speed <= 0 {
		speed = 10
	}
	tick := time.NewTicker(frameTime / time.Duration(speed))
	defer tick.Stop()
	frame := make([]byte, media.Frame)
	for ts := uint32(0); ; ts += media.Frame {
		select {
		case <-tick.C:
		case <-c.over:
			return
		}
		c.mu.Lock()
		n := copy(frame, c.speech)
		copy(frame[n:], hush)
		c.speech = c.speech[n:]
		c.mu.Unlock()
		c.leg.line.Arrive(frame, ts)
		c.pacer.Step(1)
		if n > 0 {
			continue
		}
		c.mu.Lock()
		if c.silent++; c.silent == quietAfter {
			c.wake()
		}
		c.mu.Unlock()
	}
}

var hush = quiet(frameTime)

// speaks counts the caller's utterances as the exchange does, which listens to
// the same line in the same way.
func (c *Call) speaks(s media.SpeechEvent) {
	c.change(func() {
		if s.Start {
			c.starts++
			return
		}
		c.ends++
		if s.Cut {
			c.starts++ // he goes on
		}
	})
}

// told takes in how the call stands.
func (c *Call) told(e desk.Event) {
	var n desk.CallNews
	if e.Kind != desk.EventCall || json.Unmarshal(e.Data, &n) != nil {
		return
	}
	c.change(func() {
		if was := c.news.Saying; was != "" && was != n.Saying {
			c.said[was] = true
		}
		c.news = n
	})
}

// change does f to what mu guards and wakes those who wait.
func (c *Call) change(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f()
	c.wake()
}

// wake needs mu.
func (c *Call) wake() {
	close(c.changed)
	c.changed = make(chan struct{})
}

// rests reports whether the call waits for the caller, or nobody listens to him
// any more: everything was understood, answered and said.
func (c *Call) rests() bool {
	switch automated := c.status == desk.Automated; {
	case !c.opened, c.status == desk.Closed: // the call ends by itself
		return false
	case automated && (c.understood < c.ends || len(c.heardOf) < c.answers):
		return false
	case c.last != "" && !c.said[c.last]:
		return false
	case automated:
		return c.news.Saying == "" && c.news.Listening
	}
	return true
}

// until waits for ok, which is asked under mu, or for the end of the call.
func (c *Call) until(ctx context.Context, ok func() bool) error {
	for {
		c.mu.Lock()
		err, done, changed := c.err, c.ended || ok(), c.changed
		if c.ended && !c.opened && err == nil {
			err = c.endedBy()
		}
		c.mu.Unlock()
		if err != nil || done {
			return err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// after is the seq of the newest message that was looked at.
func (c *Call) after() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.seq
}
