package dialogues

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/parleyhq/parley/bot"
	"github.com/parleyhq/parley/desk"
)

// service is an entry of a schema file, of MultiWOZ 2.2 and of SGD alike.
type service struct {
	Name        string `json:"service_name"`
	Description string `json:"description"`
	Slots       []struct {
		Name        string   `json:"name"`
		Description string   `json:"description"`
		Categorical bool     `json:"is_categorical"`
		Values      []string `json:"possible_values"`
	} `json:"slots"`
	Intents []struct {
		Name        string                     `json:"name"`
		Description string                     `json:"description"`
		Required    []string                   `json:"required_slots"`
		Optional    map[string]json.RawMessage `json:"optional_slots"`
	} `json:"intents"`
}

// flow is a service's flow: the slots that an intent takes.
func (s service) flow(plainSlot func(string) string) Flow {
	f := Flow{Name: slotName(s.Name), Title: strings.TrimRight(strings.ReplaceAll(s.Name, "_", " "), "0123456789 ") + " " + s.Description}
	for _, sl := range s.Slots {
		taken, required := false, false
		for _, i := range s.Intents {
			_, optional := i.Optional[sl.Name]
			required = required || slices.Contains(i.Required, sl.Name)
			taken = taken || required || optional
		}
		if !taken {
			continue
		}
		name := plainSlot(sl.Name)
		t := typeOf(name, sl.Description, sl.Values, sl.Categorical)
		out := Slot{Name: slotName(name), Label: sl.Description, Type: t, Required: required}
		if t == desk.SlotChoice {
			out.Values, out.Also = sl.Values, otherWords(sl.Values)
		}
		f.Slots = append(f.Slots, out)
	}
	return f
}

type multiLine struct {
	ID    any `json:"id"`
	Turns []struct {
		Role  string                `json:"role"`
		Text  string                `json:"text"`
		Acts  map[string][][]string `json:"acts"`
		State map[string]string     `json:"state"`
	} `json:"turns"`
}

// multiSlots are the slots of the acts, as the schema calls them.
var multiSlots = map[string]string{
	"price": "pricerange", "dest": "destination", "depart": "departure", "leave": "leaveat", "arrive": "arriveby",
	"people": "bookpeople", "stay": "bookstay", "time": "booktime",
}

func (r *source) multiwoz() (data, train *Set, err error) {
	if r.schema == nil {
		return nil, nil, desk.Errorf(desk.Invalid, "no_schema", "dialogues of MultiWOZ need their schema (--schema)")
	}
	var services []service
	if err := decode(r.schema, &services); err != nil {
		return nil, nil, desk.Errorf(desk.Invalid, "bad_schema", "%s: %w", r.files.Schema, err)
	}
	var flows []Flow
	for _, s := range services {
		f := s.flow(func(name string) string { return strings.TrimPrefix(name, s.Name+"-") })
		if len(f.Slots) > 0 && f.Name != "police" && f.Name != "bus" {
			f.Title = s.Name
			flows = append(flows, f)
		}
	}
	set := &Set{Flows: flows}
	if r.widen(set, r.train) {
		flows = set.Flows
	}
	return r.both(flows, MultiWOZ, desk.English, func(line []byte) (Dialogue, error) { return multiDialogue(set, line) })
}

// widen lets slots that any words may fill be choices where the training shows
// that few values are all there is, and gives choices the values it shows.
func (r *source) widen(set *Set, train [][]byte) bool {
	values, dialogues := map[string]map[string]int{}, map[string]int{}
	for _, line := range train {
		var l multiLine
		if json.Unmarshal(line, &l) != nil || len(l.Turns) == 0 {
			continue
		}
		last := map[string]string{}
		for _, t := range l.Turns {
			if t.State != nil {
				last = t.State
			}
		}
		for key, v := range last {
			flow, slot := multiKey(key)
			name := flow + "/" + slot
			if values[name] == nil {
				values[name] = map[string]int{}
			}
			values[name][strings.ToLower(v)]++
			dialogues[name]++
		}
	}
	return widen(set, values, dialogues)
}

// maxValues bounds the values of a slot that becomes a choice.
const maxValues = 120

