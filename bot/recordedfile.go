package bot

import (
	"cmp"
	"strings"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/yamlfile"
)

// The bounds of a file of recorded dialogues.
const (
	MaxRecorded      = 1000 // dialogues
	MaxRecordedTurns = 200  // of one
	maxSaid          = 2000 // bytes of an utterance
)

// The shapes of a file of recorded dialogues. A slot is SLOT of the flow that is
// spoken about, or FLOW/SLOT.
type (
	recordedFile struct {
		Version   int            `yaml:"version"`
		Lang      desk.Lang      `yaml:"lang"`
		Day       string         `yaml:"day"`
		Dialogues []recordedTalk `yaml:"dialogues"`
	}
	recordedTalk struct {
		Name  string             `yaml:"name"`
		Lang  desk.Lang          `yaml:"lang"`
		Day   string             `yaml:"day"`
		Flows []string           `yaml:"flows"`
		Turns []recordedTurnFile `yaml:"turns"`
	}
	recordedTurnFile struct {
		Agent    string                `yaml:"agent"`
		About    string                `yaml:"about"`
		Asks     yamlfile.List[string] `yaml:"asks"`
		Confirms proposedFile          `yaml:"confirms"`
		Offers   proposedFile          `yaml:"offers"`
		Mentions proposedFile          `yaml:"mentions"`
		Denies   proposedFile          `yaml:"denies"`
		Customer string                `yaml:"customer"`
		Fills    yamlfile.Map[string]  `yaml:"fills"`
	}
	proposedFile = yamlfile.Map[yamlfile.List[string]]
)

// proposalKeys are the keys of the file for the kinds of proposal.
var proposalKeys = map[ProposalKind]string{
	ProposalAsked: "asks", ProposalConfirm: "confirms", ProposalOffer: "offers", ProposalFact: "mentions", ProposalDenial: "denies",
}

// ParseRecorded reads one file of recorded dialogues; what it returns on failure
// is a yamlfile.Errors. What needs the flows CheckRecorded checks.
func ParseRecorded(name string, data []byte) ([]Recorded, error) {
	doc, err := yamlfile.Parse(name, data)
	if err != nil {
		return nil, err
	}
	var raw recordedFile
	if err := doc.Decode(&raw); err != nil {
		return nil, err
	}
	p := &recordedParser{doc: doc}
	if len(raw.Dialogues) == 0 || len(raw.Dialogues) > MaxRecorded {
		p.fail("$.dialogues", "%d dialogues: a file holds 1 to %d", len(raw.Dialogues), MaxRecorded)
	}
	for i, d := range raw.Dialogues[:min(len(raw.Dialogues), MaxRecorded)] {
		d.Lang, d.Day = cmp.Or(d.Lang, raw.Lang), cmp.Or(d.Day, raw.Day)
		p.dialogue(indexed("$.dialogues", i), d)
	}
	if err := p.errs.Err(); err != nil {
		return nil, err
	}
	return p.list, nil
}

type recordedParser struct {
	doc  *yamlfile.Doc
	list []Recorded
	errs yamlfile.Errors
}

func (p *recordedParser) fail(path, format string, args ...any) {
	p.errs = append(p.errs, p.doc.Errorf(path, format, args...))
}

func (p *recordedParser) dialogue(path string, raw recordedTalk) {
	d := Recorded{Name: raw.Name, Lang: raw.Lang, Day: ReadingDay, Flows: raw.Flows, path: path, doc: p.doc}
	if d.Name == "" {
		p.fail(path, "a dialogue needs a name")
	}
	if d.Lang != desk.English && d.Lang != desk.Chinese {
		p.fail(path+".lang", "a dialogue says its language: lang: en or zh, got %q", d.Lang)
	}
	if raw.Day != "" {
		day, err := time.Parse(time.DateOnly, raw.Day)
		if err != nil {
			p.fail(path+".day", "day is when it took place, such as 2026-03-01; got %q", raw.Day)
		}
		d.Day = day.Add(9 * time.Hour)
	}
	if len(raw.Turns) == 0 || len(raw.Turns) > MaxRecordedTurns {
		p.fail(path+".turns", "%d turns: a dialogue has 1 to %d", len(raw.Turns), MaxRecordedTurns)
		return
	}
	about := ""
	if len(raw.Flows) == 1 {
		about = raw.Flows[0]
	}
	for i, t := range raw.Turns {
		about = cmp.Or(t.About, about)
		d.Turns = append(d.Turns, p.turn(path+indexed(".turns", i), t, about))
	}
	p.list = append(p.list, d)
}

// turn reads one turn; about is the flow of slots that name none.
func (p *recordedParser) turn(path string, raw recordedTurnFile, about string) RecordedTurn {
	t := RecordedTurn{Agent: raw.Agent, Customer: raw.Customer, Asked: Standing{Flow: raw.About}}
	if strings.TrimSpace(raw.Customer) == "" || len(raw.Customer) > maxSaid {
		p.fail(path+".customer", "what the customer said is missing, or longer than %d bytes", maxSaid)
	}
	place := func(at, name string) (flow, slot string) {
		flow, slot, qualified := strings.Cut(name, "/")
		if !qualified {
			flow, slot = about, name
		}
		if flow == "" || slot == "" {
			p.fail(path+at, "of which flow is %q? Write FLOW/SLOT, or say what the turn is about: FLOW", name)
		}
		return flow, slot
	}
	for i, name := range raw.Asks {
		flow, slot := place(".asks", name)
		if i == 0 && (t.Asked.Flow == "" || t.Asked.Flow == flow) {
			t.Asked.Flow, t.Asked.Slot = flow, slot
			continue
		}
		t.Asked.Proposed = append(t.Asked.Proposed, Proposal{Flow: flow, Slot: slot, Kind: ProposalAsked})
	}
	for _, kind := range []ProposalKind{ProposalConfirm, ProposalOffer, ProposalFact, ProposalDenial} {
		key := "." + proposalKeys[kind]
		list := map[ProposalKind]proposedFile{ProposalConfirm: raw.Confirms, ProposalOffer: raw.Offers, ProposalFact: raw.Mentions, ProposalDenial: raw.Denies}[kind]
		for name, values := range list.All() {
			flow, slot := place(key+"."+name, name)
			for _, v := range values {
				t.Asked.Proposed = append(t.Asked.Proposed, Proposal{Flow: flow, Slot: slot, Value: v, Kind: kind})
			}
		}
	}
	if len(t.Asked.Proposed) > maxProposed {
		p.fail(path, "%d values proposed, the limit is %d", len(t.Asked.Proposed), maxProposed)
	}
	for name, v := range raw.Fills.All() {
		flow, slot := place(".fills."+name, name)
		if t.Fills == nil {
			t.Fills = map[string]map[string]string{}
		}
		if t.Fills[flow] == nil {
			t.Fills[flow] = map[string]string{}
		}
		t.Fills[flow][slot] = strings.TrimSpace(v)
	}
	return t
}
