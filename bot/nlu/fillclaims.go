package nlu

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/parleyhq/parley/bot"
	"github.com/parleyhq/parley/desk"
)

var (
	// wishRE finds the wish for something, whatever the form of the sentence.
	wishRE = regexp.MustCompile(`\b(?:recommend|suggest|suggestions?|looking for|look for|to find|find me|help me find|i need|i want|i would like|i'd like)\b|给我推荐|帮我找|帮我查找|想找|想吃|想去|想要|我要`)
	anyRE  = regexp.MustCompile(`\b(?:(?:don't|do not|dont|doesn't|does not|doesnt|didn't) (?:really |actually |much )?(?:care|mind|matter|have (?:a|any) (?:preference|particular|specific))|any(?:thing|where|time|one)?(?: (?:kind|type|sort|area|part|price|day|time|range|food|is|will|would|works?|one))?|no (?:preference|particular|specific|real preference)|whatever|whichever|wherever|either|(?:not|n't) (?:particular|picky|important|matter)|surprise me|up to you|open to)\b|都可以|都行|随便|无所谓|不限|没有?要求|没什么要求|没关系|什么都|哪里都|哪个都|任意|不重要|均可|看着办`)
	// sameRE finds the wish for what was said elsewhere.
	sameRE = regexp.MustCompile(`\b(?:same|also|too|as well|both|again|that (?:day|date|area|price|number)|as before|those)\b|一样|同样|相同|同一|还是|也是|也要|跟刚才|和刚才|之前的|刚才的`)
	// sameSurelyRE and anySurelyRE are those that mean nothing else.
	sameSurelyRE = regexp.MustCompile(`\b(?:same|that (?:day|date|area|price|number) (?:too|as well|again)|as before|as the)\b|一样|同样|相同|同一|跟刚才|和刚才|之前的|刚才的`)
	anySurelyRE  = regexp.MustCompile(`\b(?:(?:don't|do not|dont|doesn't|does not|doesnt) (?:really |actually |much )?(?:care|mind|matter|have (?:a|any) (?:preference|particular|specific))|any (?:kind|type|sort|area|part|price|day|time|range|food|number)|no (?:preference|particular|specific|real preference)|(?:not|n't) (?:particular|picky|important|matter)|open to any)\b|都可以|都行|随便|无所谓|不限|没有?要求|没什么要求|任意|不重要|均可`)
	hanEnd       = []string{"出发", "上车", "下车", "过来"} // no name goes on over these
	// hanLeadRE and hanTailRE are what stands before and after a name.
	hanLead = []string{"我想去", "想去", "打算去", "就去", "去", "到", "从", "叫做", "叫", "在", "吃", "找", "住", "定", "订", "有", "推荐", "关于", "是", "："}
	hanTail = []string{"这个", "这家", "这道", "的", "吧", "吗", "呢", "了", "玩", "游玩", "吃", "附近", "周边", "逛", "到", "去", "坐", "打车", "并且", "还有", "和", "或", "吧"}
)

// fillFlow is a flow with what weighing its claims needs to know.
type fillFlow struct {
	Flow
	slots []fillSlot
	words map[string]bool // that speak for the flow
	hash  uint32
}

type fillSlot struct {
	bot.Slot
	words      map[string]bool
	han        []string // Chinese words that speak for it
	hash, own  uint32   // of its name; of flow and name
	typ        uint32
	typePeers  int // slots of its type in the flow
	choiceList []Choice
	name       bool            // its values are names
	kind       bool            // its values say of what kind something is: "an Italian restaurant"
	of         map[string]bool // the other flows that its name or label speaks of
}

