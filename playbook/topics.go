package playbook

import (
	"github.com/parleyhq/parley/bot/nlu"
	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/itr"
	"github.com/parleyhq/parley/kb"
)

// titles are what menus, articles and queues are called where they are offered:
// a menu by the choice that leads to it, else by its prompt.
func (p *Playbook) titles() map[desk.Target]desk.Text {
	out := map[desk.Target]desk.Text{}
	for _, a := range p.Articles {
		t := desk.Target(desk.KindArticle + ":" + a.Slug)
		if out[t] == nil {
			out[t] = desk.Text{}
		}
		out[t][a.Lang] = a.Title
	}
	for _, q := range p.Queues {
		out[desk.Target(desk.KindQueue+":"+string(q.Name))] = q.Title
	}
	for _, m := range p.Menus {
		if t := menuTarget(m); t != p.Start {
			out[t] = m.Prompt
		}
	}
	for _, m := range p.Menus {
		for _, c := range m.Choices {
			if c.Go.Kind() == desk.KindMenu && c.Go != p.Start {
				out[c.Go] = c.Label
			}
		}
	}
	return out
}

// topics are what customers may speak of: flows by their examples, menus by
// what leads to them and what they hold, articles by their questions. A label
// in a menu is another name of where it leads.
func (p *Playbook) topics() []nlu.Topic {
	titles := p.titles()
	var order []desk.Target
	texts, names := map[desk.Target][]string{}, map[desk.Target][]string{}
	title := map[desk.Target]desk.Text{}
	add := func(t desk.Target, name desk.Text) {
		if _, ok := title[t]; !ok {
			order = append(order, t)
			title[t] = name
		}
	}
	for _, f := range p.Bot.Flows {
		t := desk.Target(desk.KindFlow + ":" + f.Name)
		add(t, f.Title)
		for _, lang := range []desk.Lang{desk.English, desk.Chinese, ""} {
			texts[t] = append(texts[t], f.Examples[lang]...)
		}
	}
	for _, m := range p.Menus {
		if t := menuTarget(m); t != p.Start {
			add(t, titles[t])
		}
	}
	for _, a := range p.Articles {
		if a.Audience != kb.Customers {
			continue
		}
		t := desk.Target(desk.KindArticle + ":" + a.Slug)
		add(t, titles[t])
		texts[t] = append(texts[t], a.Questions...)
	}
	for _, m := range p.Menus {
		for _, c := range m.Choices {
			if _, known := title[c.Go]; !known {
				continue
			}
			for _, lang := range c.Label.Langs() {
				texts[c.Go] = append(texts[c.Go], c.Label[lang])
			}
			for _, lang := range []desk.Lang{desk.English, desk.Chinese, ""} {
				names[c.Go] = append(names[c.Go], c.Words[lang]...)
				if c.Go.Kind() == desk.KindMenu && c.Hint[lang] != "" {
					texts[c.Go] = append(texts[c.Go], c.Hint[lang])
				}
			}
		}
	}
	out := make([]nlu.Topic, 0, len(order))
	for _, t := range order {
		out = append(out, nlu.Topic{Target: t, Title: title[t], Names: names[t], Texts: texts[t]})
	}
	return out
}

func menuTarget(m itr.MenuDef) desk.Target { return desk.Target(desk.KindMenu + ":" + m.Name) }
