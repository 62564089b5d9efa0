package bot

import (
	"cmp"
	"slices"
	"strings"

	"github.com/parleyhq/parley/desk"
)

// maxCandidates bounds what a clarifying question offers.
const maxCandidates = 4

// surelyAsked is the confidence of an answer to what is no question by its form.
const surelyAsked = 0.75

// never is more than any confidence.
const never = 2

// unsure deals with words that were not surely understood: a question may have
// an answer, a near candidate may be it; otherwise the question that stands is
// asked again, or the customer is led back to what there is.
func (r *run) unsure(p plan) error {
	_, asked := r.askedSlot()
	f := r.active()
	var articles []Candidate
	if f == nil || isQuestion(r.text) {
		if p.clarify != nil && p.clarify.Confidence >= r.bot.settings.Act {
			r.atLeast = never // it is sure that it is not clear
		} else if p.clarify != nil {
			r.atLeast = max(r.atLeast, p.clarify.Confidence) // an answer must be likelier than what it may be
		}
		answered, near, err := r.answer(r.text)
		articles = near
		if answered {
			r.backTo()
		}
		if answered || err != nil {
			return err
		}
	}
	candidates := r.candidates(p)
	switch {
	case f == nil && r.atLeast != never:
		candidates = r.worth(append(candidates, articles...))
	case f == nil && len(candidates) < 2:
		candidates = append(candidates, r.worth(articles)...)
		candidates = candidates[:min(len(candidates), maxCandidates)]
	}
	switch {
	case asked:
		s, _ := r.askedSlot()
		if len(candidates) == 0 {
			r.invalid(s, reasonMissing, r.text)
		} else if f.missed(s.Name) >= s.Retries {
			r.handOver("retries", "hand_over_retries")
		} else {
			r.clarify("clarify", candidates)
		}
	case f != nil:
		r.unsureOfSummary(f, candidates)
	case len(candidates) > 0:
		r.clarify("clarify", candidates)
	default:
		r.steer(p.none, "steer")
	}
	return nil
}

// unsureOfSummary has the summary, or whatever stands, looked at again, a
// bounded number of times.
func (r *run) unsureOfSummary(f *frame, candidates []Candidate) {
	tries := f.missed("")
	switch {
	case tries >= defaultRetries:
		r.handOver("retries", "hand_over_retries")
	case len(candidates) > 0:
		r.clarify("clarify", candidates)
	default:
		r.human = tries >= 2
		if f.Phase == confirming {
			r.leadWith("confirm_again")
		} else {
			r.leadWith("invalid")
		}
	}
}

// candidates lists what may have been meant, the likeliest first. Within a flow
// they have to be nearer than outside, and the flow itself is none.
func (r *run) candidates(p plan) []Candidate {
	var all []Candidate
	for _, c := range []*Command{p.start, p.clarify, p.none} {
		if c == nil {
			continue
		}
		if c.Kind == CommandStart {
			all = append(all, Candidate{Target: desk.Target("flow:" + c.Flow), Confidence: c.Confidence})
		}
		all = append(all, c.Candidates...)
	}
	least := r.bot.settings.Clarify
	f := r.active()
	if f != nil {
		least = (least + 2*r.bot.settings.Act) / 3
	}
	var out []Candidate
	seen := map[desk.Target]bool{}
	for _, c := range all {
		isFlow := c.Target.Kind() == desk.KindFlow
		if seen[c.Target] || !r.bot.offers(c.Target) {
			continue
		}
		if len(out) == 0 && f != nil && isFlow && c.Target.Name() == f.Flow {
			return nil // it was about what stands, only not clear
		}
		if len(out) == 0 && c.Confidence < least || len(out) == maxCandidates {
			break
		}
		seen[c.Target] = true
		if c.Confidence >= least/2 {
			out = append(out, c)
		}
	}
	return out
}

// worth keeps the candidates that are near enough to be offered: each once, the
// likeliest first, none much less likely than the first.
func (r *run) worth(all []Candidate) []Candidate {
	slices.SortStableFunc(all, func(a, b Candidate) int { return cmp.Compare(b.Confidence, a.Confidence) })
	least := r.bot.settings.Clarify
	var out []Candidate
	for _, c := range all {
		if len(out) == maxCandidates || c.Confidence < least {
			break
		}
		if r.bot.offers(c.Target) && !slices.ContainsFunc(out, func(o Candidate) bool { return o.Target == c.Target }) {
			out = append(out, c)
			least = max(least, out[0].Confidence/3)
		}
	}
	if len(out) == 1 && out[0].Confidence < (r.bot.settings.Clarify+r.bot.settings.Act)/2 {
		return nil // a lone guess is a question in the dark
	}
	return out
}

