package itr_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/itr"
)

func defs(t *testing.T) []itr.MenuDef {
	t.Helper()
	var out []itr.MenuDef
	for _, name := range []string{"main.yaml", "prices.yaml", "beans.yaml"} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		d, err := itr.ParseMenu(name, data)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, d)
	}
	return out
}

// customer talks to a menu and keeps its state, as routing would.
type customer struct {
	t     *testing.T
	menu  *itr.Menu
	lang  desk.Lang
	state json.RawMessage
	last  desk.Content // what was shown last
}

type answer struct {
	said     string
	menu     string
	switched desk.Target
	passed   bool
	handOff  *desk.HandOff
}

func newCustomer(t *testing.T, opts itr.Options) *customer {
	t.Helper()
	m, err := itr.New(defs(t), opts)
	if err != nil {
		t.Fatal(err)
	}
	return &customer{t: t, menu: m, lang: desk.English}
}

func withBot(t *testing.T) *customer {
	return newCustomer(t, itr.Options{Start: "main", Human: "queue:support", Bot: true})
}

func (c *customer) turn(turn desk.Turn) (a answer) {
	c.t.Helper()
	turn.State, turn.Conversation.Lang = c.state, c.lang
	for step, err := range c.menu.Respond(context.Background(), turn) {
		if err != nil {
			c.t.Fatal(err)
		}
		switch s := step.(type) {
		case desk.Say:
			a.said, c.last = s.Content.Text, s.Content
		case desk.Mark:
			if s.Kind == desk.MarkMenu {
				a.menu = s.Value
			}
		case desk.Remember:
			c.state = s.State
		case desk.Switch:
			a.switched, a.passed = s.To, s.Pass
		case desk.HandOff:
			a.handOff = &s
		}
	}
	return a
}

func (c *customer) enter(to desk.Target) answer { c.t.Helper(); return c.turn(desk.Turn{Enter: to}) }

func (c *customer) say(text string) answer {
	c.t.Helper()
	return c.turn(desk.Turn{Message: &desk.Message{Content: desk.Content{Text: text}}})
}

// tap taps the option of that label in what was shown last.
func (c *customer) tap(label string) answer {
	c.t.Helper()
	for _, o := range c.last.Options {
		if o.Label == label {
			return c.pick(o.Pick)
		}
	}
	c.t.Fatalf("no option %q in %v", label, labels(c.last))
	return answer{}
}

func (c *customer) pick(p desk.Pick) answer {
	c.t.Helper()
	return c.turn(desk.Turn{Message: &desk.Message{Content: desk.Content{Text: "a tap", Picked: &p}}})
}

func labels(c desk.Content) []string {
	var out []string
	for _, o := range c.Options {
		s := o.Key + " " + o.Label
		if o.Nav {
			s = "(" + s + ")"
		}
		out = append(out, s)
	}
	return out
}

func TestMenu_EnteringShowsIt(t *testing.T) {
	c := withBot(t)
	a := c.enter("menu:main")
	if a.said != "How can we help?" || a.menu != "main" || c.last.Menu != "main" {
		t.Errorf("got %+v, menu %q", a, c.last.Menu)
	}
	want := "1 Order a coffee|2 Menu & prices|3 Opening hours|0 Talk to a person"
	if got := strings.Join(labels(c.last), "|"); got != want {
		t.Errorf("options\ngot  %s\nwant %s", got, want)
	}
	if o := c.last.Options[1]; o.Hint != "What we brew" || c.last.Options[0].Icon != "coffee" {
		t.Errorf("hint %q, icon %q", o.Hint, c.last.Options[0].Icon)
	}
}

func TestMenu_SpeaksTheCustomersLanguage(t *testing.T) {
	c := withBot(t)
	c.lang = desk.Chinese
	a := c.enter("menu:prices")
	if a.said != "哪一类价格？" {
		t.Errorf("said %q", a.said)
	}
	want := "1 咖啡|2 咖啡豆|(* 返回)|(0 人工服务)"
	if got := strings.Join(labels(c.last), "|"); got != want {
		t.Errorf("options\ngot  %s\nwant %s", got, want)
	}
}

func TestMenu_WaysOutFollowTheDepth(t *testing.T) {
	c := withBot(t)
	for _, step := range []struct{ tap, want string }{
		{"Menu & prices", "1 Coffee|2 Beans|(* Back)|(0 Talk to a person)"},
		{"Beans", "1 House blend|2 Start again|(* Back)|(# Main menu)|(0 Talk to a person)"},
	} {
		if c.last.Menu == "" {
			c.enter("menu:main")
		}
		c.tap(step.tap)
		if got := strings.Join(labels(c.last), "|"); got != step.want {
			t.Errorf("after %s\ngot  %s\nwant %s", step.tap, got, step.want)
		}
	}
}

