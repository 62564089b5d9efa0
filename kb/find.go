package kb

import (
	"time"
	"unicode"

	"github.com/parleyhq/parley/desk"
)

// ready fills in what a question leaves open.
func (q Question) ready() Question {
	if q.Audience == "" {
		q.Audience = Customers
	}
	if q.Limit <= 0 {
		q.Limit = 5
	}
	q.Limit = min(q.Limit, 50)
	if q.Now.IsZero() {
		q.Now = time.Now()
	}
	if len(q.Text) > maxQuestionBytes {
		q.Text = q.Text[:maxQuestionBytes]
	}
	q.Lang = LangOf(q.Text, q.Lang)
	return q
}

// maxQuestionBytes bounds what is looked up: more says no more.
const maxQuestionBytes = 4000

// LangOf is the language a text is written in, when the writing tells;
// otherwise known. A lone Latin word may be a name in any language.
func LangOf(text string, known desk.Lang) desk.Lang {
	han, latin := 0, 0
	inWord := false
	for _, r := range text {
		switch {
		case isHan(r):
			han, inWord = han+1, false
		case unicode.IsLetter(r):
			if !inWord {
				latin++
			}
			inWord = true
		case r != '\'' && r != '’':
			inWord = false
		}
	}
	switch {
	case han > latin:
		return desk.Chinese
	case han == 0 && latin > 1:
		return desk.English
	case known == "":
		return desk.English
	}
	return known
}

// Search finds what is in the index by words alone, best first.
func (x *Index) Search(q Question) []Hit {
	hits, _, _ := x.look(q.ready(), nil)
	return hits
}

// look searches and judges. vector is the question's embedding, or nil.
func (x *Index) look(q Question, vector []float32) ([]Hit, []evidence, *looked) {
	return x.lookUp(newQuery(q, vector))
}

func (x *Index) lookUp(ready query) ([]Hit, []evidence, *looked) {
	list := x.find(ready, ready.Limit)
	hits := make([]Hit, len(list))
	proof := make([]evidence, len(list))
	x.mu.RLock()
	defer x.mu.RUnlock()
	preferAsked(ready, list)
	for i, c := range list {
		proof[i] = judge(ready, list, i)
		hits[i] = c.hit()
		hits[i].Confidence = proof[i].confidence()
		if i == 0 {
			hits[i].DidYouMean = didYouMean(ready, c)
		}
	}
	return hits, proof, &looked{ready, list, proof}
}

// preferAsked moves up what is asked in nearly the same words: of two articles
// that say much about lattes, "how much is a latte?" wants the one with that
// question. The caller holds the index's lock.
func preferAsked(q query, list []found) {
	for i := range list {
		c := &list[i]
		if c.ask < len(c.entry.asks) {
			c.like = likeness(c.shard.asked, q.words, count(words(c.entry.asks[c.ask])))
			c.score += likeShare * c.like * c.like * c.like
		}
	}
	sortFound(list)
}

// looked is a search that was done, for what is wanted of it next.
type looked struct {
	query query
	list  []found
	proof []evidence
}

// extract takes out of the i-th article found what answers, and says where in
// it that stands.
func (x *Index) extract(l *looked, i int) (string, *Place) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	text := extract(l.query, l.list[i])
	return text, placeOf(l.list[i].entry, l.list[i].part, text)
}

func (c found) hit() Hit {
	a := c.entry.article
	h := Hit{Source: a.source(), Lang: a.Lang, Audience: a.Audience, Tags: a.Tags, Score: c.score}
	if len(c.entry.passages) > 0 {
		p := c.entry.passages[max(c.part, 0)]
		h.Heading, h.Text = p.Heading, p.Text
	}
	if c.ask > 0 && c.ask < len(c.entry.asks) {
		h.Question = c.entry.asks[c.ask]
	}
	return h
}

func (a Article) source() desk.Source {
	return desk.Source{ArticleID: a.ID, Slug: a.Slug, Title: a.Title, Version: a.Version}
}
