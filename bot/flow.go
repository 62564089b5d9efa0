package bot

import (
	"fmt"
	"maps"
	"slices"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/yamlfile"
)

// Flow is one thing the bot can do: what it needs to know, the rules, whether
// the customer confirms, the tool it calls, and how it ends.
type Flow struct {
	Name     string
	Title    desk.Text // empty: made from Name
	Examples map[desk.Lang][]string
	Marked   []Example // those of Examples that mark values of slots, in the order of language and file
	Slots    []Slot    // in the order of asking
	Rules    []Rule
	Confirm  bool // the customer confirms before Do
	Verify   bool // when its tool says yes, the customer has proved who he is
	Needs    bool // the customer proves who he is before it goes on
	Do       *Action
	Then     []Ending // the first whose condition holds

	file string
	doc  *yamlfile.Doc // nil for a flow that no file made
}

// Rule refuses a value of a slot where its condition holds. It is looked at as
// soon as every slot it mentions is known.
type Rule struct {
	When   string
	Refuse string // a slot
	Say    desk.Text
	Offer  []string // values of that slot; empty: those that no rule refuses

	when *rule
}

// Action is the tool a flow calls.
type Action struct {
	Tool   string
	With   map[string]string // argument: expression
	Save   map[string]string // name: what the tool gave, or the dotted path in it
	Failed Ending            // when the tool failed; empty: an apology and the choice to try again

	with map[string]*rule
}

// Ending is what is said and where it goes on when a flow is complete.
type Ending struct {
	When string
	Say  desk.Text
	Card *EndCard
	Go   desk.Target

	when *rule
}

// EndCard is a card of an Ending; its texts are templates.
type EndCard struct {
	Title    desk.Text
	Subtitle desk.Text
	Lines    []EndLine
}

// EndLine is one fact of an EndCard.
type EndLine struct{ Label, Value desk.Text }

// Slot returns the slot of that name.
func (f *Flow) Slot(name string) (Slot, bool) {
	for _, s := range f.Slots {
		if s.Name == name {
			return s, true
		}
	}
	return Slot{}, false
}

// TitleIn is what the flow is called in lang.
func (f *Flow) TitleIn(lang desk.Lang) string {
	if f.Title.IsZero() {
		return humanName(f.Name)
	}
	return f.Title.In(lang)
}

// TargetUse is a target that a flow's file names, and where.
type TargetUse struct {
	Target desk.Target
	Path   string
}

// Targets lists every target that the flow leads to, so that a playbook can
// check that each is there.
func (f *Flow) Targets() []TargetUse {
	var out []TargetUse
	for i, e := range f.Then {
		if e.Go != "" {
			path := "$.then"
			if f.doc != nil {
				path = thenPath(f.doc, i)
			}
			out = append(out, TargetUse{e.Go, path + ".go"})
		}
	}
	if f.Do != nil && f.Do.Failed.Go != "" {
		out = append(out, TargetUse{f.Do.Failed.Go, "$.do.failed.go"})
	}
	return out
}

// Errorf makes an error at a place of the flow's file.
func (f *Flow) Errorf(path, format string, args ...any) *yamlfile.Error {
	if f.doc == nil {
		return &yamlfile.Error{File: f.Name, Line: 1, Column: 1, Message: fmt.Sprintf(format, args...)}
	}
	return f.doc.Errorf(path, format, args...)
}

// saved lists the names that the flow's tool gives it, sorted.
func (f *Flow) saved() []string {
	if f.Do == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(f.Do.Save))
}
