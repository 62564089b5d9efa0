package nlu

import (
	"regexp"
	"strings"
)

const (
	streetTypes = `street|st|road|rd|avenue|ave|lane|ln|drive|dr|boulevard|blvd|square|sq|court|ct|place|pl|way|terrace|close|crescent|highway|hwy|parkway|alley|row|plaza|walk|gardens|grove|hill|quay|mews`
	zhAddrTail  = `路|街|大道|弄|巷|胡同|小区|大厦|大楼|楼|室|栋|幢|单元|广场|公司|单位|办公室|家|家里|学校|大学|医院|酒店|宾馆|饭店|机场|车站|火车站|地铁站|站|园区|公园|花园|城|村|镇|县|区|市|门口|前台|宿舍|店|号院|号楼|号|座|层|苑|府|庄|中心|里`
)

var (
	streetRE = regexp.MustCompile(`\b(\d{1,5}[a-z]?(?:-\d{1,5})?(?: [a-z0-9'.-]+){1,4}? (?:` + streetTypes + `))\b\.?((?:,? ?(?:apt|apartment|unit|suite|floor|flat|room|building|#) ?#?[a-z0-9-]+|,? \d{1,2}(?:st|nd|rd|th) floor)*)((?:, [A-Za-z][a-z]+(?: [a-z]+)?(?: \d{4,6})?)?)`)
	placeRE  = regexp.MustCompile(`\b(?:to|at) ((?:the|my|our) (?:[a-z]+ )?(?:office|home|house|place|apartment|flat|hotel|reception|front desk|lobby|company|school|dorm|workplace|airport|station|clinic|hospital)(?: on (?:the )?[a-z0-9]+ floor)?|home|work|reception|room \d+[a-z]?|building [a-z0-9]+)\b`)
	leadInRE = regexp.MustCompile(`^(?:(?:hi|hello|ok|okay|sure|yes|well|um|uh)[ ,.!]+)*(?:(?:please |can you |could you )?(?:deliver|bring|send|ship|drop|take)(?: it| this| that| them)?(?: off)?(?: over)? (?:to|at) |(?:my|the|our|delivery)? ?(?:delivery |shipping )?address(?:es)? ?(?:is|would be|:|should be) ?|(?:i live|i'm|i am|we are|we're) (?:at|in) |it's |its |it is |that's |to |at )?`)

	zhDeliverRE = regexp.MustCompile(`(?:送到|送至|送去|送往|寄到|寄至|配送到|派送到|放到|拿到|快递到|地址是|地址:|地址为|地址|我住在?|我在|送)`)
	zhStopRE    = regexp.MustCompile(`[,.!;?]|请|谢谢|麻烦|现金|网上|在线支付|微信|支付宝|用|付|大杯|小杯|中杯|就行|就好|可以吗|好吗|吧|，`)
	zhAddrRE    = regexp.MustCompile(`(?:[一-龥0-9a-z]{1,24}?(?:` + zhAddrTail + `))+[0-9a-z一二三四五六七八九十零-]*`)
	zhHouseRE   = regexp.MustCompile(`[一-龥]{1,20}(?:路|街|大道|弄|巷|胡同|小区|大厦|广场|大街)[0-9零一二三四五六七八九十百]*(?:号|弄|栋|幢|座)?(?:院|楼)?(?:[0-9a-z零一二三四五六七八九十百]+(?:号|栋|幢|座|单元|楼|层|室|号楼|房))*`)
	zhLeadInRE  = regexp.MustCompile(`^(?:嗯|好的|好|那就|就|请|麻烦|帮我|给我|你们|把它|直接|[ ,.!])*(?:送到|送至|送去|送往|寄到|寄至|配送到|放到|我的地址是|收货地址是|地址是|地址:|地址为|我住在|我住|我在|在|送)?(?:我们|我的)?`)
	zhTailRE    = regexp.MustCompile(`(?:就行了?|就可以了?|就好了?|谢谢你?|好吗|可以吗|吧|哦|啊|呀|了|呢|[ ,.!])+$`)
)

// findAddresses finds places to go to. Where the words say that they are an
// address (a street with its number, "to the office", 送到…) the entity is
// strong; when an address was asked for, the whole text without what leads up
// to it is a weak one.
func findAddresses(p plain, o Options) []Entity {
	var out []Entity
	for _, m := range streetRE.FindAllStringSubmatchIndex(p.s, 4) {
		if m[0] > 0 && p.s[m[0]-1] == '-' || countsOther(p.s[m[2]:m[3]]) {
			continue
		}
		end := m[1]
		if m[6] >= 0 && m[7] > m[6]+2 && !capital(p, m[6]+2) {
			end = m[6] // not a town: "5 Elm Street, pay cash"
		}
		_, _, text := p.span(m[0], end)
		out = append(out, p.entity(m[0], end, strings.TrimSpace(strings.TrimRight(text, " ,."))))
	}
	for _, m := range placeRE.FindAllStringSubmatchIndex(p.s, 4) {
		_, _, text := p.span(m[2], m[3])
		out = append(out, p.entity(m[2], m[3], text))
	}
	if hasHan(p.s) {
		out = append(out, findChineseAddresses(p)...)
	}
	if o.Asked {
		if e, ok := wholeAddress(p); ok {
			if m := leadInRE.FindString(p.s); strings.Contains(m, "address") || strings.Contains(m, "deliver") {
				e.Weak = false
				return []Entity{e}
			}
			if len(out) == 1 && strings.Contains(e.Text, out[0].Text) && out[0].Start > e.Start+2 {
				return out // "a large one to 5 Elm Street": the street is the answer
			}
			if !isQuestion(p) || len(out) == 0 {
				out = preferWhole(out, e)
			}
		}
	}
	return out
}

