package media

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// readStereo reads a recording's two sides.
func readStereo(t *testing.T, path string) (left, right []int16) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f, data, err := findWAV(b)
	if err != nil || f.channels != 2 || f.rate != Rate || f.bits != 16 {
		t.Fatalf("%+v, %v", f, err)
	}
	if want := len(b) - wavHeaderSize; len(data) != want {
		t.Fatalf("the header says %d bytes, there are %d", len(data), want)
	}
	for ; len(data) >= 4; data = data[4:] {
		left = append(left, int16(uint16(data[0])|uint16(data[1])<<8))
		right = append(right, int16(uint16(data[2])|uint16(data[3])<<8))
	}
	return left, right
}

// call is a line that is recorded, its pacer, and a tone for either side.
type call struct {
	p    *Pacer
	l    *Line
	r    *Recorder
	path string
	tone []byte // one second of 440 Hz, of which the far end sends
	ts   uint32
}

func record(t *testing.T) *call {
	t.Helper()
	c := &call{p: manual(t), path: filepath.Join(t.TempDir(), "call.wav"), tone: encode(sine(440, 8000, Rate, Rate))}
	c.l = NewLine(c.p, nil)
	r, err := NewRecorder(c.path)
	if err != nil {
		t.Fatal(err)
	}
	c.r = r
	c.l.Tap(r)
	return c
}

// talk lets the far end send its tone for some seconds.
func (c *call) talk(seconds int) {
	for i := range seconds * 50 {
		k := i % 50 * Frame
		c.l.Arrive(c.tone[k:k+Frame], c.ts)
		c.ts += Frame
		c.p.Step(1)
	}
}

// wait lets it send nothing; its clock goes on.
func (c *call) wait(seconds int) {
	c.p.Step(seconds * 50)
	c.ts += uint32(seconds * Rate)
}

func shares(t *testing.T, what string, got []float64, want ...float64) {
	t.Helper()
	ok := len(got) == len(want)
	for i := range min(len(got), len(want)) {
		ok = ok && got[i] > want[i]-0.02 && got[i] < want[i]+0.02
	}
	if !ok {
		t.Errorf("%s: shares %.2f, want %v", what, got, want)
	}
}

