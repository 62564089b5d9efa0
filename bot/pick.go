package bot

import (
	"strings"
	"unicode/utf8"

	"github.com/parleyhq/parley/desk"
)

// pick carries out a tap, which says exactly what is meant. A tap on an option
// of an older question counts where it still makes sense, and never as consent.
func (r *run) pick(p desk.Pick) error {
	f := r.st.top()
	switch p.Verb {
	case desk.PickGo:
		return r.goTo(p.Target)
	case desk.PickAnswer:
		r.picked(p)
	case desk.PickConfirm:
		switch {
		case f != nil && f.Phase == confirming && p.Value == round(f), f != nil && f.Phase == failed && p.Value == round(f):
			f.Phase = confirmed
		default:
			r.leadWith("too_late")
		}
	case desk.PickReject:
		if !r.yesOrNo(plan{reject: &Command{}}, false) {
			r.leadWith("old_tap")
		}
	case desk.PickEdit:
		r.pickedEdit(p.Slot)
	case desk.PickSkip:
		if p.Slot != "" && (f == nil || f.Ask != p.Slot) || !r.skip() {
			r.leadWith("old_tap")
		}
	case desk.PickCancel:
		r.cancel()
	case desk.PickResume:
		if f != nil && f.Edit != "" {
			f.Edit = ""
		} else if !r.resume(p.Target.Name()) {
			r.leadWith("no_resume")
		}
	case desk.PickHuman:
		r.handOver("asked", "hand_over")
	case desk.PickBack:
		r.leave(desk.Back)
	case desk.PickStart:
		r.leave(desk.Start)
	}
	return nil
}

// picked takes the value of a tapped option.
func (r *run) picked(p desk.Pick) {
	f := r.st.top()
	if f != nil && !f.Left {
		if s, ok := r.bot.flows[f.Flow].Slot(p.Slot); ok {
			r.fill(s, p.Value, "")
			return
		}
	}
	r.leadWith("old_tap")
}

func (r *run) pickedEdit(slot string) {
	f := r.st.top()
	if f == nil || f.Left {
		r.leadWith("old_tap")
		return
	}
	if slot == "" {
		r.askChange()
		return
	}
	if _, ok := r.bot.flows[f.Flow].Slot(slot); ok {
		r.edit(slot)
	}
}

// typed finds the option of the last question that was typed rather than
// tapped: its label or its key.
func (r *run) typed() (desk.Pick, bool) {
	if utf8.RuneCountInString(r.text) > 80 || r.turn.Enter != "" {
		return desk.Pick{}, false
	}
	for _, o := range r.st.Offered {
		if strings.EqualFold(o.Label, r.text) || o.Key != "" && o.Key == r.text {
			return o.Pick, true
		}
	}
	return desk.Pick{}, false
}
