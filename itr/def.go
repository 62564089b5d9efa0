package itr

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/yamlfile"
)

// MenuDef is one menu as a file defines it.
type MenuDef struct {
	Name    string
	Prompt  desk.Text
	Choices []Choice
	File    string

	doc *yamlfile.Doc // for the positions of problems; nil when not from a file
}

// Choice is one thing to choose in a menu.
type Choice struct {
	Key   string                 `yaml:"key"` // "0" to "99"; empty: the first free number
	Label desk.Text              `yaml:"label"`
	Hint  desk.Text              `yaml:"hint"`
	Icon  string                 `yaml:"icon"` // one of Icons
	Go    desk.Target            `yaml:"go"`
	Words map[desk.Lang][]string `yaml:"words"` // what else may be typed or said for it
}

// MaxChoices is how many choices a menu may have.
const MaxChoices = 20

// Icons lists the names that Choice.Icon may have; every channel that shows
// icons knows them all.
func Icons() []string {
	return []string{"alert", "back", "box", "camera", "car", "chat", "check", "clock", "coffee", "edit", "file", "gift",
		"help", "leaf", "map", "menu", "money", "person", "phone", "pin", "shield", "star", "start", "tag"}
}

var (
	menuName  = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`)
	choiceKey = regexp.MustCompile(`^(0|[1-9][0-9]?)$`)
)

// ParseMenu reads one menu file and checks what can be checked without the
// other files. What it returns is a yamlfile.Errors.
func ParseMenu(name string, data []byte) (MenuDef, error) {
	var file struct {
		Version int       `yaml:"version"`
		Menu    string    `yaml:"menu"`
		Prompt  desk.Text `yaml:"prompt"`
		Choices []Choice  `yaml:"choices"`
	}
	doc, err := yamlfile.Parse(name, data)
	if err != nil {
		return MenuDef{}, err
	}
	if err := doc.Decode(&file); err != nil {
		return MenuDef{}, err
	}
	def := MenuDef{Name: file.Menu, Prompt: file.Prompt, Choices: file.Choices, File: name, doc: doc}
	def.number()
	return def, def.check().Err()
}

// number gives every choice without a key the first free number. A key 0 is
// left free for a person.
func (m *MenuDef) number() {
	taken := map[string]bool{}
	for _, c := range m.Choices {
		taken[c.Key] = true
	}
	next := 1
	for i := range m.Choices {
		if m.Choices[i].Key != "" {
			continue
		}
		for taken[strconv.Itoa(next)] {
			next++
		}
		m.Choices[i].Key = strconv.Itoa(next)
		taken[m.Choices[i].Key] = true
	}
}

func (m *MenuDef) check() yamlfile.Errors {
	var errs yamlfile.Errors
	bad := func(path, format string, args ...any) { errs = append(errs, m.Errorf(path, format, args...)) }
	if !menuName.MatchString(m.Name) {
		bad("$.menu", "menu: a name of small letters, digits, - and _ is needed, got %q", m.Name)
	}
	if m.Prompt.In(desk.English) == "" {
		bad("$.prompt", "prompt: what the menu says is needed")
	}
	if n := len(m.Choices); n == 0 || n > MaxChoices {
		bad("$.choices", "choices: 1 to %d are needed, got %d", MaxChoices, n)
	}
	keys := map[string]int{}
	for i, c := range m.Choices {
		at := fmt.Sprintf("$.choices[%d]", i)
		if !choiceKey.MatchString(c.Key) {
			bad(at+".key", "key %q: use a number from 0 to 99 (* is back, # is the first menu)", c.Key)
		}
		if first, twice := keys[c.Key]; twice {
			bad(at+".key", "key %s is given to choices %d and %d", c.Key, first+1, i+1)
		}
		keys[c.Key] = i
		if c.Label.In(desk.English) == "" {
			bad(at+".label", "a label is needed")
		}
		if c.Icon != "" && !slices.Contains(Icons(), c.Icon) {
			bad(at+".icon", "unknown icon %q: use one of %v", c.Icon, Icons())
		}
		if _, err := desk.ParseTarget(string(c.Go)); err != nil {
			bad(at+".go", "go: %v", err)
		}
	}
	return errs
}

// Errorf makes an error at a place of the menu's file.
func (m *MenuDef) Errorf(path, format string, args ...any) *yamlfile.Error {
	if m.doc != nil {
		return m.doc.Errorf(path, format, args...)
	}
	file := m.File
	if file == "" {
		file = "menu " + m.Name
	}
	return &yamlfile.Error{File: file, Line: 1, Column: 1, Message: fmt.Sprintf(format, args...)}
}