func TestRecorder_BothSidesOnOneTimeLine(t *testing.T) {
	c := record(t)
	c.talk(2)
	c.l.Play(Tone([]float64{1000}, 0, 0), nil)
	c.talk(2)
	c.l.Stop()
	c.wait(10) // longer than what is kept open
	c.talk(1)
	if err := c.r.Close(); err != nil {
		t.Fatal(err)
	}
	left, right := readStereo(t, c.path)
	near(t, "samples", int64(len(left)), 15*Rate, 0)
	shares(t, "left", ToneShare(left, Rate, 440), 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)
	shares(t, "right", ToneShare(right, Rate, 1000), 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	if c.r.Length() != 15*time.Second || c.r.Lost() != 0 {
		t.Errorf("length %v, lost %v", c.r.Length(), c.r.Lost())
	}
}

func TestRecorder_PauseKeepsNothing(t *testing.T) {
	c := record(t)
	c.l.Play(Tone([]float64{1000}, 0, 0), nil)
	c.talk(2)
	c.r.Pause()
	c.r.Pause()
	c.talk(3)
	c.r.Resume()
	c.r.Resume()
	c.r.In(c.l.Clock()-Rate, c.tone[:Frame]) // said in the pause, comes late
	c.talk(2)
	want(t, "pauses", c.r.Pauses(), []Span{{2 * time.Second, 5 * time.Second}})
	if err := c.r.Close(); err != nil {
		t.Fatal(err)
	}
	left, right := readStereo(t, c.path)
	for side, pcm := range map[string][]int16{"left": left, "right": right} {
		if slices.ContainsFunc(pcm[2*Rate:5*Rate], func(v int16) bool { return v != 0 }) {
			t.Errorf("%s: something of the pause was kept", side)
		}
	}
	shares(t, "left", ToneShare(left, Rate, 440), 1, 1, 0, 0, 0, 1, 1)
	shares(t, "right", ToneShare(right, Rate, 1000), 1, 1, 0, 0, 0, 1, 1)
}

func TestRecorder_ClosedWhilePaused(t *testing.T) {
	c := record(t)
	c.talk(1)
	c.r.Pause()
	c.talk(1)
	if err := errors.Join(c.r.Close(), c.r.Close()); err != nil {
		t.Fatal(err)
	}
	want(t, "pauses", c.r.Pauses(), []Span{{time.Second, 2 * time.Second}})
	c.talk(1) // nobody listens
	if left, _ := readStereo(t, c.path); len(left) != 2*Rate {
		t.Errorf("%d samples", len(left))
	}
}

func TestRecorder_StreamsToTheDiskAndIsRepaired(t *testing.T) {
	c := record(t)
	c.talk(9)
	// Six seconds have been handed over. Once they are on the disk, it is as if
	// the process died.
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for began := time.Now(); ; <-tick.C {
		info, err := os.Stat(c.path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Size() >= wavHeaderSize+6*4*Rate {
			break
		}
		if time.Since(began) > time.Minute {
			t.Fatalf("only %d bytes are on the disk", info.Size())
		}
	}
	copied := filepath.Join(t.TempDir(), "crashed.wav")
	b, err := os.ReadFile(c.path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(copied, b[:len(b)-3], 0o600); err != nil {
		t.Fatal(err)
	}
	if err := RepairWAV(copied); err != nil {
		t.Fatal(err)
	}
	left, _ := readStereo(t, copied)
	near(t, "samples saved", int64(len(left)), 6*Rate, 1)
	before, _ := os.ReadFile(copied)
	if err := RepairWAV(copied); err != nil {
		t.Error(err)
	}
	if after, _ := os.ReadFile(copied); !slices.Equal(before, after) {
		t.Error("a whole file was changed")
	}
	if err := c.r.Close(); err != nil {
		t.Error(err)
	}
}

func TestRepairWAV_LeavesOtherFilesAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	for _, text := range []string{"", "short", string(make([]byte, 100)), string(WriteWAV16(make([]int16, 10), 16000))} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := RepairWAV(path); err == nil {
			t.Errorf("%q was repaired", text)
		}
		if after, _ := os.ReadFile(path); string(after) != text {
			t.Errorf("%q was changed", text)
		}
	}
	if err := RepairWAV(path + "none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
}

func TestRecorder_DoesNotOverwrite(t *testing.T) {
	c := record(t)
	if _, err := NewRecorder(c.path); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a second recorder: %v", err)
	}
	if info, err := os.Stat(c.path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if err := c.r.Close(); err != nil {
		t.Error(err)
	}
}

func TestPeaks_ShowWhoSpeaksWhen(t *testing.T) {
	c := record(t)
	c.talk(1)
	c.wait(2)
	c.l.Play(Tone([]float64{1000}, 0, 0), nil)
	c.wait(1)
	if err := c.r.Close(); err != nil {
		t.Fatal(err)
	}
	left, right, err := Peaks(c.path, 4)
	if err != nil {
		t.Fatal(err)
	}
	for i, w := range [][2]float32{{0.24, 0}, {0, 0}, {0, 0}, {0, 0.27}} {
		if d := left[i] - w[0]; d > 0.02 || d < -0.02 {
			t.Errorf("left %v", left)
		}
		if d := right[i] - w[1]; d > 0.02 || d < -0.02 {
			t.Errorf("right %v", right)
		}
	}
	if l, _, err := Peaks(c.path, 1<<30); err != nil || len(l) != maxPeaks {
		t.Errorf("%d peaks, %v", len(l), err)
	}
}

func BenchmarkRecorder(b *testing.B) {
	r, err := NewRecorder(filepath.Join(b.TempDir(), "x.wav"))
	if err != nil {
		b.Fatal(err)
	}
	frame, at := audio(1, 1), int64(0)
	b.ReportAllocs()
	for b.Loop() {
		r.In(at, frame)
		r.Out(at, frame)
		at += Frame
	}
	b.StopTimer()
	if err := r.Close(); err != nil {
		b.Fatal(err)
	}
}
