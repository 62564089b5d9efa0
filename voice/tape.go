package voice

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice/media"
)

// Recordings is the folder below Config.DataDir in which recordings are kept;
// Recording.Path is below it.
const Recordings = "recordings"

// tape is the recording of a call: the customer on the left, what he hears on
// the right. It is announced, and stands still while something sensitive is
// asked. It belongs to the call's goroutine.
type tape struct {
	c       *call
	rec     *media.Recorder
	id      desk.ID
	path    string
	at      time.Time
	remove  func()
	paused  bool // by command
	secret  bool // something sensitive is asked
	stopped bool
	still   bool  // it stands still
	shift   int64 // of the recording's clock against the line's
}

// begin announces and begins the recording, if calls are recorded.
func (t *tape) begin() {
	if t.c.ex.Config.Record && t.rec == nil && !t.stopped && t.c.conv.ID != "" {
		t.start()
	}
}

func (t *tape) start() {
	c := t.c
	id := desk.NewIDAt(c.ex.now())
	rel := filepath.Join(c.ex.now().Format("2006/01"), string(id)+"."+string(c.id)+".wav") // rescue reads the names
	path := c.ex.Config.path(Recordings, rel)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		c.log.ErrorContext(c.ctx, "recording not begun", "error", err)
		t.stopped = true
		return
	}
	rec, err := media.NewRecorder(path)
	if err != nil {
		c.log.ErrorContext(c.ctx, "recording not begun", "error", err)
		t.stopped = true
		return
	}
	words := c.ex.Config.RecordAsked.In(c.lang())
	if words == "" {
		words = textRecorded.In(c.lang())
	}
	c.say(words)
	t.rec, t.id, t.path, t.at = rec, id, rel, c.ex.now()
	t.remove = c.caller.leg.Line().Tap(rec)
	c.rec.Recorded = true
	t.apply()
	c.publish()
}

// move records on from another line, as if it were the same.
func (t *tape) move(from, to *media.Line) {
	if t.rec == nil {
		return
	}
	t.remove()
	t.shift += from.Clock() - to.Clock()
	t.remove = to.Tap(shifted{t.rec, t.shift})
}

// lastKey is how long the key that ends an answer may still sound.
const lastKey = time.Second

// sensitive says whether something is asked now that must not be recorded. It
// stands still until the last key of the answer has ceased to sound, too.
func (t *tape) sensitive(on bool) {
	switch a := t.c.alarms; {
	case on:
		a.clear(alarmTape)
		t.secret = true
		t.apply()
	case t.secret && !a.is(alarmTape):
		a.set(alarmTape, lastKey)
	}
}

// goOn ends what sensitive began.
func (t *tape) goOn() {
	t.secret = false
	t.apply()
}

// command pauses the recording, resumes it, or begins one.
func (t *tape) command(v Verb) error {
	switch {
	case v == DoPause && t.rec == nil:
		return desk.Errorf(desk.Conflict, "not_recorded", "the call is not recorded")
	case v == DoPause:
		t.paused = true
	case t.rec == nil && (t.c.voice == nil || t.c.conv.ID == ""):
		return notNow
	case t.rec == nil:
		t.stopped = false
		t.start()
		if t.rec == nil {
			return desk.Errorf(desk.Unavailable, "no_recording", "the recording cannot be stored now")
		}
	default:
		t.paused = false
	}
	t.apply()
	return nil
}

// apply pauses or resumes as wanted, and notes what is left out.
func (t *tape) apply() {
	if t.rec == nil {
		return
	}
	off := t.paused || t.secret
	if off == t.still {
		return
	}
	t.still = off
	if off {
		t.rec.Pause()
	} else {
		t.rec.Resume()
	}
	t.c.publish()
}

// state is how screens show it.
func (t *tape) state() string {
	switch {
	case t.rec == nil:
		return ""
	case t.still:
		return "paused"
	}
	return "on"
}

// close ends the recording and stores where it is.
func (t *tape) close(ctx context.Context) {
	if t.rec == nil {
		return
	}
	t.remove()
	rec := t.rec
	err := rec.Close()
	t.rec, t.stopped = nil, true
	if err != nil {
		t.c.log.ErrorContext(ctx, "recording not closed", "error", err)
	}
	r := Recording{
		ID: t.id, CallID: t.c.id, ConversationID: t.c.conv.ID, Path: filepath.ToSlash(t.path), At: t.at,
		Seconds: rec.Length().Seconds(), Kind: "call",
	}
	for _, p := range rec.Pauses() {
		r.Pauses = append(r.Pauses, Span{From: p.From.Seconds(), To: p.To.Seconds()})
	}
	if keep := t.c.ex.Config.Keep; keep > 0 {
		r.KeepUntil = t.at.Add(keep)
	}
	if err := t.c.ex.Store.AddRecording(ctx, r); err != nil {
		t.c.log.ErrorContext(ctx, "recording not stored", "path", t.path, "error", fmt.Errorf("add recording: %w", err))
		return
	}
	t.c.ex.publish("recording.ready", r)
}
