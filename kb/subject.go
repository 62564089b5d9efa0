package kb

import (
	"math"
	"slices"
)

// subject is what articles are about: those with the same title, such as the
// questions about one hotel.
type subject struct {
	title   bag
	entries []uint32 // numbers of its articles
}

// subjects finds which of them were spoken of.
type subjects struct {
	all   map[string]*subject // by the words of the title
	words map[string][]*subject
}

func newSubjects() subjects {
	return subjects{all: map[string]*subject{}, words: map[string][]*subject{}}
}

func (b bag) key() string {
	n := 0
	for _, t := range b {
		n += len(t.text) + 1
	}
	key := make([]byte, 0, n)
	for _, t := range b {
		key = append(append(key, t.text...), ' ')
	}
	return string(key)
}

func (l *subjects) add(title bag, no uint32) *subject {
	key := title.key()
	s := l.all[key]
	if s == nil {
		s = &subject{title: title}
		l.all[key] = s
		for _, t := range title {
			l.words[t.text] = append(l.words[t.text], s)
		}
	}
	s.entries = append(s.entries, no)
	return s
}

func (l *subjects) remove(s *subject, no uint32) {
	if i := slices.Index(s.entries, no); i >= 0 {
		s.entries = slices.Delete(s.entries, i, i+1)
	}
	if len(s.entries) > 0 {
		return
	}
	delete(l.all, s.title.key())
	for _, t := range s.title {
		list := l.words[t.text]
		if i := slices.Index(list, s); i >= 0 {
			list = slices.Delete(list, i, i+1)
		}
		if l.words[t.text] = list; len(list) == 0 {
			delete(l.words, t.text)
		}
	}
}

// idf is how much a word tells one subject from the others.
func (l *subjects) idf(word string) float64 {
	return math.Log(1 + float64(len(l.all))/float64(max(len(l.words[word]), 1)))
}

// Bounds on what is looked at for one question.
const (
	commonName   = 400 // a word that more subjects share names none of them
	leastSaid    = 0.5 // share of a name that must be said in one turn to mean it
	shareSubject = 2   // articles that make a title the name of something
	shareName    = 4   // articles that make it a name that is no part of what is asked
)

// said tells which subjects were spoken of, from 0 to 1: how much of the name
// was said in one turn, the later the more.
func (l *subjects) said(turns []named) map[*subject]float64 {
	out := map[*subject]float64{}
	for _, turn := range turns {
		have := map[*subject]float64{}
		for _, t := range turn.words {
			if list := l.words[t.text]; len(list) <= commonName {
				w := l.idf(t.text) * float64(t.weight)
				for _, s := range list {
					have[s] += w
				}
			}
		}
		for s, sum := range have {
			if share := sum / l.weight(s); share > leastSaid {
				out[s] = max(out[s], min(share, 1)*turn.weight)
			}
		}
	}
	return out
}

// meant tells how much of a subject's name was said in one turn, and how much
// that is, the later the more, beside the subject most spoken of.
func (s *shard) meant(q query, about *subject) (said, late float64) {
	turns, spoken := q.names, q.spoken[s]
	if len(turns) == 0 {
		turns = []named{{q.words, 1}}
		spoken = s.subjects.said(turns)
	}
	if spoken[about] == 0 {
		return 0, 0
	}
	most := 0.0
	for _, share := range spoken {
		most = max(most, share)
	}
	return s.subjects.share(turns, about), spoken[about] / most
}

// share is the largest share of a subject's name that one of the turns has.
func (l *subjects) share(turns []named, about *subject) float64 {
	most := 0.0
	for _, turn := range turns {
		sum := 0.0
		for _, t := range about.title {
			if i := turn.words.find(t.text); i >= 0 {
				sum += l.idf(t.text) * float64(turn.words[i].weight)
			}
		}
		most = max(most, min(1, sum/l.weight(about)))
	}
	return most
}

func (l *subjects) weight(s *subject) float64 {
	all := 0.0
	for _, t := range s.title {
		all += l.idf(t.text) * float64(t.weight)
	}
	return all
}
