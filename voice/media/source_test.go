package media

import (
	"bytes"
	"testing"
	"time"
)

// drain is what a source plays, at most so many frames of it.
func drain(s Source, most int) (ulaw []byte, ended bool) {
	for range most {
		var f [Frame]byte
		if !s.Next(f[:]) {
			return ulaw, true
		}
		ulaw = append(ulaw, f[:]...)
	}
	return ulaw, false
}

func TestSources_EndWhenTheyShould(t *testing.T) {
	for name, x := range map[string]struct {
		s      Source
		frames int // -1: it does not
	}{
		"clip":                  {Clip(audio(1, 3)), 3},
		"clip and a bit":        {Clip(audio(1, 3)[:2*Frame+1]), 3},
		"empty clip":            {Clip(nil), 0},
		"loop":                  {Loop(audio(1, 1)), -1},
		"empty loop":            {Loop(nil), 0},
		"silence":               {Silence(time.Second), 50},
		"sequence":              {Sequence(Clip(audio(1, 2)), Clip(nil), Silence(40*time.Millisecond)), 4},
		"empty sequence":        {Sequence(), 0},
		"repeat":                {Repeat(func() Source { return Clip(audio(1, 2)) }), -1},
		"repeat of nothing":     {Repeat(func() Source { return nil }), 0},
		"repeat of empty clips": {Repeat(func() Source { return Clip(nil) }), 0},
		"music":                 {Music(), -1},
		"ringback":              {Ringback(), -1},
		"busy":                  {Busy(), -1},
		"beep":                  {Beep(), 15},
	} {
		got, ended := drain(x.s, 200)
		if want := x.frames; ended != (want >= 0) || ended && len(got) != want*Frame {
			t.Errorf("%s: %d frames, ended %v; want %d", name, len(got)/Frame, ended, want)
		}
	}
}

func TestClip_IsSharedAndUnchanged(t *testing.T) {
	shared := audio(1, 2)[:300]
	a, _ := drain(Clip(shared), 10)
	b, _ := drain(Loop(shared), 10)
	if !bytes.Equal(a[:300], shared) || !bytes.Equal(b[:300], shared) || !bytes.Equal(b[300:600], shared) || a[300] != Quiet {
		t.Error("a clip or a loop plays something else")
	}
	if !bytes.Equal(shared, audio(1, 2)[:300]) {
		t.Error("the bytes were changed")
	}
}

func TestTone_HasItsFrequenciesAndPauses(t *testing.T) {
	ulaw, _ := drain(Tone([]float64{440, 1000}, time.Second, time.Second), 200)
	pcm := make([]int16, len(ulaw))
	ULawToPCM(pcm, ulaw)
	shares(t, "440 Hz", ToneShare(pcm, Rate, 440), 0.5, 0, 0.5, 0)
	shares(t, "1000 Hz", ToneShare(pcm, Rate, 1000), 0.5, 0, 0.5, 0)
}

func TestMusic_IsHalfAMinuteWithoutASeamOrClipping(t *testing.T) {
	ulaw := holdMusic()
	if len(ulaw) != 30*Rate {
		t.Fatalf("%d samples", len(ulaw))
	}
	peak := int16(0)
	for i, c := range ulaw {
		v := ULaw(c)
		peak = max(peak, v, -v)
		if next := ULaw(ulaw[(i+1)%len(ulaw)]); int(next)-int(v) > 9000 || int(v)-int(next) > 9000 {
			t.Errorf("a click at %d: %d then %d", i, v, next)
		}
	}
	if peak < 8000 || peak > 12500 {
		t.Errorf("peak %d", peak)
	}
	for s := 0; s+Rate <= len(ulaw); s += Rate {
		if db := level(ulaw[s : s+Rate]); db < -35 || db > -12 {
			t.Errorf("second %d is at %.0f dB", s/Rate, db)
		}
	}
}

func TestStream_PlaysWhatComesAndKnowsWhatWasHeard(t *testing.T) {
	s := NewStream()
	s.Append("One.", audio(1, 2)[:250])
	got, _ := drain(s, 3)
	if got[249] != 1 || got[250] != Quiet || got[479] != Quiet {
		t.Error("a sentence is not followed by silence")
	}
	s.Begin("Two.")
	s.Write(audio(2, 1)[:100])
	got, _ = drain(s, 1)
	if got[99] != 2 || got[100] != Quiet {
		t.Error("the beginning of a sentence does not play")
	}
	s.Write(audio(2, 1)[:100])
	s.Append("Three.", audio(3, 10))
	s.Write(audio(9, 1)) // belongs to nothing
	got, _ = drain(s, 2)
	if got[99] != 2 || got[100] != 3 || got[319] != 3 {
		t.Error("sentences do not follow one another")
	}
	want(t, "heard", s.Heard(), []Heard{{"One.", 250, 250}, {"Two.", 200, 200}, {"Three.", 220, 1600}})
	s.Finish()
	s.Append("Four.", audio(4, 1))
	if got, ended := drain(s, 100); !ended || len(got) != 9*Frame {
		t.Errorf("ended %v after %d", ended, len(got))
	}
	want(t, "heard at the end", s.Heard()[2:], []Heard{{"Three.", 1600, 1600}})
	near(t, "starved", s.Starved(), 230+60+60, 0)
}

func TestStream_InterruptedBySpeechOnALine(t *testing.T) {
	p := manual(t)
	l, s := NewLine(p, nil), NewStream()
	s.Append("One.", audio(1, 5))
	s.Append("Two.", audio(2, 50))
	var played Played
	l.Play(s, func(x Played) { played = x })
	p.Step(15)
	l.Stop()
	p.Step(5)
	want(t, "heard", s.Heard(), []Heard{{"One.", 800, 800}, {"Two.", 1600, 8000}})
	if played != (Played{Samples: 2400}) {
		t.Errorf("%+v", played)
	}
}
