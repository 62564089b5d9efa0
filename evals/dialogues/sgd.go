package dialogues

import (
	"slices"
	"strings"

	"github.com/parleyhq/parley/bot"
	"github.com/parleyhq/parley/desk"
)

type sgdLine struct {
	ID       any      `json:"id"`
	Services []string `json:"services"`
	Turns    []struct {
		Role   string `json:"role"`
		Text   string `json:"text"`
		Frames []struct {
			Service string   `json:"service"`
			Acts    [][3]any `json:"acts"`
			State   *struct {
				Slots map[string][]string `json:"slots"`
			} `json:"state"`
		} `json:"frames"`
	} `json:"turns"`
}

func (r *source) sgd() (data, train *Set, err error) {
	if r.schema == nil {
		return nil, nil, desk.Errorf(desk.Invalid, "no_schema", "schema-guided dialogues need their schema (--schema)")
	}
	var services []service
	if err := decode(r.schema, &services); err != nil {
		return nil, nil, desk.Errorf(desk.Invalid, "bad_schema", "%s: %w", r.files.Schema, err)
	}
	set := &Set{}
	for _, s := range services {
		set.Flows = append(set.Flows, s.flow(func(name string) string { return name }))
	}
	known := len(set.Flows)
	if err := r.sgdUnseen(set); err != nil {
		return nil, nil, err
	}
	data, train, err = r.both(set.Flows, SGD, desk.English, func(line []byte) (Dialogue, error) { return sgdDialogue(set, line) })
	if err == nil {
		data.Flows = set.Flows[:known]
	}
	return data, train, err
}

// sgdUnseen makes flows for the services of the training that the schema does
// not have, from the slots and values its dialogues show.
func (r *source) sgdUnseen(set *Set) error {
	slots := map[string]map[string]map[string]bool{}
	for i, line := range r.train {
		var l sgdLine
		if err := decode(line, &l); err != nil {
			return badLine(r.files.Train, i, err)
		}
		for _, t := range l.Turns {
			for _, f := range t.Frames {
				if f.State == nil || slices.ContainsFunc(set.Flows, func(o Flow) bool { return o.Name == slotName(f.Service) }) {
					continue
				}
				if slots[f.Service] == nil {
					slots[f.Service] = map[string]map[string]bool{}
				}
				for name, vs := range f.State.Slots {
					if slots[f.Service][name] == nil {
						slots[f.Service][name] = map[string]bool{}
					}
					for _, v := range vs {
						slots[f.Service][name][v] = true
					}
				}
			}
		}
	}
	for _, s := range sortedKeys(slots) {
		f := Flow{Name: slotName(s), Title: strings.TrimRight(strings.ReplaceAll(s, "_", " "), "0123456789 ")}
		for _, name := range sortedKeys(slots[s]) {
			values := sortedKeys(slots[s][name])
			few := len(values) <= 12 && len(values) > 1
			out := Slot{Name: slotName(name), Label: strings.ReplaceAll(name, "_", " "), Type: typeOf(name, "", values, few && (isYesNo(values) || allNumbers(values)))}
			f.Slots = append(f.Slots, out)
		}
		set.Flows = append(set.Flows, f)
	}
	return nil
}

func sgdDialogue(set *Set, line []byte) (Dialogue, error) {
	var l sgdLine
	if err := decode(line, &l); err != nil {
		return Dialogue{}, err
	}
	d := Dialogue{ID: idOf(l.ID)}
	for _, s := range l.Services {
		d.Flows = append(d.Flows, slotName(s))
	}
	var system string
	var asked bot.Standing
	gold := map[string]map[string][]string{}
	for _, t := range l.Turns {
		if t.Role != "usr" {
			system, asked = t.Text, bot.Standing{Flow: asked.Flow}
			for _, f := range t.Frames {
				sgdAsked(set, slotName(f.Service), f.Acts, &asked)
			}
			continue
		}
		turn := Turn{System: system, Asked: asked, User: t.Text, Gold: map[string]map[string][]string{}}
		for _, f := range t.Frames {
			if f.State == nil {
				continue
			}
			flow := slotName(f.Service)
			gold[flow] = map[string][]string{}
			for name, vs := range f.State.Slots {
				s, ok := set.slot(flow, slotName(name))
				if !ok {
					continue
				}
				for _, v := range vs {
					if c := s.canonical(v, desk.English); c != "" {
						gold[flow][s.Name] = append(gold[flow][s.Name], c)
					}
				}
			}
			turn.Scored = append(turn.Scored, flow)
		}
		for flow, slots := range gold {
			turn.Gold[flow] = slots
		}
		d.Turns = append(d.Turns, turn)
	}
	return d, nil
}

// sgdAsked adds what a frame's acts asked and proposed.
func sgdAsked(set *Set, flow string, acts [][3]any, out *bot.Standing) {
	for _, a := range acts {
		act, _ := a[0].(string)
		name, _ := a[1].(string)
		s, ok := set.slot(flow, slotName(name))
		out.Flow = flow
		if !ok {
			continue
		}
		values, _ := a[2].([]any)
		kind := map[string]bot.ProposalKind{"CONFIRM": bot.ProposalConfirm, "OFFER": bot.ProposalOffer, "INFORM": bot.ProposalFact}[act]
		switch {
		case act == "REQUEST" && out.Slot == "":
			out.Slot = s.Name
		case act == "REQUEST":
			out.Proposed = append(out.Proposed, bot.Proposal{Flow: flow, Slot: s.Name, Kind: bot.ProposalAsked})
		case kind != "":
			for _, v := range values {
				if text, ok := v.(string); ok {
					out.Proposed = append(out.Proposed, bot.Proposal{Flow: flow, Slot: s.Name, Value: s.canonical(text, desk.English), Kind: kind})
				}
			}
		}
	}
}
