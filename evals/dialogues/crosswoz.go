package dialogues

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/parleyhq/parley/bot"
	"github.com/parleyhq/parley/desk"
)

// crossNames are the names of domains and slots as the product may call them;
// what is not here is numbered.
var crossNames = map[string]string{
	"景点": "attraction", "餐馆": "restaurant", "酒店": "hotel", "地铁": "metro", "出租": "taxi",
	"名称": "name", "评分": "rating", "门票": "ticket", "游玩时间": "visit", "推荐菜": "dish", "人均消费": "spend", "价格": "price",
	"酒店类型": "class", "周边景点": "near_attraction", "周边餐馆": "near_restaurant", "周边酒店": "near_hotel", "出发地": "departure", "目的地": "destination",
}

const crossFacility = "酒店设施"

type crossLine struct {
	ID    any `json:"id"`
	Turns []struct {
		Role  string                                `json:"role"`
		Text  string                                `json:"text"`
		Acts  [][]string                            `json:"acts"`
		State map[string]map[string]json.RawMessage `json:"state"`
	} `json:"turns"`
}

// crossSchema is the schema that the dialogues themselves show: which slots a
// domain has, and of those with few values which.
type crossSchema struct {
	Set
	names map[string]string // of a domain or "domain/slot"
}

func (r *source) crosswoz() (data, train *Set, err error) {
	shown := r.train
	if len(shown) == 0 {
		shown = r.data
	}
	sc, err := crossSchemaOf(r.files.Data, shown, r.data, r.skip)
	if err != nil {
		return nil, nil, err
	}
	return r.both(sc.Flows, CrossWOZ, desk.Chinese, sc.dialogue)
}

// crossOpen are the slots that any words may fill.
var crossOpen = regexp.MustCompile(`名称|推荐菜|周边|出发地|目的地`)

// crossSchemaOf makes the schema: slots from both, values of closed slots from
// shown; skip lines stand before data in the file.
func crossSchemaOf(file string, shown, data [][]byte, skip int) (*crossSchema, error) {
	values := map[string]map[string]map[string]int{}
	facilities := map[string]bool{}
	see := func(lines [][]byte, skip int, count bool) error {
		for i, line := range lines {
			var l crossLine
			if err := decode(line, &l); err != nil {
				return badLine(file, skip+i, err)
			}
			once := map[string]bool{}
			for _, t := range l.Turns {
				for _, a := range t.Acts {
					if len(a) >= 3 && strings.HasPrefix(a[2], crossFacility+"-") {
						facilities[strings.TrimPrefix(a[2], crossFacility+"-")] = true
					}
				}
				for domain, slots := range t.State {
					for slot, raw := range slots {
						if values[domain] == nil {
							values[domain] = map[string]map[string]int{}
						}
						if values[domain][slot] == nil {
							values[domain][slot] = map[string]int{}
						}
						if v := crossText(raw); count && !once[domain+slot+v] {
							once[domain+slot+v] = true
							values[domain][slot][v]++
						}
					}
				}
			}
		}
		return nil
	}
	if err := see(data, skip, false); err != nil {
		return nil, err
	}
	if err := see(shown, 0, true); err != nil {
		return nil, err
	}
	sc := &crossSchema{names: map[string]string{}}
	for _, domain := range sortedKeys(values) {
		f := Flow{Name: crossName(domain, len(sc.Flows)), Title: domain}
		sc.names[domain] = f.Name
		for _, slot := range sortedKeys(values[domain]) {
			if slot == crossFacility {
				for _, fac := range sortedKeys(facilities) {
					s := Slot{Name: fmt.Sprintf("facility_%d", len(f.Slots)), Label: fac, Type: desk.SlotYesNo}
					sc.names[domain+"/"+slot+"-"+fac] = s.Name
					f.Slots = append(f.Slots, s)
				}
				continue
			}
			s := Slot{Name: crossName(slot, len(f.Slots)), Label: slot, Type: desk.SlotText}
			if !crossOpen.MatchString(slot) {
				s.Type, s.Also = desk.SlotChoice, map[string][]string{}
				for _, v := range sortedKeys(values[domain][slot]) {
					if n := values[domain][slot][v]; n > 1 && v != "" && len(s.Values) < maxValues {
						s.Values = append(s.Values, v)
						s.Also[v] = crossAlso(v)
					}
				}
				if len(s.Values) == 0 {
					s.Type = desk.SlotText
				}
			}
			sc.names[domain+"/"+slot] = s.Name
			f.Slots = append(f.Slots, s)
		}
		sc.Flows = append(sc.Flows, f)
	}
	return sc, nil
}