func fillFlows(flows []Flow) []fillFlow {
	out := make([]fillFlow, 0, len(flows))
	for _, f := range flows {
		ff := fillFlow{Flow: f, words: map[string]bool{}, hash: hashOf('F', f.Name)}
		for _, w := range strings.FieldsFunc(f.Name, func(r rune) bool { return r == '_' || r == '-' || r >= '0' && r <= '9' }) {
			ff.words[stem(w)] = true
		}
		for _, lang := range f.Title.Langs() {
			for _, w := range contentWords(newPlain(f.Title[lang]).s) {
				ff.words[stem(w)] = true
			}
		}
		for _, s := range f.Slots {
			if s.Sensitive || s.Type == desk.SlotAttachment {
				continue
			}
			fs := fillSlot{Slot: s, words: slotWords(s), hash: hashOf('S', s.Name), own: hashOf('O', f.Name, s.Name), typ: hashOf('T', string(s.Type)), choiceList: choicesOf(s), name: holdsName(s), kind: saysKind(s)}
			for w := range fs.words {
				if hasHan(w) {
					fs.han = append(fs.han, w)
				}
			}
			for _, o := range f.Slots {
				if o.Type == s.Type {
					fs.typePeers++
				}
			}
			ff.slots = append(ff.slots, fs)
		}
		ff.discern()
		out = append(out, ff)
	}
	for i := range out {
		for j := range out[i].slots {
			out[i].slots[j].of = out[i].slots[j].others(out[i].Name, out)
		}
	}
	return out
}

// others are the flows, besides the slot's own, that its name or label speaks
// of.
func (s *fillSlot) others(own string, flows []fillFlow) map[string]bool {
	out := map[string]bool{}
	for i := range flows {
		for w := range flows[i].words {
			if flows[i].Name == own || out[flows[i].Name] {
				continue
			}
			out[flows[i].Name] = slices.ContainsFunc(strings.Split(s.Name, "_"), func(n string) bool { return stem(n) == w }) ||
				hasHan(w) && strings.Contains(s.Label[desk.Chinese], w)
		}
	}
	maps.DeleteFunc(out, func(_ string, of bool) bool { return !of })
	return out
}

// discern takes from the slots' words those that several slots share, or that
// speak for the flow as a whole: they tell nothing. A slot's own name stays.
func (f *fillFlow) discern() {
	shared := map[string]int{}
	for i := range f.slots {
		for w := range f.slots[i].words {
			shared[w]++
		}
	}
	for i := range f.slots {
		s := &f.slots[i]
		for w := range s.words {
			own := strings.Contains(s.Name, w) && shared[w] < 3
			if !hasHan(w) && !own && (cues[w] == "" && shared[w] > 1 || f.words[stem(w)]) {
				delete(s.words, w)
			}
		}
	}
}

// scene is an utterance with everything in it that could be a value.
type scene struct {
	filler   *Filler
	in       bot.Utterance
	p        plain
	toks     []fillToken
	yn       yesNo
	any      bool
	same     bool
	question bool
	asks     bool // for information
	wish     bool // for something to be found, or done
	covered  []bool
	found    map[desk.SlotType][]Entity
	bag      []uint32
	claims   []claim

	mentioned map[string]nameMention
	cued      map[*fillSlot][]bool // of each token: whether it speaks for the slot
}

// claimsIn gathers the claims of an utterance for the flows; talk is the
// conversation that is learned from.
func (f *Filler) claimsIn(in bot.Utterance, talk string, p plain, flows []fillFlow, options func(bot.Slot, bool) Options) *scene {
	s := &scene{filler: f, in: in, p: p, toks: fillTokens(p.s), yn: readYesNo(p), any: anyRE.MatchString(p.s), same: sameRE.MatchString(p.s),
		question: isQuestion(p), asks: asksInfo(p), wish: wishRE.MatchString(p.s), found: map[desk.SlotType][]Entity{}, mentioned: map[string]nameMention{}, cued: map[*fillSlot][]bool{}}
	s.covered = make([]bool, len(s.toks))
	s.bag = bagOf(s.toks)
	for i := range flows {
		for j := range flows[i].slots {
			s.typed(&flows[i], &flows[i].slots[j], options)
		}
	}
	known := map[string]nameAt{}
	s.filler.names.find(s.toks, talk, func(from, to int, o nameOf) {
		if old, ok := known[o.slot]; !ok || to-from > old.to-old.from {
			known[o.slot] = nameAt{from, to, o.value}
		}
	})
	stretches := s.stretches()
	for i := range flows {
		for j := range flows[i].slots {
			slot := &flows[i].slots[j]
			if slot.IsFree() {
				s.named(&flows[i], slot, flows, known, stretches)
				s.otherFlows(&flows[i], slot, flows)
			}
			s.fromContext(&flows[i], slot)
			s.meant(&flows[i], slot)
		}
	}
	for i := range s.claims {
		s.weigh(&s.claims[i], flows)
	}
	return s
}

