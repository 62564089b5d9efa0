package bot

import (
	"fmt"
	"slices"
	"strings"

	"github.com/parleyhq/parley/desk"
)

// maxOptions bounds the choices of one question; typing is always possible.
const maxOptions = 12

// advance brings the conversation to the next thing the customer has to do.
func (r *run) advance() {
	for range 2*maxFrames + maxChain {
		f := r.st.top()
		if f == nil || f.Left {
			r.idle()
			return
		}
		if r.step(f); r.asked || r.end != nil {
			return
		}
	}
	r.idle() // flows that complete without a question, one after the other
}

// step does the next thing of a flow: keep the rules, ask, confirm, do, end.
func (r *run) step(f *frame) {
	flow := r.bot.flows[f.Flow]
	switch f.Phase {
	case calling:
		r.say(phrase("working").words(r.lang))
		r.asked = true
		return
	case failed:
		r.askRetry(f)
		return
	}
	if r.verifyFirst(f) {
		return
	}
	if f.Phase == confirmed {
		r.call(f)
		return
	}
	offer := r.refuse(f)
	if r.end != nil {
		return
	}
	if s, ok := r.next(f); ok {
		r.askSlot(f, s, offer[s.Name])
		return
	}
	switch {
	case flow.Confirm:
		r.askConfirm(f)
	case flow.Do != nil:
		r.call(f)
	default:
		r.complete(f)
	}
}

// refuse applies the rules: a value that one of them refuses is taken back. It
// returns what to offer instead, by slot.
func (r *run) refuse(f *frame) map[string][]string {
	flow := r.bot.flows[f.Flow]
	var offer map[string][]string
	for _, rule := range flow.Rules {
		if f.Slots[rule.Refuse] == "" || !r.known(f, rule.when) || !rule.when.holds(r.env(f)) {
			continue
		}
		s, _ := flow.Slot(rule.Refuse)
		value := f.Slots[s.Name]
		r.mark(desk.Mark{Kind: desk.MarkRefused, Flow: f.Flow, Slot: s.Name, Value: s.masked(value)})
		r.lead = append(r.lead, r.render(f, rule.Say))
		f.unset(s.Name)
		f.Refused = append(f.Refused[max(0, len(f.Refused)-maxOptions):], s.Name+"="+s.masked(value))
		if f.refusals(s.Name) >= s.Retries {
			r.handOver("rule", "hand_over")
			return nil
		}
		r.want = s.Name
		if offer == nil {
			offer = map[string][]string{}
		}
		offer[s.Name] = rule.Offer
		if len(rule.Offer) == 0 {
			offer[s.Name] = r.allowed(f, s)
		}
	}
	return offer
}

// known reports whether every slot that a rule mentions is settled: it has a
// value, does not apply, or will not be asked.
func (r *run) known(f *frame, ru *rule) bool {
	applies := r.applicable(f)
	for _, name := range ru.names {
		s, ok := r.bot.flows[f.Flow].Slot(name)
		if ok && f.Slots[name] == "" && applies[name] && !slices.Contains(f.Skipped, name) && (!s.Optional || !s.Ask.IsZero()) {
			return false
		}
	}
	return true
}

// allowed lists the values of a choice that no rule refuses as things stand.
func (r *run) allowed(f *frame, s Slot) []string {
	var out []string
	trial := *f
	for _, c := range s.Choices {
		trial.Slots = map[string]string{}
		for k, v := range f.Slots {
			trial.Slots[k] = v
		}
		trial.Slots[s.Name] = c.Value
		refused := slices.Contains(f.Refused, s.Name+"="+c.Value) ||
			slices.ContainsFunc(r.bot.flows[f.Flow].Rules, func(rule Rule) bool {
				return rule.Refuse == s.Name && r.known(&trial, rule.when) && rule.when.holds(r.env(&trial))
			})
		if !refused {
			out = append(out, c.Value)
		}
	}
	return out
}

// next is the slot to ask: the one to change, the one that went wrong, else
// the first in order that applies and has no value.
func (r *run) next(f *frame) (Slot, bool) {
	flow := r.bot.flows[f.Flow]
	applies := r.applicable(f)
	if s, ok := flow.Slot(f.Edit); ok && applies[s.Name] {
		return s, true
	}
	f.Edit = ""
	if s, ok := flow.Slot(r.want); ok && applies[s.Name] && f.Slots[s.Name] == "" {
		return s, true
	}
	for _, s := range flow.Slots {
		if f.Slots[s.Name] != "" || !applies[s.Name] || slices.Contains(f.Skipped, s.Name) || s.Optional && s.Ask.IsZero() {
			continue
		}
		return s, true
	}
	return Slot{}, false
}

// askSlot asks for a slot; offer narrows the choices.
func (r *run) askSlot(f *frame, s Slot, offer []string) {
	f.Ask, f.Phase = s.Name, filling
	text := r.render(f, s.Ask)
	if s.Ask.IsZero() {
		text = s.title(r.lang)
	}
	if f.Tries[s.Name] > 0 && !s.Hint.IsZero() {
		text += "\n\n" + r.render(f, s.Hint)
	}
	opts := r.slotOptions(f, s, offer)
	if s.Any {
		opts.add(desk.Option{Label: phrase("option_any").plain(r.lang), Pick: desk.Pick{Verb: desk.PickAnswer, Slot: s.Name, Value: AnyValue}})
	}
	if s.Optional {
		opts.add(desk.Option{Label: phrase("option_skip").plain(r.lang), Pick: desk.Pick{Verb: desk.PickSkip, Slot: s.Name}})
	}
	if f.Edit == s.Name {
		opts.add(desk.Option{Label: phrase("option_keep").plain(r.lang), Pick: desk.Pick{Verb: desk.PickResume}})
	}
	if r.human {
		opts.add(r.humanOption())
	}
	r.ask(desk.Content{Text: text, Options: opts, Input: s.input(r.now)})
	if len(offer) == 1 {
		r.st.Proposed = []Proposal{{Flow: f.Flow, Slot: s.Name, Value: offer[0], Kind: ProposalConfirm}}
	}
}

