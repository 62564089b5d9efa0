package itr

import (
	"fmt"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/yamlfile"
)

// Check looks at all menus of a playbook together. Problems forbid
// publishing, warnings do not. roots are the menus that something other than
// a menu leads to: the start, and what flows go to.
func Check(defs []MenuDef, langs []desk.Lang, roots []string) (problems, warnings yamlfile.Errors) {
	byName := map[string]MenuDef{}
	for _, m := range defs {
		if other, twice := byName[m.Name]; twice {
			problems = append(problems, m.Errorf("$.menu", "menu %q is defined in %s too", m.Name, other.File))
		}
		byName[m.Name] = m
	}
	for _, m := range defs {
		problems = append(problems, m.checkTexts(langs)...)
		for i, c := range m.Choices {
			if c.Go.Kind() != desk.KindMenu {
				continue
			}
			if _, ok := byName[c.Go.Name()]; !ok {
				problems = append(problems, m.Errorf(fmt.Sprintf("$.choices[%d].go", i), "there is no menu %q", c.Go.Name()))
			}
		}
		if n := len(m.Choices); n > 9 {
			warnings = append(warnings, m.Errorf("$.choices", "%d choices: nobody listens to more than nine; use a second menu", n))
		}
	}
	reached := reach(byName, roots)
	for _, m := range defs {
		if !reached[m.Name] {
			warnings = append(warnings, m.Errorf("$.menu", "nothing leads to menu %q", m.Name))
		}
	}
	return problems, warnings
}

// checkTexts reports the texts that lack a language.
func (m *MenuDef) checkTexts(langs []desk.Lang) (errs yamlfile.Errors) {
	check := func(path string, t desk.Text) {
		if t.IsZero() {
			return
		}
		for _, l := range langs {
			if t[l] == "" && t[""] == "" {
				errs = append(errs, m.Errorf(path, "the text in %q is missing", l))
			}
		}
	}
	check("$.prompt", m.Prompt)
	for i, c := range m.Choices {
		check(fmt.Sprintf("$.choices[%d].label", i), c.Label)
		check(fmt.Sprintf("$.choices[%d].hint", i), c.Hint)
	}
	return errs
}

// reach follows the choices from roots. Cycles are fine.
func reach(byName map[string]MenuDef, roots []string) map[string]bool {
	seen := map[string]bool{}
	todo := append([]string(nil), roots...)
	for len(todo) > 0 {
		name := todo[0]
		todo = todo[1:]
		if seen[name] {
			continue
		}
		seen[name] = true
		for _, c := range byName[name].Choices {
			if c.Go.Kind() == desk.KindMenu {
				todo = append(todo, c.Go.Name())
			}
		}
	}
	return seen
}
