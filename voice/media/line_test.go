package media

import (
	"bytes"
	"slices"
	"sync"
	"testing"
	"time"
)

// sent is one frame a wire was given.
type sent struct {
	ulaw   []byte
	ts     uint32
	marker bool
}

// tape is a Wire, and a Tap, that remembers.
type tape struct {
	mu      sync.Mutex
	out     []sent
	in, put []sent
}

func (w *tape) Write(ulaw []byte, ts uint32, marker bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.out = append(w.out, sent{slices.Clone(ulaw), ts, marker})
}

func (w *tape) In(at int64, ulaw []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.in = append(w.in, sent{ulaw: slices.Clone(ulaw), ts: uint32(at)})
}

func (w *tape) Out(at int64, ulaw []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.put = append(w.put, sent{ulaw: slices.Clone(ulaw), ts: uint32(at)})
}

func (w *tape) take() []sent {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := w.out
	w.out = nil
	return out
}

func stamps(frames []sent) (ts []uint32) {
	for _, f := range frames {
		ts = append(ts, f.ts)
	}
	return ts
}

func markers(frames []sent) (m []bool) {
	for _, f := range frames {
		m = append(m, f.marker)
	}
	return m
}

func want[T comparable](t *testing.T, what string, got, want []T) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// audio is so many frames of the code c.
func audio(c byte, frames int) []byte { return bytes.Repeat([]byte{c}, frames*Frame) }

func manual(t *testing.T) *Pacer {
	t.Helper()
	p := NewManualPacer()
	t.Cleanup(p.Close)
	return p
}

func TestLine_PlaysFramesInTurnAndTellsTheEnd(t *testing.T) {
	p, w := manual(t), &tape{}
	l := NewLine(p, w)
	defer l.Close()
	var ended []Played
	l.Play(Clip(audio(7, 3)[:2*Frame+10]), func(x Played) { ended = append(ended, x) })
	if !l.Playing() {
		t.Error("not playing after Play")
	}
	p.Step(5)
	got := w.take()
	want(t, "time stamps", stamps(got), []uint32{0, 160, 320})
	want(t, "markers", markers(got), []bool{true, false, false})
	if last := got[2].ulaw; last[9] != 7 || last[10] != Quiet {
		t.Errorf("the last frame is not padded with silence: % x", last[8:12])
	}
	want(t, "ended", ended, []Played{{Complete: true, Samples: 3 * Frame}})
	if l.Playing() || p.Lines() != 0 {
		t.Errorf("after the end: playing %v, %d lines in the pacer", l.Playing(), p.Lines())
	}
}

func TestLine_ReplacingTellsHowMuchWasHeard(t *testing.T) {
	p, w := manual(t), &tape{}
	l := NewLine(p, w)
	defer l.Close()
	var ended []Played
	l.Play(Loop(audio(7, 1)), func(x Played) { ended = append(ended, x) })
	p.Step(4)
	l.Play(Loop(audio(8, 1)), func(x Played) { ended = append(ended, x) })
	p.Step(1)
	l.Stop()
	p.Step(10)
	want(t, "ended", ended, []Played{{Samples: 4 * Frame}, {Samples: Frame}})
	got := w.take()
	want(t, "time stamps", stamps(got), []uint32{0, 160, 320, 480, 640})
	want(t, "markers", markers(got), []bool{true, false, false, false, true})
}

func TestLine_WhatDonePlaysFollowsWithoutAGap(t *testing.T) {
	p, w := manual(t), &tape{}
	l := NewLine(p, w)
	defer l.Close()
	l.Play(Clip(audio(1, 2)), func(Played) { l.Play(Clip(audio(2, 2)), nil) })
	p.Step(4)
	got := w.take()
	want(t, "time stamps", stamps(got), []uint32{0, 160, 320, 480})
	want(t, "markers", markers(got), []bool{true, false, true, false})
}

func TestLine_ClockGoesOnThroughSilence(t *testing.T) {
	p, w := manual(t), &tape{}
	l := NewLine(p, w)
	defer l.Close()
	l.Play(Clip(audio(1, 1)), nil)
	p.Step(50)
	l.Play(Clip(audio(1, 1)), nil)
	p.Step(1)
	got := w.take()
	want(t, "time stamps", stamps(got), []uint32{0, 50 * 160})
	want(t, "markers", markers(got), []bool{true, true})
}

