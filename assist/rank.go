package assist

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/kb"
)

// What is suggested, and when it is better to say nothing.
const (
	most      = 3    // suggestions for one message
	least     = 0.5  // how likely it must be that one of what is shown is what fits
	plausible = 0.3  // of an article or a canned reply beside a better one
	possible  = 0.01 // of past replies, of which one at most can be right
	alike     = 0.8  // two texts more similar than this are one suggestion
	wanted    = 12   // candidates that each source is asked for
)

// Ranker chooses replies from all that there is. What is nil is not looked at.
type Ranker struct {
	Library Library // articles
	Memory  *Memory // what agents answered before
	Tally   *Tally  // what became of suggestions
	shelf   *shelf  // canned replies
}

// Moment is what a reply is wanted for.
type Moment struct {
	Question   kb.Question // the customer's words
	Situation  Situation
	Values     map[string]string // of variables, by name
	NoArticles bool              // no article is what he wants
}

// Choose gives up to three replies, best first, or none when it is likelier
// than not that none of them fits. Suggestions come without ids.
func (r Ranker) Choose(ctx context.Context, m Moment) ([]Suggestion, error) {
	candidates, err := r.gather(ctx, m)
	if err != nil {
		return nil, err
	}
	return pick(candidates), nil
}

// Rank gives the n likeliest replies, best first, however unlikely they are: for
// who asks for them.
func (r Ranker) Rank(ctx context.Context, m Moment, n int) ([]Suggestion, error) {
	candidates, err := r.gather(ctx, m)
	if err != nil {
		return nil, err
	}
	out := make([]Suggestion, 0, n)
	for _, c := range candidates[:min(len(candidates), n)] {
		out = append(out, c.Suggestion)
	}
	return out, nil
}

// candidate is a reply that may be suggested.
type candidate struct {
	Suggestion
	learnt bool // of those that are, one at most fits
}

// gather finds candidates and how likely each fits. A canned reply or an
// article that agents also used in such situations is likelier by both.
func (r Ranker) gather(ctx context.Context, m Moment) ([]candidate, error) {
	before := map[string]Recalled{}
	recalled := r.Memory.Recall(m.Situation, m.Question.Now, wanted)
	for _, x := range recalled {
		before[x.Key] = x
	}
	var out []candidate
	add := func(key string, s Suggestion, learnt bool) {
		s.key, s.where = key, m.Situation.Kind()
		s.Confidence = r.Tally.Adjust(key, s.where, s.Confidence, m.Question.Now)
		out = append(out, candidate{s, learnt})
	}
	both := func(key string, confidence float64) float64 {
		x := before[key]
		delete(before, key)
		return 1 - (1-confidence)*(1-x.Confidence)
	}
	for _, f := range r.shelf.find(m.Question, plausible) {
		if text, ok := fill(f.reply.Text.In(f.lang), m.Values); ok {
			key := cannedKey(f.reply.ID)
			add(key, Suggestion{Kind: FromCanned, Text: text, Lang: f.lang, Title: f.reply.Title.In(f.lang), CannedID: f.reply.ID, Confidence: both(key, f.confidence)}, false)
		}
	}
	if !m.NoArticles && r.Library != nil {
		answers, err := r.Library.Replies(ctx, m.Question, plausible)
		if err != nil {
			return nil, fmt.Errorf("search articles: %w", err)
		}
		for _, a := range answers {
			key := articleKey(a.Source.ArticleID)
			s := Suggestion{Kind: FromArticle, Text: a.Text, Lang: a.Lang, Title: a.Source.Title, Source: &a.Source, Confidence: both(key, a.Confidence)}
			s.Internal = len(a.Passages) > 0 && a.Passages[0].Audience == kb.Agents
			add(key, s, false)
		}
	}
	for _, x := range recalled {
		if _, still := before[x.Key]; !still {
			continue
		}
		if s, ok := r.suggestion(x, m); ok {
			add(x.Key, s, x.Learnt)
		}
	}
	slices.SortStableFunc(out, func(a, b candidate) int { return cmp.Compare(b.Confidence, a.Confidence) })
	return speaking(out, m.Situation.Lang), nil
}

// speaking leaves out what is in another language than the customer's, when
// there is something plausible in his.
func speaking(list []candidate, lang desk.Lang) []candidate {
	other := func(c candidate) bool { return lang != "" && c.Lang != "" && c.Lang != lang }
	if !slices.ContainsFunc(list, func(c candidate) bool { return !other(c) && c.Confidence >= plausible }) {
		return list
	}
	return slices.DeleteFunc(list, other)
}

// suggestion makes one of what agents answered before: a canned reply that was
// sent then, or their own words.
func (r Ranker) suggestion(x Recalled, m Moment) (Suggestion, bool) {
	if id, ok := strings.CutPrefix(x.Key, cannedPrefix); ok {
		if r.shelf == nil {
			return Suggestion{}, false
		}
		c, ok := r.shelf.byID[desk.ID(id)]
		if !ok || c.Playbook != "" && c.Playbook != m.Situation.Playbook {
			return Suggestion{}, false
		}
		lang := m.Situation.Lang
		if _, has := c.Text[lang]; !has && c.Text[""] == "" {
			lang = c.Text.Langs()[0] // the other one: a reply is in at least one
		}
		text, ok := fill(c.Text.In(lang), m.Values)
		return Suggestion{Kind: FromCanned, Text: text, Lang: lang, Title: c.Title.In(lang), CannedID: c.ID, Confidence: x.Confidence}, ok
	}
	if strings.HasPrefix(x.Key, articlePrefix) {
		return Suggestion{}, false // the article says itself where it fits
	}
	text, ok := fill(x.Text, m.Values)
	return Suggestion{Kind: FromPast, Text: text, Lang: x.Lang, Title: firstWords(text), Times: x.Count, Confidence: x.Confidence}, ok
}

// The keys under which the ledger and the memory know what a suggestion was
// made of.
const (
	cannedPrefix   = "canned:"
	articlePrefix  = "article:"
	externalPrefix = "external:"
)

func cannedKey(id desk.ID) string  { return cannedPrefix + string(id) }
func articleKey(id desk.ID) string { return articlePrefix + string(id) }

// pick keeps the few candidates that are worth reading, best first.
func pick(list []candidate) []Suggestion {
	var out []Suggestion
	chance, learnt := 1.0, 0.0 // that none of the found ones fits; that one of the learnt ones does
	for _, c := range list {
		if len(out) == most {
			break
		}
		if c.learnt && c.Confidence < possible || !c.learnt && len(out) > 0 && c.Confidence < plausible {
			continue
		}
		if slices.ContainsFunc(out, func(o Suggestion) bool { return Similarity(o.Text, c.Text) >= alike }) {
			continue
		}
		if c.learnt {
			learnt += c.Confidence
		} else if c.Confidence >= least || len(out) > 0 {
			chance *= 1 - c.Confidence
		} else {
			continue // alone it is a guess
		}
		out = append(out, c.Suggestion)
	}
	if 1-chance*(1-math.Min(learnt, 1)) < least {
		return nil
	}
	return out
}

const titleLength = 60 // characters

// firstWords is the start of a text, on one line.
func firstWords(text string) string {
	r := []rune(strings.Join(strings.Fields(text), " "))
	if len(r) <= titleLength {
		return string(r)
	}
	return strings.TrimRight(string(r[:titleLength-1]), " ") + "…"
}
