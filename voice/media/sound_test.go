package media

import (
	"math"
	"math/rand/v2"
	"time"
)

// sine is a tone of so many samples; loud is its amplitude.
func sine(freq, loud float64, rate, n int) []int16 {
	out := make([]int16, n)
	for i := range out {
		out[i] = int16(loud * math.Sin(2*math.Pi*freq*float64(i)/float64(rate)))
	}
	return out
}

func encode(pcm []int16) []byte {
	out := make([]byte, len(pcm))
	PCMToULaw(out, pcm)
	return out
}

// voice is something like speech: a pitch with harmonics, four syllables a
// second.
func voice(d time.Duration, loud float64) []int16 {
	out := make([]int16, samplesOf(d))
	for i := range out {
		at, v := float64(i)/Rate, 0.0
		for h := 1.0; h < 12; h++ {
			v += math.Sin(2*math.Pi*140*h*at+h*h) / h
		}
		out[i] = int16(v * loud / 2 * (0.55 + 0.45*math.Cos(2*math.Pi*4*at)))
	}
	return out
}

// hiss is noise, always the same.
func hiss(d time.Duration, loud float64) []int16 {
	r := rand.New(rand.NewPCG(1, 2))
	out := make([]int16, samplesOf(d))
	for i := range out {
		out[i] = int16(r.NormFloat64() * loud)
	}
	return out
}

// key is the tone of a key.
func key(digit byte, d time.Duration) []int16 {
	for r, row := range dtmfKeys {
		for c, k := range row {
			if k == digit {
				return sum(sine(dtmf[r], 8000, Rate, int(samplesOf(d))), sine(dtmf[4+c], 8000, Rate, int(samplesOf(d))))
			}
		}
	}
	return nil
}

func sum(a, b []int16) []int16 {
	out := make([]int16, max(len(a), len(b)))
	for i := range out {
		if i < len(a) {
			out[i] += a[i]
		}
		if i < len(b) {
			out[i] += b[i]
		}
	}
	return out
}

func still(d time.Duration) []int16 { return make([]int16, samplesOf(d)) }

func join(parts ...[]int16) (out []int16) {
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

// listen lets t hear pcm frame by frame from at on, and returns where it ends.
func listen(t Tap, at int64, pcm []int16) int64 {
	ulaw := encode(pcm)
	for len(ulaw) > 0 {
		n := min(Frame, len(ulaw))
		t.In(at, ulaw[:n])
		ulaw, at = ulaw[n:], at+int64(n)
	}
	return at
}
