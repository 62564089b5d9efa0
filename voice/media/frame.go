package media

// The audio inside: G.711 µ-law, 8 kHz, one channel, one byte a sample.
const (
	Rate    = 8000       // samples of a second
	Frame   = 160        // samples, and bytes, of 20 ms
	FrameMs = 20         // milliseconds of a Frame
	Quiet   = byte(0xFF) // the µ-law code of no sound
)

// quiet is what silence is cut from; never written to.
var quiet = func() (b [4096]byte) { fillQuiet(b[:]); return }()

func fillQuiet(b []byte) {
	for i := range b {
		b[i] = Quiet
	}
}
