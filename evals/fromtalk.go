package evals

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/parleyhq/parley/desk"
)

// Talk is a conversation that took place.
type Talk struct {
	Conversation desk.Conversation
	Contact      desk.Contact
	Events       []desk.Event // in their order; messages are events too
	// Slot is a slot's type; nil, or "": unknown.
	Slot func(flow, slot string) desk.SlotType
	// Tools are the answers that the playbook's suites know.
	Tools map[string]Fake
}

// Drafted is a scenario made of a conversation: what the customer did with
// stand-ins for what is personal, and what happened then. It says what was,
// not what should have been: that is for a person to correct.
type Drafted struct {
	File  SuiteFile `json:"file"`
	Notes []string  `json:"notes" nullable:"false"` // what could not be taken over: tool:NAME, secret, file, empty
}

// FromTalk makes a scenario of what the customer said before a person took
// over.
func FromTalk(t Talk) (Drafted, error) {
	d := drafter{Talk: t, out: Drafted{Notes: []string{}}, tools: map[string]FakeFile{}}
	d.stand = newStandIns(t.Contact, t.Conversation.Lang)
	if err := d.read(); err != nil {
		return Drafted{}, err
	}
	if len(d.steps) == 0 {
		return Drafted{}, desk.Errorf(desk.Invalid, "nothing_said", "the customer has said nothing to the bot in this conversation")
	}
	last := &d.steps[len(d.steps)-1]
	if !slices.ContainsFunc(d.steps, func(s StepFile) bool { return !expectIsZero(s.Expect) }) {
		last.Expect.Said = OneOrMany{""}
		d.note("empty")
	}
	open := d.greeted
	c := CaseFile{Name: d.name(), Lang: string(cmp.Or(t.Conversation.Lang, desk.English)), Turns: d.steps}
	if !open {
		c.Open = &open
	}
	d.out.File = SuiteFile{Version: 1, Suite: "conversations", Cases: []CaseFile{c}, Tools: d.tools}
	if at := t.Conversation.CreatedAt; !at.IsZero() {
		d.out.File.Now = at.Format("2006-01-02T15:04")
	}
	return d.out, nil
}

type drafter struct {
	Talk
	stand   *standIns
	out     Drafted
	steps   []StepFile
	tools   map[string]FakeFile
	greeted bool
	asked   desk.Input // the question that stands
	flow    string
}

func (d *drafter) note(s string) {
	if !slices.Contains(d.out.Notes, s) {
		d.out.Notes = append(d.out.Notes, s)
	}
}

// read goes through the events twice: what is personal first, since it may be
// said before it is known to be.
func (d *drafter) read() error {
	for _, e := range d.Events {
		if e.Kind != desk.EventMark {
			continue
		}
		var m desk.Mark
		if err := json.Unmarshal(e.Data, &m); err != nil {
			return desk.Errorf(desk.Internal, "bad_event", "read event %d: %w", e.Seq, err)
		}
		if m.Kind == desk.MarkSet || m.Kind == desk.MarkCorrected || m.Kind == desk.MarkRefused {
			if typ := d.typeOf(m.Flow, m.Slot); personal(m.Slot, typ) {
				d.stand.know(m.Slot, typ, m.Value)
			}
		}
	}
	for _, e := range d.Events {
		var err error
		switch e.Kind {
		case desk.EventMessage:
			var m desk.Message
			if err = json.Unmarshal(e.Data, &m); err == nil {
				d.message(m)
			}
		case desk.EventMark:
			var m desk.Mark
			if err = json.Unmarshal(e.Data, &m); err == nil {
				d.mark(m)
			}
		case desk.EventStatus:
			var c desk.StatusChange
			if err = json.Unmarshal(e.Data, &c); err == nil && d.status(c) {
				return nil
			}
		}
		if err != nil {
			return desk.Errorf(desk.Internal, "bad_event", "read event %d: %w", e.Seq, err)
		}
		if len(d.steps) == MaxTurns {
			return nil
		}
	}
	return nil
}

func (d *drafter) typeOf(flow, slot string) desk.SlotType {
	if d.Slot == nil {
		return ""
	}
	return d.Slot(flow, slot)
}

// last is what is expected of the newest step; nil before the first.
func (d *drafter) last() *ExpectFile {
	if len(d.steps) == 0 {
		return nil
	}
	return &d.steps[len(d.steps)-1].Expect
}

