package playbook

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/parleyhq/parley/bot"
	"github.com/parleyhq/parley/bot/nlu"
	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/yamlfile"
	"github.com/parleyhq/parley/itr"
)

// cross checks the files against each other.
func (r *reader) cross() {
	p := r.p
	p.Bot.Settings.Human = p.Human
	if p.verify != "" {
		p.Bot.Settings.Verify = p.verify
		r.target(fileMain, "$.verify", p.verify, r.fail)
	}
	r.target(fileMain, "$.start", p.Start, r.fail)
	r.target(fileMain, "$.human", p.Human, r.fail)
	r.menus()
	r.flows()
	for i, t := range p.Bot.Settings.Choices {
		r.target(fileBot, "", t, func(_, format string, args ...any) {
			line, col := yamlfile.At(fileBot, p.Files[fileBot], fmt.Sprintf("$.choices[%d]", i))
			r.errs = append(r.errs, &yamlfile.Error{File: fileBot, Line: line, Column: col, Message: fmt.Sprintf(format, args...)})
		})
	}
	r.refused()
	r.articles()
	r.canned()
	r.tools()
	r.suites()
	r.recorded()
}

// recorded checks the recorded dialogues, and warns of those that are too few to
// learn from.
func (r *reader) recorded() {
	p := r.p
	if len(p.Bot.Recorded) == 0 || r.broken[dirFlows] {
		return
	}
	errs := bot.CheckRecorded(p.Bot.Recorded, p.Bot.Flows)
	r.errs = append(r.errs, errs...)
	if n := nlu.Giving(p.Bot); len(errs) == 0 && n < nlu.FillerLeast {
		p.Warnings = append(p.Warnings, p.Bot.Recorded[0].Errorf("", "%d utterances of %s/ and of marked examples give values: from fewer than %d nothing is learned, the rules of thumb do better", n, dirTalks, nlu.FillerLeast))
	}
}

// refused checks that every language of the playbook is told what is not spoken
// about.
func (r *reader) refused() {
	for i, t := range r.p.Bot.Settings.Refuse {
		for _, l := range missing(t.Say, r.p.Langs) {
			line, col := yamlfile.At(fileBot, r.p.Files[fileBot], fmt.Sprintf("$.refuse[%d].say", i))
			r.errs = append(r.errs, &yamlfile.Error{File: fileBot, Line: line, Column: col, Message: fmt.Sprintf("the text in %q is missing", l)})
		}
		for _, l := range r.p.Langs {
			if n := len(t.Examples[l]); n < 5 {
				line, col := yamlfile.At(fileBot, r.p.Files[fileBot], fmt.Sprintf("$.refuse[%d]", i))
				r.p.Warnings = append(r.p.Warnings, &yamlfile.Error{File: fileBot, Line: line, Column: col, Message: fmt.Sprintf("%d examples in %q: with fewer than 5 the topic is seldom recognised", n, l)})
			}
		}
	}
}

// target reports a target that leads nowhere. What may stand in a file that
// could not be read is not reported.
func (r *reader) target(_, path string, t desk.Target, fail func(path, format string, args ...any)) {
	p, name := r.p, t.Name()
	switch t.Kind() {
	case desk.KindMenu:
		if !r.broken[dirMenus] && !slices.ContainsFunc(p.Menus, func(m itr.MenuDef) bool { return m.Name == name }) {
			fail(path, "there is no menu %q", name)
		}
	case desk.KindFlow:
		if !r.broken[dirFlows] && !slices.ContainsFunc(p.Bot.Flows, func(f bot.Flow) bool { return f.Name == name }) {
			fail(path, "there is no flow %q", name)
		}
	case desk.KindQueue:
		if !r.broken[fileQueues] && !slices.ContainsFunc(p.Queues, func(q desk.Queue) bool { return string(q.Name) == name }) {
			fail(path, "there is no queue %q in %s", name, fileQueues)
		}
	case desk.KindArticle:
		for _, l := range p.Langs {
			if file := fmt.Sprintf("%s/%s.%s.md", dirArticles, name, l); p.Files[file] == nil {
				fail(path, "there is no article %s", file)
			}
		}
	}
}

func (r *reader) menus() {
	p := r.p
	roots := []string{}
	if p.Start.Kind() == desk.KindMenu {
		roots = append(roots, p.Start.Name())
	}
	for i := range p.Bot.Flows {
		for _, use := range p.Bot.Flows[i].Targets() {
			if use.Target.Kind() == desk.KindMenu {
				roots = append(roots, use.Target.Name())
			}
		}
	}
	for _, t := range p.Bot.Settings.Choices {
		if t.Kind() == desk.KindMenu {
			roots = append(roots, t.Name())
		}
	}
	problems, warnings := itr.Check(p.Menus, p.Langs, roots)
	if !r.broken[dirMenus] {
		p.Warnings = append(p.Warnings, warnings...)
	} else { // a menu that could not be read is not missing
		problems = slices.DeleteFunc(problems, func(e *yamlfile.Error) bool { return strings.HasPrefix(e.Message, "there is no menu") })
	}
	r.errs = append(r.errs, problems...)
	for _, m := range p.Menus {
		for i, c := range m.Choices {
			if c.Go.Kind() == desk.KindMenu {
				continue // checked above
			}
			r.target(m.File, fmt.Sprintf("$.choices[%d].go", i), c.Go, func(path, format string, args ...any) {
				r.errs = append(r.errs, m.Errorf(path, format, args...))
			})
		}
	}
}

