package bot

import (
	"fmt"
	"slices"
	"strings"

	"github.com/parleyhq/parley/desk"
)

// maxFails is how often a tool may fail before a person takes over.
const maxFails = 3

// round names the summary that was shown last, so that a tap on an older one
// is no consent to what has changed since.
func round(f *frame) string { return fmt.Sprintf("%d.%d", f.N, f.Round) }

// askConfirm shows what is about to happen; every line can be changed.
func (r *run) askConfirm(f *frame) {
	flow := r.bot.flows[f.Flow]
	f.Phase, f.Ask = confirming, ""
	f.Round++
	card := &desk.Card{Title: flow.TitleIn(r.lang), Lines: r.lines(f)}
	var opts options
	opts.add(desk.Option{Label: phrase("option_confirm").plain(r.lang), Pick: desk.Pick{Verb: desk.PickConfirm, Value: round(f)}})
	opts.add(desk.Option{Label: phrase("option_change").plain(r.lang), Pick: desk.Pick{Verb: desk.PickEdit}})
	opts.add(desk.Option{Label: phrase("option_cancel").plain(r.lang), Pick: desk.Pick{Verb: desk.PickCancel}})
	if r.human {
		opts.add(r.humanOption())
	}
	r.mark(desk.Mark{Kind: desk.MarkConfirm, Flow: f.Flow, Value: round(f)})
	r.ask(desk.Content{Text: phrase("confirm").words(r.lang), Card: card, Options: opts, Input: &desk.Input{Type: desk.SlotYesNo}})
}

// lines are the values of a frame, each with the option that changes it.
func (r *run) lines(f *frame) []desk.CardLine {
	var out []desk.CardLine
	applies := r.applicable(f)
	for _, s := range r.bot.flows[f.Flow].Slots {
		if f.Slots[s.Name] == "" || !applies[s.Name] {
			continue
		}
		out = append(out, desk.CardLine{Label: s.title(r.lang), Value: r.shown(f, s.Name), Edit: &desk.Option{
			ID: "edit-" + s.Name, Label: phrase("option_edit").plain(r.lang), Pick: desk.Pick{Verb: desk.PickEdit, Slot: s.Name},
		}})
	}
	return out
}

// askChange asks which of the values to change.
func (r *run) askChange() {
	f := r.st.top()
	if f.Phase == calling {
		return
	}
	f.Phase, f.Ask = changing, ""
	var opts options
	for _, l := range r.lines(f) {
		if len(opts) == maxOptions {
			break
		}
		opts.add(desk.Option{Label: l.Label, Hint: l.Value, Pick: l.Edit.Pick})
	}
	opts.add(desk.Option{Label: phrase("option_keep").plain(r.lang), Pick: desk.Pick{Verb: desk.PickResume}})
	opts.add(desk.Option{Label: phrase("option_cancel").plain(r.lang), Pick: desk.Pick{Verb: desk.PickCancel}})
	r.ask(desk.Content{Text: phrase("what_change").words(r.lang), Options: opts})
}

// edit has a slot asked although it has a value, which it keeps until there is
// another.
func (r *run) edit(slot string) {
	f := r.st.top()
	if f.Phase == calling {
		return
	}
	f.Phase, f.Edit = filling, slot
}

// call calls the flow's tool and ends the turn. The key is the same as before
// when the last call may have reached the tool and nothing has changed since.
func (r *run) call(f *frame) {
	flow := r.bot.flows[f.Flow]
	env := r.env(f)
	args := make(map[string]string, len(flow.Do.With))
	told := make(map[string]string, len(flow.Do.With))
	for name, source := range flow.Do.With {
		v := ""
		if s, ok := flow.Slot(source); ok {
			if r.applicable(f)[s.Name] {
				v = f.Slots[s.Name]
			}
			if !s.Sensitive {
				v = literal(v)
			}
			told[name] = s.masked(v)
		} else {
			v = literal(flow.Do.with[name].text(env))
			told[name] = v
		}
		if v == "" {
			delete(told, name)
			continue
		}
		args[name] = v
	}
	f.Phase, f.Ask = calling, ""
	r.mark(desk.Mark{Kind: desk.MarkCalled, Flow: f.Flow, Value: flow.Do.Tool, Data: told})
	if len(r.lead) > 0 {
		r.say("")
	}
	r.st.Offered = nil
	r.end = desk.Do{ID: r.callID(f), Tool: flow.Do.Tool, Args: args}
}

