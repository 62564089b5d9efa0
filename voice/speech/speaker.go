package speech

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
)

// Speaker turns messages into what is said.
type Speaker struct{}

var _ voice.Speaker = Speaker{}

// longest is how many runes are said in one breath; longer sentences are cut
// at a comma, so that the first words come soon.
const longest = 160

// Sentences is what is said of a message, in order: its text, its card, its
// choices with their keys, and how a question may be answered by keys. What
// only eyes can use is left out or pointed to.
func (Speaker) Sentences(c desk.Content, lang desk.Lang, o voice.Saying) []string {
	var out []string
	add := func(text string) {
		for _, s := range split(plain(text)) {
			if s = strings.TrimSpace(Read(s, lang)); s != "" {
				out = append(out, s)
			}
		}
	}
	text := c.Text
	if o.Short {
		text = question(text)
	}
	add(text)
	if c.Card != nil && !o.Short {
		add(c.Card.Title)
		add(c.Card.Subtitle)
		for _, l := range c.Card.Lines {
			add(l.Label + pick(lang, ": ", "：") + l.Value + pick(lang, ".", "。"))
		}
	}
	if len(c.Attachments) > 0 || c.Location != nil {
		add(pick(lang, "The rest is on your page.", "其余内容请看页面。"))
	}
	out = append(out, choices(c, lang, o)...)
	if len(c.Options) == 0 || onlyNav(c.Options) {
		add(byKeys(c.Input, lang, o))
	}
	return out
}

func onlyNav(options []desk.Option) bool {
	for _, o := range options {
		if !o.Nav {
			return false
		}
	}
	return true
}

// choices names the keys. The fixed ones come last, and a person always.
func choices(c desk.Content, lang desk.Lang, o voice.Saying) []string {
	var first, last []string
	for _, opt := range c.Options {
		switch {
		case opt.Key == "" || !o.Keys:
			if !opt.Nav && !o.Keys {
				first = append(first, Read(plain(opt.Label), lang)+pick(lang, ".", "。"))
			}
		case opt.Nav && opt.Pick.Verb != desk.PickHuman:
			// Back and start are there, but are not read out each time.
		case opt.Nav:
			last = append(last, press(opt, lang))
		default:
			first = append(first, press(opt, lang))
		}
	}
	if o.Words && len(first) > 0 {
		last = append(last, pick(lang, "Or just say it.", "也可以直接说。"))
	}
	return append(first, last...)
}

func press(o desk.Option, lang desk.Lang) string {
	label, key := strings.TrimRight(Read(plain(o.Label), lang), " .。?？!！"), keyName(o.Key, lang)
	if lang == desk.Chinese {
		return label + "，请按" + key + "。"
	}
	return label + ", press " + key + "." // a label may be a thing, a wish or a question
}

func keyName(key string, lang desk.Lang) string {
	switch key {
	case "*":
		return pick(lang, "star", "星号键")
	case "#":
		return pick(lang, "hash", "井号键")
	}
	if lang == desk.Chinese {
		var b strings.Builder
		for _, r := range key {
			b.WriteRune(zhDigits[(r-'0')%10])
		}
		return b.String()
	}
	return Digits(key, lang)
}

// byKeys says how a question without choices is answered on a telephone.
func byKeys(in *desk.Input, lang desk.Lang, o voice.Saying) string {
	if in == nil || !o.Keys || o.Short {
		return ""
	}
	words := ""
	if o.Words {
		words = pick(lang, "Say it, or ", "请直接说，或者")
	}
	cap := func(en, zh string) string {
		if words == "" && lang != desk.Chinese {
			return strings.ToUpper(en[:1]) + en[1:]
		}
		return words + pick(lang, en, zh)
	}
	switch in.Type {
	case desk.SlotNumber, desk.SlotPhone, desk.SlotPattern:
		return cap("enter the digits, then press hash.", "请输入数字，按井号键结束。")
	case desk.SlotMoney:
		return cap("enter the amount, with star for the decimal point, then press hash.", "请输入金额，小数点请按星号键，按井号键结束。")
	case desk.SlotDate:
		return cap("enter the date as eight digits: year, month and day.", "请输入八位日期：年、月、日。")
	case desk.SlotTime:
		return cap("enter the time as four digits, from zero to twenty-four hours.", "请按二十四小时制输入四位时间。")
	case desk.SlotDateTime:
		return cap("enter twelve digits: year, month, day, hour and minute.", "请输入十二位数字：年月日时分。")
	}
	switch {
	case o.Words:
		return ""
	case o.Page:
		return pick(lang, "Please write it on the page in front of you.", "请在页面上填写。")
	}
	return pick(lang, "This cannot be entered with keys. Please write it on the page, or press zero for a person.", "这一项无法用按键输入，请在页面上填写，或按零转人工。")
}

