package nlu

import (
	"context"
	"slices"
	"strings"

	"github.com/parleyhq/parley/bot"
	"github.com/parleyhq/parley/desk"
)

// How sure the kinds of reading are.
const (
	sure      = 0.97 // the very words
	fitting   = 0.92 // an answer that parses as what was asked
	offered   = 0.88 // a value volunteered
	wordsOnly = 0.8  // any words would have done
)

// reading is one utterance being understood.
type reading struct {
	u      *Understander
	in     bot.Utterance
	p      plain
	main   plain    // p without the clauses that ask for information
	asks   []string // those clauses, as written
	scored []Scored
	flow   Flow // the active one
	active bool

	ctx   context.Context // the time that there is for asking what words mean
	model *Model
}

// read reads an utterance; what an embedder has not said when ctx is over, it
// need not say. The answer to a sensitive question is shown to none outside.
func (u *Understander) read(ctx context.Context, in bot.Utterance) *reading {
	r := &reading{u: u, in: in, p: newPlain(in.Text), ctx: ctx, model: u.model}
	if in.Asking != nil && in.Asking.Slot.Sensitive {
		r.model = u.model.Discreet()
	}
	r.flow, r.active = u.flow(in.Active)
	r.main = r.p
	parts := clauses(r.p)
	if len(parts) > 1 {
		r.divide(parts)
	}
	r.scored = r.model.JudgeIn(ctx, r.main.orig).Ranked
	return r
}

// divide puts the clauses that ask for information apart, unless they are all
// there is.
func (r *reading) divide(parts []textSpan) {
	var keep []textSpan
	var asks []string
	for _, s := range parts {
		_, _, text := r.p.span(s.from, s.to)
		if c := newPlain(text); asksInfo(c) || isQuestion(c) && len(c.s) > 12 && r.isAnswerClass(text) {
			asks = append(asks, text)
			continue
		}
		keep = append(keep, s)
	}
	if len(asks) == 0 || len(keep) == 0 {
		return
	}
	orig := []byte(r.p.orig)
	for _, s := range parts {
		if slices.Contains(keep, s) {
			continue
		}
		a, b, _ := r.p.span(s.from, s.to)
		for i := a; i < b; i++ {
			orig[i] = ' '
		}
	}
	main := newPlain(strings.Trim(string(orig[r.p.at[keep[0].from]:]), " ,?？，"))
	if len(contentWords(main.s)) == 0 && readYesNo(main).value == "" {
		return // only "hi," stands beside the question
	}
	r.main = main
	r.asks = asks
}

func (r *reading) isAnswerClass(text string) bool {
	s := r.model.JudgeIn(r.ctx, text).Ranked
	return len(s) > 0 && s[0].Class == ClassAnswer && s[0].Confidence >= r.u.clarify
}

// commands reads the utterance; none means that nothing was understood.
func (r *reading) commands() []bot.Command {
	if strings.TrimSpace(r.p.s) == "" {
		return nil
	}
	answers := r.answers()
	if wantsHuman(r.p) && !r.namesAskedChoice() {
		return r.one(bot.CommandHuman, sure)
	}
	if out := r.refused(); out != nil {
		return out
	}
	if r.in.Confirming {
		if out := r.confirming(); out != nil {
			return append(out, answers...)
		}
	}
	out := r.plainly()
	if r.u.filler != nil {
		out = r.together(out)
	}
	return append(out, answers...)
}

// plainly reads what is unmistakable.
func (r *reading) plainly() []bot.Command {
	if out := r.steering(); out != nil {
		return out
	}
	if out := r.toOffer(); out != nil {
		return out
	}
	if r.in.Asking != nil {
		if out := r.answering(); out != nil {
			return out
		}
		if out := r.notKnown(); out != nil {
			return out
		}
	}
	return r.talking()
}

// answers is a command for each clause that asks for information.
func (r *reading) answers() []bot.Command {
	var out []bot.Command
	for _, q := range r.asks {
		out = append(out, bot.Command{Kind: bot.CommandAnswer, Text: q, Confidence: offered})
	}
	return out[:min(len(out), 1)]
}

func (r *reading) one(kind bot.CommandKind, confidence float64) []bot.Command {
	return []bot.Command{{Kind: kind, Text: r.in.Text, Confidence: confidence}}
}

func (r *reading) namesAskedChoice() bool {
	if r.in.Asking == nil || r.in.Asking.Slot.Type != desk.SlotChoice {
		return false
	}
	found := Find(desk.SlotChoice, r.main.orig, r.in.Lang, r.u.options(r.in.Asking.Slot, r.in, false))
	return len(found) == 1 && len(contentWords(r.main.s)) <= len(strings.Fields(found[0].Text))
}