func TestConnect_RelaysOnArrivalBothWays(t *testing.T) {
	p, wa, wb := manual(t), &tape{}, &tape{}
	a, b := NewLine(p, wa), NewLine(p, wb)
	defer a.Close()
	defer b.Close()
	var ended []Played
	a.Play(Loop(audio(9, 1)), func(x Played) { ended = append(ended, x) })
	p.Step(2)
	disconnect := Connect(a, b)
	want(t, "music ended", ended, []Played{{Samples: 2 * Frame}})
	wa.take()
	for i := range uint32(3) {
		a.Arrive(audio(1, 1), 5000+i*160)
		b.Arrive(audio(2, 1), 4294967200+i*160) // wraps around
		p.Step(1)
	}
	ga, gb := wa.take(), wb.take()
	want(t, "to a", stamps(ga), []uint32{320, 480, 640})
	want(t, "to b", stamps(gb), []uint32{320, 480, 640})
	want(t, "markers", markers(gb), []bool{true, false, false})
	if ga[0].ulaw[0] != 2 || gb[0].ulaw[0] != 1 {
		t.Errorf("a heard %d, b heard %d", ga[0].ulaw[0], gb[0].ulaw[0])
	}
	disconnect()
	a.Arrive(audio(1, 1), 9000)
	if n := len(wb.take()); n != 0 {
		t.Errorf("%d frames after disconnect", n)
	}
}

func TestConnect_KeepsGapsAndRefusesLatecomers(t *testing.T) {
	p, wb := manual(t), &tape{}
	a, b := NewLine(p, nil), NewLine(p, wb)
	Connect(a, b)
	for _, ts := range []uint32{1000, 1160, 1480, 1320, 1640} { // 1320 comes late
		a.Arrive(audio(1, 1), ts)
		p.Step(1)
	}
	want(t, "time stamps", stamps(wb.take()), []uint32{0, 160, 480, 640})
	a.Arrive(audio(1, 1), 77777777) // another source: no jump on our side
	got := wb.take()
	want(t, "after a jump", stamps(got), []uint32{800})
	want(t, "marker", markers(got), []bool{true})
}

func TestConnect_PlayCoversAndUncovers(t *testing.T) {
	p, wa, wb := manual(t), &tape{}, &tape{}
	a, b := NewLine(p, wa), NewLine(p, wb)
	Connect(a, b)
	b.Play(Clip(audio(5, 2)), nil)
	for i := range uint32(4) {
		a.Arrive(audio(1, 1), i*160)
		b.Arrive(audio(2, 1), i*160)
		p.Step(1)
	}
	var codes []byte
	for _, f := range wb.take() {
		codes = append(codes, f.ulaw[0])
	}
	want(t, "b hears", codes, []byte{5, 5, 1})
	if n := len(wa.take()); n != 4 {
		t.Errorf("a heard %d of b's 4 frames", n)
	}
}

func TestConnect_AgainReplacesBothSides(t *testing.T) {
	p, wb, wc := manual(t), &tape{}, &tape{}
	a, b, c := NewLine(p, nil), NewLine(p, wb), NewLine(p, wc)
	old := Connect(a, b)
	Connect(a, c)
	old()
	a.Arrive(audio(1, 1), 0)
	if len(wb.take()) != 0 || len(wc.take()) != 1 {
		t.Error("a is heard by b still, or not by c")
	}
}

func TestLine_MuteLetsOthersHearSilence(t *testing.T) {
	p, w, tap := manual(t), &tape{}, &tape{}
	a, b := NewLine(p, nil), NewLine(p, w)
	Connect(a, b)
	a.Tap(tap)
	a.Mute(true)
	a.Arrive(audio(1, 1), 0)
	a.Mute(false)
	a.Arrive(audio(1, 1), 160)
	got := w.take()
	want(t, "b hears", []byte{got[0].ulaw[0], got[1].ulaw[0]}, []byte{Quiet, 1})
	want(t, "taps hear", []byte{tap.in[0].ulaw[0], tap.in[1].ulaw[0]}, []byte{Quiet, 1})
}

func TestLine_TapsAreToldPlacesOnOneClock(t *testing.T) {
	p, tap := manual(t), &tape{}
	l := NewLine(p, nil)
	remove := l.Tap(tap)
	p.Step(10)
	l.Play(Clip(audio(1, 2)), nil)
	l.Arrive(audio(2, 1), 123456)
	p.Step(1)
	l.Arrive(audio(2, 1), 123456+160)
	p.Step(100)
	l.Arrive(audio(2, 1), 99) // another source, two seconds later
	remove()
	l.Arrive(audio(2, 1), 99+160)
	want(t, "in", stamps(tap.in), []uint32{1600, 1760, 111 * 160})
	want(t, "out", stamps(tap.put), []uint32{1600, 1760})
}

