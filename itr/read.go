package itr

import (
	"regexp"
	"slices"
	"strings"

	"github.com/parleyhq/parley/desk"
)

// read finds what typed or spoken words choose in a menu: a key, a label or
// another of the choice's words in any language, or a word that means the same
// in every menu.
func (m *Menu) read(def MenuDef, words string) (desk.Pick, bool) {
	said := fold(words)
	if said == "" {
		return desk.Pick{}, false
	}
	if key, ok := keyOf(said); ok {
		for _, c := range def.Choices {
			if c.Key == key {
				return desk.Pick{Verb: desk.PickGo, Target: c.Go}, true
			}
		}
	}
	for _, c := range def.Choices {
		if c.is(said) {
			return desk.Pick{Verb: desk.PickGo, Target: c.Go}, true
		}
	}
	if verb, ok := verbOf(said); ok {
		return desk.Pick{Verb: verb}, true
	}
	return desk.Pick{}, false
}

// is reports whether said, folded, is the choice's label or one of its words.
func (c Choice) is(said string) bool {
	for _, label := range c.Label {
		if fold(label) == said {
			return true
		}
	}
	for _, words := range c.Words {
		if slices.ContainsFunc(words, func(w string) bool { return fold(w) == said }) {
			return true
		}
	}
	return false
}

var (
	numbered = regexp.MustCompile(`^(?:选|选择|按|第|option|choice|number|press|no)? ?([0-9]{1,2}|[零〇一二两三四五六七八九十]|one|two|three|four|five|six|seven|eight|nine|zero) ?(?:个|项|号|号键)?$`)
	digits   = regexp.MustCompile(`^[0-9*#]+$`)
)

// keyOf reads "2", "第二个", "option two" as the key "2".
func keyOf(said string) (string, bool) {
	if said == "*" || said == "#" {
		return said, true
	}
	found := numbered.FindStringSubmatch(said)
	if found == nil {
		return "", false
	}
	if key, ok := numerals[found[1]]; ok {
		return key, true
	}
	if len(found[1]) > 1 && found[1][0] == '0' {
		return found[1][1:], true
	}
	return found[1], true
}

// isKey reports whether said can only have been meant as a key.
func isKey(said string) bool { return digits.MatchString(said) }

var numerals = map[string]string{
	"零": "0", "〇": "0", "一": "1", "二": "2", "两": "2", "三": "3", "四": "4", "五": "5", "六": "6", "七": "7", "八": "8", "九": "9", "十": "10",
	"zero": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
}

// verbs are the words that mean the same in every menu, folded.
var verbs = map[desk.Verb][]string{
	desk.PickBack:  {"*", "back", "go back", "previous", "返回", "后退", "上一级", "上一步", "返回上一级", "上一层"},
	desk.PickStart: {"#", "start", "start over", "main menu", "home", "首页", "主菜单", "重新开始", "返回首页", "回到首页", "返回主菜单", "回主菜单"},
	desk.PickHuman: {"0", "human", "agent", "person", "operator", "representative", "talk to a person", "speak to a person", "talk to someone",
		"real person", "talk to an agent", "人工", "转人工", "人工服务", "人工客服", "客服", "找客服", "真人", "接线员"},
	desk.PickRepeat: {"repeat", "again", "say that again", "menu", "options", "help", "hi", "hello", "hey", "good morning", "good afternoon", "good evening",
		"再说一遍", "重复", "再来一遍", "菜单", "选项", "帮助", "你好", "您好", "在吗", "嗨", "早上好", "下午好", "晚上好", "哈喽"},
}

func verbOf(said string) (desk.Verb, bool) {
	for verb, words := range verbs {
		if slices.Contains(words, said) {
			return verb, true
		}
	}
	return "", false
}

// fold makes words comparable: full-width forms become plain, case goes, what
// surrounds the words goes, runs of spaces become one.
func fold(words string) string {
	words = strings.Map(func(r rune) rune {
		switch {
		case r == '　':
			return ' '
		case r >= '！' && r <= '～':
			return r - '！' + '!'
		}
		return r
	}, words)
	words = strings.Join(strings.Fields(strings.ToLower(words)), " ")
	return strings.Trim(words, " .,!?;:()[]{}\"'。、，！？；：…「」“”‘’（）")
}
