package voice

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice/media"
)

const (
	shortest   = media.Rate       // a message of less than a second is none
	storeTime  = 10 * time.Second // to keep it
	wordsTime  = 20 * time.Second // to understand it first; what takes longer is left out
	earPiece   = 14 * media.Rate  // an ear takes so much at once
	transcribe = 10               // pieces of a message at most
)

// voicemail is the mode in which somebody leaves a message.
type voicemail struct {
	idle
	c      *call
	took   *taking
	remove func()
	done   bool
}

// taking is a Tap that keeps what comes in.
type taking struct {
	mu   sync.Mutex // guards what follows
	ulaw []byte
	max  int
	from int64
	on   bool
}

func (t *taking) Out(int64, []byte) {}

// In keeps a packet at its place; what never came is silence.
func (t *taking) In(at int64, ulaw []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.on {
		t.on, t.from = true, at
	}
	end := at - t.from + int64(len(ulaw))
	if end > int64(t.max) || at < t.from {
		return
	}
	for int64(len(t.ulaw)) < end {
		t.ulaw = append(t.ulaw, 0xff)
	}
	copy(t.ulaw[at-t.from:], ulaw)
}

func (t *taking) bytes() []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	return bytes.Clone(t.ulaw)
}

func (v *voicemail) enter() {
	v.c.shown.voicemail = true
	v.c.say(textSpeakNow.In(v.c.lang()))
	if !v.c.voice.speaking() {
		v.spoke()
	}
}

func (v *voicemail) leave() {
	v.c.alarms.clear(alarmMessage)
	v.c.shown.voicemail = false
	v.close()
}

func (v *voicemail) keeps(conv desk.Conversation) bool {
	return conv.Status == desk.Waiting || conv.Status == desk.Offered
}

// spoke gives the tone and begins to record.
func (v *voicemail) spoke() {
	if v.took != nil || v.done {
		return
	}
	line := v.c.caller.leg.Line()
	longest := or(v.c.ex.Config.VoicemailIn, 2*time.Minute)
	v.took = &taking{max: int(longest / time.Second * media.Rate)}
	v.remove = line.Tap(v.took)
	line.Play(media.Beep(), nil)
	v.c.alarms.set(alarmMessage, longest)
}

func (v *voicemail) close() {
	if v.remove != nil {
		v.remove()
		v.remove = nil
	}
}

func (v *voicemail) key(key byte) {
	switch {
	case v.took == nil && key == '*':
		v.c.voice.interrupt()
		v.c.become(&waiting{c: v.c})
	case v.took == nil && v.c.voice.interrupt():
		v.spoke()
	case key == '#':
		v.keep(false)
	}
}

func (v *voicemail) alarm(name alarm) {
	if name == alarmMessage {
		v.keep(false)
	}
}

// hungUp keeps what was said until then.
func (v *voicemail) hungUp() { v.keep(true) }

// keep leaves the message in the conversation.
func (v *voicemail) keep(gone bool) {
	if v.done || v.took == nil {
		return
	}
	v.done = true
	v.close()
	v.c.alarms.clear(alarmMessage)
	ulaw := v.took.bytes()
	if len(ulaw) < shortest {
		if !gone {
			v.c.say(textNotKept.In(v.c.lang()))
			v.c.become(&waiting{c: v.c})
		}
		return
	}
	id, lang := v.c.conv.ID, v.c.lang()
	store := func() error {
		pcm := make([]int16, len(ulaw))
		media.ULawToPCM(pcm, ulaw)
		text := v.c.ex.transcript(v.c.ctx, pcm, lang)
		ctx, cancel := context.WithTimeout(context.WithoutCancel(v.c.ctx), storeTime)
		defer cancel()
		return v.c.ex.Spine.Voicemail(ctx, id, media.WriteWAV16(pcm, media.Rate), (len(ulaw)+media.Rate-1)/media.Rate, text)
	}
	v.c.kept.Add(1)
	go func() {
		defer v.c.kept.Done()
		var err error
		if p := guard(func() { err = store() }); p != nil {
			err = p
		}
		if err != nil {
			v.c.log.ErrorContext(v.c.ctx, "message not kept", "error", err)
		}
		v.c.box.post(func() { v.kept(err) })
	}()
}

// kept tells the caller how it went, if he is still there.
func (v *voicemail) kept(err error) {
	switch {
	case v.c.mode != mode(v):
	case err != nil:
		v.c.say(textNotKept.In(v.c.lang()))
		v.c.become(&waiting{c: v.c})
	default:
		v.c.bye(Cause{Reason: EndNormal, By: "system"}, textKept)
	}
}

// transcript is what was said, as far as it was understood in time.
func (x *Exchange) transcript(ctx context.Context, pcm []int16, lang desk.Lang) string {
	if x.Ear == nil {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, wordsTime)
	defer cancel()
	var said []string
	for n := 0; len(pcm) > 0 && n < transcribe && ctx.Err() == nil; n++ {
		piece := pcm[:min(len(pcm), earPiece)]
		pcm = pcm[len(piece):]
		if text, err := x.understand(ctx, piece, lang); err == nil && text != "" {
			said = append(said, text)
		}
	}
	return strings.Join(said, " ")
}
