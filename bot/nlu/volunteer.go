package nlu

import (
	"regexp"
	"strings"

	"github.com/parleyhq/parley/bot"
	"github.com/parleyhq/parley/desk"
)

// volunteered finds values that the customer gives unasked: only where the
// words say what they are, and only one slot of the flow can mean them; what no
// rule finds the tagger may. Words inside taken belong to the asked slot.
func (r *reading) volunteered(f Flow, taken Entity) []bot.Command {
	type claim struct {
		slot bot.Slot
		e    Entity
	}
	var claims []claim
	for _, s := range f.Slots {
		if s.Sensitive || s.Type == desk.SlotYesNo || s.Type == desk.SlotAttachment {
			continue
		}
		var found []Entity
		if s.Type == desk.SlotText {
			found = said(r.main, s)
		} else {
			found = Find(s.Type, r.main.orig, r.in.Lang, r.u.options(s, r.in, false))
		}
		e, ok := r.pick(s, found)
		if ok && !(e.Start < taken.End && taken.Start < e.End) {
			claims = append(claims, claim{s, e})
		}
	}
	if tags := r.tagged(f); len(tags) > 0 {
		rules := len(claims)
		for _, s := range f.Slots {
			e, ok := tags[s.Name]
			for _, c := range claims[:rules] {
				ok = ok && c.slot.Name != s.Name && (c.e.End <= e.Start || e.End <= c.e.Start)
			}
			if ok && !(e.Start < taken.End && taken.Start < e.End) {
				claims = append(claims, claim{s, e})
			}
		}
	}
	var out []bot.Command
next:
	for i, c := range claims {
		for j, d := range claims {
			if i == j || c.e.End <= d.e.Start || d.e.End <= c.e.Start {
				continue
			}
			if partsOfTime(c.slot.Type, d.slot.Type) {
				continue
			}
			mine, theirs := c.e.End-c.e.Start, d.e.End-d.e.Start
			if c.slot.Type == d.slot.Type || mine <= theirs {
				continue next // two slots could mean it, or it is a part of more
			}
		}
		out = append(out, r.set(f.Name, c.slot, c.e, offered))
	}
	return out
}

// partsOfTime reports whether one moment can fill both: its date the one, its
// time the other.
func partsOfTime(a, b desk.SlotType) bool {
	return a == desk.SlotDate && b == desk.SlotTime || a == desk.SlotTime && b == desk.SlotDate
}

// said finds what is said of a text slot by name: "note: ring twice", 备注：少糖.
func said(p plain, s bot.Slot) []Entity {
	names := []string{regexp.QuoteMeta(strings.ReplaceAll(s.Name, "_", " "))}
	for _, lang := range s.Label.Langs() {
		if n := newPlain(s.Label[lang]).s; n != "" {
			names = append(names, regexp.QuoteMeta(n))
		}
	}
	re, err := regexp.Compile(`(?:` + strings.Join(names, "|") + `) ?(?:is|says|:|-|是|为|写) ?(.+)$`)
	if err != nil {
		return nil
	}
	m := re.FindStringSubmatchIndex(p.s)
	if m == nil || !bounded(p.s, m[0], m[0]) {
		return nil
	}
	_, _, text := p.span(m[2], m[3])
	e := p.entity(m[2], m[3], strings.TrimSpace(strings.TrimRight(text, " .。")))
	if e.Value == "" {
		return nil
	}
	return []Entity{e}
}
