package rtp

import (
	"time"

	"github.com/parleyhq/parley/voice/media"
)

// Stats is what is known of the audio so far.
func (s *stream) Stats() media.Stats {
	var st media.Stats
	s.out.mu.Lock()
	st.Sent = int64(s.out.packets)
	st.Codec = s.out.codec.String()
	s.out.mu.Unlock()

	s.in.mu.Lock()
	st.Received, st.Lost = s.in.count.Packets, s.in.count.Lost()
	st.LossPct, st.JitterMs = s.in.count.LossPct(), s.in.count.JitterMs()
	s.in.mu.Unlock()

	s.reports.mu.Lock()
	st.RTTMs = float64(s.reports.rtt) / float64(time.Millisecond)
	st.FarLossPct = s.reports.loss * 100
	s.reports.mu.Unlock()
	if st.Received > 0 {
		st.MOS = media.MOS(st.LossPct, st.JitterMs, st.RTTMs)
	}
	return st
}