func (d *drafter) message(m desk.Message) {
	c := m.Content
	switch {
	case m.Private:
	case m.Author.Kind == desk.ByBot:
		if len(d.steps) == 0 {
			d.greeted = true
		}
		d.asked = desk.Input{}
		if c.Input != nil {
			d.asked = *c.Input
			if e := d.last(); e != nil && c.Input.Slot != "" {
				slot := c.Input.Slot
				e.Asking = &slot
			}
		}
	case m.Author.Kind != desk.ByCustomer:
	case c.Picked != nil:
		d.tap(tapOf(*c.Picked))
	case c.Command != "":
		d.tap(string(c.Command))
	case c.Masked:
		d.note("secret")
		words := "123456"
		d.steps = append(d.steps, StepFile{User: &words})
	case strings.TrimSpace(c.Text) == "":
		d.note("file")
	default:
		words := d.stand.text(strings.TrimSpace(c.Text))
		d.steps = append(d.steps, StepFile{User: &words})
	}
}

func (d *drafter) tap(what string) { d.steps = append(d.steps, StepFile{Tap: &what}) }

// tapOf names an option by what does not change with its words.
func tapOf(p desk.Pick) string {
	switch {
	case p.Verb == desk.PickGo && p.Target != "":
		return string(p.Target)
	case p.Verb == desk.PickAnswer && p.Value != "":
		return p.Value
	case p.Verb == desk.PickEdit:
		return "edit:" + p.Slot
	}
	return string(p.Verb)
}

func (d *drafter) mark(m desk.Mark) {
	e := d.last()
	if e == nil {
		return
	}
	yes := true
	switch m.Kind {
	case desk.MarkStarted:
		e.Flow, d.flow = &m.Flow, cmp.Or(d.flow, m.Flow)
	case desk.MarkSet, desk.MarkCorrected:
		if m.Slot == "" || strings.Contains(m.Value, "•") || m.Value == "" {
			return
		}
		if e.Slots == nil {
			e.Slots = map[string]string{}
		}
		e.Slots[m.Slot] = d.stand.value(m.Value)
	case desk.MarkRefused:
		e.Refused = &m.Slot
		delete(e.Slots, m.Slot)
	case desk.MarkConfirm:
		e.Confirming = &yes
	case desk.MarkCompleted:
		e.Completed, e.Asking = &m.Flow, nil
	case desk.MarkCancelled:
		e.Cancelled = &m.Flow
	case desk.MarkAnswered:
		if m.Value != "" {
			e.Answered = &m.Value
		}
	case desk.MarkCalled:
		d.called(m.Value)
	case desk.MarkResult:
		if tool := m.Data["tool"]; tool != "" && m.Value != "ok" && m.Value != "" {
			d.tools[tool] = FakeFile{Error: m.Value}
			d.out.Notes = slices.DeleteFunc(d.out.Notes, func(n string) bool { return n == "tool:"+tool })
		}
	}
}

// called makes sure that a tool has an answer: the one that the playbook's
// suites know; else nothing, for an editor to fill in.
func (d *drafter) called(tool string) {
	if _, there := d.tools[tool]; there || tool == "" {
		return
	}
	fake, ok := d.Tools[tool]
	if !ok || len(fake.Answers) == 0 && fake.Error == "" {
		d.tools[tool] = FakeFile{Answer: map[string]any{}}
		d.note("tool:" + tool)
		return
	}
	f := FakeFile{Error: fake.Error}
	for _, a := range fake.Answers {
		var v any
		if json.Unmarshal(a, &v) == nil {
			f.Answers = append(f.Answers, v)
		}
	}
	if len(f.Answers) == 1 {
		f.Answer, f.Answers = f.Answers[0], nil
	}
	d.tools[tool] = f
}

// status takes in a hand-over; true when the scenario ends with it: from here
// on a person talks.
func (d *drafter) status(c desk.StatusChange) bool {
	if e := d.last(); e != nil && c.To == desk.Waiting && c.From == desk.Automated {
		queue := string(c.Queue)
		e.HandedOver, e.Asking = &queue, nil
		return true
	}
	return len(d.steps) > 0 && (c.To == desk.Assigned || c.To == desk.Closed)
}

func (d *drafter) name() string {
	var words []string
	for _, s := range d.steps {
		if s.User != nil {
			words = append(words, *s.User)
			break
		}
	}
	if d.flow != "" {
		words = append([]string{strings.ReplaceAll(d.flow, "_", " ")}, words...)
	}
	if len(words) == 0 {
		words = []string{*d.steps[0].Tap}
	}
	return cut(strings.Join(words, ": "), 80)
}

func expectIsZero(e ExpectFile) bool { return len(quoted(e)) <= len("{}") }
