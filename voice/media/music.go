package media

import "math"

// The piece: eight bars of broken chords, eight notes each, as semitones from
// A3. The last chord leads back to the first.
var (
	chords = [8][4]int{
		{3, 7, 10, 14}, // C with a ninth
		{0, 3, 7, 10},  // A minor seventh
		{-4, 0, 3, 7},  // F major seventh
		{-2, 2, 5, 10}, // G
		{3, 7, 10, 15}, // C
		{-5, 0, 3, 7},  // E minor with an added fourth
		{-4, 0, 3, 8},  // F
		{-2, 3, 5, 10}, // G, suspended
	}
	pattern = [8]int{0, 1, 2, 3, 2, 3, 1, 2}
)

const (
	noteTime  = 15 * Rate / 32 // of 64 notes that are 30 s
	noteRings = 5 * noteTime
)

// makeMusic renders the piece. What rings past its end is heard at its
// beginning, so that the loop has no seam.
func makeMusic() []byte {
	mix := make([]float32, 64*noteTime)
	for bar, chord := range chords {
		for i, k := range pattern {
			at := (bar*8 + i) * noteTime
			pluck(mix, at, chord[k], 0.22)
			pluck(mix, at+noteTime*3/2, chord[k], 0.07) // its echo
			if i == 0 {
				pluck(mix, at, chord[0]-12, 0.30)
			}
		}
	}
	peak := float32(0)
	for _, v := range mix {
		peak = max(peak, v, -v)
	}
	out := make([]byte, len(mix))
	for i, v := range mix {
		out[i] = ToULaw(int16(v / peak * 11000))
	}
	return out
}

// pluck adds a soft string: four harmonics, the higher ones shorter.
func pluck(mix []float32, at, semitones int, loud float64) {
	const attack = 12 * Rate / 1000
	pitch := 220 * math.Pow(2, float64(semitones)/12)
	for h, share := range []float64{1, 0.35, 0.12, 0.05} {
		w := 2 * math.Pi * pitch * float64(h+1) / Rate
		fade := math.Exp(-float64(h+1.0) * 1.9 / Rate)
		// A sine by recurrence: each sample from the two before it.
		k, now, before, level := 2*math.Cos(w), 0.0, -math.Sin(w), loud*share
		for i := range noteRings {
			v := now
			now, before = k*now-before, now
			level *= fade
			ramp := math.Min(1, float64(i)/attack) * math.Min(1, float64(noteRings-i)/(noteRings/4))
			mix[(at+i)%len(mix)] += float32(v * level * ramp)
		}
	}
}
