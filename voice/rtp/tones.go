package rtp

import (
	"math"
	"strings"

	"github.com/parleyhq/parley/voice/media"
)

// The two tones of a key (ITU-T Q.23): its row's and its column's.
var (
	rows    = [...]string{"123A", "456B", "789C", "*0#D"}
	rowHz   = [...]float64{697, 770, 852, 941}
	columns = [...]float64{1209, 1336, 1477, 1633}
)

// toneFrames is how many frames a key sounds.
const toneFrames = 5

// tone writes the n-th frame of a key's sound into ulaw.
func tone(ulaw []byte, key byte, n int) {
	if key >= 'a' && key <= 'd' {
		key -= 'a' - 'A'
	}
	for r, row := range rows {
		c := strings.IndexByte(row, key)
		if c < 0 {
			continue
		}
		for i := range ulaw {
			t := 2 * math.Pi * float64(n*len(ulaw)+i) / media.Rate
			ulaw[i] = media.ToULaw(int16(6000 * (math.Sin(rowHz[r]*t) + math.Sin(columns[c]*t))))
		}
	}
}
