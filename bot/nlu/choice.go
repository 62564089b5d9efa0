package nlu

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

var (
	negatedRE  = regexp.MustCompile(`(?:\bnot|\bno|\bnever|\bwithout|\binstead of|\brather than|\bdon't want|\bdo not want|\bdon't like|n't|\bno more)(?: the| a| an| any| my)? $|(?:不要|不想要|不想喝|不喝|不是|而不是|别|没有|不选|不用)(?:这个|那个|了)? ?$`)
	pickRE     = regexp.MustCompile(`^(?:i'll (?:take|have|go (?:for|with))|i'd like|i want|give me|let's (?:do|go (?:for|with))|the|option|number|no\.?|choice|#|选择?|要|就|那就|来|我要|我选|我想要)? ?(?:the )?(?:option |number |choice )?$`)
	pickTailRE = regexp.MustCompile(`^(?:[ ,.!]|\bplease\b|号|个|吧|谢谢)*$`)
	lastRE     = regexp.MustCompile(`\b(?:the )?(last one|last|latter)\b|最后一个|最后那个|后者|最后的`)
	formerRE   = regexp.MustCompile(`\b(?:the )?former\b|前者`)
)

// findChoices finds the choices that are named: by a name, a misspelt name, or
// (weak) a part of a name that no other choice has, or their place in the list.
// A choice that is named only to be refused ("not latte") is not found.
func findChoices(p plain, o Options) []Entity {
	var out []Entity
	for _, c := range o.Choices {
		for _, name := range append([]string{c.Value}, c.Names...) {
			name = newPlain(strings.TrimSpace(name)).s
			out = append(out, named(p, c.Value, name)...)
			if joined := strings.NewReplacer(" ", "", "_", "", "-", "").Replace(name); joined != name && len(joined) > 4 {
				out = append(out, named(p, c.Value, joined)...)
			}
		}
	}
	if len(keep(out, false)) > 0 {
		return out
	}
	out = append(out, misspelt(p, o.Choices)...)
	if len(keep(out, false)) > 0 || !o.Asked {
		return out
	}
	if yn := readYesNo(p); yn.value != "" && yn.rest == "" {
		return out // 不 is no part of 态度不好
	}
	if e, ok := byPlace(p, o.Choices); ok {
		return append(out, e)
	}
	if e, ok := byPart(p, o.Choices); ok {
		return append(out, e)
	}
	return out
}

// named finds name in p as whole words, a plural s allowed.
func named(p plain, value, name string) []Entity {
	if name == "" {
		return nil
	}
	var out []Entity
	for from := 0; from < len(p.s); {
		i := strings.Index(p.s[from:], name)
		if i < 0 {
			break
		}
		from += i
		to := from + len(name)
		for _, plural := range []string{"es", "s"} {
			if name[len(name)-1] < 0x80 && hasWord(p.s[to:], plural) {
				to += len(plural)
				break
			}
		}
		if bounded(p.s, from, to) && !withinFigure(p.s, from, to) && !negated(p.s[:from]) {
			e := p.entity(from, to, value)
			e.Weak = utf8.RuneCountInString(name) == 1 && (name[0] < 0x80 || len(p.s) > 2*len(name))
			out = append(out, e)
		}
		from = to
	}
	return out
}

// withinFigure reports whether s[from:to] begins or ends inside a decimal: 5 in
// 3.5 is no 5.
func withinFigure(s string, from, to int) bool {
	digit := func(i int) bool { return i >= 0 && i < len(s) && s[i] >= '0' && s[i] <= '9' }
	return digit(from) && from > 0 && s[from-1] == '.' && digit(from-2) || digit(to-1) && to < len(s) && s[to] == '.' && digit(to+1)
}

func negated(before string) bool { return negatedRE.MatchString(before) }

// misspelt finds Latin names with a typing error: one in a word of five to
// seven letters, two in a longer one, the first letter always right. In a word
// of four letters one error counts as weak.
func misspelt(p plain, choices []Choice) []Entity {
	words := wordRE.FindAllStringIndex(p.s, 128)
	var out []Entity
	for _, c := range choices {
		for _, name := range append([]string{c.Value}, c.Names...) {
			name = newPlain(strings.TrimSpace(name)).s
			if len(name) < 4 || hasHan(name) {
				continue
			}
			n := len(wordRE.FindAllStringIndex(name, 16))
			for i := 0; n > 0 && i+n <= len(words); i++ {
				from, to := words[i][0], words[i+n-1][1]
				got := p.s[from:to]
				if got[0] != name[0] || commonWords[got] {
					continue
				}
				d := distance(got, name)
				allowed := 1
				if len(name) >= 8 {
					allowed = 2
				}
				if d == 0 || d > allowed || negated(p.s[:from]) {
					continue
				}
				e := p.entity(from, to, c.Value)
				e.Weak = len(name) < 5
				out = append(out, e)
			}
		}
	}
	return out
}

