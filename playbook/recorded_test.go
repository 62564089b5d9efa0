package playbook_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/playbook"
)

const talks = `version: 1
lang: en
day: 2026-03-02
dialogues:
  - name: a table for four
    flows: [book]
    turns:
      - customer: I need a table
      - agent: How many people?
        asks: people
        customer: We are four
        fills: {people: 4}
  - name: 两位
    lang: zh
    flows: [book]
    turns:
      - customer: 订位，两个人
        fills: {people: 2}
`

// recorded is the small playbook with a file of recorded dialogues.
func recorded(text string) playbook.Files {
	files := small()
	files["dialogues/tables.yaml"] = []byte(text)
	return files
}

func TestRecorded_AFewDialoguesBuildWithAWarning(t *testing.T) {
	p, err := playbook.Parse(recorded(talks))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(p.Bot.Recorded); n != 2 {
		t.Errorf("%d dialogues were read, want 2", n)
	}
	if len(p.Warnings) != 1 || !strings.HasPrefix(p.Warnings[0].Error(), "dialogues/tables.yaml:5:") || !strings.Contains(p.Warnings[0].Message, "fewer than 300") {
		t.Errorf("warnings %v, want one at the file that says from how many on is learned", p.Warnings)
	}
	b, err := p.Build(context.Background(), playbook.Deps{Lessons: lessons})
	if err != nil {
		t.Fatal(err)
	}
	r, err := b.Test(context.Background(), playbook.TestOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if !r.OK() || r.Cases == 0 {
		t.Errorf("%d of %d cases failed with dialogues beside them", r.Failed, r.Cases)
	}
}

func TestRecorded_EnoughOfThemWarnOfNothing(t *testing.T) {
	var b strings.Builder
	b.WriteString("version: 1\nlang: en\ndialogues:\n")
	for i := range 300 {
		fmt.Fprintf(&b, "  - {name: d%d, flows: [book], turns: [{agent: How many?, asks: people, customer: \"%d of us\", fills: {people: %d}}]}\n", i, i%12+1, i%12+1)
	}
	p, err := playbook.Parse(recorded(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Warnings) > 0 {
		t.Errorf("warnings %v, want none", p.Warnings)
	}
}

func TestRecorded_ABadFileSaysWhere(t *testing.T) {
	for name, c := range map[string]struct{ old, now, want string }{
		"a flow that is not there": {"    flows: [book]\n    turns:\n      - customer: I need", "    flows: [cook]\n    turns:\n      - customer: I need", `dialogues/tables.yaml:6:13: there is no flow "cook"`},
		"a slot that is not there": {"fills: {people: 4}", "fills: {guests: 4}", `dialogues/tables.yaml:12:25: the flow book has no slot "guests"`},
		"no value of the slot":     {"fills: {people: 4}", "fills: {people: many}", `dialogues/tables.yaml:12:25: "many" is no value of people`},
		"an unknown key":           {"asks: people", "askes: people", `dialogues/tables.yaml:10:9: unknown key "askes"`},
		"no language":              {"lang: en\n", "", `dialogues/tables.yaml:4:5: a dialogue says its language`},
		"no YAML":                  {talks, "a: [", `dialogues/tables.yaml:1:`},
	} {
		t.Run(name, func(t *testing.T) {
			if !strings.Contains(talks, c.old) {
				t.Fatalf("there is no %q", c.old)
			}
			_, err := playbook.Parse(recorded(strings.Replace(talks, c.old, c.now, 1)))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got  %v\nwant %s", err, c.want)
			}
			if !desk.IsKind(err, desk.Invalid) {
				t.Errorf("kind %s, want invalid", desk.KindOf(err))
			}
		})
	}
}
