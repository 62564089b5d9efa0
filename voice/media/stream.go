package media

import "sync"

// Stream is a Source that others add sentences to while it plays. Between
// sentences that have not come yet there is silence. It knows what was really
// played, which is what a listener who interrupts has heard. It is safe for
// concurrent use.
type Stream struct {
	mu        sync.Mutex // guards all
	sentences []sentence
	playing   int // index
	at        int // within it
	starved   int64
	finished  bool
}

type sentence struct {
	text string
	ulaw []byte
	done bool // all of it has come
}

// Heard is how much of a sentence was played.
type Heard struct {
	Text            string
	Samples, Length int64 // played so far; that there are so far
}

// NewStream makes an empty stream.
func NewStream() *Stream { return &Stream{} }

// Append adds a whole sentence. The bytes are kept, not changed.
func (s *Stream) Append(text string, ulaw []byte) { s.add(text, ulaw, true) }

// Begin adds a sentence whose audio comes in pieces, by Write.
func (s *Stream) Begin(text string) { s.add(text, nil, false) }

func (s *Stream) add(text string, ulaw []byte, done bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.finished {
		return
	}
	if n := len(s.sentences); n > 0 {
		s.sentences[n-1].done = true
	}
	s.sentences = append(s.sentences, sentence{text: text, ulaw: ulaw[:len(ulaw):len(ulaw)], done: done})
}

// Write adds audio to the sentence begun last. It is lost when there is none.
func (s *Stream) Write(ulaw []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.sentences); n > 0 && !s.finished && !s.sentences[n-1].done {
		s.sentences[n-1].ulaw = append(s.sentences[n-1].ulaw, ulaw...)
	}
}

// Finish says that nothing follows: the stream ends when all is played.
func (s *Stream) Finish() {
	s.mu.Lock()
	s.finished = true
	s.mu.Unlock()
}

// Next plays on. One sentence follows another within the frame.
func (s *Stream) Next(dst []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for n < len(dst) && s.playing < len(s.sentences) {
		now := &s.sentences[s.playing]
		k := copy(dst[n:], now.ulaw[s.at:])
		n, s.at = n+k, s.at+k
		if s.at < len(now.ulaw) {
			break
		}
		if !now.done && !s.finished {
			break // the rest of it is to come
		}
		s.playing, s.at = s.playing+1, 0
	}
	if n == 0 && s.finished && s.playing == len(s.sentences) {
		return false
	}
	fillQuiet(dst[n:])
	s.starved += int64(len(dst) - n)
	return true
}

// Heard is what was played of each sentence, in order, those not begun too.
func (s *Stream) Heard() []Heard {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Heard, len(s.sentences))
	for i, x := range s.sentences {
		out[i] = Heard{Text: x.text, Length: int64(len(x.ulaw))}
		switch {
		case i < s.playing:
			out[i].Samples = out[i].Length
		case i == s.playing:
			out[i].Samples = int64(s.at)
		}
	}
	return out
}

// Starved is how many samples of silence were played for want of audio.
func (s *Stream) Starved() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.starved
}
