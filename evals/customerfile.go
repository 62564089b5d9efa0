package evals

import (
	"slices"
	"strings"

	"github.com/parleyhq/parley/desk"
)

// Customer is a simulated customer.
type Customer struct {
	Model    bool // a language model plays him; else rules do
	Goal     Goal
	Styles   []Style
	Persona  string // for a model
	Patience int    // turns after which he gives up
}

// Goal is what a simulated customer wants.
type Goal struct {
	Flow    string
	Slots   map[string]GoalValue
	Opens   []string // how he begins; empty: made from the flow's title
	Ask     string   // a question
	Article string   // that answers it
	Queue   string   // he wants a person there
	Asides  []string // asked in between, when he digresses
}

// GoalValue is a slot's value as the flow keeps it, and other words for it.
type GoalValue struct {
	Value string
	Say   []string
}

// Style is a way to speak.
type Style string

// The styles.
const (
	Terse       Style = "terse"        // the bare value
	Chatty      Style = "chatty"       // with words around it
	AllAtOnce   Style = "all_at_once"  // everything in the first sentence
	ChangesMind Style = "changes_mind" // says one value, then wants another
	Digresses   Style = "digresses"    // asks a question in between
	Typos       Style = "typos"        // letters change places; never in numbers, addresses and the like
)

var styles = []Style{Terse, Chatty, AllAtOnce, ChangesMind, Digresses, Typos}

// Mode is how a customer acts on what he is offered.
type Mode string

// The modes. The empty one is as the case is written.
const (
	AsText  Mode = "text"  // he writes what the options say
	AsTaps  Mode = "taps"  // he taps what he can
	AsKeys  Mode = "keys"  // he presses the options' keys
	AsAudio Mode = "audio" // he calls: he speaks, and presses the keys of the options that he would tap
)

var modes = []Mode{AsText, AsTaps, AsKeys, AsAudio}

// The bounds of a simulated customer.
const (
	defaultPatience = 20
	maxQuestions    = 10 // of a judge
)

// extras reads what every case may have.
func (p *suiteParser) extras(path string, c CaseFile, out *Case) {
	for _, m := range c.As {
		if !slices.Contains(modes, Mode(m)) || slices.Contains(out.As, Mode(m)) {
			p.fail(path+".as", "as lists %v, each once; got %q", modes, m)
			continue
		}
		out.As = append(out.As, Mode(m))
	}
	if slices.Contains(c.Tags, TagMustPass) && slices.Contains(c.Tags, TagMayFail) {
		p.fail(path+".tags", "a case is %s or %s, not both", TagMustPass, TagMayFail)
	}
	if len(c.Judge) > maxQuestions || slices.ContainsFunc(c.Judge, func(q string) bool { return strings.TrimSpace(q) == "" }) {
		p.fail(path+".judge", "judge is 1 to %d questions", maxQuestions)
	}
}

// customer reads a simulated customer.
func (p *suiteParser) customer(path string, f CustomerFile) *Customer {
	g := f.Goal
	out := &Customer{Model: f.By == "model", Persona: f.Persona, Patience: f.Patience,
		Goal: Goal{Flow: g.Flow, Opens: g.Opens, Ask: g.Ask, Article: g.Article, Queue: g.Queue, Asides: g.Asides, Slots: map[string]GoalValue{}}}
	if f.By != "" && f.By != "rules" && f.By != "model" {
		p.fail(path+".by", "by is rules or model, got %q", f.By)
	}
	if (g.Ask == "") != (g.Article == "") {
		p.fail(path+".goal", "a question (ask) goes with the article that answers it (article)")
	}
	wants := 0
	for _, s := range []string{g.Flow, g.Ask, g.Queue} {
		if strings.TrimSpace(s) != "" {
			wants++
		}
	}
	if wants != 1 {
		p.fail(path+".goal", "a customer wants one thing: a flow, an answer (ask and article), or a person (queue)")
	}
	if g.Flow == "" && len(g.Slots) > 0 {
		p.fail(path+".goal.slots", "slots belong to a flow")
	}
	for name, v := range g.Slots {
		if v.Value == "" {
			p.fail(path+".goal.slots."+name, "a slot's goal needs its value")
		}
		out.Goal.Slots[name] = GoalValue{v.Value, v.Say}
	}
	for _, s := range f.Style {
		if !slices.Contains(styles, Style(s)) {
			p.fail(path+".style", "unknown style %q: use %v", s, styles)
			continue
		}
		out.Styles = append(out.Styles, Style(s))
	}
	if f.Patience < 0 || f.Patience > MaxTurns {
		p.fail(path+".patience", "patience is 1 to %d turns", MaxTurns)
	}
	if out.Patience == 0 {
		out.Patience = defaultPatience
	}
	return out
}

func (c *Customer) is(s Style) bool { return slices.Contains(c.Styles, s) }

// reached is what must hold at the end when the case itself expects nothing:
// that he got what he wanted. Slots in but do not count.
func (g Goal) reached(but map[string]bool) Expect {
	var e Expect
	switch {
	case g.Flow != "":
		e.Completed = &g.Flow
		for name, v := range g.Slots {
			if but[name] {
				continue
			}
			if e.Slots == nil {
				e.Slots = map[string]string{}
			}
			e.Slots[name] = v.Value
		}
	case g.Ask != "":
		e.Answered = &g.Article
	default:
		e.HandedOver = &g.Queue
	}
	return e
}

// done reports whether what he wanted has happened.
func (g Goal) done(d did) bool {
	for _, m := range d.marks {
		if g.Flow != "" && m.Kind == desk.MarkCompleted && m.Flow == g.Flow || g.Ask != "" && m.Kind == desk.MarkAnswered && m.Value == g.Article {
			return true
		}
	}
	return g.Queue != "" && d.handOff != nil && string(d.handOff.Queue) == g.Queue
}
