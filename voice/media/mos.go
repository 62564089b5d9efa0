package media

import "math"

// MOS estimates the mean opinion score of G.711, 1 to 4.4, by the E-model of
// ITU-T G.107, simplified: default room and echo, so R begins at 93.2; loss by
// equation 7-29 with G.113's Bpl of 25.1 for random loss with concealment;
// delay by the usual two-line fit of Id. The delay is half the round trip, a
// frame, and a jitter buffer of twice the jitter, at least 40 ms.
func MOS(lossPct, jitterMs, rttMs float64) float64 {
	loss := math.Max(0, math.Min(100, lossPct))
	delay := math.Max(0, rttMs)/2 + FrameMs + math.Max(40, 2*jitterMs)
	r := 93.2 - 0.024*delay - 0.11*math.Max(0, delay-177.3) - 95*loss/(loss+25.1)
	if r <= 0 {
		return 1
	}
	return math.Max(1, 1+0.035*r+r*(r-60)*(100-r)*7e-6)
}
