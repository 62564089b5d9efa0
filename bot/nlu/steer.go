package nlu

import (
	"regexp"
	"strings"
	"sync"
)

// steering maps whole utterances, without politeness, to their class: the
// built-in examples are also the words that are sure.
var steering = sync.OnceValue(func() map[string]string {
	m := map[string]string{}
	for _, b := range builtIn {
		for _, s := range strings.Split(b.examples, "|") {
			m[bare(newPlain(s).s)] = b.class
		}
	}
	return m
})

var (
	bareLeadRE = regexp.MustCompile(`^(?:[ ,.!?]|\b(?:please|pls|ok|okay|well|um|uh|oh|so|then|just|can you|could you|can we|could we|let's|i want to|i'd like to|i would like to|i wanna)\b|请|麻烦|那就|那|嗯|呃|好吧|帮我|我想|我要)+`)
	bareTailRE = regexp.MustCompile(`(?:[ ,.!?~]|\b(?:please|pls|thanks|thank you|now|for now|then|ok)\b|谢谢|吧|啊|呀|哦|呢|一下)+$`)

	humanRE  = regexp.MustCompile(`\b(?:talk|speak|chat|connect|transfer|put|pass|escalate)\b(?: me| us)?(?: directly)?(?: through| over)? ?(?:to|with) (?:an? |the |some |your |my )?(?:real |live |actual |human |customer )*(?:human|person|people|agent|someone|somebody|representative|rep|operator|manager|supervisor|support|customer service|service|colleague|staff)\b|\b(?:real|live|actual) (?:person|human|agent|people)\b|\bhuman (?:agent|being|please)\b|\bi (?:want|need) (?:a |an )?(?:human|agent|person|representative|operator)\b|人工(?:客服|服务|坐席)|(?:转|找|接|要|叫|换)(?:一下|一个|一位|个|位|到|接)?(?:人工|真人|客服|经理)|真人客服|和真人|跟真人|跟人工`)
	cancelRE = regexp.MustCompile(`^(?:(?:please|no|ok|okay|actually|sorry|wait|hmm|just|i want to|i'd like to|let's|can you|could you|can i|can we)[ ,.]+)*(?:cancel|stop|drop|forget|abort|quit|scrap|call off)(?: (?:it|this|that|the|my|our|whole|entire|thing|everything|all|about|of|order|booking|request|please|now|process|here|off|complaint|altogether))*[ .!]*$|^(?:请|帮我|我想|我要|那|算了|不了|[ ,])*(?:取消|停止|放弃|退出|终止)(?:了|掉|吧|这个|这次|我的|订单|点单|操作|流程|办理|预约|投诉|全部|谢谢|[ ,.!])*$|^(?:算了|那|还是|[ ,.!])*我?(?:先|就)?不(?:想)?(?:查|报|点|买|办|弄|改|投诉|取消|申请|提交|需要|下单|订|换|退|填|问|搞|做|传|上传|继续)了(?:吧|谢谢|[ ,.!])*$`)
)

// bare is an utterance without politeness and punctuation at its ends.
func bare(s string) string {
	s = strings.TrimSpace(s)
	if m := bareLeadRE.FindStringIndex(s); m != nil && m[1] < len(s) {
		s = s[m[1]:]
	}
	if m := bareTailRE.FindStringIndex(s); m != nil && m[0] > 0 {
		s = s[:m[0]]
	}
	return strings.Trim(s, " ,.!?~;:")
}

// steers reports the built-in class of a whole utterance, "" for none.
func steers(p plain) string {
	if class := steering()[bare(p.s)]; class != "" {
		return class
	}
	trimmed := strings.Trim(p.s, " ,.!?~;:")
	if class := steering()[trimmed]; class != "" {
		return class
	}
	if cancelRE.MatchString(trimmed) {
		return ClassCancel
	}
	return ""
}

// wantsHuman reports whether the words ask for a person.
func wantsHuman(p plain) bool {
	if steers(p) == ClassHuman {
		return true
	}
	m := humanRE.FindStringIndex(p.s)
	return m != nil && !refused(p.s[:m[0]])
}

// refused reports whether what stands before says that it is not wanted: "I
// don't want to talk to a person", 不要转人工.
func refused(before string) bool {
	return regexpRefused.MatchString(before)
}

var regexpRefused = regexp.MustCompile(`(?:\bnot|n't|\bno need|\bwithout|\bnever)(?: \w+){0,3} ?$|(?:不要|不用|别|不想|不需要|无需)[^,.]{0,2}$`)