func (r *run) slotOptions(f *frame, s Slot, offer []string) options {
	var opts options
	answer := func(value, label string) {
		opts.add(desk.Option{Label: label, Pick: desk.Pick{Verb: desk.PickAnswer, Slot: s.Name, Value: value}})
	}
	switch s.Type {
	case desk.SlotYesNo:
		answer("yes", phrase("yes").plain(r.lang))
		answer("no", phrase("no").plain(r.lang))
	case desk.SlotAddress: // the one that is kept for whom he proved to be
		if v := r.st.Proven[s.Name]; v != "" && r.verified() && !s.Sensitive {
			answer(v, v)
		}
	case desk.SlotChoice:
		values := offer
		if len(values) == 0 {
			values = s.values()
			if f.refusals(s.Name) > 0 {
				values = r.allowed(f, s)
			}
		}
		for _, v := range values[:min(len(values), maxOptions)] {
			answer(v, s.show(v, r.lang))
		}
		r.mark(desk.Mark{Kind: desk.MarkOffered, Flow: f.Flow, Slot: s.Name, Data: map[string]string{"options": strings.Join(values[:min(len(values), maxOptions)], ", ")}})
	}
	return opts
}

// ask asks, with the kept words before the question.
func (r *run) ask(c desk.Content) {
	c.Text, c.Markdown = r.led(c.Text), true
	if c.Input == nil || c.Input.Type == desk.SlotChoice || c.Input.Type == desk.SlotYesNo {
		options(c.Options).key()
	}
	r.says = append(r.says, desk.Ask{Content: c})
	r.asked = true
	r.offered(c.Options)
}

// offered remembers the options for customers who type them.
func (r *run) offered(opts []desk.Option) {
	r.st.Offered, r.st.Proposed = nil, nil
	for _, o := range opts[:min(len(opts), maxOffers)] {
		r.st.Offered = append(r.st.Offered, offer{Key: o.Key, Label: o.Label, Pick: o.Pick})
	}
}

// idle ends a turn in which no flow is active.
func (r *run) idle() {
	if f := r.st.top(); f != nil && f.Left && r.closed {
		r.askResume(f)
		return
	}
	if len(r.lead) > 0 || len(r.says) == 0 && r.turn.Result == nil {
		text := ""
		if len(r.lead) == 0 {
			text = phrase("anything_else").words(r.lang)
		}
		r.says = append(r.says, desk.Say{Content: desk.Content{Text: r.led(text), Markdown: true}})
	}
	if len(r.says) == 0 {
		return
	}
	last, ok := r.says[len(r.says)-1].(desk.Say)
	if !ok {
		return
	}
	var opts options = last.Content.Options
	opts.add(r.startOption())
	last.Content.Options = opts
	r.says[len(r.says)-1] = last
	r.offered(opts)
}

func (r *run) askResume(f *frame) {
	title := r.bot.flows[f.Flow].TitleIn(r.lang)
	var opts options
	opts.add(desk.Option{Label: phrase("option_resume").plain(r.lang, "title", title), Pick: desk.Pick{Verb: desk.PickResume, Target: desk.Target("flow:" + f.Flow)}})
	opts.add(desk.Option{Label: phrase("option_drop").plain(r.lang), Pick: desk.Pick{Verb: desk.PickCancel}})
	opts.add(r.startOption())
	r.ask(desk.Content{Text: phrase("left_open").words(r.lang, "title", title), Options: opts})
}

func (r *run) humanOption() desk.Option {
	return desk.Option{Label: phrase("option_human").plain(r.lang), Nav: true, Pick: desk.Pick{Verb: desk.PickHuman}}
}

func (r *run) startOption() desk.Option {
	return desk.Option{Label: phrase("option_start").plain(r.lang), Nav: true, Pick: desk.Pick{Verb: desk.PickStart}}
}

// options are those of one message; add gives each its ID.
type options []desk.Option

func (o *options) add(opt desk.Option) {
	opt.ID = fmt.Sprintf("o%d", len(*o)+1)
	*o = append(*o, opt)
}

// key gives the options what to type or press: digits, 0 for a person and # for
// the first menu; none of them when digits could be answers.
func (o options) key() {
	for _, opt := range o {
		if strings.ContainsAny(opt.Label, "0123456789") || opt.Pick.Verb == desk.PickAnswer && strings.ContainsAny(opt.Pick.Value, "0123456789") {
			return
		}
	}
	n := 0
	for i, opt := range o {
		switch {
		case opt.Nav && opt.Pick.Verb == desk.PickHuman:
			o[i].Key = "0"
		case opt.Nav && opt.Pick.Verb == desk.PickStart:
			o[i].Key = "#"
		case !opt.Nav && n < 9:
			n++
			o[i].Key = fmt.Sprint(n)
		}
	}
}