func crossName(zh string, n int) string {
	if name := crossNames[zh]; name != "" {
		return name
	}
	return fmt.Sprintf("s_%d", n)
}

// crossText is a state's value: a text, or a list of them.
func crossText(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	var many []string
	if json.Unmarshal(raw, &many) == nil {
		return strings.Join(many, " ")
	}
	return ""
}

var (
	crossRange = regexp.MustCompile(`^([\d.]+)(小时|天|分钟|元|分)? ?- ?([\d.]+)(小时|天|分钟|元|分)$`)
	crossBound = regexp.MustCompile(`^([\d.]+)(元|分|小时|天)(以上|以下)$`)
)

// crossAlso are other ways to say a range or a bound.
func crossAlso(v string) []string {
	var out []string
	if m := crossRange.FindStringSubmatch(v); m != nil {
		for _, sep := range []string{"-", " - ", "到", "至", "~", "--"} {
			out = append(out, m[1]+sep+m[3]+m[4], m[1]+m[4]+sep+m[3]+m[4])
			if m[4] == "元" {
				out = append(out, m[1]+sep+m[3]+"块", m[1]+sep+m[3])
			}
		}
	}
	if m := crossBound.FindStringSubmatch(v); m != nil {
		out = append(out, m[1]+m[2]+"及"+m[3], m[1]+m[2]+"或"+m[3], m[1]+m[3], m[1]+m[2]+"或者"+m[3])
		switch m[3] {
		case "以上":
			out = append(out, "高于"+m[1]+m[2], "大于"+m[1]+m[2], "超过"+m[1]+m[2], "不低于"+m[1]+m[2])
		case "以下":
			out = append(out, "低于"+m[1]+m[2], "不超过"+m[1]+m[2])
		}
	}
	if rest, ok := strings.CutSuffix(v, "型"); ok {
		out = append(out, rest)
	}
	if v == "免费" {
		out = append(out, "不要钱", "不收费", "不花钱")
	}
	return out
}

func (sc *crossSchema) dialogue(line []byte) (Dialogue, error) {
	var l crossLine
	if err := decode(line, &l); err != nil {
		return Dialogue{}, err
	}
	d := Dialogue{ID: idOf(l.ID)}
	var asked bot.Standing
	system, user := "", ""
	for _, t := range l.Turns {
		if t.Role == "usr" {
			user = dashes.Replace(t.Text)
			continue
		}
		turn := Turn{System: system, Asked: asked, User: user, Gold: map[string]map[string][]string{}}
		for domain, slots := range t.State {
			for slot, raw := range slots {
				sc.gold(&turn, domain, slot, crossText(raw))
			}
		}
		if user != "" {
			d.Turns = append(d.Turns, turn)
		}
		system, user, asked = t.Text, "", sc.asked(t.Acts, asked.Flow)
	}
	return d, nil
}

// gold adds an annotated value to a turn; facilities are a list.
func (sc *crossSchema) gold(t *Turn, domain, slot, v string) {
	names := map[string]string{slot: v}
	if slot == crossFacility {
		names = map[string]string{}
		for _, fac := range strings.Fields(v) {
			names[crossFacility+"-"+fac] = "yes"
		}
	}
	for slot, v := range names {
		flow, name := sc.names[domain], sc.names[domain+"/"+slot]
		s, ok := sc.slot(flow, name)
		if !ok || v == "" {
			continue
		}
		if t.Gold[flow] == nil {
			t.Gold[flow] = map[string][]string{}
		}
		t.Gold[flow][name] = []string{s.canonical(v, desk.Chinese)}
	}
}

// asked reads what the other side's acts proposed; it seldom asks.
func (sc *crossSchema) asked(acts [][]string, about string) bot.Standing {
	out := bot.Standing{Flow: about}
	var denied []string
	for _, a := range acts {
		if len(a) >= 2 && a[0] == "NoOffer" {
			denied = append(denied, a[1])
		}
	}
	for _, a := range acts {
		if len(a) < 4 || sc.names[a[1]] == "" {
			continue
		}
		out.Flow = sc.names[a[1]]
		s, ok := sc.slot(out.Flow, sc.names[a[1]+"/"+a[2]])
		if !ok {
			continue
		}
		switch a[0] {
		case "Request":
			out.Slot = s.Name
		case "Inform", "Recommend":
			kind := bot.ProposalFact
			if a[2] == "名称" {
				kind = bot.ProposalOffer
			} else if slices.Contains(denied, a[1]) {
				kind = bot.ProposalDenial
			}
			out.Proposed = append(out.Proposed, bot.Proposal{Flow: out.Flow, Slot: s.Name, Value: s.canonical(a[3], desk.Chinese), Kind: kind})
		}
	}
	return out
}
