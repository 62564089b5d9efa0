package rtp

import (
	"strings"
	"time"

	"github.com/parleyhq/parley/voice/media"
)

// The two tones of a key (ITU-T Q.23): its row's and its column's.
var (
	rows    = [...]string{"123A", "456B", "789C", "*0#D"}
	rowHz   = [...]float64{697, 770, 852, 941}
	columns = [...]float64{1209, 1336, 1477, 1633}
)

// soundFrames is how many frames a key sounds.
const soundFrames = 5

// sound is what a key sounds like; nil for what is no key.
func sound(key byte) media.Source {
	for r, row := range rows {
		if c := strings.IndexByte(row, upper(key)); c >= 0 {
			const long = soundFrames * media.FrameMs * time.Millisecond
			return media.Tone([]float64{rowHz[r], columns[c]}, long, long)
		}
	}
	return nil
}

func upper(key byte) byte {
	if key >= 'a' && key <= 'd' {
		return key - 'a' + 'A'
	}
	return key
}
