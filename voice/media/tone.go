package media

import (
	"math"
	"sync"
	"time"
)

// Tone plays the sum of whole-numbered frequencies, on and off in turn, without
// end. Without off it does not pause. On and off together last at most 10 s.
func Tone(freqs []float64, on, off time.Duration) Source { return Loop(toneLoop(freqs, on, off)) }

// toneLoop is one turn of a tone.
func toneLoop(freqs []float64, on, off time.Duration) []byte {
	const edge = 5 * Rate / 1000 // faded in and out, so that it does not click
	if off <= 0 {
		on = time.Second // every whole frequency closes its circle in a second
	}
	n := int(min(samplesOf(on), 10*Rate))
	out := make([]byte, n+int(min(max(samplesOf(off), 0), int64(10*Rate-n))))
	fillQuiet(out)
	for i := range n {
		v := 0.0
		for _, f := range freqs {
			v += math.Sin(2 * math.Pi * f * float64(i) / Rate)
		}
		v *= 9000 / math.Max(1, float64(len(freqs)))
		if off > 0 {
			v *= math.Min(1, float64(min(i, n-1-i))/edge)
		}
		out[i] = ToULaw(int16(v))
	}
	return out
}

var (
	ringback  = sync.OnceValue(func() []byte { return toneLoop([]float64{450}, time.Second, 4*time.Second) })
	busy      = sync.OnceValue(func() []byte { return toneLoop([]float64{450}, 350*time.Millisecond, 350*time.Millisecond) })
	beep      = sync.OnceValue(func() []byte { return toneLoop([]float64{1000}, 250*time.Millisecond, 50*time.Millisecond) })
	holdMusic = sync.OnceValue(makeMusic)
)

// Ringback is what a caller hears while a phone rings: 450 Hz, 1 s on, 4 s off.
func Ringback() Source { return Loop(ringback()) }

// Busy is the tone of a line that is taken.
func Busy() Source { return Loop(busy()) }

// Beep is one short tone, as before a recording.
func Beep() Source { return Clip(beep()) }

// Music is the built-in hold music: soft broken chords, half a minute, again and
// again. It is made once, and shared.
func Music() Source { return Loop(holdMusic()) }
