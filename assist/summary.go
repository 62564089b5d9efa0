package assist

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/parleyhq/parley/desk"
)

// LineKind is what a line of a summary tells.
type LineKind string

// The kinds of line, in their order.
const (
	Wants     LineKind = "wants"
	Matter    LineKind = "matter" // flows and what they know
	Tried     LineKind = "tried"
	Corrected LineKind = "corrected"
	Open      LineKind = "open"
	Mood      LineKind = "mood" // only in the customer's own words
)

// Line is one line of a summary.
type Line struct {
	Kind  LineKind `json:"kind" enum:"wants,matter,tried,corrected,open,mood"`
	Label string   `json:"label"` // what it is called, in the summary's language
	Text  string   `json:"text"`
}

// Author is who wrote a summary.
type Author string

// The authors.
const (
	ByRules Author = "rules" // of what was said and done, word for word
	ByModel Author = "model" // in a model's words: it may err
)

// Summary is what a colleague must know of a conversation, in three to six
// lines. Labels are in the language of who reads it; what the customer said is
// quoted.
type Summary struct {
	ConversationID desk.ID   `json:"conversation_id"`
	Lang           desk.Lang `json:"lang"`
	Lines          []Line    `json:"lines" nullable:"false"`
	By             Author    `json:"by" enum:"rules,model"`
	Seq            int64     `json:"seq"` // of the newest thing that it knows
	At             time.Time `json:"at"`
	Model          bool      `json:"model"` // a model could write it, or has
}

// Text is the summary as a note.
func (s Summary) Text() string {
	var b strings.Builder
	for i, l := range s.Lines {
		if i > 0 {
			b.WriteString("\n")
		}
		colon := ": "
		if s.Lang == desk.Chinese {
			colon = "："
		}
		b.WriteString(l.Label + colon + l.Text)
	}
	return b.String()
}

// Summarise sums a conversation up by rules; what a model wrote of it is given
// instead, while nothing was said or done since.
func (d *Desk) Summarise(ctx context.Context, conversation desk.ID, lang desk.Lang) (Summary, error) {
	_, s, err := d.summary(ctx, conversation, lang)
	return s, err
}

func (d *Desk) summary(ctx context.Context, conversation desk.ID, lang desk.Lang) (thread, Summary, error) {
	c, err := d.Conversations.Conversation(ctx, conversation)
	if err != nil {
		return thread{}, Summary{}, fmt.Errorf("sum up: %w", err)
	}
	t, err := d.thread(ctx, c)
	if err != nil {
		return t, Summary{}, fmt.Errorf("sum up %s: %w", conversation, err)
	}
	kept, err := d.Store.Summary(ctx, conversation, lang)
	switch {
	case err != nil && !desk.IsKind(err, desk.NotFound):
		return t, Summary{}, fmt.Errorf("find the summary: %w", err)
	case err == nil && kept.Seq == t.seq():
		kept.Model = true
		return t, kept, nil
	}
	s := Summary{ConversationID: conversation, Lang: lang, By: ByRules, Seq: t.seq(), At: d.now().UTC(), Model: d.Writer != nil}
	s.Lines = extract(t, d.flows(ctx, c), lang)
	return t, s, nil
}

// flows are the flows of a conversation's playbook. Without them a summary names
// them as their files do.
func (d *Desk) flows(ctx context.Context, c desk.Conversation) map[string]Flow {
	if d.Books == nil || c.Playbook == "" {
		return nil
	}
	out, err := d.Books.Flows(ctx, c.Playbook, c.Revision)
	if err != nil {
		d.log().WarnContext(ctx, "flows go by their names", "conversation", c.ID, "err", err)
	}
	return out
}

// extract makes the lines of a summary.
func extract(t thread, flows map[string]Flow, lang desk.Lang) []Line {
	var out []Line
	add := func(kind LineKind, parts []string) {
		if len(parts) > 0 {
			out = append(out, Line{kind, labels[kind].In(lang), capital(strings.Join(parts, semicolon(lang)))})
		}
	}
	add(Wants, wants(t, lang))
	w := follows(t, flows, lang)
	add(Matter, w.matters())
	add(Tried, w.tried())
	add(Corrected, last(w.corrected, 3))
	add(Open, w.open())
	add(Mood, mood(t))
	return out
}

func wants(t thread, lang desk.Lang) []string {
	list := t.requests()
	for _, m := range list {
		if len(wordsOf(m.Content.Text, 3)) > 2 { // not just "hello"
			return []string{quoted(m.Content.Text)}
		}
	}
	switch {
	case len(list) > 0:
		return []string{quoted(list[0].Content.Text)}
	case t.conversation.HandOver != nil && t.conversation.HandOver.Wants != "":
		return []string{short(t.conversation.HandOver.Wants, maxQuote)}
	}
	return []string{sayPerson.In(lang)}
}

func mood(t thread) []string {
	list := t.requests()
	for i := len(list) - 1; i >= 0; i-- {
		if s, ok := cross(list[i].Content.Text); ok {
			return []string{quoted(s)}
		}
	}
	return nil
}

func last[T any](list []T, n int) []T { return list[max(0, len(list)-n):] }
