package rehearse

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
	"github.com/parleyhq/parley/voice/media"
)

// Conversation is what answers a call: the far end's memory. It is safe for
// concurrent use.
type Conversation interface {
	// Open greets the caller.
	Open(ctx context.Context, call desk.ID) (desk.Conversation, error)
	// Hear takes in what he said or pressed, and answers before it returns.
	Hear(ctx context.Context, in desk.Inbound) (desk.Conversation, error)
	Conversation() desk.Conversation
	Contact() desk.Contact
	Events(after int64, limit int) []desk.Event
	Now() time.Time
	Zone() *time.Location
}

// Phone makes calls. All fields but Speed and Log are required.
type Phone struct {
	Ear     voice.Ear     // of the bot
	Mouth   voice.Mouth   // of the bot
	Voice   voice.Mouth   // of the caller
	Speaker voice.Speaker // for both
	Speed   int           // how much faster time passes for the audio; 0: 10
	Log     *slog.Logger  // nil: nothing is logged
}

const (
	frameTime   = 20 * time.Millisecond
	silence     = time.Minute     // the caller thinks for so long before he is asked again
	keysTime    = 8 * time.Second // for keys to mean something; the exchange waits half as long for further digits
	quietAfter  = 50              // frames of quiet after what is said: more than ends an utterance
	betweenSaid = 100 * time.Millisecond
)

// Dial makes a call that far answers. It returns once the greeting has been
// said to its end. Hang it up; it ends with ctx, too.
func (p *Phone) Dial(ctx context.Context, far Conversation) (*Call, error) {
	c := &Call{phone: p, far: far, pacer: media.NewManualPacer(), over: make(chan struct{}), changed: make(chan struct{}),
		status: desk.Automated, failed: map[*byte]bool{}, said: map[desk.ID]bool{}, heardOf: map[string]bool{}}
	c.ctx, c.cancel = context.WithCancel(ctx)
	conv := far.Conversation()
	c.leg = newLeg(voice.Peer{Number: conv.Address, Called: "100", Lang: conv.Lang}, c.pacer)
	c.leg.line.Tap(media.NewVAD(media.VADOptions{}, c.speaks))
	log := p.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	x := &voice.Exchange{
		Spine: spine{c}, Bus: bus{c}, Store: nowhere{}, Ear: ear{c}, Mouth: mouth{c}, Speaker: p.Speaker, Pacer: c.pacer, Now: far.Now, Log: log,
		Config: voice.Config{Node: "rehearsal", Zone: far.Zone(), Silence: silence},
	}
	c.work.Go(func() {
		defer close(c.over)
		x.Incoming(c.ctx, c.leg)
		c.change(func() { c.ended = true })
	})
	c.work.Go(c.clock)
	if err := c.until(c.ctx, c.rests); err != nil {
		c.Hangup()
		return nil, err
	}
	return c, nil
}

// Keyed gives the options of a message the keys of a telephone.
func (p *Phone) Keyed(c desk.Content) desk.Content { return voice.Keyed(c) }

// speak makes the audio of what the caller says.
func (p *Phone) speak(ctx context.Context, words string, lang desk.Lang) ([]byte, error) {
	var out []byte
	for _, sentence := range p.Speaker.Sentences(desk.Content{Text: words}, lang, voice.Saying{}) {
		ulaw, err := p.Voice.Say(ctx, sentence, lang)
		if err != nil {
			return nil, desk.Errorf(desk.KindOf(err), "caller_mute", "the caller cannot speak: %w", err)
		}
		out = append(append(out, ulaw...), quiet(betweenSaid)...)
	}
	if len(out) == 0 {
		return nil, desk.Errorf(desk.Invalid, "unspeakable", "%q cannot be said", words)
	}
	return out, nil
}

// quiet is silence.
func quiet(d time.Duration) []byte {
	return []byte(strings.Repeat("\xff", int(d/(time.Second/media.Rate))))
}
