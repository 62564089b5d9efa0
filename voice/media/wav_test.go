package media

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"testing"
)

// wav is a file with the given format and data, its lengths as told.
func wav(kind, channels, rate, bits int, data []byte, dataLen uint32) []byte {
	le := binary.LittleEndian
	b := append([]byte("RIFF"), le.AppendUint32(nil, dataLen+36)...)
	b = append(b, "WAVELIST\x03\x00\x00\x00abc\x00fmt \x10\x00\x00\x00"...) // an odd chunk before
	b = le.AppendUint16(b, uint16(kind))
	b = le.AppendUint16(b, uint16(channels))
	b = le.AppendUint32(b, uint32(rate))
	b = le.AppendUint32(b, uint32(rate*channels*bits/8))
	b = le.AppendUint16(b, uint16(channels*bits/8))
	b = le.AppendUint16(b, uint16(bits))
	b = append(b, "data"...)
	b = le.AppendUint32(b, dataLen)
	return append(b, data...)
}

func samples16(pcm []int16, channels int) (b []byte) {
	for _, v := range pcm {
		for range channels {
			b = binary.LittleEndian.AppendUint16(b, uint16(v))
		}
	}
	return b
}

func TestReadWAV_AnyKindBecomesTheSameTone(t *testing.T) {
	tone := func(rate int) []int16 { return sine(1000, 10000, rate, rate*2) }
	as := func(rate, width int, put func(v int16) []byte) (b []byte) {
		for _, v := range tone(rate) {
			b = append(b, put(v)...)
		}
		return b
	}
	f32 := func(v int16) []byte {
		return binary.LittleEndian.AppendUint32(nil, math.Float32bits(float32(v)/32768))
	}
	for name, file := range map[string][]byte{
		"16 bit 8 kHz":          wav(1, 1, 8000, 16, samples16(tone(8000), 1), 32000),
		"16 bit 24 kHz":         wav(1, 1, 24000, 16, samples16(tone(24000), 1), 96000),
		"16 bit 22.05 kHz":      wav(1, 1, 22050, 16, samples16(tone(22050), 1), 88200),
		"16 bit 16 kHz":         wav(1, 1, 16000, 16, samples16(tone(16000), 1), 64000),
		"16 bit 11.025 kHz":     wav(1, 1, 11025, 16, samples16(tone(11025), 1), 44100),
		"stereo 48 kHz":         wav(1, 2, 48000, 16, samples16(tone(48000), 2), 384000),
		"stereo 44.1 kHz":       wav(1, 2, 44100, 16, samples16(tone(44100), 2), 352800),
		"an odd rate":           wav(1, 1, 31999, 16, samples16(tone(31999), 1), 127996),
		"8 bit":                 wav(1, 1, 8000, 8, as(8000, 1, func(v int16) []byte { return []byte{byte(v>>8) + 128} }), 16000),
		"24 bit":                wav(1, 1, 8000, 24, as(8000, 3, func(v int16) []byte { return []byte{0, byte(v), byte(v >> 8)} }), 48000),
		"float":                 wav(3, 1, 16000, 32, as(16000, 4, f32), 128000),
		"µ-law":                 wav(7, 1, 8000, 8, encode(tone(8000)), 16000),
		"A-law":                 wav(6, 1, 8000, 8, as(8000, 1, func(v int16) []byte { return []byte{pcmToALaw[uint16(v)>>2]} }), 16000),
		"espeak's fake length":  wav(1, 1, 22050, 16, samples16(tone(22050), 1), 0x7ffff000),
		"a stream's length":     wav(1, 1, 24000, 16, samples16(tone(24000), 1), 0xffffffff),
		"a byte more than even": wav(1, 1, 8000, 16, append(samples16(tone(8000), 1), 9), 0xffffffff),
	} {
		ulaw, err := ReadWAV(bytes.NewReader(file))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		near(t, name+": samples", int64(len(ulaw)), 2*Rate, 2)
		pcm := make([]int16, len(ulaw))
		ULawToPCM(pcm, ulaw)
		if share := ToneShare(pcm, Rate, 1000); len(share) == 0 || share[0] < 0.99 {
			t.Errorf("%s: share of 1000 Hz %v", name, share)
		}
		if db := level(ulaw[Rate/2:][:Rate]); math.Abs(db+13.3) > 0.5 { // 10000/32768, a sine
			t.Errorf("%s: %.1f dB, want -13.3", name, db)
		}
	}
}

func TestReadWAV_RefusesWhatItCannotRead(t *testing.T) {
	ok := wav(1, 1, 8000, 16, make([]byte, 100), 100)
	for name, x := range map[string]struct {
		file []byte
		err  error
	}{
		"nothing":     {nil, ErrNotWAV},
		"text":        {[]byte("hello, I am no sound file at all"), ErrNotWAV},
		"MP3 inside":  {wav(85, 1, 8000, 16, nil, 0), ErrWAVFormat},
		"no channels": {wav(1, 0, 8000, 16, nil, 0), ErrWAVFormat},
		"rate 1":      {wav(1, 1, 1, 16, nil, 0), ErrWAVFormat},
		"12 bits":     {wav(1, 1, 8000, 12, nil, 0), ErrWAVFormat},
		"cut early":   {ok[:30], ErrNotWAV},
		"no data":     {ok[:len(ok)-108], ErrNotWAV},
	} {
		if _, err := ReadWAV(bytes.NewReader(x.file)); !errors.Is(err, x.err) {
			t.Errorf("%s: %v, want %v", name, err, x.err)
		}
	}
}

func TestWriteWAV16_RoundTrip(t *testing.T) {
	want := sine(700, 12000, 16000, 1234)
	got, rate, err := ReadWAVPCM(bytes.NewReader(WriteWAV16(want, 16000)))
	if err != nil || rate != 16000 || len(got) != len(want) || got[77] != want[77] {
		t.Errorf("%d samples at %d, %v", len(got), rate, err)
	}
}

func FuzzWAV(f *testing.F) {
	f.Add(wav(1, 1, 8000, 16, make([]byte, 64), 64))
	f.Add(wav(1, 2, 44100, 16, make([]byte, 64), 0x7ffff000))
	f.Add(wav(7, 1, 8000, 8, make([]byte, 33), 0xffffffff))
	f.Add(wav(3, 1, 48000, 32, make([]byte, 64), 60))
	f.Add(wav(wavOthers, 8, 192000, 24, make([]byte, 64), 60))
	f.Fuzz(func(t *testing.T, b []byte) {
		pcm, rate, err := ReadWAVPCM(bytes.NewReader(b))
		if err != nil {
			return
		}
		if rate < minWAVRate || rate > maxWAVRate || len(pcm) > len(b) {
			t.Fatalf("%d samples at %d Hz of %d bytes", len(pcm), rate, len(b))
		}
	})
}
