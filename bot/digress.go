package bot

import (
	"regexp"
	"slices"
	"strings"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/kb"
)

// maxContext is how many of the customer's earlier words go with a question.
const maxContext = 4

// digress answers a question; the flow that stands goes on where it was.
// guesses are what else it may have been about.
func (r *run) digress(question string, guesses []Candidate) error {
	if question == "" {
		question = r.text
	}
	answered, near, err := r.answer(question)
	if err != nil {
		return err
	}
	switch {
	case answered:
	case r.active() == nil:
		r.unanswered(near, guesses)
		return nil
	case whyRE.MatchString(question) && r.whyRefused():
	default:
		r.mark(desk.Mark{Kind: desk.MarkSteered, Value: "no_answer"})
		r.leadWith("no_answer")
		r.human = true
	}
	r.backTo()
	return nil
}

var whyRE = regexp.MustCompile(`(?i)^(?:but |and |ok |okay )*(?:why|how come)\b|为什么|为啥|为何|怎么不|凭什么`)

// whyRefused says again why the latest value of the asked slot was refused, if
// one was.
func (r *run) whyRefused() bool {
	s, ok := r.askedSlot()
	f := r.st.top()
	if !ok || len(f.Refused) == 0 {
		return false
	}
	value, ok := strings.CutPrefix(f.Refused[len(f.Refused)-1], s.Name+"=")
	if !ok || s.Sensitive {
		return false
	}
	for _, rule := range r.bot.flows[f.Flow].Rules {
		if rule.Refuse == s.Name && rule.when.holds(r.envWith(f, s.Name, typed(s.Type, value))) {
			r.lead = append(r.lead, r.render(f, rule.Say))
			return true
		}
	}
	return false
}

// unanswered offers what a question without an answer may be about, if there
// is anything near.
func (r *run) unanswered(articles, guesses []Candidate) {
	switch candidates := r.worth(append(slices.Clone(guesses), articles...)); {
	case len(candidates) > 0:
		r.clarify("unsure_answer", candidates)
	case len(articles) == 0:
		r.steer(nil, "steer") // it says nothing that anything here is about
	default:
		r.steer(nil, "no_answer")
	}
}

// answer says what the knowledge base knows, if it does, and gives the articles
// that came near where it does not. While something
// sensitive is asked for, words with digits in them, which may be it, are not
// looked up: the search may leave the process.
func (r *run) answer(question string) (bool, []Candidate, error) {
	if s, ok := r.askedSlot(); ok && s.Sensitive && strings.ContainsAny(question, "0123456789") {
		return false, nil, nil
	}
	if !isQuestion(question) {
		r.atLeast = max(r.atLeast, surelyAsked)
	}
	return r.lookUp(kb.Question{Text: cut(question, maxText), Context: r.context()})
}

// article reads an article out.
func (r *run) article(slug string) error {
	ok, _, err := r.lookUp(kb.Question{Article: slug})
	if err == nil && !ok {
		r.leadWith("no_answer")
	}
	return err
}

func (r *run) lookUp(q kb.Question) (bool, []Candidate, error) {
	if r.bot.kb == nil {
		return false, nil, nil
	}
	q.Lang, q.Audience, q.Playbook, q.Now = r.lang, kb.Customers, r.turn.Conversation.Playbook, r.turn.Now
	a, ok, err := r.bot.kb.Answer(r.ctx, q)
	if r.ctx.Err() != nil {
		return false, nil, r.ctx.Err()
	}
	if err != nil { // better no answer than no turn
		return false, nil, nil
	}
	if !ok || q.Article == "" && a.Confidence < r.atLeast {
		return false, articles(a.Passages), nil
	}
	r.mark(desk.Mark{Kind: desk.MarkAnswered, Value: a.Source.Slug, Data: map[string]string{"title": a.Source.Title}})
	r.sayContent(desk.Content{Text: tame(a.Text), Sources: []desk.Source{a.Source}})
	return true, nil, nil
}

// articles are hits as candidates.
func articles(hits []kb.Hit) []Candidate {
	var out []Candidate
	for _, h := range hits {
		if h.Confidence > 0 {
			out = append(out, Candidate{Target: desk.Target(desk.KindArticle + ":" + h.Source.Slug), Title: desk.Text{h.Lang: h.Source.Title}, Confidence: h.Confidence})
		}
	}
	return out
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
