package dialogues

import (
	"regexp"
	"strings"

	"github.com/parleyhq/parley/bot"
	"github.com/parleyhq/parley/desk"
)

const wozFlow = "find_restaurant"

type woz2Line struct {
	ID    any `json:"id"`
	Turns []struct {
		System string `json:"system"`
		User   string `json:"user"`
		Belief []struct {
			Slots [][]string `json:"slots"`
			Act   string     `json:"act"`
		} `json:"belief"`
	} `json:"turns"`
}

func (r *source) woz2() (data, train *Set, err error) {
	if r.schema == nil {
		return nil, nil, desk.Errorf(desk.Invalid, "no_schema", "dialogues of WOZ 2.0 need their ontology (--ontology)")
	}
	var o struct {
		Informable map[string][]string `json:"informable"`
	}
	if err := decode(r.schema, &o); err != nil {
		return nil, nil, desk.Errorf(desk.Invalid, "bad_schema", "%s: %w", r.files.Schema, err)
	}
	flow := Flow{Name: wozFlow, Title: "Find a restaurant"}
	for _, name := range sortedKeys(o.Informable) {
		values := o.Informable[name]
		if name == "request" || len(values) == 0 {
			continue
		}
		flow.Slots = append(flow.Slots, Slot{Name: slotName(name), Label: name, Type: desk.SlotChoice, Values: values, Also: otherWords(values), Required: true})
	}
	if len(flow.Slots) == 0 {
		return nil, nil, desk.Errorf(desk.Invalid, "bad_schema", "%s: an object informable with values by slot is expected", r.files.Schema)
	}
	return r.both([]Flow{flow}, WOZ2, desk.English, func(line []byte) (Dialogue, error) {
		var l woz2Line
		if err := decode(line, &l); err != nil {
			return Dialogue{}, err
		}
		d := Dialogue{ID: idOf(l.ID)}
		for _, t := range l.Turns {
			turn := Turn{System: unspaced.Replace(t.System), User: unspaced.Replace(t.User), Gold: map[string]map[string][]string{wozFlow: {}}}
			turn.Asked = askedByText(flow, turn.System)
			for _, b := range t.Belief {
				for _, sv := range b.Slots {
					if b.Act != "inform" || len(sv) != 2 {
						continue
					}
					for _, s := range flow.Slots {
						if v := s.canonical(sv[1], desk.English); s.Name == slotName(sv[0]) && v != "" {
							turn.Gold[wozFlow][s.Name] = []string{v}
						}
					}
				}
			}
			d.Turns = append(d.Turns, turn)
		}
		return d, nil
	})
}

// askWords are how these dialogues ask for a slot, besides by its name.
var askWords = map[string]*regexp.Regexp{
	"food":        regexp.MustCompile(`food|cuisine|kind of restaurant|type of restaurant|eat`),
	"price_range": regexp.MustCompile(`price|budget|expensive|cheap|cost|spend`),
	"area":        regexp.MustCompile(`area|part of|location|where|side of|section`),
}

// askedByText guesses by the words what was asked and proposed: the slot that
// the last question speaks of, and the values named.
func askedByText(f Flow, system string) bot.Standing {
	out := bot.Standing{Flow: f.Name}
	lower := strings.ToLower(system)
	if lower == "" {
		return out
	}
	ask := ""
	for _, part := range strings.FieldsFunc(lower, func(r rune) bool { return r == '.' || r == '!' }) {
		if strings.Contains(part, "?") {
			ask = part
		}
	}
	for _, s := range f.Slots {
		kind := bot.ProposalFact
		re := askWords[s.Name]
		if ask != "" && (re != nil && re.MatchString(ask) || strings.Contains(ask, s.Label)) && out.Slot == "" {
			out.Slot = s.Name
		}
		if ask != "" {
			kind = bot.ProposalConfirm
		}
		if strings.Contains(lower, "no ") || strings.Contains(lower, "not ") || strings.Contains(lower, "n't") || strings.Contains(lower, "sorry") {
			kind = bot.ProposalDenial
		}
		for _, v := range s.Values {
			if containsWord(lower, v) {
				k := kind
				if k == bot.ProposalConfirm && !containsWord(ask, v) {
					k = bot.ProposalFact
				}
				out.Proposed = append(out.Proposed, bot.Proposal{Flow: f.Name, Slot: s.Name, Value: v, Kind: k})
			}
		}
	}
	return out
}

// otherWords are further ways to say the values that these dialogues share.
func otherWords(values []string) map[string][]string {
	out := map[string][]string{}
	for _, v := range values {
		if also := synonyms[v]; len(also) > 0 {
			out[v] = also
		}
	}
	return out
}

var synonyms = map[string][]string{
	"centre": {"center", "central", "middle of town", "downtown", "city center", "city centre", "town centre"}, "north": {"northern"}, "south": {"southern"}, "east": {"eastern"}, "west": {"western"},
	"cheap": {"inexpensive", "low priced", "budget", "cheaply", "affordable", "cheaper", "low cost"}, "moderate": {"moderately", "medium", "mid range", "midrange", "mid-range", "reasonable", "reasonably", "average", "mid priced", "medium priced", "modest"},
	"expensive":      {"pricey", "high end", "upscale", "fancy", "high priced", "luxury", "costly", "high class", "fine dining", "top of the line"},
	"asian oriental": {"asian"}, "barbeque": {"bbq", "barbecue"}, "gastropub": {"gastro pub"}, "italian": {"pizza", "pasta"}, "mexican": {"tex mex"}, "american": {"burger"},
	"guesthouse": {"guest house", "guesthouses", "bed and breakfast", "b and b"}, "night club": {"nightclub", "club"}, "concert hall": {"concerthall"}, "swimming pool": {"swimmingpool", "pool", "swimming"},
	"nightclub": {"night club", "club"}, "concerthall": {"concert hall"}, "swimmingpool": {"swimming pool", "pool", "swimming"}, "multiple sports": {"sports", "multi sports"}, "theatre": {"theater", "theatres", "theaters"},
	"museum": {"museums"}, "architecture": {"architectural"}, "boat": {"boats", "boating"}, "cinema": {"movie theater", "cinemas", "movie"}, "college": {"colleges"}, "park": {"parks"},
	"cambridge": {"cambridge station"}, "london kings cross": {"kings cross", "london king's cross", "king's cross"}, "london liverpool street": {"liverpool street", "london liverpool"}, "birmingham new street": {"birmingham"}, "stansted airport": {"stansted"},
}
