package voice

import (
	"context"

	"github.com/parleyhq/parley/desk"
)

// Ear understands what was said. wav is 16-bit mono, 16 kHz, one utterance of
// at most 15 s. An empty text is silence or noise.
type Ear interface {
	Hear(ctx context.Context, wav []byte, lang desk.Lang) (text string, err error)
}

// Mouth says one sentence. It returns G.711 µ-law at 8 kHz. The text is as it
// is to be said: numbers are words already.
type Mouth interface {
	Say(ctx context.Context, sentence string, lang desk.Lang) (ulaw []byte, err error)
}

// Speaker turns a message into what is said: sentences in order, with numbers,
// dates, money and codes spoken properly, and without what only eyes can use.
type Speaker interface {
	Sentences(c desk.Content, lang desk.Lang, o Saying) []string
}

// Saying says how a message is spoken.
type Saying struct {
	Keys  bool // say which keys choose
	Words bool // say that words are understood, too
	Short bool // a repeat: only the question and its choices
	Page  bool // the caller has the page open: choices may be read there
}
