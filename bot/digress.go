package bot

import (
	"regexp"
	"strings"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/kb"
)

// maxContext is how many of the customer's earlier words go with a question.
const maxContext = 4

// digress answers a question; the flow that stands goes on where it was.
func (r *run) digress(question string) error {
	if question == "" {
		question = r.text
	}
	answered, err := r.answer(question)
	if err != nil {
		return err
	}
	switch {
	case answered:
	case r.active() == nil:
		r.steer(nil, "no_answer")
		return nil
	default:
		r.mark(desk.Mark{Kind: desk.MarkSteered, Value: "no_answer"})
		r.leadWith("no_answer")
		r.human = true
	}
	r.backTo()
	return nil
}

// answer says what the knowledge base knows, if it does. While something
// sensitive is asked for, words with digits in them, which may be it, are not
// looked up: the search may leave the process.
func (r *run) answer(question string) (bool, error) {
	if s, ok := r.askedSlot(); ok && s.Sensitive && strings.ContainsAny(question, "0123456789") {
		return false, nil
	}
	return r.lookUp(kb.Question{Text: cut(question, maxText), Context: r.context()})
}

// article reads an article out.
func (r *run) article(slug string) error {
	ok, err := r.lookUp(kb.Question{Article: slug})
	if err == nil && !ok {
		r.leadWith("no_answer")
	}
	return err
}

func (r *run) lookUp(q kb.Question) (bool, error) {
	if r.bot.kb == nil {
		return false, nil
	}
	q.Lang, q.Audience, q.Playbook, q.Now = r.lang, kb.Customers, r.turn.Conversation.Playbook, r.turn.Now
	a, ok, err := r.bot.kb.Answer(r.ctx, q)
	if r.ctx.Err() != nil {
		return false, r.ctx.Err()
	}
	if err != nil || !ok || q.Article == "" && a.Confidence < r.bot.settings.Answer {
		return false, nil // better no answer than no turn
	}
	r.mark(desk.Mark{Kind: desk.MarkAnswered, Value: a.Source.Slug, Data: map[string]string{"title": a.Source.Title}})
	r.sayContent(desk.Content{Text: a.Text, Sources: []desk.Source{a.Source}})
	return true, nil
}

// context is what the customer said before, the oldest first.
func (r *run) context() []string {
	var out []string
	for _, m := range r.turn.History {
		if m.Author.Kind == desk.ByCustomer && !m.Content.Masked && m.Content.Text != "" {
			out = append(out, cut(clean(m.Content.Text), 200))
		}
	}
	return out[max(0, len(out)-maxContext):]
}

// backTo leads back to the question that stands.
func (r *run) backTo() {
	if f := r.active(); f != nil {
		r.leadWith("back_to", "title", r.bot.flows[f.Flow].TitleIn(r.lang))
	}
}

var (
	questionEn = regexp.MustCompile(`(?i)^(what|when|where|why|who|whose|which|how|do|does|did|is|are|can|could|will|would|may|should)\b`)
	questionZh = regexp.MustCompile(`什么|怎么|怎样|如何|为什么|为何|多少|几点|几时|哪里|哪儿|哪个|谁|能不能|可不可以|是不是|有没有|吗|呢`)
)

// isQuestion reports whether s has the shape of a question, in English or
// Chinese.
func isQuestion(s string) bool {
	s = strings.TrimSpace(s)
	return strings.HasSuffix(s, "?") || strings.HasSuffix(s, "？") || questionEn.MatchString(s) || questionZh.MatchString(s)
}