type nameAt struct {
	from, to int
	value    string
}

// typed claims what parses as the slot's type or names one of its choices.
func (s *scene) typed(f *fillFlow, slot *fillSlot, options func(bot.Slot, bool) Options) {
	if slot.IsFree() || slot.Type == desk.SlotYesNo {
		return
	}
	asked := s.asked(f, slot)
	var found []Entity
	if slot.Type == desk.SlotChoice {
		o := options(slot.Slot, asked)
		o.Choices = slot.choiceList
		found = keep(findChoices(s.p, o), asked)
	} else {
		var ok bool
		if found, ok = s.found[slot.Type]; !ok || slot.Type == desk.SlotPattern || slot.Type == desk.SlotMoney {
			found = Find(slot.Type, s.in.Text, s.in.Lang, options(slot.Slot, true))
			s.found[slot.Type] = found
		}
	}
	for _, e := range found {
		from, to := s.plainSpan(e)
		s.claims = append(s.claims, claim{flow: f.Flow, slot: slot.Slot, value: e.Value, text: e.Text, from: from, to: to, kind: claimWords, weak: e.Weak, misspelt: slot.Type == desk.SlotChoice && !slot.calls(e)})
		if !e.Weak || slot.Type == desk.SlotNumber {
			for i, t := range s.toks {
				if t.from >= from && t.to <= to {
					s.covered[i] = true
				}
			}
		}
	}
}

// calls reports whether the words are a name of the choice as it is written.
func (f *fillSlot) calls(e Entity) bool {
	said := newPlain(e.Text).s
	for _, c := range f.choiceList {
		if c.Value != e.Value {
			continue
		}
		for _, name := range append([]string{c.Value}, c.Names...) {
			if name = newPlain(strings.TrimSpace(name)).s; name != "" && strings.HasPrefix(said, name) {
				return true
			}
		}
	}
	return false
}

// plainSpan is where an entity of the original stands in the plain text.
func (s *scene) plainSpan(e Entity) (from, to int) {
	from, to = -1, len(s.p.s)
	for i, at := range s.p.at {
		if from < 0 && at >= e.Start {
			from = i
		}
		if at >= e.End {
			to = i
			break
		}
	}
	return max(from, 0), to
}

func (s *scene) asked(f *fillFlow, slot *fillSlot) bool {
	return s.in.Asking != nil && s.in.Asking.Flow == f.Name && s.in.Asking.Slot.Name == slot.Name
}

// words claims the tokens from to to.
func (s *scene) words(f *fillFlow, slot *fillSlot, from, to int, value string, kind claimKind, weak bool) {
	a, b := s.toks[from].from, s.toks[to-1].to
	_, _, text := s.p.span(a, b)
	if value == "" {
		value = text
	}
	s.claims = append(s.claims, claim{flow: f.Flow, slot: slot.Slot, value: value, text: text, from: a, to: b, kind: kind, weak: weak})
}

// named claims known names, what was proposed and is named now, and stretches
// of words that are nothing else.
func (s *scene) named(f *fillFlow, slot *fillSlot, flows []fillFlow, known map[string]nameAt, stretches [][2]int) {
	if at, ok := known[slot.Name]; ok {
		s.words(f, slot, at.from, at.to, at.value, claimName, false)
	}
	named := ""
	for _, list := range [][]bot.Proposal{s.in.Proposed, s.in.Heard} {
		for _, p := range list {
			if p.Value == "" || named == p.Value || !s.isName(p, flows) {
				continue
			}
			named = p.Value
			if at := s.mentions(p.Value); at.share > 0 {
				s.words(f, slot, at.from, at.to, p.Value, claimProposed, at.share < 0.6)
				s.claims[len(s.claims)-1].foreign = isNameSlot(p.Slot) && (p.Flow != f.Name && isNameSlot(slot.Name) || len(slot.of) > 0 && !slot.of[p.Flow])
			}
		}
	}
	for _, at := range stretches {
		from, to := s.trimmed(slot, at[0], at[1])
		s.words(f, slot, from, to, "", claimStretch, false)
	}
}

