package yamlfile_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/yamlfile"
)

type slot struct {
	Type string    `yaml:"type"`
	Ask  desk.Text `yaml:"ask"`
	Of   []string  `yaml:"of"`
	Min  *int      `yaml:"min"`
}

type common struct {
	Version int `yaml:"version"`
}

type flow struct {
	common  `yaml:",inline"`
	Flow    string                      `yaml:"flow"`
	Slots   yamlfile.Map[slot]          `yaml:"slots"`
	Said    yamlfile.List[string]       `yaml:"said"`
	Wait    time.Duration               `yaml:"wait"`
	Human   bool                        `yaml:"human"`
	With    map[string]string           `yaml:"with"`
	Answer  any                         `yaml:"answer"`
	Example map[desk.Lang][]string      `yaml:"examples"`
	Then    yamlfile.List[common2Shape] `yaml:"then"`
}

type common2Shape struct {
	Say desk.Text `yaml:"say"`
}

func TestDecode_ReadsEveryShape(t *testing.T) {
	const file = `version: 1 # the format
flow: order
slots:
  size:  {type: choice, of: [yes, 1.10, 0123], ask: {en: Small?, zh: 小杯？}}
  drink: {type: text, ask: one for all, min: 3}
said: hello
wait: 5s
human: true
with: {drink: drink, n: 1}
answer: {order: {number: A17, n: 2, ok: true, list: [1, x]}}
examples:
  zh: [来一杯, "大杯, 谢谢"]
then: {say: {en: "Order {{number}}."}}
`
	var f flow
	if err := yamlfile.Decode("f.yaml", []byte(file), &f); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(f.Slots.Keys(), " "); got != "size drink" {
		t.Errorf("slots in order %q, want the file's order", got)
	}
	size, _ := f.Slots.Get("size")
	if got := strings.Join(size.Of, " "); got != "yes 1.10 0123" {
		t.Errorf("of = %q: plain scalars must stay as they were written", got)
	}
	drink, _ := f.Slots.Get("drink")
	if size.Ask.In(desk.Chinese) != "小杯？" || drink.Ask.In(desk.Chinese) != "one for all" || *drink.Min != 3 {
		t.Errorf("texts: %v %v", size.Ask, drink.Ask)
	}
	if len(f.Said) != 1 || f.Wait != 5*time.Second || !f.Human || f.With["n"] != "1" || len(f.Example[desk.Chinese]) != 2 || len(f.Then) != 1 {
		t.Errorf("got %+v", f)
	}
	order := f.Answer.(map[string]any)["order"].(map[string]any)
	if order["number"] != "A17" || order["n"] != 2 || order["ok"] != true || len(order["list"].([]any)) != 2 {
		t.Errorf("answer: %v", order)
	}
}

func TestDecode_SaysWhereAndWhat(t *testing.T) {
	for name, c := range map[string]struct{ file, want string }{
		"unknown key":     {"version: 1\nflow: x\nslosts: {}\n", `f.yaml:3:1: unknown key "slosts", did you mean "slots"?`},
		"unknown in map":  {"version: 1\nslots:\n  你好: {type: text, foo: 1}\n", `f.yaml:3:20: unknown key "foo"`},
		"twice":           {"version: 1\nflow: x\nflow: y\n", `f.yaml:3:1: key "flow" is given twice`},
		"twice in map":    {"version: 1\nwith: {a: 1, a: 2}\n", `f.yaml:2:14: key "a" is given twice`},
		"no version":      {"flow: x\n", `f.yaml:1:1: version: 1 is missing`},
		"other version":   {"flow: x\nversion: 2\n", `f.yaml:2:10: version 2 is not known: this program reads version: 1`},
		"type":            {"version: 1\nhuman: maybe\n", `f.yaml:2:8: want true or false, got "maybe"`},
		"list for text":   {"version: 1\nflow: [a]\n", `f.yaml:2:7: want a text, got a list`},
		"text for list":   {"version: 1\nslots: {a: {of: x}}\n", `f.yaml:2:17: want a list, got a text`},
		"language":        {"version: 1\nslots: {a: {ask: {fr: x}}}\n", `f.yaml:2:18: unknown language "fr": a text is one string or {en: ..., zh: ...}`},
		"duration":        {"version: 1\nwait: soon\n", `f.yaml:2:7: want a duration such as 5s or 2m`},
		"in a list":       {"version: 1\nthen:\n  - {say: x}\n  - {sy: x}\n", `f.yaml:4:6: unknown key "sy", did you mean "say"?`},
		"anchor":          {"version: 1\nflow: &a x\nsaid: *a\n", `f.yaml:2:7: anchors, aliases and merge keys are not allowed: write the value out`},
		"tag":             {"version: 1\nflow: !!str x\n", `f.yaml:2:7: tags are not allowed`},
		"two documents":   {"version: 1\n---\nversion: 1\n", `f.yaml:3:1: a second document: a file holds one`},
		"braces":          {"version: 1\nslots: {a: {ask: {en: Order {{n}}.}}}\n", `f.yaml:2:29: ',' or '}' must be specified (a text with {{...}} needs quotes)`},
		"empty":           {"# nothing\n", `f.yaml:1:1: the file is empty`},
		"not a map":       {"- a\n", `f.yaml:1:1: version: 1 is missing`},
		"not UTF-8":       {"flow: \xff\n", `f.yaml:1:1: the file is not UTF-8 text`},
		"too deep":        {strings.Repeat("[", 40), `f.yaml:1:33: nested deeper than 32`},
		"too deep, lists": {strings.Repeat("- ", 40), `f.yaml:1:65: nested deeper than 32`},
	} {
		t.Run(name, func(t *testing.T) {
			err := yamlfile.Decode("f.yaml", []byte(c.file), new(flow))
			if err == nil {
				t.Fatal("taken")
			}
			if got := strings.Split(err.Error(), "\n")[0]; got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if !desk.IsKind(err, desk.Invalid) {
				t.Errorf("kind %s", desk.KindOf(err))
			}
		})
	}
}

