package bot

import (
	"context"
	"strings"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/privacy"
)

// The bounds of a turn.
const (
	maxText  = 4000 // characters of an utterance that are read
	maxMarks = 32
	maxSays  = 8
	maxChain = 4 // flows that may follow one another without the customer
)

// run is one turn under way.
type run struct {
	bot  *Bot
	ctx  context.Context
	turn desk.Turn
	lang desk.Lang
	now  time.Time // in the conversation's zone
	st   state
	text string // what the customer said in words, cleaned

	marks   []desk.Step
	says    []desk.Step
	keeps   []desk.Step // values of sensitive slots
	lead    []string    // words that come before the next question
	atLeast float64     // confidence of an answer in this turn
	human   bool        // the next question offers a person
	want    string      // the slot to ask next, whatever the order says
	end     desk.Step   // Do, HandOff, Switch or Close
	asked   bool
	closed  bool // a flow ended in this turn
	proven  bool // he has proved in this turn who he is
	chain   int
}

func (b *Bot) begin(ctx context.Context, t desk.Turn) *run {
	zone := t.Zone
	if zone == nil {
		zone = time.UTC
	}
	r := &run{bot: b, ctx: ctx, turn: t, lang: t.Lang(), now: t.Now.In(zone), st: readState(t.State), atLeast: b.settings.Answer}
	for _, f := range r.st.Stack {
		if b.flows[f.Flow] == nil { // cannot be within one revision; a forged or foreign state
			r.st = state{V: stateVersion}
			break
		}
	}
	return r
}

// respond handles whatever caused the turn.
func (r *run) respond() error {
	before := r.st.Steered
	err := r.cause()
	if err != nil {
		return err
	}
	if r.st.Steered == before && r.turn.Message != nil {
		r.st.Steered = 0
	}
	if r.end == nil && !r.asked {
		r.advance()
	}
	return r.ctx.Err()
}

func (r *run) cause() error {
	if r.turn.Enter != "" {
		return r.enter(r.turn.Enter)
	}
	if r.turn.Result != nil {
		r.result(*r.turn.Result)
		return nil
	}
	if r.turn.Message != nil {
		return r.message(r.turn.Message.Content)
	}
	return nil
}

// enter begins at a target that another responder switched to; a message that
// came along is heard in the context of the flow, as no answer to a question.
func (r *run) enter(to desk.Target) error {
	if to == desk.Words && r.turn.Message == nil {
		return nil
	}
	if to.Kind() == desk.KindFlow && r.bot.flows[to.Name()] == nil {
		return desk.Errorf(desk.NotFound, "unknown_flow", "there is no %s", to)
	}
	if to == desk.Words { // a menu did not understand
		return r.message(r.turn.Message.Content)
	}
	if err := r.goTo(to); err != nil || r.end != nil || r.turn.Message == nil {
		return err
	}
	return r.message(r.turn.Message.Content)
}

// message hears what the customer did: a tap, a fixed button, a file, words.
func (r *run) message(c desk.Content) error {
	r.text = clean(c.Text)
	if f := r.st.top(); f != nil && f.Phase == calling {
		if c.Command == desk.PickHuman || c.Picked != nil && c.Picked.Verb == desk.PickHuman {
			r.handOver("asked", "hand_over")
			return nil
		}
		r.say(phrase("working").words(r.lang))
		r.asked = true
		return nil
	}
	switch {
	case c.Picked != nil:
		return r.pick(*c.Picked)
	case c.Command != "":
		return r.pick(desk.Pick{Verb: c.Command})
	}
	if used := r.given(c); used || r.text == "" {
		return nil
	}
	if p, ok := r.typed(); ok {
		return r.pick(p)
	}
	if s, ok := r.askedSlot(); ok && c.Masked && r.turn.Secret == "" { // its true text is gone
		r.leadWith("expired")
		r.want = s.Name
		return nil
	}
	if s, ok := r.askedSlot(); ok && s.Sensitive && !s.IsFree() {
		if _, reason := s.Check(r.text, r.now); reason == "" {
			r.fill(s, r.text, "")
			return nil
		}
	}
	return r.hear()
}

// hear understands the words and obeys.
func (r *run) hear() error {
	cmds, err := r.bot.under.Understand(r.ctx, r.utterance())
	if r.ctx.Err() != nil {
		return r.ctx.Err()
	}
	if err != nil { // never silence: it is as if nothing had been understood
		cmds = nil
	}
	return r.obey(cmds)
}