// confirming reads the answer to a summary. A yes with a change in it is the
// change: the summary has to be shown again.
func (r *reading) confirming() []bot.Command {
	yn := readYesNo(r.main)
	if editRE.MatchString(bare(r.main.s)) {
		return r.one(bot.CommandReject, sure)
	}
	var changes []bot.Command
	if yn.rest != "" || yn.value == "" {
		changes = r.corrections(true)
	}
	switch {
	case len(changes) > 0:
		return changes
	case yn.value == "yes":
		return r.one(bot.CommandConfirm, sure)
	case yn.value == "no":
		if steers(r.main) == ClassCancel && bare(r.main.s) != "no" {
			return r.one(bot.CommandCancel, sure)
		}
		return r.one(bot.CommandReject, sure)
	}
	return nil
}

// steering reads cancel, skip, repeat, resume and back when nothing else is
// said, unless the words are a value of the asked slot.
func (r *reading) steering() []bot.Command {
	class := steers(r.main)
	if class == "" || r.isAskedValue(class) {
		return nil
	}
	switch class {
	case ClassCancel:
		if r.active || len(r.in.Paused) > 0 {
			return r.one(bot.CommandCancel, sure)
		}
		return r.cancelWhat()
	case ClassSkip:
		if r.in.Asking != nil {
			return r.one(bot.CommandSkip, sure)
		}
	case ClassRepeat:
		return r.one(bot.CommandRepeat, sure)
	case ClassResume:
		return r.resume()
	case ClassBack:
		return r.back(sure)
	case ClassGreeting:
		return r.smallTalk(bot.Greeting)
	case ClassThanks:
		return r.smallTalk(bot.Thanks)
	case ClassBye:
		return r.smallTalk(bot.Bye)
	case ClassAbout:
		return r.smallTalk(bot.About)
	case ClassHelp:
		return r.smallTalk(bot.Help)
	}
	return nil
}

// isAskedValue reports whether words that could steer are the asked value: a
// choice called "nothing", a no to a yes-or-no question.
func (r *reading) isAskedValue(class string) bool {
	if r.in.Asking == nil {
		return false
	}
	s := r.in.Asking.Slot
	if _, ok := r.agreed(s); ok {
		return true
	}
	switch s.Type {
	case desk.SlotChoice:
		return r.namesAskedChoice()
	case desk.SlotYesNo:
		return class != ClassCancel && readYesNo(r.main).value != ""
	}
	return false
}

// back leads to the menus; the flow is kept.
func (r *reading) back(confidence float64) []bot.Command {
	return []bot.Command{{Kind: bot.CommandBack, Value: "start", Text: r.in.Text, Confidence: confidence}}
}

func (r *reading) smallTalk(value string) []bot.Command {
	return []bot.Command{{Kind: bot.CommandChitchat, Value: value, Text: r.in.Text, Confidence: sure}}
}

func (r *reading) resume() []bot.Command {
	if len(r.in.Paused) == 0 {
		if r.active {
			return r.one(bot.CommandRepeat, offered)
		}
		return r.one(bot.CommandResume, offered)
	}
	out := bot.Command{Kind: bot.CommandResume, Text: r.in.Text, Confidence: sure}
	for _, name := range r.in.Paused {
		if f, ok := r.u.flow(name); ok {
			for _, lang := range f.Title.Langs() {
				if t := newPlain(f.Title[lang]).s; t != "" && strings.Contains(r.p.s, t) {
					out.Flow = name
				}
			}
		}
	}
	return []bot.Command{out}
}

// answering reads the utterance as the answer to the question that stands.
func (r *reading) answering() []bot.Command {
	s := r.in.Asking.Slot
	if e, ok := r.agreed(s); ok {
		return []bot.Command{r.set(r.in.Asking.Flow, s, e, fitting)}
	}
	if s.IsFree() {
		return r.freeAnswer(s)
	}
	if asksInfo(r.main) {
		return nil
	}
	if out := r.markedCorrection(s); out != nil {
		return out
	}
	found := Find(s.Type, r.main.orig, r.in.Lang, r.u.options(s, r.in, true))
	e, ok := r.pick(s, found)
	if !ok {
		if s.Optional && s.Type != desk.SlotYesNo && readYesNo(r.main).value == "no" && readYesNo(r.main).rest == "" {
			return r.one(bot.CommandSkip, fitting)
		}
		if len(found) > 1 {
			return r.one(bot.CommandNone, 0) // "latte or americano"
		}
		return nil
	}
	out := []bot.Command{r.set(r.in.Asking.Flow, s, e, fitting)}
	for _, v := range r.volunteered(r.activeFlow(), e) {
		if v.Slot != s.Name {
			out = append(out, v)
		}
	}
	return out
}

// agreed is the value that a bare yes takes: the only one that the question
// proposed for its slot.
func (r *reading) agreed(s bot.Slot) (Entity, bool) {
	yn := readYesNo(r.main)
	if yn.value != "yes" || yn.rest != "" || s.Type == desk.SlotYesNo {
		return Entity{}, false
	}
	value := ""
	for _, p := range r.in.Proposed {
		if p.Kind == bot.ProposalConfirm && p.Flow == r.in.Asking.Flow && p.Slot == s.Name {
			if value != "" {
				return Entity{}, false
			}
			value = p.Value
		}
	}
	return Entity{Value: value, Text: strings.TrimSpace(r.main.orig)}, value != ""
}

