package media

import "time"

// Source is audio to play. Next fills dst, 160 bytes of µ-law; false says that
// it has ended, and dst is not used. It is called every 20 ms by one goroutine
// at a time and must not block. A Source belongs to one line.
type Source interface {
	Next(dst []byte) bool
}

type clip struct{ rest []byte }

// Clip plays µ-law once. The bytes are shared, never changed: any number of
// calls may play the same ones.
func Clip(ulaw []byte) Source { return &clip{rest: ulaw} }

func (c *clip) Next(dst []byte) bool {
	if len(c.rest) == 0 {
		return false
	}
	n := copy(dst, c.rest)
	c.rest = c.rest[n:]
	fillQuiet(dst[n:])
	return true
}

type loop struct {
	ulaw []byte
	at   int
}

// Loop plays µ-law again and again, without a seam. The bytes are shared.
func Loop(ulaw []byte) Source { return &loop{ulaw: ulaw} }

func (l *loop) Next(dst []byte) bool {
	if len(l.ulaw) == 0 {
		return false
	}
	for n := 0; n < len(dst); {
		k := copy(dst[n:], l.ulaw[l.at:])
		n, l.at = n+k, (l.at+k)%len(l.ulaw)
	}
	return true
}

type repeat struct {
	make func() Source
	now  Source
}

// Repeat plays what make makes, and then what it makes next, until that is nil
// or empty.
func Repeat(make func() Source) Source { return &repeat{make: make} }

func (r *repeat) Next(dst []byte) bool {
	if r.now != nil && r.now.Next(dst) {
		return true
	}
	r.now = r.make()
	return r.now != nil && r.now.Next(dst)
}

type sequence struct{ rest []Source }

// Sequence plays one after the other.
func Sequence(sources ...Source) Source { return &sequence{rest: sources} }

func (s *sequence) Next(dst []byte) bool {
	for len(s.rest) > 0 {
		if s.rest[0].Next(dst) {
			return true
		}
		s.rest = s.rest[1:]
	}
	return false
}

type silence struct{ left int64 }

// Silence plays nothing for d, in whole frames.
func Silence(d time.Duration) Source { return &silence{left: samplesOf(d)} }

func (s *silence) Next(dst []byte) bool {
	if s.left <= 0 {
		return false
	}
	s.left -= Frame
	fillQuiet(dst)
	return true
}

func samplesOf(d time.Duration) int64 { return int64(d) * Rate / int64(time.Second) }

// Duration is how long so many samples last.
func Duration(samples int64) time.Duration {
	return time.Duration(samples) * (time.Second / Rate)
}
