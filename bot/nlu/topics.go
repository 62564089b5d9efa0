package nlu

import (
	"cmp"
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/parleyhq/parley/bot"
	"github.com/parleyhq/parley/desk"
)

// Topic is something that a customer can be led to, with the words that it is
// known by: a flow by its examples, a menu by its choices, an article by its
// questions.
type Topic struct {
	Target desk.Target
	Title  desk.Text
	Names  []string // words that stand for it as its title does
	Texts  []string
}

// topics finds what an utterance may be about by the words that stand in it.
// It is for utterances that say too little for the model: "order", 改.
type topics struct {
	list []topic
	df   map[string]int // in how many topics a term is
}

type topic struct {
	Topic
	title map[string]bool
	share map[string]float64 // of the texts that have the term
	mine  float64            // share of its texts that speak of what is the customer's
	exact map[string]bool    // its titles and a flow's examples, without politeness
}

func newTopics(list []Topic) topics {
	out := topics{df: map[string]int{}}
	for _, t := range list {
		one := topic{Topic: t, title: map[string]bool{}, share: map[string]float64{}, exact: map[string]bool{}}
		texts := slices.Clone(t.Texts)
		if t.Target.Kind() == desk.KindFlow {
			for _, s := range t.Texts {
				one.exact[bare(newPlain(s).s)] = true
			}
		}
		for _, lang := range t.Title.Langs() {
			texts = append(texts, t.Title[lang])
			one.exact[bare(newPlain(t.Title[lang]).s)] = true
			for _, term := range allTerms(t.Title[lang]) {
				one.title[term] = true
			}
		}
		for _, name := range t.Names {
			texts = append(texts, name)
			for _, term := range allTerms(name) {
				one.title[term] = true
			}
		}
		for _, s := range texts {
			if mineRE.MatchString(newPlain(s).s) {
				one.mine += 1 / float64(len(texts))
			}
			for _, term := range allTerms(s) {
				one.share[term] += 1 / float64(len(texts))
			}
		}
		for term := range one.share {
			out.df[term]++
		}
		out.list = append(out.list, one)
	}
	return out
}

// ranked is a topic with how much of what was said it has words for, 0 to 1
// and a little more for what its title says.
type ranked struct {
	topic *topic
	score float64
}

// near ranks the topics that have most of the terms, best first: flows before
// what only informs, where they are equal.
func (ts topics) near(terms []string) []ranked {
	var out []ranked
	for i := range ts.list {
		t := &ts.list[i]
		got, all := 0.0, 0.0
		for _, term := range terms {
			w := math.Log(1 + float64(len(ts.list)+1)/float64(ts.df[term]+1))
			all += w
			switch {
			case t.title[term]:
				got += w * (0.9 + 0.1*math.Min(1, t.share[term]))
			case t.share[term] > 0:
				got += w * (0.45 + 0.3*math.Min(1, 2*t.share[term]))
			}
		}
		if got == 0 {
			continue
		}
		score := got / all
		if t.Target.Kind() == desk.KindFlow {
			score += 0.05
		}
		out = append(out, ranked{t, score})
	}
	slices.SortStableFunc(out, func(a, b ranked) int { return cmp.Compare(b.score, a.score) })
	return out
}

// named reports the topic that s names in full, if it is one.
func (ts topics) named(p plain) (desk.Target, bool) {
	s := bare(p.s)
	var found desk.Target
	for i := range ts.list {
		if ts.list[i].exact[s] {
			if found != "" {
				return "", false
			}
			found = ts.list[i].Target
		}
	}
	return found, found != ""
}

// terms are the words of meaning in what was said: Latin words stemmed, Chinese
// in pairs, a lone character by itself. n is how many words they are.
func terms(s string) (list []string, n int) {
	add := func(t string) {
		if !slices.Contains(list, t) {
			list = append(list, t)
			n++
		}
	}
	scanTerms(s, func(word string) { add(stem(word)) }, func(run []rune) {
		if len(run) == 1 {
			add(string(run))
			return
		}
		before := n
		for i := 0; i+2 <= len(run); i++ {
			add(string(run[i : i+2]))
		}
		n = before + (len(run)+1)/2
	})
	return list, n
}

// allTerms are the terms that a text is found by: its words, and of Chinese
// both the pairs and the single characters.
func allTerms(s string) []string {
	seen := map[string]bool{}
	var out []string
	add := func(t string) {
		if !seen[t] {
			seen[t] = true
			out = append(out, t)
		}
	}
	scanTerms(s, func(word string) { add(stem(word)) }, func(run []rune) {
		for i := range run {
			add(string(run[i]))
			if i+2 <= len(run) {
				add(string(run[i : i+2]))
			}
		}
	})
	return out
}

// scanTerms calls word with each Latin word, and han with each stretch of
// Chinese, that is no filler. Figures say nothing.
func scanTerms(s string, word func(string), han func([]rune)) {
	s = hanFillers.Replace(newPlain(s).s)
	var run []rune
	flush := func() {
		if len(run) > 0 {
			han(run)
		}
		run = nil
	}
	for _, p := range pieces(splitHan(s)) {
		switch {
		case p.han:
			run = append(run, []rune(p.text)...)
		case p.text == hanBreak:
			flush()
		default:
			flush()
			if p.text[0] != '#' && !fillers[p.text] {
				word(p.text)
			}
		}
	}
	flush()
}

// hanBreak stands for what divides two stretches of Chinese: pieces drops
// blanks and punctuation.
const hanBreak = "xhbreakx"

func splitHan(s string) string {
	if !hasHan(s) {
		return s
	}
	return hanBreaks.Replace(s)
}

