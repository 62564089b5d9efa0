package media

import (
	"slices"
	"testing"
)

func TestResample_KeepsWhatFitsAndDropsWhatDoesNot(t *testing.T) {
	for _, x := range []struct{ from, to int }{
		{24000, 8000}, {22050, 8000}, {16000, 8000}, {48000, 8000}, {44100, 8000}, {8000, 16000}, {8000, 24000}, {96001, 8000},
	} {
		low := min(x.from, x.to)
		for _, freq := range []float64{300, 1000, 3000} {
			out := Resample(sine(freq, 10000, x.from, x.from*2), x.from, x.to)
			near(t, "length", int64(len(out)), int64(2*x.to), 1)
			if share := ToneShare(out[x.to/2:], x.to, freq)[0]; share < 0.999 {
				t.Errorf("%d to %d: share of %v Hz is %.4f", x.from, x.to, freq, share)
			}
			if db := level(encode(out[x.to/2:][:x.to])); db < -13.8 || db > -12.8 {
				t.Errorf("%d to %d: %v Hz is at %.1f dB", x.from, x.to, freq, db)
			}
		}
		if x.from > x.to {
			out := Resample(sine(float64(low)*0.6, 10000, x.from, x.from), x.from, x.to)
			if db := level(encode(out[x.to/4:][:x.to/2])); db > -60 {
				t.Errorf("%d to %d: %v Hz folds back at %.1f dB", x.from, x.to, float64(low)*0.6, db)
			}
		}
	}
}

func TestResampler_PiecesAreTheWhole(t *testing.T) {
	in := sine(440, 9000, 22050, 30000)
	want := NewResampler(22050, 8000).Write(nil, in)
	r, got := NewResampler(22050, 8000), []int16(nil)
	for i, n := 0, 1; i < len(in); i, n = i+n, n*3%997+1 {
		got = r.Write(got, in[i:min(len(in), i+n)])
	}
	if !slices.Equal(got, want) {
		t.Errorf("%d and %d samples differ", len(got), len(want))
	}
}

func BenchmarkResample(b *testing.B) {
	for _, x := range []struct {
		name     string
		from, to int
	}{{"24k-8k", 24000, 8000}, {"22.05k-8k", 22050, 8000}, {"48k-8k", 48000, 8000}, {"8k-16k", 8000, 16000}} {
		b.Run(x.name+"/second", func(b *testing.B) {
			r, in, out := NewResampler(x.from, x.to), sine(440, 9000, x.from, x.from), make([]int16, 0, 2*x.to)
			for b.Loop() {
				out = r.Write(out[:0], in)
			}
		})
	}
}
