package itr_test

import (
	"strings"
	"testing"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/itr"
)

func TestParseMenu_SaysWhatIsWrongAndWhere(t *testing.T) {
	const ok = "version: 1\nmenu: main\nprompt: {en: Hi, zh: 你好}\nchoices:\n"
	for name, c := range map[string]struct{ file, want string }{
		"bad target":  {ok + "  - {label: A, go: page:x}\n", `m.yaml:5:20: go: unknown target "page:x"`},
		"two keys":    {ok + "  - {key: 1, label: A, go: back}\n  - {key: 1, label: B, go: back}\n", `m.yaml:6:11: key 1 is given to choices 1 and 2`},
		"bad key":     {ok + "  - {key: x, label: A, go: back}\n", `m.yaml:5:11: key "x": use a number`},
		"no label":    {ok + "  - {go: back}\n", `m.yaml:5:5: a label is needed`},
		"no choices":  {"version: 1\nmenu: main\nprompt: Hi\n", `m.yaml:1:1: choices: 1 to 20 are needed, got 0`},
		"icon":        {ok + "  - {label: A, go: back, icon: rocket}\n", `m.yaml:5:32: unknown icon "rocket"`},
		"name":        {"version: 1\nmenu: Main Menu\nprompt: Hi\nchoices: [{label: A, go: back}]\n", `m.yaml:2:7: menu: a name of small letters`},
		"unknown key": {ok + "  - {label: A, goto: back}\n", `m.yaml:5:16: unknown key "goto"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := itr.ParseMenu("m.yaml", []byte(c.file))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestCheck_LooksAtAllMenus(t *testing.T) {
	parse := func(name, data string) itr.MenuDef {
		d, err := itr.ParseMenu(name, []byte(data))
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	menus := []itr.MenuDef{
		parse("main.yaml", "version: 1\nmenu: main\nprompt: {en: Hi}\nchoices:\n  - {label: A, go: menu:nowhere}\n  - {label: {en: B, zh: 乙}, go: menu:loop}\n"),
		parse("loop.yaml", "version: 1\nmenu: loop\nprompt: Hi\nchoices:\n  - {label: A, go: menu:main}\n"),
		parse("alone.yaml", "version: 1\nmenu: alone\nprompt: Hi\nchoices:\n  - {label: A, go: menu:alone}\n"),
		parse("again.yaml", "version: 1\nmenu: loop\nprompt: Hi\nchoices:\n  - {label: A, go: back}\n"),
	}
	problems, warnings := itr.Check(menus, []desk.Lang{desk.English, desk.Chinese}, []string{"main"})
	for _, want := range []string{`main.yaml:3:1: the text in "zh" is missing`, `main.yaml:5:20: there is no menu "nowhere"`, `again.yaml:2:7: menu "loop" is defined in loop.yaml too`} {
		if !strings.Contains(problems.Error(), want) {
			t.Errorf("problems\n%v\nlack %s", problems, want)
		}
	}
	if len(problems) != 3 {
		t.Errorf("%d problems, want 3:\n%v", len(problems), problems)
	}
	if len(warnings) != 1 || !strings.Contains(warnings.Error(), `alone.yaml:2:7: nothing leads to menu "alone"`) {
		t.Errorf("warnings %v", warnings)
	}
}

func TestNew_WithoutABotRefusesFlows(t *testing.T) {
	_, err := itr.New(defs(t), itr.Options{Start: "main", Human: "queue:support"})
	if err == nil || !strings.Contains(err.Error(), "main.yaml:5:70: flow:order_coffee needs a bot") {
		t.Errorf("got %v", err)
	}
	if _, err := itr.New(defs(t), itr.Options{Start: "none", Bot: true}); !desk.IsKind(err, desk.Invalid) {
		t.Errorf("no start menu: got %v", err)
	}
}
