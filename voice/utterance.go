package voice

import (
	"bytes"
	"strings"
	"unicode"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice/media"
)

// The pause after a sentence, in samples.
const afterSentence = media.Rate / 5

// utterance is one thing to say: the sentences of a message, or a prompt of our
// own.
type utterance struct {
	message   desk.ID // empty: of our own; how much of it was heard is of no matter
	sentences []string
	audio     []byte // instead of sentences: an uploaded prompt
	lang      desk.Lang
}

// pause is the silence after a sentence.
var pause = bytes.Repeat([]byte{0xff}, afterSentence)

// played is the text that was heard of a stream, and whether that is all of so
// many sentences.
func played(heard []media.Heard, sentences int) (text string, all bool) {
	var said []string
	for _, h := range heard {
		text := h.Text
		if text != "" && h.Samples == h.Length {
			sentences--
		}
		if h.Samples < h.Length {
			text = part(text, float64(h.Samples)/float64(h.Length))
		}
		if text != "" && h.Samples > 0 {
			said = append(said, text)
		}
	}
	return strings.Join(said, " "), sentences <= 0
}

// part is the words of text that a share of its sound says.
func part(text string, share float64) string {
	runes := []rune(text)
	n := int(share * float64(len(runes)))
	for n > 0 && n < len(runes) && isWord(runes[n]) && isWord(runes[n-1]) {
		n--
	}
	return strings.TrimSpace(string(runes[:n]))
}

// isWord reports whether r is part of a word that has to stay whole; a Chinese
// character is a word of its own.
func isWord(r rune) bool {
	return (unicode.IsLetter(r) || unicode.IsDigit(r)) && !unicode.Is(unicode.Han, r)
}
