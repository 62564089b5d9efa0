package itr

import (
	"strconv"

	"github.com/parleyhq/parley/desk"
)

// show says the menu where the customer is; before is said ahead of it.
func (m *Menu) show(s *state, t desk.Turn, before string) []desk.Step {
	def := m.current(s)
	text := def.Prompt.In(t.Lang())
	if before != "" {
		text = before + "\n" + text
	}
	content := desk.Content{Text: text, Menu: def.Name, Options: m.options(def, s, t.Lang())}
	return append(m.keep(s), desk.Mark{Kind: desk.MarkMenu, Value: def.Name}, desk.Say{Content: content})
}

// options lists the choices, then the ways out of this menu.
func (m *Menu) options(def MenuDef, s *state, lang desk.Lang) []desk.Option {
	out := make([]desk.Option, 0, len(def.Choices)+3)
	person := m.opts.Human != ""
	zero := "0"
	for i, c := range def.Choices {
		out = append(out, desk.Option{
			ID: "c" + strconv.Itoa(i+1), Key: c.Key, Label: c.Label.In(lang), Hint: c.Hint.In(lang), Icon: c.Icon,
			Pick: desk.Pick{Verb: desk.PickGo, Target: c.Go},
		})
		if c.Key == zero {
			zero = ""
		}
		if c.Go == m.opts.Human {
			person = false // it is a choice already
		}
	}
	nav := func(id, key, icon string, label desk.Text, verb desk.Verb) {
		out = append(out, desk.Option{ID: id, Key: key, Label: label.In(lang), Icon: icon, Nav: true, Pick: desk.Pick{Verb: verb}})
	}
	if len(s.Path) > 1 {
		nav("back", "*", "back", labelBack, desk.PickBack)
	}
	if len(s.Path) > 2 {
		nav("start", "#", "start", labelStart, desk.PickStart)
	}
	if person {
		nav("human", zero, "person", labelHuman, desk.PickHuman)
	}
	return out
}

// The product's own words around a playbook's menus. They are never changed.
var (
	labelBack  = desk.T("Back", "返回")
	labelStart = desk.T("Main menu", "主菜单")
	labelHuman = desk.T("Talk to a person", "人工服务")
	handedOver = desk.T("I am passing you on to a colleague.", "正在为您转接人工客服。")
	sorry      = desk.T("Sorry, I did not understand that.", "抱歉，我没有听懂。")
	notAChoice = desk.T("Sorry, that is not one of the choices. Please tap one, or type its number.", "抱歉，没有这个选项。请点选，或输入选项前的数字。")
)