func (r *run) utterance() Utterance {
	u := Utterance{
		Text: r.text, Lang: r.lang, Now: r.now, Zone: r.now.Location(), History: r.turn.History,
		Conversation: r.turn.Conversation.ID, Person: privacy.PersonOf(r.turn.Contact),
	}
	for i := len(r.st.Stack) - 2; i >= 0; i-- {
		u.Paused = append(u.Paused, r.st.Stack[i].Flow)
	}
	u.Proposed, u.Heard, u.Elsewhere = r.st.Proposed, r.st.Heard, r.elsewhere()
	f := r.st.top()
	if f == nil {
		return u
	}
	if f.Left {
		u.Paused = append([]string{f.Flow}, u.Paused...)
		return u
	}
	u.Active, u.Confirming, u.Slots = f.Flow, f.Phase == confirming, map[string]string{}
	for _, s := range r.bot.flows[f.Flow].Slots {
		if v := f.Slots[s.Name]; v != "" && !s.Sensitive {
			u.Slots[s.Name] = v
		}
	}
	if s, ok := r.askedSlot(); ok {
		u.Asking = &AskedSlot{Flow: f.Flow, Slot: s}
	}
	return u
}

// elsewhere is what the flows that stand interrupted know; nothing sensitive.
func (r *run) elsewhere() map[string]map[string]string {
	var out map[string]map[string]string
	for i, f := range r.st.Stack {
		if i == len(r.st.Stack)-1 && !f.Left {
			break
		}
		for _, s := range r.bot.flows[f.Flow].Slots {
			v := f.Slots[s.Name]
			if v == "" || s.Sensitive {
				continue
			}
			if out == nil {
				out = map[string]map[string]string{}
			}
			if out[f.Flow] == nil {
				out[f.Flow] = map[string]string{}
			}
			out[f.Flow][s.Name] = v
		}
	}
	return out
}

// askedSlot is the slot whose question stands.
func (r *run) askedSlot() (Slot, bool) {
	f := r.st.top()
	if f == nil || f.Left || f.Phase != filling || f.Ask == "" || r.turn.Enter != "" {
		return Slot{}, false
	}
	return r.bot.flows[f.Flow].Slot(f.Ask)
}

// steps is the turn's outcome in the order it is carried out.
func (r *run) steps() []desk.Step {
	r.st.V = stateVersion
	out := make([]desk.Step, 0, len(r.marks)+len(r.says)+len(r.keeps)+2)
	out = append(out, r.marks...)
	out = append(out, r.says...)
	out = append(out, r.keeps...)
	out = append(out, desk.Remember{State: r.st.write()})
	if r.end != nil {
		out = append(out, r.end)
	}
	return out
}

// mark records a step. What became of a flow is told with the flow's title, as
// the customer knows it: people who read along know no names of files.
func (r *run) mark(m desk.Mark) {
	switch m.Kind {
	case desk.MarkStarted, desk.MarkCompleted, desk.MarkCancelled, desk.MarkPaused, desk.MarkResumed:
		if f := r.bot.flows[m.Flow]; f != nil && m.Data == nil {
			m.Data = map[string]string{"title": f.TitleIn(r.lang)}
		}
	}
	if len(r.marks) < maxMarks {
		r.marks = append(r.marks, m)
	}
	switch m.Kind {
	case desk.MarkOffered, desk.MarkClarify, desk.MarkResumed, desk.MarkHuman, desk.MarkMenu:
		return
	}
	r.st.Trail = append(r.st.Trail, trace{m.Kind, m.Flow, m.Slot, cut(m.Value, 120)})
	if n := len(r.st.Trail) - maxTrail; n > 0 {
		r.st.Trail = r.st.Trail[n:]
	}
}

// say says Markdown; words kept as a lead come first.
func (r *run) say(text string) { r.sayContent(desk.Content{Text: text}) }

func (r *run) sayContent(c desk.Content) {
	c.Text, c.Markdown = r.led(c.Text), true
	if len(r.says) < maxSays && !c.IsZero() {
		r.says = append(r.says, desk.Say{Content: c})
	}
}

// led joins the kept words and text: as paragraphs, but what ends in a colon
// goes on in its line.
func (r *run) led(text string) string {
	var b strings.Builder
	for _, part := range append(r.lead, text) {
		if part == "" {
			continue
		}
		switch before := b.String(); {
		case strings.HasSuffix(before, ":"):
			b.WriteByte(' ')
		case before != "" && !strings.HasSuffix(before, "："):
			b.WriteString("\n\n")
		}
		b.WriteString(part)
	}
	r.lead = nil
	return b.String()
}

func (r *run) leadWith(p phrase, pairs ...string) {
	r.lead = append(r.lead, p.words(r.lang, pairs...))
}

// clean makes what came from outside text: valid UTF-8, no control characters,
// bounded.
func clean(s string) string {
	s = strings.ToValidUTF8(s, "")
	s = strings.Map(func(c rune) rune {
		if c < ' ' && c != '\n' && c != '\t' || c == 0x7f {
			return -1
		}
		return c
	}, s)
	return cut(strings.TrimSpace(s), maxText)
}
