package bot

import (
	"fmt"

	"github.com/parleyhq/parley/desk"
)

// fill gives a slot of the active flow a value, if it may have it. It reports
// whether the value was taken; if not, what to say is prepared and the slot is
// asked (again).
func (r *run) fill(s Slot, value, shown string) bool {
	f := r.st.top()
	canonical, reason := s.Check(value, r.now)
	if reason == "" && s.validate != nil && !s.validate.holds(r.envWith(f, "value", typed(s.Type, canonical))) {
		reason = reasonRule
	}
	if reason != "" {
		r.invalid(s, reason, value)
		return false
	}
	if s.Sensitive {
		canonical = r.secret(s.Name, canonical)
	}
	old := f.Slots[s.Name]
	if old == canonical {
		if f.Edit == s.Name {
			f.Edit = ""
		}
		delete(f.Tries, s.Name)
		return true
	}
	f.set(s.Name, canonical, shown)
	m := desk.Mark{Kind: desk.MarkSet, Flow: f.Flow, Slot: s.Name, Value: s.masked(canonical)}
	if old != "" {
		m.Kind, m.Data = desk.MarkCorrected, map[string]string{"from": s.masked(old)}
	}
	r.mark(m)
	return true
}

// secret has the value that was read out of the masked answer of this turn kept
// beside it, and returns its reference. Nothing is under the reference of an
// answer that was not masked: it will be asked for again.
func (r *run) secret(slot, value string) string {
	if r.turn.Secret != "" {
		ref := r.turn.Secret + "/" + slot
		r.keeps = append(r.keeps, desk.Keep{Ref: ref, Value: value})
		return ref
	}
	if r.turn.Message == nil {
		return "secret:"
	}
	return "secret:" + string(r.turn.Message.ID)
}

// invalid notes an answer that is no value, says why, and has it asked again,
// or gives the conversation to a person when it was tried often enough.
func (r *run) invalid(s Slot, reason, value string) {
	f := r.st.top()
	if s.Sensitive {
		value = dots
	}
	r.mark(desk.Mark{Kind: desk.MarkInvalid, Flow: f.Flow, Slot: s.Name, Value: cut(value, 120), Data: map[string]string{"reason": reason}})
	tries := f.missed(s.Name)
	if tries >= s.Retries {
		r.handOver("retries", "hand_over_retries")
		return
	}
	r.human = tries >= 2
	r.want = s.Name
	r.lead = append(r.lead, r.invalidText(s, reason))
}

func (r *run) invalidText(s Slot, reason string) string {
	if !s.Invalid.IsZero() {
		return r.render(r.st.top(), s.Invalid)
	}
	in := s.input(r.now)
	dates := s.Type == desk.SlotDate || s.Type == desk.SlotDateTime
	long := s.Type == desk.SlotText || s.Type == desk.SlotAddress
	switch {
	case reason == reasonMin && dates:
		return phrase("too_early").words(r.lang, "bound", Slot{Type: desk.SlotDate}.show(in.Min, r.lang))
	case reason == reasonMax && dates:
		return phrase("too_late_date").words(r.lang, "bound", Slot{Type: desk.SlotDate}.show(in.Max, r.lang))
	case reason == reasonMin && long:
		return phrase("too_short").words(r.lang, "bound", s.Min)
	case reason == reasonMax && (long || s.Max == ""):
		limit := s.Max
		if limit == "" {
			limit = fmt.Sprint(maxValue)
		}
		return phrase("too_long").words(r.lang, "bound", limit)
	case reason == reasonMin:
		return phrase("too_small").words(r.lang, "bound", s.show(s.Min, r.lang))
	case reason == reasonMax:
		return phrase("too_large").words(r.lang, "bound", s.show(s.Max, r.lang))
	case reason == reasonPattern, reason == reasonRule:
		return phrase("invalid_form").words(r.lang)
	}
	return invalidPhrase(s.Type).words(r.lang)
}

