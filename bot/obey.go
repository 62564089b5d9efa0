package bot

import (
	"slices"
	"strings"

	"github.com/parleyhq/parley/desk"
)

// plan is what is left of a list of commands when each kind counts once and
// the context has had its say.
type plan struct {
	human, cancel, back, start, confirm, reject, skip, repeat, resume, answer, chitchat, clarify, refuse, none *Command

	sets []Command
}

// planOf sorts commands; of several for one slot the first counts.
func planOf(cmds []Command) plan {
	var p plan
	first := func(at **Command, c Command) {
		if *at == nil {
			*at = &c
		}
	}
	for _, c := range cmds {
		switch c.Kind {
		case CommandHuman:
			first(&p.human, c)
		case CommandCancel:
			first(&p.cancel, c)
		case CommandBack:
			first(&p.back, c)
		case CommandStart:
			first(&p.start, c)
		case CommandConfirm:
			first(&p.confirm, c)
		case CommandReject:
			first(&p.reject, c)
		case CommandSkip:
			first(&p.skip, c)
		case CommandRepeat:
			first(&p.repeat, c)
		case CommandResume:
			first(&p.resume, c)
		case CommandAnswer:
			first(&p.answer, c)
		case CommandChitchat:
			first(&p.chitchat, c)
		case CommandClarify:
			first(&p.clarify, c)
		case CommandRefuse:
			first(&p.refuse, c)
		case CommandNone:
			first(&p.none, c)
		case CommandSet, CommandCorrect:
			if !slices.ContainsFunc(p.sets, func(o Command) bool { return o.Slot == c.Slot && o.Flow == c.Flow }) {
				p.sets = append(p.sets, c)
			}
		}
	}
	return p
}

// obey carries out what was understood. The order: a person, giving up,
// another flow, values, yes or no, then what only talks.
func (r *run) obey(cmds []Command) error {
	p := planOf(cmds)
	clarify := r.bot.settings.Clarify
	p.sets = slices.DeleteFunc(p.sets, func(c Command) bool { return c.Confidence < clarify })
	if err := r.inContext(&p); err != nil {
		return err
	}
	if r.asked || r.end != nil {
		return nil
	}
	if p.human != nil && p.human.Confidence >= clarify {
		r.handOver("asked", "hand_over")
		return nil
	}
	if p.back != nil && p.back.Confidence >= r.bot.settings.Act {
		r.leave(map[bool]desk.Target{true: desk.Start, false: desk.Back}[p.back.Value == "start"])
		return nil
	}
	if p.refuse != nil && p.refuse.Confidence >= r.bot.settings.Act && p.start == nil && len(p.sets) == 0 && r.refuseTopic(p.refuse.Value) {
		return nil
	}
	used := false
	if p.cancel != nil && p.cancel.Confidence >= r.bot.settings.Act {
		r.cancel()
		used = true
		if p.start == nil {
			p.sets = nil
		}
	}
	if p.start != nil && p.start.Confidence >= r.startAt() && r.bot.flows[p.start.Flow] != nil {
		r.start(p.start.Flow)
		used = true
	}
	changed := r.apply(p.sets)
	if r.end != nil {
		return nil
	}
	used = changed || used
	used = r.yesOrNo(p, changed) || used
	used = r.moves(p) || used
	if p.answer != nil && p.answer.Confidence >= clarify && r.end == nil {
		used = true
		if err := r.digress(p.answer.Text, p.answer.Candidates); err != nil {
			return err
		}
	}
	if used || r.asked || r.end != nil {
		return nil
	}
	return r.unsure(p)
}

// startAt is the confidence from which on a flow begins. To interrupt another
// takes more: half of what is left to certainty.
func (r *run) startAt() float64 {
	act := r.bot.settings.Act
	if r.active() != nil {
		return (act + 1) / 2
	}
	return act
}