func TestDecode_SyntaxErrorHasAPosition(t *testing.T) {
	err := yamlfile.Decode("f.yaml", []byte("version: 1\nflow: {a: b\nx: y\n"), new(flow))
	var all yamlfile.Errors
	if !errors.As(err, &all) || len(all) != 1 || all[0].Line < 2 {
		t.Errorf("got %v", err)
	}
}

func TestDecode_CollectsAllErrors(t *testing.T) {
	const file = "version: 1\nfoo: 1\nhuman: x\nslots: {a: {typ: text, of: 3}}\nbar: 2\n"
	var all yamlfile.Errors
	if err := yamlfile.Decode("f.yaml", []byte(file), new(flow)); !errors.As(err, &all) {
		t.Fatalf("got %v", err)
	}
	var lines []string
	for _, e := range all {
		lines = append(lines, e.Error())
	}
	if len(all) != 5 {
		t.Errorf("got %d errors, want 5:\n%s", len(all), strings.Join(lines, "\n"))
	}
}

func TestDecode_LimitsSizeAndErrors(t *testing.T) {
	big := append([]byte("version: 1\n#"), make([]byte, yamlfile.MaxBytes)...)
	if err := yamlfile.Decode("f.yaml", big, new(flow)); err == nil || !strings.Contains(err.Error(), "the limit is") {
		t.Errorf("got %v", err)
	}
	var many strings.Builder
	many.WriteString("version: 1\n")
	for i := range 1000 {
		many.WriteString("k" + strings.Repeat("x", i%50+10) + string(rune('a'+i/50)) + ": 1\n")
	}
	var all yamlfile.Errors
	if err := yamlfile.Decode("f.yaml", []byte(many.String()), new(flow)); !errors.As(err, &all) || len(all) != yamlfile.MaxErrors {
		t.Errorf("got %d errors, want %d", len(all), yamlfile.MaxErrors)
	}
}

func TestAt_FindsThePlace(t *testing.T) {
	const file = "version: 1\nslots:\n  drink: {type: choice, of: [latte, mocha]}\nthen:\n  - say: x\n  - say: y\n"
	for path, want := range map[string][2]int{
		"$":                     {1, 1},
		"$.version":             {1, 10},
		"$.slots.drink":         {3, 3},
		"$.slots.drink.of":      {3, 25},
		"$.slots.drink.of[1]":   {3, 37},
		"$.slots.drink.missing": {3, 3},
		"$.then[1].say":         {6, 10},
		"$.nowhere.at.all":      {1, 1},
	} {
		if line, col := yamlfile.At("f.yaml", []byte(file), path); [2]int{line, col} != want {
			t.Errorf("%s: got %d:%d, want %d:%d", path, line, col, want[0], want[1])
		}
	}
	if line, col := yamlfile.At("f.yaml", []byte("{"), "$.x"); line != 1 || col != 1 {
		t.Errorf("a broken file: got %d:%d, want 1:1", line, col)
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{"version: 1\nflow: x\n", "slots: {a: {of: [1, 2]}}", "a: |\n  b\n  c\n", "- - - x", "? a\n: b", "a: &x [*x]", "\"\\u00", "{a: [}", "a:\n\tb"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		began := time.Now()
		err := yamlfile.Decode("f.yaml", data, new(flow))
		var all yamlfile.Errors
		if err != nil && !errors.As(err, &all) {
			t.Errorf("not an Errors: %v", err)
		}
		for _, e := range all {
			if e.Line < 1 || e.Column < 1 || e.Message == "" {
				t.Errorf("bad position or message: %v", e)
			}
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("%d bytes took %v", len(data), took)
		}
	})
}
