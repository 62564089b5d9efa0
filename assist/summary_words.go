package assist

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/kb"
)

// What lines of a summary are called.
var labels = map[LineKind]desk.Text{
	Wants:     desk.T("Wants", "诉求"),
	Matter:    desk.T("Matter", "事项"),
	Tried:     desk.T("Tried", "已处理"),
	Corrected: desk.T("Corrected", "更正"),
	Open:      desk.T("Open", "待办"),
	Mood:      desk.T("Mood", "情绪"),
}

// What is said in lines of a summary.
var (
	saidOf = map[string]desk.Text{done: desk.T("done", "已完成"), cancelled: desk.T("given up", "已放弃"), failed: desk.T("failed", "失败")}

	sayAnswered   = desk.T("answered from “%s”", "已用《%s》回答")
	sayMoved      = desk.T("transferred to %s", "已转接至%s")
	sayReplies    = desk.T("replied %d times by a person", "人工已回复 %d 次")
	sayReply      = desk.T("replied once by a person", "人工已回复 1 次")
	sayUnfinished = desk.T("“%s” is not finished", "“%s”尚未办完")
	sayUnanswered = desk.T("not answered yet: %s", "尚未回复：%s")
	sayAwaited    = desk.T("the customer has yet to answer: %s", "等待客户回答：%s")
	sayNothing    = desk.T("nothing that is known", "无")
	sayPerson     = desk.T("a person", "人工服务")
	sayCallback   = desk.T("to be called back at %s", "需回电 %s")
)

// Between two things in a line.
func comma(lang desk.Lang) string {
	if lang == desk.Chinese {
		return "，"
	}
	return ", "
}

func semicolon(lang desk.Lang) string {
	if lang == desk.Chinese {
		return "；"
	}
	return "; "
}

var (
	crossEn = regexp.MustCompile(`(?i)\b(?:angry|furious|annoyed|annoying|upset|unacceptable|terrible|awful|ridiculous|disgusting|disappointed|disappointing|frustrated|frustrating|fed up|worst)\b`)
	crossZh = regexp.MustCompile(`生气|气死|愤怒|太差|差劲|垃圾|离谱|失望|受不了|不能接受|无法接受|太过分|恼火`)
	notEn   = regexp.MustCompile(`(?i)\b(?:not|never|no|isn't|wasn't|aren't|don't|didn't)\b[^,.;]{0,20}$`)
	notZh   = regexp.MustCompile(`[没不别][^，。；]{0,2}$`)
)

// cross is the customer's last sentence in which he says himself that he is
// cross, or nothing: it is not guessed.
func cross(text string) (string, bool) {
	found := ""
	for _, s := range kb.Sentences(text) {
		for _, by := range []struct{ says, denies *regexp.Regexp }{{crossEn, notEn}, {crossZh, notZh}} {
			if at := by.says.FindStringIndex(s); at != nil && !by.denies.MatchString(s[:at[0]]) {
				found = s
			}
		}
	}
	return strings.TrimSpace(found), found != ""
}

// capital begins a line.
func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}
