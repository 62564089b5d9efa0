package evals

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/parleyhq/parley/desk"
)

// actor plays a simulated customer by rules. He knows what a customer would:
// his goal, what he has read, which question stands.
type actor struct {
	Customer
	lang desk.Lang
	mode Mode
	dice *rand.Rand

	title    string            // of the flow
	labels   map[string]string // what values were called, by slot=value
	opened   int               // times he said what he wants
	menus    map[string]bool   // he has been there
	asked    map[string]int    // questions for a slot so far
	refused  map[string]bool   // slots whose value he had to give up
	mended   map[string]int    // corrections of a slot
	minded   string            // the slot about which he changes his mind
	aside    bool              // he has digressed
	question int               // slots asked so far
}

// maxAsked is how often he answers one and the same question.
const maxAsked = 4

// serve lets the simulated customer talk until he has what he wants or gives
// up. It returns the slots in which he had to settle for something else; ok is
// false when it must not go on.
func (st *stage) serve(ctx context.Context, dice *rand.Rand) (but map[string]bool, ok bool) {
	c := *st.p.Customer
	a := &actor{Customer: c, lang: st.p.Lang, mode: st.p.mode, dice: dice, menus: map[string]bool{}, asked: map[string]int{}, labels: map[string]string{}, refused: map[string]bool{}, mended: map[string]int{}}
	a.title = strings.ReplaceAll(c.Goal.Flow, "_", " ")
	if st.o.Title != nil && c.Goal.Flow != "" {
		a.title = st.o.Title(desk.Target(desk.KindFlow+":"+c.Goal.Flow), st.p.Lang)
	}
	last := st.all
	for range c.Patience {
		if c.Goal.done(st.all) || st.s.conv.Status != desk.Automated {
			return a.refused, true
		}
		var what act
		var err error
		if c.Model {
			what, err = st.persona(ctx)
		} else {
			what, err = a.next(st.s, last)
		}
		if err != nil {
			return nil, st.keep(Turn{Line: st.p.Line}, did{}, err)
		}
		if what == (act{}) {
			break
		}
		marks := len(st.all.marks)
		says := len(st.all.says)
		if !st.does(ctx, what, Step{Line: st.p.Line}) {
			return nil, false
		}
		last = did{says: st.all.says[says:], marks: st.all.marks[marks:]}
	}
	if c.Goal.done(st.all) || st.s.conv.Status != desk.Automated {
		return a.refused, true
	}
	t := &st.out.Turns[len(st.out.Turns)-1]
	t.Problems = append(t.Problems, Problem{"customer", fmt.Sprintf("he gave up after %d turns", len(st.out.Turns)), a.Goal.String()})
	return nil, false
}

// String is the goal in a few words.
func (g Goal) String() string {
	switch {
	case g.Flow != "":
		return "flow " + g.Flow + " completed"
	case g.Ask != "":
		return "an answer from " + g.Article
	}
	return "a person in " + g.Queue
}

// next is what he does now; nothing when he gives up.
func (a *actor) next(s *session, last did) (act, error) {
	for _, m := range last.marks {
		if m.Kind == desk.MarkRefused {
			a.refused[m.Slot] = true
		}
		if m.Kind == desk.MarkMenu {
			a.menus[m.Value] = true
		}
	}
	f, active := s.flows.active()
	if a.Goal.Flow == "" || !active || f.name != a.Goal.Flow {
		if active && f.name != a.Goal.Flow && a.Goal.Flow != "" && a.opened > 0 {
			if act, err := s.find(string(desk.PickCancel)); err == nil && act.option != nil {
				return act, nil
			}
		}
		return a.open(s), nil
	}
	if a.opened == 0 {
		a.opened = 1
	}
	if o := option(s.newest(), func(o desk.Option) bool { return o.Pick.Verb == desk.PickConfirm }); o != nil {
		if wrong := a.wrong(f); wrong != "" {
			return a.mend(s, wrong), nil
		}
		return a.say(act{option: o, words: phrase(a.lang, "yes", "好的")}), nil
	}
	if a.minded != "" && a.mended[a.minded] == 0 && f.slots[a.minded] != "" && f.slots[a.minded] != a.Goal.Slots[a.minded].Value && a.mode != AsTaps && a.mode != AsKeys {
		return a.mend(s, a.minded), nil
	}
	if in := s.conv.Asking; in != nil && in.Slot != "" {
		return a.answer(s, *in), nil
	}
	if o := option(s.newest(), func(o desk.Option) bool { return o.Pick.Verb == desk.PickResume }); o != nil {
		return act{option: o}, nil
	}
	return a.open(s), nil
}