// activeFlow is the flow whose slots count: that of the question, else the
// active one.
func (r *reading) activeFlow() Flow {
	if r.in.Asking != nil {
		if f, ok := r.u.flow(r.in.Asking.Flow); ok {
			return f
		}
	}
	return r.flow
}

// pick chooses the value among those found. Several different ones are only an
// answer when a later one replaces an earlier one ("latte, no, americano"), or
// when the first of them is what such a sentence means (a time, a number to
// call).
func (r *reading) pick(s bot.Slot, found []Entity) (Entity, bool) {
	if len(found) == 0 {
		return Entity{}, false
	}
	same := true
	for _, e := range found {
		same = same && e.Value == found[0].Value
	}
	if same {
		return found[0], true
	}
	last := found[len(found)-1]
	between := newPlain(r.main.orig[found[0].End:last.Start]).s
	if correctRE.MatchString(strings.TrimLeft(between, " ,.!-")) || strings.Contains(between, "不") {
		return last, true
	}
	if s.Sensitive {
		return Entity{}, false // it is passed on unseen: nobody would notice a wrong guess
	}
	switch s.Type {
	case desk.SlotChoice, desk.SlotNumber, desk.SlotMoney, desk.SlotYesNo:
		return Entity{}, false
	}
	return found[0], true
}

func (r *reading) set(flow string, s bot.Slot, e Entity, confidence float64) bot.Command {
	kind := bot.CommandSet
	if old, filled := r.in.Slots[s.Name]; filled && (flow == "" || flow == r.in.Active) && old != "" && old != e.Value {
		kind = bot.CommandCorrect
	}
	if flow == r.in.Active {
		flow = ""
	}
	return bot.Command{Kind: kind, Flow: flow, Slot: s.Name, Value: e.Value, Text: e.Text, Confidence: confidence}
}

// freeAnswer reads the answer to a question that any words would answer: a
// note, a name, an address.
func (r *reading) freeAnswer(s bot.Slot) []bot.Command {
	yn := readYesNo(r.main)
	if yn.value != "" && yn.rest == "" {
		if s.Optional && yn.value == "no" {
			return r.one(bot.CommandSkip, fitting)
		}
		return nil
	}
	if asksInfo(r.main) || strings.HasSuffix(strings.TrimSpace(r.main.s), "?") || hasHan(r.main.s) && questionEnd.MatchString(r.main.s) {
		return nil
	}
	if out := r.markedCorrection(s); out != nil {
		return out
	}
	if out := r.otherFlow(); out != nil {
		return out
	}
	if s.Type == desk.SlotAddress {
		return r.addressAnswer(s)
	}
	if out := r.taggedAnswer(s); out != nil {
		return out
	}
	text := strings.TrimSpace(r.main.orig)
	return []bot.Command{r.set(r.in.Asking.Flow, s, Entity{Value: text, Text: text}, wordsOnly)}
}

// addressAnswer takes the address out of a sentence that says more, else the
// whole sentence.
func (r *reading) addressAnswer(s bot.Slot) []bot.Command {
	said := Find(desk.SlotAddress, r.main.orig, r.in.Lang, r.u.options(s, r.in, false))
	if len(said) == 1 {
		var others []bot.Command
		for _, v := range r.volunteered(r.activeFlow(), said[0]) {
			if v.Slot != s.Name {
				others = append(others, v)
			}
		}
		if len(others) > 0 {
			return append([]bot.Command{r.set(r.in.Asking.Flow, s, said[0], fitting)}, others...)
		}
	}
	found := Find(desk.SlotAddress, r.main.orig, r.in.Lang, r.u.options(s, r.in, true))
	if len(found) == 0 && hasHan(r.main.s) && (flowOf(r.top().Class) == "" || r.top().Confidence < r.u.act) {
		text := strings.TrimSpace(r.main.orig)
		return []bot.Command{r.set(r.in.Asking.Flow, s, Entity{Value: text, Text: text}, wordsOnly)}
	}
	if len(found) == 0 {
		return nil
	}
	e, confidence := found[0], fitting
	if e.Weak {
		confidence = wordsOnly
		if only := r.volunteered(r.activeFlow(), Entity{}); len(only) > 0 && coversWords(r.main.s, only) {
			return only // "cash please" is no place
		}
	}
	return []bot.Command{r.set(r.in.Asking.Flow, s, e, confidence)}
}

// coversWords reports whether the values found are all that s says.
func coversWords(s string, found []bot.Command) bool {
	for _, c := range found {
		s = strings.ReplaceAll(s, newPlain(c.Text).s, " ")
	}
	return len(contentWords(s)) == 0
}
