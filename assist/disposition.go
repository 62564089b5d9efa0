package assist

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/parleyhq/parley/desk"
)

// Proposal is how a conversation seems to have ended.
type Proposal struct {
	Key        string    `json:"key"` // one of the queue's dispositions
	Title      desk.Text `json:"title"`
	Confidence float64   `json:"confidence"` // how often such a proposal was right; 0 when nothing is known of that
	Sure       bool      `json:"sure"`       // so often that it may be chosen beforehand
}

// sureProposal is how often proposals as sure as one must have been right for it to
// be made at all.
const sureProposal = 0.8

// Propose says which of its queue's dispositions a conversation ends with: the one
// that similar conversations ended with, if in the past that would have been right
// four times in five; else, while there is no past to go by, the one whose name the
// flows and the customer use. Mostly it says nothing: nil.
func (d *Desk) Propose(ctx context.Context, conversation desk.ID) (*Proposal, error) {
	c, err := d.Conversations.Conversation(ctx, conversation)
	if err != nil {
		return nil, fmt.Errorf("propose a disposition: %w", err)
	}
	q, err := d.queue(ctx, c.Queue)
	if err != nil || len(q.Dispositions) == 0 {
		return nil, err
	}
	t, err := d.thread(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("propose a disposition: %w", err)
	}
	past, err := d.outcomes(ctx, c.Playbook)
	if err != nil {
		return nil, err
	}
	flows := d.flows(ctx, c)
	features := func(o Outcome) []string {
		f := o.features()
		if named := namedBy(q.Dispositions, flows, o); named != "" {
			f = append(f, "named:"+named)
		}
		return f
	}
	var lessons []lesson
	for _, o := range past {
		if o.Queue == string(c.Queue) && o.ConversationID != c.ID && slices.ContainsFunc(q.Dispositions, func(p desk.Disposition) bool { return p.Key == o.Disposition }) {
			lessons = append(lessons, lesson{o.Disposition, features(o)})
		}
	}
	now := outcomeOf(t)
	out := Proposal{}
	if len(lessons) >= shortestPast {
		if out.Key, out.Confidence = study(lessons).guess(features(now)); out.Confidence < sureProposal {
			return nil, nil
		}
		out.Sure = true
	} else if out.Key = namedBy(q.Dispositions, flows, now); out.Key == "" {
		return nil, nil
	}
	i := slices.IndexFunc(q.Dispositions, func(p desk.Disposition) bool { return p.Key == out.Key })
	out.Title = q.Dispositions[i].Title
	return &out, nil
}

// queue finds a queue; the zero one when it is not known.
func (d *Desk) queue(ctx context.Context, name desk.QueueName) (desk.Queue, error) {
	if d.Queues == nil || name == "" {
		return desk.Queue{}, nil
	}
	list, err := d.Queues.Queues(ctx)
	if err != nil {
		return desk.Queue{}, fmt.Errorf("read the queues: %w", err)
	}
	for _, q := range list {
		if q.Name == name {
			return q, nil
		}
	}
	return desk.Queue{}, nil
}

// namedBy is the one disposition whose name the newest flow, and then the
// customer's words, have most in common with; none when two have as much.
func namedBy(list []desk.Disposition, flows map[string]Flow, o Outcome) string {
	var flow []string
	if n := len(o.Flows); n > 0 {
		f := o.Flows[n-1]
		flow = stems(strings.ReplaceAll(f, "_", " ") + " " + flows[f].Title.In(desk.English) + " " + flows[f].Title.In(desk.Chinese))
	}
	said := stems(o.Words)
	best, top, second := "", 0, 0
	for _, p := range list {
		score := 0
		for _, s := range slices.Compact(slices.Sorted(slices.Values(stems(p.Key + " " + p.Title.In(desk.English) + " " + p.Title.In(desk.Chinese))))) {
			if slices.Contains(flow, s) {
				score += 2
			}
			if slices.Contains(said, s) {
				score++
			}
		}
		if score > top {
			best, top, second = p.Key, score, top
		} else if score > second {
			second = score
		}
	}
	if top == 0 || top == second {
		return ""
	}
	return best
}

// stems are the beginnings of the words of a text that mean something, and pairs
// of Chinese characters.
func stems(text string) []string {
	words := wordsOf(text, 80)
	var out []string
	for i, w := range words {
		switch {
		case isHan(w):
			if i > 0 && isHan(words[i-1]) {
				out = append(out, words[i-1]+w)
			}
		case utf8.RuneCountInString(w) > 3 && !slices.Contains(plainWords, w):
			if r := []rune(w); len(r) > 5 {
				w = string(r[:5])
			}
			out = append(out, w)
		}
	}
	return out
}

// plainWords are in the names of everything.
var plainWords = []string{"about", "with", "from", "question", "something", "else", "other", "want", "would", "like", "please", "have", "that", "this", "what", "where", "when", "your"}