var hanBreaks = strings.NewReplacer(" ", " "+hanBreak+" ", ",", " "+hanBreak+" ", ".", " "+hanBreak+" ", "?", " "+hanBreak+" ", "!", " "+hanBreak+" ")

// fillers are English words that do not say what something is about.
var fillers = wordSet(`a about after again all also am an and any anything anyone are as ask at be because been before but by can could did do does
doing dont done for from get gets getting give go going got had has have having he hello help her here hey hi him his how i id if ill im in into is isnt it its ive
just know let lets like made make makes me may might mine more much must my need needs no not now of off ok okay on once one or our out over please pls
possible question questions quick really regarding concerning related right same say see shall she should so some somebody someone something sorry still such sure
tell than thank thanks that thats the their them then there theres these they thing things think this those to too try u up us use very
want wanted was way we well were what whats when where wheres which while who whos why will with wont would yes yet you your youre
actually matter topic stuff last latest previous recent today yesterday earlier tonight tomorrow morning got ask asking talk wonder whether`)

// hanFillers takes out of Chinese what does not say what it is about.
var hanFillers = strings.NewReplacer("我想要", " ", "我想", " ", "我要", " ", "请问", " ", "咨询", " ", "一下", " ", "问一下", " ", "问问", " ", "想问", " ", "关于", " ", "有关", " ", "的事情", " ", "的事", " ", "那个", " ", "这个", " ", "刚才", " ", "刚刚", " ", "今天", " ", "昨天", " ", "上次", " ",
	"我的", " ", "你们", " ", "我们", " ", "他们", " ", "什么", " ", "怎么", " ", "有没有", " ", "能不能", " ", "可以", " ", "可不可以", " ", "有个", " ", "有点", " ", "帮忙", " ", "帮我", " ", "请", " ", "我", " ", "你", " ", "您", " ", "的", " ", "了", " ", "吗", " ", "呢", " ", "吧", " ", "啊", " ", "呀", " ", "哦", " ",
	"嗯", " ", "那", " ", "这", " ", "是", " ", "在", " ", "想", " ", "要", " ", "和", " ", "把", " ", "给", " ", "就", " ", "都", " ", "也", " ", "还", " ", "又", " ", "有", " ", "个", " ", "么", " ", "不", " ")

// wantsRE finds the little words of an order: "a latte please", 来一杯拿铁.
var wantsRE = regexp.MustCompile(`^(?:(?:hi|hello|hey|ok|so|please|pls)[ ,.!]+)*(?:an?|one|two|i'd like|i would like|i want|i wanna|can i (?:get|have|order)|could i (?:get|have|order)|give me|get me|bring me|send me)\b|^(?:你好|您好|[ ,.!])*(?:我想?要|我想|来|点|给我|帮我)`)

// thin deals with what says too little to begin anything: when a word or two
// fit several topics alike, they are offered. What names one of them is clear.
func (r *reading) thin() []bot.Command {
	list, n := terms(r.main.s)
	if n == 0 || n > 1 {
		return nil
	}
	if asksInfo(r.main) || wantsRE.MatchString(r.main.s) && flowOf(r.top().Class) != "" && r.top().Confidence >= r.u.act {
		return nil // the little words tell: "how much is a latte", "I'd like a latte"
	}
	if _, ok := r.u.topics.named(r.main); ok {
		return nil
	}
	near := r.u.topics.near(list)
	if mineRE.MatchString(r.main.s) {
		near = ofMine(near)
	}
	near = near[:min(len(near), 8)]
	if len(near) == 0 || near[0].score < 0.4 {
		return nil
	}
	near = slices.DeleteFunc(near, func(x ranked) bool { return x.score < 0.5*near[0].score })
	if len(near) == 1 && near[0].topic.Target.Kind() == desk.KindArticle {
		return []bot.Command{{Kind: bot.CommandAnswer, Text: strings.TrimSpace(r.main.orig), Confidence: offered, Candidates: candidatesOf(near)}}
	}
	return []bot.Command{{Kind: bot.CommandClarify, Text: r.in.Text, Confidence: sure, Candidates: candidatesOf(near)}}
}

// ofMine prefers, for "my order" and 我的咖啡, the flows that people speak of so;
// what only informs is left out where there are flows enough.
func ofMine(near []ranked) []ranked {
	flows := 0
	for i := range near {
		if near[i].topic.Target.Kind() == desk.KindFlow {
			near[i].score += near[i].topic.mine
			flows++
		}
	}
	if flows > 1 {
		near = slices.DeleteFunc(near, func(x ranked) bool { return x.topic.Target.Kind() == desk.KindArticle })
	}
	slices.SortStableFunc(near, func(a, b ranked) int { return cmp.Compare(b.score, a.score) })
	return near
}

var mineRE = regexp.MustCompile(`\b(?:my|mine|our)\b|我的|我点的|我们的|我那`)

func candidatesOf(near []ranked) []bot.Candidate {
	var out []bot.Candidate
	for _, x := range near[:min(len(near), 4)] {
		out = append(out, bot.Candidate{Target: x.topic.Target, Title: x.topic.Title, Confidence: math.Min(0.9, x.score)})
	}
	return out
}

// about adds to the candidates of the model the topics that have most of what
// was said.
func (r *reading) about(out []bot.Candidate) []bot.Candidate {
	list, n := terms(r.main.s)
	if n == 0 {
		return out
	}
	for _, x := range r.u.topics.near(list) {
		if x.score < 0.5 || len(out) >= 4 {
			break
		}
		t := x.topic.Target
		if t.Name() == r.in.Active || slices.ContainsFunc(out, func(c bot.Candidate) bool { return c.Target == t }) {
			continue
		}
		out = append(out, bot.Candidate{Target: t, Title: x.topic.Title, Confidence: math.Min(0.55, x.score*0.7)})
	}
	return out
}