var (
	correctRE = regexp.MustCompile(`^(?:oh |oh, |ah |um |uh |er )?(?:no|nope|wait|sorry|oops|actually|i mean|i meant|rather|correction|scratch that|my mistake|hold on|not that|that's wrong|that is wrong|on second thought)\b|\b(?:actually|i meant|i mean|instead|make (?:it|that)|change (?:it|that|this|the|my)|switch (?:it|that|to|the|my)|rather than|should be|update the|correct the|(?:is|was) (?:wrong|incorrect|not right|not correct)|wrong (?:address|number|size|date|time|name)|not \w+ but)\b|换成|改成|改为|改到|换到|改一下|换一下|修改|更改|换个|不对|错了|说错|写错|选错|搞错|应该是|而是|其实是?|还是要|重新选|改`)
	infoRE    = regexp.MustCompile(`^(?:(?:hi|hello|hey|ok|okay|so|and|but|wait|sorry|excuse me|by the way|btw|um|well|actually|one question|question|quick question)[ ,.!:-]+)*(?:what|what's|whats|when|when's|where|where's|which|who|who's|whose|why|how (?:much|many|long|far|do|does|is|are|can|come|often|late|early|fast|big|hot|would|will|to)|how's|do you|do i|does|did|is|are|am i|isn't|aren't|don't you|have you|has|is there|are there|will you|will it|will i|would it|can you tell|could you tell|can i (?:pay|get a refund|change|cancel)|tell me (?:about|what|when|where|how|why|if|whether)|i (?:wonder|would like to know|want to know|wanna know)|any idea)\b`)
	askOKRE   = regexp.MustCompile(`\b(?:ok|okay|fine|possible|good|alright|all right|available|work|works)\b[ ?.!]*$|(?:可以|行|好|成|方便|可行)(?:吗|么|不|吧)[?. ]*$`)
	zhInfoRE  = regexp.MustCompile(`什么|怎么|怎样|如何|为什么|为啥|哪里|哪儿|哪个|哪些|哪家|哪种|在哪|多少|多久|多长|多远|多大|多高|多贵|几点|几号|几天|是不是|会不会|有没有|能不能用|可以用|谁|有[^,.]{1,8}吗|是[^,.]{1,10}吗|支持[^,.]{1,10}吗|会[^,.]{1,10}吗`)
)

// asksInfo reports whether p wants to know something, other than a request or
// a proposal in the form of a question: "can I have a latte?", "is three ok?".
func asksInfo(p plain) bool {
	s := strings.TrimSpace(p.s)
	if askOKRE.MatchString(s) && !zhInfoRE.MatchString(s) && !regexpWh.MatchString(s) {
		return false
	}
	return infoRE.MatchString(s) || hasHan(s) && zhInfoRE.MatchString(s)
}

var regexpWh = regexp.MustCompile(`^(?:what|when|where|which|who|why|how)\b`)

// clauseRE divides an utterance where a thing of its own may begin.
var clauseRE = regexp.MustCompile(`[.?!;](?: |$)|[?!;]|[.]|, (?:and|but|by the way|btw|also|so) |(?: |,)(?:by the way|btw)[ ,]|,? ?(?:另外|还有|顺便问一下|顺便|对了|话说),?|,`)

// clauses gives the spans of p between its breaks; a question mark stays with
// its clause. Decimal points and dates are no breaks.
func clauses(p plain) []textSpan {
	var out []textSpan
	from := 0
	push := func(to int) {
		a, b := from, to
		for a < b && p.s[a] == ' ' {
			a++
		}
		for b > a && p.s[b-1] == ' ' {
			b--
		}
		if b > a {
			out = append(out, textSpan{a, b})
		}
	}
	for _, m := range clauseRE.FindAllStringIndex(p.s, 32) {
		if m[0] > 0 && m[1] < len(p.s) && isDigit(p.s[m[0]-1]) && isDigit(p.s[m[1]]) || inAddress(p.s, m[0]) {
			continue
		}
		end := m[0]
		if c := p.s[m[0]]; c == '?' {
			end++
		}
		push(end)
		from = m[1]
	}
	push(len(p.s))
	return out
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// inAddress reports whether the mark at i ends an abbreviation or stands inside
// a mail address.
func inAddress(s string, i int) bool {
	return s[i] == '.' && i+1 < len(s) && i > 0 && isWord(s[i-1]) && isWord(s[i+1])
}