func (r *reader) flows() {
	p := r.p
	for i := range p.Bot.Flows {
		f := &p.Bot.Flows[i]
		fail := func(path, format string, args ...any) { r.errs = append(r.errs, f.Errorf(path, format, args...)) }
		for _, use := range f.Targets() {
			if use.Target.Kind() != desk.KindFlow { // the bot checks flows
				r.target("", use.Path, use.Target, fail)
			}
		}
		for _, t := range textsOf(f) {
			for _, l := range missing(t.text, p.Langs) {
				fail(t.path, "the text in %q is missing", l)
			}
		}
		for _, l := range p.Langs {
			if len(f.Examples[l]) < 5 {
				p.Warnings = append(p.Warnings, f.Errorf("$.examples", "%d examples in %q: with fewer than 5 the flow is seldom recognised", len(f.Examples[l]), l))
			}
		}
	}
	if r.broken[dirFlows] || r.broken[fileTools] || r.broken[fileBot] || r.doc == nil || p.Human.Kind() != desk.KindQueue {
		return // what the bot would find missing may be in a file that cannot be read
	}
	if _, err := bot.New(p.Bot, silent{}, nil); err != nil {
		r.errs.Add(fileBot, err)
	}
}

type placedText struct {
	path string
	text desk.Text
}

// textsOf lists what a flow says, and where.
func textsOf(f *bot.Flow) []placedText {
	out := []placedText{{"$.title", f.Title}}
	for _, s := range f.Slots {
		at := "$.slots." + s.Name
		out = append(out, placedText{at + ".label", s.Label}, placedText{at + ".ask", s.Ask}, placedText{at + ".invalid", s.Invalid}, placedText{at + ".hint", s.Hint})
		for i, c := range s.Choices {
			out = append(out, placedText{fmt.Sprintf("%s.of[%d].label", at, i), c.Label})
		}
	}
	for i, rule := range f.Rules {
		out = append(out, placedText{fmt.Sprintf("$.rules[%d].say", i), rule.Say})
	}
	if f.Do != nil {
		out = append(out, placedText{"$.do.failed.say", f.Do.Failed.Say})
	}
	for i, e := range f.Then {
		at := fmt.Sprintf("$.then[%d]", i)
		out = append(out, placedText{at + ".say", e.Say})
		if e.Card == nil {
			continue
		}
		out = append(out, placedText{at + ".card.title", e.Card.Title}, placedText{at + ".card.subtitle", e.Card.Subtitle})
		for j, l := range e.Card.Lines {
			line := fmt.Sprintf("%s.card.lines[%d]", at, j)
			out = append(out, placedText{line + ".label", l.Label}, placedText{line + ".value", l.Value})
		}
	}
	return out
}

func (r *reader) articles() {
	p := r.p
	for _, a := range p.Articles {
		for _, l := range p.Langs {
			if other := fmt.Sprintf("%s/%s.%s.md", dirArticles, a.Slug, l); p.Files[other] == nil {
				p.Warnings.Add(a.Name, fmt.Errorf("there is no %s: customers in that language do not get this article", other))
			}
		}
		if len(a.Questions) == 0 {
			p.Warnings.Add(a.Name, fmt.Errorf("no questions: give some ways in which customers ask for this"))
		}
	}
}

var slotVariable = regexp.MustCompile(`\{\{\s*slots\.([a-z0-9_]+)\s*\}\}`)

func (r *reader) canned() {
	if r.broken[dirFlows] || r.broken[fileCanned] {
		return
	}
	known := map[string]bool{}
	for _, f := range r.p.Bot.Flows {
		for _, s := range f.Slots {
			known[s.Name] = true
		}
	}
	for i, c := range r.p.Canned {
		at := func(part, format string, args ...any) {
			line, col := yamlfile.At(fileCanned, r.p.Files[fileCanned], fmt.Sprintf("$.replies[%d].%s", i, part))
			r.errs = append(r.errs, &yamlfile.Error{File: fileCanned, Line: line, Column: col, Message: fmt.Sprintf(format, args...)})
		}
		for _, text := range c.Text {
			for _, m := range slotVariable.FindAllStringSubmatch(text, -1) {
				if !known[m[1]] {
					at("text", "{{slots.%s}}: no flow has a slot %q", m[1], m[1])
				}
			}
		}
		for part, t := range map[string]desk.Text{"title": c.Title, "text": c.Text} {
			for _, l := range missing(t, r.p.Langs) {
				at(part, "the text in %q is missing", l)
			}
		}
	}
}

// tools warns of tools and queues that nothing uses.
func (r *reader) tools() {
	used := map[string]bool{}
	for _, f := range r.p.Bot.Flows {
		if f.Do != nil {
			used[f.Do.Tool] = true
		}
	}
	for _, t := range r.p.Bot.Tools {
		if !used[t.Name] && !r.broken[dirFlows] {
			line, col := yamlfile.At(fileTools, r.p.Files[fileTools], "$.tools."+t.Name)
			r.p.Warnings = append(r.p.Warnings, &yamlfile.Error{File: fileTools, Line: line, Column: col, Message: fmt.Sprintf("no flow uses the tool %q", t.Name)})
		}
	}
}

func (r *reader) suites() {
	p := r.p
	if len(p.Suites) == 0 && !r.broken[dirTests] {
		p.Warnings.Add(fileMain, fmt.Errorf("there are no suites in %s/: nothing checks this playbook before it is published", dirTests))
	}
	for _, s := range p.Suites {
		for tool := range s.Tools {
			if _, ok := p.Tool(tool); !ok && !r.broken[fileTools] {
				line, col := yamlfile.At(s.File, p.Files[s.File], "$.tools."+tool)
				r.errs = append(r.errs, &yamlfile.Error{File: s.File, Line: line, Column: col, Message: fmt.Sprintf("there is no tool %q in %s", tool, fileTools)})
			}
		}
	}
}