func TestLine_ATapMayStopTheLine(t *testing.T) {
	p, w := manual(t), &tape{}
	l := NewLine(p, w)
	l.Tap(stopper{l})
	l.Play(Loop(audio(1, 1)), nil)
	p.Step(1)
	l.Arrive(audio(1, 1), 0)
	p.Step(5)
	if n := len(w.take()); n != 1 {
		t.Errorf("%d frames, want 1", n)
	}
}

type stopper struct{ l *Line }

func (s stopper) In(int64, []byte)  { s.l.Stop() }
func (s stopper) Out(int64, []byte) {}

func TestLine_CloseEndsEverything(t *testing.T) {
	p, wa, wb, tap := manual(t), &tape{}, &tape{}, &tape{}
	a, b := NewLine(p, wa), NewLine(p, wb)
	Connect(a, b)
	a.Tap(tap)
	var ended []Played
	a.Play(Loop(audio(1, 1)), func(x Played) { ended = append(ended, x) })
	p.Step(1)
	wa.take()
	a.Close()
	a.Close()
	a.Play(Loop(audio(1, 1)), func(x Played) { ended = append(ended, x) })
	a.Arrive(audio(1, 1), 0)
	b.Arrive(audio(1, 1), 0)
	Connect(a, b)
	NewMixer(p).Join(a, nil, nil)
	b.Arrive(audio(1, 1), 160)
	p.Step(2)
	want(t, "ended", ended, []Played{{Samples: Frame}, {}})
	if n := len(wa.take()) + len(wb.take()) + len(tap.in); n != 0 || p.Lines() != 0 {
		t.Errorf("%d frames after Close, %d lines in the pacer", n, p.Lines())
	}
}

func TestLine_TheClockGoesOnWithAnotherWire(t *testing.T) {
	p, w1, w2 := manual(t), &tape{}, &tape{}
	l := NewLine(p, w1)
	l.Play(Loop(audio(1, 1)), nil)
	p.Step(2)
	l.SetWire(w2)
	p.Step(2)
	want(t, "first", stamps(w1.take()), []uint32{0, 160})
	want(t, "second", stamps(w2.take()), []uint32{320, 480})
}

func TestPacer_SkipsAfterAStallInsteadOfABurst(t *testing.T) {
	p, w := manual(t), &tape{}
	l := NewLine(p, w)
	l.Play(Loop(audio(1, 1)), nil)
	p.Step(1)
	l.tick(4) // three frames missed
	l.tick(1)
	got := w.take()
	want(t, "time stamps", stamps(got), []uint32{0, 4 * 160, 5 * 160})
}

func TestPacer_KeepsTimeOnRealClocks(t *testing.T) {
	p := NewPacer()
	defer p.Close()
	done := make(chan Played, 1)
	l := NewLine(p, &tape{})
	began := time.Now()
	l.Play(Clip(audio(1, 25)), func(x Played) { done <- x })
	if x := <-done; !x.Complete {
		t.Errorf("got %+v", x)
	}
	if took := time.Since(began); took < 480*time.Millisecond {
		t.Errorf("half a second of audio went out in %v", took)
	}
	if got := p.Lateness(); got.Slots == 0 || got.Max < got.P99 || got.P99 < got.P50 {
		t.Errorf("lateness %+v", got)
	}
}

func TestLine_ConcurrentUse(t *testing.T) {
	p := NewPacer()
	defer p.Close()
	lines := make([]*Line, 4)
	for i := range lines {
		lines[i] = NewLine(p, &tape{})
	}
	var wg sync.WaitGroup
	for i, l := range lines {
		wg.Go(func() {
			for n := range 300 {
				l.Arrive(quiet[:Frame], uint32(n*Frame))
			}
		})
		wg.Go(func() {
			for n := range 100 {
				other := lines[(i+1+n%3)%4]
				cut := Connect(l, other)
				remove := l.Tap(&tape{})
				l.Play(Loop(quiet[:Frame]), func(Played) {})
				l.Mute(n%2 == 0)
				l.Stop()
				remove()
				if n%3 == 0 {
					cut()
				}
			}
		})
	}
	wg.Wait()
	for _, l := range lines {
		l.Close()
	}
	if n := p.Lines(); n != 0 {
		t.Errorf("%d lines left in the pacer", n)
	}
}