// trimmed leaves the slot's own words out at the edges of a stretch, of slots
// whose values say of what kind something is: "Indian food".
func (s *scene) trimmed(slot *fillSlot, from, to int) (int, int) {
	if !slot.kind {
		return from, to
	}
	cues, a, b := s.cues(slot), from, to
	for a < b && cues[a] {
		a++
	}
	for b > a && cues[b-1] {
		b--
	}
	if a == b {
		return from, to
	}
	return a, b
}

// isName reports whether what was proposed is a value of words: a name that
// another slot could have, too.
func (s *scene) isName(p bot.Proposal, flows []fillFlow) bool {
	for i := range flows {
		if flows[i].Name == p.Flow {
			return flows[i].free(p.Slot)
		}
	}
	return false
}

// otherFlows claims the names that another flow knows where that flow is
// spoken of: "to the hotel".
func (s *scene) otherFlows(f *fillFlow, slot *fillSlot, flows []fillFlow) {
	for i := range flows {
		g := &flows[i]
		if g.Name == f.Name {
			continue
		}
		at := -1
		for k, t := range s.toks {
			if g.words[stem(t.s)] {
				at = k
			}
		}
		if at < 0 {
			continue
		}
		know := s.in.Elsewhere[g.Name]
		if s.in.Active == g.Name {
			know = s.in.Slots
		}
		said := false
		for j := range g.slots {
			if v := know[g.slots[j].Name]; v != "" && g.slots[j].IsFree() {
				s.words(f, slot, at, at+1, v, claimCarried, false)
				said = true
			}
		}
		for _, list := range [][]bot.Proposal{s.in.Proposed, s.in.Heard} {
			for _, p := range list {
				if !said && p.Flow == g.Name && p.Kind != bot.ProposalDenial && g.free(p.Slot) {
					s.words(f, slot, at, at+1, p.Value, claimCarried, true)
					said = true
				}
			}
		}
	}
}

func (f *fillFlow) free(name string) bool {
	for i := range f.slots {
		if f.slots[i].Name == name {
			return f.slots[i].IsFree()
		}
	}
	return false
}

// nameMention is where a name stands in the utterance, and how much of it.
type nameMention struct {
	from, to int
	share    float64
}

// mentions finds the longest run of a name's tokens in the utterance; share 0
// is nothing that tells.
func (s *scene) mentions(name string) nameMention {
	if m, ok := s.mentioned[name]; ok {
		return m
	}
	m := s.mention(name)
	s.mentioned[name] = m
	return m
}

func (s *scene) mention(name string) nameMention {
	ts := fillTokens(newPlain(name).s)
	if len(ts) > maxName {
		return nameMention{}
	}
	var m nameMention
	best, total := 0, 0
	weight := func(t fillToken) int {
		if commonWords[t.s] || len(t.s) == 1 {
			return 0
		}
		return len(t.s)
	}
	for _, t := range ts {
		total += weight(t)
	}
	for i := range s.toks {
		for j := range ts {
			w, l := 0, 0
			for i+l < len(s.toks) && j+l < len(ts) && s.toks[i+l].hash == ts[j+l].hash {
				w += weight(s.toks[i+l])
				l++
			}
			if w > best {
				best, m.from, m.to = w, i, i+l
			}
		}
	}
	if best < 4 || total == 0 {
		return nameMention{}
	}
	m.share = float64(best) / float64(total)
	return m
}

// fromContext claims what was proposed, and what other flows know.
func (s *scene) fromContext(f *fillFlow, slot *fillSlot) {
	for _, p := range s.in.Proposed {
		if p.Flow == f.Name && p.Slot == slot.Name && p.Value != "" {
			s.claims = append(s.claims, claim{flow: f.Flow, slot: slot.Slot, value: p.Value, kind: claimProposed, text: string(p.Kind)})
		}
	}
	carry := func(flow, from, value string) {
		if flow != f.Name && s.same && (strings.Contains(from, slot.Name) || strings.Contains(slot.Name, from)) {
			s.claims = append(s.claims, claim{flow: f.Flow, slot: slot.Slot, value: value, kind: claimCarried, text: from})
		}
	}
	for _, flow := range slices.Sorted(maps.Keys(s.in.Elsewhere)) {
		for _, name := range slices.Sorted(maps.Keys(s.in.Elsewhere[flow])) {
			carry(flow, name, s.in.Elsewhere[flow][name])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.in.Slots)) {
		carry(s.in.Active, name, s.in.Slots[name])
	}
}

