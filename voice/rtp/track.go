package rtp

import (
	"time"

	"github.com/parleyhq/parley/voice/media"
)

// sourceSwitch is how long the old SSRC must have been quiet before a new one
// from the same source is taken without a marker.
const sourceSwitch = 200 * time.Millisecond

// track follows the SSRC of the far end and keeps one sample clock over all of
// them.
type track struct {
	begun  bool
	open   bool // the next packet may have any SSRC
	ssrc   uint32
	offset uint32 // from its clock to ours
	end    uint32 // of what has come, on our clock
	at     time.Time
}

// take reports whether a packet belongs to the audio, and where it stands on
// our clock.
func (t *track) take(ssrc, ts uint32, samples int, marker bool, now time.Time) (at uint32, ok bool) {
	fresh := false
	if !t.begun || ssrc != t.ssrc {
		if t.begun && !t.open && !marker && now.Sub(t.at) < sourceSwitch {
			return 0, false
		}
		start := t.end
		if t.begun {
			start += uint32(max(0, now.Sub(t.at).Milliseconds()-media.FrameMs)) * media.Rate / 1000
		}
		t.begun, t.ssrc, t.offset, fresh = true, ssrc, start-ts, true
	}
	at = ts + t.offset
	if end := at + uint32(samples); fresh || int32(end-t.end) > 0 {
		t.end = end
	}
	t.at, t.open = now, false
	return at, true
}