// byPlace reads "the second one", "2", 第二个, "the last one".
func byPlace(p plain, choices []Choice) (Entity, bool) {
	at, from, to := -1, 0, 0
	for _, n := range scanNumbers(p) {
		if n.value != float64(int(n.value)) {
			continue
		}
		alone := n.ordinal || pickRE.MatchString(strings.TrimSpace(p.s[:n.from])) && pickTailRE.MatchString(p.s[n.to:])
		if alone && int(n.value) >= 1 && int(n.value) <= len(choices) {
			if at >= 0 && at != int(n.value)-1 {
				return Entity{}, false
			}
			at, from, to = int(n.value)-1, n.from, n.to
		}
	}
	if m := lastRE.FindStringIndex(p.s); at < 0 && m != nil {
		at, from, to = len(choices)-1, m[0], m[1]
	}
	if m := formerRE.FindStringIndex(p.s); at < 0 && m != nil && len(choices) == 2 {
		at, from, to = 0, m[0], m[1]
	}
	if at < 0 || at >= len(choices) {
		return Entity{}, false
	}
	e := p.entity(from, to, choices[at].Value)
	e.Weak = true
	return e, true
}

// byPart reads an answer all of whose words are part of one choice's names and
// of no other's: 微信 for 微信支付, "card" for "credit card".
func byPart(p plain, choices []Choice) (Entity, bool) {
	said := contentWords(p.s)
	if len(said) == 0 {
		return Entity{}, false
	}
	hit := ""
	for _, c := range choices {
		for _, name := range append([]string{c.Value}, c.Names...) {
			if !coversAll(newPlain(name).s, said) {
				continue
			}
			if hit != "" && hit != c.Value {
				return Entity{}, false
			}
			hit = c.Value
		}
	}
	if hit == "" {
		return Entity{}, false
	}
	e := p.entity(0, len(p.s), hit)
	e.Weak = true
	return e, true
}

func coversAll(name string, said []string) bool {
	for _, w := range said {
		i := strings.Index(name, w)
		if i < 0 || !bounded(name, i, i+len(w)) {
			return false
		}
	}
	return true
}

// contentWords are the words of s that say something: Latin words that are not
// common, and stretches of Chinese without politeness.
func contentWords(s string) []string {
	var out []string
	for _, m := range wordRE.FindAllStringIndex(s, 64) {
		if w := s[m[0]:m[1]]; !commonWords[w] {
			out = append(out, w)
		}
	}
	han := strings.Builder{}
	flush := func() {
		w := trimPolite(han.String())
		if w != "" {
			out = append(out, w)
		}
		han.Reset()
	}
	for _, r := range s {
		if isHan(r) {
			han.WriteRune(r)
		} else {
			flush()
		}
	}
	flush()
	return out
}

// trimPolite takes off what surrounds a Chinese answer: 我要…吧, 就…谢谢.
func trimPolite(s string) string {
	for changed := true; changed && s != ""; {
		changed = false
		for _, lead := range []string{"我想要", "我要", "我选", "我想", "请给我", "给我", "麻烦", "那就", "就要", "就", "选", "来", "用", "要", "是", "请", "嗯", "那", "走"} {
			if rest, ok := strings.CutPrefix(s, lead); ok && rest != "" {
				s, changed = rest, true
			}
		}
		for _, tail := range []string{"谢谢", "谢谢你", "就好", "就行", "好了", "可以", "的吧", "吧", "的", "呢", "啊", "呀", "哦", "了"} {
			if rest, ok := strings.CutSuffix(s, tail); ok && rest != "" {
				s, changed = rest, true
			}
		}
	}
	return s
}

// distance counts the letters to add, drop, change or swap with the next to
// turn a into b. Long words are cut short: it is for words.
func distance(a, b string) int {
	if len(a) > 40 || len(b) > 40 {
		return 40
	}
	var rows [3][41]int
	prev2, prev, cur := &rows[0], &rows[1], &rows[2]
	for j := 0; j <= len(b); j++ {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], prev2[j-2]+1)
			}
		}
		prev2, prev, cur = prev, cur, prev2
	}
	return prev[len(b)]
}

// commonWords are English words that carry no choice: a typing error away from
// a choice they are still themselves.
var commonWords = wordSet(`a about after all also am an and any anything are as at back be been but by can could did do does
don't for from get give go going got had has have he hello help her here hi him his how i i'd i'll i'm i've if in into is it it's
its just know let let's like make may me might more much must my need never no not now of off ok okay on one only or other our out
over please really right same say see she should so some still take tell than thank thanks that that's the their them then there
these they thing think this those three to too try two under up us use very want was water way we well were what when where which
while who why will with would yes yet you your later large's small's there's where's what's how's first start stop store story
order other under horse house place plate price prize`)

func wordSet(list string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(list) {
		m[w] = true
	}
	return m
}
