package media

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// The limits of a WAV file that is read.
const (
	maxWAVBytes = 64 << 20
	minWAVRate  = 4000
	maxWAVRate  = 192000
)

// The formats of a WAV file.
const (
	wavPCM    = 1
	wavFloat  = 3
	wavALaw   = 6
	wavULaw   = 7
	wavOthers = 0xFFFE // the first two bytes of a longer name say which
)

// What is wrong with a WAV file.
var (
	ErrNotWAV    = errors.New("not a WAV file")
	ErrWAVFormat = errors.New("WAV file is in a format that is not understood: use PCM, 8 to 32 bits, float, A-law or µ-law")
	ErrWAVSize   = errors.New("WAV file is too large: 64 MB at most")
)

// ReadWAV reads a WAV file of any usual kind, mono or stereo, at 4 to 192 kHz,
// and gives it as µ-law at 8 kHz. Lengths in it that are larger than the file,
// as streams have them, are taken for "to the end".
func ReadWAV(r io.Reader) (ulaw []byte, err error) {
	pcm, rate, err := ReadWAVPCM(r)
	if err != nil {
		return nil, err
	}
	pcm = Resample(pcm, rate, Rate)
	ulaw = make([]byte, len(pcm))
	PCMToULaw(ulaw, pcm)
	return ulaw, nil
}

// ReadWAVPCM is ReadWAV, but gives the samples at their own rate. Several
// channels are made one.
func ReadWAVPCM(r io.Reader) (pcm []int16, rate int, err error) {
	b, err := io.ReadAll(io.LimitReader(r, maxWAVBytes+1))
	if err != nil {
		return nil, 0, fmt.Errorf("read WAV: %w", err)
	}
	if len(b) > maxWAVBytes {
		return nil, 0, ErrWAVSize
	}
	f, data, err := findWAV(b)
	if err != nil {
		return nil, 0, err
	}
	pcm, err = f.decode(data)
	return pcm, f.rate, err
}

// wavFormat is the "fmt " chunk.
type wavFormat struct {
	kind, channels, rate, bits int
}

// findWAV walks the chunks of a file.
func findWAV(b []byte) (f wavFormat, data []byte, err error) {
	if len(b) < 12 || string(b[:4]) != "RIFF" && string(b[:4]) != "RF64" || string(b[8:12]) != "WAVE" {
		return f, nil, ErrNotWAV
	}
	le := binary.LittleEndian
	for b = b[12:]; len(b) >= 8; {
		name, size := string(b[:4]), int64(le.Uint32(b[4:]))
		body := b[8:]
		whole := min(size, int64(len(body)))
		switch name {
		case "fmt ":
			if whole < 16 {
				return f, nil, ErrNotWAV
			}
			f = wavFormat{int(le.Uint16(body)), int(le.Uint16(body[2:])), int(le.Uint32(body[4:])), int(le.Uint16(body[14:]))}
			if f.kind == wavOthers && whole >= 26 {
				f.kind = int(le.Uint16(body[24:]))
			}
		case "data":
			if f.kind == 0 {
				return f, nil, ErrNotWAV
			}
			return f, body[:whole], f.check()
		}
		b = body[min(int64(len(body)), size+size&1):]
	}
	return f, nil, ErrNotWAV
}

func (f wavFormat) check() error {
	ok := f.channels >= 1 && f.channels <= 8 && f.rate >= minWAVRate && f.rate <= maxWAVRate
	switch f.kind {
	case wavPCM:
		ok = ok && (f.bits == 8 || f.bits == 16 || f.bits == 24 || f.bits == 32)
	case wavFloat:
		ok = ok && f.bits == 32
	case wavALaw, wavULaw:
		ok = ok && f.bits == 8
	default:
		ok = false
	}
	if !ok {
		return ErrWAVFormat
	}
	return nil
}

// decode makes samples of the data, the channels' mean.
func (f wavFormat) decode(data []byte) ([]int16, error) {
	width := f.bits / 8
	pcm := make([]int16, len(data)/(width*f.channels))
	for i := range pcm {
		sum := 0
		for range f.channels {
			sum += f.sample(data)
			data = data[width:]
		}
		pcm[i] = int16(sum / f.channels)
	}
	return pcm, nil
}

func (f wavFormat) sample(b []byte) int {
	le := binary.LittleEndian
	switch {
	case f.kind == wavULaw:
		return int(ulawToPCM[b[0]])
	case f.kind == wavALaw:
		return int(alawToPCM[b[0]])
	case f.kind == wavFloat:
		v := float64(math.Float32frombits(le.Uint32(b)))
		if v != v {
			return 0
		}
		return int(math.Max(-1, math.Min(1, v)) * 32767)
	case f.bits == 8:
		return (int(b[0]) - 128) << 8
	case f.bits == 16:
		return int(int16(le.Uint16(b)))
	case f.bits == 24:
		return int(int16(le.Uint16(b[1:])))
	}
	return int(int16(le.Uint16(b[2:])))
}

const wavHeaderSize = 44

// putWAVHeader writes the header of a file with 16-bit samples.
func putWAVHeader(b []byte, rate, channels int, data uint32) {
	le := binary.LittleEndian
	copy(b, "RIFF")
	le.PutUint32(b[4:], data+wavHeaderSize-8)
	copy(b[8:], "WAVEfmt ")
	le.PutUint32(b[16:], 16)
	le.PutUint16(b[20:], wavPCM)
	le.PutUint16(b[22:], uint16(channels))
	le.PutUint32(b[24:], uint32(rate))
	le.PutUint32(b[28:], uint32(rate*channels*2))
	le.PutUint16(b[32:], uint16(channels*2))
	le.PutUint16(b[34:], 16)
	copy(b[36:], "data")
	le.PutUint32(b[40:], data)
}

// WriteWAV16 makes a WAV file of 16-bit mono samples.
func WriteWAV16(pcm []int16, rate int) []byte {
	b := make([]byte, wavHeaderSize+2*len(pcm))
	putWAVHeader(b, rate, 1, uint32(2*len(pcm)))
	for i, v := range pcm {
		binary.LittleEndian.PutUint16(b[wavHeaderSize+2*i:], uint16(v))
	}
	return b
}

// WriteWAVULaw makes a WAV file of µ-law at 8 kHz, 16-bit for any player.
func WriteWAVULaw(ulaw []byte) []byte {
	pcm := make([]int16, len(ulaw))
	ULawToPCM(pcm, ulaw)
	return WriteWAV16(pcm, Rate)
}