// offers reports whether a candidate may lead to t: to a flow there is, to an
// article, or to what the playbook itself offers. An understander cannot name
// anything else.
func (b *Bot) offers(t desk.Target) bool {
	if _, err := desk.ParseTarget(string(t)); err != nil {
		return false
	}
	switch t.Kind() {
	case desk.KindFlow:
		return b.flows[t.Name()] != nil
	case desk.KindArticle:
		return true
	}
	return t == b.settings.Human || slices.Contains(b.settings.Choices, t) || t.Kind() == desk.KindMenu && !b.settings.Titles[t].IsZero()
}

// clarify offers the candidates as taps, with words before several.
func (r *run) clarify(words phrase, candidates []Candidate) {
	var opts options
	var targets []string
	for _, c := range candidates {
		opts.add(r.goOption(c.Target, c.Title))
		targets = append(targets, string(c.Target))
	}
	text := words.words(r.lang)
	if len(candidates) == 1 {
		text = phrase("clarify_one").words(r.lang, "title", opts[0].Label)
	}
	if f := r.active(); f != nil {
		title := r.bot.flows[f.Flow].TitleIn(r.lang)
		opts.add(desk.Option{Label: phrase("option_resume").plain(r.lang, "title", title), Pick: desk.Pick{Verb: desk.PickResume, Target: desk.Target("flow:" + f.Flow)}})
	} else {
		opts.add(desk.Option{Label: phrase("option_other").plain(r.lang), Pick: desk.Pick{Verb: desk.PickReject}})
	}
	opts.add(r.humanOption())
	r.mark(desk.Mark{Kind: desk.MarkClarify, Data: map[string]string{"options": strings.Join(targets, ", ")}})
	r.ask(desk.Content{Text: text, Options: opts})
}

// steer leads back into what there is; the second time in a row a person comes
// first.
func (r *run) steer(near *Command, words phrase) {
	r.st.Steered++
	m := desk.Mark{Kind: desk.MarkSteered}
	if words == "no_answer" {
		m.Value = string(words)
	}
	r.mark(m)
	var opts options
	human := r.humanOption()
	if r.st.Steered > 1 {
		human.Nav = false
		opts.add(human)
		if words != "no_answer" {
			words = "steer_again"
		}
	}
	for _, c := range r.choices(near) {
		opts.add(r.goOption(c.Target, c.Title))
	}
	if r.st.Steered <= 1 {
		opts.add(human)
	}
	if start := r.startOption(); !slices.ContainsFunc(opts, func(o desk.Option) bool { return o.Label == start.Label }) {
		opts.add(start)
	}
	r.ask(desk.Content{Text: words.words(r.lang), Options: opts})
}

// choices are what the customer is led back to: what was nearest to his words,
// then what the playbook says, else the first flows.
func (r *run) choices(near *Command) []Candidate {
	var all []Candidate
	if near != nil {
		all = append(all, near.Candidates[:min(2, len(near.Candidates))]...)
	}
	for _, t := range r.bot.settings.Choices {
		all = append(all, Candidate{Target: t})
	}
	if len(r.bot.settings.Choices) == 0 {
		for _, name := range r.bot.order[:min(maxCandidates, len(r.bot.order))] {
			all = append(all, Candidate{Target: desk.Target("flow:" + name)})
		}
	}
	var out []Candidate
	for _, c := range all {
		if r.bot.offers(c.Target) && len(out) < maxCandidates && !slices.ContainsFunc(out, func(o Candidate) bool { return o.Target == c.Target }) {
			out = append(out, c)
		}
	}
	return out
}

// goOption is a tap that leads to a target.
func (r *run) goOption(t desk.Target, title desk.Text) desk.Option {
	if title.IsZero() {
		title = r.bot.settings.Titles[t]
	}
	label := title.In(r.lang)
	switch {
	case t.Kind() == desk.KindFlow && r.bot.flows[t.Name()] != nil:
		label = r.bot.flows[t.Name()].TitleIn(r.lang)
	case t.Kind() == desk.KindQueue && label == "":
		label = phrase("option_human").plain(r.lang)
	case (t == desk.Start || t == "menu:main") && label == "":
		label = phrase("option_start").plain(r.lang)
	case label == "":
		label = humanName(t.Name())
	}
	return desk.Option{Label: label, Pick: desk.Pick{Verb: desk.PickGo, Target: t}}
}