// literal keeps what a customer said from passing for a reference to a secret.
func literal(v string) string {
	if strings.HasPrefix(v, "secret:") {
		return " " + v
	}
	return v
}

func (r *run) callID(f *frame) string {
	return fmt.Sprintf("%s-%d-%d", r.turn.Conversation.ID, f.N, f.Attempt)
}

// result takes what the tool gave to the flow that waits for it. A result that
// nobody waits for changes nothing.
func (r *run) result(res desk.Result) {
	i := slices.IndexFunc(r.st.Stack, func(f *frame) bool { return f.Phase == calling && r.callID(f) == res.ID })
	if i < 0 {
		r.asked = true
		return
	}
	f := r.st.Stack[i]
	r.st.Stack = append(slices.Delete(r.st.Stack, i, i+1), f)
	flow := r.bot.flows[f.Flow]
	m := desk.Mark{Kind: desk.MarkResult, Flow: f.Flow, Value: "ok", Data: map[string]string{"tool": res.Tool}}
	if !res.OK {
		m.Value = res.Error
	}
	r.mark(m)
	if !res.OK {
		if flow.Verify && res.Error != errExpired && !maybeDone(res.Error) {
			r.denied(f)
			return
		}
		r.failed(f, res.Error)
		return
	}
	f.Saved = flow.Do.saved(r.bot.tools[flow.Do.Tool], res)
	if flow.Verify {
		r.proved(f)
	}
	r.complete(f)
}

// failed says so, and what can be done about it.
func (r *run) failed(f *frame, why string) {
	flow := r.bot.flows[f.Flow]
	if why == errExpired {
		for _, s := range flow.Slots {
			if s.Sensitive {
				f.unset(s.Name)
			}
		}
		f.Attempt++
		f.Phase = filling
		r.leadWith("expired")
		return
	}
	f.Fails++
	f.Phase, f.Unsure = failed, maybeDone(why)
	if !f.Unsure {
		f.Attempt++
	}
	switch {
	case !flow.Do.Failed.Say.IsZero():
		r.lead = append(r.lead, r.render(f, flow.Do.Failed.Say))
	case f.Unsure:
		r.leadWith("failed_unsure")
	default:
		r.leadWith("failed")
	}
	if to := flow.Do.Failed.Go; to != "" {
		r.failedGo(f, to)
		return
	}
	if f.Fails >= maxFails {
		r.handOver("retries", "hand_over_failed")
	}
}

func (r *run) failedGo(f *frame, to desk.Target) {
	if to.Kind() == desk.KindQueue {
		r.handOverTo(desk.QueueName(to.Name()), "rule", "hand_over_failed")
		return
	}
	r.st.pop()
	r.mark(desk.Mark{Kind: desk.MarkCancelled, Flow: f.Flow})
	r.closed = true
	_ = r.goTo(to) // only an article can fail, and then the words said stand
}

// maybeDone reports whether a call that ended so may have had its effect.
func maybeDone(why string) bool {
	return why == "timeout" || why == "unavailable" || why == "bad_answer" || strings.HasPrefix(why, "status_5")
}

// askRetry asks whether to try again.
func (r *run) askRetry(f *frame) {
	f.Round++
	var opts options
	opts.add(desk.Option{Label: phrase("option_retry").plain(r.lang), Pick: desk.Pick{Verb: desk.PickConfirm, Value: round(f)}})
	if f.Fails > 1 {
		opts = nil
		opts.add(desk.Option{Label: phrase("option_human").plain(r.lang), Pick: desk.Pick{Verb: desk.PickHuman}})
		opts.add(desk.Option{Label: phrase("option_retry").plain(r.lang), Pick: desk.Pick{Verb: desk.PickConfirm, Value: round(f)}})
	}
	if len(r.lines(f)) > 0 {
		opts.add(desk.Option{Label: phrase("option_change").plain(r.lang), Pick: desk.Pick{Verb: desk.PickEdit}})
	}
	opts.add(desk.Option{Label: phrase("option_cancel").plain(r.lang), Pick: desk.Pick{Verb: desk.PickCancel}})
	if f.Fails <= 1 {
		opts.add(r.humanOption())
	}
	r.ask(desk.Content{Text: phrase("try_again").words(r.lang), Options: opts, Input: &desk.Input{Type: desk.SlotYesNo}})
}
