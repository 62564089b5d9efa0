package dialogues

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/parleyhq/parley/bot"
	"github.com/parleyhq/parley/desk"
)

// The bounds of what is written: a suite holds so many cases, a flow so many
// slots, choices and examples; what is beyond is left out.
const (
	writeCases    = 100
	writeChoices  = 200
	writeExamples = 40
	writeTurns    = 60
	writeSlots    = 24
	writeDialogue = 500 // dialogues of a file
)

// Write writes the flows that a set's schema makes, and its dialogues as a
// suite, as a playbook into the folder dir, which must be new or empty. The
// suite holds the first dialogues; after each turn it expects the values that
// the customer gave in it. Examples, and dialogues to learn from, come from
// train.
func Write(dir string, data, train *Set) error {
	if got, err := os.ReadDir(dir); err == nil && len(got) > 0 {
		return desk.Errorf(desk.Conflict, "not_empty", "%s is not empty: name a new folder", dir)
	}
	files := map[string]string{
		"playbook.yaml":        writeBook(data),
		"queues.yaml":          "version: 1\nqueues:\n  - name: support\n    title: {en: Support, zh: 人工客服}\n",
		"tools.yaml":           "version: 1\ntools:\n  carry_out:\n    description: Stands for what would be done.\n    side_effect: true\n    method: POST\n    url: https://example.com/carry-out\n",
		"tests/dialogues.yaml": writeSuite(data),
	}
	examples := examplesOf(train)
	for _, f := range data.Flows {
		files["flows/"+f.Name+".yaml"] = writeFlow(f, data.Lang, examples[f.Name])
	}
	for i, list := range writeRecorded(data, train) {
		files[fmt.Sprintf("dialogues/%03d.yaml", i+1)] = string(bot.WriteRecorded(list))
	}
	for _, name := range sortedKeys(files) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(files[name]), 0o644)); err != nil {
			return fmt.Errorf("write the playbook: %w", err)
		}
	}
	return nil
}

func writeBook(s *Set) string {
	return fmt.Sprintf("version: 1\nplaybook: dialogues\ntitle: Made of dialogues (%s)\nstart: flow:%s\nlangs: [%s]\nhuman: queue:support\n", s.Format, s.Flows[0].Name, s.Lang)
}

func writeFlow(f Flow, lang desk.Lang, examples []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "version: 1\nflow: %s\ntitle: %s\nexamples:\n  %s:\n", f.Name, quote(f.Title), lang)
	if len(examples) == 0 {
		examples = []string{f.Title}
	}
	for _, e := range examples[:min(len(examples), writeExamples)] {
		fmt.Fprintf(&b, "    - %s\n", quote(e))
	}
	b.WriteString("slots:\n")
	for _, s := range f.Slots[:min(len(f.Slots), writeSlots)] {
		fmt.Fprintf(&b, "  %s:\n    type: %s\n    label: %s\n    any: true\n", s.Name, s.Type, quote(s.Label))
		if s.Required {
			fmt.Fprintf(&b, "    ask: %s\n", quote(question(s, lang)))
		} else {
			b.WriteString("    optional: true\n")
		}
		if s.Type != desk.SlotChoice {
			continue
		}
		b.WriteString("    of:\n")
		for _, v := range s.Values[:min(len(s.Values), writeChoices)] {
			fmt.Fprintf(&b, "      - {value: %s", quote(v))
			if also := s.Also[v]; len(also) > 0 {
				quoted := make([]string, len(also))
				for i, a := range also {
					quoted[i] = quote(a)
				}
				fmt.Fprintf(&b, ", synonyms: {%s: [%s]}", lang, strings.Join(quoted, ", "))
			}
			b.WriteString("}\n")
		}
	}
	b.WriteString("confirm: customer\ndo: {tool: carry_out}\nthen: {say: {en: Thank you., zh: 谢谢。}}\n")
	return b.String()
}

func writeSuite(s *Set) string {
	var b strings.Builder
	fmt.Fprintf(&b, "version: 1\nsuite: dialogues\nnow: %s\ntools:\n  carry_out: {answer: {ok: true}}\ncases:\n", now.Format("2006-01-02T15:04"))
	for i, d := range s.Dialogues[:min(len(s.Dialogues), writeCases)] {
		turns := d.Turns[:min(len(d.Turns), writeTurns)]
		if !slices.ContainsFunc(turns, func(t Turn) bool { return len(t.Gold) > 0 }) {
			continue
		}
		fmt.Fprintf(&b, "  - name: %s\n    lang: %s\n    turns:\n", quote(fmt.Sprintf("%d %s", i+1, d.ID)), s.Lang)
		before := map[string]map[string][]string{}
		for _, t := range turns {
			fmt.Fprintf(&b, "      - user: %s\n", quote(t.User))
			writeExpect(&b, s, t, before)
			before = t.Gold
		}
	}
	return b.String()
}

// writeExpect writes what the turn gave of one flow; a suite looks at the active
// one.
func writeExpect(b *strings.Builder, s *Set, t Turn, before map[string]map[string][]string) {
	for _, flow := range sortedKeys(t.Gold) {
		var out []string
		for _, name := range sortedKeys(t.Gold[flow]) {
			if v := t.Gold[flow][name]; has(s, flow, name) && !slices.Equal(v, before[flow][name]) && v[0] != bot.AnyValue {
				out = append(out, fmt.Sprintf("%s: %s", name, quote(v[0])))
			}
		}
		if len(out) > 0 {
			fmt.Fprintf(b, "        expect: {flow: %s, slots: {%s}}\n", flow, strings.Join(out, ", "))
			return
		}
	}
}

// writeRecorded are train's dialogues that speak of data's flows alone, for
// files of a size that can be read back. What the flows that are written cannot
// hold is left out.
func writeRecorded(data, train *Set) [][]bot.Recorded {
	var flows []bot.Flow
	for _, f := range data.Flows {
		f.Slots = f.Slots[:min(len(f.Slots), writeSlots)]
		flows = append(flows, f.botFlow(data.Lang, nil))
	}
	fits := func(d bot.Recorded) bool {
		return len(d.Turns) > 0 && len(bot.CheckRecorded([]bot.Recorded{d}, flows)) == 0
	}
	var list []bot.Recorded
	for _, d := range train.recorded() {
		for i := range d.Turns {
			d.Turns[i] = within(data, d.Turns[i])
		}
		if fits(d) {
			list = append(list, d)
		}
	}
	return slices.Collect(slices.Chunk(list, writeDialogue))
}

// within is a turn without the slots that are not written.
func within(s *Set, t bot.RecordedTurn) bot.RecordedTurn {
	if !has(s, t.Asked.Flow, t.Asked.Slot) {
		t.Asked.Slot = ""
	}
	t.Asked.Proposed = slices.DeleteFunc(slices.Clone(t.Asked.Proposed), func(p bot.Proposal) bool { return !has(s, p.Flow, p.Slot) })
	for flow, slots := range t.Fills {
		maps.DeleteFunc(slots, func(name, _ string) bool { return !has(s, flow, name) })
		if len(slots) == 0 {
			delete(t.Fills, flow)
		}
	}
	return t
}

// has reports whether the slot is among those that are written.
func has(s *Set, flow, name string) bool {
	i := slices.IndexFunc(s.Flows, func(f Flow) bool { return f.Name == flow })
	return i >= 0 && slices.ContainsFunc(s.Flows[i].Slots[:min(len(s.Flows[i].Slots), writeSlots)], func(sl Slot) bool { return sl.Name == name })
}

// quote is a text as YAML takes it.
func quote(s string) string { return strconv.Quote(strings.ToValidUTF8(s, "")) }
