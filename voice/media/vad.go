package media

import (
	"slices"
	"sync"
	"time"
)

// SpeechEvent says that somebody began or ceased to speak.
type SpeechEvent struct {
	Start bool  // else the end
	At    int64 // on the line's clock: where the speech began, or ended
	// PCM is what was said, at 8 kHz, with what was heard just before. Only at
	// the end; it is the receiver's to keep.
	PCM []int16
	Cut bool // at the end: he goes on speaking, it had become too long
}

// VADOptions are what a VAD goes by. What is zero has the value told.
type VADOptions struct {
	Onset   time.Duration // of voice that is speech: 80 ms
	BargeIn time.Duration // the same while something plays: 200 ms
	Hang    time.Duration // of quiet that ends it: 700 ms
	PreRoll time.Duration // kept from before its beginning: 300 ms
	Max     time.Duration // of one utterance: 15 s
	Above   float64       // the floor, in dB: 9
	Echo    float64       // more while something plays: 8
}

const (
	quietest   = -52.0 // dB; below nothing is speech
	echoWindow = Rate / 4

	floorFrames = 20 // of each piece of time the floor looks at
)

// VAD finds speech in what arrives: energy over a floor that follows the noise.
// While something that can be heard goes out, it is harder to convince, for its
// echo comes back. Tones of keys are not speech. It is a Tap, and learns from
// its line when packets cease to come.
type VAD struct {
	tell                            func(SpeechEvent)
	onset, bargeIn, hang, pre, most int // in frames
	above, echo                     float64

	mu     sync.Mutex // guards what follows
	line   *Line
	place  *place
	end    int64 // of what was listened to
	frame  [Frame]byte
	fill   int
	loud   int64 // end of the last sound that went out
	floor  float64
	least  [5]float64 // the quietest frame of each of the last pieces of time
	frames int
	voiced int // frames of voice, lately
	quiet  int // frames without, in a row
	speaks bool
	said   []byte // pre-roll, then the utterance
	events []SpeechEvent
}

// NewVAD makes a detector that calls tell, which must be fast, for what it
// finds.
func NewVAD(o VADOptions, tell func(SpeechEvent)) *VAD {
	frames := func(d, otherwise time.Duration) int {
		if d <= 0 {
			d = otherwise
		}
		return max(1, int(d/frameTime))
	}
	v := &VAD{
		tell:    tell,
		onset:   frames(o.Onset, 80*time.Millisecond),
		bargeIn: frames(o.BargeIn, 200*time.Millisecond),
		hang:    frames(o.Hang, 700*time.Millisecond),
		pre:     frames(o.PreRoll, 300*time.Millisecond),
		most:    frames(o.Max, 15*time.Second),
		above:   o.Above, echo: o.Echo,
		floor: -60,
		loud:  -echoWindow,
	}
	if v.above == 0 {
		v.above = 9
	}
	if v.echo == 0 {
		v.echo = 8
	}
	return v
}

// attach lets the VAD follow the line's clock.
func (v *VAD) attach(l *Line) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.line = l
}

// detach ends that. An utterance under way is dropped.
func (v *VAD) detach() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.watch(false)
	v.line, v.speaks, v.said, v.voiced = nil, false, v.said[:0], 0
}

// In listens.
func (v *VAD) In(at int64, ulaw []byte) {
	v.mu.Lock()
	if at < v.end && at > v.end-Rate { // late, or heard already
		ulaw = ulaw[min(int64(len(ulaw)), v.end-at):]
		at = v.end
	}
	v.pass(at)
	v.take(ulaw)
	v.deliver()
}

// Out notes what may come back as an echo.
func (v *VAD) Out(at int64, ulaw []byte) {
	if level(ulaw) < -55 {
		return
	}
	v.mu.Lock()
	v.loud = at + int64(len(ulaw))
	v.mu.Unlock()
}

// tick lets an utterance end although no packets come any more.
func (v *VAD) tick(int64) {
	v.mu.Lock()
	const patience = 15 * Frame
	if v.line != nil && v.speaks {
		if now := v.line.Clock(); now-v.end > patience {
			v.pass(now - patience + Frame)
		}
	}
	v.deliver()
}