// option is the first that fits, or nil.
func option(all []desk.Option, fits func(desk.Option) bool) *desk.Option {
	if i := slices.IndexFunc(all, fits); i >= 0 {
		return &all[i]
	}
	return nil
}

// open says, or taps his way to, what he wants.
func (a *actor) open(s *session) act {
	target := map[bool]desk.Target{true: desk.Target(desk.KindFlow + ":" + a.Goal.Flow)}[a.Goal.Flow != ""]
	switch {
	case a.Goal.Ask != "":
		target = desk.Target(desk.KindArticle + ":" + a.Goal.Article)
	case a.Goal.Queue != "":
		target = desk.Target(desk.KindQueue + ":" + a.Goal.Queue)
	}
	options := s.newest()
	taps := a.mode == AsTaps || a.mode == AsKeys
	if o := option(options, func(o desk.Option) bool { return o.Pick.Target == target }); o != nil && (taps || a.opened > 0) {
		return act{option: o}
	}
	if a.Goal.Queue != "" && taps {
		if o := option(options, func(o desk.Option) bool { return o.Pick.Verb == desk.PickHuman }); o != nil {
			return act{option: o}
		}
	}
	if taps { // further menus may have it
		if o := option(options, func(o desk.Option) bool {
			return o.Pick.Target.Kind() == desk.KindMenu && !a.menus[o.Pick.Target.Name()]
		}); o != nil {
			a.menus[o.Pick.Target.Name()] = true
			return act{option: o}
		}
	}
	if a.opened++; a.opened > maxAsked {
		return act{}
	}
	return act{words: a.opening()}
}

// opening is how he says what he wants.
func (a *actor) opening() string {
	words := a.Goal.Ask
	switch {
	case len(a.Goal.Opens) > 0:
		words = a.Goal.Opens[(a.opened-1+a.dice.IntN(len(a.Goal.Opens)))%len(a.Goal.Opens)]
	case a.Goal.Queue != "":
		words = phrase(a.lang, "I want to talk to a person", "我要转人工")
	case a.Goal.Flow != "":
		title := a.title
		switch {
		case a.opened > 1:
			return title // plainer when he was not understood
		case a.dice.IntN(2) == 0:
			words = phrase(a.lang, "%s, please", "请帮我%s", title)
		default:
			words = phrase(a.lang, "Hello, I need this: %s", "你好，我想%s", strings.ToLower(title))
		}
	}
	if a.is(AllAtOnce) && a.opened == 1 && a.Goal.Flow != "" {
		parts := []string{words}
		for _, name := range sorted(a.Goal.Slots) {
			parts = append(parts, a.word(name))
		}
		words = strings.Join(parts, phrase(a.lang, ", ", "，"))
	}
	return a.styled(words, a.Goal.Ask == "", true)
}

// answer answers the question for a slot.
func (a *actor) answer(s *session, in desk.Input) act {
	if a.is(Digresses) && !a.aside && a.question > 0 {
		a.aside = true
		asides := a.Goal.Asides
		if len(asides) == 0 {
			asides = []string{phrase(a.lang, "What are your opening hours?", "你们几点营业？")}
		}
		return act{words: asides[a.dice.IntN(len(asides))]}
	}
	a.question++
	if a.asked[in.Slot]++; a.asked[in.Slot] > maxAsked {
		return act{}
	}
	var choices []desk.Option
	for _, o := range s.newest() {
		if o.Pick.Verb == desk.PickAnswer && o.Pick.Slot == in.Slot {
			choices = append(choices, o)
			a.labels[in.Slot+"="+o.Pick.Value] = o.Label
		}
	}
	goal, known := a.Goal.Slots[in.Slot]
	mine := option(choices, func(o desk.Option) bool { return o.Pick.Value == goal.Value })
	switch {
	case known && a.refused[in.Slot] && mine == nil && len(choices) > 0, !known && !in.Optional && len(choices) > 0:
		a.refused[in.Slot] = true // he takes what there is
		return a.say(act{option: &choices[a.dice.IntN(len(choices))]})
	case known && a.is(ChangesMind) && a.minded == "" && mine != nil && len(choices) > 1:
		a.minded = in.Slot
		others := slices.DeleteFunc(slices.Clone(choices), func(o desk.Option) bool { return o.Pick.Value == goal.Value })
		return a.say(act{option: &others[a.dice.IntN(len(others))]})
	case mine != nil && known:
		return a.say(act{option: mine})
	case known:
		return a.value(in, goal)
	case in.Optional:
		if o := option(s.newest(), func(o desk.Option) bool { return o.Pick.Verb == desk.PickSkip }); o != nil {
			return act{option: o}
		}
		return act{words: phrase(a.lang, "skip", "跳过")}
	case in.Type == desk.SlotYesNo:
		return act{words: phrase(a.lang, "no", "不")}
	}
	return act{words: phrase(a.lang, "I don't know", "我不知道")}
}