func invalidPhrase(t desk.SlotType) phrase {
	switch t {
	case desk.SlotChoice:
		return "invalid_choice"
	case desk.SlotNumber:
		return "invalid_number"
	case desk.SlotMoney:
		return "invalid_money"
	case desk.SlotDate:
		return "invalid_date"
	case desk.SlotTime:
		return "invalid_time"
	case desk.SlotDateTime:
		return "invalid_moment"
	case desk.SlotPhone:
		return "invalid_phone"
	case desk.SlotEmail:
		return "invalid_email"
	case desk.SlotLocation:
		return "invalid_place"
	case desk.SlotYesNo:
		return "invalid_yesno"
	case desk.SlotAttachment:
		return "invalid_file"
	case desk.SlotPattern:
		return "invalid_form"
	}
	return "invalid"
}

// given takes files and places: for the asked slot, else for the first slot of
// that type that has no value. It reports whether the message is dealt with.
func (r *run) given(c desk.Content) bool {
	if len(c.Attachments) == 0 && c.Location == nil {
		return false
	}
	typ, value, shown := desk.SlotAttachment, "", ""
	if c.Location != nil {
		typ, shown = desk.SlotLocation, c.Location.Label
		value = fmt.Sprintf("%.6f,%.6f", c.Location.Lat, c.Location.Lon)
		if shown == "" {
			shown = fmt.Sprintf("%.4f, %.4f", c.Location.Lat, c.Location.Lon)
		}
	} else {
		value, shown = string(c.Attachments[0].ID), c.Attachments[0].Name
	}
	shown = cut(clean(shown), 120)
	s, ok := r.slotFor(typ)
	if !ok && typ == desk.SlotLocation {
		// A place that is shared says where to bring something, too.
		s, ok = r.slotFor(desk.SlotAddress)
		value = shown
	}
	if ok {
		r.fill(s, value, shown)
		return r.text == "" || r.end != nil || r.want != ""
	}
	if r.text != "" {
		return false
	}
	if typ == desk.SlotAttachment {
		r.leadWith("no_file")
	} else {
		r.leadWith("no_place")
	}
	return true
}

func (r *run) slotFor(typ desk.SlotType) (Slot, bool) {
	f := r.st.top()
	if f == nil || f.Left {
		return Slot{}, false
	}
	if s, ok := r.askedSlot(); ok && s.Type == typ {
		return s, true
	}
	applies := r.applicable(f)
	for _, s := range r.bot.flows[f.Flow].Slots {
		if s.Type == typ && f.Slots[s.Name] == "" && applies[s.Name] {
			return s, true
		}
	}
	return Slot{}, false
}

// env is what rules see of a frame.
func (r *run) env(f *frame) map[string]any {
	flow := r.bot.flows[f.Flow]
	applies := r.applicable(f)
	sc := scope{slots: flow.Slots, names: flow.saved()}
	return sc.env(func(name string) string {
		if v, ok := f.Saved[name]; ok {
			return v
		}
		if !applies[name] {
			return ""
		}
		return f.Slots[name]
	}, contactOf(r.contact()), r.now)
}

func (r *run) envWith(f *frame, name string, value any) map[string]any {
	env := r.env(f)
	env[name] = value
	return env
}

// applicable tells which slots are part of the flow now: those without a
// condition, and those whose condition holds. Conditions are looked at in file
// order, so one that depends on a slot that does not apply sees it empty.
func (r *run) applicable(f *frame) map[string]bool {
	flow := r.bot.flows[f.Flow]
	out := make(map[string]bool, len(flow.Slots))
	var env map[string]any
	for _, s := range flow.Slots {
		out[s.Name] = true
		if s.when == nil {
			continue
		}
		if env == nil {
			sc := scope{slots: flow.Slots}
			env = sc.env(func(name string) string { return f.Slots[name] }, contactOf(r.contact()), r.now)
		}
		if !s.when.holds(env) {
			out[s.Name] = false
			env[s.Name] = typed(s.Type, "")
		}
	}
	return out
}

// render fills an author's text with what the frame knows, as shown.
func (r *run) render(f *frame, t desk.Text) string {
	return render(t.In(r.lang), func(name string) string { return r.shown(f, name) })
}

// shown is a name of a template as people read it.
func (r *run) shown(f *frame, name string) string {
	if name == "contact.name" {
		return r.turn.Contact.Name
	}
	if v, ok := f.Saved[name]; ok {
		return v
	}
	s, ok := r.bot.flows[f.Flow].Slot(name)
	if !ok {
		return ""
	}
	if v, ok := f.Shown[name]; ok && !s.Sensitive {
		return v
	}
	return s.show(f.Slots[name], r.lang)
}
