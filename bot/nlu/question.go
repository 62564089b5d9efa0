package nlu

import (
	"regexp"
	"strings"
)

var (
	enQuestionRE = regexp.MustCompile(`^(?:(?:hi|hello|hey|ok|okay|so|and|but|wait|sorry|excuse me|by the way|btw|um|well|actually|one question|question|quick question)[ ,.!:-]+)*(?:what|what's|whats|when|when's|where|where's|which|who|who's|whose|why|how|how's|do you|do i|does|did|is|are|am i|can i|can you tell|could you tell|could i|may i|should|will|would it|would you|have you|has|is there|are there|isn't|aren't|don't you|tell me (?:about|what|when|where|how|why|if|whether)|i (?:wonder|would like to know|want to know|wanna know)|any idea)\b`)
	zhQuestionRE = regexp.MustCompile(`什么|怎么|怎样|如何|为什么|为啥|哪里|哪儿|哪个|哪些|在哪|多少|多久|多长|多远|几点|几号|几天|几个|吗|呢[?]?$|是不是|能不能|可不可以|可以不|会不会|有没有|要不要|行不行|请问|谁`)
)

// isQuestion reports whether p asks for something, by its mark, its first
// words or a Chinese question word.
func isQuestion(p plain) bool {
	s := strings.TrimSpace(p.s)
	return strings.HasSuffix(s, "?") && len(pieces(s)) > 0 || enQuestionRE.MatchString(s) || hasHan(s) && zhQuestionRE.MatchString(s)
}
