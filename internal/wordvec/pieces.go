package wordvec

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// pieces is what texts are cut into: words, syllables, letters, each with the
// logarithm of how common it is. A space is written as the sign ▁ (U+2581).
type pieces struct {
	index   map[string]int32
	score   []float32
	longest int // bytes
}

// space stands for a blank, as in the list.
const space = "▁"

// readAtMost is how many bytes of a text are read.
const readAtMost = 4000

// never is worse than any way to cut a text; unknownScore is the cost of a sign
// that no piece has.
const (
	never        = -1e9
	unknownScore = -30
)

// way is the best one to cut a text up to a byte.
type way struct {
	score float32
	from  int32
	id    int32
}

// split cuts a text into the commonest pieces that make it (a unigram language
// model; Kudo 2018). Signs that none has are one 0 for each run of them.
func (p *pieces) split(text string, s *scratch) []int32 {
	b := spell(s.spell[:0], text)
	s.spell = b
	ways := grow(&s.ways, len(b)+1)
	for i := range ways {
		ways[i] = way{score: never}
	}
	ways[0].score = 0
	for i := 0; i < len(b); {
		_, size := utf8.DecodeRune(b[i:])
		here := ways[i].score
		for j := i + size; j <= len(b) && j-i <= p.longest; {
			if id, ok := p.index[string(b[i:j])]; ok {
				if at := here + p.score[id]; at > ways[j].score {
					ways[j] = way{at, int32(i), id}
				}
			}
			if j == len(b) {
				break
			}
			_, n := utf8.DecodeRune(b[j:])
			j += n
		}
		if at := here + unknownScore; at > ways[i+size].score {
			ways[i+size] = way{at, int32(i), 0}
		}
		i += size
	}
	ids := s.ids[:0]
	for i := len(b); i > 0; i = int(ways[i].from) {
		if last := len(ids) - 1; ways[i].id != 0 || last < 0 || ids[last] != 0 {
			ids = append(ids, ways[i].id)
		}
	}
	s.ids = ids
	slices.Reverse(ids)
	return ids
}

// inEnglish says whether most letters of a text are a to z.
func inEnglish(text string) bool {
	ours, others := 0, 0
	for _, r := range text[:min(len(text), readAtMost)] {
		switch {
		case r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z':
			ours++
		case unicode.IsLetter(r):
			others++
		}
	}
	return ours > others
}

// spell writes a text as the pieces do: lower case, each blank one sign, one
// before the first word.
func spell(b []byte, text string) []byte {
	blank := true
	for _, r := range text[:min(len(text), readAtMost)] {
		if unicode.IsSpace(r) || r == utf8.RuneError || unicode.IsControl(r) {
			blank = true
			continue
		}
		if blank {
			b = append(b, space...)
			blank = false
		}
		if strings.ContainsRune("’‘", r) {
			r = '\''
		}
		b = utf8.AppendRune(b, unicode.ToLower(r))
	}
	return b
}
