package media

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// member is a line in a mixer that sends a tone of its own.
type member struct {
	line *Line
	wire tape
	tone []byte
	freq float64
	ts   uint32
}

func members(p *Pacer, freqs ...float64) []*member {
	var out []*member
	for i, f := range freqs {
		m := &member{tone: encode(sine(f, 6000, Rate, Rate)), freq: f, ts: uint32(i) * 99999}
		m.line = NewLine(p, &m.wire)
		out = append(out, m)
	}
	return out
}

// speak lets all send for so many frames.
func speak(p *Pacer, all []*member, frames int) {
	for i := range frames {
		k := i % 50 * Frame
		for _, m := range all {
			m.line.Arrive(m.tone[k:k+Frame], m.ts)
			m.ts += Frame
		}
		p.Step(1)
	}
}

// heard is the share of each of freqs in the last second a member was sent.
func (m *member) heard(t *testing.T, freqs ...float64) []float64 {
	t.Helper()
	var ulaw []byte
	for _, f := range m.wire.take() {
		ulaw = append(ulaw, f.ulaw...)
	}
	if len(ulaw) < Rate {
		return make([]float64, len(freqs))
	}
	pcm := make([]int16, Rate)
	ULawToPCM(pcm, ulaw[len(ulaw)-Rate:])
	var out []float64
	for _, f := range freqs {
		out = append(out, ToneShare(pcm, Rate, f)[0])
	}
	return out
}

func TestMixer_EachHearsTheOthers(t *testing.T) {
	p := manual(t)
	all := members(p, 440, 1000, 1700)
	m := NewMixer(p)
	var leave []func()
	for _, x := range all {
		leave = append(leave, m.Join(x.line, nil, nil))
	}
	speak(p, all, 100)
	shares(t, "the first", all[0].heard(t, 440, 1000, 1700), 0, 0.5, 0.5)
	shares(t, "the second", all[1].heard(t, 440, 1000, 1700), 0.5, 0, 0.5)
	shares(t, "the third", all[2].heard(t, 440, 1000, 1700), 0.5, 0.5, 0)
	leave[1]()
	speak(p, all, 60)
	shares(t, "the first, of two", all[0].heard(t, 440, 1000, 1700), 0, 0, 1)
	for _, l := range leave {
		l()
	}
	if n := p.Lines(); n != 0 {
		t.Errorf("an empty mixer is still called: %d", n)
	}
}

func TestMixer_ListenWhisperBarge(t *testing.T) {
	p := manual(t)
	all := members(p, 440, 1000, 1700) // customer, agent, supervisor
	customer, agent, boss := all[0], all[1], all[2]
	var mode atomic.Value
	mode.Store("listen")
	m := NewMixer(p)
	m.Join(customer.line, nil, nil)
	m.Join(agent.line, nil, nil)
	m.Join(boss.line, nil, func(other *Line) bool {
		switch mode.Load() {
		case "whisper":
			return other == agent.line
		case "barge":
			return true
		}
		return false
	})
	for _, x := range []struct {
		mode            string
		customer, agent []float64
	}{
		{"listen", []float64{0, 1, 0}, []float64{1, 0, 0}},
		{"whisper", []float64{0, 1, 0}, []float64{0.5, 0, 0.5}},
		{"barge", []float64{0, 0.5, 0.5}, []float64{0.5, 0, 0.5}},
	} {
		mode.Store(x.mode)
		speak(p, all, 100)
		shares(t, x.mode+": customer", customer.heard(t, 440, 1000, 1700), x.customer...)
		shares(t, x.mode+": agent", agent.heard(t, 440, 1000, 1700), x.agent...)
		shares(t, x.mode+": supervisor", boss.heard(t, 440, 1000, 1700), 0.5, 0.5, 0)
	}
}

func TestMixer_FromAConnectionAndBackOnOneClock(t *testing.T) {
	p := manual(t)
	all := members(p, 440, 1000)
	a, b := all[0], all[1]
	Connect(a.line, b.line)
	speak(p, all, 50)
	m := NewMixer(p)
	m.Join(a.line, nil, nil)
	m.Join(b.line, nil, nil)
	speak(p, all, 50)
	a.line.Play(Clip(audio(1, 5)), nil) // covers the mix
	speak(p, all, 10)
	Connect(a.line, b.line)
	speak(p, all, 50)
	if n := p.Lines(); n != 0 {
		t.Errorf("connecting does not leave the mixer: %d", n)
	}
	frames, last, marks := a.wire.take(), int64(-Frame), 0
	for i, f := range frames {
		if int64(f.ts) < last+Frame || int64(f.ts) > last+2*Frame {
			t.Fatalf("frame %d: time stamp %d after %d", i, f.ts, last)
		}
		if last = int64(f.ts); f.marker {
			marks++
		}
	}
	if len(frames) < 158 || marks != 5 {
		t.Errorf("%d frames, %d markers; want 160 and 5", len(frames), marks)
	}
}

