package media

import (
	"testing"
	"time"
)

type spoken struct{ events []SpeechEvent }

func (s *spoken) tell(e SpeechEvent) { s.events = append(s.events, e) }

func near(t *testing.T, what string, got, want, within int64) {
	t.Helper()
	if got < want-within || got > want+within {
		t.Errorf("%s: got %d, want %d ± %d", what, got, want, within)
	}
}

func TestVAD_TellsBeginEndAndWhatWasSaid(t *testing.T) {
	for name, noise := range map[string]float64{"clean": 0, "noisy": 250} {
		t.Run(name, func(t *testing.T) {
			var s spoken
			v := NewVAD(VADOptions{}, s.tell)
			sound := join(still(3*time.Second), voice(1200*time.Millisecond, 6000), still(2*time.Second))
			if noise > 0 {
				sound = sum(sound, hiss(Duration(int64(len(sound))), noise))
			}
			began := int64(3 * Rate)
			at := int64(0)
			for i := 0; i < len(sound); i += Frame {
				at = listen(v, at, sound[i:i+Frame])
				if len(s.events) == 1 && s.events[0].Start && began > 0 {
					near(t, "told after the onset", at-began, 80*Rate/1000, 2*Frame)
					began = 0
				}
			}
			if len(s.events) != 2 || !s.events[0].Start || s.events[1].Start {
				t.Fatalf("events %+v", s.events)
			}
			near(t, "began at", s.events[0].At, 3*Rate, 2*Frame)
			near(t, "ended at", s.events[1].At, 3*Rate+12*Rate/10, 6*Frame)
			near(t, "length with what went before and a tail", int64(len(s.events[1].PCM)), 3*Rate/10+12*Rate/10+2*Rate/10, 8*Frame)
			if s.events[1].Cut {
				t.Error("cut, but it is short")
			}
		})
	}
}

func TestVAD_NeedsMoreWhileSomethingPlays(t *testing.T) {
	prompt := encode(voice(20*time.Millisecond, 9000))
	for _, x := range []struct {
		name  string
		sound []int16
		start bool
		after int64 // ms
	}{
		{"a cough", join(voice(120*time.Millisecond, 8000), still(time.Second)), false, 0},
		{"a word", join(voice(600*time.Millisecond, 8000), still(time.Second)), true, 200},
		{"an echo", voice(time.Second, 60), false, 0},
	} {
		t.Run(x.name, func(t *testing.T) {
			var s spoken
			v := NewVAD(VADOptions{}, s.tell)
			at, told := listen(v, 0, still(500*time.Millisecond)), int64(-1)
			for i := 0; i+Frame <= len(x.sound); i += Frame {
				v.Out(at, prompt)
				at = listen(v, at, x.sound[i:i+Frame])
				if told < 0 && len(s.events) > 0 {
					told = at
				}
			}
			if (told >= 0) != x.start {
				t.Fatalf("events %+v", s.events)
			}
			if x.start {
				near(t, "told after", told-Rate/2, x.after*Rate/1000, Frame)
			}
		})
	}
}

func TestVAD_KeysAreNotSpeech(t *testing.T) {
	var s spoken
	v := NewVAD(VADOptions{}, s.tell)
	at := int64(0)
	for _, k := range []byte("159#D") {
		at = listen(v, at, join(key(k, 250*time.Millisecond), still(130*time.Millisecond)))
	}
	listen(v, at, still(time.Second))
	if len(s.events) != 0 {
		t.Errorf("events %+v", s.events)
	}
}

func TestVAD_CutsAtTheLongest(t *testing.T) {
	var s spoken
	v := NewVAD(VADOptions{Max: 2 * time.Second}, s.tell)
	at := listen(v, 0, still(time.Second))
	at = listen(v, at, voice(5*time.Second, 7000))
	listen(v, at, still(time.Second))
	var cut, whole int
	for _, e := range s.events {
		switch {
		case e.Start:
		case e.Cut:
			cut++
			if len(e.PCM) != 2*Rate {
				t.Errorf("cut at %d samples", len(e.PCM))
			}
		default:
			whole++
		}
	}
	if cut != 2 || whole != 1 {
		t.Errorf("%d cut, %d whole", cut, whole)
	}
}

func TestVAD_SteadyNoiseIsNotSpeechForLong(t *testing.T) {
	var s spoken
	v := NewVAD(VADOptions{}, s.tell)
	at := listen(v, 0, still(time.Second))
	at = listen(v, at, hiss(40*time.Second, 400))
	n := len(s.events)
	listen(v, at, hiss(20*time.Second, 400))
	if len(s.events) != n {
		t.Errorf("speech is still found in steady noise: %d then %d events", n, len(s.events))
	}
}

func TestVAD_EndsWhenPacketsCease(t *testing.T) {
	p := manual(t)
	l := NewLine(p, nil)
	var s spoken
	remove := l.Tap(NewVAD(VADOptions{}, s.tell))
	sound := encode(voice(time.Second, 7000))
	for i := 0; i < len(sound); i += Frame {
		l.Arrive(sound[i:i+Frame], uint32(i))
		p.Step(1)
	}
	p.Step(60)
	if len(s.events) != 2 || s.events[1].Start {
		t.Fatalf("events %+v", s.events)
	}
	near(t, "ended at", s.events[1].At, Rate, 5*Frame)
	remove()
	if n := p.Lines(); n != 0 {
		t.Errorf("%d left in the pacer", n)
	}
}

func BenchmarkVAD(b *testing.B) {
	v := NewVAD(VADOptions{}, func(SpeechEvent) {})
	frame, at := encode(hiss(20*time.Millisecond, 20)), int64(0)
	b.ReportAllocs()
	for b.Loop() {
		v.In(at, frame)
		at += Frame
	}
}
