package kb

import (
	"context"
	"errors"
	"strings"

	"github.com/parleyhq/parley/desk"
)

// Search finds the articles that may answer q, best first, each once and in
// the asked language where there is one. Nothing found is no error.
func (l *Library) Search(ctx context.Context, q Question) ([]Hit, error) {
	q = l.ready(q)
	hits, _, _ := l.look(ctx, q)
	return hits, ctx.Err()
}

// Answer gives the part of the best article that answers q. It is not ok when
// the knowledge base does not know; Passages then still has what came nearest.
func (l *Library) Answer(ctx context.Context, q Question) (answer Answer, ok bool, err error) {
	q = l.ready(q)
	if q.Article != "" {
		a, ok := l.Index.bySlug(q)
		if !ok {
			return Answer{}, false, nil
		}
		text := clip(a.Body)
		place := placeOf(&entry{article: a, passages: passages(a.Body)}, 0, text)
		return Answer{Text: text, Place: place, Lang: a.Lang, Source: a.source(), Confidence: 1}, true, nil
	}
	hits, found := l.lookHard(ctx, q)
	if err := ctx.Err(); err != nil {
		return Answer{}, false, err
	}
	answer.Passages = hits
	if len(hits) == 0 {
		return answer, false, nil
	}
	for i := range hits {
		hits[i].Confidence = found.proof[i].unseen()
	}
	first := found.first(hits)
	answer.Confidence, answer.DidYouMean = hits[first].Confidence, hits[0].DidYouMean
	if answer.Confidence < sure {
		return answer, false, nil
	}
	answer.Text, answer.Place = l.Index.extract(found, first)
	answer.Lang, answer.Source = hits[first].Lang, hits[first].Source
	return answer, true, nil
}

// Replies finds up to q.Limit answers, best first, each with its confidence
// and the part that answers as its text. What is less sure than least is left
// out.
func (l *Library) Replies(ctx context.Context, q Question, least float64) ([]Answer, error) {
	q = l.ready(q)
	hits, found := l.lookHard(ctx, q)
	var out []Answer
	for i, h := range hits {
		if h.Confidence >= least {
			text, place := l.Index.extract(found, i)
			out = append(out, Answer{Text: text, Place: place, Lang: h.Lang, Source: h.Source, Confidence: h.Confidence, DidYouMean: h.DidYouMean, Passages: hits[i : i+1]})
		}
	}
	return out, ctx.Err()
}

// lookHard looks for the whole of what was said and, when that is several
// sentences and not surely answered, for each of them: a question often comes
// with a greeting before and a story around it. What is surest counts.
func (l *Library) lookHard(ctx context.Context, q Question) ([]Hit, *looked) {
	hits, _, found := l.look(ctx, q)
	parts := Sentences(q.Text)
	if len(parts) < 2 || len(hits) > 0 && hits[0].Confidence >= sure {
		return hits, found
	}
	for _, part := range likeliest(parts) {
		one := q
		one.Text, one.words = part, length(q.Text)
		h, _, f := l.look(ctx, one)
		if len(h) > 0 && (len(hits) == 0 || h[0].Confidence > hits[0].Confidence) {
			hits, found = h, f
		}
	}
	return hits, found
}

const (
	maxSentences = 3 // looked at one by one
	leastWords   = 3 // of a sentence that can be a question by itself
)

// likeliest picks the sentences that are most likely the question: those that
// end as one, then the last ones.
func likeliest(sentences []string) []string {
	var out, rest []string
	for i := len(sentences) - 1; i >= 0; i-- {
		s := strings.TrimSpace(sentences[i])
		switch {
		case length(s) < leastWords:
		case strings.HasSuffix(s, "?"), strings.HasSuffix(s, "？"):
			out = append(out, s)
		default:
			rest = append(rest, s)
		}
	}
	out = append(out, rest...)
	return out[:min(len(out), maxSentences)]
}

func (l *Library) ready(q Question) Question {
	if q.Now.IsZero() {
		q.Now = l.now()
	}
	return q.ready()
}

// code is the stable word of a known error.
func code(err error) string {
	var e *desk.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}