func TestMixer_MembersComeAndGoWhileItRuns(t *testing.T) {
	p := NewPacer()
	defer p.Close()
	all, m := members(p, 300, 400, 500, 600, 700), NewMixer(p)
	var wg sync.WaitGroup
	for _, x := range all {
		wg.Go(func() {
			for i := range 50 {
				leave := m.Join(x.line, nil, func(*Line) bool { return i%2 == 0 })
				x.line.Arrive(x.tone[:Frame], uint32(i*Frame))
				x.line.Play(Beep(), nil)
				x.line.Stop()
				leave()
			}
		})
	}
	wg.Wait()
	for _, x := range all {
		x.line.Close()
	}
	if n := p.Lines(); n != 0 {
		t.Errorf("%d left in the pacer", n)
	}
}

func TestJitter_WaitsThenFlowsThroughLateAndLostPackets(t *testing.T) {
	var j Jitter
	var pcm [Frame]int16
	loud := audio(0x90, 1)
	j.Put(loud, 0)
	if j.Get(&pcm) {
		t.Error("flows after 20 ms")
	}
	j.Put(loud, 320) // 160 comes later
	j.Put(loud, 160)
	for i := range 3 {
		if !j.Get(&pcm) || pcm[0] != ULaw(0x90) {
			t.Errorf("frame %d: %d", i, pcm[0])
		}
	}
	j.Put(loud, 4*160) // 3*160 is lost
	if !j.Get(&pcm) || pcm[0] != ULaw(0x90)/2 {
		t.Errorf("a lost frame is %d", pcm[0])
	}
	if !j.Get(&pcm) || pcm[0] != ULaw(0x90) {
		t.Errorf("after it: %d", pcm[0])
	}
	for range 10 {
		j.Get(&pcm)
	}
	if j.Get(&pcm) {
		t.Error("flows without packets")
	}
}

func TestJitter_DelayStaysSmall(t *testing.T) {
	var j Jitter
	var pcm [Frame]int16
	ts := uint32(4294960000)
	for i := range 50 * 60 {
		j.Put(audio(1, 1), ts)
		ts += Frame
		if i%100 == 0 { // a sender that is 1 % too fast
			j.Put(audio(1, 1), ts)
			ts += Frame
		}
		j.Get(&pcm)
		if depth := j.head - j.read; depth > jitterMost {
			t.Fatalf("after %d frames %d samples wait", i, depth)
		}
	}
	near(t, "depth after a minute", j.head-j.read, jitterHigh, 2*Frame)
	for i := range uint32(40) { // a burst after a stall
		j.Put(audio(1, 1), ts+i*Frame)
	}
	if depth := j.head - j.read; depth > jitterMost {
		t.Errorf("%d samples wait after a burst", depth)
	}
}

func BenchmarkMixer3(b *testing.B) {
	p := NewManualPacer()
	defer p.Close()
	m, ts := NewMixer(p), uint32(0)
	lines := []*Line{NewLine(p, nil), NewLine(p, nil), NewLine(p, nil)}
	for _, l := range lines {
		m.Join(l, nil, nil)
	}
	b.ReportAllocs()
	for b.Loop() {
		for _, l := range lines {
			l.Arrive(quiet[:Frame], ts)
		}
		ts += Frame
		m.tick(1)
	}
}

func BenchmarkRelay(b *testing.B) {
	p := NewManualPacer()
	defer p.Close()
	x, y := NewLine(p, nil), NewLine(p, nullWire{})
	Connect(x, y)
	ts := uint32(0)
	b.ReportAllocs()
	for b.Loop() {
		x.Arrive(quiet[:Frame], ts)
		ts += Frame
	}
	if int64(uint32(y.out.end)) != int64(ts) {
		b.Errorf("%d samples went out of %d", y.out.end, ts)
	}
}

func BenchmarkPrompt(b *testing.B) {
	p := NewManualPacer()
	defer p.Close()
	l := NewLine(p, nullWire{})
	l.Play(Music(), nil)
	b.ReportAllocs()
	for b.Loop() {
		l.tick(1)
	}
}

type nullWire struct{}

func (nullWire) Write([]byte, uint32, bool) {}

func TestLine_AFrameCostsNoAllocation(t *testing.T) {
	p := manual(t)
	a, b, c := NewLine(p, nullWire{}), NewLine(p, nullWire{}), NewLine(p, nullWire{})
	Connect(a, b)
	c.Play(Music(), nil)
	frame, ts := audio(1, 1), uint32(0)
	if n := testing.AllocsPerRun(1000, func() { a.Arrive(frame, ts); ts += Frame }); n != 0 {
		t.Errorf("relay: %v allocations", n)
	}
	if n := testing.AllocsPerRun(1000, func() { p.Step(1) }); n > 4 { // Step's own copy of the clocks
		t.Errorf("prompt: %v allocations", n)
	}
	if n := testing.AllocsPerRun(1000, func() { c.tick(1) }); n != 0 {
		t.Errorf("prompt: %v allocations", n)
	}
}

func TestPacer_ClocksShareTheLines(t *testing.T) {
	p := manual(t)
	var lines []*Line
	for range LinesPerClock + 50 {
		l := NewLine(p, nil)
		l.Play(Silence(time.Second), nil)
		lines = append(lines, l)
	}
	if n := len(p.clocks); n != 2 {
		t.Errorf("%d clocks", n)
	}
	for _, slot := range p.clocks[0].pulses {
		near(t, "lines in a slot", int64(len(slot)), LinesPerClock/slots, 1)
	}
	p.Step(51)
	for _, l := range lines {
		if l.Playing() {
			t.Fatal("a second of silence lasts longer")
		}
	}
}
