package media

import (
	"testing"
	"time"
)

func TestInband_FindsEveryKeyOnce(t *testing.T) {
	const keys = "1234567890*#ABCD5511"
	var got []byte
	d := NewInband(func(k byte) { got = append(got, k) })
	at := int64(0)
	for i := range len(keys) {
		at = listen(d, at, join(key(keys[i], 80*time.Millisecond), still(80*time.Millisecond)))
	}
	if string(got) != keys {
		t.Errorf("got %s, want %s", got, keys)
	}
}

func TestInband_ThroughNoiseAndUnevenTones(t *testing.T) {
	var got []byte
	d := NewInband(func(k byte) { got = append(got, k) })
	low, high := sine(770, 4000, Rate, Rate/10), sine(1336, 7000, Rate, Rate/10) // twist of 5 dB
	sound := sum(join(still(100*time.Millisecond), sum(low, high), still(100*time.Millisecond)), hiss(300*time.Millisecond, 400))
	listen(d, 0, sound)
	if string(got) != "5" {
		t.Errorf("got %q", got)
	}
}

func TestInband_SpeechAndMusicHaveNoKeys(t *testing.T) {
	d := NewInband(func(k byte) { t.Errorf("found %c", k) })
	at := listen(d, 0, voice(20*time.Second, 9000))
	at = listen(d, at, hiss(10*time.Second, 5000))
	music := make([]int16, len(holdMusic()))
	ULawToPCM(music, holdMusic())
	at = listen(d, at, music)
	listen(d, at, sine(697, 9000, Rate, Rate)) // half a key
}

func BenchmarkInband(b *testing.B) {
	d := NewInband(func(byte) {})
	frame, at := encode(voice(20*time.Millisecond, 8000)), int64(0)
	b.ReportAllocs()
	for b.Loop() {
		d.In(at, frame)
		at += Frame
	}
}
