// Package bot is dialogue: flows that ask for what is missing, take what is
// volunteered, let the customer change his mind, answer a question in between,
// keep to the rules, confirm, and then do what was asked for. Words become
// commands (Understander); what happens with them is plain code, a function of
// the definition, the state, the turn and the commands.
package bot

import (
	"context"
	"iter"
	"slices"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/yamlfile"
)

// Definition is everything a bot is made of.
type Definition struct {
	Flows    []Flow
	Tools    []ToolDef
	Settings Settings
	Recorded []Recorded // dialogues to learn from
}

// Bot answers with flows. It is safe for many conversations at once.
type Bot struct {
	flows    map[string]*Flow
	order    []string // of the flows, as given
	tools    map[string]ToolDef
	settings Settings
	under    Understander
	kb       Answerer // nil: nothing is known
}

var _ desk.Responder = (*Bot)(nil)

// New checks that the parts fit each other (tools and their arguments, flows
// that lead to flows, confirmation before every side effect) and makes a Bot
// of them. What is wrong comes back as a yamlfile.Errors. kb may be nil.
func New(def Definition, u Understander, kb Answerer) (*Bot, error) {
	b := &Bot{flows: map[string]*Flow{}, tools: map[string]ToolDef{}, settings: def.Settings.withDefaults(), under: u, kb: kb}
	var errs yamlfile.Errors
	if u == nil {
		errs.Add("bot.yaml", desk.Errorf(desk.Invalid, "no_understander", "a bot needs an understander"))
	}
	if b.settings.Human.Kind() != desk.KindQueue {
		errs.Add("bot.yaml", desk.Errorf(desk.Invalid, "no_human", "human must name the queue of those who want a person: queue:NAME"))
	}
	for _, t := range def.Tools {
		b.tools[t.Name] = t
	}
	for i := range def.Flows {
		f := &def.Flows[i]
		if b.flows[f.Name] != nil {
			errs = append(errs, f.Errorf("$.flow", "a second flow is called %s", f.Name))
		}
		b.flows[f.Name] = f
		b.order = append(b.order, f.Name)
	}
	for _, f := range b.flows {
		errs = append(errs, b.check(f)...)
	}
	for _, t := range b.settings.Choices {
		if t.Kind() == desk.KindFlow && b.flows[t.Name()] == nil {
			errs.Add("bot.yaml", desk.Errorf(desk.Invalid, "unknown_flow", "choices: there is no %s", t))
		}
	}
	errs = append(errs, b.checkVerify()...)
	if err := errs.Err(); err != nil {
		return nil, err
	}
	return b, nil
}

// check finds what is wrong between a flow and the other files.
func (b *Bot) check(f *Flow) yamlfile.Errors {
	var errs yamlfile.Errors
	fail := func(path, format string, args ...any) { errs = append(errs, f.Errorf(path, format, args...)) }
	for _, use := range f.Targets() {
		if use.Target.Kind() == desk.KindFlow && b.flows[use.Target.Name()] == nil {
			fail(use.Path, "there is no %s", use.Target)
		}
	}
	if f.Do == nil {
		return errs
	}
	tool, ok := b.tools[f.Do.Tool]
	if !ok {
		fail("$.do.tool", "there is no tool %q in tools.yaml", f.Do.Tool)
		return errs
	}
	if tool.SideEffect && !f.Confirm {
		fail("$.do", "%s has a side effect: the customer must confirm it, so add confirm: customer", tool.Name)
	}
	for arg := range f.Do.With {
		if _, ok := tool.Args[arg]; !ok {
			fail("$.do.with."+arg, "%s takes no argument %q", tool.Name, arg)
		}
	}
	for arg, def := range tool.Args {
		if f.Do.With[arg] == "" && !def.Optional {
			fail("$.do.with", "%s needs the argument %s", tool.Name, arg)
		}
	}
	return errs
}

// Flows lists the names of the flows, in their order.
func (b *Bot) Flows() []string { return slices.Clone(b.order) }

// Flow returns the flow of that name.
func (b *Bot) Flow(name string) (*Flow, bool) {
	f, ok := b.flows[name]
	return f, ok
}

// Respond implements desk.Responder. The last thing it yields is what ends the
// turn, if anything does, with the new state before it.
func (b *Bot) Respond(ctx context.Context, t desk.Turn) iter.Seq2[desk.Step, error] {
	return func(yield func(desk.Step, error) bool) {
		r := b.begin(ctx, t)
		if err := r.respond(); err != nil {
			yield(nil, err)
			return
		}
		for _, step := range r.steps() {
			if !yield(step, nil) {
				return
			}
		}
	}
}
