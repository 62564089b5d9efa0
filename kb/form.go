package kb

import (
	"slices"
	"strings"
	"unicode"
)

// form is what the form of a message says of whether it asks anything, whatever
// it is about. Each is 0 or 1.
type form [forms]float64

const (
	asMark   = iota // it has a question mark, or begins as a question
	asThing         // does it have ..., how does ...
	asIf            // if there is ...
	asTask          // book, find, give me ...
	asThanks        // thanks, goodbye
	asAnswer        // it begins with yes, no, ok
	forms
)

// Weights of each form in the log of the odds that a message in a conversation
// wants to know something, fitted together with those in confidence.go.
var formWeights = form{1.84, 0.91, 0.92, -0.92, -0.81, -0.39}

var (
	questionWords = set("how why when who where which what whats hows do does is are can could may will")
	thingVerbs    = set("do does did is are was were has have will would should am isnt arent doesnt dont")
	howVerbs      = set("do does did is are can could will")
	linkWords     = set("and also but so if whether know please ok okay first well yes no")
	offerVerbs    = set("want like mean sure") // do you want is no question to us
	meantThings   = set("they it the there this that i we their you any these")
	taskVerbs     = set("book reserve find recommend suggest give get send schedule order try")
	helpVerbs     = set("help make please")
	askedVerbs    = set("can could would will")
	thankWords    = set("thanks thank bye goodbye")
	answerWords   = set("yes yeah yep no nope ok okay sure great perfect sounds alright either")
	troubleWords  = set("wonder wondering cant cannot doesnt didnt hasnt havent wont broken lost missing stolen failed fails error problem issue unable declined charged wrong")

	hanMarks    = strings.Fields("吗 呢 么 多少 多久 多大 多远 几个 几天 几点 几次 哪 为何 是否 是不是 有没有 能不能 可不可以 可否 如何 怎样 请问 想知道 想问")
	hanThings   = strings.Fields("什么时候 怎么 怎样 如何 多久 哪里 有没有 能不能 可以")
	hanTasks    = strings.Fields("帮我 给我 我要 预订 推荐 来一 来份")
	hanThanks   = strings.Fields("谢谢 多谢 再见")
	hanAnswers  = strings.Fields("好的 是的 不是 不用 对 嗯 行")
	hanTroubles = strings.Fields("没 无法 不能 坏 错 丢 失败 问题 不了")
)

// formOf reads the form of a message. Who says what is wrong wants to know what
// to do about it, and asks without a question mark.
func formOf(text string) form {
	var f form
	f.note(asMark, strings.ContainsAny(text, "?？"))
	if strings.ContainsFunc(text, isHan) {
		f.readHan(text)
	}
	f.read(clauses(text))
	return f
}

// asks is the log of the odds that a message wants to know something, set off
// against those of a plain question: 0 for such a one, below for others. What is
// not said in a conversation is asked: in a search box nobody writes whole
// sentences.
func (f form) asks(talk bool) float64 {
	z := -formWeights[asMark]
	if !talk {
		f[asMark] = 1
	}
	for i, w := range formWeights {
		z += w * f[i]
	}
	return z
}

func (f *form) note(which int, is bool) {
	if is {
		f[which] = 1
	}
}

func (f *form) readHan(text string) {
	in := func(list []string) bool {
		return slices.ContainsFunc(list, func(s string) bool { return strings.Contains(text, s) })
	}
	f.note(asMark, in(hanMarks) || in(hanTroubles))
	f.note(asThing, in(hanThings))
	f.note(asIf, strings.Contains(text, "是否") || strings.Contains(text, "是不是"))
	f.note(asTask, in(hanTasks))
	f.note(asThanks, in(hanThanks))
	f.note(asAnswer, slices.ContainsFunc(hanAnswers, func(s string) bool { return strings.HasPrefix(text, s) }))
}

func (f *form) read(list []uttered) {
	word := func(i int) string {
		if i < 0 || i >= len(list) {
			return ""
		}
		return list[i].word
	}
	how := false
	for i, w := range list {
		next, after := word(i+1), word(i+2)
		you := next == "you"
		f.note(asMark, i == 0 && questionWords[w.word] || troubleWords[w.word])
		f.note(asAnswer, i == 0 && answerWords[w.word])
		f.note(asThing, thingVerbs[w.word] && next != "" && (w.first || linkWords[word(i-1)]) && !(you && offerVerbs[after]))
		f.note(asThing, how && howVerbs[w.word])
		how = how || w.word == "how" || w.word == "when" || w.word == "where"
		f.note(asIf, (w.word == "if" || w.word == "whether") && meantThings[next])
		f.note(asTask, taskVerbs[w.word] || you && askedVerbs[w.word] && helpVerbs[after])
		f.note(asThanks, thankWords[w.word] || w.word == "all" && word(i-1) == "thats")
	}
}

// uttered is a word of a message, and whether a clause begins with it.
type uttered struct {
	word  string
	first bool
}

// clauses splits what is written in letters into words, folded.
func clauses(text string) []uttered {
	var out []uttered
	var b strings.Builder
	first := true
	end := func() {
		if b.Len() > 0 {
			out = append(out, uttered{b.String(), first})
			b.Reset()
			first = false
		}
	}
	for _, original := range text {
		r := fold(original)
		switch {
		case isHan(r):
			end()
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(r)
		case r == '\'': // "doesn't" is one word
		default:
			end()
			first = first || strings.ContainsRune(".!?,;:。！？，；：", r)
		}
	}
	end()
	return out
}
