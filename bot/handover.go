package bot

import (
	"slices"

	"github.com/parleyhq/parley/desk"
)

// handOver ends the turn with the conversation in the queue of those who want
// a person. reason is the card's; words are told once he is in the queue.
func (r *run) handOver(reason string, words phrase) {
	r.handOverTo(desk.QueueName(r.bot.settings.Human.Name()), reason, words)
}

func (r *run) handOverTo(queue desk.QueueName, reason string, words phrase) {
	m := desk.Mark{Kind: desk.MarkHuman, Value: reason}
	if f := r.st.top(); f != nil {
		m.Flow = f.Flow
	}
	card := r.card(reason)
	r.mark(m)
	r.st.Offered = nil
	r.asked = true
	r.end = desk.HandOff{Queue: queue, Card: card, Say: desk.Content{Text: r.led(words.words(r.lang)), Markdown: true, HandOver: card}}
}

// card is what a person needs to know so that the customer repeats nothing.
// Nothing sensitive is on it.
func (r *run) card(reason string) *desk.HandOver {
	card := &desk.HandOver{Reason: reason, Wants: r.wants()}
	for i := len(r.st.Stack) - 1; i >= 0; i-- {
		card.Facts = append(card.Facts, r.facts(r.st.Stack[i], i == len(r.st.Stack)-1)...)
	}
	card.Facts = append(card.Facts, r.st.Facts...)
	for _, t := range r.st.Trail {
		if line := r.summary(t); line != "" && (len(card.Summary) == 0 || card.Summary[len(card.Summary)-1] != line) {
			card.Summary = append(card.Summary, line)
		}
	}
	return card
}

// wants is what the flow is for, or the customer's own latest words.
func (r *run) wants() string {
	if f := r.st.top(); f != nil {
		return r.bot.flows[f.Flow].TitleIn(r.lang)
	}
	own := func(m desk.Message) bool {
		return m.Author.Kind == desk.ByCustomer && !m.Content.Masked && m.Content.Picked == nil && m.Content.Command == "" && m.Content.Text != ""
	}
	for i := len(r.turn.History) - 1; i >= 0; i-- {
		if m := r.turn.History[i]; own(m) {
			return cut(clean(m.Content.Text), 200)
		}
	}
	if r.turn.Message != nil && r.turn.Secret == "" && r.text != "" {
		return cut(r.text, 200)
	}
	return phrase("option_human").plain(r.lang)
}

func (r *run) facts(f *frame, top bool) []desk.Fact {
	var out []desk.Fact
	applies := r.applicable(f)
	key := func(name string) string {
		if top {
			return name
		}
		return f.Flow + "." + name
	}
	for _, s := range r.bot.flows[f.Flow].Slots {
		if v := f.Slots[s.Name]; v != "" && applies[s.Name] && !s.Sensitive {
			out = append(out, desk.Fact{Key: key(s.Name), Label: s.title(r.lang), Value: r.shown(f, s.Name)})
		}
	}
	for _, name := range r.bot.flows[f.Flow].saved() {
		if v := f.Saved[name]; v != "" {
			out = append(out, desk.Fact{Key: key(name), Label: Slot{Name: name}.title(r.lang), Value: v})
		}
	}
	return out
}

// summary is one line about one thing that happened.
func (r *run) summary(t trace) string {
	p := phrase("sum_" + string(t.Kind))
	if t.Kind == desk.MarkSteered && t.Value == refusedTopic {
		p = "sum_off_topic"
	}
	if phrases[p] == nil || t.Kind == desk.MarkResult && t.Value == "ok" {
		return ""
	}
	flow := r.bot.flows[t.Flow]
	if flow == nil {
		if slices.Contains([]desk.MarkKind{desk.MarkAnswered, desk.MarkSteered}, t.Kind) {
			return p.plain(r.lang, "value", t.Value)
		}
		return ""
	}
	slot, value := t.Slot, t.Value
	if s, ok := flow.Slot(t.Slot); ok {
		slot = s.title(r.lang)
		if !s.Sensitive && t.Kind != desk.MarkInvalid {
			value = s.show(t.Value, r.lang)
		}
	}
	return p.plain(r.lang, "flow", flow.TitleIn(r.lang), "slot", slot, "value", value)
}
