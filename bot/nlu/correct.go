package nlu

import (
	"regexp"
	"slices"
	"strings"

	"github.com/parleyhq/parley/bot"
	"github.com/parleyhq/parley/desk"
)

// markedCorrection reads "no, small" and "actually make it a latte" while s is
// asked: a change of a slot that is filled.
func (r *reading) markedCorrection(asked bot.Slot) []bot.Command {
	if !correctRE.MatchString(r.main.s) {
		return nil
	}
	var out []bot.Command
	for _, c := range r.corrections(false) {
		if c.Slot != asked.Name || c.Value != "" {
			out = append(out, c)
		}
	}
	for _, c := range out {
		if c.Kind == bot.CommandCorrect {
			return out
		}
	}
	return nil
}

// corrections finds changes to the active flow: named values, a slot named to
// be changed ("change the address to …", "the size is wrong"), and with loose
// a bare value that only one filled slot can take.
func (r *reading) corrections(loose bool) []bot.Command {
	if !r.active {
		return nil
	}
	marked := correctRE.MatchString(r.main.s)
	if c, ok := r.namedSlot(marked); ok {
		return []bot.Command{c}
	}
	if asksInfo(r.main) {
		return nil
	}
	out := r.volunteered(r.flow, Entity{})
	out = slices.DeleteFunc(out, func(c bot.Command) bool { return c.Kind == bot.CommandSet && r.in.Slots[c.Slot] == c.Value })
	if len(out) > 0 || !marked && !loose {
		return out
	}
	var fits []bot.Command
	for _, s := range r.flow.Slots {
		if r.in.Slots[s.Name] == "" || s.IsFree() || s.Type == desk.SlotYesNo || s.Sensitive {
			continue
		}
		found := Find(s.Type, r.main.orig, r.in.Lang, r.u.options(s, r.in, true))
		if len(found) == 1 && found[0].Value != r.in.Slots[s.Name] {
			fits = append(fits, r.set("", s, found[0], wordsOnly))
		}
	}
	if len(fits) == 1 {
		return fits
	}
	return nil
}

var changeToRE = regexp.MustCompile(`^(?:.*?)(?: to | is |: ?| should be | as |成|为|到|是|应该是)`)

// namedSlot reads a change that names its slot. Without a value the slot is to
// be asked again.
func (r *reading) namedSlot(marked bool) (bot.Command, bool) {
	for _, s := range r.flow.Slots {
		at := mention(r.main.s, s)
		if at < 0 {
			continue
		}
		rest := r.main.s[at:]
		m := changeToRE.FindStringIndex(rest)
		if !marked && m == nil {
			continue
		}
		if m != nil && marked {
			start := r.main.at[at+m[1]]
			tail := r.main.orig[start:]
			if found := Find(s.Type, tail, r.in.Lang, r.u.options(s, r.in, true)); len(found) > 0 && strings.TrimSpace(tail) != "" && !isWrongWord(tail) {
				return r.set("", s, found[0], fitting), true
			}
		}
		if !marked || r.in.Slots[s.Name] == "" {
			continue
		}
		if vs := r.volunteered(r.flow, Entity{}); len(vs) > 0 {
			continue
		}
		return bot.Command{Kind: bot.CommandCorrect, Slot: s.Name, Text: r.in.Text, Confidence: offered}, true
	}
	return bot.Command{}, false
}

var wrongWordRE = regexp.MustCompile(`^\s*(?:wrong|incorrect|not right|not correct|a mistake|错的?|不对|错了)\W*$`)

func isWrongWord(s string) bool { return wrongWordRE.MatchString(newPlain(s).s) }

// mention finds where a slot is named, after its name; -1 for nowhere.
func mention(s string, slot bot.Slot) int {
	names := []string{strings.ReplaceAll(slot.Name, "_", " ")}
	for _, lang := range slot.Label.Langs() {
		names = append(names, newPlain(slot.Label[lang]).s)
	}
	switch slot.Type {
	case desk.SlotAddress:
		names = append(names, "address", "地址")
	case desk.SlotPhone:
		names = append(names, "phone number", "phone", "电话", "手机号")
	case desk.SlotEmail:
		names = append(names, "email", "e-mail", "邮箱")
	case desk.SlotTime, desk.SlotDateTime:
		names = append(names, "time", "时间")
	case desk.SlotDate:
		names = append(names, "date", "日期")
	}
	for _, n := range names {
		if i := strings.Index(s, n); n != "" && i >= 0 && bounded(s, i, i+len(n)) {
			return i + len(n)
		}
	}
	return -1
}
