package kb

import (
	"strings"

	"github.com/parleyhq/parley/desk"
)

// entry is a live article in the index.
type entry struct {
	article  Article // Version is the published one
	asks     []string
	passages []passage
	subject  *subject
	asked    bag      // words of all asks
	qUnits   []uint32 // of asks: the title, then the similar questions
	pUnits   []uint32 // of passages
	slots    []uint32 // of its vectors
	texts    []int    // of which text each is
	group    *group
}

// group is the translations of one article.
type group struct{ entries []*entry }

// shard is the index of all live articles in one language. Its statistics are
// its own: what is a rare word is a matter of the language.
type shard struct {
	entries  []*entry // by number; nil: free
	numbers  map[desk.ID]uint32
	free     []uint32
	asked    *field  // words of titles and questions
	askedBy  *field  // letters of the same
	lexicon  lexicon // Latin words of asked and body
	subjects subjects
	body     *field // words of passages, with their headings and title
	qOwner   []uint32
	pOwner   []uint32
	qPlace   []uint32 // which of the owner's asks
	pPlace   []uint32
	qFree    []uint32
	pFree    []uint32
}

func newShard() *shard {
	return &shard{
		numbers:  map[desk.ID]uint32{},
		asked:    newField(1.2, 0.5),
		askedBy:  newField(1.2, 0.5),
		subjects: newSubjects(),
		lexicon:  lexicon{},
		body:     newField(1.5, 0.75),
	}
}

// prepared is an article with the work done that needs no lock.
type prepared struct {
	entry    *entry
	qWords   []bag
	qLetters []bag
	pWords   []bag
}

func prepare(a Article) prepared {
	e := &entry{article: a, asks: append([]string{a.Title}, a.Questions...), passages: passages(a.Body)}
	p := prepared{entry: e}
	for _, q := range e.asks {
		p.qWords = append(p.qWords, count(words(q)))
		p.qLetters = append(p.qLetters, count(grams(q)))
	}
	e.asked = count(words(strings.Join(e.asks, "\n")))
	for _, s := range e.passages {
		p.pWords = append(p.pWords, count(words(passageText(a.Title, s))))
	}
	return p
}

// passageText is what a passage is found by.
func passageText(title string, s passage) string {
	return title + "\n" + s.Heading + "\n" + plain(s.Text)
}

func (s *shard) add(p prepared) uint32 {
	e := p.entry
	no := take(&s.free, len(s.entries))
	if int(no) == len(s.entries) {
		s.entries = append(s.entries, nil)
	}
	s.entries[no] = e
	s.numbers[e.article.ID] = no
	e.subject = s.subjects.add(p.qWords[0], no) // the first ask is the title
	for i := range e.asks {
		u := take(&s.qFree, len(s.qOwner))
		if int(u) == len(s.qOwner) {
			s.qOwner, s.qPlace = append(s.qOwner, 0), append(s.qPlace, 0)
		}
		s.qOwner[u], s.qPlace[u] = no, uint32(i)
		e.qUnits = append(e.qUnits, u)
		s.learn(p.qWords[i])
		s.asked.add(u, p.qWords[i])
		s.askedBy.add(u, p.qLetters[i])
	}
	for i := range e.passages {
		u := take(&s.pFree, len(s.pOwner))
		if int(u) == len(s.pOwner) {
			s.pOwner, s.pPlace = append(s.pOwner, 0), append(s.pPlace, 0)
		}
		s.pOwner[u], s.pPlace[u] = no, uint32(i)
		e.pUnits = append(e.pUnits, u)
		s.learn(p.pWords[i])
		s.body.add(u, p.pWords[i])
	}
	return no
}

// remove takes an article out; nothing of it is left in any statistic.
func (s *shard) remove(id desk.ID) {
	no, ok := s.numbers[id]
	if !ok {
		return
	}
	e := s.entries[no]
	p := prepare(e.article)
	for i, u := range e.qUnits {
		s.asked.remove(u, p.qWords[i])
		s.forget(p.qWords[i])
		s.askedBy.remove(u, p.qLetters[i])
	}
	for i, u := range e.pUnits {
		s.body.remove(u, p.pWords[i])
		s.forget(p.pWords[i])
	}
	s.qFree, s.pFree = append(s.qFree, e.qUnits...), append(s.pFree, e.pUnits...)
	s.subjects.remove(e.subject, no)
	s.entries[no] = nil
	s.free = append(s.free, no)
	delete(s.numbers, id)
}

// learn takes words into the lexicon that nothing had before.
func (s *shard) learn(words bag) {
	for _, t := range words {
		if !s.knows(t.text) {
			s.lexicon.add(t.text)
		}
	}
}

// forget takes out the words that nothing has any more.
func (s *shard) forget(words bag) {
	for _, t := range words {
		if !s.knows(t.text) {
			s.lexicon.remove(t.text)
		}
	}
}

// take gives a number that was freed, or the next.
func take(free *[]uint32, next int) uint32 {
	if n := len(*free); n > 0 {
		no := (*free)[n-1]
		*free = (*free)[:n-1]
		return no
	}
	return uint32(next)
}

func groupKey(a Article) string { return a.Playbook + "\x00" + a.Slug }