// widen does it by the values seen, and in how many dialogues.
func widen(set *Set, values map[string]map[string]int, dialogues map[string]int) bool {
	for i := range set.Flows {
		for j := range set.Flows[i].Slots {
			s := &set.Flows[i].Slots[j]
			seen := values[set.Flows[i].Name+"/"+s.Name]
			if s.Type != desk.SlotChoice && (s.Type != desk.SlotText || len(seen) == 0 || len(seen) > maxValues || len(seen)*4 > dialogues[set.Flows[i].Name+"/"+s.Name]) {
				continue
			}
			s.Type = desk.SlotChoice
			for _, v := range sortedKeys(seen) {
				known := s.canonical(v, desk.English)
				if known != "" && known != bot.AnyValue && !slices.Contains(s.Values, known) && seen[v] > 1 && len(known) <= 100 && len(s.Values) < maxValues && !strings.Contains(known, "|") {
					s.Values = append(s.Values, known)
				}
			}
			s.Also = otherWords(s.Values)
		}
	}
	return len(values) > 0
}

// multiKey splits "hotel-book people" into the flow's and the slot's name.
func multiKey(key string) (flow, slot string) {
	flow, slot, _ = strings.Cut(strings.ToLower(key), "-")
	return slotName(flow), slotName(strings.ReplaceAll(slot, " ", ""))
}

func multiDialogue(set *Set, line []byte) (Dialogue, error) {
	var l multiLine
	if err := decode(line, &l); err != nil {
		return Dialogue{}, err
	}
	d := Dialogue{ID: idOf(l.ID)}
	var asked bot.Standing
	system, user, about := "", "", ""
	for _, t := range l.Turns {
		if t.Role == "usr" {
			user = unspaced.Replace(t.Text)
			continue
		}
		turn := Turn{System: system, Asked: asked, User: user, Gold: map[string]map[string][]string{}}
		for key, v := range t.State {
			flow, name := multiKey(key)
			s, ok := set.slot(flow, name)
			if !ok {
				continue
			}
			for _, alt := range strings.Split(v, "|") {
				if c := s.canonical(alt, desk.English); c != "" {
					if turn.Gold[flow] == nil {
						turn.Gold[flow] = map[string][]string{}
					}
					turn.Gold[flow][name] = append(turn.Gold[flow][name], c)
				}
			}
		}
		if user != "" {
			d.Turns = append(d.Turns, turn)
		}
		system, user = unspaced.Replace(t.Text), ""
		asked = multiAsked(set, t.Acts, about)
		if asked.Flow != "" {
			about = asked.Flow
		}
	}
	return d, nil
}

// multiAsked reads what the acts of the other side asked and proposed. Booking
// is about whatever was spoken of before.
func multiAsked(set *Set, acts map[string][][]string, about string) bot.Standing {
	out := bot.Standing{Flow: about}
	flowOf := func(act string) (flow, kind string) {
		flow, kind, _ = strings.Cut(strings.ToLower(act), "-")
		if flow == "booking" {
			flow = about
		}
		return slotName(flow), kind
	}
	for _, act := range sortedKeys(acts) {
		if flow, kind := flowOf(act); slices.ContainsFunc(set.Flows, func(f Flow) bool { return f.Name == flow }) && !strings.HasPrefix(act, "general") {
			if out.Flow == about || kind == "request" {
				out.Flow = flow
			}
		}
	}
	for _, act := range sortedKeys(acts) {
		flow, kind := flowOf(act)
		for _, sv := range acts[act] {
			if len(sv) != 2 {
				continue
			}
			name := strings.ToLower(sv[0])
			if alt := multiSlots[name]; alt != "" {
				name = alt
			}
			if name == "day" && flow != "train" {
				name = "bookday"
			}
			s, ok := set.slot(flow, slotName(name))
			if !ok {
				continue
			}
			if kind == "request" {
				if out.Slot == "" && flow == out.Flow {
					out.Slot = s.Name
				} else {
					out.Proposed = append(out.Proposed, bot.Proposal{Flow: flow, Slot: s.Name, Kind: bot.ProposalAsked})
				}
				continue
			}
			if v := s.canonical(sv[1], desk.English); v != "" {
				how := map[string]bot.ProposalKind{"nooffer": bot.ProposalDenial, "nobook": bot.ProposalDenial, "recommend": bot.ProposalOffer, "offerbook": bot.ProposalOffer, "select": bot.ProposalOffer}[kind]
				if how == "" {
					how = bot.ProposalFact
				}
				if how == bot.ProposalFact && s.Name == "name" {
					how = bot.ProposalOffer
				}
				out.Proposed = append(out.Proposed, bot.Proposal{Flow: flow, Slot: s.Name, Value: v, Kind: how})
			}
		}
	}
	return out
}
