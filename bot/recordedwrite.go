package bot

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// WriteRecorded gives dialogues as a file that ParseRecorded reads.
func WriteRecorded(list []Recorded) []byte {
	var b strings.Builder
	b.WriteString("version: 1\ndialogues:\n")
	for i := range list {
		d := &list[i]
		b.WriteString("  - name: " + quoted(d.Name) + "\n    lang: " + string(d.Lang) + "\n    day: " + d.Day.Format(time.DateOnly) + "\n")
		if len(d.Flows) > 0 {
			b.WriteString("    flows: [" + strings.Join(d.Flows, ", ") + "]\n")
		}
		b.WriteString("    turns:\n")
		for _, t := range d.Turns {
			writeTurn(&b, t)
		}
	}
	return []byte(b.String())
}

func writeTurn(b *strings.Builder, t RecordedTurn) {
	lead := "      - "
	line := func(s string) {
		b.WriteString(lead + s + "\n")
		lead = "        "
	}
	if t.Agent != "" {
		line("agent: " + quoted(t.Agent))
	}
	if t.Asked.Flow != "" {
		line("about: " + t.Asked.Flow)
	}
	var asks []string
	if t.Asked.Slot != "" {
		asks = append(asks, t.Asked.Flow+"/"+t.Asked.Slot)
	}
	named := map[ProposalKind][]string{}
	values := map[string][]string{}
	for _, p := range t.Asked.Proposed {
		name := p.Flow + "/" + p.Slot
		if p.Kind == ProposalAsked {
			asks = append(asks, name)
			continue
		}
		if key := string(p.Kind) + name; values[key] == nil {
			named[p.Kind] = append(named[p.Kind], name)
		}
		values[string(p.Kind)+name] = append(values[string(p.Kind)+name], quoted(p.Value))
	}
	if len(asks) > 0 {
		line("asks: [" + strings.Join(asks, ", ") + "]")
	}
	for _, kind := range []ProposalKind{ProposalConfirm, ProposalOffer, ProposalFact, ProposalDenial} {
		var pairs []string
		for _, name := range named[kind] {
			v := values[string(kind)+name]
			if len(v) == 1 {
				pairs = append(pairs, name+": "+v[0])
			} else {
				pairs = append(pairs, name+": ["+strings.Join(v, ", ")+"]")
			}
		}
		if len(pairs) > 0 {
			line(proposalKeys[kind] + ": {" + strings.Join(pairs, ", ") + "}")
		}
	}
	line("customer: " + quoted(t.Customer))
	var pairs []string
	for flow, slots := range t.Fills {
		for slot, v := range slots {
			pairs = append(pairs, flow+"/"+slot+": "+quoted(v))
		}
	}
	if slices.Sort(pairs); len(pairs) > 0 {
		line("fills: {" + strings.Join(pairs, ", ") + "}")
	}
}

func quoted(s string) string { return strconv.Quote(strings.ToValidUTF8(s, "")) }