func TestMenu_TapsLead(t *testing.T) {
	for label, want := range map[string]answer{
		"Order a coffee":   {switched: "flow:order_coffee"},
		"Opening hours":    {switched: "article:opening-hours"},
		"Talk to a person": {switched: "queue:support"},
		"Menu & prices":    {menu: "prices", said: "Which prices?"},
	} {
		c := withBot(t)
		c.enter("menu:main")
		if got := c.tap(label); got != want {
			t.Errorf("%s: got %+v, want %+v", label, got, want)
		}
	}
}

func TestMenu_TypedWordsChoose(t *testing.T) {
	for said, want := range map[string]desk.Target{
		"1": "flow:order_coffee", " 1. ": "flow:order_coffee", "１": "flow:order_coffee", "01": "flow:order_coffee",
		"一": "flow:order_coffee", "第一个": "flow:order_coffee", "选1": "flow:order_coffee", "按 1": "flow:order_coffee", "option one": "flow:order_coffee",
		"ORDER a  Coffee!": "flow:order_coffee", "点咖啡": "flow:order_coffee", "点咖啡。": "flow:order_coffee",
		"三": "article:opening-hours", "營业时间": "words", "营业时间": "article:opening-hours", "ｏｐｅｎｉｎｇ　ｈｏｕｒｓ": "article:opening-hours",
		"0": "queue:support", "零": "queue:support", "人工服务": "queue:support", "转人工": "queue:support", "agent": "queue:support",
		"a large latte please": "words", "one large latte": "words",
	} {
		c := withBot(t)
		c.enter("menu:main")
		if got := c.say(said); got.switched != want {
			t.Errorf("%q: switched to %q, want %q", said, got.switched, want)
		}
	}
	for _, said := range []string{"2", "prices", "价格", "多少钱？", "Menu & Prices", "菜单与价格"} {
		c := withBot(t)
		c.enter("menu:main")
		if got := c.say(said); got.menu != "prices" {
			t.Errorf("%q: shown %q, want the menu prices", said, got.menu)
		}
	}
}

func TestMenu_BackStartAndRepeat(t *testing.T) {
	for _, word := range []string{"back", "返回", "*", "Back"} {
		c := withBot(t)
		c.enter("menu:main")
		c.say("2")
		c.say("2")
		if got := c.say(word); got.menu != "prices" {
			t.Errorf("%q: at %q, want prices", word, got.menu)
		}
		if got := c.say(word); got.menu != "main" {
			t.Errorf("%q: at %q, want main", word, got.menu)
		}
		if got := c.say(word); got.menu != "main" {
			t.Errorf("%q at the top: at %q, want main", word, got.menu)
		}
	}
	for _, word := range []string{"start over", "主菜单", "#"} {
		c := withBot(t)
		c.enter("menu:main")
		c.say("2")
		c.say("2")
		if got := c.say(word); got.menu != "main" {
			t.Errorf("%q: at %q, want main", word, got.menu)
		}
	}
	for _, word := range []string{"repeat", "再说一遍", "hello", "你好"} {
		c := withBot(t)
		c.enter("menu:prices")
		if got := c.say(word); got.menu != "prices" {
			t.Errorf("%q: at %q, want prices again", word, got.menu)
		}
	}
}

func TestMenu_FixedButtonsAndPicks(t *testing.T) {
	c := withBot(t)
	c.enter("menu:main")
	c.say("2")
	if got := c.turn(desk.Turn{Message: &desk.Message{Content: desk.Content{Command: desk.PickStart}}}); got.menu != "main" {
		t.Errorf("start button: at %q", got.menu)
	}
	if got := c.turn(desk.Turn{Message: &desk.Message{Content: desk.Content{Command: desk.PickHuman}}}); got.switched != "queue:support" {
		t.Errorf("person button: switched to %q", got.switched)
	}
	if got := c.pick(desk.Pick{Verb: desk.PickRepeat}); got.menu != "main" {
		t.Errorf("repeat: at %q", got.menu)
	}
	if got := c.pick(desk.Pick{Verb: desk.PickConfirm}); got.switched != desk.Words || !got.passed {
		t.Errorf("a tap on the bot's message: got %+v, want it passed on", got)
	}
}

