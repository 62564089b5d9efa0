package bot

import (
	"slices"

	"github.com/parleyhq/parley/desk"
)

// goTo goes to a target: a flow begins, an article is read out, a queue takes
// the conversation, everything else is another responder's.
func (r *run) goTo(to desk.Target) error {
	switch to.Kind() {
	case desk.KindFlow:
		if r.bot.flows[to.Name()] == nil {
			r.leadWith("no_such_flow")
			return nil
		}
		r.start(to.Name())
	case desk.KindArticle:
		return r.article(to.Name())
	case desk.KindQueue:
		r.handOverTo(desk.QueueName(to.Name()), "asked", "hand_over")
	default:
		r.leave(to)
	}
	return nil
}

// active is the flow under way, nil when there is none or it was left.
func (r *run) active() *frame {
	if f := r.st.top(); f != nil && !f.Left {
		return f
	}
	return nil
}

// start begins a flow, or goes on with it if it is under way already. What was
// active is interrupted and comes back when this one ends.
func (r *run) start(name string) {
	if i := r.st.find(name); i >= 0 {
		r.bring(i)
		return
	}
	if r.chain++; r.chain > maxChain {
		return
	}
	if f := r.active(); f != nil {
		r.mark(desk.Mark{Kind: desk.MarkPaused, Flow: f.Flow})
		r.leadWith("kept", "title", r.bot.flows[f.Flow].TitleIn(r.lang))
	}
	if len(r.st.Stack) > r.bot.settings.Depth {
		r.mark(desk.Mark{Kind: desk.MarkCancelled, Flow: r.st.Stack[0].Flow})
		r.st.Stack = r.st.Stack[1:]
	}
	r.st.N++
	r.st.Stack = append(r.st.Stack, &frame{Flow: name, N: r.st.N})
	r.mark(desk.Mark{Kind: desk.MarkStarted, Flow: name})
}

// bring makes the flow at i of the stack the active one.
func (r *run) bring(i int) {
	f := r.st.Stack[i]
	if f == r.active() {
		return
	}
	if old := r.active(); old != nil {
		r.mark(desk.Mark{Kind: desk.MarkPaused, Flow: old.Flow})
	}
	r.st.Stack = append(slices.Delete(r.st.Stack, i, i+1), f)
	f.Left = false
	r.resumed(f)
}

func (r *run) resumed(f *frame) {
	r.mark(desk.Mark{Kind: desk.MarkResumed, Flow: f.Flow})
	r.backTo()
}

// resume goes on with the flow named, or with the latest that was interrupted
// or left. It reports whether there was one.
func (r *run) resume(name string) bool {
	if name != "" {
		i := r.st.find(name)
		if i >= 0 {
			r.bring(i)
		}
		return i >= 0
	}
	f := r.st.top()
	if f == nil {
		return false
	}
	if f.Left {
		r.bring(len(r.st.Stack) - 1)
	}
	return true
}

// leave goes to a menu; the active flow is kept.
func (r *run) leave(to desk.Target) {
	if f := r.active(); f != nil {
		f.Left = true
		r.mark(desk.Mark{Kind: desk.MarkPaused, Flow: f.Flow})
	}
	r.st.Offered = nil
	if len(r.lead) > 0 {
		r.say("")
	}
	r.end = desk.Switch{To: to}
}

// cancel gives up the flow that is active or was left last.
func (r *run) cancel() {
	f := r.st.top()
	if f == nil {
		r.leadWith("no_cancel")
		return
	}
	f = r.withoutProof(f)
	r.mark(desk.Mark{Kind: desk.MarkCancelled, Flow: f.Flow})
	r.leadWith("cancelled", "title", r.bot.flows[f.Flow].TitleIn(r.lang))
	r.ended()
}

// ended takes the top flow off; the one it interrupted goes on.
func (r *run) ended() {
	r.st.pop()
	r.closed = true
	if f := r.active(); f != nil {
		r.resumed(f)
	}
}

// skip leaves the asked slot empty, if it may be.
func (r *run) skip() bool {
	f := r.active()
	if f == nil || f.Ask == "" || f.Phase != filling {
		return false
	}
	s, ok := r.bot.flows[f.Flow].Slot(f.Ask)
	if !ok {
		return false
	}
	if !s.Optional {
		if f.missed(s.Name) >= s.Retries {
			r.handOver("retries", "hand_over_retries")
			return true
		}
		r.leadWith("needed")
		r.want = s.Name
		return true
	}
	if f.Slots[s.Name] != "" {
		r.mark(desk.Mark{Kind: desk.MarkCorrected, Flow: f.Flow, Slot: s.Name, Data: map[string]string{"from": s.masked(f.Slots[s.Name])}})
		f.unset(s.Name)
	}
	if f.Edit == s.Name {
		f.Edit = ""
	}
	f.Skipped = append(f.Skipped, s.Name)
	return true
}

// complete ends a flow as its file says.
func (r *run) complete(f *frame) {
	flow := r.bot.flows[f.Flow]
	r.mark(desk.Mark{Kind: desk.MarkCompleted, Flow: f.Flow})
	r.keep(f)
	end := r.ending(f)
	c := desk.Content{Text: r.render(f, end.Say)}
	if end.Card != nil {
		c.Card = r.endCard(f, end.Card)
	}
	if c.Text == "" && c.Card == nil && flow.Do != nil && end.Go == "" {
		c.Text = phrase("done").words(r.lang)
	}
	r.sayContent(c)
	if end.Go == "" {
		r.ended()
		return
	}
	if end.Go.Kind() == desk.KindQueue { // with what the flow knows on the card
		r.handOverTo(desk.QueueName(end.Go.Name()), "rule", "hand_over")
		r.st.pop()
		return
	}
	r.st.pop()
	r.closed = true
	_ = r.goTo(end.Go) // only an article can fail, and then the words said stand
	if f := r.active(); f != nil && end.Go.Kind() == desk.KindArticle {
		r.resumed(f)
	}
}

func (r *run) ending(f *frame) Ending {
	for _, e := range r.bot.flows[f.Flow].Then {
		if e.when.holds(r.env(f)) {
			return e
		}
	}
	return Ending{}
}

func (r *run) endCard(f *frame, def *EndCard) *desk.Card {
	plain := func(t desk.Text) string {
		return fillTemplate(t.In(r.lang), func(name string) string { return r.shown(f, name) })
	}
	card := &desk.Card{Title: plain(def.Title), Subtitle: plain(def.Subtitle)}
	for _, l := range def.Lines {
		if v := plain(l.Value); v != "" {
			card.Lines = append(card.Lines, desk.CardLine{Label: plain(l.Label), Value: v})
		}
	}
	return card
}

// keep remembers what the tool gave, for whoever takes over later.
func (r *run) keep(f *frame) {
	for _, name := range r.bot.flows[f.Flow].saved() {
		if v := f.Saved[name]; v != "" {
			r.st.Facts = append(r.st.Facts, desk.Fact{Key: f.Flow + "." + name, Label: Slot{Name: name}.title(r.lang), Value: cut(v, 120)})
		}
	}
	if n := len(r.st.Facts) - maxFacts; n > 0 {
		r.st.Facts = r.st.Facts[n:]
	}
}