// inContext lets the question that stands decide what an utterance is: where
// the answer parses as the asked type it is the answer, and nothing else; where
// any words would do, whatever else they clearly are comes first.
func (r *run) inContext(p *plan) error {
	s, ok := r.askedSlot()
	if !ok {
		return nil
	}
	i := slices.IndexFunc(p.sets, func(c Command) bool { return c.Slot == s.Name && c.Value != "" && r.ofActive(c) })
	if i < 0 {
		return nil
	}
	whole := p.sets[i].Text == "" || sameWords(p.sets[i].Text, r.text)
	if !s.IsFree() {
		if _, reason := s.Check(p.sets[i].Value, r.now); reason == "" && whole {
			*p = plan{sets: p.sets}
		}
		return nil
	}
	if !whole {
		return nil
	}
	other := p.human != nil || p.cancel != nil || p.back != nil || p.answer != nil || p.skip != nil || p.repeat != nil || p.resume != nil ||
		p.start != nil && p.start.Confidence >= r.startAt()
	if other {
		p.sets = slices.Delete(p.sets, i, i+1)
		return nil
	}
	if !isQuestion(r.text) || s.Sensitive {
		return nil
	}
	answered, _, err := r.answer(r.text)
	if answered {
		p.sets = slices.Delete(p.sets, i, i+1)
		r.backTo()
		r.advance()
	}
	return err
}

// ofActive reports whether a set belongs to the active flow.
func (r *run) ofActive(c Command) bool {
	f := r.st.top()
	return f != nil && (c.Flow == "" || c.Flow == f.Flow)
}

// apply sets the values that were said and reports whether any words were
// values, taken or refused.
func (r *run) apply(sets []Command) bool {
	used := false
	asked, _ := r.askedSlot()
	for _, c := range sets {
		f := r.st.top()
		if f == nil || f.Left || f.Phase == calling || r.end != nil {
			continue
		}
		if !r.ofActive(c) {
			used = r.setElsewhere(c) || used
			continue
		}
		s, ok := r.bot.flows[f.Flow].Slot(c.Slot)
		if !ok {
			continue
		}
		isAsked := s.Name == asked.Name
		switch {
		case c.Value == "" && c.Kind == CommandCorrect, s.Sensitive && !isAsked:
			if f.Slots[s.Name] != "" {
				r.edit(s.Name)
				used = true
			}
			continue
		case c.Value == "":
			continue
		case s.IsFree() && !isAsked && sameWords(c.Value, r.text):
			continue // the whole utterance is no volunteered part of it
		}
		r.fill(s, c.Value, "")
		used = true
	}
	return used
}

// setElsewhere takes a value for a flow that is not the active one: one that
// stands interrupted, or that begins behind it and comes when it has ended. A
// value that it may not have is left out: it will be asked for.
func (r *run) setElsewhere(c Command) bool {
	flow := r.bot.flows[c.Flow]
	if flow == nil || flow.Needs || flow.Verify || c.Value == "" {
		return false
	}
	s, ok := flow.Slot(c.Slot)
	if !ok || s.Sensitive {
		return false
	}
	if canonical, reason := s.Check(c.Value, r.now); reason != "" || s.validate != nil && !s.validate.holds(map[string]any{"value": typed(s.Type, canonical)}) {
		return false
	}
	i := r.st.find(c.Flow)
	if i < 0 {
		if len(r.st.Stack) > r.bot.settings.Depth || r.chain >= maxChain {
			return false
		}
		r.chain++
		r.st.N++
		i = len(r.st.Stack) - 1
		r.st.Stack = slices.Insert(r.st.Stack, i, &frame{Flow: c.Flow, N: r.st.N})
		r.mark(desk.Mark{Kind: desk.MarkStarted, Flow: c.Flow})
		r.mark(desk.Mark{Kind: desk.MarkPaused, Flow: c.Flow})
	}
	if r.st.Stack[i].Phase == calling {
		return false
	}
	active := r.st.Stack
	r.st.Stack = active[:i+1] // fill works on the last
	r.fill(s, c.Value, "")
	r.st.Stack = active
	return true
}

