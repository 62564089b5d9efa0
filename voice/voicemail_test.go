package voice_test

import (
	"context"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
)

// deaf is an engine that does not answer.
type deaf struct{}

func (deaf) Hear(ctx context.Context, _ []byte, _ desk.Lang) (string, error) {
	<-ctx.Done()
	return "", ctx.Err()
}

func TestVoicemail_IsKeptAlthoughNobodyUnderstandsIt(t *testing.T) {
	inWorld(t, func(w *world) {
		w.x.Ear = deaf{}
		l := w.queued(desk.OnHold{Voicemail: true})
		w.until("it is offered", func() bool { return w.mouth.has("To leave a message, press 2.") })
		l.press("2")
		w.until("the tone", func() bool { return w.news().Voicemail && w.mouth.has("after the tone") })
		w.pass(4 * time.Second)
		w.noise(l, 40*time.Second, 9000)
		l.hangUp(voice.EndNormal)
		w.until("the call ends", func() bool { return w.state() == "" })
		if len(w.spine.mail) != 1 || len(w.spine.over) != 1 {
			t.Errorf("%d messages kept, over %+v", len(w.spine.mail), w.spine.over)
		}
	})
}
