package bot_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/parleyhq/parley/bot"
	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/yamlfile"
)

func TestParseFlow_ReadsEverything(t *testing.T) {
	def := testDefinition(t)
	f := def.Flows[2]
	if f.Name != "order_coffee" || len(f.Slots) != 5 || f.Slots[0].Name != "drink" || f.Slots[4].Name != "note" || !f.Confirm {
		t.Fatalf("got %+v", f)
	}
	latte, ok := f.Slots[0].Choice("latte")
	if !ok || latte.Title(desk.Chinese) != "拿铁" || latte.Synonyms[desk.Chinese][0] != "奶咖" {
		t.Errorf("got %+v", latte)
	}
	if f.TitleIn(desk.Chinese) != "点咖啡" || len(f.Examples[desk.Chinese]) != 2 {
		t.Errorf("got %q, %v", f.TitleIn(desk.Chinese), f.Examples)
	}
}

const good = `version: 1
flow: f
slots:
  kind: {type: choice, of: [a, b], ask: Which?}
  n: {type: number, ask: How many?}
`

func TestParseFlow_SaysWhatIsWrongAndWhere(t *testing.T) {
	for name, tc := range map[string]struct{ yaml, want string }{
		"name":              {"version: 1\nflow: Bad Name\n", "f.yaml:2:7: a flow needs a name"},
		"slot name":         {"version: 1\nflow: f\nslots:\n  Drink: {type: text, ask: x}\n", "f.yaml:4:3: \"Drink\" cannot name a slot"},
		"reserved name":     {"version: 1\nflow: f\nslots:\n  value: {type: text, ask: x}\n", "cannot name a slot"},
		"type":              {"version: 1\nflow: f\nslots:\n  a: {type: colour, ask: x}\n", "f.yaml:4:13: unknown type \"colour\""},
		"no question":       {"version: 1\nflow: f\nslots:\n  a: {type: text}\n", "needs its question"},
		"choice without of": {"version: 1\nflow: f\nslots:\n  a: {type: choice, ask: x}\n", "of lists the values"},
		"same choice twice": {"version: 1\nflow: f\nslots:\n  a: {type: choice, ask: x, of: [a, a]}\n", "a value of its own"},
		"pattern":           {"version: 1\nflow: f\nslots:\n  a: {type: pattern, pattern: \"(\", ask: x}\n", "no regular expression"},
		"bound":             {"version: 1\nflow: f\nslots:\n  a: {type: date, min: soon, ask: x}\n", "f.yaml:4:24: \"soon\" is no min"},
		"sensitive choice":  {"version: 1\nflow: f\nslots:\n  a: {type: choice, of: [a], sensitive: true, ask: x}\n", "only what is typed can be sensitive"},
		"unknown variable":  {good + "rules:\n  - {when: size == 1, refuse: kind, say: x}\n", "f.yaml:7:12: unknown name size"},
		"unknown function":  {good + "rules:\n  - {when: exec(kind), refuse: kind, say: x}\n", "unknown name exec"},
		"types":             {good + "rules:\n  - {when: kind > n, refuse: kind, say: x}\n", "invalid operation"},
		"not a condition":   {good + "rules:\n  - {when: n + 1, refuse: kind, say: x}\n", "expected bool"},
		"impossible value":  {good + "rules:\n  - {when: kind == \"c\", refuse: kind, say: x}\n", `kind is never "c": it is one of a, b`},
		"impossible in":     {good + "rules:\n  - {when: 'kind in [\"a\", \"z\"]', refuse: kind, say: x}\n", `kind is never "z"`},
		"loop":              {good + "rules:\n  - {when: 'all(1..9, # > 1)', refuse: kind, say: x}\n", "not part of rules"},
		"range":             {good + "rules:\n  - {when: 'len(1..1000000) > 1', refuse: kind, say: x}\n", "ranges are not part of rules"},
		"long":              {good + "rules:\n  - {when: '" + strings.Repeat("n > 1 or ", 60) + "true', refuse: kind, say: x}\n", "the limit is 500"},
		"refuse":            {good + "rules:\n  - {when: n > 1, refuse: other, say: x}\n", "refuse names a slot"},
		"silent rule":       {good + "rules:\n  - {when: n > 1, refuse: kind}\n", "a rule says why"},
		"offer":             {good + "rules:\n  - {when: n > 1, refuse: kind, say: x, offer: [c]}\n", `"c" is no value of kind`},
		"own condition":     {"version: 1\nflow: f\nslots:\n  a: {type: text, ask: x, when: a == \"\"}\n", "cannot depend on itself"},
		"reads a secret":    {"version: 1\nflow: f\nslots:\n  a: {type: text, ask: x, sensitive: true}\n  b: {type: text, ask: x, when: a != \"\"}\n", "a is sensitive"},
		"template":          {"version: 1\nflow: f\nslots:\n  a: {type: text, ask: \"{{b}}?\"}\n", "f.yaml:4:24: unknown name {{b}}"},
		"open template":     {"version: 1\nflow: f\nslots:\n  a: {type: text, ask: \"{{a?\"}\n", "not closed"},
		"then":              {good + "then: {say: \"{{x}}\"}\n", "f.yaml:6:13: unknown name {{x}}"},
		"target":            {good + "then: {go: nowhere}\n", "unknown target"},
		"confirm word":      {good + "confirm: staff\n", "confirm is customer or none"},
		"nothing to do":     {good + "confirm: customer\n", "nothing to confirm"},
		"unknown key":       {good + "steps: []\n", `unknown key "steps"`},
		"language":          {"version: 1\nflow: f\ntitle: {de: x}\n", `unknown language "de"`},
		"version":           {"flow: f\n", "version: 1 is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := bot.ParseFlow("f.yaml", []byte(tc.yaml))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Fatalf("got %v\nwant %s", err, tc.want)
			}
			var errs yamlfile.Errors
			if !errors.As(err, &errs) || !desk.IsKind(err, desk.Invalid) {
				t.Errorf("not a list of errors of Kind Invalid: %T", err)
			}
		})
	}
}

