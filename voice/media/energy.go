package media

import "math"

// level is the loudness of µ-law in dB below full scale; -96 is silence.
func level(ulaw []byte) float64 {
	sum := float32(0)
	for _, c := range ulaw {
		v := float32(ulawToPCM[c])
		sum += v * v
	}
	if len(ulaw) == 0 || sum == 0 {
		return -96
	}
	return math.Max(-96, 10*math.Log10(float64(sum)/float64(len(ulaw))/(32768*32768)))
}

// ToneShare is, for each second of pcm, the share of its energy that is at
// freq, 0 to 1. A silent second has 0. It is for tests of who hears whom.
func ToneShare(pcm []int16, rate int, freq float64) []float64 {
	var out []float64
	for ; rate > 0 && len(pcm) >= rate; pcm = pcm[rate:] {
		var re, im, energy float64
		for i, v := range pcm[:rate] {
			x, w := float64(v), 2*math.Pi*freq*float64(i)/float64(rate)
			re, im, energy = re+x*math.Cos(w), im+x*math.Sin(w), energy+x*x
		}
		share := 0.0
		if energy > 0 {
			share = math.Min(1, 2*(re*re+im*im)/(float64(rate)*energy))
		}
		out = append(out, share)
	}
	return out
}