// capital reports whether the original has a capital letter at s[i], and more
// than one letter.
func capital(p plain, i int) bool {
	c := p.orig[p.at[i]]
	return c >= 'A' && c <= 'Z' && i+1 < len(p.s) && isWord(p.s[i+1])
}

// preferWhole lets an asked-for whole answer replace the pieces inside it, so
// that "5 Elm Street, ring twice" and "blue house, 5 Elm Street" stay whole.
func preferWhole(found []Entity, whole Entity) []Entity {
	if len(found) == 0 {
		return []Entity{whole}
	}
	if found[0].Start == whole.Start {
		whole.Weak = false
		return []Entity{whole}
	}
	return found
}

// countsOther reports whether the words between the number and the street type
// show that a thing is counted: "2 coffees on the way".
func countsOther(s string) bool {
	for _, w := range strings.Fields(s)[1:] {
		switch w {
		case "to", "for", "is", "are", "please", "and", "with", "my", "your", "or", "in", "at", "want", "minutes", "hours", "days", "by", "on", "than", "a":
			return true
		}
	}
	return false
}

func findChineseAddresses(p plain) []Entity {
	var out []Entity
	add := func(from, to int, weak bool) {
		for _, lead := range []string{"我们", "我的"} {
			if strings.HasPrefix(p.s[from:to], lead) && len(p.s[from:to]) > len(lead)+3 {
				from += len(lead)
			}
		}
		if from >= to {
			return
		}
		_, _, text := p.span(from, to)
		e := p.entity(from, to, strings.TrimSpace(text))
		e.Weak = weak
		out = append(out, e)
	}
	for _, m := range zhDeliverRE.FindAllStringIndex(p.s, 4) {
		rest := p.s[m[1]:]
		if colon := strings.TrimLeft(rest, " :是"); len(colon) < len(rest) {
			m[1] += len(rest) - len(colon)
			rest = colon
		}
		end := len(rest)
		if stop := zhStopRE.FindStringIndex(rest); stop != nil {
			end = stop[0]
		}
		place := rest[:end]
		if hasQuestionWord(place) {
			continue
		}
		a := zhAddrRE.FindStringIndex(place)
		verb := p.s[m[0]:m[1]]
		switch {
		case a != nil && a[0] == 0:
			add(m[1], m[1]+a[1], verb == "送" && !zhHouseRE.MatchString(place))
		case strings.HasSuffix(verb, "到") && place != "" && len(place) <= 60:
			add(m[1], m[1]+end, false)
		}
	}
	for _, m := range zhHouseRE.FindAllStringIndex(p.s, 4) {
		from := m[0]
		if lead := zhDeliverRE.FindAllStringIndex(p.s[from:m[1]], -1); lead != nil {
			from += lead[len(lead)-1][1]
		}
		if i := strings.LastIndex(p.s[from:m[1]], "在"); i >= 0 {
			from += i + len("在")
		}
		if digitCount(p.s[from:m[1]]) > 0 || strings.Contains(p.s[from:m[1]], "号") {
			add(from, m[1], false)
		}
	}
	return out
}

func hasQuestionWord(s string) bool {
	for _, q := range []string{"哪", "什么", "多久", "几", "吗", "怎么", "多少"} {
		if strings.Contains(s, q) {
			return true
		}
	}
	return false
}

// wholeAddress is the text without lead-in and politeness.
func wholeAddress(p plain) (Entity, bool) {
	from, to := 0, len(p.s)
	if m := leadInRE.FindStringIndex(p.s); m != nil {
		from = m[1]
	}
	if hasHan(p.s) {
		if m := zhLeadInRE.FindStringIndex(p.s[from:]); m != nil && from+m[1] < to {
			from += m[1]
		}
		if m := zhTailRE.FindStringIndex(p.s[from:]); m != nil {
			to = from + m[0]
		}
	}
	if m := politeTailRE.FindStringIndex(p.s[from:to]); m != nil {
		to = from + m[0]
	}
	for from < to && strings.IndexByte(" ,.:!", p.s[from]) >= 0 {
		from++
	}
	if to-from < 2 {
		return Entity{}, false
	}
	_, _, text := p.span(from, to)
	e := p.entity(from, to, strings.TrimSpace(text))
	e.Weak = true
	return e, true
}