// deliver lets go of mu and tells what was found.
func (v *VAD) deliver() {
	events := v.events
	v.events = nil
	v.mu.Unlock()
	for _, e := range events {
		v.tell(e)
	}
}

// pass listens to silence up to at; a long one is made short.
func (v *VAD) pass(at int64) {
	gap := at - v.end
	if most := int64(v.hang+2) * Frame; gap < 0 || gap > most {
		gap = most
	}
	if v.end == 0 && v.fill == 0 && len(v.said) == 0 {
		gap = 0 // nothing was heard yet
	}
	v.end = at - gap
	for gap > 0 {
		n := min(gap, int64(len(quiet)))
		v.take(quiet[:n])
		gap -= n
	}
}

func (v *VAD) take(ulaw []byte) {
	for len(ulaw) > 0 {
		n := copy(v.frame[v.fill:], ulaw)
		ulaw = ulaw[n:]
		v.end += int64(n)
		if v.fill += n; v.fill == Frame {
			v.fill = 0
			v.hear()
		}
	}
}

// hear looks at one frame.
func (v *VAD) hear() {
	v.said = append(v.said, v.frame[:]...)
	db := level(v.frame[:])
	threshold, need := v.floor+v.above, v.onset
	if v.end-v.loud < echoWindow && !v.speaks {
		threshold, need = threshold+v.echo, v.bargeIn
	}
	voice := db > max(threshold, quietest) && !v.key()
	v.follow(db)
	if voice {
		v.voiced, v.quiet = v.voiced+1, 0
	} else {
		v.voiced, v.quiet = max(0, v.voiced-2), v.quiet+1
	}
	if !v.speaks {
		v.wait(need)
		return
	}
	switch {
	case v.quiet >= v.hang:
		v.finish(false)
	case len(v.said) >= v.most*Frame:
		v.finish(true)
	}
}

// key tells whether the frame is the tone of a key.
func (v *VAD) key() bool {
	var pcm [Frame]int16
	ULawToPCM(pcm[:], v.frame[:])
	return keyIn(pcm[:]) != 0
}

// follow moves the floor: at once towards quiet, and slowly up to the quietest
// of the last two seconds, for speech has pauses and noise has not. The first
// frames are believed to be noise, unless they are loud.
func (v *VAD) follow(db float64) {
	v.least[0] = min(v.least[0], db)
	if v.frames++; v.frames%floorFrames == 0 {
		copy(v.least[1:], v.least[:])
		v.least[0] = 0
	}
	target := slices.Min(v.least[:])
	switch {
	case v.frames < 4:
		v.floor = max(v.floor, min(db, -47))
	case db < v.floor:
		v.floor += (db - v.floor) * 0.3
	case target > v.floor:
		v.floor += min(0.4, target-v.floor)
	}
	v.floor = max(-70, min(-25, v.floor))
}

// wait keeps the pre-roll, and begins when there was voice enough.
func (v *VAD) wait(need int) {
	if v.voiced >= need {
		v.speaks = true
		v.watch(true)
		v.events = append(v.events, SpeechEvent{Start: true, At: v.end - int64(v.voiced)*Frame})
	}
	if keep := (v.pre + need) * Frame; len(v.said) > keep {
		v.said = v.said[:copy(v.said, v.said[len(v.said)-keep:])]
	}
}

// finish tells the utterance. Of the quiet at its end 200 ms stay.
func (v *VAD) finish(cut bool) {
	tail := max(0, v.quiet-10) * Frame
	said := v.said[:len(v.said)-min(tail, len(v.said))]
	pcm := make([]int16, len(said))
	ULawToPCM(pcm, said)
	v.events = append(v.events, SpeechEvent{At: v.end - int64(v.quiet)*Frame, PCM: pcm, Cut: cut})
	v.said = v.said[:0]
	if cut {
		return // the next utterance begins at once
	}
	v.speaks, v.voiced, v.quiet = false, 0, 0
	v.watch(false)
}

// watch asks the pacer for ticks, or not any more.
func (v *VAD) watch(on bool) {
	switch {
	case v.line == nil || on == (v.place != nil):
	case on:
		v.place = v.line.pacer.add(v)
	default:
		v.line.pacer.remove(v.place, v)
		v.place = nil
	}
}