// maxClosed is how many choices a slot may have for one to be meant without
// being named.
const maxClosed = 12

// meant claims choices that no word names, yes and no of a slot that is named,
// and that it does not matter.
func (s *scene) meant(f *fillFlow, slot *fillSlot) {
	asked := s.asked(f, slot)
	add := func(value string, kind claimKind) {
		s.claims = append(s.claims, claim{flow: f.Flow, slot: slot.Slot, value: value, kind: kind})
	}
	learned := s.filler.weights != nil
	if slot.Any && (s.any || asked && len(s.toks) <= 12 || learned && s.heldBy(f, slot.Name) != "") {
		add(bot.AnyValue, claimAny)
	}
	switch {
	case slot.Type == desk.SlotYesNo:
		from, to := s.wordOf(slot)
		if from < 0 && !asked && !(learned && s.filler.closed[slot.Name]) {
			return
		}
		for _, v := range []string{"yes", "no"} {
			if from >= 0 {
				s.words(f, slot, from, to, v, claimMeant, v == "no")
			}
			if asked || from < 0 {
				add(v, claimMeant)
			}
		}
	case slot.Type == desk.SlotChoice && learned && len(slot.Choices) <= maxClosed && !s.isNamed(f, slot):
		for _, c := range slot.Choices {
			add(c.Value, claimMeant)
		}
	}
}

// isNamed reports whether one of the slot's choices is named.
func (s *scene) isNamed(f *fillFlow, slot *fillSlot) bool {
	for i := range s.claims {
		if c := &s.claims[i]; c.kind == claimWords && !c.weak && c.slot.Name == slot.Name && c.flow.Name == f.Name {
			return true
		}
	}
	return false
}

// wordOf is where the last word stands that speaks for the slot; -1 for nowhere.
func (s *scene) wordOf(slot *fillSlot) (from, to int) {
	from = -1
	for i, t := range s.toks {
		if slot.words[t.s] {
			from, to = i, i+1
		}
	}
	for _, w := range slot.han {
		at := strings.LastIndex(s.p.s, w)
		for i, t := range s.toks {
			if at >= 0 && t.from >= at && t.to <= at+len(w) {
				if t.from == at {
					from = i
				}
				to = i + 1
			}
		}
	}
	return from, to
}

// cues are the tokens that speak for the slot.
func (s *scene) cues(slot *fillSlot) []bool {
	if c, ok := s.cued[slot]; ok {
		return c
	}
	out := make([]bool, len(s.toks))
	for i, t := range s.toks {
		out[i] = slot.words[t.s]
	}
	for _, w := range slot.han {
		for at := strings.Index(s.p.s, w); at >= 0; {
			for i, t := range s.toks {
				out[i] = out[i] || t.from >= at && t.to <= at+len(w)
			}
			next := strings.Index(s.p.s[at+len(w):], w)
			if next < 0 {
				break
			}
			at += len(w) + next
		}
	}
	s.cued[slot] = out
	return out
}

// speaksFor reports whether a word of the tokens speaks for the slot.
func (s *scene) speaksFor(slot *fillSlot, from, to int) bool {
	from, to = max(from, 0), min(to, len(s.toks))
	return from < to && slices.Contains(s.cues(slot)[from:to], true)
}

// far is a distance at which a word speaks for nothing any more.
const far = 4

// before is how many tokens before from a word speaks for the slot: 1 for the
// one beside it, far for none near.
func (s *scene) before(slot *fillSlot, from int) int {
	cues := s.cues(slot)
	for d := 1; d < far && from-d >= 0; d++ {
		if from-d < len(cues) && cues[from-d] {
			return d
		}
	}
	return far
}

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

// isNameSlot reports whether a slot holds what something itself is called: the
// name of a hotel is that of no restaurant, but where a taxi goes.
func isNameSlot(name string) bool { return name == "name" || strings.HasSuffix(name, "_name") }

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
