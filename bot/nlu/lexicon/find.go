package lexicon

// How short a word may be to be looked for with a slip in it, and to be half of
// another; and how common a half must be.
const (
	shortestSlip = 4
	shortestHalf = 3
	commonHalf   = 6000
)

// find is the row of a word, or those of the two that it is made of; -1 where
// there is none.
func (m *Model) find(word []byte) (a, b int32) {
	if i, ok := m.words[string(word)]; ok {
		return i, -1
	}
	if len(word) < shortestSlip {
		return -1, -1
	}
	if i := m.slip(word); i >= 0 {
		return i, -1
	}
	for cut := len(word) - shortestHalf; cut >= shortestHalf; cut-- {
		i, ok := m.words[string(word[:cut])]
		j, ok2 := m.words[string(word[cut:])]
		if ok && ok2 && i < commonHalf && j < commonHalf {
			return i, j
		}
	}
	return -1, -1
}

// slip is a word that is one slip of the fingers away: letters that changed
// places or a double one written single before all, then any letter too many, too
// few or another one; the commonest of those.
func (m *Model) slip(word []byte) int32 {
	s := slips{m: m, best: -1}
	w := s.space[:copy(s.space[:], word)]
	for i := 0; i+1 < len(w); i++ { // changed places
		w[i], w[i+1] = w[i+1], w[i]
		s.try(w)
		w[i], w[i+1] = w[i+1], w[i]
	}
	for i, c := range word { // a double one
		s.try(append(append(append(s.space[:0], word[:i]...), c), word[i:]...))
		if i > 0 && word[i-1] == c {
			s.try(append(append(s.space[:0], word[:i]...), word[i+1:]...))
		}
	}
	if s.best >= 0 {
		return s.best
	}
	for i := range word { // too many
		s.try(append(append(s.space[:0], word[:i]...), word[i+1:]...))
	}
	w = s.space[:copy(s.space[:], word)]
	for i, was := range word { // another
		s.letters(w, i)
		w[i] = was
	}
	for i := 0; i <= len(word); i++ { // too few
		s.letters(append(append(append(s.space[:0], word[:i]...), 0), word[i:]...), i)
	}
	return s.best
}

// slips keeps the commonest word of those that are tried.
type slips struct {
	m     *Model
	best  int32
	space [longest + 1]byte // to write them in
}

func (s *slips) try(word []byte) {
	if i, ok := s.m.words[string(word)]; ok && (s.best < 0 || i < s.best) {
		s.best = i
	}
}

// letters tries every letter at a place of w.
func (s *slips) letters(w []byte, at int) {
	for c := byte('a'); c <= 'z'; c++ {
		w[at] = c
		s.try(w)
	}
}