// yesOrNo gives a yes or a no the meaning that the question gives it, and
// reports whether it had one. With changes in the same breath a yes is no
// consent: the summary is shown again.
func (r *run) yesOrNo(p plan, changed bool) bool {
	if p.confirm == nil && p.reject == nil || changed {
		return false
	}
	yes := p.confirm != nil
	if r.active() != nil && slices.ContainsFunc(r.st.Offered, func(o offer) bool { return o.Pick.Verb == desk.PickGo }) {
		return r.yesOrNoToOffer(yes) // "did you mean X?" was asked last: a yes to it is no consent to the summary before
	}
	if s, ok := r.askedSlot(); ok {
		switch {
		case s.Type == desk.SlotYesNo:
			r.fill(s, map[bool]string{true: "yes", false: "no"}[yes], "")
			return true
		case s.Optional && !yes:
			r.skip()
			return true
		}
		return false
	}
	f := r.st.top()
	switch {
	case f != nil && f.Phase == confirming && yes, f != nil && f.Phase == failed && yes:
		f.Phase = confirmed
	case f != nil && f.Phase == confirming:
		r.leadWith("not_yet")
		r.askChange()
	case f != nil && f.Phase == failed:
		r.cancel()
	case f != nil && f.Phase == changing && !yes:
		f.Phase = filling
	default:
		return r.yesOrNoToOffer(yes)
	}
	return true
}

// yesOrNoToOffer answers "did you mean X?" and "shall we go on with X?".
func (r *run) yesOrNoToOffer(yes bool) bool {
	var goes []desk.Pick
	for _, o := range r.st.Offered {
		switch o.Pick.Verb {
		case desk.PickGo:
			goes = append(goes, o.Pick)
		case desk.PickResume:
			if f := r.st.top(); f == nil || !f.Left {
				continue
			}
			if yes {
				return r.resume("")
			}
			r.cancel()
			return true
		}
	}
	switch {
	case len(goes) == 0 && r.active() != nil:
		return false
	case len(goes) == 0 && yes:
		return true // to nothing in particular: is there anything else?
	case len(goes) == 0:
		r.leadWith("all_right")
		return true
	case !yes && r.active() != nil:
		return true // the question that stands comes again
	case !yes:
		r.steer(nil, "other")
		return true
	case len(goes) > 1:
		r.askWhich()
		return true
	}
	return r.goTo(goes[0].Target) == nil
}

// askWhich offers again what a yes was said to.
func (r *run) askWhich() {
	var opts options
	for _, o := range r.st.Offered {
		opts.add(desk.Option{Label: o.Label, Key: o.Key, Pick: o.Pick})
	}
	r.ask(desk.Content{Text: phrase("which").words(r.lang), Options: opts})
}

// moves does skip, resume and repeat, and what is only polite.
func (r *run) moves(p plan) bool {
	used := false
	if p.skip != nil {
		used = r.skip()
	}
	if p.resume != nil {
		used = r.resume(p.resume.Flow)
		if !used && r.st.top() == nil {
			r.leadWith("no_resume")
			used = true
		}
	}
	if p.repeat != nil && r.st.top() != nil {
		used = true
	}
	if p.chitchat != nil && p.chitchat.Confidence >= r.bot.settings.Clarify {
		r.chitchat(p.chitchat.Value)
		used = true
	}
	return used
}

func (r *run) chitchat(kind string) {
	switch kind {
	case Thanks:
		r.leadWith("thanks")
	case Bye:
		r.leadWith("bye")
	case About:
		r.introduce("about", "about_short")
	case Help:
		r.human = true
		r.introduce("help", "")
	default:
		r.introduce("greeting", "hello_again")
	}
}

// introduce says words with what there is to choose; within a flow the short
// ones, and the question that stands comes again.
func (r *run) introduce(words, short phrase) {
	if r.active() != nil {
		if short != "" {
			r.leadWith(short)
		}
		return
	}
	var opts options
	for _, c := range r.choices(nil) {
		opts.add(r.goOption(c.Target, c.Title))
	}
	opts.add(r.humanOption())
	r.ask(desk.Content{Text: phrase(words).words(r.lang), Options: opts})
}

// sameWords compares what was said, leaving out case, space and punctuation at
// the ends.
func sameWords(a, b string) bool {
	trim := func(s string) string {
		return strings.Join(strings.Fields(strings.Trim(s, " \t\n.,!?;:。，！？；：")), " ")
	}
	return strings.EqualFold(trim(a), trim(b))
}
