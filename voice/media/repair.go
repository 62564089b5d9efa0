package media

import (
	"encoding/binary"
	"fmt"
	"io"
	"os"
)

// RepairWAV makes the file of a Recorder that was not closed whole: what is in
// it counts. A file that is whole is not changed.
func RepairWAV(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("repair recording: %w", err)
	}
	defer f.Close()
	data, err := recordedBytes(f)
	if err != nil {
		return err
	}
	var old, head [wavHeaderSize]byte
	if _, err := f.ReadAt(old[:], 0); err != nil {
		return fmt.Errorf("repair recording: %w", err)
	}
	putWAVHeader(head[:], Rate, 2, uint32(data))
	if old == head {
		return nil
	}
	if err := f.Truncate(wavHeaderSize + data); err != nil {
		return fmt.Errorf("repair recording: %w", err)
	}
	if _, err := f.WriteAt(head[:], 0); err != nil {
		return fmt.Errorf("repair recording: %w", err)
	}
	return f.Sync()
}

// recordedBytes is how much audio is in the file of a Recorder, whole samples.
func recordedBytes(f *os.File) (int64, error) {
	var head [wavHeaderSize]byte
	if _, err := f.ReadAt(head[:], 0); err != nil {
		return 0, ErrNotWAV
	}
	le := binary.LittleEndian
	if string(head[:4]) != "RIFF" || string(head[8:16]) != "WAVEfmt " || string(head[36:40]) != "data" {
		return 0, ErrNotWAV
	}
	if le.Uint16(head[20:]) != wavPCM || le.Uint16(head[22:]) != 2 || le.Uint16(head[34:]) != 16 {
		return 0, ErrWAVFormat
	}
	info, err := f.Stat()
	if err != nil {
		return 0, fmt.Errorf("read recording: %w", err)
	}
	return (info.Size() - wavHeaderSize) &^ 3, nil
}

const maxPeaks = 10_000

// Peaks is the picture of a recording: for each of n equal pieces how loud the
// loudest sample of either side is, 0 to 1. It reads a file that is still
// written as far as that is. n is at most 10000.
func Peaks(path string, n int) (left, right []float32, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("read recording: %w", err)
	}
	defer f.Close()
	data, err := recordedBytes(f)
	if err != nil {
		return nil, nil, err
	}
	n = max(1, min(n, maxPeaks))
	left, right = make([]float32, n), make([]float32, n)
	samples, at := data/4, int64(0)
	r := io.NewSectionReader(f, wavHeaderSize, data)
	buf := make([]byte, 64<<10)
	for at < samples {
		k, err := io.ReadFull(r, buf[:min(int64(len(buf)), 4*(samples-at))])
		if err != nil {
			return nil, nil, fmt.Errorf("read recording: %w", err)
		}
		for b := buf[:k]; len(b) > 0; b = b[4:] {
			i := at * int64(n) / samples
			left[i] = max(left[i], loudness(b))
			right[i] = max(right[i], loudness(b[2:]))
			at++
		}
	}
	return left, right, nil
}

func loudness(b []byte) float32 {
	v := float32(int16(binary.LittleEndian.Uint16(b))) / 32768
	return max(v, -v)
}
