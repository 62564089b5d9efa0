package nlu

import (
	"regexp"
	"slices"
	"strings"
)

// hanLead and hanTail are what stands before and after a Chinese name.
var (
	hanEnd  = []string{"出发", "上车", "下车", "过来"} // no name goes on over these
	hanLead = []string{"我想去", "想去", "打算去", "就去", "去", "到", "从", "叫做", "叫", "在", "吃", "找", "住", "定", "订", "有", "推荐", "关于", "是", "："}
	hanTail = []string{"这个", "这家", "这道", "的", "吧", "吗", "呢", "了", "玩", "游玩", "吃", "附近", "周边", "逛", "到", "去", "坐", "打车", "并且", "还有", "和", "或", "吧"}
)

// maxStretch bounds unknown names, in tokens.
const maxStretch = 16

// stretches are the runs of tokens that are no common word, no sign and no
// value of another type; in Chinese, what stands between words that lead up to
// a name and those that follow one.
func (s *scene) stretches() [][2]int {
	var out [][2]int
	add := func(from, to int) {
		if to > from && to-from <= maxStretch && len(out) < 24 {
			out = append(out, [2]int{from, to})
		}
	}
	start := -1
	for i, t := range s.toks {
		edge := s.covered[i] || isHan([]rune(t.s)[0]) || len(t.s) == 1 && !isWord(t.s[0]) && t.s != "&" || (commonWords[t.s] || edgeWords[t.s]) && !s.within(i)
		if edge && start >= 0 && i+1 < len(s.toks) && s.capital(i-1) && s.capital(i+1) && (t.s == "of" || t.s == "the" || t.s == "and") {
			continue
		}
		switch {
		case edge && start >= 0:
			add(start, i)
			start = -1
		case !edge && start < 0:
			start = i
		}
	}
	if start >= 0 {
		add(start, len(s.toks))
	}
	for _, m := range calledRE.FindAllStringSubmatchIndex(s.p.s, 4) {
		c := claim{from: m[2], to: m[3]}
		if from, to := s.tokenRange(&c); to > from {
			add(from, to)
		}
	}
	if hasHan(s.p.s) {
		s.hanStretches(func(from, to int) {
			if !hanNoName.MatchString(s.p.s[s.toks[from].from:s.toks[to-1].to]) {
				add(from, to)
			}
		})
	}
	return out
}

// calledRE finds what is said to be a name, common words and all.
var calledRE = regexp.MustCompile(`\b(?:called|named|(?:the|its|it's|whose) name is|by the name of) (?:the )?([^,.;:?!]+)`)

// hanNoName finds what no Chinese name holds.
var hanNoName = regexp.MustCompile(`^(?:完|好|过|点|了|不|的|几|多|个|一[个家些下]|这|那|住|东西|什么)|[我你您想请吗呢吧哪啥]|坐出租|打车|看看|吃饭|游玩|住宿|用餐|周边|附近|什么|怎么|推荐|谢谢|东西|多少|有没有`)

func (s *scene) hanStretches(add func(from, to int)) {
	for i := range s.toks {
		before := s.p.s[:s.toks[i].from]
		led := i == 0
		for _, w := range hanLead {
			led = led || strings.HasSuffix(before, w)
		}
		if !led || !isHan([]rune(s.toks[i].s)[0]) && !isWord(s.toks[i].s[0]) {
			continue
		}
		for j := i + 1; j <= len(s.toks) && j-i <= maxStretch; j++ {
			if j == len(s.toks) {
				add(i, j)
				break
			}
			if t := s.toks[j].s; len(t) == 1 && !isWord(t[0]) && t != "(" && t != ")" && t != "&" || strings.ContainsAny(t, "，。、！？；：") {
				add(i, j)
				break
			}
			after := s.p.s[s.toks[j].from:]
			if slices.ContainsFunc(hanEnd, func(w string) bool { return strings.HasPrefix(after, w) }) {
				add(i, j)
				break
			}
			if j-i > 1 {
				for _, w := range hanTail {
					if strings.HasPrefix(after, w) {
						add(i, j)
						break
					}
				}
				if strings.HasPrefix(after, "到") {
					break // what follows is another name
				}
			}
		}
	}
}

func (s *scene) capital(i int) bool {
	if i < 0 || i >= len(s.toks) { // beyond what is read of a long text
		return false
	}
	at := s.p.at[s.toks[i].from]
	c := s.p.orig[at]
	return c >= 'A' && c <= 'Z'
}

// within reports whether a common word is written as part of a name: with a
// capital, in a sentence that has others without, beside another such word.
func (s *scene) within(i int) bool {
	if i == 0 || !s.capital(i) || len(s.toks[i].s) < 3 || !isWord(s.toks[i-1].s[0]) || s.toks[0].from == s.toks[i].from {
		return false
	}
	return s.capital(i-1) && i-1 > 0 || i+1 < len(s.toks) && (s.capital(i+1) || s.toks[i+1].s == "of")
}

// edgeWords end a name besides the common words.
var edgeWords = wordSet(`find book booking booked looking search searching reserve reservation show need called named restaurant restaurants hotel hotels train trains taxi
ticket tickets event events movie movies song songs music today tomorrow tonight monday tuesday wednesday thursday friday saturday sunday morning afternoon evening night nights
people person leave leaving depart departing arrive arriving going travel travelling traveling between day days week next this around near by until through
place places table room rooms instead possible preferably sounds car bus flight flights weather home house doctor dentist stylist salon apartment visit listen hear watch play money account transfer per each`)