var (
	mdImage  = regexp.MustCompile(`!\[[^\]]*\]\([^)]*\)`)
	mdLink   = regexp.MustCompile(`\[([^\]]+)\]\([^)]*\)`)
	mdHead   = regexp.MustCompile(`(?m)^\s{0,3}(?:#{1,6}\s+|>\s?|[-*+]\s+|\d{1,2}[.)]\s+)`)
	mdRule   = regexp.MustCompile(`(?m)^\s*(?:[-*_=]\s*){3,}$|^\s*\|?[\s:|-]*-[\s:|-]*\|?\s*$`)
	mdMarks  = regexp.MustCompile("__|~~|`+|\\*+(\\S)|(\\S)\\*+")
	htmlTag  = regexp.MustCompile(`</?[A-Za-z][^>]*>`)
	spaces   = regexp.MustCompile(`[ \t]+`)
	tableBar = regexp.MustCompile(`\s*\|\s*`)
)

// plain flattens Markdown to lines that can be said.
func plain(text string) string {
	text = mdImage.ReplaceAllString(text, "")
	text = mdLink.ReplaceAllString(text, "$1")
	text = mdRule.ReplaceAllString(text, "")
	text = mdHead.ReplaceAllString(text, "")
	text = mdMarks.ReplaceAllString(text, "$1$2")
	text = htmlTag.ReplaceAllString(text, "")
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		if strings.Count(l, "|") > 1 {
			lines[i] = tableBar.ReplaceAllString(strings.Trim(strings.TrimSpace(l), "|"), ", ")
		}
	}
	text = strings.Map(func(r rune) rune {
		if r == '\u200d' || r == '\ufe0f' || unicode.Is(unicode.So, r) || r >= 0x1f000 && r <= 0x1faff {
			return -1
		}
		return r
	}, strings.Join(lines, "\n"))
	return spaces.ReplaceAllString(text, " ")
}

// split cuts a text into sentences of at most longest runes.
func split(text string) []string {
	var out []string
	for _, line := range strings.Split(text, "\n") {
		rest := []rune(strings.TrimSpace(line))
		for len(rest) > 0 {
			n := sentence(rest)
			if s := strings.TrimSpace(string(rest[:n])); strings.IndexFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) >= 0 {
				out = append(out, s)
			}
			rest = rest[n:]
		}
	}
	return out
}

// sentence is the length of the first sentence.
func sentence(text []rune) int {
	comma := 0
	for i, r := range text {
		switch r {
		case '。', '！', '？', '；', '!', '?', ';':
			return i + 1
		case '.':
			// Not in 2.5, a.m., nor after a single letter.
			if (i+1 == len(text) || unicode.IsSpace(text[i+1])) && (i < 2 || unicode.IsLetter(text[i-2]) || unicode.IsDigit(text[i-1])) {
				return i + 1
			}
		case ',', '，', '、', ':', '：':
			comma = i + 1
		}
		if i+1 >= longest {
			if comma > longest/3 {
				return comma
			}
			if unicode.IsSpace(r) || unicode.Is(unicode.Han, r) {
				return i + 1
			}
		}
	}
	return len(text)
}

// question is what a repeat needs: the last sentence that asks, else the last.
func question(text string) string {
	all := split(plain(text))
	for i := len(all) - 1; i >= 0; i-- {
		if strings.HasSuffix(all[i], "?") || strings.HasSuffix(all[i], "？") {
			return all[i]
		}
	}
	if len(all) == 0 {
		return ""
	}
	return all[len(all)-1]
}