func TestParseFlow_ReportsAllFaultsAtOnce(t *testing.T) {
	_, err := bot.ParseFlow("f.yaml", []byte(good+"rules:\n  - {when: x, refuse: y, say: z}\nthen: {go: nowhere}\nconfirm: maybe\n"))
	var errs yamlfile.Errors
	if !errors.As(err, &errs) || len(errs) != 4 {
		t.Errorf("got %v", err)
	}
}

func TestNew_ChecksThePartsAgainstEachOther(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*bot.Definition)
		want   string
	}{
		"tool":            {func(d *bot.Definition) { d.Tools = d.Tools[1:] }, `complain.yaml:10:12: there is no tool "file_complaint"`},
		"no confirmation": {func(d *bot.Definition) { d.Flows[2].Confirm = false }, "order_coffee.yaml:28:1: place_order has a side effect: the customer must confirm"},
		"argument":        {func(d *bot.Definition) { delete(d.Flows[2].Do.With, "size") }, "place_order needs the argument size"},
		"extra argument":  {func(d *bot.Definition) { d.Flows[2].Do.With["milk"] = "note" }, `place_order takes no argument "milk"`},
		"flow":            {func(d *bot.Definition) { d.Flows = d.Flows[1:] }, "track_order.yaml:14:107: there is no flow:complain"},
		"twice":           {func(d *bot.Definition) { d.Flows = append(d.Flows, d.Flows[0]) }, "a second flow is called complain"},
		"nothing proves":  {func(d *bot.Definition) { d.Settings.Verify = "" }, "verified_address.yaml:4:8: nothing verifies"},
		"no proof":        {func(d *bot.Definition) { d.Settings.Verify = "flow:complain" }, "flow:complain is no flow with verify: true"},
		"nobody":          {func(d *bot.Definition) { d.Settings.Human = "" }, "human must name the queue"},
		"choices":         {func(d *bot.Definition) { d.Settings.Choices = []desk.Target{"flow:none"} }, "there is no flow:none"},
	} {
		def := testDefinition(t)
		tc.change(&def)
		_, err := bot.New(def, &script{}, nil)
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: got %v\nwant %s", name, err, tc.want)
		}
	}
}

func TestParseFlow_ChecksHowItVerifies(t *testing.T) {
	for yaml, want := range map[string]string{
		"needs: pin\n":                    "needs is verified",
		"verify: true\n":                  "calls the tool (do)",
		"verify: true\nneeds: verified\n": "cannot need it",
	} {
		if _, err := bot.ParseFlow("f.yaml", []byte(good+yaml)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", yaml, err, want)
		}
	}
}

func TestParseBot_ChecksTheThresholds(t *testing.T) {
	for yaml, want := range map[string]string{
		"act: 1.5":                "b.yaml:2:6: act is a confidence",
		"clarify: 0.9":            "clarify is at most act",
		"depth: 99":               "depth is 1 to 8",
		"human: menu:main":        "human is a queue",
		"verify: queue:x":         "verify is a flow",
		"choices: [somewhere]":    "unknown target",
		"phrases: {greeting: Hi}": `unknown key "phrases"`,
	} {
		if _, err := bot.ParseBot("b.yaml", []byte("version: 1\n"+yaml)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", yaml, err, want)
		}
	}
}

func FuzzParseFlow(f *testing.F) {
	for _, name := range []string{"order_coffee", "track_order", "complain", "refund", "feedback"} {
		data, err := os.ReadFile("testdata/book/flows/" + name + ".yaml")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(good + "rules:\n  - {when: n > 1, refuse: kind, say: x}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		flow, err := bot.ParseFlow("f.yaml", data)
		var errs yamlfile.Errors
		if err != nil && !errors.As(err, &errs) {
			t.Errorf("an error without its place: %v", err)
		}
		if err == nil && (flow.Name == "" || len(flow.Slots) > 24) {
			t.Errorf("taken: %+v", flow)
		}
	})
}
