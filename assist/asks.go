package assist

import (
	"math"
	"regexp"
	"strings"
)

// The forms by which one tells a question that knowledge answers from a request
// that something be done, a choice, or thanks.
var (
	asksThing  = regexp.MustCompile(`(?:^|[.!?,;]\s*|\b(?:and|also|but|so|if|whether|know|please|ok|okay|first|well|yes|no)\s+)(?:do|does|did|is|are|was|were|has|have|will|would|should|am|isn't|aren't|doesn't|don't)\s+[a-z]+\b`)
	asksOfUs   = regexp.MustCompile(`(?:^|[.!?,;]\s*)(?:do|have|will|would|are)\s+you\s+(?:want|like|mean|sure)\b`)
	asksWhich  = regexp.MustCompile(`^(?:how|why|when|who|where|which|what|what's|how's|do|does|is|are|can|could|may|will)\b|[吗呢么]|什么|怎么|怎样|如何|多少|多久|几[个天点次]|哪|为何|是否|有没有|能不能|可不可以|可否`)
	asksHow    = regexp.MustCompile(`\b(?:how|when|where)\s.*\b(?:do|does|did|is|are|can|could|will)\b|什么时候|怎么|怎样|如何|多久|哪里`)
	asksIf     = regexp.MustCompile(`\b(?:if|whether)\s+(?:they|it|the|there|this|that|i|we|their|you|any|these)\b|是否|是不是`)
	asksToKnow = regexp.MustCompile(`\b(?:do|can|could|would)\s+you\s+(?:know|tell|check|happen|find out|confirm|verify)\b|\b(?:wonder|wondering|curious)\b|想知道|请问`)
	asksToDo   = regexp.MustCompile(`\b(?:book|reserve|find|recommend|suggest|give|get|send|schedule|order|try)\b|\b(?:can|could|would|will)\s+you\s+(?:book|reserve|find|recommend|suggest|give|get|help|send|schedule|order|make|please)\b|帮我|给我|我要|预订|推荐`)
	wishes     = regexp.MustCompile(`\b(?:i\s+(?:need|want|would like|will need|am looking|am wanting|was looking|also need)|i'd like|i'm looking|looking for|need to)\b|我想|我需要`)
	thanks     = regexp.MustCompile(`\b(?:thanks|thank you|bye|goodbye|that's all|that is all)\b|谢谢|多谢|再见`)
	trouble    = regexp.MustCompile(`\b(?:can't|cannot|can not|couldn't|doesn't|didn't|hasn't|haven't|isn't|won't|not|never|still|wrong|broken|lost|missing|stolen|late|failed|fails|error|problem|issue|unable|declined|charged|why)\b|没有|没|无法|不能|坏|错|丢|失败|问题|不了`)
)

// asking says how likely a message, by its form alone, wants to know something,
// 0 to 1. The weights were fitted to conversations about hotels and restaurants
// where one half of the customers' turns called for knowledge; that of trouble is
// set by hand, as who says what is wrong asks without a question mark.
func asking(text string) float64 {
	t := strings.TrimSpace(strings.ReplaceAll(strings.ToLower(text), "’", "'"))
	z := -1.6
	add := func(weight float64, is bool) {
		if is {
			z += weight
		}
	}
	add(2.2, strings.ContainsAny(t, "?？") || asksWhich.MatchString(t))
	add(1.6, (asksThing.MatchString(t) || asksHow.MatchString(t)) && !asksOfUs.MatchString(t))
	add(1.3, asksIf.MatchString(t))
	add(0.5, asksToKnow.MatchString(t))
	add(1.6, trouble.MatchString(t))
	add(-1.2, asksToDo.MatchString(t))
	add(-0.6, wishes.MatchString(t))
	add(-1, thanks.MatchString(t))
	return 1 / (1 + math.Exp(-z))
}