// value says a value that no option stands for.
func (a *actor) value(in desk.Input, goal GoalValue) act {
	words := goal.Value
	if len(goal.Say) > 0 {
		words = goal.Say[a.dice.IntN(len(goal.Say))]
	}
	switch in.Type {
	case desk.SlotLocation:
		var p desk.Location
		if _, err := fmt.Sscanf(goal.Value, "%g,%g", &p.Lat, &p.Lon); err == nil {
			return act{place: &p}
		}
	case desk.SlotAttachment:
		return act{file: &desk.Attachment{ID: desk.ID(goal.Value), Name: "photo.jpg", Type: "image/jpeg", Size: 1 << 10, URL: "/v1/files/" + goal.Value}}
	case desk.SlotChoice, desk.SlotYesNo:
		return act{words: a.styled(words, true, false)}
	}
	return act{words: words} // in his own words only: what is around them would be taken for the value
}

// word is a value as he would say it unasked.
func (a *actor) word(slot string) string {
	v := a.Goal.Slots[slot]
	if len(v.Say) > 0 {
		return v.Say[0]
	}
	if label := a.labels[slot+"="+v.Value]; label != "" {
		return label
	}
	if a.lang != desk.Chinese || !strings.Contains(v.Value, "_") {
		return strings.ReplaceAll(v.Value, "_", " ")
	}
	return v.Value
}

// wrong is a slot whose value on the summary is not what he wants.
func (a *actor) wrong(f flowState) string {
	for _, name := range sorted(a.Goal.Slots) {
		v, known := f.slots[name]
		if known && v != a.Goal.Slots[name].Value && !strings.Contains(v, "•") && !a.refused[name] && a.mended[name] < 2 {
			return name
		}
	}
	return ""
}

// mend corrects a slot: by the summary's own option in taps, else in words.
func (a *actor) mend(s *session, slot string) act {
	if a.mode == AsTaps {
		if what, err := s.find("edit:" + slot); err == nil && what.option != nil {
			a.mended[slot]++
			a.asked[slot] = 0
			return what
		}
	}
	a.mended[slot]++
	return act{words: phrase(a.lang, "no, make it %s", "不对，换成%s", a.word(slot))}
}

// say adds the customer's style to an option that he would say in words.
func (a *actor) say(what act) act {
	if a.mode == AsTaps || a.mode == AsKeys || what.option == nil {
		return what
	}
	if what.words != "" {
		return act{words: what.words}
	}
	return act{words: a.styled(what.option.Label, true, false)}
}

// styled says words in the customer's way.
func (a *actor) styled(words string, typos, opening bool) string {
	if a.is(Typos) && typos {
		words = misspelt(words, a.dice)
	}
	if !a.is(Chatty) || a.is(Terse) {
		return words
	}
	if opening {
		return phrase(a.lang, "Hi there, hope you are well! %s", "你好呀！%s", words)
	}
	en := []string{"%s would be great, thanks", "let me see... %s please", "I think %s"}
	zh := []string{"%s就好，谢谢", "嗯……%s吧", "我想要%s"}
	i := a.dice.IntN(len(en))
	return phrase(a.lang, en[i], zh[i], words)
}

// misspelt swaps two letters in the middle of one longer word.
func misspelt(words string, dice *rand.Rand) string {
	fields := strings.Fields(words)
	var long []int
	for i, w := range fields {
		if len(w) >= 5 && strings.IndexFunc(w, func(r rune) bool { return r < 'A' || r > 'z' }) < 0 {
			long = append(long, i)
		}
	}
	if len(long) == 0 {
		return words
	}
	i := long[dice.IntN(len(long))]
	b := []byte(fields[i])
	k := 1 + dice.IntN(len(b)-3)
	b[k], b[k+1] = b[k+1], b[k]
	fields[i] = string(b)
	return strings.Join(fields, " ")
}
