package nlu

import (
	"regexp"
	"strings"
)

var (
	enYes = phrases(`yes please|yes|yeah|yep|yup|ya|yea|y|sure thing|sure|okay|ok|of course|certainly|absolutely|definitely|correct|right|that's right|thats right|that is right|that's correct|that is correct|
all correct|sounds good|sounds great|go ahead|please do|do it|confirmed|confirm it|confirm|i confirm|i agree|agreed|fine|that's fine|looks good|looks right|looks correct|all good|good|perfect|great|why not|no problem|not a problem|no worries|i do|i am|it is|affirmative|alright|all right|exactly|indeed|place it|place the order|order it|let's do it|cool|very well|by all means|please|you bet|i would`)
	enNo = phrases(`no thank you|no thanks|no|nope|nah|not really|not now|not at all|never mind|don't|dont|do not|n|negative|wrong|that's wrong|thats wrong|that is wrong|incorrect|not correct|not right|that's not right|that is not right|
i don't|i do not|i don't think so|not yet|not today|no way|absolutely not|of course not|definitely not|certainly not|i'm not|it isn't|it's not|it is not|i wouldn't|rather not|i'd rather not`)
	zhYes = phrases(`是的|是啊|是|对的|对啊|对呀|对|好的|好啊|好呀|好吧|好嘞|好滴|好|行的|行吧|行|可以的|可以啊|可以|嗯嗯|嗯|恩|没错|没问题|确认下单|确认|确定|要的|要|需要|当然可以|当然|同意|正确|就这样|就这么办|就这么定了|下单吧|下单|提交吧|提交|ok|有的|有|中|成|妥|是滴|必须的|yes|没毛病|愿意`)
	zhNo  = phrases(`不是的|不是|不对|不用了|不用|不要了|不要|不行|不可以|不需要|不了|不好|不同意|不正确|不确认|不确定|不想|不愿意|不|没有|没|否|错了|错|算了|别|先不|暂时不|先别|no|不必了|不必|免了`)

	yesNoFillRE  = regexp.MustCompile(`^(?:[ ,.!~]|\b(?:well|um|uh|oh|erm|hmm|so|then|and|it|that|is|thank you|thanks|please|very much|thing|all|course)\b|谢谢你|谢谢|吧|啊|呀|哦|呢|了|嘛|哈|的|那|那就|就|请|喽|咯|呗|麻烦|这样)`)
	yesNoLeadRE  = regexp.MustCompile(`^(?:[ ,.!]|\b(?:well|um|uh|oh|erm|hmm|so|then|i think|i guess)\b|那就|那|哦|呃|额|就)+`)
	noFollowRE   = regexp.MustCompile(`^ ?(?:i|it|that|thanks|thank|please|not|don't|we|they|he|she|there|never|but|make|change|you|this|the|my)\b`)
	questionEnd  = regexp.MustCompile(`[?？]\s*$|[吗嘛么]\s*[?？.。]*\s*$`)
	politeTailRE = regexp.MustCompile(`(?:[ ,.!~]|\bplease\b|\bthanks\b|\bthank you\b|谢谢|吧|哦|啊|呀|了|呢)+$`)
)

// phrases splits at | and sorts the longest first.
func phrases(list string) []string {
	var out []string
	for _, s := range strings.Split(list, "|") {
		out = append(out, strings.TrimSpace(s))
	}
	sortBy(out, func(a, b string) bool { return len(a) > len(b) })
	return out
}

// yesNo is how a text says yes or no.
type yesNo struct {
	value    string // "yes", "no" or "" for neither
	from, to int    // of the word that says it, in the plain text
	rest     string // what follows it, without politeness: "but make it small"
}

// readYesNo reads a leading yes or no. What is said after it stays in rest;
// "no sugar" and "right now" are neither.
func readYesNo(p plain) yesNo {
	s := p.s
	from := 0
	if m := yesNoLeadRE.FindStringIndex(s); m != nil && m[1] < len(s) {
		from = m[1]
	}
	if questionEnd.MatchString(s) || strings.Contains(s, "是不是") || strings.Contains(s, "可不可以") || strings.Contains(s, "行不行") || strings.Contains(s, "好不好") {
		return yesNo{rest: s}
	}
	value, to := leadingYesNo(s[from:])
	if value == "" {
		if value, to = leadingYesNo(s); value == "" {
			return yesNo{rest: s}
		}
		from = 0
	}
	out := yesNo{value: value, from: from, to: from + to}
	rest := s[out.to:]
	if clean(rest) == "" {
		return out
	}
	word := s[out.from:out.to]
	if hasHan(word) && !startsApart(rest) {
		// 好多, 对不起, 要多久: Chinese goes on without a pause, so another yes or
		// no word must follow, or only particles.
		return yesNo{rest: s}
	}
	if !hasHan(word) && !startsApart(rest) && !(isPlainYes(word) && strings.HasPrefix(rest, " ")) {
		if !(value == "no" && noFollowRE.MatchString(rest)) {
			return yesNo{rest: s}
		}
	}
	out.rest = strings.Trim(rest, " ,.!;:~-")
	return out
}

// leadingYesNo consumes yes and no words from the start of s; the first that
// is not only a filler decides.
func leadingYesNo(s string) (value string, to int) {
	best := 0
	for _, set := range []struct {
		value string
		words []string
	}{{"no", enNo}, {"no", zhNo}, {"yes", enYes}, {"yes", zhYes}} {
		for _, w := range set.words {
			if len(w) > best && strings.HasPrefix(s, w) && bounded(s, 0, len(w)) {
				value, best = set.value, len(w)
			}
		}
	}
	return value, best
}

// clean drops fillers and further yes and no words from the start of s, again
// and again; what remains says something else.
func clean(s string) string {
	for s != "" {
		if m := yesNoFillRE.FindStringIndex(s); m != nil && m[1] > 0 {
			s = s[m[1]:]
			continue
		}
		_, to := leadingYesNo(s)
		if to == 0 {
			return s
		}
		s = s[to:]
	}
	return s
}

func startsApart(rest string) bool {
	if rest == "" {
		return true
	}
	trimmed := strings.TrimLeft(rest, " ")
	if trimmed == "" {
		return true
	}
	if strings.IndexByte(",.!;:~-", trimmed[0]) >= 0 {
		return true
	}
	for _, particle := range []string{"吧", "啊", "呀", "哦", "的,", "了,", "但", "不过", "谢谢"} {
		if strings.HasPrefix(trimmed, particle) {
			return true
		}
	}
	return rest[0] == ' ' && !isWord(trimmed[0])
}

func isPlainYes(w string) bool {
	switch w {
	case "yes", "yeah", "yep", "yup", "sure", "ok", "okay", "nope", "nah", "yes please":
		return true
	}
	return false
}

func findYesNo(p plain, _ Options) []Entity {
	yn := readYesNo(p)
	if yn.value == "" {
		return nil
	}
	e := p.entity(yn.from, yn.to, yn.value)
	e.Weak = true
	return []Entity{e}
}
