package kb

import (
	"strings"
	"unicode/utf8"
)

// The length of an extract, in characters: what is shorter is shown whole,
// what is longer is narrowed down to about this.
const extractSize = 420

// extract takes out of an article what answers the question: the best
// passage, and of a long one the blocks or sentences about it.
func extract(q query, c found) string {
	e := c.entry
	if utf8.RuneCountInString(e.article.Body) <= extractSize && len(e.passages) <= 2 {
		return clip(e.article.Body)
	}
	part := max(c.part, 0)
	if len(e.passages) == 0 {
		return clip(e.article.Body)
	}
	text := e.passages[part].Text
	if utf8.RuneCountInString(text) <= extractSize {
		return clip(text)
	}
	weigh := func(s string) float64 {
		have := count(words(plain(s)))
		sum := 0.0
		for _, t := range q.words {
			if have.has(t.text) {
				sum += float64(t.weight) * c.shard.body.idf(t.text)
			}
		}
		return sum
	}
	return clip(narrow(units(text), weigh))
}

// unit is a piece of a passage that is shown whole or not at all. Glued ones
// belong to what stands before them.
type unit struct {
	text  string
	glue  string // put between it and the one before
	leads bool   // it announces what follows: "You need:"
}

// units cuts a passage: lists and tables stay whole, paragraphs come apart
// into sentences.
func units(text string) []unit {
	var out []unit
	for _, b := range blocks(text) {
		glue := "\n\n"
		if isList(b) || strings.HasPrefix(b, "```") {
			out = append(out, unit{text: b, glue: glue})
			continue
		}
		for _, s := range Sentences(b) {
			trimmed := strings.TrimRight(s, " \n")
			out = append(out, unit{text: trimmed, glue: glue, leads: strings.HasSuffix(trimmed, ":") || strings.HasSuffix(trimmed, "：")})
			glue = s[len(trimmed):]
		}
	}
	return out
}

// narrow picks the run of units, about extractSize long, that weighs most; of
// two that weigh the same the shorter, then the earlier. What is announced
// comes with its announcement.
func narrow(list []unit, weigh func(string) float64) string {
	weights, sizes := make([]float64, len(list)), make([]int, len(list))
	for i, u := range list {
		weights[i], sizes[i] = weigh(u.text), utf8.RuneCountInString(u.text)
	}
	from, to, most := 0, 1, -1.0
	for i := range list {
		sum, size := 0.0, 0
		for j := i; j < len(list); j++ {
			size += sizes[j]
			if size > extractSize && j > i {
				break
			}
			sum += weights[j]
			if value := sum - 0.002*float64(size); value > most {
				from, to, most = i, j+1, value
			}
		}
	}
	if from > 0 && list[from-1].leads {
		from--
	}
	if list[to-1].leads && to < len(list) {
		to++
	}
	// A sentence by itself says less than with the next one beside it.
	for to < len(list) && size(sizes[from:to])+sizes[to] <= extractSize/2 {
		to++
	}
	var b strings.Builder
	for i, u := range list[from:to] {
		if i > 0 {
			b.WriteString(u.glue)
		}
		b.WriteString(u.text)
	}
	return b.String()
}

func size(list []int) int {
	sum := 0
	for _, n := range list {
		sum += n
	}
	return sum
}

// clip bounds a text to MaxAnswer, at the end of a block, else of a sentence,
// else anywhere with an ellipsis.
func clip(text string) string {
	text = strings.TrimSpace(text)
	if utf8.RuneCountInString(text) <= MaxAnswer {
		return text
	}
	var b strings.Builder
	n := 0
	for _, u := range units(text) {
		m := utf8.RuneCountInString(u.glue + u.text)
		if n+m > MaxAnswer {
			break
		}
		if n > 0 {
			b.WriteString(u.glue)
		}
		b.WriteString(u.text)
		n += m
	}
	if n > 0 {
		return b.String()
	}
	return string([]rune(text)[:MaxAnswer-1]) + "…"
}
