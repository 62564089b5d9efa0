package media

import "math"

const (
	maxPhases = 512
	lobes     = 16 // of the filter, to either side, in samples of the lower rate
)

// Resampler changes the rate of a stream: a windowed sinc, from a table with
// one row for each position between two samples (at most 512). It is not safe
// for concurrent use.
type Resampler struct {
	up, down int // as small as they get
	phases   int
	taps     int
	table    []float32

	past []int16 // what the next sample still needs
	pos  int     // of the next sample: whole ones into past
	part int     // and up-ths
}

// NewResampler makes one. Rates below 1 are taken for 1.
func NewResampler(from, to int) *Resampler {
	from, to = max(1, from), max(1, to)
	g := gcd(from, to)
	r := &Resampler{up: to / g, down: from / g}
	if r.up == r.down {
		return r
	}
	r.phases = min(r.up, maxPhases)
	narrow := math.Min(1, float64(to)/float64(from))
	half := int(math.Ceil(lobes / narrow))
	r.taps = 2 * half
	r.table = make([]float32, r.phases*r.taps)
	cut := narrow * 0.94 // the filter's slope stays below half the lower rate
	for p := range r.phases {
		row, sum := r.table[p*r.taps:(p+1)*r.taps], 0.0
		for i := range row {
			x := float64(i-half+1) - float64(p)/float64(r.phases)
			v := cut * sinc(cut*x) * kaiser(x/float64(half))
			row[i], sum = float32(v), sum+v
		}
		for i := range row {
			row[i] /= float32(sum) // so that loudness is the same in every row
		}
	}
	r.past = make([]int16, half-1, half-1+Rate) // silence before the beginning
	return r
}

// Write takes in pcm and appends what comes of it to dst. The last few
// milliseconds stay inside until more comes; see Flush.
func (r *Resampler) Write(dst, pcm []int16) []int16 {
	if r.table == nil {
		return append(dst, pcm...)
	}
	r.past = append(r.past, pcm...)
	for r.pos+r.taps <= len(r.past) {
		row := r.table[r.part*r.phases/r.up*r.taps:][:r.taps]
		in, sum := r.past[r.pos:][:len(row)], float32(0)
		for i, c := range row {
			sum += c * float32(in[i])
		}
		dst = append(dst, int16(max(-32768, min(32767, math.Round(float64(sum))))))
		r.part += r.down
		r.pos += r.part / r.up
		r.part %= r.up
	}
	drop := min(r.pos, len(r.past))
	r.past = r.past[:copy(r.past, r.past[drop:])]
	r.pos -= drop
	return dst
}

// Flush appends what is still inside, as if silence followed.
func (r *Resampler) Flush(dst []int16) []int16 {
	if r.table == nil {
		return dst
	}
	return r.Write(dst, make([]int16, r.taps/2))
}

// Resample changes the rate of a whole recording.
func Resample(pcm []int16, from, to int) []int16 {
	if from == to {
		return pcm
	}
	want := int(int64(len(pcm)) * int64(max(1, to)) / int64(max(1, from)))
	r := NewResampler(from, to)
	out := r.Flush(r.Write(make([]int16, 0, want+8), pcm))
	return out[:min(len(out), want)]
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

// kaiser is the window of that name, beta 8: side lobes 80 dB down.
func kaiser(x float64) float64 {
	if x < -1 || x > 1 {
		return 0
	}
	return bessel(8*math.Sqrt(1-x*x)) / bessel(8)
}

// bessel is the modified Bessel function of order zero.
func bessel(x float64) float64 {
	sum, term := 1.0, 1.0
	for k := 1.0; k < 40 && term > sum*1e-12; k++ {
		term *= x * x / (4 * k * k)
		sum += term
	}
	return sum
}