func TestMenu_CycleDoesNotGrowTheWayBack(t *testing.T) {
	c := withBot(t)
	c.enter("menu:main")
	for range 50 {
		c.tap("Menu & prices")
		c.tap("Beans")
		c.tap("Start again")
	}
	var s struct{ Path []string }
	if err := json.Unmarshal(c.state, &s); err != nil || len(s.Path) != 1 {
		t.Errorf("path %v, want only main (%v)", s.Path, err)
	}
}

func TestMenu_FirstWordsAreTheMatter(t *testing.T) {
	c := withBot(t)
	got := c.turn(desk.Turn{Enter: "menu:main", Message: &desk.Message{Content: desk.Content{Text: "a large latte to 5 Elm Street"}}})
	if got.switched != desk.Words || !got.passed || got.said != "" {
		t.Errorf("got %+v, want the words passed on unanswered", got)
	}
	// The bot leads back here with the same words: they must not circle.
	got = c.turn(desk.Turn{Enter: "menu:main", Message: &desk.Message{Content: desk.Content{Text: "a large latte to 5 Elm Street"}}})
	if got.menu != "main" || got.switched != "" {
		t.Errorf("got %+v, want the menu shown", got)
	}
	c = withBot(t)
	if got := c.turn(desk.Turn{Enter: "menu:main", Message: &desk.Message{Content: desk.Content{Text: "你好"}}}); got.menu != "main" {
		t.Errorf("a greeting: got %+v, want the menu", got)
	}
}

func TestMenu_UnknownKeyAsksAgainThenCallsAPerson(t *testing.T) {
	c := withBot(t)
	c.enter("menu:main")
	for i := range itr.MaxMisses - 1 {
		got := c.say("7")
		if got.menu != "main" || !strings.HasPrefix(got.said, "Sorry") || got.switched != "" {
			t.Fatalf("miss %d: got %+v, want to be asked again", i+1, got)
		}
	}
	if got := c.say("7"); got.switched != "queue:support" {
		t.Errorf("got %+v, want a person", got)
	}
}

func TestMenu_AHitForgetsMisses(t *testing.T) {
	c := withBot(t)
	c.enter("menu:main")
	for range 10 {
		c.say("7")
		if got := c.say("2"); got.menu != "prices" {
			t.Fatalf("got %+v", got)
		}
		c.say("back")
	}
}

func withoutBot(t *testing.T) *customer {
	t.Helper()
	def, err := itr.ParseMenu("m.yaml", []byte("version: 1\nmenu: main\nprompt: Which department?\nchoices:\n  - {label: Sales, go: queue:sales}\n  - {label: Service, go: queue:service}\n"))
	if err != nil {
		t.Fatal(err)
	}
	m, err := itr.New([]itr.MenuDef{def}, itr.Options{Start: "main", Human: "queue:service"})
	if err != nil {
		t.Fatal(err)
	}
	return &customer{t: t, menu: m, lang: desk.Chinese}
}

func TestMenu_WithoutABotHandsOverItself(t *testing.T) {
	c := withoutBot(t)
	c.enter("menu:main")
	got := c.say("1")
	if got.handOff == nil || got.handOff.Queue != "sales" || got.handOff.Card.Reason != "asked" || got.handOff.Say.Text == "" {
		t.Errorf("got %+v, want a hand-over to sales", got.handOff)
	}
}

func TestMenu_WithoutABotAsksAgainThenHandsOver(t *testing.T) {
	c := withoutBot(t)
	c.enter("menu:main")
	for range itr.MaxMisses - 1 {
		if got := c.say("我的东西坏了"); got.menu != "main" || !strings.HasPrefix(got.said, "抱歉") {
			t.Fatalf("got %+v, want to be asked again", got)
		}
	}
	got := c.say("我的东西坏了")
	if got.handOff == nil || got.handOff.Queue != "service" || got.handOff.Card.Reason != "retries" || got.handOff.Card.Wants != "我的东西坏了" {
		t.Errorf("got %+v", got.handOff)
	}
}

func TestMenu_ForgottenMenusLeadToTheStart(t *testing.T) {
	c := withBot(t)
	c.state = json.RawMessage(`{"path":["main","gone","gone-too"]}`)
	if got := c.say("repeat"); got.menu != "main" {
		t.Errorf("got %+v", got)
	}
	c.state = json.RawMessage(`not json`)
	if got := c.say("repeat"); got.menu != "main" {
		t.Errorf("got %+v", got)
	}
}

func TestMenu_SameTurnSameSteps(t *testing.T) {
	for range 20 {
		c := withBot(t)
		c.enter("menu:main")
		if got := c.say("menu"); got.menu != "main" {
			t.Fatalf("got %+v", got)
		}
	}
}
